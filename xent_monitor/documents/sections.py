"""The parts of a document: one for each output and judged split, with all that is said there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from xent_monitor.documents.class_rows import ClassTable, MistakeRow, class_table, mistake_rows
from xent_monitor.documents.numbers import NumberRow, number_rows
from xent_monitor.interpretation import Answers, answer
from xent_monitor.interpretation.wording import one_line
from xent_monitor.plots.series import outputs_of, passes_of
from xent_monitor.report import EvaluationReport, Split

__all__ = ["Section", "sections"]


@dataclasses.dataclass(frozen=True)
class Section:
    """A pass, and all that is said of it."""

    report: EvaluationReport
    #: Where it is from: epoch, split and output.
    place: str
    answers: Answers
    #: The passes of its epoch and output by split.
    beside: Mapping[Split, EvaluationReport]
    #: The pass before it; None where there is none.
    before: EvaluationReport | None
    numbers: tuple[NumberRow, ...]
    classes: ClassTable
    mistake_header: tuple[str, ...]
    mistakes: tuple[MistakeRow, ...]


def sections(
    reports: Sequence[EvaluationReport], *, classes: int, mistakes: int, output: str | None = None
) -> tuple[Section, ...]:
    """Of each output the last validation and test pass, or the last training pass where there is neither.

    Args:
        reports: Reports of a training, oldest first; of several fits the last counts.
        classes: Rows of the table of classes, at most.
        mistakes: Rows of the table of mistakes, at most.
        output: Name of the output; None for all.
    """
    found = []
    for name in outputs_of(reports) if output is None else (output,):
        passes = passes_of(reports, name)
        judged: list[Split] = [split for split in ("validation", "test") if split in passes] or ["train"]
        found += [_section(reports, passes, split, classes, mistakes) for split in judged]
    return tuple(found)


def _section(
    reports: Sequence[EvaluationReport],
    passes: Mapping[Split, Sequence[EvaluationReport]],
    split: Split,
    classes: int,
    mistakes: int,
) -> Section:
    report = passes[split][-1]
    before = passes[split][-2] if len(passes[split]) > 1 else None
    beside = {name: one for name, of in passes.items() for one in of if one.epoch == report.epoch}
    index = next(place for place, one in enumerate(reports) if one is report)
    train = beside.get("train") if split != "train" else None
    header, rows = mistake_rows(report, mistakes)
    return Section(
        report,
        _place(report),
        answer(report, reports[:index]),
        beside,
        before,
        number_rows(report, beside, before),
        class_table(report, train, classes),
        header,
        rows,
    )


def _place(report: EvaluationReport) -> str:
    output = f", output {one_line(report.output)}" if report.output else ""
    return f"{report.split}, epoch {report.epoch}{output}"
