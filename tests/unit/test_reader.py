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
from xent_monitor.statistics import TASKS
from xent_monitor.tensorboard import ReportReader, ReportWriter, find_runs, read_reports, reader
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.records import RecordFile, read_records

STORED = Path(__file__).parents[1] / "data" / "events"
VERSIONS = range(1, FORMAT_VERSION + 1)
BOTH = ("train", "validation")
#: What each format lacks that the next one has brought, and stands there instead.
BROUGHT: dict[int, dict[str, dict[str, Any]]] = {
    2: {
        "report": {"initial_cross_entropy": None, "non_finite_weights": 0},
        "statistics": {"probability_sum": [None], "confidence_step_sum": None, "num_batches": 0},
    },
    3: {
        "report": {},
        "statistics": {
            "target_cross_entropy_sum": [None],
            "positive_cross_entropy_sum": None,
            "row_cross_entropy_square_sum": None,
            "masked": 0,
            "batch_mean_loss_sum": None,
            "num_samples": 0,
        },
    },
}


def lacking(version: int, part: str) -> dict[str, Any]:
    """What a report of some format does not hold, with the JSON that stands there instead."""
    return {name: value for since, parts in BROUGHT.items() if since > version for name, value in parts[part].items()}


def unknown(version: int, part: str) -> dict[str, Any]:
    """The same as values of a report of three classes."""
    arrays = {name: np.full(3, np.nan) for name in ("probability_sum", "target_cross_entropy_sum")}
    numbers = {name: np.nan if value is None else value for name, value in lacking(version, part).items()}
    return {name: arrays.get(name, value) for name, value in numbers.items() if name != "positive_cross_entropy_sum"}


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


def as_format(version: int) -> Callable[[Any], None]:
    """A change to what an older format would hold."""

    def change(event: Any) -> None:
        without(*lacking(version, "report"), *lacking(version, "statistics"))(event)
        support = next(one for one in event.summary.value if one.tag == "statistics/support")
        names = json.loads(support.metadata.plugin_data.content)["class_names"]
        # Up to format 2 every header names the classes.
        header_changes(format=version, **({"class_names": names} if version < 3 else {}))(event)

    return change


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


@pytest.mark.parametrize("output", ["", "kind", "statistics"])
def test_records_of_alerts_are_no_reports(tmp_path: Path, output: str) -> None:
    """They share the plugin, and in the last case look like a field of the statistics at first sight."""
    writer = ReportWriter(tmp_path)
    reports = [report(epoch=epoch, output=output) for epoch in range(2)]
    for each in reports:
        writer.write(each, "")
        record = AlertRecord.of([("high", "warning")], [], [])
        writer.write_alerts(each.epoch, {}, [], {(each.epoch, "validation", output): record})
    writer.close()

    assert read_reports(tmp_path) == reports


# What cannot be read


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda _: None, "There are no reports in {logs}: there is no such directory."),
        (
            lambda logs: logs.write_text("notes"),
            "There are no reports in {logs}: it is a file. Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: logs.mkdir(),
            "There are no reports in {logs}: it is empty. Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: [(logs / name).mkdir(parents=True) for name in ("run2", "run1")],
            "There are no reports in {logs}: it has no directory 'xent_monitor'. Found: run1/, run2/. "
            "Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: [write(logs / name, report()) for name in ("run2", "old/run1")],
            "There are no reports in {logs}: it holds those of 2 trainings, old/run1, run2. Pass the directory of one.",
        ),
        (
            lambda logs: [
                (logs / name).mkdir(parents=True, exist_ok=True)
                or (logs / name / "events.out.tfevents.1.host.2.3.v2").write_bytes(b"of TensorFlow")
                for name in ("validation", "train")
            ],
            "There are no reports in {logs}: its event files, in train/, validation/, are of another writer, such as "
            "keras.callbacks.TensorBoard. Those of the monitor are in xent_monitor/: add XentMonitor('{logs}') to the "
            "callbacks of the training.",
        ),
        (
            lambda logs: [(logs / f"{number:02}").mkdir(parents=True) for number in range(12)],
            "There are no reports in {logs}: it has no directory 'xent_monitor'. "
            "Found: 00/, 01/, 02/, 03/, 04/, 05/, 06/, 07/, 08/, 09/, .... "
            "Pass the `log_dir` that the monitor was given.",
        ),
        (
            lambda logs: (logs / "xent_monitor" / "train").mkdir(parents=True),
            "There are no reports in {logs}/xent_monitor: no event files in train, validation, test, "
            "which come when the first epoch ends. Found: train/.",
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
            header_changes(format=4),
            "Written in format 4 by a newer xent_monitor; this one reads up to format 3. Upgrade it: "
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
            "The metadata of the statistics cannot be understood: ValueError(\"format 3, task 'age'\").",
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
            without("num_rows", "logged_loss", "confusion"),
            "The statistics of epoch 7 lack the fields: num_rows, logged_loss.",
        ),
        (without("support", "num_rows"), "The statistics of epoch 7 lack the field: support."),
        (
            header_changes(class_names=None),
            "The metadata of the statistics cannot be understood: KeyError('class_names').",
        ),
        (
            without("probability_sum", "confidence_step_sum", "num_batches", "initial_cross_entropy"),
            "The statistics of epoch 7 lack the fields: probability_sum, confidence_step_sum, num_batches, "
            "initial_cross_entropy.",
        ),
        (
            without(*lacking(2, "statistics")),
            "The statistics of epoch 7 lack the fields: target_cross_entropy_sum, row_cross_entropy_square_sum, "
            "masked, batch_mean_loss_sum, num_samples.",
        ),
        (
            header_changes(task="multilabel"),
            "The statistics of epoch 7 do not fit together: `positive_cross_entropy_sum` must be an array where the "
            "task is 'multilabel', and None where it is not. Received: task='multilabel', "
            "positive_cross_entropy_sum.shape=None.",
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


# Reading again


def test_only_what_was_added_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a record that was cut short, what comes later is read from its beginning."""
    path = write(tmp_path, *(report(epoch=epoch) for epoch in range(3)))
    data = path.read_bytes()
    ends = [offset for offset, _ in read_records(path)]
    starts = []

    def spied(path: Path, start: int) -> Any:
        starts.append(start)
        return read_records(path, start)

    monkeypatch.setattr(reader, "read_records", spied)
    follower = ReportReader(tmp_path)

    path.write_bytes(data[: ends[2]])
    assert (follower.read(), follower.cut_short) == ([report(epoch=0)], ())
    path.write_bytes(data[:-1])
    assert (follower.read(), follower.cut_short) == ([report(epoch=0), report(epoch=1)], (path,))
    path.write_bytes(data)
    assert (follower.read(), follower.cut_short) == ([report(epoch=epoch) for epoch in range(3)], ())
    assert follower.read() == read_reports(tmp_path)
    assert starts == [0, ends[2], ends[3], len(data), 0]


def test_a_directory_that_was_begun_anew_is_read_anew(tmp_path: Path) -> None:
    follower = ReportReader(tmp_path)
    path = write(tmp_path, report(epoch=0, seed=1), report(epoch=1, seed=1))
    assert len(follower.read()) == 2

    path.unlink()
    write(tmp_path, report(epoch=0, seed=2))
    assert follower.read() == [report(epoch=0, seed=2)]

    path.unlink()
    with pytest.raises(FileNotFoundError, match="There are no reports in "):
        follower.read()

    write(tmp_path, report(epoch=0, seed=3), report(epoch=1, seed=3))
    assert follower.read() == [report(epoch=0, seed=3), report(epoch=1, seed=3)]


def test_a_resumed_run_adds_a_file(tmp_path: Path) -> None:
    follower = ReportReader(tmp_path)
    write(tmp_path, report(epoch=0), report(epoch=1))
    follower.read()
    write(tmp_path, report(epoch=1, seed=4), seconds=2000.0)

    assert follower.read() == [report(epoch=0), report(epoch=1, seed=4)]


def test_runs_are_found_below(tmp_path: Path) -> None:
    for name in ("b", "a/long/way/down/here", "a/long/way/down/here/too far", "."):
        write(tmp_path / name, report())

    assert find_runs(tmp_path) == ["a/long/way/down/here", "b"]
    assert find_runs(tmp_path / "nowhere") == []


# Stored files


@pytest.mark.parametrize("version", [1, 2])
def test_a_report_of_an_older_format_lacks_what_came_later(tmp_path: Path, version: int) -> None:
    """It is read; what it does not hold is NaN, 0 for counts, or None."""
    original = dataclasses.replace(report(epoch=7), initial_cross_entropy=1.5, non_finite_weights=3)
    rewrite(write(tmp_path, original), as_format(version))

    (restored,) = read_reports(tmp_path)

    statistics = dataclasses.replace(original.statistics, **unknown(version, "statistics"))
    assert restored == dataclasses.replace(original, statistics=statistics, **unknown(version, "report"))


@pytest.mark.parametrize("version", [1, 2])
def test_a_report_of_an_older_format_lacks_nothing_else(tmp_path: Path, version: int) -> None:
    path = write(tmp_path, report(epoch=7))
    rewrite(path, as_format(version))
    rewrite(path, without("penalty_sum", "logged_loss"))
    with pytest.raises(
        EventFormatError, match=r"The statistics of epoch 7 lack the fields: penalty_sum, logged_loss\.$"
    ):
        read_reports(tmp_path)


@pytest.mark.parametrize("num_classes", [1, 4, 300])
def test_labels_come_back_as_they_were(tmp_path: Path, num_classes: int) -> None:
    """Reports of labels that do not exclude each other, and of a histogram for all classes together."""
    labels = report(num_classes, task="multilabel", num_examples=20)
    histogram = labels.statistics.true_class_probability_histogram.sum(axis=0, keepdims=True)
    sums = dataclasses.replace(labels.statistics, true_class_probability_histogram=histogram)
    reports = [labels, dataclasses.replace(labels, epoch=1, statistics=sums)]
    write(tmp_path, *reports)
    assert read_reports(tmp_path) == reports


def test_every_format_is_stored() -> None:
    assert sorted(path.name for path in STORED.iterdir()) == [f"v{version}" for version in VERSIONS]


def test_the_stored_files_of_this_format_hold_all_it_has() -> None:
    reports = read_reports(STORED / f"v{FORMAT_VERSION}")
    assert {each.task for each in reports} == set(TASKS)
    assert {len(each.statistics.true_class_probability_histogram) < each.num_classes for each in reports} == {
        True,
        False,
    }


@pytest.mark.parametrize("version", VERSIONS)
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
        lacking_report, lacking_sums = lacking(version, "report"), lacking(version, "statistics")
        assert not set(lacking_report) & set(values)
        assert not set(lacking_sums) & set(values["statistics"])
        for name, value in lacking_sums.items():
            values["statistics"][name] = value * each.num_classes if isinstance(value, list) else value
        assert found == values | lacking_report | {"format": FORMAT_VERSION}
        # A later release may define more, or round differently.
        for name, value in in_file.items():
            np.testing.assert_allclose(
                np.array(quantities[name], float), np.array(value, float), rtol=1e-12, atol=1e-12
            )


def test_a_shorter_run_after_a_longer_one_is_all_there_is(tmp_path: Path) -> None:
    """As in TensorBoard; `check` must not pass a run for what another one in the same directory has reached."""
    write(tmp_path, *(report(3, epoch=epoch, seed=epoch, split=split) for epoch in range(4) for split in BOTH))
    again = [report(3, epoch=epoch, seed=10 + epoch, split=split) for epoch in range(2) for split in BOTH]
    write(tmp_path, *again, seconds=2000.0)

    assert read_reports(tmp_path) == again


def test_a_run_resumed_before_where_it_stopped_goes_on_from_there(tmp_path: Path) -> None:
    first = [report(3, epoch=epoch, seed=epoch) for epoch in range(6)]
    write(tmp_path, *first)
    resumed = [report(3, epoch=epoch, seed=10 + epoch) for epoch in (3, 4)]
    write(tmp_path, *resumed, seconds=2000.0)

    assert read_reports(tmp_path) == first[:3] + resumed


def test_an_evaluation_does_not_end_the_training(tmp_path: Path) -> None:
    first = [report(3, epoch=epoch, seed=epoch) for epoch in range(3)]
    write(tmp_path, *first)
    write(tmp_path, report(3, epoch=1, seed=9, split="test"), seconds=2000.0)

    assert [(one.epoch, one.split) for one in read_reports(tmp_path)] == [
        (0, "validation"),
        (1, "validation"),
        (1, "test"),
        (2, "validation"),
    ]


def test_a_run_begun_anew_in_the_same_file_is_all_there_is(tmp_path: Path) -> None:
    """After a `fit` that was interrupted the same monitor goes on in its file."""
    again = [report(3, epoch=epoch, seed=10 + epoch) for epoch in range(2)]
    write(tmp_path, *(report(3, epoch=epoch, seed=epoch) for epoch in range(4)), *again)

    assert read_reports(tmp_path) == again
