"""Use of the public surface, for mypy to judge; it is never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import xent_monitor
from xent_monitor import (
    ClassStatistics,
    EvaluationReport,
    EventFormatError,
    XentMonitor,
    XentMonitorError,
    functional,
    interpret,
    read_reports,
)
from xent_monitor.sinks import JsonLinesSink
from xent_monitor.testing import RecordingSink


def train(model: Any, x: Any, y: Any) -> str:
    """A monitored training, and its reading."""
    monitor = XentMonitor("logs/run1", class_names=["cat", "dog"])
    model.fit(x, y, callbacks=[monitor])
    assert_type(monitor.reports, list[EvaluationReport])
    return assert_type(interpret(monitor.reports[-1], monitor.reports[:-1]), str)


def all_arguments(folder: Path) -> list[XentMonitor]:
    """Every argument, in every form."""
    return [
        XentMonitor(),
        XentMonitor(None),
        XentMonitor(
            folder,
            class_names=("cat", "dog"),
            train=False,
            num_bins=10,
            from_logits=True,
            top_classes=5,
            confusion_limit=100,
            sinks=[JsonLinesSink("run.jsonl"), RecordingSink()],
            epoch_summary=True,
        ),
    ]


def predictions() -> EvaluationReport:
    """Predictions made elsewhere."""
    return assert_type(
        EvaluationReport.from_predictions([0, 1], probabilities=[[0.9, 0.1], [0.3, 0.7]], class_names=["cat", "dog"]),
        EvaluationReport,
    )


def look_back(log_dir: str) -> tuple[float, int]:
    """The last report of a log directory."""
    try:
        reports = assert_type(read_reports(log_dir), list[EvaluationReport])
    except EventFormatError as error:
        raise XentMonitorError("not a log directory") from error
    total = assert_type(reports[0].statistics + reports[-1].statistics, ClassStatistics)
    return assert_type(reports[-1].cross_entropy, float), total.num_classes


def modules() -> str:
    """The mathematics on tensors, and the version."""
    functional.cross_entropy([0], [[0.0, 0.0]], from_logits=True)
    return assert_type(xent_monitor.__version__, str)
