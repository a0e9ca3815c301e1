"""Sums of predictions that are there already: what the compiled step takes from a batch, taken from arrays instead."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from xent_monitor.functional.distributions import Distributions, binary_distributions, categorical_distributions
from xent_monitor.functional.labels import (
    Labels,
    Tensor,
    binary_labels,
    multilabel_labels,
    one_hot_labels,
    sparse_labels,
)
from xent_monitor.functional.layout import SumLayout
from xent_monitor.functional.losses import cross_entropy, target_cross_entropy
from xent_monitor.functional.sums import BatchSums, RowValues, batch_sums

__all__ = ["PredictionRows", "prediction_sums"]


#: What stands for an infinite logit: far beyond the largest loss that counts, and still finite when added to.
LARGEST_LOGIT = 1.0e30


class PredictionRows(NamedTuple):
    """Some rows of predictions: arrays on the host, or tensors."""

    #: Class indices, shape `(rows,)`, int32; or targets, shape `(rows,)` for one unit, else of the outputs, float32.
    targets: Tensor
    #: Shape `(rows, num_classes)`, for one unit `(rows, 1)`; float32.
    outputs: Tensor
    #: Sample weights. Shape `(rows,)`, float32, or None for 1.
    weight: Tensor | None
    #: False for rows that do not count. Shape `(rows,)`, bool, or None where all do.
    judged: Tensor | None
    #: How many examples begin in these rows; of sequences and images an example has many.
    num_samples: Tensor


_Carried: TypeAlias = tuple[PredictionRows, BatchSums]


def prediction_sums(
    layout: SumLayout, rows: PredictionRows, *, from_logits: bool, computed_in: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sums of some rows, as a compiled step takes them from a batch whose loss is not known.

    Args:
        layout: Sizes and places of the sums.
        rows: The rows, on the host. With one unit the task is binary; else `layout` says whether the classes exclude
            each other.
        from_logits: Whether the outputs are logits rather than probabilities.
        computed_in: Dtype that the outputs had, which sets how far the sum of a row may be from 1.

    Returns:
        Floats, shape `(layout.num_floats,)`, and counts, shape `(layout.num_counts,)`.

    Example:
        >>> from xent_monitor.unpacking import sum_layout, unpack
        >>> layout = sum_layout("multiclass", num_classes=2, num_bins=10, confusion_limit=256)
        >>> some = PredictionRows(np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]], "float32"), None, None, 2)
        >>> sums = prediction_sums(layout, some, from_logits=False, computed_in="float32")
        >>> unpack(layout, "multiclass", *sums).cross_entropy_sum.round(3)
        array([0.105, 0.511])
    """
    values = (rows.targets, rows.outputs, rows.weight, rows.judged, np.int32(rows.num_samples))
    tensors = PredictionRows(*(None if value is None else ops.convert_to_tensor(value) for value in values))
    take = _compiled if keras.backend.backend() == "jax" else _sums
    floats, counts = (ops.convert_to_numpy(part) for part in take(layout, tensors, from_logits, computed_in))
    return floats.astype(np.float64), counts.astype(np.int64)


def _compiled(layout: SumLayout, rows: PredictionRows, from_logits: bool, computed_in: str) -> BatchSums:
    """The same as one program: alone, JAX compiles each operation for itself, seconds for each new shape.

    What Keras has for it on every backend is a loop, here of one turn: JAX compiles its body as a whole.
    """
    nothing = BatchSums(ops.zeros(layout.num_floats, "float32"), ops.zeros(layout.num_counts, "int32"))
    _, sums = ops.fori_loop(0, 1, _turn(layout, from_logits, computed_in), (rows, nothing))
    return BatchSums(*sums)


@functools.lru_cache(maxsize=16)
def _turn(layout: SumLayout, from_logits: bool, computed_in: str) -> Callable[[int, _Carried], _Carried]:
    """The body of the loop; JAX knows by its identity what it has compiled."""

    def turn(_: int, carried: _Carried) -> _Carried:
        rows, _sums_before = carried
        return rows, _sums(layout, rows, from_logits, computed_in)

    return turn


def _sums(layout: SumLayout, rows: PredictionRows, from_logits: bool, computed_in: str) -> BatchSums:
    epsilon, outputs = keras.config.epsilon(), rows.outputs
    labels, targets = _labels(layout, rows)
    exclusive = not layout.multilabel and outputs.shape[1] > 1
    outputs = _without_infinities(outputs, exclusive) if from_logits else outputs
    # torch raises an error where the target of a unit is out of range, or its output NaN. Such rows count nowhere: for
    # their label, or by their distribution, which stays as it is.
    safe = outputs if exclusive else ops.where(ops.equal(outputs, outputs), outputs, 0.5)
    soft = None
    if targets is not None:
        targets = ops.where(labels.valid[:, None], targets, 0.0)
        soft = target_cross_entropy(targets, safe, from_logits=from_logits, exclusive=exclusive)
    nats = cross_entropy(labels.classes, safe, from_logits=from_logits)
    shape = (-1, layout.num_classes) if layout.multilabel else (-1,)
    values = RowValues(
        cross_entropy=ops.reshape(nats, shape),
        target_cross_entropy=None if soft is None else ops.reshape(soft, shape),
        weight=rows.weight,
        judged=rows.judged,
        num_samples=rows.num_samples,
    )
    distributions = _distributions(outputs, exclusive, from_logits, epsilon, computed_in)
    return batch_sums(layout, labels, distributions, values, epsilon=epsilon)


def _without_infinities(logits: Tensor, exclusive: bool) -> Tensor:
    """Logits whose probability is 0 or 1 as numbers: minus infinity times a target of 0 would be NaN in a loss.

    Where all classes of a row, or one with plus infinity, leave no distribution, they stay.
    """
    if not exclusive:
        return ops.clip(logits, -LARGEST_LOGIT, LARGEST_LOGIT)
    possible = ops.max(logits, axis=-1, keepdims=True) > -LARGEST_LOGIT
    return ops.where(possible & (logits < -LARGEST_LOGIT), -LARGEST_LOGIT, logits)


def _labels(layout: SumLayout, rows: PredictionRows) -> tuple[Labels, Tensor | None]:
    """True classes, and the targets where these need not be hard, in the shape of the outputs."""
    targets = rows.targets
    if layout.multilabel:
        return multilabel_labels(targets), targets
    if rows.outputs.shape[1] == 1:
        return binary_labels(targets), ops.reshape(targets, (-1, 1))
    if len(targets.shape) == 2:
        return one_hot_labels(targets), targets
    return sparse_labels(targets, layout.num_classes), None


def _distributions(
    outputs: Tensor, exclusive: bool, from_logits: bool, epsilon: float, computed_in: str
) -> Distributions:
    """Predicted distributions of all decisions, one after the other."""
    if exclusive:
        return categorical_distributions(outputs, from_logits=from_logits, epsilon=epsilon, computed_in=computed_in)
    units = ops.reshape(outputs, (-1, 1))
    return binary_distributions(units, from_logits=from_logits, epsilon=epsilon, computed_in=computed_in)
