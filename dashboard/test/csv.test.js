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

test("whatever begins like a formula does so no more, and no name breaks a row", () => {
  const names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "a,b", 'say "hi"', "two\nlines", "<b>&amp;</b>", "plain", "", "'"];
  const written = ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "\"'\r=1\"", "\"'\n=1\"", "'\uff1d1", '"a,b"', '"say ""hi"""', '"two\nlines"', "<b>&amp;</b>", "plain", "", "'"];
  for (const [index, name] of names.entries()) {
    const series = smallSeries({ class_names: [name], class_indices: [0] });
    const [, row] = classTable(state({ series })).split(/\r\n(?=[^=])/);
    assert.ok(row.startsWith(`${written[index]},`), `${JSON.stringify(name)}: ${JSON.stringify(row)}`);
  }
});

test("the last pass is written where the chosen epoch has none", () => {
  assert.equal(classTable(state({ position: 2 })), classTable(state({ position: 1 })));
});

test("infinity is a number, what a task has beyond others is there", () => {
  const arrays = { validation: { num_examples: Float64Array.of(5), class_cross_entropy: Float32Array.of(Infinity), support: Float64Array.of(2 ** 53) } };
  const series = smallSeries({ task: "multilabel", epochs: [0], class_names: ["a"], class_indices: [0], arrays });
  const [header, row] = classTable(state({ series, position: 0, settled: 0 })).split("\r\n");
  assert.match(header, /class_positive_cross_entropy,class_negative_cross_entropy/);
  assert.equal(row, "a,Infinity,,,,,,9007199254740992,,");
});

test("what is undefined is empty", () => {
  const last = classTable(state({ position: 1, sort: { key: "name", direction: 1 } })).split("\r\n")[1];
  assert.match(last, /^"'=ant, ""red""",,,/);
});

test("nothing is loaded, nothing is written", () => {
  assert.equal(classTable(state({ series: null })), "");
});
