"""Which classes carry the loss? Class cross-entropies by epoch, and those of one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xent_monitor.interpretation.wording import exact_nats
from xent_monitor.plots.palette import Palette
from xent_monitor.plots.picture import (
    SMALL_SIZE,
    TEXT_SIZE,
    Axes,
    Figure,
    drawing,
    plain_axes,
    say,
    short_name,
    title,
)
from xent_monitor.plots.series import colour_limit, main_split, passes_of, worst_classes
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import Floats, Integers
from xent_monitor.yardsticks import guess_cross_entropy

__all__ = ["BARS_CLASSES", "bar_classes", "class_bars", "class_heatmap", "draw_bars", "ramp"]

#: Inches: width, height without rows, height of a row.
WIDTH, FRAME, ROW = 5.2, 1.0, 0.21
#: Classes at most, unless asked otherwise.
HEATMAP_CLASSES, BARS_CLASSES = 30, 20
#: Width of the bar of colours, inches.
BAR_WIDTH = 0.09
#: Rows that a picture is high enough for at least.
LEAST_ROWS = 5


def class_heatmap(
    reports: Sequence[EvaluationReport],
    output: str | None = None,
    *,
    split: Split | None = None,
    most: int = HEATMAP_CLASSES,
    dark: bool = False,
) -> Figure:
    """Cross-entropy of each class over the epochs, the worst class of the last pass at the top.

    Colours go with the square root, so that the many low values differ too, and end at a limit that outliers do not
    move (`series.colour_limit`).

    Args:
        reports: Reports of a training, oldest first; of several fits the last is shown.
        output: Name of the output; None where there is one only.
        split: The split; None for validation, else test, else training.
        most: Classes at most, those with the highest cross-entropy.
        dark: Whether the ground is dark.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        ValueError: If there is no such output, or there are several and none is named, or `most` is below 1.
        XentMonitorError: If matplotlib is not installed.
    """
    _check_most(most)
    passes = passes_of(reports, output) if reports else {}
    shown = passes.get(split or main_split(passes) or "validation", ())
    same = [report for report in shown if report.class_names == shown[-1].class_names]
    rows = worst_classes(same[-1], most) if same else np.zeros(0, np.int64)
    with drawing(WIDTH, _height(len(rows)), dark=dark) as (figure, colours):
        axes = figure.subplots()
        if not rows.size:
            say(axes, "No class has a cross-entropy that could be drawn.")
            return figure
        values = np.stack([report.class_cross_entropy[rows] for report in same], axis=1)
        limit = colour_limit(values, same[-1].prior_entropy)
        image = axes.imshow(
            np.where(np.isinf(values), limit, values),
            cmap=ramp(colours, colours.missing),
            norm=_root_norm(limit),
            aspect="auto",
            interpolation="none",
            gid="cells",
        )
        _title_of_classes(axes, same[-1], len(rows))
        plain_axes(axes, grid="")
        axes.spines[:].set_visible(False)
        _name_rows(axes, same[-1], rows)
        _epoch_columns(axes, same)
        _colour_bar(figure, axes, image, values, limit)
    return figure


def class_bars(report: EvaluationReport, *, most: int = BARS_CLASSES, dark: bool = False) -> Figure:
    """The classes with the highest cross-entropy, with standard errors and what a guess by their share would cost.

    Args:
        report: The pass.
        most: Classes at most.
        dark: Whether the ground is dark.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        ValueError: If `most` is below 1.
        XentMonitorError: If matplotlib is not installed.
    """
    _check_most(most)
    rows = bar_classes(report, most)
    with drawing(WIDTH, _height(len(rows)), dark=dark) as (figure, colours):
        draw_bars(figure, report, rows, colours)
    return figure


def bar_classes(report: EvaluationReport, most: int) -> Integers:
    """Indices of the classes with a bar: the worst, but for those whose cross-entropy is infinite."""
    rows = worst_classes(report, most)
    return rows[np.isfinite(report.class_cross_entropy[rows])]


def draw_bars(figure: Figure, report: EvaluationReport, rows: Integers, colours: Palette) -> None:
    """Draw the cross-entropy of classes into a figure, or a part of one."""
    axes = figure.subplots()
    if not rows.size:
        say(axes, "No class has a cross-entropy that could be drawn.")
        return
    _title_of_classes(axes, report, len(rows))
    plain_axes(axes, grid="x")
    axes.spines["left"].set_visible(False)
    places = np.arange(len(rows))
    values, errors = report.class_cross_entropy[rows], np.nan_to_num(report.class_standard_error[rows])
    colour = colours.split(report.split)
    axes.barh(places, values, height=0.66, color=colour, alpha=0.75, linewidth=0)
    # An error bar to the left of 0 would say that a loss may be negative.
    reach = np.stack([np.minimum(errors, values), errors])
    axes.errorbar(values, places, xerr=reach, fmt="none", ecolor=colours.ink, elinewidth=1.1, gid="errors")
    guess = guess_cross_entropy(report)[rows]
    kind = "label" if report.task == "multilabel" else "class"
    axes.plot(guess, places, "|", ms=11, mew=2, color=colours.wrong, label=f"guess by the share of the {kind}")
    axes.axvline(report.cross_entropy, color=colours.ink_3, linewidth=1, linestyle=(0, (5, 3)), label="mean")
    axes.set_xlim(left=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("cross-entropy, nats")
    _name_rows(axes, report, rows)
    handles = axes.get_legend_handles_labels()[0]
    place = {"loc": "outside lower center", "ncols": 2, "frameon": False, "fontsize": SMALL_SIZE}
    figure.legend(handles=handles, labelcolor=colours.ink_2, **place)


def _check_most(most: int) -> None:
    if most < 1:
        raise ValueError(f"`most` must be an integer >= 1. Received: most={most}.")


def _height(rows: int) -> float:
    return FRAME + ROW * max(rows, LEAST_ROWS)


def _title_of_classes(axes: Axes, report: EvaluationReport, shown: int) -> None:
    kinds = "labels" if report.task == "multilabel" else "classes"
    which = f"the {shown} worst of {report.num_classes} {kinds}" if shown < report.num_classes else f"all {kinds}"
    title(axes, f"Cross-entropy by {kinds[:-1] if kinds == 'labels' else 'class'}", f"{report.split}, {which}")


def _name_rows(axes: Axes, report: EvaluationReport, rows: Integers) -> None:
    names = [short_name(report.class_names[row]) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=TEXT_SIZE if len(rows) <= 40 else SMALL_SIZE - 1)


def _epoch_columns(axes: Axes, passes: Sequence[EvaluationReport]) -> None:
    """Epochs below some of the columns, which are the passes there are."""
    every = max(1, -(-len(passes) // 10))
    places = list(range(0, len(passes), every))
    axes.set_xticks(places, [str(passes[place].epoch) for place in places])
    axes.set_xlabel("epoch")


def ramp(colours: Palette, missing: str) -> Any:
    """The colours from no trouble to most of it, and that of a cell without a value."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("trouble", colours.trouble).with_extremes(bad=missing)


def _root_norm(limit: float) -> Any:
    from matplotlib.colors import PowerNorm

    return PowerNorm(0.5, vmin=0.0, vmax=limit, clip=True)


def _colour_bar(figure: Figure, axes: Axes, image: Any, values: Floats, limit: float) -> None:
    height = figure.get_figheight() - FRAME
    bar = figure.colorbar(image, ax=axes, pad=0.015, fraction=0.035, aspect=height / BAR_WIDTH)
    bar.outline.set_visible(False)
    more = " or more" if np.nanmax(values) > limit else ""
    bar.ax.tick_params(length=0, labelsize=SMALL_SIZE)
    bar.ax.grid(False)
    ticks = [0.0, limit / 4, limit]
    bar.set_ticks(
        ticks, labels=[exact_nats(ticks[0])[:1], exact_nats(ticks[1]), exact_nats(limit) + more.replace(" ", "\n")]
    )
    bar.set_label("nats", fontsize=SMALL_SIZE)
