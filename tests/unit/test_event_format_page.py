"""The page on the event format says what is written, with its names, shapes and versions."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event

from tests.builders import report
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.log import FILE_NAME, FORMAT, AlertLog
from xent_monitor.report import FORMAT_VERSION, REPORT_NUMBERS
from xent_monitor.statistics import array_fields, scalar_fields
from xent_monitor.tensorboard import ReportWriter
from xent_monitor.tensorboard.alert_record import ALERT_STATES_FORMAT, AlertRecord
from xent_monitor.tensorboard.metadata import PLUGIN_NAME, Header
from xent_monitor.tensorboard.records import read_records

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "event-format.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

#: Dimensions of an array, by the letters of the page.
LETTERS = {
    "K": "num_classes",
    "K or 1": "histogram_classes",
    "B": "num_bins",
    "G": "num_temperatures",
    "D": "num_tables",
    "W": "sketch_width",
    "F": "sketch_fields",
}
EVENT = AlertEvent(
    rule="some-rule",
    state="firing",
    severity="info",
    epoch=0,
    split="validation",
    output="",
    class_name=None,
    value=1.0,
    threshold=0.5,
    message="Some.",
)


def first_cells(section):
    """Names in the first cells of the tables of a section."""
    rows = re.findall(r"^\| (`[^|]*) \|", SECTIONS[section], re.MULTILINE)
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def example(section):
    (block,) = re.findall(r"```json\n(.*?)```", SECTIONS[section], re.DOTALL)
    return json.loads(block)


def documented_fields():
    """Shape, type and format of each field of the two tables."""
    rows = re.findall(r"^\| `(\w+)` \| `\((.*?)\)` \| `(\w+)` \| (\d) \|", SECTIONS["The sums"], re.MULTILINE)
    return {
        name: ([LETTERS.get(part, part) for part in re.split(", ?", shape) if part], dtype, int(since))
        for name, shape, dtype, since in rows
    }


def written(tmp_path):
    """Plug-in of each tag that a report with an alert is written under."""
    first = report(class_names=("cat", "dog", "bird"), loss_accuracy_divergence=0.1)
    writer = ReportWriter(tmp_path)
    writer.write(first, "A reading.")
    record = AlertRecord.of([("some-rule", "info")], [], [])
    states = {("some-rule", "validation"): 2}
    writer.write_alerts(0, states, [("validation", "", "Some.")], {(0, "validation", ""): record})
    writer.close()
    (path,) = (tmp_path / "xent_monitor" / "validation").iterdir()
    events = [Event.FromString(data) for _, data in read_records(path)]
    return {value.tag: value.metadata.plugin_data.plugin_name for event in events for value in event.summary.value}


def test_fields_are_those_that_are_written():
    arrays = {
        field.name: (list(field.metadata["shape"]), field.metadata["dtype"].__name__, field.metadata["since"])
        for field in array_fields()
    }
    numbers = {
        field.name: ([], {"int": "int64", "float": "float64"}[str(field.type)], field.metadata.get("since", 1))
        for field in scalar_fields()
    }
    of_reports = {name: ([], "float64", since) for name, since in REPORT_NUMBERS.items()}

    assert documented_fields() == arrays | numbers | of_reports


def test_tags_and_their_plugins_are_those_that_are_written(tmp_path):
    rows = re.findall(r"^\| (`.*?`) \| `(\w+)` \|", SECTIONS["Tags"], re.MULTILINE)
    documented = {tag: plugin for cell, plugin in rows for tag in re.findall(r"`([^`]+)`", cell)}
    names = {"cat": "<class>", "dog": "<class>", "bird": "<class>", "some-rule": "<rule>"}
    found = {}
    for tag, plugin in written(tmp_path).items():
        head, _, last = tag.rpartition("/")
        last = "<field>" if head == "statistics" else names.get(last, last)
        found[f"{head}/{last}" if head else last] = plugin

    only_with_many_classes = {"true_class_probability": "histograms"}
    assert found | only_with_many_classes == documented


def test_metadata_are_those_that_are_written():
    keys = {field.name for field in dataclasses.fields(Header)}

    assert set(first_cells("Metadata of our tensors")) == keys
    assert set(json.loads(Header.of(report(), "support").to_bytes())) == keys
    assert Header.from_bytes(json.dumps(example("Metadata of our tensors")).encode()).class_names == ("cat", "dog")
    assert f"`{PLUGIN_NAME}`" in SECTIONS["Metadata of our tensors"]


def test_the_record_of_alerts_is_as_written():
    shown = example("`alert_states`")

    assert set(first_cells("`alert_states`")) == set(shown) == set(json.loads(AlertRecord.of([], [], []).to_bytes()))
    assert json.loads(AlertRecord.from_bytes(json.dumps(shown).encode()).to_bytes()) == shown


def test_lines_of_alerts_are_as_written(tmp_path):
    log = AlertLog(tmp_path)
    log.append(EVENT, time=1.0, at_end=True)
    log.begin(0, time=2.0)
    log.close()
    lines = [json.loads(line) for line in (tmp_path / FILE_NAME).read_text().splitlines()]

    assert set(first_cells("`alerts.jsonl`")) == set().union(*lines)
    assert set(example("`alerts.jsonl`")) == set(lines[0]) - {"at_end"}


def test_versions_are_the_present_ones():
    versions = re.findall(r"^\| .*? \| (\d) \| .*\|$", SECTIONS["Versions"], re.MULTILINE)

    assert list(map(int, versions)) == [FORMAT_VERSION, ALERT_STATES_FORMAT, FORMAT]


def test_no_row_of_the_page_is_unread():
    """A row that the patterns of these tests miss would go unchecked."""
    rows = Counter(
        name
        for name, text in SECTIONS.items()
        for row in re.findall(r"^\| .*\|$", text, re.MULTILINE)
        if not re.match(r"\| (tag|key|field|what) \|", row)
    )
    read = {
        "Tags": len(re.findall(r"^\| `.*?` \| `\w+` \|", SECTIONS["Tags"], re.MULTILINE)),
        "The sums": len(documented_fields()),
        "Versions": 3,
        **{name: len(first_cells(name)) for name in ("Metadata of our tensors", "`alert_states`", "`alerts.jsonl`")},
    }

    assert dict(rows) == read
