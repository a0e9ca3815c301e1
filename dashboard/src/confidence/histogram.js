/** Counts by confidence: what the histogram shows, and in which part of the axis. Pure. */

import { absence, firstEpoch, partOf, sourceOf } from "./source.js";

/** @typedef {import("../types.js").State} State */

/**
 * Counts of one pass, B bins.
 * @typedef {Object} Counts
 * @property {number[]} up right answers, or all examples by the probability of their true class
 * @property {number[]} down wrong answers; zeros where answers are not told apart
 */

/**
 * @typedef {Object} Histogram
 * @property {"confidence" | "truth"} kind `truth`: by the probability of the true class, where confidences were not kept
 * @property {Counts} counts
 * @property {Counts | null} first of the first pass; null where that is the pass shown
 * @property {number | null} firstEpoch
 * @property {number} epoch number of the epoch of the pass
 * @property {string | null} className
 * @property {string} note why it is not of what was asked for; empty where it is
 */

/**
 * @param {State} state with a series
 * @returns {Histogram | import("./source.js").Missing}
 */
export function histogramOf(state) {
  const source = sourceOf(state);
  if ("missing" in source) return source;
  for (const kind of /** @type {const} */ (["confidence", "truth"])) {
    const name = kind === "confidence" ? "confidence_histogram" : "true_class_probability_histogram";
    const part = partOf(source, name, source.epoch);
    if (!part) continue;
    const first = firstEpoch(source, name);
    const meaning = `This is the probability that the examples of "${source.className}" get for it.`;
    return {
      kind,
      counts: countsOf(kind, part),
      first: first === null ? null : countsOf(kind, /** @type {import("../types.js").Numbers} */ (partOf(source, name, first))),
      firstEpoch: first,
      epoch: source.epoch,
      className: source.className,
      note: kind === "truth" ? `${absence(source, state)} ${meaning}` : "",
    };
  }
  return { missing: absence(source, state) };
}

/**
 * @param {"confidence" | "truth"} kind
 * @param {import("../types.js").Numbers} part `confidence`: (2, B), wrong before right; `truth`: (B,)
 * @returns {Counts}
 */
function countsOf(kind, part) {
  const values = Array.from(part);
  if (kind === "truth") return { up: values, down: values.map(() => 0) };
  const half = values.length / 2;
  return { up: values.slice(half), down: values.slice(0, half) };
}

/**
 * The first bin of the axis of confidence. The largest of two probabilities that sum to 1 is at least one half, so that
 * with two outcomes lower bins are left out, if nothing fell into them all the same.
 *
 * @param {number} outcomes K, and 2 for a decision on a label
 * @param {number[]} totals examples of each bin, over all that is drawn
 */
export function firstBin(outcomes, totals) {
  if (outcomes > 2) return 0;
  const occupied = totals.findIndex((total) => total > 0);
  const half = Math.floor(totals.length / 2);
  return occupied < 0 ? half : Math.min(half, occupied);
}

/**
 * How many outcomes a decision of the run has.
 * @param {import("../types.js").Series} series
 */
export function outcomesOf(series) {
  return series.task === "multilabel" ? 2 : series.num_classes;
}

/**
 * What is counted: examples, or decisions on a label of them.
 * @param {import("../types.js").Series} series
 */
export function unitOf({ task }) {
  return task === "multilabel" ? "decisions" : "examples";
}

/** @param {number[]} values */
export function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}
