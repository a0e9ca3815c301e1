/** Loss and accuracy by epoch. The chosen epoch is drawn over the plots, so that it moves without drawing them again. */

import { h, s } from "../dom.js";
import { addOnsets } from "../lines/onsets.js";
import { linePanels, panelSummary } from "../lines/panels.js";
import { linePlot, roomForNames } from "../lines/plot.js";
import { css } from "../palette.js";
import { scalar } from "../passes.js";
import { TEMPERED } from "../term.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../lines/panels.js").Panel} Panel */

/** @type {(keyof State)[]} all but the epoch, which moves over what is there */
const REBUILT = ["series", "others", "split", "row", "alerts", "dark", "size"];

/**
 * A plot, and what moves over it.
 * @typedef {Object} Chart
 * @property {Panel} panel
 * @property {import("uplot")} plot
 * @property {SVGLineElement} chosen
 * @property {SVGLineElement} pointed
 * @property {SVGCircleElement[]} dots one for each line
 */

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function lines(store) {
  const readOut = h("figcaption", { class: "read-out" });
  const charts = h("div", { class: "line-charts" });
  const element = h("figure", { class: "lines" }, readOut, charts);
  /** @type {{epochs: number[], charts: Chart[]}} */
  let drawn = { epochs: [], charts: [] };

  function rebuild() {
    for (const { plot } of drawn.charts) plot.destroy();
    charts.replaceChildren();
    readOut.style.minHeight = "";
    drawn = { epochs: [], charts: [] };
    const width = charts.clientWidth;
    if (!store.state.series || !width) return readOut.replaceChildren();
    const { epochs, panels } = linePanels(store.state);
    drawn = { epochs, charts: panels.map((panel) => addChart(panel, panels, epochs, width)) };
    addOnsets(store, drawn.charts[drawn.charts.length - 1].plot);
  }

  /** @param {Panel} panel @param {Panel[]} panels @param {number[]} epochs @param {number} width */
  function addChart(panel, panels, epochs, width) {
    const title = h("div", { class: `line-title ${panel.key}` }, h("span", {}, panel.title), h("small", {}, panel.note));
    const target = h("div", { role: "img", "aria-label": panelSummary(panel, epochs) });
    charts.append(title, target);
    const right = roomForNames(panels);
    const axis = panel === panels[panels.length - 1];
    const stretches = stretchesOf(/** @type {Series} */ (store.state.series), panel.key === "crossEntropy");
    const plot = linePlot({ target, panel, epochs, width, right, axis, stretches });
    listen(store, plot, point);
    return overlaid(panel, plot);
  }

  /** @param {number | null} position under the pointer; null to read out the chosen epoch again */
  function point(position) {
    const { series } = store.state;
    if (!series) return;
    for (const chart of drawn.charts) {
      chart.pointed.style.display = position === null ? "none" : "";
      if (position !== null) moveLine(chart.pointed, chart.plot, series.epochs[position]);
    }
    read(series.epochs[position ?? store.state.position]);
  }

  /** @param {number} epoch */
  function read(epoch) {
    const index = drawn.epochs.indexOf(epoch);
    readOut.replaceChildren(
      h("b", {}, `epoch ${epoch}`),
      ...drawn.charts.map(({ panel }) => valuesAt(panel, drawn.epochs, index)),
    );
    // It only grows, so that the charts do not jump while the pointer moves over them.
    readOut.style.minHeight = `${readOut.offsetHeight}px`;
  }

  return {
    element,
    keys: [...REBUILT, "position"],
    draw(changed) {
      if (REBUILT.some((key) => changed.has(key))) rebuild();
      const { series, position } = store.state;
      if (!series || !drawn.charts.length) return;
      for (const chart of drawn.charts) choose(chart, drawn.epochs, series.epochs[position]);
      point(null);
    },
  };
}

/**
 * What the pointer does over a plot: it reads out an epoch, and a click chooses it.
 *
 * @param {import("../types.js").Store} store
 * @param {import("uplot")} plot
 * @param {(position: number | null) => void} point
 */
function listen(store, plot, point) {
  const positionAt = (/** @type {MouseEvent} */ event) => {
    const x = event.clientX - plot.over.getBoundingClientRect().left;
    return closest(/** @type {Series} */ (store.state.series).epochs, plot.posToVal(x, "x"));
  };
  plot.over.addEventListener("pointermove", (event) => point(positionAt(event)));
  plot.over.addEventListener("pointerleave", () => point(null));
  plot.over.addEventListener("click", (event) => {
    const position = positionAt(event);
    store.set({ position, settled: position });
  });
}

/**
 * Position of the epoch nearest to a place on the axis.
 * @param {number[]} epochs rising
 * @param {number} place number of an epoch, and what lies between
 */
function closest(epochs, place) {
  /** @param {number} position */
  const distance = (position) => Math.abs(epochs[position] - place);
  return epochs.reduce((found, _, position) => (distance(position) < distance(found) ? position : found), 0);
}

/**
 * @param {Panel} panel
 * @param {import("uplot")} plot
 * @returns {Chart}
 */
function overlaid(panel, plot) {
  const pointed = s("line", { class: "pointed", y1: 0, y2: "100%", style: { display: "none" } });
  const chosen = s("line", { class: "chosen", y1: 0, y2: "100%" });
  const dots = panel.lines.map(({ colour, minor }) => s("circle", { r: minor ? 2.5 : 3.5, fill: css(colour) }));
  plot.over.append(s("svg", { class: "line-overlay", "aria-hidden": "true" }, pointed, chosen, ...dots));
  return { panel, plot, chosen, pointed, dots };
}

/**
 * @param {SVGLineElement} line
 * @param {import("uplot")} plot
 * @param {number} epoch
 */
function moveLine(line, plot, epoch) {
  const x = String(plot.valToPos(epoch, "x"));
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
}

/**
 * Move the line to the chosen epoch, and the dots to the last pass at or before it.
 *
 * @param {Chart} chart
 * @param {number[]} epochs of the axis
 * @param {number} epoch
 */
function choose({ panel, plot, chosen, dots }, epochs, epoch) {
  moveLine(chosen, plot, epoch);
  const index = epochs.indexOf(epoch);
  for (const [place, { values }] of panel.lines.entries()) {
    const pass = passBefore(values, index);
    const value = pass < 0 ? Infinity : /** @type {number} */ (values[pass]);
    const seen = value <= panel.range[1];
    dots[place].style.display = seen ? "" : "none";
    if (!seen) continue;
    dots[place].setAttribute("cx", String(plot.valToPos(epochs[pass], "x")));
    dots[place].setAttribute("cy", String(plot.valToPos(value, "y")));
  }
}

/**
 * Index of the last value at or before an index, -1 where there is none.
 * @param {(number | null)[]} values
 * @param {number} index
 */
function passBefore(values, index) {
  let pass = index;
  while (pass >= 0 && values[pass] === null) pass--;
  return pass;
}

/**
 * The values of a panel at one epoch, the line in front first; those of an earlier pass say so.
 *
 * @param {Panel} panel
 * @param {number[]} epochs of the axis
 * @param {number} index of the epoch
 */
function valuesAt({ subject, lines: panelLines, format }, epochs, index) {
  const values = panelLines.toReversed().map(({ name, values: all }) => {
    const pass = passBefore(all, index);
    if (pass < 0) return h("span", {}, `${name} no value`);
    return h(
      "span",
      { title: name === "tempered" && TEMPERED },
      `${name} `,
      h("b", {}, format(/** @type {number} */ (all[pass]))),
      pass < index && ` at ${epochs[pass]}`,
    );
  });
  return h("span", { class: "read-group" }, `${subject}:`, ...values);
}

/**
 * Stretches in which the cross-entropy stands above its best while the accuracy holds.
 *
 * @param {Series} series
 * @param {boolean} filled whether the area between is filled: only where the cross-entropy itself is drawn
 * @returns {import("../lines/plot.js").Stretch[]}
 */
function stretchesOf(series, filled) {
  const split = series.splits.includes("validation") ? "validation" : series.splits[0];
  /** @param {number} position */
  const nats = (position) => scalar(series, split, "cross_entropy", position);
  return series.divergences.map(({ best, first, last }) => {
    /** @type {[number, number][]} */
    const values = series.epochs.map((epoch, position) => [epoch, nats(position)]);
    const above = values.filter(([epoch, value]) => epoch >= first && epoch <= last && Number.isFinite(value));
    const level = filled ? nats(series.epochs.indexOf(best)) : NaN;
    return { first, last, level, colour: split, above };
  });
}
