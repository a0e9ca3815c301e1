"""Tests of how alerts are put together from their transitions."""

from __future__ import annotations

from tests import golden
from xent_monitor.alerts.episodes import episodes, severity_rank


def in_short(alerts):
    return [(alert.rule, alert.subject, alert.epochs) for alert in alerts]


def test_transitions_of_one_alert_are_put_together():
    """The gravest and latest first, what is resolved after all that fires; a class is an alert of its own."""
    events = [
        golden.event("firing", 0, rule="a", severity="info"),
        golden.event("firing", 1, rule="b", class_name="cat"),
        golden.event("firing", 1, rule="b", class_name="a dog"),
        golden.event("resolved", 2, rule="b", class_name="cat"),
        golden.event("firing", 3, rule="b", class_name="cat"),
        golden.event("firing", 3, rule="c", severity="critical", output="kind", split="train"),
        golden.event("resolved", 4, rule="c", severity="critical", output="kind", split="train"),
        golden.event("resolved", 5, rule="d"),
    ]
    assert in_short(episodes(events)) == [
        ("b", "validation, class cat", "since epoch 3"),
        ("b", 'validation, class "a dog"', "since epoch 1"),
        ("a", "validation", "since epoch 0"),
        ("c", "train of kind", "epochs 3 to 4"),
        ("d", "validation", "epochs 5 to 5"),
        ("b", "validation, class cat", "epochs 1 to 2"),
    ]


def test_what_is_known_last_is_its_message_on_one_line():
    fired = golden.event("firing", 1, message="It is\nbad.")
    (firing,) = episodes([fired])
    (over,) = episodes([fired, golden.event("resolved", 2, message="No more.")])

    assert (firing.is_firing, firing.message, firing.severity) == (True, "It is bad.", "warning")
    assert (over.is_firing, over.message) == (False, "No more.")


def test_the_gravest_severity_comes_first():
    assert sorted(("info", "critical", "warning"), key=severity_rank) == ["critical", "warning", "info"]
