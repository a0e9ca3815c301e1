"""From what a compiled step hands to its loss to the sums of a batch, for one output.

With `outputs` and `wiring`, one of the modules that touch what Keras does not document. It relies on (Keras 3.15):

- `Loss.call` gives the loss of each entry; `Loss.__call__` casts to the loss' dtype before, and after it masks with
  the `_keras_mask` of the outputs and of the losses, weighs and averages (`reduce_weighted_values`, `losses/loss.py`).
- On TensorFlow a loss that is given probabilities goes back to the logits that it finds as `_keras_logits` or as the
  input of the softmax or sigmoid operation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import ops
from keras.src.backend import get_keras_mask
from keras.src.backend.common.stateless_scope import in_stateless_scope

from xent_monitor import functional
from xent_monitor.errors import XentMonitorError
from xent_monitor.functional.layout import SumLayout
from xent_monitor.outputs import BINARY_LOSSES, Loss, Output, activation_input

__all__ = ["OutputBatch", "is_out_of_reach", "read_batch", "read_penalty"]


class OutputBatch(NamedTuple):
    """What the compiled step holds for one output."""

    #: Labels, as Keras' loss takes them.
    y: Any
    #: Outputs, the very tensor that Keras' loss is given.
    y_pred: Any
    #: Sample weights, or None.
    weight: Any
    #: The compiled loss as Keras resolved it; None where there is none.
    loss: Any
    #: Penalty of the batch (regularisers and `add_loss`), a scalar, or None.
    penalty: Any


def read_batch(
    layout: SumLayout, output: Output, loss: Loss | None, batch: OutputBatch
) -> tuple[functional.BatchSums, bool]:
    """Sums of a batch.

    Args:
        layout: Sizes and places of the sums.
        output: How to read the output.
        loss: What is known of the compiled loss.
        batch: The tensors.

    Returns:
        The sums, and whether the loss of the rows is known.

    Raises:
        XentMonitorError: If the shapes of labels, weights and outputs do not fit together.
    """
    mask = get_keras_mask(batch.y_pred)
    dtype = keras.backend.standardize_dtype(batch.y_pred.dtype)
    pre_sigmoid = _sigmoid_input(batch.y_pred)
    given = batch.y_pred if pre_sigmoid is None else pre_sigmoid
    y, y_pred, weight, mask = _set_apart(batch.y, given, batch.weight, mask)
    y_pred = y_pred if pre_sigmoid is None else ops.sigmoid(y_pred)
    by_label = output.task == "multilabel" and loss is not None and loss.function in BINARY_LOSSES
    losses, y_pred = _unreduced(batch.loss, y, y_pred, by_label=by_label)
    mask = _both(mask, None if losses is None else get_keras_mask(losses))
    stop = ops.stop_gradient
    y, y_pred = ops.convert_to_tensor(y), _classes_last(y_pred, output.axis)
    if output.axis != -1 and len(y.shape) == len(y_pred.shape):
        y = ops.moveaxis(y, output.axis, -1)
    rank = max(len(y_pred.shape) - 1, 1)
    pre_activation = activation_input(y_pred)
    from_logits = output.from_logits and pre_activation is None
    labels, nats, targets = _cross_entropies(output, loss, y, y_pred, losses, rank, from_logits=from_logits)
    # Rows: what the leading axes hold, one after the other.
    like = y_pred if len(y_pred.shape) == 1 else y_pred[..., 0]
    judged = None if mask is None else _rows(mask, like, rank)
    weight = None if weight is None else _rows(weight, like, rank)
    shape = (-1, output.num_classes) if output.task == "multilabel" else (-1,)
    row_losses = None if losses is None else _row_losses(output, stop(losses), like, rank)
    values = functional.RowValues(
        cross_entropy=ops.reshape(stop(nats), shape),
        loss=row_losses,
        target_cross_entropy=None if targets is None else ops.reshape(stop(targets), shape),
        weight=weight,
        judged=judged,
        mean_loss=None if row_losses is None else _mean_loss(batch.loss, row_losses, weight, judged),
        penalty=batch.penalty,
        num_samples=None if rank == 1 else ops.shape(y_pred)[0],
    )
    distributions = _distributions(output, y_pred, pre_activation, from_logits=from_logits, computed_in=dtype)
    sums = functional.batch_sums(layout, labels, distributions, values, epsilon=keras.config.epsilon())
    return sums, losses is not None


def read_penalty(model: Any) -> Any:
    """Penalty of the batch: regularisers and `add_loss`. A float32 scalar, or None where there are none."""
    losses = list(model.losses)
    if losses and keras.backend.backend() == "jax":
        # Those of the regularisers come last. Computed from the same values as in Keras' loss they are the same
        # operation, which XLA then fuses otherwise: over several devices the last bit of the logged loss moves.
        regularized = [weight for weight in model.trainable_weights if weight.regularizer is not None]
        values = _set_apart(*(weight.value for weight in regularized))
        added = _set_apart(*losses[: len(losses) - len(regularized)])
        losses = [*added, *(one.regularizer(value) for one, value in zip(regularized, values, strict=True))]
    penalties = [ops.sum(ops.cast(loss, "float32")) for loss in losses]
    return ops.stop_gradient(sum(penalties[1:], penalties[0])) if penalties else None


def is_out_of_reach(tensor: Any) -> bool:
    """Whether a step is traced here into which the sums do not reach: on JAX, where it has no scope with them."""
    if keras.backend.backend() != "jax":
        return False
    import jax

    return isinstance(tensor, jax.core.Tracer) and not in_stateless_scope()


def _set_apart(*tensors: Any) -> tuple[Any, ...]:
    """The same values, such that reading them cannot change the training by a bit."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        # Without the barrier XLA fuses our operations with the loss, and its last bit moves.
        present = [jax.lax.stop_gradient(tensor) for tensor in tensors if tensor is not None]
        apart = iter(jax.lax.optimization_barrier(present))
        return tuple(None if tensor is None else next(apart) for tensor in tensors)
    if backend == "torch":
        # `train_on_batch` and `test_on_batch` hand NumPy labels on.
        given = (None if tensor is None else ops.convert_to_tensor(tensor) for tensor in tensors)
        return tuple(None if tensor is None else ops.stop_gradient(tensor) for tensor in given)
    # TensorFlow finds the logits of a softmax through the very tensor that the layer returned. In a graph, what is
    # not part of the loss has no part in the gradient either.
    return tensors


def _sigmoid_input(y_pred: Any) -> Any:
    """On JAX, what goes into the sigmoid that an output comes from; None where that is not known.

    XLA fuses a sigmoid with its loss only where nobody else reads it, and the last bit of the loss shows it. To read
    the input, behind a barrier, and to take the sigmoid again leaves them together.
    """
    if keras.backend.backend() != "jax":
        return None
    try:
        # What JAX's tracers know of their origin is not documented: where it is not so, there is none.
        return y_pred.parent.in_tracers[0] if y_pred.parent.primitive.name == "logistic" else None
    except (AttributeError, IndexError):
        return None


def _unreduced(compiled: Any, y: Any, y_pred: Any, *, by_label: bool) -> tuple[Any, Any]:
    """Loss of each entry as Keras computes it, and the outputs as the loss sees them.

    The loss is None where there is none, or where the user's function returns one number for the whole batch.
    """
    if compiled is None:
        return None, ops.convert_to_tensor(y_pred)
    # As `Loss.__call__` does before it reduces.
    y_pred = ops.convert_to_tensor(y_pred, dtype=compiled.dtype)
    y = ops.convert_to_tensor(y, dtype=compiled.dtype)
    if by_label:
        # Keras' binary losses take the mean over the last axis: with one label on it that is the loss of the label.
        single = _with_logits(ops.expand_dims(y_pred, -1), activation_input(y_pred), lambda z: ops.expand_dims(z, -1))
        return compiled.call(ops.expand_dims(y + ops.zeros_like(y_pred), -1), single), y_pred
    losses = compiled.call(y, y_pred)
    if len(losses.shape) == 0 and len(y_pred.shape) == 1:
        # Keras takes the mean over the last axis for that over classes, and here it is the batch.
        losses = compiled.call(ops.reshape(y, (-1, 1)), ops.reshape(y_pred, (-1, 1)))
    return (None if len(losses.shape) == 0 else losses), y_pred


def _with_logits(tensor: Any, logits: Any, reshape: Any) -> Any:
    """The tensor, with the logits behind it where TensorFlow's losses look for them."""
    if logits is not None:
        tensor._keras_logits = reshape(logits)
    return tensor


def _classes_last(y_pred: Any, axis: int) -> Any:
    if axis in (-1, len(y_pred.shape) - 1):
        return y_pred
    logits = activation_input(y_pred)
    return _with_logits(ops.moveaxis(y_pred, axis, -1), logits, lambda z: ops.moveaxis(z, axis, -1))


def _both(first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    return ops.cast(first, "bool") & ops.cast(second, "bool")


def _cross_entropies(
    output: Output, loss: Loss | None, y: Any, y_pred: Any, losses: Any, rank: int, *, from_logits: bool
) -> tuple[functional.Labels, Any, Any]:
    """Labels, and the cross-entropies against them and, where they differ, against the targets."""
    plain = loss is not None and loss.is_target_cross_entropy and losses is not None
    if output.task == "multiclass":
        classes = output.num_classes
        if len(y.shape) == rank + 1 and y.shape[-1] == classes:
            labels = functional.one_hot_labels(ops.reshape(y, (-1, classes)))
            nats = _hard(labels, y_pred, from_logits=from_logits)
            if plain:
                return labels, nats, losses
            given = ops.cast(y, y_pred.dtype)
            return labels, nats, functional.target_cross_entropy(given, y_pred, from_logits=from_logits, exclusive=True)
        if len(y.shape) != rank and not (len(y.shape) == rank + 1 and y.shape[-1] == 1):
            raise XentMonitorError(
                f"Labels must have shape {_shape(y_pred, ())} or {_shape(y_pred, (classes,))} for outputs of shape "
                f"{_shape(y_pred, (classes,))}. Received: y.shape={tuple(y.shape)}."
            )
        labels = functional.sparse_labels(y, classes)
        if loss is not None and loss.is_cross_entropy and losses is not None:
            return labels, losses, None
        return labels, _hard(labels, y_pred, from_logits=from_logits), None
    # Keras' binary losses broadcast the labels to the outputs.
    given = ops.reshape(ops.cast(y, y_pred.dtype), ops.shape(y_pred)) if output.task == "binary" else y
    given = ops.cast(given, y_pred.dtype) + ops.zeros_like(y_pred)
    if output.task == "binary":
        labels = functional.binary_labels(y)
    else:
        labels = functional.multilabel_labels(ops.reshape(given, (-1, output.num_classes)))
    nats = _hard(labels, y_pred, from_logits=from_logits)
    if plain:
        return labels, nats, losses
    return labels, nats, functional.target_cross_entropy(given, y_pred, from_logits=from_logits)


def _hard(labels: functional.Labels, y_pred: Any, *, from_logits: bool) -> Any:
    """Cross-entropy against the hard labels, on the very tensor that the layer returned."""
    own = len(y_pred.shape) == 1 or len(labels.classes.shape) == 2 or y_pred.shape[-1] == 1
    shape = ops.shape(y_pred) if own else ops.shape(y_pred)[:-1]
    return functional.cross_entropy(ops.reshape(labels.classes, shape), y_pred, from_logits=from_logits)


def _shape(y_pred: Any, last: tuple[int, ...]) -> str:
    leading = tuple("batch" if size is None else size for size in ("batch", *y_pred.shape[1:-1]))
    return "(" + ", ".join(map(str, (*leading, *last))) + ("," if len(leading) + len(last) == 1 else "") + ")"


def _rows(values: Any, like: Any, rank: int) -> Any:
    """Weights or a mask for each row. Shape `(rows,)`.

    As Keras does, one value of an example is that of all its tokens, and a last axis of size 1 is dropped.
    """
    values = ops.convert_to_tensor(values)
    is_mask = keras.backend.standardize_dtype(values.dtype) == "bool"
    if len(values.shape) == rank + 1 and values.shape[-1] == 1:
        values = values[..., 0]
    if len(values.shape) > rank:
        raise XentMonitorError(
            f"Weights must have one value for each example or entry of the outputs. Received: shape "
            f"{tuple(values.shape)} for outputs of shape {tuple(like.shape)} without their classes."
        )
    if rank == 1:
        return ops.reshape(values, (-1,))
    values = ops.cast(values, "float32")
    while len(values.shape) < rank:
        values = ops.expand_dims(values, -1)
    values = ops.reshape(values + ops.zeros_like(like, dtype="float32"), (-1,))
    return values > 0.5 if is_mask else values


def _row_losses(output: Output, losses: Any, like: Any, rank: int) -> Any:
    """Loss of each row, multi-label of each of its labels. Shape `(rows,)` or `(rows, num_classes)`."""
    if output.task == "multilabel" and len(losses.shape) == rank + 1:
        return ops.reshape(losses, (-1, output.num_classes))
    if len(losses.shape) > rank:
        losses = ops.mean(losses, axis=tuple(range(rank, len(losses.shape))))
    if rank > 1:
        losses = _rows(losses, like, rank)
    losses = ops.reshape(losses, (-1,))
    if output.task != "multilabel":
        return losses
    # A loss of the user's own that is no mean over the labels: each of them has that of the whole row.
    return ops.repeat(losses[:, None], output.num_classes, axis=1)


def _mean_loss(compiled: Any, losses: Any, weight: Any, judged: Any) -> Any:
    """Loss of the batch as Keras averages it, before penalties and `loss_weights`. A scalar."""
    rows = ops.cast(losses, "float32")
    rows = ops.mean(rows, axis=-1) if len(rows.shape) == 2 else rows
    if weight is not None:
        rows = rows * ops.cast(weight, "float32")
    if judged is None:
        num_rows = ops.shape(rows)[0]
        if isinstance(num_rows, int) and not _by_weights(compiled, weight):
            return ops.mean(rows)
        count = ops.cast(num_rows, "float32")
    else:
        count = ops.sum(ops.cast(judged, "float32"))
        rows = ops.where(judged, rows, 0.0)
    if _by_weights(compiled, weight):
        factors = ops.cast(weight, "float32")
        count = ops.sum(factors if judged is None else ops.where(judged, factors, 0.0))
    # A replica of a distributed step may get no rows, and a mask may leave none.
    return ops.divide_no_nan(ops.sum(rows), count)


def _by_weights(compiled: Any, weight: Any) -> bool:
    return weight is not None and getattr(compiled, "reduction", None) == "mean_with_sample_weight"


def _distributions(
    output: Output, y_pred: Any, pre_activation: Any, *, from_logits: bool, computed_in: str
) -> functional.Distributions:
    """Predicted distributions of all decisions, one after the other."""
    exclusive = output.task == "multiclass"
    read = functional.categorical_distributions if exclusive else functional.binary_distributions
    shape = (-1, output.num_classes) if exclusive else (-1, 1)
    distributions = read(
        ops.reshape(ops.stop_gradient(y_pred), shape),
        from_logits=from_logits,
        epsilon=keras.config.epsilon(),
        computed_in=computed_in,
    )
    if pre_activation is None:
        return distributions
    logits = ops.reshape(ops.stop_gradient(ops.cast(pre_activation, "float32")), shape)
    return distributions._replace(logits=read(logits, from_logits=True).logits)
