import assert from "node:assert/strict";
import { test } from "node:test";
import { alertKey } from "../src/alerts.js";
import { consequences } from "../src/consequences.js";
import { Store } from "../src/store.js";
import { smallSeries } from "./series.js";

/** A store that shows a series. */
function opened(changes = {}) {
  const store = new Store(consequences);
  store.set({ run: "digits" });
  store.set({ series: smallSeries(), ...changes });
  return store;
}

/** @type {any} */
const ALERTS = {
  recorded: true,
  rules: [],
  more: {},
  instances: [{ rule: "neglected-class", severity: "warning", split: "validation", class: 1, class_name: "dog", spans: [], events: [] }],
};

test("a run is opened at its last epoch", () => {
  const { state } = opened();
  assert.deepEqual([state.position, state.settled, state.row, state.split], [3, 3, null, "validation"]);
});

test("a split that the run lacks gives way to the first it has", () => {
  const store = opened();
  store.set({ split: "train" });
  store.set({ run: "other", series: smallSeries({ run: "other", splits: ["validation"] }) });
  assert.equal(store.state.split, "validation");
});

test("another run shows nothing of the one before", () => {
  const store = opened();
  store.set({ row: 1, filter: "o", show: 2, rows: [0, 1], words: /** @type {any} */ ({}) });
  store.set({ run: "other" });
  assert.equal(store.state.series, null);
  assert.equal(store.state.words, null);
  store.set({ series: smallSeries({ run: "other" }) });
  assert.deepEqual([store.state.row, store.state.filter, store.state.show, store.state.rows], [null, "", "all", null]);
});

test("the shown run is not compared with itself, nor another twice", () => {
  const store = opened({ compared: ["a", "b"] });
  store.set({ run: "a" });
  assert.deepEqual(store.state.compared, ["b"]);
  store.set({ compared: ["b", "a", "c", "b"] });
  assert.deepEqual(store.state.compared, ["b", "c"]);
});

test("another output of the run is another series", () => {
  const store = opened();
  store.set({ row: 1, position: 0, settled: 0 });
  store.set({ output: "colour" });
  assert.equal(store.state.series, null);
  store.set({ series: smallSeries({ output: "colour" }) });
  assert.deepEqual([store.state.row, store.state.position], [null, 3]);
});

test("a chosen epoch is one of those there are", () => {
  const store = opened();
  store.set({ position: 99, settled: 99 });
  assert.deepEqual([store.state.position, store.state.settled], [3, 3]);
  store.set({ position: -1 });
  assert.deepEqual([store.state.position, store.state.settled], [0, 3]);
});

test("a run that began anew is shown at the epoch that was chosen, or its last", () => {
  const store = opened();
  store.set({ position: 2, settled: 2 });
  store.set({ series: smallSeries({ epochs: [0, 1], stamp: "1-2" }) });
  assert.deepEqual([store.state.position, store.state.settled], [1, 1]);
});

test("a run that grew keeps what was chosen of it", () => {
  const store = opened();
  store.set({ filter: "a", pair: [0, 1], alert: "x", expanded: ["no-skill"], sort: { key: "rise", direction: -1 } });
  store.set({ series: smallSeries({ epochs: [0, 1, 2, 3, 4], stamp: "4" }) });
  const { filter, pair, alert, expanded, sort } = store.state;
  assert.deepEqual([filter, pair, alert, expanded, sort.key], ["a", [0, 1], "x", ["no-skill"], "rise"]);
});

test("nothing follows while nothing is loaded", () => {
  const store = new Store(consequences);
  store.set({ run: "digits", position: 5, row: 2, alert: "x", quantity: "class_positive_cross_entropy", filter: "a" });
  assert.deepEqual([store.state.position, store.state.row, store.state.quantity], [5, 2, "class_positive_cross_entropy"]);
});

test("a run that grew follows its last epoch", () => {
  const store = opened();
  store.set({ series: smallSeries({ epochs: [0, 1, 2, 3, 4], stamp: "4" }) });
  assert.deepEqual([store.state.position, store.state.settled], [4, 4]);
});

test("a run that grew stays at an epoch that was chosen, and at the class", () => {
  const store = opened();
  store.set({ position: 1, settled: 1, row: 2 });
  store.set({ series: smallSeries({ epochs: [0, 1, 2, 3, 4], stamp: "4", class_indices: [2, 5, 7] }) });
  assert.deepEqual([store.state.position, store.state.row], [1, 0]);
  store.set({ series: smallSeries({ stamp: "5", class_indices: [5, 7, 9] }) });
  assert.equal(store.state.row, null);
});

test("a class chooses its alert, and an alert its class", () => {
  const store = opened();
  store.set({ alerts: ALERTS });
  store.set({ row: 1 });
  assert.equal(store.state.alert, alertKey(ALERTS.instances[0]));
  store.set({ row: 2 });
  assert.equal(store.state.alert, alertKey(ALERTS.instances[0]), "a class without an alert leaves the choice");
  store.set({ row: null, alert: null });
  store.set({ alert: alertKey(ALERTS.instances[0]) });
  assert.equal(store.state.row, 1);
});

test("a class that is chosen is brought into sight, and no pair is followed any more", () => {
  const names = Array.from({ length: 100 }, (_, index) => `class ${index}`);
  const values = Float32Array.from({ length: 400 }, (_, index) => 100 - (index % 100));
  const series = smallSeries({
    class_names: names,
    class_indices: names.map((_, index) => index),
    arrays: { validation: { num_examples: new Float64Array(4).fill(1), class_cross_entropy: values } },
  });
  const store = new Store(consequences);
  store.set({ run: "digits" });
  store.set({ series });
  store.set({ rows: [0, 10], pair: [1, 2], scope: "all" });
  store.set({ row: 50 });
  assert.deepEqual([store.state.rows, store.state.pair, store.state.scope], [[45, 55], null, "class"]);
});

test("an alert of the whole output, or of a class that has no row, leaves the class", () => {
  const store = opened();
  const whole = { ...ALERTS.instances[0], class: null, class_name: null };
  const gone = { ...ALERTS.instances[0], class: 99, class_name: "gone" };
  store.set({ alerts: { ...ALERTS, instances: [whole, gone] }, row: 2 });
  for (const instance of [whole, gone]) {
    store.set({ alert: alertKey(instance) });
    assert.equal(store.state.row, 2);
  }
});

test("a pair that is chosen with a class is followed", () => {
  const store = opened();
  store.set({ row: 0, pair: [0, 2] });
  assert.deepEqual([store.state.row, store.state.pair], [0, [0, 2]]);
});

test("what was fetched of a class goes with its choice", () => {
  const store = opened();
  store.set({ row: 0, detail: /** @type {any} */ ({ class: 0 }) });
  store.set({ row: null });
  assert.equal(store.state.detail, null);
});

test("a filter shows all rows again", () => {
  const store = opened();
  for (const change of [{ filter: "c" }, { show: 2 }, { filter: "", row: 1 }]) {
    store.set({ rows: [0, 2] });
    store.set(change);
    assert.equal(store.state.rows, null);
  }
});

test("a quantity that the task lacks gives way to the cross-entropy", () => {
  const store = opened();
  store.set({ quantity: "class_positive_cross_entropy" });
  assert.equal(store.state.quantity, "class_cross_entropy");
});

test("of a run with another task neither the quantity nor the order stays that it lacks", () => {
  const store = opened();
  store.set({ run: "labels" });
  store.set({ series: smallSeries({ run: "labels", task: "multilabel" }) });
  store.set({ quantity: "class_positive_cross_entropy", sort: { key: "class_positive_cross_entropy", direction: -1 } });
  assert.equal(store.state.quantity, "class_positive_cross_entropy");
  store.set({ run: "digits" });
  store.set({ series: smallSeries() });
  assert.deepEqual([store.state.quantity, store.state.sort.key], ["class_cross_entropy", "worst"]);
});
