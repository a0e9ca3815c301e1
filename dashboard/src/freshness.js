/** Whether what was fetched is of what is chosen, or of an earlier choice whose successor is still on its way. */

import { passAt } from "./passes.js";

/** @typedef {import("./types.js").State} State */

/** Index of the chosen class; null where none is chosen. @param {State} state */
export function chosenIndex({ series, row }) {
  return series && row !== null ? series.class_indices[row] : null;
}

/**
 * Whether the words are of another split or epoch than the one that is shown.
 *
 * @param {State} state
 * @param {boolean} [ofClass] whether those of another class count as well
 */
export function wordsAreOutdated(state, ofClass = false) {
  const { series, words, split, position } = state;
  if (!series || !words) return false;
  const epoch = series.epochs[passAt(series, split, position)];
  return words.split !== split || words.epoch !== epoch || (ofClass && words.class !== chosenIndex(state));
}
