"""What is taken for what: the worst pairs of an epoch with their history, and one pair over the epochs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from xent_monitor.confusion import Confusion, pair_counts, worst_confusions
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers
from xent_monitor.tensorboard.provided import Stack
from xent_monitor.tensorboard.tables import on_axis
from xent_monitor.tensorboard.tensors import Array

__all__ = ["PAIR_LIMIT", "Mistakes"]

#: Most pairs that are listed.
PAIR_LIMIT = 12


@dataclasses.dataclass(frozen=True)
class Mistakes:
    """The confusions of one split over the epochs."""

    #: Epochs of all splits.
    axis: Sequence[int]
    #: Outlines of the reports of the split, oldest first.
    reports: Sequence[EvaluationReport]
    #: `ClassStatistics.confusion` by epoch, or None where it was not kept.
    matrices: Stack | None
    #: `ClassStatistics.confusion_sketch` by epoch, or None where it was not kept.
    sketches: Stack | None

    def kept(self, reports: Sequence[EvaluationReport]) -> Sequence[EvaluationReport]:
        """Those of some reports whose confusions are there; all, if none are."""
        epochs = {epoch for stack in (self.matrices, self.sketches) if stack is not None for epoch in stack.epochs}
        return [report for report in reports if report.epoch in epochs] or reports

    def of_epoch(self, report: EvaluationReport, class_index: int | None) -> tuple[dict[str, Any], dict[str, Array]]:
        """Header and arrays of the answer about the epoch of a report.

        Args:
            report: Outline of the report.
            class_index: Only pairs that this class is part of, or None for all.
        """
        matrix = _at(self.matrices, report.epoch)
        sketch = _at(self.sketches, report.epoch) if matrix is None else None
        pairs = _worst(matrix, sketch, report.num_classes, class_index)
        true = np.array([pair.true_class for pair in pairs], np.int64)
        predicted = np.array([pair.predicted_class for pair in pairs], np.int64)
        header = {
            "epoch": report.epoch,
            "exact": sketch is None,
            "mistakes": int(report.statistics.num_decisions - report.statistics.correct.sum()),
            "pairs": [
                self._named(pair.true_class, pair.predicted_class)
                | {"count": pair.count, "support": int(report.support[pair.true_class])}
                for pair in pairs
            ],
        }
        arrays: dict[str, Array] = {} if matrix is None else {"matrix": matrix}
        arrays |= {"history": self._counts(true, predicted).T, "support": self._support(true).T}
        return header, arrays

    def of_pair(self, true: int, predicted: int) -> dict[str, Any]:
        """The answer about one pair; where the classes are the same, how often it was right."""
        if true == predicted and self.reports[-1].task != "multilabel":
            right = [report.statistics.correct[[true]] for report in self.reports]
            counts = on_axis(self.axis, self._epochs, right)
        else:
            counts = self._counts(np.array([true]), np.array([predicted]))
        return self._named(true, predicted) | {
            "exact": self.matrices is not None or true == predicted,
            "epochs": list(self.axis),
            "counts": _whole_numbers(counts[:, 0]),
            "support": _whole_numbers(self._support(np.array([true]))[:, 0]),
        }

    def _counts(self, true: Integers, predicted: Integers) -> Floats:
        """How often pairs occurred; NaN where it is not known. Shape `(len(axis), num_pairs)`."""
        counts = np.full((len(self.axis), len(true)), np.nan)
        if self.sketches is not None:
            found = pair_counts(true, predicted, None, self.sketches.values)
            counts = on_axis(self.axis, self.sketches.epochs, found)
        if self.matrices is not None:
            found = pair_counts(true, predicted, self.matrices.values, None)
            exact = on_axis(self.axis, self.matrices.epochs, found)
            counts = np.where(np.isnan(exact), counts, exact)
        return counts

    def _support(self, true: Integers) -> Floats:
        """Examples of the true classes. Shape `(len(axis), num_pairs)`."""
        return on_axis(self.axis, self._epochs, [report.support[true] for report in self.reports])

    @property
    def _epochs(self) -> list[int]:
        return [report.epoch for report in self.reports]

    def _named(self, true: int, predicted: int) -> dict[str, Any]:
        names = self.reports[-1].class_names
        return {
            "true": true,
            "predicted": predicted,
            "true_name": names[true],
            "predicted_name": names[predicted],
        }


def _at(stack: Stack | None, epoch: int) -> Integers | None:
    value = None if stack is None else stack.at(epoch)
    return None if value is None else value.astype(np.int64)


def _worst(
    matrix: Integers | None, sketch: Integers | None, num_classes: int, class_index: int | None
) -> Sequence[Confusion]:
    """The most frequent pairs, with an index only those that the class is part of."""
    if class_index is None:
        return worst_confusions(matrix, sketch, num_classes, PAIR_LIMIT)
    if matrix is not None:
        of_class = np.zeros_like(matrix)
        of_class[class_index], of_class[:, class_index] = matrix[class_index], matrix[:, class_index]
        return worst_confusions(of_class, None, num_classes, PAIR_LIMIT)
    every = worst_confusions(None, sketch, num_classes, 0 if sketch is None else sketch.size)
    return [pair for pair in every if class_index in (pair.true_class, pair.predicted_class)][:PAIR_LIMIT]


def _whole_numbers(values: Floats) -> list[int | None]:
    return [None if np.isnan(value) else int(value) for value in values]
