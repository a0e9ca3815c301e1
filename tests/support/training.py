"""Running a case without and with the monitor, and what the oracle expects of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np

from tests.rows_of_predictions import rows_of
from tests.statistics_from_predictions import probabilities_of, statistics_from_predictions
from tests.support.case import BATCH, Case, Reading
from xent_monitor import EvaluationReport, XentMonitor
from xent_monitor.statistics import ClassStatistics

__all__ = ["Run", "closest_call", "expected", "predictions", "probabilities", "train"]


@dataclasses.dataclass(frozen=True)
class Run:
    """What is left of a training."""

    model: Any
    history: dict[str, list[float]]
    monitors: tuple[XentMonitor, ...]

    def reports(self, case: Case) -> list[dict[str, EvaluationReport]]:
        """Of each monitor the last report on each output."""
        return [
            {report.output: report for report in monitor.reports if report.split == case.split}
            for monitor in self.monitors
        ]


def train(case: Case, *, monitored: bool) -> Run:
    """Train from the case's seed."""
    monitors = tuple(XentMonitor(None, **case.monitor) for _ in range(case.monitors)) if monitored else ()
    model, history = case.loop(case, case.compiled(), list(monitors))
    return Run(model, history, monitors)


def predictions(case: Case, model: Any) -> Any:
    """What the model says of the data of the compared pass."""
    if case.dtype_policy != "float32":
        # Compiled, as in the pass: operation by operation, half precision is rounded elsewhere.
        return model.predict(case.data.x, batch_size=BATCH, verbose=0)
    return keras.tree.map_structure(keras.ops.convert_to_numpy, model(case.data.x, training=False))


def probabilities(reading: Reading, outputs: Any) -> np.ndarray:
    """Float64 probabilities of one output, from what the model predicts."""
    own = np.asarray(reading.output(outputs)).astype("float64")
    if not reading.from_logits:
        return own
    return probabilities_of(own, task=reading.task, class_axis=reading.class_axis)


def expected(case: Case, model: Any, reading: Reading, outputs: Any) -> ClassStatistics:
    """The oracle's statistics of one output."""
    p = probabilities(reading, outputs)
    return statistics_from_predictions(
        **_arguments(case, reading, p),
        reduction=reading.reduction,
        batch_sizes=[min(BATCH, len(p) - start) for start in range(0, len(p), BATCH)],
        penalty=sum(float(keras.ops.convert_to_numpy(penalty)) for penalty in model.losses),
    )


def _arguments(case: Case, reading: Reading, p: np.ndarray) -> dict[str, Any]:
    """What `rows_of` and `statistics_from_predictions` are given alike."""
    targets = reading.target(case.data.y)
    return {
        "targets": targets,
        "probabilities": p,
        "task": reading.task,
        "class_axis": reading.class_axis,
        "sample_weight": reading.weight(case.data.weight),
        "mask": None if reading.mask is None else reading.mask(case.data.x),
        "ignore_class": reading.ignore_class,
        "loss": None if reading.loss is None else reading.loss(targets, p),
    }


def closest_call(case: Case, reading: Reading, outputs: Any, num_bins: int = 15) -> float:
    """How near any binned probability is to the edge of its bin, or the second largest, relatively, to the largest."""
    rows = rows_of(**_arguments(case, reading, probabilities(reading, outputs)))
    decisions = rows.only(rows.kept).decisions()
    p = decisions.distribution
    first, second = np.sort(p, axis=1)[:, :-3:-1].T
    binned = num_bins * np.concatenate([first, p[np.arange(len(p)), decisions.true]])
    inner = binned[(binned > 0.5) & (binned < num_bins - 0.5)]
    to_edges = np.abs(inner - np.round(inner)) / num_bins
    return float(min(to_edges.min(initial=1.0), ((first - second) / first).min(initial=1.0)))
