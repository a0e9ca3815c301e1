import assert from "node:assert/strict";
import { test } from "node:test";
import { classTable } from "../src/csv.js";
import { INITIAL } from "../src/store.js";
import { smallSeries } from "./series.js";

/** @returns {any} */
function state(changes = {}) {
  return { ...INITIAL, series: smallSeries(), position: 3, settled: 3, ...changes };
}

test("a row for each class, in the page's order, with every number in full", () => {
  const lines = classTable(state()).split("\r\n");

  assert.equal(lines[0], "class,class_cross_entropy,class_accuracy,class_precision,class_confidence,support,class_standard_error,rise_since_best");
  assert.equal(lines[1], "dog,1.5,0.25,0.5,0.5,15,0.125,0");
  assert.equal(lines[2], "cat,0.75,1,0.5,0.5,10,0.125,0.25");
  assert.equal(lines.length, 5);
  assert.equal(lines[4], "");
});

test("a name is neither a formula nor two cells", () => {
  assert.match(classTable(state()), /"'=ant, ""red"""/);
});

test("what is undefined is empty", () => {
  const last = classTable(state({ position: 1, sort: { key: "name", direction: 1 } })).split("\r\n")[1];
  assert.match(last, /^"'=ant, ""red""",,,/);
});

test("nothing is loaded, nothing is written", () => {
  assert.equal(classTable(state({ series: null })), "");
});
