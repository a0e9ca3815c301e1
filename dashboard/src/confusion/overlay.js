/** What lies over a confusion matrix without a repaint: the followed pair, the field of the pointer or the keys, a drag. */

import { s } from "../dom.js";
import { placeOf } from "./grid.js";

/** @typedef {import("./grid.js").Grid} Grid */

/** The least size of an outline, so that it can be seen around a field of one pixel. */
const LEAST = 4;

export class MatrixOverlay {
  constructor() {
    this._pair = s("rect", { class: "followed" });
    this._field = s("rect", { class: "pointed" });
    this._drag = s("rect", { class: "dragged" });
    this.element = s("svg", { "aria-hidden": "true" }, this._pair, this._field, this._drag);
    this.point(null, null);
    this.drag(null, null);
  }

  /**
   * Outline the pair that is followed.
   * @param {Grid} grid
   * @param {[number, number] | null} pair
   */
  follow(grid, pair) {
    const place = pair && placeOf(grid, ...pair);
    outline(this._pair, place && boxOf(grid, place));
  }

  /**
   * Outline a field; null for none.
   * @param {Grid | null} grid
   * @param {{line: number, column: number} | null} place
   */
  point(grid, place) {
    outline(this._field, grid && place && boxOf(grid, place));
  }

  /**
   * Shade the rectangle of a drag; null for none.
   * @param {{x: number, y: number} | null} from
   * @param {{x: number, y: number} | null} to
   */
  drag(from, to) {
    outline(
      this._drag,
      from && to && { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) },
    );
  }
}

/**
 * @param {Grid} grid
 * @param {{line: number, column: number}} place
 */
function boxOf({ lineHeight, columnWidth }, { line, column }) {
  const [width, height] = [Math.max(LEAST, columnWidth), Math.max(LEAST, lineHeight)];
  return { x: (column + 0.5) * columnWidth - width / 2, y: (line + 0.5) * lineHeight - height / 2, width, height };
}

/**
 * @param {SVGRectElement} rect
 * @param {{x: number, y: number, width: number, height: number} | null} box null hides it
 */
function outline(rect, box) {
  rect.setAttribute("visibility", box ? "visible" : "hidden");
  if (box) for (const [name, value] of Object.entries(box)) rect.setAttribute(name, String(value));
}
