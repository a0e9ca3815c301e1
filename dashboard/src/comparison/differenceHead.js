/** Header of the table of differences. Its buttons stay when it is drawn again, so that they keep the focus. */

import { h } from "../dom.js";
import { barSides } from "./differenceBar.js";
import { opponent } from "./sides.js";

/** @typedef {import("../types.js").Store} Store */

/** Rows of the header. */
export const HEAD_ROWS = 2;

/**
 * @typedef {Object} Column
 * @property {string} key of the sort
 * @property {string} name "shown" and "other" stand for what is set against each other, "class" for what the rows are
 * @property {1 | -1} direction of the first click
 * @property {string} [title]
 */

/** @type {Column[]} */
const COLUMNS = [
  { key: "name", name: "class", direction: 1 },
  { key: "support", name: "n", direction: -1, title: "examples of the class in the shown pass" },
  { key: "shown_cross_entropy", name: "shown", direction: -1 },
  { key: "other_cross_entropy", name: "other", direction: -1 },
  { key: "cross_entropy", name: "difference", direction: -1 },
  { key: "errors", name: "std. err.", direction: -1, title: "how many standard errors the difference is away from 0" },
  { key: "shown_accuracy", name: "shown", direction: 1 },
  { key: "other_accuracy", name: "other", direction: 1 },
  { key: "accuracy", name: "difference", direction: 1, title: "difference in percentage points" },
];

export class DifferenceHead {
  /** @param {Store} store */
  constructor(store) {
    this._store = store;
    this._cells = COLUMNS.map((column) => {
      const button = h("button", { type: "button", "data-key": column.key, onclick: () => this._sort(column) });
      return { column, button, cell: h("th", { scope: "col" }, button) };
    });
    this.element = h("thead", {}, groups(), h("tr", { "aria-rowindex": HEAD_ROWS }, ...this._cells.map(({ cell }) => cell)));
  }

  /** Names of the columns, and which of them the rows are sorted by. */
  draw() {
    const { state } = this._store;
    const side = opponent(state)?.side;
    /** @type {Record<string, string>} */
    const names = {
      class: state.series?.task === "multilabel" ? "label" : "class",
      ...(side && side.series === state.series && { shown: state.split, other: side.split }),
    };
    for (const { column, button, cell } of this._cells) {
      const sorted = column.key === state.differenceSort.key;
      const rising = state.differenceSort.direction === 1;
      const name = names[column.name] ?? column.name;
      button.textContent = sorted ? `${name} ${rising ? "↑" : "↓"}` : name;
      cell.title = column.title ?? name;
      cell.setAttribute("aria-sort", !sorted ? "none" : rising ? "ascending" : "descending");
    }
  }

  /** @param {Column} column */
  _sort({ key, direction }) {
    const { differenceSort } = this._store.state;
    const turned = differenceSort.direction === 1 ? -1 : 1;
    this._store.set({ differenceSort: { key, direction: differenceSort.key === key ? turned : direction } });
  }
}

/** What the columns below have in common. */
function groups() {
  return h(
    "tr",
    { class: "groups", "aria-rowindex": 1 },
    h("td"),
    h("th", { colspan: 3 }, "Cross-entropy, nats"),
    barSides(),
    h("td"),
    h("th", { colspan: 2 }, "Accuracy"),
    barSides(),
  );
}
