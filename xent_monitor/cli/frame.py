"""What `watch` shows of a run at one moment: as much as the lines of a terminal can hold."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from rich.console import RenderableType
from rich.text import Text

from xent_monitor.alerts import AlertEvent
from xent_monitor.alerts.episodes import Episode, episodes
from xent_monitor.cli.class_table import class_table
from xent_monitor.cli.key_numbers import KEY_NUMBERS, key_numbers, short
from xent_monitor.cli.log_directory import Log
from xent_monitor.cli.report import last_reports
from xent_monitor.cli.terminal import SEVERITY_STYLES, console, cut, width
from xent_monitor.interpretation.wording import count, one_line
from xent_monitor.report import EvaluationReport

__all__ = ["Options", "firing", "frame"]

#: Bars of the trends of the key numbers.
BARS = 24
#: Alerts that are named before the classes take the room.
NAMED_ALERTS = 4


@dataclasses.dataclass(frozen=True)
class Options:
    """What a frame is to show."""

    #: Lines that there is room for.
    lines: int
    #: Most classes of a table.
    top: int
    #: Only passes of this split; None for validation and test, or training where there is neither.
    split: str | None = None


def firing(alerts: Sequence[AlertEvent], split: str | None = None) -> list[Episode]:
    """The alerts that fire, the gravest and latest first; with `split` those of that split alone."""
    of_split = [event for event in alerts if split in (None, event.split)]
    return [alert for alert in episodes(of_split) if alert.resolved is None]


def frame(log: Log, options: Options, since: str = "", notes: Sequence[str] = ()) -> list[RenderableType]:
    """The last passes of a run and the alerts that fire.

    Args:
        log: The run.
        options: What to show.
        since: How long ago the files have changed; empty to leave it out.
        notes: What was not right when they were read, a sentence each.

    Returns:
        What to print, one below the other: no more lines than there is room for, where that is room for a few. Classes
        are the first to be left out, then all numbers but two of each output.
    """
    chosen = last_reports(log.reports, options.split)
    alerts = firing(log.alerts, options.split)
    top = [_title(log, chosen, since)]
    end = [line for note in notes for line in _note(note)]
    if not chosen:
        return [*top, Text(f"There is no {options.split} pass yet."), *end]
    # A blank line and a heading stand before the alerts.
    reserved = min(len(alerts), NAMED_ALERTS) + 2 if alerts else 0
    room = (options.lines - len(top) - len(end) - reserved) // len(chosen)
    blocks = [part for report in chosen for part in _block(report, log.reports, room, options.top)]
    left = options.lines - len(top) - len(end) - sum(map(_height, blocks)) - 2
    return [*top, *blocks, *_alerts(alerts, left), *end]


def _title(log: Log, chosen: Sequence[EvaluationReport], since: str) -> Text:
    """The name of the run, the epoch, and how old that is."""
    epoch = f"epoch {max(report.epoch for report in chosen)}" if chosen else ""
    text = ", ".join(filter(None, [epoch, since and f"last change {since}"]))
    name = cut(one_line(log.path.resolve().name), max(width() - len(text) - 2, 8))
    return Text(f"{name}  {text}".rstrip(), style="bold")


def _block(report: EvaluationReport, reports: Sequence[EvaluationReport], room: int, top: int) -> list[RenderableType]:
    """What is said of one output within so many lines."""
    output = f"output {one_line(report.output)}, " if report.output else ""
    if not report.num_examples:
        return [Text(cut(f"{output}{report.split}: no examples.", width()))]
    numbers = key_numbers(report, reports, BARS)
    shown: list[RenderableType] = [Text("")]
    shown += [Text(cut(f"{output}{report.split}", width()), style="bold")] if output else []
    left = room - len(shown) - _height(numbers)
    if left < 0:
        values = ", ".join(f"{number.title} {short(report, number)}" for number in KEY_NUMBERS[:2])
        return [Text(cut(f"{output}{report.split}: {values}", width()))]
    shown.append(numbers)
    # A blank line, the header with its rule, and two lines on what is left out.
    classes = min(top, left - 5, report.num_classes)
    return [*shown, Text(""), *class_table(report, reports, classes, hint=False)] if classes > 0 else shown


def _alerts(alerts: Sequence[Episode], room: int) -> list[RenderableType]:
    """The alerts that fire, a line each, as many as there is room for."""
    if not alerts or room < 1:
        return []
    named = len(alerts) if len(alerts) <= room else room - 1
    lines: list[RenderableType] = [Text(""), Text(f"{count(len(alerts), 'alert fires', 'alerts fire')}:", style="bold")]
    for alert in alerts[:named]:
        event = alert.fired
        about = f"{one_line(event.rule)}, {alert.subject}, {alert.epochs}"
        lines.append(
            Text.assemble((f"{event.severity:<8}", SEVERITY_STYLES[event.severity]), "  ", cut(about, width() - 10))
        )
    return [*lines, Text(f"... and {len(alerts) - named} more")] if named < len(alerts) else lines


def _note(text: str) -> list[Text]:
    """A sentence on one or two lines, with its end, which says why, after a path however long."""
    line = one_line(text)
    lines = textwrap.wrap(line, width(), break_on_hyphens=False, break_long_words=False)
    if len(lines) > 2 or max(map(cell_len, lines), default=0) > width():
        lines = chop_cells(cut(line, 2 * width() - 1), width())
    return [Text(part, style="yellow") for part in lines]


def _height(renderable: RenderableType) -> int:
    """Lines that it takes."""
    return len(console().render_lines(renderable, pad=False))
