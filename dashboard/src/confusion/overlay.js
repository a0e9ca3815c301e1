/** What lies over a confusion matrix without a repaint: the followed pair, the field of the pointer or the keys, a drag. */

import { s } from "../dom.js";
import { placeOf } from "./grid.js";

/** @typedef {import("./grid.js").Grid} Grid */

/** The least size of an outline, so that it can be seen around a field of one pixel. */
const LEAST = 4;
const THIN = 6;

export class MatrixOverlay {
  constructor() {
    this._row = s("rect", { class: "chosen-class" });
    this._column = s("rect", { class: "chosen-class" });
    this._pair = s("rect", { class: "followed" });
    this._field = s("rect", { class: "pointed" });
    this._drag = s("rect", { class: "dragged" });
    this.element = s("svg", { "aria-hidden": "true" }, this._row, this._column, this._pair, this._field, this._drag);
    this.point(null, null);
    this.drag(null, null);
  }

  /**
   * Outline the row and the column of the chosen class, where they are too thin to stand out by themselves.
   * @param {Grid} grid
   * @param {number | null} chosen
   */
  choose(grid, chosen) {
    const thin = chosen !== null && Math.min(grid.lineHeight, grid.columnWidth) < THIN;
    const row = thin ? placeOf(grid, chosen, grid.window[2]) : null;
    const column = thin ? placeOf(grid, grid.window[0], chosen) : null;
    outline(this._row, row && { ...boxOf(grid, row), x: 0, width: grid.width });
    outline(this._column, column && { ...boxOf(grid, column), y: 0, height: grid.height });
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
    if (!from || !to) return outline(this._drag, null);
    const [width, height] = [Math.abs(from.x - to.x), Math.abs(from.y - to.y)];
    outline(this._drag, { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width, height });
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
