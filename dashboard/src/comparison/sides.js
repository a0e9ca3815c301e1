/**
 * What is set against what: splits of two runs, or two splits of one. Passes are found by the number of the epoch, classes
 * by their name: two runs need not have the same of either.
 */

import { passAt } from "../passes.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */

/** `state.against` of the other split of the shown run: no run has an empty name. */
export const OTHER_SPLIT = "";

/**
 * A split of a run, and what it is called beside another.
 * @typedef {Object} Side
 * @property {Series} series
 * @property {Split} split
 * @property {string} name
 */

/**
 * What the shown split can be set against: runs that are compared, and another split of its own.
 *
 * @param {State} state with a series
 * @returns {{value: string, side: Side}[]} with the `state.against` that means it
 */
export function opponents(state) {
  const series = /** @type {Series} */ (state.series);
  const sides = state.others
    .filter((other) => other.splits.includes(state.split))
    .map((other) => ({ value: other.run, side: { series: other, split: state.split, name: other.run } }));
  const split = state.split === "train" ? series.splits.find((name) => name !== "train") : "train";
  if (split && series.splits.includes(split) && series.splits.includes(state.split)) {
    sides.push({ value: OTHER_SPLIT, side: { series, split, name: split } });
  }
  return sides;
}

/**
 * The one that is chosen, else the first that has classes in common; null where there is nothing to compare.
 * @param {State} state
 */
export function opponent(state) {
  const { series, against } = state;
  if (!series) return null;
  const all = opponents(state);
  const chosen = all.find(({ value }) => value === against);
  return chosen ?? all.find(({ side }) => sharesClasses(series, side.series)) ?? all[0] ?? null;
}

/**
 * @param {Series} shown
 * @param {Series} other
 */
function sharesClasses(shown, other) {
  const names = rowsByName(other);
  return shown.class_names.some((name) => names.has(name));
}

/**
 * Position of the last pass of a split at or before the number of an epoch, -1 where there is none.
 * @param {Series} series
 * @param {Split} split
 * @param {number} epoch
 */
export function passAtEpoch(series, split, epoch) {
  const position = series.epochs.findLastIndex((other) => other <= epoch);
  return position < 0 || !series.splits.includes(split) ? -1 : passAt(series, split, position);
}

/** @type {WeakMap<Series, Map<string, number>>} */
const rowsOfSeries = new WeakMap();

/**
 * Row of each class by its name; of classes of one name, the first.
 * @param {Series} series
 */
export function rowsByName(series) {
  let rows = rowsOfSeries.get(series);
  if (!rows) {
    rows = new Map([...series.class_names.entries()].reverse().map(([row, name]) => [name, row]));
    rowsOfSeries.set(series, rows);
  }
  return rows;
}

/**
 * Rows that only one of two series has.
 * @param {Series} shown
 * @param {Series} other
 */
export function unmatched(shown, other) {
  /** @param {Series} series @param {Map<string, number>} names */
  const missing = (series, names) => series.class_names.filter((name) => !names.has(name)).length;
  return { shown: missing(shown, rowsByName(other)), other: missing(other, rowsByName(shown)) };
}
