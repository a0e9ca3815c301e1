"""For tests of your own: a sink that keeps what a monitor tells.

>>> from xent_monitor.testing import RecordingSink
>>> sink = RecordingSink()                      # XentMonitor(None, sinks=[sink])
>>> sink.reports, sink.readings, sink.events, sink.times_closed
([], [], [], 0)
"""

from __future__ import annotations

from collections.abc import Sequence

from xent_monitor.alerts.event import AlertEvent
from xent_monitor.report import EvaluationReport

__all__ = ["RecordingSink"]


class RecordingSink:
    """A sink that keeps everything in lists, for tests of what a training gives.

    Example:
        ```python
        sink = RecordingSink()
        model.fit(x, y, validation_data=(xv, yv), callbacks=[XentMonitor(None, sinks=[sink])])
        assert sink.reports[-1].accuracy > 0.9
        assert [event.rule for event in sink.events] == []
        ```
    """

    def __init__(self) -> None:
        #: The reports, oldest first; training before validation.
        self.reports: list[EvaluationReport] = []
        #: What each of them says, in plain words.
        self.readings: list[str] = []
        #: The alerts that began to fire or were resolved, oldest first.
        self.events: list[AlertEvent] = []
        #: How many trainings and evaluations have ended.
        self.times_closed = 0

    def write_report(self, report: EvaluationReport, reading: str) -> None:
        """Keep a report, and what it says."""
        self.reports.append(report)
        self.readings.append(reading)

    def write_alerts(self, events: Sequence[AlertEvent]) -> None:
        """Keep alerts."""
        self.events += events

    def close(self) -> None:
        """Count the end of a training or evaluation."""
        self.times_closed += 1
