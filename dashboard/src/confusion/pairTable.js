/** Rows of mistakes: what they are about, how many over the epochs and now. */

import { h, s } from "../dom.js";
import { count } from "../format.js";
import { sparkline } from "../sparkline.js";

const TREND = { width: 84, height: 24 };
/** Before counts that may be too high. */
export const AT_MOST = "≤ ";
const BAR = { width: 52, height: 10 };

/**
 * @typedef {Object} MistakeRow
 * @property {string} key for tests, and to find the row again
 * @property {(Node | string)[]} name
 * @property {string} title the name as plain text
 * @property {ArrayLike<number>} history by position of the epoch
 * @property {number} position in the history of the pass that is shown
 * @property {number} wrong
 * @property {string[]} more further cells
 * @property {boolean} chosen
 * @property {() => void} choose
 */

/**
 * @param {string[]} heads
 * @param {MistakeRow[]} rows
 * @param {{label: string, exact: boolean}} options what the table is; whether counts are exact or at most so many
 */
export function mistakeTable(heads, rows, { label, exact }) {
  const most = Math.max(1, ...rows.map((row) => row.wrong));
  return h(
    "table",
    { class: "mistake-table", "aria-label": label },
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, ...rows.map((row) => rowOf(row, most, exact))),
  );
}

/**
 * @param {MistakeRow} row
 * @param {number} most
 * @param {boolean} exact
 */
function rowOf({ key, name, title, history, position, wrong, more, chosen, choose }, most, exact) {
  const length = (BAR.width * wrong) / most;
  const bar = s(
    "svg",
    { class: "mistake-bar", ...BAR, "aria-hidden": "true" },
    s("rect", { x: BAR.width - length, width: length, height: BAR.height }),
  );
  return h(
    "tr",
    {
      tabindex: 0,
      "data-mistake": key,
      "aria-selected": String(chosen),
      onclick: choose,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      },
    },
    h("td", { title }, ...name),
    h("td", {}, sparkline(history, { ...TREND, colour: "var(--wrong)", position })),
    h("td", {}, bar, `${exact ? "" : AT_MOST}${count(wrong)}`),
    ...more.map((cell) => h("td", {}, cell)),
  );
}
