"""The argument that there are hardly any false alarms: trainings of which there is nothing bad to say, by construction.

A model whose predictions are the posterior probabilities of a known generative model does nothing wrong, however
little it knows and however few examples it is judged on. What a rule says of it is chance.
"""

from __future__ import annotations

import collections

import numpy as np
import pytest

from tests.fast_sums import BATCH, sums_of
from tests.honest_trainings import EPOCHS, HonestTraining, honest_trainings, posterior, signal_of_skill
from tests.passes import firing, play
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.statistics import array_fields, scalar_fields

TRAININGS = 500
#: Share of the trainings that may have an alert at warning or above.
FALSE_ALARMS = 0.01


@pytest.mark.slow
def test_honest_trainings_are_hardly_ever_warned_of():
    culprits = collections.defaultdict(list)
    for training in honest_trainings(0, TRAININGS):
        for name, epoch in firing(play(training.epochs()), info=False):
            culprits[training.seed].append((name, epoch))

    assert len(culprits) <= FALSE_ALARMS * TRAININGS, dict(culprits)


def test_some_honest_trainings_are_silent():
    """The same for the first few, in every run of the tests."""
    warned = [training.seed for training in honest_trainings(0, 20) if firing(play(training.epochs()), info=False)]

    assert warned == []


# The trainings are what they are said to be


def test_trainings_are_of_the_promised_variety():
    drawn = list(honest_trainings(0, TRAININGS))
    ratios = [training.shares.max() / training.shares.min() for training in drawn]

    assert {len(training.shares) for training in drawn} == set(range(2, 21))
    assert min(ratios) < 1.1
    assert max(ratios) > 8
    assert min(training.validation for training in drawn) < 60
    assert max(training.validation for training in drawn) > 1800
    assert {training.splits for training in drawn} == {("train", "validation"), ("train",), ("validation",)}
    assert 0.3 < np.mean([training.slowness > 0 for training in drawn]) < 0.7


def test_skill_grows_to_its_plateau():
    growing = HonestTraining(0, np.full(4, 0.25), 2000, 2000, plateau=0.6, slowness=3.0, splits=("validation",))

    skills = [report.skill for (report,) in growing.epochs()]

    assert len(skills) == EPOCHS
    assert skills == pytest.approx(growing.skills(), abs=0.06)
    assert skills[0] < 0.3 < skills[-1]


def test_probabilities_are_honest():
    """Of all predictions of about p, a share of about p comes true."""
    labels, probabilities = posterior(np.array([0.6, 0.3, 0.1]), 1.2, 100_000, np.random.default_rng(0))
    truth = np.eye(3)[labels]

    for low in np.arange(0.0, 1.0, 0.1):
        near = (probabilities >= low) & (probabilities < low + 0.1)
        error = np.sqrt(0.25 / near.sum())

        assert truth[near].mean() == pytest.approx(probabilities[near].mean(), abs=4 * error)


def test_signal_has_the_skill_that_was_asked_for():
    shares = np.array([0.5, 0.3, 0.2])
    (signal,) = signal_of_skill(shares, np.array([0.4]), np.random.default_rng(1))
    labels, probabilities = posterior(shares, signal, 50_000, np.random.default_rng(2))
    prior = -(shares * np.log(shares)).sum()

    assert 1 + np.log(probabilities[np.arange(50_000), labels]).mean() / prior == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("num_classes", [2, 5])
def test_fast_sums_are_those_of_the_oracle(num_classes):
    """But for the two that depend on the batches: the oracle has a single one."""
    shares = np.full(num_classes, 1 / num_classes)
    labels, probabilities = posterior(shares, 1.0, BATCH, np.random.default_rng(0))

    fast, oracle = sums_of(labels, probabilities), statistics_from_predictions(labels, probabilities)

    for field in [*array_fields(), *scalar_fields()]:
        if field.name not in {"confusion_sketch", "positive_cross_entropy_sum"}:
            np.testing.assert_allclose(getattr(fast, field.name), getattr(oracle, field.name), rtol=1e-9, atol=1e-9)


def test_steps_from_batch_to_batch_are_not_counted():
    confidences = np.where(np.arange(2 * BATCH) < BATCH, 0.6, 0.9)

    fast = sums_of(np.zeros(2 * BATCH, np.int64), np.stack([confidences, 1 - confidences], axis=1))

    assert fast.num_batches == 2
    assert fast.confidence_step_sum == pytest.approx(0, abs=1e-12)
