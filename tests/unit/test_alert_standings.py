"""`AlertEngine.standings`: how the alerts of each split and output stand, for whoever keeps a record of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.alert_reports import BAD, CLASSES, GOOD, diagnosed, high, made_report, told
from xent_monitor.alerts import AlertEngine, AlertRule, Evaluation, Observation
from xent_monitor.alerts.engine import Standing

#: Cross-entropies of which only the last class has a bad one.
LAST_BAD = (GOOD, GOOD, BAD)


def slow(name: str = "slow", **fields: Any) -> AlertRule:
    """A rule that holds for each class whose cross-entropy is above 1."""
    return AlertRule(**{"name": name, "quantity": "class_cross_entropy", "above": 1.0} | fields)


def worst(evaluation: Evaluation) -> list[Observation]:
    """A diagnosis that looks at the last class alone."""
    return [Observation(True, class_name=evaluation.report.class_names[-1])]


def standing(engine: AlertEngine, split: str = "validation", output: str = "") -> Standing:
    """That of one split and output."""
    (found,) = [one for one in engine.standings() if (one.split, one.output) == (split, output)]
    return found


@pytest.mark.parametrize(
    ("rule", "nats", "instances"),
    [
        (slow(), LAST_BAD, [("owl", 2)]),
        (slow(), BAD, [("cat", 0), ("dog", 1), ("owl", 2)]),
        (slow(class_name="any"), LAST_BAD, [("owl", 2)]),
        (slow(class_name="owl"), LAST_BAD, [("owl", 2)]),
        (slow(class_name="cat"), LAST_BAD, []),
        (slow(class_name="all"), BAD, [(None, None)]),
        (high(), BAD, [(None, None)]),
        (high(), GOOD, []),
        (AlertRule(name="worst", diagnosis=worst), GOOD, [("owl", 2)]),
        (diagnosed("all", lambda _: True), GOOD, [(None, None)]),
        (AlertRule(name="other", diagnosis=lambda _: [Observation(True, class_name="emu")]), GOOD, [("emu", None)]),
    ],
)
def test_instances_are_named_by_their_classes(rule, nats, instances):
    engine = AlertEngine([rule])
    engine.evaluate([made_report(nats=nats)])

    expected = [(rule.name, rule.severity, name, index, "firing") for name, index in instances]
    assert standing(engine).instances == expected


def test_what_fires_is_first_and_of_that_the_gravest():
    rules = [
        high("pending-critical", severity="critical", for_=2),
        high("firing-info", severity="info"),
        slow("firing-classes", severity="warning"),
        high("firing-critical", severity="critical"),
        high("pending-warning", severity="warning", for_=3),
    ]
    engine = AlertEngine(rules)
    engine.evaluate([made_report(nats=BAD)])

    assert [(rule, name, state) for rule, _, name, _, state in standing(engine).instances] == [
        ("firing-critical", None, "firing"),
        *[("firing-classes", name, "firing") for name in CLASSES],
        ("firing-info", None, "firing"),
        ("pending-critical", None, "pending"),
        ("pending-warning", None, "pending"),
    ]
    assert [event.rule for event in standing(engine).events] == [
        "firing-critical",
        *["firing-classes"] * 3,
        "firing-info",
    ]


def test_an_instance_goes_when_it_is_inactive_again():
    engine = AlertEngine([high(for_=2)])
    states = []
    for epoch, nats in enumerate([GOOD, BAD, BAD, GOOD]):
        engine.evaluate([made_report(epoch, nats=nats)])
        states.append([state for *_, state in standing(engine).instances])

    assert states == [[], ["pending"], ["firing"], []]


def test_rules_are_those_of_the_split_and_output():
    engine = AlertEngine(
        [
            high("both", split=None, severity="info"),
            high("train", split="train"),
            high("kind", output="kind"),
            high("at-end", at_end=True, severity="critical"),
        ]
    )
    engine.evaluate([made_report(split=split, output=output) for split in ("train", "validation") for output in "ab"])
    engine.evaluate([made_report(output="kind")])

    assert standing(engine, "train", "a").rules == [("both", "info"), ("train", "warning")]
    assert standing(engine, "validation", "b").rules == [("both", "info"), ("at-end", "critical")]
    assert [name for name, _ in standing(engine, "validation", "kind").rules] == ["both", "kind", "at-end"]


def test_a_rule_that_failed_is_not_watched():
    engine = AlertEngine([high(), diagnosed("broken", lambda _: 1 / 0)])
    engine.evaluate([made_report()])

    assert standing(engine).rules == [("high", "warning")]


def test_splits_and_outputs_stand_apart():
    engine = AlertEngine([high(split=None)])
    engine.evaluate([made_report(nats=BAD, split="train", output="a"), made_report(nats=GOOD, output="a")])

    assert [(one.split, one.output, len(one.instances), told(one.events)) for one in engine.standings()] == [
        ("train", "a", 1, [(0, "high", "firing")]),
        ("validation", "a", 0, []),
    ]


def test_events_are_those_of_the_last_pass():
    engine = AlertEngine([high()])
    events = []
    for epoch, nats in enumerate([BAD, BAD, GOOD]):
        engine.evaluate([made_report(epoch, nats=nats)])
        events.append(told(standing(engine).events))

    assert events == [[(0, "high", "firing")], [], [(2, "high", "resolved")]]


def test_at_the_end_the_events_of_the_last_pass_are_still_there():
    """The record of its epoch is written again then, and must not lose them."""
    engine = AlertEngine([high(), high("ended", at_end=True)])
    engine.evaluate([made_report(0, nats=BAD)])
    engine.evaluate([made_report(1, nats=GOOD, split="train")])
    engine.finish()

    assert standing(engine).epoch == 0
    assert told(standing(engine).events) == [(0, "high", "firing"), (0, "ended", "firing")]
    assert standing(engine, "train")[0:1] == (1,)
    assert standing(engine, "train").events == []


def test_after_a_reset_nothing_stands():
    engine = AlertEngine([high()])
    engine.evaluate([made_report(nats=BAD)])
    engine.reset()

    assert engine.standings() == []


def test_a_class_that_is_gone_is_left_out():
    engine = AlertEngine([slow()])
    engine.evaluate([made_report(0, nats=BAD)])
    engine.evaluate([made_report(1, nats=BAD, class_names=CLASSES[:2])])

    assert [name for _, _, name, _, _ in standing(engine).instances] == ["cat", "dog"]
