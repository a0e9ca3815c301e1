/** The runs, one line each: which of them needs me? It is the picker of the run too, and holds what is compared. */

import { button } from "../controls.js";
import { h } from "../dom.js";
import { nats, ratio, share } from "../format.js";
import { summaryKey } from "../loading.js";
import { chip } from "../marks.js";
import { smallGauge } from "./gauge.js";

/** @typedef {import("../types.js").Store} Store */
/** @typedef {import("../types.js").RunEntry} RunEntry */
/** @typedef {import("../types.js").Summary} Summary */

/** Runs from which on there is a box to filter them. */
const MANY = 10;

/** Widths of the small gauge, pixels, and what the other columns take of a line. */
const GAUGE = { least: 110, most: 420 };
const OTHER_COLUMNS = 760;

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function runs(store) {
  const filter = h("input", { type: "search", class: "runs-filter", placeholder: "Filter runs", "aria-label": "Filter runs by name" });
  const lines = h("div", { class: "run-lines", role: "radiogroup", "aria-label": "Runs" });
  const element = h("div", {}, filter, heading(), lines);
  const draw = () => {
    const { list } = store.state;
    const entries = list?.runs ?? [];
    const needle = filter.value.trim().toLowerCase();
    filter.hidden = entries.length <= MANY;
    const found = entries.filter((entry) => entry.run.toLowerCase().includes(needle));
    const focused = lines.contains(document.activeElement) && document.activeElement?.getAttribute("role") === "radio";
    const width = Math.max(GAUGE.least, Math.min(GAUGE.most, lines.clientWidth - OTHER_COLUMNS));
    lines.replaceChildren(...found.map((entry) => line(store, entry, width)));
    if (!found.length) lines.replaceChildren(h("div", { class: "empty" }, `No run is called \u201c${filter.value}\u201d.`));
    if (focused) /** @type {HTMLElement | null} */ (lines.querySelector("[aria-checked=true]"))?.focus();
  };
  filter.addEventListener("input", draw);
  lines.addEventListener("keydown", (event) => move(lines, event));
  return { element, keys: ["list", "run", "output", "compared", "summaries", "failures", "size"], draw };
}

function heading() {
  const names = ["State", "Run", "Cross-entropy, from 0 to ln K", "nats", "accuracy", "skill", "epoch", ""];
  return h("div", { class: "run-line heading", "aria-hidden": "true" }, ...names.map((name, index) => h("span", { class: index > 2 ? "number" : null }, name)));
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
  return h(
    "div",
    {
      class: "run-line",
      role: "radio",
      "aria-checked": String(shown),
      "aria-label": `${entry.run}${entry.output && `, output ${entry.output}`}: ${summary ? summary.headline : "loading"}`,
      tabindex: shown ? 0 : -1,
      title: summary?.headline,
      "data-run": entry.run,
      onclick: () => store.set({ run: entry.run, output: entry.output }),
    },
    summary ? chip(summary.state) : h("span", { class: "muted" }, failed ? "cannot be read" : "\u2026"),
    h("span", { class: "name", title: entry.run }, entry.run, entry.output && h("small", {}, entry.output)),
    summary ? gaugeOf(summary, width) : h("span"),
    ...[nats(summary?.cross_entropy), share(summary?.accuracy), ratio(summary?.skill), String(summary?.epoch ?? entry.last_epoch)].map((value) =>
      h("span", { class: "number" }, value),
    ),
    shown ? h("span", { class: "muted" }, "shown") : compareButton(store, entry),
  );
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
  if (entry.output !== output) return h("span");
  const on = compared.includes(entry.run);
  const toggled = on ? compared.filter((run) => run !== entry.run) : [...compared, entry.run];
  const toggle = button("compare", (event) => {
    event.stopPropagation(); // The line around it chooses the run.
    store.set({ compared: toggled });
  }, { pressed: on, small: true });
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
