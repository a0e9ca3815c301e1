"""`check` and `export` on a real training: the alerts are those that it had, the numbers those of its reports."""

from __future__ import annotations

import csv
import io
import json
import math

import keras
import numpy as np
import pytest

from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y, network
from xent_monitor import XentMonitor, cli, read_alerts

pytestmark = pytest.mark.e2e

RULES = """
[[rule]]
name = "all-passes"
quantity = "class_cross_entropy"
split = "validation"
above = 0.6
for = 2

[[rule]]
name = "test-is-seen"
quantity = "accuracy"
split = "test"
above = -1.0
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A training that was interrupted and went on, with a test pass after each part; its monitor and its rules."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "alerts.toml").write_text(RULES, encoding="utf-8")
    model = network()
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    monitor = XentMonitor(folder / "logs", rules=folder / "alerts.toml")
    options = {"batch_size": 250, "verbose": 0, "validation_data": (X_VALIDATION, Y_VALIDATION)}
    model.fit(X, Y, epochs=3, callbacks=[monitor], **options)
    model.fit(X, Y, epochs=7, initial_epoch=3, callbacks=[monitor], **options)
    model.evaluate(X_VALIDATION, Y_VALIDATION, callbacks=[monitor], verbose=0)
    return folder, monitor


def check(folder, capsys, *arguments):
    code = cli.main(["check", str(folder / "logs"), "--rules", str(folder / "alerts.toml"), "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_the_replay_raises_the_alerts_of_the_training(trained, capsys):
    folder, _ = trained
    _, found = check(folder, capsys)
    # By instance, as they began and ended: that is how the check tells of them.
    open_, expected = {}, []
    for event in read_alerts(folder / "logs"):
        instance = (event.rule, event.split, event.output, event.class_name)
        if event.state == "firing":
            open_[instance] = {**event.to_dict(), "resolved_at": None}
            expected.append(open_[instance])
        else:
            open_.pop(instance)["resolved_at"] = event.epoch
    alerts = [{key: value for key, value in alert.items() if key != "fails"} for alert in found["alerts"]]

    assert len(expected) > 3
    assert any(alert["resolved_at"] is not None for alert in expected)
    assert {"test-is-seen", "all-passes"} <= {alert["rule"] for alert in expected}
    assert sorted(alerts, key=str) == sorted(expected, key=str)


def test_a_run_is_no_worse_than_itself(trained, capsys):
    folder, monitor = trained
    code, found = check(folder, capsys, "--baseline", str(folder / "logs"), "--fail-on", "critical")

    assert (code, found["verdict"]) == (0, "passed")
    assert [(one["split"], one["epoch"], one["num_examples"]) for one in found["baseline"]["passes"]] == [
        ("validation", 6, len(Y_VALIDATION)),
        ("test", 6, len(Y_VALIDATION)),
    ]
    changes = found["baseline"]["changes"]
    assert {one["verdict"] for one in changes} == {"same"}
    assert changes[0]["after"] == monitor.reports[-2].cross_entropy


def test_the_export_has_the_numbers_of_the_training(trained, capsysbinary):
    folder, monitor = trained
    assert cli.main(["export", str(folder / "logs")]) == 0
    rows = list(csv.DictReader(io.StringIO(capsysbinary.readouterr().out.decode(), newline="")))
    last = monitor.reports[-1]
    mine = [row for row in rows if (row["split"], row["epoch"]) == (last.split, str(last.epoch))]

    assert {(row["split"], row["epoch"]) for row in rows} == {(one.split, str(one.epoch)) for one in monitor.reports}
    assert [row["quantity"] for row in mine if row["class"] == ""] == list(last.scalar_quantities())
    for quantity in last.quantities():
        values = [float(row["value"] or math.nan) for row in mine if row["quantity"] == quantity]
        np.testing.assert_array_equal(values, np.atleast_1d(getattr(last, quantity)))
