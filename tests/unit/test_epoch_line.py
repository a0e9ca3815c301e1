"""The line on an epoch: what it says, and what is left out where it would be too long."""

from __future__ import annotations

import pytest

from tests.alert_reports import made_report
from tests.builders import HOSTILE_NAMES, report
from xent_monitor.interpretation.epoch_line import columns, epoch_line

NAMES = ["cat", "dog", "t-shirt or top"]
BEFORE = report(3, epoch=2, class_names=NAMES)
NOW = report(3, epoch=3, seed=1, class_names=NAMES)


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (
            122,
            "epoch 3  validation cross-entropy 0.44 (+0.03, skill 0.60), accuracy 0.87, confidence 0.74; "
            'worst: "t-shirt or top" (0.50)',
        ),
        (
            121,
            'epoch 3  validation cross-entropy 0.44 (+0.03, skill 0.60), accuracy 0.87; worst: "t-shirt or top" (0.50)',
        ),
        (80, "epoch 3  validation cross-entropy 0.44 (+0.03, skill 0.60), accuracy 0.87"),
        (70, "epoch 3  validation cross-entropy 0.44 (+0.03), accuracy 0.87"),
        (60, "epoch 3  validation cross-entropy 0.44, accuracy 0.87"),
        (40, "epoch 3  validation cross-entropy 0.44"),
        (10, "epoch 3  validation cross-entropy 0.44"),
    ],
)
def test_what_is_left_out_where_it_does_not_fit(width, line):
    assert epoch_line(NOW, BEFORE, width=width) == line


@pytest.mark.parametrize(
    ("firing", "end"),
    [
        (["overfitting"], "; firing: overfitting"),
        (["a", "b", "a"], "; firing: a, b"),
        (["a", "b", "c", "d"], "; firing: a, b and 2 more"),
    ],
)
def test_alerts_are_always_said(firing, end):
    for width in (200, 20):
        assert epoch_line(NOW, BEFORE, firing, width=width).endswith(end)


@pytest.mark.parametrize(
    ("report", "line"),
    [
        # A class with a few examples is not called the worst; nor is the only one.
        (
            made_report(support=[100, 100, 1], nats=[1, 2, 9.0]),
            "epoch 0  validation cross-entropy 1.54 (skill -1.13), accuracy 0.80, confidence 0.00; worst: dog (2.00)",
        ),
        (
            made_report(support=[100, 0, 0], split="train"),
            "epoch 0  training cross-entropy 0.50, accuracy 0.80, confidence 0.00",
        ),
        (
            made_report(nats=0.0, output="kind of"),
            'epoch 0  validation cross-entropy of "kind of" 0.00 (skill 1.00), accuracy 0.80, confidence 0.00; '
            "worst: cat (0.00)",
        ),
        (made_report(support=0), "epoch 0  validation cross-entropy undefined"),
        (
            made_report(nats=float("inf")),
            "epoch 0  validation cross-entropy inf, accuracy 0.80, confidence 0.00",
        ),
    ],
)
def test_reports_of_every_kind(report, line):
    assert epoch_line(report, width=200) == line


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (2.0, 1.5, "-0.50"),
        (1.5, 2.0, "+0.50"),
        (2.0, 2.0, "no change"),
        (2.0, 2.0 + 1e-10, "no change"),
        (2.0, 2.0004, "+0.00040"),
    ],
)
def test_the_change(before, now, change):
    assert f"({change}, skill" in epoch_line(made_report(nats=now), made_report(nats=before), width=200)


def test_no_change_to_what_is_undefined():
    assert "(skill" in epoch_line(made_report(), made_report(support=0), width=200)


def test_the_worst_label():
    assert "worst: 0 (0.41)" in epoch_line(report(3, task="multilabel"), width=200)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_it_is_one_line_of_the_width_whatever_the_names(name):
    classes = [name, f"{name}2", "日本語の長い名前" * 3]
    line = epoch_line(made_report(class_names=classes, nats=[1, 2, 3], output="x\ny"), width=100)

    assert len(line.splitlines()) == 1
    assert columns(line) <= 100


@pytest.mark.parametrize(
    ("text", "size"), [("", 0), ("cat", 3), ("猫", 2), ("e\u0301", 1), ("\uff57", 2), ("\u200b", 0)]
)
def test_columns_of_a_terminal(text, size):
    assert columns(text) == size
