"""In every way to train a classifier: the sums are the logged loss, and the training is untouched to the last bit."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.trainings import CASES, Case, Run, train
from xent_monitor import EvaluationReport

pytestmark = pytest.mark.e2e


#: What most trainings are; the other ways through the code are slow tests, as in the support table, which has them too.
EVERY_TIME = {
    "sparse probabilities",
    "one-hot logits",
    "binary probability",
    "300 classes",
    "penalties",
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=() if name in EVERY_TIME else pytest.mark.slow) for name in CASES],
)
def runs(request: pytest.FixtureRequest, backend: str) -> tuple[Case, Run, Run]:
    """A case, trained without and with the monitor."""
    case = CASES[request.param]
    if backend in case.unsupported:
        pytest.skip(f"Keras cannot do this on {backend}")
    return case, train(case, monitored=False), train(case, monitored=True)


def total(report: EvaluationReport, class_values: np.ndarray) -> float:
    seen = report.support > 0
    return float((report.support[seen] * class_values[seen]).sum() / report.support.sum())


def test_class_losses_add_up_to_the_logged_loss(runs):
    """sum(support * class_loss) / sum(support), with the penalty, is `loss`, `val_loss` and that of `evaluate`."""
    case, _, run = runs
    logged = {"train": run.history["loss"], "validation": run.history["val_loss"], "test": run.evaluation[:1]}

    for split, losses in logged.items():
        reports = run.reports(split)
        assert len(reports) == len(losses)
        for report, loss in zip(reports, losses, strict=True):
            assert report.logged_loss == loss
            assert total(report, report.class_loss) + report.regularization == pytest.approx(loss, rel=1e-6)
            assert report.loss + report.regularization == pytest.approx(loss, rel=1e-6)
            assert report.explained_loss == pytest.approx(loss, rel=1e-6)
            if case.plain:
                np.testing.assert_allclose(report.class_cross_entropy, report.class_loss, rtol=1e-6)


def test_weights_history_and_evaluation_are_bit_identical(runs):
    """Weights, history (keys and values), `evaluate()` and the optimizer's state do not change by a bit."""
    _, plain, monitored = runs

    for expected, actual in zip(plain.model.get_weights(), monitored.model.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)
    for expected, actual in zip(plain.model.optimizer.variables, monitored.model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(actual), keras.ops.convert_to_numpy(expected))
    assert list(monitored.history) == list(plain.history)
    assert monitored.history == plain.history
    assert monitored.evaluation == plain.evaluation
