/**
 * Class by epoch as colours: which classes carry the loss, and since when.
 *
 * The canvas is painted when what it shows has changed. What moves with the epoch, the chosen class and the pointer lies
 * above it.
 */

import { rowAfterKey } from "../classKeys.js";
import { button } from "../controls.js";
import { h, s } from "../dom.js";
import { refill, setDisabled } from "../focus.js";
import { cellWords, shownIn, spokenChoice } from "../heatmap/cellWords.js";
import { draggedWindow } from "../heatmap/cells.js";
import { coloursOf } from "../heatmap/colours.js";
import { drawLabels, namedShare } from "../heatmap/labels.js";
import { Legend } from "../heatmap/legend.js";
import { drawMarks } from "../heatmap/marks.js";
import { Overlay } from "../heatmap/overlay.js";
import { watchPointer } from "../heatmap/pointer.js";
import { paintCells, partLines } from "../heatmap/raster.js";
import { cellsOf, passesOf, sceneOf, worstWord } from "../heatmap/scene.js";
import { classOrder, windowOf, zoomed } from "../order.js";
import { css } from "../palette.js";
import { passAt } from "../passes.js";
import { quantity } from "../quantities.js";
import { hideTip, showTip } from "../tip.js";
import { overview } from "./overview.js";

/** @typedef {import("../heatmap/scene.js").Scene} Scene */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** @type {(keyof State)[]} */
const PAINTED = ["series", "split", "quantity", "sort", "filter", "show", "rows", "settled", "dark", "size"];
/** From this height of a row on, hairlines part the rows. */
const PARTED_ROW = 8;
const ZOOM = 0.5;

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function heatmap(store) {
  const parts = build(store);
  /** @type {Scene | null} what is on the screen */
  let scene = null;

  /** @param {ReadonlySet<keyof State>} changed */
  function draw(changed) {
    const { state } = store;
    const repainted = PAINTED.some((key) => changed.has(key));
    if (repainted) {
      scene = sceneOf(state, parts.element.clientWidth, devicePixelRatio || 1);
      parts.map.hidden = !scene;
      refill(parts.nothing, scene ? [] : nothingToShow(store), document.getElementById("filter"));
      if (scene) paint(parts, scene, state.dark);
      parts.strip.draw(changed);
      parts.overlay.point(null);
      if (parts.frame.matches(":hover")) hideTip(); // it speaks of what was there
    }
    if (!scene) return;
    if (repainted || changed.has("alerts")) drawMarks(parts.marks, scene, state.alerts);
    if (repainted || changed.has("row")) drawLabels(parts.labels, scene, state.row);
    parts.overlay.choose(scene, state);
    if (document.activeElement === parts.frame) speak(state, parts, scene);
  }

  watchPointer(parts.frame, pointerHands(store, parts, () => scene));
  parts.frame.addEventListener("keydown", (event) => onKey(store, event));
  parts.frame.addEventListener("focus", () => scene && speak(store.state, parts, scene));
  return { element: parts.element, keys: [...PAINTED, "row", "position", "alerts"], draw };
}

/** @typedef {ReturnType<typeof build>} Parts */

/** @param {Store} store */
function build(store) {
  const zoomButtons = buttons(store);
  const legend = new Legend(Object.values(zoomButtons));
  const strip = overview(store);
  const labels = h("div", { class: "heatmap-labels", "aria-hidden": "true" });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const marks = s("svg", { "aria-hidden": "true" });
  const overlay = new Overlay();
  const frame = h("div", { class: "heatmap", tabindex: 0, role: "application" }, canvas, marks, overlay.element);
  const named = h("span", { class: "heatmap-named" });
  const note = h("span");
  const foot = h("div", { class: "heatmap-foot" }, note, h("span", {}, "epoch"));
  const spoken = h("div", { class: "spoken", "aria-live": "polite" });
  const map = h("div", { class: "heatmap-map" }, legend.element, strip.element, labels, frame, named, foot, spoken);
  const nothing = h("div");
  const element = h("div", { class: "heatmap-view" }, map, nothing);
  return { element, map, nothing, legend, zoomButtons, strip, labels, frame, canvas, marks, overlay, named, note, spoken };
}

/** @param {Store} store */
function buttons(store) {
  const sign = { small: true, icon: true };
  return {
    zoomIn: button("+", () => zoom(store, ZOOM), { ...sign, label: "Zoom in", action: "zoom-in" }),
    zoomOut: button("−", () => zoom(store, 1 / ZOOM), { ...sign, label: "Zoom out", action: "zoom-out" }),
    all: button("All", () => store.set({ rows: null }), { small: true, label: "Show all classes", action: "zoom-all" }),
  };
}

/**
 * Zoom about the chosen class where it is in sight, from all classes about the first, else about the middle.
 *
 * @param {Store} store
 * @param {number} factor
 */
function zoom(store, factor) {
  const { state } = store;
  const order = classOrder(state);
  const [first, end] = windowOf(state, order.length);
  const chosen = state.row === null ? -1 : order.indexOf(state.row);
  const inSight = chosen >= first && chosen < end;
  const anchor = inSight ? (chosen - first + 0.5) / (end - first) : end - first === order.length ? 0 : 0.5;
  store.set({ rows: zoomed([first, end], order.length, factor, anchor) });
}

/**
 * @param {Parts} parts
 * @param {Scene} scene
 * @param {boolean} dark
 */
function paint(parts, scene, dark) {
  const { grid } = scene;
  const pixelRatio = devicePixelRatio || 1;
  const colours = coloursOf(scene, dark);
  const cells = cellsOf(scene, grid);
  paintCells(parts.canvas, { ...grid, pixelRatio }, cells, colours);
  if (scene.rowHeight >= PARTED_ROW) partLines(parts.canvas, grid.lines, css("page"), pixelRatio);

  parts.map.style.setProperty("--names", `${scene.labelWidth}px`);
  parts.map.classList.toggle("zoomable", scene.zoomable);
  parts.frame.style.width = `${grid.width}px`;
  parts.frame.style.height = `${grid.height}px`;
  parts.frame.setAttribute("aria-label", frameLabel(scene));
  parts.legend.draw(scene, colours, cells.values.some(Number.isNaN), pixelRatio);
  parts.named.textContent = namedShare(scene);
  parts.note.textContent = sharingNote(scene);
  const all = grid.end - grid.first === scene.order.length;
  for (const wider of [parts.zoomButtons.zoomOut, parts.zoomButtons.all]) setDisabled(wider, all, parts.frame);
}

/** @param {Scene} scene */
function frameLabel({ quantity: { name }, order, passes, split }) {
  return (
    `${name} of ${order.length} classes by epoch, ${passes.length} passes of the ${split} split. ` +
    "Up and down choose a class, left and right an epoch, Enter chooses or clears, plus and minus zoom."
  );
}

/**
 * What a pixel stands for where it is not one class in one epoch.
 * @param {Scene} scene
 */
function sharingNote(scene) {
  const { grid, series, passes, split } = scene;
  const classes = grid.lines < grid.end - grid.first;
  const epochs = grid.columns < passes.length;
  const word = worstWord(scene);
  if (classes && epochs) return `each cell the ${word} of its classes and epochs`;
  if (classes) return `each line the ${word} of its classes`;
  if (epochs) return `each column the ${word} of its epochs`;
  if (passes.length < series.epochs.length) return `a column for each of the ${passes.length} passes of the ${split} split`;
  return "";
}

/**
 * Say what is chosen, for those who listen.
 *
 * @param {State} state
 * @param {Parts} parts
 * @param {Scene} scene
 */
function speak({ row, position }, parts, scene) {
  parts.spoken.textContent = spokenChoice(scene, { row, position: passAt(scene.series, scene.split, position) });
}

/**
 * What the pointer does.
 *
 * @param {Store} store
 * @param {Parts} parts
 * @param {() => Scene | null} shown what is on the screen
 * @returns {import("../heatmap/pointer.js").Hands}
 */
function pointerHands(store, { overlay }, shown) {
  return {
    grid: () => shown()?.grid ?? null,
    point(cell, event) {
      const scene = shown();
      if (!scene) return;
      overlay.point({ grid: scene.grid, cell });
      const [title, ...lines] = cellWords(scene, cell);
      showTip(event, title, ...lines);
    },
    leave() {
      overlay.point(null);
      overlay.drag(null);
      hideTip();
    },
    choose(cell, twice) {
      const scene = shown();
      if (!scene) return;
      if (twice && store.state.rows) return store.set({ rows: null });
      const { row, position } = shownIn(scene, cell);
      const again = store.state.row === row && store.state.position === position;
      store.set({ row: again ? null : row, position, settled: position });
    },
    drag(from, to) {
      const scene = shown();
      if (scene?.zoomable) overlay.drag({ width: scene.grid.width, from, to });
    },
    drop(from, to) {
      const scene = shown();
      overlay.drag(null);
      if (scene?.zoomable) store.set({ rows: draggedWindow(scene.grid, from, to, scene.order.length) });
    },
  };
}

/**
 * Why there is no heatmap, and what helps.
 *
 * @param {Store} store
 * @returns {(Node | string)[]}
 */
function nothingToShow(store) {
  const { state } = store;
  const { series, split, filter } = state;
  if (!series) return [];
  if (!classOrder(state).length) {
    const clear = button("Clear filter", () => store.set({ filter: "" }));
    return [h("p", { class: "empty" }, `No class name contains "${filter}". `, clear)];
  }
  if (!passesOf(series, split).length) return [h("p", { class: "empty" }, `The ${split} split was not measured in this run.`)];
  const { name } = quantity(state.quantity, series.task);
  return [h("p", { class: "empty" }, `${name} by class was not recorded on the ${split} split.`)];
}

/**
 * @param {Store} store
 * @param {KeyboardEvent} event
 */
function onKey(store, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { state } = store;
  const order = classOrder(state);
  const row = rowAfterKey(event.key, order, state.row, windowOf(state, order.length)[0]);
  const factor = { "+": ZOOM, "-": 1 / ZOOM }[event.key];
  if (row === undefined && factor === undefined) return;
  event.preventDefault();
  event.stopPropagation(); // Home and End mean epochs to the page
  if (row !== undefined) store.set({ row });
  else if (factor !== undefined) zoom(store, factor);
}
