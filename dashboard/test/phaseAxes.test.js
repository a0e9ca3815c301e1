import assert from "node:assert/strict";
import { test } from "node:test";

import { FLOOR, logTicks, phaseAxes } from "../src/phase/axes.js";

test("axes are no narrower than a factor of 1.5 and 10 points, or 30 for a class", () => {
  const all = phaseAxes([0.5, 0.501], [0.6, 0.6], "all");
  assert.ok(Math.abs(all.nats[1] / all.nats[0] - 1.5) < 1e-9);
  assert.ok(Math.abs(all.share[1] - all.share[0] - 0.1) < 1e-9);
  const one = phaseAxes([0.5], [0.6], "class");
  assert.ok(Math.abs(one.share[1] - one.share[0] - 0.3) < 1e-9);
});

test("an axis of shares that would reach beyond 1 or 0 is moved, and keeps its length", () => {
  const high = phaseAxes([0.5], [1], "all").share;
  assert.ok(Math.abs(high[1] - 1.01) < 1e-9 && Math.abs(high[1] - high[0] - 0.1) < 1e-9);
  const low = phaseAxes([0.5], [0], "class").share;
  assert.ok(Math.abs(low[0] + 0.01) < 1e-9 && Math.abs(low[1] - low[0] - 0.3) < 1e-9);
  assert.deepEqual(phaseAxes([0.5, 1], [0, 1], "all").share, [-0.01, 1.01]);
});

test("a cross-entropy of 0 has a place", () => {
  const [low, high] = phaseAxes([0, 0.1], [0.5, 1], "all").nats;
  assert.ok(low > 0 && low < FLOOR && high > 0.1);
});

test("ticks are round, within the axis and apart", () => {
  assert.deepEqual(logTicks(0.45, 0.9, 320), [0.5, 0.6, 0.7, 0.8, 0.9]);
  for (const [low, high] of [
    [0.001, 3],
    [0.6, 0.9],
    [1.01, 1.52],
    [0.0005, 40],
  ]) {
    const ticks = logTicks(low, high, 320, 36);
    assert.ok(ticks.length >= 2, `${low} to ${high}: ${ticks}`);
    for (const [index, tick] of ticks.slice(1).entries()) {
      assert.ok((Math.log(tick / ticks[index]) / Math.log(high / low)) * 320 >= 36 - 1e-6);
    }
  }
});
