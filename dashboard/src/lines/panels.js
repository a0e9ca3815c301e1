/** What the line charts show, panel by panel: values by epoch, names, ends of the axes. Nothing here draws. */

import { comparedNames, comparedStyle } from "../comparison/compared.js";
import { rowsByName } from "../comparison/sides.js";
import { fixed, named, nats, share, whole } from "../format.js";
import { classValues, scalarValues } from "../passes.js";
import { shortened } from "./names.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Numbers} Numbers */

/**
 * @typedef {Object} Line
 * @property {string} name as it stands at the end of the line
 * @property {string} fullName
 * @property {string} colour name of a custom property
 * @property {number[]} dash lengths in pixels; empty for a solid line
 * @property {number} width
 * @property {boolean} minor drawn thin, and its name as well
 * @property {(number | null)[]} values one for each epoch of the axis; null where there is none
 * @property {boolean} dots whether values stand apart, so that they are drawn as dots on the line that joins them
 */

/**
 * @typedef {Object} Panel
 * @property {"crossEntropy" | "class" | "accuracy"} key
 * @property {string} title
 * @property {string} subject what the values are of, where they are read out
 * @property {string} note said beside the title, empty where there is nothing to say
 * @property {number} height of the plot, pixels
 * @property {[number, number]} range ends of the y axis
 * @property {(value: number) => string} format of values
 * @property {(value: number) => string} tick format of the labels of the axis
 * @property {Line[]} lines those in front last
 */

const HEIGHTS = {
  alone: { crossEntropy: 236, class: 0, accuracy: 186 },
  withClass: { crossEntropy: 196, class: 116, accuracy: 146 },
};

/**
 * @param {State} state with a series
 * @returns {{epochs: number[], panels: Panel[]}} `epochs`: numbers on the axis that all panels share, those of all runs
 */
export function linePanels(state) {
  const series = /** @type {Series} */ (state.series);
  const epochs = union([series, ...state.others].map((one) => one.epochs));
  const heights = state.row === null ? HEIGHTS.alone : HEIGHTS.withClass;
  const panels = [crossEntropyPanel(state, series, epochs)];
  if (state.row !== null) panels.push(classPanel(state, series, state.row, epochs));
  panels.push(accuracyPanel(state, series, epochs));
  return { epochs, panels: panels.map((panel) => ({ ...panel, height: heights[panel.key] })) };
}

/** @typedef {Omit<Panel, "height">} Content */
/** @typedef {Pick<Panel, "range" | "note">} AxisOfNats */

/**
 * @param {State} state
 * @param {Series} series
 * @param {number[]} epochs
 * @returns {Content}
 */
function crossEntropyPanel(state, series, epochs) {
  /** @param {Series} one @param {Split} split */
  const values = (one, split) => scalarValues(one, split, "cross_entropy");
  const tempered = line({
    name: "tempered",
    colour: state.split,
    dash: [3, 3],
    width: 1.3,
    minor: true,
    values: aligned(series.epochs, scalarValues(series, state.split, "tempered_cross_entropy"), epochs),
  });
  const splits = splitLines(state, series, values, epochs);
  const lines = [...comparedLines(state, values, epochs), ...splits.slice(0, -1), tempered, ...splits.slice(-1)];
  return {
    key: "crossEntropy",
    title: "Cross-entropy, nats",
    subject: "cross-entropy, nats",
    ...natsAxis(lines, epochs, uniformOf(state, series)),
    format: nats,
    tick: natsTick,
    lines,
  };
}

/**
 * @param {State} state
 * @param {Series} series
 * @param {number} row
 * @param {number[]} epochs
 * @returns {Content}
 */
function classPanel(state, series, row, epochs) {
  const name = series.class_names[row];
  const shown = named(name);
  /** @param {Series} one @param {Split} split */
  const values = (one, split) => {
    const own = one === series ? row : rowsByName(one).get(name);
    return own === undefined ? null : classValues(one, split, "class_cross_entropy", own);
  };
  const lines = [...comparedLines(state, values, epochs), ...splitLines(state, series, values, epochs)];
  return {
    key: "class",
    title: `"${shortened(shown, 60)}": cross-entropy, nats`,
    subject: `"${shortened(shown, 24)}"`,
    ...natsAxis(lines, epochs, uniformOf(state, series)),
    format: nats,
    tick: natsTick,
    lines,
  };
}

/**
 * @param {State} state
 * @param {Series} series
 * @param {number[]} epochs
 * @returns {Content}
 */
function accuracyPanel(state, series, epochs) {
  /** @param {Series} one @param {Split} split */
  const values = (one, split) => scalarValues(one, split, "accuracy");
  const lines = [...comparedLines(state, values, epochs), ...splitLines(state, series, values, epochs)];
  const range = shareRange(finiteValues(lines));
  return { key: "accuracy", title: "Accuracy", subject: "accuracy", note: "", range, format: share, tick: whole, lines };
}

/**
 * A line for each split of the shown run, the chosen one last.
 *
 * @param {State} state
 * @param {Series} series
 * @param {(series: Series, split: Split) => ArrayLike<number> | null} valuesOf
 * @param {number[]} epochs
 * @returns {Line[]}
 */
function splitLines(state, series, valuesOf, epochs) {
  const splits = series.splits.toSorted((a, b) => Number(a === state.split) - Number(b === state.split));
  return splits.map((split) =>
    line({
      name: split,
      colour: split,
      dash: [],
      width: split === state.split ? 2.4 : 1.8,
      minor: false,
      values: aligned(series.epochs, valuesOf(series, split) ?? [], epochs),
    }),
  );
}

/**
 * A line for each compared run that has such values of the chosen split.
 *
 * @param {State} state
 * @param {(series: Series, split: Split) => ArrayLike<number> | null} valuesOf
 * @param {number[]} epochs
 * @returns {Line[]}
 */
function comparedLines(state, valuesOf, epochs) {
  const names = comparedNames(state);
  return state.others.flatMap((other, index) => {
    const values = other.splits.includes(state.split) ? valuesOf(other, state.split) : null;
    if (!values) return [];
    const look = { ...comparedStyle(index), width: 1.6, minor: true };
    return line({ ...look, name: names[index], fullName: other.run, values: aligned(other.epochs, values, epochs) });
  });
}

/**
 * @param {Omit<Line, "fullName" | "dots"> & {fullName?: string}} parts
 * @returns {Line}
 */
function line(parts) {
  return { fullName: parts.name, ...parts, dots: standApart(parts.values) };
}

/**
 * Sorted union of lists of numbers.
 * @param {number[][]} lists
 */
export function union(lists) {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

/**
 * Values by another list of epochs.
 *
 * @param {number[]} epochs numbers of the epochs that the values are of
 * @param {ArrayLike<number>} values
 * @param {number[]} axis numbers of the epochs wanted
 * @returns {(number | null)[]} null where there is no value, or none that is finite
 */
export function aligned(epochs, values, axis) {
  const byEpoch = new Map(epochs.map((epoch, position) => [epoch, values[position]]));
  return axis.map((epoch) => {
    const value = byEpoch.get(epoch);
    return value !== undefined && Number.isFinite(value) ? value : null;
  });
}

/**
 * Whether a line would hide that it has no value at some epochs between its ends, or is too short to be seen.
 * @param {(number | null)[]} values
 */
export function standApart(values) {
  const first = values.findIndex((value) => value !== null);
  const last = values.findLastIndex((value) => value !== null);
  return first === last || values.slice(first, last).includes(null);
}

/**
 * An axis from 0 that the lines fit under. A few values far above all others, as of a spike, would press the rest flat: the
 * axis ends below them then, and a note says how high they reach. What a start from an even guess gives is never cut off.
 *
 * @param {Line[]} lines
 * @param {number[]} epochs
 * @param {number} uniform cross-entropy of an even guess, nats
 * @returns {AxisOfNats}
 */
export function natsAxis(lines, epochs, uniform) {
  const sorted = finiteValues(lines).sort((a, b) => a - b);
  const largest = sorted.at(-1) ?? 1;
  const usual = sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 1;
  const top = Math.max(2 * usual, 1.5 * uniform);
  if (largest <= 2 * top) return { range: [0, Math.max(1.04 * largest, 0.05)], note: "" };
  const epoch = epochs[lines.map(({ values }) => values.indexOf(largest)).find((index) => index >= 0) ?? 0];
  return { range: [0, top], note: `cut off above; up to ${nats(largest)} at epoch ${epoch}` };
}

/**
 * Cross-entropy of an even guess, nats; 0 where no pass of the chosen split tells.
 * @param {State} state
 * @param {Series} series
 */
function uniformOf(state, series) {
  return scalarValues(series, state.split, "uniform_cross_entropy").find(Number.isFinite) ?? 0;
}

/**
 * @param {number[]} values
 * @returns {[number, number]}
 */
function shareRange(values) {
  if (!values.length) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value), 1);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  return [Math.max(0, Math.floor((low - 0.01) * 10) / 10), Math.min(1, Math.ceil((high + 0.001) * 20) / 20)];
}

/** @param {Line[]} lines */
function finiteValues(lines) {
  return lines.flatMap(({ values }) => values.filter((value) => value !== null));
}

/** @param {number} value as many decimals as the label needs, at least one */
function natsTick(value) {
  const tenths = value * 10;
  return fixed(value, Math.abs(tenths - Math.round(tenths)) < 1e-6 ? 1 : 2);
}

/**
 * A chart in words, for those who do not see it.
 *
 * @param {Panel} panel
 * @param {number[]} epochs
 */
export function panelSummary({ title, format, key, lines }, epochs) {
  const better = key === "accuracy" ? 1 : -1;
  const said = lines.toReversed().map(({ fullName, values }) => {
    const at = values.flatMap((value, index) => (value === null ? [] : [{ value, epoch: epochs[index] }]));
    if (!at.length) return `${fullName}: no values`;
    const best = at.reduce((top, one) => (better * (one.value - top.value) > 0 ? one : top));
    /** @param {{value: number, epoch: number}} one */
    const words = ({ value, epoch }) => `${format(value)} at epoch ${epoch}`;
    return `${fullName}: first ${words(at[0])}, best ${words(best)}, last ${words(at[at.length - 1])}`;
  });
  return `${title} by epoch. ${said.join("; ")}.`;
}
