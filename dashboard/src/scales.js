/** Ticks, and the scale of colours of a quantity. */

import { finite, quantile } from "./quantile.js";

/** @typedef {import("./quantities.js").Quantity} Quantity */

/**
 * Round numbers between two, ends included.
 * @param {number} low
 * @param {number} high
 * @param {number} [about] how many
 * @returns {number[]} rising; `low` alone where the two are the same, none where one of them is not finite
 */
export function ticks(low, high, about = 5) {
  if (!Number.isFinite(high - low)) return [];
  if (high <= low) return [low];
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  // The tolerances keep ends that rounding has moved past the range.
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-6);
  // 3 * 0.1 is 0.30000000000000004; what lies closer together than numbers are exact is one tick.
  const round = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  return [...new Set(round)];
}

/**
 * Positions of the epochs that get a label on an axis: those closest to round numbers.
 * @param {number[]} epochs numbers of the epochs, rising
 * @param {number} width of the axis, pixels
 * @returns {number[]} positions in `epochs`
 */
export function epochTicks(epochs, width) {
  if (epochs.length < 2) return epochs.length ? [0] : [];
  const about = Math.max(2, Math.min(10, Math.floor(width / 60)));
  const round = ticks(epochs[0], epochs[epochs.length - 1], about).filter(Number.isInteger);
  const apart = (round[1] - round[0]) / 2;
  /** @type {number[]} */
  const found = [];
  for (const epoch of round) {
    const position = closest(epochs, epoch);
    // Beside a wide gap several round numbers have the same epoch closest, or two that are next to each other.
    if (!found.length || epochs[position] - epochs[found[found.length - 1]] > apart) found.push(position);
  }
  return found;
}

/**
 * @param {number[]} epochs rising
 * @param {number} wanted not after the last of them
 * @returns {number} position of the epoch that is closest
 */
function closest(epochs, wanted) {
  const after = epochs.findIndex((epoch) => epoch >= wanted);
  return after > 0 && wanted - epochs[after - 1] < epochs[after] - wanted ? after - 1 : after;
}

/**
 * The least and the largest of the values that are finite; null where none is.
 * @param {ArrayLike<number>} values
 * @returns {[number, number] | null}
 */
export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? null : [low, high];
}

/**
 * @typedef {Object} ColourScale
 * @property {number} low value at the end without trouble, or of few
 * @property {number} high value at the other end
 * @property {boolean} clipped whether there are values beyond `high`, which take its colour
 * @property {(value: number) => number} at share of the ramp, in [0, 1]; NaN of NaN
 * @property {(share: number) => number} inverse
 */

/** Part of the values above which a cross-entropy is only "or more". */
const HIGH_TAIL = 0.995;

/** Part of the values below which a share that should be high is only "or less". */
const LOW_TAIL = 0.02;

/**
 * From values to shares of the ramp, the same for all epochs, so that a colour means the same whichever is chosen.
 *
 * It looks at all values, so keep it for a series, rather than make it for each drawing.
 *
 * @param {ArrayLike<number>} values of all classes and epochs; NaN is left out
 * @param {Quantity} quantity
 * @param {number} yardstick prior entropy, nats; NaN for none
 * @returns {ColourScale}
 */
export function colourScale(values, quantity, yardstick) {
  const numbers = finite(values);
  if (quantity.share) return quantity.ramp === "neutral" ? shareScale(numbers) : turnedScale(numbers);
  const scale = rootScale(numbers, quantity, yardstick);
  return { ...scale, clipped: scale.clipped || Array.prototype.includes.call(values, Infinity) };
}

/**
 * Shares of which neither end is trouble: from the least of them, rounded down to a tenth, to 1.
 * @param {Float64Array} values finite ones
 * @returns {ColourScale}
 */
function shareScale(values) {
  const low = tenthBelow(extent(values)?.[0]);
  return {
    low,
    high: 1,
    clipped: false,
    at: (value) => within((value - low) / (1 - low)),
    inverse: (share) => low + share * (1 - low),
  };
}

/**
 * Shares that are trouble where they are low: from 1 to their second percentile, rounded down to a tenth.
 * @param {Float64Array} values finite ones
 * @returns {ColourScale}
 */
function turnedScale(values) {
  const high = tenthBelow(quantile(values, LOW_TAIL));
  return {
    low: 1,
    high,
    clipped: (extent(values)?.[0] ?? 1) < high,
    at: (value) => within((1 - value) / (1 - high)),
    inverse: (share) => 1 - share * (1 - high),
  };
}

/**
 * Cross-entropies and counts: square root from 0, because most are low and the few high ones matter. Cross-entropies are
 * clipped at their 99.5th percentile, or at six tenths of the yardstick if that is more.
 *
 * @param {Float64Array} values finite ones
 * @param {Quantity} quantity
 * @param {number} yardstick
 * @returns {ColourScale}
 */
function rootScale(values, quantity, yardstick) {
  const largest = extent(values)?.[1] ?? 0;
  const enough = Math.max(quantile(values, HIGH_TAIL) ?? 0, Number.isFinite(yardstick) ? 0.6 * yardstick : 0);
  // The scale needs two ends, even if all values are 0.
  const high = (quantity.ramp === "trouble" ? Math.min(largest, enough) : largest) || 1;
  return {
    low: 0,
    high,
    clipped: largest > high,
    at: (value) => within(Math.sqrt(Math.max(0, value) / high)),
    inverse: (share) => share * share * high,
  };
}

/**
 * @param {number | undefined} share
 * @returns {number} at most 0.9, so that a scale from here to 1 has two ends; 0 for nothing
 */
function tenthBelow(share = 0) {
  return Math.min(0.9, Math.floor(share * 10 + 1e-9) / 10);
}

/** @param {number} share */
function within(share) {
  return Math.max(0, Math.min(1, share));
}
