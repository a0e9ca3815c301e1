/**
 * What sets two passes apart, as a whole and class by class: those of two runs, or of two splits of one run.
 *
 * A difference is always the other less the shown one.
 */

import { delta, fixed, nats, ratio, share, temperature } from "../format.js";
import { classValue, scalar } from "../passes.js";
import { passAtEpoch, rowsByName } from "./sides.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("./sides.js").Side} Side */

/**
 * @typedef {Object} Difference
 * @property {number} shown
 * @property {number} other NaN where there is no such value
 * @property {number} difference other less shown
 * @property {number} error standard error of the difference, as of independent samples; NaN where it is not known
 */

/**
 * @typedef {Object} ClassDifference
 * @property {number} row of the class in the shown series
 * @property {string} name
 * @property {number} support examples of the class in the shown pass
 * @property {Difference} crossEntropy
 * @property {Difference} accuracy
 */

/**
 * A quantity of a whole pass.
 * @typedef {Object} Figure
 * @property {string} key
 * @property {string} name
 * @property {(value: number) => string} format
 * @property {(difference: number) => string} formatDifference
 * @property {1 | -1 | 0} better sign of a difference that is an improvement; 0: neither
 * @property {number} full smallest difference that fills a bar: less is not to look like much
 * @property {(series: Series, split: Split, position: number) => number} error standard error, NaN where there is none
 */

/** @type {Figure[]} */
export const FIGURES = [
  {
    key: "cross_entropy",
    name: "Cross-entropy, nats",
    format: nats,
    formatDifference: delta,
    better: -1,
    full: 0.01,
    error: natsError,
  },
  {
    key: "accuracy",
    name: "Accuracy",
    format: share,
    formatDifference: points,
    better: 1,
    full: 0.01,
    error: accuracyError,
  },
  {
    key: "skill",
    name: "Skill",
    format: ratio,
    formatDifference: (value) => fixed(value, 3, true),
    better: 1,
    full: 0.01,
    error: skillError,
  },
  {
    key: "temperature",
    name: "Temperature",
    format: temperature,
    formatDifference: (value) => fixed(value, 2, true),
    better: 0,
    full: 0.1,
    error: () => NaN,
  },
  {
    key: "expected_calibration_error",
    name: "Calibration error",
    format: share,
    formatDifference: points,
    better: -1,
    full: 0.01,
    error: () => NaN,
  },
];

/**
 * A difference of shares in percentage points.
 * @param {number} difference
 */
export function points(difference) {
  return fixed(100 * difference, 1, true);
}

/**
 * A figure of two passes.
 *
 * @param {Figure} figure
 * @param {Side} shown
 * @param {number} shownPosition of the pass, -1 where there is none
 * @param {Side} other
 * @param {number} otherPosition
 * @returns {Difference}
 */
export function figureDifference(figure, shown, shownPosition, other, otherPosition) {
  /** @param {Side} side @param {number} position */
  const read = ({ series, split }, position) =>
    position < 0
      ? { value: NaN, error: NaN }
      : { value: scalar(series, split, figure.key, position), error: figure.error(series, split, position) };
  return difference(read(shown, shownPosition), read(other, otherPosition));
}

/**
 * The classes that both sides have.
 *
 * @param {Side} shown
 * @param {Side} other
 * @param {number} epoch number of the epoch; of each side the last pass at or before it counts
 * @returns {ClassDifference[]} in the order of the shown series
 */
export function classDifferences(shown, other, epoch) {
  const shownPosition = passAtEpoch(shown.series, shown.split, epoch);
  const otherPosition = passAtEpoch(other.series, other.split, epoch);
  const otherRows = rowsByName(other.series);
  const differences = [];
  for (const [row, name] of shown.series.class_names.entries()) {
    const otherRow = otherRows.get(name);
    if (otherRow === undefined) continue;
    /** @param {string} key @param {typeof classNatsError} error */
    const between = (key, error) =>
      difference(classRead(shown, key, error, shownPosition, row), classRead(other, key, error, otherPosition, otherRow));
    differences.push({
      row,
      name,
      support: classRead(shown, "support", () => NaN, shownPosition, row).value,
      crossEntropy: between("class_cross_entropy", classNatsError),
      accuracy: between("class_accuracy", classAccuracyError),
    });
  }
  return differences;
}

/**
 * How many standard errors the difference is away from 0; NaN where no error is known.
 * @param {Difference} difference
 */
export function errorsAway({ difference, error }) {
  return Math.abs(difference) / error;
}

/**
 * Whether a difference may be chance. One without a known error counts as noise: nothing says that it is more.
 * @param {Difference} difference
 * @param {number} noise standard errors that it has to exceed
 */
export function withinNoise(difference, noise) {
  return !(errorsAway(difference) > noise);
}

/**
 * The difference that fills a bar, for differences that are seen together: the largest of them, but no less than what
 * could be told from noise.
 *
 * @param {Difference[]} differences
 * @param {number} noise standard errors
 * @param {number} least
 */
export function fullBar(differences, noise, least) {
  const largest = differences.reduce((most, { difference }) => Math.max(most, Math.abs(difference) || 0), least);
  const error = differences.reduce((smallest, one) => (one.error < smallest ? one.error : smallest), Infinity);
  return Number.isFinite(error) ? Math.max(largest, noise * error) : largest;
}

/** What the table can be sorted by. @type {Record<string, (item: ClassDifference) => number | string>} */
const SORT_VALUES = {
  name: (item) => item.name,
  support: (item) => item.support,
  errors: (item) => errorsAway(item.crossEntropy),
  shown_cross_entropy: (item) => item.crossEntropy.shown,
  other_cross_entropy: (item) => item.crossEntropy.other,
  cross_entropy: (item) => item.crossEntropy.difference,
  shown_accuracy: (item) => item.accuracy.shown,
  other_accuracy: (item) => item.accuracy.other,
  accuracy: (item) => item.accuracy.difference,
};

/**
 * @param {ClassDifference[]} items
 * @param {State["differenceSort"]} sort
 * @returns {ClassDifference[]} those without a value last, whatever the direction; ties by row
 */
export function sortedDifferences(items, { key, direction }) {
  const value = SORT_VALUES[key];
  const keyed = items.map((item) => ({ item, value: value(item) }));
  keyed.sort((a, b) => compare(a.value, b.value, direction) || a.item.row - b.item.row);
  return keyed.map(({ item }) => item);
}

/**
 * @param {number | string} a
 * @param {number | string} b
 * @param {1 | -1} direction
 */
function compare(a, b, direction) {
  if (typeof a === "string" || typeof b === "string") return direction * String(a).localeCompare(String(b));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : direction * (a < b ? -1 : 1);
}

/** @typedef {{value: number, error: number}} Measured */

/**
 * @param {Measured} shown
 * @param {Measured} other
 * @returns {Difference}
 */
function difference(shown, other) {
  return {
    shown: shown.value,
    other: other.value,
    difference: other.value - shown.value,
    error: Math.hypot(shown.error, other.error),
  };
}

/**
 * @param {Side} side
 * @param {string} key
 * @param {typeof classNatsError} error
 * @param {number} position of the pass, -1 where there is none
 * @param {number} row
 * @returns {Measured}
 */
function classRead({ series, split }, key, error, position, row) {
  if (position < 0) return { value: NaN, error: NaN };
  return { value: classValue(series, split, key, position, row), error: error(series, split, position, row) };
}

/** @type {Figure["error"]} */
function natsError(series, split, position) {
  return scalar(series, split, "standard_error", position);
}

/** @type {Figure["error"]} */
function skillError(series, split, position) {
  return natsError(series, split, position) / scalar(series, split, "prior_entropy", position);
}

/** @type {Figure["error"]} */
function accuracyError(series, split, position) {
  return shareError(scalar(series, split, "accuracy", position), scalar(series, split, "num_examples", position));
}

/**
 * @param {Series} series
 * @param {Split} split
 * @param {number} position
 * @param {number} row
 */
function classNatsError(series, split, position, row) {
  return classValue(series, split, "class_standard_error", position, row);
}

/** @type {typeof classNatsError} */
function classAccuracyError(series, split, position, row) {
  // Of a label every example is a decision; of a class only its own are.
  const examples =
    series.task === "multilabel"
      ? scalar(series, split, "num_examples", position)
      : classValue(series, split, "support", position, row);
  return shareError(classValue(series, split, "class_accuracy", position, row), examples);
}

/**
 * Standard error of a share, with Laplace's rule of succession so that 0 and 1 are not taken for certain; the same as in
 * `xent_monitor.alerts.noise`.
 *
 * @param {number} value in [0, 1]
 * @param {number} examples
 */
export function shareError(value, examples) {
  const smoothed = (value * examples + 1) / (examples + 2);
  return Math.sqrt((smoothed * (1 - smoothed)) / examples);
}
