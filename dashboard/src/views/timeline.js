/** What fired, when: a row an alert, or a rule where there are many, over the epochs. */

import { quietRules } from "../alerts.js";
import { h } from "../dom.js";
import { count } from "../format.js";
import { epochTicks } from "../scales.js";
import { focusedKey, onKey, refocus, reveal, select } from "../timeline/focus.js";
import { alertList } from "../timeline/list.js";
import { shownInstance, timelineRows } from "../timeline/rows.js";

/** @typedef {import("../types.js").Alerts} Alerts */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** Width of the names, as in the style sheet, pixels. */
const NAMES = 252;

/** @type {(keyof State)[]} what the rows depend on; the epoch only moves a line over them */
const ROWS = ["series", "alerts", "expanded", "size"];

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function timeline(store) {
  let list = /** @type {HTMLElement} */ (h("div"));
  const now = h("div", { class: "alert-now", "aria-hidden": "true" });
  const axis = h("div", { class: "alert-axis", "aria-hidden": "true" });
  const grid = h("div", { class: "alert-grid", "aria-hidden": "true" });
  const rows = h("div", { class: "alert-rows" }, grid, list, now);
  const scroll = h("div", { class: "alert-scroll" }, rows);
  const foot = h("div", { class: "alert-foot muted" });
  const nothing = h("div", { class: "empty" });
  const element = h("div", { class: "timeline" }, scroll, axis, foot, nothing);
  const hands = {
    choose: (/** @type {string} */ alert) => store.set({ alert }),
    toggle: (/** @type {string} */ rule) => store.set({ expanded: toggled(store.state.expanded, rule) }),
  };

  /** @param {ReadonlySet<keyof State>} changed */
  function draw(changed) {
    const { series, alerts, expanded, position } = store.state;
    const any = Boolean(series && alerts?.instances.length);
    for (const part of [scroll, axis, foot]) part.hidden = !any;
    nothing.hidden = any;
    if (!series || !alerts) return nothing.replaceChildren();
    if (!any) return nothing.replaceChildren(...whyEmpty(alerts, series));
    const scale = scaleOf(series);
    if (ROWS.some((key) => changed.has(key))) {
      const focused = focusedKey(list);
      const fresh = alertList(timelineRows(alerts, expanded), scale, hands);
      list.replaceWith(fresh);
      list = fresh;
      refocus(list, focused);
      drawAxis(axis, grid, series, scale, element.clientWidth - NAMES);
      foot.replaceChildren(...footOf(alerts));
    }
    now.style.left = left(scale(series.epochs[position] + 0.5));
    select(list, shownInstance(store.state));
    if (changed.has("alert") || changed.has("row")) reveal(scroll, list);
  }

  rows.addEventListener("keydown", (event) => onKey(list, event));
  return { element, keys: [...ROWS, "position", "alert", "row"], draw };
}

/**
 * From the number of an epoch to its place, 0 to 1; the last epoch has a width too.
 *
 * @param {Series} series
 * @returns {(epoch: number) => number}
 */
function scaleOf({ epochs }) {
  const [first, last] = [epochs[0], epochs[epochs.length - 1]];
  return (epoch) => Math.max(0, Math.min(1, (epoch - first) / (last + 1 - first)));
}

/** @param {number} share of the width of the epochs */
function left(share) {
  return `calc(${NAMES}px + (100% - ${NAMES}px) * ${share.toFixed(5)})`;
}

/**
 * @param {Alerts} alerts
 * @param {Series} series
 */
function whyEmpty({ recorded, rules }, { epochs }) {
  if (!recorded) {
    return [
      h("p", {}, "This run does not hold the states of its alerts: it had no rules, or was written by an earlier version of xent_monitor."),
      h("p", {}, "What fired is told in TensorBoard’s Text dashboard, and in ", h("code", {}, "alerts.jsonl"), " of the log directory."),
    ];
  }
  const passes = epochs.length === 1 ? "the one epoch" : `${count(epochs.length)} epochs`;
  return [h("p", {}, `No rule has fired in ${passes}; ${rules.length} watched.`), ...watched("Which rules", rules.map((rule) => rule.name))];
}

/**
 * Names behind a line that unfolds; nothing without names.
 *
 * @param {string} summary
 * @param {string[]} names
 */
function watched(summary, names) {
  return names.length ? [h("details", {}, h("summary", {}, summary), names.join(", "))] : [];
}

/**
 * @param {HTMLElement} axis
 * @param {HTMLElement} grid
 * @param {Series} series
 * @param {(epoch: number) => number} scale
 * @param {number} width of the epochs, pixels
 */
function drawAxis(axis, grid, { epochs }, scale, width) {
  const named = epochTicks(epochs, width).map((position) => epochs[position]);
  const places = named.map((epoch) => left(scale(epoch + 0.5)));
  grid.replaceChildren(...places.map((place) => h("i", { style: { left: place } })));
  axis.replaceChildren(
    ...named.map((epoch, index) => h("span", { style: { left: places[index] } }, String(epoch))),
    h("span", { class: "unit" }, "epoch"),
  );
}

/** @param {Alerts} alerts */
function footOf(alerts) {
  const quiet = quietRules(alerts);
  const more = Object.entries(alerts.more).map(([rule, number]) => `${count(number)} of ${rule}`);
  return [
    h("span", { class: "key" }, h("i", { class: "alert-bar pending warning" }), "pending"),
    h("span", { class: "key" }, h("i", { class: "alert-bar firing warning" }), "firing"),
    ...(more.length ? [h("span", {}, `Not listed, being over or never firing: ${more.join(", ")}.`)] : []),
    ...watched(`${quiet.length} quiet ${quiet.length === 1 ? "rule" : "rules"}`, quiet),
  ];
}

/**
 * A list with a name more, or without it.
 *
 * @param {string[]} names
 * @param {string} name
 */
function toggled(names, name) {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}
