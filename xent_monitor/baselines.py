"""What a cross-entropy has to be compared with: yardsticks that need no model.

>>> round(uniform_cross_entropy(10), 4)
2.3026
>>> round(skill(1.82, 2.30), 2)
0.21

"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "geometric_mean_probability",
    "mean_label_entropy",
    "perplexity",
    "prior_entropy",
    "skill",
    "uniform_cross_entropy",
]


def uniform_cross_entropy(num_classes: int) -> float:
    r"""Cross-entropy of a model that gives every class the same probability, in nats.

    .. math:: \ln K

    Args:
        num_classes: Number of classes K, >= 1.

    Returns:
        Nats, >= 0.

    Raises:
        ValueError: If `num_classes` is below 1.
    """
    if num_classes < 1:
        raise ValueError(f"`num_classes` must be an integer >= 1. Received: num_classes={num_classes}.")
    return math.log(num_classes)


def prior_entropy(support: ArrayLike) -> float:
    r"""Entropy of the class shares, in nats: the cross-entropy of a model that knows them and nothing else.

    .. math:: H(\pi) = -\sum_k \pi_k \ln \pi_k, \quad \pi_k = n_k / \sum_j n_j

    Args:
        support: Examples of each class. Shape `(num_classes,)`, >= 0.

    Returns:
        Nats, in [0, ln K]; NaN without examples.

    Example:
        >>> round(prior_entropy([90, 10]), 4)
        0.3251

    Source: Cover and Thomas, Elements of Information Theory, 2nd ed., eq. 2.1.
    """
    counts = np.asarray(support, np.float64)
    total = counts.sum()
    if total == 0:
        return math.nan
    shares = counts[counts > 0] / total
    return max(0.0, float(-(shares * np.log(shares)).sum()))


def mean_label_entropy(positives: ArrayLike, num_examples: int) -> float:
    r"""Mean over the labels of the entropy of positive against negative, in nats.

    The cross-entropy, per decision, of a model that knows how common each label is and nothing else.

    .. math:: \frac{1}{K} \sum_k -\pi_k \ln \pi_k - (1 - \pi_k) \ln(1 - \pi_k), \quad \pi_k = n_k / n

    Args:
        positives: Examples whose label k is positive. Shape `(num_labels,)`, in `[0, num_examples]`.
        num_examples: Number of examples n.

    Returns:
        Nats, in [0, ln 2]; NaN without examples.

    Example:
        >>> round(mean_label_entropy([90, 0], 100), 4)   # half of that of the first label
        0.1625

    Source: Cover and Thomas, Elements of Information Theory, 2nd ed., eq. 2.5.
    """
    if num_examples == 0:
        return math.nan
    shares = np.asarray(positives, np.float64) / num_examples
    outcomes = np.stack([shares, 1.0 - shares])
    # 0 ln 0 is 0: that of 1 is.
    return max(0.0, float(-(outcomes * np.log(np.where(outcomes > 0, outcomes, 1.0))).sum(axis=0).mean()))


def skill(cross_entropy: float, prior: float) -> float:
    r"""Share of the uncertainty about the class that the model removes.

    .. math:: 1 - \mathrm{CE} / H(\pi)

    Args:
        cross_entropy: Nats, >= 0.
        prior: Prior entropy, nats, >= 0.

    Returns:
        1 perfect, 0 no better than the class shares, < 0 worse than those. NaN where `prior` is 0 (one class only).

    Source: McFadden (1974), Conditional logit analysis of qualitative choice behavior (the likelihood ratio index).
    """
    return 1.0 - cross_entropy / prior if prior > 0 else math.nan


def perplexity(cross_entropy: float) -> float:
    """Size of the fair choice that would be as uncertain: e to the cross-entropy, >= 1; infinite beyond floats."""
    with np.errstate(over="ignore"):
        return float(np.exp(cross_entropy))


def geometric_mean_probability(cross_entropy: float) -> float:
    """Geometric mean of the probabilities given to the true classes: e to minus the cross-entropy, in [0, 1]."""
    return float(np.exp(-cross_entropy))
