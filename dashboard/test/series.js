/** A small series for tests, in the shape in which `server.js` hands it on. */

/**
 * Three classes over four epochs; validation has no pass at position 2.
 * @param {Record<string, any>} [changes]
 * @returns {any}
 */
export function smallSeries(changes = {}) {
  return {
    run: "digits",
    output: "",
    task: "multiclass",
    num_classes: 3,
    num_bins: 2,
    epochs: [0, 1, 2, 3],
    stamp: "3-1",
    class_indices: [0, 1, 2],
    class_names: ["cat", "dog", "=ant, \"red\""],
    splits: ["validation", "train"],
    divergences: [],
    noise: 3,
    arrays: {
      validation: {
        num_examples: new Float64Array([30, 30, NaN, 30]),
        cross_entropy: new Float64Array([1, 0.5, NaN, 0.75]),
        class_cross_entropy: new Float32Array([1, 2, 0.5, 0.5, 2, NaN, NaN, NaN, NaN, 0.75, 1.5, 0.25]),
        class_standard_error: new Float32Array(12).fill(0.125),
        class_accuracy: new Float32Array([0.5, 0.25, 0.75, 0.5, 0.25, NaN, NaN, NaN, NaN, 1, 0.25, 0.5]),
        class_precision: new Float32Array(12).fill(0.5),
        class_confidence: new Float32Array(12).fill(0.5),
        support: new Float64Array([10, 15, 5, 10, 15, 5, NaN, NaN, NaN, 10, 15, 5]),
      },
      train: {
        num_examples: new Float64Array([60, 60, 60, 60]),
        class_cross_entropy: new Float32Array([3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1]),
      },
    },
    ...changes,
  };
}
