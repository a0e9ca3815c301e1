"""Every case of the support table, on the backend at hand: its report is the oracle's, its training untouched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.comparison import assert_same_sums
from tests.support.case import Case
from tests.support.cases import CASES
from tests.support.training import Run, closest_call, expected, predictions, train

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: Nearer to an edge of a bin, float32 and float64 may fall on different sides of it.
MARGIN = 1e-6


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, backend: str) -> Case:
    case = CASES[request.param]
    reason = case.unsupported.get(backend) or case.untested.get(backend)
    if reason is not None:
        pytest.skip(reason)
    return case


@pytest.fixture(scope="module")
def runs(case: Case) -> tuple[Run, Run, Any]:
    """The case without the monitor and with it, and what the model predicts afterwards."""
    plain, monitored = (train(case, monitored=flag) for flag in (False, True))
    return plain, monitored, predictions(case, monitored.model)


def test_report_is_that_of_the_oracle(case, runs):
    """Every array and number of the last report is float64 NumPy's, from what the trained model predicts."""
    _, run, outputs = runs
    for reports in run.reports(case):
        assert set(reports) == {reading.name for reading in case.readings}
        for reading in case.readings:
            assert closest_call(case, reading, outputs) > MARGIN, "take another seed"
            report, wanted = reports[reading.name], expected(case, run.model, reading, outputs)
            found = report.statistics
            assert_same_sums(found, wanted, relative=case.relative, ignore={"temperature_sums"})
            # Sums of the slope are differences that cancel.
            np.testing.assert_allclose(found.temperature_sums, wanted.temperature_sums, rtol=1e-4, atol=1e-3)


def test_training_is_untouched(case, runs):
    """Weights, history and the optimizer's state do not change by a bit."""
    plain, monitored, _ = runs

    for one, other in zip(plain.model.get_weights(), monitored.model.get_weights(), strict=True):
        np.testing.assert_array_equal(other, one)
    for one, other in zip(plain.model.optimizer.variables, monitored.model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(other), np.asarray(one))
    assert list(monitored.history) == list(plain.history)
    assert monitored.history == plain.history


def test_oracle_explains_the_logged_loss(case, runs):
    """What Keras logs is what the oracle says, whatever the monitor does: of the outputs, and with the penalty."""
    plain, _, outputs = runs
    logged = plain.history.get("loss" if case.split == "train" else "val_loss")
    if logged is None or case.other_losses or not case.averaged:
        pytest.skip("Keras logs no loss, or one with parts that are no classification, or a sum")
    readings = {reading: expected(case, plain.model, reading, outputs) for reading in case.readings}
    means = [reading.loss_weight * sums.batch_mean_loss_sum / sums.num_samples for reading, sums in readings.items()]
    penalty = next(iter(readings.values())).penalty_sum / len(case.data.x)

    assert sum(means) + penalty == pytest.approx(logged[-1], rel=case.logged)
