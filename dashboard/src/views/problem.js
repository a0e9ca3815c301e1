/** What could not be read or fetched, in the words of the server. */

import { h } from "../dom.js";

/** @typedef {import("../types.js").State} State */

/** What each slot of the state is called in a sentence. Slots of summaries have the name of a run and output behind. */
const SUBJECTS = {
  list: "the list of runs",
  series: "the run",
  others: "a run to compare with",
  words: "the reading",
  detail: "the chosen class",
  confusion: "the mistakes",
  pairHistory: "the pair",
};
const SUMMARY = "summary ";
/** Runs whose summaries failed that are named; of more, their number says it. */
const NAMED = 3;

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
      const said = problems(store.state);
      element.hidden = !said.length;
      element.replaceChildren(...said.map((line) => h("p", {}, line)));
    },
  };
}

/**
 * A sentence for each run that cannot be shown, and for each reason why something could not be fetched.
 * @param {State} state
 * @returns {string[]}
 */
export function problems({ list, run, output, series, failures }) {
  const { picture, ...unfetched } = failures;
  const unreadable = (list?.problems ?? []).map((one) => `Run ${one.run} cannot be shown: ${one.message}`);
  /** @type {Map<string, string[]>} */
  const slots = new Map();
  for (const [slot, reason] of Object.entries(unfetched)) slots.set(reason, [...(slots.get(reason) ?? []), slot]);
  const failed = [...slots].map(([reason, those]) => `${subjects(those)} could not be fetched: ${reason}`);
  const listed = !list || list.runs.some((entry) => entry.run === run && entry.output === output);
  return [
    ...unreadable,
    ...failed,
    ...(series && !listed ? [`Run ${run} is not in the log directory, or not read yet: what is shown is what was there before.`] : []),
    ...(picture === undefined ? [] : [`The picture could not be made: ${picture}`]),
  ];
}

/**
 * @param {string[]} slots that failed for the same reason
 * @returns {string} the beginning of a sentence
 */
function subjects(slots) {
  const runs = slots.filter((slot) => slot.startsWith(SUMMARY)).map((slot) => slot.slice(SUMMARY.length).split("\n").filter(Boolean).join(", output "));
  const names = slots.flatMap((slot) => SUBJECTS[/** @type {keyof typeof SUBJECTS} */ (slot)] ?? []);
  // Of the shown run the summary fails for the reason for which the run does.
  if (runs.length && !slots.includes("series")) {
    names.push(runs.length > NAMED ? `the summaries of ${runs.length} runs` : `the ${runs.length > 1 ? "summaries" : "summary"} of ${runs.join(" and ")}`);
  }
  const [last, ...before] = names.reverse();
  const all = before.length ? `${before.reverse().join(", ")} and ${last}` : last;
  return all[0].toUpperCase() + all.slice(1);
}
