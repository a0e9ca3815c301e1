"""Does the package keep its promises with the Keras that is installed? Needs no test tools.

Trains small networks on handwritten digits with and without the monitor, and ends with status 1 if a weight or a logged
value differs by a bit, or the sums are not the logged loss to 1e-6. `python tests/smoke/lowest_keras.py`
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from sklearn.datasets import load_digits

from xent_monitor import XentMonitor, read_reports

IMAGES, LABELS = load_digits(return_X_y=True)
X, X_VALIDATION = np.split((IMAGES / 16).astype("float32"), [600])
Y, Y_VALIDATION = np.split(LABELS.astype("int32"), [600])


def network(units: int = 10, activation: str | None = "softmax", **hidden: Any) -> Any:
    layers = keras.layers
    body = [layers.Dense(16, activation="relu", **hidden), layers.Dropout(0.2)]
    return keras.Sequential([layers.Input((64,)), *body, layers.Dense(units, activation=activation)])


class Subclassed(keras.Model):
    """A model without a graph of layers, built by one call."""

    def __init__(self) -> None:
        super().__init__()
        self.head = keras.layers.Dense(10)

    def call(self, x: Any) -> Any:
        return self.head(x)


def subclassed() -> Any:
    model = Subclassed()
    model(X[:1])
    return model


def two_outputs() -> Any:
    layers = keras.layers
    x = layers.Input((64,))
    hidden = layers.Dense(16, activation="relu")(x)
    digit, high = layers.Dense(10, "softmax", name="digit")(hidden), layers.Dense(1, "sigmoid", name="high")(hidden)
    return keras.Model(x, {"digit": digit, "high": high})


def tokens() -> Any:
    """A label for each row of the image; rows without ink are masked."""
    layers = keras.layers
    rows = [layers.Reshape((8, 8)), layers.Masking(), layers.Dense(10, "softmax")]
    return keras.Sequential([layers.Input((64,)), *rows])


def one_hot(labels: np.ndarray) -> np.ndarray:
    return np.eye(10, dtype="float32")[labels]


def is_high(labels: np.ndarray) -> np.ndarray:
    return (labels > 4).astype("float32")[:, None]


def bits(labels: np.ndarray) -> np.ndarray:
    return (labels[:, None] >> np.arange(4) & 1).astype("float32")


def both(labels: np.ndarray) -> dict[str, np.ndarray]:
    return {"digit": labels, "high": is_high(labels)}


def each_row(labels: np.ndarray) -> np.ndarray:
    return np.repeat(labels[:, None], 8, axis=1)


def same(labels: np.ndarray) -> np.ndarray:
    return labels


#: Model, loss and labels of each case.
CASES: dict[str, tuple[Callable[[], Any], Any, Callable[[np.ndarray], Any]]] = {
    "probabilities": (network, "sparse_categorical_crossentropy", same),
    "logits": (
        lambda: network(activation=None),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        same,
    ),
    "one-hot": (network, keras.losses.CategoricalCrossentropy(label_smoothing=0.1), one_hot),
    "binary": (lambda: network(1, "sigmoid"), "binary_crossentropy", is_high),
    "penalty": (lambda: network(kernel_regularizer="l2"), "sparse_categorical_crossentropy", same),
    "multi-label": (lambda: network(4, "sigmoid"), "binary_crossentropy", bits),
    "two outputs": (
        two_outputs,
        {"digit": "sparse_categorical_crossentropy", "high": "binary_crossentropy"},
        both,
    ),
    "masked tokens": (tokens, "sparse_categorical_crossentropy", each_row),
    "subclassed": (subclassed, keras.losses.SparseCategoricalCrossentropy(from_logits=True), same),
}


def train(case: str, monitor: XentMonitor | None) -> tuple[list[np.ndarray], dict[str, list[float]], dict[str, float]]:
    """Weights, history and what `evaluate` returns."""
    build, loss, labels = CASES[case]
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    model = build()
    model.compile("adam", loss)
    validation = (X_VALIDATION, labels(Y_VALIDATION))
    callbacks = [] if monitor is None else [monitor]
    fitted = model.fit(X, labels(Y), 200, 2, validation_data=validation, callbacks=callbacks, verbose=0)
    evaluated = model.evaluate(*validation, batch_size=200, verbose=0, callbacks=callbacks, return_dict=True)
    return model.get_weights(), fitted.history, evaluated


def problems(case: str) -> list[str]:
    """What is wrong in one case; what Keras cannot do itself is no problem of ours, but is said."""
    try:
        weights, history, evaluated = train(case, None)
    except Exception as error:
        return [f"Keras itself: {type(error).__name__}: {error}"]
    stored = 0
    with tempfile.TemporaryDirectory() as folder:
        monitor = XentMonitor(folder)
        try:
            monitored_weights, monitored_history, monitored_evaluated = train(case, monitor)
        except Exception as error:
            return [f"monitored: {type(error).__name__}: {error}"]
        with contextlib.suppress(FileNotFoundError):
            stored = len(read_reports(folder))
    found = []
    if not all(map(np.array_equal, weights, monitored_weights)):
        found.append("weights differ")
    if history != monitored_history or evaluated != monitored_evaluated:
        found.append("logged values differ")
    splits = [report.split for report in monitor.reports]
    outputs = len({report.output for report in monitor.reports})
    expected = [split for split in ["train", "validation"] * 2 + ["test"] for _ in range(outputs)]
    if not splits or splits != expected or stored != len(expected):
        found.append(f"reports of {splits}, {stored} stored")
    found += [
        f"{report.split} {report.epoch}: {report.explained_loss} explained, {report.logged_loss} logged"
        for report in monitor.reports
        if report.output == ""  # the loss of one output of several is a mean of another kind on TensorFlow
        and not abs(report.explained_loss - report.logged_loss) <= 1e-6 * abs(report.logged_loss)
    ]
    return found


def main() -> int:
    """Print a line for each case; 1 if one of them fails."""
    results = {case: problems(case) for case in CASES}
    backend = keras.backend.backend()
    print(f"Keras {keras.__version__}, {backend}, NumPy {np.__version__}, Python {sys.version.split()[0]}")
    for case, found in results.items():
        print(f"  {case:14s}", "ok" if not found else "; ".join(" ".join(line.split())[:200] for line in found))
    return int(any(results.values()))


if __name__ == "__main__":
    sys.exit(main())
