/** What moves over the heatmap without a repaint: the chosen epoch, the chosen class, the cell under the pointer, a drag. */

import { s } from "../dom.js";
import { passIndex } from "./scene.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** The least size of what is outlined, so that a cell of one pixel can be seen. */
const LEAST = 3;
/** Outlines lie around what they outline, not on it: it may be as narrow as they are. */
const STROKE = 1.5;

export class Overlay {
  constructor() {
    this._column = s("rect", { class: "chosen-epoch" });
    this._arrow = s("path", { class: "chosen-arrow" });
    this._row = s("rect", { class: "chosen-class" });
    this._ring = s("rect", { class: "pointed" });
    this._band = s("rect", { class: "dragged" });
    this.element = s("svg", { "aria-hidden": "true" }, this._column, this._arrow, this._row, this._ring, this._band);
    this.point(null);
    this.drag(null);
  }

  /**
   * Show which epoch and class are chosen.
   *
   * @param {Scene} scene
   * @param {{position: number, row: number | null}} chosen
   */
  choose(scene, { position, row }) {
    const { grid, order, passes, rowHeight } = scene;
    const pass = passIndex(scene, position);
    const pitch = grid.width / passes.length;
    const middle = (pass + 0.5) * pitch;
    const width = Math.max(LEAST, pitch) + STROKE;
    place(this._column, pass >= 0 && { x: middle - width / 2, y: -0.5, width, height: grid.height + 1 });
    this._arrow.setAttribute("d", pass >= 0 ? `M${middle} -1.5l-3 -4h6Z` : "");

    const at = row === null ? -1 : order.indexOf(row);
    const inSight = at >= grid.first && at < grid.end;
    const height = Math.max(LEAST, rowHeight) + STROKE;
    const y = (at - grid.first + 0.5) * rowHeight - height / 2;
    place(this._row, inSight && { x: -1, y, width: grid.width + 2, height });
  }

  /**
   * Ring the cell under the pointer.
   * @param {{grid: import("./cells.js").Grid, cell: import("./cells.js").Cell} | null} pointed
   */
  point(pointed) {
    if (!pointed) return place(this._ring, false);
    const { grid, cell } = pointed;
    const [width, height] = [grid.width / grid.columns, grid.height / grid.lines];
    place(this._ring, {
      x: cell.column * width,
      y: cell.line * height,
      width: Math.max(LEAST, width),
      height: Math.max(LEAST, height),
    });
  }

  /**
   * Shade the rows that a drag spans.
   * @param {{width: number, from: number, to: number} | null} drag heights of its ends
   */
  drag(drag) {
    if (!drag) return place(this._band, false);
    const { width, from, to } = drag;
    place(this._band, { x: 0, y: Math.min(from, to), width, height: Math.abs(to - from) });
  }
}

/**
 * @param {SVGRectElement} rect
 * @param {{x: number, y: number, width: number, height: number} | false} box false hides it
 */
function place(rect, box) {
  rect.setAttribute("visibility", box ? "visible" : "hidden");
  if (box) for (const [name, value] of Object.entries(box)) rect.setAttribute(name, String(value));
}
