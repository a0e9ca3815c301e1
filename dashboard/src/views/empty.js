/** What stands in the place of the page while the log directory holds nothing of a monitor. */

import { h } from "../dom.js";

const CODE = `from xent_monitor import XentMonitor

monitor = XentMonitor("logs/run1")
model.fit(x, y, validation_data=(xv, yv), callbacks=[monitor])`;

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function empty(store) {
  const element = h(
    "div",
    { class: "nothing" },
    h("h2", {}, "Nothing recorded in this log directory yet"),
    h("p", {}, "These three lines fill it. The page shows the first epoch as soon as TensorBoard has read it."),
    h("pre", {}, CODE),
  );
  return {
    element,
    keys: ["list"],
    draw() {
      const { list } = store.state;
      element.hidden = !list || list.runs.length > 0;
    },
  };
}
