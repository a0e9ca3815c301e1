/** A difference as a number with its sign, and a small bar: to the right where the other is better, else to the left. */

import { h } from "../dom.js";

/**
 * @param {number} difference other less shown
 * @param {number} full difference that fills a side, > 0
 * @param {1 | -1 | 0} better sign of an improvement; 0 where neither is: then there is no bar, as its sides say which
 * @param {boolean} noise whether it may be chance
 * @param {(difference: number) => string} format
 */
export function differenceBar(difference, full, better, noise, format) {
  const side = Math.sign(difference) * better > 0 ? "right" : "left";
  const kind = noise ? "noise" : better === 0 ? "" : side === "right" ? "better" : "worse";
  const number = h("span", { class: "number" }, format(difference));
  if (!Number.isFinite(difference)) return h("span", { class: "difference" }, number);
  const width = difference === 0 ? "0" : `max(1px, ${((50 * Math.abs(difference)) / full).toFixed(1)}%)`;
  return h(
    "span",
    { class: `difference ${kind}`, title: noise ? "within noise" : null },
    number,
    h("span", { class: "diverging", "aria-hidden": "true" }, better === 0 ? null : h("i", { class: side, style: { width } })),
  );
}

/** The cell of a header that says what the sides of the bars below it mean; screen readers have the signs. */
export function barSides() {
  return h("td", { class: "sides", "aria-hidden": "true" }, h("span", {}, h("span", {}, "worse"), h("span", {}, "better")));
}
