"""`xent-monitor report`: what a log directory says."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import RenderableType

from xent_monitor.alerts.episodes import episodes
from xent_monitor.cli.alert_list import alert_list
from xent_monitor.cli.class_table import ALL_CLASSES, TOP_CLASSES, class_table, mistakes, trend_note
from xent_monitor.cli.exits import CLEAN, UNUSABLE
from xent_monitor.cli.files import write_file
from xent_monitor.cli.key_numbers import key_numbers
from xent_monitor.cli.log_directory import Log, read_log
from xent_monitor.cli.terminal import complain, heading, paragraph, render, show
from xent_monitor.interpretation import interpret
from xent_monitor.interpretation.wording import one_line
from xent_monitor.report import SPLITS, EvaluationReport

__all__ = ["add_report", "body", "last_reports", "positive", "sections", "text"]

EPILOG = """\
examples:
  xent-monitor report logs/run1
  xent-monitor report logs --run run1 --split train --epoch 3
  xent-monitor report logs/run1 --output report.html
  xent-monitor report logs/run1 --format markdown > report.md
  xent-monitor report logs/run1 --json | jq '.[0].quantities.skill'

The text shows the last validation and test pass, or the training pass where
there is neither. Markdown and HTML show the whole run; JSON is a list of the
passes that the text would show, with all their quantities.
"""


def add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "report",
        help="the reading, the table of classes, the worst confusions and the alerts",
        description="Says what the reports and alerts in a log directory mean.\nOne section for each output.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("log_dir", metavar="LOG_DIR", help="the `log_dir` of the monitor, or a directory above it")
    parser.add_argument("--run", metavar="SUBDIR", dest="subdirectory", help="the run in this directory below LOG_DIR")
    parser.add_argument("--split", choices=SPLITS, help="only the pass of this split")
    parser.add_argument("--epoch", type=int, metavar="N", help="the pass of this epoch (from 0), instead of the last")
    parser.add_argument(
        "--top",
        type=positive,
        metavar="N",
        help=f"only the N classes that carry most of the loss (default: all up to {ALL_CLASSES}, else {TOP_CLASSES})",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=tuple(FORMS),
        help=f"what to write (default: what the end of FILE says, of {', '.join(SUFFIXES)}; else text)",
    )
    form.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.add_argument("--output", metavar="FILE", help="where to write it (default: the standard output)")
    parser.set_defaults(run=_report)


def positive(text: str) -> int:
    """An argument that is an integer >= 1.

    Raises:
        ArgumentTypeError: If it is not.
    """
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1. Received: {text!r}.")
    return number


def _report(arguments: argparse.Namespace) -> int:
    inferred = arguments.format is None
    if inferred:
        arguments.format = _form_of(arguments.output)
    problem = _wrong_use(arguments, inferred)
    if problem:
        complain(f"xent-monitor: {problem}")
        return UNUSABLE
    log = read_log(arguments.log_dir, arguments.subdirectory)
    for warning in log.warnings:
        complain(f"xent-monitor: warning: {warning}")
    chosen = last_reports(log.reports, arguments.split, arguments.epoch)
    if not chosen:
        asked = [f"{name} {value}" for name in ("split", "epoch") if (value := getattr(arguments, name)) is not None]
        there = _what_is_there(log.reports)
        complain(f"xent-monitor: There is no report of {' and '.join(asked)}. There are: {there}.")
        return UNUSABLE
    if arguments.format == "text" and arguments.output is None:
        show(*text(log, chosen, arguments.top, arguments.split))
        return CLEAN
    content = FORMS[arguments.format](log, chosen, arguments)
    if arguments.output is None:
        _write_out(content)
    else:
        write_file(arguments.output, content)
        complain(f"Wrote {arguments.output}.")
    return CLEAN


def _write_out(content: str) -> None:
    """Write to the standard output: into a file or a pipe in UTF-8, whatever the locale, as a file would be."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None or sys.stdout.isatty():
        sys.stdout.write(content)
        return
    sys.stdout.flush()
    binary.write(content.encode("utf-8", "replace"))
    binary.flush()


def _form_of(output: str | None) -> str:
    """What to write into a file, by the end of its name."""
    return "text" if output is None else SUFFIXES.get(Path(output).suffix.lower(), "text")


def _wrong_use(arguments: argparse.Namespace, inferred: bool) -> str | None:
    """Options that do not go together; None where all is well."""
    whole = arguments.format in ("markdown", "html")
    given = [f"--{name}" for name in ("split", "epoch", "top") if getattr(arguments, name) is not None]
    if whole and given:
        if inferred:
            form, instead = f"--output {arguments.output} is {arguments.format}, which", ", or add --format text"
        else:
            form, instead = f"--format {arguments.format}", ""
        return f"{form} shows the whole run: leave out {', '.join(given)}{instead}."
    if arguments.format == "html" and arguments.output is None and sys.stdout.isatty():
        return "--format html is not for a terminal. Add --output FILE, or send it into a pipe."
    return None


# Forms

Form = Callable[[Log, Sequence[EvaluationReport], argparse.Namespace], str]


def _plain(log: Log, chosen: Sequence[EvaluationReport], arguments: argparse.Namespace) -> str:
    return render(*text(log, chosen, arguments.top, arguments.split))


def _json(_: Log, chosen: Sequence[EvaluationReport], __: argparse.Namespace) -> str:
    return json.dumps([report.to_dict() for report in chosen]) + "\n"


def _document(log: Log, _: Sequence[EvaluationReport], arguments: argparse.Namespace) -> str:
    from xent_monitor import documents

    run = documents.Run(one_line(log.path.resolve().name), log.reports, episodes(log.alerts))
    return documents.html(run) if arguments.format == "html" else documents.markdown(run)


FORMS: Mapping[str, Form] = {"text": _plain, "markdown": _document, "html": _document, "json": _json}
#: What the end of the name of a file says of its form.
SUFFIXES: Mapping[str, str] = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}


# Text


def text(
    log: Log, chosen: Sequence[EvaluationReport], top: int | None = None, split: str | None = None
) -> Iterator[RenderableType]:
    """The whole text: sections of the reports, and the alerts up to their epoch.

    Args:
        log: The run.
        chosen: Its reports that are shown.
        top: As for `sections`.
        split: Only alerts of this split.
    """
    yield from sections(chosen, log.reports, top)
    until = max(report.epoch for report in chosen)
    events = [event for event in log.alerts if event.epoch <= until and split in (None, event.split)]
    alerts = alert_list(episodes(events))
    if alerts:
        yield from ("", *alerts)


def sections(
    chosen: Sequence[EvaluationReport], reports: Sequence[EvaluationReport], top: int | None = None
) -> Iterator[RenderableType]:
    """What is printed of reports: heading, reading, key numbers, table of classes and mistakes of each.

    Args:
        chosen: The reports.
        reports: All reports of the run, oldest first.
        top: How many classes the table has; None for all, of many classes those that carry most of the loss.
    """
    for index, report in enumerate(chosen):
        if index:
            yield "\n"
        output = f", output {one_line(report.output)}" if report.output else ""
        yield heading(f"Epoch {report.epoch}, {report.split}{output}")
        yield ""
        yield from body(report, reports, top)


def last_reports(
    reports: Sequence[EvaluationReport], split: str | None = None, epoch: int | None = None
) -> list[EvaluationReport]:
    """The last report of each output and wanted split; training only where it is asked for or all there is.

    Args:
        reports: All reports of a run, oldest first.
        split: Only of this split.
        epoch: Only of this epoch.
    """
    last = {
        (report.output, report.split): report
        for report in reports
        if split in (None, report.split) and epoch in (None, report.epoch)
    }
    judged = {output for output, name in last if name != "train"}
    return [
        last[output, name]
        for output in dict.fromkeys(report.output for report in reports)
        for name in SPLITS
        if (output, name) in last and (name != "train" or split == "train" or output not in judged)
    ]


def _what_is_there(reports: Sequence[EvaluationReport]) -> str:
    """First and last epoch of each split, for a message."""
    epochs = {split: [report.epoch for report in reports if report.split == split] for split in SPLITS}
    return "; ".join(f"{split}, epochs {min(found)} to {max(found)}" for split, found in epochs.items() if found)


def body(
    report: EvaluationReport, reports: Sequence[EvaluationReport], top: int | None = None
) -> Iterator[RenderableType]:
    """What is said of a report below its heading: reading, key numbers, classes, mistakes; arguments of `sections`."""
    history = [other for other in reports if other is not report and other.epoch <= report.epoch]
    yield paragraph(interpret(report, history))
    if not report.num_examples:
        return
    yield from ("", key_numbers(report, reports))
    yield from ("", *class_table(report, reports, top), *trend_note(report, reports))
    table = mistakes(report)
    if table:
        yield from ("", *table)
