import assert from "node:assert/strict";
import { test } from "node:test";
import { quantitiesOf, quantity } from "../src/quantities.js";

const keys = (/** @type {import("../src/types.js").Task} */ task) => quantitiesOf(task).map(({ key }) => key);

test("every task begins with the cross-entropy, and labels have those of positives and negatives too", () => {
  const common = ["class_cross_entropy", "class_accuracy", "class_precision", "class_confidence", "support"];
  assert.deepEqual(keys("multiclass"), common);
  assert.deepEqual(keys("binary"), common);
  assert.deepEqual(keys("multilabel"), [
    "class_cross_entropy",
    "class_positive_cross_entropy",
    "class_negative_cross_entropy",
    ...common.slice(1),
  ]);
});

test("the accuracy of a class is its recall, that of a label is not", () => {
  assert.equal(quantity("class_accuracy", "multiclass").name, "Accuracy (recall)");
  assert.equal(quantity("class_accuracy", "multilabel").name, "Accuracy");
  assert.equal(quantity("support", "multilabel").name, "Positives");
});

test("the worst is at the end that hurts", () => {
  assert.equal(quantity("class_cross_entropy").worst, 1);
  for (const key of ["class_accuracy", "class_precision", "class_confidence", "support"]) assert.equal(quantity(key).worst, -1, key);
  const neutral = quantitiesOf("multiclass").filter(({ ramp }) => ramp === "neutral");
  assert.deepEqual(neutral.map(({ key }) => key), ["class_confidence", "support"]);
});

test("a quantity that no task has is an error that names those there are", () => {
  assert.throws(() => quantity("class_ece"), /No class quantity class_ece\. There are: class_cross_entropy, .*support\./);
});
