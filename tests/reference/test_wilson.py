"""The interval of a share against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from xent_monitor.calibration import wilson_interval

pytestmark = pytest.mark.reference

TRIALS = (1, 2, 7, 50, 1000, 10**7)


@pytest.mark.parametrize("trials", TRIALS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.98, 1.0])
def test_interval_is_that_of_scipy(trials, share):
    successes = round(share * trials)

    expected = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")

    np.testing.assert_allclose(wilson_interval(successes, trials), [expected.low, expected.high], rtol=1e-9, atol=1e-15)


def test_interval_is_inside_and_around_the_share():
    trials = np.repeat(TRIALS, 100)
    successes = np.floor(trials * np.random.default_rng(0).random(len(trials)))

    low, high = wilson_interval(successes, trials).T

    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= successes / trials + 1e-15).all()
    assert (high >= successes / trials - 1e-15).all()


def test_without_trials_there_is_no_interval():
    assert np.isnan(wilson_interval(np.zeros((2, 3)), np.zeros((2, 3)))).all()
    assert wilson_interval(np.zeros((2, 3)), np.zeros((2, 3))).shape == (2, 3, 2)
