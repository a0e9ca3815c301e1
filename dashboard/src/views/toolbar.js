/** The bar that stays in sight: which run, which epoch, which class, which split. */

import { healthAt } from "../alerts.js";
import { button, menu, segments } from "../controls.js";
import { h } from "../dom.js";
import { refill, setDisabled } from "../focus.js";
import { named } from "../format.js";
import { glyph } from "../marks.js";
import { nearestPosition } from "../passes.js";
import { savePicture } from "../picture.js";

/** @typedef {import("../types.js").Store} Store */
/** @typedef {import("../types.js").State} State */

/** The splits by the words that the page has for them. */
const SPLIT_NAMES = { validation: "Validation", train: "Train", test: "Test" };

/**
 * @param {Store} store
 * @param {() => void} toggleDark
 * @returns {import("../types.js").View}
 */
export function toolbar(store, toggleDark) {
  const shown = h("span", { class: "shown-run" });
  const output = h("output", { for: "epoch", "aria-live": "off" }); // the slider says it already
  const slider = h("input", { type: "range", id: "epoch", min: 0, step: 1, "aria-label": "Epoch" });
  const onsets = h("div", { class: "onsets", "aria-hidden": "true" });
  const previous = button("\u2039", () => choose(store, store.state.position - 1), { label: "Previous epoch (left arrow)", icon: true, action: "previous" });
  const next = button("\u203a", () => choose(store, store.state.position + 1), { label: "Next epoch (right arrow)", icon: true, action: "next" });
  const latest = button("Latest", () => choose(store, Infinity), { action: "latest" });
  const outputs = h("span");
  const chosen = h("span");
  const splits = h("span");
  const theme = button("", toggleDark, { label: "Light or dark", icon: true, action: "theme" });
  const picture = button("PNG", () => save(store), { label: "Save the page as a PNG picture", action: "picture" });
  const epochs = h("div", { class: "epochs" }, h("span", { class: "muted" }, "Epoch"), output, previous, next, h("div", { class: "track" }, onsets, slider), latest);
  slider.addEventListener("input", () => store.set({ position: Number(slider.value) }));
  slider.addEventListener("change", () => store.set({ position: Number(slider.value), settled: Number(slider.value) }));
  /** @type {HTMLElement | null} */
  let left = null;
  const element = h("header", { class: "toolbar", "aria-label": "What the page shows" }, shown, outputs, epochs, chosen, splits, picture, theme);

  return {
    element,
    keys: ["series", "alerts", "position", "row", "split", "dark", "list", "run", "output"],
    draw(changed) {
      const { state } = store;
      const { series } = state;
      // While a run is fetched there is no bar, and what had the focus in it has it again afterwards.
      const focused = document.activeElement;
      if (!series && focused instanceof HTMLElement && element.contains(focused)) left = focused;
      element.hidden = !series;
      if (!series) return;
      const last = series.epochs.length - 1;
      slider.max = String(last);
      slider.value = String(state.position);
      slider.setAttribute("aria-valuetext", `epoch ${series.epochs[state.position]}`);
      output.replaceChildren(h("b", {}, String(series.epochs[state.position])), ` of ${series.epochs[last]}`);
      for (const forward of [next, latest]) setDisabled(forward, state.position === last, slider);
      setDisabled(previous, state.position === 0, slider);
      theme.textContent = state.dark ? "\u2600" : "\u263e";
      // Rebuilt only where they change: a control that has the focus must not be replaced under it.
      if (["series", "alerts", "run"].some((key) => changed.has(/** @type {keyof State} */ (key)))) {
        shown.replaceChildren(glyph(healthAt(state.alerts, series.epochs[last]), 15), h("span", { title: series.run }, series.run));
        onsets.replaceChildren(...onsetMarks(state));
      }
      if (left && focused === document.body) left.focus({ preventScroll: true });
      left = null;
      if (changed.has("list") || changed.has("series")) refill(outputs, outputMenu(store), slider);
      if (changed.has("row") || changed.has("series")) refill(chosen, chosenClass(store), slider);
      if (changed.has("split") || changed.has("series")) refill(splits, splitButtons(store), slider);
    },
  };
}

/**
 * Choose an epoch; beyond the ends it is the first or the last.
 * @param {Store} store
 * @param {number} position
 */
export function choose(store, position) {
  const { series } = store.state;
  if (!series) return;
  const within = Math.max(0, Math.min(series.epochs.length - 1, position));
  store.set({ position: within, settled: within });
}

/** @param {Store} store */
async function save(store) {
  const failures = { ...store.state.failures };
  delete failures.picture;
  try {
    store.drawAll();
    await savePicture(store.state);
  } catch (error) {
    failures.picture = error instanceof Error ? error.message : String(error);
  }
  store.set({ failures });
}

/** @param {State} state */
function onsetMarks({ series, alerts }) {
  if (!series || series.epochs.length < 2) return [];
  /** @type {Map<number, import("../types.js").Severity>} gravest severity that begins to fire, by epoch */
  const begun = new Map();
  const grave = ["info", "warning", "critical"];
  for (const instance of alerts?.instances ?? []) {
    for (const { state, epoch } of instance.events) {
      if (state !== "firing") continue;
      const known = begun.get(epoch);
      if (known === undefined || grave.indexOf(instance.severity) > grave.indexOf(known)) begun.set(epoch, instance.severity);
    }
  }
  const last = series.epochs.length - 1;
  return [...begun].map(([epoch, severity]) => {
    const mark = glyph(severity, 9);
    mark.style.left = `${(100 * nearestPosition(series, epoch)) / last}%`;
    return mark;
  });
}

/** @param {Store} store */
function outputMenu(store) {
  const { list, run, output } = store.state;
  const outputs = (list?.runs ?? []).filter((entry) => entry.run === run).map((entry) => entry.output);
  if (outputs.length < 2) return [];
  return [menu("Output", outputs.map((name) => [name, name || "(unnamed)"]), output, (value) => store.set({ output: value }), "output")];
}

/** @param {Store} store */
function chosenClass(store) {
  const { series, row } = store.state;
  if (!series || row === null) return [];
  const clear = button("\u00d7", () => store.set({ row: null }), { label: "All classes (Escape)", action: "all-classes" });
  const name = named(series.class_names[row]);
  return [h("span", { class: "chosen", title: name }, h("span", { class: "muted" }, series.task === "multilabel" ? "label" : "class"), h("b", {}, name), clear)];
}

/** @param {Store} store */
function splitButtons(store) {
  const { series, split } = store.state;
  if (!series || series.splits.length < 2) return [];
  return [segments("Split of the views by class", series.splits.map((name) => [name, SPLIT_NAMES[name]]), split, (value) => store.set({ split: value }), "split")];
}
