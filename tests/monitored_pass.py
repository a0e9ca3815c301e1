"""A pass fed by hand to an accumulator, batch by batch, as the compiled step does it; on any backend, eagerly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from xent_monitor import functional
from xent_monitor.accumulator import Accumulator, sum_layout
from xent_monitor.statistics import ClassStatistics, Task

#: Probability at or below which the true class counts as saturated: the default of `keras.config.epsilon()`.
EPSILON = 1e-7


def accumulator(
    num_classes: int, *, num_bins: int = 15, confusion_limit: int = 256, task: Task = "multiclass"
) -> Accumulator:
    """An empty accumulator."""
    return Accumulator(sum_layout(num_classes, num_bins, confusion_limit), task, "sums")


def feed(
    into: Accumulator,
    labels: Any,
    outputs: Any,
    *,
    from_logits: bool = False,
    weight: Any = None,
    loss: Any = None,
    penalty: Any = None,
) -> None:
    """Add one batch. Sparse labels, or one-hot rows where they have the shape of the outputs.

    Without `loss`, the loss is the cross-entropy.
    """
    labels, outputs = np.asarray(labels), np.asarray(outputs)
    if into.task == "binary":
        truth = functional.binary_labels(labels)
        read = functional.binary_distributions
    else:
        one_hot = labels.ndim == 2 and labels.shape == outputs.shape
        truth = (
            functional.one_hot_labels(labels)
            if one_hot
            else functional.sparse_labels(labels, into.layout.num_classes)
        )
        read = functional.categorical_distributions
    nats = functional.cross_entropy(truth.classes, outputs, from_logits=from_logits)
    into.update_state(
        functional.batch_sums(
            into.layout,
            truth,
            read(outputs, from_logits=from_logits, epsilon=EPSILON),
            nats,
            nats if loss is None else keras.ops.convert_to_tensor(np.asarray(loss, "float32")),
            None if weight is None else keras.ops.convert_to_tensor(np.asarray(weight, "float32")),
            None if penalty is None else keras.ops.convert_to_tensor(penalty, "float32"),
            epsilon=EPSILON,
        )
    )


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
