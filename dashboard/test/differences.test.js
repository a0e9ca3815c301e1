import assert from "node:assert/strict";
import { test } from "node:test";

import {
  classDifferences,
  errorsAway,
  figureDifference,
  FIGURES,
  fullBar,
  shareError,
  sortedDifferences,
  withinNoise,
} from "../src/comparison/differences.js";
import { otherScales } from "../src/comparison/runTable.js";
import { opponent, opponents, OTHER_SPLIT, passAtEpoch, unmatched } from "../src/comparison/sides.js";
import { INITIAL } from "../src/store.js";
import { smallSeries } from "./series.js";

/**
 * A series of two epochs, 3 and 5, of which the training split has a pass in the first only.
 * @param {string} run
 * @param {string[]} names
 * @param {number[]} nats cross-entropy of each class in the last pass; 1 in the first
 * @param {string[]} splits
 */
function series(run, names, nats, splits = ["validation", "train"]) {
  const ones = names.map(() => 1);
  /** @param {number} last number of examples in the last epoch, NaN for no pass */
  const arrays = (last) => ({
    num_examples: Float64Array.of(200, last),
    cross_entropy: Float64Array.of(1, 0.5),
    standard_error: Float64Array.of(0.1, 0.1),
    accuracy: Float64Array.of(0.5, 1),
    class_cross_entropy: Float64Array.from([...ones, ...nats]),
    class_standard_error: Float64Array.from([...ones, ...ones].map(() => 0.03)),
    class_accuracy: Float64Array.from([...ones, ...ones]),
    support: Float64Array.from([...ones, ...ones].map(() => 98)),
  });
  const own = { validation: arrays(200), train: arrays(NaN), test: arrays(200) };
  return {
    run,
    output: "",
    task: "multiclass",
    num_classes: names.length,
    epochs: [3, 5],
    class_names: names,
    splits,
    noise: 3,
    divergences: [],
    arrays: Object.fromEntries(splits.map((split) => [split, own[split]])),
  };
}

const SHOWN = series("a", ["cat", "dog", "eel"], [0.2, 0.4, 0.6]);
const OTHER = series("b", ["eel", "fox", "cat"], [0.6, 1, 0.3]);
const side = (/** @type {any} */ one, split = "validation") => ({ series: one, split, name: one.run });

test("classes are matched by name, and a difference is the other less the shown", () => {
  const [cat, eel, ...more] = classDifferences(side(SHOWN), side(OTHER), 5);
  assert.equal(more.length, 0);
  assert.deepEqual([cat.name, cat.row, eel.name, eel.row], ["cat", 0, "eel", 2]);
  assert.ok(Math.abs(cat.crossEntropy.difference - 0.1) < 1e-12);
  assert.ok(Math.abs(cat.crossEntropy.error - Math.hypot(0.03, 0.03)) < 1e-12);
  assert.equal(eel.crossEntropy.difference, 0);
  assert.deepEqual(unmatched(SHOWN, OTHER), { shown: 1, other: 1 });
});

test("each side gives its last pass at or before the epoch, or none", () => {
  assert.equal(passAtEpoch(SHOWN, "validation", 4), 0);
  assert.equal(passAtEpoch(SHOWN, "validation", Infinity), 1);
  assert.equal(passAtEpoch(SHOWN, "train", 5), 0, "the last epoch has no training pass");
  assert.equal(passAtEpoch(SHOWN, "validation", 2), -1);
  assert.equal(passAtEpoch(SHOWN, "test", 5), -1);
  const [cat] = classDifferences(side(SHOWN), side(OTHER), 2);
  assert.ok(Number.isNaN(cat.crossEntropy.difference));
});

test("train against validation, class by class", () => {
  const [cat] = classDifferences(side(SHOWN), side(SHOWN, "train"), 5);
  assert.ok(Math.abs(cat.crossEntropy.difference - 0.8) < 1e-12);
});

test("a difference is noise within so many standard errors, and where no error is known", () => {
  const of = (/** @type {number} */ difference, /** @type {number} */ error) => ({
    shown: 0,
    other: difference,
    difference,
    error,
  });
  assert.equal(withinNoise(of(0.31, 0.1), 3), false);
  assert.equal(withinNoise(of(-0.31, 0.1), 3), false);
  assert.equal(withinNoise(of(0.29, 0.1), 3), true);
  assert.equal(withinNoise(of(9, NaN), 3), true);
  assert.equal(withinNoise(of(0, 0), 3), true);
});

test("a bar is filled by the largest difference, or by what could be told from noise", () => {
  const of = (/** @type {number} */ difference, /** @type {number} */ error) => ({
    shown: 0,
    other: difference,
    difference,
    error,
  });
  assert.equal(fullBar([of(-2, 0.1), of(1, 0.2), of(NaN, NaN)], 3, 0.01), 2);
  assert.ok(Math.abs(fullBar([of(0.1, 0.1), of(0.05, 0.2)], 3, 0.01) - 0.3) < 1e-12);
  assert.equal(fullBar([of(1e-17, NaN)], 3, 0.01), 0.01);
});

test("the error of a share is that of Laplace's rule, so that 0 and 1 have one too", () => {
  assert.ok(Math.abs(shareError(0.8, 98) - 0.0409) < 1e-4);
  assert.ok(shareError(1, 10) > 0);
});

test("sorting: by noise, by column, names; what has no value is last in both directions", () => {
  const items = classDifferences(side(SHOWN), side(series("c", ["cat", "dog", "eel"], [0.3, NaN, 0.1])), 5);
  const names = (/** @type {string} */ key, /** @type {1 | -1} */ direction) =>
    sortedDifferences(items, { key, direction }).map(({ name }) => name);
  assert.deepEqual(names("errors", -1), ["eel", "cat", "dog"]);
  assert.deepEqual(names("cross_entropy", -1), ["cat", "eel", "dog"]);
  assert.deepEqual(names("cross_entropy", 1), ["eel", "cat", "dog"]);
  assert.deepEqual(names("name", -1), ["eel", "dog", "cat"]);
  assert.deepEqual(names("accuracy", 1), ["cat", "dog", "eel"], "ties keep the order of the series");
  assert.ok(Number.isNaN(errorsAway(items[1].crossEntropy)));
});

test("figures of passes that are missing are undefined", () => {
  const accuracy = FIGURES.find(({ key }) => key === "accuracy");
  assert.equal(figureDifference(accuracy, side(SHOWN), 1, side(OTHER), 1).difference, 0);
  assert.ok(Number.isNaN(figureDifference(accuracy, side(SHOWN), 1, side(OTHER), -1).other));
});

test("opponents: compared runs that have the split, then the other split", () => {
  const state = { ...INITIAL, series: SHOWN, others: [OTHER, series("t", ["cat"], [1], ["train"])], split: "validation" };
  assert.deepEqual(
    opponents(state).map(({ value }) => value),
    ["b", OTHER_SPLIT],
  );
  assert.equal(opponent(state).value, "b");
  assert.equal(opponent({ ...state, against: OTHER_SPLIT }).side.split, "train");
  assert.equal(opponent({ ...state, split: "train", others: [] }).side.split, "validation");
  assert.equal(opponent({ ...state, against: "gone" }).value, "b");
  assert.equal(opponent({ ...INITIAL, series: series("a", ["cat"], [1], ["validation"]) }), null);
  assert.equal(opponent(INITIAL), null);
  const stranger = series("s", ["yak"], [1]);
  assert.equal(opponent({ ...state, others: [stranger, OTHER] }).value, "b", "nothing in common is not the default");
  assert.equal(opponent({ ...state, others: [stranger], against: "s" }).value, "s");
});

test("runs that tell other classes apart are named, for their cross-entropies are on another scale", () => {
  const [shown, alike, more, labels] = [["multiclass", 10], ["multiclass", 10], ["multiclass", 1000], ["multilabel", 10]].map(
    ([task, classes], index) => smallSeries({ run: `run ${index}`, task, num_classes: classes }),
  );
  assert.equal(otherScales(shown, [alike]), "");
  assert.equal(otherScales(shown, [alike, more, labels]), "On another scale of cross-entropy: run 2 (1\u202f000 classes), run 3 (10 labels); the skill can be compared");
});
