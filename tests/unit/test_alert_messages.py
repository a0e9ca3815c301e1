"""What an alert says."""

from __future__ import annotations

import pytest

from tests.alert_reports import made_report, observe, series


def message(reports, **fields):
    """The message of the only observation."""
    (one,) = observe(reports, **fields)
    return one.message


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"quantity": "cross_entropy", "above": 0.9},
            "cross_entropy is 1.234 on validation at epoch 2: above the 0.9 of rule it.",
        ),
        (
            {"quantity": "cross_entropy", "above": 1.0, "relative_to": "prior_entropy"},
            "cross_entropy is 1.234 on validation at epoch 2: above the 1.099 of rule it, the prior entropy.",
        ),
        (
            {"quantity": "cross_entropy", "above": 0.5, "relative_to": "prior_entropy"},
            "cross_entropy is 1.234 on validation at epoch 2: above the 0.5493 of rule it, "
            "0.5 times the prior entropy.",
        ),
        (
            {"quantity": "cross_entropy", "above": 0.1, "relative_to": "best"},
            "cross_entropy is 1.234 on validation at epoch 2: 0.734 above the best value so far, 0.5, "
            "more than the 0.1 of rule it.",
        ),
        (
            {"quantity": "cross_entropy", "above": 0.1, "relative_to": "previous"},
            "cross_entropy is 1.234 on validation at epoch 2: 0.634 above the value before, 0.6, "
            "more than the 0.1 of rule it.",
        ),
        (
            {"quantity": "class_cross_entropy", "class_name": "dog", "rises_by": 0.5, "over": 2},
            "class_cross_entropy of class dog rose from 0.5 to 1.234 over 2 evaluations on validation at epoch 2: "
            "by 0.734, the 0.5 of rule it or more.",
        ),
        (
            {"quantity": "class_cross_entropy", "class_name": "all", "above": 0.9},
            "class_cross_entropy of class cat is 1.234 on validation at epoch 2: above the 0.9 of rule it. "
            "So it is for all 3 classes with enough support, and for this one by the least.",
        ),
        (
            {"quantity": "cross_entropy", "above": 2.0},
            "Rule it no longer holds: cross_entropy is 1.234 on validation at epoch 2, the threshold 2.",
        ),
        (
            {"quantity": "class_cross_entropy", "class_name": "dog", "falls_by": 0.5},
            "Rule it no longer holds: class_cross_entropy of class dog is 1.234 on validation at epoch 2, "
            "the threshold 0.1.",
        ),
        (
            {
                "quantity": "class_cross_entropy",
                "class_name": "dog",
                "above": 1.2,
                "message": "{class_name}: {value:.2f}",
            },
            "dog: 1.23",
        ),
        (
            {
                "quantity": "cross_entropy",
                "above": 1.0,
                "message": "{rule} {quantity} {split} {output} {epoch} {value:.1f} {threshold} [{class_name}]",
            },
            "it cross_entropy validation  2 1.2 1.0 []",
        ),
        (
            {"quantity": "cross_entropy", "above": 2.0, "message": "too high"},
            "Rule it no longer holds: cross_entropy is 1.234 on validation at epoch 2, the threshold 2.",
        ),
    ],
)
def test_message(fields, expected):
    reports = series([0.5, 0.6, 1.234])

    assert message(reports, **fields) == expected


def test_falling_is_said_too():
    reports = [made_report(0, right=0.9), made_report(1, right=0.5)]

    assert message(reports, quantity="accuracy", falls_by=0.1) == (
        "accuracy fell from 0.9 to 0.5 over 1 evaluation on validation at epoch 1: by 0.4, the 0.1 of rule it or more."
    )


def test_output_and_awkward_class_are_named():
    report = made_report(nats=2.0, output="kind", class_names=("a b\nc", "dog", "owl"))

    assert message([report], quantity="class_cross_entropy", class_name="a b\nc", above=1.5) == (
        'class_cross_entropy of class "a b c" is 2 on validation of output kind at epoch 0: above the 1.5 of rule it.'
    )


def test_numbers_that_differ_read_differently():
    assert "is 1.500004 on validation at epoch 0: above the 1.5 of" in message(
        [made_report(nats=1.500004)], quantity="cross_entropy", above=1.5
    )


def test_missing_data_have_no_message():
    assert message([made_report()], quantity="cross_entropy", rises_by=0.1) == ""
