"""The console script: what it prints, and how it fails."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest

import xent_monitor
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor import cli
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics
from xent_monitor.tensorboard import ReportWriter

ANIMALS = ("cat", "dog", "猫と犬", "pale\nsiskin")


def make_report(epoch=0, split="validation", output="", names=ANIMALS, support=40, **changes):
    num_classes = len(names)
    random = np.random.RandomState(epoch)
    labels = np.repeat(np.arange(num_classes - 1), support)  # The last class has no examples.
    logits = random.normal(size=(len(labels), num_classes)) + 2.0 * np.eye(num_classes)[labels]
    logits[:, 1] -= 3.0
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    statistics = dataclasses.replace(statistics_from_predictions(labels, probabilities), **changes)
    return EvaluationReport(epoch, split, output, names, statistics)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs `xent-monitor report` on reports that were written to disk; returns code, output and errors."""
    monkeypatch.setenv("COLUMNS", "100")

    def run_on(reports, *arguments):
        writer = ReportWriter(tmp_path / "logs")
        for report in reports:
            writer.write(report, "")
        writer.close()
        code = cli.main(["report", str(tmp_path / "logs"), *arguments])
        return code, *capsys.readouterr()

    return run_on


def table(output):
    """Lines of the first table, with its header and rule."""
    lines = output.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("class ") and "support" in line)
    stop = next(i for i, line in enumerate(lines[start:], start) if not line)
    return lines[start:stop]


def names_of(output):
    return [re.split("  +", line)[0] for line in table(output)[2:]]


def test_last_validation_report_with_its_table_and_mistakes(run):
    code, output, errors = run([make_report(0), make_report(1, "train"), make_report(1)])

    assert (code, errors) == (0, "")
    assert output.startswith("Epoch 1, validation\n===================\n\nValidation cross-entropy ")
    assert "Training is at" in output
    assert names_of(output) == ["dog", "猫と犬", "cat", "pale siskin"]
    assert "true class  taken for  " in output


def test_table_shows_the_quantities_of_each_class(run):
    report = make_report(0)
    _, output, _ = run([report])
    row = next(line for line in output.split("\n") if line.startswith("dog "))

    share = report.statistics.cross_entropy_sum[1] / report.statistics.cross_entropy_sum.sum()
    assert row.split() == [
        "dog",
        "40",
        f"{report.class_cross_entropy[1]:.3f}",
        f"±{report.class_standard_error[1]:.3f}",
        f"{100 * share:.1f}",
        "%",
        f"{report.class_accuracy[1]:.3f}",
        f"{report.class_precision[1]:.3f}",
        f"{report.class_confidence[1]:.3f}",
        f"{report.class_true_class_probability[1]:.3f}",
    ]


def test_class_without_examples_shows_dashes_and_comes_last(run):
    _, output, _ = run([make_report(0)])
    row = next(line for line in output.split("\n") if line.startswith("pale siskin"))

    assert row.split()[2:6] == ["0", "-", "±", "-"]
    assert "nan" not in output


@pytest.mark.parametrize("columns", ["40", "80", "100", "300"])
def test_lines_fit_in_the_terminal(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    _, output, _ = run([make_report(0, names=("猫" * 60, "x" * 99, "", "short"))])

    assert max(map(cli.cell_width, output.split("\n"))) <= max(80, min(100, int(columns)))
    assert "…" in output


def test_columns_line_up_with_wide_letters(run):
    _, output, _ = run([make_report(0)])

    assert len({cli.cell_width(line) for line in table(output)}) == 1


def test_split_and_epoch_choose(run):
    reports = [make_report(epoch, split) for epoch in range(3) for split in ("train", "validation")]

    assert run(reports, "--epoch", "1")[1].startswith("Epoch 1, validation\n")
    assert run(reports, "--split", "train")[1].startswith("Epoch 2, train\n")
    assert run(reports, "--split", "train", "--epoch", "0")[1].startswith("Epoch 0, train\n")


def test_each_output_has_a_section_and_training_stands_in_where_there_is_nothing_else(run):
    reports = [make_report(0, "train", "a"), make_report(0, "validation", "a"), make_report(0, "train", "b")]
    _, output, _ = run([*reports, make_report(0, "test", "a")])

    headings = [line for line in output.split("\n") if line.startswith("Epoch ")]
    assert headings == ["Epoch 0, validation, output a", "Epoch 0, test, output a", "Epoch 0, train, output b"]


def test_many_classes_show_those_that_carry_most(run):
    names = tuple(f"class-{k}" for k in range(60))
    report = make_report(0, names=names, support=5)

    few = run([report])[1]
    assert len(names_of(few)) == 21
    assert "... and 40 classes that carry less, with " in few
    assert len(names_of(run([report], "--top", "3")[1])) == 4
    assert len(names_of(run([report], "--top", "60")[1])) == 60


def test_json_holds_the_reports(run):
    reports = [make_report(0, "train"), make_report(0)]
    code, output, _ = run(reports, "--json")

    assert code == 0
    assert [EvaluationReport.from_dict(values) for values in json.loads(output)] == [reports[1]]


def test_report_without_examples_is_a_reading_alone(run):
    empty = ClassStatistics.empty("multiclass", num_classes=4, num_bins=15, num_temperatures=11)
    code, output, _ = run([EvaluationReport(0, "validation", "", ANIMALS, empty)])

    assert code == 0
    assert "is undefined" in output
    assert "support" not in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epoch", "9"], "There is no report of that split and epoch. There are: validation, epochs 0 to 0."),
        (["--split", "test"], "There is no report of that split and epoch. There are: validation, epochs 0 to 0."),
    ],
)
def test_nothing_chosen(run, arguments, message):
    assert run([make_report(0)], *arguments) == (2, "", f"xent-monitor: {message}\n")


def test_directory_without_reports(tmp_path, capsys):
    assert cli.main(["report", str(tmp_path / "nowhere")]) == 2
    output, errors = capsys.readouterr()

    assert output == ""
    assert errors.startswith("xent-monitor: There are no reports in ")
    assert errors.count("\n") == 1


def test_damaged_file(run, tmp_path, capsys):
    run([make_report(0)])
    (path,) = (tmp_path / "logs").rglob("*tfevents*")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)

    assert cli.main(["report", str(tmp_path / "logs")]) == 2
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["report"], "the following arguments are required: LOG_DIR"),
        (["report", "logs", "--top", "0"], "argument --top: must be an integer >= 1. Received: '0'."),
        (["report", "logs", "--top", "-3"], "argument --top: must be an integer >= 1. Received: '-3'."),
        (["report", "logs", "--split", "all"], "argument --split: invalid choice: 'all'"),
    ],
)
def test_wrong_usage(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)

    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out == f"xent-monitor {xent_monitor.__version__}\n"


def test_terminal_without_unicode(run, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    run([make_report(0)])

    assert b"???" in stream.buffer.getvalue()


def test_reader_that_stops_early_and_module_entry_point(run, tmp_path):
    run([make_report(0, names=tuple(f"class-{k}" for k in range(300)), support=1)])
    command = [sys.executable, "-m", "xent_monitor", "report", str(tmp_path / "logs"), "--top", "300"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()

    assert (process.returncode, errors) == (0, b"")
