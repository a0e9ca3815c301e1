"""What a monitor prints during a training: a line for each epoch, and the reading at the end."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence

from xent_monitor.alerts.desk import LOGGED_EACH
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.interpretation import summarize
from xent_monitor.interpretation.epoch_line import epoch_line
from xent_monitor.interpretation.wording import count
from xent_monitor.report import EvaluationReport

__all__ = ["EpochLines", "final_lines", "print_wrapped"]

#: Columns of a line where it is not known how wide it may be, as in a file or a notebook.
WIDTH = 100
#: Widths of a terminal beyond which lines are not made to fit.
NARROW, WIDE = 40, 120


class EpochLines:
    """Lines on the epoch that has ended, kept until Keras' progress bar has ended its own.

    Callbacks of the user hear of the end of an epoch before the progress bar does, and of the beginning of the next one
    before it too: that is the time to print.

    Args:
        wanted: Whether there are to be any.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._lines: list[str] = []

    def keep(
        self, reports: Sequence[EvaluationReport], run: Sequence[EvaluationReport], firing: Sequence[AlertEvent]
    ) -> None:
        """Write the lines on an epoch: one for each output, on its validation pass where it has one.

        Args:
            reports: The reports of the epoch.
            run: The reports of the training so far.
            firing: The alerts that are firing.
        """
        if not self._wanted:
            return
        width = _terminal_width() or WIDTH
        for output in dict.fromkeys(report.output for report in reports):
            report = max(
                (one for one in reports if one.output == output), key=lambda report: report.split == "validation"
            )
            before = [
                one
                for one in run
                if (one.split, one.output) == (report.split, output) and one.epoch < report.epoch and one.num_examples
            ]
            previous = max(before, key=lambda one: one.epoch, default=None)
            rules = [event.rule for event in firing if event.output == output]
            self._lines.append(epoch_line(report, previous, rules, width=width))

    def print(self) -> None:
        """Print what is kept."""
        lines, self._lines = self._lines, []
        for line in lines:
            print(line)

    def drop(self) -> None:
        """Forget what is kept."""
        self._lines = []


def final_lines(run: Sequence[EvaluationReport], first_epoch: int, firing: Sequence[AlertEvent]) -> list[str]:
    """What is said when a training is over: the reading of each output, and the alerts that are firing.

    Args:
        run: The reports of the training, those of before it was interrupted included.
        first_epoch: The first epoch of this fit.
        firing: The alerts that are firing; of many classes of one rule only the first are said.
    """
    told = [report for report in run if report.epoch >= first_epoch]
    lines = []
    for output in dict.fromkeys(report.output for report in told):
        last = max(
            (report for report in told if report.output == output),
            key=lambda report: (report.epoch, report.split == "validation"),
        )
        lines += summarize(last, [report for report in run if report is not last]).splitlines()
    if not told:
        return []
    for rule in dict.fromkeys(event.rule for event in firing):
        events = [event for event in firing if event.rule == rule]
        lines += map(str, events[:LOGGED_EACH])
        if len(events) > LOGGED_EACH:
            more = count(len(events) - LOGGED_EACH, "class", "classes")
            lines.append(f"[{events[0].severity}] {rule} is firing for {more} more")
    return lines


def print_wrapped(lines: Sequence[str]) -> None:
    """Print lines: wrapped between words where the standard output is a terminal, as they are elsewhere."""
    width = _terminal_width()
    for line in lines:
        wrapped = [line]
        if width is not None:
            # A percent sign stays with its number.
            wrapped = textwrap.wrap(
                line.replace(" %", "\N{NO-BREAK SPACE}%"),
                width,
                subsequent_indent="  ",
                break_on_hyphens=False,
            )
        print(*(part.replace("\N{NO-BREAK SPACE}", " ") for part in wrapped), sep="\n")


def _terminal_width() -> int | None:
    """Columns of the terminal that is printed to; None where it is none."""
    if not sys.stdout.isatty():
        return None
    return min(max(shutil.get_terminal_size().columns, NARROW), WIDE)
