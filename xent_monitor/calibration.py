"""Are the probabilities honest? Reliability, calibration error and fitted temperature, from binned sums.

The temperature is fitted from sums over the rows, not from the rows: for each row the cross-entropy at inverse
temperature b, `logsumexp(b z) - b z_true`, is a convex function of b, and so is the sum over rows. The compiled
step adds up its value, slope and curvature at the few nodes of `INVERSE_TEMPERATURES`; here the root of the slope is
found between two nodes. Memory does not grow with the examples, and two passes add.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from xent_monitor.statistics import Floats, Integers

__all__ = [
    "INVERSE_TEMPERATURES",
    "TemperatureFit",
    "expected_calibration_error",
    "fit_temperature",
    "maximum_calibration_error",
    "reliability",
    "wilson_interval",
]

#: Nodes of the temperature fit: temperatures from 64 down to 1/16. Between nodes a factor of two apart the
#: interpolation is within 0.3 % of the optimum.
INVERSE_TEMPERATURES: tuple[float, ...] = tuple(2.0**power for power in range(-6, 5))

#: Standard normal deviate of a two-sided 95 % interval.
Z95 = NormalDist().inv_cdf(0.975)


def reliability(confidence_histogram: Integers, bin_confidence_sum: Floats) -> Floats:
    r"""Confidence against accuracy, per bin of the confidence: the data of a reliability diagram.

    Args:
        confidence_histogram: Examples per bin; rows wrong, right. Shape `(2, num_bins)`.
        bin_confidence_sum: Sum of the confidences in each bin. Shape `(num_bins,)`.

    Returns:
        Shape `(num_bins, 3)`: mean confidence, accuracy, count; NaN, NaN, 0 in an empty bin.

    Example:
        >>> reliability(np.array([[0, 1], [0, 3]]), np.array([0.0, 3.6]))
        array([[ nan,  nan, 0.  ],
               [0.9 , 0.75, 4.  ]])

    Source: DeGroot and Fienberg (1983); Guo et al. (2017), On Calibration of Modern Neural Networks, section 2.
    """
    counts = confidence_histogram.sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([bin_confidence_sum / counts, confidence_histogram[1] / counts, counts], axis=1)


def wilson_interval(successes: Integers | Floats, trials: Integers | Floats) -> Floats:
    r"""Ends of the 95 % interval of a share: what the accuracy of a bin may be, from the examples that it holds.

    .. math:: \frac{s + z^2 / 2}{n + z^2} \pm \frac{z}{n + z^2} \sqrt{\frac{s (n - s)}{n} + \frac{z^2}{4}}

    with :math:`s` successes in :math:`n` trials and :math:`z` the 97.5th percentile of the normal distribution. Unlike
    the interval of the normal approximation it stays in [0, 1], and is not empty where all or none succeed.

    Args:
        successes: Examples that are right. Shape `(...)`.
        trials: Examples in all. Shape `(...)`.

    Returns:
        Shape `(..., 2)`: lower and upper end; NaN without trials.

    Example:
        >>> wilson_interval(np.array([8, 0]), np.array([10, 0])).round(3)
        array([[0.49 , 0.943],
               [  nan,   nan]])

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212.
    """
    right, count = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (right + Z95**2 / 2) / (count + Z95**2)
        reach = Z95 / (count + Z95**2) * np.sqrt(right * (count - right) / count + Z95**2 / 4)
    return np.stack([np.clip(centre - reach, 0.0, 1.0), np.clip(centre + reach, 0.0, 1.0)], axis=-1)


def _calibration_gaps(table: Floats) -> tuple[Floats, Floats]:
    """Absolute gap between confidence and accuracy, and share of examples, of each bin that is not empty."""
    filled = table[table[:, 2] > 0]
    return np.abs(filled[:, 0] - filled[:, 1]), filled[:, 2] / filled[:, 2].sum()


def expected_calibration_error(table: Floats) -> float:
    r"""Mean gap between confidence and accuracy, weighted by the examples of a bin.

    .. math:: \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|

    Args:
        table: A `reliability` table. Shape `(num_bins, 3)`.

    Returns:
        In [0, 1]; NaN without examples. Biased upwards when the bins hold few examples.

    Source: Naeini et al. (2015); Guo et al. (2017), eq. 3 (top label, equal width, L1).
    """
    gaps, shares = _calibration_gaps(table)
    return float(gaps @ shares) if gaps.size else math.nan


def maximum_calibration_error(table: Floats) -> float:
    r"""Largest gap between confidence and accuracy of any bin that is not empty.

    .. math:: \max_b |\mathrm{acc}_b - \mathrm{conf}_b|

    Args:
        table: A `reliability` table. Shape `(num_bins, 3)`.

    Returns:
        In [0, 1]; NaN without examples.

    Source: Guo et al. (2017), eq. 5.
    """
    gaps, _ = _calibration_gaps(table)
    return float(gaps.max()) if gaps.size else math.nan


class TemperatureFit(NamedTuple):
    """Result of `fit_temperature`."""

    #: T* that minimises the cross-entropy of softmax(logits / T).
    temperature: float
    #: Mean cross-entropy of the sampled rows at T*, less that at T = 1: <= 0, nats.
    gain: float
    #: False where the optimum lies outside the grid, so that `temperature` is an end of it.
    inside: bool


def fit_temperature(temperature_sums: Floats, sample_size: int) -> TemperatureFit:
    r"""Temperature that minimises the cross-entropy, and what it gains.

    .. math:: T^* = \arg\min_T \sum_i \ln\sum_j e^{(z_{ij} - z_{i y_i}) / T}

    The slope in the inverse temperature is a rising function with known derivative at the nodes. In `u = ln(1/T)`,
    cubic Hermite interpolation of the slope gives the root, quintic interpolation of the cross-entropy its value
    there. `docs/explanation/decisions/0002-temperature-from-sums.md` has the measured error.

    Args:
        temperature_sums: Cross-entropy, its first and second derivative in the inverse temperature, at
            `INVERSE_TEMPERATURES`, summed over the sampled rows. Shape `(3, num_temperatures)`.
        sample_size: Number of rows sampled.

    Returns:
        The fit; NaN, NaN, False without rows. Where every row is right, or the model is worse than any cooled or
        heated one inside the grid, the nearer end of the grid.

    Source: Guo et al. (2017), eq. 9; the derivatives are those of the log-partition function.
    """
    if sample_size == 0 or not np.isfinite(temperature_sums).all():
        return TemperatureFit(math.nan, math.nan, False)
    nodes = np.asarray(INVERSE_TEMPERATURES)
    value, slope, curvature = temperature_sums / sample_size
    # Derivatives in u = ln(inverse temperature), where the nodes are evenly spaced.
    u = np.log(nodes)
    value_u = nodes * slope
    value_uu = nodes * slope + nodes**2 * curvature
    at_one = float(value[INVERSE_TEMPERATURES.index(1.0)])
    if slope[0] >= 0 or slope[-1] <= 0:
        end = 0 if slope[0] >= 0 else -1
        return TemperatureFit(float(1.0 / nodes[end]), min(0.0, float(value[end]) - at_one), False)
    left = int(np.flatnonzero(slope < 0)[-1])
    width = u[left + 1] - u[left]
    pair = slice(left, left + 2)
    root = _hermite_root(slope[pair], (nodes * curvature)[pair] * width)
    tempered = _quintic(root, value[pair], value_u[pair] * width, value_uu[pair] * width**2)
    return TemperatureFit(float(np.exp(-(u[left] + root * width))), min(0.0, tempered - at_one), True)


def _hermite_root(ends: Floats, slopes: Floats) -> float:
    """Where the cubic with these values (one negative, one positive) and slopes at 0 and 1 crosses zero."""
    (a, b), (da, db) = ends, slopes
    low, high = 0.0, 1.0
    for _ in range(60):
        t = (low + high) / 2
        cubic = (
            (2 * t**3 - 3 * t**2 + 1) * a + (t**3 - 2 * t**2 + t) * da + (3 * t**2 - 2 * t**3) * b + (t**3 - t**2) * db
        )
        low, high = (t, high) if cubic < 0 else (low, t)
    return low


def _quintic(t: float, ends: Floats, slopes: Floats, curvatures: Floats) -> float:
    """Quintic Hermite interpolation at `t` from values, slopes and curvatures at 0 and 1."""
    basis = np.array(
        [
            [1 - 10 * t**3 + 15 * t**4 - 6 * t**5, 10 * t**3 - 15 * t**4 + 6 * t**5],
            [t - 6 * t**3 + 8 * t**4 - 3 * t**5, -4 * t**3 + 7 * t**4 - 3 * t**5],
            [(t**2 - 3 * t**3 + 3 * t**4 - t**5) / 2, (t**3 - 2 * t**4 + t**5) / 2],
        ]
    )
    return float((basis * np.stack([ends, slopes, curvatures])).sum())
