/** What could not be read or fetched, in the words of the server. */

import { h } from "../dom.js";

/** What each slot of the state is called in a sentence; slots of summaries have the name of a run behind. */
const NAMES = {
  list: "The list of runs",
  series: "The run",
  others: "A run to compare with",
  words: "The reading",
  alerts: "The alerts",
  detail: "The chosen class",
  confusion: "The mistakes",
  pairHistory: "The pair",
  summary: "The summary of a run",
};

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function problem(store) {
  const element = h("div", { class: "problems", role: "status" });
  return {
    element,
    keys: ["list", "failures"],
    draw() {
      const { list, failures } = store.state;
      const unreadable = (list?.problems ?? []).map(({ run, message }) => `Run ${run} cannot be shown: ${message}`);
      const failed = Object.entries(failures).map(([slot, message]) => {
        const name = NAMES[/** @type {keyof typeof NAMES} */ (slot.split(" ")[0])] ?? slot;
        return `${name} could not be fetched: ${message}`;
      });
      // Many summaries may fail for one reason.
      const said = [...new Set([...unreadable, ...failed])];
      element.hidden = !said.length;
      element.replaceChildren(...said.map((line) => h("p", {}, line)));
    },
  };
}
