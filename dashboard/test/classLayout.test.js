import assert from "node:assert/strict";
import { test } from "node:test";

import { rowAfterKey } from "../src/classKeys.js";
import { brushedWindow, wheelSteps } from "../src/heatmap/brush.js";
import { isZoomable, labelStep, labelWidth, namedRows, panelHeight } from "../src/heatmap/layout.js";

test("rows have their full height up to sixteen classes, and fifteen are in sight of more", () => {
  assert.equal(panelHeight(10, 10), 300);
  assert.equal(panelHeight(16, 16), 480);
  assert.equal(panelHeight(17, 17), 450);
  assert.equal(panelHeight(3, 1000), 90);
});

test("one zooms where rows are lower than one reads", () => {
  assert.equal(isZoomable(37, 450), false);
  assert.equal(isZoomable(38, 450), true);
});

test("names thin out", () => {
  assert.equal(labelStep(30), 1);
  assert.equal(labelStep(1.5), 9);
  assert.deepEqual(namedRows({ first: 0, end: 30 }, 1.5, -1), [0, 9, 18, 27]);
});

test("the chosen class is named, and no name touches its name", () => {
  assert.deepEqual(namedRows({ first: 0, end: 40 }, 1.5, 20), [0, 9, 20, 36]);
  assert.deepEqual(namedRows({ first: 0, end: 3 }, 30, 1), [0, 1, 2]);
  assert.deepEqual(namedRows({ first: 5, end: 7 }, 30, 20), [5, 6]);
});

test("room for names follows the longest, within reason", () => {
  assert.equal(labelWidth(["0", "1"]), 44);
  assert.equal(labelWidth(["a".repeat(12)]), 93);
  assert.equal(labelWidth(["x".repeat(500)]), 150);
});

test("keys move the chosen class", () => {
  const order = [7, 3, 9, 1];
  assert.equal(rowAfterKey("ArrowDown", order, 3, 0), 9);
  assert.equal(rowAfterKey("ArrowUp", order, 7, 0), 7);
  assert.equal(rowAfterKey("PageDown", order, 7, 0), 1);
  assert.equal(rowAfterKey("Home", order, 1, 2), 7);
  assert.equal(rowAfterKey("End", order, null, 2), 1);
  assert.equal(rowAfterKey("a", order, 7, 0), undefined);
  assert.equal(rowAfterKey("toString", order, 7, 0), undefined);
});

test("keys begin at the first class in sight when none is chosen, or one that is filtered out", () => {
  assert.equal(rowAfterKey("ArrowDown", [7, 3, 9], null, 1), 3);
  assert.equal(rowAfterKey("ArrowUp", [7, 3, 9], 55, 1), 3);
});

test("Enter chooses and clears", () => {
  assert.equal(rowAfterKey("Enter", [7, 3], null, 1), 3);
  assert.equal(rowAfterKey("Enter", [7, 3], 7, 1), null);
  assert.equal(rowAfterKey("Enter", [], null, 0), undefined);
});

test("the brush keeps its size and stays on the strip", () => {
  assert.deepEqual(brushedWindow(50, null, 100), [35, 65]);
  assert.deepEqual(brushedWindow(-3, [0, 10], 100), [0, 10]);
  assert.deepEqual(brushedWindow(99, [0, 10], 100), [90, 100]);
  assert.deepEqual(brushedWindow(2, null, 8), [0, 8]);
});

test("small turns of the wheel add up", () => {
  assert.deepEqual(wheelSteps(100, 0), { steps: 2, remainder: 20 });
  assert.equal(Math.abs(wheelSteps(-39, 0).steps), 0);
  assert.equal(wheelSteps(-39, 0).remainder, -39);
  assert.deepEqual(wheelSteps(3, 1), { steps: 1, remainder: 1 });
  assert.equal(wheelSteps(9999, 0).steps, 3);
});
