"""What the numbers of the classes, or labels, support: which stand out beyond noise.

A class has its own examples, and its share is that of the examples. A label is judged on all examples, and its share of
the loss is what its entropy is of the prior entropy: what rare labels cost is little, however badly they are told.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from xent_monitor import sampling, yardsticks
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.noise import beyond_noise, binomial_error
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["confidence_gap", "hard_classes", "known_classes", "missed_labels", "neglected_classes", "usual_share"]


def known_classes(report: EvaluationReport) -> NDArray[np.bool_]:
    """Which classes have independent examples enough, or labels enough of both outcomes."""
    few = limit.MIN_CLASS_EXAMPLES * sampling.rows_per_sample(report.statistics)
    known = report.support >= few
    return known & (report.num_examples - report.support >= few) if report.task == "multilabel" else known


def hard_classes(report: EvaluationReport) -> Integers:
    """Classes that cost more than their share, beyond noise; those that carry most above it first."""
    difference, noise, share = _of_labels(report) if report.task == "multilabel" else _of_classes(report)
    with np.errstate(invalid="ignore"):
        hard = (difference > noise) & (report.class_cross_entropy >= limit.HARD_CLASS * share) & known_classes(report)
        excess = report.statistics.cross_entropy_sum - report.statistics.class_examples * share
    found = np.flatnonzero(hard)
    return found[np.argsort(-excess[found], kind="stable")]


def _of_classes(report: EvaluationReport) -> tuple[Floats, Floats, Floats]:
    """How far classes are above the others, the noise of that, and the mean of all."""
    n = report.support.astype(np.float64)
    # The mean of all holds the class itself: against the others it differs by n / (n - n_k) times as much.
    with np.errstate(invalid="ignore", divide="ignore"):
        others = report.num_examples / (report.num_examples - n)
        difference = (report.class_cross_entropy - report.cross_entropy) * others
        spread = sampling.cross_entropy_error(report) ** 2 * others
        noise = _class_noise(report) * np.sqrt(_class_errors(report) ** 2 + spread)
    return difference, noise, np.full(report.num_classes, report.cross_entropy)


def usual_share(report: EvaluationReport) -> Floats:
    """Multi-label: what each label would cost, nats, if its entropy were left over to the same part as that of all."""
    left = report.cross_entropy / report.prior_entropy if report.prior_entropy > 0 else math.nan
    return left * yardsticks.guess_cross_entropy(report)


def _of_labels(report: EvaluationReport) -> tuple[Floats, Floats, Floats]:
    """How far labels are above their share, the noise of that, and the share."""
    share = usual_share(report)
    left = report.cross_entropy / report.prior_entropy if report.prior_entropy > 0 else math.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        # The part that is left over of all has an error of its own.
        of_all = share / np.float64(report.cross_entropy) * sampling.cross_entropy_error(report)
    noise = _class_noise(report) * np.hypot(sampling.class_excess_error(report, left), of_all)
    return report.class_cross_entropy - share, noise, share


def neglected_classes(report: EvaluationReport) -> Integers:
    """Classes that are worse off than by naming their share, beyond noise; the most frequent first."""
    yardstick = yardsticks.guess_cross_entropy(report)
    if report.task == "multilabel":
        noise = _class_noise(report) * sampling.class_excess_error(report)
    else:
        with np.errstate(divide="ignore"):
            yardstick_error = np.sqrt(1 / report.support - 1 / report.num_examples)
        yardstick_error *= math.sqrt(sampling.rows_per_sample(report.statistics))
        noise = _class_noise(report) * np.hypot(_class_errors(report), yardstick_error)
    with np.errstate(invalid="ignore"):
        neglected = report.class_cross_entropy - yardstick > noise
    found = np.flatnonzero(neglected & known_classes(report))
    return found[np.argsort(-report.support[found], kind="stable")]


def missed_labels(report: EvaluationReport) -> Integers:
    """Labels with positives, none of which is found, the most frequent first; none of a task with classes."""
    if report.task != "multilabel":
        return np.zeros(0, np.int64)
    found = np.flatnonzero((report.statistics.true_positives == 0) & known_classes(report))
    return found[np.argsort(-report.support[found], kind="stable")]


def confidence_gap(report: EvaluationReport, index: int) -> float | None:
    """Confidence less accuracy on one class where beyond noise and worth a word, 0 within it; None with few examples.

    Multi-label of the decisions on one label.
    """
    independent = float(report.statistics.class_examples[index]) / sampling.rows_per_sample(report.statistics)
    if independent < limit.MIN_CLASS_EXAMPLES:
        return None
    accuracy = float(report.class_accuracy[index])
    gap = float(report.class_confidence[index]) - accuracy
    matters = abs(gap) >= limit.MATERIAL_GAP
    return gap if matters and beyond_noise(gap, binomial_error(accuracy, independent)) else 0.0


def _class_errors(report: EvaluationReport) -> Floats:
    """Standard error of each class, no less than the spread of all examples gives: a few may agree by chance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = sampling.cross_entropy_error(report) * np.sqrt(report.num_examples / report.support)
    return np.fmax(sampling.class_cross_entropy_error(report), pooled)


def _class_noise(report: EvaluationReport) -> float:
    """Standard errors that make a false claim about any class as rare as `NOISE` makes one about a single one."""
    chance = NormalDist().cdf(-limit.NOISE) / max(1, int((report.support > 0).sum()))
    return -NormalDist().inv_cdf(chance)
