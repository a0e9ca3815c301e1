/** What histogram and reliability diagram have in common, so that they stand side by side with the same axis. */

import { h, s, text } from "../dom.js";
import { button } from "../controls.js";
import { ticks } from "../scales.js";
import { hideTip } from "../tip.js";

/** @typedef {import("../types.js").Store} Store */

export const HEIGHT = 388;
export const MARGIN = { left: 44, right: 8, top: 8, bottom: 52 };
/** Below this there is no room for a chart. */
export const LEAST_WIDTH = 160;

/**
 * The axis of confidence.
 * @typedef {Object} Axis
 * @property {(value: number) => number} x place of a confidence, pixels
 * @property {number} low confidence at the left end
 * @property {number} first first bin of the axis
 * @property {number} bins in all, B
 * @property {number} binWidth pixels
 */

/**
 * @param {number} width of the chart
 * @param {number} first first bin of the axis
 * @param {number} bins in all
 * @returns {Axis}
 */
export function axisOf(width, first, bins) {
  const low = first / bins;
  const length = width - MARGIN.left - MARGIN.right;
  return {
    x: (value) => MARGIN.left + (length * (value - low)) / (1 - low),
    low,
    first,
    bins,
    binWidth: length / (bins - first),
  };
}

/**
 * Numbers under the axis, and what it is of.
 *
 * @param {Axis} axis
 * @param {number} width
 * @param {string} title
 */
export function axisLabels({ x, low }, width, title) {
  const values = ticks(low, 1, low > 0 ? 6 : 4);
  const labels = values.map((value) =>
    text(x(value), HEIGHT - MARGIN.bottom + 16, String(value), {
      "text-anchor": value === 1 ? "end" : value === low ? "start" : "middle",
    }),
  );
  return [...labels, text(width - MARGIN.right, HEIGHT - 4, title, { "text-anchor": "end" })];
}

/**
 * The part of the axis that a bin takes, in words: `0.6 to 0.67`.
 * @param {number} bin
 * @param {number} bins
 */
export function rangeOf(bin, bins) {
  return `${rounded(bin / bins)} to ${rounded((bin + 1) / bins)}`;
}

/** @param {number} value */
function rounded(value) {
  return String(Math.round(100 * value) / 100);
}

/**
 * A field over a whole bin, which the pointer need not hit exactly.
 *
 * @param {Axis} axis
 * @param {number} bin
 * @param {(event: MouseEvent) => void} onpoint
 */
export function binField({ x, bins, binWidth }, bin, onpoint) {
  return s("rect", {
    class: "bin-field",
    x: x(bin / bins),
    y: MARGIN.top,
    width: binWidth,
    height: HEIGHT - MARGIN.top - 16,
    onmousemove: onpoint,
    onmouseleave: hideTip,
  });
}

/**
 * A sentence in the place of a chart; where it is about the chosen class, with the way to all classes.
 *
 * @param {Store} store
 * @param {string} sentence
 */
export function insteadOfChart(store, sentence) {
  const { series, row, scope } = store.state;
  const ofClass = row !== null && scope === "class";
  const all = series?.task === "multilabel" ? "Show all labels" : "Show all classes";
  return h(
    "div",
    { class: "empty chart-place" },
    h("p", {}, sentence),
    ofClass && button(all, () => store.set({ scope: "all" })),
  );
}
