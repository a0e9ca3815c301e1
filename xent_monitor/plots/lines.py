"""Loss and accuracy over the epochs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from xent_monitor.interpretation import divergences
from xent_monitor.interpretation.wording import exact_nats, exact_percent
from xent_monitor.plots.palette import Palette
from xent_monitor.plots.picture import SMALL_SIZE, Axes, Figure, drawing, percent_tick, plain_axes, say, title
from xent_monitor.plots.series import best_pass, main_split, passes_of
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import Floats

__all__ = ["draw_lines", "loss_and_accuracy"]

Passes = Mapping[Split, Sequence[EvaluationReport]]

#: Inches.
WIDTH, HEIGHT = 6.4, 4.3
#: Height of the loss for each of the accuracy.
LOSS_TO_ACCURACY = 1.5
#: Passes up to which each has a dot: a line alone does not show where they are, or that there is one only.
DOTS = 12
#: Room that a label at the end of a line takes, as a share of the height of its part.
LOSS_LABEL, ACCURACY_LABEL = 0.068, 0.105


class _Label(NamedTuple):
    """What is written at the end of a line."""

    value: float
    text: str
    colour: str


def loss_and_accuracy(reports: Sequence[EvaluationReport], output: str | None = None, *, dark: bool = False) -> Figure:
    """Cross-entropy and accuracy over the epochs, with what to compare them with.

    The best pass is marked, and the stretches in which the cross-entropy is above its best while the accuracy holds
    are shaded (`xent_monitor.interpretation.divergences`).

    Args:
        reports: Reports of a training, oldest first; of several fits the last is shown.
        output: Name of the output; None where there is one only.
        dark: Whether the ground is dark.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        ValueError: If there is no such output, or there are several and none is named.
        XentMonitorError: If matplotlib is not installed.
    """
    passes = passes_of(reports, output) if reports else {}
    with drawing(WIDTH, HEIGHT, dark=dark) as (figure, colours):
        draw_lines(figure, passes, colours)
    return figure


def draw_lines(figure: Figure, passes: Passes, colours: Palette) -> None:
    """Draw loss and accuracy into a figure, or a part of one.

    Args:
        figure: Empty.
        passes: As `series.passes_of` gives them.
        colours: Of the figure.
    """
    main = main_split(passes)
    if main is None or not any(math.isfinite(one.cross_entropy) for one in _all(passes)):
        say(figure.subplots(), "No pass has a cross-entropy that could be drawn.")
        return
    ratios = {"height_ratios": (LOSS_TO_ACCURACY, 1)}
    loss, accuracy = figure.subplots(2, 1, sharex=True, gridspec_kw=ratios)
    _draw_loss(loss, passes, main, colours)
    _draw_accuracy(accuracy, passes, colours)
    _shade(loss, accuracy, passes[main], colours)
    _axis_of_epochs(accuracy, passes)


def _all(passes: Passes) -> list[EvaluationReport]:
    return [report for of_split in passes.values() for report in of_split]


def _values(passes: Sequence[EvaluationReport], quantity: str) -> tuple[list[int], Floats]:
    """Epochs, and the quantity at each; NaN, a gap in the line, where it is not finite."""
    values = np.array([getattr(report, quantity) for report in passes], np.float64)
    return [report.epoch for report in passes], np.where(np.isfinite(values), values, np.nan)


def _draw_loss(axes: Axes, passes: Passes, main: Split, colours: Palette) -> None:
    plain_axes(axes)
    title(axes, "Cross-entropy", "nats; mean over the pass")
    labels = [_line(axes, split, of_split, "cross_entropy", colours) for split, of_split in passes.items()]
    labels.append(_over_confidence(axes, main, passes[main], colours))
    yardsticks = _yardsticks(passes[main][-1])
    for value, _ in yardsticks:
        axes.axhline(value, color=colours.ink_3, linewidth=0.9, linestyle=(0, (5, 3)), gid="yardstick")
    # Room for what is said of a stretch of divergence, above all lines.
    axes.set_ylim(0.0, 1.13 * axes.get_ylim()[1])
    labels += [_Label(value, text, colours.ink_3) for value, text in yardsticks]
    _write(axes, [label for label in labels if label is not None], LOSS_LABEL)
    best = best_pass(passes[main])
    if best is not None:
        colour = colours.split(main)
        axes.plot(
            [best.epoch], [best.cross_entropy], "o", ms=7, mfc=colours.page, mec=colour, mew=1.6, zorder=4, gid="best"
        )
        place = {"xytext": (0, 8), "textcoords": "offset points", "ha": "center"}
        axes.annotate(f"best {best.epoch}", (best.epoch, best.cross_entropy), fontsize=SMALL_SIZE, **place)


def _draw_accuracy(axes: Axes, passes: Passes, colours: Palette) -> None:
    plain_axes(axes)
    title(axes, "Accuracy", "share of the decisions that are right")
    labels = [_line(axes, split, of_split, "accuracy", colours) for split, of_split in passes.items()]
    low, high = axes.get_ylim()
    # A perfect line must not run on the frame, and the axis has no place beyond 100 %.
    axes.set_ylim(max(0.0, low), min(1.02, high))
    axes.yaxis.set_major_formatter(percent_tick)
    _write(axes, [label for label in labels if label is not None], ACCURACY_LABEL)


def _line(
    axes: Axes, split: Split, passes: Sequence[EvaluationReport], quantity: str, colours: Palette
) -> _Label | None:
    """The line of one split, and its label; None where there is nothing to draw."""
    epochs, values = _values(passes, quantity)
    if np.isnan(values).all():
        return None
    colour = colours.split(split)
    marker = "D" if split == "test" else "o"
    size = 5.0 if split == "test" else 3.0 if len(passes) <= DOTS else 0.0
    width = 1.3 if split == "train" else 1.9
    axes.plot(epochs, values, color=colour, linewidth=width, marker=marker, markersize=size, gid=split, zorder=3)
    last = float(values[~np.isnan(values)][-1])
    form = exact_percent if quantity == "accuracy" else exact_nats
    return _Label(last, f"{split} {form(last)}", colour)


def _over_confidence(axes: Axes, split: Split, passes: Sequence[EvaluationReport], colours: Palette) -> _Label | None:
    """The part of the loss that another temperature takes away, between its line and a dotted one."""
    epochs, values = _values(passes, "cross_entropy")
    _, tempered = _values(passes, "tempered_cross_entropy")
    if np.isnan(tempered).all():
        return None
    colour = colours.split(split)
    axes.plot(epochs, tempered, color=colour, linewidth=1.1, linestyle=(0, (1, 1.6)), gid="tempered", zorder=2)
    axes.fill_between(epochs, tempered, values, color=colour, alpha=0.22, linewidth=0, gid="over-confidence")
    last = float(tempered[~np.isnan(tempered)][-1])
    return _Label(last, f"tempered {exact_nats(last)}", colour)


def _yardsticks(report: EvaluationReport) -> list[tuple[float, str]]:
    """What a cross-entropy is compared with, with their names; one where both are the same."""
    uniform, prior = report.uniform_cross_entropy, report.prior_entropy
    even = "ln 2" if report.task == "multilabel" else "ln K"
    if not math.isfinite(prior):
        return [(uniform, f"{even} {exact_nats(uniform)}")]
    if exact_nats(prior) == exact_nats(uniform):
        return [(prior, f"base rates {exact_nats(prior)}")]
    return [(uniform, f"{even} {exact_nats(uniform)}"), (prior, f"base rates {exact_nats(prior)}")]


def _write(axes: Axes, labels: Sequence[_Label], room: float) -> None:
    """Labels to the right of the lines, each as near to its value as the others allow."""
    low, high = axes.get_ylim()
    for place, label in zip(_apart([(one.value - low) / (high - low) for one in labels], room), labels, strict=True):
        axes.text(
            1.015,
            place,
            label.text,
            color=label.colour,
            transform=axes.transAxes,
            va="center",
            fontsize=SMALL_SIZE + 0.5,
        )


def _apart(places: Sequence[float], room: float) -> list[float]:
    """The places, moved so that no two are closer than `room`: from below up, then back below the top.

    >>> _apart([0.5, 0.5, 0.0], 0.1)
    [0.5, 0.6, 0.0]
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, index in itertools.pairwise(order):
        moved[index] = max(moved[index], moved[before] + room)
    top = 1.0
    for index in reversed(order):
        moved[index] = min(moved[index], top)
        top = moved[index] - room
    return [round(place, 6) for place in moved]


def _shade(loss: Axes, accuracy: Axes, passes: Sequence[EvaluationReport], colours: Palette) -> None:
    """The stretches of divergence, in both parts, and what they are, said once: in the longest."""
    stretches = divergences(passes)
    for found in stretches:
        for axes in (loss, accuracy):
            axes.axvspan(
                found.first,
                found.last,
                color=colours.warning_fill,
                alpha=colours.band_opacity,
                linewidth=0,
                zorder=0,
                gid="divergence",
            )
    if not stretches:
        return
    longest = max(stretches, key=lambda stretch: stretch.last - stretch.first)
    # Words that began in the right half would run into those at the ends of the lines.
    late = longest.first > (passes[0].epoch + passes[-1].epoch) / 2
    loss.annotate(
        f"loss above its best of epoch {longest.best}, accuracy holds",
        (longest.last if late else longest.first, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if late else 4, -9),
        textcoords="offset points",
        fontsize=SMALL_SIZE,
        ha="right" if late else "left",
        va="center",
    )


def _axis_of_epochs(axes: Axes, passes: Passes) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = [report.epoch for report in _all(passes)]
    axes.set_xlabel("epoch")
    room = max(0.5, 0.02 * (max(epochs) - min(epochs)))
    axes.set_xlim(min(epochs) - room, max(epochs) + room)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, min_n_ticks=1))
