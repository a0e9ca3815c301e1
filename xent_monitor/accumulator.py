"""The sums of a pass as Keras variables, added to inside the compiled step and read once a pass."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from xent_monitor.functional.layout import SumLayout
from xent_monitor.functional.sums import BatchSums
from xent_monitor.statistics import ClassStatistics, Task
from xent_monitor.unpacking import unpack

__all__ = ["Accumulator"]

#: Bits in the low word of a count. With 24, the low words of 127 replicas still add up to less than 2^31.
LOW_BITS = 24


class Accumulator(keras.metrics.Metric):  # type: ignore[misc]  # keras has no types
    """Sums of one pass over one output.

    It is a metric so that JAX threads its variables through the compiled step and `tf.distribute` adds up those
    of the replicas. It stays out of sight: `result` is empty, so that nothing reaches logs, history or
    `evaluate()`. It is deaf to `reset_state`: Keras resets all metrics when validation begins, in the middle of the
    training pass; `clear` is for the owner.

    Floats are compensated: `lost` holds what the last addition rounded away. Counts have two words: what exceeds the
    low one is carried to the high one within the step, so that they are exact up to 2^55.

    Args:
        layout: Sizes and places of the sums.
        task: Kind of classification.
        name: Name of the metric.

    Source: Kahan (1965), Further remarks on reducing truncation errors; Higham, section 4.3.
    """

    def __init__(self, layout: SumLayout, task: Task, name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self.layout = layout
        self.task = task
        #: Whether the loss of each example is known, so that `loss_sum` means something.
        self.knows_loss = True
        floats, counts = (layout.num_floats,), (layout.num_counts,)
        self.sums = self.add_variable(floats, "zeros", dtype="float32", name="sums")
        self.lost = self.add_variable(floats, "zeros", dtype="float32", name="lost")
        self.low = self.add_variable(counts, "zeros", dtype="int32", name="low")
        self.high = self.add_variable(counts, "zeros", dtype="int32", name="high")

    def update_state(self, batch: Any, *others: Any, **named: Any) -> None:
        """Add the `BatchSums` of a batch. Traceable.

        Anything else is let pass: a custom `train_step` that follows Keras' guides hands `y, y_pred` to all of
        `model.metrics`, which on JAX are ours too.
        """
        if not isinstance(batch, BatchSums):
            return
        sums = self.sums.value
        correction = batch.floats - self.lost.value
        total = sums + correction
        self.lost.assign((total - sums) - correction)
        self.sums.assign(total)
        low = self.low.value + batch.counts
        carried = low // 2**LOW_BITS
        self.high.assign(self.high.value + carried)
        self.low.assign(low - carried * 2**LOW_BITS)

    def result(self) -> dict[str, Any]:
        """Nothing: the sums are read by their owner, once a pass."""
        return {}

    def reset_state(self) -> None:
        """Nothing; see the class docstring."""

    def clear(self) -> None:
        """Begin a new pass. Not traceable."""
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def statistics(self) -> ClassStatistics:
        """The sums of the pass so far, on the host."""
        # Of x = sums + lost digits, `lost` is what `sums` is too large by.
        floats = _host(self.sums).astype(np.float64) - _host(self.lost).astype(np.float64)
        counts = (_host(self.high).astype(np.int64) << LOW_BITS) + _host(self.low)
        return unpack(self.layout, self.task, floats, counts, knows_loss=self.knows_loss)


def _host(variable: Any) -> Any:
    return ops.convert_to_numpy(variable.value)
