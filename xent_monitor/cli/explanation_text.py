"""What `explain` prints in both of its forms, from numbers and from predictions, and its exit code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from xent_monitor.alerts.explanation import Cause, Explanation
from xent_monitor.cli.exits import CLEAN, FOUND
from xent_monitor.cli.terminal import SEVERITY_STYLES, heading, indented, paragraph
from xent_monitor.interpretation.wording import exact_nats

__all__ = ["cause_lines", "exit_code", "hanging", "scale_lines", "single_cause"]


def exit_code(explanation: Explanation) -> int:
    """Whether a fault is likely, as the code of the command."""
    faults = [cause for cause in explanation.causes if cause.certainty != "possible" and cause.severity != "info"]
    return FOUND if faults else CLEAN


def scale_lines(explanation: Explanation) -> Iterator[RenderableType]:
    """The yardsticks and the model, one a line, the lowest first; the model is marked."""
    for one in explanation.yardsticks:
        this = one.name == "this"
        first = f"{'>' if this else ' '} {exact_nats(one.nats):>8}  "
        yield hanging(first, one.meaning, style="bold" if this else "")


def cause_lines(explanation: Explanation, *, decided_by: bool = True) -> Iterator[RenderableType]:
    """The causes under a heading, with what would decide them or without; nothing where there are none."""
    if explanation.causes:
        yield from ("", heading("What may be wrong, the likeliest first", "-"))
    for number, cause in enumerate(explanation.causes, 1):
        yield from _cause(number, cause if decided_by else dataclasses.replace(cause, decided_by=None))


def single_cause(cause: Cause) -> Iterator[RenderableType]:
    """A cause that leaves nothing else to be said."""
    title = paragraph(f"{cause.rule} ({cause.certainty}, {cause.severity}): {cause.meaning}.")
    title.stylize(SEVERITY_STYLES[cause.severity], 0, len(cause.rule))
    yield from (title, hanging("Seen: ", f"{cause.evidence}."), hanging("Try:  ", f"{cause.remedy}."))


def _cause(number: int, cause: Cause) -> Iterator[RenderableType]:
    label = f"{number}. {cause.rule}"
    title = hanging(f"{number}. ", f"{cause.rule} ({cause.certainty}, {cause.severity}): {cause.meaning}.")
    title.stylize(SEVERITY_STYLES[cause.severity], 0, len(label))
    yield title
    yield hanging("   Seen:    ", f"{cause.evidence}.")
    yield hanging("   Try:     ", f"{cause.remedy}.")
    if cause.decided_by:
        end = "" if cause.decided_by.endswith("?") else "."
        yield hanging("   Decides: ", f"{cause.decided_by}{end}")


def hanging(first: str, text: str, style: str = "") -> Text:
    """Wrapped text behind `first`, and indented by as much."""
    lines = indented(text, len(first), len(first)).plain
    return Text(first + lines[len(first) :], style=style)
