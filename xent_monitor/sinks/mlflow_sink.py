"""`MLflowSink`: reports as the metrics of an MLflow run."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xent_monitor.interpretation.wording import shortened
from xent_monitor.report import EvaluationReport
from xent_monitor.scalars import ClassChoice, scalars, series_name
from xent_monitor.sinks.clients import check_prefix, escaped, library

__all__ = ["MLflowSink", "metric_name"]

#: Longest name that MLflow takes (`mlflow.utils.validation.MAX_ENTITY_KEY_LENGTH`).
NAME_LENGTH = 250
#: Metrics of one request (`mlflow.utils.validation.MAX_METRICS_PER_BATCH`).
BATCH = 1000
#: Longest value of a tag that MLflow has always taken.
TAG_LENGTH = 500


class MLflowSink:
    """Writes to an MLflow run; the epoch is the step.

    - Metrics, by split: `validation/cross_entropy`, `validation/class_cross_entropy/cat` and whatever else TensorBoard
      shows as scalars; `validation/alerts/<rule>`, how many alerts of a rule are firing (it may fire for many classes).
      `metric_name` says how a name is written that MLflow does not take.
    - A tag `xent_monitor.firing`: the rules that are firing, by which runs can be searched.
    - Artifacts: `xent_monitor/reading.txt`, what the newest report of each split says, and
      `xent_monitor/alerts/epoch-0003.txt`, what was told of the alerts of an epoch.

    The run is the one that is given, else the active one (`mlflow.start_run()`, autologging), which is looked up at
    each report. Where there is none, a fit gets a run of its own, which `close` ends; no other run is ever started or
    ended. An `evaluate` after the fit writes to the run of the fit. Of epochs that are written again, as by a resumed
    run, MLflow keeps both values.

    Args:
        run_id: The run to write to; None for the active one.
        prefix: Put in front of the name of every metric, such as `"head/"`.
        top_classes: With more than 20 classes, how many (the worst of the first report) get a metric each, >= 0.
        clock: Seconds since the epoch.

    Raises:
        ImportError: If MLflow is not installed.
        TypeError: If `run_id` or `prefix` is no text.
        ValueError: If `top_classes` is not an integer >= 0.

    Example:
        ```python
        with mlflow.start_run():
            model.fit(x, y, callbacks=[XentMonitor("logs", sinks=[MLflowSink()])])
        ```
    """

    def __init__(
        self,
        run_id: str | None = None,
        *,
        prefix: str = "",
        top_classes: int = 10,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if run_id is not None and not isinstance(run_id, str):
            raise TypeError(f"`run_id` must be the id of a run, or None. Received: run_id={run_id!r}.")
        check_prefix(prefix)
        self._mlflow = library("mlflow", "MLflowSink")
        self._choice = ClassChoice(top_classes)
        self._given, self._prefix, self._clock = run_id, prefix, clock
        self._run_id = run_id
        self._is_own = False
        # Whether `close` was called since the last training pass: what comes next may be another training.
        self._is_over = True
        self._readings: dict[tuple[str, str], str] = {}
        self._firing: dict[tuple[str, str, str], set[str | None]] = {}

    @property
    def run_id(self) -> str | None:
        """The run that was written to last; None before the first report."""
        return self._run_id

    def write_report(self, report: EvaluationReport, reading: str) -> None:
        """Write a report.

        Raises:
            mlflow.exceptions.MlflowException: If MLflow does not take it.
        """
        self._choose_run(report.split)
        shown = self._choice.of(report)
        self._log({f"{report.split}/{one.name}": one.value for one in scalars(report, shown)}, report.epoch)
        place = f"{report.split} of {report.output}" if report.output else report.split
        self._readings[report.split, report.output] = f"epoch {report.epoch}, {place}:\n{reading}\n"
        self._write_text("\n".join(self._readings.values()), "reading.txt")

    def write_alerts(self, events: Sequence[Any]) -> None:
        """Write alerts.

        Raises:
            mlflow.exceptions.MlflowException: As for `write_report`.
        """
        counts = {}
        for event in events:
            firing = self._firing.setdefault((event.split, event.output, event.rule), set())
            (firing.add if event.state == "firing" else firing.discard)(event.class_name)
            name = series_name(event.output, "alerts", event.rule)
            counts[f"{event.split}/{name}"] = float(len(firing))
        epoch = max(event.epoch for event in events)
        self._log(counts, epoch)
        rules = dict.fromkeys(rule for (_, _, rule), classes in self._firing.items() if classes)
        self._client.set_tag(self._run_id, "xent_monitor.firing", shortened(", ".join(rules), TAG_LENGTH))
        self._write_text("".join(f"{event}\n" for event in events), f"alerts/epoch-{epoch:04d}.txt")

    def close(self) -> None:
        """End the run, if this sink has made it.

        Raises:
            mlflow.exceptions.MlflowException: As for `write_report`.
        """
        self._is_over = True
        if self._is_own:
            self._is_own = False
            self._client.set_terminated(self._run_id)

    @property
    def _client(self) -> Any:
        # A new one each time, so that it is that of the server which the user may have named in the meantime.
        return self._mlflow.MlflowClient()

    def _choose_run(self, split: str) -> None:
        is_new = self._is_over and split != "test"
        if is_new:
            self._is_over = False
            self._readings, self._firing = {}, {}
        active = self._mlflow.active_run()
        if self._given is not None:
            return
        if active is not None:
            self._run_id, self._is_own = active.info.run_id, False
        elif is_new or self._run_id is None:
            # Set by `mlflow run`, for the first run that the program starts.
            self._run_id = os.environ.get("MLFLOW_RUN_ID")
            if self._run_id is None:
                # Started and ended, since only so it is made in the experiment that the user has chosen.
                with self._mlflow.start_run() as run:
                    self._run_id, self._is_own = run.info.run_id, True
                self._client.update_run(self._run_id, status="RUNNING")

    def _log(self, values: Mapping[str, float], epoch: int) -> None:
        now = int(1000 * self._clock())
        metrics = [
            self._mlflow.entities.Metric(metric_name(self._prefix + name), value, now, epoch)
            for name, value in values.items()
            if math.isfinite(value)
        ]
        for start in range(0, len(metrics), BATCH):
            self._client.log_batch(self._run_id, metrics=metrics[start : start + BATCH])

    def _write_text(self, text: str, path: str) -> None:
        # Halves of surrogate pairs, from file names that are not UTF-8, cannot be written.
        self._client.log_text(self._run_id, text.encode("utf-8", "replace").decode(), f"xent_monitor/{path}")


def metric_name(name: str) -> str:
    """A name as MLflow takes it: the same for nearly all, and no two alike.

    MLflow takes letters, digits, `_`, `-`, `.`, blanks and `/` (`mlflow.utils.validation`), and no name that as a path
    would be another one. What it does not take is written `_x0025_`, the number of the character in hexadecimal digits.
    Longer names than it takes end in a hash.

    Example:
        >>> metric_name("validation/class_cross_entropy/t-shirt (top)")
        'validation/class_cross_entropy/t-shirt _x0028_top_x0029_'
        >>> metric_name("a//.."), metric_name("a_x002F_")
        ('a_x002F_/_x002E__x002E_', 'a_x005F_x002F_')
    """
    # Characters that are not taken, and parts of a path that would vanish.
    safe = escaped(name, r"[^/\w.\- ]|^/|/(?=/|$)|(?<![^/])\.(?=\.?(?:/|$))|(?<=(?<![^/])\.)\.(?=/|$)")
    if len(safe) <= NAME_LENGTH:
        return safe
    digest = hashlib.sha256(safe.encode()).hexdigest()[:16]
    return f"{safe[: NAME_LENGTH - 17]}-{digest}"
