/** The header of the table of classes: a button a column that sorts by it. */

import { h } from "../dom.js";

/** @typedef {import("./columns.js").Column} Column */
/** @typedef {import("../types.js").State} State */

/** Columns whose first click puts the smallest on top: the alphabet, and what is bad when it is low. */
const RISING = ["name", "class_accuracy", "class_precision", "class_confidence"];

export class Header {
  /**
   * @param {Column[]} columns
   * @param {(key: string) => void} onsort
   */
  constructor(columns, onsort) {
    const all = columns.reduce((sum, { width }) => sum + width, 0);
    this._cells = columns.map((column) => {
      const { key, title, hint, width, sortable } = column;
      const arrow = h("span", { class: "sort-arrow", "aria-hidden": "true" });
      const content = sortable
        ? h("button", { type: "button", title: hint, "data-key": key, onclick: () => onsort(key) }, title, arrow)
        : h("span", { title: hint }, title);
      const style = { width: `${((100 * width) / all).toFixed(2)}%` };
      return { column, arrow, cell: h("th", { scope: "col", style }, content) };
    });
    this.element = h("thead", {}, h("tr", { "aria-rowindex": 1 }, ...this._cells.map(({ cell }) => cell)));
  }

  /**
   * Whether these are the columns of this header.
   * @param {Column[]} columns
   */
  shows(columns) {
    const own = this._cells.map(({ column }) => column);
    return own.length === columns.length && own.every(({ key, hint }, index) => key === columns[index].key && hint === columns[index].hint);
  }

  /** @param {State} state */
  draw(state) {
    const { direction } = state.sort;
    for (const { column, arrow, cell } of this._cells) {
      if (!column.sortable) continue;
      const active = sortsBy(state, column.key);
      const rising = RISING.includes(column.key) === direction > 0;
      cell.setAttribute("aria-sort", !active ? "none" : rising ? "ascending" : "descending");
      arrow.textContent = !active ? "" : rising ? " ↑" : " ↓";
    }
  }
}

/**
 * Whether the classes are ordered by a column; "worst now" is the order by the column of the quantity that is shown. Not so
 * support: the worst have the fewest examples, the column begins with the most.
 *
 * @param {State} state
 * @param {string} key
 */
export function sortsBy({ sort, quantity }, key) {
  return sort.key === key || (sort.key === "worst" && quantity === key && key !== "support");
}

/**
 * The order after a click on a header: by that column, or the other way round where it was so already.
 *
 * @param {State} state
 * @param {string} key
 * @returns {State["sort"]}
 */
export function sortAfterClick(state, key) {
  const direction = sortsBy(state, key) && state.sort.direction > 0 ? -1 : 1;
  return { key, direction };
}
