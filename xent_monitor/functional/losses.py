"""Cross-entropy of each example against its hard label, by Keras' own operations."""

from __future__ import annotations

from keras import ops

from xent_monitor.functional.labels import Tensor

__all__ = ["cross_entropy", "target_cross_entropy"]


def cross_entropy(classes: Tensor, y_pred: Tensor, *, from_logits: bool) -> Tensor:
    r"""Cross-entropy of each example, in nats.

    .. math:: \ell_i = -\ln p_{i y_i}

    It is left to `keras.ops`, so that it agrees with the compiled loss of the backend to the last digit: there,
    probabilities are clipped at `keras.config.epsilon()` (1e-7, a ceiling of 16.118 nats), except that TensorFlow
    goes back to the logits of a softmax or sigmoid layer where it can find them, and then knows no ceiling.

    Args:
        classes: True classes, in range. Shape `(batch, ...)`, int32; for labels that do not exclude each other 0 or 1,
            with the shape of the outputs.
        y_pred: Outputs as the loss sees them. Shape `(batch, ..., num_classes)`, or `(batch, ..., 1)` or `(batch,)`
            for a single unit; float.
        from_logits: Whether the outputs are logits rather than probabilities.

    Returns:
        Shape of the classes, nats, >= 0.

    Example:
        >>> [round(float(nats), 4) for nats in cross_entropy([1], [[0.5, 0.5]], from_logits=False)]
        [0.6931]

    Source: Bishop, Pattern Recognition and Machine Learning, eq. 4.90 (binary) and 4.108 (multi-class).
    """
    y_pred = ops.convert_to_tensor(y_pred)
    classes = ops.convert_to_tensor(classes)
    if len(y_pred.shape) == 1 or y_pred.shape[-1] == 1 or len(classes.shape) == len(y_pred.shape):
        targets = ops.reshape(ops.cast(classes, y_pred.dtype), ops.shape(y_pred))
        return ops.reshape(target_cross_entropy(targets, y_pred, from_logits=from_logits), ops.shape(classes))
    # Dense targets: on TensorFlow the sparse operation renormalises after the clip and is off by K * 1e-7.
    targets = ops.one_hot(classes, y_pred.shape[-1], dtype=y_pred.dtype)
    return target_cross_entropy(targets, y_pred, from_logits=from_logits, exclusive=True)


def target_cross_entropy(targets: Tensor, y_pred: Tensor, *, from_logits: bool, exclusive: bool = False) -> Tensor:
    r"""Cross-entropy of each example against a target that need not be hard, in nats.

    .. math:: -\sum_j t_{ij} \ln p_{ij} \quad\text{or, for each unit,}\quad -t \ln p - (1 - t) \ln (1 - p)

    Args:
        targets: Targets as given. Shape of the outputs; float.
        y_pred: As for `cross_entropy`.
        from_logits: Whether the outputs are logits rather than probabilities.
        exclusive: Whether the classes exclude each other, and the targets are distributions.

    Returns:
        Nats. Shape of the outputs, without the last axis where the classes exclude each other.

    Source: as for `cross_entropy`.
    """
    if exclusive:
        return ops.categorical_crossentropy(targets, y_pred, from_logits=from_logits)
    return ops.binary_crossentropy(targets, y_pred, from_logits=from_logits)
