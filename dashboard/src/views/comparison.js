/** The shown run beside others, and class by class against one of them, or against the other split of its own. */

import { differenceTable } from "../comparison/differenceTable.js";
import { runTable } from "../comparison/runTable.js";
import { opponent, opponents, unmatched } from "../comparison/sides.js";
import { menu } from "../controls.js";
import { h } from "../dom.js";
import { refill } from "../focus.js";
import { count } from "../format.js";

/** @typedef {import("../comparison/sides.js").Side} Side */
/** @typedef {import("../types.js").Series} Series */
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
        refill(caption, captionOf(store));
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
  return [h("b", {}, state.series?.task === "multilabel" ? "Label by label" : "Class by class"), field];
}

/**
 * @param {State} state with a series
 * @param {Side} other
 * @returns {string} how to read the table, and what it leaves out
 */
function remarksOn(state, other) {
  const series = /** @type {Series} */ (state.series);
  const what = other.series === series ? `${other.name} less ${state.split}` : "the other run less the shown one";
  const reading = `Differences are ${what}; grey: within ${series.noise} standard errors, which may be chance.`;
  const cut = [...new Set([series, other.series])].filter((one) => one.class_names.length < one.num_classes);
  if (cut.length) return [reading, ...cut.map(leftOut)].join(" ");
  const alone = unmatched(series, other.series);
  if (alone.shown === series.num_classes) {
    const [own, theirs] = [series, other.series].map((one) => number(one.num_classes, one));
    return `The two runs have nothing in common here: ${own} of the shown run, ${theirs} of ${other.name}.`;
  }
  return [
    reading,
    alone.shown > 0 && `${number(alone.shown, series)} only the shown run has.`,
    alone.other > 0 && `${number(alone.other, series)} only ${other.name} has.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** @param {Series} series that holds some of its classes only */
function leftOut(series) {
  const rows = count(series.class_names.length);
  return `Of ${series.run}, the ${rows} of ${number(series.num_classes, series)} that carry most of the loss are here.`;
}

/**
 * @param {number} many
 * @param {Series} series
 */
function number(many, { task }) {
  const [one, more] = task === "multilabel" ? ["label", "labels"] : ["class", "classes"];
  return `${count(many)} ${many === 1 ? one : more}`;
}

/** @param {State} state */
function missingSplit({ split }) {
  return `No compared run has a ${split} split, so that there is nothing to set the classes against.`;
}
