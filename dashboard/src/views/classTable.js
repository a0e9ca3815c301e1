/**
 * The classes in numbers, in the page's order. Only the rows in sight are in the document; they are kept, and write only
 * what has changed.
 */

import { rowAfterKey } from "../classKeys.js";
import { momentNote, momentOf } from "../classTable/cells.js";
import { columnsOf } from "../classTable/columns.js";
import { Header, sortAfterClick } from "../classTable/header.js";
import { Rows } from "../classTable/rows.js";
import { h } from "../dom.js";
import { HEADER_HEIGHT, panelHeight } from "../heatmap/layout.js";
import { classOrder, windowOf } from "../order.js";

/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** @type {(keyof State)[]} what the columns depend on */
const COLUMNS = ["series", "split", "size"];
/** @type {(keyof State)[]} changes that begin again at the top, or at the window of the heatmap */
const REORDERED = ["run", "output", "sort", "filter", "show", "rows"];

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function classTable(store) {
  const table = h("table", { class: "class-table", role: "grid", tabindex: 0 });
  const scroll = h("div", { class: "class-scroll" }, table);
  const note = h("p", { class: "muted class-note" });
  const element = h("div", { class: "class-view" }, scroll, note);
  const rows = new Rows(scroll, table, (row) => store.set({ row: store.state.row === row ? null : row }));
  let header = new Header([], () => {});

  /** @param {ReadonlySet<keyof State>} changed */
  function draw(changed) {
    const { state } = store;
    const { series, row } = state;
    const order = series ? classOrder(state) : [];
    element.hidden = !order.length;
    if (!series || !order.length) return rows.reset();
    if (COLUMNS.some((key) => changed.has(key))) drawColumns();
    header.draw(state);

    const height = panelHeight(order.length, series.class_names.length);
    const moment = momentOf({ ...state, series }, order);
    scroll.style.height = `${height + HEADER_HEIGHT}px`;
    table.setAttribute("aria-rowcount", String(order.length + 1));
    note.textContent = momentNote(moment, state.position);
    rows.show({ moment, order, chosen: row, height });
    if (changed.has("row") && row !== null) rows.reveal(order.indexOf(row));
    else if (REORDERED.some((key) => changed.has(key))) rows.scrollTo(windowOf(state, order.length)[0]);
  }

  function drawColumns() {
    const { series, split } = store.state;
    if (!series) return;
    const columns = columnsOf(series, split, element.clientWidth);
    if (header.shows(columns)) return;
    header = new Header(columns, (key) => store.set({ sort: sortAfterClick(store.state, key) }));
    table.setAttribute("aria-label", `Classes, ${split} split`);
    table.replaceChildren(header.element, ...rows.bodies(columns));
  }

  table.addEventListener("keydown", (event) => {
    if (event.target !== table || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rowAfterKey(event.key, classOrder(store.state), store.state.row, rows.firstInSight());
    if (row === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // Home and End mean epochs to the page
    store.set({ row });
  });
  return { element, keys: [...COLUMNS, ...REORDERED, "quantity", "settled", "position", "row", "alerts"], draw };
}
