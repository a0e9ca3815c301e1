/** What can be shown of each class: by name on the server, with its words, its form, and which end of it is trouble. */

import { count, nats, share } from "./format.js";

/** @typedef {import("./types.js").Task} Task */

/**
 * @typedef {Object} Quantity
 * @property {string} key name of the arrays by class
 * @property {string} name
 * @property {string} unit empty for shares
 * @property {(value: number | null | undefined) => string} format
 * @property {1 | -1} worst 1 where more is worse (or, of neutral ones, sorted first), -1 where less is
 * @property {"trouble" | "neutral"} ramp whether one end is trouble, or neither
 * @property {boolean} share whether values are in [0, 1]
 */

/** @type {Quantity} */
const CROSS_ENTROPY = {
  key: "class_cross_entropy",
  name: "Cross-entropy",
  unit: "nats",
  format: nats,
  worst: 1,
  ramp: "trouble",
  share: false,
};

/** @type {Quantity[]} */
const COMMON = [
  CROSS_ENTROPY,
  { key: "class_accuracy", name: "Accuracy (recall)", unit: "", format: share, worst: -1, ramp: "trouble", share: true },
  { key: "class_precision", name: "Precision", unit: "", format: share, worst: -1, ramp: "trouble", share: true },
  { key: "class_confidence", name: "Confidence", unit: "", format: share, worst: -1, ramp: "neutral", share: true },
  { key: "support", name: "Support", unit: "examples", format: count, worst: -1, ramp: "neutral", share: false },
];

/** @type {Quantity[]} */
const MULTILABEL = COMMON.flatMap((quantity) => {
  if (quantity.key === "class_accuracy") return [{ ...quantity, name: "Accuracy" }];
  if (quantity.key === "support") return [{ ...quantity, name: "Positives" }];
  if (quantity !== CROSS_ENTROPY) return [quantity];
  return [
    quantity,
    { ...quantity, key: "class_positive_cross_entropy", name: "Cross-entropy of positives" },
    { ...quantity, key: "class_negative_cross_entropy", name: "Cross-entropy of negatives" },
  ];
});

/**
 * The quantities of a task, in the order in which they are offered.
 * @param {Task} task
 */
export function quantitiesOf(task) {
  return task === "multilabel" ? MULTILABEL : COMMON;
}

/**
 * The quantity of a name.
 * @param {string} key
 * @param {Task} [task] whose words are used
 */
export function quantity(key, task = "multilabel") {
  const found = quantitiesOf(task).find((known) => known.key === key) ?? MULTILABEL.find((known) => known.key === key);
  if (!found) throw new Error(`No class quantity ${key}. There are: ${MULTILABEL.map((known) => known.key).join(", ")}.`);
  return found;
}
