/** What fired, when: a row an alert, or a rule where there are many, over the epochs. */

import { alertKey, quietRules } from "../alerts.js";
import { h } from "../dom.js";
import { count } from "../format.js";
import { glyph } from "../marks.js";
import { epochTicks } from "../scales.js";
import { hideTip, showTip } from "../tip.js";
import { shownInstance, spanInWords, spansInWords, stretches, timelineRows } from "../timeline/rows.js";

/** @typedef {import("../timeline/rows.js").InstanceRow} InstanceRow */
/** @typedef {import("../timeline/rows.js").RuleRow} RuleRow */
/** @typedef {import("../types.js").Alerts} Alerts */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** Width of the names, as in the style sheet, pixels. */
const NAMES = 252;
/** Least share of the height that the bar of a rule takes while any of its alerts fires. */
const LEAST_HEIGHT = 0.3;

/** @type {(keyof State)[]} what the rows depend on; the epoch only moves a line over them */
const ROWS = ["series", "alerts", "expanded", "size"];

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function timeline(store) {
  const list = h("div", { class: "alert-list" });
  const now = h("div", { class: "alert-now", "aria-hidden": "true" });
  const axis = h("div", { class: "alert-axis", "aria-hidden": "true" });
  const grid = h("div", { class: "alert-grid", "aria-hidden": "true" });
  const rows = h("div", { class: "alert-rows" }, grid, list, now);
  const scroll = h("div", { class: "alert-scroll" }, rows);
  const foot = h("div", { class: "alert-foot muted" });
  const nothing = h("div", { class: "empty" });
  const element = h("div", { class: "timeline" }, scroll, axis, foot, nothing);

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
      drawList(list, timelineRows(alerts, expanded), scale, store);
      drawAxis(axis, grid, series, scale, element.clientWidth - NAMES);
      foot.replaceChildren(...footOf(alerts));
      if (focused) rowWith(list, focused)?.focus({ preventScroll: true });
    }
    now.style.left = left(scale(series.epochs[position] + 0.5));
    select(list, store.state);
    if (changed.has("alert") || changed.has("row")) reveal(scroll, list);
  }

  list.addEventListener("keydown", (event) => onKey(event, list, store));
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
      h("p", {}, "This run does not hold the states of its alerts: an earlier version of xent_monitor wrote it."),
      h("p", {}, "What fired is in TensorBoard’s Text dashboard under ", h("code", {}, "alerts"), ", and in ", h("code", {}, "alerts.jsonl"), " beside the event files."),
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
 * @param {HTMLElement} list
 * @param {(InstanceRow | RuleRow)[]} rows
 * @param {(epoch: number) => number} scale
 * @param {Store} store
 */
function drawList(list, rows, scale, store) {
  const grouped = rows.some((row) => row.kind === "rule");
  list.setAttribute("role", grouped ? "tree" : "listbox");
  list.setAttribute("aria-label", "Alerts, the gravest first");
  list.replaceChildren(
    ...rows.map((row) =>
      row.kind === "rule"
        ? ruleRow(row, scale, () => toggle(store, row.key))
        : instanceRow(row, scale, grouped ? "treeitem" : "option", () => store.set({ alert: row.key })),
    ),
  );
}

/**
 * @param {InstanceRow} row
 * @param {(epoch: number) => number} scale
 * @param {"option" | "treeitem"} role
 * @param {() => void} choose
 */
function instanceRow({ key, instance, nested }, scale, role, choose) {
  const { rule, severity, class_name: name, spans, split } = instance;
  const bars = spans.map(({ state, first, last }) =>
    bar(`${state} ${severity}`, scale(first), scale(last + 1), 1, [`${rule}${name === null ? "" : `, ${name}`}: ${state}`, spanInWords(first, last)]),
  );
  return h(
    "div",
    {
      class: nested ? "alert-row nested" : "alert-row",
      role,
      tabindex: -1,
      "aria-level": role === "treeitem" ? (nested ? 2 : 1) : null,
      "data-alert": key,
      "aria-label": `${severity}: ${rule}${name === null ? "" : `, ${name}`}, ${split} split; ${spansInWords(instance)}`,
      onclick: choose,
    },
    h("span", { class: "alert-name" }, glyph(severity), h("span", { class: "rule" }, rule), name !== null && h("span", { class: "of-class", title: name }, name)),
    h("span", { class: "alert-track" }, ...bars),
  );
}

/**
 * A rule with many alerts: how many of them fire, as the height of its bars.
 *
 * @param {RuleRow} row
 * @param {(epoch: number) => number} scale
 * @param {() => void} onclick
 */
function ruleRow({ key, severity, instances, expanded }, scale, onclick) {
  const found = stretches(instances);
  const most = Math.max(1, ...found.map(({ firing }) => firing));
  const bars = found.map(({ first, last, firing, pending }) => {
    const height = firing ? LEAST_HEIGHT + ((1 - LEAST_HEIGHT) * firing) / most : LEAST_HEIGHT;
    const words = [firing && `${firing} firing`, pending && `${pending} pending`].filter(Boolean).join(", ");
    return bar(`${firing ? "firing" : "pending"} ${severity}`, scale(first), scale(last + 1), height, [`${key}: ${words}`, spanInWords(first, last)]);
  });
  const many = `${count(instances.length)} classes`;
  return h(
    "div",
    {
      class: "alert-row group",
      role: "treeitem",
      tabindex: -1,
      "aria-level": 1,
      "aria-expanded": String(expanded),
      "data-rule": key,
      "aria-label": `${severity}: ${key}, ${many}, at most ${most} of them at once`,
      onclick,
    },
    h("span", { class: "alert-name" }, glyph(severity), h("span", { class: "rule" }, key), h("span", { class: "of-class" }, `${many} ${expanded ? "▾" : "▸"}`)),
    h("span", { class: "alert-track" }, ...bars),
  );
}

/**
 * @param {string} kind classes of the style sheet
 * @param {number} from share of the width
 * @param {number} to
 * @param {number} height share of the height
 * @param {[string, string]} words of the tip
 */
function bar(kind, from, to, height, words) {
  return h("span", {
    class: `alert-bar ${kind}`,
    style: { left: `${100 * from}%`, width: `max(3px, ${100 * (to - from)}% - 1px)`, height: `${100 * height}%` },
    onmousemove: (/** @type {MouseEvent} */ event) => showTip(event, ...words),
    onmouseleave: hideTip,
  });
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
 * Mark the alert whose message is shown, and let the tab key lead to it.
 *
 * @param {HTMLElement} list
 * @param {State} state
 */
function select(list, state) {
  const shown = shownInstance(state);
  const key = shown && alertKey(shown);
  const rows = rowsOf(list);
  for (const row of rows) {
    if (row.dataset.alert !== undefined) row.setAttribute("aria-selected", String(row.dataset.alert === key));
    row.tabIndex = -1;
  }
  const first = rows.find((row) => row.dataset.alert === key) ?? rows.find((row) => row.dataset.rule === shown?.rule) ?? rows[0];
  if (first) first.tabIndex = 0;
}

/**
 * Scroll to the chosen row, within the list alone.
 *
 * @param {HTMLElement} scroll
 * @param {HTMLElement} list
 */
function reveal(scroll, list) {
  const row = rowsOf(list).find((one) => one.getAttribute("aria-selected") === "true");
  if (!row) return;
  const { offsetTop: top, offsetHeight: height } = row;
  if (top < scroll.scrollTop || top + height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top - scroll.clientHeight / 2;
}

/**
 * @param {Store} store
 * @param {string} rule
 */
function toggle(store, rule) {
  const { expanded } = store.state;
  store.set({ expanded: expanded.includes(rule) ? expanded.filter((name) => name !== rule) : [...expanded, rule] });
}

/**
 * Up and down, Home and End move the focus; Enter and the space bar choose or unfold; right and left unfold and fold a rule.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 * @param {Store} store
 */
function onKey(event, list, store) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = rowsOf(list);
  const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
  if (at < 0) return;
  const { rule } = rows[at].dataset;
  const places = /** @type {Record<string, number>} */ ({ ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 });
  if (Object.hasOwn(places, event.key)) rows[Math.max(0, Math.min(rows.length - 1, places[event.key]))].focus();
  else if (event.key === "Enter" || event.key === " ") rows[at].click();
  else if (rule !== undefined && event.key === (store.state.expanded.includes(rule) ? "ArrowLeft" : "ArrowRight")) toggle(store, rule);
  else return;
  event.preventDefault();
  event.stopPropagation(); // arrows, Home and End mean epochs to the page
}

/**
 * @param {HTMLElement} list
 * @returns {HTMLElement[]}
 */
function rowsOf(list) {
  return /** @type {HTMLElement[]} */ ([...list.children]);
}

/**
 * What tells the row that has the focus from the others; undefined where none has it.
 * @param {HTMLElement} list
 */
function focusedKey(list) {
  const focused = rowsOf(list).find((row) => row === document.activeElement);
  return focused && (focused.dataset.alert ?? focused.dataset.rule);
}

/**
 * @param {HTMLElement} list
 * @param {string} key
 */
function rowWith(list, key) {
  return rowsOf(list).find((row) => (row.dataset.alert ?? row.dataset.rule) === key);
}
