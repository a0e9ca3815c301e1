"""The oracle: the sums of a pass from all its predictions at once, in plain float64 NumPy, from the definitions.

It shares no code with what runs inside the compiled step, and is written to be obviously right rather than fast. What
a row and a decision are is said in `tests.rows_of_predictions`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tests.rows_of_predictions import Booleans, Decisions, Rows, rows_of, target_cross_entropy, times_log
from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.confusion import SKETCH_MULTIPLIERS, SKETCH_WIDTH, sketch_shape
from xent_monitor.statistics import ClassStatistics, Floats, Integers, Task

__all__ = [
    "MATRIX_LIMIT",
    "POOLING_LIMIT",
    "probabilities_of",
    "statistics_from_predictions",
    "temperature_sums",
]

#: With more classes than this, nothing of size K x K or K x 2 x B is kept.
MATRIX_LIMIT = 256
#: With more classes than this, the histogram of the true class' probability is that of all classes together.
POOLING_LIMIT = 4096
#: The default of `keras.config.epsilon()`.
KERAS_CLIP = 1e-7
#: Logits of a batch that enter the temperature sums at most.
TEMPERATURE_LOGITS = 2**15
#: How far a row of probabilities may be from a sum of 1.
PROBABILITY_TOLERANCE = 1e-3


def probabilities_of(outputs: ArrayLike, *, task: Task = "multiclass", class_axis: int = -1) -> Floats:
    """Softmax, or sigmoid where the task is binary or multi-label, of logits, in float64. Shape of `outputs`."""
    logits = np.asarray(outputs, np.float64)
    if task != "multiclass":
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))
    exponentials = np.exp(logits - logits.max(axis=class_axis, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=class_axis, keepdims=True))


def statistics_from_predictions(
    targets: ArrayLike,
    probabilities: ArrayLike,
    *,
    num_bins: int = 15,
    task: Task = "multiclass",
    class_axis: int = -1,
    sample_weight: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    ignore_class: int | None = None,
    loss: ArrayLike | None = None,
    reduction: str = "sum_over_batch_size",
    batch_sizes: Sequence[int] | None = None,
    penalty: float = 0.0,
) -> ClassStatistics:
    """Statistics of one pass over one output.

    Below, `lead` is `(num_examples,)`, or `(num_examples, tokens)`, `(num_examples, height, width)` and so on.

    Args:
        targets: For `"multiclass"` class indices, shape `lead` or `(*lead, 1)`, or a distribution for each row, shape
            of the probabilities. For `"binary"` numbers in [0, 1], shape `lead` or `(*lead, 1)`. For `"multilabel"`
            numbers in [0, 1], shape of the probabilities.
        probabilities: Predicted probabilities without zeros. Shape `(*lead, num_classes)`, each row adding up to 1;
            for `"multilabel"` `(*lead, num_labels)`; for `"binary"` that of the positive class, `(num_examples,)` or
            `(*lead, 1)`, or those of both, `(*lead, 2)`.
        num_bins: Bins of equal width, `[a, b)`, the last `[a, b]`.
        task: Kind of classification.
        class_axis: Axis of the classes in the probabilities, and in targets that are distributions.
        sample_weight: Weights, shape `lead` or the first axes of it; None for 1.
        mask: Which rows count, shape `lead`; None for all.
        ignore_class: Class index whose rows are masked.
        loss: Compiled loss, shape `lead`; for `"multilabel"` `(*lead, num_labels)`. None for the cross-entropy against
            the targets as given; give it where targets are invalid.
        reduction: How Keras reduces the loss of a batch: `"mean_with_sample_weight"` divides by the sum of weights,
            all others stand for `"sum_over_batch_size"`.
        batch_sizes: Examples of each batch; None for one batch, all of whose rows enter the temperature sums.
        penalty: Penalty of each batch.

    Returns:
        The sums, all in float64 and int64.
    """
    rows = rows_of(targets, probabilities, task, class_axis, sample_weight, mask, ignore_class, loss)
    if batch_sizes is None:
        batches, sampled = [slice(0, rows.size)], rows.kept
    else:
        ends = itertools.accumulate(size * rows.per_example for size in batch_sizes)
        batches = [slice(end - size * rows.per_example, end) for end, size in zip(ends, batch_sizes, strict=True)]
        assert batches[-1].stop == rows.size
        sampled = rows.kept & _sampled(batches, rows.logits_per_row)
    batch_examples = [(batch.stop - batch.start) // rows.per_example for batch in batches]
    mean_losses = [_batch_loss(rows, batch, reduction) for batch in batches]

    return ClassStatistics(
        task=task,
        num_rows=rows.size - int(rows.masked.sum()),
        masked=int(rows.masked.sum()),
        invalid_labels=int((~rows.masked & ~rows.valid).sum()),
        non_finite=int((~rows.masked & rows.valid & ~rows.finite).sum()),
        invalid_probabilities=int((rows.kept & ~_are_distributions(rows)).sum()),
        num_batches=sum(size > 0 for size in batch_examples) if batch_sizes is not None else 1,
        num_samples=sum(batch_examples),
        batch_mean_loss_sum=float(sum(np.multiply(batch_examples, mean_losses))),
        penalty_sum=float(penalty * sum(batch_examples)),
        confidence_step_sum=_confidence_steps(rows, batches),
        **_sums(rows.only(rows.kept).decisions(), num_bins),
        **_temperature(rows.only(sampled).decisions()),
    )


# What is known of the rows of a batch together


def _batch_loss(rows: Rows, batch: slice, reduction: str) -> float:
    """Loss of a batch as Keras reduces it: invalid rows are in it, masked ones are not."""
    counts = ~rows.masked[batch]
    loss, weight = rows.loss[batch].mean(axis=1)[counts], rows.weight[batch][counts]
    divisor = weight.sum() if reduction == "mean_with_sample_weight" else counts.sum()
    return float((loss * weight).sum() / divisor) if divisor else 0.0


def _sampled(batches: Sequence[slice], logits_per_row: int) -> Booleans:
    """Rows that enter the temperature sums: those at even distances, where a batch has more logits than allowed."""
    sampled = np.zeros(batches[-1].stop, bool)
    most = max(1, TEMPERATURE_LOGITS // logits_per_row)
    for batch in batches:
        stride = max(1, math.ceil((batch.stop - batch.start) / most))
        sampled[batch.start : batch.stop : stride] = True
    return sampled


def _are_distributions(rows: Rows) -> Booleans:
    p, tolerance = rows.probabilities, PROBABILITY_TOLERANCE
    positive = (p >= -tolerance).all(axis=1)
    if rows.task == "multilabel":
        return positive & (p <= 1 + tolerance).all(axis=1)
    return positive & (np.abs(p.sum(axis=1) - 1.0) <= tolerance)


def _confidence_steps(rows: Rows, batches: Sequence[slice]) -> float:
    """Sum of the differences of the confidences, means over the labels, of neighbours that are both judged."""
    p = rows.probabilities
    confidence = np.maximum(p, 1.0 - p).mean(axis=1) if rows.task == "multilabel" else p.max(axis=1)
    steps = [
        abs(confidence[i + 1] - confidence[i])
        for batch in batches
        for i in range(batch.start, batch.stop - 1)
        if rows.kept[i] and rows.kept[i + 1]
    ]
    return float(sum(steps))


# The sums over decisions


def _sums(d: Decisions, num_bins: int) -> dict[str, Any]:
    """The fields of `ClassStatistics` that are sums over decisions."""
    size, groups, several = len(d.group), d.num_groups, d.task == "multilabel"
    true_probability = d.distribution[np.arange(size), d.true]
    nats = -np.log(true_probability)
    answer = d.distribution.argmax(axis=1)
    right = answer == d.true
    confidence = d.distribution.max(axis=1)
    confidence_bin, true_bin = bin_of(confidence, num_bins), bin_of(true_probability, num_bins)
    truth = np.zeros_like(d.distribution)
    truth[np.arange(size), d.true] = 1.0

    def total(values: Floats) -> Floats:
        return np.array([values[d.group == k].sum() for k in range(groups)])

    def outcomes(which: Booleans) -> Integers:
        wrong_bin, right_bin = confidence_bin[which & ~right], confidence_bin[which & right]
        return np.stack([count(num_bins, wrong_bin), count(num_bins, right_bin)])

    pooled = groups > POOLING_LIMIT
    per_row = nats.reshape(-1, groups if several else 1).mean(axis=1)
    return {
        "support": count(groups, d.group[d.true == 1] if several else d.group),
        "correct": count(groups, d.group[right]),
        "predicted": count(groups, d.group[answer == 1] if several else answer),
        "confidence_histogram": outcomes(np.ones(size, bool)),
        "class_confidence_histogram": (
            np.stack([outcomes(d.group == k) for k in range(groups)]) if groups <= MATRIX_LIMIT else None
        ),
        "true_class_probability_histogram": np.stack(
            [count(num_bins, true_bin)] if pooled else [count(num_bins, true_bin[d.group == k]) for k in range(groups)]
        ),
        "confusion": (
            np.stack([count(groups, answer[d.true == k]) for k in range(groups)])
            if groups <= MATRIX_LIMIT and not several
            else None
        ),
        "confusion_sketch": sketch(d.true, answer, groups) if groups > MATRIX_LIMIT and not several else None,
        "saturated": int((true_probability <= KERAS_CLIP).sum()),
        "weight_sum": total(d.weight),
        "cross_entropy_sum": total(nats),
        "cross_entropy_square_sum": total(nats**2),
        "row_cross_entropy_square_sum": float((per_row**2).sum()),
        "weighted_cross_entropy_sum": total(d.weight * nats),
        "positive_cross_entropy_sum": total(nats * d.true) if several else None,
        "target_cross_entropy_sum": total(target_cross_entropy(d.target, d.distribution)),
        "loss_sum": total(d.loss),
        "weighted_loss_sum": total(d.weight * d.loss),
        "confidence_sum": total(confidence),
        "true_class_probability_sum": total(true_probability),
        "brier_sum": total(((d.distribution - truth) ** 2).sum(axis=1)),
        "entropy_sum": total(-times_log(d.distribution, d.distribution).sum(axis=1)),
        "probability_sum": total(d.distribution.sum(axis=1)),
        "bin_confidence_sum": np.array([confidence[confidence_bin == b].sum() for b in range(num_bins)]),
    }


def _temperature(d: Decisions) -> dict[str, Any]:
    """The sums from which the temperature is fitted."""
    return {
        "temperature_sums": temperature_sums(d.true, np.log(d.distribution)),
        "temperature_sample_size": len(d.true),
    }


def count(size: int, indices: Integers) -> Integers:
    """How often each of 0 .. size - 1 occurs. Shape `(size,)`."""
    return np.array([(indices == index).sum() for index in range(size)], np.int64)


def bin_of(probability: Floats, num_bins: int) -> Integers:
    """Index of the bin `[b / B, (b + 1) / B)`; 1 belongs to the last."""
    edges = np.linspace(0.0, 1.0, num_bins + 1)
    return np.minimum(np.searchsorted(edges, probability, side="right") - 1, num_bins - 1)


def sketch(true: Integers, answers: Integers, num_classes: int) -> Integers:
    """The sketch of the wrong pairs, one pair after the other; see `xent_monitor.confusion`."""
    cells = np.zeros(sketch_shape(num_classes), np.int64)
    bits = (cells.shape[2] - 1) // 2
    for right, wrong in zip(true.tolist(), answers.tolist(), strict=True):
        if right == wrong:
            continue
        for table, (first, second) in enumerate(SKETCH_MULTIPLIERS):
            bucket = (first * (right % SKETCH_WIDTH) + second * (wrong % SKETCH_WIDTH)) % SKETCH_WIDTH
            spelled = [1, *(right >> bit & 1 for bit in range(bits)), *(wrong >> bit & 1 for bit in range(bits))]
            cells[table, bucket] += np.array(spelled)
    return cells


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
