"""Sinks in real trainings: what they are told and when, and that none of them can touch the training."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.trainings import CASES, X_VALIDATION, Y_VALIDATION, X, Y, network, train
from xent_monitor import AlertRule, RaiseError, XentMonitor, read_reports
from xent_monitor.errors import AlertError
from xent_monitor.sinks import JsonLinesSink, read_json_lines
from xent_monitor.testing import RecordingSink

pytestmark = pytest.mark.e2e

VALIDATION = (X_VALIDATION, Y_VALIDATION)
SHORT = {"batch_size": 500, "verbose": 0}
ALWAYS = AlertRule(name="always", quantity="cross_entropy", above=0.0, severity="critical")


def compiled() -> keras.Model:
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def observe(epochs, log_dir=None, **settings) -> XentMonitor:
    """A loop that trains nothing, which no step has to be compiled for."""
    model, monitor = compiled(), XentMonitor(log_dir, **settings)
    y_pred = model.predict_on_batch(X)
    with monitor.attached(model):
        for epoch in epochs:
            monitor.observe(Y, y_pred, training=False)
            monitor.end_epoch(epoch)
    return monitor


class Order:
    """Keeps the order of what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def write_report(self, report, reading):
        assert f"{report.cross_entropy:.2f}" in reading
        self.told.append((report.epoch, report.split))

    def write_alerts(self, events):
        self.told += [f"{event.rule} {event.epoch}" for event in events]

    def close(self):
        self.told.append("close")


class Raising:
    """Raises in each method."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def write_report(self, report, reading):
        raise self.error("report")

    def write_alerts(self, events):
        raise self.error("alerts")

    def close(self):
        raise self.error("close")


def test_what_a_sink_is_told_and_when():
    """Reports of an epoch, its alerts, the end; an evaluation; a second fit."""
    sink = Order()
    monitor = XentMonitor(None, rules=[ALWAYS], sinks=[sink])
    model = compiled()
    model.fit(X, Y, validation_data=VALIDATION, epochs=2, callbacks=[monitor], **SHORT)
    model.evaluate(*VALIDATION, verbose=0, callbacks=[monitor])
    model.fit(X, Y, epochs=3, initial_epoch=2, callbacks=[monitor], **SHORT)

    assert sink.told == [
        (0, "train"), (0, "validation"), "always 0", (1, "train"), (1, "validation"), "close",
        (1, "test"), "close",
        (2, "train"), "close",
    ]  # fmt: skip


def test_it_is_told_what_the_monitor_keeps_and_the_loops_of_the_users_own_too():
    sink = RecordingSink()
    monitor = observe([0], rules=[ALWAYS], sinks=[sink])

    assert sink.reports == monitor.reports
    assert sink.events == monitor.alerts != []
    assert (len(sink.readings), sink.times_closed) == (1, 1)


def test_an_alert_that_ends_the_training_is_told_first():
    sink = Order()
    with pytest.raises(AlertError):
        observe([0], rules=[ALWAYS], actions=[RaiseError()], sinks=[sink])

    assert sink.told == [(0, "validation"), "always 0", "close"]


def test_a_training_with_sinks_is_the_training_without_to_the_last_bit(tmp_path, capsys):
    """Also where one of them raises whatever it is told; the others get everything."""
    plain = train(CASES["sparse probabilities"], monitored=False)
    sink = RecordingSink()
    sinks = [Raising(RuntimeError), Raising(SystemExit), JsonLinesSink(tmp_path / "run.jsonl"), sink]
    with pytest.warns(UserWarning, match="could not write to the sink Raising") as caught:
        run = train(CASES["sparse probabilities"], monitored=True, sinks=sinks, rules=[ALWAYS], epoch_summary=True)

    for expected, actual in zip(plain.model.get_weights(), run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)
    assert (run.history, run.evaluation) == (plain.history, plain.evaluation)
    assert [str(one.message) for one in caught if "xent_monitor" in str(one.message)] == [
        f"xent_monitor could not write to the sink Raising: {error}: report. Training goes on."
        for error in ("RuntimeError", "SystemExit")
    ]
    # `verbose=0` counts for the line of the epoch too.
    assert capsys.readouterr().out == ""
    assert len(sink.reports) == len(run.monitor.reports) == 5
    lines = read_json_lines(tmp_path / "run.jsonl")
    assert [line["cross_entropy"] for line in lines if line["kind"] == "report"] == [
        report.cross_entropy for report in sink.reports
    ]


def test_an_interrupt_in_a_sink_ends_the_training():
    with pytest.raises(KeyboardInterrupt):
        observe([0], rules=None, sinks=[Raising(KeyboardInterrupt)])


def test_a_resumed_run_writes_on(tmp_path):
    """A file of a run that was interrupted in epoch 2 and goes on from epoch 1 reads as the log directory does."""
    path, logs = tmp_path / "run.jsonl", tmp_path / "logs"
    for epochs in ([0, 1, 2], [1, 2, 3]):
        observe(epochs, log_dir=logs, sinks=[JsonLinesSink(path)], rules=None)

    assert len(path.read_bytes().splitlines()) == 6
    found = [(line["epoch"], line["split"], line["cross_entropy"]) for line in read_json_lines(path)]
    assert found == [(report.epoch, report.split, report.cross_entropy) for report in read_reports(logs)]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            {"sinks": RecordingSink()},
            "`sinks` must be a sequence of sinks, such as [RecordingSink(...)]. Received: sinks=<",
        ),
        (
            {"sinks": "run.jsonl"},
            "`sinks` must be a sequence of sinks, such as [JsonLinesSink(path)]. Received: sinks='",
        ),
        ({"sinks": None}, "`sinks` must be a sequence of sinks, such as [JsonLinesSink(path)]. Received: sinks=None."),
        (
            {"sinks": [RecordingSink(), RecordingSink]},
            "`sinks` must hold objects, not classes. Received: sinks[1]=RecordingSink. Pass RecordingSink(...).",
        ),
        (
            {"sinks": [print]},
            "`sinks` must hold objects with the methods write_report, write_alerts, close "
            "(`xent_monitor.sinks.Sink`). Received: sinks[0]=<built-in function print>, which lacks write_report, "
            "write_alerts, close.",
        ),
        ({"epoch_summary": 1}, "`epoch_summary` must be True or False. Received: epoch_summary=1."),
    ],
)
def test_wrong_arguments(arguments, problem):
    with pytest.raises(ValueError) as caught:
        XentMonitor(None, **arguments)

    assert str(caught.value).startswith(problem)
