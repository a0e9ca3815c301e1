"""Stretches of epochs in which loss and accuracy tell different stories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.report import EvaluationReport

__all__ = ["Divergence", "divergences"]


class Divergence(NamedTuple):
    """A stretch of passes whose cross-entropy is above its best while the accuracy holds, by epoch."""

    #: Epoch of the best cross-entropy before the stretch.
    best: int
    #: First epoch of the stretch.
    first: int
    #: Last epoch of the stretch.
    last: int


def divergences(reports: Sequence[EvaluationReport]) -> tuple[Divergence, ...]:
    """The stretches in which `loss_accuracy_divergence` exceeds what is worth a word, oldest first.

    A stretch has at least `MIN_STRETCH` passes, one of which at least is so far above the best that it is beyond noise:
    what begins within noise is told from it by what follows.

    Args:
        reports: Passes of one split and output, oldest first. An epoch that is not above the one before begins another
            fit, with a best of its own.
    """
    found: list[Divergence] = []
    stretch: list[EvaluationReport] = []
    best: EvaluationReport | None = None
    before = -1
    for report in reports:
        if report.epoch <= before:
            found += _told(best, stretch)
            best, stretch = None, []
        before = report.epoch
        if best is not None and report.loss_accuracy_divergence > limit.MATERIAL:
            stretch.append(report)
            continue
        found += _told(best, stretch)
        stretch = []
        if math.isfinite(report.cross_entropy) and (best is None or report.cross_entropy < best.cross_entropy):
            best = report
    return (*found, *_told(best, stretch))


def _told(best: EvaluationReport | None, stretch: Sequence[EvaluationReport]) -> list[Divergence]:
    """The stretch, if it is long enough and stands out of noise."""
    if best is None or len(stretch) < limit.MIN_STRETCH:
        return []
    if not any(Evidence(report, (best,)).rise for report in stretch):
        return []
    return [Divergence(best.epoch, stretch[0].epoch, stretch[-1].epoch)]
