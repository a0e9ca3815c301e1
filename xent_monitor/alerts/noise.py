r"""Standard errors of the quantities that have one: what a difference must exceed to be more than chance.

- Cross-entropies and `skill`: from the spread over the examples.
- Means of values in [0, 1], shares among them: at most :math:`\sqrt{m (1 - m) / n}` (exact for shares), with Laplace's
  :math:`m = (s + 1) / (n + 2)` for a sum `s`, so that a share of 0 or 1 is not taken for certain.
- `brier_score` and `mean_entropy`, means of values in [0, 2] and [0, ln K]: the same in units of their range.
- `class_positive_cross_entropy` and `class_negative_cross_entropy` of labels: at most what the spread within the two
  together allows.
- `perplexity` and `geometric_mean_probability`: that of the cross-entropy times their slope.

The others (losses, calibration errors, temperatures, counts) have none, and differences of them are judged without.
Rows of one sample (tokens, pixels) count as one where they are not known to be independent, and so do the labels of one
row: see `xent_monitor.sampling`.
Most passes judge the same examples, whose errors move together: to take two passes as independent overstates the noise
of their difference, and errs on the silent side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from xent_monitor import sampling
from xent_monitor.interpretation.thresholds import NOISE
from xent_monitor.report import EvaluationReport

__all__ = ["NOISE", "STANDARD_ERRORS", "bounded_mean_error"]

#: From a report to the standard error of a quantity: a number, or an array with one for each class.
StandardError = Callable[[EvaluationReport], Any]


def bounded_mean_error(mean: Any, count: Any, largest: float = 1.0) -> Any:
    """Largest standard error that a mean of values in [0, `largest`] can have; exact where all are at the ends.

    Args:
        mean: The mean, or one for each class.
        count: Number of values, the same way.
        largest: Upper end of the values' range, > 0.

    Returns:
        In the unit of the values; NaN where the mean is NaN.

    Example:
        >>> round(float(bounded_mean_error(0.8, 98)), 4)   # sqrt(0.794 * 0.206 / 98)
        0.0409
    """
    count = np.asarray(count, np.float64)
    smoothed = np.clip((np.asarray(mean) / largest * count + 1) / (count + 2), 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return largest * np.sqrt(smoothed * (1 - smoothed) / count)


def _of_share(quantity: str, count: str, largest: float = 1.0) -> StandardError:
    """The error of a mean of values in [0, `largest`] over so many rows."""

    def error(report: EvaluationReport) -> Any:
        rows = getattr(report.statistics if count == "class_examples" else report, count)
        return bounded_mean_error(
            getattr(report, quantity), rows / sampling.rows_per_sample(report.statistics), largest
        )

    return error


def _skill(report: EvaluationReport) -> float:
    return sampling.cross_entropy_error(report) / report.prior_entropy if report.prior_entropy > 0 else math.nan


def _of_outcome(index: int) -> StandardError:
    """That of the cross-entropy of positives (0) or negatives (1); those of a class are all positive."""

    def error(report: EvaluationReport) -> Any:
        if report.task == "multilabel":
            return sampling.outcome_errors(report)[index]
        return sampling.class_cross_entropy_error(report) if index == 0 else np.full(report.num_classes, math.nan)

    return error


#: Quantities with a standard error.
STANDARD_ERRORS: Mapping[str, StandardError] = {
    "cross_entropy": sampling.cross_entropy_error,
    "class_cross_entropy": sampling.class_cross_entropy_error,
    "class_positive_cross_entropy": _of_outcome(0),
    "class_negative_cross_entropy": _of_outcome(1),
    "skill": _skill,
    "perplexity": lambda report: report.perplexity * sampling.cross_entropy_error(report),
    "geometric_mean_probability": lambda report: (
        report.geometric_mean_probability * sampling.cross_entropy_error(report)
    ),
    "accuracy": _of_share("accuracy", "num_examples"),
    "class_accuracy": _of_share("class_accuracy", "class_examples"),
    "class_recall": _of_share("class_recall", "support"),
    "class_precision": _of_share("class_precision", "predicted"),
    "confidence": _of_share("confidence", "num_examples"),
    "class_confidence": _of_share("class_confidence", "class_examples"),
    "true_class_probability": _of_share("true_class_probability", "num_examples"),
    "class_true_class_probability": _of_share("class_true_class_probability", "class_examples"),
    "brier_score": _of_share("brier_score", "num_examples", 2.0),
    "mean_entropy": lambda report: _of_share("mean_entropy", "num_examples", report.uniform_cross_entropy)(report),
}
