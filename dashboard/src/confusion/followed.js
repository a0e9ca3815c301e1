/** One pair of classes over the epochs: the chosen one, else the most frequent. Pure. */

import { count, share } from "../format.js";

/** @typedef {import("../types.js").State} State */

/**
 * @typedef {Object} Followed
 * @property {string} trueName
 * @property {string} predictedName
 * @property {number[]} epochs
 * @property {number[]} counts NaN where there was no pass
 * @property {number[]} support examples of the true class
 * @property {boolean} exact
 * @property {boolean} chosen whether it was chosen, not only the most frequent
 */

/**
 * The pair that is followed; a sentence where it is not there (yet), null where there is none.
 *
 * @param {State} state
 * @returns {Followed | {missing: string} | null}
 */
export function followedPair({ series, split, confusion, pair, pairHistory, failures }) {
  if (pair) {
    if (failures.pairHistory) return { missing: `The history of the pair could not be fetched. ${failures.pairHistory}` };
    if (!pairHistory || !isOf(pairHistory, pair, split, confusion)) return { missing: "Fetching the history of the pair …" };
    return {
      trueName: pairHistory.true_name,
      predictedName: pairHistory.predicted_name,
      epochs: pairHistory.epochs,
      counts: numbers(pairHistory.counts),
      support: numbers(pairHistory.support),
      exact: pairHistory.exact,
      chosen: true,
    };
  }
  const first = confusion?.pairs[0];
  if (!series || !confusion || !first) return null;
  return {
    trueName: first.true_name,
    predictedName: first.predicted_name,
    epochs: series.epochs,
    ...historyOf(confusion, 0),
    exact: confusion.exact,
    chosen: false,
  };
}

/**
 * Whether a history is of a pair and a split, and reaches to the pass that is shown: of a run that has grown it may not yet.
 *
 * @param {import("../types.js").PairHistory} history
 * @param {[number, number]} pair
 * @param {import("../types.js").Split} split
 * @param {import("../types.js").Confusion | null} shown
 */
function isOf(history, [truth, predicted], split, shown) {
  const reaches = !shown || history.epochs.includes(shown.epoch);
  return history.true === truth && history.predicted === predicted && history.split === split && reaches;
}

/**
 * Counts and examples of one of the worst pairs, by position of the epoch.
 *
 * @param {import("../types.js").Confusion} confusion
 * @param {number} index of the pair
 */
export function historyOf({ pairs, history, support }, index) {
  const length = history.length / pairs.length;
  /** @param {import("../types.js").Numbers} values */
  const part = (values) => Array.from(values.subarray(index * length, (index + 1) * length));
  return { counts: part(history), support: part(support) };
}

/**
 * Shares of the true class by epoch.
 * @param {{counts: number[], support: number[]}} history
 */
export function sharesOf({ counts, support }) {
  return counts.map((value, position) => (support[position] ? value / support[position] : NaN));
}

/**
 * `14.1 % of 78 at epoch 39; peak 50.0 % at 1`.
 *
 * @param {Followed} followed
 * @param {number} epoch number of the epoch of the pass
 */
export function followedInWords(followed, epoch) {
  const { epochs, support, exact } = followed;
  const shares = sharesOf(followed);
  const at = epochs.indexOf(epoch);
  const most = exact ? "" : "at most ";
  const now = Number.isFinite(shares[at])
    ? `${most}${share(shares[at])} of ${count(support[at])} at epoch ${epoch}`
    : `no examples at epoch ${epoch}`;
  const peak = shares.reduce((found, value, position) => (value > (shares[found] ?? -1) ? position : found), -1);
  return peak < 0 ? now : `${now}; peak ${most}${share(shares[peak])} at ${epochs[peak]}`;
}

/** @param {(number | null)[]} values */
function numbers(values) {
  return values.map((value) => value ?? NaN);
}
