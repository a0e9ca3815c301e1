"""From transitions to episodes: each time that an alert was firing, from its beginning to its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.fields import SEVERITIES
from xent_monitor.interpretation.wording import class_name, one_line

__all__ = ["Episode", "episodes", "grouped", "severity_rank"]


@dataclasses.dataclass(frozen=True)
class Episode:
    """An alert from when it began to fire until it was resolved, if it was."""

    #: How it began; of one whose beginning is not known, how it ended.
    fired: AlertEvent
    #: How it ended; None while it fires.
    resolved: AlertEvent | None = None

    @property
    def is_firing(self) -> bool:
        """Whether it has not ended."""
        return self.resolved is None

    @property
    def rule(self) -> str:
        """The rule, on one line."""
        return one_line(self.fired.rule)

    @property
    def severity(self) -> str:
        """`"info"`, `"warning"` or `"critical"`."""
        return self.fired.severity

    @property
    def message(self) -> str:
        """What is known last, on one line."""
        return one_line((self.resolved or self.fired).message)

    @property
    def epochs(self) -> str:
        """`since epoch 3`, `epochs 3 to 5`."""
        if self.resolved is None:
            return f"since epoch {self.fired.epoch}"
        return f"epochs {self.fired.epoch} to {self.resolved.epoch}"

    @property
    def subject(self) -> str:
        """What it is about, beside its rule: `validation of kind, class cat`."""
        event = self.fired
        parts = [f"{event.split} of {one_line(event.output)}" if event.output else event.split]
        parts += [] if event.class_name is None else [f"class {class_name(event.class_name)}"]
        return ", ".join(parts)


def severity_rank(severity: str) -> int:
    """Place of a severity, the gravest first."""
    return len(SEVERITIES) - 1 - SEVERITIES.index(severity)


def episodes(events: Iterable[AlertEvent]) -> list[Episode]:
    """Transitions put together: what fires first, then what is resolved; each with the gravest and latest first.

    Args:
        events: As `read_alerts` gives them.

    Example:
        >>> told = {"rule": "high", "severity": "warning", "split": "validation", "output": "", "class_name": None}
        >>> told |= {"value": 2.0, "threshold": 1.0, "message": "Too high."}
        >>> events = [AlertEvent(state="firing", epoch=3, **told), AlertEvent(state="resolved", epoch=5, **told)]
        >>> [(one.rule, one.epochs) for one in episodes(events)]
        [('high', 'epochs 3 to 5')]
    """
    open_episodes: dict[tuple[str, str, str, str | None], Episode] = {}
    closed: list[Episode] = []
    for event in events:
        key = (event.rule, event.split, event.output, event.class_name)
        if event.state == "firing":
            open_episodes[key] = Episode(event)
        else:
            begun = open_episodes.pop(key, Episode(event))
            closed.append(dataclasses.replace(begun, resolved=event))
    return [*sorted(open_episodes.values(), key=_order), *sorted(closed, key=_order)]


def _order(episode: Episode) -> tuple[int, int]:
    return severity_rank(episode.severity), -(episode.resolved or episode.fired).epoch


def grouped(found: Iterable[Episode]) -> list[list[Episode]]:
    """Those of one rule, split and output together, and what fires apart from what is resolved; in their order."""
    groups: dict[tuple[bool, str, str, str], list[Episode]] = {}
    for episode in found:
        event = episode.fired
        groups.setdefault((episode.is_firing, event.rule, event.split, event.output), []).append(episode)
    return list(groups.values())
