"""Labels that do not exclude each other: what the built-in rules see in them, where it is not what they see in classes.

A label may be rare. That it is never named, or never positive, is usual then, and the accuracy is close to 1 whatever
the model knows: decisions are judged by the rare outcomes of the labels, and differences of accuracies are counted in
shares of what constant answers leave (`yardsticks.decision_scale`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xent_monitor import baselines, sampling, yardsticks
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.builtin.evidence import observation
from xent_monitor.alerts.evaluation import Observation
from xent_monitor.alerts.noise import bounded_mean_error
from xent_monitor.interpretation.wording import nats, percent
from xent_monitor.report import EvaluationReport

__all__ = [
    "collapse",
    "contradicted",
    "finds_less_than_blind",
    "has_one_outcome",
    "has_two_sigmoids",
    "have_skill",
    "is_constant",
    "makes_progress",
    "over_named",
    "positives_cost_more",
    "shares_one_soft_max",
]


def has_one_outcome(report: EvaluationReport) -> bool:
    """Whether no label is positive in some of the examples and not in others."""
    return report.num_examples > 0 and report.prior_entropy == 0


def chance_of_one_outcome(report: EvaluationReport, train: EvaluationReport) -> float:
    """Probability that a pass of this size has one outcome of each label, by the shares of the training."""
    shares = yardsticks.positive_shares(train)
    same = np.where(report.support > 0, shares, 1 - shares)
    with np.errstate(divide="ignore"):
        return float(np.exp(sampling.independent(report) * np.log(same).sum()))


def is_constant(report: EvaluationReport) -> bool:
    """Whether every label is decided one way for all examples, at the same cost within each outcome.

    The mean confidence of a row alone does not tell: with the outputs of a soft-max it is 1 - 1 / K, whatever they are.
    """
    if np.any((report.predicted > 0) & (report.predicted < report.num_examples)) or not report.prior_entropy > 0:
        return False
    sums, positives = report.statistics, report.support
    negatives = report.num_examples - positives
    means = [np.nan_to_num(report.class_positive_cross_entropy), np.nan_to_num(report.class_negative_cross_entropy)]
    within = sums.cross_entropy_square_sum - positives * means[0] ** 2 - negatives * means[1] ** 2
    alike = float(within.sum()) <= limits.CONSTANT * float(sums.cross_entropy_square_sum.sum())
    return alike and report.confidence_spread <= limits.CONSTANT


def finds_less_than_blind(report: EvaluationReport) -> bool:
    """Whether fewer rare outcomes are found than blind decisions would find, by 10 % and 3 standard errors."""
    found, expected = yardsticks.blind_hits(report)
    return expected - found > max(limits.NOISE * sampling.hits_error(report), limits.MATERIAL_SHARE * expected)


def positives_cost_more(report: EvaluationReport) -> np.ndarray:
    """Which labels have positives that cost more than the guess by their share would make them cost."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(report.class_positive_cross_entropy > -np.log(yardsticks.positive_shares(report)))


def have_skill(report: EvaluationReport, labels: np.ndarray) -> bool:
    """Whether some of the labels, as a mask, have a skill that is worth the name together."""
    guess = float(yardsticks.guess_cross_entropy(report)[labels].sum())
    return guess > 0 and 1 - float(report.class_cross_entropy[labels].sum()) / guess > limits.SOME_SKILL


def makes_progress(passes: Sequence[EvaluationReport]) -> bool:
    """Whether the best of the last 3 passes is below the best before by 2 % of the prior entropy; so are the first."""
    values = [one.cross_entropy for one in passes]
    before, last = values[: -limits.STILL], values[-limits.STILL :]
    return not before or min(before) - min(last) > limits.MATERIAL * passes[-1].prior_entropy


def collapse(report: EvaluationReport, *, skilled: bool) -> tuple[Observation, ...]:
    """The decisions are the same for every input, though the labels are not.

    Holds where 95 % of the decisions on each label go one way, in all a quarter or less of the rarer outcomes are
    named, the model is surer than such answers are right (by 2 % of `decision_scale` and 3 standard errors), and there
    is no skill. Of two sigmoids, which always say yes, `redundant-softmax` tells.
    """
    n = report.num_examples
    answers, shares = report.predicted / n, yardsticks.positive_shares(report)
    yes = answers >= 0.5
    one_way, right = np.where(yes, answers, 1 - answers), np.where(yes, shares, 1 - shares)
    forgotten = float((1 - one_way).sum()) <= limits.OTHERS_PREDICTED * float((1 - right).sum())
    error = float(bounded_mean_error(float(right.mean()), sampling.independent(report)))
    surer = max(limits.NO_SKILL * yardsticks.decision_scale(report), limits.NOISE * error)
    holds = bool((one_way >= limits.COLLAPSED).all()) and forgotten and not skilled
    holds = holds and not has_two_sigmoids(report) and report.confidence > float(right.mean()) + surer
    share = float(one_way.mean())

    def message() -> str:
        return (
            f"{percent(share)} of the {report.split} decisions on a label are the same for every example, on "
            f"{int(yes.sum())} of {report.num_classes} labels yes and on the others no, which is right for "
            f"{percent(float(right.mean()))}. The outputs have collapsed onto these answers, and the cross-entropy "
            f"({nats(report.cross_entropy)}) is no better than that of the base rates ({nats(report.prior_entropy)}). "
            "Lower the learning rate, shuffle the training data, and look at weights."
        )

    return observation(holds, message, value=share, threshold=limits.COLLAPSED)


def has_two_sigmoids(report: EvaluationReport) -> bool:
    r"""Whether all outputs lie between sigmoid(0) = 0.5 and sigmoid(1) = 0.731, and know something all the same.

    Then no example whose label is negative costs less than ln 2. An honest model would have to know that every label is
    positive more often than not; and it could not tell positives from negatives by 10 points within that range.
    """
    cap = baselines.redundant_softmax_cap(2) * limits.CAP_ROUNDING
    sums, positives = report.statistics, report.support.astype(np.float64)
    negatives = report.num_examples - positives
    highest = report.reliability[:, 0]
    known = highest[~np.isnan(highest)]
    floor = np.nan_to_num(report.class_negative_cross_entropy, nan=math.inf)
    total, rest = float(positives.sum()), float(negatives.sum())
    if not len(known) or known[-1] > cap or (floor < (1 - limits.ROUNDING) * math.log(2)).any() or not total * rest:
        return False
    # Where all outputs are above 1/2 they are the confidences, and their sums over positives and negatives follow.
    difference = float(sums.true_class_probability_sum.sum()) - rest
    output = float(sums.confidence_sum.sum())
    gap = (output + difference) / 2 / total - (output - difference) / 2 / rest
    spread = (cap - 0.5) / 2 * math.sqrt(1 / total + 1 / rest)
    noise = limits.NOISE * spread * math.sqrt(sampling.label_effect(sums) * sampling.rows_per_sample(sums))
    # Of rare labels what is told apart moves the outputs by little; there the range alone is far from the shares.
    far = output / sums.num_decisions > total / sums.num_decisions + limits.MATERIAL_SHARE
    return gap > noise and (gap > limits.MATERIAL_SHARE or far)


def may_share_one_soft_max(report: EvaluationReport) -> bool:
    r"""Whether the outputs of an example may add up to 1, as far as the sums tell, though its labels do not.

    The outputs of an example are at least :math:`u = \sum_k \min(p_k, 1 - p_k)`, and at most that and the number of
    labels named, so that 1 lies between; no two are named together.
    """
    if report.num_classes < 3 or not abs(_mean_positives(report) - 1) > limits.EXCLUSIVE:
        return False
    named, unsure = _mean_named(report), _mean_unsure(report)
    return named <= 1 + limits.ROUNDING and unsure <= 1 + limits.ROUNDING and unsure + named >= 1 - limits.ROUNDING


def shares_one_soft_max(report: EvaluationReport, train: EvaluationReport | None, *, settled: bool) -> bool:
    r"""Whether the outputs are those of one soft-max over labels that do not exclude each other.

    They may add up to 1 (`may_share_one_soft_max`), and one of three that no honest model of such labels has:

    - hardly any label is named, so that u above is the sum itself;
    - negatives cost less than :math:`0.9 u \ln 2`. (Where probabilities come true they cost
      :math:`-(1 - p) \ln(1 - p) \ge \min(p, 1 - p) \ln 2` each; positives that share one probability are told from
      negatives, and not named.) A model on its way down may be there for a while: only once it has settled;
    - the loss is less than 1/20 of what the wrong decisions would cost it, and the training is like that too:
      TensorFlow hands the logits below the soft-max to the loss, which takes them for those of sigmoids.
    """
    if not may_share_one_soft_max(report):
        return False
    positives, named = _mean_positives(report), _mean_named(report)
    if named < limits.MATERIAL_SHARE * abs(positives - 1):
        return True
    seen = [report] if train is None else [report, train]
    hidden = all(0 <= one.loss < limits.HIDDEN_LOSS * (1 - one.accuracy) * math.log(2) for one in seen)
    if hidden and all(map(may_share_one_soft_max, seen)):
        return True
    n, sums = report.num_examples, report.statistics
    cost = float(np.nansum(report.class_negative_cross_entropy * (n - report.support))) / n
    of_positives = report.support * np.nan_to_num(report.class_positive_cross_entropy) ** 2
    squares = float(np.maximum(sums.cross_entropy_square_sum - of_positives, 0.0).sum())
    error = math.sqrt(squares * sampling.label_effect(sums) * sampling.rows_per_sample(sums)) / n
    honest = limits.HONEST_NEGATIVES * math.log(2) * _mean_unsure(report)
    return settled and positives > 1 and cost + limits.NOISE * error < honest


def _mean_positives(report: EvaluationReport) -> float:
    return float(report.support.sum()) / report.num_examples


def _mean_named(report: EvaluationReport) -> float:
    return float(report.predicted.sum()) / report.num_examples


def _mean_unsure(report: EvaluationReport) -> float:
    return report.num_classes * (1 - report.confidence)


def over_named(report: EvaluationReport) -> float:
    """Share of the positive decisions that are more than the positives of their label."""
    return float(np.maximum(report.predicted - report.support, 0).sum()) / max(int(report.predicted.sum()), 1)


def contradicted(report: EvaluationReport) -> bool:
    """Whether the rare outcomes are told well enough for those that contradict to be worth a look: F1 of 90 %."""
    named, found = yardsticks.rare_decisions(report)
    rare = float(np.minimum(report.support, report.num_examples - report.support).sum())
    return found > (1 - limits.CONTRADICTED) * (named + rare) / 2
