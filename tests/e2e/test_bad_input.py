"""What cannot work is said before an epoch is lost, and our own failures do not end a training."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.trainings import X_VALIDATION, Y_VALIDATION, Subclassed, X, Y, network, one_hot
from xent_monitor import XentMonitor, XentMonitorError, callback
from xent_monitor.accumulator import Accumulator
from xent_monitor.observation import OutputBatch, read_batch
from xent_monitor.outputs import Output
from xent_monitor.tensorboard.writer import ReportWriter
from xent_monitor.unpacking import sum_layout

pytestmark = pytest.mark.e2e


def dense(units: int, activation: str | None = None) -> keras.Model:
    return keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(units, activation=activation)])


NAMES = (
    "`class_names` must be a sequence of strings, or a dictionary of such by the name of the output. "
    "Received: class_names={}."
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_bins": 0}, "`num_bins` must be an integer >= 1. Received: num_bins=0."),
        ({"num_bins": 2.5}, "`num_bins` must be an integer >= 1. Received: num_bins=2.5."),
        ({"top_classes": True}, "`top_classes` must be an integer >= 1. Received: top_classes=True."),
        ({"confusion_limit": -1}, "`confusion_limit` must be an integer >= 0. Received: confusion_limit=-1."),
        ({"train": "no"}, "`train` must be True or False. Received: train='no'."),
        ({"from_logits": "yes"}, "`from_logits` must be True, False or None. Received: from_logits='yes'."),
        ({"log_dir": 3}, "`log_dir` must be a path or None. Received: log_dir=3."),
        ({"class_names": "abc"}, NAMES.format("'abc'")),
        ({"class_names": [1, 2]}, NAMES.format([1, 2])),
        ({"class_names": {"kind": 3}}, NAMES.format(3)),
        ({"outputs": "kind"}, "`outputs` must be None or a sequence of names of outputs. Received: outputs='kind'."),
        ({"outputs": []}, "`outputs` must be None or a sequence of names of outputs. Received: outputs=[]."),
        ({"class_names": ["a", "b", "a"]}, "`class_names` must be distinct. Received 'a' more than once."),
        (
            {"num_bins": 0, "top_classes": 0},
            "`num_bins` must be an integer >= 1. Received: num_bins=0.\n"
            "`top_classes` must be an integer >= 1. Received: top_classes=0.",
        ),
    ],
)
def test_wrong_arguments_are_named_at_construction(arguments, message):
    """A wrong argument is an error when the monitor is made; several are named together."""
    with pytest.raises(ValueError) as error:
        XentMonitor(**arguments)

    assert str(error.value) == message


def fit(model: keras.Model, y: np.ndarray, **arguments) -> XentMonitor:
    monitor = XentMonitor(None, **arguments)
    model.fit(X, y, batch_size=250, verbose=0, callbacks=[monitor])
    return monitor


def test_regression_is_refused():
    """A model without any classification is an error before the first batch."""
    model = dense(1)
    model.compile("adam", "mean_squared_error")

    with pytest.raises(XentMonitorError) as error:
        fit(model, Y)

    assert str(error.value) == (
        "The output is not a classification output (loss: mean_squared_error). Compile with a cross-entropy, end "
        "the model in a softmax or sigmoid, or say what the outputs are: `XentMonitor(from_logits=...)`."
    )
    assert "compute_loss" not in vars(model)


def test_loss_of_the_users_own_without_an_activation_asks_for_from_logits():
    """Nothing says whether outputs are logits: the error asks, and the argument answers."""

    def own_loss(y_true, y_pred):
        return keras.ops.sum(keras.ops.square(y_true - y_pred), axis=-1)

    model = dense(10)
    model.compile("adam", own_loss)
    with pytest.raises(XentMonitorError) as error:
        fit(model, one_hot(Y))
    assert str(error.value) == (
        "The loss own_loss does not say whether outputs are probabilities or logits, and neither does the output "
        "layer. Say it: `XentMonitor(from_logits=True)` for logits, `False` for probabilities."
    )

    assert fit(model, one_hot(Y), from_logits=True).reports[0].num_examples == 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outputs": ["first", "age"]}, "`outputs` must be names of outputs that have a loss: 'first', 'second'. "),
        ({"outputs": ["second"]}, "Output 'second': The output is not a classification output (loss: mean_squared"),
        ({"class_names": {"age": ["a", "b"]}}, "`class_names` must be given by the names of the outputs: 'first'. "),
        (
            {"class_names": {"first": ["a", "b"]}},
            "one for each class of the model's output 'first'. Received: 2 names.",
        ),
    ],
)
def test_outputs_that_are_not_there_are_refused(arguments, message):
    """Of a model with a classification and a regression, only the classification can be named."""
    inputs = keras.Input((64,))
    first = keras.layers.Dense(10, activation="softmax", name="first")(inputs)
    model = keras.Model(inputs, [first, keras.layers.Dense(1, name="second")(inputs)])
    model.compile("adam", ["sparse_categorical_crossentropy", "mean_squared_error"])

    with pytest.raises(XentMonitorError) as error:
        model.fit(X, [Y, Y], verbose=0, callbacks=[XentMonitor(None, **arguments)])

    assert message in str(error.value)
    assert "compute_loss" not in vars(model)


@pytest.mark.parametrize(("units", "received"), [(10, 3), (1, 10)])
def test_class_names_that_do_not_fit_are_refused(units, received):
    """The number of names must be the number of classes; binary has two."""
    model = dense(units, "softmax" if units > 1 else "sigmoid")
    model.compile("adam", "sparse_categorical_crossentropy" if units > 1 else "binary_crossentropy")
    expected = f"{units} names" if units > 1 else "2 names (negative, positive)"

    with pytest.raises(XentMonitorError) as error:
        fit(model, (Y > 4).astype("int32"), class_names=[str(k) for k in range(received)])

    assert str(error.value) == (
        f"`class_names` must have {expected}, one for each class of the model's output. Received: {received} names."
    )


def test_class_names_of_a_subclassed_model_are_checked_before_the_epoch_is_over():
    """Where the classes are known late, the error still comes in the first epoch."""
    model = Subclassed()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    with pytest.raises(XentMonitorError, match="must have 10 names"):
        fit(model, Y, class_names=["a", "b"])


def test_weights_that_do_not_fit_are_refused():
    """Weights with an axis more than the outputs have are an error that says which shapes came."""
    output = Output("", (), {}, "multiclass", 10, from_logits=False)
    layout = sum_layout("multiclass", 10, 15, 256)
    y_pred = keras.ops.ones((5, 10)) / 10
    batch = OutputBatch(keras.ops.zeros((5,)), y_pred, keras.ops.ones((5, 3)), None, None)

    with pytest.raises(XentMonitorError, match=r"Received: shape \(5, 3\) for outputs of shape \(5,\)"):
        read_batch(layout, output, None, batch)


def test_refusal_in_a_step_does_not_outlive_the_monitor():
    """Labels that do not fit are an error in the first epoch; without the monitor the model trains as before."""

    def own_loss(y_true, y_pred):
        return keras.ops.sum(y_pred, axis=-1)

    model = dense(3, "softmax")
    model.compile("adam", own_loss)
    weights = model.get_weights()
    with pytest.raises(XentMonitorError, match=r"Labels must have shape \(batch,\) or \(batch, 3\)"):
        fit(model, np.zeros((1000, 2), "float32"))

    assert "compute_loss" not in vars(model)
    assert len(model.get_weights()) == len(weights)
    history = model.fit(X, np.zeros((1000, 2), "float32"), verbose=0)
    assert len(history.history["loss"]) == 1


def test_model_without_a_loss_is_refused():
    """A model that is not compiled is Keras' own error; one without a loss is ours."""
    model = dense(10)
    model.compile("adam")

    with pytest.raises(XentMonitorError, match="no compiled loss"):
        fit(model, Y)


def test_directory_that_cannot_be_written_is_a_warning(tmp_path):
    """A file where the directory should be: one warning before the first epoch, and the training is complete."""
    (tmp_path / "logs").write_text("a file, not a directory")
    model, monitor = network(), XentMonitor(tmp_path / "logs")
    model.compile("adam", "sparse_categorical_crossentropy")

    with pytest.warns(UserWarning, match="could not write to TensorBoard: NotADirectoryError") as caught:
        model.fit(
            X, Y, validation_data=(X_VALIDATION, Y_VALIDATION), epochs=2, batch_size=250, verbose=0, callbacks=[monitor]
        )

    assert len([one for one in caught if "xent_monitor" in str(one.message)]) == 1
    assert len(monitor.reports) == 4


@pytest.mark.parametrize(
    ("owner", "name", "deed"),
    [
        (ReportWriter, "write", "write to TensorBoard"),
        (Accumulator, "statistics", "read its sums"),
        (callback, "count_non_finite_weights", "look at the weights"),
    ],
)
def test_fault_of_ours_does_not_end_the_training(owner, name, deed, monkeypatch, tmp_path):
    """A full disk, or a bug, is one warning with its cause."""

    def fail(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owner, name, fail)
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match=f"could not {deed}: OSError: .*No space left") as caught:
        history = model.fit(X, Y, epochs=2, batch_size=250, verbose=0, callbacks=[XentMonitor(tmp_path)])

    assert len([one for one in caught if "xent_monitor" in str(one.message)]) == 1
    assert len(history.history["loss"]) == 2


def test_fault_while_tracing_does_not_end_the_training(monkeypatch):
    """Outputs that we cannot read are one warning; the training is complete and nothing is recorded."""

    def fail(*arguments, **keywords):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Accumulator, "update_state", fail)
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    monitor = XentMonitor(None)
    with pytest.warns(UserWarning, match="records nothing: RuntimeError: a bug"):
        history = model.fit(X, Y, epochs=2, batch_size=250, verbose=0, callbacks=[monitor])

    assert monitor.reports == []
    assert len(history.history["loss"]) == 2
