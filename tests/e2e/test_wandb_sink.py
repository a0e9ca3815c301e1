"""Reports in Weights & Biases, offline: what is read back from the file of the run."""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alert_reports import high, made_report, run
from tests.builders import HOSTILE_NAMES
from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y, network
from xent_monitor import AlertRule, XentMonitor
from xent_monitor.scalars import scalars, shown_classes
from xent_monitor.sinks import WandbSink

wandb = pytest.importorskip("wandb")

pytestmark = pytest.mark.e2e

#: Of each row.
TIMES = {"_timestamp", "_runtime"}
SPLITS = ("train", "validation")


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A run that is offline, and active."""
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_CONSOLE", "off")
    active = wandb.init(mode="offline", dir=tmp_path, project="test")
    yield active
    wandb.finish()


def stored(path: Path) -> Iterator[bytes]:
    """The records of a file of a run, which is a log of LevelDB after seven bytes of its own.

    Blocks of 32 KiB; each fragment has a checksum, its length and its kind: whole, first, middle, last.
    """
    data, at, record = path.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        length, kind = struct.unpack_from("<HB", data, at + 4)
        record += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield record
            record = b""


def records(active):
    """What the file of a run holds: rows of the history, alerts, and over what each metric is drawn."""
    from wandb.proto.wandb_internal_pb2 import Record

    folder = Path(active.dir).parent
    active.finish()
    [path] = folder.glob("*.wandb")
    rows, alerts, over = [], [], {}
    # The process that writes the file has not always done so when `finish` returns.
    deadline = time.monotonic() + 30
    while not (found := [Record.FromString(data) for data in stored(path)]) or not found[-1].HasField("exit"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for record in found:
        if record.HasField("history"):
            items = {item.key or "/".join(item.nested_key): item.value_json for item in record.history.item}
            rows.append({name: json.loads(value) for name, value in items.items() if name not in TIMES})
        elif record.HasField("alert"):
            alerts.append((record.alert.title, record.alert.text, record.alert.level))
        elif record.HasField("metric"):
            over[record.metric.name] = record.metric.step_metric
    return rows, alerts, over


def write(sink, *epochs):
    for epoch in epochs:
        for split in SPLITS:
            sink.write_report(made_report(epoch, split=split, nats=1.0 + epoch), "words")


def cross_entropies(rows):
    return [(row["_step"], row["epoch"], row["validation/cross_entropy"]) for row in rows if "epoch" in row]


@pytest.mark.slow
def test_a_training_in_the_active_run(offline):
    rule = AlertRule(name="always-on", quantity="cross_entropy", above=0.0, severity="critical")
    monitor = XentMonitor(None, rules=[rule], sinks=[WandbSink()])
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, Y, validation_data=(X_VALIDATION, Y_VALIDATION), epochs=2, verbose=0, callbacks=[monitor])
    assert wandb.run is offline
    summary = dict(offline.summary)
    rows, alerts, over = records(offline)

    expected = {epoch: {"epoch": epoch} for epoch in (0, 1)}
    for report in monitor.reports:
        found = scalars(report, shown_classes(report, 10))
        expected[report.epoch] |= {f"{report.split}/{one.name}": one.value for one in found}
    # The parts of a table are items of their own.
    tables = [name for name in rows[1] if "/classes/" in name]
    sizes = {(split, part): rows[1][f"{split}/classes/{part}"] for split in SPLITS for part in ("nrows", "ncols")}
    rows[1] = {name: value for name, value in rows[1].items() if name not in tables}
    assert rows == [{"_step": epoch} | values for epoch, values in expected.items()]
    assert summary["validation/cross_entropy"] == expected[1]["validation/cross_entropy"]
    assert over.keys() >= {*expected[0], "train/classes"} - {"epoch"}
    assert {over[name] for name in over if "/" in name} == {"epoch"}
    assert sizes == {(split, part): size for split in SPLITS for part, size in (("nrows", 10), ("ncols", 6))}
    [event] = monitor.alerts
    assert alerts == [("always-on is firing, validation, epoch 0", str(event), "ERROR")]


def test_the_table_has_the_worst_classes_first(offline):
    sink = WandbSink()
    sink.write_report(made_report(nats=[1.0, 3.0, 0.0], support=[10, 10, 0]), "")
    sink.close()
    folder = Path(offline.dir)
    records(offline)
    [path] = folder.rglob("*.table.json")
    table = json.loads(path.read_text())

    assert table["columns"] == ["class", "examples", "cross_entropy", "accuracy", "precision", "confidence"]
    assert [row[:4] for row in table["data"]] == [["dog", 10, 3.0, 0.8], ["cat", 10, 1.0, 0.8], ["owl", 0, None, None]]


def test_epochs_are_rows_of_their_own_where_nobody_else_logs(offline):
    sink = WandbSink()
    write(sink, 0, 1, 2)
    assert offline.step == 2
    sink.close()

    assert cross_entropies(records(offline)[0]) == [(0, 0, 1.0), (1, 1, 2.0), (2, 2, 3.0)]


def test_what_the_user_logs_by_step_is_never_lost(offline):
    """Before and after us in an epoch, with the epoch as the step: nothing comes too late for its step."""
    sink = WandbSink()
    for epoch in range(3):
        offline.log({"before": epoch}, step=epoch)
        write(sink, epoch)
        offline.log({"after": epoch}, step=epoch)
    sink.close()
    rows, _, _ = records(offline)

    assert cross_entropies(rows) == [(0, 0, 1.0), (1, 1, 2.0), (2, 2, 3.0)]
    assert [(row["before"], row["after"]) for row in rows] == [(0, 0), (1, 1), (2, 2)]


def test_what_the_user_logs_by_batch_stays_in_its_rows(offline):
    sink = WandbSink(prefix="head/")
    for epoch in range(2):
        for batch in range(3):
            offline.log({"batch": 3 * epoch + batch})
        write(sink, epoch)
    sink.close()
    rows, _, over = records(offline)

    assert [row.get("batch") for row in rows] == [0, 1, 2, 3, 4, 5, None]
    assert [(row["_step"], row["head/epoch"]) for row in rows if "head/epoch" in row] == [(3, 0), (6, 1)]
    assert over["head/train/accuracy"] == "head/epoch"


def test_an_evaluation_and_a_second_fit(offline):
    sink = WandbSink()
    write(sink, 0)
    sink.close()
    sink.write_report(made_report(0, split="test"), "")
    sink.close()
    write(sink, 0)
    sink.close()
    rows, _, _ = records(offline)

    assert [(row["_step"], "test/accuracy" in row) for row in rows] == [(0, False), (1, True), (2, False)]


def test_alerts_of_many_classes_are_one(offline):
    rule = high("bad-class", quantity="class_cross_entropy", severity="info")
    sink = WandbSink()
    sink.write_alerts(run([rule], [2.0, 0.5], class_names=HOSTILE_NAMES, output="kind"))
    _, alerts, _ = records(offline)

    assert [(title, level) for title, _, level in alerts] == [
        ("bad-class is firing, validation of kind, epoch 0", "INFO"),
        ("bad-class is resolved, validation of kind, epoch 1", "INFO"),
    ]
    assert alerts[0][1].splitlines()[5:] == [f"and {len(HOSTILE_NAMES) - 5} classes more"]


def test_names_of_every_kind(offline):
    names = [*HOSTILE_NAMES, "a.b", "..", "/"]
    WandbSink(given := offline).write_report(made_report(class_names=names, output="../日"), "")
    rows, _, _ = records(given)

    assert len([name for name in rows[0] if "class_cross_entropy" in name]) == len(names)
    assert "validation/..%2F日/class_cross_entropy/._x002A_ (regex) [x" in rows[0]


def test_a_run_that_is_switched_off(tmp_path):
    with wandb.init(mode="disabled", dir=tmp_path) as disabled:
        sink = WandbSink(disabled)
        write(sink, 0, 1)
        sink.write_alerts(run([high()], [2.0]))
        sink.close()
        assert dict(disabled.summary)["train/cross_entropy"] == 2.0

    assert not list(tmp_path.rglob("*.wandb"))


def test_what_is_wrong_is_said(monkeypatch):
    monkeypatch.setattr(wandb, "run", None)
    with pytest.raises(RuntimeError) as without:
        WandbSink().write_report(made_report(), "")
    assert str(without.value) == "no run is active: call `wandb.init()` before the training"
    with pytest.raises(TypeError) as caught:
        WandbSink("mine")
    assert str(caught.value) == "`run` must be what `wandb.init()` returns, or None. Received: run='mine'."
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ImportError) as missing:
        WandbSink()
    assert str(missing.value) == "WandbSink needs wandb. Install it: pip install 'xent-monitor[wandb]'"
