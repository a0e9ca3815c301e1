"""The numbers of a report are those of the outputs, of saturated and of weighted ones too."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.trainings import (
    CASES,
    X_VALIDATION,
    Y_VALIDATION,
    Case,
    X,
    Y,
    high_digit,
    network,
    one_hot,
    penalized_network,
    train,
)
from xent_monitor import XentMonitor

pytestmark = pytest.mark.e2e


def test_saturated_outputs_are_saturated(backend):
    """The saturated cases above are what they say: beyond Keras' clip on TensorFlow, at it on the others."""
    report = train(CASES["saturated probabilities"], monitored=True, epochs=1).reports("train")[0]

    assert report.saturated > report.num_examples / 4
    assert report.temperature > 16
    assert 0 < report.tempered_cross_entropy <= report.cross_entropy
    if backend == "tensorflow":
        assert report.cross_entropy > 30
    else:
        assert 8 < report.cross_entropy < 16.12


@pytest.mark.parametrize(
    "name",
    [
        "sparse probabilities",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("one-hot logits", "binary logit", "focal")),
    ],
)
def test_report_agrees_with_predict(name):
    """What is counted inside the step is what `predict` gives afterwards."""
    case = CASES[name]
    run = train(case, monitored=True)
    report = run.reports("test")[0]
    outputs = np.asarray(run.model.predict(X_VALIDATION, verbose=0), "float64")
    labels = np.asarray(case.labels(Y_VALIDATION))
    labels = labels.argmax(1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.reshape(-1).astype(int)
    if outputs.shape[1] == 1:
        outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=1)
    if name.endswith(("logit", "logits")):
        exponentials = np.exp(outputs - outputs.max(1, keepdims=True))
        outputs = exponentials / exponentials.sum(1, keepdims=True)
    true = outputs[np.arange(len(labels)), labels]

    np.testing.assert_array_equal(report.support, np.bincount(labels))
    np.testing.assert_array_equal(report.predicted, np.bincount(outputs.argmax(1), minlength=outputs.shape[1]))
    assert report.accuracy == np.mean(outputs.argmax(1) == labels)
    assert report.cross_entropy == pytest.approx(-np.log(true).mean(), rel=1e-5)
    assert report.confidence == pytest.approx(outputs.max(1).mean(), rel=1e-6)
    assert report.probability_total == pytest.approx(1, rel=1e-6)
    # In batches of 200.
    steps = np.concatenate([np.abs(np.diff(batch.max(1))) for batch in np.split(outputs, [200, 400, 600])])
    assert report.confidence_spread == pytest.approx(steps.mean(), rel=1e-4)
    assert report.statistics.num_batches == 4
    for k in range(report.num_classes):
        expected = -np.log(true[labels == k]).mean()
        assert report.class_cross_entropy[k] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_weights_and_class_weights_enter_the_weighted_mean_only():
    """Keras divides the weighted sum by the number of examples; the unweighted quantities do not see weights."""
    weights = np.linspace(0, 2, 1000).astype("float32")
    plain = train(CASES["sparse probabilities"], monitored=True, epochs=1).reports("validation")[0]
    weighted = Case(network, "sparse_categorical_crossentropy", fit={"sample_weight": weights})
    report = train(weighted, monitored=True, epochs=1).reports("train")[0]
    by_class = Case(network, "sparse_categorical_crossentropy", fit={"class_weight": {3: 5.0}})
    heavy = train(by_class, monitored=True, epochs=1).reports("train")[0]

    sums = report.statistics
    assert sums.weighted_loss_sum.sum() / report.num_examples == pytest.approx(report.logged_loss, rel=1e-6)
    assert report.weight_sum.sum() == pytest.approx(weights.sum(), rel=1e-6)
    assert report.weighted_cross_entropy != pytest.approx(report.cross_entropy, rel=1e-4)
    assert heavy.weight_sum[3] == 5 * heavy.support[3]
    assert plain.weighted_cross_entropy == pytest.approx(plain.cross_entropy, rel=1e-9)


@pytest.mark.parametrize("weights", ["class_weight", pytest.param("sample_weight", marks=pytest.mark.slow)])
def test_explained_loss_is_the_logged_loss(weights):
    """With weights and penalties, and a short last batch: what Keras logs is explained to 1e-6."""
    values = {"class_weight": {3: 5.0, 7: 0.25}, "sample_weight": np.linspace(0, 4, 1000).astype("float32")}
    case = Case(penalized_network, "sparse_categorical_crossentropy", fit={weights: values[weights], "batch_size": 300})
    run = train(case, monitored=True)

    for report, logged in zip(run.reports("train"), run.history["loss"], strict=True):
        assert report.logged_loss == logged
        assert report.explained_loss == pytest.approx(logged, rel=1e-6)
        assert report.regularization > 0.01 * logged
        assert report.loss + report.regularization != pytest.approx(logged, rel=1e-3)
    for report, logged in zip(run.reports("validation"), run.history["val_loss"], strict=True):
        assert report.explained_loss == pytest.approx(logged, rel=1e-6)


@pytest.mark.slow
def test_explained_loss_of_a_sum_is_the_mean():
    """With the reduction "sum" Keras logs what is explained times the batch size, here without a short batch."""
    case = Case(network, keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
    run = train(case, monitored=True)

    for report, logged in zip(run.reports("train"), run.history["loss"], strict=True):
        assert 200 * report.explained_loss == pytest.approx(logged, rel=1e-6)
        assert report.explained_loss == pytest.approx(report.cross_entropy, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("units", "activation", "low", "high"),
    [(10, "softmax", 1 - 1e-6, 1 + 1e-6), (10, "sigmoid", 1.5, 10.0), (1, "sigmoid", 1 - 1e-6, 1 + 1e-6)],
)
def test_probabilities_add_up_to_what_the_head_gives(units, activation, low, high):
    """1 for a soft-max and for a single unit; several sigmoid units under a categorical loss add up to more."""
    binary = units == 1
    case = Case(
        lambda: network(units, activation),
        "binary_crossentropy" if binary else "categorical_crossentropy",
        high_digit if binary else one_hot,
    )
    report = train(case, monitored=True, epochs=1).reports("train")[0]

    assert low <= report.probability_total <= high


def test_a_constant_output_has_no_spread():
    """A model that does not look at its input has a confidence spread of exactly 0, and another one has not."""
    model = network()
    model.layers[-1].set_weights([np.zeros((32, 10)), np.linspace(0, 1, 10)])
    model.compile("adam", "sparse_categorical_crossentropy")
    constant, varied = XentMonitor(None), XentMonitor(None)
    model.evaluate(X_VALIDATION, Y_VALIDATION, verbose=0, callbacks=[constant])
    other = network()
    other.compile("adam", "sparse_categorical_crossentropy")
    other.evaluate(X_VALIDATION, Y_VALIDATION, verbose=0, callbacks=[varied])

    assert constant.reports[0].confidence_spread == 0.0
    assert varied.reports[0].confidence_spread > 0.01


def test_weights_that_are_not_finite_are_counted(backend):
    """NaN in a hidden layer is told after each epoch, where TensorFlow's ReLU hides it from the outputs as well."""
    model, monitor = network(), XentMonitor(None)
    kernel, bias = model.layers[0].get_weights()
    model.layers[0].set_weights([np.full_like(kernel, np.nan), np.full_like(bias, np.nan)])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(
        X, Y, validation_data=(X_VALIDATION, Y_VALIDATION), batch_size=250, epochs=2, verbose=0, callbacks=[monitor]
    )

    assert len(monitor.reports) == 4
    assert all(report.non_finite_weights >= 2 for report in monitor.reports)
    if backend == "tensorflow":
        assert all(report.non_finite == 0 and np.isfinite(report.cross_entropy) for report in monitor.reports)
    else:
        assert monitor.reports[0].non_finite == 1000


def test_weights_of_a_healthy_model_are_finite():
    """No weight is counted; a test pass does not look."""
    reports = train(CASES["sparse probabilities"], monitored=True).monitor.reports

    assert [report.non_finite_weights for report in reports] == [0] * 5


def test_loss_that_is_one_number_for_the_batch_is_not_split_by_class():
    """A user's loss without a value for each example leaves the class losses undefined; the rest is there."""

    def batch_loss(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))

    case = Case(network, batch_loss, CASES["focal"].labels)
    report = train(case, monitored=True, epochs=1).reports("validation")[0]

    assert np.isnan(report.class_loss).all()
    assert np.isnan(report.loss)
    assert np.isfinite(report.class_cross_entropy).all()
