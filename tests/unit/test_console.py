"""What is printed: the lines of an epoch, the reading at the end, and where they are wrapped."""

from __future__ import annotations

import sys

import pytest

from tests.alert_reports import high, made_report, run
from xent_monitor.alerts.desk import LOGGED_EACH
from xent_monitor.console import EpochLines, final_lines, print_wrapped

NAMES = [f"c{index}" for index in range(LOGGED_EACH + 3)]


@pytest.fixture
def terminal(monkeypatch):
    """Whether the standard output is a terminal, and how wide it is."""

    def choose(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    return choose


def test_a_line_for_each_output_on_its_validation_pass(capsys):
    lines = EpochLines(True)
    now = [made_report(1, split=split, output=output) for split in ("train", "validation") for output in ("a", "b")]
    before = [made_report(0, nats=0.7, output="a"), made_report(0, nats=0.9, output="a", split="train")]
    lines.keep([*now, made_report(1, split="train", output="c")], before, run([high()], [2.0], output="b"))
    assert capsys.readouterr().out == ""
    lines.print()
    lines.print()

    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1  validation cross-entropy of a 0.50 (-0.20")
    assert second.startswith("epoch 1  validation cross-entropy of b 0.50")
    assert second.endswith("; firing: high")
    assert third.startswith("epoch 1  training cross-entropy of c 0.50")


def test_the_change_is_against_the_last_pass_that_saw_examples():
    lines = EpochLines(True)
    earlier = [made_report(0, nats=0.7), made_report(1, support=0), made_report(5, nats=9.0)]
    lines.keep([made_report(3)], earlier, [])

    assert "(-0.20, " in lines._lines[0]


def test_lines_that_are_not_wanted_or_were_dropped(capsys):
    quiet, dropped = EpochLines(False), EpochLines(True)
    for lines in (quiet, dropped):
        lines.keep([made_report()], [], [])
    dropped.drop()
    for lines in (quiet, dropped):
        lines.print()

    assert capsys.readouterr().out == ""


def test_lines_fit_the_terminal(terminal, capsys):
    lines = EpochLines(True)
    terminal(62)
    lines.keep([made_report(1)], [made_report(0, nats=0.7)], [])
    lines.print()

    assert capsys.readouterr().out == "epoch 1  validation cross-entropy 0.50 (-0.20), accuracy 0.80\n"


def test_the_end_of_a_training_and_its_alerts():
    reports = [made_report(epoch, nats=0.5, split=split) for epoch in (0, 1) for split in ("train", "validation")]
    firing = run([high(quantity="class_cross_entropy")], [2.0], class_names=NAMES)
    lines = final_lines(reports, 1, firing)

    assert lines[0].startswith("Validation cross-entropy 0.50 nats")
    assert [line for line in lines if line.startswith("[")] == [
        *map(str, firing[:LOGGED_EACH]),
        "[warning] high is firing for 3 classes more",
    ]


def test_a_training_without_reports_says_nothing():
    assert final_lines([made_report(0)], 1, run([high()], [2.0])) == []


def test_lines_are_wrapped_in_a_terminal_only(terminal, capsys):
    text = "Accuracy is 12 % of what " + "it might be, " * 5 + "so look."
    print_wrapped([text, "short"])
    assert capsys.readouterr().out == f"{text}\nshort\n"

    terminal(50)
    print_wrapped([text, "short"])
    wrapped = capsys.readouterr().out.splitlines()
    assert wrapped == [
        "Accuracy is 12 % of what it might be, it might be,",
        "  it might be, it might be, it might be, so look.",
        "short",
    ]


def test_a_percent_sign_stays_with_its_number(terminal, capsys):
    terminal(40)
    print_wrapped(["a" * 35 + " 100 % of it"])

    assert capsys.readouterr().out.splitlines() == ["a" * 35, "  100 % of it"]
