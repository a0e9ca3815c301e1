"""`Run`: what a document is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from xent_monitor.report import EvaluationReport

__all__ = ["AlertEpisode", "Run"]


class AlertEpisode(Protocol):
    """One time that an alert fired, as `xent_monitor.alerts.Episode` has it: plain text, each on one line."""

    @property
    def severity(self) -> str:
        """`"info"`, `"warning"` or `"critical"`."""

    @property
    def rule(self) -> str:
        """Name of the rule."""

    @property
    def subject(self) -> str:
        """Split, output and class."""

    @property
    def epochs(self) -> str:
        """From when to when."""

    @property
    def is_firing(self) -> bool:
        """Whether it was firing when the run ended."""

    @property
    def message(self) -> str:
        """What was seen, what it means, what to try."""


@dataclasses.dataclass(frozen=True)
class Run:
    """A training, as it was recorded."""

    #: Title of the document: the name of the run.
    title: str
    #: All reports of a log directory, oldest first.
    reports: Sequence[EvaluationReport]
    #: Its alerts in the order of `xent_monitor.alerts.episodes`: what fires first, the gravest first.
    alerts: Sequence[AlertEpisode] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "reports", tuple(self.reports))
        object.__setattr__(self, "alerts", tuple(self.alerts))

    @property
    def standing(self) -> tuple[str, str]:
        """The gravest severity that still fires, `healthy` for none, and what to say of it.

        >>> Run("x", []).standing
        ('healthy', 'No alert firing')
        """
        firing = [alert for alert in self.alerts if alert.is_firing]
        if not firing:
            return "healthy", "No alert firing"
        return firing[0].severity, f"{len(firing)} {'alert' if len(firing) == 1 else 'alerts'} firing"
