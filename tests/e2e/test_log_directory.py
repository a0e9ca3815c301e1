"""A real training in a log directory: read back exactly, and shown by a real TensorBoard, in a real browser."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest

from tests.browser import debian_chromium
from tests.tensorboard_server import TensorBoardServer
from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y, network
from xent_monitor import EvaluationReport, XentMonitor, read_reports

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
EPOCHS = 4


@dataclasses.dataclass(frozen=True)
class Training:
    """What a monitored training wrote, and what it kept in memory."""

    log_dir: Path
    reports: list[EvaluationReport]


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Training:
    """A training stopped after two epochs and resumed by a new monitor, and an evaluation."""
    log_dir = tmp_path_factory.mktemp("logs")
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    validation = (X_VALIDATION, Y_VALIDATION)
    reports = []
    for first, last in ((0, 2), (2, EPOCHS)):
        monitor = XentMonitor(log_dir, class_names=NAMES)
        # Keras' own callback needs TensorFlow.
        others = [keras.callbacks.TensorBoard(log_dir)] if backend == "tensorflow" else []
        model.fit(
            X,
            Y,
            validation_data=validation,
            initial_epoch=first,
            epochs=last,
            batch_size=100,
            verbose=0,
            callbacks=[*others, monitor],
        )
        reports += monitor.reports
    monitor = XentMonitor(log_dir, class_names=NAMES)
    model.evaluate(*validation, batch_size=100, verbose=0, callbacks=[monitor])
    return Training(log_dir, reports + monitor.reports)


def test_reports_are_read_back_exactly(training):
    """What `read_reports` returns is what the callbacks kept, to the last bit."""
    read = read_reports(training.log_dir)

    assert len(read) == 2 * EPOCHS + 1
    assert sorted(map(repr, read)) == sorted(map(repr, training.reports))
    for report in training.reports:
        assert report in read


def test_no_tensorflow_on_other_backends(training, backend):
    """Training, writing and reading never import TensorFlow where it is not the backend."""
    assert training.reports
    assert ("tensorflow" in sys.modules) == (backend == "tensorflow")


@pytest.fixture(scope="module", params=["--load_fast=auto", "--load_fast=false"])
def server(
    request: pytest.FixtureRequest, training: Training, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TensorBoardServer]:
    """TensorBoard over the log directory, with each of its two loaders."""
    running = TensorBoardServer(training.log_dir, tmp_path_factory.mktemp("server") / "output.txt", request.param)
    try:
        running.wait({"xent_monitor/train", "xent_monitor/validation"}, "cross_entropy", EPOCHS)
        yield running
    finally:
        running.stop()


def test_tensorboard_shows_the_numbers_beside_those_of_keras(server, training, backend):
    """Our runs have one point an epoch at Keras' own steps, and those of its callback are all there too."""
    tags = server.get("scalars/tags")
    ours = {f"xent_monitor/{split}" for split in ("train", "validation", "test")}
    theirs = {"train", "validation"} if backend == "tensorflow" else set()

    assert set(tags) == ours | theirs
    for report in training.reports:
        points = server.get("scalars/scalars", run=f"xent_monitor/{report.split}", tag="cross_entropy")
        steps = {step: value for _, step, value in points}
        assert steps[report.epoch] == pytest.approx(report.cross_entropy, rel=1e-6)
    if theirs:
        points = server.get("scalars/scalars", run="validation", tag="epoch_loss")
        assert [step for _, step, _ in points] == list(range(EPOCHS))


PAGES = {
    "timeseries": "cross_entropy",
    "scalars": "cross_entropy",
    "histograms": "true_class_probability",
    "text": "Validation cross-entropy",
    "custom_scalars": "cross-entropy",
}


@pytest.fixture(scope="module")
def browser(backend: str) -> Iterator[Any]:
    with debian_chromium(backend) as chromium:
        yield chromium


@pytest.mark.browser
@pytest.mark.parametrize("page_name", PAGES)
def test_pages_show_our_tags(server, browser, page_name, tmp_path):
    """Each standard dashboard opens, names what we wrote, and logs no error."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}#{page_name}")
    page.get_by_text(PAGES[page_name]).first.wait_for(timeout=60_000)
    page.screenshot(path=tmp_path / f"{page_name}.png")
    page.close()

    assert errors == []
