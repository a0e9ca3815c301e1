/** Whether the views of confidence show the chosen class or all: offered only while a class is chosen. */

import { segments } from "../controls.js";
import { h } from "../dom.js";
import { named } from "../format.js";
import { press } from "../pressed.js";

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function scope(store) {
  const buttons = segments(
    "Confidences of",
    [["class", ""], ["all", ""]],
    store.state.scope,
    (value) => store.set({ scope: /** @type {"class" | "all"} */ (value) }),
    "scope",
  );
  const [ofClass, ofAll] = buttons.querySelectorAll("button");
  const element = h("span", { class: "scope" }, buttons);

  function draw() {
    const { series, row, scope: chosen } = store.state;
    element.hidden = !series || row === null;
    if (!series || row === null) return;
    const name = named(series.class_names[row]);
    ofClass.textContent = name;
    ofClass.title = name;
    ofAll.textContent = series.task === "multilabel" ? "all labels" : "all classes";
    press(buttons, chosen, "scope");
  }

  return { element, keys: ["series", "row", "scope"], draw };
}
