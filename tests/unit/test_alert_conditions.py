"""Conditions of rules on a quantity: what holds, what does not, and what the data do not say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.alert_reports import CLASSES, made_report, observe, series
from tests.fast_label_sums import label_sums
from xent_monitor.report import EvaluationReport


def verdicts(observations):
    """One letter for each."""
    return "".join({True: "1", False: "0", None: "?"}[one.holds] for one in observations)


def said(values, **fields):
    """Verdict on each evaluation of a series of cross-entropies."""
    reports = series(values)
    return "".join(
        verdicts(observe(reports[: end + 1], quantity="cross_entropy", **fields)) for end in range(len(reports))
    )


# Each kind of threshold


@pytest.mark.parametrize(
    ("values", "fields", "expected"),
    [
        pytest.param([1.4, 1.5, 1.6], {"above": 1.5}, "001", id="above: not at the bound"),
        pytest.param([1.6, 1.5, 1.4], {"below": 1.5}, "001", id="below"),
        pytest.param([1.0, 1.2, 1.3, 1.2], {"rises_by": 0.2}, "?100", id="rises by the bound or more"),
        pytest.param([1.0, 0.8, 0.7, 0.8], {"falls_by": 0.2}, "?100", id="falls by the bound or more"),
        pytest.param([0.5, 0.6, 0.3, 0.4], {"rises_by": 0.1}, "?101", id="rounding of a difference is no matter"),
        pytest.param([1.0, 1.1, 1.2, 1.3, 1.2], {"rises_by": 0.2, "over": 2}, "??110", id="over two evaluations"),
        pytest.param([1.0, 1.1, 1.2, 1.3, 0.0], {"falls_by": 1.0, "over": 4}, "????1", id="over four"),
        pytest.param([1.0, 1.3, 0.5, 0.7, 0.8], {"above": 0.2, "relative_to": "best"}, "?1001", id="above the lowest"),
        pytest.param(
            [1.0, 1.3, 1.2, 1.4, 1.1], {"below": -0.2, "relative_to": "best"}, "?0001", id="below the highest"
        ),
        pytest.param(
            [1.0, 1.3, 1.5, 1.8], {"above": 0.2, "relative_to": "previous"}, "?101", id="above the one before"
        ),
        pytest.param(
            [1.0, 0.7, 0.6, 0.6], {"below": 0.0, "relative_to": "previous"}, "?110", id="below the one before"
        ),
        pytest.param([0.7, 0.8], {"above": 0.1, "relative_to": "best"}, "?0", id="a difference equal to the bound"),
    ],
)
def test_threshold(values, fields, expected):
    assert said(values, **fields) == expected


def test_prior_entropy_is_a_unit():
    """The prior entropy of 3 classes of one size is ln 3 = 1.0986."""
    assert said([1.0, 1.2], above=1.0, relative_to="prior_entropy") == "01"
    assert said([0.5, 0.6], below=0.5, relative_to="prior_entropy") == "10"


def test_threshold_is_given_in_the_unit_of_the_quantity():
    reports = series([0.5, 1.0])

    def threshold(**fields):
        (one,) = observe(reports, quantity="cross_entropy", **fields)
        assert one.value == 1.0
        return one.threshold

    assert threshold(above=0.7) == 0.7
    assert threshold(rises_by=0.2) == 0.7
    assert threshold(falls_by=0.2) == 0.3
    assert threshold(above=0.1, relative_to="best") == 0.6
    assert threshold(below=-0.1, relative_to="previous") == 0.4
    assert threshold(above=2.0, relative_to="prior_entropy") == pytest.approx(2 * math.log(3))


# Noise


@pytest.mark.parametrize(
    ("fields", "rise"),
    [
        ({"rises_by": 0.001}, 3 * math.sqrt(2)),
        ({"above": 0.0, "relative_to": "best"}, 3 * math.sqrt(2)),
        ({"above": 0.0, "relative_to": "previous"}, 3 * math.sqrt(2)),
        ({"above": 0.0, "relative_to": "prior_entropy"}, 3.0),
    ],
)
@pytest.mark.parametrize(("factor", "expected"), [(0.98, False), (1.02, True)])
def test_difference_must_exceed_three_standard_errors(fields, rise, factor, expected):
    """300 examples with a spread of 1.732 have a standard error of 0.1; that of a difference of two is 0.1414."""
    start = 0.0 if fields.get("relative_to") == "prior_entropy" else 1.0
    reports = series([start, start + 0.1 * rise * factor], spread=math.sqrt(3))

    (one,) = observe(reports, quantity="cross_entropy", **fields)

    assert reports[1].standard_error == pytest.approx(0.1, rel=0.01)
    assert one.holds is expected


def test_each_class_is_judged_by_its_own_noise():
    """Of 10 000 examples a rise of 0.2 is beyond noise, of 100 with the same spread it is not."""
    support = (10_000, 100, 10_000)
    reports = [
        made_report(0, nats=1.0, spread=1.0, support=support),
        made_report(1, nats=1.2, spread=1.0, support=support),
    ]

    assert verdicts(observe(reports, quantity="class_cross_entropy", rises_by=0.1)) == "101"


def test_noise_of_the_best_pass_counts():
    """The best pass has few examples: that the next ones are worse may be chance."""
    few = made_report(0, nats=1.0, spread=1.0, support=10)
    many = made_report(1, nats=1.3, spread=1.0, support=100_000)

    (one,) = observe([few, many], quantity="cross_entropy", above=0.1, relative_to="best")

    assert one.holds is False


def test_absolute_bound_has_no_noise_guard():
    (one,) = observe([made_report(nats=1.51, spread=5.0, support=10)], quantity="cross_entropy", above=1.5)

    assert one.holds is True


def test_quantity_without_a_standard_error_is_judged_without():
    reports = [made_report(epoch, support=5, spread=9.0, logged_loss=loss) for epoch, loss in enumerate([1.0, 1.1])]

    assert verdicts(observe(reports, quantity="logged_loss", rises_by=0.05)) == "1"


def test_difference_without_a_standard_error_of_its_own_is_missing():
    """One example of a class has a cross-entropy, but no spread: a rise of it says nothing."""
    reports = series([1.0, 9.0], support=(1, 100, 100))

    assert verdicts(observe(reports, quantity="class_cross_entropy", rises_by=0.1)) == "?11"


# Missing data


def test_nan_is_missing():
    assert verdicts(observe([made_report(logged_loss=math.nan)], quantity="logged_loss", above=0.0)) == "?"


def test_infinity_is_not_missing():
    assert verdicts(observe([made_report(logged_loss=math.inf)], quantity="logged_loss", above=0.0)) == "1"


def test_difference_of_infinities_is_missing():
    reports = [made_report(epoch, logged_loss=math.inf) for epoch in range(2)]

    assert verdicts(observe(reports, quantity="logged_loss", rises_by=0.1)) == "?"


@pytest.mark.parametrize(("min_support", "expected"), [(1, "1?1"), (50, "1?1"), (51, "1??"), (101, "???")])
def test_class_with_too_few_examples_is_missing(min_support, expected):
    report = made_report(nats=2.0, support=(100, 0, 50))

    assert verdicts(observe([report], quantity="class_cross_entropy", above=1.5, min_support=min_support)) == expected


@pytest.mark.parametrize(("min_support", "expected"), [(150, "1"), (151, "?")])
def test_pass_with_too_few_examples_is_missing(min_support, expected):
    report = made_report(nats=2.0, support=(100, 0, 50))

    assert verdicts(observe([report], quantity="cross_entropy", above=1.5, min_support=min_support)) == expected


def test_rows_that_could_not_be_judged_count_as_support_of_their_own_number():
    """Where all labels are wrong no example is left, and that is what there is to say."""
    report = made_report(support=0, num_rows=300, invalid_labels=300)

    assert verdicts(observe([report], quantity="invalid_labels", above=0, min_support=300)) == "1"
    assert verdicts(observe([report], quantity="invalid_labels", above=0, min_support=301)) == "?"
    assert verdicts(observe([report], quantity="accuracy", below=0.5)) == "?"


def test_class_without_examples_can_be_asked_for():
    report = made_report(support=(100, 0, 50))

    assert verdicts(observe([report], quantity="support", below=1)) == "0?0"
    assert verdicts(observe([report], quantity="support", below=1, min_support=0)) == "010"


def test_evaluations_without_data_do_not_count_in_a_change():
    """Over two evaluations in which the class was there, whatever lies between."""
    there, absent = (100, 100, 100), (0, 100, 100)
    supports = (there, absent, there, absent, absent, there)
    reports = [made_report(epoch, nats=1.0 + 0.1 * epoch, support=support) for epoch, support in enumerate(supports)]

    (cat, dog, owl) = observe(reports, quantity="class_cross_entropy", rises_by=0.5, over=2)

    assert (cat.holds, dog.holds, owl.holds) == (True, False, False)
    assert (cat.threshold, dog.threshold) == (pytest.approx(1.0 + 0.5), pytest.approx(1.3 + 0.5))


def test_best_and_previous_leave_evaluations_with_too_few_examples_out():
    few, enough = (1, 100, 100), (100, 100, 100)
    reports = [
        made_report(0, nats=1.0, support=enough),
        made_report(1, nats=0.1, support=few),
        made_report(2, nats=1.1, support=enough),
    ]

    for relation in ("best", "previous"):
        cat, dog, _ = observe(reports, quantity="class_cross_entropy", above=0.5, relative_to=relation, min_support=20)

        assert (cat.holds, dog.holds) == (False, True)


def test_prior_entropy_of_one_class_is_no_yardstick():
    report = made_report(nats=1.0, support=(100, 0, 0))

    assert verdicts(observe([report], quantity="cross_entropy", above=0.5, relative_to="prior_entropy")) == "?"


def test_evaluation_without_data_now_is_missing_whatever_was_before():
    reports = [made_report(0), made_report(1, support=(0, 100, 100))]

    assert verdicts(observe(reports, quantity="class_cross_entropy", rises_by=0.1)) == "?00"


# Which classes


@pytest.mark.parametrize("class_name", [None, "any"])
def test_any_is_an_instance_for_each_class(class_name):
    observations = observe(
        [made_report(nats=(1.0, 2.0, 3.0))], quantity="class_cross_entropy", above=1.5, class_name=class_name
    )

    assert [one.class_name for one in observations] == ["cat", "dog", "owl"]
    assert [one.value for one in observations] == [1.0, 2.0, 3.0]
    assert verdicts(observations) == "011"


@pytest.mark.parametrize(
    ("nats", "support", "expected"),
    [
        pytest.param((2.0, 2.5, 3.0), 100, "1", id="each of them"),
        pytest.param((2.0, 1.0, 3.0), 100, "0", id="one does not"),
        pytest.param((2.0, 1.0, 3.0), (100, 5, 100), "1", id="that one has too few examples"),
        pytest.param((2.0, 1.0, 3.0), 5, "?", id="all have too few"),
    ],
)
def test_all_is_one_instance_for_every_class_with_enough_support(nats, support, expected):
    report = made_report(nats=nats, support=support)

    (one,) = observe([report], quantity="class_cross_entropy", above=1.5, class_name="all", min_support=20)

    assert verdicts([one]) == expected
    assert one.class_name is None


@pytest.mark.parametrize(("bound", "value"), [({"above": 1.5}, 1.6), ({"below": 3.5}, 3.0)])
def test_numbers_of_all_are_those_of_the_nearest_class(bound, value):
    (one,) = observe([made_report(nats=(2.0, 1.6, 3.0))], quantity="class_cross_entropy", class_name="all", **bound)

    assert one.holds
    assert one.value == pytest.approx(value)


def test_a_name_is_the_instance_of_that_class_alone():
    (one,) = observe([made_report(nats=(1.0, 2.0, 3.0))], quantity="class_cross_entropy", above=1.5, class_name="dog")

    assert (one.class_name, one.value, one.holds) == ("dog", 2.0, True)


def test_a_name_of_another_output_is_no_instance():
    assert observe([made_report()], quantity="class_cross_entropy", above=1.5, class_name="red") == []


# Labels that do not exclude each other


def labels_report(epoch=0, size=40):
    """Three labels: positive in half of the examples, in 5 of them, in none."""
    targets = np.zeros((size, 3), np.int64)
    targets[: size // 2, 0], targets[:5, 1] = 1, 1
    sums = label_sums(targets, np.where(targets > 0, 0.7, 0.2))
    return EvaluationReport(epoch, "validation", "", CLASSES, sums)


@pytest.mark.parametrize(
    ("quantity", "min_support", "expected"),
    [
        pytest.param("class_cross_entropy", 40, "000", id="a mean over all examples"),
        pytest.param("class_cross_entropy", 41, "???", id="more than all examples"),
        pytest.param("class_accuracy", 20, "000", id="right decisions are of all examples"),
        pytest.param("support", 20, "000", id="counts are known though they are 0"),
        pytest.param("class_recall", 1, "00?", id="recall is of positives"),
        pytest.param("class_recall", 6, "0??", id="too few positives"),
        pytest.param("class_precision", 6, "0??", id="precision is of positives"),
        pytest.param("class_positive_cross_entropy", 6, "0??", id="positives alone"),
        pytest.param("class_negative_cross_entropy", 21, "?00", id="negatives alone"),
    ],
)
def test_support_of_a_label_is_that_of_the_quantity(quantity, min_support, expected):
    observations = observe([labels_report()], quantity=quantity, above=100.0, min_support=min_support)

    assert verdicts(observations) == expected


def test_rows_that_are_masked_are_a_support_of_their_own():
    nothing = made_report(support=(0, 0, 0), masked=64)

    assert verdicts(observe([nothing], quantity="masked", above=10)) == "1"
    assert verdicts(observe([nothing], quantity="cross_entropy", above=10)) == "?"


def test_rise_of_rows_that_move_together_must_exceed_the_noise_of_their_samples():
    tokens = {"support": 1000, "spread": 1.0}
    rows, samples = (
        [made_report(e, nats=v, **tokens, num_samples=n) for e, v in enumerate((0.5, 0.7))] for n in (3000, 30)
    )

    assert verdicts(observe(rows, quantity="cross_entropy", rises_by=0.1)) == "1"
    assert verdicts(observe(samples, quantity="cross_entropy", rises_by=0.1)) == "0"
    assert verdicts(observe(samples, quantity="class_cross_entropy", rises_by=0.1)) == "000"
