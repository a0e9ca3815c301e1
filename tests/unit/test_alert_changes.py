"""What is different between two passes: beyond noise, worth a word, and never by the number of classes alone."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from tests.alert_reports import made_report
from tests.builders import report
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.changes import Change, changes, matched, student_quantile
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics


def verdicts(found, *, but=("same",)):
    return {(one.class_name, one.quantity): one.verdict for one in found if one.verdict not in but}


def resampled(rng, costs, shares, per_class, spread=1.2):
    """A pass over fresh examples: a cost of a heavy tail around that of each class, right by its share."""
    size = len(costs)
    labels = np.repeat(np.arange(size), per_class)
    nats = costs[labels] * np.exp(spread * rng.normal(size=len(labels)))
    right = np.bincount(labels[rng.random(len(labels)) < shares[labels]], minlength=size)
    sums = dataclasses.replace(
        ClassStatistics.empty("multiclass", num_classes=size, num_bins=1),
        support=np.full(size, per_class),
        correct=right,
        predicted=right,
        cross_entropy_sum=np.bincount(labels, nats, size),
        cross_entropy_square_sum=np.bincount(labels, nats**2, size),
    )
    return EvaluationReport(0, "validation", "", tuple(map(str, range(size))), sums)


# Noise


@pytest.mark.parametrize(("classes", "per_class", "pairs"), [(300, 10, 200), (1000, 20, 20), (10, 100, 100)])
def test_models_that_are_alike_raise_no_alarm(classes, per_class, pairs):
    rng = np.random.default_rng(classes + per_class)
    alarms = 0
    for _ in range(pairs):
        costs, shares = rng.gamma(2.0, 0.5, classes), rng.choice([0.5, 0.8, 0.95, 0.99], classes)
        before, after = (resampled(rng, costs, shares, per_class) for _ in range(2))
        # What is worth a word would hide noise that is too large: without it the limit must hold alone.
        alarms += bool(verdicts(changes([(after, before)], material=0.0)))

    assert alarms <= 0.01 * pairs


def test_a_change_of_the_whole_is_not_hidden_by_the_number_of_classes():
    rng = np.random.default_rng(3)
    costs, shares = rng.gamma(2.0, 0.5, 1000), np.full(1000, 0.9)
    before = resampled(rng, costs, shares, 10)
    after = resampled(rng, 1.4 * costs, shares - 0.05, 10)

    assert verdicts(changes([(after, before)])) == {
        (None, "cross_entropy"): "worse",
        (None, "accuracy"): "worse",
    }


def test_one_class_of_a_thousand_that_is_lost_is_found():
    rng = np.random.default_rng(4)
    costs, shares = rng.gamma(2.0, 0.5, 1000), np.full(1000, 0.9)
    before = resampled(rng, costs, shares, 50, spread=0.5)
    costs[7], shares[7] = 8.0, 0.1
    after = resampled(rng, costs, shares, 50, spread=0.5)

    assert verdicts(changes([(after, before)])) == {
        ("7", "class_cross_entropy"): "worse",
        ("7", "class_recall"): "worse",
    }


@pytest.mark.parametrize("z", [2.0, 3.0, 4.0, 5.0, 6.0])
@pytest.mark.parametrize("freedom", [1, 2, 4, 8, 20, 100, 10_000])
def test_quantile_against_scipy(z, freedom):
    exact = stats.t.isf(stats.norm.sf(z), freedom)

    assert student_quantile(z, np.array([float(freedom)]))[0] >= 0.97 * exact
    if freedom >= 20:
        assert student_quantile(z, np.array([float(freedom)]))[0] == pytest.approx(exact, rel=0.01)


def test_limits_of_two_classes_by_hand():
    before = made_report(nats=1.0, right=0.8, support=400, spread=0.6, class_names="ab")
    after = made_report(nats=1.2, right=0.7, support=400, spread=0.8, class_names="ab")
    whole, accuracy, first, _, recall, _ = changes([(after, before)])
    z = -stats.norm.ppf(limits.CHANCE / 2 / 2)
    # 4 comparisons by class; the spread is that of 399 (and 799) degrees of freedom.
    of_class = -stats.norm.ppf(limits.CHANCE / 2 / 4)
    share = 601 / 802

    assert [one.quantity for one in (whole, accuracy, first, recall)] == [
        "cross_entropy",
        "accuracy",
        "class_cross_entropy",
        "class_recall",
    ]
    spread = math.sqrt((0.6**2 + 0.8**2) * 799 / 800 * 798 / 799 / 798)
    assert whole.limit == pytest.approx(stats.t.isf(stats.norm.sf(z), 1598) * spread, rel=2e-3)
    spread = math.sqrt((0.6**2 + 0.8**2) / 400)
    assert first.limit == pytest.approx(stats.t.isf(stats.norm.sf(of_class), 798) * spread, rel=2e-3)
    assert recall.limit == pytest.approx(of_class * math.sqrt(share * (1 - share) * 2 / 400), rel=5e-3)
    assert (whole.verdict, accuracy.verdict, first.verdict) == ("worse", "worse", "worse")
    assert (whole.before, whole.after, whole.change) == (1.0, 1.2, pytest.approx(0.2))


# What is worth a word


@pytest.mark.parametrize(
    ("rise", "fall", "expected"),
    [
        (0.019, 0.0, {}),
        (0.021, 0.0, {"cross_entropy": "worse", "class_cross_entropy": "worse"}),
        (-0.021, 0.0, {"cross_entropy": "better", "class_cross_entropy": "better"}),
        (0.0, 0.019, {}),
        (0.0, 0.021, {"accuracy": "worse", "class_recall": "worse"}),
        (0.0, -0.021, {"accuracy": "better", "class_recall": "better"}),
    ],
)
def test_what_is_beyond_noise_must_be_worth_a_word(rise, fall, expected):
    size, prior = 10**7, math.log(3)
    before = made_report(nats=0.5, right=0.8, support=size)
    after = made_report(nats=0.5 + rise * prior, right=0.8 - fall, support=size)

    assert {name: verdict for (_, name), verdict in verdicts(changes([(after, before)])).items()} == expected


def test_the_tolerance_is_what_is_worth_a_word():
    before, after = (made_report(nats=nats, support=10**7) for nats in (0.5, 0.6))

    assert verdicts(changes([(after, before)], material=0.2)) == {}
    assert (None, "cross_entropy") in verdicts(changes([(after, before)], material=0.01))


def test_where_there_is_one_class_the_guess_is_an_even_one():
    before, after = (made_report(nats=nats, support=[10**6, 0, 0]) for nats in (0.1, 0.12))

    assert changes([(after, before)])[0].limit == pytest.approx(0.02 * math.log(3))
    assert changes([(after, before)])[0].verdict == "same"


# What cannot be judged


def test_classes_with_few_examples_are_not_judged():
    before = made_report(nats=0.1, right=1.0, support=[4, 100, 0])
    after = made_report(nats=[9.0, 0.1, 9.0], right=[0.0, 1.0, 0.0], support=[4, 100, 5])
    found = verdicts(changes([(after, before)]))

    assert found == {
        ("cat", "class_cross_entropy"): "unknown",
        ("cat", "class_recall"): "unknown",
        ("owl", "class_cross_entropy"): "unknown",
        ("owl", "class_recall"): "unknown",
        **{key: verdict for key, verdict in found.items() if key[0] is None},
    }


def test_few_examples_at_all():
    assert set(verdicts(changes([(made_report(nats=5.0, support=6), made_report(support=6))])).items()) >= {
        ((None, "cross_entropy"), "unknown"),
        ((None, "accuracy"), "unknown"),
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(0.5, math.inf, "worse"), (math.inf, 0.5, "unknown"), (math.inf, math.inf, "unknown")],
)
def test_what_is_not_finite(before, after, expected):
    found = changes([(made_report(nats=after), made_report(nats=before))])

    assert verdicts(found)[None, "cross_entropy"] == expected
    assert found[0].to_dict()["after"] == ("Infinity" if after == math.inf else 0.5)


def test_a_pass_that_lost_all_its_examples_is_worse():
    found = changes([(made_report(support=0, nats=0.0, non_finite=300), made_report())])

    assert verdicts(found)[None, "cross_entropy"] == verdicts(found)[None, "accuracy"] == "worse"
    assert found[0].size == math.inf


def test_other_classes_have_no_whole():
    before = made_report(class_names=("cat", "dog", "cow"))
    after = made_report(nats=[3.0, 0.5, 9.0], right=[0.1, 0.8, 0.1], class_names=("owl", "dog", "cat"))

    assert {(one.class_name, one.quantity) for one in changes([(after, before)])} == {
        ("dog", "class_cross_entropy"),
        ("cat", "class_cross_entropy"),
        ("dog", "class_recall"),
        ("cat", "class_recall"),
    }
    assert ("cat", "class_recall") in verdicts(changes([(after, before)]))


def test_equal_names_are_matched_in_their_order():
    mine, theirs = matched(["cat", "dog", "cat", "cat"], ["cat", "cat", "owl"])

    assert (mine.tolist(), theirs.tolist()) == ([0, 2], [0, 1])


# Labels


def test_labels_are_judged_by_precision_too():
    before, after = (report(3, task="multilabel", num_examples=4000, seed=seed) for seed in (0, 0))
    named = dataclasses.replace(
        after.statistics,
        predicted=after.predicted + np.array([0, 800, 0]),
        correct=after.statistics.correct - np.array([0, 800, 0]),
    )
    after = dataclasses.replace(after, statistics=named)

    assert verdicts(changes([(after, before)])) == {("1", "class_precision"): "worse", (None, "accuracy"): "worse"}


def test_labels_that_are_alike_raise_no_alarm():
    reports = [report(40, task="multilabel", num_examples=400, seed=seed) for seed in range(8)]
    pairs = list(zip(reports[::2], reports[1::2], strict=True))

    assert [verdicts(changes([pair], material=0.0), but=("same", "unknown")) for pair in pairs] == [{}] * 4


# Rows that are not independent


def test_rows_of_one_sample_count_as_one():
    before, after = made_report(right=0.8, support=200), made_report(right=0.6, support=200)
    alone = verdicts(changes([(after, before)]))
    in_samples = [made_report(right=right, support=200, num_samples=12, num_rows=600) for right in (0.6, 0.8)]

    assert alone[None, "accuracy"] == "worse"
    assert verdicts(changes([tuple(in_samples)]), but=("same", "unknown")).get((None, "accuracy")) is None


def test_a_change_as_plain_values():
    change = Change("validation", "kind", None, "accuracy", 0.5, math.nan, math.nan, "unknown")

    assert change.to_dict() == {
        "split": "validation",
        "output": "kind",
        "class_name": None,
        "quantity": "accuracy",
        "before": 0.5,
        "after": None,
        "limit": None,
        "verdict": "unknown",
        "change": None,
    }
