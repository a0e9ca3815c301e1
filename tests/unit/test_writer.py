"""Tests of what the writer writes, and of the tags and their metadata."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, DATA_CLASS_TENSOR
from tensorboard.plugins.custom_scalar.layout_pb2 import Layout
from tensorboard.util import tensor_util

from tests.builders import HOSTILE_NAMES, report
from xent_monitor.report import EvaluationReport
from xent_monitor.scalars import class_labels, shown_classes
from xent_monitor.statistics import ClassStatistics, array_fields, scalar_fields
from xent_monitor.tensorboard import ReportWriter, read_reports
from xent_monitor.tensorboard import metadata as contract
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.records import RecordFile, frame, read_records
from xent_monitor.tensorboard.summaries import markdown, right_decisions_curve


def events(log_dir: Path, split: str = "validation") -> list[Any]:
    """The events of the only event file of a split."""
    (path,) = (log_dir / "xent_monitor" / split).iterdir()
    return [Event.FromString(data) for _, data in read_records(path)]


def values(event: Any) -> dict[str, Any]:
    """The values of an event by tag; a tag must occur once."""
    assert len({value.tag for value in event.summary.value}) == len(event.summary.value)
    return {value.tag: value for value in event.summary.value}


def written(tmp_path: Path, *reports: EvaluationReport, reading: str = "", **arguments: Any) -> list[Any]:
    """Events of the validation split after writing some reports, without the first that says the version."""
    writer = ReportWriter(tmp_path, **arguments)
    for each in reports:
        writer.write(each, reading)
    writer.close()
    return events(tmp_path)[1:]


def with_cross_entropies(cross_entropies: list[float]) -> EvaluationReport:
    """A report with these cross-entropies of its classes; NaN means a class without examples."""
    sums = ClassStatistics.empty("multiclass", len(cross_entropies), 2, confusion=False)
    missing = np.isnan(cross_entropies)
    sums = dataclasses.replace(
        sums,
        support=np.where(missing, 0, 1),
        cross_entropy_sum=np.where(missing, 0.0, cross_entropies),
    )
    names = tuple(map(str, range(len(cross_entropies))))
    return EvaluationReport(0, "validation", "", names, sums)


# Files


def test_nothing_is_written_before_the_first_report(tmp_path: Path) -> None:
    writer = ReportWriter(tmp_path / "logs")
    writer.flush()
    writer.close()
    assert not (tmp_path / "logs").exists()


def test_each_split_is_a_run_of_its_own(tmp_path: Path) -> None:
    writer = ReportWriter(tmp_path, clock=lambda: 1234.5)
    for split in ("train", "validation", "test"):
        writer.write(report(split=split), "")
    writer.close()

    paths = sorted(path.relative_to(tmp_path / "xent_monitor") for path in tmp_path.rglob("*tfevents*"))
    assert [path.parts[0] for path in paths] == ["test", "train", "validation"]
    for path in paths:
        assert re.fullmatch(rf"events\.out\.tfevents\.0000001234\..*\.{os.getpid()}\.000", path.name)


def test_the_first_record_says_the_version(tmp_path: Path) -> None:
    written(tmp_path, report(), clock=lambda: 1234.5)
    first, second = events(tmp_path)
    assert (first.file_version, first.wall_time) == ("brain.Event:2", 1234.5)
    assert (second.step, second.wall_time) == (0, 1234.5)


def test_a_second_writer_starts_a_file_that_sorts_behind(tmp_path: Path) -> None:
    for epoch in range(3):
        writer = ReportWriter(tmp_path, clock=lambda: 1234.5)
        writer.write(report(epoch=epoch), "")
        writer.close()
        writer.write(report(epoch=epoch, split="train"), "")  # after closing, a new file
        writer.close()

    names = sorted(path.name for path in (tmp_path / "xent_monitor" / "validation").iterdir())
    assert [name[-4:] for name in names] == [".000", ".001", ".002"]


def test_a_report_is_on_disk_before_write_returns(tmp_path: Path) -> None:
    writer = ReportWriter(tmp_path)
    for epoch in range(3):
        writer.write(report(epoch=epoch), "")
        assert len(read_reports(tmp_path)) == epoch + 1
    writer.flush()
    writer.close()
    writer.close()


def test_errors_of_the_disk_reach_the_caller(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    with pytest.raises(OSError, match="logs"):
        ReportWriter(tmp_path / "logs").write(report(), "")


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_after_a_failed_write_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """The reports before and after are read back; a record cut short is the last of its file."""
    writer = ReportWriter(tmp_path)
    writer.write(report(epoch=0), "")
    append = RecordFile.append

    def fail(file: RecordFile, data: bytes) -> None:
        file._file.write(frame(data)[:100])
        raise error

    monkeypatch.setattr(RecordFile, "append", fail)
    for epoch in (1, 2):
        with pytest.raises(type(error)):
            writer.write(report(epoch=epoch), "")
    monkeypatch.setattr(RecordFile, "append", append)
    writer.write(report(epoch=3), "")
    writer.close()

    assert [each.epoch for each in read_reports(tmp_path)] == [0, 3]
    assert len(list(tmp_path.rglob("*tfevents*"))) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: ReportWriter("gs://bucket/logs"),
            "`log_dir` must be a local path. Received: log_dir='gs://bucket/logs'.",
        ),
        (
            lambda: ReportWriter("logs", -1),
            "`top_classes` must be an integer >= 0. Received: top_classes=-1.",
        ),
        (
            lambda: ReportWriter("logs", 1.5),  # type: ignore[arg-type]
            "`top_classes` must be an integer >= 0. Received: top_classes=1.5.",
        ),
    ],
)
def test_wrong_arguments(make: Callable[[], ReportWriter], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_tensorflow_stays_outside(tmp_path: Path) -> None:
    """Writing and reading import no backend, even where one is installed."""
    program = (
        "import sys\n"
        "from tests.builders import report\n"
        "from xent_monitor.tensorboard import ReportWriter, read_reports\n"
        "writer = ReportWriter(sys.argv[1])\n"
        "writer.write(report(), 'text')\n"
        "writer.close()\n"
        "assert len(read_reports(sys.argv[1])) == 1\n"
        "print({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules))\n"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr) == ("set()\n", "")


# Series


def test_tags(tmp_path: Path) -> None:
    """The tags are a contract."""
    (event,) = written(tmp_path, report(2, class_names=["no", "yes"], loss_accuracy_divergence=0.1), reading="So.")
    statistics = [
        field.name
        for field in (*array_fields(), *scalar_fields())
        if field.name not in {"confusion_sketch", "positive_cross_entropy_sum"}  # None here
    ]
    assert set(values(event)) == {
        *("cross_entropy", "accuracy", "confidence", "skill", "expected_calibration_error"),
        *("temperature", "loss_accuracy_divergence"),
        *("class_cross_entropy/no", "class_cross_entropy/yes"),
        *("confidence/right", "confidence/wrong"),
        *("true_class_probability/no", "true_class_probability/yes"),
        *("right_decisions", "right_decisions/no", "right_decisions/yes"),
        *("reading", "custom_scalars__config__"),
        *(f"statistics/{name}" for name in statistics),
        *("statistics/loss_accuracy_divergence", "statistics/logged_loss"),
        *("statistics/initial_cross_entropy", "statistics/non_finite_weights"),
    }


def test_tags_of_several_outputs_start_with_the_output(tmp_path: Path) -> None:
    events = written(tmp_path, report(output="kind"), report(output="a/b"), reading="So.")
    for event, prefix in zip(events, ("kind/", "a%2Fb/"), strict=True):
        tags = set(values(event)) - {"custom_scalars__config__"}
        assert {tag for tag in tags if not tag.startswith(prefix)} == set()


def test_metadata_is_written_once_unless_it_changes(tmp_path: Path) -> None:
    first, same, other = written(
        tmp_path, report(epoch=0), report(epoch=1), report(epoch=2, class_names=["a", "b", "c"])
    )
    assert all(value.HasField("metadata") for value in values(first).values())
    assert not any(value.HasField("metadata") for value in values(same).values())
    changed = {tag for tag, value in values(other).items() if value.HasField("metadata")}
    assert {tag for tag in changed if tag.startswith("statistics/")} == {"statistics/support"}


def test_data_classes_and_plugins(tmp_path: Path) -> None:
    (event,) = written(tmp_path, report(2, class_names=["no", "yes"]), reading="So.")
    found = {
        tag: (value.metadata.plugin_data.plugin_name, value.metadata.data_class) for tag, value in values(event).items()
    }
    assert found["cross_entropy"] == ("scalars", DATA_CLASS_SCALAR)
    assert found["class_cross_entropy/no"] == ("scalars", DATA_CLASS_SCALAR)
    assert found["confidence/right"] == ("histograms", DATA_CLASS_TENSOR)
    assert found["true_class_probability/yes"] == ("histograms", DATA_CLASS_TENSOR)
    assert found["right_decisions/no"] == ("pr_curves", DATA_CLASS_TENSOR)
    assert found["reading"] == ("text", DATA_CLASS_TENSOR)
    assert found["custom_scalars__config__"] == ("custom_scalars", DATA_CLASS_TENSOR)
    assert found["statistics/support"] == ("xent_monitor", DATA_CLASS_TENSOR)


def test_statistics_are_tensors_with_a_versioned_header(tmp_path: Path) -> None:
    original = report(class_names=["a", "<b>", "\udcff"], output="kind")
    (event,) = written(tmp_path, original)
    value = values(event)["kind/statistics/cross_entropy_sum"]

    array = tensor_util.make_ndarray(value.tensor)
    assert array.dtype == np.float64
    assert array.tobytes() == original.statistics.cross_entropy_sum.tobytes()
    assert tensor_util.make_ndarray(values(event)["kind/statistics/confusion"].tensor).dtype == np.int64
    assert tensor_util.make_ndarray(values(event)["kind/statistics/num_rows"].tensor).dtype == np.int64
    assert json.loads(value.metadata.plugin_data.content) == {
        "format": 3,
        "field": "cross_entropy_sum",
        "task": "multiclass",
        "split": "validation",
        "output": "kind",
    }
    named = json.loads(values(event)["kind/statistics/support"].metadata.plugin_data.content)
    assert named["class_names"] == ["a", "<b>", "\udcff"]


@pytest.mark.parametrize("undefined", [np.nan, np.inf, -np.inf, 1e300])
def test_an_undefined_scalar_is_no_point(tmp_path: Path, undefined: float) -> None:
    (event,) = written(tmp_path, report(loss_accuracy_divergence=undefined))
    assert "loss_accuracy_divergence" not in values(event)
    assert "statistics/loss_accuracy_divergence" in values(event)


def test_a_pass_without_examples_has_few_scalars(tmp_path: Path) -> None:
    sums = ClassStatistics.empty("binary", 2, 3)
    (event,) = written(tmp_path, EvaluationReport(0, "validation", "", ("no", "yes"), sums))
    scalars = {tag for tag, value in values(event).items() if value.metadata.plugin_data.plugin_name == "scalars"}
    assert scalars == set()


def test_no_text_for_an_empty_reading(tmp_path: Path) -> None:
    (event,) = written(tmp_path, report(), reading="")
    assert "reading" not in values(event)


def test_layout_names_every_output_once(tmp_path: Path) -> None:
    *_, event = written(tmp_path, report(output="kind"), report(output="a.b"), report(output="kind", class_names="xyz"))
    value = values(event)["custom_scalars__config__"]
    layout = Layout.FromString(tensor_util.make_ndarray(value.tensor).item())
    assert [category.title for category in layout.category] == ["Cross-entropy: kind", "Cross-entropy: a.b"]
    assert list(layout.category[1].chart[0].multiline.tag) == [r"^a\.b/class_cross_entropy/.*$"]
    assert list(layout.category[1].chart[1].multiline.tag) == [r"^a\.b/cross_entropy$", r"^a\.b/accuracy$"]


# Classes


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["cat", "dog"], ["cat", "dog"]),
        (["cat", "cat", "dog"], ["cat#0", "cat#1", "dog"]),
        (["cat", "cat", "cat#0", "cat#7"], ["cat#0", "cat#1", "cat#0#2", "cat#7#3"]),
        (["", " ", "a"], ["#0", " #1", "a"]),
        (["a/b", "a", "n/a"], ["a/b", "a", "n/a"]),
        (["new\nline", "new%0Aline"], ["new%0Aline#0", "new%0Aline#1"]),
        (["<b>", "日本語 ☃", ".*"], ["<b>", "日本語 ☃", ".*"]),
        (["\udcff", "\x00", "\u2028"], ["%DCFF", "%00", "%2028"]),
    ],
)
def test_labels_of_classes_are_distinct_and_printable(names: list[str], labels: list[str]) -> None:
    assert list(class_labels(names)) == labels
    assert len(set(labels)) == len(labels)


def test_hostile_names_come_back_as_they_were(tmp_path: Path) -> None:
    original = report(len(HOSTILE_NAMES), class_names=HOSTILE_NAMES, output="<o>\n/\udcff")
    written(tmp_path, original, reading="\n".join(HOSTILE_NAMES))
    (restored,) = read_reports(tmp_path)
    assert restored.class_names == HOSTILE_NAMES
    assert restored == original


NAN = float("nan")


@pytest.mark.parametrize(
    ("cross_entropies", "top_classes", "shown"),
    [
        ([1.0] * 20, 3, range(20)),
        ([0.0] * 19 + [3.0, 2.0], 2, [19, 20]),
        ([1.0] * 21, 3, [0, 1, 2]),
        ([NAN] * 18 + [0.0, np.inf, 2.0], 2, [19, 20]),
        ([NAN] * 20 + [0.0], 2, [0, 20]),
        ([1.0] * 21, 0, []),
        ([1.0] * 21, 100, range(21)),
    ],
)
def test_which_classes_are_shown(cross_entropies: list[float], top_classes: int, shown: Any) -> None:
    assert shown_classes(with_cross_entropies(cross_entropies), top_classes) == tuple(shown)


def test_the_classes_shown_are_kept_and_the_same_for_both_splits(tmp_path: Path) -> None:
    writer = ReportWriter(tmp_path, top_classes=2)
    first = with_cross_entropies([0.0] * 19 + [3.0, 2.0])
    later = with_cross_entropies([3.0, 2.0] + [0.0] * 19)
    writer.write(dataclasses.replace(first, split="validation"), "")
    writer.write(dataclasses.replace(later, split="train"), "")
    writer.write(dataclasses.replace(later, split="validation", epoch=1), "")
    writer.close()

    for event in (*events(tmp_path, "validation")[1:], *events(tmp_path, "train")[1:]):
        for prefix in ("class_cross_entropy/", "true_class_probability/", "right_decisions/"):
            tags = {tag for tag in values(event) if tag.startswith(prefix)}
            assert tags == {f"{prefix}19", f"{prefix}20"}


def test_labels_have_the_same_tags_with_other_words(tmp_path: Path) -> None:
    """The sums of labels that do not exclude each other are of decisions, and so the words are, too."""
    labels = report(2, class_names=["red", "loud"], task="multilabel")
    (event,) = written(tmp_path / "labels", labels)
    found = values(event)
    (other,) = written(tmp_path / "classes", report(2, class_names=["red", "loud"]))
    assert set(found) ^ set(values(other)) == {"statistics/confusion", "statistics/positive_cross_entropy_sum"}

    def words(name: str) -> str:
        return str(found[name].metadata.summary_description)

    assert words("accuracy") == "Share of right decisions, of which each example has one on each label."
    assert words("class_cross_entropy/red") == "Mean of -ln p(true outcome) of one label over all examples, nats."
    assert words("true_class_probability/loud").startswith("Probability given to the true outcome of one label")
    assert words("right_decisions/loud").endswith("Only decisions on this label.")
    assert not any("true class" in words(name) for name in found if not name.startswith("statistics/"))
    curve = tensor_util.make_ndarray(found["right_decisions/loud"].tensor)
    assert curve[:4, 0].tolist() == [(labels.class_accuracy * 200)[1].round(), 200 - labels.statistics.correct[1], 0, 0]


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_a_histogram_of_all_classes_together_is_one_series(tmp_path: Path, task: Any) -> None:
    sums = ClassStatistics.empty(task, 5000, 4, per_class_confidence=False, confusion=False, pooled_histogram=True)
    sums = dataclasses.replace(sums, true_class_probability_histogram=[[1, 2, 3, 4]])
    names = tuple(map(str, range(5000)))
    (event,) = written(tmp_path, EvaluationReport(0, "validation", "", names, sums))
    tags = [tag for tag in values(event) if tag.startswith(("true_class_probability", "right_decisions"))]
    assert tags == ["true_class_probability", "right_decisions"]
    buckets = tensor_util.make_ndarray(values(event)["true_class_probability"].tensor)
    assert buckets[:, 2].tolist() == [1, 2, 3, 4]


def test_no_curves_of_classes_where_the_sums_hold_none(tmp_path: Path) -> None:
    sums = ClassStatistics.empty("multiclass", 3, 4, per_class_confidence=False)
    (event,) = written(tmp_path, EvaluationReport(0, "validation", "", ("a", "b", "c"), sums))
    assert [tag for tag in values(event) if tag.startswith("right_decisions")] == ["right_decisions"]


# Shapes of the values


def test_right_decisions_curve_by_hand() -> None:
    """Wrong decisions: 2 in the lower bin, 1 in the upper; right ones: 1 and 4."""
    curve = right_decisions_curve(np.array([[2, 1], [1, 4]]))
    np.testing.assert_allclose(
        curve.T,
        [
            [5, 3, 0, 0, 5 / 8, 1.0],
            [4, 1, 2, 1, 4 / 5, 4 / 5],
            [0, 0, 3, 5, 0.0, 0.0],
        ],
        rtol=1e-6,
    )
    assert curve.dtype == np.float32


def test_right_decisions_curve_without_decisions() -> None:
    assert not right_decisions_curve(np.zeros((2, 3), np.int64)).any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, 0.5 (nats)", "plain, 0.5 (nats)"),
        ("a\nb\n\nc", "a  \nb  \n  \nc"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("a|b `c`", "a&#124;b &#96;c&#96;"),
        ("# no title", "&#35; no title"),
        ("- no list", "&#45; no list"),
        ("1. no list", "1&#46; no list"),
        ("![no](link)", "&#33;&#91;no&#93;(link)"),
        ("    no code", "&nbsp;&nbsp;&nbsp;&nbsp;no code"),
        ("\udcff", "?"),
        ("a\\_b_c", "a&#92;&#95;b&#95;c"),
    ],
)
def test_markdown_shows_plain_text(text: str, expected: str) -> None:
    assert markdown(text) == expected


# Alerts

RECORD = AlertRecord.of([("high", "warning")], [("high", "warning", None, None, "firing")], [])


def test_records_of_alerts_are_tensors_of_our_own(tmp_path: Path) -> None:
    writer = ReportWriter(tmp_path)
    for output in ("kind", "a/b"):
        writer.write(report(output=output), "")
        writer.write(report(output=output, split="train"), "")
    records = {(0, "validation", "kind"): RECORD, (0, "validation", "a/b"): RECORD, (0, "test", "kind"): RECORD}
    writer.write_alerts(0, {}, [], records)  # type: ignore[arg-type]  # the splits are of the three
    writer.close()

    found = values(events(tmp_path)[-1])
    assert list(found) == ["kind/alert_states", "a%2Fb/alert_states"]
    for value in found.values():
        assert value.metadata.plugin_data.plugin_name == contract.PLUGIN_NAME
        assert value.metadata.data_class == DATA_CLASS_TENSOR
        assert AlertRecord.from_bytes(tensor_util.make_ndarray(value.tensor).item()) == RECORD
    assert json.loads(found["a%2Fb/alert_states"].metadata.plugin_data.content)["output"] == "a/b"
    # There are no passes of the other two that it could be a record of.
    assert len(events(tmp_path, "train")) == 1 + 2
    assert not (tmp_path / "xent_monitor" / "test").exists()


def test_alerts_of_an_epoch_are_one_event(tmp_path: Path) -> None:
    writer = ReportWriter(tmp_path)
    writer.write(report(epoch=3), "")
    writer.write_alerts(3, {("high", "validation"): 2}, [("validation", "", "So.")], {(3, "validation", ""): RECORD})
    writer.close()

    event = events(tmp_path)[-1]
    assert event.step == 3
    assert set(values(event)) == {"alerts/high", "alerts", "alert_states"}


def test_a_record_of_an_earlier_pass_keeps_its_epoch(tmp_path: Path) -> None:
    """At the end of a training, whose last epochs may have had no validation."""
    writer = ReportWriter(tmp_path)
    writer.write(report(epoch=2), "")
    writer.write_alerts(4, {("high", "validation"): 2}, [], {(2, "validation", ""): RECORD})
    writer.close()

    assert [(event.step, list(values(event))) for event in events(tmp_path)[2:]] == [
        (4, ["alerts/high"]),
        (2, ["alert_states"]),
    ]
