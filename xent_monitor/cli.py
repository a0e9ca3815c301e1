"""The console script `xent-monitor`: what a log directory says, in the terminal; `rules` is in `cli_rules`.

It needs neither Keras nor a backend. Each command is a function `(arguments) -> exit code`, added to the parser by
a function beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

import xent_monitor
from xent_monitor.cli_rules import add_rules
from xent_monitor.errors import XentMonitorError
from xent_monitor.interpretation import interpret
from xent_monitor.interpretation.wording import count, decimal, one_line, percent
from xent_monitor.report import SPLITS, EvaluationReport
from xent_monitor.statistics import Floats, Integers
from xent_monitor.tensorboard import read_reports

__all__ = ["main"]

#: Exit codes: all is well; wrong usage, or nothing that can be read.
FINE, UNREADABLE = 0, 2
#: Up to this many classes the table shows all of them, above it the `TOP_CLASSES` that carry most of the loss.
ALL_CLASSES, TOP_CLASSES = 50, 20
#: Mistakes that are listed.
TOP_MISTAKES = 10
#: Widths between which the text adapts to the terminal.
NARROW, WIDE = 80, 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: Arguments after the program's name; those of the process where None.

    Returns:
        0 where all is well; 1 where a test of a rule failed; 2 where nothing can be read, or a rule file has mistakes,
        with the reason on the standard error.

    Raises:
        SystemExit: With code 2 on wrong usage, with 0 after `--help` and `--version`.
    """
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Unicode shows "?" for a letter it lacks, rather than losing the whole report.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, as `head`, has seen enough; without this Python complains again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except (OSError, XentMonitorError) as error:
        return _fail(str(error))
    return code


def _fail(message: str) -> int:
    print(f"xent-monitor: {message}", file=sys.stderr)
    return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xent-monitor", description="What the cross-entropy of a training says.")
    parser.add_argument("--version", action="version", version=f"xent-monitor {xent_monitor.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_report(commands)
    add_rules(commands)
    return parser


# xent-monitor report


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "report",
        help="the reading, the table of classes and the worst confusions",
        description="Reads the reports in a log directory: the last validation and test pass, or the training pass "
        "where there is neither; one section for each output.",
    )
    parser.add_argument("log_dir", metavar="LOG_DIR", help="the `log_dir` of the monitor")
    parser.add_argument("--split", choices=SPLITS, help="only the pass of this split")
    parser.add_argument("--epoch", type=int, metavar="N", help="the pass of this epoch (from 0), instead of the last")
    parser.add_argument(
        "--top",
        type=_positive,
        metavar="N",
        help=f"only the N classes that carry most of the loss (default: all up to {ALL_CLASSES}, else {TOP_CLASSES})",
    )
    parser.add_argument("--json", action="store_true", help="the reports with all their quantities, as a JSON list")
    parser.set_defaults(run=_report)


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1. Received: {text!r}.")
    return number


def _report(arguments: argparse.Namespace) -> int:
    reports = read_reports(arguments.log_dir)
    chosen = _select(reports, arguments.split, arguments.epoch)
    if not chosen:
        return _fail(f"There is no report of that split and epoch. There are: {_what_is_there(reports)}.")
    if arguments.json:
        print(json.dumps([report.to_dict() for report in chosen]))
        return FINE
    width = min(max(shutil.get_terminal_size((WIDE, 24)).columns, NARROW), WIDE)
    sections = (_section(report, _history(report, reports), arguments.top, width) for report in chosen)
    print("\n\n\n".join("\n".join(section) for section in sections))
    return FINE


def _select(reports: Sequence[EvaluationReport], split: str | None, epoch: int | None) -> list[EvaluationReport]:
    """The last report of each output and wanted split; training only where it is asked for or all there is."""
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


def _history(report: EvaluationReport, reports: Sequence[EvaluationReport]) -> list[EvaluationReport]:
    """What `interpret` is to know beside the report."""
    return [other for other in reports if other is not report and other.epoch <= report.epoch]


def _section(
    report: EvaluationReport, history: Sequence[EvaluationReport], top: int | None, width: int
) -> Iterator[str]:
    """Lines on one report: heading, reading, classes, mistakes."""
    output = f", output {one_line(report.output)}" if report.output else ""
    heading = f"Epoch {report.epoch}, {report.split}{output}"
    yield from (heading, "=" * cell_width(heading), "")
    yield from _wrapped(interpret(report, history), width)
    if report.num_examples:
        yield from ("", *_class_table(report, top, width))
        yield from _mistakes(report, width)


def _wrapped(text: str, width: int) -> list[str]:
    # A percent sign stays with its number.
    lines = textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _class_table(report: EvaluationReport, top: int | None, width: int) -> list[str]:
    """The classes that carry most of the loss first, those without examples last."""
    sums = report.statistics
    order = np.lexsort((np.arange(report.num_classes), -sums.cross_entropy_sum, sums.class_examples == 0))
    shown = order[: top or (report.num_classes if report.num_classes <= ALL_CLASSES else TOP_CLASSES)]
    first = ["label", "positives"] if report.task == "multilabel" else ["class", "support"]
    header = [*first, "cross-entropy", "of loss", *(name for name, _ in _shares(report))]
    rows = [[report.class_names[k], *_class_cells(report, k)] for k in shown]
    lines = _table(header, rows, width)
    left_out = order[len(shown) :]
    if len(left_out):
        lines.append(_left_out(report, left_out))
    return lines


def _shares(report: EvaluationReport) -> list[tuple[str, Floats]]:
    """Columns of the table that are shares or probabilities, with their headers."""
    if report.task == "multilabel":
        return [
            ("accuracy", report.class_accuracy),
            ("precision", report.class_precision),
            ("recall", report.class_recall),
            ("conf.", report.class_confidence),
        ]
    return [
        ("accuracy", report.class_accuracy),
        ("precision", report.class_precision),
        ("conf.", report.class_confidence),
        ("p(true)", report.class_true_class_probability),
    ]


def _class_cells(report: EvaluationReport, k: int) -> list[str]:
    """What the table says of class `k`, beside its name."""
    sums = report.statistics
    mean, error = report.class_cross_entropy[k], report.class_standard_error[k]
    total = sums.cross_entropy_sum.sum()
    share = sums.cross_entropy_sum[k] / total if total > 0 and sums.class_examples[k] else np.nan
    return [
        str(report.support[k]),
        f"{decimal(mean, 3)} ±{decimal(error, 3):>5}",
        f"{decimal(100 * share, 1)} %" if np.isfinite(share) else "-",
        *(decimal(values[k], 3) for _, values in _shares(report)),
    ]


def _left_out(report: EvaluationReport, left_out: Integers) -> str:
    sums = report.statistics.cross_entropy_sum
    share = f", with {percent(sums[left_out].sum() / sums.sum())} of the loss" if sums.sum() > 0 else ""
    one, many = ("label", "labels") if report.task == "multilabel" else ("class", "classes")
    which = count(len(left_out), f"{one} that carries", f"{many} that carry")
    return f"... and {which} less{share}: --top {report.num_classes} shows all."


def _mistakes(report: EvaluationReport, width: int) -> list[str]:
    """The most frequent mistakes as a table under a blank line; nothing where there are none."""
    worst = report.worst_confusions(TOP_MISTAKES)
    if not worst:
        return []
    rows = [
        [
            report.class_names[pair.true_class],
            report.class_names[pair.predicted_class],
            str(pair.count),
            f"{decimal(100 * pair.count / max(1, report.support[pair.true_class]), 1)} %",
        ]
        for pair in worst
    ]
    return ["", *_table(["true class", "taken for", "examples", "of the class"], rows, width, names=2)]


# Text tables


def _table(header: list[str], rows: list[list[str]], width: int, names: int = 1) -> list[str]:
    """Lines of aligned text: the first `names` columns are names, cut to fit in `width`, the others numbers."""
    numbers = [max(cell_width(row[i]) for row in [header, *rows]) for i in range(names, len(header))]
    room = (width - sum(numbers) - 2 * (len(header) - 1)) // names
    cells = [[*(one_line(name) or '""' for name in row[:names]), *row[names:]] for row in rows]
    widths = [min(max(room, 8), max(cell_width(row[i]) for row in [header, *cells])) for i in range(names)] + numbers
    lines = [
        "  ".join(
            _padded(_cut(cell, size), size, left=i < names)
            for i, (cell, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *cells]
    ]
    return [lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]]


def cell_width(text: str) -> int:
    """Columns that a terminal gives to the text: two for wide East Asian letters, none for combining marks."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text
    )


def _cut(text: str, size: int) -> str:
    """Text of at most `size` columns, its middle left out: names often differ at their ends."""
    if cell_width(text) <= size:
        return text
    head, tail = text, text
    while cell_width(tail) > (size - 1) // 3:
        tail = tail[1:]
    while cell_width(head) + cell_width(tail) > size - 1:
        head = head[:-1]
    return f"{head}…{tail}"


def _padded(text: str, size: int, *, left: bool) -> str:
    blank = " " * (size - cell_width(text))
    return text + blank if left else blank + text
