/** The table of classes as CSV (RFC 4180): every number in full, what is undefined empty. */

import { classOrder } from "./order.js";
import { classValue, passAt, rise } from "./passes.js";
import { quantitiesOf } from "./quantities.js";

/** @typedef {import("./types.js").State} State */

/**
 * The classes in the page's order, at the chosen epoch and of the chosen split.
 *
 * @param {State} state
 * @returns {string} empty where nothing is loaded
 */
export function classTable(state) {
  const { series, split } = state;
  if (!series) return "";
  const position = passAt(series, split, state.position);
  const names = [...quantitiesOf(series.task).map((quantity) => quantity.key), "class_standard_error"];
  const rows = classOrder(state).map((row) => [
    guarded(series.class_names[row]),
    ...names.map((name) => number(classValue(series, split, name, position, row))),
    number(rise(series, split, row, position)),
  ]);
  const header = ["class", ...names, "rise_since_best"];
  return [header, ...rows].map((cells) => cells.map(quoted).join(",")).join("\r\n") + "\r\n";
}

/** @param {number} value */
function number(value) {
  return Number.isNaN(value) ? "" : String(value);
}

/**
 * A name that a spreadsheet does not take for a formula: one that begins like it gets an apostrophe in front (OWASP, "CSV
 * Injection", which names the full-width signs too).
 * @param {string} name
 */
function guarded(name) {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(name) ? `'${name}` : name;
}

/** @param {string} cell */
function quoted(cell) {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
