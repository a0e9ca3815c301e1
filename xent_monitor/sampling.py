r"""How many independent examples a pass has, and what noise its means have: one place for the reading and the rules.

The errors of a report are those of rows that are drawn one by one. Rows of one *sample*, an entry of the first axis
(the tokens of a sequence, the pixels of an image), are not: they may all be right or wrong together. How alike they
are is not in the sums, so that the bound is taken that holds whatever they are: all rows of a sample move together.
With :math:`m` rows a sample there are then :math:`n / m` independent ones, and errors are :math:`\sqrt m` times as
large (Kish, 1965, Survey Sampling, section 5.4; exact for samples of one length). Without inner axes m is 1, and
nothing changes.

The decisions on the labels of one row are not independent either, but there the rows show how alike they are: the
variance of a row's mean over its labels is in the sums.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xent_monitor import yardsticks
from xent_monitor.quantity import standard_error_of_mean
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics, Floats

__all__ = [
    "class_cross_entropy_error",
    "class_excess_error",
    "constant_error",
    "cross_entropy_error",
    "decisions_per_sample",
    "excess_error",
    "hits_error",
    "independent",
    "label_effect",
    "mean_error",
    "outcome_errors",
    "paired_sums",
    "rows_per_sample",
]


def rows_per_sample(sums: ClassStatistics) -> float:
    """Rows that count of one entry of the first axis, in the mean; 1 without inner axes, and before format 3."""
    return sums.num_rows / sums.num_samples if 0 < sums.num_samples < sums.num_rows else 1.0


def decisions_per_sample(sums: ClassStatistics) -> float:
    """Decisions on one entry of the first axis: rows, times labels where the task is multi-label."""
    return rows_per_sample(sums) * (sums.num_classes if sums.task == "multilabel" else 1)


def independent(report: EvaluationReport) -> float:
    """Independent examples that the pass has at least; `num_examples` without inner axes."""
    return report.num_examples / rows_per_sample(report.statistics)


def label_effect(sums: ClassStatistics) -> float:
    r"""By how much the variance of a row's mean over its labels exceeds that of as many independent ones.

    .. math:: \frac{\mathrm{Var}(\frac1K \sum_k \ell_k)}{\frac1{K^2} \sum_k \mathrm{Var}(\ell_k)}

    with the cross-entropy :math:`\ell_k` of label k. Between 1 (independent, or less alike than that) and K (all the
    same); 1 where there is no variance.

    Source: the design effect of Kish (1965), Survey Sampling, section 8.2.
    """
    count, labels = sums.num_examples, sums.num_classes
    single = float(_squares(sums.cross_entropy_sum, sums.cross_entropy_square_sum, count).sum()) / labels**2
    rows = float(_squares(sums.cross_entropy_sum.sum() / labels, np.float64(sums.row_cross_entropy_square_sum), count))
    return min(max(rows / single, 1.0), float(labels)) if single > 0 else 1.0


def mean_error(sums: ClassStatistics, totals: Floats, squares: Floats) -> float:
    """Standard error of the mean over all decisions of values whose sums, and sums of squares, are known by class.

    Args:
        sums: The pass.
        totals: Sum of the values by class, or by label. Shape `(num_classes,)`.
        squares: Sum of their squares, the same way.

    Returns:
        In the unit of the values; NaN below two examples. Multi-label, the labels of a row are taken to be as alike in
        these values as they are in their cross-entropies.
    """
    count = sums.num_examples
    if sums.task != "multilabel":
        error = float(standard_error_of_mean(totals.sum(), squares.sum(), count))
    elif count < 2:
        error = math.nan
    else:
        variance = (
            label_effect(sums) * float(_squares(totals, squares, count).sum()) / sums.num_classes**2 / (count - 1)
        )
        error = math.sqrt(variance / count)
    return error * math.sqrt(rows_per_sample(sums))


def cross_entropy_error(report: EvaluationReport) -> float:
    """Standard error of `cross_entropy` over independent examples, nats; NaN below two examples."""
    return report.standard_error * math.sqrt(rows_per_sample(report.statistics))


def class_cross_entropy_error(report: EvaluationReport) -> Floats:
    """The same of `class_cross_entropy`."""
    return report.class_standard_error * math.sqrt(rows_per_sample(report.statistics))


def excess_error(report: EvaluationReport) -> float:
    r"""Standard error of `cross_entropy - prior_entropy`, nats.

    The guess by base rates costs every example of class k the same, :math:`-\ln \pi_k`, so that its loss can be taken
    from that of each example: the error of the mean difference is that of paired values, and far smaller than that of
    the cross-entropy where a model is close to the base rates.

    .. math:: d_i = -\ln p_{i y_i} + \ln \pi_{y_i}, \quad
        \sum_i d_i^2 = \sum_k q_k + 2 s_k \ln \pi_k + n_k \ln^2 \pi_k

    with the sum :math:`s_k` of the cross-entropies of class k and :math:`q_k` of their squares; multi-label of each
    label, positive against negative.
    """
    return mean_error(report.statistics, *paired_sums(report))


def class_excess_error(report: EvaluationReport, times: float = 1.0) -> Floats:
    """Multi-label: standard error, for each label, of its cross-entropy less `times` the entropy of its share, nats.

    No less than a Poisson count of the rarer outcome gives: of a few positives that are alike the spread says nothing.
    """
    sums = report.statistics
    totals, squares = paired_sums(report, times)
    error = np.asarray(standard_error_of_mean(totals, squares, sums.num_examples))
    positives = sums.support.astype(np.float64)
    negatives = sums.num_examples - positives
    log_positive, log_negative = _log_shares(positives, sums.num_examples), _log_shares(negatives, sums.num_examples)
    rare = positives <= negatives
    cost = np.where(rare, report.class_positive_cross_entropy, report.class_negative_cross_entropy)
    cost = np.abs(cost + times * np.where(rare, log_positive, log_negative))
    counted = np.sqrt(np.minimum(positives, negatives)) * cost / max(sums.num_examples, 1)
    return np.asarray(np.fmax(error, counted) * math.sqrt(rows_per_sample(sums)))


def outcome_errors(report: EvaluationReport) -> tuple[Floats, Floats]:
    """Multi-label: largest standard errors of the cross-entropies of positives and of negatives, for each label.

    The spread within the outcomes is known for the two together: all of it is taken for that of the one.
    """
    sums = report.statistics
    positive, negative = report.class_positive_cross_entropy, report.class_negative_cross_entropy
    positives = sums.support.astype(np.float64)
    negatives = sums.num_examples - positives
    between = positives * np.nan_to_num(positive) ** 2 + negatives * np.nan_to_num(negative) ** 2
    within = np.maximum(sums.cross_entropy_square_sum - between, 0.0) * rows_per_sample(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = [np.where(count > 1, np.sqrt(within / (count - 1) / count), np.nan) for count in (positives, negatives)]
    return both[0], both[1]


def hits_error(report: EvaluationReport) -> float:
    r"""Multi-label: standard error of the first of `yardsticks.blind_hits`, if the decisions were blind.

    That of a label is hypergeometric, with the variance :math:`n \pi (1 - \pi) q (1 - q)`; labels are taken to be as
    alike in it as they are in their cross-entropies.
    """
    sums, n = report.statistics, report.num_examples
    shares, answers = sums.support / n, sums.predicted / n
    single = n * float((shares * (1 - shares) * answers * (1 - answers)).sum())
    return math.sqrt(single * label_effect(sums) * rows_per_sample(sums))


def constant_error(report: EvaluationReport) -> float:
    """Multi-label: standard error of the accuracy less that of the best constant answers.

    The two differ where a rare outcome is named, and by one decision there: the error is that of as many coins, with
    labels as alike in it as they are in their cross-entropies.

    Source: McNemar (1947), Note on the sampling error of the difference between correlated proportions.
    """
    sums = report.statistics
    named, _ = yardsticks.rare_decisions(report)
    return math.sqrt(named * label_effect(sums) * rows_per_sample(sums)) / max(sums.num_decisions, 1)


def paired_sums(report: EvaluationReport, times: float = 1.0) -> tuple[Floats, Floats]:
    """Sums by class of what decisions cost less `times` what the guess by base rates does, and of its square."""
    sums = report.statistics
    cost, squares = sums.cross_entropy_sum, sums.cross_entropy_square_sum
    support = sums.support.astype(np.float64)
    log_share = times * _log_shares(support, max(sums.num_examples, 1))
    positive = sums.positive_cross_entropy_sum
    if positive is None:
        return cost + support * log_share, squares + 2 * cost * log_share + support * log_share**2
    others = sums.num_examples - support
    log_other = times * _log_shares(others, max(sums.num_examples, 1))
    negative = np.maximum(cost - positive, 0.0)
    totals = cost + support * log_share + others * log_other
    products = positive * log_share + negative * log_other
    return totals, squares + 2 * products + support * log_share**2 + others * log_other**2


def _log_shares(counts: Floats, total: float) -> Floats:
    """Logarithms of the shares, 0 where there is none."""
    with np.errstate(divide="ignore"):
        return np.where(counts > 0, np.log(counts / max(total, 1.0)), 0.0)


def _squares(totals: Any, squares: Any, count: int) -> Any:
    """Sums of squared deviations from the mean, never below 0."""
    return np.maximum(squares - np.square(totals) / max(count, 1), 0.0)
