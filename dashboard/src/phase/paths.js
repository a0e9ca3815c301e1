/** The paths that the phase plot draws: accuracy against cross-entropy, pass by pass. Nothing here draws. */

import { comparedNames, comparedStyle } from "../comparison/compared.js";
import { rowsByName } from "../comparison/sides.js";
import { nats, share } from "../format.js";
import { classValues, scalarValues } from "../passes.js";
import { phaseAxes } from "./axes.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */

/**
 * Name of the class that the path is of; null for all classes together.
 * @param {State} state
 */
export function className({ series, row, scope }) {
  return series && row !== null && scope === "class" ? series.class_names[row] : null;
}

/** @typedef {{position: number, nats: number, share: number}[]} Path */

/**
 * @param {Series} series
 * @param {Split} split
 * @param {number | null} row
 * @returns {Path} of the passes that have both numbers
 */
export function pathOf(series, split, row) {
  const [x, y] =
    row === null
      ? [scalarValues(series, split, "cross_entropy"), scalarValues(series, split, "accuracy")]
      : [classValues(series, split, "class_cross_entropy", row), classValues(series, split, "class_accuracy", row)];
  return series.epochs
    .map((_, position) => ({ position, nats: x[position], share: y[position] }))
    .filter((point) => Number.isFinite(point.nats) && Number.isFinite(point.share));
}

/**
 * @typedef {Object} Compared
 * @property {string} name
 * @property {string} colour
 * @property {number[]} dash
 * @property {Path} values
 */

/**
 * Paths of the compared runs that have the split, and the class.
 * @param {State} state
 * @returns {Compared[]}
 */
export function comparedPaths(state) {
  const names = comparedNames(state);
  const name = className(state);
  return state.others.flatMap((series, index) => {
    const row = name === null ? null : rowsByName(series).get(name);
    if (row === undefined || !series.splits.includes(state.split)) return [];
    const values = pathOf(series, state.split, row);
    return values.length ? [{ name: names[index], values, ...comparedStyle(index) }] : [];
  });
}

/**
 * @param {Path[]} paths
 * @param {"all" | "class"} scope
 */
export function axesOf(paths, scope) {
  const all = paths.flat();
  return all.length
    ? phaseAxes(
        all.map((point) => point.nats),
        all.map((point) => point.share),
        scope,
      )
    : null;
}

/**
 * The path in words, for those who do not see it.
 * @param {Series} series
 * @param {Path} points
 */
export function pathSummary({ epochs }, points) {
  const lowest = points.reduce((least, point) => (point.nats < least.nats ? point : least));
  /** @param {Path[number]} point */
  const words = (point) =>
    `epoch ${epochs[point.position]}, cross-entropy ${nats(point.nats)} nats and accuracy ${share(point.share)}.`;
  return [
    "Path of accuracy against cross-entropy over the epochs.",
    `First: ${words(points[0])}`,
    `Best: ${words(lowest)}`,
    `Last: ${words(points[points.length - 1])}`,
  ].join(" ");
}
