"""From the values of each example to the sums of a batch, in a few wide operations.

One float scatter of a `(batch, columns)` matrix and one integer scatter do most of the work: on the CPU, ten small
scatters cost several times as much as a wide one.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
from keras import ops

from xent_monitor.functional.counts import cause_counts, indexed_counts, sketch_counts
from xent_monitor.functional.distributions import Distributions
from xent_monitor.functional.labels import Labels, Tensor
from xent_monitor.functional.layout import POSITIVE_COLUMN, SumLayout
from xent_monitor.functional.summation import SummationTree
from xent_monitor.functional.temperature import tempered_sums

__all__ = ["BatchSums", "RowValues", "batch_sums"]

#: Logits of a batch that enter the temperature sums at most; rows are taken at even distances when it has more.
TEMPERATURE_LOGITS = 2**15
#: A loss whose square is still a finite float32 with room to add up; beyond it a row counts as not finite.
LARGEST_LOSS = 1.0e12
#: Most rows for which torch sums by a product with one-hot rows, which are held in float64.
SMALL_BATCH = 2**14
#: Most classes for which a one-hot product is used where a gather is meant.
FEW_CLASSES = 64


class BatchSums(NamedTuple):
    """Sums of one batch, laid out by `SumLayout`."""

    #: Shape `(layout.num_floats,)`, float32.
    floats: Tensor
    #: Shape `(layout.num_counts,)`, int32.
    counts: Tensor


class RowValues(NamedTuple):
    """What is known of the rows of a batch besides their labels and distributions.

    A row is an example, or a token or pixel of one. Multi-label, losses have one value for each label as well.
    """

    #: Cross-entropy against the hard label, nats. Shape `(batch,)`; multi-label `(batch, num_classes)`.
    cross_entropy: Tensor
    #: Compiled loss. Shape as the cross-entropy; None where it is not known.
    loss: Tensor | None = None
    #: Cross-entropy against the target as given, nats. Shape as the cross-entropy; None where it is the same.
    target_cross_entropy: Tensor | None = None
    #: Sample weights. Shape `(batch,)`, or None for 1.
    weight: Tensor | None = None
    #: False for rows that a mask takes out. Shape `(batch,)`, bool; None where none is.
    judged: Tensor | None = None
    #: Loss of the batch as Keras averages it, a scalar; None where it is not known.
    mean_loss: Tensor | None = None
    #: Penalty of the batch (regularisers and `add_loss`), a scalar, or None for 0.
    penalty: Tensor | None = None
    #: Entries on the first axis of the batch, a scalar; None where these are the rows.
    num_samples: Tensor | None = None


def batch_sums(
    layout: SumLayout,
    labels: Labels,
    distributions: Distributions,
    values: RowValues,
    *,
    epsilon: float,
) -> BatchSums:
    """All sums of a batch.

    Args:
        layout: Sizes and places of the sums.
        labels: True classes of the rows.
        distributions: Predicted distributions. Shape `(batch, num_classes)`; multi-label, one over (no, yes) for each
            label of each row, shape `(batch * num_classes, 2)`.
        values: What else is known of the rows.
        epsilon: Probability at or below which the true class counts as saturated.

    Returns:
        The sums. Rows with an invalid label, or with a value that is not finite, are in the counts of their cause
        alone, and masked rows in that of masked rows.
    """
    decisions = _decisions(layout, labels, distributions, values)
    features, kept = decisions.features, decisions.kept
    confidence = features[:, layout.columns.index("confidence_sum")]
    predicted = ops.cast(ops.argmax(distributions.probabilities, axis=-1), "int32")
    bins = _bins(features[:, _binned_columns(layout)], layout.num_bins)
    confidence_bin, true_bin = bins[:, 0], bins[:, 1]

    num_samples = ops.shape(labels.valid)[0] if values.num_samples is None else values.num_samples
    tempered, sampled = _tempered(layout, distributions.logits, decisions)
    parts = [
        *_segment_sums(layout, decisions, confidence_bin),
        tempered,
        _times(values.penalty, num_samples),
        _times(values.mean_loss, num_samples),
        _confidence_steps(_row_means(layout, confidence), decisions.kept_rows),
    ]
    if layout.multilabel:
        nats = _row_means(layout, features[:, layout.columns.index("cross_entropy_sum")])
        parts.append(ops.sum(nats * nats))
    counts = [
        indexed_counts(layout, decisions.groups, decisions.classes, predicted, confidence_bin, true_bin, kept),
        cause_counts(
            labels,
            decisions.finite_rows,
            values.judged,
            None if distributions.valid is None else _in_all(layout, distributions.valid),
            kept & (decisions.true_probability <= epsilon),
            sampled,
            num_samples,
        ),
    ]
    if layout.sketch_shape is not None:
        counts.append(sketch_counts(layout, decisions.classes, predicted, kept))
    return BatchSums(ops.concatenate([ops.ravel(part) for part in parts]), ops.concatenate(counts))


class _Decisions(NamedTuple):
    """The decisions of a batch, one after the other: one for each row, or for each label of each row."""

    #: Class that a decision is counted for. Shape `(decisions,)`, int32.
    groups: Tensor
    #: True outcome: the class, or 1 for a label that is positive. Shape `(decisions,)`, int32.
    classes: Tensor
    #: One-hot rows of the true outcomes; None where there are many. Shape `(decisions, outcomes)`, float32.
    is_true: Tensor | None
    #: Probability of the true outcome. Shape `(decisions,)`.
    true_probability: Tensor
    #: Values that are summed, 0 where the row does not count. Shape `(decisions, columns)`, float32.
    features: Tensor
    #: Whether all values of the row are finite. Shape `(batch,)`, bool.
    finite_rows: Tensor
    #: Whether the row counts. Shape `(batch,)`, bool.
    kept_rows: Tensor
    #: The same of its decisions. Shape `(decisions,)`, bool.
    kept: Tensor


def _decisions(layout: SumLayout, labels: Labels, distributions: Distributions, values: RowValues) -> _Decisions:
    probabilities = distributions.probabilities
    classes = groups = labels.classes
    if layout.multilabel:
        groups = ops.ravel(ops.zeros_like(classes) + ops.arange(layout.num_classes, dtype="int32"))
        classes = ops.ravel(classes)
    outcomes = probabilities.shape[-1]
    # For few classes a choice among all of them is several times faster than a gather, on every backend. (torch's
    # own `one_hot` looks at the values, for which a GPU has to be waited for.)
    is_true = _one_hot(classes, outcomes) if outcomes <= FEW_CLASSES else None
    true_probability = _at_class(probabilities, classes, is_true, outcomes)
    features = _features(layout, distributions, classes, values, true_probability)
    # NaN compares false, so one comparison finds NaN, both infinities and what would overflow when squared.
    finite = _in_all(layout, ops.sum(abs(features), axis=-1) < LARGEST_LOSS**2)
    kept_rows = labels.valid & finite if values.judged is None else labels.valid & finite & values.judged
    kept = ops.repeat(kept_rows, layout.num_classes) if layout.multilabel else kept_rows
    features = ops.where(kept[:, None], features, 0.0)
    return _Decisions(groups, classes, is_true, true_probability, features, finite, kept_rows, kept)


def _tempered(layout: SumLayout, logits: Tensor, decisions: _Decisions) -> tuple[Tensor, Tensor | None]:
    """The temperature sums, and which decisions are in them: None for all rows that are kept."""
    outcomes = logits.shape[-1]
    stride = _sample_stride(ops.shape(logits)[0], outcomes)
    sampled = decisions.kept
    true_logits = _at_class(logits, decisions.classes, decisions.is_true, outcomes)
    whole = isinstance(stride, int) and stride == 1
    if not whole:
        # TensorFlow forgets the number of classes, and even the rank, in a slice whose step is a tensor.
        logits = ops.reshape(logits[::stride], (-1, outcomes))
        sampled, true_logits = sampled[::stride], true_logits[::stride]
    sums = tempered_sums(logits, true_logits, sampled, layout.inverse_temperatures)
    return sums, None if whole and not layout.multilabel else sampled


def _in_all(layout: SumLayout, decisions: Tensor) -> Tensor:
    """Whether it holds in all decisions of a row. Shape `(batch,)`, bool."""
    return ops.all(ops.reshape(decisions, (-1, layout.num_classes)), axis=-1) if layout.multilabel else decisions


def _row_means(layout: SumLayout, decisions: Tensor) -> Tensor:
    """Mean over the decisions of each row. Shape `(batch,)`."""
    return ops.mean(ops.reshape(decisions, (-1, layout.num_classes)), axis=-1) if layout.multilabel else decisions


def _times(value: Tensor | None, count: Tensor) -> Tensor:
    """Product of a scalar, None for 0, and a count. A scalar, float32."""
    if value is None:
        return ops.convert_to_tensor(0.0, "float32")
    return ops.cast(value, "float32") * ops.cast(count, "float32")


def _segment_sums(layout: SumLayout, decisions: _Decisions, confidence_bin: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of the features by class, and of the confidence by its bin."""
    features, is_true = decisions.features, decisions.is_true
    column = layout.columns.index("confidence_sum")
    batch = ops.shape(features)[0]
    by_product = _has_float64(features) and batch <= SMALL_BATCH
    if is_true is not None and by_product and not layout.multilabel:
        places = ops.concatenate([is_true, _one_hot(confidence_bin, layout.num_bins)], axis=-1)
        # torch's own product: that of `keras.ops` goes back to float32, which loses 3e-6 of 2^14 rows.
        wide = ops.cast(ops.transpose(places), "float64") @ ops.cast(features, "float64")
        totals = ops.cast(wide, "float32")
        return totals[: layout.num_classes], totals[layout.num_classes :, column]
    by_bin = SummationTree(batch).segment_sum(features[:, column : column + 1], confidence_bin, layout.num_bins)
    if not layout.multilabel:
        return SummationTree(batch).segment_sum(features, decisions.classes, layout.num_classes), by_bin
    rows = ops.reshape(features, (-1, layout.num_classes * len(layout.columns)))
    one = ops.zeros_like(decisions.kept_rows, dtype="int32")
    by_label = SummationTree(ops.shape(rows)[0]).segment_sum(rows, one, 1)
    return ops.reshape(by_label, (layout.num_classes, -1)), by_bin


def _has_float64(tensor: Tensor) -> bool:
    """Whether a product in float64 is cheaper than a scatter: on torch, where each operation is dispatched alone."""
    return bool(keras.backend.backend() == "torch" and tensor.device.type != "mps")


def _features(
    layout: SumLayout, distributions: Distributions, classes: Tensor, values: RowValues, true_probability: Tensor
) -> Tensor:
    """Values that are summed for each class, in the order of the layout. Shape `(decisions, columns)`, float32."""

    def flat(tensor: Tensor) -> Tensor:
        tensor = ops.cast(tensor, "float32")
        return ops.ravel(tensor) if layout.multilabel else tensor

    cross_entropy = flat(values.cross_entropy)
    target = values.target_cross_entropy
    ones = ops.ones_like(cross_entropy)
    loss = ops.zeros_like(cross_entropy) if values.loss is None else flat(values.loss)
    weight = ones
    if values.weight is not None:
        weight = ops.cast(values.weight, "float32")
        weight = ops.repeat(weight, layout.num_classes) if layout.multilabel else weight
    probabilities = distributions.probabilities
    columns = {
        "weight_sum": weight,
        "cross_entropy_sum": cross_entropy,
        "cross_entropy_square_sum": cross_entropy * cross_entropy,
        "weighted_cross_entropy_sum": weight * cross_entropy,
        "loss_sum": loss,
        "weighted_loss_sum": weight * loss,
        "confidence_sum": ops.max(probabilities, axis=-1),
        "true_class_probability_sum": true_probability,
        "brier_sum": ops.sum(probabilities * probabilities, axis=-1) - 2.0 * true_probability + 1.0,
        "entropy_sum": distributions.entropy,
        "probability_sum": ones if distributions.total is None else distributions.total,
        "target_cross_entropy_sum": cross_entropy if target is None else flat(target),
    }
    if layout.multilabel:
        columns[POSITIVE_COLUMN] = cross_entropy * ops.cast(classes, "float32")
    return ops.concatenate([columns[name][:, None] for name in layout.columns], axis=-1)


def _binned_columns(layout: SumLayout) -> slice:
    """The columns that are binned: the confidence, and the probability of the true class behind it."""
    first = layout.columns.index("confidence_sum")
    return slice(first, layout.columns.index("true_class_probability_sum") + 1)


def _at_class(values: Tensor, classes: Tensor, is_true: Tensor | None, outcomes: int) -> Tensor:
    """Value of the given class in each row, by its one-hot row where there is one. Shape `(batch,)`."""
    if is_true is not None:
        return ops.sum(values * is_true, axis=-1)
    places = ops.arange(ops.shape(values)[0], dtype="int32") * outcomes + classes
    return ops.take(ops.reshape(values, (-1,)), places)


def _one_hot(index: Tensor, size: int) -> Tensor:
    """Rows with a 1 at the index. Shape `(batch, size)`, float32."""
    return ops.cast(ops.equal(index[:, None], ops.arange(size, dtype="int32")), "float32")


def _bins(probability: Tensor, num_bins: int) -> Tensor:
    """Bin `[a, b)` of each finite value, the last `[a, b]`; what lies outside [0, 1] goes to the nearest bin."""
    return ops.cast(ops.clip(probability * num_bins, 0.0, num_bins - 1.0), "int32")


def _confidence_steps(confidence: Tensor, kept: Tensor) -> Tensor:
    """Sum over neighbouring rows, both of them kept, of how much the confidence differs. A scalar."""
    both = kept[1:] & kept[:-1]
    return ops.sum(ops.where(both, abs(confidence[1:] - confidence[:-1]), 0.0))


def _sample_stride(batch: Tensor, num_classes: int) -> Tensor:
    """Distance of the rows that enter the temperature sums, so that their number is bounded."""
    most = max(1, TEMPERATURE_LOGITS // num_classes)
    return (_at_least_one(batch) + most - 1) // most


def _at_least_one(batch: Tensor) -> Tensor:
    """The batch size, 1 for an empty batch: a replica of a distributed step may get no rows."""
    return max(batch, 1) if isinstance(batch, int) else ops.maximum(batch, 1)
