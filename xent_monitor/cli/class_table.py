"""The classes that carry most of the loss, with how each has moved; and the most frequent mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from xent_monitor import sampling
from xent_monitor.cli.key_numbers import past_passes
from xent_monitor.cli.terminal import paragraph, table
from xent_monitor.cli.trends import FALLING, RISING, arrow, sparkline
from xent_monitor.interpretation.class_evidence import hard_classes, known_classes, neglected_classes
from xent_monitor.interpretation.wording import count, decimal, percent
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["class_table", "mistakes", "trend_note"]

#: Up to this many classes the table shows all of them, above it the `TOP_CLASSES` that carry most of the loss.
ALL_CLASSES, TOP_CLASSES = 50, 20
#: Mistakes that are listed.
TOP_MISTAKES = 10
#: Columns that are left out, the first one first, where long names lack room.
SPARE = ("p(true)", "precision", "conf.", "accuracy")
#: The same of labels, whose accuracy flatters where they are rare.
SPARE_OF_LABELS = ("conf.", "accuracy", "precision")
#: How the arrow of a trend is shown in a terminal.
ARROW_STYLES = {RISING: "red", FALLING: "green"}


def class_table(
    report: EvaluationReport, reports: Sequence[EvaluationReport], top: int | None = None, *, hint: bool = True
) -> list[RenderableType]:
    """The classes that carry most of the loss first, those without examples last; and a line on what is left out.

    Args:
        report: The pass.
        reports: All reports of the run, oldest first, those before the pass for the trends.
        top: How many classes; None for all, of many classes those that carry most of the loss.
        hint: Whether to say how to see the others.
    """
    sums = report.statistics
    order = np.lexsort((np.arange(report.num_classes), -sums.cross_entropy_sum, sums.class_examples == 0))
    shown = order[: top or (report.num_classes if report.num_classes <= ALL_CLASSES else TOP_CLASSES)]
    first = ["label", "positives"] if report.task == "multilabel" else ["class", "support"]
    trends = _trends(report, reports, shown)
    header = [
        *first,
        "cross-entropy",
        *(["trend"] if trends else []),
        "of loss",
        *(name for name, _ in _shares(report)),
    ]
    rows: list[list[str | Text]] = []
    for place, k in enumerate(shown):
        support, mean, *others = _class_cells(report, k)
        rows.append([report.class_names[k], support, mean, *trends[place : place + 1], *others])
    spare = SPARE_OF_LABELS if report.task == "multilabel" else SPARE
    lines: list[RenderableType] = [table(header, rows, styles=_styles(report, shown), spare=spare)]
    left_out = order[len(shown) :]
    if len(left_out):
        lines.append(paragraph(_left_out(report, left_out, hint)))
    return lines


def trend_note(report: EvaluationReport, reports: Sequence[EvaluationReport]) -> list[RenderableType]:
    """What the trends show; nothing where the pass is the first."""
    passes = past_passes(report, reports)
    if len(passes) < 2:
        return []
    text = (
        f"Trend of the cross-entropy over epochs {passes[0].epoch} to {report.epoch}, on a logarithmic scale, level "
        f"within noise. {RISING} is above its lowest, {FALLING} is falling, beyond noise."
    )
    return [paragraph(text, style="dim")]


def _styles(report: EvaluationReport, shown: Integers) -> list[str]:
    """In a terminal: red is worse than naming the share of the class, yellow costs more than its share."""
    neglected, hard = set(neglected_classes(report).tolist()), set(hard_classes(report).tolist())
    return ["red" if k in neglected else "yellow" if k in hard else "" for k in shown.tolist()]


def _trends(report: EvaluationReport, reports: Sequence[EvaluationReport], shown: Integers) -> list[Text]:
    """Bars and an arrow for each of the classes; nothing where the pass is the first."""
    passes = past_passes(report, reports)
    if len(passes) < 2:
        return []
    means = np.stack([each.class_cross_entropy[shown] for each in passes])
    errors = np.stack([_errors(each)[shown] for each in passes])
    trends = []
    for mean, error in zip(means.T, errors.T, strict=True):
        mark = arrow(mean, error)
        bars = sparkline(mean, error, logarithmic=True)
        trends.append(Text.assemble(bars, " ", (mark, ARROW_STYLES.get(mark, ""))))
    return trends


def _errors(report: EvaluationReport) -> Floats:
    """Standard errors of the cross-entropies of the classes; NaN where a few examples may agree by chance."""
    return np.where(known_classes(report), sampling.class_cross_entropy_error(report), np.nan)


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
    mean, error, share = (
        report.class_cross_entropy[k],
        report.class_standard_error[k],
        report.class_cross_entropy_share[k],
    )
    return [
        str(report.support[k]),
        # Blanks of the same width, so that the means stand below each other.
        f"{decimal(mean, 3)} {' ' * 6 if np.isnan(error) else f'±{decimal(error, 3):>5}'}",
        f"{decimal(100 * share, 1)} %" if np.isfinite(share) else "-",
        *(decimal(values[k], 3) for _, values in _shares(report)),
    ]


def _left_out(report: EvaluationReport, left_out: Integers, hint: bool) -> str:
    sums = report.statistics.cross_entropy_sum
    share = f", with {percent(sums[left_out].sum() / sums.sum())} of the loss" if sums.sum() > 0 else ""
    one, many = ("label", "labels") if report.task == "multilabel" else ("class", "classes")
    which = count(len(left_out), f"{one} that carries", f"{many} that carry")
    return f"... and {which} less{share}{f': --top {report.num_classes} shows all' if hint else ''}."


def mistakes(report: EvaluationReport) -> list[RenderableType]:
    """The most frequent mistakes as a table; nothing where there are none."""
    worst = report.worst_confusions(TOP_MISTAKES)
    rows = [
        [
            report.class_names[pair.true_class],
            report.class_names[pair.predicted_class],
            str(pair.count),
            f"{decimal(100 * pair.count / max(1, report.support[pair.true_class]), 1)} %",
        ]
        for pair in worst
    ]
    return [table(["true class", "taken for", "examples", "of the class"], rows, names=2)] if rows else []
