"""True classes of the examples, and which of the labels name one."""

from __future__ import annotations

from typing import Any, NamedTuple

from keras import ops

__all__ = ["Labels", "Tensor", "binary_labels", "multilabel_labels", "one_hot_labels", "sparse_labels"]

#: A tensor of the current Keras backend, or what converts to one.
Tensor = Any

#: How far the entries of a label row may be from summing to 1. Soft labels in half precision stay well inside.
ROW_SUM_TOLERANCE = 1e-2


class Labels(NamedTuple):
    """True classes, safe to index with."""

    #: True class of each example, in `[0, num_classes)`; 0 where `valid` is False. Shape `(batch,)`, int32.
    #: Multi-label: 1 where the label is positive. Shape `(batch, num_classes)`, int32.
    classes: Tensor
    #: Whether the label names a class; multi-label, whether all of the row do. Shape `(batch,)`, bool.
    valid: Tensor


def sparse_labels(y_true: Tensor, num_classes: int) -> Labels:
    """Labels given as class indices.

    Args:
        y_true: Class indices. Shape `(batch,)` or `(batch, 1)`, integer or float. Valid are whole numbers in
            `[0, num_classes)`.
        num_classes: Number of classes K.

    Returns:
        The labels, shape `(batch,)`.

    Example:
        >>> [bool(ok) for ok in sparse_labels([2, 3, -1, 0], num_classes=3).valid]
        [True, False, False, True]
    """
    y_true = _widened(ops.reshape(ops.convert_to_tensor(y_true), (-1,)))
    valid = (y_true >= 0) & (y_true < num_classes)
    if _is_float(y_true):
        valid = valid & ops.equal(y_true, ops.floor(y_true))
    # The range is judged before the cast: a NaN or 1e20 has no defined integer.
    return Labels(ops.cast(ops.where(valid, y_true, 0), "int32"), valid)


def one_hot_labels(y_true: Tensor) -> Labels:
    """Labels given as one-hot, smoothed or soft rows: the class with the largest target.

    Args:
        y_true: Targets. Shape `(batch, num_classes)`, numeric. Valid are rows of finite numbers >= 0 that sum to 1
            within 0.01.

    Returns:
        The labels, shape `(batch,)`; the lowest index where targets tie.

    Example:
        >>> labels = one_hot_labels([[0.0, 1.0], [0.3, 0.7], [1.0, 1.0], [0.0, 0.0]])
        >>> [bool(ok) for ok in labels.valid]
        [True, True, False, False]
    """
    targets = ops.cast(y_true, "float32")
    # NaN fails both comparisons; an infinite sum fails the first.
    valid = (abs(ops.sum(targets, axis=-1) - 1.0) < ROW_SUM_TOLERANCE) & (ops.min(targets, axis=-1) >= 0.0)
    classes = ops.cast(ops.argmax(targets, axis=-1), "int32")
    return Labels(ops.where(valid, classes, ops.zeros_like(classes)), valid)


def binary_labels(y_true: Tensor) -> Labels:
    """Labels of a single unit: class 1 (positive) where the target is above one half.

    Args:
        y_true: Targets. Shape `(batch,)` or `(batch, 1)`, numeric or bool. Valid are numbers in [0, 1].

    Returns:
        The labels, shape `(batch,)`, classes 0 (negative) and 1 (positive).

    Example:
        >>> labels = binary_labels([[0.0], [1.0], [-1.0]])
        >>> [int(k) for k in labels.classes], [bool(ok) for ok in labels.valid]
        ([0, 1, 0], [True, True, False])
    """
    targets = ops.reshape(ops.cast(y_true, "float32"), (-1,))
    valid = (targets >= 0.0) & (targets <= 1.0)
    positive = valid & (targets > 0.5)
    return Labels(ops.cast(positive, "int32"), valid)


def multilabel_labels(y_true: Tensor) -> Labels:
    """Labels that do not exclude each other: positive where the target is above one half.

    Args:
        y_true: Targets. Shape `(batch, num_classes)`, numeric or bool. Valid are rows of numbers in [0, 1].

    Returns:
        The labels; of a row that is not valid all are negative.

    Example:
        >>> labels = multilabel_labels([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
        >>> [[int(k) for k in row] for row in labels.classes], [bool(ok) for ok in labels.valid]
        ([[0, 1], [1, 1], [0, 0]], [True, True, False])
    """
    targets = ops.cast(y_true, "float32")
    valid = (ops.min(targets, axis=-1) >= 0.0) & (ops.max(targets, axis=-1) <= 1.0)
    # NaN fails neither comparison where the minimum skips it.
    valid = valid & ops.all(ops.equal(targets, targets), axis=-1)
    return Labels(ops.cast(valid[:, None] & (targets > 0.5), "int32"), valid)


def _widened(tensor: Tensor) -> Tensor:
    """The tensor in a type that can hold every number of classes: 300 in uint8 is 44 on JAX and torch."""
    name = str(tensor.dtype)
    if not any(mark in name for mark in ("8", "16", "bool")):
        return tensor
    return ops.cast(tensor, "float32" if _is_float(tensor) else "int32")


def _is_float(tensor: Tensor) -> bool:
    return "float" in str(tensor.dtype)
