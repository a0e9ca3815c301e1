import assert from "node:assert/strict";
import { test } from "node:test";
import { classOrder, revealed, windowOf, zoomed } from "../src/order.js";
import { INITIAL } from "../src/store.js";
import { smallSeries } from "./series.js";

/** @returns {any} */
function state(changes) {
  return { ...INITIAL, series: smallSeries(), position: 3, settled: 3, ...changes };
}

const ORDERS = [
  ["the worst first", {}, [1, 0, 2]],
  ["less accurate is worse", { quantity: "class_accuracy" }, [1, 2, 0]],
  ["by name", { sort: { key: "name", direction: 1 } }, [2, 0, 1]],
  ["by name, backwards", { sort: { key: "name", direction: -1 } }, [1, 0, 2]],
  ["by rise", { sort: { key: "rise", direction: 1 } }, [0, 1, 2]],
  ["by support, the most first", { sort: { key: "support", direction: 1 } }, [1, 0, 2]],
  ["the fewest examples are the worst", { quantity: "support" }, [2, 0, 1]],
  ["the worst two are the rarest, also where the most come first", { quantity: "support", show: 2, sort: { key: "support", direction: 1 } }, [0, 2]],
  ["by the other split", { sort: { key: "other", direction: 1 } }, [0, 1, 2]],
  ["by the other split, backwards", { sort: { key: "other", direction: -1 } }, [2, 1, 0]],
  ["by what is not there: by index", { sort: { key: "class_positive_cross_entropy", direction: -1 } }, [0, 1, 2]],
  ["before the first pass: by index", { settled: -1 }, [0, 1, 2]],
  ["in a split that is not there: by index", { split: "test" }, [0, 1, 2]],
  ["more than there are", { show: 50 }, [1, 0, 2]],
  ["the worst of those that the filter leaves", { filter: "t", show: 1 }, [0]],
  ["at the settled epoch, not the chosen one", { settled: 0 }, [1, 0, 2]],
  ["undefined values last, whatever the direction", { settled: 1, sort: { key: "worst", direction: -1 } }, [0, 1, 2]],
  ["the last pass where the epoch has none", { settled: 2 }, [1, 0, 2]],
  ["the worst two", { show: 2 }, [1, 0]],
  ["those with a name that contains a text", { filter: " AN " }, [2]],
  ["a filter is no pattern", { filter: ".*" }, []],
  ["none", { filter: "zebra" }, []],
  ["nothing without a series", { series: null }, []],
];

for (const [name, changes, expected] of ORDERS) {
  test(`order: ${name}`, () => assert.deepEqual(classOrder(state(changes)), expected));
}

test("names are ordered by the numbers in them, ties by index", () => {
  const series = smallSeries({ class_names: ["10", "9", "9"] });
  assert.deepEqual(classOrder(state({ series, sort: { key: "name", direction: 1 } })), [1, 2, 0]);
  assert.deepEqual(classOrder(state({ series, sort: { key: "name", direction: -1 } })), [0, 1, 2]);
});

test("equal values are ordered by index, in either direction", () => {
  const arrays = { validation: { num_examples: new Float64Array(4).fill(1), class_cross_entropy: new Float32Array(12).fill(1) } };
  for (const direction of [1, -1]) {
    assert.deepEqual(classOrder(state({ series: smallSeries({ arrays }), sort: { key: "worst", direction } })), [0, 1, 2]);
  }
});

test("the order is made anew only where it changes", () => {
  const series = smallSeries();
  const first = classOrder(state({ series }));
  assert.equal(classOrder(state({ series, position: 0, row: 1 })), first);
  assert.notEqual(classOrder(state({ series, filter: "o" })), first);
});

test("a thousand classes are all in the order", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `class ${index}`);
  const values = new Float32Array(1000 * 200).map((_, index) => (index * 7919) % 1000);
  const series = smallSeries({
    class_names: names,
    epochs: Array.from({ length: 200 }, (_, index) => index),
    arrays: { validation: { num_examples: new Float64Array(200).fill(1), class_cross_entropy: values } },
  });
  const order = classOrder(state({ series, settled: 199, sort: { key: "rise", direction: 1 } }));
  assert.equal(new Set(order).size, 1000);
});

test("a window that does not fit is all", () => {
  assert.deepEqual(windowOf(state({ rows: [2, 5] }), 10), [2, 5]);
  assert.deepEqual(windowOf(state({ rows: [2, 15] }), 10), [0, 10]);
  assert.deepEqual(windowOf(state({ rows: null }), 10), [0, 10]);
  assert.deepEqual(windowOf(state({ rows: [5, 5] }), 10), [0, 10]);
  assert.deepEqual(windowOf(state({ rows: [-1, 5] }), 10), [0, 10]);
  assert.deepEqual(windowOf(state({ rows: [0, 1] }), 0), [0, 0]);
});

test("zooming keeps the anchor, the ends, and at least a few rows", () => {
  assert.deepEqual(zoomed([0, 100], 100, 0.5), [25, 75]);
  assert.deepEqual(zoomed([0, 100], 100, 0.5, 0), [0, 50]);
  assert.deepEqual(zoomed([0, 100], 100, 0.5, 1), [50, 100]);
  assert.equal(zoomed([25, 75], 100, 2), null);
  assert.deepEqual(zoomed([0, 10], 100, 0.1), [1, 9]);
  assert.equal(zoomed([0, 5], 5, 0.5), null);
});

test("a row out of sight is brought into the middle", () => {
  assert.deepEqual(revealed([0, 10], 100, 50), [45, 55]);
  assert.deepEqual(revealed([0, 10], 100, 99), [90, 100]);
  assert.deepEqual(revealed([0, 10], 100, 4), [0, 10]);
  assert.deepEqual(revealed([0, 10], 100, -1), [0, 10]);
});
