"""Counts of a batch: decisions by class, bin and outcome, rows by what became of them, and the sketch of confusions."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
from keras import ops

from xent_monitor.functional.labels import Labels, Tensor
from xent_monitor.functional.layout import SumLayout

__all__ = ["cause_counts", "indexed_counts", "sketch_counts"]


def indexed_counts(
    layout: SumLayout,
    groups: Tensor,
    classes: Tensor,
    predicted: Tensor,
    confidence_bin: Tensor,
    true_bin: Tensor,
    kept: Tensor,
) -> Tensor:
    """Counts found by one index for each decision and block.

    Args:
        layout: Blocks and their sizes.
        groups: Class that a decision is counted for. Shape `(decisions,)`, int32.
        classes: True outcome: the class; of a label of several, 1 for yes. Shape `(decisions,)`, int32.
        predicted: Predicted outcome. Shape `(decisions,)`, int32.
        confidence_bin: Bin of the largest probability. Shape `(decisions,)`, int32.
        true_bin: Bin of the probability of the true outcome. Shape `(decisions,)`, int32.
        kept: Whether the decision counts. Shape `(decisions,)`, bool.

    Returns:
        Shape `(layout.num_indexed,)`, int32.
    """
    right = ops.cast(ops.equal(predicted, classes), "int32")
    bins, num_classes = layout.num_bins, layout.num_classes
    # Called only where the layout has the block: on torch each operation is executed as it is written.
    index: dict[str, Callable[[], Tensor]] = {
        "true_class_probability_histogram": lambda: (
            groups * bins + true_bin if layout.per_class_histogram else true_bin
        ),
        "class_confidence_histogram": lambda: (groups * 2 + right) * bins + confidence_bin,
        "class_correct": lambda: groups * 2 + right,
        "confidence_histogram": lambda: right * bins + confidence_bin,
        "confusion": lambda: classes * num_classes + predicted,
        "predicted": lambda: predicted,
        "decisions": lambda: (groups * 2 + classes) * 2 + predicted,
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


def cause_counts(
    labels: Labels,
    finite: Tensor,
    judged: Tensor | None,
    valid: Tensor | None,
    saturated: Tensor,
    sampled: Tensor | None,
    num_samples: Tensor,
) -> Tensor:
    """Rows by what became of them.

    Args:
        labels: True classes.
        finite: Whether all values of a row are finite. Shape `(batch,)`, bool.
        judged: False for rows that are masked; None where none is. Shape `(batch,)`, bool.
        valid: Whether the row is a distribution; None where it cannot fail. Shape `(batch,)`, bool.
        saturated: Whether a decision is kept and its true class has next to no probability. Shape `(decisions,)`, bool.
        sampled: Decisions in the temperature sums, bool; None where these are all rows that are kept.
        num_samples: Entries on the first axis of the batch, a scalar.

    Returns:
        In the order of `layout.CAUSES`. Shape `(len(CAUSES),)`, int32.
    """
    batch = ops.shape(finite)[0]
    # A replica of a distributed step may get no rows, and then it has seen no batch.
    batches = min(batch, 1) if isinstance(batch, int) else ops.minimum(batch, 1)
    good = labels.valid if judged is None else judged & labels.valid
    kept = good & finite
    causes = [
        ~labels.valid if judged is None else judged & ~labels.valid,
        good & ~finite,
        kept & ~kept if valid is None else kept & ~valid,
    ]
    parts = [_numbers(batch, 0, num_samples, batches)]
    if judged is not None:
        seen = _count_true([judged])
        parts = [seen, _numbers(batch) - seen, _numbers(num_samples, batches)]
    if sampled is None:
        parts.append(_count_true([*causes, saturated, kept]))
    else:
        parts += [_count_true(causes), _count_true([saturated]), _count_true([sampled])]
    return ops.concatenate(parts)


def _numbers(*values: Tensor) -> Tensor:
    """Some integers. Shape `(len(values),)`, int32."""
    if all(isinstance(value, int) for value in values):
        return ops.convert_to_tensor(values, "int32")
    return ops.stack([ops.cast(value, "int32") for value in values])


def _count_true(columns: list[Tensor]) -> Tensor:
    """Number of True in each column. Shape `(len(columns),)`, int32."""
    rows = ops.concatenate([column[None] for column in columns], axis=0)
    return ops.sum(ops.cast(rows, "int32"), axis=1)


def sketch_counts(layout: SumLayout, classes: Tensor, predicted: Tensor, kept: Tensor) -> Tensor:
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
