/**
 * Where the views of confidence have their counts from: all classes together, or the chosen one.
 *
 * Whatever keeps them from being drawn is said in a sentence, which takes their place.
 */

import { count } from "../format.js";
import { passAt, splitArrays } from "../passes.js";

/** @typedef {import("../types.js").Numbers} Numbers */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").SplitArrays} SplitArrays */

/**
 * @typedef {Object} Source
 * @property {SplitArrays} arrays of the chosen split
 * @property {number[]} epochs that the arrays are by
 * @property {number} epoch number of the pass that is shown
 * @property {string | null} className null for all classes together
 */

/** @typedef {{missing: string, pending?: boolean}} Missing why there is nothing to draw; `pending` until an answer arrives */

/**
 * Name of the class that the views of confidence show; null where they show all.
 * @param {State} state
 */
export function shownClass({ series, row, scope }) {
  return series && row !== null && scope === "class" ? series.class_names[row] : null;
}

/**
 * @param {State} state with a series
 * @returns {Source | Missing}
 */
export function sourceOf(state) {
  const { split, position } = state;
  const series = /** @type {import("../types.js").Series} */ (state.series);
  const pass = passAt(series, split, position);
  if (pass < 0) return { missing: `The ${split} split was not measured up to epoch ${series.epochs[position]}.` };
  const epoch = series.epochs[pass];
  const className = shownClass(state);
  if (className === null) return { arrays: splitArrays(series, split), epochs: series.epochs, epoch, className };

  const { detail, failures } = state;
  if (failures.detail) return { missing: `The histograms of "${className}" could not be fetched. ${failures.detail}` };
  // Of a run that has grown, what is there may end before the epoch.
  if (detail?.class !== series.class_indices[Number(state.row)] || !detail.epochs.includes(epoch)) {
    return { missing: `Fetching the histograms of "${className}" …`, pending: true };
  }
  return { arrays: detail.arrays[split] ?? {}, epochs: detail.epochs, epoch, className };
}

/**
 * The part of an array by epoch that is of one epoch; null where it is not there, or was not measured then.
 *
 * @param {Source} source
 * @param {string} name
 * @param {number} epoch number of the epoch
 * @returns {Numbers | null}
 */
export function partOf({ arrays, epochs }, name, epoch) {
  const values = arrays[name];
  const position = epochs.indexOf(epoch);
  if (!values || position < 0) return null;
  const length = values.length / epochs.length;
  const part = values.subarray(position * length, (position + 1) * length);
  return part.every(Number.isNaN) ? null : part;
}

/**
 * Number of the first epoch before a given one that an array has values of; null where there is none.
 *
 * @param {Source} source
 * @param {string} name
 */
export function firstEpoch(source, name) {
  return source.epochs.find((epoch) => epoch < source.epoch && partOf(source, name, epoch)) ?? null;
}

/** Most classes for which confidences are kept for each. */
const KEPT_CLASSES = 256;

/**
 * Why there are no confidences of an epoch.
 * @param {Source} source
 * @param {State} state
 */
export function absence({ className, epoch }, { series }) {
  const classes = series?.num_classes ?? 0;
  if (className === null) return `Epoch ${epoch} was recorded with another number of bins than the last one.`;
  if (classes <= KEPT_CLASSES) return `No confidences of "${className}" were recorded in epoch ${epoch}.`;
  return `Confidences by class are kept up to ${KEPT_CLASSES} classes, and this run has ${count(classes)}.`;
}
