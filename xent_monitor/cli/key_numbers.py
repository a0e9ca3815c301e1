"""The few numbers of a pass that are looked at first: how they have changed, and those of the training beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from xent_monitor.alerts.noise import STANDARD_ERRORS
from xent_monitor.cli.terminal import table, width
from xent_monitor.cli.trends import sparkline
from xent_monitor.documents.numbers import temperature
from xent_monitor.interpretation.noise import beyond_noise
from xent_monitor.interpretation.wording import decimal, exact_nats
from xent_monitor.report import EvaluationReport

__all__ = ["KEY_NUMBERS", "KeyNumber", "change", "key_numbers", "past_passes", "short", "training_of"]


class KeyNumber(NamedTuple):
    """A quantity and how it is shown."""

    title: str
    #: Name of the quantity of the report.
    name: str
    #: Whether more is better: 1; or less: -1; or neither: 0.
    better: int
    #: Whether equal ratios are equal steps.
    logarithmic: bool = False


KEY_NUMBERS: tuple[KeyNumber, ...] = (
    KeyNumber("cross-entropy", "cross_entropy", -1, logarithmic=True),
    KeyNumber("accuracy", "accuracy", 1),
    KeyNumber("skill", "skill", 1),
    KeyNumber("confidence", "confidence", 0),
    KeyNumber("calibration error", "expected_calibration_error", -1),
    KeyNumber("temperature", "temperature", 0, logarithmic=True),
)


def key_numbers(report: EvaluationReport, reports: Sequence[EvaluationReport], bars: int = 8) -> RenderableType:
    """A table of the key numbers of a pass.

    Args:
        report: The pass.
        reports: All reports of the run, oldest first, of which those before the pass, and the training pass of its
            epoch, are compared with it.
        bars: Most bars of a trend.
    """
    passes = past_passes(report, reports)
    train = training_of(report, reports)
    header, columns = [""], [[Text(number.title) for number in KEY_NUMBERS]]
    for shown, earlier in ((report, passes[:-1]), *(((train, past_passes(train, reports)[:-1]),) if train else ())):
        header.append(shown.split)
        columns.append([Text(short(shown, number)) for number in KEY_NUMBERS])
        if earlier:
            header.append(f"since {earlier[-1].epoch}")
            columns.append([change(shown, earlier[-1], number) for number in KEY_NUMBERS])
    if len(passes) > 1:
        taken = sum(
            max(cell_len(title), *(cell.cell_len for cell in column)) + 2
            for title, column in zip(header, columns, strict=True)
        )
        header.insert(3, "trend")
        bars = max(min(bars, width() - taken), 1)
        columns.insert(3, [Text(_trend(passes, number, bars)) for number in KEY_NUMBERS])
    return table(header, list(zip(*columns, strict=True)))


def past_passes(report: EvaluationReport, reports: Sequence[EvaluationReport]) -> list[EvaluationReport]:
    """The passes of the same split, output and classes up to this one, which is the last."""
    earlier = [
        other
        for other in reports
        if (other.split, other.output, other.class_names) == (report.split, report.output, report.class_names)
        and other.epoch < report.epoch
    ]
    return [*earlier, report]


def training_of(report: EvaluationReport, reports: Sequence[EvaluationReport]) -> EvaluationReport | None:
    """The training pass of the same epoch and output; None for a training pass itself."""
    if report.split == "train":
        return None
    same = [other for other in reports if (other.epoch, other.output) == (report.epoch, report.output)]
    return next((other for other in same if other.split == "train"), None)


def short(report: EvaluationReport, number: KeyNumber) -> str:
    """The value as the tables write it."""
    if number.name == "temperature":
        return temperature(report, 3)
    value = float(getattr(report, number.name))
    return exact_nats(value) if number.name == "cross_entropy" else decimal(value, 3)


def change(report: EvaluationReport, before: EvaluationReport, number: KeyNumber) -> Text:
    """The change with its sign; green or red in a terminal where it is for the better or worse beyond noise."""
    if number.name == "temperature" and not (report.temperature_fit.inside and before.temperature_fit.inside):
        return Text(decimal(math.nan, 3))  # Of a temperature beyond the range it is known on which side, not where.
    moved = float(getattr(report, number.name)) - float(getattr(before, number.name))
    text = decimal(moved, 3)
    if math.isfinite(moved) and float(text) > 0:
        text = f"+{text}"
    if not number.better or number.name not in STANDARD_ERRORS:
        return Text(text)
    error = math.hypot(_error(report, number), _error(before, number))
    style = ("green" if moved * number.better > 0 else "red") if beyond_noise(moved, error) else ""
    return Text(text, style=style)


def _error(report: EvaluationReport, number: KeyNumber) -> float:
    """Standard error; NaN where the quantity has none."""
    known = STANDARD_ERRORS.get(number.name)
    return math.nan if known is None else float(known(report))


def _trend(passes: Sequence[EvaluationReport], number: KeyNumber, bars: int) -> str:
    values = [float(getattr(each, number.name)) for each in passes]
    errors = [_error(each, number) for each in passes]
    return sparkline(values, errors, size=bars, logarithmic=number.logarithmic)
