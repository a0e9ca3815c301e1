/** Classes of two sides and what sets them apart. Only the rows in sight are in the document. */

import { rowAfterKey } from "../classKeys.js";
import { h } from "../dom.js";
import { count, fixed, named, share } from "../format.js";
import { differenceBar } from "./differenceBar.js";
import { DifferenceHead, HEAD_ROWS } from "./differenceHead.js";
import { classDifferences, errorsAway, fullBar, points, sortedDifferences, withinNoise } from "./differences.js";
import { opponent } from "./sides.js";

/** @typedef {import("./differences.js").ClassDifference} ClassDifference */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** As in the style sheet. */
const ROW_HEIGHT = 30;
const HEAD_HEIGHT = 56;
const MOST_ROWS = 14;
/** Rows beyond the edges of what is in sight, so that scrolling a little shows no gap. */
const OVERSCAN = 4;

/** Classes of the columns, which give them their widths. */
const WIDTHS = ["name", "count", "nats", "nats", "bars", "errors", "share", "share", "bars"];
/** Identifier of the row of the chosen class. */
const CHOSEN = "chosen-difference";

/**
 * What a table shows: its rows in order, and what all of them share.
 * @typedef {Object} Content
 * @property {ClassDifference[]} items
 * @property {number} noise
 * @property {number} decimals of nats
 * @property {number} fullNats difference that fills a bar
 * @property {number} fullShare
 */

/**
 * @param {Store} store
 * @returns {{element: HTMLElement, draw: (changed: ReadonlySet<keyof State>) => void}}
 */
export function differenceTable(store) {
  const head = new DifferenceHead(store);
  const body = h("tbody");
  const columns = h("colgroup", {}, ...WIDTHS.map((name) => h("col", { class: name })));
  const table = h(
    "table",
    { class: "difference-table", role: "grid", tabindex: 0, onkeydown: step },
    columns,
    head.element,
    body,
  );
  const element = h("div", { class: "difference-scroll", onscroll: drawRows }, table);
  /** @type {Content} */
  let content = { items: [], noise: 0, decimals: 3, fullNats: 0, fullShare: 0 };

  const firstInSight = () => Math.floor(element.scrollTop / ROW_HEIGHT);

  function drawRows() {
    const { items } = content;
    const first = Math.max(0, firstInSight() - OVERSCAN);
    const end = Math.min(items.length, first + MOST_ROWS + 2 * OVERSCAN);
    const rows = items.slice(first, end).map((item, index) => rowOf(store, content, item, first + index));
    body.replaceChildren(space(first), ...rows, space(items.length - end));
    if (body.querySelector(`#${CHOSEN}`)) table.setAttribute("aria-activedescendant", CHOSEN);
    else table.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  function step(event) {
    if (event.target !== table || event.ctrlKey || event.metaKey || event.altKey) return;
    const order = content.items.map(({ row }) => row);
    const row = rowAfterKey(event.key, order, store.state.row, firstInSight());
    if (row === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // some of these keys mean epochs to the page
    store.set({ row });
  }

  /** Scroll to the chosen class where it is not in sight. */
  function reveal() {
    const index = content.items.findIndex(({ row }) => row === store.state.row);
    const [top, height] = [index * ROW_HEIGHT, MOST_ROWS * ROW_HEIGHT];
    if (index >= 0 && (top < element.scrollTop || top + ROW_HEIGHT > element.scrollTop + height)) {
      element.scrollTop = top - height / 2;
    }
  }

  return {
    element,
    draw(changed) {
      content = contentOf(store.state);
      const { items } = content;
      element.hidden = !items.length;
      if (!items.length) return body.replaceChildren();
      table.setAttribute("aria-rowcount", String(items.length + HEAD_ROWS));
      table.setAttribute("aria-label", `Differences by class, ${store.state.split} split of the shown run first`);
      element.style.height = `${HEAD_HEIGHT + ROW_HEIGHT * Math.min(MOST_ROWS, items.length) + 1}px`;
      head.draw();
      if (changed.has("row")) reveal();
      drawRows();
    },
  };
}

/**
 * @param {State} state
 * @returns {Content} values of the chosen epoch, in the order of the settled one
 */
function contentOf(state) {
  const { series } = state;
  const chosen = opponent(state);
  if (!series || !chosen) return { items: [], noise: 0, decimals: 3, fullNats: 0, fullShare: 0 };
  const shown = { series, split: state.split, name: series.run };
  /** @param {number} position */
  const at = (position) => classDifferences(shown, chosen.side, series.epochs[position]);
  const now = at(state.position);
  const settled = state.settled === state.position ? now : at(state.settled);
  const byRow = new Map(now.map((item) => [item.row, item]));
  const items = sortedDifferences(settled, state.differenceSort).map(
    ({ row }) => /** @type {ClassDifference} */ (byRow.get(row)),
  );
  const values = items.flatMap(({ crossEntropy }) => [crossEntropy.shown, crossEntropy.other]);
  return {
    items,
    noise: series.noise,
    decimals: values.some((value) => value >= 10) ? 2 : 3,
    fullNats: fullBar(
      items.map((item) => item.crossEntropy),
      series.noise,
      0.01,
    ),
    fullShare: fullBar(
      items.map((item) => item.accuracy),
      series.noise,
      0.01,
    ),
  };
}

/**
 * @param {Store} store
 * @param {Content} content
 * @param {ClassDifference} item
 * @param {number} index in the order
 */
function rowOf(store, { noise, decimals, fullNats, fullShare }, item, index) {
  const { name, row, support, crossEntropy, accuracy } = item;
  const chosen = store.state.row === row;
  const noisy = withinNoise(crossEntropy, noise);
  /** @param {number} value */
  const nats = (value) => fixed(value, decimals);
  const away = errorsAway(crossEntropy);
  return h(
    "tr",
    {
      id: chosen && CHOSEN,
      "aria-rowindex": index + 1 + HEAD_ROWS,
      "aria-selected": String(chosen),
      onclick: () => store.set({ row: chosen ? null : row }),
    },
    h("th", { scope: "row", title: name }, named(name)),
    h("td", {}, count(support)),
    h("td", {}, nats(crossEntropy.shown)),
    h("td", {}, nats(crossEntropy.other)),
    h(
      "td",
      {},
      differenceBar(crossEntropy.difference, fullNats, -1, noisy, (value) => fixed(value, decimals, true)),
    ),
    h("td", { class: noisy && "muted" }, fixed(away, 1)),
    h("td", {}, share(accuracy.shown)),
    h("td", {}, share(accuracy.other)),
    h("td", {}, differenceBar(accuracy.difference, fullShare, 1, withinNoise(accuracy, noise), points)),
  );
}

/**
 * Room of rows that are not in the document.
 * @param {number} rows
 */
function space(rows) {
  const cell = h("td", { colspan: WIDTHS.length, style: { height: `${rows * ROW_HEIGHT}px` } });
  return h("tr", { class: "space", "aria-hidden": "true" }, cell);
}
