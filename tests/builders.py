"""Realistic reports for tests, from random predictions."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.statistics_from_predictions import MATRIX_LIMIT, statistics_from_predictions
from xent_monitor.confusion import SKETCH_MULTIPLIERS, SKETCH_WIDTH, sketch_shape
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import ClassStatistics, Floats, Integers, Task

__all__ = ["HOSTILE_NAMES", "predictions", "report", "statistics"]

#: Class names that have broken tags, tables or pages somewhere.
HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>",
    "a|b",
    "a/b",
    "`tick`",
    "new\nline",
    "",
    "cat",
    "cat",
    "cat#6",
    "日本語 ☃",
    "\udcff",
    ".* (regex) [x",
)


def predictions(
    num_classes: int, num_examples: int = 200, *, seed: int = 0, sharpness: float = 2.0
) -> tuple[Integers, Floats]:
    """Labels and float64 probabilities of a model that is right more often than chance.

    Args:
        num_classes: Number of classes K.
        num_examples: Number of examples.
        seed: Same seed, same predictions.
        sharpness: How far the logit of the true class is above the others, on average.

    Returns:
        Labels, shape `(num_examples,)`, and probabilities, shape `(num_examples, num_classes)`.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(num_classes, size=num_examples)
    logits = rng.normal(size=(num_examples, num_classes))
    logits[np.arange(num_examples), labels] += sharpness
    exponentials = np.exp(logits)
    return labels, exponentials / exponentials.sum(axis=1, keepdims=True)


def statistics(
    num_classes: int = 3,
    num_examples: int = 200,
    *,
    seed: int = 0,
    sharpness: float = 2.0,
    num_bins: int = 15,
    task: Task = "multiclass",
) -> ClassStatistics:
    """Statistics of `predictions`; with more than 256 classes they hold a sketch of the confusions."""
    labels, probabilities = predictions(num_classes, num_examples, seed=seed, sharpness=sharpness)
    sums = statistics_from_predictions(labels, probabilities, num_bins=num_bins, task=task)
    if num_classes > MATRIX_LIMIT:
        sketch = _sketch(labels, probabilities.argmax(axis=1), num_classes)
        sums = dataclasses.replace(sums, confusion_sketch=sketch)
    return sums


def _sketch(labels: Integers, decisions: Integers, num_classes: int) -> Integers:
    """The sketch of the wrong pairs, one pair after the other."""
    sketch = np.zeros(sketch_shape(num_classes), np.int64)
    bits = (sketch.shape[2] - 1) // 2
    for true, predicted in zip(labels.tolist(), decisions.tolist(), strict=True):
        if true == predicted:
            continue
        for table, (first, second) in enumerate(SKETCH_MULTIPLIERS):
            hashed = first * (true % SKETCH_WIDTH) + second * (predicted % SKETCH_WIDTH)
            cell = sketch[table, hashed % SKETCH_WIDTH]
            cell[0] += 1
            for bit in range(bits):
                cell[1 + bit] += true >> bit & 1
                cell[1 + bits + bit] += predicted >> bit & 1
    return sketch


def report(
    num_classes: int = 3,
    epoch: int = 0,
    seed: int = 0,
    *,
    split: Split = "validation",
    output: str = "",
    class_names: Sequence[str] | None = None,
    loss_accuracy_divergence: float = math.nan,
    logged_loss: float = math.nan,
    **statistics_arguments: Any,
) -> EvaluationReport:
    """A report on `predictions`; further arguments are those of `statistics`."""
    return EvaluationReport(
        epoch=epoch,
        split=split,
        output=output,
        class_names=tuple(class_names or map(str, range(num_classes))),
        statistics=statistics(num_classes, seed=seed, **statistics_arguments),
        loss_accuracy_divergence=loss_accuracy_divergence,
        logged_loss=logged_loss,
    )
