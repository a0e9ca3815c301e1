import assert from "node:assert/strict";
import { test } from "node:test";
import { quantity } from "../src/quantities.js";
import { colourScale, epochTicks, extent, ticks } from "../src/scales.js";

test("ticks are round, and include the ends", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(-1, 1, 2), [-1, 0, 1]);
  assert.deepEqual(ticks(3, 3), [3]);
  assert.deepEqual(ticks(0, 200, 5), [0, 50, 100, 150, 200]);
  assert.deepEqual(ticks(0.02, 0.98, 5), [0.2, 0.4, 0.6, 0.8]);
  assert.deepEqual(ticks(5, 3), [5]);
  for (const [low, high] of [[NaN, 1], [0, NaN], [0, Infinity], [-Infinity, Infinity]]) assert.deepEqual(ticks(low, high), []);
});

test("ticks of any range are few, distinct, rising and within it", () => {
  for (const low of [-1e9, -1, 0, 0.3, 7, 1e6]) {
    for (const span of [1e-7, 1e-3, 0.7, 1, 3, 199, 12_345, 1e12]) {
      const found = ticks(low, low + span);
      assert.ok(found.length <= 12, `${low} + ${span}: ${found}`);
      for (const [index, tick] of found.entries()) {
        assert.ok(tick >= low - 1e-6 * span - 1e-3 * Math.abs(low) && tick <= low + 1.001 * span + 1e-3 * Math.abs(low));
        assert.ok(index === 0 || tick > found[index - 1]);
      }
    }
  }
});

test("epochs get labels at round numbers", () => {
  const epochs = Array.from({ length: 200 }, (_, index) => index);
  const found = epochTicks(epochs, 600);
  assert.ok(found.length > 4 && found.every((position) => position % 20 === 0));
  assert.deepEqual(epochTicks([7], 600), [0]);
  assert.deepEqual(epochTicks([], 600), []);
  assert.deepEqual(epochTicks([3, 7], 60), [0, 1]);
  assert.deepEqual(epochTicks([10, 20, 30], 600), [0, 1, 2]);
  assert.deepEqual(epochTicks([0, 1, 2], 0), [0, 1, 2]);
});

test("epochs with gaps get labels at about even distances", () => {
  const sevens = Array.from({ length: 30 }, (_, index) => 3 + 7 * index);
  const found = epochTicks(sevens, 600);
  assert.deepEqual(found.map((position) => sevens[position]), [24, 52, 73, 101, 122, 150, 178, 199]);
  assert.deepEqual(epochTicks([0, 1, 2, 1000], 600), [0, 3]);
});

test("the extent leaves out what is no number", () => {
  assert.deepEqual(extent([NaN, 2, Infinity, -1]), [-1, 2]);
  assert.equal(extent([NaN]), null);
  assert.equal(extent([]), null);
});

test("cross-entropies are scaled by their square root, and clipped where few are far above the others", () => {
  const values = Array.from({ length: 1000 }, (_, index) => (index < 998 ? 1 : 100));
  const scale = colourScale(values, quantity("class_cross_entropy"), 2);

  assert.equal(scale.low, 0);
  assert.equal(scale.high, 1.2);
  assert.ok(scale.clipped);
  assert.equal(scale.at(0.3), 0.5);
  assert.deepEqual([0, 1.2, 100, Infinity, -1].map(scale.at), [0, 1, 1, 1, 0]);
  assert.ok(Number.isNaN(scale.at(NaN)));
  assert.ok(Math.abs(scale.inverse(0.5) - 0.3) < 1e-12);
});

test("nothing is clipped where nothing stands out", () => {
  const scale = colourScale([0.5, 1, NaN], quantity("class_cross_entropy"), 10);

  assert.equal(scale.high, 1);
  assert.ok(!scale.clipped);
});

test("an infinite value is beyond the scale, not its end", () => {
  const scale = colourScale([0.5, 1, Infinity], quantity("class_cross_entropy"), NaN);

  assert.ok(Number.isFinite(scale.high));
  assert.ok(scale.clipped);
});

test("counts are never clipped", () => {
  const scale = colourScale([...new Array(1000).fill(1), 400], quantity("support"), 2);

  assert.deepEqual([scale.low, scale.high, scale.clipped], [0, 400, false]);
  assert.equal(scale.at(100), 0.5);
});

test("of accuracies less is trouble, from a tenth to 1", () => {
  const scale = colourScale([0.43, 0.7, 1], quantity("class_accuracy"), NaN);

  assert.equal(scale.at(1), 0);
  assert.ok(Math.abs(scale.at(0.4) - 1) < 1e-12);
  assert.ok(Math.abs(scale.inverse(1) - 0.4) < 1e-12);
  assert.ok(!scale.clipped);
});

test("accuracies below the second percentile are beyond the scale", () => {
  const scale = colourScale([...new Array(99).fill(0.75), 0.1], quantity("class_accuracy"), NaN);

  assert.deepEqual([scale.low, scale.high, scale.clipped, scale.at(0.1)], [1, 0.7, true, 1]);
});

test("a percentile that is a tenth is not rounded to the one below", () => {
  assert.equal(colourScale([0.7, 0.8], quantity("class_accuracy"), NaN).high, 0.7);
});

test("of confidences neither end is trouble", () => {
  const scale = colourScale([0.43, 0.7, 1], quantity("class_confidence"), NaN);

  assert.deepEqual([scale.low, scale.high, scale.clipped], [0.4, 1, false]);
  assert.deepEqual([scale.at(0.4), scale.at(1), scale.at(0.1)], [0, 1, 0]);
});

test("a scale goes there and back", () => {
  const values = Float32Array.from({ length: 500 }, (_, index) => (index + 1) / 500);
  for (const key of ["class_cross_entropy", "class_accuracy", "class_confidence", "support"]) {
    const scale = colourScale(values, quantity(key), NaN);
    for (const share of [0, 0.25, 0.5, 1]) assert.ok(Math.abs(scale.at(scale.inverse(share)) - share) < 1e-9, `${key} ${share}`);
    assert.equal(scale.inverse(0), scale.low);
  }
});

test("a scale without a number has two ends all the same", () => {
  for (const key of ["class_cross_entropy", "class_accuracy", "class_confidence", "support"]) {
    for (const values of [[], [NaN], [0], [1], [Infinity]]) {
      const scale = colourScale(values, quantity(key), NaN);
      assert.ok(Number.isFinite(scale.at(0.5)), `${key} of ${values}`);
      assert.notEqual(scale.low, scale.high, `${key} of ${values}`);
    }
  }
});
