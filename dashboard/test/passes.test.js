import assert from "node:assert/strict";
import { test } from "node:test";
import {
  best,
  classValue,
  classValues,
  hasPass,
  nearestPosition,
  otherSplit,
  passAt,
  rise,
  scalar,
  scalarValues,
  splitArrays,
} from "../src/passes.js";
import { smallSeries } from "./series.js";

const series = smallSeries();

test("values are found by position and row", () => {
  assert.equal(scalar(series, "validation", "cross_entropy", 3), 0.75);
  assert.equal(classValue(series, "validation", "class_cross_entropy", 3, 1), 1.5);
  assert.deepEqual([...classValues(series, "train", "class_cross_entropy", 0)], [3, 3, 3, 3]);
});

test("what is not there is NaN", () => {
  assert.ok(Number.isNaN(scalar(series, "test", "cross_entropy", 0)));
  assert.ok(Number.isNaN(scalar(series, "train", "cross_entropy", 0)));
  assert.ok(Number.isNaN(classValue(series, "validation", "class_cross_entropy", -1, 0)));
  assert.ok(Number.isNaN(classValue(series, "validation", "class_cross_entropy", 4, 0)));
  assert.ok(Number.isNaN(classValue(series, "validation", "no_such", 0, 0)));
  assert.deepEqual(splitArrays(series, "test"), {});
  assert.equal(scalarValues(series, "test", "cross_entropy").length, 0);
  assert.ok(classValues(series, "test", "class_cross_entropy", 0).every(Number.isNaN));
});

test("an epoch without a pass shows the one before", () => {
  assert.equal(passAt(series, "validation", 2), 1);
  assert.equal(passAt(series, "validation", 3), 3);
  assert.equal(passAt(series, "test", 3), -1);
  assert.ok(!hasPass(series, "validation", 2));
});

test("the best is the first of equals, up to a position, whatever is missing", () => {
  assert.equal(best([NaN, 2, 1, 1], 3), 2);
  assert.equal(best([NaN, 2, 1, 1], 1), 1);
  assert.equal(best([1, 3, 2], 2, -1), 1);
  assert.equal(best([NaN], 0), -1);
  assert.equal(best([], 5), -1);
  assert.equal(best([1, 0], -1), -1);
  assert.equal(best([Infinity, 2], 1), 1);
});

test("a rise is above the best so far", () => {
  assert.equal(rise(series, "validation", 0, 3), 0.25);
  assert.equal(rise(series, "validation", 2, 3), 0);
  assert.ok(Number.isNaN(rise(series, "validation", 0, 2)));
  assert.ok(Number.isNaN(rise(series, "validation", 0, -1)));
  assert.ok(Number.isNaN(rise(series, "test", 0, 3)));
});

test("one epoch and one class are enough", () => {
  const arrays = { validation: { num_examples: Float64Array.of(5), class_cross_entropy: Float32Array.of(0.5) } };
  const tiny = smallSeries({ epochs: [7], class_names: ["a"], class_indices: [0], splits: ["validation"], arrays });
  assert.equal(passAt(tiny, "validation", 0), 0);
  assert.equal(rise(tiny, "validation", 0, 0), 0);
  assert.equal(nearestPosition(tiny, 7), 0);
  assert.equal(otherSplit(tiny, "validation"), null);
});

test("the other split is the first of the rest", () => {
  assert.equal(otherSplit(series, "validation"), "train");
  assert.equal(otherSplit(series, "train"), "validation");
});

test("an epoch is shown at the last position that is not after it", () => {
  assert.equal(nearestPosition(smallSeries({ epochs: [0, 2, 4, 6] }), 5), 2);
  assert.equal(nearestPosition(smallSeries({ epochs: [3, 5] }), 1), 0);
  assert.equal(nearestPosition(series, 99), 3);
});
