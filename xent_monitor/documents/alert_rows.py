"""The alerts of a run as rows: each time that one fired, and whether it still does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xent_monitor.interpretation.wording import class_name, one_line

__all__ = ["SEVERITIES", "AlertRow", "alert_rows", "state"]

#: The gravest first.
SEVERITIES = ("critical", "warning", "info")


class AlertRow(NamedTuple):
    """One time that an alert fired."""

    severity: str
    rule: str
    #: Split, output and class.
    where: str
    #: `since epoch 3`, or `epochs 3 to 7`.
    when: str
    #: Whether it was firing when the run ended.
    firing: bool
    message: str


def alert_rows(events: Sequence[Mapping[str, Any]]) -> tuple[AlertRow, ...]:
    """The rows: those that still fire first, of those the gravest.

    Args:
        events: What `AlertEvent.to_dict()` gives, oldest first.
    """
    open_rows: dict[tuple[Any, ...], AlertRow] = {}
    rows: list[AlertRow] = []
    for event in events:
        key = (event["rule"], event["split"], event["output"], event["class_name"])
        begun = open_rows.pop(key, None)
        if event["state"] == "firing":
            open_rows[key] = _row(event)
        elif begun is not None:
            first = begun.when.removeprefix("since epoch ")
            rows.append(begun._replace(when=f"epochs {first} to {event['epoch']}", firing=False))
    rows = [*open_rows.values(), *rows]
    return tuple(sorted(rows, key=lambda row: (not row.firing, _rank(row.severity))))


def state(rows: Sequence[AlertRow]) -> tuple[str, str]:
    """The gravest severity that still fires, `healthy` for none, and what to say of it.

    >>> state(())
    ('healthy', 'No alert firing')
    """
    firing = [row.severity for row in rows if row.firing]
    if not firing:
        return "healthy", "No alert firing"
    gravest = min(firing, key=_rank)
    return gravest, f"{len(firing)} {'alert' if len(firing) == 1 else 'alerts'} firing"


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _row(event: Mapping[str, Any]) -> AlertRow:
    where = [event["split"], event["output"] and f"output {one_line(event['output'])}"]
    if event["class_name"] is not None:
        where.append(f"class {class_name(event['class_name'])}")
    return AlertRow(
        event["severity"],
        one_line(event["rule"]),
        ", ".join(filter(None, where)),
        f"since epoch {event['epoch']}",
        True,
        one_line(event["message"]),
    )
