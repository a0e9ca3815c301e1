"""What noise a pass has, and when a difference is beyond it."""

from __future__ import annotations

import math

from xent_monitor import sampling
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.report import EvaluationReport

__all__ = [
    "accuracy_error",
    "beyond_noise",
    "binomial_error",
    "chi_square_limit",
    "cross_entropy_error",
    "rescale_error",
]


def beyond_noise(difference: float, standard_error: float) -> bool:
    """Whether a difference is beyond noise; False where one of the two is undefined."""
    return abs(difference) > limit.NOISE * standard_error


def cross_entropy_error(report: EvaluationReport) -> float:
    """Standard error of the cross-entropy; NaN below `MIN_EXAMPLES`."""
    enough = sampling.independent(report) >= limit.MIN_EXAMPLES
    return sampling.cross_entropy_error(report) if enough else math.nan


def rescale_error(report: EvaluationReport) -> float:
    """Standard error of what the fitted temperature T saves, about: that of the cross-entropy, times |1 - 1/T|.

    The cost of a confident mistake is proportional to its logits, of which the temperature leaves 1/T.
    """
    return cross_entropy_error(report) * abs(1 - 1 / report.temperature)


def accuracy_error(report: EvaluationReport) -> float:
    """Binomial standard error of the accuracy, over examples; NaN below `MIN_EXAMPLES`.

    Multi-label the accuracy is the mean over examples of values in [0, 1], of which this is the largest error.
    """
    independent = sampling.independent(report)
    return binomial_error(report.accuracy, independent) if independent >= limit.MIN_EXAMPLES else math.nan


def binomial_error(share: float, independent: float) -> float:
    """Standard error of a share of so many independent examples, not 0 where it is 0 or 1 (rule of succession)."""
    likely = (share * independent + 1) / (independent + 2)
    return math.sqrt(likely * (1 - likely) / independent)


def chi_square_limit(degrees: int) -> float:
    """Chi-square value that chance exceeds as rarely as a normal one exceeds `NOISE` (Wilson and Hilferty 1931)."""
    if degrees == 0:
        return math.inf
    spread = 2 / (9 * degrees)
    return degrees * float((1 - spread + limit.NOISE * math.sqrt(spread)) ** 3)
