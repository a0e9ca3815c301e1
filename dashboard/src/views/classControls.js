/** What the heatmap and the table of classes show, and in which order. */

import { button, menu } from "../controls.js";
import { classTable as classTableCsv } from "../csv.js";
import { h } from "../dom.js";
import { download, fileName } from "../download.js";
import { count } from "../format.js";
import { classOrder } from "../order.js";
import { passAt } from "../passes.js";
import { quantitiesOf } from "../quantities.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {[value: string, text: string][]} Options */

const WORST_COUNTS = [5, 10, 25, 50, 100];
/** Stands in the menu while a header of the table decides the order. */
const BY_COLUMN = "column";

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function classControls(store) {
  const colour = menu("Colour", [], "", (quantity) => store.set({ quantity }), "quantity");
  const order = menu("Order", [], "", (key) => {
    if (key !== BY_COLUMN) store.set({ sort: { key, direction: 1 } });
  });
  const show = menu("Show", [], "", (value) => store.set({ show: value === "all" ? "all" : Number(value) }));
  const filter = h("input", {
    type: "search",
    id: "filter",
    placeholder: "Filter classes  ( / )",
    "aria-label": "Filter classes by name",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => store.set({ filter: filter.value }),
  });
  const shown = h("span", { class: "muted", role: "status" });
  const csv = button("Table as CSV", () => saveCsv(store.state), { action: "csv" });
  const subset = h("p", { class: "subset" });
  const element = h("div", { class: "class-controls" }, colour, order, show, filter, shown, h("span", { class: "grow" }), csv, subset);

  function draw() {
    const { state } = store;
    const { series } = state;
    element.hidden = !series;
    if (!series) return;
    offer(colour, quantitiesOf(series.task).map(({ key, name }) => [key, name]), state.quantity);
    const orders = orderOptions(series, state.sort);
    offer(order, orders.options, orders.value);
    offer(show, showOptions(series), String(state.show));
    // Written only where it differs: the box must keep its focus and caret while it is typed in.
    if (filter.value !== state.filter) filter.value = state.filter;
    shown.textContent = shownWords(series, classOrder(state).length);
    subset.textContent = subsetWords(series);
    subset.hidden = !subset.textContent;
  }

  return { element, keys: ["series", "split", "quantity", "sort", "show", "filter", "settled"], draw };
}

/** @param {HTMLElement} field */
function selectOf(field) {
  return /** @type {HTMLSelectElement} */ (field.querySelector("select"));
}

/**
 * Make a menu offer these options. The element stays, and so does the focus.
 *
 * @param {HTMLElement} field
 * @param {Options} options
 * @param {string} value
 */
function offer(field, options, value) {
  const select = selectOf(field);
  const same =
    select.options.length === options.length &&
    options.every(([key, text], index) => select.options[index].value === key && select.options[index].text === text);
  if (!same) select.replaceChildren(...options.map(([key, text]) => h("option", { value: key }, text)));
  select.value = value;
}

/**
 * @param {Series} series
 * @param {State["sort"]} sort
 * @returns {{options: Options, value: string}}
 */
function orderOptions({ task }, { key, direction }) {
  /** @type {Options} */
  const options = [
    ["worst", "worst now"],
    ["rise", "worst rise"],
    ["name", "name"],
    ["support", task === "multilabel" ? "positives" : "support"],
  ];
  if (direction > 0 && options.some(([known]) => known === key)) return { options, value: key };
  return { options: [...options, [BY_COLUMN, "by column"]], value: BY_COLUMN };
}

/**
 * @param {Series} series
 * @returns {Options}
 */
function showOptions({ class_names: { length } }) {
  const counts = WORST_COUNTS.filter((worst) => worst < length);
  return [["all", `all ${count(length)}`], ...counts.map((worst) => /** @type {[string, string]} */ ([String(worst), `worst ${worst}`]))];
}

/**
 * @param {Series} series
 * @param {number} shown
 */
function shownWords({ class_names: { length } }, shown) {
  return shown < length ? `${count(shown)} of ${count(length)}` : "";
}

/**
 * That there are more classes than could be sent, if so.
 * @param {Series} series
 */
function subsetWords({ class_names: { length }, num_classes }) {
  if (length >= num_classes) return "";
  return `These are the ${count(length)} of ${count(num_classes)} classes that carry most of the loss.`;
}

/** @param {State} state */
function saveCsv(state) {
  const { series, split, position } = state;
  if (!series) return;
  const pass = passAt(series, split, position);
  const epoch = series.epochs[pass < 0 ? position : pass];
  const rows = classOrder(state).length;
  const part = rows < series.num_classes ? `${rows} of ${series.num_classes}` : "";
  const name = fileName([series.run, series.output, split, `epoch ${epoch}`, part], "csv");
  download(name, new Blob([classTableCsv(state)], { type: "text/csv" }));
}
