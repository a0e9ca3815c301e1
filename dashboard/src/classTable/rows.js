/** The rows of the table of classes that are in sight, between two spaces as high as those that are not. */

import { h } from "../dom.js";
import { ROW_HEIGHT } from "../heatmap/layout.js";
import { ClassRow } from "./row.js";

/** @typedef {import("./cells.js").Moment} Moment */
/** @typedef {import("./columns.js").Column} Column */

/** Rows beyond the edges of what is in sight, so that scrolling a little shows no gap. */
const OVERSCAN = 3;

/**
 * What the table shows.
 *
 * @typedef {Object} Content
 * @property {Moment} moment
 * @property {number[]} order rows of the series
 * @property {number | null} chosen row of the series
 * @property {number} height in which rows are in sight, pixels
 */

export class Rows {
  /**
   * @param {HTMLElement} scroll that holds the table
   * @param {HTMLTableElement} table
   * @param {(row: number) => void} onchoose called with the row of the series that was clicked
   */
  constructor(scroll, table, onchoose) {
    this._scroll = scroll;
    this._table = table;
    this._onchoose = onchoose;
    this._above = h("td");
    this._below = h("td");
    this._body = h("tbody");
    /** @type {Column[]} */
    this._columns = [];
    /** @type {ClassRow[]} */
    this._rows = [];
    this._top = 0; // as last scrolled; asking the element would make the browser lay the page out
    /** @type {Content | null} */
    this._content = null;
    scroll.addEventListener("scroll", () => {
      this._top = scroll.scrollTop;
      this._draw();
    });
  }

  /**
   * The bodies of a table with these columns.
   * @param {Column[]} columns
   */
  bodies(columns) {
    this._columns = columns;
    this._rows = [];
    this._body.replaceChildren();
    for (const space of [this._above, this._below]) space.setAttribute("colspan", String(columns.length));
    return [spaceBody(this._above), this._body, spaceBody(this._below)];
  }

  /** @param {Content} content */
  show(content) {
    this._content = content;
    this._draw();
  }

  /**
   * Bring the class at a place of the order to the top.
   * @param {number} place
   */
  scrollTo(place) {
    this._moveTo(place * ROW_HEIGHT);
  }

  /**
   * Bring the class at a place of the order into sight, if it is not.
   * @param {number} place -1 for none
   */
  reveal(place) {
    if (place < 0 || !this._content) return;
    const { height } = this._content;
    const y = place * ROW_HEIGHT;
    if (y < this._top || y + ROW_HEIGHT > this._top + height) this._moveTo(y - (height - ROW_HEIGHT) / 2);
  }

  /** Begin at the top again: a hidden element has lost its place. */
  reset() {
    this._content = null;
    this._top = 0;
  }

  /** Place in the order of the first class in sight. */
  firstInSight() {
    return Math.ceil(this._top / ROW_HEIGHT);
  }

  /** @param {number} top */
  _moveTo(top) {
    if (!this._content) return;
    const { order, height } = this._content;
    this._top = Math.max(0, Math.min(order.length * ROW_HEIGHT - height, top));
    this._draw(); // first the spaces, which make the height
    this._scroll.scrollTop = this._top;
  }

  _draw() {
    if (!this._content) return;
    const { moment, order, chosen, height } = this._content;
    const first = Math.max(0, Math.min(order.length, Math.floor(this._top / ROW_HEIGHT)) - OVERSCAN);
    const end = Math.min(order.length, first + Math.ceil(height / ROW_HEIGHT) + 2 * OVERSCAN + 1);
    const inSight = order.slice(first, end);

    this._rows = this._reused(inSight);
    this._rows.forEach((row, index) => row.show(moment, inSight[index], first + index, inSight[index] === chosen));
    const elements = this._rows.map(({ element }) => element);
    if (elements.some((element, index) => this._body.children[index] !== element) || this._body.children.length !== elements.length) {
      this._body.replaceChildren(...elements);
    }
    setHeight(this._above, first * ROW_HEIGHT);
    setHeight(this._below, (order.length - end) * ROW_HEIGHT);
    this._pointAt(inSight.indexOf(chosen ?? -1));
  }

  /**
   * A row for each of these classes: the one that shows it already, else one that is free, else a new one.
   *
   * @param {number[]} classes rows of the series
   */
  _reused(classes) {
    const wanted = new Set(classes);
    const shown = new Map(this._rows.filter(({ row }) => wanted.has(row)).map((row) => [row.row, row]));
    const free = this._rows.filter(({ row }) => !wanted.has(row));
    return classes.map((row) => shown.get(row) ?? free.pop() ?? this._newRow());
  }

  _newRow() {
    const row = new ClassRow(this._columns);
    row.element.addEventListener("click", () => this._onchoose(row.row));
    return row;
  }

  /**
   * Tell a screen reader which row is chosen.
   * @param {number} index among the rows in the document, or -1
   */
  _pointAt(index) {
    for (const { element } of this._rows) element.removeAttribute("id");
    if (index < 0) return this._table.removeAttribute("aria-activedescendant");
    this._rows[index].element.id = "chosen-class";
    this._table.setAttribute("aria-activedescendant", "chosen-class");
  }
}

/** @param {HTMLElement} cell */
function spaceBody(cell) {
  return h("tbody", { class: "space", "aria-hidden": "true" }, h("tr", {}, cell));
}

/**
 * @param {HTMLElement} cell
 * @param {number} height
 */
function setHeight(cell, height) {
  const value = `${height}px`;
  if (cell.style.height !== value) cell.style.height = value;
}
