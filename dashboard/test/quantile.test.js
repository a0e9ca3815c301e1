import assert from "node:assert/strict";
import { test } from "node:test";
import { finite, quantile } from "../src/quantile.js";

test("what is not finite is left out", () => {
  assert.deepEqual([...finite([NaN, 1, Infinity, -Infinity, 0])], [1, 0]);
  assert.deepEqual([...finite(Float32Array.of(0.5, NaN))], [0.5]);
  assert.equal(finite([]).length, 0);
});

test("a quantile is the one of the sorted values", () => {
  const orders = {
    rising: (/** @type {number} */ index) => index,
    falling: (/** @type {number} */ index) => -index,
    equal: () => 1,
    few: (/** @type {number} */ index) => index % 3,
    mixed: (/** @type {number} */ index) => (index * 7919) % 101,
    tent: (/** @type {number} */ index) => -Math.abs(index - 50),
  };
  for (const [name, order] of Object.entries(orders)) {
    for (const length of [1, 2, 3, 10, 101]) {
      const values = Float64Array.from({ length }, (_, index) => order(index));
      const sorted = Float64Array.from(values).sort();
      for (const share of [0, 0.02, 0.5, 0.995, 1]) {
        assert.equal(quantile(values.slice(), share), sorted[Math.floor((length - 1) * share)], `${name} ${length} ${share}`);
      }
    }
  }
});

test("of nothing there is none", () => assert.equal(quantile(new Float64Array(), 0.5), undefined));
