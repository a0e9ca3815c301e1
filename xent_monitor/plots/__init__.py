"""Pictures of reports, by matplotlib (the extra `plots`), which is imported when the first is drawn.

Each function returns a `matplotlib.figure.Figure` of its own, without pyplot. Whatever a report lacks is said in the
picture; no report is too odd to be drawn.
"""

from __future__ import annotations

from xent_monitor.plots.classes import class_bars, class_heatmap
from xent_monitor.plots.confidences import confidence_histograms, reliability
from xent_monitor.plots.confusions import confusion
from xent_monitor.plots.lines import loss_and_accuracy
from xent_monitor.plots.overview_figure import overview

__all__ = [
    "class_bars",
    "class_heatmap",
    "confidence_histograms",
    "confusion",
    "loss_and_accuracy",
    "overview",
    "reliability",
]
