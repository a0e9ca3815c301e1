"""The page on the HTTP interface of the tab says what the plugin answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from tests.arrays_message import decoded
from tests.builders import report
from tests.event_file_provider import EventFileProvider
from xent_monitor.tensorboard import ReportWriter, metadata
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.plugin import STATIC_FILES, Plugin
from xent_monitor.tensorboard.routes import ROUTES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

SPLITS = ("validation", "train")
#: Sizes that the shapes on the page speak of, but for P: epochs, classes, rows, bins.
SIZES = {"E": 3, "K": 4, "R": 4, "B": 15}

#: Arrays on the page that there are not for a task.
ABSENT = {
    "multiclass": {"class_positive_cross_entropy", "class_negative_cross_entropy"},
    "multilabel": {"matrix"},
}

#: What is asked of each route.
QUERIES = {
    "runs": {},
    "summary": {"run": "digits"},
    "series": {"run": "digits"},
    "class": {"run": "digits", "class": "1"},
    "confusion": {"run": "digits", "split": "train", "epoch": "1"},
    "pair": {"run": "digits", "split": "train", "true": "1", "predicted": "2"},
    "words": {"run": "digits", "split": "train", "epoch": "1"},
    "alerts": {"run": "digits"},
}


def example(route):
    """The JSON that the section of a route shows."""
    (block,) = re.findall(r"```json\n(.*?)```", SECTIONS[route], re.DOTALL)
    return json.loads(block)


def documented_arrays(route):
    """Shape and type of each array, by name, as the table in the section of a route says."""
    rows = re.findall(r"^\| (.*?) \| `\((.*?)\)` \| `(.*?)` \|$", SECTIONS[route], re.MULTILINE)
    return {name: (form.strip(","), dtype) for names, form, dtype in rows for name in re.findall(r"`(\w+)`", names)}


def form(value):
    """What stays of a value when its numbers and texts are others; of a list the first item."""
    if isinstance(value, dict):
        return {key: form(item) for key, item in value.items()}
    if isinstance(value, list):
        return [form(item) for item in value[:1]]
    return {int: "number", float: "number"}.get(type(value), type(value).__name__)


def log(log_dir, task):
    """A run of two splits in which an alert becomes pending and fires, and a run that is too new."""
    rules = [("overfitting", "warning")]
    event = {"rule": "overfitting", "class_name": None, "state": "firing", "epoch": 2, "message": "Seen."}
    writer = ReportWriter(log_dir / "digits")
    for epoch in range(SIZES["E"]):
        for split in SPLITS:
            writer.write(report(SIZES["K"], epoch, epoch, split=split, task=task), "So.")
        state = ("pending", "firing")[epoch > 1]
        record = AlertRecord.of(
            rules, [("overfitting", "warning", None, None, state)], [event | {"value": 0.4, "threshold": 0.1}]
        )
        writer.write_alerts(epoch, {}, [], {(epoch, "validation", ""): record})
    writer.close()


def log_of_the_future(log_dir, monkeypatch):
    """A run that is too new to be read."""
    with monkeypatch.context() as patched:
        patched.setattr(metadata.Header, "to_bytes", lambda self: b'{"format": 99}')
        writer = ReportWriter(log_dir / "old")
        writer.write(report(), "So.")
        writer.close()


@pytest.fixture(scope="module", params=["multiclass", "multilabel"])
def task(request):
    return request.param


@pytest.fixture(scope="module")
def ask(task, tmp_path_factory):
    """A function that asks a route."""
    log_dir = tmp_path_factory.mktemp("logs")
    log(log_dir, task)
    with pytest.MonkeyPatch.context() as monkeypatch:
        log_of_the_future(log_dir, monkeypatch)
    apps = Plugin(base_plugin.TBContext(data_provider=EventFileProvider(log_dir))).get_plugin_apps()

    def ask(route):
        response = Client(apps[f"/{route}"]).get(f"/{route}", query_string=QUERIES[route])
        assert response.status_code == 200, response.text
        return response

    return ask


def test_every_route_has_a_line_and_a_section():
    lines = re.findall(r"^\| `([\w.]+)` \|", PAGE[: PAGE.index("## Errors")], re.MULTILINE)

    assert lines == [*ROUTES, *STATIC_FILES]
    assert list(SECTIONS) == list(ROUTES)
    assert set(QUERIES) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_parameters_are_in_the_table(route):
    (parameters,) = re.findall(rf"^\| `{route}` \| (.*?) \|", PAGE, re.MULTILINE)

    assert set(QUERIES[route]) <= set(re.findall(r"`(\w+)`", parameters))


@pytest.mark.parametrize("route", ["runs", "summary", "pair", "words", "alerts"])
def test_json_has_the_form_of_the_example(ask, route):
    response = ask(route)

    assert response.mimetype == "application/json"
    found, shown = form(response.json), form(example(route))
    if route == "alerts":  # how many are beyond the limit, by name of the rule
        assert set(found.pop("more").values()) | set(shown.pop("more").values()) == {"number"}
    if route == "pair" and found["counts"] == ["NoneType"]:  # labels are not taken for each other
        found["counts"] = ["number"]
    assert found == shown


def test_examples_are_the_kind_of_thing_that_is_answered(ask):
    assert example("runs")["format"] == ask("runs").json["format"]
    (instance,) = ask("alerts").json["instances"]
    assert [span["state"] for span in instance["spans"]] == ["pending", "firing"]
    assert [span["state"] for span in example("alerts")["instances"][0]["spans"]] == ["pending", "firing"]


@pytest.mark.parametrize("route", ["series", "class", "confusion"])
def test_headers_are_in_the_text(ask, route):
    header, _ = decoded(ask(route).data)

    before_arrays = SECTIONS[route][: SECTIONS[route].index("| name |")]
    assert set(header) - set(re.findall(r"`(\w+)`", before_arrays)) == set()


def test_pairs_have_the_form_of_the_example(ask, task):
    header, _ = decoded(ask("confusion").data)

    assert form(header["pairs"]) == ([] if task == "multilabel" else form(example("confusion")))


@pytest.mark.parametrize("route", ["series", "class", "confusion"])
def test_arrays_are_those_of_the_table(ask, task, route):
    header, arrays = decoded(ask(route).data)

    sizes = SIZES | {"P": len(header.get("pairs", ())), "2": 2, "5": 5}
    found = {}
    for name, array in arrays.items():
        split, _, quantity = name.rpartition("/")
        assert split in (("",) if route == "confusion" else SPLITS)
        found[quantity] = (array.shape, array.dtype)
    expected = {
        name: (tuple(sizes[size] for size in shape.split(", ")), np.dtype(dtype))
        for name, (shape, dtype) in documented_arrays(route).items()
        if name not in ABSENT[task]
    }
    assert found == expected
