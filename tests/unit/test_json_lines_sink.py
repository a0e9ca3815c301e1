"""JSON lines: what is written, what a resumed run makes of it, and broken files."""

from __future__ import annotations

import json
import math

import pytest

from tests.alert_reports import high, made_report, run
from tests.builders import HOSTILE_NAMES
from xent_monitor.errors import EventFormatError
from xent_monitor.report import EvaluationReport
from xent_monitor.sinks import JsonLinesSink, read_json_lines
from xent_monitor.statistics import ClassStatistics

[EVENT] = run([high()], [2.0])


def write(path, *told):
    """Reports as (epoch, split), alerts as epochs, one after the other."""
    sink = JsonLinesSink(path, clock=lambda: 1.5)
    for one in told:
        if isinstance(one, int):
            sink.write_alerts(run([high()], [None] * one + [2.0]))
        else:
            sink.write_report(made_report(one[0], split=one[1]), "words")
    sink.close()


def found(path):
    return [
        line["epoch"] if line["kind"] == "alert" else (line["epoch"], line["split"]) for line in read_json_lines(path)
    ]


def test_lines_of_a_report_and_an_alert(tmp_path):
    path = tmp_path / "new" / "run.jsonl"
    sink = JsonLinesSink(path, clock=lambda: 1.5)
    report = made_report(3, nats=[0.5, 2.0, math.nan], support=[10, 10, 0])
    sink.write_report(report, "what it says")
    sink.write_alerts([EVENT, EVENT])

    first, *others = map(json.loads, path.read_text(encoding="ascii").splitlines())
    assert list(first)[:7] == ["format", "time", "kind", "epoch", "split", "output", "task"]
    assert [first[name] for name in ("format", "time", "kind", "epoch", "split", "output", "task")] == [
        1, 1.5, "report", 3, "validation", "", "multiclass",
    ]  # fmt: skip
    assert set(report.scalar_quantities()) < set(first)
    assert first["cross_entropy"] == report.cross_entropy == 1.25
    assert first["num_examples"] == 20
    assert first["logged_loss"] is None
    assert first["class_cross_entropy"] == {"cat": 0.5, "dog": 2.0, "owl": None}
    assert first["reading"] == "what it says"
    assert others == [{"format": 1, "time": 1.5, "kind": "alert"} | EVENT.to_dict()] * 2
    assert read_json_lines(path) == [first, *others]


def test_each_line_is_in_the_file_when_the_call_returns(tmp_path):
    path = tmp_path / "run.jsonl"
    sink = JsonLinesSink(path)
    for epoch in range(3):
        sink.write_report(made_report(epoch), "")
        assert len(path.read_bytes().splitlines()) == epoch + 1


def test_names_of_every_kind(tmp_path):
    path = tmp_path / "run.jsonl"
    JsonLinesSink(path).write_report(made_report(class_names=HOSTILE_NAMES, output="日\udcff"), "\udcff\n☃")
    [line] = read_json_lines(path)

    assert len(line["class_cross_entropy"]) == len(HOSTILE_NAMES)
    assert (line["output"], line["reading"]) == ("日\udcff", "\udcff\n☃")


def test_the_worst_of_many_classes(tmp_path):
    names = [f"c{index}" for index in range(30)]
    JsonLinesSink(tmp_path / "a", top_classes=2).write_report(made_report(class_names=names, nats=range(30)), "")
    [line] = read_json_lines(tmp_path / "a")

    assert line["class_cross_entropy"] == {"c28": 28.0, "c29": 29.0}


def test_a_pass_without_examples(tmp_path):
    nothing = ClassStatistics.empty("multiclass", num_classes=2, num_bins=1)
    JsonLinesSink(tmp_path / "a").write_report(EvaluationReport(0, "train", "", ("x", "y"), nothing), "")
    [line] = read_json_lines(tmp_path / "a")

    assert (line["cross_entropy"], line["num_examples"]) == (None, 0)


def train(epoch):
    return (epoch, "train")


def validation(epoch):
    return (epoch, "validation")


@pytest.mark.parametrize(
    ("runs", "counting"),
    [
        # A run that was interrupted in epoch 2, and goes on from epoch 1.
        ([[train(0), 0, train(1), 1, train(2)], [train(1), train(2)]], [train(0), 0, train(1), train(2)]),
        # The same epoch again, on both splits.
        (
            [[train(0), validation(0), 0], [train(0), validation(0)]],
            [train(0), validation(0)],
        ),
        # Begun anew, with fewer epochs.
        ([[train(0), train(1), train(2), 2], [train(0)]], [train(0)]),
        # Validation that comes every other epoch, in a run that goes back to an epoch without it.
        ([[train(0), train(1), validation(1)], [train(1)]], [train(0), train(1)]),
        ([[validation(0), validation(2), 2], [validation(1)]], [validation(0), validation(1)]),
        # Evaluations replace each other, and nothing else.
        (
            [[train(0), train(1), (1, "test"), 1], [(1, "test")]],
            [train(0), train(1), 1, (1, "test")],
        ),
        ([[(0, "test"), train(0), (0, "test")]], [train(0), (0, "test")]),
    ],
)
def test_later_runs_count(tmp_path, runs, counting):
    for told in runs:
        write(tmp_path / "run.jsonl", *told)

    assert found(tmp_path / "run.jsonl") == counting


@pytest.mark.parametrize("cut", [1, 30, 400, -2, -30])
def test_a_line_that_was_cut_off_is_left_out_and_the_next_begins_anew(tmp_path, cut):
    path = tmp_path / "run.jsonl"
    write(path, train(0), train(1))
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:cut])
    assert found(path) == [train(0)]

    write(path, train(1))
    assert found(path) == [train(0), train(1)]


def test_zeros_at_the_end_are_left_out(tmp_path):
    write(tmp_path / "a", train(0))
    with (tmp_path / "a").open("ab") as file:
        file.write(b"\0" * 50)

    assert found(tmp_path / "a") == [train(0)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "what?",
            "The line is no JSON object: Expecting value: line 1 column 1 (char 0). Remove it to read the others.",
        ),
        ("[1]", "The line was not written by a `JsonLinesSink`. Remove it to read the others."),
        ('{"format": "x"}', "The line was not written by a `JsonLinesSink`. Remove it to read the others."),
        (
            '{"format": 2}',
            "Written in format 2 by a newer xent_monitor; this one reads up to format 1. Upgrade it: "
            "pip install --upgrade xent-monitor.",
        ),
        (
            '{"format": 1, "kind": "report", "epoch": "x", "split": "train"}',
            "The line is damaged: look at epoch, output. Remove it to read the others.",
        ),
    ],
)
def test_broken_lines_are_named(tmp_path, line, problem):
    path = tmp_path / "run.jsonl"
    write(path, train(0))
    path.write_bytes(path.read_bytes() + line.encode() + b"\n")

    with pytest.raises(EventFormatError) as caught:
        read_json_lines(path)
    assert str(caught.value) == f"{path}, line 2: {problem}"


def test_a_directory_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    sink = JsonLinesSink(tmp_path / "file" / "run.jsonl")

    with pytest.raises(OSError, match="file"):
        sink.write_report(made_report(), "")
    sink.close()


def test_a_wrong_number_of_classes():
    with pytest.raises(ValueError) as caught:
        JsonLinesSink("x", top_classes=-1)

    assert str(caught.value) == "`top_classes` must be an integer >= 0. Received: top_classes=-1."
