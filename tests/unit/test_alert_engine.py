"""`AlertEngine`: which rules are judged when, and what is told."""

from __future__ import annotations

import itertools

import pytest

from tests.alert_reports import BAD, CLASSES, GOOD, diagnosed, high, made_report, run, told, trace
from xent_monitor.alerts import AlertEngine, AlertEvent, AlertRule, Observation, State

# States and events


def test_events_are_the_transitions():
    events = run([high(for_=2, keep_firing_for=1)], [BAD, BAD, BAD, BAD, GOOD, GOOD, GOOD])

    assert told(events) == [(1, "high", "firing"), (5, "high", "resolved")]


def test_states_follow_the_trace():
    engine = AlertEngine([high(for_=2, keep_firing_for=1)])

    assert trace(engine, ("high", "validation"), [BAD, BAD, BAD, BAD, GOOD, GOOD, GOOD]) == "pffffii"


def test_epoch_without_evaluation_leaves_all_as_it_is():
    engine = AlertEngine([high(for_=2)])

    assert trace(engine, ("high", "validation"), [BAD, None, BAD, None, None, GOOD]) == "p.f..i"


def test_event_says_all_there_is_to_say():
    (event,) = run([high(severity="critical")], [BAD], output="kind")

    assert event == AlertEvent(
        rule="high",
        state="firing",
        severity="critical",
        epoch=0,
        split="validation",
        output="kind",
        class_name=None,
        value=2.0,
        threshold=1.0,
        message="cross_entropy is 2 on validation of output kind at epoch 0: above the 1 of rule high.",
    )
    assert str(event) == f"[critical] high is firing, epoch 0, validation of kind: {event.message}"


def test_resolved_event_has_the_value_now():
    _, event = run([high()], [BAD, GOOD])

    assert (event.state, event.value, event.threshold) == ("resolved", 0.5, 1.0)
    assert event.message == (
        "Rule high no longer holds: cross_entropy is 0.5 on validation at epoch 1, the threshold 1."
    )


def test_each_class_is_an_instance():
    rule = AlertRule(name="slow", quantity="class_cross_entropy", above=1.0, for_=2)
    engine = AlertEngine([rule])
    events = []
    for epoch, nats in enumerate([(BAD, BAD, GOOD), (BAD, GOOD, BAD), (GOOD, BAD, BAD), (GOOD, BAD, BAD)]):
        events += engine.evaluate([made_report(epoch, nats=nats)])

    assert [(event.epoch, event.class_name, event.state) for event in events] == [
        (1, "cat", "firing"),
        (2, "cat", "resolved"),
        (2, "owl", "firing"),
        (3, "dog", "firing"),
    ]


def test_class_that_is_absent_stays_as_it_is():
    engine = AlertEngine([AlertRule(name="slow", quantity="class_cross_entropy", above=1.0, min_support=20)])
    engine.evaluate([made_report(0, nats=BAD)])

    events = engine.evaluate([made_report(1, nats=GOOD, support=(0, 19, 20))])

    assert [(event.class_name, event.state) for event in events] == [("owl", "resolved")]
    assert engine.states() == {("slow", "validation"): State.FIRING}


def test_instances_of_splits_and_outputs_are_apart():
    engine = AlertEngine([high(split=None, for_=2)])

    def epoch(number, train, validation, other):
        return engine.evaluate(
            [
                made_report(number, nats=other, output="b"),
                made_report(number, nats=validation, output="a"),
                made_report(number, nats=train, output="a", split="train"),
            ]
        )

    first = epoch(0, BAD, GOOD, BAD)
    second = epoch(1, BAD, BAD, BAD)
    third = epoch(2, GOOD, BAD, BAD)

    assert first == []
    assert [(event.split, event.output, event.state) for event in second] == [
        ("train", "a", "firing"),
        ("validation", "b", "firing"),
    ]
    assert [(event.split, event.output, event.state) for event in third] == [
        ("train", "a", "resolved"),
        ("validation", "a", "firing"),
    ]


def test_rule_keeps_to_its_split_and_output():
    engine = AlertEngine([high(split="train", output="a")])

    assert (
        engine.evaluate([made_report(0, nats=BAD, output="a"), made_report(0, nats=BAD, split="train", output="b")])
        == []
    )
    assert len(engine.evaluate([made_report(1, nats=BAD, split="train", output="a")])) == 1


def test_states_hold_every_rule_and_split_from_the_start():
    engine = AlertEngine([high(), diagnosed("mine", lambda evaluation: True, diagnosed_splits=("train", "validation"))])

    assert engine.states() == {
        ("high", "validation"): State.INACTIVE,
        ("mine", "train"): State.INACTIVE,
        ("mine", "validation"): State.INACTIVE,
    }


def test_state_of_a_rule_is_the_highest_of_its_instances():
    engine = AlertEngine([AlertRule(name="slow", quantity="class_cross_entropy", above=1.0, for_=2)])
    engine.evaluate([made_report(0, nats=(BAD, GOOD, GOOD))])
    assert engine.states()["slow", "validation"] is State.PENDING

    engine.evaluate([made_report(1, nats=(BAD, BAD, GOOD))])

    assert engine.states()["slow", "validation"] is State.FIRING


def test_events_are_in_order_of_rules_then_splits_then_classes():
    rules = [AlertRule(name=name, quantity="class_cross_entropy", above=1.0, split=None) for name in ("b", "a")]
    reports = [made_report(nats=(BAD, GOOD, BAD), split=split) for split in ("validation", "train")]

    events = AlertEngine(rules).evaluate(reports)

    assert [(event.rule, event.split, event.class_name) for event in events] == list(
        itertools.product(("b", "a"), ("train", "validation"), ("cat", "owl"))
    )


# Grace, and the end


def test_grace_counts_evaluations_of_the_split():
    engine = AlertEngine([high(after=2)])
    for epoch in range(3):
        engine.evaluate([made_report(epoch, nats=BAD, split="train")])

    assert trace(engine, ("high", "validation"), [BAD, BAD, BAD]) == "iif"


def test_in_grace_nothing_is_pending():
    assert told(run([high(after=2, for_=2)], [BAD, BAD, BAD, BAD])) == [(3, "high", "firing")]


def test_what_was_seen_in_grace_is_remembered():
    rule = high(name="worse", above=0.5, relative_to="best", after=2)

    assert told(run([rule], [0.5, 2.0, 1.5])) == [(2, "worse", "firing")]


def test_rule_for_the_end_is_judged_once_on_the_last_evaluation():
    seen = []

    def improving(evaluation):
        seen.append((evaluation.report.epoch, len(evaluation.earlier), evaluation.final))
        return True

    engine = AlertEngine([diagnosed("still-improving", improving, at_end=True, severity="info")])
    for epoch in range(3):
        assert engine.evaluate([made_report(epoch)]) == []

    assert told(engine.finish()) == [(2, "still-improving", "firing")]
    assert seen == [(2, 2, True)]


def test_at_the_end_other_rules_are_not_judged_again():
    engine = AlertEngine([high(for_=2)])
    engine.evaluate([made_report(nats=BAD)])

    assert engine.finish() == []
    assert engine.states()["high", "validation"] is State.PENDING


def test_the_last_evaluation_of_each_split_is_judged_at_the_end():
    """Validation need not run in the last epoch."""
    engine = AlertEngine([high(split=None, at_end=True)])
    for epoch in range(3):
        engine.evaluate([made_report(epoch, nats=BAD, split="train")])
    engine.evaluate([made_report(1, nats=BAD)])

    assert [(event.epoch, event.split) for event in engine.finish()] == [(2, "train"), (1, "validation")]


def test_end_without_a_report():
    assert AlertEngine([high(at_end=True)]).finish() == []


def test_end_of_a_short_training_is_in_grace():
    engine = AlertEngine([high(at_end=True, after=2)])
    engine.evaluate([made_report(0, nats=BAD)])
    engine.evaluate([made_report(1, nats=BAD)])

    assert engine.finish() == []


# Diagnoses


def test_diagnosis_sees_the_passes_before_and_beside_it():
    seen = []

    def look(evaluation):
        seen.append(
            (
                [report.epoch for report in evaluation.earlier],
                [(report.epoch, report.split) for report in evaluation.others],
                evaluation.final,
            )
        )

    engine = AlertEngine([diagnosed("look", look)])
    for epoch in range(2):
        engine.evaluate(
            [
                made_report(epoch, output="a"),
                made_report(epoch, output="a", split="train"),
                made_report(epoch, output="b", split="train"),
            ]
        )

    assert seen == [([], [(0, "train")], False), ([0], [(0, "train"), (1, "train")], False)]


def test_instances_of_a_diagnosis_are_its_classes():
    def look(evaluation):
        numbers = zip(CLASSES, evaluation.report.class_cross_entropy, strict=True)
        return [Observation(nats > 1, value=nats, class_name=name, message=f"{name}!") for name, nats in numbers]

    engine = AlertEngine([AlertRule(name="look", diagnosis=look, min_support=50)])
    first = engine.evaluate([made_report(0, nats=BAD, support=(100, 10, 100))])
    second = engine.evaluate([made_report(1, nats=GOOD, support=(10, 100, 100))])

    assert [(event.class_name, event.state, event.message) for event in [*first, *second]] == [
        ("cat", "firing", "cat!"),
        ("owl", "firing", "owl!"),
        ("owl", "resolved", "Rule look no longer holds for class owl on validation at epoch 1: the value is 0.5 now."),
    ]


def test_class_that_a_diagnosis_leaves_out_stays_as_it_is():
    answers = iter([[Observation(True, class_name="cat")], [], [Observation(False, class_name="cat")]])
    engine = AlertEngine([AlertRule(name="look", diagnosis=lambda evaluation: next(answers))])

    states = [engine.evaluate([made_report(epoch)]) and engine.states()["look", "validation"] for epoch in range(2)]
    after = engine.states()["look", "validation"]
    (event,) = engine.evaluate([made_report(2)])

    assert states == [State.FIRING, []]
    assert after is State.FIRING
    assert event.state == "resolved"


def test_diagnosis_is_not_asked_about_a_pass_with_too_few_examples():
    rule = diagnosed("mine", lambda evaluation: True, min_support=301)

    assert run([rule], [BAD]) == []
    assert run([diagnosed("mine", lambda evaluation: True, min_support=0)], [BAD], support=0) != []


def test_diagnosis_may_say_numpy_booleans():
    def look(evaluation):
        return evaluation.report.class_cross_entropy[0] > 1.0

    assert told(run([diagnosed("mine", look)], [BAD, GOOD])) == [(0, "mine", "firing"), (1, "mine", "resolved")]


# What it does not take


def test_names_of_rules_are_distinct():
    with pytest.raises(ValueError) as error:
        AlertEngine([high("b"), high("a"), high("b"), high("a"), high("c")])

    assert str(error.value) == "`rules` must have distinct names. Received more than once: a, b."


def test_rules_are_rules():
    with pytest.raises(TypeError) as error:
        AlertEngine([high(), "overfitting"])

    assert str(error.value) == "`rules` must hold `AlertRule` objects only. Received: 'overfitting'."


def test_reports_are_of_one_epoch():
    engine = AlertEngine([high()])

    with pytest.raises(ValueError) as error:
        engine.evaluate([made_report(0), made_report(1, split="train")])

    assert str(error.value) == "`reports` must be of one epoch. Received: epochs 0, 1."


def test_reports_are_of_different_passes():
    with pytest.raises(ValueError) as error:
        AlertEngine([high()]).evaluate([made_report(), made_report()])

    assert str(error.value) == (
        "`reports` must hold one report for each split and output. Received more of: validation."
    )


def test_classes_that_rules_name_are_checked_together():
    rules = [
        high(),
        AlertRule(name="any", quantity="class_accuracy", below=0.5),
        AlertRule(name="cat", quantity="class_accuracy", below=0.5, class_name="cat"),
        AlertRule(name="cats", quantity="class_accuracy", below=0.5, class_name="cats"),
        AlertRule(name="red", quantity="class_accuracy", below=0.5, class_name="red"),
        AlertRule(name="elsewhere", quantity="class_accuracy", below=0.5, class_name="blue", output="colour"),
    ]
    engine = AlertEngine(rules)

    with pytest.raises(ValueError) as error:
        engine.check(CLASSES, output="kind")

    assert str(error.value).splitlines() == [
        "`class_name` of rule 'cats' must be the name of a class, 'any' or 'all'. Received: class_name='cats'. "
        "Did you mean 'cat'? Classes: 'cat', 'dog', 'owl'.",
        "`class_name` of rule 'red' must be the name of a class, 'any' or 'all'. Received: class_name='red'. "
        "Classes: 'cat', 'dog', 'owl'.",
    ]


def test_many_classes_are_not_all_listed():
    engine = AlertEngine([AlertRule(name="one", quantity="class_accuracy", below=0.5, class_name="1001")])

    with pytest.raises(ValueError) as error:
        engine.check([str(number) for number in range(1001)])

    assert "Did you mean '10" in str(error.value)
    assert str(error.value).endswith("'18', '19', and 981 more.")


def test_classes_that_exist_are_no_error():
    AlertEngine([AlertRule(name="cat", quantity="class_accuracy", below=0.5, class_name="cat")]).check(CLASSES)
