"""The built-in rules as a whole: each finds its fault at its epoch and names nothing else; causes silence symptoms."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.builders import HOSTILE_NAMES
from tests.faulty_trainings import FAULTS, healthy
from tests.passes import RULES, Kind, fires_at, firing, play, problems_of_message
from xent_monitor.alerts import AlertEvent
from xent_monitor.alerts.builtin import default_rules

KINDS = {
    "three classes": Kind(),
    "binary": Kind(("no", "yes"), "binary", each=300),
    "two classes": Kind(("no", "yes"), each=300),
    "odd names": Kind(tuple(dict.fromkeys(HOSTILE_NAMES)), each=40),
    "1000 classes": Kind(tuple(f"class {index}" for index in range(1000)), each=40),
}

#: Severity, evaluations to hold, of each rule: a contract with the users of rule files.
CONTRACT = {
    "non-finite": ("critical", 1),
    "invalid-labels": ("critical", 1),
    "invalid-probabilities": ("critical", 1),
    "inconsistent-loss": ("critical", 1),
    "constant-output": ("critical", 1),
    "bad-initial-loss": ("warning", 1),
    "over-regularized": ("warning", 2),
    "redundant-softmax": ("critical", 2),
    "diverging": ("critical", 2),
    "below-chance": ("critical", 2),
    "validation-mismatch": ("warning", 2),
    "neglected-class": ("warning", 3),
    "loss-accuracy-divergence": ("warning", 3),
    "overfitting": ("warning", 3),
    "class-collapse": ("warning", 3),
    "no-skill": ("warning", 2),
    "oscillating": ("warning", 2),
    "worse-than-prior": ("warning", 3),
    "miscalibrated": ("info", 3),
    "label-noise": ("info", 3),
    "still-improving": ("info", 1),
}

#: Each fault with each kind, but that of two classes the one that is not neglected is nothing to be told apart.
CASES = [
    pytest.param(name, kind, id=f"{name}, {words}", marks=pytest.mark.slow if kind.size == 1000 else ())
    for name in FAULTS
    for words, kind in KINDS.items()
    if name != "neglected-class" or kind.size > 2
]

#: Faults that spoil every other number, as they are laid over a training.
SPOILING = {
    "non-finite": {"non_finite": 2},
    "invalid-labels": {"invalid_labels": 2},
    "invalid-probabilities": {"invalid_probabilities": 60},
    "inconsistent-loss": {"loss_sum": np.zeros(3), "weighted_loss_sum": np.zeros(3)},
}


def expected(name, kind):
    fault = FAULTS[name]
    # Of so many classes one evaluation does not show the cap: it takes two that are alike.
    alike = name == "redundant-softmax" and kind.size == 1000
    return name, fires_at(name, fault.first + alike)


def played(name, kind):
    return play(FAULTS[name].epochs(kind))


def test_there_is_a_rule_for_each_id_of_the_contract():
    assert {rule.name: (rule.severity, rule.for_) for rule in default_rules()} == CONTRACT
    assert set(FAULTS) == set(CONTRACT)


def test_rules_are_the_same_each_time():
    assert default_rules() == default_rules()


def test_causes_come_before_symptoms():
    names = [rule.name for rule in default_rules()]
    for rule in default_rules():
        later = [name for name in rule.inhibited_by if names.index(name) >= names.index(rule.name)]

        assert set(rule.inhibited_by) <= set(names)
        assert later == [], f"{rule.name} stands before {later}"


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_fault_is_found_and_nothing_else_is_named(name, kind):
    severe = RULES[name].severity != "info"

    events = played(name, kind)

    assert firing(events, info=not severe) == [expected(name, kind)]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_healthy_training_is_silent(kind):
    assert play(healthy(kind)) == []


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_message_has_its_place_and_its_numbers(name, kind):
    (event,) = [event for event in played(name, kind) if event.rule == name and event.state == "firing"]

    assert problems_of_message(event) == []
    assert (event.class_name is None) == FAULTS[name].of_all
    assert np.isfinite([event.value, event.threshold]).all()
    assert len(event.message) < 700


def test_message_names_the_class_that_it_is_about():
    (event,) = [event for event in played("neglected-class", KINDS["three classes"]) if event.state == "firing"]

    assert event.class_name == "dog"
    assert event.message.startswith("Class dog has a cross-entropy of ")


def test_odd_class_names_stay_on_one_line():
    (event,) = [event for event in played("neglected-class", KINDS["odd names"]) if event.state == "firing"]

    assert event.class_name == "a|b"
    assert '"a|b"' in event.message


def test_resolved_alerts_say_so():
    epochs = FAULTS["non-finite"].epochs(Kind())
    good = [dataclasses.replace(report, epoch=20) for report in healthy(Kind())[0]]

    last = play([*epochs, good])[-1]

    assert (last.rule, last.state, last.epoch) == ("non-finite", "resolved", 20)
    assert last.message == (
        "Rule non-finite no longer holds on train at epoch 20: the value is 0 now, the threshold 0."
    )


# Causes and symptoms


@pytest.mark.parametrize("cause", SPOILING)
@pytest.mark.parametrize("symptom", [name for name in FAULTS if name not in SPOILING])
def test_numbers_that_are_spoiled_are_not_judged(cause, symptom):
    spoiled = [
        [
            dataclasses.replace(report, statistics=dataclasses.replace(report.statistics, **SPOILING[cause]))
            for report in epoch
        ]
        for epoch in FAULTS[symptom].epochs(Kind())
    ]

    names = [name for name, _ in firing(play(spoiled))]

    assert cause in names
    assert names.count(cause) == 1
    if cause in RULES[symptom].inhibited_by:
        assert names == [cause]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("non-finite", "invalid-labels"),
        ("non-finite", "invalid-probabilities"),
        ("invalid-labels", "invalid-probabilities"),
        ("invalid-labels", "inconsistent-loss"),
        ("invalid-probabilities", "inconsistent-loss"),
    ],
)
def test_first_of_two_causes_is_named(first, second):
    changes = SPOILING[first] | SPOILING[second]
    spoiled = [
        [dataclasses.replace(report, statistics=dataclasses.replace(report.statistics, **changes)) for report in epoch]
        for epoch in healthy(Kind())
    ]

    assert firing(play(spoiled)) == [(first, 0)]


# The check of messages finds what it is there for


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("Seen 1. Means. Do. More.", "4 sentences"),
        ("Seen 1. Do.", "less than"),
        ("Seen nan 1. Means. Do.", "a number that is none"),
        ("Seen -inf nats, not 1. Means. Do.", "a number that is none"),
        ("Seen. Means. Do.", "no number"),
        ("Seen 1. Means. Do", "no sentences"),
        ("Seen  1. Means. Do.", "stray"),
    ],
)
def test_bad_message_is_found(message, problem):
    event = AlertEvent("r", "firing", "info", 0, "train", "", None, 1.0, 0.0, message)

    (found,) = problems_of_message(event)

    assert problem in found
