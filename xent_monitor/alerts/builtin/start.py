"""What the first epochs tell of a model that was put together wrongly."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from xent_monitor import baselines
from xent_monitor.alerts.builtin import label_rules, limits
from xent_monitor.alerts.builtin.evidence import (
    SILENT,
    accuracy_error,
    elsewhere,
    enough,
    judged,
    minimised_loss,
    observation,
    still,
)
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.interpretation.wording import decimal, nats, percent
from xent_monitor.report import EvaluationReport

__all__ = ["bad_initial_loss", "high_start", "over_regularized", "redundant_softmax"]


def bad_initial_loss(evaluation: Evaluation) -> Iterable[Observation]:
    """A model that is confident, and wrong, before it has learned anything.

    Sees: the cross-entropy of the first step against ln K. Logits of variance v cost about ln K + v / 2; a usual
    initialisation on scaled inputs has v from 1 to 4. Holds from 10 ln K on (or where probabilities are clipped: 90 %
    of what a guess can cost then); or from 2 ln K + 2 nats on, if neither training nor validation shows skill when the
    first epoch ends: what an epoch of training mends is no fault. Over as soon as the training has a skill of 10 %.
    Try: scale the inputs; check the labels; a smaller initialisation of the last layer.
    """
    report = evaluation.report
    if math.isnan(report.initial_cross_entropy):
        # It is mended as soon as the model has learned something.
        return (Observation(holds=False),) if report.skill > limits.SOME_SKILL else SILENT
    uniform = report.uniform_cross_entropy
    outcomes = 2 if report.task == "multilabel" else report.num_classes
    clipped = limits.CLIPPED_START * (1 - 1 / outcomes) * baselines.CLIP_CEILING
    saturated = min(limits.SATURATED_START * uniform, clipped)
    high = high_start(uniform)
    validation = evaluation.validation
    skill = max(report.skill, -math.inf if validation is None else validation.skill)
    threshold = high if not skill > limits.SOME_SKILL else max(saturated, high)

    def message() -> str:
        return (
            f"The first step had a cross-entropy of {nats(report.initial_cross_entropy)}, where a model that knows "
            f"nothing has ln {outcomes} = {nats(uniform)}. The model starts confident in wrong answers: "
            "inputs of a large scale, an initialisation that is too wide, or labels that do not belong to the "
            "outputs. Scale the inputs (`keras.layers.Normalization`, or divide images by 255) and look at the first "
            "outputs."
        )

    holds = report.initial_cross_entropy > threshold
    return observation(holds, message, value=report.initial_cross_entropy, threshold=threshold)


def high_start(uniform: float) -> float:
    """First cross-entropy, nats, that is too high where the first epoch leaves no skill either; `uniform` is ln K."""
    return limits.HIGH_START * uniform + limits.START_NATS


def over_regularized(evaluation: Evaluation) -> Iterable[Observation]:
    """A penalty that leaves the model nothing to learn.

    Sees: a penalty that outweighed the loss of the data in some epoch so far, while the training has no skill (2 %)
    now. At the optimum the penalty and the loss together are at most ln K, so that a penalty that is far too strong
    ends small, with weights near 0: the signature is in the early epochs.
    Try: a tenth of the penalty.
    """
    passes = evaluation.history("train")
    report = evaluation.report
    if not report.prior_entropy > 0:
        return SILENT
    shares = [one.regularization / max(minimised_loss(one), 1e-12) for one in passes]
    strongest = int(np.argmax(shares))

    def message() -> str:
        then = passes[strongest]
        return (
            f"The penalty of the weights was {nats(then.regularization)} in epoch {then.epoch}, beside a loss of the "
            f"data of {nats(minimised_loss(then))}, and the cross-entropy of the training is "
            f"{nats(report.cross_entropy)} now, the {nats(report.prior_entropy)} of the base rates. The optimiser "
            "shrinks the weights instead of fitting the data. Divide the factors of the regularisers by 10 to 100."
        )

    return observation(
        shares[strongest] > 1 and report.skill < limits.NO_SKILL, message, value=shares[strongest], threshold=1
    )


def redundant_softmax(evaluation: Evaluation) -> Iterable[Observation]:
    r"""A soft-max (or sigmoid) of probabilities: once too often.

    Sees: no confidence above the cap that a second soft-max leaves, the mean pinned to it (85 %), and answers that are
    right far more often than the confidence says (10 points and 3 standard errors). Where the bins of the confidence
    are too wide for the cap, the mean must have stood still since the evaluation before (2 % of the cap).

    .. math:: p \\le \frac{e}{e + K - 1}, \quad \mathrm{CE} \\ge \\ln(1 + (K - 1) / e)

    since logits in [0, 1] are at most 1 apart. For a single unit, sigmoid(sigmoid(z)) lies in [0.5, 0.731], so that
    the positive class is always predicted: seen where the mean output of the two classes differs by 0.1 all the same.
    Multi-label the same of all labels, and a soft-max over labels that do not exclude each other: see `label_rules`.
    Try: take one of the two out, or `from_logits=False`.
    """
    report = evaluation.report
    if not judged(evaluation) or not enough(report):
        return elsewhere(evaluation)
    if report.task == "multilabel":
        settled = bool(still(evaluation.history(report.split)))
        shared = label_rules.shares_one_soft_max(report, evaluation.train, settled=settled)
        return _redundant_over_labels(report, shared=shared)
    cap = baselines.redundant_softmax_cap(report.num_classes)
    capped = _highest_confidence(report) <= cap * limits.CAP_ROUNDING
    if report.task == "binary":
        positive = report.class_confidence
        holds = capped and report.predicted[0] == 0 and positive[1] - positive[0] > limits.MATERIAL_SHARE
    else:
        gap = report.accuracy - report.confidence
        material = gap > max(limits.MATERIAL_SHARE, limits.NOISE * accuracy_error(report))
        before = evaluation.earlier[-1].confidence if evaluation.earlier else math.nan
        pinned = _resolves(report, cap) or abs(report.confidence - before) < limits.MATERIAL * cap
        holds = capped and report.confidence >= limits.PINNED * cap and material and pinned

    def message() -> str:
        floor = baselines.redundant_softmax_floor(report.num_classes)
        return (
            f"No confidence exceeds {decimal(cap, 3)}, the most that a soft-max of probabilities can give for "
            f"{report.num_classes} classes (mean {decimal(report.confidence, 3)}), while {percent(report.accuracy)} of "
            "the answers are right. A soft-max or sigmoid is applied twice, which keeps the cross-entropy above "
            f"{nats(floor)} and the gradients small. Take one of them out: the activation, the layer, or "
            "`from_logits=True` in the loss."
        )

    return observation(bool(holds), message, value=_highest_confidence(report), threshold=cap)


def _redundant_over_labels(report: EvaluationReport, *, shared: bool) -> Iterable[Observation]:
    """A sigmoid of probabilities, or one soft-max for labels of which an example may have several, or none."""
    twice, cap = label_rules.has_two_sigmoids(report), baselines.redundant_softmax_cap(2)
    positives = float(report.support.sum()) / report.num_examples

    def message() -> str:
        if twice:
            return (
                f"No output is below 0.5 or above {decimal(cap, 3)}, the range of a sigmoid of probabilities (mean "
                f"{decimal(report.confidence, 3)}), while {percent(positives / report.num_classes)} of the labels are "
                "positive. A sigmoid is applied twice, which keeps negatives above ln 2 = 0.69 nats and the gradients "
                "small. Take one of them out: the activation, the layer, or `from_logits=True` in the loss."
            )
        return (
            f"The outputs of an example add up to 1, as those of a soft-max do, while {decimal(positives, 2)} of its "
            f"{report.num_classes} labels are positive in the mean. The labels take probability from each other: "
            "several cannot be found together, nor none of them. End the model in a sigmoid for each label."
        )

    value = _highest_confidence(report) if twice or not shared else positives
    return observation(twice or shared, message, value=value, threshold=cap if twice or not shared else 1.0)


def _resolves(report: EvaluationReport, cap: float) -> bool:
    """Whether no confidence in the bin of the cap is far above it.

    Else a model on its way up may look as if it were capped, and only one that stands still is.
    """
    edges = report.bin_edges
    return float(edges[int(np.searchsorted(edges, cap, side="right"))]) < limits.CAP_RESOLVED * cap


def _highest_confidence(report: EvaluationReport) -> float:
    """Mean confidence in the highest bin that is not empty; NaN without examples."""
    means = report.reliability[:, 0]
    found = means[~np.isnan(means)]
    return float(found[-1]) if len(found) else math.nan
