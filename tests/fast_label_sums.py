"""What `tests.statistics_from_predictions` says of labels that do not exclude each other, by faster ways.

A test compares the two.
"""

from __future__ import annotations

import numpy as np

from tests.fast_sums import BATCH
from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.statistics import ClassStatistics, Floats, Integers

__all__ = ["label_sums"]


def label_sums(
    targets: Integers, probabilities: Floats, *, num_bins: int = 15, rows_per_sample: int = 1
) -> ClassStatistics:
    """The sums of an unweighted pass in batches of `BATCH` rows, whose loss is the binary cross-entropy.

    Args:
        targets: 0 or 1. Shape `(num_examples, num_labels)`.
        probabilities: Of the label being positive, the same shape.
        num_bins: Bins of equal width, `[a, b)`, the last `[a, b]`.
        rows_per_sample: Rows of one entry of the first axis.
    """
    size, labels = targets.shape
    p = np.clip(probabilities.T, 1e-12, 1 - 1e-12).copy()
    positive = targets.T > 0
    true_probability = np.where(positive, p, 1 - p)
    nats = -np.log(true_probability)
    named = p > 0.5
    right = named == positive
    confidence = np.maximum(p, 1 - p)
    by_confidence, by_true = _bin_of(confidence, num_bins), _bin_of(true_probability, num_bins)
    label = np.repeat(np.arange(labels), size)
    per_label = _table(label, (right * num_bins + by_confidence).ravel(), labels, 2 * num_bins)
    per_label = per_label.reshape(labels, 2, num_bins)
    steps = np.abs(np.diff(confidence.mean(axis=0)))
    steps[BATCH - 1 :: BATCH] = 0.0
    losses, rows = nats.sum(axis=1), nats.mean(axis=0)
    entropies = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return ClassStatistics(
        task="multilabel",
        support=positive.sum(axis=1),
        correct=right.sum(axis=1),
        predicted=named.sum(axis=1),
        confidence_histogram=per_label.sum(axis=0),
        class_confidence_histogram=per_label,
        true_class_probability_histogram=_table(label, by_true.ravel(), labels, num_bins),
        confusion=None,
        confusion_sketch=None,
        num_rows=size,
        invalid_labels=0,
        non_finite=0,
        invalid_probabilities=0,
        saturated=int((true_probability <= 1e-7).sum()),
        weight_sum=np.full(labels, float(size)),
        cross_entropy_sum=losses,
        cross_entropy_square_sum=(nats**2).sum(axis=1),
        weighted_cross_entropy_sum=losses,
        loss_sum=losses,
        weighted_loss_sum=losses,
        confidence_sum=confidence.sum(axis=1),
        true_class_probability_sum=true_probability.sum(axis=1),
        brier_sum=2 * ((1 - true_probability) ** 2).sum(axis=1),
        entropy_sum=entropies.sum(axis=1),
        bin_confidence_sum=np.bincount(by_confidence.ravel(), confidence.ravel(), num_bins),
        temperature_sums=_temperature_sums(np.where(positive, 1, -1) * np.log(p / (1 - p))),
        temperature_sample_size=size * labels,
        penalty_sum=0.0,
        probability_sum=np.full(labels, float(size)),
        confidence_step_sum=float(steps.sum()),
        num_batches=-(-size // BATCH),
        target_cross_entropy_sum=losses,
        positive_cross_entropy_sum=(nats * positive).sum(axis=1),
        row_cross_entropy_square_sum=float((rows**2).sum()),
        masked=0,
        batch_mean_loss_sum=float(rows.sum()) / rows_per_sample,
        num_samples=size // rows_per_sample,
    )


def _table(rows: Integers, columns: Integers, height: int, width: int) -> Integers:
    """How often each pair occurs. Shape `(height, width)`."""
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width)


def _bin_of(probability: Floats, num_bins: int) -> Integers:
    edges = np.linspace(0.0, 1.0, num_bins + 1)
    return np.minimum(np.searchsorted(edges, probability, side="right") - 1, num_bins - 1)


def _temperature_sums(margins: Floats) -> Floats:
    """For each node b: ln(1 + e^-bm) of the margins m and its derivatives, summed. Shape `(3, num_temperatures)`."""
    size, wrong_way = np.abs(margins), margins < 0
    # The nodes are a factor of 2 apart, so that the next exponentials are the squares of these.
    heated = np.exp(-INVERSE_TEMPERATURES[0] * size)
    against = float(size[wrong_way].sum())
    square = size**2
    columns = []
    for node in INVERSE_TEMPERATURES:
        less = heated / (1.0 + heated)
        # Its derivative is -m (1 - p) for a margin above 0, and |m| p = |m| - |m| (1 - p) for one below.
        slope = against - (size * less).sum()
        columns.append([np.log1p(heated).sum() + node * against, slope, (square * less * (1 - less)).sum()])
        heated = heated * heated
    return np.array(columns).T
