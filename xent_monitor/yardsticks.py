r"""What decisions have to be compared with, where a report tells: those of one who does not look at the input.

Multi-label each is the mean over the labels of that of positive against negative. Where labels are rare, to say "no"
to all of them is right nearly always, so that the accuracy has to be read against these.
"""

from __future__ import annotations

import numpy as np

from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats

__all__ = [
    "blind_hits",
    "chance_accuracy",
    "constant_accuracy",
    "decision_scale",
    "guess_cross_entropy",
    "positive_shares",
    "rare_decisions",
]


def positive_shares(report: EvaluationReport) -> Floats:
    """Share of the examples that are of class k, or whose label k is positive; NaN without examples."""
    with np.errstate(invalid="ignore"):
        return np.asarray(report.support / np.float64(report.num_examples))


def constant_accuracy(report: EvaluationReport) -> float:
    """Accuracy of the best answer that is the same for every input: the most frequent class, or outcome of a label."""
    if report.task != "multilabel":
        return float(report.support.max() / report.num_examples)
    shares = positive_shares(report)
    return float(np.maximum(shares, 1 - shares).mean())


def chance_accuracy(report: EvaluationReport) -> float:
    r"""Accuracy of answers as frequent as these, but drawn blindly.

    .. math:: \sum_k \pi_k q_k, \quad \text{multi-label} \quad
        \frac1K \sum_k \pi_k q_k + (1 - \pi_k) (1 - q_k)

    with the share :math:`\pi_k` of class (or label) k among the examples and :math:`q_k` among the predictions.

    Source: chance agreement, Cohen (1960), A coefficient of agreement for nominal scales.
    """
    n = report.num_examples
    shares, answers = report.support / n, report.predicted / n
    if report.task != "multilabel":
        return float(shares @ answers)
    return float((shares * answers + (1 - shares) * (1 - answers)).mean())


def blind_hits(report: EvaluationReport) -> tuple[float, float]:
    """Multi-label: rare outcomes that were found, and how many blind decisions of the same frequencies would find.

    The rare outcome of a label is to be positive where that is so in half of the examples or fewer. In the accuracy
    over all decisions these can hardly be seen where labels are rare.
    """
    n = report.num_examples
    shares, answers = report.support / n, report.predicted / n
    expected = np.where(shares <= 0.5, shares * answers, (1 - shares) * (1 - answers))
    return float(rare_decisions(report)[1]), float(n * expected.sum())


def rare_decisions(report: EvaluationReport) -> tuple[int, int]:
    """Multi-label: decisions for the rare outcome of a label, and how many of them are right."""
    n, found = report.num_examples, report.statistics.true_positives
    rare = 2 * report.support <= n
    named = np.where(rare, report.predicted, n - report.predicted)
    return int(named.sum()), int(np.where(rare, found, n - report.support - report.predicted + found).sum())


def decision_scale(report: EvaluationReport) -> float:
    """What a difference of accuracies is counted in: 1; multi-label twice the errors of `constant_accuracy`.

    That is 1 for labels that are positive in half of the examples, and 0.02 where they are in one of 100: what is
    left to gain or to lose is so much less.
    """
    return 1.0 if report.task != "multilabel" else 2 * (1 - constant_accuracy(report))


def guess_cross_entropy(report: EvaluationReport) -> Floats:
    r"""What the guess by base rates costs the examples of each class, nats: :math:`-\ln \pi_k`, infinite without any.

    Multi-label: all examples, for each label, which is the entropy of its share; 0 where that is 0 or 1.
    """
    shares = positive_shares(report)
    with np.errstate(divide="ignore", invalid="ignore"):
        if report.task != "multilabel":
            return np.asarray(-np.log(shares))
        outcomes = np.stack([shares, 1 - shares])
        return np.asarray(-(outcomes * np.log(np.where(outcomes > 0, outcomes, 1.0))).sum(axis=0))
