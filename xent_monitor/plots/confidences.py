"""Are the confidences honest? Reliability, and counts by confidence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xent_monitor.calibration import wilson_interval
from xent_monitor.interpretation.wording import exact_percent
from xent_monitor.plots.palette import Palette
from xent_monitor.plots.picture import SMALL_SIZE, Axes, Figure, drawing, percent_tick, plain_axes, say, title
from xent_monitor.plots.series import decisions
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats

__all__ = ["confidence_histograms", "draw_histograms", "draw_reliability", "reliability"]

#: Inches.
WIDTH, HEIGHT = 5.2, 3.9
#: Bins up to which each says how many examples it holds.
COUNTED_BINS = 20
#: Points of the smallest dot, and how much larger that of the fullest bin is: areas go with the counts.
DOT, DOT_MORE = 3.5, 5.5
#: Width of the bar of a gap, as a share of the bin.
GAP_WIDTH = 0.62
#: Opacity of a gap that may be noise.
WITHIN_NOISE = 0.3


def reliability(report: EvaluationReport, *, dark: bool = False) -> Figure:
    """Accuracy by confidence, with the 95 % interval of each bin (`xent_monitor.calibration.wilson_interval`).

    On the diagonal a model is right as often as it says. The gaps below it are those of a model that is too sure; a
    pale one is within noise. The numbers at the top are the decisions in each bin.

    Args:
        report: The pass.
        dark: Whether the ground is dark.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        XentMonitorError: If matplotlib is not installed.
    """
    with drawing(WIDTH, HEIGHT, dark=dark) as (figure, colours):
        draw_reliability(figure, report, colours)
    return figure


def draw_reliability(figure: Figure, report: EvaluationReport, colours: Palette) -> None:
    """Draw the accuracy by confidence into a figure, or a part of one."""
    axes = figure.subplots()
    table = report.reliability
    filled = np.flatnonzero(table[:, 2] > 0)
    if not filled.size:
        say(axes, "No examples, so no confidences.")
        return
    says, right = exact_percent(report.confidence), exact_percent(report.accuracy)
    title(axes, "Reliability", f"{_where(report)}: says {says}, is right {right}")
    plain_axes(axes, grid="")
    left = float(report.bin_edges[first_bin(report)])
    axes.plot([left, 1], [left, 1], color=colours.line_strong, linewidth=1, zorder=1, gid="diagonal")
    _draw_bins(axes, table[filled], 1 / report.num_bins, colours)
    if report.num_bins <= COUNTED_BINS:
        for index in filled:
            centre = (index + 0.5) / report.num_bins
            axes.text(centre, 1.06, short_count(table[index, 2]), ha="center", fontsize=6.0, gid="count")
    axes.set(xlim=(left - 0.02, 1.02), ylim=(-0.02, 1.11), xlabel=_confidence_axis(report), ylabel="accuracy")
    axes.xaxis.set_major_formatter(percent_tick)
    axes.yaxis.set_major_formatter(percent_tick)


def confidence_histograms(report: EvaluationReport, *, dark: bool = False) -> Figure:
    """Decisions by confidence: right ones upwards, wrong ones downwards, on a square-root scale.

    Args:
        report: The pass.
        dark: Whether the ground is dark.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        XentMonitorError: If matplotlib is not installed.
    """
    with drawing(WIDTH, HEIGHT, dark=dark) as (figure, colours):
        draw_histograms(figure, report, colours)
    return figure


def draw_histograms(figure: Figure, report: EvaluationReport, colours: Palette) -> None:
    """Draw the counts by confidence into a figure, or a part of one."""
    axes = figure.subplots()
    wrong, right = report.confidence_histogram
    if not (wrong.sum() or right.sum()):
        say(axes, "No examples, so no confidences.")
        return
    title(axes, "Confidence", f"{_where(report)}: {right.sum()} right, {wrong.sum()} wrong")
    plain_axes(axes)
    edges = report.bin_edges
    shape = {"x": edges[:-1], "width": 0.88 / report.num_bins, "align": "edge", "linewidth": 0}
    axes.bar(height=right, color=colours.right, label="right", **shape)
    axes.bar(height=-wrong, color=colours.wrong, label="wrong", hatch="////", edgecolor=colours.page, **shape)
    axes.axhline(0, color=colours.ink_3, linewidth=0.8)
    axes.set_yscale("function", functions=(_signed_root, _signed_square))
    axes.set_yticks(_count_ticks(int(right.max()), int(wrong.max())))
    axes.yaxis.set_major_formatter(_count_tick)
    axes.yaxis.set_minor_locator(_no_ticks())
    left = float(edges[first_bin(report)])
    axes.set(xlim=(left - 0.02, 1.02), xlabel=_confidence_axis(report))
    axes.set_ylabel(f"{decisions(report)}, √ scale")
    axes.xaxis.set_major_formatter(percent_tick)
    handles = axes.get_legend_handles_labels()[0]
    axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=SMALL_SIZE, labelcolor=colours.ink_2)


def first_bin(report: EvaluationReport) -> int:
    """The first bin that is drawn: the larger of two probabilities that sum to 1 is at least one half.

    Lower bins are left out where there are two outcomes, if nothing fell into them all the same.
    """
    outcomes = 2 if report.task == "multilabel" else report.num_classes
    filled = np.flatnonzero(report.confidence_histogram.sum(axis=0))
    half = report.num_bins // 2
    return 0 if outcomes > 2 else min(half, int(filled[0])) if filled.size else half


def short_count(number: float) -> str:
    """A count where there is little room.

    >>> short_count(950), short_count(1500), short_count(20_400), short_count(3_100_000)
    ('950', '1.5k', '20k', '3.1M')
    """
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # Bounds at which rounding would give a thousand of the smaller unit.
        if number >= 0.9995 * unit:
            decimals = 1 if number < 9.95 * unit else 0
            return f"{number / unit:.{decimals}f}".removesuffix(".0") + letter
    return f"{number:.0f}"


def _where(report: EvaluationReport) -> str:
    return f"{report.split}, epoch {report.epoch}"


def _confidence_axis(report: EvaluationReport) -> str:
    if report.task == "multilabel":
        return "confidence of a decision on a label, max(p, 1 - p)"
    return "confidence, the larger probability" if report.num_classes == 2 else "confidence, the largest probability"


def _draw_bins(axes: Axes, table: Floats, bin_width: float, colours: Palette) -> None:
    """The gap, the interval and the accuracy of each bin that is not empty."""
    intervals = wilson_interval(table[:, 1] * table[:, 2], table[:, 2])
    fullest = table[:, 2].max()
    for (confidence, accuracy, number), (low, high) in zip(table, intervals, strict=True):
        colour = colours.over if confidence > accuracy else colours.under
        noise = bool(low <= confidence <= high)
        axes.bar(
            confidence,
            accuracy - confidence,
            bottom=confidence,
            width=GAP_WIDTH * bin_width,
            color=colour,
            alpha=WITHIN_NOISE if noise else 1.0,
            linewidth=0,
            zorder=2,
            gid="gap",
        )
        axes.plot([confidence, confidence], [low, high], color=colours.ink, linewidth=1.0, zorder=3, gid="interval")
        size = DOT + DOT_MORE * math.sqrt(number / fullest)
        axes.plot(confidence, accuracy, "o", ms=size, mfc=colours.ink, mec=colours.page, zorder=4, gid="accuracy")


def _count_tick(value: float, _: object = None) -> str:
    return short_count(abs(value))


def _count_ticks(most_right: int, most_wrong: int) -> list[int]:
    """Round counts on both sides of 0."""
    return [*(-count for count in reversed(_round_counts(most_wrong))), 0, *_round_counts(most_right)]


def _round_counts(most: int) -> list[int]:
    """Up to three round counts that a square-root scale shows apart, rising; the largest not above `most`.

    >>> _round_counts(430), _round_counts(3), _round_counts(0)
    ([20, 100, 400], [3], [])
    """
    found: list[int] = []
    height = float(most)
    while height >= 1 and len(found) < 3:
        power = 10 ** math.floor(math.log10(height))
        found.append(int(height // power) * power)
        height = found[-1] / 4
    return sorted(set(found))


def _signed_root(values: Floats) -> Floats:
    return np.asarray(np.sign(values) * np.sqrt(np.abs(values)))


def _signed_square(values: Floats) -> Floats:
    return np.asarray(np.sign(values) * np.square(values))


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()
