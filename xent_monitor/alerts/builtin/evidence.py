"""What the built-in rules have in common: what is judged, what noise is, and how observations are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from xent_monitor import sampling, yardsticks
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.alerts.noise import bounded_mean_error
from xent_monitor.report import EvaluationReport

__all__ = [
    "SILENT",
    "accuracy_error",
    "base_rate_loss",
    "beyond_prior",
    "elsewhere",
    "enough",
    "judged",
    "minimised_error",
    "minimised_loss",
    "observation",
    "still",
    "trusted",
]

#: The data do not say: the state stays as it is.
SILENT = (Observation(holds=None),)


def observation(
    holds: bool, message: Callable[[], str], *, value: float = math.nan, threshold: float = math.nan
) -> tuple[Observation, ...]:
    """One observation of the whole output; the message is made only where it is needed."""
    return (Observation(bool(holds), float(value), float(threshold), None, message() if holds else ""),)


def judged(evaluation: Evaluation) -> bool:
    """Whether this is the pass to judge the model by: validation, or training where there is no validation."""
    return evaluation.report.split != "train" or not evaluation.history("validation")


def elsewhere(evaluation: Evaluation) -> tuple[Observation, ...]:
    """What a rule says of a pass that is not to be judged.

    Once there is a validation, what was said of the training is over: else it would fire, and inhibit, for good.
    """
    return (Observation(holds=False),) if not judged(evaluation) else SILENT


def trusted(report: EvaluationReport) -> bool:
    """Whether a pass has enough examples, and labels of more than one class, to be compared with its prior entropy."""
    return enough(report) and report.prior_entropy > 0


def enough(report: EvaluationReport) -> bool:
    """Whether a pass has enough independent examples for a standard error."""
    return sampling.independent(report) >= limits.MIN_EXAMPLES


def beyond_prior(report: EvaluationReport, sign: int, material: float) -> bool:
    """Whether the cross-entropy is above (1) or below (-1) the prior entropy, beyond noise and by a share of it."""
    if not trusted(report) or math.isnan(report.cross_entropy):
        return False
    excess = sign * (report.cross_entropy - report.prior_entropy)
    return excess > max(limits.NOISE * sampling.excess_error(report), material * report.prior_entropy)


def accuracy_error(report: EvaluationReport) -> float:
    """Standard error of the accuracy; multi-label the largest that a mean over examples can have."""
    return float(bounded_mean_error(report.accuracy, sampling.independent(report)))


def minimised_loss(report: EvaluationReport) -> float:
    """What the optimiser saw less the penalty, nats for a cross-entropy: the weighted loss, else the cross-entropy."""
    penalised = not report.output or report.statistics.num_samples == 0  # what `explained_loss` has a penalty in
    loss = report.explained_loss - (report.regularization if penalised else 0.0)
    return report.cross_entropy if math.isnan(loss) else loss


def minimised_error(report: EvaluationReport) -> float:
    """Standard error of `minimised_loss`, taken as the cross-entropies times a factor for each class.

    Exact for class weights and for a loss that is a multiple of the cross-entropy, near to it for others.
    """
    sums, factors = report.statistics, _factors(report)
    return sampling.mean_error(sums, factors * sums.cross_entropy_sum, factors**2 * sums.cross_entropy_square_sum)


def base_rate_loss(report: EvaluationReport) -> float:
    """What the optimiser would see of one who knows the base rates alone: the prior entropy, with the same factors."""
    examples = report.statistics.class_examples
    guess = np.where(examples > 0, yardsticks.guess_cross_entropy(report), 0.0)
    guess = np.where(np.isfinite(guess), guess, 0.0)
    return float((_factors(report) * examples * guess).sum() / max(report.statistics.num_decisions, 1))


def _factors(report: EvaluationReport) -> np.ndarray:
    """By how much the minimised loss of the examples of each class exceeds their cross-entropy; 1 where unknown."""
    sums = report.statistics
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.abs(sums.weighted_loss_sum / sums.cross_entropy_sum)
    return np.where(np.isfinite(factors), factors, 1.0)


def still(reports: Sequence[EvaluationReport]) -> bool | None:
    """Whether the cross-entropy has stopped falling: over `STILL` evaluations by less than what is worth a word.

    Args:
        reports: Passes of one split, oldest first, the one judged last.

    Returns:
        None where there are not enough of them.
    """
    if len(reports) <= limits.STILL:
        return None
    before, now = reports[-1 - limits.STILL], reports[-1]
    return not before.cross_entropy - now.cross_entropy > limits.MATERIAL * now.prior_entropy
