"""The alerts of a run: what fires now, then what is resolved."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from xent_monitor.alerts.episodes import Episode, grouped
from xent_monitor.cli.terminal import SEVERITY_STYLES, heading, indented
from xent_monitor.interpretation.wording import class_name

__all__ = ["alert_list"]

#: Alerts of one rule that are named beside the one whose message is shown.
NAMED = 10


def alert_list(alerts: Sequence[Episode]) -> list[RenderableType]:
    """A section with every alert: those of one rule together, with the message of the latest.

    Args:
        alerts: As `episodes` gives them.

    Returns:
        What to print, one below the other; nothing where there are none.
    """
    if not alerts:
        return []
    firing = sum(alert.is_firing for alert in alerts)
    title = f"Alerts: {firing} firing, {len(alerts) - firing} resolved"
    lines: list[RenderableType] = [heading(title, "-")]
    for group in grouped(alerts):
        lines += ["", *_group(group)]
    return lines


def _group(group: Sequence[Episode]) -> list[RenderableType]:
    """The alerts of one rule on one output."""
    first, *others = group
    event = first.fired
    state = "" if first.resolved is None else ", resolved"
    style = SEVERITY_STYLES[event.severity] if first.resolved is None else "dim"
    severity = f"{event.severity}{state}"
    title = indented(f"{severity}: {first.rule}, {first.subject}, {first.epochs}", 0, 2)
    title.stylize(style, 0, len(severity))
    lines: list[RenderableType] = [title, indented(first.message, 2, 2)]
    if others:
        names = [_named(other) for other in others]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        what = "the same before" if event.class_name is None else "other classes"
        lines.append(indented(f"{what}: {', '.join(names[:NAMED])}{more}", 2, 2))
    return lines


def _named(alert: Episode) -> str:
    """Its class and epochs, in a list."""
    name = alert.fired.class_name
    return alert.epochs if name is None else f"{class_name(name)} ({alert.epochs})"
