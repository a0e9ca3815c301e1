/** The answer of the section of alerts, as a sentence of counts. */

import { firingAt, quietRules, stateAt } from "./alerts.js";

/** @typedef {import("./types.js").Alerts} Alerts */

/**
 * `At epoch 39: 2 firing, 1 pending; 19 of 21 rules quiet throughout.`
 *
 * @param {import("./types.js").State} state
 * @returns {string} empty until the alerts are there
 */
export function alertAnswer({ alerts, series, position }) {
  if (!alerts || !series) return "";
  if (!alerts.recorded) return "The states of the alerts were not recorded in this run.";
  const epoch = series.epochs[position];
  const watched = `${alerts.rules.length} ${alerts.rules.length === 1 ? "rule" : "rules"}`;
  const active = activeAt(alerts, epoch);
  if (!active.length && !hasFired(alerts, epoch)) return `Nothing fired by epoch ${epoch}; ${watched} watched.`;
  return `At epoch ${epoch}: ${active.join(", ") || "nothing firing"}; ${quietRules(alerts).length} of ${watched} quiet throughout.`;
}

/**
 * What is firing, pending and over, in counts; those that are 0 left out, but for what fires while something is pending.
 *
 * @param {Alerts} alerts
 * @param {number} epoch
 */
function activeAt(alerts, epoch) {
  const least = Object.keys(alerts.more).length ? "at least " : "";
  const firing = firingAt(alerts, epoch).length;
  const pending = alerts.instances.filter((instance) => stateAt(instance, epoch) === "pending").length;
  const over = alerts.instances.filter((instance) => stateAt(instance, epoch) === "inactive" && firedBefore(instance, epoch)).length;
  return [
    firing && `${least}${firing} firing`,
    pending && `${least}${pending} pending`,
    over && `${least}${over} resolved earlier`,
  ].filter((words) => typeof words === "string");
}

/**
 * @param {import("./types.js").AlertInstance} instance
 * @param {number} epoch
 */
function firedBefore({ spans }, epoch) {
  return spans.some(({ state, last }) => state === "firing" && last < epoch);
}

/**
 * @param {Alerts} alerts
 * @param {number} epoch
 */
function hasFired({ instances }, epoch) {
  return instances.some((instance) => instance.spans.some(({ state, first }) => state === "firing" && first <= epoch));
}
