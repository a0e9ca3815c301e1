"""Tests of reading reports back."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util import tensor_util

from tests.builders import report
from xent_monitor.errors import EventFormatError
from xent_monitor.report import FORMAT_VERSION, EvaluationReport
from xent_monitor.tensorboard import ReportWriter, read_reports
from xent_monitor.tensorboard.records import RecordFile, read_records

STORED = Path(__file__).parents[1] / "data" / "events"
#: Formats that stored files are in, with what a report lacks that was written in it, and stands there instead.
LACKING: dict[int, dict[str, dict[str, Any]]] = {
    1: {
        "report": {"initial_cross_entropy": None, "non_finite_weights": 0},
        "statistics": {"probability_sum": [None], "confidence_step_sum": None, "num_batches": 0},
    },
    2: {"report": {}, "statistics": {}},
}


def write(log_dir: Path, *reports: EvaluationReport, seconds: float = 1000.0) -> Path:
    """Write reports; returns the last file."""
    writer = ReportWriter(log_dir, clock=lambda: seconds)
    for each in reports:
        writer.write(each, "So.")
    writer.close()
    return sorted(log_dir.glob("xent_monitor/*/*"))[-1]


def rewrite(path: Path, change: Callable[[Any], None]) -> None:
    """Change every event of a file that holds a report."""
    events = [Event.FromString(data) for _, data in read_records(path)]
    path.unlink()
    file = RecordFile(path)
    for event in events:
        if event.summary.value:
            change(event)
        file.append(event.SerializeToString())
    file.close()


def header_changes(**changes: Any) -> Callable[[Any], None]:
    """A change to the header of every tensor of the statistics; None takes the key out."""

    def change(event: Any) -> None:
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "xent_monitor":
                header = json.loads(value.metadata.plugin_data.content) | changes
                header = {key: value for key, value in header.items() if value is not None}
                value.metadata.plugin_data.content = json.dumps(header).encode()

    return change


def without(*fields: str) -> Callable[[Any], None]:
    """A change that takes some tensors of the statistics out."""

    def change(event: Any) -> None:
        kept = [v for v in event.summary.value if v.tag not in {f"statistics/{field}" for field in fields}]
        del event.summary.value[:]
        event.summary.value.extend(kept)

    return change


def as_format_1(event: Any) -> None:
    """A change to what format 1 would hold."""
    without(*LACKING[1]["report"], *LACKING[1]["statistics"])(event)
    header_changes(format=1)(event)


def with_tensor(field: str, array: Any) -> Callable[[Any], None]:
    """A change of one tensor of the statistics."""

    def change(event: Any) -> None:
        for value in event.summary.value:
            if value.tag == f"statistics/{field}":
                value.tensor.CopyFrom(tensor_util.make_tensor_proto(array))

    return change


def spoil_header(event: Any) -> None:
    for value in event.summary.value:
        value.metadata.plugin_data.content = b"{"


def spoil_tensor(event: Any) -> None:
    for value in event.summary.value:
        if value.tag == "statistics/support":
            value.tensor.tensor_content = b"12345"


# What is read


def test_order_is_epoch_then_split_then_output(tmp_path: Path) -> None:
    reports = [
        report(epoch=epoch, split=split, output=output)
        for epoch in (0, 1)
        for split in ("train", "validation", "test")
        for output in ("a", "b")
    ]
    write(tmp_path, *reversed(reports[:6]), *reversed(reports[6:]))
    assert read_reports(tmp_path) == reports


def test_the_directory_of_the_runs_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, report())
    monkeypatch.chdir(tmp_path / "xent_monitor")
    assert read_reports(str(tmp_path / "xent_monitor")) == read_reports(".") == [report()]


def test_a_log_directory_may_have_the_name_of_ours(tmp_path: Path) -> None:
    write(tmp_path / "xent_monitor", report())
    assert read_reports(tmp_path / "xent_monitor") == [report()]


@pytest.mark.parametrize("seconds", [1000.0, 1001.0])
def test_the_later_report_of_an_epoch_counts(tmp_path: Path, seconds: float) -> None:
    """Within a file, in a later file, and in one of the same second."""
    write(tmp_path, report(epoch=0, seed=1), report(epoch=0, seed=2), report(epoch=1, seed=3))
    assert read_reports(tmp_path) == [report(epoch=0, seed=2), report(epoch=1, seed=3)]

    write(tmp_path, report(epoch=1, seed=4), report(epoch=2, seed=5), seconds=seconds)
    assert read_reports(tmp_path) == [
        report(epoch=0, seed=2),
        report(epoch=1, seed=4),
        report(epoch=2, seed=5),
    ]


def test_classes_may_change_within_a_file(tmp_path: Path) -> None:
    """As when one monitor serves two models."""
    reports = [report(3, 0), report(4, 1), report(4, 2, class_names="abcd"), report(300, 3), report(3, 4)]
    write(tmp_path, *reports)
    assert read_reports(tmp_path) == reports


@pytest.mark.parametrize("lost", [1, 100, 4000])
def test_an_incomplete_last_report_is_left_out(tmp_path: Path, lost: int) -> None:
    path = write(tmp_path, report(epoch=0), report(epoch=1))
    path.write_bytes(path.read_bytes()[:-lost])
    assert read_reports(tmp_path) == [report(epoch=0)]


def test_other_files_and_events_are_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, report())
    (path.parent / "notes.txt").write_text("not an event file")
    (tmp_path / "xent_monitor" / "other").mkdir()
    (tmp_path / "xent_monitor" / "other" / "events.out.tfevents.1.a.2.3").write_bytes(b"damaged" * 9)
    other = RecordFile(path.parent / "events.out.tfevents.1.a.2.3")
    other.append(Event(step=3).SerializeToString())
    other.close()
    assert read_reports(tmp_path) == [report()]


def test_fields_of_a_later_minor_change_are_ignored(tmp_path: Path) -> None:
    path = write(tmp_path, report())

    def add(event: Any) -> None:
        extra = event.summary.value.add()
        extra.CopyFrom(next(v for v in event.summary.value if v.tag == "statistics/support"))
        extra.tag = "statistics/new"
        content = extra.metadata.plugin_data.content.replace(b'"support"', b'"new"')
        extra.metadata.plugin_data.content = content

    rewrite(path, add)
    rewrite(path, header_changes(note="also new"))
    assert read_reports(tmp_path) == [report()]


# What cannot be read


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda _: None, "There are no reports in {logs}: it is not a directory."),
        (
            lambda logs: logs.mkdir(),
            "There are no reports in {logs}: it has no directory 'xent_monitor'. Found: nothing. "
            "Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: [(logs / name).mkdir(parents=True) for name in ("run2", "run1")],
            "There are no reports in {logs}: it has no directory 'xent_monitor'. Found: run1/, run2/. "
            "Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: [(logs / f"{number:02}").mkdir(parents=True) for number in range(12)],
            "There are no reports in {logs}: it has no directory 'xent_monitor'. "
            "Found: 00/, 01/, 02/, 03/, 04/, 05/, 06/, 07/, 08/, 09/, .... "
            "Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: (logs / "xent_monitor" / "train").mkdir(parents=True),
            "There are no reports in {logs}/xent_monitor: no event files in train, validation, test. Found: train/.",
        ),
        (
            lambda logs: [
                path := write(logs, report()),
                path.write_bytes(path.read_bytes()[:-1]),
            ],
            "There are no reports in {logs}/xent_monitor: none of its 1 event files holds a complete one.",
        ),
    ],
)
def test_no_reports(tmp_path: Path, prepare: Callable[[Path], Any], message: str) -> None:
    logs = tmp_path / "logs"
    prepare(logs)
    with pytest.raises(FileNotFoundError, match=f"^{re.escape(message.format(logs=logs))}$"):
        read_reports(logs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            header_changes(format=3),
            "Written in format 3 by a newer xent_monitor; this one reads up to format 2. Upgrade it: "
            "pip install --upgrade xent-monitor.",
        ),
        (
            header_changes(format=0),
            "The metadata of the statistics cannot be understood: ValueError(\"format 0, task 'multiclass'\").",
        ),
        (
            header_changes(format=None),
            "The metadata of the statistics cannot be understood: KeyError('format').",
        ),
        (
            header_changes(format="x"),
            "The metadata of the statistics cannot be understood: ValueError(\"format 'x', task 'multiclass'\").",
        ),
        (
            header_changes(task="age"),
            "The metadata of the statistics cannot be understood: ValueError(\"format 2, task 'age'\").",
        ),
        (
            header_changes(output=None),
            "The metadata of the statistics cannot be understood: KeyError('output').",
        ),
        (
            header_changes(class_names=3),
            "The metadata of the statistics cannot be understood: TypeError(\"'int' object is not iterable\").",
        ),
        (
            without("support", "num_rows", "logged_loss", "confusion"),
            "The statistics of epoch 7 lack the fields: support, num_rows, logged_loss.",
        ),
        (
            without("probability_sum", "confidence_step_sum", "num_batches", "initial_cross_entropy"),
            "The statistics of epoch 7 lack the fields: probability_sum, confidence_step_sum, num_batches, "
            "initial_cross_entropy.",
        ),
        (
            with_tensor("correct", np.zeros(4)),
            "The statistics of epoch 7 do not fit together: `correct` must have shape (num_classes) where "
            "{'num_classes': 3}. Received: correct.shape=(4,).",
        ),
        (
            header_changes(split="weekend"),
            "The statistics of epoch 7 do not fit together: `split` must be one of train, validation, test. "
            "Received: split='weekend'.",
        ),
        (
            header_changes(class_names=["a"]),
            "The statistics of epoch 7 do not fit together: `class_names` must have one name for each of "
            "the 3 classes. Received: 1 names.",
        ),
    ],
)
def test_an_unknown_format(tmp_path: Path, change: Callable[[Any], None], message: str) -> None:
    """Each message names the file and the place in it."""
    path = write(tmp_path, report(epoch=7))
    (_, first), (offset, _) = read_records(path)
    rewrite(path, change)
    assert offset == len(first) + 16

    expected = f"{path}, record at byte {offset}: {message}"
    with pytest.raises(EventFormatError, match=f"^{re.escape(expected)}$"):
        read_reports(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoil_header, "The metadata of the statistics cannot be understood: JSONDecodeError"),
        (spoil_tensor, "The tensor 'statistics/support' cannot be read: "),
        (
            with_tensor("num_rows", np.zeros(2)),
            "The statistics of epoch 7 do not fit together: ",
        ),
    ],
)
def test_other_damage(tmp_path: Path, change: Callable[[Any], None], message: str) -> None:
    """The end of the message is that of a library."""
    path = write(tmp_path, report(epoch=7))
    rewrite(path, change)
    with pytest.raises(EventFormatError, match=message):
        read_reports(tmp_path)


def test_a_record_that_is_no_event(tmp_path: Path) -> None:
    path = write(tmp_path, report())
    other = RecordFile(path.with_name(path.name + "x"))
    other.append(b"\xff\xff")
    other.close()
    with pytest.raises(EventFormatError, match=r"tfevents.*x, record at byte 0: Error parsing message"):
        read_reports(tmp_path)


def test_damage_in_the_middle_is_not_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, report(epoch=0), report(epoch=1))
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    with pytest.raises(EventFormatError, match="is damaged: the checksum of its data does not match"):
        read_reports(tmp_path)


# Stored files


def test_a_report_of_format_1_lacks_what_came_later(tmp_path: Path) -> None:
    """It is read; what it does not hold is NaN, and 0 for counts."""
    original = dataclasses.replace(report(epoch=7), initial_cross_entropy=1.5, non_finite_weights=3)
    rewrite(write(tmp_path, original), as_format_1)

    (restored,) = read_reports(tmp_path)

    unknown = {"probability_sum": np.full(3, np.nan), "confidence_step_sum": np.nan, "num_batches": 0}
    assert restored == dataclasses.replace(
        original,
        statistics=dataclasses.replace(original.statistics, **unknown),
        initial_cross_entropy=np.nan,
        non_finite_weights=0,
    )


def test_a_report_of_format_1_lacks_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path, report(epoch=7))
    rewrite(path, as_format_1)
    rewrite(path, without("penalty_sum", "logged_loss"))
    with pytest.raises(
        EventFormatError, match=r"The statistics of epoch 7 lack the fields: penalty_sum, logged_loss\.$"
    ):
        read_reports(tmp_path)


def test_every_format_is_stored() -> None:
    assert sorted(path.name for path in STORED.iterdir()) == [f"v{version}" for version in LACKING]
    assert list(LACKING) == list(range(1, FORMAT_VERSION + 1))


@pytest.mark.parametrize("version", LACKING)
def test_stored_files_of_every_format_stay_readable(version: int) -> None:
    """Every release reads what an earlier one wrote, to the last bit."""
    stored = STORED / f"v{version}"
    expected = json.loads((stored / "reports.json").read_text(encoding="utf-8"))
    assert {each["format"] for each in expected} == {version}

    reports = read_reports(stored)

    assert [dataclasses.asdict(each)["class_names"] for each in reports] == [
        tuple(each["class_names"]) for each in expected
    ]
    for each, values in zip(reports, expected, strict=True):
        assert EvaluationReport.from_dict(values) == each
        found = each.to_dict()
        quantities, in_file = found.pop("quantities"), values.pop("quantities")
        lacking, lacking_sums = LACKING[version]["report"], LACKING[version]["statistics"]
        assert not set(lacking) & set(values)
        assert not set(lacking_sums) & set(values["statistics"])
        for name, value in lacking_sums.items():
            values["statistics"][name] = value * each.num_classes if isinstance(value, list) else value
        assert found == values | lacking | {"format": FORMAT_VERSION}
        # A later release may define more, or round differently.
        for name, value in in_file.items():
            np.testing.assert_allclose(
                np.array(quantities[name], float), np.array(value, float), rtol=1e-12, atol=1e-12
            )
