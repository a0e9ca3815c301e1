import assert from "node:assert/strict";
import { test } from "node:test";
import { quantity } from "../src/quantities.js";
import { colourScale, epochTicks, extent, ticks } from "../src/scales.js";

test("ticks are round, and include the ends", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(-1, 1, 2), [-1, 0, 1]);
  assert.deepEqual(ticks(3, 3), [3]);
  assert.ok(ticks(0, 1e-7).length > 2);
});

test("epochs get labels at round numbers, or at the ends", () => {
  const epochs = Array.from({ length: 200 }, (_, index) => index);
  const found = epochTicks(epochs, 600);
  assert.ok(found.length > 4 && found.every((position) => position % 20 === 0));
  assert.deepEqual(epochTicks([7], 600), [0]);
  assert.deepEqual(epochTicks([], 600), []);
  assert.deepEqual(epochTicks([3, 7], 60), [0, 1]);
  assert.deepEqual(epochTicks([10, 20, 30], 600), [0, 1, 2]);
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
  assert.ok(Math.abs(scale.inverse(0.5) - 0.3) < 1e-12);
});

test("nothing is clipped where nothing stands out", () => {
  const scale = colourScale([0.5, 1, NaN], quantity("class_cross_entropy"), 10);

  assert.equal(scale.high, 1);
  assert.ok(!scale.clipped);
});

test("of accuracies less is trouble, from a tenth to 1", () => {
  const scale = colourScale([0.43, 0.7, 1], quantity("class_accuracy"), NaN);

  assert.equal(scale.at(1), 0);
  assert.ok(Math.abs(scale.at(0.4) - 1) < 1e-12);
  assert.ok(Math.abs(scale.inverse(1) - 0.4) < 1e-12);
});

test("of confidences neither end is trouble", () => {
  const scale = colourScale([0.43, 0.7, 1], quantity("class_confidence"), NaN);

  assert.equal(scale.at(1), 1);
});

test("a scale without a number has two ends all the same", () => {
  for (const key of ["class_cross_entropy", "class_accuracy", "support"]) {
    const scale = colourScale([NaN], quantity(key), NaN);
    assert.ok(Number.isFinite(scale.at(0.5)), key);
    assert.notEqual(scale.low, scale.high, key);
  }
});
