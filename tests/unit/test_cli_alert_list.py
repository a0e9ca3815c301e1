"""Tests of what is printed of the alerts of a run."""

from __future__ import annotations

from tests import golden
from xent_monitor.alerts.episodes import episodes
from xent_monitor.cli.alert_list import alert_list
from xent_monitor.cli.terminal import render


def test_no_alerts_are_no_section():
    assert alert_list(episodes([])) == []


def test_many_alerts_of_one_rule_are_told_once(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    events = [golden.event("firing", 1, class_name=f"c{number}", message="It is\nbad.") for number in range(13)]
    events += [golden.event(state, epoch, rule="again") for epoch in (0, 2) for state in ("firing", "resolved")]

    assert render(*alert_list(episodes(events))) == (
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
