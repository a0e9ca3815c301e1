/** The compared runs side by side: a column for each, at the chosen epoch and at its last. */

import { h, s } from "../dom.js";
import { count, nats } from "../format.js";
import { best, scalarValues } from "../passes.js";
import { comparedNames, comparedStyle } from "./compared.js";
import { barSides, differenceBar } from "./differenceBar.js";
import { FIGURES, figureDifference, fullBar, withinNoise } from "./differences.js";
import { passAtEpoch } from "./sides.js";

/** @typedef {import("./sides.js").Side} Side */
/** @typedef {import("./differences.js").Figure} Figure */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */

/**
 * @returns {{element: HTMLElement, draw: (state: State) => void}} `draw` takes a state with a series and others
 */
export function runTable() {
  const what = h("span", { class: "muted" });
  const table = h("table", { class: "run-table" });
  const caption = h("figcaption", {}, h("b", {}, "Run by run"), what);
  // It stays while its content changes, and keeps what is scrolled to.
  const region = { role: "region", "aria-label": "Runs side by side" };
  const scroll = h("div", { class: "run-scroll", tabindex: 0, ...region, onkeydown: keepArrows }, table);
  return {
    element: h("figure", { class: "compared-runs" }, caption, scroll),
    draw(state) {
      const remark = otherScales(/** @type {Series} */ (state.series), state.others);
      what.textContent = [`${state.split} split, with differences to the shown run`, remark].filter(Boolean).join(". ");
      table.replaceChildren(...contentOf(state));
    },
  };
}

/**
 * Which runs tell other classes apart, or another number of them, so that their cross-entropies say little beside each other.
 *
 * @param {Series} series
 * @param {Series[]} others
 * @returns {string} empty where all tell as many classes apart
 */
export function otherScales(series, others) {
  const differing = others.filter(({ task, num_classes: classes }) => task !== series.task || classes !== series.num_classes);
  if (!differing.length) return "";
  const names = differing.map(({ run, task, num_classes: classes }) => `${run} (${count(classes)} ${task === "multilabel" ? "labels" : "classes"})`);
  return `On another scale of cross-entropy: ${names.join(", ")}; the skill can be compared`;
}

/**
 * Left and right mean epochs to the page, but here they scroll where there is more than fits.
 * @param {KeyboardEvent} event
 */
function keepArrows(event) {
  const region = /** @type {HTMLElement} */ (event.currentTarget);
  if (region.scrollWidth > region.clientWidth && ["ArrowLeft", "ArrowRight"].includes(event.key)) event.stopPropagation();
}

/**
 * Header and bodies of the table.
 * @param {State} state
 */
function contentOf(state) {
  const series = /** @type {Series} */ (state.series);
  const sides = [series, ...state.others].map((one) => ({ series: one, split: state.split, name: one.run }));
  const epoch = series.epochs[state.position];
  const chosen = sides.map((side) => passAtEpoch(side.series, side.split, epoch));
  const last = sides.map((side) => passAtEpoch(side.series, side.split, Infinity));
  return [
    h("thead", {}, ...head(state)),
    group(`Epoch ${epoch}`, FIGURES, sides, chosen, series.noise),
    group("Last epoch", FIGURES, sides, last, series.noise),
    group("Best epoch", FIGURES.slice(0, 1), sides, sides.map(bestPass), series.noise),
  ];
}

/** @param {State} state */
function head(state) {
  const names = comparedNames(state);
  const others = state.others.map((other, index) => {
    const { colour, dash } = comparedStyle(index);
    const line = s("line", { x1: 0, x2: 26, y1: 4, y2: 4, stroke: `var(--${colour})`, "stroke-dasharray": dash.join(" ") });
    const sample = s("svg", { width: 26, height: 8, "aria-hidden": "true" }, line);
    return h("th", { scope: "col", title: other.run }, sample, names[index]);
  });
  return [
    h("tr", {}, h("td"), h("th", { scope: "col", title: state.run ?? "" }, "shown run"), ...others),
    h("tr", {}, h("td"), h("td"), ...state.others.map(barSides)),
  ];
}

/**
 * The figures of one moment.
 *
 * @param {string} name
 * @param {Figure[]} figures
 * @param {Side[]} sides the shown run first
 * @param {number[]} positions of their passes, -1 where there is none
 * @param {number} noise
 */
function group(name, figures, sides, positions, noise) {
  const epochs = sides.map(({ series }, index) =>
    positions[index] < 0 ? "no pass" : `epoch ${series.epochs[positions[index]]}`,
  );
  return h(
    "tbody",
    {},
    h("tr", { class: "group" }, h("th", { scope: "rowgroup" }, name), ...epochs.map((epoch) => h("td", {}, epoch))),
    ...figures.map((figure) => figureRow(figure, sides, positions, noise)),
  );
}

/**
 * @param {Figure} figure
 * @param {Side[]} sides
 * @param {number[]} positions
 * @param {number} noise
 */
function figureRow(figure, sides, positions, noise) {
  const differences = sides.map((side, index) => figureDifference(figure, sides[0], positions[0], side, positions[index]));
  const full = fullBar(differences.slice(1), noise, figure.full);
  const cells = sides.map(({ series, split }, index) => {
    const { other, difference } = differences[index];
    const error = positions[index] < 0 ? NaN : figure.error(series, split, positions[index]);
    const value = figure.key === "cross_entropy" && Number.isFinite(error) ? h("small", {}, ` ± ${nats(error)}`) : null;
    // What has no standard error is neither in noise nor beyond it: it is shown as it is.
    const grey = Number.isFinite(differences[index].error) && withinNoise(differences[index], noise);
    const bar = index === 0 ? null : differenceBar(difference, full, figure.better, grey, figure.formatDifference);
    return h("td", {}, h("span", { class: "value" }, figure.format(other), value), bar);
  });
  return h("tr", {}, h("th", { scope: "row" }, figure.name), ...cells);
}

/**
 * Position of the lowest cross-entropy, -1 where there is none.
 * @param {Side} side
 */
function bestPass({ series, split }) {
  return best(scalarValues(series, split, "cross_entropy"), series.epochs.length - 1, 1);
}
