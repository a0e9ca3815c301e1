"""Small real trainings on handwritten digits, for the end-to-end tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

from xent_monitor import EvaluationReport, XentMonitor

_IMAGES, _LABELS = load_digits(return_X_y=True)
#: 1,000 training images; 797 are left for validation, so that the last batch is short.
X, X_VALIDATION = np.split((_IMAGES / 16).astype("float32"), [1000])
Y, Y_VALIDATION = np.split(_LABELS.astype("int32"), [1000])
NUM_CLASSES = 10


def network(units: int = NUM_CLASSES, activation: str | None = "softmax", *, scale: float = 1.0) -> keras.Model:
    """A dense network with dropout; `scale` multiplies its weights, so that outputs saturate."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((64,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    model.set_weights([weights * scale for weights in model.get_weights()])
    return model


def unbuilt_network() -> keras.Model:
    """A network whose shapes are not known before it sees data."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(10, activation="softmax")])


def penalized_network() -> keras.Model:
    """A network with a regulariser and an activity penalty."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.layers.Input((64,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer="l2"),
            keras.layers.ActivityRegularization(l2=1e-3),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


class Subclassed(keras.Model):
    """A model without a static graph of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.head = keras.layers.Dense(NUM_CLASSES)

    def call(self, x: Any) -> Any:
        return self.head(x)


class WithoutTraining(Subclassed):
    """A model whose own `compute_loss` does not say which pass it is."""

    def compute_loss(self, x, y, y_pred, sample_weight):
        return super().compute_loss(x, y, y_pred, sample_weight)


def seeded(build: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    """The same model at every call."""

    def call() -> keras.Model:
        keras.utils.set_random_seed(0)
        return build()

    return call


def one_hot(labels: np.ndarray) -> np.ndarray:
    return np.eye(NUM_CLASSES, dtype="float32")[labels]


def high_digit(labels: np.ndarray) -> np.ndarray:
    """Binary labels of shape (N,): is the digit above four?"""
    return (labels > 4).astype("int32")


def high_digit_column(labels: np.ndarray) -> np.ndarray:
    """The same of shape (N, 1), float."""
    return high_digit(labels)[:, None].astype("float32")


def squared_error(y_true: Any, y_pred: Any) -> Any:
    """A loss of the user's own, with one value for each example."""
    return keras.ops.sum(keras.ops.square(y_true - y_pred), axis=-1)


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to train a classifier."""

    build: Callable[[], keras.Model]
    loss: Any
    labels: Callable[[np.ndarray], np.ndarray] = lambda labels: labels
    compile: dict[str, Any] = dataclasses.field(default_factory=dict)
    fit: dict[str, Any] = dataclasses.field(default_factory=dict)
    #: Whether the compiled loss is the cross-entropy against hard labels.
    plain: bool = True
    #: Backends that cannot do this, monitored or not.
    unsupported: tuple[str, ...] = ()


CASES = {
    "sparse probabilities": Case(network, "sparse_categorical_crossentropy"),
    "sparse logits": Case(
        lambda: network(activation=None), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ),
    "one-hot probabilities": Case(network, "categorical_crossentropy", one_hot),
    "one-hot logits": Case(
        lambda: network(activation=None), keras.losses.CategoricalCrossentropy(from_logits=True), one_hot
    ),
    "keras picks the cross-entropy": Case(network, "crossentropy"),
    "two classes": Case(lambda: network(2), "sparse_categorical_crossentropy", high_digit),
    "more than 64 classes": Case(lambda: network(65), "sparse_categorical_crossentropy"),
    "300 classes": Case(lambda: network(300, None), keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "loss in a list": Case(network, ["sparse_categorical_crossentropy"]),
    "saturated probabilities": Case(lambda: network(scale=60), "sparse_categorical_crossentropy"),
    "saturated logits": Case(
        lambda: network(activation=None, scale=60),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    ),
    "saturated one-hot": Case(lambda: network(scale=60), "categorical_crossentropy", one_hot),
    "binary probability": Case(lambda: network(1, "sigmoid"), "binary_crossentropy", high_digit),
    "binary logit": Case(
        lambda: network(1, None), keras.losses.BinaryCrossentropy(from_logits=True), high_digit_column
    ),
    "saturated binary": Case(lambda: network(1, "sigmoid", scale=60), "binary_crossentropy", high_digit_column),
    "penalties": Case(penalized_network, "sparse_categorical_crossentropy"),
    "label smoothing": Case(network, keras.losses.CategoricalCrossentropy(label_smoothing=0.1), one_hot, plain=False),
    "focal": Case(network, keras.losses.CategoricalFocalCrossentropy(), one_hot, plain=False),
    "a loss of the user's own": Case(network, squared_error, one_hot, plain=False),
    "unbuilt": Case(unbuilt_network, "sparse_categorical_crossentropy"),
    "subclassed": Case(seeded(Subclassed), keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "without `training`": Case(seeded(WithoutTraining), keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "eager": Case(network, "sparse_categorical_crossentropy", compile={"run_eagerly": True}),
    "jit_compile": Case(
        network, "sparse_categorical_crossentropy", compile={"jit_compile": True}, unsupported=("torch",)
    ),
    "steps_per_execution": Case(
        network,
        "sparse_categorical_crossentropy",
        compile={"steps_per_execution": 2},
        unsupported=("torch",),
    ),
    "validation_split": Case(
        network, "sparse_categorical_crossentropy", fit={"validation_split": 0.25, "validation_data": None}
    ),
}


@dataclasses.dataclass(frozen=True)
class Run:
    """What is left of a training."""

    model: keras.Model
    history: dict[str, list[float]]
    evaluation: list[float]
    monitor: XentMonitor | None

    def reports(self, split: str) -> list[EvaluationReport]:
        assert self.monitor is not None
        return [report for report in self.monitor.reports if report.split == split]


def train(case: Case, *, monitored: bool, epochs: int = 2, callbacks: tuple[Any, ...] = (), **settings: Any) -> Run:
    """Train for some epochs, and evaluate."""
    keras.utils.clear_session()  # names of layers, which checkpoints hold, are counted from here
    monitor = XentMonitor(None, **settings) if monitored else None
    ours = [] if monitor is None else [monitor]
    model = case.build()
    model.compile("adam", case.loss, metrics=["accuracy"], **case.compile)
    validation = (X_VALIDATION, case.labels(Y_VALIDATION))
    # Whole batches in training and a short last one in validation: each shape is compiled on its own.
    arguments = {"validation_data": validation, "batch_size": 200, "epochs": epochs, "verbose": 0} | case.fit
    history = model.fit(X, case.labels(Y), callbacks=[*ours, *callbacks], **arguments)
    evaluation = model.evaluate(*validation, batch_size=200, verbose=0, callbacks=ours)
    return Run(model, history.history, evaluation, monitor)
