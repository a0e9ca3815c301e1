"""`AlertEngine`: rules that inhibit others, rules that fail, and runs that are cut in two."""

from __future__ import annotations

import random

import pytest

from tests import builders
from tests.alert_reports import BAD, CLASSES, GOOD, diagnosed, high, made_report, run, told, trace
from xent_monitor.alerts import AlertEngine, AlertRule, Observation, State

# Inhibition


@pytest.mark.parametrize("order", [1, -1], ids=["inhibitor first", "inhibitor last"])
def test_inhibited_rule_stays_as_it_is(order):
    worse = high("worse", above=1.5)
    rules = [worse, high(inhibited_by=("worse",))][::order]

    assert told(run(rules, [BAD, 1.2, BAD, GOOD, GOOD])) == [
        (0, "worse", "firing"),
        (1, "worse", "resolved"),
        (1, "high", "firing"),
        (2, "worse", "firing"),
        (3, "worse", "resolved"),
        (3, "high", "resolved"),
    ]


def test_inhibited_while_the_other_is_pending_or_fires_on():
    worse = high("worse", above=1.5, for_=2, keep_firing_for=1)
    engine = AlertEngine([high(inhibited_by=("worse",)), worse])

    assert trace(engine, ("high", "validation"), [BAD, BAD, 1.2, 1.2]) == "iiif"


def test_inhibited_by_any_split_of_the_same_output():
    engine = AlertEngine([high(inhibited_by=("worse",)), high("worse", above=1.5, split="train")])

    def reports(epoch, train):
        return [
            made_report(epoch, nats=1.2, output="a"),
            made_report(epoch, nats=1.2, output="b"),
            made_report(epoch, nats=train, output="a", split="train"),
        ]

    first, second = engine.evaluate(reports(0, BAD)), engine.evaluate(reports(1, GOOD))

    assert [(event.rule, event.output) for event in first] == [("worse", "a"), ("high", "b")]
    assert [(event.rule, event.output, event.state) for event in second] == [
        ("worse", "a", "resolved"),
        ("high", "a", "firing"),
    ]


def test_in_grace_a_rule_inhibits_nothing():
    rules = [high("worse", above=1.5, after=1), high(inhibited_by=("worse",))]

    assert told(run(rules, [BAD])) == [(0, "high", "firing")]


def test_name_of_a_rule_that_is_not_there_is_no_matter():
    assert told(run([high(inhibited_by=("non-finite",))], [BAD])) == [(0, "high", "firing")]


def test_rules_are_judged_in_order_but_for_inhibitors():
    judged = []

    def make(name, *inhibitors):
        return diagnosed(name, lambda evaluation: judged.append(name), inhibited_by=inhibitors)

    engine = AlertEngine([make("a"), make("b", "d"), make("c", "b", "e"), make("d"), make("e", "d")])
    engine.evaluate([made_report()])

    assert judged == ["a", "d", "b", "e", "c"]
    assert [rule.name for rule in engine.rules] == ["a", "b", "c", "d", "e"]


def test_circle_of_inhibitors_is_an_error():
    with pytest.raises(ValueError) as error:
        AlertEngine(
            [high("a"), high("b", inhibited_by=("c",)), high("c", inhibited_by=("d",)), high("d", inhibited_by=("b",))]
        )

    assert str(error.value) == ("`inhibited_by` must not lead back to the rule itself. Received: b <- c <- d <- b.")


# Rules that fail


def test_rule_that_raises_is_switched_off_and_the_others_go_on():
    def broken(evaluation):
        if evaluation.report.epoch == 1:
            raise KeyError("no such thing")
        return evaluation.report.epoch == 0

    engine = AlertEngine([diagnosed("mine", broken), high()])
    events = []
    for epoch, nats in enumerate([GOOD, BAD, GOOD]):
        events += engine.evaluate([made_report(epoch, nats=nats)])

    assert told(events) == [(0, "mine", "firing"), (1, "high", "firing"), (2, "high", "resolved")]
    assert {name: repr(error) for name, error in engine.failures.items()} == {"mine": "KeyError('no such thing')"}
    assert engine.states()["mine", "validation"] is State.FIRING


def test_rule_that_raises_half_way_has_said_nothing():
    def half(evaluation):
        yield Observation(True, class_name="cat")
        raise ZeroDivisionError

    engine = AlertEngine([AlertRule(name="half", diagnosis=half)])

    assert engine.evaluate([made_report()]) == []
    assert engine.states()["half", "validation"] is State.INACTIVE
    assert list(engine.failures) == ["half"]


def test_rule_that_was_switched_off_inhibits_no_more():
    def broken(evaluation):
        if evaluation.report.epoch == 1:
            raise ZeroDivisionError
        return True

    rules = [diagnosed("mine", broken), high(inhibited_by=("mine",))]

    assert told(run(rules, [BAD, BAD])) == [(0, "mine", "firing"), (1, "high", "firing")]


def test_what_is_no_error_of_the_rule_is_let_through():
    def interrupted(evaluation):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AlertEngine([diagnosed("mine", interrupted)]).evaluate([made_report()])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "A diagnosis must return an iterable of `Observation`. Received: None."),
        ([True], "A diagnosis must return an iterable of `Observation`. Received one of True."),
        (
            [Observation(True, class_name="cat"), Observation(False, class_name="cat")],
            "A diagnosis must say one thing of each class. Received: two of class_name='cat'.",
        ),
    ],
)
def test_answer_of_a_diagnosis_that_makes_no_sense(answer, message):
    engine = AlertEngine([AlertRule(name="mine", diagnosis=lambda evaluation: answer)])

    engine.evaluate([made_report()])

    assert str(engine.failures["mine"]) == message


# Runs


def random_run(num_epochs=20):
    """Reports of a training in which classes come and go, and validation does not always run."""
    chance = random.Random(5)
    epochs = []
    for epoch in range(num_epochs):
        reports = [
            made_report(
                epoch,
                nats=[chance.choice((GOOD, BAD)) for _ in CLASSES],
                support=[chance.choice((0, 100)) for _ in CLASSES],
                split=split,
            )
            for split in ("train", "validation")
        ]
        epochs.append(reports[: chance.choice((1, 2, 2))])
    return epochs


def many_rules():
    return [
        AlertRule(name="slow", quantity="class_cross_entropy", above=1.0, for_=2, keep_firing_for=1, split=None),
        AlertRule(name="rising", quantity="class_cross_entropy", rises_by=0.5, over=2, inhibited_by=("high",)),
        AlertRule(name="worse", quantity="cross_entropy", above=0.2, relative_to="best", after=2),
        high(for_=2),
        high("end", at_end=True, split=None),
    ]


@pytest.mark.parametrize("stop", [1, 5, 10, 19])
def test_resumed_run_gives_the_events_of_a_whole_one(stop):
    epochs = random_run()

    def events(engine, epochs):
        return [event for reports in epochs for event in engine.evaluate(reports)]

    whole = AlertEngine(many_rules())
    expected = [*events(whole, epochs), *whole.finish()]
    first = AlertEngine(many_rules())
    before = events(first, epochs[:stop])
    resumed = AlertEngine(many_rules())
    again = events(resumed, epochs[:stop])
    after = [*events(resumed, epochs[stop:]), *resumed.finish()]

    assert len(expected) > 10
    assert again == before
    assert [*before, *after] == expected
    assert resumed.states() == whole.states()


def test_order_of_the_reports_of_an_epoch_is_no_matter():
    epochs = random_run()

    def events(engine, step):
        return [event for reports in epochs for event in engine.evaluate(reports[::step])]

    assert events(AlertEngine(many_rules()), 1) == events(AlertEngine(many_rules()), -1)


def test_reset_begins_a_new_run():
    engine = AlertEngine([high(above=0.1, relative_to="best"), diagnosed("mine", lambda evaluation: 1 / 0)])

    def events():
        return [engine.evaluate([made_report(epoch, nats=nats)]) for epoch, nats in enumerate([BAD, GOOD, BAD])]

    first = events()
    assert [len(found) for found in first] == [0, 0, 1]

    engine.reset()

    assert engine.failures == {}
    assert set(engine.states().values()) == {State.INACTIVE}
    assert events() == first


def test_realistic_reports_are_judged():
    """Reports of random predictions, of which the later ones are better."""
    rule = AlertRule(name="weak", quantity="class_accuracy", below=0.5, for_=2, min_support=5)
    engine = AlertEngine([rule])
    events = []
    for epoch, sharpness in enumerate([0.0, 0.0, 6.0]):
        events += engine.evaluate([builders.report(5, epoch, seed=epoch, sharpness=sharpness)])

    assert [(event.epoch, event.class_name, event.state) for event in events] == [
        *((1, name, "firing") for name in "01234"),
        *((2, name, "resolved") for name in "01234"),
    ]
