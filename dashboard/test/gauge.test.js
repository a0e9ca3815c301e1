import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, gaugeWords } from "../src/views/gauge.js";

const LEVELS = /** @type {const} */ ({ split: "validation", crossEntropy: 0.615, tempered: 0.452, temperature: 2.07, train: 0.001, prior: 2.0, uniform: 2.303 });

test("the gauge is a sentence too", () => {
  assert.equal(
    gaugeWords(LEVELS),
    "Cross-entropy of the validation pass 0.615 nats, between 0 (perfect) and 2.000 (knows only base rates); of which over-confidence 0.163; an even guess would score 2.303; training 0.001.",
  );
});

test("it says under-confidence where the temperature is below 1, and nothing where none was fitted", () => {
  assert.match(gaugeWords({ ...LEVELS, temperature: 0.7 }), /under-confidence 0\.163/);
  assert.doesNotMatch(gaugeWords({ ...LEVELS, tempered: NaN, temperature: NaN }), /confidence/);
});

test("it says what is worse than an even guess, and names one end where there is one", () => {
  assert.match(gaugeWords({ ...LEVELS, crossEntropy: 3 }), /worse than an even guess/);
  assert.doesNotMatch(gaugeWords({ ...LEVELS, prior: 2.3 }), /even guess/);
});

test("labels stand apart, in their order and within the width", () => {
  const labels = ["train 0.000", "validation 0.001", "best 0.000"].map((words, index) => ({ words, middle: 395 + index }));
  const placed = apart(labels, 400, 6);

  placed.forEach((label, index) => {
    assert.ok(label.left >= 0 && label.left + label.size <= 400);
    if (index) assert.ok(placed[index - 1].left + placed[index - 1].size < label.left);
  });
  assert.deepEqual(placed.map(({ words }) => words), labels.map(({ words }) => words));
});

test("a label that has room stands where it should", () => {
  const [label] = apart([{ words: "abcd", middle: 100 }], 400, 6);

  assert.equal(label.left + label.size / 2, 100);
});
