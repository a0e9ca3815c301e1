"""Tests of reliability, calibration errors and the fitted temperature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from tests.statistics_from_predictions import temperature_sums
from xent_monitor.calibration import (
    INVERSE_TEMPERATURES,
    TemperatureFit,
    expected_calibration_error,
    fit_temperature,
    maximum_calibration_error,
    reliability,
)

#: Four bins: 10 wrong and 0 right, none, 2 and 6, 0 and 2.
HISTOGRAM = np.array([[10, 0, 2, 0], [0, 0, 6, 2]])
CONFIDENCE_SUM = np.array([2.0, 0.0, 5.0, 1.9])


def cross_entropy(labels, logits, temperature):
    scaled = logits / temperature
    return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]).mean())


def best_temperature(labels, logits):
    found = minimize_scalar(
        lambda u: cross_entropy(labels, logits, math.exp(u)),
        bounds=(math.log(1 / 64), math.log(256)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return math.exp(found.x), found.fun


def true_posterior(num_classes, num_examples=2000, seed=0):
    """Labels drawn from the softmax of the logits, so that the best temperature is about 1."""
    rng = np.random.default_rng(seed)
    logits = 2.0 * rng.normal(size=(num_examples, num_classes))
    gumbel = rng.gumbel(size=logits.shape)
    return (logits + gumbel).argmax(axis=1), logits


def sums_of(labels, logits):
    return temperature_sums(labels, logits - logits.max(axis=1, keepdims=True))


def test_reliability_by_hand():
    """A row holds mean confidence, accuracy and count; an empty bin NaN, NaN and 0."""
    table = reliability(HISTOGRAM, CONFIDENCE_SUM)

    expected = [[0.2, 0.0, 10], [math.nan, math.nan, 0], [0.625, 0.75, 8], [0.95, 1.0, 2]]
    np.testing.assert_allclose(table, expected, rtol=1e-15)


def test_calibration_errors_by_hand():
    """The expected error weighs the gaps by examples, the maximum one takes the largest."""
    table = reliability(HISTOGRAM, CONFIDENCE_SUM)

    expected = (10 * 0.2 + 8 * 0.125 + 2 * 0.05) / 20
    assert expected_calibration_error(table) == pytest.approx(expected, rel=1e-14)
    assert maximum_calibration_error(table) == pytest.approx(0.2, rel=1e-14)


def test_gaps_do_not_cancel():
    """Over-confidence in one bin is not made up for by under-confidence in another."""
    table = np.array([[0.6, 0.5, 10.0], [0.8, 0.9, 10.0]])

    assert expected_calibration_error(table) == pytest.approx(0.1)


def test_calibration_errors_are_undefined_without_examples():
    """No examples, no error: NaN."""
    table = reliability(np.zeros((2, 4), np.int64), np.zeros(4))

    assert math.isnan(expected_calibration_error(table))
    assert math.isnan(maximum_calibration_error(table))


@pytest.mark.parametrize("num_classes", [2, 10, 100])
@pytest.mark.parametrize("scale", [0.2, 0.35, 0.5, 0.71, 1.0, 1.4, 2.0, 3.0, 5.0, 7.3, 10.0])
def test_temperature_is_that_of_an_optimizer(num_classes, scale):
    """From the sums alone, T* is within 0.5 % of the optimum over all rows, its value within 1e-3 nats."""
    labels, logits = true_posterior(num_classes, seed=num_classes)
    logits = scale * logits
    expected, least = best_temperature(labels, logits)

    fit = fit_temperature(sums_of(labels, logits), len(labels))

    assert fit.inside
    assert fit.temperature == pytest.approx(expected, rel=5e-3)
    assert fit.temperature == pytest.approx(scale, rel=0.15)
    tempered = cross_entropy(labels, logits, 1.0) + fit.gain
    assert tempered == pytest.approx(least, abs=1e-3)


def test_gain_is_never_positive():
    """At T* the cross-entropy is at most that at T = 1, also where both agree to the last digits."""
    labels, logits = true_posterior(10)
    best, _ = best_temperature(labels, logits)

    fit = fit_temperature(sums_of(labels, logits / best), len(labels))

    assert fit.temperature == pytest.approx(1.0, rel=1e-4)
    assert -1e-6 <= fit.gain <= 0.0


def test_always_right_is_the_cold_end():
    """Where every row is right, no cooling is enough: the least temperature of the grid."""
    _, logits = true_posterior(5)
    labels = logits.argmax(axis=1)

    fit = fit_temperature(sums_of(labels, logits), len(labels))

    cold = 1 / INVERSE_TEMPERATURES[-1]
    gain = cross_entropy(labels, logits, cold) - cross_entropy(labels, logits, 1.0)
    assert fit == TemperatureFit(cold, pytest.approx(gain), False)
    assert fit.gain < 0


def test_worse_than_chance_is_the_hot_end():
    """Where the logits point away from the truth, no heating is enough: the largest temperature of the grid."""
    _, logits = true_posterior(5)
    labels = logits.argmin(axis=1)

    fit = fit_temperature(sums_of(labels, logits), len(labels))

    hot = 1 / INVERSE_TEMPERATURES[0]
    gain = cross_entropy(labels, logits, hot) - cross_entropy(labels, logits, 1.0)
    assert fit == TemperatureFit(hot, pytest.approx(gain), False)
    assert fit.gain < 0


def test_constant_logits_have_no_temperature_but_an_end():
    """Where all logits are equal every temperature is as good: an end of the grid, and no gain."""
    fit = fit_temperature(sums_of(np.array([0, 1, 2]), np.zeros((3, 3))), 3)

    assert fit == TemperatureFit(64.0, 0.0, False)


@pytest.mark.parametrize(
    ("sums", "sample_size"),
    [
        (np.zeros((3, len(INVERSE_TEMPERATURES))), 0),
        (np.full((3, len(INVERSE_TEMPERATURES)), np.nan), 10),
        (np.full((3, len(INVERSE_TEMPERATURES)), np.inf), 10),
    ],
    ids=["no rows", "NaN", "infinite"],
)
def test_temperature_is_undefined_without_rows(sums, sample_size):
    """Without rows, or with sums that are not finite, there is no temperature."""
    fit = fit_temperature(sums, sample_size)

    assert math.isnan(fit.temperature)
    assert math.isnan(fit.gain)
    assert not fit.inside


def test_grid_holds_temperature_one():
    """T = 1, at which the gain is measured, is a node; the nodes are evenly spaced in the logarithm."""
    assert 1.0 in INVERSE_TEMPERATURES
    np.testing.assert_allclose(np.diff(np.log2(INVERSE_TEMPERATURES)), 1.0)
