"""Tests of the quantities of a report on labels that do not exclude each other, against plain computations."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from tests import builders
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics

K, N = 4, 300
NAMES = ("red", "green", "blue", "loud")
TARGETS, PROBABILITIES = builders.multilabel_predictions(K, N, seed=3, sharpness=1.0)
POSITIVE = TARGETS == 1
DECIDED = PROBABILITIES > 0.5
RIGHT = POSITIVE == DECIDED
TRUE_PROBABILITY = np.where(POSITIVE, PROBABILITIES, 1 - PROBABILITIES)
NATS = -np.log(TRUE_PROBABILITY)
CONFIDENCE = np.maximum(PROBABILITIES, 1 - PROBABILITIES)
WEIGHT = np.linspace(0.5, 2.0, N)
LOSS = 2.0 * NATS**2
SHARE = POSITIVE.mean(axis=0)
PRIOR = float((-SHARE * np.log(SHARE) - (1 - SHARE) * np.log(1 - SHARE)).mean())


def statistics() -> ClassStatistics:
    """Of the predictions above, with weights, a loss that is not the cross-entropy, a penalty, and other rows."""
    sums = statistics_from_predictions(TARGETS, PROBABILITIES, task="multilabel", sample_weight=WEIGHT, loss=LOSS)
    return dataclasses.replace(sums, num_rows=310, masked=40, num_samples=70, penalty_sum=70 * 0.25, invalid_labels=10)


REPORT = EvaluationReport(3, "validation", "", NAMES, statistics())

SCALARS = {
    "num_examples": N,
    "cross_entropy": NATS.mean(),
    "target_cross_entropy": NATS.mean(),
    "weighted_cross_entropy": (WEIGHT[:, None] * NATS).mean() / WEIGHT.mean(),
    "standard_error": NATS.mean(axis=1).std(ddof=1) / math.sqrt(N),
    "loss": LOSS.mean(),
    "batch_averaged_loss": N / 70 * (WEIGHT[:, None] * LOSS).mean(),
    "explained_loss": N / 70 * (WEIGHT[:, None] * LOSS).mean() + 0.25,
    "regularization": 0.25,
    "accuracy": RIGHT.mean(),
    "confidence": CONFIDENCE.mean(),
    "true_class_probability": TRUE_PROBABILITY.mean(),
    "confidence_spread": np.abs(np.diff(CONFIDENCE.mean(axis=1))).sum() / (310 - 1),
    "probability_total": 1.0,
    "brier_score": 2 * ((PROBABILITIES - TARGETS) ** 2).mean(),
    "mean_entropy": -(PROBABILITIES * np.log(PROBABILITIES) + (1 - PROBABILITIES) * np.log(1 - PROBABILITIES)).mean(),
    "uniform_cross_entropy": math.log(2),
    "prior_entropy": PRIOR,
    "skill": 1 - NATS.mean() / PRIOR,
    "perplexity": math.exp(NATS.mean()),
    "geometric_mean_probability": math.exp(np.log(TRUE_PROBABILITY).mean()),
    "invalid_labels": 10,
    "non_finite": 0,
    "masked": 40,
    "invalid_probabilities": 0,
    "saturated": 0,
    "loss_accuracy_divergence": math.nan,
    "logged_loss": math.nan,
    "initial_cross_entropy": math.nan,
    "non_finite_weights": 0,
}
CLASSES = {
    "support": POSITIVE.sum(axis=0),
    "predicted": DECIDED.sum(axis=0),
    "weight_sum": np.full(K, WEIGHT.sum()),
    "class_cross_entropy": NATS.mean(axis=0),
    "class_positive_cross_entropy": np.array([NATS[POSITIVE[:, k], k].mean() for k in range(K)]),
    "class_negative_cross_entropy": np.array([NATS[~POSITIVE[:, k], k].mean() for k in range(K)]),
    "class_target_cross_entropy": NATS.mean(axis=0),
    "class_standard_error": NATS.std(axis=0, ddof=1) / math.sqrt(N),
    "class_loss": LOSS.mean(axis=0),
    "class_accuracy": RIGHT.mean(axis=0),
    "class_recall": np.array([DECIDED[POSITIVE[:, k], k].mean() for k in range(K)]),
    "class_precision": np.array([POSITIVE[DECIDED[:, k], k].mean() for k in range(K)]),
    "class_confidence": CONFIDENCE.mean(axis=0),
    "class_true_class_probability": TRUE_PROBABILITY.mean(axis=0),
}
#: Checked in tests of their own, against a computation that takes more than a line.
ELSEWHERE = {"expected_calibration_error", "maximum_calibration_error", "temperature", "tempered_cross_entropy"}


@pytest.mark.parametrize("name", SCALARS)
def test_scalar_quantity(name):
    """A number is what its definition gives for the predictions."""
    assert getattr(REPORT, name) == pytest.approx(SCALARS[name], rel=1e-10, nan_ok=True)


@pytest.mark.parametrize("name", CLASSES)
def test_class_quantity(name):
    """An array with one number for each label is what its definition gives for the predictions."""
    np.testing.assert_allclose(getattr(REPORT, name), CLASSES[name], rtol=1e-10)


def test_every_quantity_is_tested():
    """The tables above name each quantity there is, by kind."""
    assert {*SCALARS, *ELSEWHERE} == set(EvaluationReport.scalar_quantities())
    assert set(CLASSES) == set(EvaluationReport.class_quantities())


def test_calibration_is_that_of_all_decisions():
    """Calibration errors compare the confidence of decisions with how many of them are right, bin by bin."""
    bins = np.minimum((CONFIDENCE * 15).astype(int), 14)
    filled = [bins == b for b in np.unique(bins)]
    gaps = [abs(CONFIDENCE[where].mean() - RIGHT[where].mean()) for where in filled]

    assert REPORT.expected_calibration_error == pytest.approx(np.dot(gaps, [where.mean() for where in filled]))
    assert REPORT.maximum_calibration_error == pytest.approx(max(gaps))
    np.testing.assert_array_equal(REPORT.reliability[:, 2], np.bincount(bins.ravel(), minlength=15))


def test_temperature_is_one_for_all_decisions():
    """At the temperature found the cross-entropy is the tempered one, and no lower on either side of it."""
    logits = np.log(PROBABILITIES / (1 - PROBABILITIES)) * np.where(POSITIVE, 1, -1)

    def tempered(temperature):
        return np.log1p(np.exp(-logits / temperature)).mean()

    best = REPORT.temperature

    assert REPORT.temperature_fit.inside
    assert REPORT.tempered_cross_entropy == pytest.approx(tempered(best), abs=1e-5)
    assert tempered(best) < min(tempered(0.98 * best), tempered(1.02 * best))


def test_arrays_of_counts():
    """Histograms count decisions; there are no confusions."""
    assert (REPORT.task, REPORT.num_classes) == ("multilabel", K)
    assert REPORT.confidence_histogram.sum() == N * K
    np.testing.assert_array_equal(REPORT.class_confidence_histogram.sum(axis=(1, 2)), [N] * K)
    np.testing.assert_array_equal(REPORT.true_class_probability_histogram.sum(axis=1), [N] * K)
    assert REPORT.confusion is None
    assert REPORT.worst_confusions() == ()


def test_identities_of_the_cross_entropies():
    """The mean over the labels is the whole; that of a label is the mean of its two sides."""
    positives, negatives = REPORT.support, N - REPORT.support
    sides = positives * REPORT.class_positive_cross_entropy + negatives * REPORT.class_negative_cross_entropy

    assert REPORT.class_cross_entropy.mean() == pytest.approx(REPORT.cross_entropy, rel=1e-14)
    assert REPORT.class_loss.mean() == pytest.approx(REPORT.loss, rel=1e-14)
    np.testing.assert_allclose(sides / N, REPORT.class_cross_entropy, rtol=1e-12)


def test_labels_that_never_vary():
    """The side that a label does not have is undefined; the label still is in all means over all examples."""
    targets = np.tile([0, 1, 0], (20, 1))
    probabilities = np.tile([0.1, 0.8, 0.4], (20, 1))
    sums = statistics_from_predictions(targets, probabilities, task="multilabel")
    report = EvaluationReport(0, "train", "", ("never", "always", "doubtful"), sums)

    np.testing.assert_array_equal(np.isnan(report.class_positive_cross_entropy), [True, False, True])
    np.testing.assert_array_equal(np.isnan(report.class_negative_cross_entropy), [False, True, False])
    np.testing.assert_array_equal(report.class_recall, [math.nan, 1.0, math.nan])
    np.testing.assert_array_equal(report.class_precision, [math.nan, 1.0, math.nan])
    np.testing.assert_allclose(report.class_cross_entropy, -np.log([0.9, 0.8, 0.6]))
    assert report.accuracy == 1.0
    assert report.prior_entropy == 0.0
    assert math.isnan(report.skill)


def test_rounding_does_not_make_a_side_negative():
    """The negative side is a difference of sums in float32, which must not fall below 0."""
    sums = dataclasses.replace(statistics(), positive_cross_entropy_sum=statistics().cross_entropy_sum * (1 + 1e-7))

    assert (EvaluationReport(0, "train", "", NAMES, sums).class_negative_cross_entropy == 0).all()


def test_pass_without_examples_is_undefined():
    """Without examples all means are NaN, without a warning; counts are 0 and yardsticks remain."""
    empty = ClassStatistics.empty("multilabel", K, 15, num_temperatures=11)
    report = EvaluationReport(0, "validation", "", NAMES, empty)

    defined = {"num_examples", "uniform_cross_entropy", "invalid_labels", "non_finite", "masked"}
    defined |= {"invalid_probabilities", "saturated", "non_finite_weights"}
    for name in EvaluationReport.scalar_quantities():
        assert math.isnan(getattr(report, name)) == (name not in defined), name
    for name in EvaluationReport.class_quantities():
        counts = name in {"support", "predicted", "weight_sum"}
        assert np.isnan(getattr(report, name)).all() == (not counts), name
    assert report.worst_confusions() == ()


def test_a_pooled_histogram_changes_no_quantity():
    """With many labels there is one histogram for all of them, from which nothing but itself follows."""
    pooled = REPORT.true_class_probability_histogram.sum(axis=0, keepdims=True)
    sums = dataclasses.replace(statistics(), true_class_probability_histogram=pooled)
    report = EvaluationReport(3, "validation", "", NAMES, sums)

    assert report.to_dict()["quantities"] == REPORT.to_dict()["quantities"]


def test_json_round_trip_is_the_identity():
    """`to_dict` survives `json`."""
    text = json.dumps(REPORT.to_dict(), allow_nan=False)

    assert EvaluationReport.from_dict(json.loads(text)) == REPORT


@pytest.mark.parametrize("version", [1, 2])
def test_older_formats_have_no_labels(version):
    """They do not hold what such a report needs."""
    values = REPORT.to_dict()
    del values["statistics"]["positive_cross_entropy_sum"]

    with pytest.raises(ValueError, match="`positive_cross_entropy_sum` must be an array"):
        EvaluationReport.from_dict(values | {"format": version})
