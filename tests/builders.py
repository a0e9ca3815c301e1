"""Realistic reports for tests, from random predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import ClassStatistics, Floats, Integers, Task

__all__ = ["HOSTILE_NAMES", "multilabel_predictions", "predictions", "report", "statistics"]

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


def multilabel_predictions(
    num_labels: int, num_examples: int = 200, *, seed: int = 0, sharpness: float = 2.0
) -> tuple[Integers, Floats]:
    """Targets, each label rarer than the one before, and float64 probabilities that are right more often than chance.

    Args:
        num_labels: Number of labels K.
        num_examples: Number of examples.
        seed: Same seed, same predictions.
        sharpness: How far the logit of a positive label is above that of a negative one, on average.

    Returns:
        Both of shape `(num_examples, num_labels)`; the targets are 0 or 1.
    """
    rng = np.random.default_rng(seed)
    rates = 1 / np.arange(2, num_labels + 2)
    targets = (rng.random((num_examples, num_labels)) < rates).astype(np.int64)
    logits = rng.normal(size=targets.shape) + sharpness * (targets - 0.5)
    return targets, 1 / (1 + np.exp(-logits))


def statistics(
    num_classes: int = 3,
    num_examples: int = 200,
    *,
    seed: int = 0,
    sharpness: float = 2.0,
    num_bins: int = 15,
    task: Task = "multiclass",
) -> ClassStatistics:
    """Statistics of `predictions`, or of `multilabel_predictions`."""
    predict = multilabel_predictions if task == "multilabel" else predictions
    targets, probabilities = predict(num_classes, num_examples, seed=seed, sharpness=sharpness)
    return statistics_from_predictions(targets, probabilities, num_bins=num_bins, task=task)


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
    """A report on what `statistics` is of; further arguments are those of `statistics`."""
    return EvaluationReport(
        epoch=epoch,
        split=split,
        output=output,
        class_names=tuple(class_names or map(str, range(num_classes))),
        statistics=statistics(num_classes, seed=seed, **statistics_arguments),
        loss_accuracy_divergence=loss_accuracy_divergence,
        logged_loss=logged_loss,
    )
