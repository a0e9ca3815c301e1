/** Which row of the timeline is chosen, which has the focus, and the keys that move it. */

import { alertKey } from "../alerts.js";

/** @typedef {import("../types.js").AlertInstance} AlertInstance */

/**
 * Mark the row of the alert whose message is shown, or that of its rule while that is folded, and let the tab key lead to it.
 *
 * @param {HTMLElement} list
 * @param {AlertInstance | null} shown
 */
export function select(list, shown) {
  const key = shown && alertKey(shown);
  const rows = rowsOf(list);
  const own = rows.find((row) => row.dataset.alert === key) ?? rows.find((row) => row.dataset.rule === shown?.rule);
  for (const row of rows) {
    row.setAttribute("aria-selected", String(row === own));
    row.tabIndex = row === (own ?? rows[0]) ? 0 : -1;
  }
}

/**
 * Scroll to the chosen row, within the list alone.
 *
 * @param {HTMLElement} scroll
 * @param {HTMLElement} list
 */
export function reveal(scroll, list) {
  const row = rowsOf(list).find((one) => one.getAttribute("aria-selected") === "true");
  if (!row) return;
  const { offsetTop: top, offsetHeight: height } = row;
  if (top < scroll.scrollTop || top + height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top - scroll.clientHeight / 2;
}

/**
 * Up and down, Home and End move the focus; Enter and the space bar choose or unfold; right and left unfold and fold a rule.
 *
 * @param {HTMLElement} list
 * @param {KeyboardEvent} event
 */
export function onKey(list, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = rowsOf(list);
  const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
  if (at < 0) return;
  const unfolds = { true: "ArrowLeft", false: "ArrowRight" }[rows[at].getAttribute("aria-expanded") ?? ""];
  const places = /** @type {Record<string, number>} */ ({ ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 });
  if (Object.hasOwn(places, event.key)) rows[Math.max(0, Math.min(rows.length - 1, places[event.key]))].focus();
  else if (event.key === "Enter" || event.key === " " || event.key === unfolds) rows[at].click();
  else return;
  event.preventDefault();
  event.stopPropagation(); // arrows, Home and End mean epochs to the page
}

/**
 * @param {HTMLElement} list
 * @returns {HTMLElement[]}
 */
function rowsOf(list) {
  return /** @type {HTMLElement[]} */ ([...list.children]);
}

/**
 * What tells the row that has the focus from the others; undefined where none has it.
 * @param {HTMLElement} list
 */
export function focusedKey(list) {
  const focused = rowsOf(list).find((row) => row === document.activeElement);
  return focused && (focused.dataset.alert ?? focused.dataset.rule);
}

/**
 * Give the focus back to the row that had it.
 *
 * @param {HTMLElement} list
 * @param {string | undefined} key as `focusedKey` told it
 */
export function refocus(list, key) {
  if (key !== undefined) rowsOf(list).find((row) => (row.dataset.alert ?? row.dataset.rule) === key)?.focus({ preventScroll: true });
}
