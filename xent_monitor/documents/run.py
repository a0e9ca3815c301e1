"""`Run`: what a document is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from xent_monitor.report import EvaluationReport

__all__ = ["Run"]


@dataclasses.dataclass(frozen=True)
class Run:
    """A training, as it was recorded."""

    #: Title of the document: the name of the run.
    title: str
    #: All reports of a log directory, oldest first.
    reports: Sequence[EvaluationReport]
    #: What happened to the alerts, as `AlertEvent.to_dict()` gives it, oldest first.
    alerts: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "reports", tuple(self.reports))
        object.__setattr__(self, "alerts", tuple(self.alerts))
