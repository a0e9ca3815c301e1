"""Tests of the plugin that TensorBoard loads: its routes, over real event files but without a server."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import importlib.resources
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from tests.arrays_message import decoded
from tests.builders import HOSTILE_NAMES, report
from tests.event_file_provider import EventFileProvider
from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.interpretation import answers, thresholds
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics
from xent_monitor.tensorboard import ReportWriter, metadata
from xent_monitor.tensorboard.plugin import Loader, Plugin

ROUTES = ("runs", "summary", "series", "class", "confusion", "pair", "words", "alerts")
NUM_CLASSES = len(HOSTILE_NAMES)
EPOCHS = range(3)


class Server:
    """The routes of the plugin, asked without a network."""

    def __init__(self, log_dir):
        plugin = Plugin(base_plugin.TBContext(data_provider=EventFileProvider(log_dir)))
        self.clients = {route: Client(app) for route, app in plugin.get_plugin_apps().items()}

    def ask(self, route, method="GET", **query):
        return self.clients[f"/{route}"].open(f"/data/plugin/xent_monitor/{route}", method=method, query_string=query)

    def json(self, route, **query):
        response = self.ask(route, **query)
        assert (response.status_code, response.mimetype) == (200, "application/json"), response.text
        return response.json

    def arrays(self, route, **query):
        response = self.ask(route, **query)
        assert (response.status_code, response.mimetype) == (200, "application/octet-stream"), response.text
        return decoded(response.data)


def reports_of(split, output=""):
    return [
        report(NUM_CLASSES, epoch, 10 * epoch, split=split, output=output, class_names=HOSTILE_NAMES)
        for epoch in EPOCHS
        if (split, epoch) != ("validation", 0)
    ]


VALIDATION = reports_of("validation")
TRAIN = reports_of("train")


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory):
    """One run with validation after the epochs 1 and 2, and one with two outputs."""
    log_dir = tmp_path_factory.mktemp("logs")
    writer = ReportWriter(log_dir / "one")
    for each in sorted([*TRAIN, *VALIDATION], key=lambda each: each.epoch):
        writer.write(each, "So.")
    writer.close()
    writer = ReportWriter(log_dir / "a" / "two")
    for output in ("kind", "a/b"):
        writer.write(report(3, split="train", output=output), "So.")
    writer.close()
    return log_dir


@pytest.fixture(scope="module")
def server(log_dir):
    return Server(log_dir)


def answer_to(report, history):
    return answers.answer(report, sorted(history, key=lambda each: (each.epoch, each.split != "train")))


# What TensorBoard sees


def test_tensorboard_finds_the_loader():
    (entry,) = importlib.metadata.entry_points(group="tensorboard_plugins", name=metadata.PLUGIN_NAME)

    assert entry.load() is Loader
    assert isinstance(Loader().load(base_plugin.TBContext()), Plugin)


def test_tab(server):
    plugin = Plugin(base_plugin.TBContext())

    assert plugin.plugin_name == metadata.PLUGIN_NAME
    assert plugin.frontend_metadata().tab_name == "Cross-entropy"
    assert plugin.frontend_metadata().es_module_path == "/index.js"
    assert not plugin.is_active()
    assert set(server.clients) == {f"/{name}" for name in (*ROUTES, "index.js", "THIRD_PARTY_LICENSES.txt")}


def test_every_epoch_is_asked_for_unless_the_user_says_how_many():
    flags = argparse.Namespace(samples_per_plugin={"images": 3})
    Loader().fix_flags(flags)
    assert flags.samples_per_plugin == {"images": 3, "xent_monitor": 0}

    flags = argparse.Namespace(samples_per_plugin={"xent_monitor": 50})
    Loader().fix_flags(flags)
    assert flags.samples_per_plugin == {"xent_monitor": 50}


def test_plugin_does_without_what_trains():
    program = (
        "import sys, xent_monitor.tensorboard.plugin as plugin\n"
        "print(*({'jax', 'keras', 'tensorflow', 'torch'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)

    assert done.stdout.split() == []


# Answers


def test_runs(server):
    found = server.json("runs")

    assert (found["format"], found["problems"]) == (1, [])
    runs = [(run["run"], run["output"], run["num_classes"], run["splits"], run["last_epoch"]) for run in found["runs"]]
    assert runs == [
        ("a/two", "a/b", 3, ["train"], 0),
        ("a/two", "kind", 3, ["train"], 0),
        ("one", "", NUM_CLASSES, ["validation", "train"], 2),
    ]
    assert {run["task"] for run in found["runs"]} == {"multiclass"}


def test_no_runs(tmp_path):
    assert Server(tmp_path).json("runs") == {"format": 1, "runs": [], "problems": []}


def test_summary(server):
    last = VALIDATION[-1]

    found = server.json("summary", run="one")

    words = answer_to(last, TRAIN + VALIDATION)
    assert found == pytest.approx(
        {
            "run": "one",
            "output": "",
            "split": "validation",
            "epoch": 2,
            "state": "unknown",
            "headline": words.headline,
            "cross_entropy": last.cross_entropy,
            "train_cross_entropy": TRAIN[-1].cross_entropy,
            "tempered_cross_entropy": last.tempered_cross_entropy,
            "accuracy": last.accuracy,
            "skill": last.skill,
            "prior_entropy": last.prior_entropy,
            "uniform_cross_entropy": last.uniform_cross_entropy,
        }
    )


def test_summary_without_a_training_pass(tmp_path):
    writer = ReportWriter(tmp_path)
    writer.write(report(), "So.")
    writer.close()

    assert Server(tmp_path).json("summary", run=".")["train_cross_entropy"] is None


def test_series(server):
    header, arrays = server.arrays("series", run="one")

    assert header == {
        "run": "one",
        "output": "",
        "task": "multiclass",
        "num_classes": NUM_CLASSES,
        "num_bins": 15,
        "epochs": [0, 1, 2],
        "stamp": next(run["stamp"] for run in server.json("runs")["runs"] if run["run"] == "one"),
        "class_indices": list(range(NUM_CLASSES)),
        "class_names": list(HOSTILE_NAMES),
        "splits": ["validation", "train"],
        "divergences": [stretch._asdict() for stretch in answers.divergences(VALIDATION)],
        "noise": thresholds.NOISE,
    }
    np.testing.assert_array_equal(arrays["train/cross_entropy"], [each.cross_entropy for each in TRAIN])
    np.testing.assert_array_equal(arrays["validation/support"][1:], [each.support for each in VALIDATION])


def test_output_is_told_apart(server):
    header, _ = server.arrays("series", run="a/two", output="a/b")

    assert header["output"] == "a/b"


def test_class(server):
    header, arrays = server.arrays("class", run="one", **{"class": 5})

    assert header == {"class": 5, "class_name": HOSTILE_NAMES[5], "epochs": [0, 1, 2]}
    expected = [each.class_confidence_histogram[5] for each in TRAIN]
    np.testing.assert_array_equal(arrays["train/confidence_histogram"], expected)


def test_confusion(server):
    header, arrays = server.arrays("confusion", run="one", split="validation", epoch=1)

    worst = VALIDATION[0].worst_confusions(12)
    assert (header["epoch"], header["exact"]) == (1, True)
    assert [pair["count"] for pair in header["pairs"]] == [each.count for each in worst]
    np.testing.assert_array_equal(arrays["matrix"], VALIDATION[0].confusion)


def test_confusion_of_a_class(server):
    header, _ = server.arrays("confusion", run="one", split="train", epoch=2, **{"class": 3})

    assert header["pairs"]
    assert all(3 in (pair["true"], pair["predicted"]) for pair in header["pairs"])


def test_pair(server):
    found = server.json("pair", run="one", split="validation", true=1, predicted=0)

    assert found == {
        "true": 1,
        "predicted": 0,
        "true_name": HOSTILE_NAMES[1],
        "predicted_name": HOSTILE_NAMES[0],
        "exact": True,
        "epochs": [0, 1, 2],
        "counts": [None, *(each.confusion[1, 0] for each in VALIDATION)],
        "support": [None, *(each.support[1] for each in VALIDATION)],
    }


@pytest.mark.parametrize("index", [None, 4])
def test_words(server, index):
    chosen = {} if index is None else {"class": index}

    found = server.json("words", run="one", split="train", epoch=1, **chosen)

    before = [each for each in TRAIN + VALIDATION if each.epoch <= 1]
    words = answers.answer(TRAIN[1], sorted(before, key=lambda each: (each.epoch, each.split != "train")), index)
    assert found == {
        "epoch": 1,
        "split": "train",
        "class": index,
        **{name: getattr(words, name) for name in ("headline", "reading", "story", "classes", "confidences")},
        "mistakes": words.mistakes,
    }


@pytest.mark.parametrize(("asked", "answered"), [(1, 1), (2, 2), (1000, 2)])
def test_last_pass_at_or_before_the_epoch_is_meant(server, asked, answered):
    query = {"run": "one", "split": "validation", "epoch": asked}

    assert server.json("words", **query)["epoch"] == answered
    assert server.arrays("confusion", **query)[0]["epoch"] == answered


def test_numbers_that_are_not_finite(tmp_path):
    empty = ClassStatistics.empty("multiclass", 2, 5, num_temperatures=len(INVERSE_TEMPERATURES))
    writer = ReportWriter(tmp_path)
    writer.write(EvaluationReport(0, "train", "", ("a", "b"), empty), "So.")
    sums = dataclasses.replace(empty, support=[2, 0], cross_entropy_sum=[np.inf, np.nan])
    writer.write(EvaluationReport(1, "train", "", ("a", "b"), sums), "So.")
    writer.close()
    server = Server(tmp_path)

    arrays = server.arrays("series", run=".")[1]
    np.testing.assert_array_equal(arrays["train/class_cross_entropy"], [[np.nan, np.nan], [np.inf, np.nan]])
    assert np.isnan(arrays["train/accuracy"]).tolist() == [True, False]
    assert server.json("summary", run=".")["cross_entropy"] is None
    for epoch in (0, 1):
        query = {"run": ".", "split": "train", "epoch": epoch}
        assert server.json("words", **query)["headline"]
        assert server.arrays("confusion", **query)[0]["pairs"] == []


# Errors


@pytest.mark.parametrize(
    ("route", "query", "status", "message"),
    [
        ("series", {}, 400, "The parameter `run` is missing. Received: none."),
        (
            "pair",
            {"run": "one", "split": "train", "true": "0"},
            400,
            "The parameter `predicted` is missing. Received: ",
        ),
        ("words", {"run": "one", "epoch": "1"}, 400, "The parameter `split` is missing."),
        ("class", {"run": "one", "class": "first"}, 400, "`class` must be an integer. Received: 'first'."),
        ("class", {"run": "one", "class": "1_0"}, 400, "`class` must be an integer. Received: '1_0'."),
        ("class", {"run": "one", "class": "9" * 5000}, 400, "`class` must be an integer. Received: '999"),
        (
            "words",
            {"run": "one", "split": "train", "epoch": "nan"},
            400,
            "`epoch` must be an integer. Received: 'nan'.",
        ),
        (
            "series",
            {"run": "two"},
            404,
            "`run` must be a run with reports of xent_monitor: 'a/two', 'one'. Received: 'two'.",
        ),
        ("alerts", {"run": "../one"}, 404, "`run` must be"),
        ("series", {"run": "a/two"}, 404, "`output` must be one of run 'a/two': 'a/b', 'kind'. Received: ''."),
        ("class", {"run": "one", "class": str(NUM_CLASSES)}, 404, "`class` must be the index of a class, 0 to 11."),
        ("class", {"run": "one", "class": "-1"}, 404, "`class` must be the index of a class, 0 to 11. Received: -1."),
        (
            "confusion",
            {"run": "one", "split": "test", "epoch": "1"},
            404,
            "`split` must be one that the run has: 'validation', 'train'. Received: 'test'.",
        ),
        (
            "words",
            {"run": "one", "split": "validation", "epoch": "0"},
            404,
            "`epoch` must be at least 1, the first of validation. Received: 0.",
        ),
    ],
)
def test_what_is_wrong_with_a_request_is_said(server, route, query, status, message):
    response = server.ask(route, **query)

    assert response.status_code == status
    assert response.mimetype == "text/plain"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.text.startswith(message)
    assert len(response.text.splitlines()) == 1


def test_received_text_stays_on_one_line_and_short(server):
    response = server.ask("series", run="<script>alert(1)</script>\r\nX: y\u2028" + "x" * 10_000)

    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert len(response.text.splitlines()) == 1
    assert len(response.text) < 400


def test_run_that_cannot_be_read(tmp_path, monkeypatch):
    writer = ReportWriter(tmp_path / "new")
    with monkeypatch.context() as patched:
        patched.setattr(metadata.Header, "to_bytes", lambda self: json.dumps(vars(self) | {"format": 99}).encode())
        writer.write(report(), "So.")
    writer.close()
    server = Server(tmp_path)

    (problem,) = server.json("runs")["problems"]
    assert problem["run"] == "new"
    assert problem["message"].startswith("Written in format 99 by a newer xent_monitor;")
    response = server.ask("series", run="new")
    assert (response.status_code, response.text) == (422, problem["message"])


def test_reports_of_two_models(tmp_path):
    for number, num_classes in enumerate((3, 4)):
        writer = ReportWriter(tmp_path, clock=lambda seconds=number: 1000.0 + seconds)
        writer.write(report(num_classes, epoch=number), "So.")
        writer.close()

    response = Server(tmp_path).ask("series", run=".")

    assert response.status_code == 422
    assert response.text.startswith("All epochs of a run must have the same classes; its ")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(server, route, method):
    response = server.ask(route, method, run="one")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_head_has_no_content(server):
    response = server.ask("series", "HEAD", run="one")

    assert (response.status_code, response.data) == (200, b"")


def test_data_are_not_kept_by_the_browser(server):
    assert server.ask("runs").headers["Cache-Control"] == "no-cache, must-revalidate"


# The files of the page


@pytest.fixture
def static(tmp_path, monkeypatch):
    """A package whose folder of static files is this one."""
    folder = tmp_path / "static"
    folder.mkdir()
    monkeypatch.setattr(importlib.resources, "files", {"xent_monitor.tensorboard": Path(tmp_path)}.get)
    return folder


def test_page_is_served(server, static):
    (static / "index.js").write_bytes("export function render() { return '☃'; }".encode())

    response = server.ask("index.js")

    assert (response.status_code, response.mimetype) == (200, "text/javascript")
    assert response.text == "export function render() { return '☃'; }"


def test_missing_page_is_told(server, static):
    response = server.ask("index.js")

    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert response.text.startswith("This installation lacks index.js.")
