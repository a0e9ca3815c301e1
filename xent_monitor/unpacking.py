"""From the flat sums of a pass, as the compiled step leaves them, to `ClassStatistics`; and how large they are.

Plain NumPy on the host. (Importing it imports Keras all the same: `SumLayout` is part of `xent_monitor.functional`.)

    >>> layout = sum_layout("multiclass", num_classes=3, num_bins=10, confusion_limit=256)
    >>> nothing = unpack(layout, "multiclass", np.zeros(layout.num_floats), np.zeros(layout.num_counts, np.int64))
    >>> nothing.support
    array([0, 0, 0])
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xent_monitor import calibration, confusion
from xent_monitor.functional.layout import CAUSES, POSITIVE_COLUMN, SumLayout
from xent_monitor.statistics import ClassStatistics, Floats, Integers, Task

__all__ = ["PER_CLASS_CONFIDENCE_LIMIT", "PER_CLASS_HISTOGRAM_LIMIT", "sum_layout", "unpack"]

#: Most classes for which the histogram of the confidence is kept by class.
PER_CLASS_CONFIDENCE_LIMIT = 256
#: Most classes for which the histogram of the probability of the true class is kept by class.
PER_CLASS_HISTOGRAM_LIMIT = 4096


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


def unpack(
    layout: SumLayout, task: Task, floats: Floats, counts: Integers, *, knows_loss: bool = True
) -> ClassStatistics:
    """The sums by their names.

    Args:
        layout: Sizes and places of the sums.
        task: Kind of classification.
        floats: Float sums. Shape `(layout.num_floats,)`.
        counts: Counts. Shape `(layout.num_counts,)`.
        knows_loss: Whether the loss of each example is known; if not, its sums are NaN.

    Returns:
        The statistics.

    Raises:
        ValueError: If the vectors do not have the lengths of the layout.
    """
    for name, vector, size in (("floats", floats, layout.num_floats), ("counts", counts, layout.num_counts)):
        if vector.shape != (size,):
            raise ValueError(f"`{name}` must have shape ({size},). Received: {name}.shape={vector.shape}.")
    sums = _split(floats, layout.float_shapes)
    tallies = _split(counts, layout.all_count_shapes)
    columns = sums["class_columns"]
    classes: dict[str, Any] = {name: columns[:, index] for index, name in enumerate(layout.columns)}
    mean_loss = float(sums["batch_mean_loss_sum"][0])
    if not knows_loss:
        unknown = np.full(layout.num_classes, np.nan)
        classes |= {"loss_sum": unknown, "weighted_loss_sum": unknown}
        mean_loss = math.nan
    classes.setdefault(POSITIVE_COLUMN, None)
    squares = sums.get("row_cross_entropy_square_sum", classes["cross_entropy_square_sum"])
    causes = dict(zip(CAUSES, tallies["causes"].tolist(), strict=True))
    return ClassStatistics(
        task=task,
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
