import assert from "node:assert/strict";
import { test } from "node:test";

import { countScale, countTicks } from "../src/confidence/countScale.js";
import { firstBin, histogramOf } from "../src/confidence/histogram.js";
import { reliabilityInWords, reliabilityOf, sideOf } from "../src/confidence/reliability.js";
import { INITIAL } from "../src/store.js";

const NONE = NaN;

/** Two classes, two bins, passes of validation in epochs 0 and 2 of 0, 1, 2. */
function state(patch = {}) {
  const arrays = {
    validation: {
      num_examples: Float64Array.of(10, NONE, 10),
      confidence_histogram: Float64Array.of(4, 1, 3, 2, NONE, NONE, NONE, NONE, 0, 2, 0, 8),
      reliability: Float64Array.of(
        0.4, 0.5, 7, 0.2, 0.8, 0.9, 0.7, 3, 0.3, 0.9,
        NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE,
        NONE, NONE, 0, NONE, NONE, 0.95, 0.8, 10, 0.5, 0.9,
      ),
    },
  };
  const series = { task: "multiclass", num_classes: 2, epochs: [0, 1, 2], class_indices: [0, 1], class_names: ["no", "yes"], splits: ["validation"], arrays };
  return { ...INITIAL, series, position: 2, ...patch };
}

test("the histogram of all classes is of the last pass, with the first beside it", () => {
  const shown = histogramOf(state());
  assert.deepEqual(shown.counts, { down: [0, 2], up: [0, 8] });
  assert.deepEqual(shown.first, { down: [4, 1], up: [3, 2] });
  assert.equal(shown.firstEpoch, 0);
});

test("an epoch without a pass shows the pass before, and the first pass has none beside it", () => {
  const shown = histogramOf(state({ position: 1 }));
  assert.equal(shown.epoch, 0);
  assert.equal(shown.first, null);
});

test("a split that was not measured says so", () => {
  const { missing } = histogramOf(state({ split: "train" }));
  assert.equal(missing, "The train split was not measured up to epoch 2.");
});

test("a chosen class waits for its own histograms", () => {
  const shown = histogramOf(state({ row: 1 }));
  assert.equal(shown.pending, true);
  assert.match(histogramOf(state({ row: 1, failures: { detail: "It is gone." } })).missing, /It is gone\.$/);
});

test("a chosen class shows its own confidences, by epoch number", () => {
  const own = { validation: { confidence_histogram: Float64Array.of(1, 1, 0, 0, 0, 1, 0, 4) } };
  const shown = histogramOf(state({ row: 1, detail: { class: 1, epochs: [0, 2], arrays: own } }));
  assert.deepEqual(shown.counts, { down: [0, 1], up: [0, 4] });
  assert.equal(shown.className, "yes");
  assert.equal(shown.note, "");
});

test("without confidences of the class the probability of the true class takes their place", () => {
  const own = { validation: { true_class_probability_histogram: Float64Array.of(3, 2, NONE, NONE, 1, 4) } };
  const series = { ...state().series, num_classes: 300 };
  const shown = histogramOf(state({ series, row: 1, detail: { class: 1, epochs: [0, 1, 2], arrays: own } }));
  assert.equal(shown.kind, "truth");
  assert.deepEqual(shown.counts, { up: [1, 4], down: [0, 0] });
  assert.match(shown.note, /up to 256 classes, and this run has 300/);
});

test("with neither, a sentence", () => {
  const series = { ...state().series, num_classes: 100_000 };
  const detail = { class: 1, epochs: [0, 1, 2], arrays: { validation: {} } };
  assert.match(histogramOf(state({ series, row: 1, detail })).missing, /this run has 100\u202f000/);
});

test("all classes are shown with a class chosen, where that was asked for", () => {
  assert.equal(histogramOf(state({ row: 1, scope: "all" })).className, null);
});

test("with two outcomes the axis begins at the bin that holds one half", () => {
  assert.equal(firstBin(2, [0, 0, 0, 5]), 2);
  assert.equal(firstBin(2, Array(15).fill(0)), 7);
  assert.equal(firstBin(3, [0, 0, 0, 5]), 0);
});

test("a bin below one half is shown if something fell into it all the same", () => {
  assert.equal(firstBin(2, [0, 1, 0, 5]), 1);
});

test("both directions of the counts share one scale", () => {
  const scale = countScale(100, 25, 300, "root");
  assert.equal(scale.zero, 200);
  assert.equal(scale.length(25), 100);
  assert.equal(countScale(3, 1, 400, "linear").length(1), 100);
});

test("a scale of no counts has no lengths", () => {
  assert.equal(countScale(0, 0, 300, "root").length(0), 0);
});

test("ticks of counts keep their distance", () => {
  const ticks = countTicks(1000, (count) => Math.sqrt(count) * 10);
  assert.deepEqual(ticks, [5, 20, 50, 100, 200, 500, 1000]);
  assert.deepEqual(countTicks(0, () => 0), []);
});

test("a bin is too sure or too timid only beyond the interval of its accuracy", () => {
  assert.equal(sideOf({ confidence: 0.9, accuracy: 0.7, count: 9, low: 0.5, high: 0.8 }), "over");
  assert.equal(sideOf({ confidence: 0.4, accuracy: 0.7, count: 9, low: 0.5, high: 0.8 }), "under");
  assert.equal(sideOf({ confidence: 0.6, accuracy: 0.7, count: 9, low: 0.5, high: 0.8 }), "within");
});

test("the reliability diagram in words", () => {
  const { bins, first } = reliabilityOf(state());
  assert.equal(first.length, 2);
  assert.equal(
    reliabilityInWords(bins),
    "of 1 bin with examples 1 too sure, 0 too timid, 0 within noise; the largest gap where it says 95.0\u202f% and is right 80.0\u202f%",
  );
  assert.equal(reliabilityInWords([]), "no examples");
});
