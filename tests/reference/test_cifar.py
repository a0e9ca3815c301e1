"""Real probabilities of a real network on CIFAR-10, against values from independent libraries and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from xent_monitor import EvaluationReport
from xent_monitor.cli.prediction_files import read_prediction_report

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def path(shared):
    """The file that `data/README.md` beside it describes, with the values below."""
    path = shared / "data" / "cifar10_vgg_probabilities.npz"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    return path


@pytest.fixture(scope="module")
def report(path):
    with np.load(path) as arrays:
        return EvaluationReport.from_predictions(arrays["labels"], probabilities=arrays["probabilities"])


def test_quantities_are_the_published_ones(report):
    assert report.num_examples == 10_000
    assert report.accuracy == 0.9359
    assert report.confidence == pytest.approx(0.975573, abs=5e-7)
    assert report.cross_entropy == pytest.approx(0.2570648, abs=5e-8)
    assert report.brier_score == pytest.approx(0.105446, abs=5e-7)
    assert report.expected_calibration_error == pytest.approx(0.0397801, abs=5e-8)
    by_class = [0.2872, 0.1153, 0.2884, 0.6000, 0.1974, 0.4116, 0.1701, 0.1844, 0.0856, 0.2307]
    np.testing.assert_allclose(report.class_cross_entropy, by_class, atol=5e-5)


@pytest.mark.parametrize(("num_bins", "error"), [(10, 0.0399071), (20, 0.0400156)])
def test_calibration_error_of_other_bins(path, num_bins, error):
    with np.load(path) as arrays:
        report = EvaluationReport.from_predictions(
            arrays["labels"], probabilities=arrays["probabilities"], num_bins=num_bins
        )

    assert report.expected_calibration_error == pytest.approx(error, abs=1e-7)


def test_cross_entropies_are_those_of_scikit_learn(path, report):
    """With sample weights as well."""
    with np.load(path) as arrays:
        labels, p = arrays["labels"], arrays["probabilities"]
    weight = np.linspace(0, 2, len(labels))

    weighted = EvaluationReport.from_predictions(labels, probabilities=p, sample_weight=weight)

    wide = p.astype("float64")
    wide /= wide.sum(axis=1, keepdims=True)  # float32 rows, for a library that takes their sums exactly
    assert report.cross_entropy == pytest.approx(log_loss(labels, wide), rel=1e-6)
    expected = log_loss(labels, wide, sample_weight=weight)
    assert weighted.weighted_cross_entropy == pytest.approx(expected, rel=1e-6)


def test_logits_are_probabilities(path, report):
    """Logarithms of the probabilities, shifted by any number a row, are logits of the same predictions."""
    with np.load(path) as arrays:
        labels, p = arrays["labels"], arrays["probabilities"]
    logits = np.log(np.maximum(p, 1e-30)) + np.linspace(-5, 5, len(p), dtype="float32")[:, None]

    found = EvaluationReport.from_predictions(labels, logits=logits)

    assert found.cross_entropy == pytest.approx(report.cross_entropy, rel=1e-6)
    np.testing.assert_array_equal(found.confusion, report.confusion)


def test_the_file_is_read_as_it_is(path, report):
    assert read_prediction_report(path) == report
