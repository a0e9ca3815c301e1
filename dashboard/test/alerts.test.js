import assert from "node:assert/strict";
import { test } from "node:test";
import { alertKey, firingAt, healthAt, instanceOfClass, ordered, quietRules, stateAt } from "../src/alerts.js";

/** @returns {any} */
function instance(rule, severity, spans, changes = {}) {
  return { rule, severity, split: "validation", class: null, class_name: null, spans, events: [], ...changes };
}

const OVERFITTING = instance("overfitting", "warning", [
  { state: "pending", first: 3, last: 4 },
  { state: "firing", first: 5, last: 9 },
]);
const CALIBRATION = instance("miscalibrated", "info", [{ state: "firing", first: 0, last: 9 }]);
const CAT = instance("neglected-class", "warning", [{ state: "firing", first: 2, last: 3 }], { class: 4, class_name: "cat" });
/** @type {any} */
const ALERTS = {
  recorded: true,
  rules: [{ name: "overfitting" }, { name: "no-skill" }, { name: "miscalibrated" }, { name: "neglected-class" }, { name: "diverging" }],
  instances: [CALIBRATION, CAT, OVERFITTING],
  more: { diverging: 2 },
};

test("a state is that of the span around an epoch", () => {
  assert.deepEqual([2, 3, 4, 5, 9, 10].map((epoch) => stateAt(OVERFITTING, epoch)), ["inactive", "pending", "pending", "firing", "firing", "inactive"]);
});

test("the gravest that fires is the health; what is only worth knowing is not", () => {
  assert.equal(healthAt(ALERTS, 1), "healthy");
  assert.equal(healthAt(ALERTS, 2), "warning");
  assert.equal(healthAt({ ...ALERTS, instances: [...ALERTS.instances, instance("x", "critical", [{ state: "firing", first: 2, last: 2 }])] }, 2), "critical");
  assert.equal(healthAt({ ...ALERTS, recorded: false }, 2), "unknown");
  assert.equal(healthAt(null, 2), "unknown");
});

test("those that fire come the gravest first", () => {
  assert.deepEqual(firingAt(ALERTS, 3).map((one) => one.rule), ["neglected-class", "miscalibrated"]);
  assert.deepEqual(ordered(ALERTS.instances).map((one) => one.rule), ["overfitting", "neglected-class", "miscalibrated"]);
});

test("instances are told apart by rule, split and class", () => {
  const keys = new Set([OVERFITTING, CALIBRATION, CAT, { ...CAT, class: 5 }, { ...CAT, split: "train" }].map(alertKey));
  assert.equal(keys.size, 5);
});

test("an epoch without a pass, or without an alert, is no state of its own", () => {
  assert.equal(stateAt(instance("x", "info", []), 0), "inactive");
  assert.deepEqual(firingAt(null, 0), []);
  assert.deepEqual(firingAt({ ...ALERTS, instances: [] }, 0), []);
  assert.equal(healthAt({ ...ALERTS, instances: [] }, 0), "healthy");
  assert.deepEqual(quietRules(null), []);
  assert.equal(instanceOfClass(null, 0), undefined);
});

test("of one severity those of the whole output come first, then by rule, epoch and class", () => {
  const firing = (/** @type {number} */ first) => [{ state: "firing", first, last: 9 }];
  const late = instance("a", "warning", firing(5));
  const early = instance("a", "warning", firing(2));
  const other = instance("b", "warning", firing(0));
  const second = instance("a", "warning", firing(0), { class: 2, class_name: "x" });
  const first = instance("a", "warning", firing(0), { class: 1, class_name: "z" });
  const given = [second, first, other, late, early];
  assert.deepEqual(ordered(given), [early, late, other, first, second]);
  assert.deepEqual(given, [second, first, other, late, early], "the list itself stays as it is");
});

test("names that look like a separator do not mix up instances", () => {
  const names = ['a","b', "a", '["a"]', "__proto__"];
  const keys = new Set(names.map((name) => alertKey(instance(name, "info", [], { class_name: name }))));
  assert.equal(keys.size, names.length);
});

test("a class finds its alert, and rules that never stirred are quiet", () => {
  assert.equal(instanceOfClass(ALERTS, 4), CAT);
  assert.equal(instanceOfClass(ALERTS, 5), undefined);
  assert.deepEqual(quietRules(ALERTS), ["no-skill"]);
});
