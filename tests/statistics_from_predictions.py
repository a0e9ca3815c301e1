"""The oracle: the sums of a pass from all its predictions at once, in plain float64 NumPy, from the definitions.

It shares no code with what runs inside the compiled step, and is written to be obviously right rather than fast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.statistics import ClassStatistics, Floats, Integers, Task

#: With more classes than this, nothing of size K x K or K x 2 x B is kept.
MATRIX_LIMIT = 256
#: The default of `keras.config.epsilon()`.
KERAS_CLIP = 1e-7


def statistics_from_predictions(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    num_bins: int = 15,
    task: Task = "multiclass",
) -> ClassStatistics:
    """Statistics of one unweighted pass whose loss is the cross-entropy.

    Args:
        labels: True class of each example. Shape `(num_examples,)`, integers in `[0, num_classes)`.
        probabilities: Predicted distributions, rows adding up to 1, no zeros. Shape
            `(num_examples, num_classes)`; for `task="binary"` either that with two classes, or the probability of
            the positive class, shape `(num_examples,)`.
        num_bins: Bins of equal width, `[a, b)`, the last `[a, b]`.
        task: `"multiclass"` or `"binary"`.

    Returns:
        The sums, all in float64 and int64.
    """
    y = np.asarray(labels, np.int64)
    p = np.asarray(probabilities, np.float64)
    if p.ndim == 1:
        p = np.stack([1.0 - p, p], axis=1)
    num_examples, num_classes = p.shape
    small = num_classes <= MATRIX_LIMIT

    truth = np.eye(num_classes)[y]
    true_probability = p[np.arange(num_examples), y]
    cross_entropy = -np.log(true_probability)
    entropy = -(p * np.log(p)).sum(axis=1)
    brier = ((p - truth) ** 2).sum(axis=1)
    decision = p.argmax(axis=1)
    confidence = p.max(axis=1)
    right = decision == y
    confidence_bin = bin_of(confidence, num_bins)
    true_bin = bin_of(true_probability, num_bins)

    support = count(num_classes, y)
    return ClassStatistics(
        task=task,
        support=support,
        correct=count(num_classes, y[right]),
        predicted=count(num_classes, decision),
        confidence_histogram=np.stack(
            [count(num_bins, confidence_bin[~right]), count(num_bins, confidence_bin[right])]
        ),
        class_confidence_histogram=(
            np.stack(
                [
                    np.stack(
                        [
                            count(num_bins, confidence_bin[(y == k) & ~right]),
                            count(num_bins, confidence_bin[(y == k) & right]),
                        ]
                    )
                    for k in range(num_classes)
                ]
            )
            if small
            else None
        ),
        true_class_probability_histogram=np.stack([count(num_bins, true_bin[y == k]) for k in range(num_classes)]),
        confusion=(np.stack([count(num_classes, decision[y == k]) for k in range(num_classes)]) if small else None),
        confusion_sketch=None,
        num_rows=num_examples,
        invalid_labels=0,
        non_finite=0,
        invalid_probabilities=0,
        saturated=int((true_probability <= KERAS_CLIP).sum()),
        weight_sum=support.astype(np.float64),
        cross_entropy_sum=total(truth, cross_entropy),
        cross_entropy_square_sum=total(truth, cross_entropy**2),
        weighted_cross_entropy_sum=total(truth, cross_entropy),
        loss_sum=total(truth, cross_entropy),
        weighted_loss_sum=total(truth, cross_entropy),
        confidence_sum=total(truth, confidence),
        true_class_probability_sum=total(truth, true_probability),
        brier_sum=total(truth, brier),
        entropy_sum=total(truth, entropy),
        bin_confidence_sum=np.array([confidence[confidence_bin == b].sum() for b in range(num_bins)]),
        temperature_sums=temperature_sums(y, np.log(p)),
        temperature_sample_size=num_examples,
        penalty_sum=0.0,
        probability_sum=total(truth, p.sum(axis=1)),
        confidence_step_sum=float(np.abs(np.diff(confidence)).sum()),
        num_batches=1,
    )


def count(size: int, indices: Integers) -> Integers:
    """How often each of 0 .. size - 1 occurs. Shape `(size,)`."""
    return np.array([(indices == index).sum() for index in range(size)], np.int64)


def total(truth: Floats, values: Floats) -> Floats:
    """Sum of `values` over the examples of each class. Shape `(num_classes,)`."""
    return np.asarray((truth * values[:, None]).sum(axis=0))


def bin_of(probability: Floats, num_bins: int) -> Integers:
    """Index of the bin `[b / B, (b + 1) / B)`; 1 belongs to the last."""
    edges = np.linspace(0.0, 1.0, num_bins + 1)
    return np.minimum(np.searchsorted(edges, probability, side="right") - 1, num_bins - 1)


def temperature_sums(labels: Integers, logits: Floats) -> Floats:
    """Cross-entropy of softmax(b z) and its two derivatives in b, summed. Shape `(3, num_temperatures)`."""
    columns = []
    true_logit = logits[np.arange(len(labels)), labels]
    for b in INVERSE_TEMPERATURES:
        log_partition = np.log(np.exp(b * logits).sum(axis=1)) if len(labels) else np.zeros(0)
        heated = np.exp(b * logits - log_partition[:, None])
        mean = (heated * logits).sum(axis=1)
        variance = (heated * (logits - mean[:, None]) ** 2).sum(axis=1)
        columns.append([(log_partition - b * true_logit).sum(), (mean - true_logit).sum(), variance.sum()])
    return np.array(columns).T
