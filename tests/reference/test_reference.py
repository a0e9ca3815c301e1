"""Quantities against independent libraries, on random predictions and on those of a real network. On any backend."""

from __future__ import annotations

import math

import calibration as uncertainty_calibration
import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn import metrics

from tests.builders import predictions
from tests.monitored_pass import pass_over
from xent_monitor.report import EvaluationReport

pytestmark = pytest.mark.reference

CASES = [(2, 500), (3, 1000), (10, 3000), (100, 3000)]


@pytest.fixture(scope="module", params=CASES, ids=[f"{k} classes" for k, _ in CASES])
def case(request):
    """Labels, float32 probabilities, and the report on them."""
    num_classes, num_examples = request.param
    labels, probabilities = predictions(num_classes, num_examples, seed=num_classes)
    probabilities = probabilities.astype("float32")
    return labels, probabilities, report_on(labels, probabilities)


def report_on(labels, probabilities, splits=()):
    num_classes = probabilities.shape[1]
    sums = pass_over(labels, probabilities, splits=splits)
    return EvaluationReport(0, "validation", "", tuple(map(str, range(num_classes))), sums)


def log_loss(labels, probabilities):
    probabilities = probabilities.astype("float64")
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return metrics.log_loss(labels, probabilities, labels=np.arange(probabilities.shape[1]))


def test_cross_entropy_is_the_log_loss(case):
    """The cross-entropy, of all examples and of each class, is scikit-learn's `log_loss`."""
    labels, probabilities, report = case

    assert report.cross_entropy == pytest.approx(log_loss(labels, probabilities), rel=2e-6)
    expected = [log_loss(labels[labels == k], probabilities[labels == k]) for k in range(report.num_classes)]
    np.testing.assert_allclose(report.class_cross_entropy, expected, rtol=2e-6)


def test_decisions_are_those_of_scikit_learn(case):
    """Confusion matrix, accuracy, recall, precision and support are scikit-learn's."""
    labels, probabilities, report = case
    decisions = probabilities.argmax(axis=1)

    np.testing.assert_array_equal(report.confusion, metrics.confusion_matrix(labels, decisions))
    assert report.accuracy == pytest.approx(metrics.accuracy_score(labels, decisions), rel=1e-12)
    recall = metrics.recall_score(labels, decisions, average=None)
    np.testing.assert_allclose(report.class_accuracy, recall, rtol=1e-12)
    precision = metrics.precision_score(labels, decisions, average=None, zero_division=np.nan)
    np.testing.assert_allclose(report.class_precision, precision, rtol=1e-12)
    np.testing.assert_array_equal(report.support, np.bincount(labels))


def test_brier_score_is_the_mean_square(case):
    """The Brier score is the mean over examples of the squared distance from the one-hot label."""
    labels, probabilities, report = case
    truth = np.eye(report.num_classes)[labels]

    expected = np.square(probabilities.astype("float64") - truth).sum(axis=1).mean()
    assert report.brier_score == pytest.approx(expected, rel=2e-6)


def test_calibration_error_is_that_of_uncertainty_calibration(case):
    """The expected calibration error is `get_ece` of the package of Kumar et al. (2019)."""
    labels, probabilities, report = case

    expected = uncertainty_calibration.get_ece(probabilities.astype("float64"), labels, num_bins=15)
    assert report.expected_calibration_error == pytest.approx(expected, abs=1e-6)


def test_prior_and_predicted_entropies_are_those_of_scipy(case):
    """Entropies of the labels and of the predictions are SciPy's, in nats."""
    labels, probabilities, report = case

    assert report.prior_entropy == pytest.approx(stats.entropy(np.bincount(labels)), rel=1e-12)
    expected = stats.entropy(probabilities.astype("float64"), axis=1).mean()
    assert report.mean_entropy == pytest.approx(expected, rel=1e-5)


def test_standard_error_is_that_of_scipy(case):
    """The standard error of the cross-entropy is SciPy's, with ddof 1."""
    labels, probabilities, report = case
    nats = -np.log(probabilities[np.arange(len(labels)), labels].astype("float64"))

    assert report.standard_error == pytest.approx(stats.sem(nats), rel=1e-4)


def optimum(labels, logits):
    """Best temperature and its cross-entropy by SciPy."""

    def cross_entropy(log_temperature):
        scaled = log_softmax(logits / math.exp(log_temperature), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    found = minimize_scalar(
        cross_entropy, bounds=(math.log(1 / 16), math.log(64)), method="bounded", options={"xatol": 1e-8}
    )
    return math.exp(found.x), found.fun


@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("num_classes", [2, 10, 100])
def test_temperature_is_that_of_an_optimizer(num_classes, scale):
    """Fed in batches that are sampled as a whole, T* is within 2 % of SciPy's optimum over all rows."""
    labels, probabilities = predictions(num_classes, 2000, seed=7, sharpness=1.0)
    logits = (scale * np.log(probabilities)).astype("float32")
    sums = pass_over(labels, logits, from_logits=True, splits=range(100, 2000, 100))
    report = EvaluationReport(0, "validation", "", tuple(map(str, range(num_classes))), sums)

    temperature, least = optimum(labels, logits.astype("float64"))

    assert sums.temperature_sample_size == 2000
    assert report.temperature == pytest.approx(temperature, rel=0.02)
    assert report.tempered_cross_entropy == pytest.approx(least, abs=1e-3)


# A real network: VGG on CIFAR-10, from the repository p-lambda/verified_calibration. Reference values were computed
# with scikit-learn and uncertainty-calibration from the same file.

CLASS_CROSS_ENTROPY = [0.2872, 0.1153, 0.2884, 0.6000, 0.1974, 0.4116, 0.1701, 0.1844, 0.0856, 0.2307]


@pytest.fixture(scope="module")
def real(shared):
    """Labels and probabilities of 10 000 real predictions."""
    path = shared / "data" / "cifar10_vgg_probabilities.npz"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    with np.load(path) as file:
        arrays = [file[name] for name in file.files]
    (labels,) = (array for array in arrays if array.ndim == 1)
    (probabilities,) = (array for array in arrays if array.ndim == 2)
    return labels, probabilities


def test_real_predictions_have_their_reference_values(real):
    """Ten thousand predictions of a real network, fed in batches, give the published values to their last digit."""
    report = report_on(*real, splits=range(500, 10_000, 500))

    assert report.num_examples == 10_000
    assert report.accuracy == 0.9359
    assert report.confidence == pytest.approx(0.975573, abs=5.1e-7)
    assert report.cross_entropy == pytest.approx(0.2570648, abs=5.1e-8 + 2.6e-7)
    assert report.brier_score == pytest.approx(0.105446, abs=5.1e-7)
    assert report.expected_calibration_error == pytest.approx(0.0397801, abs=1e-7)
    np.testing.assert_allclose(report.class_cross_entropy, CLASS_CROSS_ENTROPY, atol=5.1e-5)


@pytest.mark.parametrize(("num_bins", "expected"), [(10, 0.0399071), (15, 0.0397801), (20, 0.0400156)])
def test_real_calibration_errors(real, num_bins, expected):
    """The calibration error for several numbers of bins."""
    sums = pass_over(*real, splits=range(500, 10_000, 500), num_bins=num_bins)
    report = EvaluationReport(0, "test", "", tuple("0123456789"), sums)

    assert report.expected_calibration_error == pytest.approx(expected, abs=1e-7)


def test_real_temperature_is_that_of_an_optimizer(real):
    """The real network is over-confident; the temperature that mends it is within 2 % of SciPy's."""
    labels, probabilities = real
    report = report_on(labels, probabilities, splits=range(500, 10_000, 500))

    # Keras' loss looks at no probability below 1e-7, and neither do the logits taken from probabilities.
    temperature, least = optimum(labels, np.log(np.maximum(probabilities.astype("float64"), 1e-7)))

    assert report.statistics.temperature_sample_size == 10_000
    assert temperature > 1.3
    assert report.temperature == pytest.approx(temperature, rel=0.02)
    assert report.tempered_cross_entropy == pytest.approx(least, abs=1e-3)
