"""The classes of a pass, and what is mistaken for what, as the cells of tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from xent_monitor.documents.numbers import share, whole
from xent_monitor.interpretation.wording import decimal
from xent_monitor.plots.picture import short_name
from xent_monitor.plots.series import decisions
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["Cell", "ClassTable", "MistakeRow", "class_table", "mistake_rows"]

#: Letters of a name in the table of classes, and in that of mistakes, where there are two beside each other.
NAME_LENGTH, PAIR_LENGTH = 36, 24


class Cell(NamedTuple):
    """What a table says, and the number to sort it by; NaN where it is undefined."""

    text: str
    value: float


class ClassTable(NamedTuple):
    """Classes, those with the highest cross-entropy first, those without examples last."""

    #: Of the column of names, and of the columns of numbers.
    header: tuple[str, ...]
    #: Name, and cells.
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    #: Classes that have no row.
    left_out: int


class MistakeRow(NamedTuple):
    """A mistake: one class taken for another; multi-label, a label that is missed or named falsely."""

    first: str
    second: str
    examples: str
    share: str


def class_table(report: EvaluationReport, train: EvaluationReport | None, most: int) -> ClassTable:
    """The table of classes, or labels.

    Args:
        report: The pass.
        train: The training pass of its epoch, where that is another; None for none.
        most: Rows at most.
    """
    labels = report.task == "multilabel"
    columns = _columns(report, train)
    rows = tuple(
        (
            short_name(report.class_names[k], NAME_LENGTH),
            tuple(Cell(form(float(values[k])), float(values[k])) for _, values, form in columns),
        )
        for k in report.worst_classes(most)
    )
    header = ("label" if labels else "class", *(name for name, _, _ in columns))
    return ClassTable(header, rows, report.num_classes - len(rows))


def _columns(
    report: EvaluationReport, train: EvaluationReport | None
) -> list[tuple[str, Floats | Integers, Callable[[float], str]]]:
    """Header, value of each class, and how it is written."""
    labels = report.task == "multilabel"
    columns: list[tuple[str, Floats | Integers, Callable[[float], str]]] = [
        ("nats", report.class_cross_entropy, _nats),
        ("±", report.class_standard_error, _nats),
        ("of loss", report.class_cross_entropy_share, share),
    ]
    if train is not None and train.class_names == report.class_names:
        columns.append(("train", train.class_cross_entropy, _nats))
    columns.append(("accuracy", report.class_accuracy, share))
    columns.append(("precision", report.class_precision, share))
    if labels:
        columns.append(("recall", report.class_recall, share))
    columns.append(("confidence", report.class_confidence, share))
    columns.append(("positives" if labels else "examples", report.support, whole))
    return columns


def _nats(value: float) -> str:
    """A cross-entropy in a column, where decimals stand below each other."""
    return decimal(value, 1 if abs(value) >= 9.95 else 3)


def mistake_rows(report: EvaluationReport, most: int) -> tuple[tuple[str, ...], tuple[MistakeRow, ...]]:
    """The header and the rows of the worst mistakes; no rows where there are none, or they are not known."""
    if report.task == "multilabel":
        return ("label", "mistake", "examples", "share"), _label_mistakes(report, most)
    about = "" if report.confusion is not None else "about "
    rows = tuple(
        MistakeRow(
            short_name(report.class_names[pair.true_class], PAIR_LENGTH),
            short_name(report.class_names[pair.predicted_class], PAIR_LENGTH),
            f"{about}{whole(pair.count)}",
            share(pair.count / max(1, int(report.support[pair.true_class]))),
        )
        for pair in report.worst_confusions(most)
    )
    return ("true class", "taken for", decisions(report), "of the class"), rows


def _label_mistakes(report: EvaluationReport, most: int) -> tuple[MistakeRow, ...]:
    sums = report.statistics
    missed, false = report.support - sums.true_positives, report.predicted - sums.true_positives
    found = [
        (int(counts[k]), k, what, int(of_all[k]))
        for what, counts, of_all in (("missed", missed, report.support), ("named falsely", false, report.predicted))
        for k in np.argsort(-counts, kind="stable")[:most]
        if counts[k]
    ]
    found.sort(key=lambda one: (-one[0], one[1]))
    return tuple(
        MistakeRow(short_name(report.class_names[k], PAIR_LENGTH), what, whole(count), share(count / all_of_it))
        for count, k, what, all_of_it in found[:most]
    )
