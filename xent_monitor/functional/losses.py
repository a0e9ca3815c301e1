"""Cross-entropy of each example against its hard label, by Keras' own operations."""

from __future__ import annotations

from keras import ops

from xent_monitor.functional.labels import Tensor

__all__ = ["cross_entropy"]


def cross_entropy(classes: Tensor, y_pred: Tensor, *, from_logits: bool) -> Tensor:
    r"""Cross-entropy of each example, in nats.

    .. math:: \ell_i = -\ln p_{i y_i}

    It is left to `keras.ops`, so that it agrees with the compiled loss of the backend to the last digit: there,
    probabilities are clipped at `keras.config.epsilon()` (1e-7, a ceiling of 16.118 nats), except that TensorFlow
    goes back to the logits of a softmax or sigmoid layer where it can find them, and then knows no ceiling.

    Args:
        classes: True classes, in range. Shape `(batch,)`, int32.
        y_pred: Outputs as the loss sees them. Shape `(batch, num_classes)`, or `(batch, 1)` or `(batch,)` for a single
            unit; float.
        from_logits: Whether the outputs are logits rather than probabilities.

    Returns:
        Shape `(batch,)`, nats, >= 0.

    Example:
        >>> [round(float(nats), 4) for nats in cross_entropy([1], [[0.5, 0.5]], from_logits=False)]
        [0.6931]

    Source: Bishop, Pattern Recognition and Machine Learning, eq. 4.90 (binary) and 4.108 (multi-class).
    """
    y_pred = ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) == 1 or y_pred.shape[-1] == 1:
        targets = ops.reshape(ops.cast(classes, y_pred.dtype), ops.shape(y_pred))
        losses = ops.binary_crossentropy(targets, y_pred, from_logits=from_logits)
        return ops.reshape(losses, (-1,))
    # Dense targets: on TensorFlow the sparse operation renormalises after the clip and is off by K * 1e-7.
    targets = ops.one_hot(classes, y_pred.shape[-1], dtype=y_pred.dtype)
    return ops.categorical_crossentropy(targets, y_pred, from_logits=from_logits)
