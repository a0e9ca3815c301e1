/** Many rows on few lines: each line shows the worst of its rows, so that none is dropped without a word. */

/**
 * Which of `count` things fall into part `index` of `parts`: a half-open range, never empty. Neighbouring parts share the thing
 * that their border cuts, so that none is in no part.
 *
 * @param {number} index
 * @param {number} parts at most `count`
 * @param {number} count
 * @returns {[number, number]}
 */
export function share(index, parts, count) {
  const from = Math.floor((index * count) / parts);
  return [from, Math.max(from + 1, Math.min(count, Math.ceil(((index + 1) * count) / parts)))];
}

/**
 * @param {(position: number, row: number) => number} valueOf
 * @param {number[]} rows in the order in which they are drawn
 * @param {number} first first of them that is drawn
 * @param {number} end the one after the last
 * @param {number} lines how many lines there are, at most `end - first`
 * @param {number} numEpochs
 * @param {1 | -1} worst 1 where more is worse, -1 where less is
 * @returns {Float32Array} shape (lines, numEpochs); NaN only where all rows of a line are
 */
export function pool(valueOf, rows, first, end, lines, numEpochs, worst) {
  const pooled = new Float32Array(lines * numEpochs).fill(NaN);
  for (let line = 0; line < lines; line++) {
    const [from, to] = share(line, lines, end - first);
    for (let index = first + from; index < first + to; index++) {
      for (let position = 0; position < numEpochs; position++) {
        const value = valueOf(position, rows[index]);
        const at = line * numEpochs + position;
        if (!Number.isNaN(value) && (Number.isNaN(pooled[at]) || worst * value > worst * pooled[at])) pooled[at] = value;
      }
    }
  }
  return pooled;
}
