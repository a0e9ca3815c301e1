/** Numbers of a confusion matrix: shares of the row, and the worst of several fields. Pure. */

/** @typedef {import("../types.js").Numbers} Numbers */

/**
 * @typedef {Object} Matrix
 * @property {number} size number of classes K
 * @property {Numbers} counts (K, K), rows true, columns predicted
 * @property {Float64Array} totals examples of each true class
 */

/**
 * @param {Numbers} counts (K, K)
 * @returns {Matrix}
 */
export function matrixOf(counts) {
  const size = Math.round(Math.sqrt(counts.length));
  const totals = new Float64Array(size);
  for (let index = 0; index < counts.length; index++) totals[Math.floor(index / size)] += counts[index];
  return { size, counts, totals };
}

/**
 * @param {Matrix} matrix
 * @param {number} truth
 * @param {number} predicted
 */
export function countAt({ size, counts }, truth, predicted) {
  return counts[truth * size + predicted];
}

/**
 * Share of the examples of a class that were taken for another, or for itself; 0 where there are none.
 * @param {Matrix} matrix
 * @param {number} truth
 * @param {number} predicted
 */
export function shareAt(matrix, truth, predicted) {
  return countAt(matrix, truth, predicted) / (matrix.totals[truth] || 1);
}

/**
 * The mistake with the largest share of its row among several fields; without any mistake the right answers of the first
 * class that is among them on both sides, else the first field.
 *
 * @param {Matrix} matrix
 * @param {[number, number]} rows half-open range of true classes
 * @param {[number, number]} columns half-open range of predicted classes
 * @returns {[number, number]} true and predicted class
 */
export function worstOf(matrix, [top, bottom], [left, right]) {
  if (bottom - top === 1 && right - left === 1) return [top, left];
  const diagonal = Math.max(top, left);
  /** @type {[number, number]} */
  let found = diagonal < Math.min(bottom, right) ? [diagonal, diagonal] : [top, left];
  let most = 0;
  for (let truth = top; truth < bottom; truth++) {
    for (let predicted = left; predicted < right; predicted++) {
      const share = truth === predicted ? 0 : shareAt(matrix, truth, predicted);
      if (share <= most) continue;
      found = [truth, predicted];
      most = share;
    }
  }
  return found;
}
