import assert from "node:assert/strict";
import { test } from "node:test";

import { axesOf, className, comparedPaths, pathOf, pathSummary } from "../src/phase/paths.js";
import { INITIAL } from "../src/store.js";

/**
 * @param {string} run
 * @param {string[]} names
 */
function series(run, names) {
  const validation = {
    cross_entropy: Float64Array.of(1, NaN, 0.5),
    accuracy: Float64Array.of(0.5, NaN, 0.75),
    class_cross_entropy: Float64Array.of(1, NaN, 2),
    class_accuracy: Float64Array.of(0, NaN, 1),
  };
  return { run, epochs: [0, 1, 4], class_names: names, splits: ["validation"], arrays: { validation } };
}

test("a path has the passes that have both numbers", () => {
  assert.deepEqual(pathOf(series("a", ["cat"]), "validation", null), [
    { position: 0, nats: 1, share: 0.5 },
    { position: 2, nats: 0.5, share: 0.75 },
  ]);
  assert.deepEqual(
    pathOf(series("a", ["cat"]), "validation", 0).map(({ nats }) => nats),
    [1, 2],
  );
  assert.deepEqual(pathOf(series("a", ["cat"]), "train", null), []);
});

test("compared runs: of the same class by name, or not at all", () => {
  const state = { ...INITIAL, run: "a", series: series("a", ["cat"]), others: [series("b", ["dog"]), series("c", ["cat"])] };
  assert.deepEqual(
    comparedPaths(state).map(({ name }) => name),
    ["b", "c"],
  );
  assert.deepEqual(
    comparedPaths({ ...state, row: 0 }).map(({ name }) => name),
    ["c"],
  );
  assert.equal(className({ ...state, row: 0 }), "cat");
  assert.equal(className({ ...state, row: 0, scope: "all" }), null);
});

test("no points, no axes", () => {
  assert.equal(axesOf([[], []], "all"), null);
});

test("the path in words", () => {
  const one = series("a", ["cat"]);
  assert.match(
    pathSummary(one, pathOf(one, "validation", null)),
    /First: epoch 0, .* Best: epoch 4, cross-entropy 0\.500 .* Last: epoch 4/,
  );
});
