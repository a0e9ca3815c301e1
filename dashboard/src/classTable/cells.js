/** What the cells of the table of classes say. No elements. */

import { firingAt } from "../alerts.js";
import { count, fixed, nats, share } from "../format.js";
import { passesOf } from "../heatmap/scene.js";
import { classValue, classValues, otherSplit, passAt, rise } from "../passes.js";

/** @typedef {import("../types.js").AlertInstance} AlertInstance */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */

/** From here on a column of nats has one decimal less. */
const LARGE = 10;

/**
 * What all rows of the table have in common.
 *
 * @typedef {Object} Moment
 * @property {Series} series
 * @property {Split} split
 * @property {number} position of the last pass of the split, or -1
 * @property {Split | null} other split that stands beside it
 * @property {number} otherPosition
 * @property {number[]} passes positions of the passes of the split
 * @property {number} decimals of nats, one number for a column
 * @property {Map<number, AlertInstance>} firing the gravest alert that fires, by index of the class
 */

/**
 * @typedef {Object} CellText
 * @property {string} text
 * @property {string} [title]
 * @property {boolean} [muted]
 */

/**
 * @param {State & {series: Series}} state
 * @param {number[]} order rows of the table
 * @returns {Moment}
 */
export function momentOf({ series, split, position, alerts }, order) {
  const other = otherSplit(series, split);
  const moment = {
    series,
    split,
    position: passAt(series, split, position),
    other,
    otherPosition: other ? passAt(series, other, position) : -1,
    passes: passesOf(series, split),
    decimals: 3,
    firing: new Map(),
  };
  if (order.some((row) => crossEntropy(moment, row) >= LARGE || otherCrossEntropy(moment, row) >= LARGE)) moment.decimals = 2;
  const epoch = series.epochs[position];
  for (const alert of firingAt(alerts, epoch)) {
    if (alert.class !== null && !moment.firing.has(alert.class)) moment.firing.set(alert.class, alert);
  }
  return moment;
}

/**
 * @param {Moment} moment
 * @param {number} row of the series
 */
function crossEntropy({ series, split, position }, row) {
  return position < 0 ? NaN : classValue(series, split, "class_cross_entropy", position, row);
}

/**
 * @param {Moment} moment
 * @param {number} row
 */
function otherCrossEntropy({ series, other, otherPosition }, row) {
  return other === null || otherPosition < 0 ? NaN : classValue(series, other, "class_cross_entropy", otherPosition, row);
}

/**
 * The cross-entropies of a class in the passes of the split, for its trend.
 *
 * @param {Moment} moment
 * @param {number} row
 */
export function trendOf({ series, split, passes }, row) {
  const values = classValues(series, split, "class_cross_entropy", row);
  return Float64Array.from(passes, (position) => values[position]);
}

/**
 * The text of a cell of numbers.
 *
 * @param {Moment} moment
 * @param {number} row of the series
 * @param {string} key of a column, but "name" and "trend"
 * @returns {CellText}
 */
export function cellText(moment, row, key) {
  const { series, split, position, decimals } = moment;
  if (key === "other") return { text: fixed(otherCrossEntropy(moment, row), decimals), muted: true };
  if (position < 0) return { text: fixed(NaN, 0) };
  if (key === "rise") return riseText(moment, row);
  const value = classValue(series, split, key, position, row);
  if (key === "support") return { text: count(value), muted: true };
  if (!key.endsWith("cross_entropy")) return { text: share(value) };
  const text = fixed(value, decimals);
  if (key !== "class_cross_entropy") return { text };
  return { text, title: `± ${nats(standardError(moment, row))} standard error` };
}

/**
 * @param {Moment} moment
 * @param {number} row
 * @returns {CellText}
 */
function riseText(moment, row) {
  const { series, split, position, decimals } = moment;
  const value = rise(series, split, row, position);
  const noise = series.noise * standardError(moment, row);
  const text = fixed(value, decimals, true);
  if (Number.isNaN(value)) return { text };
  if (value > noise) return { text, title: `above its best by more than ${series.noise} standard errors` };
  return { text, muted: true, title: Number.isNaN(noise) ? "too few examples to tell from noise" : "within noise" };
}

/**
 * @param {Moment} moment
 * @param {number} row
 */
function standardError({ series, split, position }, row) {
  return classValue(series, split, "class_standard_error", position, row);
}

/**
 * Which pass the numbers are of, in words; empty where it is that of the chosen epoch.
 *
 * @param {Moment} moment
 * @param {number} chosen position
 */
export function momentNote({ series, split, position }, chosen) {
  if (position === chosen) return "";
  if (position < 0) return `The ${split} split had no pass up to epoch ${series.epochs[chosen]}.`;
  return `The last pass of the ${split} split was in epoch ${series.epochs[position]}.`;
}
