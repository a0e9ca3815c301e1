import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenIndex, wordsAreOutdated } from "../src/freshness.js";
import { INITIAL } from "../src/store.js";
import { smallSeries } from "./series.js";

/** @param {Record<string, any>} changes */
function stateWith(changes) {
  const words = { split: "validation", epoch: 1, class: null };
  return /** @type {any} */ ({ ...INITIAL, series: smallSeries({ class_indices: [4, 5, 6] }), position: 1, words, ...changes });
}

test("words are of the last pass at or before the chosen epoch", () => {
  assert.equal(wordsAreOutdated(stateWith({})), false);
  assert.equal(wordsAreOutdated(stateWith({ position: 2 })), false);
  assert.equal(wordsAreOutdated(stateWith({ position: 3 })), true);
  assert.equal(wordsAreOutdated(stateWith({ split: "train" })), true);
  assert.equal(wordsAreOutdated(stateWith({ words: null, position: 3 })), false);
});

test("only where they speak of a class, those of another are outdated", () => {
  const state = stateWith({ row: 2 });
  assert.equal(chosenIndex(state), 6);
  assert.equal(wordsAreOutdated(state), false);
  assert.equal(wordsAreOutdated(state, true), true);
  assert.equal(wordsAreOutdated(stateWith({ row: 2, words: { split: "validation", epoch: 1, class: 6 } }), true), false);
});
