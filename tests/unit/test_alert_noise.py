"""Standard errors of quantities."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.alert_reports import made_report
from xent_monitor.alerts.noise import STANDARD_ERRORS, bounded_mean_error
from xent_monitor.report import EvaluationReport


@pytest.mark.parametrize("quantity", sorted(STANDARD_ERRORS))
def test_standard_error_has_the_shape_of_its_quantity(quantity):
    report = made_report(spread=0.5, confidence_sum=[80.0, 80.0, 80.0], brier_sum=[20.0] * 3, entropy_sum=[30.0] * 3)

    error = STANDARD_ERRORS[quantity](report)

    assert np.shape(error) == np.shape(getattr(report, quantity))
    # Classes have no negatives.
    assert np.all(np.isnan(error) if quantity == "class_negative_cross_entropy" else np.asarray(error) > 0)


def test_standard_errors_are_of_quantities():
    assert set(STANDARD_ERRORS) <= set(EvaluationReport.quantities())


def test_standard_errors_by_hand():
    report = made_report(nats=0.5, right=0.79, spread=0.3, support=100)
    error = math.sqrt(299 / 300 * 0.09 / 300)  # about: three spreads of 99 degrees of freedom each
    share = (237 + 1) / (300 + 2)

    assert STANDARD_ERRORS["cross_entropy"](report) == pytest.approx(error, rel=0.01)
    assert STANDARD_ERRORS["skill"](report) == pytest.approx(error / math.log(3), rel=0.01)
    assert STANDARD_ERRORS["perplexity"](report) == pytest.approx(math.exp(0.5) * error, rel=0.01)
    assert STANDARD_ERRORS["accuracy"](report) == pytest.approx(math.sqrt(share * (1 - share) / 300))
    assert STANDARD_ERRORS["class_accuracy"](report) == pytest.approx([math.sqrt(80 / 102 * 22 / 102 / 100)] * 3)


def test_skill_of_one_class_has_no_standard_error():
    assert math.isnan(STANDARD_ERRORS["skill"](made_report(support=(10, 0, 0))))


@pytest.mark.parametrize(("mean", "largest"), [(0.0, 1.0), (1.0, 1.0), (2.0, 2.0)])
def test_mean_at_the_end_of_its_range_is_not_certain(mean, largest):
    assert bounded_mean_error(mean, 10, largest) > 0.05 * largest


def test_bounded_mean_is_undefined_without_values():
    assert math.isnan(bounded_mean_error(math.nan, 0))
