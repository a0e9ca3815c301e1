import assert from "node:assert/strict";
import { test } from "node:test";

import { alertAnswer } from "../src/alertAnswer.js";
import { alertKey } from "../src/alerts.js";
import { INITIAL } from "../src/store.js";
import { messageParts, sentencesOf } from "../src/timeline/messageParts.js";
import { shownInstance, spansInWords, stretches, timelineRows } from "../src/timeline/rows.js";

/** @param {string} rule @param {number | null} of @param {[string, number, number][]} spans */
function instance(rule, of, spans, severity = "warning") {
  return {
    rule,
    severity,
    split: "validation",
    class: of,
    class_name: of === null ? null : `class ${of}`,
    spans: spans.map(([state, first, last]) => ({ state, first, last })),
    events: [],
  };
}

/** @param {ReturnType<typeof instance>[]} instances */
function alertsOf(instances, more = {}) {
  const rules = ["overfitting", "neglected-class", "diverging"].map((name) => ({ name, severity: "warning" }));
  return { recorded: true, rules, instances, more };
}

const SERIES = { epochs: [0, 1, 2, 3, 4, 5] };
const OVERFITTING = instance("overfitting", null, [["pending", 2, 2], ["firing", 3, 5]]);
const NEGLECTED = instance("neglected-class", 7, [["firing", 1, 3]]);

/** @param {object} patch */
function answer(patch) {
  return alertAnswer({ ...INITIAL, series: SERIES, alerts: alertsOf([OVERFITTING, NEGLECTED]), ...patch });
}

test("the answer counts what is firing, pending and over", () => {
  assert.equal(answer({ position: 2 }), "At epoch 2: 1 firing, 1 pending; 1 of 3 rules quiet throughout.");
  assert.equal(answer({ position: 3 }), "At epoch 3: 2 firing; 1 of 3 rules quiet throughout.");
  assert.equal(answer({ position: 4 }), "At epoch 4: 1 firing, 1 resolved earlier; 1 of 3 rules quiet throughout.");
});

test("the answer before anything has fired, without records, and before they are there", () => {
  assert.equal(answer({ position: 0 }), "Nothing fired by epoch 0; 3 rules watched.");
  assert.equal(answer({ alerts: alertsOf([]) }), "Nothing fired by epoch 0; 3 rules watched.");
  assert.match(answer({ alerts: { ...alertsOf([]), recorded: false } }), /not recorded/);
  assert.equal(answer({ alerts: null }), "");
});

test("where instances were left out, counts are the least", () => {
  const alerts = alertsOf([OVERFITTING], { "neglected-class": 20 });
  assert.equal(answer({ alerts, position: 4 }), "At epoch 4: at least 1 firing; 1 of 3 rules quiet throughout.");
});

test("few alerts have a row each, the gravest first", () => {
  const grave = instance("diverging", null, [["firing", 0, 5]], "critical");
  const rows = timelineRows(alertsOf([NEGLECTED, OVERFITTING, grave]), []);
  assert.deepEqual(rows.map((row) => row.instance.rule), ["diverging", "overfitting", "neglected-class"]);
});

test("many alerts of a rule have one row, and their own when it is unfolded", () => {
  const many = Array.from({ length: 30 }, (_, index) => instance("neglected-class", index, [["firing", 0, index]]));
  const alerts = alertsOf([OVERFITTING, ...many]);
  const folded = timelineRows(alerts, []);
  assert.deepEqual(folded.map(({ kind, key }) => [kind, kind === "rule" ? key : ""]), [["instance", ""], ["rule", "neglected-class"]]);
  assert.equal(timelineRows(alerts, ["neglected-class"]).length, 32);
});

test("how many alerts of a rule are active, from epoch to epoch", () => {
  const found = stretches([
    instance("r", 0, [["pending", 0, 1], ["firing", 2, 4]]),
    instance("r", 1, [["firing", 4, 5]]),
    instance("r", 2, [["firing", 8, 8]]),
  ]);
  assert.deepEqual(found, [
    { first: 0, last: 1, firing: 0, pending: 1 },
    { first: 2, last: 3, firing: 1, pending: 0 },
    { first: 4, last: 4, firing: 2, pending: 0 },
    { first: 5, last: 5, firing: 1, pending: 0 },
    { first: 8, last: 8, firing: 1, pending: 0 },
  ]);
});

test("spans in words", () => {
  assert.equal(spansInWords(OVERFITTING), "pending in epoch 2, firing from epoch 3 to 5");
});

test("the message is that of the chosen alert, else of the gravest that fires", () => {
  const state = { ...INITIAL, series: SERIES, alerts: alertsOf([OVERFITTING, NEGLECTED]) };
  assert.equal(shownInstance({ ...state, position: 1 }), NEGLECTED);
  assert.equal(shownInstance({ ...state, position: 0 }), OVERFITTING);
  assert.equal(shownInstance({ ...state, position: 5, alert: alertKey(NEGLECTED) }), NEGLECTED);
  assert.equal(shownInstance({ ...state, alerts: alertsOf([]) }), null);
});

const BUILT_IN =
  'Class "St. Elmo\'s. Fire" has a cross-entropy of 9.65 in the validation pass, above the 6.37 of a guess by its share. ' +
  "The model has learned the other classes at the cost of this one. " +
  "Check that `class_weight` gives it a weight above 0.5; then raise that weight. It may take some epochs.";

test("a built-in message has three parts", () => {
  const { seen, means, advice } = messageParts(BUILT_IN);
  assert.equal(seen.length, 1);
  assert.deepEqual(means, ["The model has learned the other classes at the cost of this one."]);
  assert.equal(advice.length, 2);
  assert.match(advice[0], /^Check that/);
});

test("no text of a message is lost", () => {
  const texts = [
    BUILT_IN,
    "cat: 2.31 nats",
    "One. Two! Three? 4 is more. ",
    'An open quote "that never ends. Another sentence. Try it.',
    "a list:\n- first. Second\n- third",
    "",
    "...",
    "e.g. this, i.e. that. `x. Y` and. (Z)",
  ];
  const bare = (/** @type {string} */ text) => text.replace(/\s+/g, "");
  for (const text of texts) {
    assert.equal(bare(sentencesOf(text).join("")), bare(text));
    const { seen, means, advice } = messageParts(text);
    assert.equal(bare([...seen, ...means, ...advice].join("")), bare(text));
  }
});

test("a message of the user's own has no advice, unless it reads so", () => {
  assert.deepEqual(messageParts("cat is bad. Very bad.").advice, []);
  assert.deepEqual(messageParts("Check the cat.").advice, []);
  assert.deepEqual(messageParts("The cat is ill. What to try: a vet.").advice, ["What to try: a vet."]);
});
