"""The numbers of a report are those of the outputs, of saturated and of weighted ones too."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.trainings import CASES, X_VALIDATION, Y_VALIDATION, Case, network, train

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


@pytest.mark.parametrize("name", ["sparse probabilities", "one-hot logits", "binary logit", "focal"])
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
    for k in range(report.num_classes):
        expected = -np.log(true[labels == k]).mean()
        assert report.class_cross_entropy[k] == pytest.approx(expected, rel=1e-5)


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


def test_loss_that_is_one_number_for_the_batch_is_not_split_by_class():
    """A user's loss without a value for each example leaves the class losses undefined; the rest is there."""

    def batch_loss(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))

    case = Case(network, batch_loss, CASES["focal"].labels)
    report = train(case, monitored=True, epochs=1).reports("validation")[0]

    assert np.isnan(report.class_loss).all()
    assert np.isnan(report.loss)
    assert np.isfinite(report.class_cross_entropy).all()
