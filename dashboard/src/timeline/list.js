/** The rows of the timeline of the alerts as elements: a name, and bars over the epochs. */

import { h } from "../dom.js";
import { count } from "../format.js";
import { glyph } from "../marks.js";
import { hideTip, showTip } from "../tip.js";
import { spanInWords, spansInWords, stretches } from "./rows.js";

/** @typedef {import("./rows.js").InstanceRow} InstanceRow */
/** @typedef {import("./rows.js").RuleRow} RuleRow */

/** Least share of the height that the bar of a rule takes while any of its alerts is active. */
const LEAST_HEIGHT = 0.3;

/**
 * @param {(InstanceRow | RuleRow)[]} rows
 * @param {(epoch: number) => number} scale from the number of an epoch to a share of the width
 * @param {{choose: (alert: string) => void, toggle: (rule: string) => void}} hands what a click on a row does
 * @returns {HTMLElement} a list box, or where rows unfold a tree
 */
export function alertList(rows, scale, { choose, toggle }) {
  const grouped = rows.some((row) => row.kind === "rule");
  return h(
    "div",
    { class: "alert-list", role: grouped ? "tree" : "listbox", "aria-label": "Alerts, the gravest first" },
    ...rows.map((row) =>
      row.kind === "rule"
        ? ruleRow(row, scale, () => toggle(row.key))
        : instanceRow(row, scale, grouped ? "treeitem" : "option", () => choose(row.key)),
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
  const title = name === null ? rule : `${rule}, ${name}`;
  const bars = spans.map(({ state, first, last }) =>
    bar(`${state} ${severity}`, scale(first), scale(last + 1), 1, [`${title}: ${state}`, spanInWords(first, last)]),
  );
  // Most rules judge the validation: the others say what they are of.
  const about = [name, split === "validation" ? null : split].filter((part) => part !== null).join(", ");
  return h(
    "div",
    {
      class: nested ? "alert-row nested" : "alert-row",
      role,
      tabindex: -1,
      "aria-level": role === "treeitem" ? (nested ? 2 : 1) : null,
      "data-alert": key,
      "aria-label": `${severity}: ${about ? `${rule} ${about}` : rule}; ${spansInWords(instance)}, ${split} split`,
      onclick: choose,
    },
    h(
      "span",
      { class: "alert-name" },
      glyph(severity),
      h("span", { class: "rule", title: rule }, rule),
      about && h("span", { class: "of-class", title: about }, ` ${about}`),
    ),
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
    const kind = `stretch ${firing ? "firing" : "pending"} ${severity}`;
    return bar(kind, scale(first), scale(last + 1), height, [`${key}: ${words}`, spanInWords(first, last)]);
  });
  const many = `${count(instances.length)} alerts`;
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
    h(
      "span",
      { class: "alert-name" },
      glyph(severity),
      h("span", { class: "rule", title: key }, key),
      h("span", { class: "of-class" }, `${many} ${expanded ? "▾" : "▸"}`),
    ),
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
    style: { left: `${100 * from}%`, width: `max(3px, ${100 * (to - from)}%)`, height: `${100 * height}%` },
    onmousemove: (/** @type {MouseEvent} */ event) => showTip(event, ...words),
    onmouseleave: hideTip,
  });
}
