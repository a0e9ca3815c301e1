/** What is taken for what: the matrix of the chosen epoch where one was kept, one pair over the epochs, and the worst pairs. */

import { FULL_SHARE, rampPlace } from "../confusion/colours.js";
import { MatrixPanel, isZoomable, sharedWords } from "../confusion/panel.js";
import { namedShare } from "../confusion/names.js";
import { pairLine } from "../confusion/pairLine.js";
import { hasNumbers } from "../confusion/raster.js";
import { passWords } from "../confusion/words.js";
import { button } from "../controls.js";
import { h } from "../dom.js";
import { refill, setDisabled } from "../focus.js";
import { count, whole } from "../format.js";
import { ramp, rgb } from "../palette.js";
import { passAt } from "../passes.js";
import { pairs } from "./pairs.js";

/** @typedef {import("../types.js").Confusion} Confusion */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** @type {(keyof State)[]} what the canvas depends on */
const PAINTED = ["series", "confusion", "row", "cells", "dark", "size"];
const ZOOM = 0.5;
/** Shares that the legend is drawn from. */
const SHADES = 12;

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function confusion(store) {
  const panel = new MatrixPanel(store);
  const legend = h("span", { class: "matrix-legend" });
  const buttons = zoomButtons(store, panel);
  const caption = h("figcaption", {}, legend, buttons.element);
  const note = h("p", { class: "muted chart-note" });
  const line = h("div", { class: "followed-pair" });
  const problem = h("p", { class: "empty", role: "status" });
  const figure = h("figure", { class: "confusion" }, problem, caption, panel.element, note, line);
  const worst = pairs(store);

  /** @param {ReadonlySet<keyof State>} changed */
  function draw(changed) {
    drawMatrix(changed);
    worst.draw(changed);
  }

  /** @param {ReadonlySet<keyof State>} changed */
  function drawMatrix(changed) {
    const { state } = store;
    const { series } = state;
    figure.hidden = !series || series.task === "multilabel";
    if (!series || figure.hidden) return;
    const pass = passAt(series, state.split, state.position);
    problem.textContent = problemOf(state, pass);
    problem.hidden = !problem.textContent;
    const shown = problem.hidden ? state.confusion : null;
    const matrix = shown?.matrix;
    for (const part of [caption, panel.element]) part.hidden = !matrix;
    for (const part of [note, line]) part.hidden = !shown;
    if (!shown) return;
    if (matrix && PAINTED.some((key) => changed.has(key))) {
      panel.draw({ ...shown, matrix }, series);
      panel.describe(describe(shown, series));
      legend.replaceChildren(...legendOf(state.dark, matrix.length));
      buttons.draw(state, matrix.length);
    }
    if (matrix) panel.follow();
    note.textContent = [passWords(shown, series, state, pass), ...(matrix ? noteOf(panel, state) : [])].filter(Boolean).join(" ");
    refill(line, matrix || state.pair ? [pairLine(store, shown.epoch) ?? ""] : []);
  }

  const element = h("div", {}, figure, worst.element);
  return { element, keys: [...PAINTED, "position", "split", "pair", "pairHistory", "failures"], draw };
}

/**
 * Why there is nothing to show; empty where there is.
 * @param {State} state
 * @param {number} pass position of the last pass at or before the chosen epoch
 */
function problemOf({ series, split, position, confusion: shown, failures }, pass) {
  if (pass < 0) return `The ${split} split was not measured up to epoch ${series?.epochs[position]}.`;
  if (failures.confusion) return `What is taken for what could not be fetched. ${failures.confusion}`;
  return shown ? "" : "Fetching what is taken for what …";
}

/**
 * @param {Store} store
 * @param {MatrixPanel} panel
 */
function zoomButtons(store, panel) {
  const zoomIn = button("+", () => panel.zoom(ZOOM), { label: "Zoom into the matrix", small: true, action: "matrix-zoom-in" });
  const zoomOut = button("−", () => panel.zoom(1 / ZOOM), { label: "Zoom out of the matrix", small: true, action: "matrix-zoom-out" });
  const all = button("All", () => store.set({ cells: null }), { label: "Show the whole matrix", small: true, action: "matrix-zoom-all" });
  const element = h("span", { class: "matrix-zoom" }, zoomIn, zoomOut, all);
  /** @param {State} state @param {number} fields */
  function draw({ cells }, fields) {
    element.hidden = !isZoomable(Math.sqrt(fields));
    for (const wider of [zoomOut, all]) setDisabled(wider, !cells, zoomIn);
  }
  return { element, draw };
}

/**
 * @param {boolean} dark
 * @param {number} fields of the matrix; with few classes numbers stand in them, and say it better
 */
function legendOf(dark, fields) {
  if (!isZoomable(Math.sqrt(fields))) return [];
  const trouble = ramp("trouble", dark);
  const stops = Array.from({ length: SHADES }, (_, index) => rgb(trouble(rampPlace((FULL_SHARE * index) / (SHADES - 1)))));
  const shades = h("i", { class: "shades", style: { background: `linear-gradient(to right, ${stops.join(", ")})` } });
  return ["mistakes 0", shades, `${whole(FULL_SHARE)} of the row or more`];
}

/**
 * @param {MatrixPanel} panel
 * @param {State} state
 */
function noteOf(panel, { split, pair, confusion: known }) {
  const shown = /** @type {import("../confusion/panel.js").Shown} */ (panel.shown);
  const zoomable = isZoomable(shown.matrix.size);
  return [
    hasNumbers(shown.grid) ? `Per cent of the row, ${split}.` : `Shares of the row, ${split}; zoomed in, with numbers.`,
    sharedWords(shown),
    zoomable ? sentence(`classes by index${namedShare(shown.grid) && `, ${namedShare(shown.grid)}`}`) : "",
    zoomable ? "Drag a rectangle to zoom, double click for all." : "",
    pair ? "" : `Click a field to follow the pair${known?.pairs.length ? "; here the most frequent:" : "."}`,
  ];
}

/** @param {string} words */
function sentence(words) {
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

/**
 * The matrix for those who do not see it.
 * @param {Confusion} shown
 * @param {Series} series
 */
function describe({ epoch, split, mistakes, pairs }, { num_classes: classes }) {
  const [first] = pairs;
  const counted = first && `${count(first.count)} of ${count(first.support)}`;
  const most = first ? ` Most often ${first.true_name} is taken for ${first.predicted_name}: ${counted}.` : "";
  return (
    `Confusion matrix of ${classes} classes, ${split} split, epoch ${epoch}: ${count(mistakes)} mistakes.${most} ` +
    "Arrow keys move through the pairs of a true and a predicted class, Enter follows a pair or chooses a class, plus and minus zoom."
  );
}
