"""Predicted distributions over the classes, from probabilities or from logits."""

from __future__ import annotations

from typing import NamedTuple

from keras import ops

from xent_monitor.functional.labels import Tensor

__all__ = ["Distributions", "binary_distributions", "categorical_distributions"]

#: Smallest probability whose logarithm is taken: just above the least normal float32.
TINY = 1.2e-38
#: Least logit below the largest of its row that is told apart: exp(-1e4) is 0 in float32, and 0 * (1e4)^2 is 0.
LEAST_LOGIT = -1.0e4
#: How far a row of probabilities may be from summing to 1, by the bytes of its dtype.
ROW_SUM_TOLERANCE = {2: 2e-2, 4: 1e-3, 8: 1e-3}


class Distributions(NamedTuple):
    """What a batch of outputs says about the classes. The last axis holds the classes; float32."""

    #: Probabilities as the model gave them, not renormalised. Shape `(batch, num_classes)`.
    probabilities: Tensor
    #: Logits up to a constant per row: the largest is 0. Shape `(batch, num_classes)`, in [-1e4, 0].
    logits: Tensor
    #: Entropy of each row, nats. Shape `(batch,)`.
    entropy: Tensor
    #: Sum of the probabilities of each row. Shape `(batch,)`; None where it is 1 by construction.
    total: Tensor | None
    #: Whether the row is a distribution: no entry below 0, sum 1 within tolerance. Shape `(batch,)`, bool; None
    #: where it cannot fail.
    valid: Tensor | None


def categorical_distributions(
    y_pred: Tensor, *, from_logits: bool, epsilon: float = 1e-7, computed_in: str | None = None
) -> Distributions:
    """Distributions of a head with one unit for each class.

    Args:
        y_pred: Outputs. Shape `(batch, num_classes)`, float. A logit of minus infinity is a probability of 0; other
            infinities and NaN make the whole row NaN.
        from_logits: Whether the outputs are logits rather than probabilities.
        epsilon: Probability below which Keras' loss does not look: logits are the logarithms of probabilities
            clipped there, so that they mean the same cross-entropy as the loss.
        computed_in: Dtype that the model computed the outputs in, which sets how far their sum may be from 1; None
            for that of `y_pred`.

    Returns:
        The distributions.

    Example:
        >>> rows = categorical_distributions([[0.0, 0.0]], from_logits=True)
        >>> float(rows.probabilities[0, 0]), round(float(rows.entropy[0]), 4)
        (0.5, 0.6931)
    """
    tolerance = ROW_SUM_TOLERANCE[_itemsize(computed_in or str(getattr(y_pred, "dtype", "float32")))]
    outputs = ops.cast(y_pred, "float32")
    if from_logits:
        return _from_logits(outputs)
    logits = ops.log(ops.maximum(outputs, epsilon))
    sums = ops.sum(outputs, axis=-1)
    return Distributions(
        probabilities=outputs,
        logits=logits - ops.max(logits, axis=-1, keepdims=True),
        entropy=-ops.sum(outputs * ops.log(ops.maximum(outputs, TINY)), axis=-1),
        total=sums,
        valid=(abs(sums - 1.0) <= tolerance) & (ops.min(outputs, axis=-1) >= -tolerance),
    )


def binary_distributions(
    y_pred: Tensor, *, from_logits: bool, epsilon: float = 1e-7, computed_in: str | None = None
) -> Distributions:
    """Distributions over (negative, positive) of a head with a single unit.

    Args:
        y_pred: Probability or logit of the positive class. Shape `(batch,)` or `(batch, 1)`, float.
        from_logits: Whether the outputs are logits rather than probabilities.
        epsilon: As for `categorical_distributions`.
        computed_in: As for `categorical_distributions`.

    Returns:
        The distributions, `num_classes` 2.

    Example:
        >>> rows = binary_distributions([[0.75]], from_logits=False)
        >>> [float(p) for p in rows.probabilities[0]]
        [0.25, 0.75]
    """
    positive = ops.reshape(ops.convert_to_tensor(y_pred), (-1, 1))
    negative = ops.zeros_like(positive) if from_logits else 1.0 - positive
    return categorical_distributions(
        ops.concatenate([negative, positive], axis=-1),
        from_logits=from_logits,
        epsilon=epsilon,
        computed_in=computed_in,
    )


def _from_logits(outputs: Tensor) -> Distributions:
    # The largest logit becomes 0, so that no exponential overflows and at least one is 1.
    logits = ops.maximum(outputs - ops.max(outputs, axis=-1, keepdims=True), LEAST_LOGIT)
    exponentials = ops.exp(logits)
    partition = ops.sum(exponentials, axis=-1, keepdims=True)
    probabilities = exponentials / partition
    entropy = ops.log(partition[..., 0]) - ops.sum(probabilities * logits, axis=-1)
    return Distributions(probabilities, logits, entropy, None, None)


def _itemsize(dtype: str) -> int:
    return 8 if "64" in dtype else 2 if "16" in dtype else 4
