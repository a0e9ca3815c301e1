"""`xent-monitor report`: what a log directory says."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

import numpy as np
from rich.console import RenderableType

from xent_monitor.cli.exits import CLEAN, UNUSABLE
from xent_monitor.cli.terminal import heading, paragraph, show, table
from xent_monitor.interpretation import interpret
from xent_monitor.interpretation.wording import count, decimal, one_line, percent
from xent_monitor.report import SPLITS, EvaluationReport
from xent_monitor.statistics import Floats, Integers
from xent_monitor.tensorboard import read_reports

__all__ = ["add_report", "sections"]

#: Up to this many classes the table shows all of them, above it the `TOP_CLASSES` that carry most of the loss.
ALL_CLASSES, TOP_CLASSES = 50, 20
#: Mistakes that are listed.
TOP_MISTAKES = 10


def add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
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
        print(
            f"xent-monitor: There is no report of that split and epoch. There are: {_what_is_there(reports)}.",
            file=sys.stderr,
        )
        return UNUSABLE
    if arguments.json:
        print(json.dumps([report.to_dict() for report in chosen]))
        return CLEAN
    show(*sections(chosen, reports, arguments.top))
    return CLEAN


def sections(
    chosen: Sequence[EvaluationReport], reports: Sequence[EvaluationReport], top: int | None = None
) -> Iterator[RenderableType]:
    """What is printed of reports: heading, reading, table of classes and mistakes of each.

    Args:
        chosen: The reports.
        reports: All reports of the run, oldest first.
        top: How many classes the table has; None for all, of many classes those that carry most of the loss.
    """
    for index, report in enumerate(chosen):
        if index:
            yield "\n"
        yield from _section(report, _history(report, reports), top)


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
    report: EvaluationReport, history: Sequence[EvaluationReport], top: int | None
) -> Iterator[RenderableType]:
    """What is said of one report: heading, reading, classes, mistakes."""
    output = f", output {one_line(report.output)}" if report.output else ""
    yield heading(f"Epoch {report.epoch}, {report.split}{output}")
    yield ""
    yield paragraph(interpret(report, history))
    if report.num_examples:
        yield from ("", *_class_table(report, top))
        yield from _mistakes(report)


def _class_table(report: EvaluationReport, top: int | None) -> list[RenderableType]:
    """The classes that carry most of the loss first, those without examples last."""
    sums = report.statistics
    order = np.lexsort((np.arange(report.num_classes), -sums.cross_entropy_sum, sums.class_examples == 0))
    shown = order[: top or (report.num_classes if report.num_classes <= ALL_CLASSES else TOP_CLASSES)]
    first = ["label", "positives"] if report.task == "multilabel" else ["class", "support"]
    header = [*first, "cross-entropy", "of loss", *(name for name, _ in _shares(report))]
    rows = [[report.class_names[k], *_class_cells(report, k)] for k in shown]
    lines: list[RenderableType] = [table(header, rows)]
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


def _mistakes(report: EvaluationReport) -> list[RenderableType]:
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
    return ["", table(["true class", "taken for", "examples", "of the class"], rows, names=2)]
