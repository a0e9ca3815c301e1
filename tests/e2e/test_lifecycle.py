"""When the monitor attaches, reads and lets go, in all the ways that `fit` and `evaluate` are called."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.comparison import assert_same_sums
from tests.trainings import CASES, X_VALIDATION, Y_VALIDATION, Subclassed, X, Y, network
from xent_monitor import XentMonitor

pytestmark = pytest.mark.e2e

VALIDATION = (X_VALIDATION, Y_VALIDATION)
SHORT = {"batch_size": 250, "verbose": 0}


def compiled(model: keras.Model | None = None) -> keras.Model:
    model = network() if model is None else model
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def passes(monitor: XentMonitor) -> list[tuple[int, str]]:
    return [(report.epoch, report.split) for report in monitor.reports]


def left_on(model: keras.Model) -> list[str]:
    return [*(name for name in ("compute_loss", "train_step", "test_step") if name in vars(model)), *model._metrics]


def test_reports_of_a_fit_come_in_order():
    """Each epoch gives the training pass, then the validation pass."""
    monitor = XentMonitor(None)
    compiled().fit(X, Y, validation_data=VALIDATION, epochs=2, callbacks=[monitor], **SHORT)

    assert passes(monitor) == [(0, "train"), (0, "validation"), (1, "train"), (1, "validation")]
    assert [report.num_examples for report in monitor.reports] == [1000, 797, 1000, 797]


def test_second_fit_with_the_same_monitor_appends():
    """A monitor can be used again, on the same model and on another; `initial_epoch` counts on."""
    monitor = XentMonitor(None)
    model = compiled()
    model.fit(X, Y, epochs=1, callbacks=[monitor], **SHORT)
    model.fit(X, Y, epochs=3, initial_epoch=1, callbacks=[monitor], **SHORT)
    other = compiled()
    other.fit(X, Y, epochs=1, callbacks=[monitor], **SHORT)

    assert passes(monitor) == [(0, "train"), (1, "train"), (2, "train"), (0, "train")]
    assert left_on(model) == left_on(other) == []


def test_fit_that_raised_leaves_a_model_that_works():
    """After an error in a batch the same monitor, another one, and none at all can be used."""

    class Fault(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("not ours")

    model, monitor = compiled(), XentMonitor(None)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not ours"):
            model.fit(X, Y, callbacks=[monitor, Fault()], **SHORT)
    model.fit(X, Y, **SHORT)
    second = XentMonitor(None)
    model.fit(X, Y, callbacks=[second], **SHORT)
    model.fit(X, Y, callbacks=[monitor], **SHORT)

    assert passes(monitor) == passes(second) == [(0, "train")]
    assert monitor.reports[0].num_examples == second.reports[0].num_examples == 1000
    assert left_on(model) == []


def test_validation_that_runs_every_other_epoch():
    """An epoch without validation gives no validation report, and no stale one."""
    monitor = XentMonitor(None)
    compiled().fit(X, Y, validation_data=VALIDATION, validation_freq=2, epochs=4, callbacks=[monitor], **SHORT)

    assert [epoch for epoch, split in passes(monitor) if split == "validation"] == [1, 3]


def test_training_pass_can_be_left_out():
    """With `train=False` only validation is summed."""
    monitor = XentMonitor(None, train=False)
    compiled().fit(X, Y, validation_data=VALIDATION, callbacks=[monitor], **SHORT)

    assert passes(monitor) == [(0, "validation")]


def test_evaluate_alone_is_a_test_pass():
    """`evaluate` outside a fit reports split "test", of the last trained epoch, and lets go."""
    monitor = XentMonitor(None)
    model = compiled()
    model.evaluate(*VALIDATION, verbose=0, callbacks=[monitor])
    model.fit(X, Y, epochs=2, callbacks=[monitor], **SHORT)
    loss = model.evaluate(*VALIDATION, verbose=0, callbacks=[monitor])

    assert passes(monitor) == [(0, "test"), (0, "train"), (1, "train"), (1, "test")]
    assert monitor.reports[-1].logged_loss == loss
    assert left_on(model) == []


def test_evaluate_by_another_callback_does_not_disturb():
    """A callback that evaluates in the middle of a fit, before we read the epoch, is in none of our sums."""

    class Evaluate(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(X[:300], Y[:300], verbose=0)

    monitor = XentMonitor(None)
    history = compiled().fit(X, Y, validation_data=VALIDATION, epochs=2, callbacks=[Evaluate(), monitor], **SHORT)

    for split, key, examples in (("train", "loss", 1000), ("validation", "val_loss", 797)):
        reports = [report for report in monitor.reports if report.split == split]
        assert [report.num_examples for report in reports] == [examples, examples]
        np.testing.assert_allclose([report.loss for report in reports], history.history[key], rtol=1e-6)


def test_predict_with_the_monitor_lets_go():
    """`predict` has nothing to report and leaves nothing behind."""
    monitor = XentMonitor(None)
    model = compiled()
    model.predict(X[:10], verbose=0, callbacks=[monitor])

    assert monitor.reports == []
    assert left_on(model) == []


def test_labels_and_data_of_every_kind():
    """A Python generator, a `PyDataset`, and labels of shape (N, 1), int64 or float give the same report."""

    def batches():
        while True:
            for start in range(0, 1000, 250):
                yield X[start : start + 250], Y[start : start + 250]

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return X[250 * index : 250 * index + 250], Y[250 * index : 250 * index + 250]

    sources = {
        "arrays": {"x": X, "y": Y},
        "column": {"x": X, "y": Y[:, None]},
        "int64": {"x": X, "y": Y.astype("int64")},
        "float": {"x": X, "y": Y.astype("float32")},
        "generator": {"x": batches(), "steps_per_epoch": 4},
        "PyDataset": {"x": Batches()},
    }
    found = {}
    for name, data in sources.items():
        monitor = XentMonitor(None)
        arguments = data | ({"batch_size": 250} if "y" in data else {})
        compiled().fit(**arguments, shuffle=False, verbose=0, callbacks=[monitor])
        found[name] = monitor.reports[0].statistics

    for statistics in found.values():
        assert_same_sums(statistics, found["arrays"], relative=1e-4, absolute=1e-3)


def test_tf_data(backend):
    """A `tf.data` pipeline of batches gives the report of the arrays."""
    if backend != "tensorflow":
        pytest.skip("needs TensorFlow")
    import tensorflow as tf

    monitors = []
    for data in ({"x": X, "y": Y, "batch_size": 250}, {"x": tf.data.Dataset.from_tensor_slices((X, Y)).batch(250)}):
        monitor = XentMonitor(None)
        compiled().fit(**data, shuffle=False, verbose=0, callbacks=[monitor])
        monitors.append(monitor)

    assert_same_sums(*(one.reports[0].statistics for one in monitors), relative=1e-4, absolute=1e-3)


def test_step_that_does_not_call_compute_loss_is_said_once():
    """A custom step that the monitor cannot see is said in one warning that names the remedy; training goes on."""

    class OwnStep(Subclassed):
        def train_step(self, *arguments):
            logs = {"loss": keras.ops.zeros(())}
            return (logs, arguments[0]) if keras.backend.backend() == "jax" else logs

    model = OwnStep()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model(X[:1])
    monitor = XentMonitor(None)
    with pytest.warns(UserWarning, match=r"saw no batch of the train pass.*self\.compute_loss") as caught:
        model.fit(X, Y, validation_data=VALIDATION, epochs=2, callbacks=[monitor], **SHORT)

    assert len([one for one in caught if "xent_monitor" in str(one.message)]) == 1
    assert [split for _, split in passes(monitor)] == ["validation", "validation"]


def test_divergence_looks_back_over_the_passes():
    """The divergence of a pass compares it with the earlier ones of its own split."""
    monitor = XentMonitor(None)
    model = network(scale=20)
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    model.fit(X, Y, validation_data=VALIDATION, epochs=4, callbacks=[monitor], **SHORT)
    validation = [report for report in monitor.reports if report.split == "validation"]

    assert validation[0].loss_accuracy_divergence == 0
    for index, report in enumerate(validation):
        best = min(one.cross_entropy for one in validation[: index + 1])
        rise = (report.cross_entropy - best) / report.prior_entropy
        assert report.loss_accuracy_divergence in (0, pytest.approx(rise))


def test_summary_is_printed_at_the_end_unless_quiet(capsys):
    """`fit` ends with the compact reading; `verbose=0` keeps it quiet."""
    model = compiled()
    model.fit(X, Y, validation_data=VALIDATION, batch_size=250, verbose=0, callbacks=[XentMonitor(None)])
    assert capsys.readouterr().out == ""
    model.fit(X, Y, validation_data=VALIDATION, batch_size=250, verbose=2, callbacks=[XentMonitor(None)])

    assert "Validation cross-entropy" in capsys.readouterr().out


def test_masked_rows_never_reach_a_number(backend):
    """NaN inputs and labels out of range are counted by cause, and change nothing else."""
    spoiled = X_VALIDATION.copy()
    spoiled[:5] = np.nan
    # No ReLU: TensorFlow's makes 0 of NaN.
    model = compiled(keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(10, activation="softmax")]))
    monitor = XentMonitor(None)
    model.evaluate(X_VALIDATION[5:], Y_VALIDATION[5:], batch_size=250, verbose=0, callbacks=[monitor])
    model.evaluate(spoiled, Y_VALIDATION, batch_size=250, verbose=0, callbacks=[monitor])
    clean, dirty = monitor.reports

    assert (dirty.non_finite, dirty.num_examples, dirty.statistics.num_rows) == (5, 792, 797)
    np.testing.assert_array_equal(dirty.support, clean.support)
    np.testing.assert_allclose(dirty.class_cross_entropy, clean.class_cross_entropy, rtol=1e-5)
    if backend == "jax":  # the others end the fit with an error of their own
        labels = Y_VALIDATION.copy()
        labels[:7] = 10
        model.evaluate(X_VALIDATION, labels, batch_size=250, verbose=0, callbacks=[monitor])
        assert monitor.reports[-1].invalid_labels == 7
        assert monitor.reports[-1].num_examples == 790


def test_cases_cover_the_output_kinds():
    """The table of trainings has both kinds of labels, outputs and tasks: a guard for the tests that use it."""
    names = " ".join(CASES)

    for word in ("sparse", "one-hot", "probabilities", "logits", "binary", "two classes", "saturated"):
        assert word in names
