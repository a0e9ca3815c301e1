"""Tests of `xent-monitor report`: what it prints, and how it fails."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from tests import golden
from tests.builders import multilabel_predictions
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor import cli, documents
from xent_monitor.alerts.episodes import episodes
from xent_monitor.alerts.log import AlertLog
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics
from xent_monitor.tensorboard import ReportWriter
from xent_monitor.tensorboard.records import RecordFile, read_records

STORED = Path(__file__).parents[1] / "data" / "events"
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
    rows = itertools.takewhile(lambda line: not line.startswith("Trend of "), table(output)[2:])
    return [re.split("  +", line)[0] for line in rows]


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

    assert row.split()[2:6] == ["0", "-", "-", "-"]
    assert "±" not in row
    assert "nan" not in output


def test_an_error_that_is_undefined_is_left_out_and_the_means_stay_below_each_other(run):
    """One example has a mean, and no standard error."""
    names = ("cat", "dog", "owl")
    report = make_report(0, names=names, support=1)
    lines = table(run([report, make_report(1, names=names)], "--epoch", "0")[1])[2:]
    known = table(run([], "--epoch", "1")[1])[2:]

    means = {f"{value:.3f}" for value in report.class_cross_entropy[:2]}
    assert {line.split()[2] for line in lines} == {*means, "-"}
    assert "±" not in "".join(lines)
    end = known[0].index(" ±")
    assert {line[end - 5 : end] for line in lines} == {*means, "    -"}


def test_a_temperature_beyond_the_range_is_not_printed_as_if_measured(run):
    """A model that is always right could be any surer; one that is always wrong has no better temperature."""
    random = np.random.RandomState(0)
    labels = random.randint(3, size=60)
    right = 0.9 * np.eye(3)[labels] + 0.1 / 3
    sums = [statistics_from_predictions(labels, rows) for rows in (right, np.roll(right, 1, axis=1))]
    reports = [EvaluationReport(epoch, "validation", "", ANIMALS[:3], one) for epoch, one in enumerate(sums)]

    def temperature(*arguments):
        return next(line for line in run(reports, *arguments)[1].split("\n") if line.startswith("temperature"))

    assert [one.temperature_fit.inside for one in reports] == [False, False]
    assert temperature("--epoch", "0").split() == ["temperature", "<", "0.063"]
    assert temperature().split()[:4] == ["temperature", ">", "64", "-"]


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

    assert max(map(cell_len, output.split("\n"))) <= max(80, min(100, int(columns)))
    assert "…" in output


def test_columns_line_up_with_wide_letters(run):
    _, output, _ = run([make_report(0)])

    assert len({cell_len(line) for line in table(output)}) == 1


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
        (["--epoch", "9"], "There is no report of epoch 9. There are: validation, epochs 0 to 0."),
        (["--split", "test"], "There is no report of split test. There are: validation, epochs 0 to 0."),
        (
            ["--split", "test", "--epoch", "0"],
            "There is no report of split test and epoch 0. There are: validation, epochs 0 to 0.",
        ),
    ],
)
def test_nothing_chosen(run, arguments, message):
    assert run([make_report(0)], *arguments) == (2, "", f"xent-monitor: {message}\n")


def test_terminal_without_unicode(run, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    run([make_report(0), make_report(1)])
    text = stream.buffer.getvalue().decode("ascii")

    assert "\n??????  " in text
    assert "#_" in text
    assert "~0." in text


# The run and its alerts


def write_alerts(log_dir, *events, at_end=()):
    log = AlertLog(log_dir)
    for number, event in enumerate(events):
        log.append(event, time=1000.0 + number)
    for event in at_end:
        log.append(event, time=2000.0, at_end=True)
    log.close()


def test_alerts_of_the_run(run, tmp_path):
    """What fires first, then what is resolved; of an earlier epoch as it was then, of a split its own."""
    write_alerts(
        tmp_path / "logs",
        golden.event("firing", 0, rule="first"),
        golden.event("firing", 0, rule="of-training", split="train"),
        golden.event("resolved", 1, rule="first", message="It is over."),
        at_end=[golden.event("firing", 1, rule="late", severity="info")],
    )
    reports = [make_report(epoch, split) for epoch in range(2) for split in ("train", "validation")]

    def alerts(*arguments):
        code, output, errors = run(reports, *arguments)
        assert (code, errors) == (0, "")
        return [line for line in output.split("\n") if line.startswith(("Alerts", "info", "warning"))]

    assert alerts() == [
        "Alerts: 2 firing, 1 resolved",
        "warning: of-training, train, since epoch 0",
        "info: late, validation, since epoch 1",
        "warning, resolved: first, validation, epochs 0 to 1",
    ]
    assert alerts("--epoch", "0") == [
        "Alerts: 2 firing, 0 resolved",
        "warning: first, validation, since epoch 0",
        "warning: of-training, train, since epoch 0",
    ]
    assert alerts("--split", "train") == ["Alerts: 1 firing, 0 resolved", "warning: of-training, train, since epoch 0"]


@pytest.mark.parametrize("arguments", [[], ["--format", "json"], ["--json"]])
def test_damaged_alerts_do_not_hide_the_report(run, tmp_path, arguments):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "alerts.jsonl").write_text('{"format": 1}\n{"format": 1}\n')
    code, output, errors = run([make_report(0)], *arguments)

    assert code == 0
    assert output.startswith(("Epoch 0, validation", '[{"format": 3'))
    assert errors.startswith("xent-monitor: warning: The alerts are not shown: ")
    assert "alerts.jsonl, line 1: The line is damaged" in errors
    assert errors.count("\n") == 1


def test_a_record_that_is_cut_short_is_said(run, tmp_path, capsys):
    run([make_report(0), make_report(1)])
    (path,) = (tmp_path / "logs").rglob("*tfevents*")
    path.write_bytes(path.read_bytes()[:-1])

    assert cli.main(["report", str(tmp_path / "logs")]) == 0
    output, errors = capsys.readouterr()
    assert output.startswith("Epoch 0, validation")
    assert errors == (
        f"xent-monitor: warning: The last record of {path} is cut short: it is being written, or the training was "
        "killed. What comes before it is shown.\n"
    )


def test_several_runs_are_chosen_from(run, tmp_path, capsys):
    run([make_report(0)])
    top = str(tmp_path)
    assert cli.main(["report", top]) == 0  # a single one is taken
    assert capsys.readouterr().out.startswith("Epoch 0, validation")

    shutil.copytree(tmp_path / "logs", tmp_path / "deep" / "it's")
    assert cli.main(["report", top]) == 2
    assert capsys.readouterr() == (
        "",
        f"""xent-monitor: There are 2 runs in {top}. Choose one with --run: 'deep/it'"'"'s', logs.\n""",
    )
    assert cli.main(["report", top, "--run", "deep/it's"]) == 0
    capsys.readouterr()
    assert cli.main(["report", top, "--run", "x"]) == 2
    assert capsys.readouterr().err.startswith(f"xent-monitor: There is no run 'x' in {top}. There are: ")
    assert cli.main(["report", f"{top}/logs/xent_monitor"]) == 0
    capsys.readouterr()
    assert cli.main(["report", f"{top}/logs", "--run", "nope"]) == 2
    assert capsys.readouterr().err == (
        f"xent-monitor: There is no run 'nope' in {top}/logs. {top}/logs is itself a run: leave out --run.\n"
    )


# Forms and files


@pytest.mark.parametrize(("form", "start"), [("text", "Epoch 0"), ("json", "[{"), ("markdown", "# ")])
def test_output_goes_into_a_file(run, tmp_path, form, start):
    if form == "markdown":
        pytest.importorskip("jinja2")
    path = tmp_path / "猫.txt"
    shown = run([make_report(0)], "--format", form)
    written = run([], "--format", form, "--output", str(path))

    assert written == (0, "", f"Wrote {path}.\n")
    assert path.read_text(encoding="utf-8") == shown[1]
    assert shown[1].startswith(start)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x.html", "html"),
        ("x.HTM", "html"),
        ("x.md", "markdown"),
        ("x.json", "json"),
        ("x.txt", "text"),
        ("html", "text"),
    ],
)
def test_the_end_of_the_file_says_what_to_write_unless_it_is_asked_for(run, tmp_path, monkeypatch, name, form):
    monkeypatch.setattr(documents, "html", lambda run: "<html>")
    starts = {"html": "<html>", "markdown": "# ", "json": "[{", "text": "Epoch 0"}
    path = tmp_path / name

    assert run([make_report(0)], "--output", str(path)) == (0, "", f"Wrote {path}.\n")
    assert path.read_text(encoding="utf-8").startswith(starts[form])
    for other, start in starts.items():
        run([], "--format", other, "--output", str(path))
        assert path.read_text(encoding="utf-8").startswith(start)


def test_a_document_by_the_end_of_its_name_chooses_nothing(run, tmp_path):
    path = tmp_path / "x.html"

    assert run([make_report(0)], "--output", str(path), "--top", "3", "--epoch", "0") == (
        2,
        "",
        f"xent-monitor: --output {path} is html, which shows the whole run: leave out --epoch, --top, or add "
        "--format text.\n",
    )
    assert not path.exists()


def test_help_has_examples(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        cli.main(["report", "--help"])
    output = capsys.readouterr().out

    assert caught.value.code == 0
    assert "examples:\n  xent-monitor report logs/run1\n" in output
    assert "FILE says, of .html, .htm, .md, .json; else text)" in " ".join(output.split())
    assert max(map(len, output.splitlines())) <= 80


def test_documents_hold_the_whole_run(run, tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(documents, "html", lambda run: taken.append(run) or "<html>猫")
    write_alerts(tmp_path / "logs", golden.event("firing", 0))
    reports = [make_report(epoch, split) for epoch in range(2) for split in ("train", "validation")]

    assert run(reports, "--format", "html") == (0, "<html>猫", "")
    (document,) = taken
    assert document.title == "logs"
    assert list(document.reports) == reports
    assert list(document.alerts) == episodes([golden.event("firing", 0)])


def test_html_is_not_for_a_terminal(run, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert run([make_report(0)], "--format", "html") == (
        2,
        "",
        "xent-monitor: --format html is not for a terminal. Add --output FILE, or send it into a pipe.\n",
    )


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_documents_choose_nothing(run, form):
    assert run([make_report(0)], "--format", form, "--top", "3", "--split", "train") == (
        2,
        "",
        f"xent-monitor: --format {form} shows the whole run: leave out --split, --top.\n",
    )


def test_a_missing_library_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, output, errors = run([make_report(0)], "--format", "html")

    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert "pip install 'xent-monitor[plots]'" in errors


def test_a_file_that_cannot_be_written(run, tmp_path):
    code, output, errors = run([make_report(0)], "--output", str(tmp_path / "nowhere" / "x.txt"))

    assert (code, output) == (2, "")
    assert str(tmp_path / "nowhere") in errors


# What cannot be read


def keras_events(path):
    (path / "train").mkdir(parents=True)
    (path / "train" / "events.out.tfevents.1.host.2.3.v2").write_bytes(b"of TensorFlow")


def newer_format(path):
    shutil.copytree(STORED / "v3", path)
    for file in path.rglob("*tfevents*"):
        events = [data for _, data in read_records(file)]
        file.unlink()
        anew = RecordFile(file)
        for data in events:
            anew.append(data.replace(b'"format": 3', b'"format": 9'))
        anew.close()


def damaged(path):
    shutil.copytree(STORED / "v3", path)
    for file in path.rglob("*tfevents*"):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)


@pytest.mark.parametrize("command", [["report"], ["report", "--json"], ["watch", "--once"]])
@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda path: None, "There are no reports in {path}: there is no such directory."),
        (
            lambda path: path.write_text("x"),
            "There are no reports in {path}: it is a file. Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda path: path.mkdir(),
            "There are no reports in {path}: it is empty. Pass the `log_dir` that the monitor was given.",
        ),
        (
            keras_events,
            "There are no reports in {path}: its event files, in train/, are of another writer, such as "
            "keras.callbacks.TensorBoard. Those of the monitor are in xent_monitor/: add XentMonitor('{path}') to the "
            "callbacks of the training.",
        ),
        (newer_format, "Written in format 9 by a newer xent_monitor; this one reads up to format 3. Upgrade it: pip "),
        (damaged, "is damaged: the checksum of its data does not match. Move the file away to read the others."),
    ],
)
def test_what_is_no_log_directory(tmp_path, capsys, command, prepare, message):
    path = tmp_path / "logs"
    prepare(path)

    code = cli.main([command[0], str(path), *command[1:]])

    output, errors = capsys.readouterr()
    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("xent-monitor: ")
    assert message.format(path=path) in errors
