/** Wrong decisions on each label: labels are not taken for each other. Pure. */

import { classValue, scalar } from "../passes.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */

/**
 * Wrong decisions on a label; whether they were missed or named falsely, the recorded shares do not tell.
 *
 * @param {Series} series
 * @param {Split} split
 * @param {number} position
 * @param {number} row
 * @returns {number} NaN where there was no pass
 */
export function wrongDecisions(series, split, position, row) {
  const examples = scalar(series, split, "num_examples", position);
  return Math.round(examples * (1 - classValue(series, split, "class_accuracy", position, row)));
}

/**
 * The labels with most wrong decisions, the most in front, and the chosen one if it is not among them.
 *
 * @param {Series} series
 * @param {Split} split
 * @param {number} position of a pass
 * @param {number | null} chosen row of the chosen label
 * @param {number} limit
 * @returns {number[]} rows; labels without a wrong decision are left out
 */
export function worstLabels(series, split, position, chosen, limit) {
  const wrong = series.class_names.map((_, row) => wrongDecisions(series, split, position, row));
  const rows = [...wrong.keys()].filter((row) => wrong[row] > 0);
  const worst = rows.sort((a, b) => wrong[b] - wrong[a] || a - b).slice(0, limit);
  return chosen === null || worst.includes(chosen) ? worst : [...worst, chosen];
}
