"""Tests of `xent-monitor watch`: files that grow, vanish and begin anew, and the three ways it shows them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests import golden
from xent_monitor import cli
from xent_monitor.alerts.log import AlertLog
from xent_monitor.cli import watch
from xent_monitor.cli.frame import Options, frame
from xent_monitor.cli.terminal import render
from xent_monitor.report import EvaluationReport
from xent_monitor.tensorboard import ReportWriter, read_reports


def write(log_dir, *reports, seconds=1000.0):
    writer = ReportWriter(log_dir, clock=lambda: seconds)
    for report in reports:
        writer.write(report, "")
    writer.close()


def alert(log_dir, **fields):
    log = AlertLog(log_dir)
    log.append(golden.event(**fields), time=1000.0)
    log.close()


@pytest.fixture
def follow(tmp_path, monkeypatch, capsys):
    """Runs the command on steps: each is done while it waits; returns what was printed after each, code and errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(steps, *arguments, log_dir=tmp_path / "logs"):
        remaining, printed, errors = list(steps), [], []

        def wait(seconds):
            assert seconds == 2.0
            out, err = capsys.readouterr()
            printed.append(out)
            errors.append(err)
            if not remaining:
                raise KeyboardInterrupt
            remaining.pop(0)()

        monkeypatch.setattr(watch.time, "sleep", wait)
        code = cli.main(["watch", str(log_dir), *arguments])
        rest = capsys.readouterr()
        return code, [*printed, rest.out] if rest.out else printed, "".join([*errors, rest.err])

    return run


def epochs_of(printed):
    return [[line.split(":")[0] for line in text.splitlines()] for text in printed]


def test_a_line_for_each_new_epoch(follow, tmp_path):
    logs = tmp_path / "logs"
    reports = [golden.report(epoch, split) for epoch in range(3) for split in ("train", "validation")]
    writer = ReportWriter(logs)
    steps = [lambda report=report: writer.write(report, "") for report in reports[1:]]
    code, printed, errors = follow([*steps, lambda: None])
    writer.close()

    assert code == 0
    assert epochs_of(printed) == [
        [],
        ["epoch 0, validation"],
        [],
        ["epoch 1, validation"],
        [],
        ["epoch 2, validation"],
        [],
    ]
    assert errors == f"xent-monitor: waiting: There are no reports in {logs}: there is no such directory.\n"


def test_what_a_line_says(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, *(golden.report(epoch, split) for epoch in range(2) for split in ("train", "validation")))
    alert(logs, epoch=1)
    alert(logs, epoch=1, rule="high", severity="critical")
    _, (printed,), errors = follow([])

    one = {(report.split, report.epoch): report for report in read_reports(logs)}
    now, past, training = one["validation", 1], one["validation", 0], one["train", 1]
    assert errors == ""
    assert printed.splitlines()[1] == (
        f"epoch 1, validation: cross-entropy {now.cross_entropy:.3f} "
        f"({now.cross_entropy - past.cross_entropy:+.3f}, train {training.cross_entropy:.3f}), "
        f"accuracy {now.accuracy:.3f} ({now.accuracy - past.accuracy:+.3f}, train {training.accuracy:.3f}), "
        f"skill {now.skill:.3f}, confidence {now.confidence:.3f}; firing: critical high, warning overfitting"
    )
    assert "firing" not in printed.splitlines()[0]


def test_epochs_without_validation_are_told_when_the_next_has_begun(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, golden.report(0, "train"), golden.report(0, "validation"))
    steps = [
        lambda: write(logs, golden.report(1, "train"), seconds=1001.0),
        lambda: write(logs, golden.report(2, "train"), seconds=1002.0),
        lambda: write(logs, golden.report(2, "validation"), seconds=1003.0),
    ]
    assert epochs_of(follow(steps)[1]) == [
        ["epoch 0, validation"],
        [],
        ["epoch 1, train"],
        ["epoch 2, validation"],
    ]


def test_a_training_without_validation(follow, tmp_path):
    write(tmp_path / "logs", golden.report(0, "train"), golden.report(1, "train"))
    assert epochs_of(follow([])[1]) == [["epoch 0, train", "epoch 1, train"]]


def test_json_has_a_line_for_each_pass(follow, tmp_path):
    logs = tmp_path / "logs"
    reports = [golden.report(epoch, split) for epoch in range(2) for split in ("train", "validation")]
    write(logs, *reports[:2])
    _, printed, errors = follow([lambda: write(logs, *reports[2:], seconds=1001.0)], "--json")

    assert errors == ""
    assert [EvaluationReport.from_dict(json.loads(line)) for text in printed for line in text.splitlines()] == reports
    assert [len(text.splitlines()) for text in printed] == [2, 2]


def test_a_resumed_run_tells_its_epochs_again(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, *(golden.report(epoch, "validation") for epoch in range(3)))
    again = [golden.report(epoch, "validation", num_examples=100) for epoch in (1, 2)]
    _, printed, _ = follow([lambda: write(logs, *again, seconds=2000.0)])

    assert epochs_of(printed) == [
        ["epoch 0, validation", "epoch 1, validation", "epoch 2, validation"],
        ["epoch 1, validation", "epoch 2, validation"],
    ]


def test_a_deleted_directory_is_waited_for(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, golden.report(0, "validation"))
    _, printed, errors = follow(
        [
            lambda: shutil.rmtree(logs),
            lambda: None,
            lambda: write(logs, golden.report(0, "validation", num_examples=100)),
        ]
    )

    assert epochs_of(printed) == [["epoch 0, validation"], [], [], ["epoch 0, validation"]]
    assert errors == f"xent-monitor: waiting: There are no reports in {logs}: there is no such directory.\n"


def test_half_a_record_is_no_epoch(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, golden.report(0, "validation"), golden.report(1, "validation"))
    (path,) = logs.rglob("*tfevents*")
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    _, printed, errors = follow([lambda: path.write_bytes(data[:-50]), lambda: path.write_bytes(data)])

    assert epochs_of(printed) == [["epoch 0, validation"], [], ["epoch 1, validation"]]
    assert errors == ""


def test_files_are_read_only_where_they_have_changed(tmp_path, monkeypatch):
    write(tmp_path, golden.report(0, "validation"))
    reads = []
    original = watch.LogReader.read
    monkeypatch.setattr(watch.LogReader, "read", lambda self: reads.append(1) or original(self))
    follower = watch.Follower(tmp_path)

    assert [follower.look(), follower.look(), follower.look(), len(reads)] == [True, False, False, 1]
    alert(tmp_path)
    assert [follower.look(), follower.look(), len(reads)] == [True, False, 2]


def test_a_single_run_below_is_found_when_it_begins(follow, tmp_path):
    _, printed, errors = follow(
        [lambda: (tmp_path / "logs").mkdir(), lambda: write(tmp_path / "logs" / "run1", golden.report(0, "validation"))]
    )
    assert epochs_of(printed) == [[], [], ["epoch 0, validation"]]
    assert "it is empty" in errors


# Ends


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--until-alert", "critical"], 0),
        (["--until-alert", "warning"], 1),
        (["--until-alert", "info"], 1),
        (["--until-alert", "info", "--split", "train"], 0),
    ],
)
@pytest.mark.parametrize("once", [["--once"], []])
def test_an_alert_ends_it(follow, tmp_path, arguments, code, once):
    logs = tmp_path / "logs"
    write(logs, golden.report(0, "train"), golden.report(0, "validation"))

    def fire():
        alert(logs, epoch=0)

    if once:
        fire()

    assert follow([] if once else [fire], *once, *arguments)[0] == code


def test_what_fired_before_it_was_watched_may_be_of_another_run(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, golden.report(0, "validation"))
    alert(logs, epoch=0)
    writer = ReportWriter(logs)

    assert follow([], "--until-alert", "info")[0] == 0
    assert follow([lambda: writer.write(golden.report(1, "validation"), "")], "--until-alert", "info")[0] == 1
    writer.close()


def test_an_alert_that_is_resolved_between_two_looks_ends_it_too(follow, tmp_path):
    logs = tmp_path / "logs"
    write(logs, golden.report(0, "validation"))

    def fire_and_resolve():
        alert(logs, epoch=0, severity="critical")
        alert(logs, epoch=1, severity="critical", state="resolved")

    assert follow([fire_and_resolve], "--until-alert", "critical")[0] == 1


def test_once_in_json(follow, tmp_path):
    report = golden.report(0, "validation")
    write(tmp_path / "logs", golden.report(0, "train"), report)
    code, (line,), errors = follow([], "--once", "--json")

    assert (code, errors, line.count("\n")) == (0, "", 1)
    assert EvaluationReport.from_dict(json.loads(line)) == report


def test_once_without_the_split(follow, tmp_path):
    write(tmp_path / "logs", golden.report(0, "train"))
    assert follow([], "--once", "--split", "test") == (2, [], "xent-monitor: There is no test pass yet.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--interval", "0"], "argument --interval: must be seconds from 0.05 to 86400. Received: '0'."),
        (["--interval", "nan"], "argument --interval: must be seconds from 0.05 to 86400. Received: 'nan'."),
        (["--top", "0"], "argument --top: must be an integer >= 1. Received: '0'."),
        (["--until-alert", "bad"], "argument --until-alert: invalid choice: 'bad'"),
    ],
)
def test_wrong_usage(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        cli.main(["watch", "logs", *arguments])

    assert caught.value.code == 2
    assert message in capsys.readouterr().err


# Frames


@pytest.mark.parametrize("outputs", [("",), ("a", "b", "c")])
@pytest.mark.parametrize("lines", [6, 9, *range(14, 60, 9)])
def test_a_frame_fits_into_the_terminal(monkeypatch, outputs, lines):
    monkeypatch.setenv("COLUMNS", "80")
    run = golden.log(outputs=outputs)
    text = render(*frame(run, Options(lines, top=10), "3 min ago", ["A note that is long. " * 9])).splitlines()

    assert len(text) <= lines
    assert max(map(cell_len, text)) <= 80
    assert text[0] == "run1  epoch 5, last change 3 min ago"
    assert text[-2].startswith("A note that is long.")


@pytest.mark.parametrize("path", ["/logs", "/a-b" * 12, "/a-b" * 20, "/a b" * 20, "/" + "x" * 90, "/" + "猫" * 500])
def test_a_note_keeps_its_end(monkeypatch, path):
    """That is where a message says why, after a path."""
    monkeypatch.setenv("COLUMNS", "80")
    note = f"There are no reports in {path}: there is no such directory."
    *_, last = text = render(*frame(golden.log(1), Options(30, 10), notes=[note])).splitlines()
    notes = text[next(place for place, line in enumerate(text) if line.startswith("There are no")) :]

    assert len(notes) <= 2
    assert max(map(cell_len, notes)) <= 80
    assert "".join(notes).replace(" ", "").endswith("thereisnosuchdirectory.")
    assert last == notes[-1]


def test_a_frame_names_what_fires(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    run = golden.log()
    run.alerts.extend(golden.event(class_name=f"c{number}", rule="neglected-class") for number in range(100))
    text = render(*frame(run, Options(lines=30, top=10))).splitlines()

    assert len(text) == 30
    assert "105 alerts fire:" in text
    named = text[text.index("105 alerts fire:") + 1 : -1]
    assert named[0] == "critical  diverging, validation, since epoch 5"
    assert text[-1] == f"... and {105 - len(named)} more"


def test_a_frame_without_the_split(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert render(*frame(golden.log(1), Options(20, 10, "test"))) == "run1\nThere is no test pass yet.\n"


# A terminal


#: A shell without job control has what it starts in the background ignore Ctrl-C, and children inherit it.
HEEDING_INTERRUPTS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from xent_monitor.cli import main
sys.exit(main())
"""


class Screen:
    """The command in a pseudo-terminal of 80 columns, whose output is kept."""

    def __init__(self, *arguments, lines=30):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
        drop = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
        environment = {name: value for name, value in os.environ.items() if name not in drop}
        environment |= {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-c", HEEDING_INTERRUPTS, "watch", *arguments, "--interval", "0.1"]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        self.output = b""

    def wait_for(self, text, seconds=60.0):
        """Read until the text has come, and drop what came before it."""
        end = time.monotonic() + seconds
        while text.encode() not in self.output:
            assert time.monotonic() < end, self.output.decode(errors="replace")
            self._read(0.2)
        self.output = self.output[self.output.index(text.encode()) :]

    def _read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            with contextlib.suppress(OSError):  # the other end is closed
                self.output += os.read(self.master, 65536)

    def end(self):
        """What comes until the command has ended, and its code."""
        end = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < end:
            self._read(0.1)
        self._read(0.2)
        return self.process.wait(1), self.output.decode()

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.mark.e2e
def test_a_screen_follows_a_growing_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a short path, whose messages do not break
    logs = Path("logs")
    screen = Screen("logs")
    try:
        screen.wait_for("\x1b[?1049h")
        screen.wait_for("Waiting. There are no reports in logs: there is no such directory.")
        writer = ReportWriter(logs)
        for split in ("train", "validation"):
            writer.write(golden.report(0, split), "")
        screen.wait_for("epoch 0, last change ")
        for split in ("train", "validation"):
            writer.write(golden.report(1, split), "")
        writer.close()
        screen.wait_for("epoch 1, last change ")
        screen.wait_for("since 0")
        alert(logs, epoch=1)
        screen.wait_for("1 alert fires:")
        shutil.rmtree(logs)
        screen.wait_for("There are no reports in logs: there is no such directory.")
        screen.process.send_signal(signal.SIGINT)
        code, rest = screen.end()
    finally:
        screen.close()

    assert code == 0
    _, _, after = rest.partition("\x1b[?1049l")
    assert "epoch 1, last change " in after
    assert "Traceback" not in rest


@pytest.mark.e2e
def test_a_screen_ends_with_an_alert(tmp_path):
    logs = Path(tmp_path / "logs")
    write(logs, golden.report(0, "train"), golden.report(0, "validation"))
    screen = Screen(str(logs), "--until-alert", "warning")
    try:
        screen.wait_for("epoch 0, last change ")
        alert(logs, epoch=0, severity="critical")
        code, rest = screen.end()
    finally:
        screen.close()

    assert code == 1
    assert "1 alert fires:" in rest.partition("\x1b[?1049l")[2]


def test_help_has_examples(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        cli.main(["watch", "--help"])
    output = capsys.readouterr().out

    assert caught.value.code == 0
    assert "examples:\n  xent-monitor watch logs/run1\n" in output
    assert max(map(len, output.splitlines())) <= 80
