/** What could not be read or fetched, in the words of the server. */

import { h } from "../dom.js";

/** What fails with each slot of the state, in front of the reason; slots of summaries have the name of a run behind. */
const FAILED = {
  list: "The list of runs could not be fetched",
  series: "The run could not be fetched",
  others: "A run to compare with could not be fetched",
  words: "The reading could not be fetched",
  detail: "The chosen class could not be fetched",
  confusion: "The mistakes could not be fetched",
  pairHistory: "The pair could not be fetched",
  summary: "The summary of a run could not be fetched",
  picture: "The picture could not be made",
};

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function problem(store) {
  const element = h("div", { class: "problems", role: "status" });
  return {
    element,
    keys: ["list", "run", "output", "series", "failures"],
    draw() {
      const { list, run, output, series, failures } = store.state;
      const unreadable = (list?.problems ?? []).map(({ run, message }) => `Run ${run} cannot be shown: ${message}`);
      const failed = Object.entries(failures).map(([slot, message]) => `${FAILED[/** @type {keyof typeof FAILED} */ (slot.split(" ")[0])]}: ${message}`);
      const listed = !list || list.runs.some((entry) => entry.run === run && entry.output === output);
      const gone = series && !listed ? [`Run ${run} is not in the log directory, or not read yet: what is shown is what was there before.`] : [];
      // Many summaries may fail for one reason.
      const said = [...new Set([...unreadable, ...failed, ...gone])];
      element.hidden = !said.length;
      element.replaceChildren(...said.map((line) => h("p", {}, line)));
    },
  };
}
