/**
 * The one order of the classes that heatmap and table share, and the window of it that is in sight.
 *
 * It follows `settled`, which moves when the slider is let go, so that rows do not jump while the epoch is scrubbed.
 */

import { classValue, otherSplit, passAt, rise } from "./passes.js";
import { quantity } from "./quantities.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Series} Series */

/** Least rows that the window is zoomed to. */
const LEAST_ROWS = 8;

/** "class 9" before "class 10", in one way whatever the language of the browser. */
const NAMES = new Intl.Collator("en", { numeric: true });

/** @type {{inputs: unknown[], order: number[]}} the last answer, and what it was made of */
let kept = { inputs: [], order: [] };

/**
 * Rows of the series in the order in which they are shown, those that the filter or "worst n" leave out left out.
 *
 * @param {State} state
 * @returns {number[]} indices in `series.class_names`; ties by index, undefined values last
 */
export function classOrder(state) {
  const { series, split, quantity: key, sort, filter, show, settled } = state;
  if (!series) return [];
  const inputs = [series, split, key, sort.key, sort.direction, filter, show, settled];
  if (inputs.length !== kept.inputs.length || inputs.some((input, index) => input !== kept.inputs[index])) {
    kept = { inputs, order: sortedRows(series, state) };
  }
  return kept.order;
}

/**
 * @param {Series} series
 * @param {State} state
 */
function sortedRows(series, state) {
  const needle = state.filter.trim().toLowerCase();
  let rows = [...series.class_names.keys()];
  if (needle) rows = rows.filter((row) => series.class_names[row].toLowerCase().includes(needle));
  if (state.show !== "all") rows = sortBy(rows, worstFirst(series, state)).slice(0, state.show);
  const { key, direction } = state.sort;
  if (key === "name") {
    return rows.sort((a, b) => direction * NAMES.compare(series.class_names[a], series.class_names[b]) || a - b);
  }
  return sortBy(rows, key === "worst" ? worstFirst(series, state) : columnFirst(series, state), direction);
}

/**
 * Ranks by the quantity that is shown: the least is the worst.
 * @param {Series} series
 * @param {State} state
 * @returns {(row: number) => number}
 */
function worstFirst(series, { split, quantity: key, settled }) {
  const position = passAt(series, split, settled);
  const { worst } = quantity(key);
  return (row) => -worst * classValue(series, split, key, position, row);
}

/**
 * Ranks by the column that is sorted by: a class quantity, `rise`, or `other` for the cross-entropy of the other split.
 * @param {Series} series
 * @param {State} state
 * @returns {(row: number) => number}
 */
function columnFirst(series, state) {
  const { sort: { key }, settled } = state;
  const split = (key === "other" && otherSplit(series, state.split)) || state.split;
  const position = passAt(series, split, settled);
  if (key === "rise") return (row) => -rise(series, split, row, position);
  const name = key === "other" ? "class_cross_entropy" : key;
  // Few examples are the trouble, but whoever sorts by their number looks for the common.
  const worst = name === "support" ? 1 : quantity(name).worst;
  return (row) => -worst * classValue(series, split, name, position, row);
}

/**
 * Sorts in place.
 * @param {number[]} rows
 * @param {(row: number) => number} rankOf the least comes first; NaN last in either direction
 * @param {1 | -1} [direction]
 */
function sortBy(rows, rankOf, direction = 1) {
  const ranks = new Map(rows.map((row) => [row, rankOf(row)]));
  return rows.sort((a, b) => {
    const left = /** @type {number} */ (ranks.get(a));
    const right = /** @type {number} */ (ranks.get(b));
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a - b;
    return direction * (left - right) || a - b;
  });
}

/**
 * The rows in sight: those of the state where they fit the order, else all.
 * @param {State} state
 * @param {number} length of the order
 * @returns {[number, number]} first, and the one after the last
 */
export function windowOf(state, length) {
  const { rows } = state;
  return rows && rows[0] >= 0 && rows[0] < rows[1] && rows[1] <= length ? rows : [0, length];
}

/**
 * A window with more or fewer rows around an anchor.
 * @param {[number, number]} window
 * @param {number} length of the order
 * @param {number} factor above 1 for more rows
 * @param {number} [anchor] place in the window that stays where it is: 0 its first row, 1 its last
 * @returns {[number, number] | null} null for all rows
 */
export function zoomed([first, end], length, factor, anchor = 0.5) {
  const size = Math.max(Math.min(LEAST_ROWS, length), Math.min(length, Math.round((end - first) * factor)));
  if (size >= length) return null;
  const fixed = first + (end - first) * anchor;
  const start = Math.max(0, Math.min(length - size, Math.round(fixed - size * anchor)));
  return [start, start + size];
}

/**
 * The window of the same size that has a row in sight.
 * @param {[number, number]} window
 * @param {number} length of the order
 * @param {number} index place of the row in the order; -1 where it is not in it
 * @returns {[number, number]}
 */
export function revealed([first, end], length, index) {
  if (index < 0 || (index >= first && index < end)) return [first, end];
  const size = end - first;
  const start = Math.max(0, Math.min(length - size, index - Math.floor(size / 2)));
  return [start, start + size];
}
