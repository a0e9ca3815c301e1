"""How many independent examples a pass has, and the noise of its means; and what blind decisions reach."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests import builders
from tests.fast_label_sums import label_sums
from tests.fast_sums import BATCH
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor import sampling, yardsticks
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import array_fields, scalar_fields

K, N = 5, 400
TARGETS, PROBABILITIES = builders.multilabel_predictions(K, N, seed=1, sharpness=1.0)
POSITIVE = TARGETS == 1
NATS = -np.log(np.where(POSITIVE, PROBABILITIES, 1 - PROBABILITIES))
SHARES = POSITIVE.mean(axis=0)


def of_labels(targets, probabilities, **sums):
    statistics = dataclasses.replace(label_sums(np.asarray(targets), np.asarray(probabilities)), **sums)
    return EvaluationReport(0, "validation", "", tuple(map(str, range(statistics.num_classes))), statistics)


REPORT = of_labels(TARGETS, PROBABILITIES)
CLASSES = builders.report(4, num_examples=200)


def error_of(values):
    return values.std(axis=0, ddof=1) / math.sqrt(len(values))


def test_fast_sums_of_labels_are_those_of_the_oracle():
    """But for the two that depend on the batches: the oracle has a single one."""
    targets, probabilities = TARGETS[:BATCH], PROBABILITIES[:BATCH]

    fast = label_sums(targets, probabilities)
    oracle = statistics_from_predictions(targets, probabilities, task="multilabel")

    for field in [*array_fields(), *scalar_fields()]:
        expected = getattr(oracle, field.name)
        if expected is None:
            assert getattr(fast, field.name) is None
        else:
            np.testing.assert_allclose(getattr(fast, field.name), expected, rtol=1e-9, atol=1e-9, err_msg=field.name)


# Rows of one sample


@pytest.mark.parametrize("report", [REPORT, CLASSES], ids=["labels", "classes"])
def test_errors_without_inner_axes_are_those_of_the_report(report):
    assert sampling.rows_per_sample(report.statistics) == 1
    assert sampling.independent(report) == report.num_examples
    assert sampling.cross_entropy_error(report) == report.standard_error
    np.testing.assert_array_equal(sampling.class_cross_entropy_error(report), report.class_standard_error)


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        pytest.param({"num_samples": 0}, 1.0, id="before format 3"),
        pytest.param({"num_samples": 200}, 1.0, id="no inner axes"),
        pytest.param({"num_samples": 250, "masked": 50}, 1.0, id="masked examples"),
        pytest.param({"num_samples": 10}, 20.0, id="tokens"),
        pytest.param({"num_samples": 10, "masked": 100}, 20.0, id="masked tokens do not count"),
    ],
)
def test_rows_per_sample(sums, expected):
    assert sampling.rows_per_sample(dataclasses.replace(CLASSES.statistics, **sums)) == expected


@pytest.mark.parametrize("report", [REPORT, CLASSES], ids=["labels", "classes"])
def test_errors_of_rows_that_move_together_are_those_of_the_samples(report):
    """A pass in which each example comes 25 times knows no more than the pass itself; but for ddof."""
    times, sums = 25, report.statistics
    repeated = {
        field.name: getattr(sums, field.name) * times
        for field in [*array_fields(), *scalar_fields()]
        if getattr(sums, field.name) is not None and field.name != "num_samples"
    }
    again = dataclasses.replace(report, statistics=dataclasses.replace(sums, **repeated, num_samples=sums.num_rows))

    assert sampling.independent(again) == report.num_examples
    assert sampling.cross_entropy_error(again) == pytest.approx(sampling.cross_entropy_error(report), rel=0.01)
    assert sampling.excess_error(again) == pytest.approx(sampling.excess_error(report), rel=0.01)


# Labels of one row


def test_labels_that_are_the_same_have_the_noise_of_one():
    same = of_labels(np.repeat(TARGETS[:, :1], 4, axis=1), np.repeat(PROBABILITIES[:, :1], 4, axis=1))

    assert sampling.label_effect(same.statistics) == pytest.approx(4, rel=1e-6)
    assert sampling.label_effect(REPORT.statistics) == pytest.approx(1, abs=0.2)
    assert sampling.decisions_per_sample(same.statistics) == 4


def test_error_of_a_mean_over_labels_is_that_over_rows():
    sums = REPORT.statistics

    error = sampling.mean_error(sums, sums.cross_entropy_sum, sums.cross_entropy_square_sum)

    assert error == pytest.approx(max(REPORT.standard_error, math.sqrt((NATS.var(axis=0).sum()) / K**2 / N)), rel=0.01)


@pytest.mark.parametrize("size", [0, 1])
def test_errors_of_less_than_two_examples_are_undefined(size):
    assert math.isnan(sampling.excess_error(of_labels(TARGETS[:size], PROBABILITIES[:size])))


def test_error_against_the_prior_is_that_of_the_paired_difference():
    guess = np.where(POSITIVE, -np.log(SHARES), -np.log(1 - SHARES))
    paired = NATS - guess
    by_label = sampling.class_excess_error(REPORT)

    assert by_label == pytest.approx(error_of(paired), rel=0.2)
    assert (by_label >= error_of(paired) * (1 - 1e-9)).all()
    assert sampling.excess_error(REPORT) == pytest.approx(error_of(paired.mean(axis=1)), rel=0.15)


def test_few_positives_that_are_alike_are_a_count_and_no_certainty():
    targets = np.zeros((100, 2), np.int64)
    targets[:4, 0], targets[:50, 1] = 1, 1
    report = of_labels(targets, np.tile([0.001, 0.5], (100, 1)))

    cost = -math.log(0.001) + math.log(0.04)
    assert sampling.class_excess_error(report)[0] >= 2 * cost / 100 * (1 - 1e-9)


def test_errors_of_outcomes_are_never_too_small():
    positive, negative = sampling.outcome_errors(REPORT)

    for label in range(K):
        yes = POSITIVE[:, label]
        assert positive[label] >= error_of(NATS[yes, label]) * (1 - 1e-9)
        assert negative[label] >= error_of(NATS[~yes, label]) * (1 - 1e-9)
        assert negative[label] < 3 * error_of(NATS[~yes, label])


def test_hits_of_blind_decisions_are_within_their_error():
    rng = np.random.default_rng(0)
    scores = []
    for _ in range(200):
        report = of_labels(TARGETS, rng.permutation(PROBABILITIES))
        found, expected = yardsticks.blind_hits(report)
        scores.append((found - expected) / sampling.hits_error(report))

    assert np.std(scores) == pytest.approx(1, abs=0.2)
    assert np.mean(scores) == pytest.approx(0, abs=0.25)


def test_accuracy_of_coins_is_within_the_error_of_its_difference_to_constant_answers():
    rng = np.random.default_rng(0)
    scores = []
    for _ in range(200):
        targets = (rng.random((300, 4)) < 0.5).astype(np.int64)
        report = of_labels(targets, rng.choice([0.3, 0.7], size=targets.shape))
        gain = report.accuracy - yardsticks.constant_accuracy(report)
        scores.append(gain / sampling.constant_error(report))

    assert np.std(scores) < 1.1


# Yardsticks


def test_yardsticks_of_labels_by_hand():
    targets = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]])
    decided = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1]])
    report = of_labels(targets, 0.2 + 0.6 * decided)
    share = np.array([0.25, 0.75, 0.0])

    assert yardsticks.positive_shares(report) == pytest.approx(share)
    assert yardsticks.constant_accuracy(report) == pytest.approx((0.75 + 0.75 + 1) / 3)
    assert yardsticks.decision_scale(report) == pytest.approx(2 * 0.5 / 3)
    assert yardsticks.chance_accuracy(report) == pytest.approx((0.5 + 0.5 + 0.75) / 3)
    assert yardsticks.rare_decisions(report) == (2 + 2 + 1, 1 + 1 + 0)
    assert yardsticks.blind_hits(report) == pytest.approx((2, 4 * (0.25 * 0.5 + 0.25 * 0.5)))
    entropy = -0.25 * math.log(0.25) - 0.75 * math.log(0.75)
    assert yardsticks.guess_cross_entropy(report) == pytest.approx([entropy, entropy, 0])
    assert yardsticks.guess_cross_entropy(report).mean() == pytest.approx(report.prior_entropy)


def test_yardsticks_of_classes_by_hand():
    labels, probabilities = np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    report = EvaluationReport(0, "test", "", ("a", "b"), statistics_from_predictions(labels, probabilities))

    assert yardsticks.constant_accuracy(report) == pytest.approx(2 / 3)
    assert yardsticks.chance_accuracy(report) == pytest.approx(2 / 3)
    assert yardsticks.decision_scale(report) == 1
    assert yardsticks.guess_cross_entropy(report) == pytest.approx([-math.log(2 / 3), -math.log(1 / 3)])
