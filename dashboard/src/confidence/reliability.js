/** Accuracy by confidence: the bins, and what they say. Pure. */

import { share } from "../format.js";
import { absence, firstEpoch, partOf, sourceOf } from "./source.js";

/** @typedef {import("../types.js").Numbers} Numbers */

/**
 * @typedef {Object} Bin
 * @property {number} confidence mean of the answers of the bin; NaN without any
 * @property {number} accuracy NaN without any
 * @property {number} count
 * @property {number} low lower end of the 95 % interval of the accuracy
 * @property {number} high
 */

/**
 * @typedef {Object} Reliability
 * @property {Bin[]} bins
 * @property {Bin[] | null} first those of the first pass; null where that is the pass shown
 * @property {number | null} firstEpoch
 * @property {number} epoch number of the epoch of the pass
 * @property {string | null} className
 */

const COLUMNS = 5;

/**
 * @param {import("../types.js").State} state with a series
 * @returns {Reliability | import("./source.js").Missing}
 */
export function reliabilityOf(state) {
  const source = sourceOf(state);
  if ("missing" in source) return source;
  const part = partOf(source, "reliability", source.epoch);
  if (!part) return { missing: absence(source, state) };
  const first = firstEpoch(source, "reliability");
  return {
    bins: binsOf(part),
    first: first === null ? null : binsOf(/** @type {Numbers} */ (partOf(source, "reliability", first))),
    firstEpoch: first,
    epoch: source.epoch,
    className: source.className,
  };
}

/**
 * @param {Numbers} part (B, 5)
 * @returns {Bin[]}
 */
function binsOf(part) {
  return Array.from({ length: part.length / COLUMNS }, (_, bin) => {
    const [confidence, accuracy, count, low, high] = part.subarray(bin * COLUMNS, (bin + 1) * COLUMNS);
    return { confidence, accuracy, count, low, high };
  });
}

/**
 * On which side of the diagonal a bin is: `within` where the interval of the accuracy holds the confidence.
 *
 * @param {Bin} bin with examples
 * @returns {"over" | "under" | "within"}
 */
export function sideOf({ confidence, low, high }) {
  if (confidence > high) return "over";
  return confidence < low ? "under" : "within";
}

/** Words of the sides. */
export const SIDES = { over: "too sure", under: "too timid", within: "within noise" };

/**
 * What the diagram shows, for those who do not see it.
 * @param {Bin[]} bins
 */
export function reliabilityInWords(bins) {
  const full = bins.filter((bin) => bin.count > 0);
  if (!full.length) return "no examples";
  const sides = full.map(sideOf);
  const counted = /** @type {const} */ (["over", "under", "within"])
    .map((side) => `${sides.filter((own) => own === side).length} ${SIDES[side]}`)
    .join(", ");
  const widest = full.reduce((found, bin) => (Math.abs(gapOf(bin)) > Math.abs(gapOf(found)) ? bin : found));
  const judged = `${full.length} ${full.length === 1 ? "bin" : "bins"} with examples`;
  const gap = `where it says ${share(widest.confidence)} and is right ${share(widest.accuracy)}`;
  return `of ${judged} ${counted}; the largest gap ${gap}`;
}

/** @param {Bin} bin */
function gapOf({ confidence, accuracy }) {
  return confidence - accuracy;
}
