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
    "CLIP_CEILING",
    "calibrated_bounds",
    "geometric_mean_probability",
    "label_smoothing_floor",
    "least_cross_entropy",
    "mean_label_entropy",
    "perplexity",
    "prior_entropy",
    "redundant_softmax_cap",
    "redundant_softmax_floor",
    "skill",
    "uniform_cross_entropy",
]

#: Largest cross-entropy of an example whose probabilities are clipped as Keras does: -ln 1e-7, nats.
CLIP_CEILING = -math.log(1e-7)


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


def label_smoothing_floor(num_classes: int, label_smoothing: float) -> float:
    r"""Least cross-entropy against smoothed labels, in nats: the entropy of such a label.

    .. math:: -(1 - \epsilon + \epsilon / K) \ln(1 - \epsilon + \epsilon / K)
        - (K - 1) (\epsilon / K) \ln(\epsilon / K)

    Args:
        num_classes: Number of classes K, >= 1.
        label_smoothing: Share :math:`\epsilon` of each label that is spread evenly over all classes, in [0, 1].

    Returns:
        Nats, in [0, ln K]; 0 without smoothing.

    Example:
        >>> round(label_smoothing_floor(10, 0.1), 3)
        0.5

    Source: Szegedy et al. (2016), Rethinking the Inception Architecture, section 7, for the labels.
    """
    spread = label_smoothing / num_classes
    return _entropy(1.0 - label_smoothing + spread) + (num_classes - 1) * _entropy(spread)


def least_cross_entropy(accuracy: float, num_classes: int = 2, label_smoothing: float = 0.0) -> float:
    r"""Bound below which no model with this accuracy can be, in nats.

    A wrong answer gives the true class at most as much as the class that it names, so at most one half.

    .. math:: (1 - a) \ln 2

    With smoothed labels a right answer costs at least the `label_smoothing_floor`, and a wrong one is best with half of
    what the label gives to the true class and to the named one for each of the two.

    Args:
        accuracy: Share a of the answers that are right, in [0, 1].
        num_classes: Number of classes K, >= 2; without smoothing the bound does not depend on it.
        label_smoothing: As in `label_smoothing_floor`.

    Returns:
        Nats, >= 0.

    Example:
        >>> round(least_cross_entropy(0.6), 3)
        0.277
    """
    spread = label_smoothing / num_classes
    both = 1.0 - label_smoothing + 2 * spread
    wrong = 2 * _entropy(both / 2) + (num_classes - 2) * _entropy(spread)
    return accuracy * label_smoothing_floor(num_classes, label_smoothing) + (1.0 - accuracy) * wrong


def calibrated_bounds(accuracy: float, num_classes: int) -> tuple[float, float]:
    r"""Least and largest cross-entropy of a calibrated model with this accuracy, in nats.

    Calibrated: among all examples that get the same distribution p, the classes are as frequent as p says. Its
    cross-entropy is then the mean entropy of its outputs, and its accuracy a the mean of their largest probabilities.

    .. math:: \ln j + j (j + 1) \ln\frac{j + 1}{j} \left(\frac1j - a\right) \le \mathrm{CE}
        \le -a \ln a - (1 - a) \ln\frac{1 - a}{K - 1}, \quad \frac1{j + 1} \le a \le \frac1j

    Neither bound can be tightened. The upper one holds of the best that any model can be made into without training: it
    is what its answers cost if the named class is always given a, and the others share the rest.

    Args:
        accuracy: In [0, 1].
        num_classes: Number of classes K, >= 2.

    Returns:
        Nats. The lower bound is NaN below an accuracy of 1 / K, where no model is calibrated.

    Raises:
        ValueError: If `num_classes` is below 2.

    Example:
        >>> [round(bound, 3) for bound in calibrated_bounds(0.9, 10)]
        [0.139, 0.545]

    Source: the upper bound Fano (1961), Transmission of Information; the lower one Feder and Merhav (1994), Relations
    between entropy and error probability, IEEE Transactions on Information Theory 40.
    """
    if num_classes < 2:
        raise ValueError(f"`num_classes` must be an integer >= 2. Received: num_classes={num_classes}.")
    wrong = 1.0 - accuracy
    highest = _entropy(accuracy) + _entropy(wrong) + wrong * math.log(num_classes - 1)
    # Rounding: 1 / (1 / 49) is below 49.
    if accuracy * num_classes < 1.0 - 1e-12:
        return math.nan, highest
    j = min(math.floor(1.0 / accuracy + 1e-12), num_classes)
    return math.log(j) + j * (j + 1) * math.log1p(1 / j) * max(0.0, 1 / j - accuracy), highest


def redundant_softmax_cap(num_classes: int) -> float:
    r"""Largest probability that a soft-max of probabilities can give: their differences are at most 1.

    .. math:: \frac{e}{e + K - 1}

    Example:
        >>> round(redundant_softmax_cap(10), 3)
        0.232
    """
    return math.e / (math.e + num_classes - 1)


def redundant_softmax_floor(num_classes: int) -> float:
    r"""Least cross-entropy of a model that ends in a soft-max of probabilities, in nats.

    .. math:: \ln(1 + (K - 1) / e)

    Example:
        >>> round(redundant_softmax_floor(10), 3)
        1.461
    """
    return math.log1p((num_classes - 1) / math.e)


def _entropy(share: float) -> float:
    """Its part of an entropy, -x ln x; 0 ln 0 is 0."""
    return -share * math.log(share) if share > 0 else 0.0
