import assert from "node:assert/strict";
import { test } from "node:test";

import { cellText, momentNote, momentOf, trendOf } from "../src/classTable/cells.js";
import { columnsOf } from "../src/classTable/columns.js";
import { sortAfterClick, sortsBy } from "../src/classTable/header.js";
import { fileName } from "../src/download.js";
import { smallAlerts, smallSeries, smallState } from "./classSeries.js";

const ALL = [0, 1, 2];

/** @param {Partial<import("../src/types.js").State>} [chosen] */
const moment = (chosen) => momentOf(smallState(chosen), ALL);

/** @param {import("../src/classTable/columns.js").Column[]} columns */
const keys = (columns) => columns.map(({ key }) => key);

test("the columns of a run with two splits", () => {
  const expected = ["name", "trend", "class_cross_entropy", "other", "rise", "class_accuracy", "class_precision", "support"];
  assert.deepEqual(keys(columnsOf(smallSeries(), "validation", 552)), expected);
  assert.equal(columnsOf(smallSeries(), "validation", 552)[3].title, "train");
  assert.equal(columnsOf(smallSeries(), "train", 552)[3].title, "val");
});

test("confidence where there is room, the other split where there is one, and only what was recorded", () => {
  assert.ok(keys(columnsOf(smallSeries(), "validation", 900)).includes("class_confidence"));
  const alone = { ...smallSeries(), splits: /** @type {import("../src/types.js").Split[]} */ (["validation"]) };
  assert.ok(!keys(columnsOf(alone, "validation", 552)).includes("other"));
  const bare = { ...smallSeries(), arrays: { validation: { class_cross_entropy: new Float32Array(12) } } };
  assert.deepEqual(keys(columnsOf(bare, "validation", 900)), ["name", "trend", "class_cross_entropy", "other", "rise", "support"]);
});

test("labels have the cross-entropies of positives and negatives, and no accuracy, which is not their recall", () => {
  const series = smallSeries();
  const values = { ...series.arrays.validation, class_positive_cross_entropy: new Float32Array(12), class_negative_cross_entropy: new Float32Array(12) };
  const columns = columnsOf({ ...series, task: "multilabel", arrays: { ...series.arrays, validation: values } }, "validation", 552);
  assert.ok(keys(columns).includes("class_positive_cross_entropy"));
  assert.ok(!keys(columns).includes("class_accuracy"));
  assert.equal(columns[columns.length - 1].title, "positives");
});

test("cells of a class", () => {
  const now = moment();
  assert.deepEqual(cellText(now, 0, "class_cross_entropy"), { text: "3.000", title: "± 0.100 standard error" });
  assert.deepEqual(cellText(now, 0, "other"), { text: "1.000", muted: true });
  assert.deepEqual(cellText(now, 0, "class_accuracy"), { text: "5.0\u202f%" });
  assert.deepEqual(cellText(now, 0, "support"), { text: "10", muted: true });
});

test("a rise within the noise is grey and says so", () => {
  const now = moment();
  assert.deepEqual(cellText(now, 0, "rise"), { text: "+1.000", title: "above its best by more than 3 standard errors" });
  assert.deepEqual(cellText(now, 1, "rise"), { text: "+0.250", muted: true, title: "within noise" });
});

test("what is undefined is a dash", () => {
  for (const key of ["class_cross_entropy", "rise", "class_accuracy"]) assert.equal(cellText(moment(), 2, key).text, "–");
  assert.equal(cellText(moment(), 2, "support").text, "0");
  assert.equal(cellText(moment({ position: 0 }), 0, "class_cross_entropy").text, "–");
  assert.equal(cellText(moment({ position: 0 }), 0, "other").text, "4.000");
});

test("a column has one decimal less once any of its numbers reaches ten", () => {
  const state = smallState();
  const values = state.series.arrays.train?.class_cross_entropy;
  assert.ok(values);
  values[9] = 12;
  assert.equal(cellText(momentOf(state, ALL), 1, "class_cross_entropy").text, "0.75");
  assert.equal(cellText(momentOf(state, [1, 2]), 1, "class_cross_entropy").text, "0.750");
});

test("the pass that is shown is said where it is not of the chosen epoch", () => {
  assert.equal(momentNote(moment(), 3), "");
  assert.equal(momentNote(moment({ position: 2 }), 2), "The last pass of the validation split was in epoch 1.");
  assert.equal(momentNote(moment({ position: 0 }), 0), "The validation split had no pass up to epoch 0.");
});

test("the trend has a value for each pass, and alerts stand at their class while they fire", () => {
  assert.deepEqual([...trendOf(moment(), 0)], [2, 3]);
  assert.deepEqual([...moment({ alerts: smallAlerts() }).firing.keys()], [0]);
  assert.equal(moment({ alerts: smallAlerts(), position: 2 }).firing.size, 0);
});

test("a click on a header sorts by it, and another turns the order round", () => {
  const state = smallState();
  assert.ok(sortsBy(state, "class_cross_entropy"));
  assert.deepEqual(sortAfterClick(state, "rise"), { key: "rise", direction: 1 });
  const byRise = smallState({ sort: { key: "rise", direction: 1 } });
  assert.deepEqual(sortAfterClick(byRise, "rise"), { key: "rise", direction: -1 });
  assert.deepEqual(sortAfterClick(smallState({ sort: { key: "rise", direction: -1 } }), "rise"), { key: "rise", direction: 1 });
  assert.ok(!sortsBy(smallState({ quantity: "support" }), "support"));
});

test("a file is named by what it holds, whatever the run is called", () => {
  assert.equal(fileName(["digits/wide", "", "validation", "epoch 39"], "csv"), "digits-wide-validation-epoch-39.csv");
  assert.equal(fileName(["../<b>überlauf</b>", "epoch 1"], "csv"), "b-überlauf-b-epoch-1.csv");
  assert.equal(fileName(["..."], "csv"), "run.csv");
});
