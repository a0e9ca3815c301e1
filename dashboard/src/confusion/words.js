/** Pairs of classes in words. Pure. */

import { count, named, share } from "../format.js";
import { chosenIndex } from "../freshness.js";
import { countAt, shareAt } from "./matrix.js";

/** @typedef {import("../types.js").Confusion} Confusion */
/** @typedef {import("../types.js").Series} Series */

/**
 * Names by index of the class; of a class whose row was left out, its index.
 * @param {Series} series
 */
export function namesByIndex({ num_classes: classes, class_indices: indices, class_names: names }) {
  const found = Array.from({ length: classes }, (_, index) => String(index));
  indices.forEach((index, row) => (found[index] = named(names[row])));
  return found;
}

/**
 * @param {import("./matrix.js").Matrix} matrix
 * @param {string[]} names
 * @param {[number, number]} pair true and predicted class
 * @returns {[string, string]} a title, and the counts
 */
export function pairWords(matrix, names, [truth, predicted]) {
  const title = truth === predicted ? `${names[truth]}, right` : `${names[truth]} taken for ${names[predicted]}`;
  const counts = `${count(countAt(matrix, truth, predicted))} of ${count(matrix.totals[truth])}`;
  return [title, matrix.totals[truth] ? `${counts} (${share(shareAt(matrix, truth, predicted))})` : "no examples"];
}

/**
 * Of which pass the confusions are, where that is not the chosen epoch, and whose where not yet of the chosen class; empty
 * where both are what was chosen.
 *
 * @param {Confusion} confusion
 * @param {Series} series
 * @param {import("../types.js").State} state
 * @param {number} pass position of the last pass at or before the chosen epoch
 */
export function passWords(confusion, series, state, pass) {
  const { split, position } = state;
  const [chosen, wanted] = [series.epochs[position], series.epochs[pass]];
  if (confusion.split !== split || confusion.epoch !== wanted) {
    return `Still of the ${confusion.split} split, epoch ${confusion.epoch}; fetching ${split}, epoch ${wanted} …`;
  }
  const index = chosenIndex(state);
  if (confusion.class !== index) return `Fetching the mistakes of ${index === null ? "all classes" : "the chosen class"} …`;
  return wanted === chosen ? "" : `Epoch ${wanted}: the last pass of the ${split} split up to epoch ${chosen}.`;
}
