/** The shown run beside others, and class by class against one of them, or against the other split of its own. */

import { differenceTable } from "../comparison/differenceTable.js";
import { runTable } from "../comparison/runTable.js";
import { opponent, opponents, unmatched } from "../comparison/sides.js";
import { menu } from "../controls.js";
import { h } from "../dom.js";
import { count } from "../format.js";

/** @typedef {import("../comparison/sides.js").Side} Side */
/** @typedef {import("../types.js").State} State */

/**
 * Whether there is anything to compare: without, the section has nothing to show.
 * @param {State} state
 */
export function comparable(state) {
  return opponent(state) !== null || state.others.length > 0;
}

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function comparison(store) {
  const runs = runTable();
  const caption = h("figcaption");
  const remarks = h("p", { class: "muted remarks" });
  const table = differenceTable(store);
  const element = h(
    "div",
    { class: "comparison" },
    runs.element,
    h("figure", { class: "differences" }, caption, table.element, remarks),
  );

  return {
    element,
    keys: ["series", "others", "split", "position", "settled", "row", "against", "differenceSort", "size"],
    draw(changed) {
      const { state } = store;
      const chosen = opponent(state);
      element.classList.toggle("alone", !state.others.length);
      element.classList.toggle("many", state.others.length > 1);
      runs.element.hidden = !state.others.length;
      if (!state.series) return;
      if (state.others.length) runs.draw(state);
      // A menu that is open must not be replaced under the pointer while the epoch moves.
      if (changed.has("series") || changed.has("others") || changed.has("split") || changed.has("against")) {
        caption.replaceChildren(...captionOf(store));
      }
      table.draw(changed);
      remarks.textContent = chosen ? remarksOn(state, chosen.side) : missingSplit(state);
    },
  };
}

/**
 * What is set against what, with a menu where there is a choice.
 * @param {import("../types.js").Store} store
 */
function captionOf(store) {
  const { state } = store;
  const all = opponents(state);
  const chosen = opponent(state);
  if (!chosen) return [];
  /** @param {{side: Side}} other */
  const name = ({ side }) => (side.series === state.series ? `its ${side.name} pass` : side.name);
  const field =
    all.length > 1
      ? menu(
          "against",
          all.map((one) => [one.value, name(one)]),
          chosen.value,
          (value) => store.set({ against: value }),
        )
      : h("span", { class: "muted" }, `against ${name(chosen)}`);
  return [h("b", {}, "Class by class"), field];
}

/**
 * @param {State} state with a series
 * @param {Side} other
 * @returns {string} what the table leaves out, and how to read it
 */
function remarksOn(state, other) {
  const series = /** @type {import("../types.js").Series} */ (state.series);
  const what = other.series === series ? `${other.name} less ${state.split}` : "the other run less the shown one";
  const said = [`Differences are ${what}; grey: within ${series.noise} standard errors, which may be chance.`];
  const alone = unmatched(series, other.series);
  if (alone.shown) said.push(`${classes(alone.shown)} only the shown run has.`);
  if (alone.other) said.push(`${classes(alone.other)} only ${other.name} has.`);
  for (const one of new Set([series, other.series])) {
    const rows = one.class_names.length;
    if (rows === one.num_classes) continue;
    said.push(
      `Of ${one.run}, the ${count(rows)} of ${count(one.num_classes)} classes that carry most of the loss are here.`,
    );
  }
  return said.join(" ");
}

/** @param {number} number */
function classes(number) {
  return number === 1 ? "1 class" : `${count(number)} classes`;
}

/** @param {State} state */
function missingSplit({ split }) {
  return `No compared run has a ${split} split, so that there is nothing to set the classes against.`;
}
