"""The alerts of a run: what fires now, then what is resolved."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from xent_monitor.alerts import SEVERITIES, AlertEvent
from xent_monitor.cli.terminal import SEVERITY_STYLES, heading, indented
from xent_monitor.interpretation.wording import class_name, one_line

__all__ = ["Alert", "alert_list", "alerts_of", "severity_rank"]

#: Alerts of one rule that are named beside the one whose message is shown.
NAMED = 10


@dataclasses.dataclass(frozen=True)
class Alert:
    """An alert from when it began to fire until it was resolved, if it was."""

    #: How it began; of one whose beginning is not known, how it ended.
    fired: AlertEvent
    #: How it ended; None while it fires.
    resolved: AlertEvent | None = None

    @property
    def message(self) -> str:
        """What is known last."""
        return (self.resolved or self.fired).message

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


def alerts_of(events: Iterable[AlertEvent]) -> list[Alert]:
    """Transitions put together: what fires first, then what is resolved; each with the gravest and latest first.

    Args:
        events: As `read_alerts` gives them.
    """
    open_alerts: dict[tuple[str, str, str, str | None], Alert] = {}
    closed: list[Alert] = []
    for event in events:
        key = (event.rule, event.split, event.output, event.class_name)
        if event.state == "firing":
            open_alerts[key] = Alert(event)
        else:
            begun = open_alerts.pop(key, Alert(event))
            closed.append(dataclasses.replace(begun, resolved=event))
    return [*sorted(open_alerts.values(), key=_order), *sorted(closed, key=_order)]


def _order(alert: Alert) -> tuple[int, int]:
    return severity_rank(alert.fired.severity), -(alert.resolved or alert.fired).epoch


def alert_list(alerts: Sequence[Alert]) -> list[RenderableType]:
    """A section with every alert: those of one rule together, with the message of the latest.

    Args:
        alerts: As `alerts_of` gives them.

    Returns:
        What to print, one below the other; nothing where there are none.
    """
    if not alerts:
        return []
    firing = sum(alert.resolved is None for alert in alerts)
    groups: dict[tuple[bool, str, str, str], list[Alert]] = {}
    for alert in alerts:
        event = alert.fired
        groups.setdefault((alert.resolved is not None, event.rule, event.split, event.output), []).append(alert)
    title = f"Alerts: {firing} firing, {len(alerts) - firing} resolved"
    lines: list[RenderableType] = [heading(title, "-")]
    for group in groups.values():
        lines += ["", *_group(group)]
    return lines


def _group(group: Sequence[Alert]) -> list[RenderableType]:
    """The alerts of one rule on one output."""
    first, *others = group
    event = first.fired
    state = "" if first.resolved is None else ", resolved"
    style = SEVERITY_STYLES[event.severity] if first.resolved is None else "dim"
    severity = f"{event.severity}{state}"
    title = indented(f"{severity}: {one_line(event.rule)}, {first.subject}, {first.epochs}", 0, 2)
    title.stylize(style, 0, len(severity))
    lines: list[RenderableType] = [title, indented(one_line(first.message), 2, 2)]
    if others:
        names = [_named(other) for other in others]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        what = "the same before" if event.class_name is None else "other classes"
        lines.append(indented(f"{what}: {', '.join(names[:NAMED])}{more}", 2, 2))
    return lines


def _named(alert: Alert) -> str:
    """Its class and epochs, in a list."""
    name = alert.fired.class_name
    return alert.epochs if name is None else f"{class_name(name)} ({alert.epochs})"
