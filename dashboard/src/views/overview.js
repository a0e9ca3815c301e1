/** All classes in a narrow strip beside the heatmap, with a brush around those that the heatmap shows. */

import { gridOf } from "../heatmap/cells.js";
import { coloursOf } from "../heatmap/colours.js";
import { brushedWindow, wheelSteps } from "../heatmap/brush.js";
import { paintCells } from "../heatmap/raster.js";
import { cellsOf, sceneOf } from "../heatmap/scene.js";
import { h } from "../dom.js";
import { count } from "../format.js";
import { classOrder, windowOf, zoomed } from "../order.js";

/** @typedef {import("../types.js").State} State */

const STRIP_WIDTH = 26;
/** Factor of a step of the wheel. */
const WHEEL_ZOOM = 1.25;
/** The brush is never lower than this. */
const LEAST_BRUSH = 6;

/** @type {(keyof State)[]} */
const PAINTED = ["series", "split", "quantity", "sort", "filter", "show", "settled", "dark", "size"];

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function overview(store) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const brush = h("div", { class: "brush" });
  const element = h(
    "div",
    {
      class: "overview",
      role: "slider",
      tabindex: 0,
      "aria-orientation": "vertical",
      "aria-label": "Classes in sight",
      title: "All classes. Drag to move, wheel to zoom.",
    },
    canvas,
    brush,
  );
  moveByPointer(store, element);
  zoomByWheel(store, element);
  moveByKeys(store, element);

  /** @param {ReadonlySet<keyof State>} changed */
  function draw(changed) {
    const pixelRatio = devicePixelRatio || 1;
    const scene = sceneOf({ ...store.state, rows: null }, 0, pixelRatio);
    element.hidden = !scene?.zoomable;
    if (!scene?.zoomable) return;
    if (PAINTED.some((key) => changed.has(key))) {
      const size = { width: STRIP_WIDTH, height: scene.grid.height, pixelRatio };
      const cells = cellsOf(scene, gridOf({ ...scene.grid, ...size }));
      paintCells(canvas, size, cells, coloursOf(scene, store.state.dark));
    }
    placeBrush(store.state, scene);
  }

  /**
   * @param {State} state
   * @param {import("../heatmap/scene.js").Scene} scene
   */
  function placeBrush(state, { grid: { height }, order: { length } }) {
    const [first, end] = windowOf(state, length);
    const size = Math.max(LEAST_BRUSH, ((end - first) / length) * height);
    brush.style.top = `${Math.min((first / length) * height, height - size) - 2}px`;
    brush.style.height = `${size + 4}px`;
    element.style.height = `${height}px`;
    element.setAttribute("aria-valuemin", "1");
    element.setAttribute("aria-valuemax", String(length));
    element.setAttribute("aria-valuenow", String(first + 1));
    element.setAttribute("aria-valuetext", `classes ${count(first + 1)} to ${count(end)} of ${count(length)}`);
  }

  return { element, keys: [...PAINTED, "rows"], draw };
}

/**
 * @param {import("../types.js").Store} store
 * @param {HTMLElement} element
 */
function moveByPointer(store, element) {
  /** @type {number | null} how far the middle of the brush is below the pointer, rows; null while none drags */
  let grip = null;

  /** @param {PointerEvent} event */
  function rowAt(event) {
    const box = element.getBoundingClientRect();
    return ((event.clientY - box.top) / box.height) * classOrder(store.state).length;
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (grip === null) return;
    store.set({ rows: brushedWindow(rowAt(event) + grip, store.state.rows, classOrder(store.state).length) });
  }

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const row = rowAt(event);
    const [first, end] = store.state.rows ?? [0, 0];
    const onBrush = row >= first && row < end;
    grip = onBrush ? (first + end) / 2 - row : 0;
    if (!onBrush) move(event);
  });
  element.addEventListener("pointermove", move);
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) element.addEventListener(end, () => (grip = null));
}

/**
 * @param {import("../types.js").Store} store
 * @param {HTMLElement} element
 */
function zoomByWheel(store, element) {
  let rest = 0; // of the wheel, less than a step: touch pads send many small turns
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { steps, remainder } = wheelSteps(rest + event.deltaY, event.deltaMode);
      rest = remainder;
      if (!steps) return;
      const { length } = classOrder(store.state);
      const [first, end] = windowOf(store.state, length);
      const box = element.getBoundingClientRect();
      const row = ((event.clientY - box.top) / box.height) * length;
      const anchor = Math.max(0, Math.min(1, (row - first) / (end - first)));
      store.set({ rows: zoomed([first, end], length, WHEEL_ZOOM ** steps, anchor) });
    },
    { passive: false },
  );
}

/**
 * @param {import("../types.js").Store} store
 * @param {HTMLElement} element
 */
function moveByKeys(store, element) {
  element.addEventListener("keydown", (event) => {
    const { length } = classOrder(store.state);
    const [first, end] = windowOf(store.state, length);
    const size = end - first;
    const shift = { ArrowUp: -1, ArrowDown: 1, PageUp: -size, PageDown: size, Home: -length, End: length }[event.key];
    if (shift === undefined || !store.state.rows) return;
    event.preventDefault();
    event.stopPropagation();
    store.set({ rows: brushedWindow((first + end) / 2 + shift, store.state.rows, length) });
  });
}
