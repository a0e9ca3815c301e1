import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { INITIAL } from "../src/store.js";
import { smallSeries } from "./series.js";

/** What a browser has of its own accord. */
const kept = new Map();
globalThis.location = /** @type {any} */ ({ pathname: "/data/plugin_entry.html", hash: "" });
globalThis.localStorage = /** @type {any} */ ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) });
const { choiceOf, remember, remembered } = await import("../src/address.js");

const KEY = "xent_monitor:/data/plugin_entry.html";

beforeEach(() => kept.clear());

test("a choice is remembered", () => {
  const series = smallSeries();
  const state = { ...INITIAL, run: "digits", series, row: 1, position: 2, compared: ["birds"] };
  remember(choiceOf(state, true));

  assert.deepEqual(remembered(), {
    run: "digits",
    output: "",
    className: "dog",
    epoch: 2,
    split: "validation",
    quantity: "class_cross_entropy",
    compared: ["birds"],
    dark: true,
  });
});

test("the last epoch is not remembered by its number: a training that goes on is shown where it is", () => {
  const state = { ...INITIAL, run: "digits", series: smallSeries(), position: 3 };

  assert.equal("epoch" in choiceOf(state, undefined), false);
});

test("an address comes before what is remembered", () => {
  remember({ run: "digits", className: "dog", epoch: 2 });

  assert.equal(remembered("#epoch=7").epoch, 7);
  assert.equal(remembered("#epoch=7").className, "dog");
  assert.deepEqual(remembered("#run=a%26b&class=%3Cb%3E&theme=dark&compare=x&compare=y").compared, ["x", "y"]);
  assert.equal(remembered("#run=a%26b&class=%3Cb%3E&theme=dark").className, "<b>");
});

test("the class and the epoch of one run are not looked for in another", () => {
  remember({ run: "digits", className: "dog", epoch: 2, split: "train", compared: ["birds"] });
  const choice = remembered("#run=birds");

  assert.deepEqual([choice.run, choice.split, choice.className, choice.epoch, choice.compared], ["birds", "train", undefined, undefined, undefined]);
});

test("nonsense in the storage or the address is passed over", () => {
  for (const nonsense of ["{", "[1]", "null", "7", '{"run": 3, "split": "x", "compared": [1], "epoch": 1.5, "__proto__": {}}']) {
    kept.set(KEY, nonsense);
    assert.deepEqual(remembered("#epoch=x&split=y"), {});
  }
});

test("a closed storage does no harm", () => {
  const open = globalThis.localStorage;
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: () => { throw new Error("closed"); } });
  remember({ run: "digits" });
  assert.deepEqual(remembered(""), {});
  Object.defineProperty(globalThis, "localStorage", { configurable: true, writable: true, value: open });
});
