import assert from "node:assert/strict";
import { test } from "node:test";

import { sparkPath } from "../src/sparkline.js";

const BOX = { width: 46, height: 26, high: 10 };

test("a line runs from edge to edge, from 0 up", () => {
  assert.equal(sparkPath([0, 10, 5], BOX), "M3.0 23.0L23.0 3.0L43.0 13.0");
});

test("the largest value is at the upper edge where none is given", () => {
  assert.equal(sparkPath([0, 4], { width: 46, height: 26 }), "M3.0 23.0L43.0 3.0");
});

test("values beyond the edge stay inside", () => {
  assert.equal(sparkPath([20, -1], BOX), "M3.0 3.0L43.0 23.0");
});

test("a missing value is a gap, and one between gaps a dot", () => {
  assert.equal(sparkPath([0, 0, NaN, 10, NaN], BOX), "M3.0 23.0L13.0 23.0M33.0 3.0h0");
  assert.equal(sparkPath([NaN, 0], BOX), "M43.0 23.0h0");
  assert.equal(sparkPath([5], BOX), "M43.0 13.0h0");
});

test("nothing is drawn of nothing", () => {
  assert.equal(sparkPath([], BOX), "");
  assert.equal(sparkPath([NaN, NaN], BOX), "");
});

test("of more values than pixels the extremes are kept", () => {
  const values = Float64Array.from({ length: 5000 }, (_, index) => (index === 1234 ? 10 : 1));
  const path = sparkPath(values, BOX);
  assert.ok(path.length < 2000);
  assert.ok(path.includes(" 3.0"), "the peak is gone");
});

test("a missing value among many does not hide the others of its pixel", () => {
  const values = Float64Array.from({ length: 5000 }, (_, index) => (index % 2 ? NaN : 5));
  assert.equal(sparkPath(values, BOX).match(/M/g)?.length, 1);
});
