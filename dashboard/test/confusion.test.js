import assert from "node:assert/strict";
import { test } from "node:test";

import { followedInWords, followedPair } from "../src/confusion/followed.js";
import { draggedWindow, fieldOf, gridOf, isPooled, placeAt, placeOf, windowOf, zoomed } from "../src/confusion/grid.js";
import { worstLabels, wrongDecisions } from "../src/confusion/labels.js";
import { countAt, matrixOf, shareAt, worstOf } from "../src/confusion/matrix.js";
import { namesByIndex, pairWords, passWords } from "../src/confusion/words.js";
import { INITIAL } from "../src/store.js";

const ROOM = { side: 400, largest: 38, pixelRatio: 1 };

test("shares are of the row, and 0 where a class has no examples", () => {
  const matrix = matrixOf(Float64Array.of(8, 2, 0, 1, 9, 0, 0, 0, 0));
  assert.equal(matrix.size, 3);
  assert.equal(countAt(matrix, 0, 1), 2);
  assert.equal(shareAt(matrix, 0, 1), 0.2);
  assert.equal(shareAt(matrix, 2, 2), 0);
});

test("of several fields the worst mistake counts, however frequent the right answers are", () => {
  const matrix = matrixOf(Float64Array.of(90, 10, 0, 1, 3, 0, 0, 5, 95));
  assert.deepEqual(worstOf(matrix, [0, 3], [0, 3]), [1, 0]);
  assert.deepEqual(worstOf(matrix, [0, 1], [0, 1]), [0, 0]);
});

test("without a mistake several fields show right answers where they hold the diagonal", () => {
  const matrix = matrixOf(Float64Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9));
  assert.deepEqual(worstOf(matrix, [0, 2], [1, 3]), [1, 1]);
  assert.deepEqual(worstOf(matrix, [0, 1], [1, 3]), [0, 1]);
});

test("fields have a whole number of device pixels, and are not larger than asked for", () => {
  assert.equal(gridOf([0, 10, 0, 10], ROOM).lineHeight, 38);
  assert.equal(gridOf([0, 60, 0, 60], ROOM).columnWidth, 6);
  assert.equal(gridOf([0, 60, 0, 60], { ...ROOM, pixelRatio: 2 }).columnWidth, 6.5);
});

test("fields of few pixels fill their side", () => {
  assert.equal(gridOf([0, 160, 0, 160], ROOM).columnWidth, 2.5);
});

test("with more classes than pixels places are shared, and every class has one", () => {
  const grid = gridOf([0, 1000, 0, 1000], ROOM);
  assert.equal(grid.lines, 400);
  assert.ok(isPooled(grid));
  const seen = new Set();
  for (let line = 0; line < grid.lines; line++) {
    const [from, to] = fieldOf(grid, line, 0).rows;
    for (let row = from; row < to; row++) seen.add(row);
  }
  assert.equal(seen.size, 1000);
});

test("a point and a pair find the same place", () => {
  const grid = gridOf([10, 20, 30, 40], ROOM);
  assert.deepEqual(placeAt(grid, 39, 0), { line: 0, column: 1 });
  assert.deepEqual(placeAt(grid, 9999, -5), { line: 0, column: 9 });
  assert.deepEqual(placeOf(grid, 10, 31), { line: 0, column: 1 });
  assert.equal(placeOf(grid, 9, 31), null);
});

test("a drag zooms to its rectangle, but not to less than four classes", () => {
  const grid = gridOf([0, 100, 0, 100], { side: 400, largest: 400, pixelRatio: 1 });
  assert.deepEqual(draggedWindow(grid, 100, { x: 40, y: 200 }, { x: 79, y: 5 }), [1, 51, 10, 20]);
  assert.deepEqual(draggedWindow(grid, 100, { x: 399, y: 399 }, { x: 399, y: 399 }), [96, 100, 96, 100]);
});

test("zooming keeps a pair in sight, and ends at the whole matrix", () => {
  assert.deepEqual(zoomed([0, 100, 0, 100], 100, 0.5, [90, 10]), [50, 100, 0, 50]);
  assert.equal(zoomed([0, 60, 0, 60], 100, 2, [0, 0]), null);
});

test("a window of another matrix is not kept", () => {
  assert.deepEqual(windowOf([0, 50, 0, 50], 10), [0, 10, 0, 10]);
  assert.deepEqual(windowOf([0, 5, 0, 5], 10), [0, 5, 0, 5]);
});

const SERIES = { num_classes: 3, class_indices: [2, 0], class_names: ["cat", "dog"], epochs: [0, 1, 2], task: "multiclass" };

test("classes are named by index, those without a row by their number", () => {
  assert.deepEqual(namesByIndex(SERIES), ["dog", "1", "cat"]);
});

test("a pair in words", () => {
  const matrix = matrixOf(Float64Array.of(8, 2, 0, 0));
  assert.deepEqual(pairWords(matrix, ["a", "b"], [0, 1]), ["a taken for b", "2 of 10 (20.0\u202f%)"]);
  assert.deepEqual(pairWords(matrix, ["a", "b"], [1, 1]), ["b, right", "no examples"]);
});

test("a pass that is not of the chosen epoch is said, and one that is on its way", () => {
  const state = { ...INITIAL, position: 2 };
  assert.equal(passWords({ split: "validation", epoch: 2, class: null }, SERIES, state, 2), "");
  assert.equal(passWords({ split: "validation", epoch: 1, class: null }, SERIES, state, 1), "Epoch 1: the last pass of the validation split up to epoch 2.");
  assert.equal(passWords({ split: "validation", epoch: 1 }, SERIES, state, 2), "Still of the validation split, epoch 1; fetching validation, epoch 2 …");
  assert.equal(passWords({ split: "train", epoch: 1 }, SERIES, state, 1), "Still of the train split, epoch 1; fetching validation, epoch 1 …");
});

const CONFUSION = {
  epoch: 2,
  split: "validation",
  exact: true,
  mistakes: 9,
  pairs: [{ true: 2, predicted: 0, true_name: "cat", predicted_name: "dog", count: 2, support: 8 }],
  history: Float64Array.of(4, NaN, 2),
  support: Float64Array.of(8, NaN, 8),
};

test("the most frequent pair is followed unless another is chosen", () => {
  const followed = followedPair({ ...INITIAL, series: SERIES, confusion: CONFUSION });
  assert.equal(followed.chosen, false);
  assert.equal(followedInWords(followed, 2), "25.0\u202f% of 8 at epoch 2; peak 50.0\u202f% at 0");
});

test("a chosen pair waits for its history, says why there is none, and bounds estimates", () => {
  const state = { ...INITIAL, series: SERIES, confusion: CONFUSION, pair: [0, 2] };
  assert.match(followedPair(state).missing, /^Fetching/);
  assert.match(followedPair({ ...state, failures: { pairHistory: "Gone." } }).missing, /Gone\.$/);
  const pairHistory = { split: "validation", true: 0, predicted: 2, true_name: "dog", predicted_name: "cat", exact: false, epochs: [0, 2], counts: [1, null], support: [10, null] };
  const followed = followedPair({ ...state, pairHistory });
  assert.equal(followedInWords(followed, 0), "at most 10.0\u202f% of 10 at epoch 0; peak at most 10.0\u202f% at 0");
  assert.equal(followedInWords(followed, 2), "no examples at epoch 2; peak at most 10.0\u202f% at 0");
});

test("no mistakes, no pair", () => {
  assert.equal(followedPair({ ...INITIAL, series: SERIES, confusion: { ...CONFUSION, pairs: [] } }), null);
});

test("labels by wrong decisions, the chosen one at the end if it is not among the worst", () => {
  const arrays = { validation: { num_examples: Float64Array.of(100), class_accuracy: Float32Array.of(0.9, 1, 0.7, 0.8) } };
  const series = { epochs: [0], class_names: ["a", "b", "c", "d"], arrays };
  assert.equal(wrongDecisions(series, "validation", 0, 2), 30);
  assert.deepEqual(worstLabels(series, "validation", 0, null, 2), [2, 3]);
  assert.deepEqual(worstLabels(series, "validation", 0, 1, 2), [2, 3, 1]);
});
