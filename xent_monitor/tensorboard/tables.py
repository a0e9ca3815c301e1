"""From reports to the arrays of the page: everything by epoch, and the histograms of one class.

All splits of a run share one axis of epochs, the sorted union of those of their reports. Where a split has none, its
arrays hold NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xent_monitor.calibration import reliability, wilson_interval
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import Floats, Integers
from xent_monitor.tensorboard.provided import Passes, Stack
from xent_monitor.tensorboard.tensors import Array

__all__ = ["CELL_LIMIT", "class_arrays", "class_rows", "epochs_of", "on_axis", "series_arrays"]

#: Most classes times epochs of a quantity by class that are sent to the page.
CELL_LIMIT = 1_000_000

#: Quantities of a pass that are one number.
SCALARS = (
    "cross_entropy",
    "standard_error",
    "accuracy",
    "confidence",
    "skill",
    "temperature",
    "tempered_cross_entropy",
    "expected_calibration_error",
    "prior_entropy",
    "uniform_cross_entropy",
    "geometric_mean_probability",
    "loss_accuracy_divergence",
    "num_examples",
    "loss",
    "weighted_cross_entropy",
    "logged_loss",
)

#: Quantities with a number for each class, counts apart.
CLASS_QUANTITIES = (
    "class_cross_entropy",
    "class_standard_error",
    "class_accuracy",
    "class_precision",
    "class_confidence",
)
MULTILABEL_QUANTITIES = ("class_positive_cross_entropy", "class_negative_cross_entropy")


def epochs_of(passes: Passes) -> list[int]:
    """The axis of epochs that the splits share."""
    return sorted({report.epoch for reports in passes.values() for report in reports})


def class_rows(passes: Passes) -> Integers:
    """Indices of the classes that the arrays by class hold, rising.

    All, unless they times the epochs exceed `CELL_LIMIT`; then those that carry most of the cross-entropy in the last
    pass of the first split.
    """
    last = next(iter(passes.values()))[-1]
    num_rows = max(1, CELL_LIMIT // len(epochs_of(passes)))
    if last.num_classes <= num_rows:
        return np.arange(last.num_classes)
    carried = np.nan_to_num(last.statistics.cross_entropy_sum, nan=-np.inf)
    return np.sort(np.argsort(-carried, kind="stable")[:num_rows])


def series_arrays(passes: Passes, rows: Integers) -> dict[str, Array]:
    """Everything by epoch, and by class and epoch.

    Args:
        passes: Outlines of the reports of a run.
        rows: Indices of the classes.

    Returns:
        By name of the split and of the quantity, `validation/accuracy`: scalars of shape `(E,)`, quantities by class of
        shape `(E, len(rows))`, `confidence_histogram` of shape `(E, 2, B)` and `reliability` of shape `(E, B, 5)`.
    """
    axis = epochs_of(passes)
    arrays: dict[str, Array] = {}
    for split, reports in passes.items():
        epochs = [report.epoch for report in reports]
        for name in SCALARS:
            arrays[f"{split}/{name}"] = on_axis(axis, epochs, [getattr(report, name) for report in reports])
        for name in _class_quantities(reports):
            values = [getattr(report, name)[rows] for report in reports]
            arrays[f"{split}/{name}"] = on_axis(axis, epochs, values, np.float32)
        arrays[f"{split}/support"] = on_axis(axis, epochs, [report.support[rows] for report in reports])
        histograms = [report.confidence_histogram for report in reports]
        arrays[f"{split}/confidence_histogram"] = on_axis(axis, epochs, histograms)
        tables = on_axis(axis, epochs, [report.reliability for report in reports])
        arrays[f"{split}/reliability"] = _with_intervals(tables)
    return arrays


def class_arrays(passes: Passes, index: int, stack_of: Callable[[Split, str], Stack | None]) -> dict[str, Array]:
    """Quantities and histograms of one class by epoch.

    Args:
        passes: Outlines of the reports of a run.
        index: Of the class.
        stack_of: The values of a field by epoch, from split and name; None where it was not recorded.

    Returns:
        By name of the split and of the quantity: quantities of shape `(E,)`, and where they were kept for each class,
        `confidence_histogram` (E, 2, B), `reliability` (E, B, 5) and `true_class_probability_histogram` (E, B).
    """
    axis = epochs_of(passes)
    arrays: dict[str, Array] = {}
    for split, reports in passes.items():
        epochs = [report.epoch for report in reports]
        for name in (*_class_quantities(reports), "support"):
            arrays[f"{split}/{name}"] = on_axis(axis, epochs, [getattr(report, name)[index] for report in reports])
        confidences = stack_of(split, "class_confidence_histogram")
        if confidences is not None:
            counts = confidences.values[:, index]
            arrays[f"{split}/confidence_histogram"] = on_axis(axis, confidences.epochs, counts)
            tables = on_axis(axis, confidences.epochs, [_reliability_of_counts(each) for each in counts])
            arrays[f"{split}/reliability"] = _with_intervals(tables)
        probabilities = stack_of(split, "true_class_probability_histogram")
        if probabilities is not None and probabilities.values.shape[1] == reports[-1].num_classes:
            counts = probabilities.values[:, index]
            arrays[f"{split}/true_class_probability_histogram"] = on_axis(axis, probabilities.epochs, counts)
    return arrays


def on_axis(
    axis: Sequence[int], epochs: Sequence[int], values: Sequence[Any] | Array, dtype: type = np.float64
) -> Array:
    """Values of some epochs as an array over all.

    Args:
        axis: All epochs.
        epochs: Those that have a value; the ones that are not on the axis are left out.
        values: One for each of them. Those that have not the shape of the last one are left out too: a training that
            was resumed with other settings goes on with other bins.
        dtype: Type of the result.

    Returns:
        Shape `(len(axis), ...)`; NaN where there is no value.
    """
    shape = np.shape(values[-1])
    array = np.full((len(axis), *shape), np.nan, dtype)
    positions = {epoch: position for position, epoch in enumerate(axis)}
    for epoch, value in zip(epochs, values, strict=True):
        if epoch in positions and np.shape(value) == shape:
            array[positions[epoch]] = value
    return array


def _class_quantities(reports: Sequence[EvaluationReport]) -> tuple[str, ...]:
    return CLASS_QUANTITIES + (MULTILABEL_QUANTITIES if reports[-1].task == "multilabel" else ())


def _with_intervals(tables: Floats) -> Floats:
    """`reliability` tables with the ends of the interval of the accuracy: shape `(E, B, 5)` from `(E, B, 3)`."""
    counts = tables[..., 2]
    return np.concatenate([tables, wilson_interval(tables[..., 1] * counts, counts)], axis=-1)


def _reliability_of_counts(histogram: Integers) -> Floats:
    """A `reliability` table from counts alone: of a class the sums of the confidences in each bin are not kept."""
    num_bins = histogram.shape[1]
    centres = (np.arange(num_bins) + 0.5) / num_bins
    return reliability(histogram, centres * histogram.sum(axis=0))
