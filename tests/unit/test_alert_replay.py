"""A recorded run is judged as it would have been while it trained."""

from __future__ import annotations

import pytest

from tests.alert_reports import diagnosed, high, made_report, told
from xent_monitor.alerts import AlertRule, default_rules
from xent_monitor.alerts.replay import replay


def passes(*nats, split="validation", first=0):
    return [made_report(first + epoch, nats=value, split=split) for epoch, value in enumerate(nats)]


def test_epochs_are_judged_in_their_order_whatever_that_of_the_list():
    rule = high(for_=2)
    reports = passes(0.5, 2.0, 2.0, 0.5)

    assert told(replay([rule], reports).events) == [(2, "high", "firing"), (3, "high", "resolved")]
    assert replay([rule], reports[::-1]).events == replay([rule], reports).events


def test_the_passes_of_one_epoch_are_judged_together():
    seen = []
    rule = diagnosed("sees", lambda evaluation: seen.append(evaluation.train.epoch) or False)
    replay([rule], [*passes(1.0, 1.0, split="train"), *passes(1.0, 1.0)])

    assert seen == [0, 1]


def test_the_end_comes_before_the_tests():
    end = high("end", at_end=True)
    test = high("test", split="test")
    reports = [*passes(2.0, 2.0), *passes(2.0, split="test", first=1)]

    assert told(replay([test, end], reports).events) == [(1, "end", "firing"), (1, "test", "firing")]


def test_tests_between_trainings_are_judged_each():
    reports = [*passes(0.5, 0.5, 0.5), made_report(0, nats=2.0, split="test"), made_report(2, nats=0.5, split="test")]

    assert told(replay([high(split="test")], reports).events) == [(0, "high", "firing"), (2, "high", "resolved")]


def test_rules_without_anything_to_judge():
    rules = [high("train", split="train"), high("other", output="kind"), high("any", split=None), high("fine")]

    assert replay(rules, passes(0.5)).idle == ("train", "other")


def test_a_rule_that_raises_is_said():
    found = replay([diagnosed("broken", lambda evaluation: 1 / 0), high()], passes(2.0))

    assert list(found.failures) == ["broken"]
    assert told(found.events) == [(0, "high", "firing")]


def test_names_of_classes_are_checked_for_each_output():
    rules = [
        AlertRule(name=f"bad-{name}", quantity="class_cross_entropy", class_name=name, above=1.0)
        for name in ("cow", "cat")
    ]
    with pytest.raises(ValueError) as caught:
        replay(rules, [made_report(), made_report(split="train"), made_report(output="kind")])

    assert str(caught.value) == (
        "`class_name` of rule 'bad-cow' must be the name of a class, 'any' or 'all'. Received: class_name='cow'. "
        "Did you mean 'owl'? Classes: 'cat', 'dog', 'owl'."
    )


def test_no_reports():
    found = replay(default_rules(), [])

    assert (found.events, found.failures) == ((), {})
