"""Tests of `alerts.jsonl`."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.log import FILE_NAME, AlertLog, read_alerts
from xent_monitor.errors import EventFormatError

STORED = Path(__file__).resolve().parents[1] / "data" / "alerts" / "v1"


def event(rule: str = "no-skill", epoch: int = 3, **fields: Any) -> AlertEvent:
    values: dict[str, Any] = {
        "state": "firing",
        "severity": "warning",
        "split": "validation",
        "output": "",
        "class_name": None,
        "value": 0.5,
        "threshold": 0.25,
        "message": "Skill 0.5.",
    }
    return AlertEvent(rule=rule, epoch=epoch, **(values | fields))


def write(log_dir: Path, *events: AlertEvent) -> Path:
    log = AlertLog(log_dir)
    for one in events:
        log.append(one, time=1000.5)
    log.close()
    return log.path


def names(events: list[AlertEvent]) -> list[str]:
    return [f"{one.rule}@{one.epoch}" for one in events]


# Writing


def test_each_event_is_a_line(tmp_path):
    path = write(tmp_path, event(), event(state="resolved", epoch=5, class_name="cat", output="kind"))

    assert path == tmp_path / "alerts.jsonl"
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {
            "format": 1,
            "time": 1000.5,
            "rule": "no-skill",
            "state": "firing",
            "severity": "warning",
            "epoch": 3,
            "split": "validation",
            "output": "",
            "class_name": None,
            "value": 0.5,
            "threshold": 0.25,
            "message": "Skill 0.5.",
        },
        {
            "format": 1,
            "time": 1000.5,
            "rule": "no-skill",
            "state": "resolved",
            "severity": "warning",
            "epoch": 5,
            "split": "validation",
            "output": "kind",
            "class_name": "cat",
            "value": 0.5,
            "threshold": 0.25,
            "message": "Skill 0.5.",
        },
    ]
    assert path.read_bytes().endswith(b"}\n")


def test_a_line_is_there_when_append_returns(tmp_path):
    log = AlertLog(tmp_path)
    log.append(event(), time=0)
    assert read_alerts(tmp_path) == [event()]
    log.append(event(epoch=4), time=1)
    assert read_alerts(tmp_path) == [event(), event(epoch=4)]
    log.close()
    log.close()


def test_no_event_no_file(tmp_path):
    log = AlertLog(tmp_path / "new")
    log.begin(0, time=0)
    log.close()

    assert list(tmp_path.iterdir()) == []


def test_the_directory_is_made(tmp_path):
    write(tmp_path / "logs" / "run1", event())

    assert read_alerts(tmp_path / "logs" / "run1") == [event()]


def test_a_closed_log_opens_again(tmp_path):
    log = AlertLog(tmp_path)
    for epoch in range(3):
        log.append(event(epoch=epoch), time=epoch)
        log.close()

    assert names(read_alerts(tmp_path)) == ["no-skill@0", "no-skill@1", "no-skill@2"]


def test_numbers_that_json_lacks(tmp_path):
    events = [event(value=math.nan, threshold=math.inf), event(epoch=4, value=-math.inf, threshold=0.0)]
    path = write(tmp_path, *events)

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["value"], line["threshold"]) for line in lines] == [(None, "Infinity"), ("-Infinity", 0.0)]
    assert read_alerts(tmp_path) == events


def test_numpy_numbers(tmp_path):
    path = write(tmp_path, event(epoch=np.int64(3), value=np.float32(0.5), threshold=np.float64(0.25)))

    assert read_alerts(path) == [event()]


def test_any_text_survives(tmp_path):
    awkward = event(class_name='line\nbreak "quoted" \u2028 \ud800 grün \x00', message="<b>\r\n</b>")
    path = write(tmp_path, awkward)

    assert path.read_bytes().count(b"\n") == 1
    assert read_alerts(tmp_path) == [awkward]


def test_a_torn_line_is_ended_first(tmp_path):
    path = write(tmp_path, event(epoch=0), event(epoch=1))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert names(read_alerts(tmp_path)) == ["no-skill@0"]

    write(tmp_path, event(epoch=2))

    assert path.read_bytes().startswith(whole[:-20] + b"\n{")
    assert names(read_alerts(tmp_path)) == ["no-skill@0", "no-skill@2"]


def test_a_line_torn_anywhere_is_passed_over(tmp_path):
    path = write(tmp_path, event(epoch=0))
    first = path.read_bytes()
    for length in range(len(first) - 2):
        path.write_bytes(first + first[:length])
        assert names(read_alerts(path)) == ["no-skill@0"]
        log = AlertLog(tmp_path)
        log.append(event(epoch=2), time=0)
        log.close()
        assert names(read_alerts(path)) == ["no-skill@0", "no-skill@2"]


def test_zeros_that_a_power_cut_leaves_are_passed_over(tmp_path):
    path = write(tmp_path, event(epoch=0))
    path.write_bytes(path.read_bytes() + bytes(100))
    write(tmp_path, event(epoch=1))

    assert names(read_alerts(tmp_path)) == ["no-skill@0", "no-skill@1"]


def test_a_last_line_that_lacks_only_its_end_counts(tmp_path):
    path = write(tmp_path, event())
    path.write_bytes(path.read_bytes()[:-1])

    assert read_alerts(tmp_path) == [event()]


def test_after_a_failed_write_the_next_line_is_whole(tmp_path, monkeypatch):
    log = AlertLog(tmp_path)
    log.append(event(epoch=0), time=0)

    class Full:
        def write(self, data):
            if not log.path.read_bytes().endswith(b"{"):
                with log.path.open("ab") as file:
                    file.write(data[:1])
                return 1
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(log, "_file", (log.close(), Full())[1])
    with pytest.raises(OSError, match="No space left"):
        log.append(event(epoch=1), time=0)

    log.append(event(epoch=2), time=0)
    log.close()
    assert names(read_alerts(tmp_path)) == ["no-skill@0", "no-skill@2"]


def test_a_directory_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"):
        AlertLog(tmp_path / "file" / "logs").append(event(), time=0)


# Several runs in one directory


@pytest.mark.parametrize(
    ("epochs", "kept"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        ([3, 5, 7, 4, 6], [3, 4, 6]),  # resumed with epoch 4
        ([3, 5, 7, 0], [0]),  # begun anew
        ([3, 5, 7, 5], [3, 5]),
        ([3, 5, 7, 7], [3, 5, 7]),
        ([9, 8, 7, 6], [6]),
    ],
)
def test_where_epochs_go_back_the_later_run_counts(tmp_path, epochs, kept):
    write(tmp_path, *(event(epoch=epoch, value=float(place)) for place, epoch in enumerate(epochs)))

    found = read_alerts(tmp_path)

    assert [one.epoch for one in found] == kept
    assert found[-1].value == len(epochs) - 1


def test_events_of_one_epoch_stay_together(tmp_path):
    events = [
        event("a"),
        event("b"),
        event("a", class_name="cat"),
        event("a", split="train"),
        event("a", output="kind"),
        event("a", state="resolved"),
    ]
    write(tmp_path, *events)

    assert read_alerts(tmp_path) == events


def test_a_run_that_begins_takes_back_what_earlier_ones_said(tmp_path):
    write(tmp_path, event(epoch=3), event(epoch=5), event(epoch=7))
    log = AlertLog(tmp_path)

    log.begin(5, time=2000.0)
    log.close()
    assert names(read_alerts(tmp_path)) == ["no-skill@3"]
    log.append(event(epoch=8), time=2001.0)
    log.begin(0, time=3000.0)
    log.close()

    assert read_alerts(tmp_path) == []
    assert json.loads(log.path.read_text().splitlines()[-1]) == {"format": 1, "time": 3000.0, "begins_at": 0}


# Reading


def test_a_training_without_alerts(tmp_path):
    (tmp_path / "xent_monitor").mkdir()

    assert read_alerts(tmp_path) == []


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda _: None, "There are no alerts in {logs}: it is neither a directory nor a file."),
        (
            lambda logs: logs.mkdir(),
            "There are no alerts in {logs}: it has neither 'alerts.jsonl' nor a directory 'xent_monitor'. "
            "Found: nothing. Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: (
                [(logs / f"run{number:02}").mkdir(parents=True) for number in range(11)] and (logs / "notes").touch()
            ),
            "There are no alerts in {logs}: it has neither 'alerts.jsonl' nor a directory 'xent_monitor'. Found: "
            "notes, run00/, run01/, run02/, run03/, run04/, run05/, run06/, run07/, run08/, .... "
            "Pass the `log_dir` that the monitor was given.",
        ),
    ],
)
def test_no_alerts(tmp_path, prepare, message):
    logs = tmp_path / "logs"
    prepare(logs)

    with pytest.raises(FileNotFoundError, match=f"^{re.escape(message.format(logs=logs))}$"):
        read_alerts(logs)


def changed(**values: Any) -> bytes:
    line = {"format": 1, "time": 0.0, **event().to_dict()} | values
    return json.dumps({name: value for name, value in line.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            changed(format=2),
            "Written in format 2 by a newer xent_monitor; this one reads up to format 1. Upgrade it: "
            "pip install --upgrade xent-monitor.",
        ),
        (changed(format="x"), "The line is damaged: ValueError: format 'x'. Remove it to read the others."),
        (changed(format=...), "The line is damaged: KeyError: 'format'. Remove it to read the others."),
        (
            changed(rule=..., message=...),
            "The line is damaged: ValueError: The event lacks the keys: rule, message. Remove it to read the others.",
        ),
        (changed(epoch="3"), "The line is damaged: TypeError: epoch='3'. Remove it to read the others."),
        (changed(epoch=True), "The line is damaged: TypeError: epoch=True. Remove it to read the others."),
        (changed(begins_at=None), "The line is damaged: TypeError: begins_at=None. Remove it to read the others."),
        (changed(class_name=3), "The line is damaged: TypeError: class_name=3. Remove it to read the others."),
        (
            changed(state="pending"),
            "The line is damaged: ValueError: `state` must be one of firing, resolved. Received: state='pending'. "
            "Remove it to read the others.",
        ),
        (
            changed(value="much"),
            "The line is damaged: ValueError: could not convert string to float: 'much'. Remove it to read the others.",
        ),
        (b"[1]", "The line is damaged: TypeError: it is not an object. Remove it to read the others."),
        (
            b"not ours",
            "The line is damaged: JSONDecodeError: Expecting value: line 1 column 1 (char 0). "
            "Remove it to read the others.",
        ),
    ],
)
def test_a_line_that_cannot_be_read(tmp_path, line, message):
    path = write(tmp_path, event(epoch=0))
    path.write_bytes(path.read_bytes() + line + b"\n" + path.read_bytes())

    with pytest.raises(EventFormatError, match=f"^{re.escape(f'{path}, line 2: {message}')}$"):
        read_alerts(tmp_path)


def test_a_damaged_line_is_not_passed_over(tmp_path):
    path = write(tmp_path, event(epoch=0), event(epoch=1))
    path.write_bytes(path.read_bytes().replace(b'"epoch": 0', b'"epoch": \xff'))

    with pytest.raises(EventFormatError, match=r"line 1: The line is damaged: UnicodeDecodeError"):
        read_alerts(path)


def test_fields_of_a_later_minor_change_are_ignored(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(changed(new=1) + b"\n")

    assert read_alerts(tmp_path) == [event()]


def test_stored_files_of_format_1_stay_readable():
    """Every release reads what an earlier one wrote."""
    expected = json.loads((STORED / "events.json").read_text(encoding="utf-8"))

    assert [one.to_dict() for one in read_alerts(STORED)] == expected
