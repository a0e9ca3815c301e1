"""A monitored training is the unmonitored training, to the last bit."""

from __future__ import annotations

import zipfile

import keras
import numpy as np
import pytest

from tests.trainings import CASES, train
from xent_monitor import XentMonitor

pytestmark = pytest.mark.e2e


def test_nothing_stays_on_the_model():
    """After `fit`, and after `evaluate`, the model's attributes and metrics are those of an unmonitored one."""
    plain, monitored = (train(CASES["sparse probabilities"], monitored=flag).model for flag in (False, True))

    assert set(vars(monitored)) == set(vars(plain))
    assert [metric.name for metric in monitored.metrics] == [metric.name for metric in plain.metrics]
    assert monitored.compute_loss.__func__ is type(monitored).compute_loss


@pytest.mark.parametrize("name", ["sparse probabilities", pytest.param("subclassed", marks=pytest.mark.slow)])
def test_checkpoints_taken_during_the_fit_hold_the_same_variables(name, tmp_path):
    """A file of weights saved while the monitor is attached is the same, byte for byte."""
    files = []
    for monitored in (False, True):
        path = tmp_path / f"{monitored}.weights.h5"
        keep = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
        train(CASES[name], monitored=monitored, callbacks=(keep,))
        files.append(path.read_bytes())

    assert files[0] == files[1]


@pytest.mark.slow
def test_whole_models_saved_during_the_fit_are_the_same(tmp_path):
    """The archive of a whole model, optimizer included, has the same entries of the same size, and loads."""
    entries = []
    for monitored in (False, True):
        path = tmp_path / f"{monitored}.keras"
        train(CASES["sparse probabilities"], monitored=monitored, callbacks=(keras.callbacks.ModelCheckpoint(path),))
        with zipfile.ZipFile(path) as archive:
            entries.append({item.filename: item.file_size for item in archive.infolist()})

    assert entries[0]["model.weights.h5"] == entries[1]["model.weights.h5"]
    assert entries[0].keys() == entries[1].keys()
    assert keras.models.load_model(path).count_params() == 64 * 32 + 32 + 32 * 10 + 10


def test_progress_bar_and_logs_show_nothing_of_ours():
    """Other callbacks, and those who read batch logs, see the keys of an unmonitored training."""
    seen = []

    class Spy(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(sorted(logs))

        def on_test_batch_end(self, batch, logs=None):
            seen.append(sorted(logs))

        def on_epoch_end(self, epoch, logs=None):
            seen.append(sorted(logs))

    counts = []
    for monitored in (False, True):
        train(CASES["sparse probabilities"], monitored=monitored, callbacks=(Spy(),))
        counts.append(seen.copy())
        seen.clear()

    assert counts[0] == counts[1]


def test_memory_on_the_device_does_not_depend_on_the_examples():
    """The state is a fixed number of values: O(classes x bins), whatever the data."""
    sizes = []
    for rows in (100, 1000):
        monitor = XentMonitor(None)

        class Spy(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None, monitor=monitor):
                for accumulator in monitor._attachment.accumulators.values():
                    sizes.append(sum(int(np.prod(variable.shape)) for variable in accumulator.variables))

        model = CASES["sparse probabilities"].build()
        model.compile("adam", "sparse_categorical_crossentropy")
        x = np.zeros((rows, 64), "float32")
        y = np.zeros(rows, "int32")
        model.fit(x, y, verbose=0, callbacks=[Spy(), monitor])

    assert len(sizes) == 4
    assert len(set(sizes)) == 1
    assert sizes[0] < 1500
