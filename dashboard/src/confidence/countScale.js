/** The axis of counts: one scale for the bars above and below it. Pure. */

/**
 * @typedef {Object} CountScale
 * @property {(count: number) => number} length of a bar, pixels
 * @property {number} zero distance of the axis from the upper edge, pixels
 */

/**
 * @param {number} up the largest count above the axis
 * @param {number} down the largest below it
 * @param {number} height of both together, pixels
 * @param {"root" | "linear"} kind `root`: lengths go with the square root, so that small counts beside large ones are seen
 * @returns {CountScale}
 */
export function countScale(up, down, height, kind) {
  const of = kind === "root" ? Math.sqrt : (/** @type {number} */ count) => count;
  const whole = of(up) + of(down) || 1;
  return { length: (count) => (height * of(count)) / whole, zero: (height * of(up)) / whole };
}

/**
 * Round counts for the axis, from 1 on: 1, 2, 5, 10 and so on, as many as keep a distance from each other and from 0.
 *
 * @param {number} most the largest count
 * @param {(count: number) => number} length of a bar, pixels
 * @param {number} [distance] pixels
 */
export function countTicks(most, length, distance = 22) {
  const found = [];
  let last = 0;
  for (let power = 1; power <= most; power *= 10) {
    for (const factor of [1, 2, 5]) {
      const count = factor * power;
      if (count > most || length(count) - last < distance) continue;
      found.push(count);
      last = length(count);
    }
  }
  return found;
}
