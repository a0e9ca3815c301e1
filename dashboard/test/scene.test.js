import assert from "node:assert/strict";
import { test } from "node:test";

import { cellWords, shownIn, spokenChoice } from "../src/heatmap/cellWords.js";
import { cellAt } from "../src/heatmap/cells.js";
import { labelledPasses, onsets } from "../src/heatmap/marks.js";
import { cellsOf, passIndex, sceneOf, worstWord } from "../src/heatmap/scene.js";
import { smallAlerts, smallState } from "./classSeries.js";

/** @param {Partial<import("../src/types.js").State>} [chosen] */
function scene(chosen) {
  const found = sceneOf(smallState(chosen), 400, 1);
  assert.ok(found);
  return found;
}

test("columns are the passes of the split", () => {
  assert.deepEqual(scene().passes, [1, 3]);
  assert.deepEqual(scene({ split: "train" }).passes, [0, 1, 2, 3]);
});

test("an epoch without a pass belongs to the pass before it, and one before all passes to none", () => {
  assert.deepEqual([0, 1, 2, 3].map((position) => passIndex(scene(), position)), [-1, 0, 0, 1]);
});

test("there is no scene without a series, a class, a pass or the quantity", () => {
  assert.equal(sceneOf(smallState({ series: null }), 400, 1), null);
  assert.equal(sceneOf(smallState({ filter: "nothing like it" }), 400, 1), null);
  assert.equal(sceneOf(smallState({ split: "test" }), 400, 1), null);
  assert.equal(sceneOf(smallState({ quantity: "class_positive_cross_entropy" }), 400, 1), null);
});

test("values lie in the page's order, and what was not measured is missing", () => {
  const cells = cellsOf(scene(), scene().grid);
  assert.deepEqual([cells.lines, cells.columns], [3, 2]);
  assert.deepEqual([...cells.values], [2, 3, 0.5, 0.75, NaN, NaN]);
});

test("lines and columns that share a pixel show the worst", () => {
  const shown = scene({ split: "train", sort: { key: "name", direction: 1 } });
  const cells = cellsOf(shown, { ...shown.grid, lines: 1, columns: 2 });
  assert.deepEqual([...cells.values], [4, 2]);
  assert.equal(worstWord(shown), "worst");
  assert.equal(worstWord(scene({ quantity: "support" })), "smallest");
});

test("the class and epoch under the pointer are those that give the cell its colour", () => {
  const shown = scene({ split: "train" });
  const grid = { ...shown.grid, lines: 1, columns: 1 };
  assert.deepEqual(shownIn(shown, cellAt(grid, 5, 5)), { row: 0, position: 0 });
});

test("a cell in words", () => {
  const shown = scene();
  assert.deepEqual(cellWords(shown, cellAt(shown.grid, 1, 1)), [
    "apple, epoch 1",
    "cross-entropy 2.000 ± 0.100 nats",
    "accuracy 13.5\u202f%, precision 13.5\u202f%",
    "10 examples",
  ]);
  const pooled = cellWords(shown, cellAt({ ...shown.grid, lines: 1, columns: 1 }, 1, 1));
  assert.equal(pooled[0], "apple, epoch 3");
  assert.equal(pooled[4], "the worst of 3 classes and 2 epochs here");
});

test("what is chosen as it is said", () => {
  assert.equal(spokenChoice(scene(), { row: 1, position: 3 }), "pear, epoch 3: cross-entropy 0.750 nats, place 2 of 3");
  assert.equal(spokenChoice(scene(), { row: 2, position: 3 }), "kiwi, epoch 3: cross-entropy undefined, place 3 of 3");
  assert.equal(spokenChoice(scene({ show: 2 }), { row: 2, position: 3 }), "kiwi, epoch 3: cross-entropy undefined, not among the classes shown");
  assert.equal(spokenChoice(scene(), { row: null, position: 1 }), "epoch 1, no class chosen");
  assert.equal(spokenChoice(scene(), { row: 1, position: -1 }), "No pass of the validation split so far.");
});

test("alerts are marked where they began, in rows that have room", () => {
  const shown = scene();
  const [onset, ...others] = onsets(shown, smallAlerts());
  assert.deepEqual(others, []);
  assert.equal(onset.x, 0.75 * shown.grid.width);
  assert.equal(onset.y, 15);
  assert.deepEqual(onsets({ ...shown, rowHeight: 4.9 }, smallAlerts()), []);
  assert.deepEqual(onsets(shown, null), []);
  assert.deepEqual(onsets(scene({ filter: "pear" }), smallAlerts()), []);
});

test("every epoch has a pass: round epochs are labelled; else round numbers of passes", () => {
  const all = Array.from({ length: 40 }, (_, epoch) => epoch);
  assert.deepEqual(labelledPasses(all, 600).slice(0, 3), [0, 5, 10]);
  const fifths = Array.from({ length: 12 }, (_, index) => 7 + 5 * index);
  assert.deepEqual(labelledPasses(fifths, 600), [...fifths.keys()]);
  assert.deepEqual(labelledPasses(fifths, 300), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(labelledPasses([8], 300), [0]);
});
