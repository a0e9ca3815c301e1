/** Ticks, and the scale of colours of a quantity. */

/** @typedef {import("./quantities.js").Quantity} Quantity */

/**
 * Round numbers between two, ends included.
 * @param {number} low
 * @param {number} high
 * @param {number} [about] how many
 * @returns {number[]} at least one where the two differ by nothing
 */
export function ticks(low, high, about = 5) {
  if (!(high > low)) return [low];
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  const found = [];
  // The tolerance keeps ends that rounding has moved past the range.
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-6; index++) {
    found.push(Number((index * step).toPrecision(10)));
  }
  return found;
}

/**
 * Positions of the epochs that get a label on an axis.
 * @param {number[]} epochs numbers of the epochs, rising
 * @param {number} width of the axis, pixels
 * @returns {number[]} positions in `epochs`
 */
export function epochTicks(epochs, width) {
  if (epochs.length < 2) return epochs.length ? [0] : [];
  const about = Math.max(2, Math.min(10, Math.floor(width / 60)));
  const named = ticks(epochs[0], epochs[epochs.length - 1], about).filter(Number.isInteger);
  const positions = new Map(epochs.map((epoch, position) => [epoch, position]));
  const found = named.flatMap((epoch) => positions.get(epoch) ?? []);
  // Epochs with gaps may lie beside every round number.
  return found.length ? found : [0, epochs.length - 1];
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
 * @property {(value: number) => number} at share of the ramp, in [0, 1] after clipping
 * @property {(share: number) => number} inverse
 */

/** Share of the values beyond which a cross-entropy is only "or more". */
const CLIPPED = 0.995;

/**
 * From values to shares of the ramp, the same for all epochs, so that a colour means the same whichever is chosen.
 *
 * Cross-entropies and counts: square root from 0, because most classes are low and the few high ones matter;
 * cross-entropies are clipped at their 99.5th percentile, or at six tenths of the yardstick if that is more. Shares: from
 * the second percentile, rounded down to a tenth, to 1; turned round where less of them is trouble.
 *
 * @param {ArrayLike<number>} values all of them; NaN is left out
 * @param {Quantity} quantity
 * @param {number} yardstick prior entropy, nats; NaN for none
 * @returns {ColourScale}
 */
export function colourScale(values, quantity, yardstick) {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  return quantity.share ? shareScale(sorted, quantity) : rootScale(sorted, quantity, yardstick);
}

/**
 * @param {Float64Array} sorted
 * @param {Quantity} quantity
 * @returns {ColourScale}
 */
function shareScale(sorted, quantity) {
  const second = sorted.length ? sorted[Math.floor(sorted.length * 0.02)] : 0;
  // All values may be 1: the scale still needs two ends.
  const low = Math.min(0.9, Math.floor(second * 10 + 1e-9) / 10);
  const up = (/** @type {number} */ value) => (value - low) / (1 - low);
  const down = (/** @type {number} */ share) => low + share * (1 - low);
  if (quantity.ramp === "neutral") return { low, high: 1, clipped: false, at: up, inverse: down };
  return { low: 1, high: low, clipped: sorted.length > 0 && sorted[0] < low, at: (value) => 1 - up(value), inverse: (share) => down(1 - share) };
}

/**
 * @param {Float64Array} sorted
 * @param {Quantity} quantity
 * @param {number} yardstick
 * @returns {ColourScale}
 */
function rootScale(sorted, quantity, yardstick) {
  const largest = sorted.length ? sorted[sorted.length - 1] : 1;
  let high = largest;
  if (quantity.ramp === "trouble" && sorted.length) {
    const percentile = sorted[Math.floor((sorted.length - 1) * CLIPPED)];
    high = Math.min(largest, Math.max(percentile, Number.isFinite(yardstick) ? 0.6 * yardstick : 0));
  }
  high = high > 0 ? high : 1;
  return {
    low: 0,
    high,
    clipped: largest > high,
    at: (value) => Math.sqrt(Math.max(0, value) / high),
    inverse: (share) => share * share * high,
  };
}
