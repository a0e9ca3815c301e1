"""A real TensorBoard server shows what the writer wrote, whichever of its two loaders reads it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from tests.builders import HOSTILE_NAMES, report
from tests.tensorboard_server import TensorBoardServer
from xent_monitor.report import EvaluationReport
from xent_monitor.scalars import class_labels
from xent_monitor.tensorboard import ReportWriter
from xent_monitor.tensorboard.records import RecordFile
from xent_monitor.tensorboard.summaries import right_decisions_curve

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NUM_CLASSES = len(HOSTILE_NAMES)
EPOCHS = range(4)
READING = "The cross-entropy is 0.5.\n  <b>a|b</b> & `cat`"
RUNS = ("xent_monitor/train", "xent_monitor/validation")


def reports(split: str) -> list[EvaluationReport]:
    seed = 100 if split == "train" else 0
    return [
        report(
            NUM_CLASSES,
            epoch,
            seed + epoch,
            split=split,
            class_names=HOSTILE_NAMES,
            num_bins=5,
            loss_accuracy_divergence=0.25 if epoch else float("nan"),
        )
        for epoch in EPOCHS
    ]


def write_as_keras_does(log_dir: Path, split: str) -> None:
    """A scalar in the run that Keras' own TensorBoard callback writes to."""
    directory = log_dir / split
    directory.mkdir()
    file = RecordFile(directory / "events.out.tfevents.1700000000.host.1.0.v2")
    file.append(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
    for epoch in EPOCHS:
        values = [Summary.Value(tag="epoch_loss", simple_value=epoch / 2)]
        file.append(Event(wall_time=1.0, step=epoch, summary=Summary(value=values)).SerializeToString())
    file.close()


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of ours and of Keras; ours was killed and resumed after two epochs."""
    log_dir = tmp_path_factory.mktemp("logs")
    for epochs, seconds in ((slice(0, 2), 1_700_000_000.0), (slice(2, None), 1_700_000_100.0)):
        writer = ReportWriter(log_dir, clock=lambda now=seconds: now)
        for train, validation in zip(reports("train")[epochs], reports("validation")[epochs], strict=True):
            writer.write(validation, READING)
            writer.write(train, READING)
        writer.close()
    for split in ("train", "validation"):
        write_as_keras_does(log_dir, split)
    return log_dir


@pytest.fixture(scope="module", params=["--load_fast=auto", "--load_fast=false"])
def server(
    request: pytest.FixtureRequest, log_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TensorBoardServer]:
    server = TensorBoardServer(log_dir, tmp_path_factory.mktemp("server") / "output.txt", request.param)
    try:
        server.wait(set(RUNS), "cross_entropy", len(EPOCHS))
        server.wait({"train", "validation"}, "epoch_loss", len(EPOCHS))
        yield server
    finally:
        server.stop()


def test_our_runs_stand_beside_those_of_keras(server: TensorBoardServer) -> None:
    assert set(server.get("scalars/tags")) == {*RUNS, "train", "validation"}
    for split in ("train", "validation"):
        points = server.get("scalars/scalars", run=split, tag="epoch_loss")
        assert [point[1:] for point in points] == [[epoch, epoch / 2] for epoch in EPOCHS]


@pytest.mark.parametrize("split", ["train", "validation"])
def test_scalars(server: TensorBoardServer, split: str) -> None:
    run = f"xent_monitor/{split}"
    tags = server.get("scalars/tags")[run]

    for name in ("cross_entropy", "accuracy", "confidence", "skill", "expected_calibration_error", "temperature"):
        points = server.get("scalars/scalars", run=run, tag=name)
        assert [step for _, step, _ in points] == list(EPOCHS)
        expected = [getattr(report, name) for report in reports(split)]
        np.testing.assert_allclose([value for *_, value in points], expected, rtol=1e-6)
        assert tags[name]["description"]
    divergence = server.get("scalars/scalars", run=run, tag="loss_accuracy_divergence")
    assert [point[1:] for point in divergence] == [[epoch, 0.25] for epoch in EPOCHS[1:]]


def test_every_class_has_a_line_whatever_its_name(server: TensorBoardServer) -> None:
    tags = server.get("scalars/tags")["xent_monitor/validation"]
    labels = class_labels(HOSTILE_NAMES)

    assert {tag for tag in tags if tag.startswith("class_")} == {f"class_cross_entropy/{x}" for x in labels}
    for index, label in enumerate(labels):
        points = server.get("scalars/scalars", run="xent_monitor/validation", tag=f"class_cross_entropy/{label}")
        expected = [report.class_cross_entropy[index] for report in reports("validation")]
        np.testing.assert_allclose([value for *_, value in points], expected, rtol=1e-6)


def test_histograms(server: TensorBoardServer) -> None:
    run = "xent_monitor/validation"
    label = class_labels(HOSTILE_NAMES)[7]
    expected = {
        "confidence/right": [report.confidence_histogram[1] for report in reports("validation")],
        "confidence/wrong": [report.confidence_histogram[0] for report in reports("validation")],
        f"true_class_probability/{label}": [
            report.true_class_probability_histogram[7] for report in reports("validation")
        ],
    }

    for tag, histograms in expected.items():
        points = server.get("histograms/histograms", run=run, tag=tag)
        assert [step for _, step, _ in points] == list(EPOCHS)
        for (*_, buckets), counts in zip(points, histograms, strict=True):
            left, right, shown = np.transpose(buckets)
            np.testing.assert_allclose(left, [0.0, 0.2, 0.4, 0.6, 0.8])
            np.testing.assert_allclose(right, [0.2, 0.4, 0.6, 0.8, 1.0])
            assert shown.tolist() == counts.tolist()


def test_curves_of_right_decisions(server: TensorBoardServer) -> None:
    run = "xent_monitor/validation"
    tags = server.get("pr_curves/tags")[run]
    assert len(tags) == 1 + NUM_CLASSES
    assert "<em>not</em> the curve of one class against the rest" in tags["right_decisions"]["description"]

    points = server.get("pr_curves/pr_curves", run=run, tag="right_decisions")[run]

    assert [point["step"] for point in points] == list(EPOCHS)
    for point, expected in zip(points, reports("validation"), strict=True):
        curve = right_decisions_curve(expected.confidence_histogram)
        shown = slice(len(point["thresholds"]))
        np.testing.assert_allclose(point["thresholds"], np.linspace(0, 1, 6)[shown])
        assert point["true_positives"] == curve[0, shown].tolist()
        assert point["false_positives"] == curve[1, shown].tolist()
        assert point["precision"] == pytest.approx(curve[4, shown].tolist())
        assert point["precision"][0] == pytest.approx(expected.accuracy)
        assert point["recall"][0] == 1.0


def test_custom_scalars_layout(server: TensorBoardServer) -> None:
    layout = server.get("custom_scalars/layout")

    (category,) = layout["category"]
    assert category["title"] == "Cross-entropy"
    lines = {chart["title"]: chart["multiline"]["tag"] for chart in category["chart"]}
    assert list(lines) == [
        "Cross-entropy of each class, nats",
        "Cross-entropy beside accuracy",
        "Confidence beside accuracy",
    ]
    found = [
        set(server.get("custom_scalars/scalars", run=RUNS[0], tag=pattern)["tag_to_events"])
        for pattern in (*lines["Cross-entropy of each class, nats"], *lines["Cross-entropy beside accuracy"])
    ]
    classes = {f"class_cross_entropy/{label}" for label in class_labels(HOSTILE_NAMES)}
    assert found == [classes, {"cross_entropy"}, {"accuracy"}]


def test_reading_is_shown_as_it_stands(server: TensorBoardServer) -> None:
    points = server.get("text/text", run="xent_monitor/train", tag="reading")

    assert [point["step"] for point in points] == list(EPOCHS)
    shown = html.unescape(re.sub(r"</?p>|<br ?/?>", "", points[-1]["text"])).replace("\xa0", " ")
    assert shown == READING
