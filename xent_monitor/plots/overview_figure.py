"""A training in one picture."""

from __future__ import annotations

from collections.abc import Sequence

from xent_monitor.plots.classes import bar_classes, draw_bars
from xent_monitor.plots.confidences import draw_histograms, draw_reliability
from xent_monitor.plots.lines import draw_lines
from xent_monitor.plots.picture import Figure, drawing, say
from xent_monitor.plots.series import main_split, passes_of
from xent_monitor.report import EvaluationReport

__all__ = ["overview"]

#: Inches.
WIDTH, HEIGHT = 11.6, 8.2
#: Classes at most.
CLASSES = 14


def overview(reports: Sequence[EvaluationReport], output: str | None = None, *, dark: bool = False) -> Figure:
    """Loss and accuracy, the worst classes, reliability and confidences of the last pass, in one picture.

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
    main = main_split(passes)
    with drawing(WIDTH, HEIGHT, dark=dark) as (figure, colours):
        if main is None:
            say(figure.subplots(), "There are no reports.")
            return figure
        report = passes[main][-1]
        (story, classes), (reliability, confidences) = figure.subfigures(2, 2, hspace=0.04, wspace=0.04)
        draw_lines(story, passes, colours)
        draw_bars(classes, report, bar_classes(report, CLASSES), colours)
        draw_reliability(reliability, report, colours)
        draw_histograms(confidences, report, colours)
    return figure
