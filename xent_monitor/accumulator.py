"""The sums of a pass as Keras variables, added to inside the compiled step and read once a pass."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from xent_monitor import calibration, confusion
from xent_monitor.functional.layout import CAUSES, POSITIVE_COLUMN, SumLayout
from xent_monitor.functional.sums import BatchSums
from xent_monitor.statistics import ClassStatistics, Integers, Task

__all__ = ["PER_CLASS_CONFIDENCE_LIMIT", "PER_CLASS_HISTOGRAM_LIMIT", "Accumulator", "sum_layout"]

#: Most classes for which the histogram of the confidence is kept by class.
PER_CLASS_CONFIDENCE_LIMIT = 256
#: Most classes for which the histogram of the probability of the true class is kept by class.
PER_CLASS_HISTOGRAM_LIMIT = 4096

#: Bits in the low word of a count. With 24, the low words of 127 replicas still add up to less than 2^31.
LOW_BITS = 24


def sum_layout(task: Task, num_classes: int, num_bins: int, confusion_limit: int) -> SumLayout:
    """Sizes of the sums for an output with so many classes."""
    sketched = task != "multilabel" and num_classes > confusion_limit
    return SumLayout(
        num_classes=num_classes,
        num_bins=num_bins,
        inverse_temperatures=calibration.INVERSE_TEMPERATURES,
        multilabel=task == "multilabel",
        per_class_confidence=num_classes <= PER_CLASS_CONFIDENCE_LIMIT,
        per_class_histogram=num_classes <= PER_CLASS_HISTOGRAM_LIMIT,
        sketch_shape=confusion.sketch_shape(num_classes) if sketched else None,
        sketch_multipliers=confusion.SKETCH_MULTIPLIERS if sketched else (),
    )


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
        sums = _split(floats, self.layout.float_shapes)
        tallies = _split(counts, self.layout.all_count_shapes)
        columns = sums["class_columns"]
        classes: dict[str, Any] = {name: columns[:, index] for index, name in enumerate(self.layout.columns)}
        mean_loss = float(sums["batch_mean_loss_sum"][0])
        if not self.knows_loss:
            unknown = np.full(self.layout.num_classes, np.nan)
            classes |= {"loss_sum": unknown, "weighted_loss_sum": unknown}
            mean_loss = math.nan
        classes.setdefault(POSITIVE_COLUMN, None)
        squares = sums.get("row_cross_entropy_square_sum", classes["cross_entropy_square_sum"])
        causes = dict(zip(CAUSES, tallies["causes"].tolist(), strict=True))
        return ClassStatistics(
            task=self.task,
            true_class_probability_histogram=tallies["true_class_probability_histogram"],
            confusion_sketch=tallies.get("confusion_sketch"),
            bin_confidence_sum=sums["bin_confidence_sum"],
            temperature_sums=sums["temperature_sums"],
            penalty_sum=float(sums["penalty_sum"][0]),
            batch_mean_loss_sum=mean_loss,
            confidence_step_sum=float(sums["confidence_step_sum"][0]),
            row_cross_entropy_square_sum=float(squares.sum()),
            **_decisions(tallies),
            **classes,
            **causes,
        )


def _decisions(tallies: dict[str, Integers]) -> dict[str, Any]:
    """Counts of decisions, those derived from a larger block included."""
    by_class = tallies.get("class_confidence_histogram")
    counts: dict[str, Any] = {
        "confidence_histogram": tallies["confidence_histogram"] if by_class is None else by_class.sum(axis=0),
        "class_confidence_histogram": by_class,
        "confusion": tallies.get("confusion"),
    }
    if "decisions" in tallies:
        # By label, truth and prediction, as scikit-learn's `multilabel_confusion_matrix`.
        table = tallies["decisions"]
        right = table[:, 0, 0] + table[:, 1, 1]
        return {**counts, "support": table[:, 1].sum(axis=1), "predicted": table[:, :, 1].sum(axis=1), "correct": right}
    correct = tallies["class_correct"] if by_class is None else by_class.sum(axis=2)
    matrix = tallies.get("confusion")
    predicted = tallies["predicted"] if matrix is None else matrix.sum(axis=0)
    return {**counts, "support": correct.sum(axis=1), "predicted": predicted, "correct": correct[:, 1]}


def _split(flat: Any, shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """Named parts of a flat vector."""
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
    parts = np.split(flat, ends[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _host(variable: Any) -> Any:
    return ops.convert_to_numpy(variable.value)
