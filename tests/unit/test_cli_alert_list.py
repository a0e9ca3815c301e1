"""Tests of how alerts are put together from their transitions, and of what is printed of them."""

from __future__ import annotations

from tests import golden
from xent_monitor.cli.alert_list import alert_list, alerts_of
from xent_monitor.cli.terminal import render


def in_short(alerts):
    return [(alert.fired.rule, alert.subject, alert.epochs) for alert in alerts]


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
    assert in_short(alerts_of(events)) == [
        ("b", "validation, class cat", "since epoch 3"),
        ("b", 'validation, class "a dog"', "since epoch 1"),
        ("a", "validation", "since epoch 0"),
        ("c", "train of kind", "epochs 3 to 4"),
        ("d", "validation", "epochs 5 to 5"),
        ("b", "validation, class cat", "epochs 1 to 2"),
    ]


def test_no_alerts_are_no_section():
    assert alert_list(alerts_of([])) == []


def test_many_alerts_of_one_rule_are_told_once(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    events = [golden.event("firing", 1, class_name=f"c{number}", message="It is\nbad.") for number in range(13)]
    events += [golden.event(state, epoch, rule="again") for epoch in (0, 2) for state in ("firing", "resolved")]

    assert render(*alert_list(alerts_of(events))) == (
        "Alerts: 13 firing, 2 resolved\n"
        "-----------------------------\n"
        "\n"
        "warning: overfitting, validation, class c0, since epoch 1\n"
        "  It is bad.\n"
        "  other classes: c1 (since epoch 1), c2 (since epoch 1), c3 (since epoch 1), c4\n"
        "  (since epoch 1), c5 (since epoch 1), c6 (since epoch 1), c7 (since epoch 1),\n"
        "  c8 (since epoch 1), c9 (since epoch 1), c10 (since epoch 1) and 2 more\n"
        "\n"
        "warning, resolved: again, validation, epochs 2 to 2\n"
        "  The validation cross-entropy rose from 0.42 in epoch 1 to 0.99 while that of\n"
        "  the training fell. Keep the weights of the best epoch, then try more data.\n"
        "  the same before: epochs 0 to 0\n"
    )
