"""A real TensorBoard server with our plugin answers what the event files hold, whichever of its loaders reads them."""

from __future__ import annotations

import http.client
import json
import shutil
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.arrays_message import decoded
from tests.builders import HOSTILE_NAMES, report
from tests.tensorboard_server import TensorBoardServer
from xent_monitor.report import EvaluationReport
from xent_monitor.tensorboard import ReportWriter, read_reports
from xent_monitor.tensorboard.alert_record import AlertRecord

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LOADERS = ("--load_fast=auto", "--load_fast=false")
STORED = Path(__file__).parents[1] / "data" / "events"

#: More than either loader keeps of a tensor unless it is told to keep all.
MANY_EPOCHS = 120
HOSTILE_RUNS = ("<img src=x onerror=alert(1)>", "a b&c=d#e?f%2F", "日本語 ☃/`x`|$(id)", "xent_monitor_not")

Start = Callable[..., TensorBoardServer]


def write(log_dir: Path, *reports: EvaluationReport, seconds: float = 1_700_000_000.0) -> None:
    writer = ReportWriter(log_dir, clock=lambda: seconds)
    for each in reports:
        writer.write(each, "So.")
    writer.close()


def write_resumed(log_dir: Path) -> None:
    """A training that was killed after epoch 4 and resumed from epoch 3; validation after every second epoch."""
    for epochs, attempt in ((range(5), 0), (range(3, 7), 1)):
        passes = [
            (epoch, split) for epoch in epochs for split in ("validation", "train") if split == "train" or epoch % 2
        ]
        reports = [report(5, epoch, 100 * attempt + epoch, split=split) for epoch, split in passes]
        write(log_dir, *reports, seconds=1_700_000_000.0 + 100 * attempt)


def write_with_an_alert(log_dir: Path) -> None:
    """A training in which an alert of one class becomes pending, and fires."""
    writer = ReportWriter(log_dir)
    name = HOSTILE_NAMES[0]
    for epoch, state in enumerate(("pending", "firing")):
        writer.write(report(len(HOSTILE_NAMES), epoch, epoch, class_names=HOSTILE_NAMES), "So.")
        event = {"rule": "mean", "class_name": name, "state": "firing", "epoch": epoch, "message": f"Seen: {name}"}
        events = [event | {"value": None, "threshold": 0.5}] if state == "firing" else []
        record = AlertRecord.of([("mean", "critical")], [("mean", "critical", name, 0, state)], events)
        writer.write_alerts(epoch, {}, [], {(epoch, "validation", ""): record})
    writer.close()


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log_dir = tmp_path_factory.mktemp("logs")
    write(log_dir / "long", *(report(2, epoch, num_examples=20) for epoch in range(MANY_EPOCHS)))
    write_resumed(log_dir / "resumed")
    write_with_an_alert(log_dir / "alerts")
    for version in ("v1", "v2", "v3"):
        shutil.copytree(STORED / version, log_dir / version)
    for name in HOSTILE_RUNS:
        write(log_dir / name, report(3), report(3, split="train"))
    return log_dir


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts a server, which is stopped after the tests."""
    servers = []

    def start(log_dir: Path, *arguments: str) -> TensorBoardServer:
        output = tmp_path_factory.mktemp("server") / "output.txt"
        servers.append(TensorBoardServer(log_dir, output, *arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module", params=LOADERS)
def server(request: pytest.FixtureRequest, log_dir: Path, start: Start) -> TensorBoardServer:
    server = start(log_dir, request.param)
    expected = {
        (str(path.parent.relative_to(log_dir)), each.output, each.split, each.epoch)
        for path in log_dir.rglob("xent_monitor")
        for each in read_reports(path)
    }
    server.wait_until(lambda: passes_there(server) == expected)
    return server


def runs(server: TensorBoardServer) -> list[dict]:
    found: list[dict] = server.get("xent_monitor/runs")["runs"]
    return found


def passes_there(server: TensorBoardServer) -> set[tuple[str, str, str, int]]:
    """Run, output, split and epoch of every pass that the server has read."""
    found = set()
    for run in runs(server):
        header, arrays = series(server, run["run"], run["output"])
        for split in header["splits"]:
            there = ~np.isnan(arrays[f"{split}/num_examples"])
            found |= {(run["run"], run["output"], split, epoch) for epoch in np.array(header["epochs"])[there].tolist()}
    return found


def series(server: TensorBoardServer, run: str, output: str = "") -> tuple[dict, dict]:
    return decoded(server.read("xent_monitor/series", run=run, output=output))


def ask(server: TensorBoardServer, path: str, method: str = "GET") -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and content of an answer to the path as it stands, which `urllib` would tidy."""
    address = urllib.parse.urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    try:
        connection.request(method, f"/data/plugin/{path}")
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_tab_is_there(server: TensorBoardServer) -> None:
    with urllib.request.urlopen(f"{server.url}data/plugins_listing", timeout=30) as response:
        listing = json.load(response)["xent_monitor"]

    assert listing["enabled"]
    assert listing["tab_name"] == "Cross-entropy"
    assert listing["loading_mechanism"]["type"] == "IFRAME"


@pytest.mark.parametrize("run", ["long", "resumed", "alerts", "v1", "v2", "v3", *HOSTILE_RUNS])
def test_numbers_are_those_of_the_event_files(server: TensorBoardServer, log_dir: Path, run: str) -> None:
    reports = read_reports(log_dir / run)
    outputs = {each.output for each in reports}
    assert {each["output"] for each in runs(server) if each["run"] == run} == outputs

    for output in outputs:
        header, arrays = series(server, run, output)
        of_output = [each for each in reports if each.output == output]
        assert header["epochs"] == sorted({each.epoch for each in of_output})
        assert header["class_names"] == list(of_output[0].class_names)
        for each in of_output:
            position = header["epochs"].index(each.epoch)
            for name in ("cross_entropy", "accuracy", "temperature", "skill", "standard_error"):
                np.testing.assert_equal(arrays[f"{each.split}/{name}"][position], getattr(each, name))
            np.testing.assert_array_equal(arrays[f"{each.split}/support"][position], each.support)
            np.testing.assert_array_equal(
                arrays[f"{each.split}/class_cross_entropy"][position], each.class_cross_entropy.astype(np.float32)
            )


def test_every_epoch_is_kept(server: TensorBoardServer) -> None:
    assert series(server, "long")[0]["epochs"] == list(range(MANY_EPOCHS))


def test_epochs_without_a_pass_are_nan(server: TensorBoardServer) -> None:
    _, arrays = series(server, "resumed")

    assert np.isnan(arrays["validation/accuracy"]).tolist() == [True, False, True, False, True, False, True]


@pytest.mark.parametrize("run", ["resumed", "alerts", *HOSTILE_RUNS])
def test_views_of_an_epoch(server: TensorBoardServer, log_dir: Path, run: str) -> None:
    last = [each for each in read_reports(log_dir / run) if each.split == "validation"][-1]
    of_epoch = {"run": run, "split": "validation", "epoch": str(last.epoch)}

    header, arrays = decoded(server.read("xent_monitor/confusion", **of_epoch))
    np.testing.assert_array_equal(arrays["matrix"], last.confusion)
    assert [pair["count"] for pair in header["pairs"]] == [each.count for each in last.worst_confusions(12)]
    header, arrays = decoded(server.read("xent_monitor/class", run=run, **{"class": "1"}))
    np.testing.assert_array_equal(
        arrays["validation/confidence_histogram"][header["epochs"].index(last.epoch)],
        last.class_confidence_histogram[1],
    )
    pair = server.get("xent_monitor/pair", run=run, split="validation", true="1", predicted="0")
    assert pair["counts"][header["epochs"].index(last.epoch)] == last.confusion[1, 0]
    words = server.get("xent_monitor/words", **of_epoch)
    assert (words["epoch"], bool(words["headline"]), bool(words["mistakes"])) == (last.epoch, True, True)


def test_alerts(server: TensorBoardServer) -> None:
    found = server.get("xent_monitor/alerts", run="alerts")

    (instance,) = found["instances"]
    assert instance["class_name"] == HOSTILE_NAMES[0]
    assert instance["spans"] == [
        {"state": "pending", "first": 0, "last": 0},
        {"state": "firing", "first": 1, "last": 1},
    ]
    assert [event["value"] for event in instance["events"]] == [None]
    assert server.get("xent_monitor/summary", run="alerts")["state"] == "critical"
    assert not server.get("xent_monitor/alerts", run="resumed")["recorded"]


@pytest.mark.parametrize(
    "path",
    [
        "../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2fplugin.py",
        "index.js/../plugin.py",
        "static/index.js",
        "plugin.py",
        "index.js%00.txt",
        "",
    ],
)
def test_there_are_no_other_files(server: TensorBoardServer, path: str) -> None:
    status, _, content = ask(server, f"xent_monitor/{path}")

    assert status == 404
    assert b"import" not in content
    assert b"root:" not in content


def test_only_reading_is_answered(server: TensorBoardServer) -> None:
    assert ask(server, "xent_monitor/runs", "POST")[0] == 405


def test_errors_reach_the_page(server: TensorBoardServer) -> None:
    status, headers, content = ask(server, "xent_monitor/series?run=%3Cb%3E")

    assert status == 404
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert content.decode().endswith("Received: '<b>'.")


@pytest.mark.parametrize("loader", LOADERS)
def test_log_directory_that_is_empty_and_grows(start: Start, tmp_path: Path, loader: str) -> None:
    server = start(tmp_path, loader, "--path_prefix", "/a/b")
    server.wait_until(lambda: True)
    assert server.url.endswith("/a/b/")
    assert server.get("xent_monitor/runs") == {"format": 1, "runs": [], "problems": []}

    writer = ReportWriter(tmp_path)
    stamps = []
    for epoch in range(3):
        writer.write(report(3, epoch, epoch), "So.")
        server.wait_until(lambda last=epoch: [run["last_epoch"] for run in runs(server)] == [last])
        (run,) = runs(server)
        stamps.append(run["stamp"])
        header, arrays = series(server, run["run"])
        assert (run["run"], header["stamp"], header["epochs"]) == (".", run["stamp"], list(range(epoch + 1)))
        assert arrays["validation/cross_entropy"][-1] == report(3, epoch, epoch).cross_entropy
    writer.close()

    assert len(set(stamps)) == 3


def test_directory_of_the_splits_and_the_choice_of_the_user(start: Start, tmp_path: Path) -> None:
    """`--logdir` may be the directory `xent_monitor` itself, and the user may want fewer epochs."""
    write(tmp_path, *(report(3, epoch, split=split) for epoch in range(9) for split in ("validation", "train")))
    server = start(tmp_path / "xent_monitor", "--samples_per_plugin", "xent_monitor=4")
    server.wait_until(lambda: [run["splits"] for run in runs(server)] == [["validation", "train"]])

    header, _ = series(server, ".")

    assert len(header["epochs"]) == 4
    assert header["epochs"][-1] == 8
