/** The runs, one line each: which of them needs me? It is the picker of the run too, and holds what is compared. */

import { button } from "../controls.js";
import { h } from "../dom.js";
import { nats, ratio, share } from "../format.js";
import { summaryKey } from "../loading.js";
import { chip } from "../marks.js";
import { MEANINGS } from "../term.js";
import { smallGauge } from "./gauge.js";

/** @typedef {import("../types.js").Store} Store */
/** @typedef {import("../types.js").RunEntry} RunEntry */
/** @typedef {import("../types.js").Summary} Summary */

/** Runs from which on there is a box to filter them. */
const MANY = 10;

/** Widths of the small gauge, pixels. */
const GAUGE = { least: 90, most: 420 };
const GAUGE_MEANING =
  "From 0, perfect, to ln K, an even guess among K classes. Hatched: what confidence that is too high or too low adds; blue: training.";

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function runs(store) {
  const filter = h("input", { type: "search", class: "runs-filter", placeholder: "Filter runs", "aria-label": "Filter runs by name" });
  const head = heading();
  const lines = h("div", { role: "radiogroup", "aria-label": "Runs" });
  const table = h("div", { class: "run-lines" }, head, lines);
  const element = h("div", {}, filter, table);
  const draw = () => {
    const { list } = store.state;
    const entries = list?.runs ?? [];
    const needle = filter.value.trim().toLowerCase();
    filter.hidden = entries.length <= MANY;
    const found = filter.hidden ? entries : entries.filter((entry) => entry.run.toLowerCase().includes(needle));
    const width = Math.max(GAUGE.least, Math.min(GAUGE.most, head.children[2].clientWidth));
    const refocus = focusOf(lines);
    lines.replaceChildren(...found.map((entry) => line(store, entry, width)));
    if (!found.length) lines.replaceChildren(h("div", { class: "empty" }, `No run is called "${filter.value}".`));
    // Arrow keys need a line to begin with, also where that of the shown run is filtered away.
    if (!lines.querySelector("[tabindex='0']")) lines.querySelector("[role=radio]")?.setAttribute("tabindex", "0");
    refocus();
  };
  filter.addEventListener("input", draw);
  lines.addEventListener("keydown", (event) => move(lines, event));
  return {
    element,
    keys: ["list", "run", "output", "compared", "summaries", "failures", "size"],
    draw(changed) {
      draw();
      if (changed.has("run")) bringIntoSight(table);
    },
  };
}

function heading() {
  const names = ["State", "Run", "Cross-entropy, 0 to ln K", "nats", "accuracy", "skill", "epoch", ""];
  /** @type {Record<number, string>} */
  const meanings = { 2: GAUGE_MEANING, 3: MEANINGS["Cross-entropy"], 5: MEANINGS.Skill };
  const cells = names.map((name, index) => h("span", { class: index > 2 ? "number" : null, title: meanings[index] }, name));
  return h("div", { class: "run-line heading", "aria-hidden": "true" }, ...cells);
}

/**
 * Scroll the list, and nothing around it, until the shown run is in sight.
 * @param {HTMLElement} table
 */
function bringIntoSight(table) {
  const shown = /** @type {HTMLElement | null} */ (table.querySelector(".run-line.shown"));
  if (!shown) return;
  const { offsetTop, offsetHeight } = shown;
  const below = offsetTop - table.scrollTop;
  // The heading, which stays at the top, covers less than a line.
  if (below < offsetHeight || below > table.clientHeight - offsetHeight) table.scrollTop = offsetTop - table.clientHeight / 2;
}

/**
 * The lines are made anew whenever one of them changes; who goes through them with the keyboard must not lose the place.
 * @param {HTMLElement} lines
 * @returns {() => void} to call when they have been made anew
 */
function focusOf(lines) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !lines.contains(focused)) return () => {};
  const { compare } = focused.dataset;
  return () => {
    const toggles = /** @type {HTMLElement[]} */ ([...lines.querySelectorAll("[data-compare]")]);
    const same = toggles.find((toggle) => toggle.dataset.compare === compare);
    (same ?? /** @type {HTMLElement | null} */ (lines.querySelector("[aria-checked=true]")))?.focus();
  };
}

/**
 * @param {Store} store
 * @param {RunEntry} entry
 * @param {number} width of the gauge
 */
function line(store, entry, width) {
  const { state } = store;
  const shown = entry.run === state.run && entry.output === state.output;
  const summary = state.summaries[summaryKey(entry)];
  const failed = state.failures[`summary ${summaryKey(entry)}`];
  const full = entry.output ? `${entry.run}, output ${entry.output}` : entry.run;
  // The name is the radio button: a line that is one would hide the button in it from screen readers.
  const radio = h(
    "span",
    { class: "name", role: "radio", "aria-checked": String(shown), "aria-label": spokenLine(full, summary), tabindex: shown ? 0 : -1, title: full },
    entry.run,
    entry.output && h("small", {}, entry.output),
  );
  return h(
    "div",
    { class: shown ? "run-line shown" : "run-line", title: summary?.headline, "data-run": entry.run, onclick: () => store.set({ run: entry.run, output: entry.output }) },
    summary ? chip(summary.state, true) : h("span", { class: "muted" }, failed ? "cannot be read" : "\u2026"),
    radio,
    summary ? gaugeOf(summary, width) : h("span"),
    ...[nats(summary?.cross_entropy), share(summary?.accuracy), ratio(summary?.skill), String(summary?.epoch ?? entry.last_epoch)].map((value) =>
      h("span", { class: "number", "aria-hidden": "true" }, value),
    ),
    shown ? h("span", { class: "muted" }, "shown") : compareButton(store, entry),
  );
}

/**
 * A line for those who do not see it: its numbers with the names that stand above them.
 * @param {string} name
 * @param {Summary | undefined} summary
 */
function spokenLine(name, summary) {
  if (!summary) return name;
  const { state, headline, cross_entropy: loss, accuracy, skill, epoch } = summary;
  const numbers = `cross-entropy ${nats(loss)} nats, accuracy ${share(accuracy)}, skill ${ratio(skill)}, epoch ${epoch}`;
  return `${name}: ${state}. ${headline}. ${numbers}.`;
}

/**
 * @param {Summary} summary
 * @param {number} width
 */
function gaugeOf(summary, width) {
  const number = (/** @type {number | null} */ value) => value ?? NaN;
  const levels = {
    split: summary.split,
    crossEntropy: number(summary.cross_entropy),
    tempered: number(summary.tempered_cross_entropy),
    train: number(summary.train_cross_entropy),
    prior: number(summary.prior_entropy),
    uniform: number(summary.uniform_cross_entropy),
  };
  return smallGauge(levels, width);
}

/**
 * @param {Store} store
 * @param {RunEntry} entry
 */
function compareButton(store, entry) {
  const { compared, output } = store.state;
  if (entry.output !== output) return h("span", { class: "muted", title: "Runs are compared by outputs of the same name." }, "other output");
  const on = compared.includes(entry.run);
  const toggled = on ? compared.filter((run) => run !== entry.run) : [...compared, entry.run];
  const toggle = button("compare", (event) => {
    event.stopPropagation(); // The line around it chooses the run.
    store.set({ compared: toggled });
  }, { pressed: on, small: true, label: `Compare with ${entry.run}` });
  toggle.dataset.compare = entry.run;
  return toggle;
}

/**
 * Arrow keys choose the run above or below, as in every group of radio buttons.
 * @param {HTMLElement} lines
 * @param {KeyboardEvent} event
 */
function move(lines, event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const all = /** @type {HTMLElement[]} */ ([...lines.querySelectorAll("[role=radio]")]);
  const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
  if (!step || at < 0) return;
  event.preventDefault();
  event.stopPropagation();
  const next = all[at + step];
  if (!next) return;
  next.focus();
  next.click();
}
