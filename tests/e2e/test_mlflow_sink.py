"""Reports in MLflow, in a store of files: the small client of the extra has no other that needs no server."""

from __future__ import annotations

import pytest

from tests.alert_reports import high, made_report, run
from tests.builders import HOSTILE_NAMES
from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y, network
from xent_monitor import AlertRule, XentMonitor
from xent_monitor.scalars import class_labels, scalars, shown_classes
from xent_monitor.sinks import MLflowSink
from xent_monitor.sinks.mlflow_sink import NAME_LENGTH, metric_name

mlflow = pytest.importorskip("mlflow")

pytestmark = pytest.mark.e2e


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((tmp_path / "store").as_uri())
    mlflow.set_experiment("mine")
    yield mlflow.MlflowClient()
    mlflow.set_tracking_uri(before)


def runs(client):
    return client.search_runs([client.get_experiment_by_name("mine").experiment_id], order_by=["start_time"])


def text(client, run_id, name):
    return mlflow.artifacts.load_text(f"{client.get_run(run_id).info.artifact_uri}/xent_monitor/{name}")


def history(client, run_id, name):
    return [(metric.step, metric.value) for metric in client.get_metric_history(run_id, name)]


@pytest.mark.slow
def test_a_training_in_the_active_run(client):
    rule = AlertRule(name="always-on", quantity="cross_entropy", above=0.0)
    monitor = XentMonitor(None, rules=[rule], sinks=[MLflowSink()])
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    with mlflow.start_run() as active:
        model.fit(X, Y, validation_data=(X_VALIDATION, Y_VALIDATION), epochs=2, verbose=0, callbacks=[monitor])
        assert mlflow.active_run().info.run_id == active.info.run_id
    run_id = active.info.run_id

    assert [run.info.status for run in runs(client)] == ["FINISHED"]
    expected = {}
    for report in monitor.reports:
        for scalar in scalars(report, shown_classes(report, 10)):
            expected.setdefault(f"{report.split}/{scalar.name}", []).append((report.epoch, scalar.value))
    expected["validation/alerts/always-on"] = [(0, 1.0)]
    found = client.get_run(run_id).data
    assert found.metrics.keys() == expected.keys()
    assert {name: history(client, run_id, name) for name in expected} == expected
    assert found.tags["xent_monitor.firing"] == "always-on"
    assert text(client, run_id, "reading.txt").startswith("epoch 1, train:\nTraining cross-entropy")
    assert "\n\nepoch 1, validation:\nValidation cross-entropy" in text(client, run_id, "reading.txt")
    assert text(client, run_id, "alerts/epoch-0000.txt") == f"{monitor.alerts[0]}\n"


def test_a_fit_without_a_run_gets_one_of_its_own_which_is_ended(client):
    sink = MLflowSink(prefix="head/")
    for value in (0.5, 0.7):
        sink.write_report(made_report(0, split="train", nats=value), "")
        assert [run.info.status for run in runs(client)][-1] == "RUNNING"
        sink.close()
        sink.write_report(made_report(0, split="test", nats=value), "")
        sink.close()

    first, second = runs(client)
    assert sink.run_id == second.info.run_id
    assert mlflow.active_run() is None
    for run_of_fit, value in ((first, 0.5), (second, 0.7)):
        assert run_of_fit.info.status == "FINISHED"
        assert run_of_fit.data.metrics["head/train/cross_entropy"] == value
        assert run_of_fit.data.metrics["head/test/cross_entropy"] == value


def test_a_run_that_is_given_is_never_ended(client):
    given = client.create_run(client.get_experiment_by_name("mine").experiment_id).info.run_id
    sink = MLflowSink(given)
    with mlflow.start_run():
        sink.write_report(made_report(4), "")
    sink.close()

    assert sink.run_id == given
    assert client.get_run(given).info.status == "RUNNING"
    assert history(client, given, "validation/cross_entropy") == [(4, 0.5)]


def test_the_active_run_of_a_second_fit(client):
    """Also where the first fit raised, so that the sink was not closed."""
    sink = MLflowSink()
    for value in (0.5, 0.7):
        with mlflow.start_run():
            sink.write_report(made_report(0, nats=value), "")

    assert [run.data.metrics["validation/cross_entropy"] for run in runs(client)] == [0.5, 0.7]


def test_alerts_of_many_classes_are_counted_and_those_resolved_are_gone(client):
    rule = high("bad-class", quantity="class_cross_entropy")
    events = run([rule], [2.0, 0.5], class_names=HOSTILE_NAMES)
    sink = MLflowSink()
    sink.write_report(made_report(), "")
    sink.write_alerts([event for event in events if event.epoch == 0])
    assert client.get_run(sink.run_id).data.tags["xent_monitor.firing"] == "bad-class"
    sink.write_alerts([event for event in events if event.epoch == 1])

    alerts = history(client, sink.run_id, "validation/alerts/bad-class")
    assert alerts == [(0, len(set(HOSTILE_NAMES))), (1, 0)]
    assert client.get_run(sink.run_id).data.tags["xent_monitor.firing"] == ""
    sink.close()


def test_names_of_every_kind_and_many_of_them(client):
    names = [*HOSTILE_NAMES, "..", ".", "/", "a//b", "/a", "x" * 300, *map(str, range(1200))]
    sink = MLflowSink(top_classes=len(names))
    sink.write_report(made_report(class_names=names, nats=range(len(names)), output="../o"), "\udcff")

    found = client.get_run(sink.run_id).data.metrics
    for label, value in zip(class_labels(names), range(len(names)), strict=True):
        assert found[metric_name(f"validation/..%2Fo/class_cross_entropy/{label}")] == value
    sink.close()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("validation/class_cross_entropy/cat", "validation/class_cross_entropy/cat"),
        ("a/n/a 1.5-x_y", "a/n/a 1.5-x_y"),
        ("a/日本", "a/日本"),
        ("a/100%", "a/100_x0025_"),
        ("a/☃🐈", "a/_x2603__x1F408_"),
        ("a_x0025_", "a_x005F_x0025_"),
        ("a_x0025%", "a_x005F_x0025_x0025_"),
        ("a/..", "a/_x002E__x002E_"),
        ("a/./b", "a/_x002E_/b"),
        ("a/.../b", "a/.../b"),
        ("..", "_x002E__x002E_"),
        ("/a/", "_x002F_a_x002F_"),
        ("a///b", "a_x002F__x002F_/b"),
        ("x" * 251, f"{'x' * 233}-"),
    ],
)
def test_names_that_mlflow_takes(name, safe):
    from mlflow.utils.validation import path_not_unique, validate_param_and_metric_name

    found = metric_name(name)

    assert found == safe or (len(name) > NAME_LENGTH and found.startswith(safe))
    assert len(found) <= NAME_LENGTH
    assert validate_param_and_metric_name(found)
    assert not path_not_unique(found)


def test_what_cannot_be_read_back_is_refused_at_construction(monkeypatch):
    with pytest.raises(TypeError) as caught:
        MLflowSink(run_id=3)
    assert str(caught.value) == "`run_id` must be the id of a run, or None. Received: run_id=3."
    with pytest.raises(TypeError) as caught:
        MLflowSink(prefix=None)
    assert str(caught.value) == "`prefix` must be a string, such as 'head/'. Received: prefix=None."
    monkeypatch.setitem(__import__("sys").modules, "mlflow", None)
    with pytest.raises(ImportError) as missing:
        MLflowSink()
    assert str(missing.value) == "MLflowSink needs mlflow. Install it: pip install 'xent-monitor[mlflow]'"
