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


@pytest.mark.slow
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


@pytest.mark.slow
def test_monitor_in_an_evaluation_in_the_middle_of_a_fit():
    """A callback may evaluate with a monitor of its own; with ours, the fit goes on with a warning."""

    class Evaluate(keras.callbacks.Callback):
        def __init__(self, monitor):
            super().__init__()
            self.monitor = monitor

        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(*VALIDATION, verbose=0, callbacks=[self.monitor])

    ours, own = XentMonitor(None), XentMonitor(None)
    model = compiled()
    model.fit(X, Y, epochs=2, callbacks=[ours, Evaluate(own)], **SHORT)
    assert passes(ours) == [(0, "train"), (1, "train")]
    assert passes(own) == [(0, "test"), (0, "test")]
    assert left_on(model) == []

    with pytest.warns(UserWarning, match="has let go of the fit"):
        history = model.fit(X, Y, epochs=3, callbacks=[ours, Evaluate(ours)], **SHORT)
    assert len(history.history["loss"]) == 3
    assert left_on(model) == []


def test_several_monitors_leave_nothing_behind():
    """Two monitors on one model report the same and let go in any order."""
    first, second = XentMonitor(None), XentMonitor(None)
    model = compiled()
    for _ in range(2):
        model.fit(X, Y, callbacks=[first, second], **SHORT)

    assert_same_sums(first.reports[-1].statistics, second.reports[-1].statistics)
    assert left_on(model) == []


def test_callback_list_of_the_users_own():
    """A `CallbackList`, which sets the model once and has no parameters, is monitored in every fit."""
    model, monitor = compiled(), XentMonitor(None)
    callbacks = keras.callbacks.CallbackList([monitor], add_history=True, model=model)
    for _ in range(2):
        model.fit(X, Y, callbacks=callbacks, **SHORT)

    assert passes(monitor) == [(0, "train"), (0, "train")]
    assert left_on(model) == []


def test_steps_as_the_guides_write_them(backend):
    """A `test_step` that does not say which pass it is, and a step that updates all metrics, are understood."""
    if backend == "jax":
        pytest.skip("steps of one's own are written in another way on JAX")

    class Guide(Subclassed):
        def test_step(self, data):
            x, y = data
            y_pred = self(x, training=False)
            loss = self.compute_loss(y=y, y_pred=y_pred)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    model = Guide()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    monitor = XentMonitor(None)
    history = model.fit(X, Y, validation_data=VALIDATION, callbacks=[monitor], **SHORT)

    assert [(report.split, report.num_examples) for report in monitor.reports] == [("train", 1000), ("validation", 797)]
    assert not [key for key in history.history if "xent" in key]


def test_compute_loss_with_arguments_of_its_own(backend):
    """A model that takes only labels and outputs in its `compute_loss` is called as it is written."""
    if backend != "tensorflow":
        pytest.skip("on the others Keras itself calls `compute_loss` with all arguments, to build the model")

    class Own(Subclassed):
        def compute_loss(self, y, y_pred):
            return super().compute_loss(None, y, y_pred, None)

        def test_step(self, data):
            x, y = data
            return {"loss": self.compute_loss(y, self(x))}

    model = Own()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model(X[:1])
    monitor = XentMonitor(None)
    model.evaluate(*VALIDATION, verbose=0, callbacks=[monitor])

    assert passes(monitor) == [(0, "test")]
    assert monitor.reports[0].num_examples == 797


def test_summary_is_that_of_the_last_fit(capsys):
    """A second fit with the same monitor ends with its own reading, and its divergence starts anew."""
    model, monitor = compiled(), XentMonitor(None)
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[monitor])
    worse = compiled(network(scale=30))
    worse.fit(X, Y, epochs=1, verbose=2, callbacks=[monitor])

    assert f"cross-entropy {monitor.reports[-1].cross_entropy:.1f}" in capsys.readouterr().out.replace("Training ", "")
    assert monitor.reports[-1].loss_accuracy_divergence == 0


def test_half_precision_outputs_are_distributions():
    """Rows of a bfloat16 soft-max sum to 1 as well as bfloat16 can; they are not called invalid."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = compiled()
    finally:
        keras.config.set_dtype_policy("float32")
    monitor = XentMonitor(None)
    model.fit(X, Y, callbacks=[monitor], **SHORT)

    assert monitor.reports[0].num_examples == 1000
    assert monitor.reports[0].invalid_probabilities == 0


def test_cases_cover_the_output_kinds():
    """The table of trainings has both kinds of labels, outputs and tasks: a guard for the tests that use it."""
    names = " ".join(CASES)

    for word in ("sparse", "one-hot", "probabilities", "logits", "binary", "two classes", "saturated"):
        assert word in names
