/** The columns of the table of classes: which there are, and what their headers say. */

import { otherSplit, splitArrays } from "../passes.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */

/**
 * @typedef {Object} Column
 * @property {string} key by which its header sorts, and its name in the document
 * @property {string} title
 * @property {string} hint what its numbers are
 * @property {number} width in pixels, in a table as narrow as it gets; wider tables share out the rest in proportion
 * @property {boolean} sortable
 */

const TREND_WIDTH = 78;

/** A table wider than this has room for the confidence. */
const WIDE = 640;

/** Short names, as Keras calls them. */
const SPLIT_TITLES = { train: "train", validation: "val", test: "test" };

/**
 * @param {Series} series
 * @param {Split} split
 * @param {number} width of the table, pixels
 * @returns {Column[]}
 */
export function columnsOf(series, split, width) {
  const multilabel = series.task === "multilabel";
  const other = otherSplit(series, split);
  const examples = multilabel ? "Examples that have the label" : "Examples of the class";
  /** @type {(Column | false | null)[]} */
  const columns = [
    column("name", multilabel ? "label" : "class", "With the gravest alert that fires", multilabel ? 104 : 118),
    column("trend", "trend", "Cross-entropy from 0 up; hollow dot: best so far, solid dot: chosen epoch", TREND_WIDTH, false),
    column("class_cross_entropy", "nats", `Cross-entropy, nats, ${split} split`, 60),
    other && column("other", SPLIT_TITLES[other], `Cross-entropy, nats, ${other} split`, 58),
    column("rise", "rise", "Cross-entropy above the best of the class so far, nats; grey: within noise", 60),
    multilabel && column("class_positive_cross_entropy", "nats +", "Cross-entropy over the examples that have the label, nats", 58),
    multilabel && column("class_negative_cross_entropy", "nats −", "Cross-entropy over the examples without the label, nats", 58),
    !multilabel && column("class_accuracy", "accuracy", "Share of the examples of the class that are right (recall)", 70),
    column("class_precision", "precision", "Share of the predictions of the class that are right", 72),
    width >= WIDE && column("class_confidence", "confidence", "Mean largest predicted probability", 82),
    column("support", multilabel ? "positives" : "n", examples, multilabel ? 70 : 48),
  ];
  const recorded = splitArrays(series, split);
  return columns.filter((each) => each !== false && each !== null).filter(({ key }) => !key.startsWith("class_") || recorded[key]);
}

/**
 * @param {string} key
 * @param {string} title
 * @param {string} hint
 * @param {number} width
 * @param {boolean} [sortable]
 * @returns {Column}
 */
function column(key, title, hint, width, sortable = true) {
  return { key, title, hint, width, sortable };
}
