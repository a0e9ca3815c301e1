/** Which rows the timeline of the alerts has: one an instance, or, where there are many, one a rule. Pure. */

import { alertKey, ordered, stateAt } from "../alerts.js";

/** @typedef {import("../types.js").Alerts} Alerts */
/** @typedef {import("../types.js").AlertInstance} AlertInstance */
/** @typedef {import("../types.js").Severity} Severity */
/** @typedef {import("../types.js").State} State */

/** With more instances than this the rules with several of them have one row each. */
const MANY = 24;
const SEVERAL = 3;

/**
 * @typedef {Object} InstanceRow
 * @property {"instance"} kind
 * @property {string} key
 * @property {AlertInstance} instance
 * @property {boolean} nested whether it is in a group
 */

/**
 * @typedef {Object} RuleRow
 * @property {"rule"} kind
 * @property {string} key name of the rule
 * @property {Severity} severity the gravest of its instances
 * @property {AlertInstance[]} instances
 * @property {boolean} expanded whether the rows of its instances follow
 */

/**
 * @param {Alerts} alerts
 * @param {string[]} expanded rules whose instances are shown one by one
 * @returns {(InstanceRow | RuleRow)[]} the gravest first
 */
export function timelineRows(alerts, expanded) {
  const instances = ordered(alerts.instances);
  const grouped = instances.length > MANY;
  /** @type {Map<string, AlertInstance[]>} */
  const byRule = new Map();
  for (const instance of instances) byRule.set(instance.rule, [...(byRule.get(instance.rule) ?? []), instance]);
  return [...byRule].flatMap(([rule, own]) => {
    const single = !grouped || own.length <= SEVERAL;
    if (single) return own.map((instance) => instanceRow(instance, false));
    const open = expanded.includes(rule);
    /** @type {RuleRow} */
    const head = { kind: "rule", key: rule, severity: own[0].severity, instances: own, expanded: open };
    return open ? [head, ...own.map((instance) => instanceRow(instance, true))] : [head];
  });
}

/**
 * @param {AlertInstance} instance
 * @param {boolean} nested
 * @returns {InstanceRow}
 */
function instanceRow(instance, nested) {
  return { kind: "instance", key: alertKey(instance), instance, nested };
}

/**
 * The instance whose message is shown: the chosen one, else the gravest that fires at the epoch, else the gravest of all.
 *
 * @param {State} state
 * @returns {AlertInstance | null}
 */
export function shownInstance({ alerts, alert, series, position }) {
  if (!alerts || !series) return null;
  const instances = ordered(alerts.instances);
  const epoch = series.epochs[position];
  return (
    instances.find((instance) => alertKey(instance) === alert) ??
    instances.find((instance) => stateAt(instance, epoch) === "firing") ??
    instances[0] ??
    null
  );
}

/**
 * @typedef {Object} Stretch epochs in which the same number of instances fires, and is pending
 * @property {number} first number of the epoch
 * @property {number} last
 * @property {number} firing
 * @property {number} pending
 */

/**
 * How many of several instances fire, and are pending, from epoch to epoch.
 *
 * @param {AlertInstance[]} instances
 * @returns {Stretch[]} in order; epochs in which all are inactive are left out
 */
export function stretches(instances) {
  /** @type {Map<number, {firing: number, pending: number}>} changes of the numbers at the beginning of an epoch */
  const changes = new Map();
  /** @param {number} epoch */
  const at = (epoch) => {
    const found = changes.get(epoch) ?? { firing: 0, pending: 0 };
    changes.set(epoch, found);
    return found;
  };
  for (const { state, first, last } of instances.flatMap((instance) => instance.spans)) {
    at(first)[state] += 1;
    at(last + 1)[state] -= 1;
  }
  const borders = [...changes.keys()].sort((a, b) => a - b);
  const found = [];
  let [firing, pending] = [0, 0];
  for (const [index, border] of borders.entries()) {
    firing += at(border).firing;
    pending += at(border).pending;
    if (firing || pending) found.push({ first: border, last: borders[index + 1] - 1, firing, pending });
  }
  return found;
}

/**
 * The spans of an instance in words: `pending from epoch 12 to 13, firing from 14 to 39`.
 * @param {AlertInstance} instance
 */
export function spansInWords({ spans }) {
  return spans.map(({ state, first, last }) => `${state} ${spanInWords(first, last)}`).join(", ");
}

/**
 * @param {number} first
 * @param {number} last
 */
export function spanInWords(first, last) {
  return first === last ? `in epoch ${first}` : `from epoch ${first} to ${last}`;
}
