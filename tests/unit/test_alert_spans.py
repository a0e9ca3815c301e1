"""Tests of the states of the alerts over the epochs."""

from __future__ import annotations

import math

import pytest

from xent_monitor.tensorboard import alert_spans
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.alert_spans import alerts_answer, gravest_state

RULES = [("overfitting", "warning"), ("neglected-class", "warning"), ("non-finite", "critical"), ("mild", "info")]
SEVERITY = dict(RULES)


def instance(rule, state, name=None, index=None):
    return (rule, SEVERITY[rule], name, index, state)


def event(rule, state, epoch, name=None, **changes):
    values = {
        "rule": rule,
        "state": state,
        "severity": SEVERITY[rule],
        "epoch": epoch,
        "split": "validation",
        "output": "",
        "class_name": name,
        "value": 0.4,
        "threshold": 0.1,
        "message": f"{rule} {state}",
    }
    return values | changes


def record(*instances, events=(), rules=RULES):
    return AlertRecord.of(rules, instances, events)


def spans_of(states, rule="overfitting"):
    """Spans of one instance that has these states after these epochs, `.` for inactive."""
    words = {"p": "pending", "f": "firing"}
    records = {
        epoch: record(*([] if letter == "." else [instance(rule, words[letter])])) for epoch, letter in states.items()
    }
    (found,) = alerts_answer({"validation": records})["instances"]
    return [(span["state"][0], span["first"], span["last"]) for span in found["spans"]]


@pytest.mark.parametrize(
    ("states", "spans"),
    [
        (dict(enumerate("..ppff")), [("p", 2, 3), ("f", 4, 5)]),
        (dict(enumerate("pf.f")), [("p", 0, 0), ("f", 1, 1), ("f", 3, 3)]),
        (dict(enumerate("fp")), [("f", 0, 0), ("p", 1, 1)]),
        ({0: "f", 5: "f", 10: "f"}, [("f", 0, 10)]),
        ({0: "p", 5: ".", 10: "p"}, [("p", 0, 0), ("p", 10, 10)]),
        ({10: "f", 9: "p", 8: "p"}, [("p", 8, 9), ("f", 10, 10)]),
    ],
)
def test_consecutive_records_of_a_state_are_one_span(states, spans):
    assert spans_of(states) == spans


def test_answer():
    records = {
        "validation": {
            3: record(instance("overfitting", "pending"), instance("neglected-class", "pending", "cat", 2)),
            4: record(
                instance("overfitting", "firing"),
                events=[event("overfitting", "firing", 4, message="Seen.")],
            ),
            5: record(events=[event("overfitting", "resolved", 5, value=None, threshold="Infinity")]),
        },
        "train": {3: record(instance("non-finite", "firing"))},
    }

    answer = alerts_answer(records)

    assert answer["recorded"]
    assert answer["more"] == {}
    assert answer["rules"] == [
        {"name": "non-finite", "severity": "critical"},
        {"name": "neglected-class", "severity": "warning"},
        {"name": "overfitting", "severity": "warning"},
        {"name": "mild", "severity": "info"},
    ]
    assert [(each["rule"], each["split"], each["class"], each["class_name"]) for each in answer["instances"]] == [
        ("non-finite", "train", None, None),
        ("neglected-class", "validation", 2, "cat"),
        ("overfitting", "validation", None, None),
    ]
    fired, resolved = answer["instances"][2]["events"]
    assert fired == {"state": "firing", "epoch": 4, "message": "Seen.", "value": 0.4, "threshold": 0.1}
    assert (resolved["state"], resolved["epoch"], resolved["threshold"]) == ("resolved", 5, math.inf)
    assert math.isnan(resolved["value"])
    assert answer["instances"][0]["severity"] == "critical"


def test_nothing_recorded():
    assert alerts_answer({"validation": {}, "train": {}}) == {
        "recorded": False,
        "rules": [],
        "instances": [],
        "more": {},
    }


def test_recorded_but_quiet():
    answer = alerts_answer({"validation": {0: record()}})

    assert (answer["recorded"], answer["instances"], len(answer["rules"])) == (True, [], 4)


def test_splits_have_instances_of_their_own():
    fires = {0: record(instance("overfitting", "firing"))}

    found = alerts_answer({"validation": fires, "train": fires})["instances"]

    assert [each["split"] for each in found] == ["train", "validation"]


def test_classes_of_the_same_name_have_instances_of_their_own():
    twice = [instance("neglected-class", "firing", "cat", index) for index in (4, 1)]

    found = alerts_answer({"validation": {0: record(*twice), 1: record(*twice)}})["instances"]

    assert [(each["class"], each["spans"][0]["last"]) for each in found] == [(1, 1), (4, 1)]


def test_event_without_an_instance_is_left_out():
    answer = alerts_answer({"validation": {0: record(events=[event("overfitting", "resolved", 0)])}})

    assert answer["instances"] == []


def test_severity_is_the_latest():
    before = record(instance("overfitting", "firing"))
    rules = [("overfitting", "critical")]
    after = record(("overfitting", "critical", None, None, "firing"), rules=rules)

    answer = alerts_answer({"validation": {1: after, 0: before}})

    assert {"name": "overfitting", "severity": "critical"} in answer["rules"]
    assert [(each["severity"], len(each["spans"])) for each in answer["instances"]] == [("critical", 1)]


def test_beyond_the_limit_classes_that_never_fired_or_are_over_are_left_out_first(monkeypatch):
    monkeypatch.setattr(alert_spans, "INSTANCE_LIMIT", 3)
    neglected = {name: ("neglected-class", index) for index, name in enumerate(("never", "over", "still"))}

    def of(name, state):
        rule, index = neglected[name]
        return instance(rule, state, name, index)

    records = {
        0: record(of("never", "pending"), of("over", "firing"), of("still", "firing")),
        1: record(instance("overfitting", "pending"), of("never", "pending"), of("still", "firing")),
    }

    answer = alerts_answer({"validation": records})
    assert [(each["rule"], each["class_name"]) for each in answer["instances"]] == [
        ("neglected-class", "over"),
        ("neglected-class", "still"),
        ("overfitting", None),
    ]
    assert answer["more"] == {"neglected-class": 1}

    monkeypatch.setattr(alert_spans, "INSTANCE_LIMIT", 2)
    kept = alerts_answer({"validation": records})["instances"]
    assert [each["class_name"] for each in kept] == ["still", None]


def test_what_a_record_had_no_room_for_is_counted_once():
    def full(more):
        return AlertRecord((), (), more, ())

    records = {0: full({"neglected-class": 20}), 1: full({"neglected-class": 30, "mild": 1}), 2: full({})}

    answer = alerts_answer({"validation": records, "train": {0: full({"mild": 2})}})

    assert answer["more"] == {"mild": 3, "neglected-class": 30}


@pytest.mark.parametrize(
    ("instances", "state"),
    [
        ([], "healthy"),
        ([instance("overfitting", "pending")], "healthy"),
        ([instance("mild", "firing")], "healthy"),
        ([instance("overfitting", "firing")], "warning"),
        ([instance("overfitting", "firing"), instance("non-finite", "firing")], "critical"),
    ],
)
def test_state_is_the_gravest_that_fires(instances, state):
    assert gravest_state([record(), record(*instances)]) == state


def test_state_is_unknown_where_nothing_was_recorded():
    assert gravest_state([]) == "unknown"
