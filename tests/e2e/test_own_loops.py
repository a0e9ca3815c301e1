"""Loops that are not `fit`: `attached`, `observe` and `end_epoch`."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.comparison import assert_same_sums
from tests.trainings import X_VALIDATION, Y_VALIDATION, Subclassed, X, Y, network
from xent_monitor import XentMonitor, XentMonitorError

pytestmark = pytest.mark.e2e

BATCH = 250


def compiled() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = network()
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def batches(x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    cuts = range(BATCH, len(x), BATCH)
    return list(zip(np.split(x, cuts), np.split(y, cuts), strict=True))


def test_observed_batches_are_those_of_evaluate():
    """What a loop observes gives the sums that `evaluate` gives, the compiled loss included."""
    model, by_keras, by_hand = compiled(), XentMonitor(None), XentMonitor(None)
    model.evaluate(X_VALIDATION, Y_VALIDATION, batch_size=BATCH, verbose=0, callbacks=[by_keras])

    with by_hand.attached(model):
        for x, y in batches(X_VALIDATION, Y_VALIDATION):
            by_hand.observe(y, model(x, training=False), training=False)
        (report,) = by_hand.end_epoch(0)

    assert (report.epoch, report.split) == (0, "validation")
    # Outside of a compiled step TensorFlow finds no logits behind the probabilities.
    assert_same_sums(report.statistics, by_keras.reports[0].statistics, relative=1e-5, absolute=1e-4)


def test_steps_of_keras_are_seen():
    """`train_on_batch` and `test_on_batch` call `compute_loss`: nothing has to be observed."""
    model, monitor = compiled(), XentMonitor(None)

    with monitor.attached(model):
        for epoch in range(2):
            for x, y in batches(X, Y):
                model.train_on_batch(x, y)
            for x, y in batches(X_VALIDATION, Y_VALIDATION):
                model.test_on_batch(x, y)
            train, validation = monitor.end_epoch(epoch, {"loss": 1.5, "val_loss": 2.5})
            assert (train.num_examples, validation.num_examples) == (len(Y), len(Y_VALIDATION))
            assert (train.logged_loss, validation.logged_loss) == (1.5, 2.5)

    assert [(report.epoch, report.split) for report in monitor.reports] == [
        (0, "train"),
        (0, "validation"),
        (1, "train"),
        (1, "validation"),
    ]
    assert "compute_loss" not in vars(model)


def test_an_epoch_without_batches_is_said():
    """No report, and a warning that names what to call."""
    monitor = XentMonitor(None)
    with monitor.attached(compiled()), pytest.warns(UserWarning, match=r"saw no batch in epoch 3\. .*monitor\.observe"):
        assert monitor.end_epoch(3) == []


def test_an_error_in_the_loop_leaves_nothing_on_the_model():
    """The loop's own error goes through, and the model is as it was."""
    model, monitor = compiled(), XentMonitor(None)
    with pytest.raises(ZeroDivisionError), monitor.attached(model):
        raise ZeroDivisionError

    assert "compute_loss" not in vars(model)
    with pytest.raises(XentMonitorError, match="`observe` needs a model"):
        monitor.observe(Y[:1], np.full((1, 10), 0.1), training=True)


def test_observe_in_a_compiled_step_of_jax_is_refused(backend):
    """There the sums would be lost: an error when the pass is over, with the ways that work."""
    if backend != "jax":
        pytest.skip("a matter of JAX")
    monitor = XentMonitor(None)

    class OwnStep(Subclassed):
        def train_step(self, state, data):
            x, y = data
            y_pred, _ = self.stateless_call(state[0], state[1], x)
            monitor.observe(y, y_pred, training=True)
            return {"loss": keras.ops.zeros(())}, state

    model = OwnStep()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model(X[:1])
    with pytest.raises(XentMonitorError, match="travel in its state"):
        model.fit(X, Y, verbose=0, callbacks=[monitor])
