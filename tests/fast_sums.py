"""What `tests.statistics_from_predictions` says, by faster ways: for tests that make thousands of passes.

A test compares the two.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.statistics import ClassStatistics, Floats, Integers

__all__ = ["BATCH", "sums_of"]

#: Rows of a batch.
BATCH = 32


def sums_of(
    labels: Integers, probabilities: Floats, *, num_bins: int = 15, task: Literal["multiclass", "binary"] = "multiclass"
) -> ClassStatistics:
    """The sums of an unweighted pass in batches of `BATCH` rows, whose loss is the cross-entropy.

    Args:
        labels: True class of each example. Shape `(num_examples,)`.
        probabilities: Predicted distributions. Shape `(num_examples, num_classes)`.
        num_bins: Bins of equal width, `[a, b)`, the last `[a, b]`.
        task: `"multiclass"`, or `"binary"` for two classes.
    """
    size, classes = probabilities.shape
    rows = np.arange(size)
    # Classes first: sums over a long last axis are far faster than over a short one.
    p = np.maximum(probabilities.T, 1e-30).copy()
    logits = np.log(p)
    true_probability, cross_entropy = p[labels, rows], -logits[labels, rows]
    decision, confidence = p.argmax(axis=0), p.max(axis=0)
    by_confidence, by_true = _bin_of(confidence, num_bins), _bin_of(true_probability, num_bins)
    outcome = (decision == labels) * num_bins + by_confidence
    per_class = _table(labels, outcome, classes, 2 * num_bins).reshape(classes, 2, num_bins)
    confusion = _table(labels, decision, classes, classes)
    # Batches of so many rows: the step from the last row of one to the first of the next is not counted.
    steps = np.abs(np.diff(confidence))
    steps[BATCH - 1 :: BATCH] = 0.0

    def total(values: Floats) -> Floats:
        return np.bincount(labels, values, classes)

    losses = total(cross_entropy)
    return ClassStatistics(
        task=task,
        support=confusion.sum(axis=1),
        correct=np.diag(confusion),
        predicted=confusion.sum(axis=0),
        confidence_histogram=per_class.sum(axis=0),
        class_confidence_histogram=per_class,
        true_class_probability_histogram=_table(labels, by_true, classes, num_bins),
        confusion=confusion,
        confusion_sketch=None,
        num_rows=size,
        invalid_labels=0,
        non_finite=0,
        invalid_probabilities=0,
        saturated=int((true_probability <= 1e-7).sum()),
        weight_sum=confusion.sum(axis=1),
        cross_entropy_sum=losses,
        cross_entropy_square_sum=total(cross_entropy**2),
        weighted_cross_entropy_sum=losses,
        loss_sum=losses,
        weighted_loss_sum=losses,
        confidence_sum=total(confidence),
        true_class_probability_sum=total(true_probability),
        brier_sum=total((p**2).sum(axis=0) - 2 * true_probability + 1),
        entropy_sum=total(-(p * logits).sum(axis=0)),
        bin_confidence_sum=np.bincount(by_confidence, confidence, num_bins),
        temperature_sums=_temperature_sums(labels, logits),
        temperature_sample_size=size,
        penalty_sum=0.0,
        probability_sum=total(p.sum(axis=0)),
        confidence_step_sum=float(steps.sum()),
        num_batches=-(-size // BATCH),
        target_cross_entropy_sum=losses,
        positive_cross_entropy_sum=None,
        row_cross_entropy_square_sum=float((cross_entropy**2).sum()),
        masked=0,
        batch_mean_loss_sum=float(losses.sum()),
        num_samples=size,
    )


def _table(rows: Integers, columns: Integers, height: int, width: int) -> Integers:
    """How often each pair occurs. Shape `(height, width)`."""
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width)


def _bin_of(probability: Floats, num_bins: int) -> Integers:
    edges = np.linspace(0.0, 1.0, num_bins + 1)
    return np.minimum(np.searchsorted(edges, probability, side="right") - 1, num_bins - 1)


def _temperature_sums(labels: Integers, logits: Floats) -> Floats:
    """For each node, from the lowest inverse temperature on; logits of shape `(num_classes, num_examples)`."""
    relative = logits - logits.max(axis=0)
    true = relative[labels, np.arange(len(labels))]
    columns = []
    # The nodes are a factor of 2 apart, so that the next exponentials are the squares of these.
    heated = np.exp(INVERSE_TEMPERATURES[0] * relative)
    for node in INVERSE_TEMPERATURES:
        partition = heated.sum(axis=0)
        mean = (heated * relative).sum(axis=0) / partition
        square = (heated * relative**2).sum(axis=0) / partition
        columns.append(
            [(np.log(partition) - node * true).sum(), (mean - true).sum(), (square - mean**2).sum()],
        )
        heated = heated * heated
    return np.array(columns).T
