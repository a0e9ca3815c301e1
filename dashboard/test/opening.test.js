/** What is opened first, and what is fetched again: see `loading.test.js` for answers that come late or not at all. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { consequences } from "../src/consequences.js";
import { Loading, summaryKey } from "../src/loading.js";
import { Store } from "../src/store.js";
import { smallSeries } from "./series.js";

const DIGITS = { run: "digits", output: "", task: "multiclass", num_classes: 3, splits: ["validation", "train"], last_epoch: 3, stamp: "3-1" };
const BIRDS = { ...DIGITS, run: "birds" };

/** Longer than the epoch has to rest before its words are fetched. */
const RESTED = 90;

/**
 * A store that is filled from a server which answers at once and notes what it is asked for, `words digits validation 3`.
 * @param {Record<string, any>} [wanted]
 * @param {() => any[]} [runs]
 */
async function opened(wanted = {}, runs = () => [DIGITS, BIRDS]) {
  const asked = /** @type {string[]} */ ([]);
  const answers = {
    list: () => ({ runs: runs(), problems: [] }),
    summary: ({ run, output }) => ({ run, output }),
    series: ({ run, output, stamp }) => smallSeries({ run, output, stamp }),
    alerts: () => ({ recorded: false, rules: [], instances: [], more: {} }),
    words: (_, split, epoch) => ({ split, epoch }),
    confusion: () => ({ pairs: [] }),
    detail: (_, index) => ({ class: index }),
  };
  const noting = Object.entries(answers).map(([route, answer]) => [
    route,
    async (/** @type {any[]} */ ...given) => {
      asked.push([route, given[0]?.run, ...given.slice(1)].filter((part) => part != null).join(" "));
      return /** @type {any} */ (answer)(...given);
    },
  ]);
  const store = new Store(consequences);
  const loading = new Loading(store, /** @type {any} */ (Object.fromEntries(noting)), wanted);
  await loading.refresh();
  await pause(RESTED);
  return { store, loading, asked };
}

test("the first run is opened at its last epoch, and every run has its summary", async () => {
  const { store } = await opened();
  const { run, position, series, summaries } = store.state;

  assert.deepEqual([run, position, series?.run], ["digits", 3, "digits"]);
  assert.deepEqual(Object.keys(summaries).sort(), [summaryKey(BIRDS), summaryKey(DIGITS)]);
});

test("what was chosen before is chosen again", async () => {
  const wanted = { run: "birds", className: "dog", epoch: 1, split: "train", quantity: "class_accuracy", compared: ["digits", "gone"] };
  const { store } = await opened(wanted);
  const { run, row, position, split, quantity, compared, others } = store.state;

  assert.deepEqual([run, row, position, split, quantity, compared], ["birds", 1, 1, "train", "class_accuracy", ["digits"]]);
  assert.deepEqual(others.map((other) => other.run), ["digits"]);
});

test("a class without a run is looked for in the first", async () => {
  const { store } = await opened({ className: "dog" });

  assert.deepEqual([store.state.run, store.state.row], ["digits", 1]);
});

test("of a run that is not there any more, nothing but what suits any run is chosen again", async () => {
  const { store } = await opened({ run: "gone", className: "dog", epoch: 1, split: "train" });
  const { run, row, position, split } = store.state;

  assert.deepEqual([run, row, position, split], ["digits", null, 3, "train"]);
});

test("while the epoch is dragged, words are fetched only for where it rests", async () => {
  const { store, asked } = await opened();
  asked.length = 0;
  for (const position of [2, 1, 0]) store.set({ position });
  await pause(RESTED);

  assert.deepEqual(asked.filter((one) => one.startsWith("words")), ["words digits validation 0"]);
});

test("a reload fetches only the runs that have changed", async () => {
  let stamp = "3-1";
  const { store, loading, asked } = await opened({}, () => [{ ...DIGITS, stamp }, BIRDS]);
  asked.length = 0;
  await loading.refresh();
  assert.deepEqual(asked, ["list"]);

  stamp = "4-2";
  await loading.refresh();
  assert.equal(store.state.series?.stamp, "4-2");
  assert.ok(asked.includes("summary digits") && !asked.includes("summary birds"));
});
