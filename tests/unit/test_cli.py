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
from tests.builders import multilabel_predictions
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


def make_label_report(names=ANIMALS, num_examples=50, **changes):
    """Labels that do not exclude each other; the last is never positive and never predicted."""
    targets, probabilities = multilabel_predictions(len(names), num_examples)
    targets[:, -1], probabilities[:, -1] = 0, 0.05
    statistics = statistics_from_predictions(targets, probabilities, task="multilabel")
    return EvaluationReport(0, "validation", "", names, dataclasses.replace(statistics, **changes))


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


def test_table_of_labels_has_positives_and_recall(run):
    report = make_label_report()
    code, output, errors = run([report])
    lines = output.split("\n")
    header = next(line for line in lines if line.startswith("label "))
    row = next(line for line in lines if line.startswith("dog "))

    assert (code, errors) == (0, "")
    assert header.split() == [
        "label",
        "positives",
        "cross-entropy",
        "of",
        "loss",
        *["accuracy", "precision", "recall", "conf."],
    ]
    share = report.statistics.cross_entropy_sum[1] / report.statistics.cross_entropy_sum.sum()
    assert row.split() == [
        "dog",
        str(report.support[1]),
        f"{report.class_cross_entropy[1]:.3f}",
        f"±{report.class_standard_error[1]:.3f}",
        f"{100 * share:.1f}",
        "%",
        f"{report.class_accuracy[1]:.3f}",
        f"{report.class_precision[1]:.3f}",
        f"{report.class_recall[1]:.3f}",
        f"{report.class_confidence[1]:.3f}",
    ]
    assert "taken for" not in output


def test_label_without_positives_has_its_place_by_its_loss(run):
    """Its decisions are examples as good as those of the others."""
    row = next(line for line in run([make_label_report()])[1].split("\n") if line.startswith("pale siskin"))

    assert row.split()[2:5] == ["0", "0.051", "±0.000"]
    assert row.split()[-4:] == ["1.000", "-", "-", "0.950"]


@pytest.mark.parametrize("make", [make_report, make_label_report])
@pytest.mark.parametrize("columns", ["40", "80", "100", "300"])
def test_lines_fit_in_the_terminal(run, monkeypatch, columns, make):
    monkeypatch.setenv("COLUMNS", columns)
    _, output, _ = run([make(names=("猫" * 60, "x" * 99, "", "short"))])

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


def test_many_labels_show_those_that_carry_most(run):
    output = run([make_label_report(names=tuple(f"label-{k}" for k in range(60)))])[1]

    assert "... and 40 labels that carry less, with " in output
    table = output[output.index("\nlabel  ") :]
    assert len([line for line in table.split("\n") if line.startswith("label-")]) == 20


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_a_vocabulary_has_a_report(run, task):
    """With 100,000 classes, whose histograms are one for all together."""
    names = tuple(f"word-{k}" for k in range(100_000))
    ones, per_label = np.ones(len(names), np.int64), 5 if task == "multilabel" else 1
    decisions = np.eye(2, 15, 14, dtype=np.int64) * len(names) * per_label
    sums = ClassStatistics.empty(
        task, len(names), 15, per_class_confidence=False, confusion=False, pooled_histogram=True
    )
    sums = dataclasses.replace(
        sums,
        support=ones,
        predicted=ones,
        correct=ones * per_label,
        true_class_probability_histogram=decisions[:1],
        confidence_histogram=decisions[::-1],
        cross_entropy_sum=np.arange(len(names)) / 1e5,
        num_rows=5 if task == "multilabel" else len(names),
    )
    code, output, errors = run([EvaluationReport(0, "validation", "", names, sums)])

    assert (code, errors) == (0, "")
    assert sum(line.startswith("word-999") for line in output.split("\n")) == 20


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
