/** What stands in the place of the page while there is none: nothing recorded, or nothing fetched yet. */

import { h } from "../dom.js";

const CODE = `from xent_monitor import XentMonitor

monitor = XentMonitor("logs/run1")
model.fit(x, y, validation_data=(xv, yv), callbacks=[monitor])`;

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function empty(store) {
  const waiting = h("p", { class: "waiting", role: "status" });
  const instructions = h(
    "div",
    {},
    h("h1", {}, "Nothing recorded in this log directory yet"),
    h("p", {}, "These three lines fill it. The page shows the first epoch as soon as TensorBoard has read it."),
    h("pre", {}, CODE),
  );
  const element = h("div", { class: "nothing" }, waiting, instructions);
  return {
    element,
    keys: ["list", "run", "series", "failures"],
    draw() {
      const { list, series } = store.state;
      instructions.hidden = list?.runs.length !== 0;
      waiting.textContent = awaited(store.state);
      waiting.hidden = waiting.textContent === "";
      element.hidden = series !== null || (instructions.hidden && waiting.hidden);
    },
  };
}

/**
 * What is on its way, in words; empty where nothing is, or where it failed, which is said elsewhere.
 * @param {import("../types.js").State} state
 */
function awaited({ list, run, series, failures }) {
  if (!list) return failures.list ? "" : "Reading the log directory\u2026";
  if (!list.runs.length || series || failures.series) return "";
  return `Reading ${run ?? "the runs"}\u2026`;
}
