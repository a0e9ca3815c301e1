import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { consequences } from "../src/consequences.js";
import { Loading } from "../src/loading.js";
import { Store } from "../src/store.js";
import { smallSeries } from "./series.js";

const ENTRIES = ["one", "two"].map((run) => ({ run, output: "", task: "multiclass", num_classes: 3, splits: ["validation"], last_epoch: 3, stamp: `${run} 3` }));

/** A server that answers at once, but for the routes in `held`, whose questions wait in `waiting`. */
class FakeServer {
  constructor() {
    this.runs = ENTRIES;
    this.down = false;
    /** @type {Set<string>} */
    this.held = new Set();
    /** @type {Record<string, ((value: any) => void)[]>} */
    this.waiting = {};
    this.summarised = /** @type {string[]} */ ([]);
  }

  /** @param {string} route @param {any} answer @returns {Promise<any>} */
  async _answer(route, answer) {
    if (this.down) throw new Error("TensorBoard does not answer.");
    if (this.held.has(route)) await new Promise((resolve) => (this.waiting[route] ??= []).push(resolve));
    return answer;
  }

  /** Let the questions of a route be answered. @param {string} route */
  release(route) {
    for (const resolve of this.waiting[route] ?? []) resolve(undefined);
    this.waiting[route] = [];
    return sleep(1);
  }

  list() {
    return this._answer("list", { runs: this.runs, problems: [] });
  }

  /** @param {any} entry */
  summary({ run }) {
    this.summarised.push(run);
    return this._answer("summary", { run });
  }

  /** @param {any} entry */
  series({ run, stamp }) {
    return this._answer("series", smallSeries({ run, stamp }));
  }

  alerts() {
    return this._answer("alerts", { recorded: true, rules: [], instances: [], more: {} });
  }

  /** @param {any} entry @param {string} split @param {number} epoch @param {number | null} index */
  words({ run }, split, epoch, index) {
    return this._answer("words", { run, split, epoch, class: index });
  }

  /** @param {any} entry @param {string} split @param {number} epoch @param {number | null} index */
  confusion({ run }, split, epoch, index) {
    return this._answer("confusion", { run, split, epoch, class: index });
  }

  /** @param {any} entry @param {number} index */
  detail({ run }, index) {
    return this._answer("detail", { run, class: index });
  }

  /** @param {any} entry @param {string} split @param {[number, number]} pair */
  pair({ run }, split, [truth, predicted]) {
    return this._answer("pair", { run, split, true: truth, predicted });
  }
}

/**
 * The page after its first look at a server.
 * @param {Record<string, any>} [wanted] what was chosen before
 */
async function opened(wanted = {}) {
  const server = new FakeServer();
  const store = new Store(consequences);
  const loading = new Loading(store, /** @type {any} */ (server), wanted);
  await loading.refresh();
  while (!store.state.words || Object.keys(store.state.summaries).length < ENTRIES.length) await sleep(1);
  return { server, store, loading, state: () => /** @type {any} */ (store.state) };
}

/** Long enough for an epoch to count as chosen. */
const rested = () => sleep(80);

test("an open run has its words and its mistakes", async () => {
  const { state } = await opened();
  assert.equal(state().run, "one");
  assert.deepEqual(state().words, { run: "one", split: "validation", epoch: 3, class: null });
  assert.deepEqual(state().confusion, { run: "one", split: "validation", epoch: 3, class: null });
});

test("what was chosen before is chosen again, in the run that it is of", async () => {
  const { state } = await opened({ run: "two", split: "train", quantity: "support", className: "dog", epoch: 1, compared: ["one", "two", "gone"] });
  assert.deepEqual([state().run, state().split, state().quantity, state().row, state().position], ["two", "train", "support", 1, 1]);
  assert.deepEqual(state().compared, ["one"]);
  assert.deepEqual(state().others.map((/** @type {any} */ other) => other.run), ["one"]);
});

test("of a run that is gone, split and quantity are chosen again in the first one, class and epoch are not", async () => {
  const { store, state } = await opened({ run: "gone", split: "train", quantity: "support", className: "dog", epoch: 1, compared: ["two"] });
  assert.deepEqual([state().run, state().split, state().quantity, state().row, state().position], ["one", "train", "support", null, 3]);
  assert.deepEqual(state().compared, []);
  store.set({ run: "two" });
  await rested();
  assert.deepEqual([state().row, state().position], [null, 3]);
});

test("every run has its summary, the shown one and its neighbours first, and is asked again only when it has grown", async () => {
  const { server, loading, state } = await opened({ run: "two" });
  assert.deepEqual(server.summarised, ["two", "one"]);
  assert.deepEqual(Object.keys(state().summaries).sort(), ["one\n", "two\n"]);
  server.runs = ENTRIES.map((entry) => (entry.run === "one" ? { ...entry, stamp: "one 4" } : entry));
  await loading.refresh();
  assert.deepEqual(server.summarised, ["two", "one", "one"]);
});

test("a run that has grown is fetched anew, and the last epoch stays the last", async () => {
  const { server, loading, state } = await opened();
  server.runs = [{ ...ENTRIES[0], stamp: "one 4" }, ENTRIES[1]];
  await loading.refresh();
  await rested();
  assert.equal(state().series.stamp, "one 4");
  assert.equal(state().position, 3);
});

test("late answers about the run before do not come to stand beside the new one", async () => {
  const { server, store, state } = await opened();
  for (const route of ["words", "confusion", "detail", "pair"]) server.held.add(route);
  store.set({ row: 1, pair: [0, 1], position: 0, settled: 0 });
  await rested();
  server.held.delete("words");
  store.set({ run: "two" });
  await rested();
  assert.equal(state().series.run, "two");
  assert.equal(state().words.run, "two");

  for (const route of ["words", "confusion", "detail", "pair"]) await server.release(route);
  assert.equal(state().words.run, "two");
  assert.equal(state().confusion?.run, "two");
  assert.equal(state().detail, null);
  assert.equal(state().pairHistory, null);
});

test("of two epochs chosen in a row the later one stays, in whichever order the answers come", async () => {
  const { server, store, state } = await opened();
  server.held.add("words");
  store.set({ position: 0, settled: 0 });
  await rested();
  store.set({ position: 1, settled: 1 });
  await rested();
  const [first, second] = server.waiting.words;
  second(undefined);
  await sleep(1);
  first(undefined);
  await sleep(1);
  assert.equal(state().words.epoch, 1);
});

test("a failure is told until another choice is made", async () => {
  const { server, store, state } = await opened();
  server.down = true;
  store.set({ row: 1 });
  await rested();
  assert.match(state().failures.detail, /does not answer/);
  assert.match(state().failures.words, /does not answer/);

  server.down = false;
  server.held.add("detail");
  store.set({ row: 2 });
  assert.equal(state().failures.detail, undefined);
  store.set({ row: null });
  await rested();
  assert.deepEqual(state().failures, {});
});

test("what failed is asked again once the server is back", async () => {
  const { server, store, loading, state } = await opened();
  server.down = true;
  store.set({ row: 1, pair: [0, 1] });
  await rested();
  await loading.refresh();
  assert.deepEqual(Object.keys(state().failures).sort(), ["confusion", "detail", "list", "pairHistory", "words"]);

  server.down = false;
  await loading.refresh();
  assert.deepEqual(state().failures, {});
  assert.equal(state().words.class, 1);
  assert.equal(state().detail.class, 1);
  assert.equal(state().pairHistory.predicted, 1);
});

test("a run that is not listed while TensorBoard starts anew stays, with the chosen epoch and class", async () => {
  const { server, store, loading, state } = await opened();
  store.set({ position: 1, settled: 1, row: 2 });
  await rested();
  for (const runs of [[], [ENTRIES[1]], ENTRIES]) {
    server.runs = runs;
    await loading.refresh();
    assert.equal(state().series.run, "one");
    assert.equal(state().position, 1);
    assert.equal(state().row, 2);
  }
});

test("a log directory without runs shows none", async () => {
  const server = new FakeServer();
  server.runs = [];
  const store = new Store(consequences);
  await new Loading(store, /** @type {any} */ (server), {}).refresh();
  assert.equal(store.state.run, null);
  assert.equal(store.state.series, null);
});
