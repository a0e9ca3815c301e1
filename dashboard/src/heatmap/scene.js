/** What the heatmap shows for a state of the page: the classes, the passes, the grid. No elements. */

import { classOrder, windowOf } from "../order.js";
import { hasPass, passAt, splitArrays } from "../passes.js";
import { quantity } from "../quantities.js";
import { pool } from "../pooling.js";
import { gridOf, poolColumns } from "./cells.js";
import { isZoomable, labelWidth, panelHeight } from "./layout.js";

/** @typedef {import("../types.js").Numbers} Numbers */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */

/**
 * Columns are the passes of the split, not the epochs of the run: a split that is measured every fifth epoch would be grey
 * stripes otherwise.
 *
 * @typedef {Object} Scene
 * @property {Series} series
 * @property {Split} split
 * @property {ReturnType<typeof quantity>} quantity
 * @property {1 | -1} worst of the quantity: 1 where more is worse
 * @property {number[]} order rows of the series, in the page's order
 * @property {number[]} passes positions of the passes of the split
 * @property {import("./cells.js").Grid} grid
 * @property {number} rowHeight
 * @property {number} labelWidth
 * @property {boolean} zoomable
 * @property {Numbers} values of the quantity, (E, R)
 */

/** Width of the strip of all classes, with its distance to the names. */
export const OVERVIEW_WIDTH = 36;
/** Room at the right for the outline of the last pass. */
const MARGIN_RIGHT = 4;

/**
 * @param {State} state
 * @param {number} width of the whole, names and strip included
 * @param {number} pixelRatio
 * @returns {Scene | null} null where there is nothing to draw: no series, no class or no pass
 */
export function sceneOf(state, width, pixelRatio) {
  const { series, split } = state;
  if (!series) return null;
  const order = classOrder(state);
  const passes = passesOf(series, split);
  const arrays = splitArrays(series, split);
  const shownQuantity = quantity(state.quantity, series.task);
  if (!order.length || !passes.length || !arrays[shownQuantity.key]) return null;

  const height = panelHeight(order.length, series.class_names.length);
  const zoomable = isZoomable(order.length, height);
  const names = labelWidth(series.class_names);
  const [first, end] = windowOf(state, order.length);
  return {
    series,
    split,
    quantity: shownQuantity,
    worst: shownQuantity.worst,
    order,
    passes,
    grid: gridOf({
      width: Math.max(60, width - names - (zoomable ? OVERVIEW_WIDTH : 0) - MARGIN_RIGHT),
      height,
      first,
      end,
      passes: passes.length,
      pixelRatio,
    }),
    rowHeight: height / (end - first),
    labelWidth: names,
    zoomable,
    values: arrays[shownQuantity.key],
  };
}

/**
 * Positions at which a split has a pass.
 *
 * @param {Series} series
 * @param {Split} split
 */
export function passesOf(series, split) {
  return [...series.epochs.keys()].filter((position) => hasPass(series, split, position));
}

/**
 * Index among the passes of the last one at or before a position, or -1.
 *
 * @param {Scene} scene
 * @param {number} position
 */
export function passIndex({ series, split, passes }, position) {
  return passes.indexOf(passAt(series, split, position));
}

/**
 * Value of the quantity at a place of the page's order and an index among the passes.
 *
 * @param {Scene} scene
 * @returns {(place: number, pass: number) => number}
 */
export function valueReader({ series, order, passes, values }) {
  const classes = series.class_names.length;
  return (place, pass) => values[passes[pass] * classes + order[place]];
}

/**
 * What the word for the worst is where several classes or epochs share a pixel.
 * @param {Scene} scene
 */
export function worstWord({ quantity: { ramp }, worst }) {
  if (ramp === "trouble") return "worst";
  return worst > 0 ? "largest" : "smallest";
}

/**
 * The values of a grid, each the worst of those that share its cell.
 *
 * @param {Scene} scene
 * @param {import("./cells.js").Grid} grid
 * @returns {import("./raster.js").Cells}
 */
export function cellsOf({ series, order, passes, values, worst }, { first, end, lines, columns }) {
  const classes = series.class_names.length;
  /** @type {(pass: number, row: number) => number} */
  const valueOf = (pass, row) => values[passes[pass] * classes + row];
  const pooled = pool(valueOf, order, first, end, lines, passes.length, worst);
  return { values: poolColumns(pooled, lines, passes.length, columns, worst), lines, columns };
}
