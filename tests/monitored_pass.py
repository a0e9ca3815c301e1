"""A pass fed by hand to an accumulator, batch by batch, as the compiled step does it; on any backend, eagerly."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from xent_monitor import functional
from xent_monitor.accumulator import Accumulator
from xent_monitor.functional.layout import SumLayout
from xent_monitor.statistics import ClassStatistics, Task
from xent_monitor.unpacking import sum_layout

#: Probability at or below which the true class counts as saturated: the default of `keras.config.epsilon()`.
EPSILON = 1e-7


def accumulator(
    num_classes: int, *, num_bins: int = 15, confusion_limit: int = 256, task: Task = "multiclass"
) -> Accumulator:
    """An empty accumulator."""
    return Accumulator(sum_layout(task, num_classes, num_bins, confusion_limit), task, "sums")


def batch_of(
    layout: SumLayout,
    task: Task,
    from_logits: bool,
    labels: Any,
    outputs: Any,
    values: functional.RowValues | None = None,
) -> functional.BatchSums:
    """Sums of a batch, as the compiled step takes them; see `feed`. Traceable."""
    read = functional.categorical_distributions if task == "multiclass" else functional.binary_distributions
    if task == "binary":
        truth = functional.binary_labels(labels)
    elif task == "multilabel":
        truth = functional.multilabel_labels(labels)
    elif len(labels.shape) == 2 and labels.shape[-1] == layout.num_classes:
        truth = functional.one_hot_labels(labels)
    else:
        truth = functional.sparse_labels(labels, layout.num_classes)
    if values is None or values.cross_entropy is None:
        nats = functional.cross_entropy(truth.classes, outputs, from_logits=from_logits)
        values = functional.RowValues(nats) if values is None else values._replace(cross_entropy=nats)
    if values.loss is None:
        values = values._replace(loss=values.cross_entropy)
    if values.mean_loss is None:
        total, rows = keras.ops.sum(values.loss), keras.ops.cast(keras.ops.size(values.loss), "float32")
        values = values._replace(mean_loss=keras.ops.divide_no_nan(total, rows))
    units = keras.ops.reshape(outputs, (-1, 1)) if task == "multilabel" else outputs
    distributions = read(units, from_logits=from_logits, epsilon=EPSILON)
    return functional.batch_sums(layout, truth, distributions, values, epsilon=EPSILON)


def feed(
    into: Accumulator,
    labels: Any,
    outputs: Any,
    *,
    from_logits: bool = False,
    nats: Any = None,
    judged: Any = None,
    **values: Any,
) -> None:
    """Add one batch. Sparse labels, or one-hot rows where they have a column for each class.

    Without `nats`, the cross-entropy is that of the outputs; without `loss`, the loss is the cross-entropy. Other
    arguments are fields of `RowValues`.
    """
    take = batch_of
    if keras.backend.backend() == "jax":
        # Outside of `jit`, JAX compiles each operation for itself: seconds for each new shape.
        take = _compiled_for_jax()
    rows = functional.RowValues(_tensor(nats), **{name: _tensor(value) for name, value in values.items()})
    if judged is not None:
        rows = rows._replace(judged=keras.ops.convert_to_tensor(np.asarray(judged, bool)))
    tensors = (keras.ops.convert_to_tensor(np.asarray(value)) for value in (labels, outputs))
    into.update_state(take(into.layout, into.task, from_logits, *tensors, rows))


def _tensor(values: Any) -> Any:
    return None if values is None else keras.ops.convert_to_tensor(np.asarray(values, "float32"))


@functools.cache
def _compiled_for_jax() -> Any:
    import jax

    return jax.jit(batch_of, static_argnums=(0, 1, 2))


def pass_over(
    labels: Any,
    outputs: Any,
    *,
    splits: Sequence[int] = (),
    from_logits: bool = False,
    weight: Any = None,
    num_bins: int = 15,
    confusion_limit: int = 256,
    task: Task = "multiclass",
) -> ClassStatistics:
    """Statistics of a pass whose batches begin at 0 and at each of `splits`."""
    outputs = np.asarray(outputs)
    num_classes = 2 if task == "binary" else outputs.shape[1]
    into = accumulator(num_classes, num_bins=num_bins, confusion_limit=confusion_limit, task=task)
    parts = zip(
        np.split(np.asarray(labels), splits),
        np.split(outputs, splits),
        [None] * (len(splits) + 1) if weight is None else np.split(np.asarray(weight), splits),
        strict=True,
    )
    for some_labels, some_outputs, some_weights in parts:
        feed(into, some_labels, some_outputs, from_logits=from_logits, weight=some_weights)
    return into.statistics()
