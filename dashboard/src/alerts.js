/** States of the alert instances at an epoch. Epochs are numbers here, not positions, as alerts are recorded. */

/** @typedef {import("./types.js").Alerts} Alerts */
/** @typedef {import("./types.js").AlertInstance} AlertInstance */
/** @typedef {import("./types.js").Health} Health */

/** The gravest first. */
const SEVERITIES = ["critical", "warning", "info"];

/**
 * What tells an instance from all others of a run and output.
 * @param {AlertInstance} instance
 */
export function alertKey(instance) {
  return JSON.stringify([instance.rule, instance.split, instance.class ?? instance.class_name]);
}

/**
 * @param {AlertInstance} instance
 * @param {number} epoch
 * @returns {"inactive" | "pending" | "firing"}
 */
export function stateAt(instance, epoch) {
  return instance.spans.find((span) => span.first <= epoch && epoch <= span.last)?.state ?? "inactive";
}

/**
 * The instances that fire at an epoch, the gravest first.
 * @param {Alerts | null} alerts
 * @param {number} epoch
 */
export function firingAt(alerts, epoch) {
  return ordered((alerts?.instances ?? []).filter((instance) => stateAt(instance, epoch) === "firing"));
}

/**
 * The gravest severity that fires: what is only worth knowing does not count.
 * @param {Alerts | null} alerts
 * @param {number} epoch
 * @returns {Health}
 */
export function healthAt(alerts, epoch) {
  if (!alerts?.recorded) return "unknown";
  const gravest = firingAt(alerts, epoch)[0]?.severity;
  return gravest === "critical" || gravest === "warning" ? gravest : "healthy";
}

/**
 * The gravest first; then those of the whole output, by rule, by their first epoch.
 * @param {AlertInstance[]} instances
 */
export function ordered(instances) {
  const of = (/** @type {AlertInstance} */ instance) => [
    SEVERITIES.indexOf(instance.severity),
    instance.class_name === null ? 0 : 1,
    instance.rule,
    instance.spans[0]?.first ?? Infinity,
    instance.class ?? -1,
  ];
  return [...instances].sort((a, b) => {
    const [left, right] = [of(a), of(b)];
    const differs = left.findIndex((value, index) => value !== right[index]);
    return differs < 0 ? 0 : left[differs] < right[differs] ? -1 : 1;
  });
}

/**
 * The gravest instance about a class, or undefined.
 * @param {Alerts | null} alerts
 * @param {number} classIndex
 */
export function instanceOfClass(alerts, classIndex) {
  return ordered((alerts?.instances ?? []).filter((instance) => instance.class === classIndex))[0];
}

/**
 * Names of the rules that never left the inactive state.
 * @param {Alerts | null} alerts
 */
export function quietRules(alerts) {
  const stirred = new Set([...(alerts?.instances ?? []).map((instance) => instance.rule), ...Object.keys(alerts?.more ?? {})]);
  return (alerts?.rules ?? []).map((rule) => rule.name).filter((name) => !stirred.has(name));
}
