"""What is no fault, and still worth knowing."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from xent_monitor import sampling, yardsticks
from xent_monitor.alerts.builtin import label_rules, limits
from xent_monitor.alerts.builtin.evidence import SILENT, judged, observation, still, trusted
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.interpretation.wording import decimal, nats, percent

__all__ = ["label_noise", "miscalibrated", "still_improving"]


def miscalibrated(evaluation: Evaluation) -> Iterable[Observation]:
    """Confidence that is far from the accuracy, at a cost that one number would save.

    Sees: a temperature beyond 1.5 or below 1 / 1.5 inside the fitted range, which gains 2 % of the prior entropy, and 9
    in twice the log-likelihood (3 standard errors squared, Wilks 1938); under-confidence only once the cross-entropy
    has stopped falling.
    Try: temperature scaling; label smoothing if over-confident; more epochs if under-confident.
    """
    report = evaluation.report
    if report.split != "validation" or not trusted(report) or not report.temperature_fit.inside:
        return SILENT
    gain = report.cross_entropy - report.tempered_cross_entropy
    far = abs(math.log(report.temperature)) > limits.FAR_TEMPERATURE
    sums = report.statistics
    evidence = 2 * gain * sums.temperature_sample_size / sampling.decisions_per_sample(sums) > limits.NOISE**2
    over = report.temperature > 1
    # On its way down the cross-entropy leads the confidence: under-confidence means something once it is over.
    settled = over or bool(still(evaluation.history("validation")))
    holds = far and gain > limits.CALIBRATION_GAIN * report.prior_entropy and evidence and settled

    def message() -> str:
        fix = (
            "use label smoothing or weight decay"
            if over
            else "train longer, or lower label smoothing and dropout, if that is not wanted"
        )
        return (
            f"Dividing the logits by {decimal(report.temperature, 2)} would lower the validation cross-entropy from "
            f"{nats(report.cross_entropy)} to {nats(report.tempered_cross_entropy)}. The model is "
            f"{'over' if over else 'under'}-confident: mean confidence {percent(report.confidence, report.accuracy)}, "
            f"accuracy {percent(report.accuracy, report.confidence)}. Scale the logits after training, or {fix}."
        )

    return observation(holds, message, value=report.temperature, threshold=math.exp(limits.FAR_TEMPERATURE))


def label_noise(evaluation: Evaluation) -> Iterable[Observation]:
    """Training examples that contradict their labels, in a model that is good on the others.

    Sees: more than 1 % of the training examples (and 5 of them) whose true class gets less than a tenth, while 90 % are
    right and at least half of those wrong (5 or more) are wrong with confidence (above 0.9). With fewer than 6 bins
    there is no tenth to be seen.
    Multi-label: decisions instead of examples; 90 % of the rare outcomes are told (their F1), as an accuracy of 90 %
    says nothing of rare labels, and the 1 % is one of `yardsticks.decision_scale`.
    Source: the low-probability tail of Swayamdipta et al. (2020), Dataset Cartography.
    Try: look at these examples first.
    """
    report = evaluation.report
    if not trusted(report):
        return SILENT
    bins = round(limits.CONTRADICTED * report.num_bins)
    if bins < 1:
        return SILENT
    low = int(report.true_class_probability_histogram[:, :bins].sum())
    wrong = report.confidence_histogram[0]
    sure = int(wrong[report.num_bins - bins :].sum())
    share, by_label = low / report.statistics.num_decisions, report.task == "multilabel"
    good = label_rules.contradicted(report) if by_label else report.accuracy > 1 - limits.CONTRADICTED
    least = limits.CONTRADICTED_SHARE * yardsticks.decision_scale(report)
    holds = good and share > least and min(low, wrong.sum()) >= limits.MIN_ERRORS and sure >= 0.5 * wrong.sum()

    def message() -> str:
        what, truth = ("decisions on a label", "what is true") if by_label else ("examples", "their label")
        edge = decimal(float(report.bin_edges[bins]), 2)
        return (
            f"{percent(share)} of the training {what} give {truth} a probability below {edge}, while "
            f"{percent(report.accuracy)} are right. The model is good, and sure that these labels are wrong: label "
            "errors, or examples unlike all others. Look at them first; there may be as many in the validation set."
        )

    return observation(bool(holds), message, value=share, threshold=least)


def still_improving(evaluation: Evaluation) -> Iterable[Observation]:
    """A training that ended while its loss was still falling.

    Sees, when training ends: a cross-entropy (validation where there is one) that fell in each of the last 3
    evaluations, and by 2 % of the prior entropy and 3 standard errors in all.
    Try: more epochs.
    """
    history = evaluation.history(evaluation.report.split)
    if not judged(evaluation) or not trusted(evaluation.report) or len(history) <= limits.STILL:
        return SILENT
    report = evaluation.report
    values = np.array([one.cross_entropy for one in history[-1 - limits.STILL :]])
    error = math.hypot(*(sampling.cross_entropy_error(one) for one in (history[-1 - limits.STILL], report)))
    threshold = values[0] - max(limits.MATERIAL * report.prior_entropy, limits.NOISE * error)
    fell = bool((np.diff(values) < 0).all()) and values[-1] < threshold

    def message() -> str:
        return (
            f"Training ended while the {report.split} cross-entropy was falling: from {nats(values[0])} to "
            f"{nats(values[-1])} over the last {limits.STILL} epochs. The model has not yet learned what it can. Train "
            "on, for as long as this lasts."
        )

    return observation(fell, message, value=float(values[-1]), threshold=float(threshold))
