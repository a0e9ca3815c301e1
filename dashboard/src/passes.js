/** Reading the arrays of a series: values at a position, the last pass before it, the best so far. */

/** @typedef {import("./types.js").Series} Series */
/** @typedef {import("./types.js").Split} Split */
/** @typedef {import("./types.js").SplitArrays} SplitArrays */
/** @typedef {import("./types.js").Numbers} Numbers */

const NONE = new Float64Array(0);

/**
 * The arrays of a split; none where the run has no such split.
 * @param {Series} series
 * @param {Split} split
 * @returns {SplitArrays}
 */
export function splitArrays(series, split) {
  return series.arrays[split] ?? {};
}

/**
 * The split that stands beside another, the first of the rest; null where it is the only one.
 * @param {Series} series
 * @param {Split} split
 * @returns {Split | null}
 */
export function otherSplit(series, split) {
  return series.splits.find((candidate) => candidate !== split) ?? null;
}

/**
 * A quantity by epoch; empty where the split has none.
 * @param {Series} series
 * @param {Split} split
 * @param {string} name
 * @returns {Numbers} shape (E,)
 */
export function scalarValues(series, split, name) {
  return splitArrays(series, split)[name] ?? NONE;
}

/**
 * A quantity at a position; NaN where there is no pass.
 * @param {Series} series
 * @param {Split} split
 * @param {string} name
 * @param {number} position
 */
export function scalar(series, split, name, position) {
  return scalarValues(series, split, name)[position] ?? NaN;
}

/**
 * A quantity of a class at a position; NaN where there is no pass, or the class has no example.
 * @param {Series} series
 * @param {Split} split
 * @param {string} name
 * @param {number} position
 * @param {number} row index in `series.class_names`
 */
export function classValue(series, split, name, position, row) {
  return splitArrays(series, split)[name]?.[position * series.class_names.length + row] ?? NaN;
}

/**
 * A quantity of a class by epoch.
 * @param {Series} series
 * @param {Split} split
 * @param {string} name
 * @param {number} row
 * @returns {Float64Array} shape (E,)
 */
export function classValues(series, split, name, row) {
  return Float64Array.from(series.epochs, (_, position) => classValue(series, split, name, position, row));
}

/**
 * Whether a split has a pass at a position. A pass without a single valid row is one too.
 * @param {Series} series
 * @param {Split} split
 * @param {number} position
 */
export function hasPass(series, split, position) {
  return !Number.isNaN(scalar(series, split, "num_examples", position));
}

/**
 * Position of the last pass of a split at or before a position: what was known then.
 * @param {Series} series
 * @param {Split} split
 * @param {number} position
 * @returns {number} -1 where there is none
 */
export function passAt(series, split, position) {
  let found = position;
  while (found >= 0 && !hasPass(series, split, found)) found--;
  return found;
}

/**
 * Position of the best value so far; -1 where none is a number.
 * @param {ArrayLike<number>} values
 * @param {number} upTo last position that counts
 * @param {1 | -1} [direction] 1 where less is better, -1 where more is
 */
export function best(values, upTo, direction = 1) {
  let found = -1;
  for (let position = 0; position <= upTo && position < values.length; position++) {
    const value = values[position];
    if (!Number.isNaN(value) && (found < 0 || direction * value < direction * values[found])) found = position;
  }
  return found;
}

/**
 * How far the cross-entropy of a class is above its own best so far, nats; NaN where it has none at the position.
 * @param {Series} series
 * @param {Split} split
 * @param {number} row
 * @param {number} position
 */
export function rise(series, split, row, position) {
  const values = splitArrays(series, split).class_cross_entropy;
  if (!values) return NaN;
  const rows = series.class_names.length;
  let least = Infinity;
  for (let at = row; at <= position * rows + row; at += rows) if (values[at] < least) least = values[at];
  return values[position * rows + row] - least;
}

/**
 * Position of the last epoch that is not after the given one; 0 where all are.
 * @param {Series} series
 * @param {number} epoch number of the epoch
 */
export function nearestPosition(series, epoch) {
  let found = 0;
  for (let position = 1; position < series.epochs.length && series.epochs[position] <= epoch; position++) found = position;
  return found;
}
