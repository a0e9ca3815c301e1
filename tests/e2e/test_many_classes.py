"""A vocabulary-size softmax: what stands on the device and in the files is bounded, and the worst class is named."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from xent_monitor import XentMonitor
from xent_monitor.interpretation import interpret

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NUM_CLASSES = 100_000
#: Classes that have examples, spread over the vocabulary; the last looks like the first, which is ten times as common.
PRESENT = np.linspace(0, NUM_CLASSES - 1, 20).astype("int32")
RARE, COMMON = PRESENT[-1], PRESENT[0]


@pytest.fixture(scope="module")
def words() -> tuple[np.ndarray, np.ndarray]:
    kinds = np.repeat(np.arange(20), [400] + [80] * 18 + [40])
    kinds = np.random.default_rng(0).permutation(kinds)
    looks = np.where(kinds == 19, 0, kinds)
    return np.eye(20, dtype="float32")[looks], PRESENT[kinds]


@pytest.fixture(scope="module")
def fit(words, tmp_path_factory):
    """Model, monitor, number of values on the device, and the folder of its files."""
    sizes: list[int] = []

    class Spy(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            for accumulator in monitor._attachment.accumulators.values():
                sizes.append(sum(int(np.prod(variable.shape)) for variable in accumulator.variables))

    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("logs")
    x, y = words
    model = keras.Sequential([keras.layers.Input((20,)), keras.layers.Dense(NUM_CLASSES, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(20.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    monitor = XentMonitor(folder)
    callbacks = [Spy(), monitor]
    model.fit(x, y, validation_data=(x, y), epochs=4, batch_size=96, shuffle=False, verbose=0, callbacks=callbacks)
    return model, monitor, sizes, folder


def test_sums_are_those_of_the_oracle(fit, words):
    model, monitor, _, _ = fit
    x, y = words
    logits = np.asarray(model.predict_on_batch(x), "float64")
    found = monitor.reports[-1].statistics

    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    cross_entropy = np.bincount(y, -log_probabilities[np.arange(len(y)), y], NUM_CLASSES)
    decisions = logits.argmax(axis=1)
    np.testing.assert_array_equal(found.support, np.bincount(y, minlength=NUM_CLASSES))
    np.testing.assert_array_equal(found.predicted, np.bincount(decisions, minlength=NUM_CLASSES))
    np.testing.assert_array_equal(found.correct, np.bincount(y[decisions == y], minlength=NUM_CLASSES))
    # The cross-entropy of a row is Keras' own, with 100,000 exponentials added up in float32.
    difference = abs(found.cross_entropy_sum - cross_entropy)
    assert (difference <= 5e-4 * found.support).all()


def test_cross_entropy_is_the_logged_loss(fit):
    model, monitor, _, _ = fit

    for split, key in [("train", "loss"), ("validation", "val_loss")]:
        found = [report.cross_entropy for report in monitor.reports if report.split == split]
        np.testing.assert_allclose(found, model.history.history[key], rtol=1e-5)


def test_values_on_the_device_grow_with_the_classes_alone(fit):
    """No matrix of classes by classes, nor of classes by bins."""
    _, _, sizes, _ = fit

    assert len(set(sizes)) == 1
    assert sizes[0] < 50 * NUM_CLASSES


def test_files_are_bounded(fit):
    _, _, _, folder = fit
    written = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    assert written < 4 * 30e6


def test_the_worst_class_is_named(fit):
    """The rare class that looks like a common one is in the reading, by its name."""
    _, monitor, _, _ = fit
    report = monitor.reports[-1]
    (worst, *_) = report.worst_confusions()

    assert int(np.nanargmax(report.class_cross_entropy)) == RARE
    assert (worst.true_class, worst.predicted_class, worst.count) == (RARE, COMMON, 40)
    reading = interpret(report)
    assert re.search(rf"Class {RARE} carries \d+ % of the loss with 2 % of the examples\.", reading)
    assert f"take {RARE} for {COMMON} (40 of 40 mistakes)" in reading
    assert "99980 classes" in reading
