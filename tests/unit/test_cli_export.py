"""`xent-monitor export`: every number of a run, exactly, as CSV, JSON and Parquet; and how it fails."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import math

import numpy as np
import pytest

from tests.alert_reports import made_report
from tests.builders import HOSTILE_NAMES, report
from xent_monitor import cli
from xent_monitor.tensorboard import ReportWriter
from xent_monitor.tidy import COLUMNS, columns

REPORTS = [
    made_report(0, nats=1.5, split="train"),
    made_report(0, nats=[0.1, 0.30000000000000004, math.inf], support=[10, 20, 30]),
    made_report(1, nats=0.25, support=[1, 0, 2**40 + 1]),
]


@pytest.fixture
def run(tmp_path, capfdbinary):
    """Runs `xent-monitor export` on reports that were written to disk; returns code, output and errors, as bytes."""

    def run_on(reports, *arguments):
        writer = ReportWriter(tmp_path / "logs")
        for one in reports:
            writer.write(one, "")
        writer.close()
        code = cli.main(["export", str(tmp_path / "logs"), *arguments])
        return code, *capfdbinary.readouterr()

    return run_on


def same(value, text):
    """Whether a field of the file says the same as a number of the table."""
    return text == "" if math.isnan(value) else float(text) == value


def test_csv(run):
    code, output, errors = run(REPORTS, "--quantities", "num_examples, class_cross_entropy,support")

    assert (code, errors) == (0, b"")
    assert output.decode().splitlines() == [
        "epoch,split,output,class,quantity,value",
        "0,train,,,num_examples,300",
        "0,train,,cat,class_cross_entropy,1.5",
        "0,train,,dog,class_cross_entropy,1.5",
        "0,train,,owl,class_cross_entropy,1.5",
        "0,train,,cat,support,100",
        "0,train,,dog,support,100",
        "0,train,,owl,support,100",
        "0,validation,,,num_examples,60",
        "0,validation,,cat,class_cross_entropy,0.1",
        "0,validation,,dog,class_cross_entropy,0.30000000000000004",
        "0,validation,,owl,class_cross_entropy,inf",
        "0,validation,,cat,support,10",
        "0,validation,,dog,support,20",
        "0,validation,,owl,support,30",
        "1,validation,,,num_examples,1099511627778",
        "1,validation,,cat,class_cross_entropy,0.25",
        "1,validation,,dog,class_cross_entropy,",
        "1,validation,,owl,class_cross_entropy,0.25",
        "1,validation,,cat,support,1",
        "1,validation,,dog,support,0",
        "1,validation,,owl,support,1099511627777",
    ]


def test_csv_of_everything_is_read_back_exactly(run):
    one = report(len(HOSTILE_NAMES), epoch=3, output="a,b", class_names=HOSTILE_NAMES)
    _, output, _ = run([one])
    header, *rows = csv.reader(io.StringIO(output.decode(), newline=""))
    table = columns([one])

    assert tuple(header) == COLUMNS
    assert len(rows) == len(table["value"])
    for index, row in enumerate(rows):
        epoch, split, place, name, quantity, value = (table[column][index] for column in COLUMNS)
        # A half of a surrogate pair cannot be written.
        expected = "" if name is None else name.replace("\udcff", "?")
        assert row[:5] == [str(epoch), split, place, expected, quantity]
        assert same(value, row[5])


def test_csv_tells_a_class_without_a_name_from_no_class(run):
    _, output, _ = run(
        [made_report(support=2, class_names=("", " x"))], "--quantities", "num_examples,support", "--format", "csv"
    )

    assert output.splitlines()[1:] == [
        b"0,validation,,,num_examples,4",
        b'0,validation,,"",support,2',
        b'0,validation,," x",support,2',
    ]


def test_json(run):
    code, output, errors = run(REPORTS[1:], "--json", "--quantities", "num_examples,class_cross_entropy")
    found = json.loads(output)

    assert (code, errors) == (0, b"")
    assert [list(row) for row in found] == [list(COLUMNS)] * 8
    assert [row["value"] for row in found] == [
        60,
        0.1,
        0.30000000000000004,
        "Infinity",
        1099511627778,
        0.25,
        None,
        0.25,
    ]
    assert found[0] == {
        "epoch": 0,
        "split": "validation",
        "output": "",
        "class": None,
        "quantity": "num_examples",
        "value": 60,
    }
    assert found[2]["class"] == "dog"
    # A row a line, so that it can be read as it comes.
    assert len(output.splitlines()) == 8 + 2


def test_json_of_hostile_names(run):
    _, output, _ = run([report(len(HOSTILE_NAMES), class_names=HOSTILE_NAMES)], "--json", "--quantities", "support")

    assert [row["class"] for row in json.loads(output)] == [name.replace("\udcff", "?") for name in HOSTILE_NAMES]


def test_parquet(run, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    one = report(len(HOSTILE_NAMES), output="kind", class_names=HOSTILE_NAMES)
    path = tmp_path / "run.parquet"
    code, output, errors = run([*REPORTS, one], "--format", "parquet", "--output", str(path))
    table = parquet.read_table(path)
    expected = columns([one, *REPORTS])

    assert (code, output, errors.decode()) == (0, b"", f"Wrote {path}.\n")
    assert [str(kind) for kind in table.schema.types] == ["int64", "string", "string", "string", "string", "double"]
    assert tuple(table.column_names) == COLUMNS
    # Reports are in the order of the epochs, training before validation, outputs by name.
    order = np.lexsort((expected["output"] == "kind", expected["split"] == "validation", expected["epoch"]))
    found = {name: table[name].to_pylist() for name in COLUMNS}
    for name in COLUMNS[:5]:
        values = [value.replace("\udcff", "?") if isinstance(value, str) else value for value in expected[name][order]]
        assert found[name] == values
    undefined = [None if math.isnan(value) else value for value in expected["value"][order].tolist()]
    assert found["value"] == undefined


def test_only_one_split_into_a_file(run, tmp_path):
    path = tmp_path / "train.csv"
    code, output, errors = run(REPORTS, "--split", "train", "--quantities", "accuracy", "--output", str(path))

    assert (code, output, errors.decode()) == (0, b"", f"Wrote {path}.\n")
    assert path.read_bytes() == b"epoch,split,output,class,quantity,value\n0,train,,,accuracy,0.8\n"


def test_a_run_below_the_directory(run, tmp_path, capfdbinary):
    run(REPORTS)
    code = cli.main(["export", str(tmp_path), "--run", "logs", "--split", "train", "--quantities", "accuracy"])

    assert code == 0
    assert capfdbinary.readouterr().out.endswith(b"\n0,train,,,accuracy,0.8\n")


def test_a_stream_of_text_stands_in_for_the_standard_output(run, monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr("sys.stdout", text)
    run(REPORTS[:1], "--quantities", "accuracy")

    assert text.getvalue() == "epoch,split,output,class,quantity,value\n0,train,,,accuracy,0.8\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "parquet"], "xent-monitor: `--format parquet` needs a file to write. Add `--output FILE`.\n"),
        (
            ["--split", "test"],
            "xent-monitor: There is no pass of split 'test' in the run. There are: train, validation.\n",
        ),
    ],
)
def test_what_cannot_be_done(run, arguments, message):
    assert run(REPORTS, *arguments) == (2, b"", message.encode())


def test_without_pyarrow(run, monkeypatch, tmp_path):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pyarrow" else find(name))
    code, output, errors = run(REPORTS, "--format", "parquet", "--output", str(tmp_path / "x"))

    assert (code, output) == (2, b"")
    assert errors.decode() == (
        "xent-monitor: `--format parquet` needs pyarrow, which is not installed. Install it with "
        "pip install 'xent-monitor[parquet]', or write CSV: --format csv.\n"
    )
    assert not (tmp_path / "x").exists()


def test_no_run(tmp_path, capsys):
    assert cli.main(["export", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"xent-monitor: There are no reports in {tmp_path}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--quantities", "accuracy,class_ece"],
            "argument --quantities: Unknown quantity 'class_ece'. Available: accu",
        ),
        (
            ["--quantities", "class_recal"],
            "argument --quantities: Unknown quantity 'class_recal'. Did you mean 'class_recall'? Available: accu",
        ),
        (["--format", "xlsx"], "argument --format: invalid choice: 'xlsx'"),
        (["--format", "csv", "--json"], "argument --json: not allowed with argument --format"),
        (["--split", "val"], "argument --split: invalid choice: 'val'"),
    ],
)
def test_wrong_usage(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        cli.main(["export", "logs", *arguments])

    assert caught.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_help_has_examples(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        cli.main(["export", "--help"])
    output = capsys.readouterr().out

    assert caught.value.code == 0
    assert "examples:\n  xent-monitor export logs/run1 > run1.csv\n" in output
    assert max(map(len, output.splitlines())) <= 80
