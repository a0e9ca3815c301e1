"""Reports for tests of alerts, from the numbers of each class; and rules, and what came of them, in short."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from xent_monitor.alerts import AlertEngine, AlertEvent, AlertRule, Evaluation, Observation
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import ClassStatistics

__all__ = [
    "BAD",
    "CLASSES",
    "GOOD",
    "diagnosed",
    "high",
    "made_report",
    "observe",
    "run",
    "series",
    "told",
    "trace",
]

CLASSES = ("cat", "dog", "owl")

#: Cross-entropies for which `high` holds, and for which it does not.
BAD, GOOD = 2.0, 0.5


def made_report(
    epoch: int = 0,
    *,
    nats: float | Sequence[float] = 0.5,
    right: float | Sequence[float] = 0.8,
    support: int | Sequence[int] = 100,
    spread: float = 0.0,
    split: Split = "validation",
    output: str = "",
    class_names: Sequence[str] = CLASSES,
    **numbers: Any,
) -> EvaluationReport:
    """A report whose classes have these numbers.

    Args:
        epoch: 0-based.
        nats: Cross-entropy of the examples of each class.
        right: Share of the examples of each class that are predicted rightly; all others as the class after it.
        support: Examples of each class.
        spread: Standard deviation of -ln p among the examples of one class.
        split: The pass.
        output: Name of the output.
        class_names: Names of the classes.
        **numbers: Further fields of the statistics or of the report.
    """
    size = len(class_names)
    counts = np.broadcast_to(np.asarray(support), size).astype(np.int64)
    means = np.broadcast_to(np.asarray(nats, float), size)
    correct = np.rint(np.broadcast_to(np.asarray(right), size) * counts).astype(np.int64)
    fields = {field.name for field in dataclasses.fields(ClassStatistics)}
    sums = dataclasses.replace(
        ClassStatistics.empty("multiclass", num_classes=size, num_bins=1),
        support=counts,
        correct=correct,
        predicted=correct + np.roll(counts - correct, 1),
        cross_entropy_sum=np.where(counts > 0, means * counts, 0.0),
        cross_entropy_square_sum=counts * np.square(means) + np.maximum(counts - 1, 0) * spread**2,
        **{"num_rows": int(counts.sum())} | {name: value for name, value in numbers.items() if name in fields},
    )
    others = {name: value for name, value in numbers.items() if name not in fields}
    return EvaluationReport(epoch, split, output, tuple(class_names), sums, **{"logged_loss": math.nan} | others)


def high(name: str = "high", **fields: Any) -> AlertRule:
    """A rule that holds where the cross-entropy is above 1."""
    return AlertRule(**{"name": name, "quantity": "cross_entropy", "above": 1.0} | fields)


def diagnosed(name: str, function: Callable[[Evaluation], Any], **fields: Any) -> AlertRule:
    """A rule with a diagnosis that says one thing of the whole output."""
    return AlertRule(name=name, diagnosis=lambda evaluation: [Observation(function(evaluation))], **fields)


def told(events: Iterable[AlertEvent]) -> list[tuple[int, str, str]]:
    """What happened, where and when, in short."""
    return [(event.epoch, event.rule, event.state) for event in events]


def run(rules: Iterable[AlertRule], epochs: Iterable[float | None], **fields: Any) -> list[AlertEvent]:
    """The events of a training: a cross-entropy for each epoch; None where nothing was evaluated."""
    engine = AlertEngine(rules)
    return [
        event
        for epoch, nats in enumerate(epochs)
        if nats is not None
        for event in engine.evaluate([made_report(epoch, nats=nats, **fields)])
    ]


def trace(engine: AlertEngine, key: tuple[str, str], epochs: Iterable[float | None]) -> str:
    """First letter of a state after each epoch; `.` where nothing was evaluated."""
    letters = ""
    for epoch, nats in enumerate(epochs):
        if nats is not None:
            engine.evaluate([made_report(epoch, nats=nats)])
        letters += engine.states()[key].name[0].lower() if nats is not None else "."
    return letters


def observe(reports: Sequence[EvaluationReport], **fields: Any) -> list[Observation]:
    """The observations of a rule with these fields, on the last of the reports."""
    rule = AlertRule(name="it", **fields)
    return list(rule.observe(Evaluation(reports[-1], earlier=tuple(reports[:-1]))))


def series(values: Iterable[float], **numbers: Any) -> list[EvaluationReport]:
    """Reports, an epoch each, with these cross-entropies and without noise."""
    return [made_report(epoch, nats=value, **numbers) for epoch, value in enumerate(values)]
