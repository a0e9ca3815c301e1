/** Axes of the phase plot: the logarithm of the cross-entropy, and the accuracy. */

/**
 * Cross-entropies below this, in nats, are drawn at it: a logarithm has no place for 0, and what rounds to 0.000 is not
 * worth half the width of a plot.
 */
export const FLOOR = 0.001;

/** A training moves at least so much; less than that is noise, which must not be blown up to the full height. */
const LEAST_RATIO = 1.5;
const LEAST_RANGE = { all: 0.1, class: 0.3 };

/**
 * @typedef {Object} Axes
 * @property {[number, number]} nats ends of the axis of the cross-entropy, > 0
 * @property {[number, number]} share ends of the axis of the accuracy, a little beyond [0, 1] at most
 */

/**
 * @param {number[]} crossEntropies finite, nats; at least one
 * @param {number[]} accuracies finite, in [0, 1]; at least one
 * @param {"all" | "class"} scope a class has few examples, so that its accuracy moves by more
 * @returns {Axes}
 */
export function phaseAxes(crossEntropies, accuracies, scope) {
  return { nats: natsAxis(crossEntropies), share: shareAxis(accuracies, LEAST_RANGE[scope]) };
}

/**
 * @param {number[]} values
 * @returns {[number, number]}
 */
function natsAxis(values) {
  const logarithms = values.map((value) => Math.log(Math.max(value, FLOOR)));
  const [low, high] = extremes(logarithms);
  const half = Math.max(Math.log(LEAST_RATIO) / 2, (high - low) / 2 + 0.06);
  return [Math.exp((low + high) / 2 - half), Math.exp((low + high) / 2 + half)];
}

/**
 * @param {number[]} values
 * @param {number} least
 * @returns {[number, number]}
 */
function shareAxis(values, least) {
  const [lowest, highest] = extremes(values);
  const half = Math.max(least / 2, (highest - lowest) / 2 + 0.02);
  const margin = 0.01;
  // Moved, not cut, where it reaches beyond 0 or 1: the axis keeps its length.
  const middle = Math.min(Math.max((lowest + highest) / 2, half - margin), 1 + margin - half);
  return [Math.max(middle - half, -margin), Math.min(middle + half, 1 + margin)];
}

/**
 * @param {number[]} values
 * @returns {[number, number]}
 */
function extremes(values) {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/**
 * Round numbers on a logarithmic axis: as many as keep `gap` pixels between neighbours.
 *
 * @param {number} low > 0
 * @param {number} high > low
 * @param {number} width of the axis, pixels
 * @param {number} [gap]
 * @returns {number[]}
 */
export function logTicks(low, high, width, gap = 36) {
  const perLogarithm = width / Math.log(high / low);
  const candidates = STEPS.map((steps) => roundNumbers(steps, low, high));
  const fitting = candidates.filter((ticks) => leastRatio(ticks) >= Math.exp(gap / perLogarithm));
  return fitting.reduce((most, ticks) => (ticks.length > most.length ? ticks : most), []);
}

/** First figures of the ticks in each power of ten. */
const STEPS = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5],
  [1, 1.5, 2, 3, 4, 5, 6, 8],
  [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5],
];

/**
 * @param {number[]} steps
 * @param {number} low
 * @param {number} high
 */
function roundNumbers(steps, low, high) {
  const numbers = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const step of steps) numbers.push(Number(`${step}e${power}`));
  }
  return numbers.filter((number) => number >= low && number <= high);
}

/** @param {number[]} ticks */
function leastRatio(ticks) {
  return Math.min(Infinity, ...ticks.slice(1).map((tick, index) => tick / ticks[index]));
}
