"""Alerts in real trainings: where they are told, what the actions do, and that nothing of it can hurt the training."""

from __future__ import annotations

import json
import logging
import re
import time
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y, network
from tests.webhook_server import Answer, WebhookServer, refusing_url
from xent_monitor import (
    AlertEngine,
    AlertError,
    AlertEvent,
    AlertRule,
    RaiseError,
    StopTraining,
    Webhook,
    XentMonitor,
    XentMonitorError,
    default_rules,
    read_alerts,
    read_reports,
)
from xent_monitor.alerts import Evaluation, Observation
from xent_monitor.tensorboard.alert_record import AlertRecord

pytestmark = pytest.mark.e2e

VALIDATION = (X_VALIDATION, Y_VALIDATION)
SHORT = {"batch_size": 250, "verbose": 0, "validation_data": VALIDATION}

#: Fires in the first epoch of any training.
ALWAYS = AlertRule(name="always", quantity="accuracy", above=-1.0)


def compiled(learning_rate: float = 1e-3) -> keras.Model:
    model = network()
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def fit(monitor: XentMonitor, epochs: int = 2, **options: Any) -> keras.callbacks.History:
    return compiled().fit(X, Y, epochs=epochs, callbacks=[monitor], **SHORT | options)


def told(alerts: Any) -> list[tuple[str, str, int]]:
    return [(event.rule, event.state, event.epoch) for event in alerts]


def series(log_dir: Path, split: str, tag: str) -> dict[int, Any]:
    """Values of a tag by step, as TensorBoard reads them."""
    accumulator = EventAccumulator(str(log_dir / "xent_monitor" / split), size_guidance={"tensors": 0})
    accumulator.Reload()
    return {event.step: tensor_util.make_ndarray(event.tensor_proto).item() for event in accumulator.Tensors(tag)}


def records(log_dir: Path, split: str, prefix: str = "") -> dict[int, AlertRecord]:
    """How the alerts stood after each epoch; of an epoch that was written twice, the later."""
    return {
        step: AlertRecord.from_bytes(value) for step, value in series(log_dir, split, f"{prefix}alert_states").items()
    }


def test_an_alert_is_told_in_four_places(tmp_path, caplog):
    """The monitor, the log, TensorBoard and `alerts.jsonl` say the same."""
    rule = AlertRule(name="not-yet-good", quantity="accuracy", below=0.7, severity="warning")
    monitor = XentMonitor(tmp_path, rules=[rule])
    with caplog.at_level(logging.INFO, "xent_monitor"):
        compiled(1e-2).fit(X, Y, epochs=8, callbacks=[monitor], **SHORT)
    accuracy = {report.epoch: report.accuracy for report in monitor.reports if report.split == "validation"}
    resolved = min(epoch for epoch, value in accuracy.items() if value >= 0.7)

    assert told(monitor.alerts) == [("not-yet-good", "firing", 0), ("not-yet-good", "resolved", resolved)]
    assert monitor.alerts[0].value == accuracy[0]
    assert read_alerts(tmp_path) == monitor.alerts
    assert [record.getMessage() for record in caplog.records] == list(map(str, monitor.alerts))
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    states = series(tmp_path, "validation", "alerts/not-yet-good")
    assert states == {epoch: 2.0 if epoch < resolved else 0.0 for epoch in accuracy}
    texts = series(tmp_path, "validation", "alerts")
    assert list(texts) == [0, resolved]
    assert b"not&#45;yet&#45;good is firing" in texts[0]


def test_a_healthy_training_is_quiet(tmp_path, capfd):
    """With the rules that are on by default nothing is printed, and no file of alerts is made."""
    fit(XentMonitor(tmp_path), epochs=3)

    assert capfd.readouterr().err == ""
    assert not (tmp_path / "alerts.jsonl").exists()


def test_a_line_on_the_terminal_begins_a_line(capfd, monkeypatch):
    """Alerts are shown without any logging being configured, and not in the middle of Keras' progress bar."""
    # pytest has handlers of its own on the root logger; without them Python's last resort is the standard error.
    monkeypatch.setattr(logging.getLogger("xent_monitor"), "propagate", False)
    fit(XentMonitor(None, rules=[ALWAYS]), epochs=1, verbose=1)
    output = capfd.readouterr()

    assert output.err.startswith("[warning] always is firing, epoch 0, validation: ")
    assert re.search(r"loss: \d\.\d+\s*\n", output.out)


def test_rules_come_from_a_file(tmp_path):
    path = tmp_path / "alerts.toml"
    path.write_text(
        """
        include_default = false

        [[rule]]
        name = "seven-is-hard"
        quantity = "class_cross_entropy"
        class = "seven"
        above = 0.01
        """
    )
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    monitor = XentMonitor(None, class_names=names, rules=path)
    fit(monitor, epochs=1)

    assert [(event.rule, event.class_name) for event in monitor.alerts] == [("seven-is-hard", "seven")]


def test_an_unknown_class_is_refused_before_training():
    rule = AlertRule(name="cat-is-bad", quantity="class_cross_entropy", class_name="cat", above=1.5)
    monitor = XentMonitor(None, rules=[rule])
    model = compiled()
    before = model.get_weights()
    with pytest.raises(XentMonitorError, match="`class_name` of rule 'cat-is-bad' must be the name of a class"):
        model.fit(X, Y, callbacks=[monitor], **SHORT)

    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert "compute_loss" not in vars(model)


@pytest.mark.parametrize("rules", [3, ALWAYS, [3], ["always"]])
def test_rules_of_a_wrong_type_are_refused(rules):
    with pytest.raises(TypeError, match="`rules` must"):
        XentMonitor(None, rules=rules)


def test_no_rules_no_alerts():
    monitor = XentMonitor(None, rules=None)
    fit(monitor, epochs=1)

    assert monitor.alerts == []


# Actions


def test_stop_training_ends_the_training_after_the_epoch(tmp_path):
    monitor = XentMonitor(tmp_path, rules=[ALWAYS], actions=[StopTraining(severity="warning")])
    history = fit(monitor, epochs=5)

    assert len(history.history["loss"]) == 1
    assert told(read_alerts(tmp_path)) == [("always", "firing", 0)]


def test_stop_training_leaves_what_is_less_severe():
    history = fit(XentMonitor(None, rules=[ALWAYS], actions=[StopTraining()]), epochs=2)

    assert len(history.history["loss"]) == 2


def test_a_rule_stops_the_training_by_name():
    rule = AlertRule(name="enough", quantity="accuracy", above=-1.0, after=1, actions=("stop_training",))
    history = fit(XentMonitor(None, rules=[rule]), epochs=5)

    assert len(history.history["loss"]) == 2


def test_raise_error_raises_when_all_is_written(tmp_path):
    monitor = XentMonitor(tmp_path, rules=[ALWAYS], actions=[RaiseError(severity="warning")])
    model = compiled()
    with pytest.raises(AlertError, match="always is firing, epoch 0, validation"):
        model.fit(X, Y, epochs=3, callbacks=[monitor], **SHORT)

    assert told(read_alerts(tmp_path)) == [("always", "firing", 0)]
    assert series(tmp_path, "validation", "alerts/always") == {0: 2.0}
    assert "compute_loss" not in vars(model)
    model.fit(X, Y, epochs=1, **SHORT)


def test_callables_get_every_event():
    seen = []
    monitor = XentMonitor(None, rules=[ALWAYS], actions=[seen.append])
    fit(monitor)

    assert seen == monitor.alerts != []


def test_a_webhook_gets_the_alert():
    with WebhookServer() as server:
        fit(XentMonitor(None, rules=[ALWAYS], actions=[Webhook(server.url)]), epochs=1)

    (request,) = server.requests
    assert "always is firing" in request.json["text"]


# Nothing of it hurts the training


def broken_rule(evaluation: Evaluation) -> list[Observation]:
    raise ZeroDivisionError("a bug of the user's")


def broken_action(event: Any) -> None:
    raise OSError("no such speaker")


FAULTS = {
    "a rule that raises": ({"rules": [AlertRule(name="buggy", diagnosis=broken_rule)]}, "rule 'buggy'", ()),
    "a callable that raises": ({"actions": [broken_action]}, "broken_action", ()),
    "a webhook that answers 500": ({"retries": 0}, "500", (Answer(500),)),
    "a webhook that hangs": ({"retries": 0, "timeout": 0.2}, "", (Answer(hangs=True),)),
    "a webhook that refuses": ({"retries": 0}, "", None),
}


#: The ways in which a webhook fails are told apart in the tests of actions as well.
WEBHOOKS = ("a webhook that answers 500", "a webhook that hangs")


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, marks=pytest.mark.slow if fault in WEBHOOKS else ()) for fault in FAULTS]
)
def test_a_fault_is_warned_of_once_and_training_ends_normally(fault, tmp_path):
    """Each fault gives one warning, and the weights are those of a training without a monitor."""
    settings, text, answers = dict(FAULTS[fault][0]), *FAULTS[fault][1:]
    flapping = AlertRule(name="flapping", quantity="accuracy", above=-1.0, over=1)
    plain = compiled()
    plain.fit(X, Y, epochs=3, **SHORT)

    with WebhookServer(*(answers or ())) as server:
        url = refusing_url() if answers is None else server.url
        options = {name: settings.pop(name) for name in ("retries", "timeout") if name in settings}
        if options:
            settings["actions"] = [Webhook(url, **options)]
        monitor = XentMonitor(tmp_path, **{"rules": [flapping, ALWAYS], **settings})
        model = compiled()
        started = time.monotonic()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            history = model.fit(X, Y, epochs=3, callbacks=[monitor], **SHORT)
        seconds = time.monotonic() - started

    ours = [str(one.message) for one in caught if "xent_monitor" in str(one.message)]
    assert len(ours) == 1, ours
    assert text in ours[0]
    assert len(history.history["loss"]) == 3
    assert all(np.array_equal(a, b) for a, b in zip(plain.get_weights(), model.get_weights(), strict=True))
    assert seconds < 60


def test_alerts_that_cannot_be_written_are_warned_of_once(tmp_path):
    (tmp_path / "alerts.jsonl").mkdir()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(XentMonitor(tmp_path, rules=[ALWAYS, AlertRule(name="too", quantity="accuracy", above=-1.0)]))

    (ours,) = [str(one.message) for one in caught if "xent_monitor" in str(one.message)]
    assert "could not write alerts.jsonl" in ours


# What TensorBoard keeps of the states


def test_states_are_kept_for_every_epoch(tmp_path):
    """Of each split, where nothing fires too, and with names of classes instead of their indices."""
    names = [f"digit {number}" for number in range(10)]
    rules = [
        AlertRule(name="classes", quantity="class_accuracy", below=0.7, for_=2),
        AlertRule(name="training", quantity="accuracy", split="train", above=2.0, severity="critical"),
        AlertRule(name="ended", diagnosis=lambda evaluation: [Observation(True)], at_end=True, severity="info"),
    ]
    monitor = XentMonitor(tmp_path, rules=rules, class_names=names)
    fit(monitor, epochs=4)
    found = records(tmp_path, "validation")
    low = {
        report.epoch: {name for name, share in zip(names, report.class_accuracy, strict=True) if share < 0.7}
        for report in monitor.reports
        if report.split == "validation"
    }

    assert list(found) == list(low) == [0, 1, 2, 3]
    assert {record.rules for record in found.values()} == {(("classes", "warning"), ("ended", "info"))}
    of_classes = {epoch: [one for one in found[epoch].instances if one.rule == "classes"] for epoch in found}
    assert {epoch: {one.class_name for one in of_classes[epoch]} for epoch in found} == low
    assert all(one.class_name == names[one.class_index] for ones in of_classes.values() for one in ones)
    assert {one.state for one in of_classes[0]} == {"pending"}
    assert {one.class_name for one in of_classes[1] if one.state == "firing"} == low[0] & low[1]
    # What was told in the last epoch, before and after the end of the training.
    for epoch, record in found.items():
        told = [event.to_dict() for event in monitor.alerts if event.epoch == epoch and event.split == "validation"]
        assert sorted(map(str, record.events)) == sorted(map(str, told))
    assert found[3].instances[-1][:2] == ("ended", "info")
    assert {record.rules for record in records(tmp_path, "train").values()} == {(("training", "critical"),)}


def test_states_of_outputs_are_kept_apart(tmp_path):
    inputs = keras.Input((64,))
    outputs = {name: keras.layers.Dense(10, "softmax", name=name)(inputs) for name in ("left", "right")}
    model = keras.Model(inputs, outputs)
    model.compile("adam", dict.fromkeys(outputs, "sparse_categorical_crossentropy"))
    rules = [AlertRule(name="left-only", quantity="accuracy", above=-1.0, split="train", output="left")]
    monitor = XentMonitor(tmp_path, rules=rules)
    model.fit(X, dict.fromkeys(outputs, Y), epochs=1, batch_size=250, verbose=0, callbacks=[monitor])

    (left,) = records(tmp_path, "train", "left/").values()
    (right,) = records(tmp_path, "train", "right/").values()
    assert [one.state for one in left.instances] == ["firing"]
    assert (right.rules, right.instances) == ((), ())


def test_at_the_end_a_validation_before_the_last_epoch_is_told_of_at_its_epoch(tmp_path):
    rules = [ALWAYS, AlertRule(name="ended", quantity="accuracy", above=-1.0, split="validation", at_end=True)]
    fit(XentMonitor(tmp_path, rules=rules), epochs=3, validation_freq=2)

    assert list(records(tmp_path, "train")) == [0, 1, 2]
    (record,) = records(tmp_path, "validation").values()
    assert [(event["rule"], event["epoch"]) for event in record.events] == [("always", 1), ("ended", 1)]


def test_states_are_kept_without_rules(tmp_path):
    """So that nothing being watched is not taken for nothing having been recorded."""
    fit(XentMonitor(tmp_path, rules=None), epochs=1)

    assert records(tmp_path, "validation") == {0: AlertRecord.of([], [], [])}


@pytest.mark.slow
def test_states_of_a_resumed_run_are_those_of_one_run(tmp_path):
    model = compiled(3e-3)
    for begin, end in ((0, 6), (4, 8)):
        monitor = XentMonitor(tmp_path, rules=rules_with_memory())
        model.fit(X, Y, initial_epoch=begin, epochs=end, callbacks=[monitor], **SHORT | {"batch_size": 100})
    engine = AlertEngine(rules_with_memory())
    reports = read_reports(tmp_path)
    expected = {}
    for epoch in range(8):
        engine.evaluate([report for report in reports if report.epoch == epoch])
        if epoch == 7:
            engine.finish()
        for one in engine.standings():
            events = [event.to_dict() for event in one.events]
            expected[one.split, one.epoch] = AlertRecord.of(one.rules, one.instances, events)

    for split in ("train", "validation"):
        found = records(tmp_path, split)
        assert found == {epoch: expected[split, epoch] for epoch in range(8)}


def test_a_fault_in_the_states_does_not_end_a_training(tmp_path, monkeypatch):
    def broken(engine: AlertEngine) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(AlertEngine, "standings", broken)
    monitor = XentMonitor(tmp_path, rules=[ALWAYS])
    with pytest.warns(UserWarning, match="could not write to TensorBoard: RuntimeError: broken. Training goes on."):
        fit(monitor, epochs=2)

    assert told(read_alerts(tmp_path)) == [("always", "firing", 0)]
    assert len(read_reports(tmp_path)) == 4


# Interrupted and resumed


def rules_with_memory() -> list[AlertRule]:
    """The built-in rules, and some whose state spans the interruption."""
    return [
        *default_rules(),
        AlertRule(name="patient", quantity="accuracy", above=-1.0, for_=7),
        AlertRule(name="falling", quantity="cross_entropy", falls_by=0.05, over=4, for_=3, keep_firing_for=2),
        AlertRule(name="best", split="train", quantity="cross_entropy", above=0.0, relative_to="best"),
        AlertRule(name="slow-class", quantity="class_accuracy", below=0.9, for_=4, after=2),
    ]


def test_a_resumed_run_alerts_like_one_run(tmp_path):
    """Stopped after epoch 4 and resumed with `initial_epoch=5` by a new monitor: the alerts of one run of 10."""

    def train(log_dir: Path, *parts: tuple[int, int]) -> list[AlertEvent]:
        keras.utils.set_random_seed(0)
        # Nothing random, so that the two trainings are the same to the last bit.
        model = keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(10, activation="softmax")])
        model.compile(keras.optimizers.SGD(0.3), "sparse_categorical_crossentropy")
        for begin, end in parts:
            monitor = XentMonitor(log_dir, rules=rules_with_memory())
            options = SHORT | {"initial_epoch": begin, "epochs": end, "batch_size": 100, "shuffle": False}
            model.fit(X, Y, callbacks=[monitor], **options)
        return read_alerts(log_dir)

    whole = train(tmp_path / "whole", (0, 10))
    resumed = train(tmp_path / "resumed", (0, 5), (5, 10))

    assert {event.rule for event in whole} >= {"patient", "falling", "slow-class"}
    assert resumed == whole


@pytest.mark.slow
def test_a_resumed_run_replays_the_very_reports(tmp_path):
    """The state after the interruption is that of an engine that saw all reports without one."""
    model = compiled(3e-3)
    for begin, end in ((0, 5), (5, 10)):
        monitor = XentMonitor(tmp_path, rules=rules_with_memory())
        model.fit(X, Y, initial_epoch=begin, epochs=end, callbacks=[monitor], **SHORT | {"batch_size": 100})

    engine, expected = AlertEngine(rules_with_memory()), []
    reports = read_reports(tmp_path)
    for epoch in range(10):
        expected += engine.evaluate([report for report in reports if report.epoch == epoch])
    expected += engine.finish()
    assert read_alerts(tmp_path) == expected
    assert "falling" in {event.rule for event in expected}


def test_a_second_fit_begins_anew(tmp_path):
    """Alerts of a run before are no longer known to a fit that begins with epoch 0."""
    monitor = XentMonitor(tmp_path, rules=[ALWAYS])
    fit(monitor, epochs=1)
    fit(monitor, epochs=1)

    assert told(monitor.alerts) == [("always", "firing", 0), ("always", "firing", 0)]
    assert told(read_alerts(tmp_path)) == [("always", "firing", 0)]


def test_lines_of_the_file_are_plain_json(tmp_path):
    fit(XentMonitor(tmp_path, rules=[ALWAYS]), epochs=1)
    (line,) = (tmp_path / "alerts.jsonl").read_text().splitlines()

    assert json.loads(line).keys() >= {"format", "time", "rule", "state", "severity", "epoch", "value", "message"}
