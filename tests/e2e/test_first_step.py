"""The first step of a training is read before the next one begins, and tells how the model was initialised."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from tests.trainings import CASES, NUM_CLASSES, X_VALIDATION, Y_VALIDATION, Subclassed, X, Y, unbuilt_network
from xent_monitor import XentMonitor

pytestmark = pytest.mark.e2e

VALIDATION = (X_VALIDATION, Y_VALIDATION)


def dense(units: int = NUM_CLASSES, activation: str | None = "softmax") -> keras.Model:
    """A network that says the same in training and in prediction."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.layers.Input((64,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(units, activation=activation),
        ]
    )


def compiled(model: keras.Model, **arguments) -> keras.Model:
    loss = "binary_crossentropy" if model.output_shape[-1] == 1 else "sparse_categorical_crossentropy"
    model.compile(**{"optimizer": "adam", "loss": loss} | arguments)
    return model


def cross_entropy_of(model: keras.Model, num_rows: int) -> float:
    """What the model says of the first rows, by a prediction of our own, which Keras need not compile for us."""
    outputs = keras.ops.convert_to_numpy(model(X[:num_rows])).astype("float64")
    if outputs.shape[1] == 1:
        positive = outputs[:, 0]
        return float(-np.log(np.where(Y[:num_rows] > 4, positive, 1 - positive)).mean())
    return float(-np.log(outputs[np.arange(num_rows), Y[:num_rows]]).mean())


def initial(monitor: XentMonitor) -> dict[tuple[int, str], float]:
    return {(report.epoch, report.split): report.initial_cross_entropy for report in monitor.reports}


@pytest.mark.parametrize(
    "batch_size",
    [250, 600, 1000, 5000],
    ids=["several steps", "two steps, the second one short", "one step", "one short step"],
)
def test_initial_cross_entropy_is_that_of_the_first_batch(batch_size):
    """It is what the untrained model says of the first batch; the report of the first training pass alone has it."""
    model, monitor = compiled(dense()), XentMonitor(None)
    expected = cross_entropy_of(model, min(batch_size, 1000))

    model.fit(
        X,
        Y,
        batch_size=batch_size,
        shuffle=False,
        epochs=2,
        validation_data=VALIDATION,
        verbose=0,
        callbacks=[monitor],
    )
    model.evaluate(*VALIDATION, verbose=0, callbacks=[monitor])

    found = initial(monitor)
    assert found.pop((0, "train")) == pytest.approx(expected, rel=1e-5)
    assert list(found) == [(0, "validation"), (1, "train"), (1, "validation"), (1, "test")]
    assert all(math.isnan(value) for value in found.values())


def test_initial_cross_entropy_of_a_binary_output():
    """The first batch of a single unit is read like any other."""
    model, monitor = compiled(dense(1, "sigmoid")), XentMonitor(None)
    expected = cross_entropy_of(model, 250)

    labels = (Y > 4).astype("int32")
    model.fit(X, labels, batch_size=250, shuffle=False, verbose=0, callbacks=[monitor])

    assert monitor.reports[0].initial_cross_entropy == pytest.approx(expected, rel=1e-5)


def test_reading_the_first_step_changes_no_sum():
    """The pass goes on where it was: with weights that stand still, it is the pass over all rows."""
    model, monitor = compiled(dense(), optimizer=keras.optimizers.SGD(0.0)), XentMonitor(None)
    expected = [cross_entropy_of(model, num_rows) for num_rows in (300, 1000)]

    model.fit(X, Y, batch_size=300, shuffle=False, verbose=0, callbacks=[monitor])

    report = monitor.reports[0]
    assert [report.initial_cross_entropy, report.cross_entropy] == pytest.approx(expected, rel=1e-5)
    assert (report.num_examples, report.statistics.num_batches) == (1000, 4)


def test_several_steps_in_one_execution_are_read_together(backend):
    """Where Keras does not return to its callbacks between the first steps, it is of all of them."""
    if backend in CASES["steps_per_execution"].unsupported:
        pytest.skip(f"Keras cannot do this on {backend}")
    model = compiled(dense(), optimizer=keras.optimizers.SGD(0.0), steps_per_execution=2)
    monitor = XentMonitor(None)
    expected = cross_entropy_of(model, 400)

    model.fit(X, Y, batch_size=200, shuffle=False, verbose=0, callbacks=[monitor])

    assert monitor.reports[0].initial_cross_entropy == pytest.approx(expected, rel=1e-5)


def test_a_training_that_goes_on_has_no_first_step():
    """From `initial_epoch` on, the model is not as it was initialised."""
    monitor = XentMonitor(None)

    compiled(dense()).fit(X, Y, batch_size=250, epochs=5, initial_epoch=3, verbose=0, callbacks=[monitor])

    found = initial(monitor)
    assert list(found) == [(3, "train"), (4, "train")]
    assert all(math.isnan(value) for value in found.values())


def test_each_fit_has_a_first_step_of_its_own():
    """A second fit of the same model begins where the first one ended, and says so."""
    model, monitor = compiled(dense()), XentMonitor(None)
    arguments = {"batch_size": 250, "shuffle": False, "verbose": 0, "callbacks": [monitor]}
    model.fit(X, Y, epochs=3, **arguments)
    expected = cross_entropy_of(model, 250)
    model.fit(X, Y, **arguments)

    first, *between, last = (report.initial_cross_entropy for report in monitor.reports)
    assert np.isnan(between).all()
    assert last == pytest.approx(expected, rel=1e-5)
    assert last < first


def test_without_the_training_pass_there_is_no_first_step():
    """With `train=False` nothing is read from the steps."""
    monitor = XentMonitor(None, train=False)

    compiled(dense()).fit(X, Y, batch_size=250, validation_data=VALIDATION, verbose=0, callbacks=[monitor])

    (value,) = initial(monitor).values()
    assert math.isnan(value)


@pytest.mark.parametrize("build", [unbuilt_network, Subclassed])
def test_a_model_whose_classes_are_known_late_has_a_first_step(build):
    """The first batch is read, where it is also what tells the number of classes."""
    model, monitor = build(), XentMonitor(None)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=build is Subclassed)
    model.compile(keras.optimizers.SGD(0.0), loss)

    model.fit(X, Y, batch_size=250, shuffle=False, verbose=0, callbacks=[monitor])

    # The weights are still those that it began with.
    expected = float(keras.ops.convert_to_numpy(loss(Y[:250], model(X[:250]))))
    assert monitor.reports[0].initial_cross_entropy == pytest.approx(expected, rel=1e-5)


def test_a_first_step_without_an_example_is_undefined():
    """Where no label of the first batch names a class, there is nothing to read, and the rest is there."""
    model = dense()
    # Keras' own sparse loss fails on such labels, or is NaN, by backend.
    model.compile("adam", lambda y_true, y_pred: keras.ops.sum(keras.ops.square(y_pred), axis=-1))
    labels, monitor = Y.copy(), XentMonitor(None)
    labels[:250] = -1

    model.fit(X, labels, batch_size=250, shuffle=False, verbose=0, callbacks=[monitor])

    assert math.isnan(monitor.reports[0].initial_cross_entropy)
    assert (monitor.reports[0].num_examples, monitor.reports[0].invalid_labels) == (750, 250)
