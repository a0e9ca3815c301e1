"""From the values of each example to the sums of a batch, in a few wide operations.

One float scatter of a `(batch, columns)` matrix and one integer scatter do most of the work: on the CPU, ten small
scatters cost several times as much as a wide one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import keras
from keras import ops

from xent_monitor.functional.distributions import Distributions
from xent_monitor.functional.labels import Labels, Tensor
from xent_monitor.functional.layout import CLASS_COLUMNS, SumLayout
from xent_monitor.functional.temperature import tempered_sums

__all__ = ["BatchSums", "SummationTree", "batch_sums"]

#: Rows added up by one float32 accumulator before its total is added to others: a long running sum in float32
#: loses digits with every row (2e-4 relative after 2^19 of them), a tree of short ones does not.
BLOCK = 32
#: Levels of that tree above its leaves: 32^5 rows before the root has more than 32 branches.
LEVELS = 4
#: Logits of a batch that enter the temperature sums at most; rows are taken at even distances when it has more.
TEMPERATURE_LOGITS = 2**15
#: A loss whose square is still a finite float32 with room to add up; beyond it a row counts as not finite.
LARGEST_LOSS = 1.0e12
#: Most rows for which torch sums by a product with one-hot rows, which are held in float64.
SMALL_BATCH = 2**14
#: Most classes for which a one-hot product is used where a gather is meant.
FEW_CLASSES = 64

CONFIDENCE_COLUMN = CLASS_COLUMNS.index("confidence_sum")
#: The columns that are binned: the confidence, and the probability of the true class behind it.
BINNED_COLUMNS = slice(CONFIDENCE_COLUMN, CLASS_COLUMNS.index("true_class_probability_sum") + 1)


class BatchSums(NamedTuple):
    """Sums of one batch, laid out by `SumLayout`."""

    #: Shape `(layout.num_floats,)`, float32.
    floats: Tensor
    #: Shape `(layout.num_counts,)`, int32.
    counts: Tensor


def batch_sums(
    layout: SumLayout,
    labels: Labels,
    distributions: Distributions,
    cross_entropy: Tensor,
    loss: Tensor,
    weight: Tensor | None,
    penalty: Tensor | None,
    *,
    epsilon: float,
) -> BatchSums:
    """All sums of a batch.

    Args:
        layout: Sizes and places of the sums.
        labels: True classes. Shape `(batch,)`.
        distributions: Predicted distributions. Shape `(batch, num_classes)`.
        cross_entropy: Cross-entropy of each example against its hard label, nats. Shape `(batch,)`.
        loss: Compiled loss of each example. Shape `(batch,)`.
        weight: Sample weights. Shape `(batch,)`, or None for 1.
        penalty: Penalty of the batch (regularisers and `add_loss`), a scalar, or None for 0.
        epsilon: Probability at or below which the true class counts as saturated.

    Returns:
        The sums. Rows with an invalid label, or with a value that is not finite, are in the counts of their cause
        alone.
    """
    probabilities = distributions.probabilities
    classes = labels.classes
    # For few classes a choice among all of them is several times faster than a gather, on every backend. (torch's
    # own `one_hot` looks at the values, for which a GPU has to be waited for.)
    few = layout.num_classes <= FEW_CLASSES
    is_true = _one_hot(classes, layout.num_classes) if few else None
    true_probability = _at_class(probabilities, classes, is_true, layout.num_classes)
    confidence = ops.max(probabilities, axis=-1)
    features = _features(distributions, cross_entropy, loss, weight, true_probability, confidence)
    # NaN compares false, so one comparison finds NaN, both infinities and what would overflow when squared.
    finite = ops.sum(abs(features), axis=-1) < LARGEST_LOSS**2
    kept = labels.valid & finite
    features = ops.where(kept[:, None], features, 0.0)
    predicted = ops.cast(ops.argmax(probabilities, axis=-1), "int32")
    bins = _bins(features[:, BINNED_COLUMNS], layout.num_bins)
    confidence_bin, true_bin = bins[:, 0], bins[:, 1]

    batch = ops.shape(probabilities)[0]
    stride = _sample_stride(batch, layout.num_classes)
    sampled, logits = kept, distributions.logits
    true_logits = _at_class(logits, classes, is_true, layout.num_classes)
    if not (isinstance(stride, int) and stride == 1):
        # TensorFlow forgets the number of classes, and even the rank, in a slice whose step is a tensor.
        logits = ops.reshape(logits[::stride], (-1, layout.num_classes))
        sampled, true_logits = sampled[::stride], true_logits[::stride]
    tempered = tempered_sums(logits, true_logits, sampled, layout.inverse_temperatures)
    total_penalty = 0.0 if penalty is None else ops.cast(penalty, "float32") * ops.cast(batch, "float32")
    parts = [
        *_segment_sums(layout, features, classes, is_true, confidence_bin),
        tempered,
        ops.convert_to_tensor(total_penalty, "float32"),
        _confidence_steps(features[:, CONFIDENCE_COLUMN], kept),
    ]
    floats = ops.concatenate([ops.ravel(part) for part in parts])
    counts = [
        _indexed_counts(layout, classes, predicted, confidence_bin, true_bin, kept),
        _cause_counts(labels, finite, kept, distributions, true_probability <= epsilon, sampled),
    ]
    if layout.sketch_shape is not None:
        counts.append(_sketch_counts(layout, classes, predicted, kept))
    return BatchSums(floats, ops.concatenate(counts))


class SummationTree:
    """Sums of the rows of a batch by segment that do not lose digits to the size of the batch.

    The sum is a tree of short float32 sums. Where the batch size is not known when tracing, which is so on TensorFlow
    alone, one float64 sum does the same; JAX has no float64 by default.

    Args:
        batch: Number of rows; an int where it is known when tracing, else a scalar tensor.

    Precision: 1e-6 relative for 2^22 rows of one sign (`tests/unit/test_sums.py`); a single float32 scatter loses
    2e-4 on 2^19.

    Example:
        >>> import numpy as np
        >>> tree = SummationTree(3)
        >>> [float(total) for total in tree.segment_sum(np.ones((3, 1), "float32"), np.array([0, 1, 1]), 2)[:, 0]]
        [1.0, 2.0]

    Source: blocked summation, Higham, Accuracy and Stability of Numerical Algorithms, section 4.2.
    """

    def __init__(self, batch: Tensor) -> None:
        self._static = isinstance(batch, int)
        self._leaf: Tensor = 0
        self._leaves = 1
        # Numbers of totals, from the leaves of the tree to its root; none but the root has more than BLOCK branches.
        self._branches: list[int] = []
        if not self._static or batch <= BLOCK:
            return
        self._leaf = ops.arange(batch, dtype="int32") // BLOCK
        for level in range(LEVELS, 0, -1):
            size = math.ceil(batch / (BLOCK**level * self._leaves))
            self._leaves *= size
            if size > 1:
                self._branches.insert(0, size)

    def segment_sum(self, values: Tensor, segments: Tensor, num_segments: int) -> Tensor:
        """Sum of the rows of each segment.

        Args:
            values: Shape `(batch, columns)`, float32.
            segments: Segment of each row, in `[0, num_segments)`. Shape `(batch,)`, int32.
            num_segments: Number of segments.

        Returns:
            Shape `(num_segments, columns)`, float32.
        """
        if not self._static:
            totals = ops.segment_sum(ops.cast(values, "float64"), segments, num_segments)
            return ops.cast(totals, "float32")
        columns = values.shape[-1]
        totals = ops.segment_sum(values, self._leaf * num_segments + segments, self._leaves * num_segments)
        for size in self._branches:
            totals = ops.sum(ops.reshape(totals, (-1, size, num_segments * columns)), axis=1)
        return ops.reshape(totals, (num_segments, columns))


def _segment_sums(
    layout: SumLayout, features: Tensor, classes: Tensor, is_true: Tensor | None, confidence_bin: Tensor
) -> tuple[Tensor, Tensor]:
    """Sums of the features by class, and of the confidence by its bin."""
    batch = ops.shape(features)[0]
    if is_true is not None and _has_float64(features) and batch <= SMALL_BATCH:
        places = ops.concatenate([is_true, _one_hot(confidence_bin, layout.num_bins)], axis=-1)
        # torch's own product: that of `keras.ops` goes back to float32, which loses 3e-6 of 2^14 rows.
        wide = ops.cast(ops.transpose(places), "float64") @ ops.cast(features, "float64")
        totals = ops.cast(wide, "float32")
        return totals[: layout.num_classes], totals[layout.num_classes :, CONFIDENCE_COLUMN]
    tree = SummationTree(batch)
    by_bin = features[:, CONFIDENCE_COLUMN : CONFIDENCE_COLUMN + 1]
    return (
        tree.segment_sum(features, classes, layout.num_classes),
        tree.segment_sum(by_bin, confidence_bin, layout.num_bins),
    )


def _has_float64(tensor: Tensor) -> bool:
    """Whether a product in float64 is cheaper than a scatter: on torch, where each operation is dispatched alone."""
    return bool(keras.backend.backend() == "torch" and tensor.device.type != "mps")


def _features(
    distributions: Distributions,
    cross_entropy: Tensor,
    loss: Tensor,
    weight: Tensor | None,
    true_probability: Tensor,
    confidence: Tensor,
) -> Tensor:
    """Values that are summed for each class, in the order of `CLASS_COLUMNS`. Shape `(batch, columns)`, float32."""
    cross_entropy = ops.cast(cross_entropy, "float32")
    loss = ops.cast(loss, "float32")
    ones = ops.ones_like(loss)
    weight = ones if weight is None else ops.cast(weight, "float32")
    columns = {
        "weight_sum": weight,
        "cross_entropy_sum": cross_entropy,
        "cross_entropy_square_sum": cross_entropy * cross_entropy,
        "weighted_cross_entropy_sum": weight * cross_entropy,
        "loss_sum": loss,
        "weighted_loss_sum": weight * loss,
        "confidence_sum": confidence,
        "true_class_probability_sum": true_probability,
        "brier_sum": ops.sum(distributions.probabilities * distributions.probabilities, axis=-1)
        - 2.0 * true_probability
        + 1.0,
        "entropy_sum": distributions.entropy,
        "probability_sum": ones if distributions.total is None else distributions.total,
    }
    return ops.concatenate([columns[name][:, None] for name in CLASS_COLUMNS], axis=-1)


def _at_class(values: Tensor, classes: Tensor, is_true: Tensor | None, num_classes: int) -> Tensor:
    """Value of the given class in each row, by its one-hot row where there is one. Shape `(batch,)`."""
    if is_true is not None:
        return ops.sum(values * is_true, axis=-1)
    places = ops.arange(ops.shape(values)[0], dtype="int32") * num_classes + classes
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


def _indexed_counts(
    layout: SumLayout,
    classes: Tensor,
    predicted: Tensor,
    confidence_bin: Tensor,
    true_bin: Tensor,
    kept: Tensor,
) -> Tensor:
    """Counts found by one index for each row and block. Shape `(layout.num_indexed,)`, int32."""
    right = ops.cast(ops.equal(predicted, classes), "int32")
    bins, num_classes = layout.num_bins, layout.num_classes
    # Called only where the layout has the block: on torch each operation is executed as it is written.
    index: dict[str, Callable[[], Tensor]] = {
        "true_class_probability_histogram": lambda: classes * bins + true_bin,
        "class_confidence_histogram": lambda: (classes * 2 + right) * bins + confidence_bin,
        "class_correct": lambda: classes * 2 + right,
        "confidence_histogram": lambda: right * bins + confidence_bin,
        "confusion": lambda: classes * num_classes + predicted,
        "predicted": lambda: predicted,
    }
    start, places = 0, []
    for name, shape in layout.count_shapes.items():
        places.append(index[name]() + start)
        start += math.prod(shape)
    # Masked rows count in one cell behind all others, which is cut off.
    rows = ops.where(kept, ops.concatenate([place[None] for place in places], axis=0), start)
    return _tally(ops.ravel(rows), start + 1)[:start]


def _tally(index: Tensor, size: int) -> Tensor:
    """How often each index in `[0, size)` occurs. Shape `(size,)`, int32."""
    if keras.backend.backend() == "torch":
        # There `segment_sum` counts in float32, by a dozen operations; on the others `bincount` cannot be compiled.
        return ops.bincount(index, minlength=size)
    return ops.segment_sum(ops.ones_like(index), index, size)


def _cause_counts(
    labels: Labels,
    finite: Tensor,
    kept: Tensor,
    distributions: Distributions,
    saturated: Tensor,
    sampled: Tensor,
) -> Tensor:
    """Rows by cause, in the order of `layout.CAUSES`. Shape `(len(CAUSES),)`, int32."""
    every = labels.valid | ~labels.valid
    no_distribution = ~every if distributions.valid is None else ~distributions.valid
    causes = [every, ~labels.valid, labels.valid & ~finite, kept & no_distribution, kept & saturated]
    batch = ops.shape(kept)[0]
    # A replica of a distributed step may get no rows, and then it has seen no batch.
    batches = ops.full((1,), min(batch, 1) if isinstance(batch, int) else ops.minimum(batch, 1), "int32")
    if sampled is kept:
        return ops.concatenate([_count_true([*causes, sampled]), batches])
    return ops.concatenate([_count_true(causes), _count_true([sampled]), batches])


def _count_true(columns: list[Tensor]) -> Tensor:
    """Number of True in each column. Shape `(len(columns),)`, int32."""
    rows = ops.concatenate([column[None] for column in columns], axis=0)
    return ops.sum(ops.cast(rows, "int32"), axis=1)


def _sketch_counts(layout: SumLayout, classes: Tensor, predicted: Tensor, kept: Tensor) -> Tensor:
    """Flat sketch of the wrong pairs; see `xent_monitor.confusion`. Shape `(prod(sketch_shape),)`, int32."""
    assert layout.sketch_shape is not None  # noqa: S101  # narrows the type; the caller has looked
    _, width, fields = layout.sketch_shape
    wrong = ops.cast(kept & (predicted != classes), "int32")
    shifts = ops.arange((fields - 1) // 2, dtype="int32")
    bits = [ops.bitwise_and(ops.right_shift(index[:, None], shifts[None, :]), 1) for index in (classes, predicted)]
    columns = ops.concatenate([ops.ones_like(wrong)[:, None], *bits], axis=-1) * wrong[:, None]
    tables = []
    for first, second in layout.sketch_multipliers:
        mixed = first * ops.mod(classes, width) + second * ops.mod(predicted, width)
        tables.append(ops.reshape(ops.segment_sum(columns, ops.mod(mixed, width), width), (-1,)))
    return ops.concatenate(tables)
