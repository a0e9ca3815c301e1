"""A run against its baseline: which passes are compared, and what is said of runs that are not alike."""

from __future__ import annotations

import math

import pytest

from tests.alert_reports import made_report
from tests.builders import report
from xent_monitor.alerts.baseline import compare


def epochs(comparison):
    return [(mine.split, mine.output, mine.epoch, theirs.epoch) for mine, theirs in comparison.passes]


# Which passes


def test_the_last_passes_are_compared():
    run = [made_report(epoch, split=split) for epoch in range(3) for split in ("train", "validation")]
    baseline = [made_report(epoch) for epoch in range(5)]

    assert epochs(compare(run, baseline)) == [("validation", "", 2, 4)]
    assert compare(run, baseline).notes == ()


def test_test_passes_are_compared_where_both_have_them():
    run = [
        made_report(1),
        made_report(1, split="test"),
        made_report(1, split="test", output="kind"),
        made_report(1, output="kind"),
    ]
    baseline = [
        made_report(2),
        made_report(2, split="test"),
        made_report(2, output="kind"),
        made_report(2, output="old"),
    ]
    found = compare(run, baseline)

    assert epochs(found) == [("validation", "", 1, 2), ("test", "", 1, 2), ("validation", "kind", 1, 2)]
    assert found.notes == (
        "Only this run has a test pass of output kind: it is not compared.",
        "Only the baseline has a validation pass of output old: it is not compared.",
    )


def test_training_passes_are_compared_where_there_is_nothing_else():
    run = [made_report(0, split="train"), made_report(0)]
    found = compare(run, [made_report(3, split="train")])

    assert epochs(found) == [("train", "", 0, 3)]
    assert found.notes == (
        "The training passes are compared: there is no other in both runs.",
        "Only this run has a validation pass: it is not compared.",
    )


def test_the_best_validations_are_compared_where_that_is_asked_for():
    run = [made_report(epoch, nats=nats) for epoch, nats in enumerate([math.nan, 1.0, 0.2, 0.6, math.nan])]
    baseline = [made_report(epoch, nats=nats) for epoch, nats in enumerate([0.3, 0.9])]
    tests = [made_report(epoch, nats=nats, split="test") for epoch, nats in ((1, 0.1), (3, 0.5))]

    assert epochs(compare(run, baseline, at="best")) == [("validation", "", 2, 0)]
    assert epochs(compare([*run, *tests], tests, at="best")) == [("test", "", 3, 3)]


def test_other_words_for_a_pass():
    with pytest.raises(ValueError) as caught:
        compare([made_report()], [made_report()], at="first")

    assert str(caught.value) == "`at` must be one of last, best. Received: at='first'."


# What cannot be compared


@pytest.mark.parametrize(
    ("run", "baseline", "message"),
    [
        (
            [made_report(output="kind"), made_report(output="colour")],
            [made_report()],
            "The runs must have an output in common to be compared. Received: outputs 'kind', 'colour'; in the "
            "baseline ''.",
        ),
        (
            [made_report()],
            [made_report(split="test"), made_report(split="train")],
            "The runs must have a pass of one split in common to be compared. Received: validation; in the baseline "
            "test, train.",
        ),
        (
            [made_report()],
            [report(3, task="multilabel")],
            "The output must be of the same task in both runs. Received: 'multiclass', in the baseline 'multilabel'.",
        ),
        (
            [made_report(output="kind")],
            [made_report(output="kind", class_names=("0", "1", "2"))],
            "Output 'kind' must have classes in common with the baseline, by their names. Received: "
            "classes cat, dog and owl; in the baseline classes 0, 1 and 2.",
        ),
    ],
)
def test_runs_with_nothing_in_common(run, baseline, message):
    with pytest.raises(ValueError) as caught:
        compare(run, baseline)

    assert str(caught.value) == message


# What has to be known


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({}, ()),
        (
            {"support": 50},
            (
                "validation: 300 examples here, 150 in the baseline. These are other data: a change may come from "
                "them, not from the model.",
            ),
        ),
        (
            {"support": [100, 99, 101]},
            (
                "validation: 2 classes with another number of examples than in the baseline. These are other data: a "
                "change may come from them, not from the model.",
            ),
        ),
        (
            {"class_names": ("cat", "dog", "cow")},
            (
                "validation: only this run has class owl. What depends on all classes is not compared.",
                "validation: only the baseline has class cow. What depends on all classes is not compared.",
            ),
        ),
    ],
)
def test_what_is_not_the_same_is_said(changes, notes):
    assert compare([made_report()], [made_report(**changes)]).notes == notes


def test_the_largest_changes_come_first():
    before = made_report(right=0.9, support=1000)
    after = made_report(right=[0.7, 0.5, 0.99], support=1000)
    found = compare([after], [before])

    assert [(one.class_name, one.quantity) for one in found.having("worse")] == [
        ("dog", "class_recall"),
        (None, "accuracy"),
        ("cat", "class_recall"),
    ]
    assert [one.class_name for one in found.having("better")] == ["owl"]
    assert found.having("worse")[0].size == pytest.approx(0.4 / found.having("worse")[0].limit)


def test_a_run_is_like_itself():
    run = [report(5, epoch=epoch, seed=epoch) for epoch in range(3)]

    assert {one.verdict for one in compare(run, run).changes} == {"same"}
