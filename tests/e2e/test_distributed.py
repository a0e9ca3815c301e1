"""Over several devices or processes: the numbers of one device, an untouched training, and one process that tells."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.comparison import assert_same_sums
from tests.distributed_training import WORKERS, Record, build, fit
from xent_monitor import EvaluationReport, XentMonitor, read_alerts, read_reports

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
#: Seconds for all processes of one training, imports and compilation on a busy machine included.
PATIENCE = 180

#: Ways to train and the backend they are for.
DEVICES = {"mirrored": "tensorflow", "data parallel": "jax", "model parallel": "jax"}
PROCESSES = {"processes": "jax"}

#: Sums over neighbours: rows that one device has next to each other are on two here.
OF_NEIGHBOURS = ("confidence_step_sum", "num_batches")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def run(way: str, folder: Path, num_processes: int) -> list[tuple[Record, str]]:
    """Records of all processes, and what they wrote to the standard error."""
    ports = [free_port() for _ in range(num_processes)]
    address = ",".join(f"127.0.0.1:{port}" for port in (ports if way in WORKERS else ports[:1]))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.distributed_training", way, str(folder), str(rank), address],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(num_processes)
    ]
    try:
        errors = [process.communicate(timeout=PATIENCE)[1] for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert [process.returncode for process in running] == [0] * num_processes, "\n".join(errors)
    records = [pickle.loads((folder / f"{rank}.pickle").read_bytes()) for rank in range(num_processes)]
    return list(zip(records, errors, strict=True))


def skip_unless(backend: str, wanted: str, what: str) -> None:
    if backend != wanted:
        pytest.skip(f"{what} is for {wanted}")


@pytest.fixture(scope="module")
def one_device() -> list[EvaluationReport]:
    """Reports of the training in this process, on one device."""
    monitor = XentMonitor(None, rules=None)
    fit(build(), callbacks=[monitor])
    return monitor.reports


def assert_same_reports(reports: list[EvaluationReport], expected: list[EvaluationReport], ignore=()) -> None:
    """The same passes with the same sums. The trainings differ by rounding, as sums over devices do."""
    assert [(report.epoch, report.split) for report in reports] == [(one.epoch, one.split) for one in expected]
    for report, one in zip(reports, expected, strict=True):
        # The derivatives of the cross-entropy in the temperature cancel.
        assert_same_sums(report.statistics, one.statistics, relative=2e-5, absolute=2e-3, ignore=ignore)


def assert_untouched(record: Record) -> None:
    """Weights and logged values are those of the unmonitored training, to the last bit."""
    plain, monitored = record.weights
    for expected, actual in zip(plain, monitored, strict=True):
        np.testing.assert_array_equal(actual, expected)
    assert record.history[1] == record.history[0]


def assert_explained(record: Record) -> None:
    """What Keras logs is what the sums say."""
    for report in record.reports:
        assert report.explained_loss == pytest.approx(report.logged_loss, rel=1e-6)
        logged = record.history[1]["accuracy" if report.split == "train" else "val_accuracy"][report.epoch]
        assert report.accuracy == pytest.approx(logged, rel=1e-6)


def assert_tells(folder: Path, record: Record, errors: str) -> None:
    """The first process writes everything, once."""
    stored = read_reports(folder / "logs")
    assert sorted((one.split, one.epoch) for one in stored) == sorted((one.split, one.epoch) for one in record.reports)
    assert len(list((folder / "logs" / "xent_monitor").rglob("events.out.*"))) == 2
    assert read_alerts(folder / "logs") == record.alerts
    assert [alert.epoch for alert in record.alerts] == [1]
    assert (folder / "action-0").is_file()
    assert "nats" in record.printed
    assert "always" in errors


@pytest.mark.parametrize("way", DEVICES)
def test_several_devices_give_the_numbers_of_one(way, backend, one_device, tmp_path):
    skip_unless(backend, DEVICES[way], way)
    ((record, errors),) = run(way, tmp_path, 1)

    assert record.errors == []
    assert_untouched(record)
    assert_explained(record)
    assert_same_reports(record.reports, one_device, ignore=OF_NEIGHBOURS if way == "mirrored" else ())
    assert_tells(tmp_path, record, errors)
    assert record.num_devices == (2 if backend == "jax" else 0)


@pytest.mark.parametrize("way", PROCESSES)
def test_several_processes_give_the_numbers_of_one(way, backend, one_device, tmp_path):
    """The sums are those of all processes on each of them; all stop when the first one does, and it alone tells."""
    skip_unless(backend, PROCESSES[way], way)
    (first, errors), (second, silence) = run(way, tmp_path, 2)

    for record in (first, second):
        assert record.errors == []
        assert_untouched(record)
        assert_explained(record)
        assert_same_reports(record.reports, one_device, ignore=OF_NEIGHBOURS)
    assert_same_reports(second.reports, first.reports)
    assert second.alerts == first.alerts
    assert_tells(tmp_path, first, errors)
    assert_silent(tmp_path, second, silence)


def assert_silent(folder: Path, record: Record, errors: str) -> None:
    assert not (folder / "action-1").exists()
    assert "nats" not in record.printed
    assert "always" not in errors


def test_processes_of_torch_count_their_own_share(backend, one_device, tmp_path):
    """As Keras' own logs do there; the shares add up to the numbers of one process."""
    skip_unless(backend, "torch", "DistributedDataParallel")
    (first, errors), (second, silence) = run("torch processes", tmp_path, 2)

    for record in (first, second):
        assert record.errors == []
        assert_untouched(record)
        assert_explained(record)
    for ours, theirs, one in zip(first.reports, second.reports, one_device, strict=True):
        both = ours.statistics + theirs.statistics
        assert_same_sums(both, one.statistics, relative=2e-5, absolute=2e-3, ignore=OF_NEIGHBOURS)
    assert_tells(tmp_path, first, errors)
    assert_silent(tmp_path, second, silence)


def test_what_keras_does_not_support_fails_as_without_the_monitor(backend, tmp_path):
    """TensorFlow's workers: `fit` fails in Keras, and the message is not ours."""
    skip_unless(backend, "tensorflow", "MultiWorkerMirroredStrategy")
    errors = []
    for way in WORKERS:
        (folder := tmp_path / way).mkdir()
        for record, _ in run(way, folder, 2):
            if not record.errors:
                pytest.fail("Keras can do this now: test its numbers, and mend docs/how-to/distributed.md.")
            (error,) = record.errors
            assert error.startswith("ValueError: Attempt to convert a value (PerReplica:{")
            errors.append(error.splitlines()[0])
    assert len(errors) == 4
    assert len(set(errors)) == 1
