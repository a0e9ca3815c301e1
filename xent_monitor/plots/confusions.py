"""What is mistaken for what? A matrix where it can be read, else the worst pairs."""

from __future__ import annotations

import unicodedata

import numpy as np

from xent_monitor.interpretation.wording import percent
from xent_monitor.plots.classes import ramp
from xent_monitor.plots.palette import Palette
from xent_monitor.plots.picture import SMALL_SIZE, Axes, Figure, drawing, plain_axes, say, short_name, title
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["confusion"]

#: Inches.
WIDTH, FRAME, ROW, CELL = 5.2, 1.0, 0.21, 0.27
#: Classes up to which all pairs are shown, and up to which each cell has its count.
MATRIX_CLASSES, COUNTED_CLASSES = 25, 12
#: Pairs, or labels, at most, and letters of a name in a pair.
MOST, PAIR_LETTERS = 15, 16
#: Letters that there is room for side by side below the matrix, and inches of one.
LETTERS_BESIDE, LETTER = 40, 0.075
#: Share of the colours from which on a text is written in that of the page.
DEEP = 0.5


def confusion(report: EvaluationReport, *, most: int = MOST, dark: bool = False) -> Figure:
    """What is taken for what: all pairs of a few classes, the most frequent of many; of labels what is missed.

    The colour of a cell is its share of the true class. The diagonal, which is right, has its counts only. Above
    `confusion_limit` classes the pairs come from a sketch, and their counts may be too high: they are "about".

    Args:
        report: The pass.
        most: Pairs, or labels, at most where there is no matrix.
        dark: Whether the ground is dark.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        ValueError: If `most` is below 1.
        XentMonitorError: If matplotlib is not installed.
    """
    if most < 1:
        raise ValueError(f"`most` must be an integer >= 1. Received: most={most}.")
    if not report.num_examples:
        return _sentence("No examples, so no mistakes.", dark)
    if report.task == "multilabel":
        return _labels(report, most, dark)
    if int(report.statistics.correct.sum()) == report.num_examples:
        return _sentence(f"No mistakes: all {report.num_examples} answers are right.", dark)
    if report.confusion is not None and report.num_classes <= MATRIX_CLASSES:
        return _matrix(report, report.confusion, dark)
    return _pairs(report, most, dark)


def _sentence(text: str, dark: bool) -> Figure:
    with drawing(WIDTH, FRAME + 5 * ROW, dark=dark) as (figure, _):
        say(figure.subplots(), text)
    return figure


def _matrix(report: EvaluationReport, counts: Integers, dark: bool) -> Figure:
    size = report.num_classes
    with np.errstate(invalid="ignore"):
        shares: Floats = counts / counts.sum(axis=1, keepdims=True, dtype=np.float64)
    wrong = shares.copy()
    np.fill_diagonal(wrong, np.nan)
    limit = float(np.nanmax(wrong)) if np.isfinite(wrong).any() else 1.0
    names = [short_name(name, PAIR_LETTERS) for name in report.class_names]
    steep = max(map(_columns, names)) * size > LETTERS_BESIDE
    below = LETTER * max(map(_columns, names)) if steep else 2 * LETTER
    with drawing(WIDTH, FRAME + CELL * max(size, 6) + below, dark=dark) as (figure, colours):
        axes = figure.subplots()
        title(axes, "Mistakes", f"{report.split}, epoch {report.epoch}; colour: share of the true class")
        plain_axes(axes, grid="")
        axes.spines[:].set_visible(False)
        cells = {"cmap": ramp(colours, colours.page), "aspect": "auto", "interpolation": "none", "gid": "cells"}
        axes.imshow(wrong, vmin=0.0, vmax=limit or 1.0, **cells)
        axes.set_xticks(range(size), names, rotation=90 if steep else 0)
        axes.set_yticks(range(size), names)
        axes.set(xlabel="predicted", ylabel="true class")
        axes.set_xticks(np.arange(1, size) - 0.5, minor=True)
        axes.set_yticks(np.arange(1, size) - 0.5, minor=True)
        axes.grid(which="minor", color=colours.page, linewidth=1)
        axes.tick_params(which="minor", length=0)
        _write_counts(axes, counts, wrong / limit if limit else wrong, colours)
    return figure


def _columns(text: str) -> int:
    """Width of a text, in letters; those of East Asia are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _write_counts(axes: Axes, counts: Integers, depth: Floats, colours: Palette) -> None:
    """The count of each cell that is not 0; of many classes only where it is right."""
    size = len(counts)
    for true, predicted in np.argwhere(counts > 0):
        right = true == predicted
        if right or size <= COUNTED_CLASSES:
            colour = colours.ink_3 if right else colours.page if depth[true, predicted] > DEEP else colours.ink
            text = str(counts[true, predicted])
            letters = SMALL_SIZE if size <= COUNTED_CLASSES and len(text) < 4 else SMALL_SIZE - 2
            axes.text(predicted, true, text, ha="center", va="center", color=colour, fontsize=letters)


def _pairs(report: EvaluationReport, most: int, dark: bool) -> Figure:
    pairs = report.worst_confusions(most)
    if not pairs:
        wrong = report.num_examples - int(report.statistics.correct.sum())
        return _sentence(f"{wrong} answers are wrong; which class for which is not known.", dark)
    about = "" if report.confusion is not None else "about "
    names = [
        f"{short_name(report.class_names[pair.true_class], PAIR_LETTERS)} → "
        f"{short_name(report.class_names[pair.predicted_class], PAIR_LETTERS)}"
        for pair in pairs
    ]
    support = report.support
    texts = [f" {about}{pair.count} of {support[pair.true_class]}" for pair in pairs]
    with drawing(WIDTH, FRAME + ROW * max(len(pairs), 5), dark=dark) as (figure, colours):
        axes = figure.subplots()
        title(axes, "Most frequent mistakes", f"{report.split}, epoch {report.epoch}; true class → predicted")
        _bars(axes, [pair.count for pair in pairs], names, texts, colours.wrong)
        axes.set_xlabel("examples")
    return figure


def _labels(report: EvaluationReport, most: int, dark: bool) -> Figure:
    sums = report.statistics
    missed, false = report.support - sums.true_positives, report.predicted - sums.true_positives
    order = np.argsort(-(missed + false), kind="stable")[:most]
    if not (missed + false).any():
        return _sentence("No mistakes: all decisions on all labels are right.", dark)
    with drawing(WIDTH, FRAME + 0.2 + ROW * max(len(order), 5), dark=dark) as (figure, colours):
        axes = figure.subplots()
        title(axes, "Mistakes by label", f"{report.split}, epoch {report.epoch}; first missed, then named falsely")
        names = [short_name(report.class_names[row]) for row in order]
        texts = [
            f" {missed[row]} of {report.support[row]} missed ({_share(missed[row], report.support[row])}), "
            f"{false[row]} false"
            for row in order
        ]
        _bars(axes, missed[order], names, texts, colours.wrong, false[order], colours.under)
        axes.set_xlabel("examples")
    return figure


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "-"


def _bars(
    axes: Axes,
    values: Integers | list[int],
    names: list[str],
    texts: list[str],
    colour: str,
    more: Integers | None = None,
    colour_of_more: str = "",
) -> None:
    """A bar for each name, a second one behind it, and a text at its end."""
    plain_axes(axes, grid="x")
    axes.spines["left"].set_visible(False)
    places = np.arange(len(names))
    ends = np.asarray(values)
    axes.barh(places, ends, height=0.66, color=colour, linewidth=0)
    if more is not None:
        axes.barh(places, more, left=ends, height=0.66, color=colour_of_more, linewidth=0)
        ends = ends + more
    for place, end, text in zip(places, ends, texts, strict=True):
        axes.text(end, place, text, va="center", fontsize=SMALL_SIZE)
    axes.set_yticks(places, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, max(1, ends.max()) * 1.02)
    axes.xaxis.get_major_locator().set_params(integer=True)
