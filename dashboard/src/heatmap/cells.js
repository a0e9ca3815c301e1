/**
 * Which classes and passes share a cell of the heatmap, and where the cell lies. Pure geometry in CSS pixels.
 *
 * A heatmap shows `end - first` rows (classes of the page's order) and `passes` columns of values. Where a screen has fewer
 * pixels than that, several share a *line* or a *column*, which then shows the worst of them.
 */

import { share } from "../pooling.js";

/** A drag zooms in no further. */
const LEAST_ROWS = 8;

/**
 * @typedef {Object} Grid
 * @property {number} width
 * @property {number} height
 * @property {number} first first row of the window
 * @property {number} end the row after the last one
 * @property {number} passes
 * @property {number} lines lines drawn, at most the rows
 * @property {number} columns columns drawn, at most the passes
 */

/**
 * A cell: what shares it, as half-open ranges.
 * @typedef {Object} Cell
 * @property {number} line
 * @property {number} column
 * @property {[number, number]} rows places in the page's order
 * @property {[number, number]} passes
 */

/**
 * The grid of a heatmap that draws no more lines and columns than the screen has pixels.
 *
 * @param {{width: number, height: number, first: number, end: number, passes: number, pixelRatio: number}} extent
 * @returns {Grid}
 */
export function gridOf({ width, height, first, end, passes, pixelRatio }) {
  return {
    width,
    height,
    first,
    end,
    passes,
    lines: Math.min(end - first, Math.max(1, Math.floor(height * pixelRatio))),
    columns: Math.min(passes, Math.max(1, Math.floor(width * pixelRatio))),
  };
}

/**
 * The cell at a point; points outside belong to the nearest cell.
 *
 * @param {Grid} grid
 * @param {number} x from the left edge of the heatmap
 * @param {number} y from its upper edge
 * @returns {Cell}
 */
export function cellAt(grid, x, y) {
  const line = place(y, grid.height, grid.lines);
  const column = place(x, grid.width, grid.columns);
  const [from, to] = share(line, grid.lines, grid.end - grid.first);
  return {
    line,
    column,
    rows: [grid.first + from, grid.first + to],
    passes: share(column, grid.columns, grid.passes),
  };
}

/**
 * The row at a height, as if every row had its own place.
 *
 * @param {Grid} grid
 * @param {number} y
 */
function rowAt(grid, y) {
  return grid.first + place(y, grid.height, grid.end - grid.first);
}

/**
 * The window of rows that a drag asks for: at least eight rows, around the middle of the drag.
 *
 * @param {Grid} grid
 * @param {number} from height of one end
 * @param {number} to height of the other
 * @param {number} shown classes in all
 * @returns {[number, number]}
 */
export function draggedWindow(grid, from, to, shown) {
  const [a, b] = [rowAt(grid, Math.min(from, to)), rowAt(grid, Math.max(from, to))];
  const length = Math.min(shown, Math.max(LEAST_ROWS, b - a + 1));
  const first = Math.max(0, Math.min(shown - length, Math.round((a + b + 1 - length) / 2)));
  return [first, first + length];
}

/**
 * @param {number} offset
 * @param {number} length
 * @param {number} parts
 */
function place(offset, length, parts) {
  return Math.max(0, Math.min(parts - 1, Math.floor((offset / length) * parts)));
}

/**
 * The worst of the values that share a column, line by line; NaN only where all are.
 *
 * @param {Float32Array} values (lines, passes)
 * @param {number} lines
 * @param {number} passes
 * @param {number} columns at most `passes`
 * @param {1 | -1} worst 1 where the largest is the worst, -1 where the smallest is
 * @returns {Float32Array} (lines, columns); `values` itself where nothing is shared
 */
export function poolColumns(values, lines, passes, columns, worst) {
  if (columns === passes) return values;
  const pooled = new Float32Array(lines * columns).fill(NaN);
  for (let column = 0; column < columns; column++) {
    const [from, to] = share(column, columns, passes);
    for (let line = 0; line < lines; line++) {
      let found = NaN;
      for (let pass = from; pass < to; pass++) {
        const value = values[line * passes + pass];
        if (!(worst * value <= worst * found) && !Number.isNaN(value)) found = value;
      }
      pooled[line * columns + column] = found;
    }
  }
  return pooled;
}

/**
 * Where the worst value of a cell is.
 *
 * @param {Cell} cell
 * @param {(row: number, pass: number) => number} valueOf value at a place in the page's order and a pass
 * @param {1 | -1} worst
 * @returns {{row: number, pass: number}} the first of the cell where it has no value at all
 */
export function worstOf({ rows, passes }, valueOf, worst) {
  let found = { row: rows[0], pass: passes[0] };
  let most = NaN;
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let pass = passes[0]; pass < passes[1]; pass++) {
      const value = valueOf(row, pass);
      if (Number.isNaN(value) || worst * value <= worst * most) continue;
      found = { row, pass };
      most = value;
    }
  }
  return found;
}
