/**
 * Where the fields of a confusion matrix lie, which of them are in sight, and which share a place. Pure geometry, CSS pixels.
 *
 * All fields have the same whole number of device pixels where they are large enough for that to be seen; where there are
 * more classes than pixels, several share a place.
 */

import { share } from "../pooling.js";

/** @typedef {[number, number, number, number]} Window first true class in sight and the one after the last, then predicted ones */

/** Fields of more device pixels than this are all alike; smaller ones fill their side instead. */
const ALIKE = 4;
/** A drag zooms in no further than to so many classes on a side. */
const LEAST_CLASSES = 4;

/**
 * @typedef {Object} Grid
 * @property {Window} window
 * @property {number} lines lines that are drawn, at most the true classes in sight
 * @property {number} columns columns that are drawn
 * @property {number} lineHeight
 * @property {number} columnWidth
 * @property {number} width of all columns
 * @property {number} height of all lines
 */

/**
 * @typedef {Object} Field what shares a place, as half-open ranges
 * @property {[number, number]} rows true classes
 * @property {[number, number]} columns predicted classes
 */

/**
 * The window of the state where it fits the matrix, else all of it.
 * @param {Window | null} cells
 * @param {number} size number of classes
 * @returns {Window}
 */
export function windowOf(cells, size) {
  return cells && cells[1] <= size && cells[3] <= size ? cells : [0, size, 0, size];
}

/**
 * @param {Window} window
 * @param {{side: number, largest: number, pixelRatio: number}} room length of a side, and the most that a field takes of it
 * @returns {Grid}
 */
export function gridOf(window, { side, largest, pixelRatio }) {
  const pixels = Math.max(1, Math.floor(side * pixelRatio));
  const [rows, predicted] = [window[1] - window[0], window[3] - window[2]];
  const [lines, columns] = [Math.min(rows, pixels), Math.min(predicted, pixels)];
  /** @param {number} parts */
  const length = (parts) => {
    const exact = pixels / parts;
    return Math.min(exact > ALIKE ? Math.floor(exact) : exact, Math.round(largest * pixelRatio)) / pixelRatio;
  };
  const [lineHeight, columnWidth] = [length(lines), length(columns)];
  return { window, lines, columns, lineHeight, columnWidth, width: columns * columnWidth, height: lines * lineHeight };
}

/** @param {Grid} grid */
export function isPooled({ window, lines, columns }) {
  return lines < window[1] - window[0] || columns < window[3] - window[2];
}

/**
 * What shares a line and a column.
 *
 * @param {Grid} grid
 * @param {number} line
 * @param {number} column
 * @returns {Field}
 */
export function fieldOf({ window, lines, columns }, line, column) {
  return {
    rows: moved(share(line, lines, window[1] - window[0]), window[0]),
    columns: moved(share(column, columns, window[3] - window[2]), window[2]),
  };
}

/**
 * @param {[number, number]} range
 * @param {number} by
 * @returns {[number, number]}
 */
function moved([from, to], by) {
  return [from + by, to + by];
}

/**
 * Line and column at a point; points outside belong to the nearest.
 *
 * @param {Grid} grid
 * @param {number} x from the left edge
 * @param {number} y from the upper edge
 */
export function placeAt({ lines, columns, lineHeight, columnWidth }, x, y) {
  return { line: within(Math.floor(y / lineHeight), lines), column: within(Math.floor(x / columnWidth), columns) };
}

/**
 * Line and column that show a pair of classes; null where it is not in sight.
 *
 * @param {Grid} grid
 * @param {number} truth
 * @param {number} predicted
 */
export function placeOf({ window: [top, bottom, left, right], lines, columns }, truth, predicted) {
  if (truth < top || truth >= bottom || predicted < left || predicted >= right) return null;
  return {
    line: Math.floor(((truth - top + 0.5) * lines) / (bottom - top)),
    column: Math.floor(((predicted - left + 0.5) * columns) / (right - left)),
  };
}

/**
 * The window that a drag from one point to another asks for.
 *
 * @param {Grid} grid
 * @param {number} size number of classes
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @returns {Window}
 */
export function draggedWindow(grid, size, from, to) {
  const [a, b] = [from, to].map(({ x, y }) => {
    const { line, column } = placeAt(grid, x, y);
    return fieldOf(grid, line, column);
  });
  const rows = widened(Math.min(a.rows[0], b.rows[0]), Math.max(a.rows[1], b.rows[1]), size);
  const columns = widened(Math.min(a.columns[0], b.columns[0]), Math.max(a.columns[1], b.columns[1]), size);
  return [...rows, ...columns];
}

/**
 * A window with more or fewer classes around a pair of them, the same number on both sides.
 *
 * @param {Window} window
 * @param {number} size number of classes
 * @param {number} factor above 1 for more
 * @param {[number, number]} around true and predicted class that stay in sight
 * @returns {Window | null} null for all
 */
export function zoomed([top, bottom, left, right], size, factor, [truth, predicted]) {
  const length = Math.max(Math.min(LEAST_CLASSES, size), Math.round(Math.max(bottom - top, right - left) * factor));
  if (length >= size) return null;
  /** @param {number} middle @returns {[number, number]} */
  const around = (middle) => {
    const first = Math.max(0, Math.min(size - length, middle - Math.floor(length / 2)));
    return [first, first + length];
  };
  return [...around(truth), ...around(predicted)];
}

/**
 * A range of at least so many classes.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} size
 * @returns {[number, number]}
 */
function widened(from, to, size) {
  const length = Math.min(size, Math.max(LEAST_CLASSES, to - from));
  const first = Math.max(0, Math.min(size - length, Math.round((from + to - length) / 2)));
  return [first, first + length];
}

/**
 * @param {number} place
 * @param {number} places
 */
function within(place, places) {
  return Math.max(0, Math.min(places - 1, place));
}
