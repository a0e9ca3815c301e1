"""`xent-monitor watch`: a running training in the terminal, read from the files that it writes."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.live import Live

from xent_monitor.alerts import SEVERITIES, AlertEvent
from xent_monitor.alerts.episodes import severity_rank
from xent_monitor.cli.exits import CLEAN, FOUND, UNUSABLE
from xent_monitor.cli.frame import Options, firing, frame
from xent_monitor.cli.key_numbers import KEY_NUMBERS, change, past_passes, short, training_of
from xent_monitor.cli.log_directory import Log, LogReader, Stamp, run_path
from xent_monitor.cli.report import last_reports, positive
from xent_monitor.cli.terminal import WIDE, complain, console, paragraph, show
from xent_monitor.errors import EventFormatError
from xent_monitor.interpretation.wording import one_line
from xent_monitor.report import SPLITS, EvaluationReport

__all__ = ["Follower", "add_watch", "ago"]

EPILOG = """\
In a terminal it shows one screen that is brought up to date: the last epoch,
its numbers, the classes that carry most of the loss, and the alerts that fire.
Into a file or a pipe it writes a line for each epoch. Ctrl-C ends it.

examples:
  xent-monitor watch logs/run1
  xent-monitor watch logs --run run1 --top 20
  xent-monitor watch logs/run1 --once
  xent-monitor watch logs/run1 --json | jq '.quantities.skill'
  xent-monitor watch logs/run1 --until-alert critical; [ $? -eq 1 ] && kill $PID
"""

#: Classes of a frame, where the terminal has room for so many.
TOP_CLASSES = 10
#: Lines of a frame that is not for a terminal.
LINES = 60
#: Shortest and longest time between two looks at the files, seconds.
SHORTEST, LONGEST = 0.05, 86400.0

#: Passes that were told, by split, output and epoch.
Told = dict[tuple[str, str, int], EvaluationReport]


def add_watch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "watch",
        help="follow a running training in the terminal",
        description="Follows a training while it runs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("log_dir", metavar="LOG_DIR", help="the `log_dir` of the monitor; it need not be there yet")
    parser.add_argument("--run", metavar="SUBDIR", dest="subdirectory", help="the run in this directory below LOG_DIR")
    parser.add_argument("--split", choices=SPLITS, help="only the passes of this split")
    parser.add_argument(
        "--top", type=positive, metavar="N", default=TOP_CLASSES, help=f"at most N classes (default: {TOP_CLASSES})"
    )
    parser.add_argument(
        "--interval", type=_seconds, metavar="S", default=2.0, help="seconds between looks at the files (default: 2)"
    )
    parser.add_argument("--once", action="store_true", help="show what there is now, and end")
    parser.add_argument(
        "--until-alert",
        choices=SEVERITIES,
        metavar="SEVERITY",
        help=f"end with code 1 when an alert of this severity or a graver one fires ({', '.join(SEVERITIES)})",
    )
    parser.add_argument("--json", action="store_true", help="a line of JSON for each pass, with all its quantities")
    parser.set_defaults(run=_watch)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not SHORTEST <= seconds <= LONGEST:
        raise argparse.ArgumentTypeError(f"must be seconds from {SHORTEST} to {LONGEST:.0f}. Received: {text!r}.")
    return seconds


def _watch(arguments: argparse.Namespace) -> int:
    follower = Follower(Path(arguments.log_dir), arguments.subdirectory)
    if arguments.once:
        return _once(follower, arguments)
    try:
        if arguments.json or not sys.stdout.isatty() or console().is_dumb_terminal:
            return _lines(follower, arguments)
        return _screen(follower, arguments)
    except KeyboardInterrupt:
        return CLEAN


class Follower:
    """A run as it is now, read again only where its files have changed.

    Args:
        log_dir: As for `run_path`; it need not be there yet.
        run: As for `run_path`.
    """

    def __init__(self, log_dir: Path, run: str | None = None) -> None:
        self._log_dir = log_dir
        self._run = run
        self._reader: LogReader | None = None
        self._stamp: Stamp = ()
        #: What was read last; None while there was nothing.
        self.log: Log | None = None
        #: Why there is nothing, or nothing newer; empty where all is well.
        self.problem = ""
        #: Whether the files have changed since the first look: what they held then may be of a run that is over.
        self.has_moved = False
        #: What was told of alerts since the look before, also of such as are resolved again.
        self.fresh: tuple[AlertEvent, ...] = ()
        self._has_looked = False

    def look(self) -> bool:
        """Look at the files, and say whether there is news: something was read, or another problem came up."""
        has_looked, self._has_looked = self._has_looked, True
        try:
            if self._reader is None or self.log is None:
                # Until the first report it is open which directory below will hold the run.
                path = run_path(self._log_dir, self._run)
                if self._reader is None or path != self._reader.path:
                    self._reader, self._stamp = LogReader(path), ()
            stamp = self._reader.stamp()
            if stamp and stamp == self._stamp:
                return False
            log = self._reader.read()
        except (OSError, EventFormatError) as error:
            # Not there yet, deleted, or damaged: what was there is shown until there is something else.
            before, self.problem = self.problem, str(error)
            return before != self.problem
        known = set() if self.log is None else {_identity(event) for event in self.log.alerts}
        self.fresh = tuple(event for event in log.alerts if _identity(event) not in known)
        self.has_moved = has_looked
        self._stamp, self.log, self.problem = stamp, log, ""
        return True

    def seconds_since_change(self) -> float | None:
        """Age of the youngest file; None where there is none."""
        latest = max((entry[-1] / 1e9 for entry in self._stamp), default=None)
        return None if latest is None else max(time.time() - latest, 0.0)


def _identity(event: AlertEvent) -> tuple[object, ...]:
    return (event.rule, event.state, event.epoch, event.split, event.output, event.class_name)


def _is_grave(follower: Follower, arguments: argparse.Namespace) -> bool:
    """Whether an alert fires, or has fired since the look before, that ends the watch."""
    if arguments.until_alert is None or follower.log is None or not (follower.has_moved or arguments.once):
        return False
    limit = severity_rank(arguments.until_alert)
    told = [alert.fired for alert in firing(follower.log.alerts, arguments.split)]
    if follower.has_moved:
        told += [event for event in follower.fresh if event.state == "firing"]
    of_split = [event for event in told if arguments.split in (None, event.split)]
    return any(severity_rank(event.severity) <= limit for event in of_split)


# Once


def _once(follower: Follower, arguments: argparse.Namespace) -> int:
    follower.look()
    log = follower.log
    if log is None:
        complain(f"xent-monitor: {follower.problem}")
        return UNUSABLE
    for warning in log.warnings:
        complain(f"xent-monitor: warning: {warning}")
    chosen = last_reports(log.reports, arguments.split)
    if not chosen:
        complain(f"xent-monitor: There is no {arguments.split} pass yet.")
        return UNUSABLE
    if arguments.json:
        for report in chosen:
            print(json.dumps(report.to_dict()))
    else:
        lines = console().size.height - 1 if sys.stdout.isatty() else LINES
        show(*frame(log, Options(lines, arguments.top, arguments.split), _since(follower)))
    return FOUND if _is_grave(follower, arguments) else CLEAN


# A line for each epoch


def _lines(follower: Follower, arguments: argparse.Namespace) -> int:
    """Write what is new until the end."""
    told: Told = {}
    while True:
        if follower.look():
            if follower.problem:
                complain(f"xent-monitor: waiting: {follower.problem}")
            elif follower.log is not None:
                for report in _news(follower.log.reports, told, arguments):
                    print(json.dumps(report.to_dict()) if arguments.json else _line(report, follower.log))
                sys.stdout.flush()
                if _is_grave(follower, arguments):
                    return FOUND
        time.sleep(arguments.interval)


def _news(reports: Sequence[EvaluationReport], told: Told, arguments: argparse.Namespace) -> list[EvaluationReport]:
    """Passes that were not told yet, which are noted as told; those that a resumed run has repeated count as new."""
    every_pass = arguments.json or arguments.split is not None
    judged = {(report.output, report.epoch) for report in reports if report.split != "train"}
    outputs = {output for output, _ in judged}
    last = max((report.epoch for report in reports), default=0)
    news = []
    for report in reports:
        key = (report.split, report.output, report.epoch)
        before = told.get(key)
        if arguments.split not in (None, report.split) or before is report or before == report:
            continue
        if not every_pass and report.split == "train":
            if (report.output, report.epoch) in judged:
                continue  # It stands in the line of the validation pass.
            if report.output in outputs and report.epoch == last:
                continue  # A validation pass may still come.
        told[key] = report
        news.append(report)
    return news


def _line(report: EvaluationReport, log: Log) -> str:
    """A pass as a line of a log."""
    output = f" of {one_line(report.output)}" if report.output else ""
    earlier = past_passes(report, log.reports)[:-1]
    train = training_of(report, log.reports)
    numbers = []
    for number in KEY_NUMBERS[:4]:
        beside = [change(report, earlier[-1], number).plain] if earlier else []
        beside += [f"train {short(train, number)}"] if train is not None else []
        detail = f" ({', '.join(beside)})" if beside and number in KEY_NUMBERS[:2] else ""
        numbers.append(f"{number.title} {short(report, number)}{detail}")
    until = [event for event in log.alerts if event.epoch <= report.epoch and event.output == report.output]
    rules = dict.fromkeys(f"{alert.fired.severity} {one_line(alert.fired.rule)}" for alert in firing(until))
    alerts = f"; firing: {', '.join(rules)}" if rules else ""
    return f"epoch {report.epoch}, {report.split}{output}: {', '.join(numbers)}{alerts}"


# A screen


def _screen(follower: Follower, arguments: argparse.Namespace) -> int:
    """Show a frame that is brought up to date until the end; the last one stays."""
    shown: list[RenderableType] = []
    code = CLEAN
    out = console()
    try:
        with Live(console=out, screen=True, auto_refresh=False) as live:
            while True:
                columns, lines = shutil.get_terminal_size()
                out.width = min(columns, WIDE)
                follower.look()
                shown = _screenful(follower, arguments, lines)
                live.update(Group(*shown), refresh=True)
                if _is_grave(follower, arguments):
                    code = FOUND
                    break
                time.sleep(arguments.interval)
    except KeyboardInterrupt:
        pass
    show(*shown)
    return code


def _screenful(follower: Follower, arguments: argparse.Namespace, lines: int) -> list[RenderableType]:
    """The frame of this moment, or what is waited for."""
    if follower.log is None:
        return [paragraph(f"Waiting. {follower.problem}")]
    notes = [*([follower.problem] if follower.problem else []), *follower.log.warnings]
    return frame(follower.log, Options(lines - 1, arguments.top, arguments.split), _since(follower), notes)


def _since(follower: Follower) -> str:
    seconds = follower.seconds_since_change()
    return "" if seconds is None else ago(seconds)


def ago(seconds: float) -> str:
    """A time that has passed, as a person says it.

    Example:
        >>> ago(12.3), ago(200.0), ago(7500.0), ago(200000.0)
        ('12 s ago', '3 min ago', '2 h 5 min ago', '2 d ago')
    """
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s ago"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h {minutes % 60} min ago" if minutes < 24 * 60 else f"{minutes // (24 * 60)} d ago"
