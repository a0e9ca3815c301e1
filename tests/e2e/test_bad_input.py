"""What cannot work is said before an epoch is lost, and our own failures do not end a training."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.trainings import X_VALIDATION, Y_VALIDATION, Subclassed, X, Y, network, one_hot
from xent_monitor import XentMonitor, XentMonitorError, callback
from xent_monitor.accumulator import Accumulator
from xent_monitor.tensorboard.writer import ReportWriter

pytestmark = pytest.mark.e2e


def dense(units: int, activation: str | None = None, outputs: int = 1) -> keras.Model:
    inputs = keras.Input((64,))
    heads = [keras.layers.Dense(units, activation=activation)(inputs) for _ in range(outputs)]
    return keras.Model(inputs, heads if outputs > 1 else heads[0])


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
        ({"class_names": "abc"}, "`class_names` must be a sequence of strings. Received: class_names='abc'."),
        ({"class_names": [1, 2]}, "`class_names` must be a sequence of strings. Received: class_names=[1, 2]."),
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


@pytest.mark.parametrize(
    ("units", "activation", "loss", "message"),
    [
        (
            1,
            None,
            "mean_squared_error",
            "The output is not a classification output (loss: mean_squared_error). Compile with a cross-entropy, end "
            "the model in a softmax or sigmoid, or say what the outputs are: `XentMonitor(from_logits=...)`.",
        ),
        (
            10,
            "sigmoid",
            "binary_crossentropy",
            "A binary cross-entropy over 10 units is multi-label classification, which is not supported yet. For "
            "classes that exclude each other use a categorical cross-entropy.",
        ),
        (
            10,
            "softmax",
            keras.losses.SparseCategoricalCrossentropy(ignore_class=9),
            "A loss with `ignore_class` is not supported yet. Received: ignore_class=9. Leave those rows out of the "
            "data set.",
        ),
    ],
)
def test_models_that_are_no_classifier_are_refused(units, activation, loss, message):
    """A regression, a multi-label model and an unsupported loss are errors before the first batch."""
    model = dense(units, activation)
    model.compile("adam", loss)

    with pytest.raises(XentMonitorError) as error:
        fit(model, one_hot(Y) if loss == "binary_crossentropy" else Y)

    assert str(error.value) == message
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


def test_several_outputs_are_refused():
    """A model with two outputs is an error that names them."""
    model = dense(10, "softmax", outputs=2)
    model.compile("adam", ["sparse_categorical_crossentropy"] * 2)

    with pytest.raises(XentMonitorError, match="Models with several outputs are not supported yet"):
        model.fit(X, [Y, Y], verbose=0, callbacks=[XentMonitor(None)])


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


def test_outputs_for_each_token_are_refused():
    """A sequence model is an error that says which shape is expected."""
    model = keras.Sequential([keras.layers.Input((8, 8)), keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")

    with pytest.raises(XentMonitorError, match=r"expected outputs of shape \(batch, classes\)"):
        model.fit(X.reshape(-1, 8, 8), np.zeros((1000, 8), "int32"), verbose=0, callbacks=[XentMonitor(None)])


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
