import assert from "node:assert/strict";
import { test } from "node:test";

import { aligned, linePanels, natsAxis, panelSummary, standApart, union } from "../src/lines/panels.js";
import { INITIAL } from "../src/store.js";

/**
 * @param {string} run
 * @param {number[]} epochs
 * @param {number[]} nats
 * @param {string[]} names
 */
function series(run, epochs, nats, names = ["cat"]) {
  const own = {
    num_examples: Float64Array.from(epochs, () => 10),
    cross_entropy: Float64Array.from(nats),
    tempered_cross_entropy: Float64Array.from(nats, (value) => value / 2),
    accuracy: Float64Array.from(nats, () => 0.5),
    class_cross_entropy: Float64Array.from(epochs.flatMap((_, position) => names.map(() => nats[position]))),
  };
  return {
    run,
    epochs,
    class_names: names,
    splits: ["validation", "train"],
    arrays: { validation: own, train: own },
    divergences: [],
  };
}

test("runs are aligned by the number of the epoch", () => {
  assert.deepEqual(
    union([
      [0, 2, 4],
      [1, 2],
    ]),
    [0, 1, 2, 4],
  );
  assert.deepEqual(aligned([1, 2], [5, NaN], [0, 1, 2, 4]), [null, 5, null, null]);
  assert.deepEqual(aligned([0], [Infinity], [0]), [null]);
  assert.deepEqual(aligned([0], [], [0]), [null], "a split without the quantity has no values");
});

test("values that stand apart are seen: single ones, and those with gaps between", () => {
  assert.equal(standApart([1, 2, 3]), false);
  assert.equal(standApart([null, 1, 2, null]), false);
  assert.equal(standApart([1, null, 2]), true);
  assert.equal(standApart([null, 1, null]), true);
});

test("panels: the chosen split in front, compared runs behind, a panel for the class", () => {
  const state = {
    ...INITIAL,
    run: "d/a",
    series: series("d/a", [0, 1], [1, 0.5]),
    others: [series("d/b", [1, 2], [0.9, 0.8])],
    row: 0,
  };
  const { epochs, panels } = linePanels(state);
  assert.deepEqual(epochs, [0, 1, 2]);
  assert.deepEqual(
    panels.map(({ key }) => key),
    ["crossEntropy", "class", "accuracy"],
  );
  assert.deepEqual(
    panels[0].lines.map(({ name }) => name),
    ["b", "train", "tempered", "validation"],
  );
  assert.deepEqual(panels[0].lines[0].values, [null, 0.9, 0.8]);
  assert.deepEqual(
    panels[1].lines.map(({ name }) => name),
    ["b", "train", "validation"],
  );
});

test("a compared run without the split, or the class, has no line", () => {
  const other = { ...series("b", [0], [1], ["dog"]), splits: ["train"] };
  const state = { ...INITIAL, run: "a", series: series("a", [0], [1]), others: [other], row: 0 };
  assert.deepEqual(
    linePanels(state).panels[0].lines.map(({ name }) => name),
    ["train", "tempered", "validation"],
  );
  const panel = linePanels({ ...state, split: "train" }).panels[1];
  assert.deepEqual(
    panel.lines.map(({ name }) => name),
    ["validation", "train"],
  );
});

test("few values far above the others are cut off, and said", () => {
  const line = (/** @type {(number | null)[]} */ values) => /** @type {any} */ ({ values });
  const epochs = Array.from({ length: 20 }, (_, index) => index);
  const spike = [line(epochs.map((epoch) => (epoch === 3 ? 200 : 1)))];
  assert.deepEqual(natsAxis(spike, epochs, 2).range, [0, 3]);
  assert.deepEqual(natsAxis(spike, epochs, 70).note, "", "a start from an even guess is seen");
  assert.deepEqual(natsAxis(spike, epochs, 0), { range: [0, 2], note: "cut off above; up to 200.0 at epoch 3" });
  assert.equal(natsAxis([line(epochs.map((epoch) => epoch / 10))], epochs, 0).note, "");
  assert.deepEqual(natsAxis([line([null])], [0], 0).range, [0, 1.04]);
  assert.ok(natsAxis([line([0, 0])], [0, 1], 0).range[1] > 0);
});

test("a chart in words: first, best and last of each line, the one in front first", () => {
  const state = { ...INITIAL, run: "a", series: series("a", [4, 5, 6], [1, 0.25, 0.5]) };
  const { epochs, panels } = linePanels(state);
  const said = panelSummary(panels[0], epochs);
  assert.match(
    said,
    /^Cross-entropy, nats by epoch\. validation: first 1\.000 at epoch 4, best 0\.250 at epoch 5, last 0\.500 at epoch 6; tempered/,
  );
});
