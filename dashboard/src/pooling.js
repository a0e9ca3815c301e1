/** Many rows on few lines: each line shows the worst of its rows, so that none is dropped without a word. */

/**
 * @param {(position: number, row: number) => number} valueOf
 * @param {number[]} rows in the order in which they are drawn
 * @param {number} first first of them that is drawn
 * @param {number} end the one after the last
 * @param {number} lines how many lines there are
 * @param {number} numEpochs
 * @param {1 | -1} worst 1 where more is worse, -1 where less is
 * @returns {Float32Array} shape (lines, numEpochs); NaN only where all rows of a line are
 */
export function pool(valueOf, rows, first, end, lines, numEpochs, worst) {
  const pooled = new Float32Array(lines * numEpochs).fill(NaN);
  const perLine = (end - first) / lines;
  for (let line = 0; line < lines; line++) {
    const from = first + Math.floor(line * perLine + 1e-9);
    const to = Math.min(end, Math.max(from + 1, first + Math.ceil((line + 1) * perLine - 1e-9)));
    for (let index = from; index < to; index++) {
      for (let position = 0; position < numEpochs; position++) {
        const value = valueOf(position, rows[index]);
        const at = line * numEpochs + position;
        if (!Number.isNaN(value) && (Number.isNaN(pooled[at]) || worst * value > worst * pooled[at])) pooled[at] = value;
      }
    }
  }
  return pooled;
}
