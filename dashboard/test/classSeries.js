/** A small run for tests of the heatmap and the table of classes. */

import { INITIAL } from "../src/store.js";

const NAN = NaN;

/**
 * Three classes, validation measured in epochs 1 and 3 of 0 to 3, train in each. "kiwi" has no example in validation.
 * @returns {import("../src/types.js").Series}
 */
export function smallSeries() {
  const validation = {
    num_examples: Float64Array.of(NAN, 30, NAN, 30),
    prior_entropy: Float64Array.of(NAN, 1, NAN, 1),
    ...byClass([
      [NAN, NAN, NAN],
      [2, 0.5, NAN],
      [NAN, NAN, NAN],
      [3, 0.75, NAN],
    ]),
    class_standard_error: Float32Array.from([NAN, NAN, NAN, 0.1, 0.1, NAN, NAN, NAN, NAN, 0.1, 0.25, NAN]),
    support: Float64Array.of(NAN, NAN, NAN, 10, 20, 0, NAN, NAN, NAN, 10, 20, 0),
  };
  const train = {
    num_examples: Float64Array.of(90, 90, 90, 90),
    prior_entropy: Float64Array.of(1, 1, 1, 1),
    ...byClass([
      [4, 3, 2],
      [3, 2, 1],
      [2, 1, 0.5],
      [1, 0.5, 0.25],
    ]),
  };
  return {
    run: "fruits",
    output: "",
    task: "multiclass",
    num_classes: 3,
    num_bins: 15,
    epochs: [0, 1, 2, 3],
    stamp: "1",
    class_indices: [0, 1, 2],
    class_names: ["apple", "pear", "kiwi"],
    splits: ["validation", "train"],
    divergences: [],
    noise: 3,
    arrays: { validation, train },
  };
}

/** @param {number[][]} crossEntropies by epoch and class */
function byClass(crossEntropies) {
  const class_cross_entropy = Float32Array.from(crossEntropies.flat());
  const class_accuracy = class_cross_entropy.map((value) => Math.exp(-value));
  return { class_cross_entropy, class_accuracy, class_precision: class_accuracy, class_confidence: class_accuracy };
}

/**
 * @param {Partial<import("../src/types.js").State>} [chosen]
 * @returns {import("../src/types.js").State & {series: import("../src/types.js").Series}}
 */
export function smallState(chosen = {}) {
  return { ...INITIAL, series: smallSeries(), position: 3, settled: 3, ...chosen };
}

/**
 * An alert about "apple" that fires from epoch 3 on.
 * @returns {import("../src/types.js").Alerts}
 */
export function smallAlerts() {
  return {
    recorded: true,
    rules: [{ name: "neglected-class", severity: "warning" }],
    instances: [
      {
        rule: "neglected-class",
        severity: "warning",
        split: "validation",
        class: 0,
        class_name: "apple",
        spans: [{ state: "firing", first: 3, last: 3 }],
        events: [{ state: "firing", epoch: 3, message: "", value: 3, threshold: 1 }],
      },
    ],
    more: {},
  };
}
