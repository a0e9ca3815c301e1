/** The pointer on the heatmap: hover, click, double click, and a drag over rows. */

import { cellAt } from "./cells.js";

/** @typedef {import("./cells.js").Grid} Grid */
/** @typedef {import("./cells.js").Cell} Cell */

/** A shorter move is an unsteady click. */
const LEAST_DRAG = 5;

/**
 * What to do. Heights are pixels from the upper edge.
 *
 * @typedef {Object} Hands
 * @property {() => Grid | null} grid of what is on the screen; null for nothing
 * @property {(cell: Cell, event: PointerEvent) => void} point
 * @property {() => void} leave the pointer is away, or a drag was broken off
 * @property {(cell: Cell, twice: boolean) => void} choose
 * @property {(from: number, to: number) => void} drag
 * @property {(from: number, to: number) => void} drop end of a drag
 */

/**
 * @param {HTMLElement} element that the grid fills
 * @param {Hands} hands
 */
export function watchPointer(element, hands) {
  /** @type {number | null} where the button went down */
  let start = null;
  let dragged = false;

  /** @param {MouseEvent} event */
  function at(event) {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: Math.max(0, Math.min(box.height, event.clientY - box.top)) };
  }

  element.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls the page
    start = at(event).y;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const grid = hands.grid();
    if (!grid) return;
    const { x, y } = at(event);
    hands.point(cellAt(grid, x, y), event);
    if (start === null) return;
    dragged ||= Math.abs(y - start) > LEAST_DRAG;
    if (dragged) hands.drag(start, y);
  });
  element.addEventListener("pointerup", (event) => {
    if (start !== null && dragged) hands.drop(start, at(event).y);
    start = null;
  });
  element.addEventListener("pointercancel", () => {
    start = null;
    hands.leave();
  });
  element.addEventListener("pointerleave", () => hands.leave());
  element.addEventListener("click", (event) => {
    const grid = hands.grid();
    const endOfDrag = dragged;
    dragged = false;
    if (!grid || endOfDrag) return;
    const { x, y } = at(event);
    hands.choose(cellAt(grid, x, y), event.detail > 1);
  });
}
