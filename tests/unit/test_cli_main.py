"""Tests of the program as a whole: usage, version, and a reader that stops early."""

from __future__ import annotations

import subprocess
import sys

import pytest

import xent_monitor
from tests import golden
from xent_monitor import cli
from xent_monitor.tensorboard import ReportWriter


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


def test_reader_that_stops_early_and_module_entry_point(tmp_path):
    writer = ReportWriter(tmp_path / "logs")
    writer.write(golden.report(0, "validation", tuple(f"class-{k}" for k in range(300)), num_examples=900), "")
    writer.close()
    command = [sys.executable, "-m", "xent_monitor", "report", str(tmp_path / "logs"), "--top", "300"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()

    assert (process.returncode, errors) == (0, b"")


def test_a_gate_that_fails_does_so_for_a_reader_that_stops_early(tmp_path):
    writer = ReportWriter(tmp_path / "logs")
    writer.write(golden.report(0, "validation"), "")
    writer.close()
    rules = 'include_default = false\n[[rule]]\nname = "high"\nquantity = "accuracy"\nbelow = 2.0'
    (tmp_path / "alerts.toml").write_text(rules, encoding="utf-8")
    check = [sys.executable, "-m", "xent_monitor", "check", "logs", "--rules", "alerts.toml"]
    with subprocess.Popen(check, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdout.close()
        errors = process.stderr.read()

    assert (process.returncode, errors) == (1, b"")


def test_what_is_not_foreseen_is_no_finding(monkeypatch, capsys):
    def fail(*_):
        raise OverflowError("unforeseen")

    monkeypatch.setattr("xent_monitor.cli.rules.default_rules", fail)

    assert cli.main(["rules", "list"]) == 2
    assert capsys.readouterr().err.endswith("OverflowError: unforeseen\n")
