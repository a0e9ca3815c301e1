"""`WandbSink`: reports as the history of a run of Weights & Biases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from xent_monitor.interpretation.wording import count
from xent_monitor.report import EvaluationReport
from xent_monitor.scalars import ClassChoice, class_labels, scalars, series_name
from xent_monitor.sinks.clients import check_prefix, escaped, library

__all__ = ["WandbSink"]

#: Most events that the text of an alert repeats: one rule may fire for hundreds of classes.
TOLD_EACH = 5
#: Most rows of the table of the classes, the worst; a page shows no more.
TABLE_ROWS = 1000
#: How grave each severity is for Weights & Biases, as a name in `wandb.AlertLevel`.
LEVELS: Mapping[str, str] = {"info": "INFO", "warning": "WARN", "critical": "ERROR"}


class WandbSink:
    """Writes to a run of Weights & Biases.

    - History, by split: `validation/cross_entropy`, `validation/class_cross_entropy/cat` and whatever else TensorBoard
      shows as scalars, over `epoch` (`run.define_metric`). The step of the run is not touched: values join the row that
      is being filled, and go out with what you log next, with the next epoch, or at the end of the fit.
    - Alerts: `run.alert`, one for each rule that began to fire in an epoch, or was resolved; `INFO`, `WARN` or `ERROR`
      by severity. Whether they are sent on by mail or Slack is a setting of the account.
    - At the end, `validation/classes`, a table of the classes in the newest report of each split, the worst first.
    - A `*` in a name is written `_x002A_`.

    The run is the one that is given, else the active one (`wandb.init()`), which is looked up at each report. No run is
    ever started, since that may ask for a login in the middle of a training, nor finished.

    Args:
        run: What `wandb.init()` returned; None for the active one.
        prefix: Put in front of every name, `epoch` included, such as `"head/"`.
        top_classes: With more than 20 classes, how many (the worst of the first report) get a line of their own, >= 0.

    Raises:
        ImportError: If wandb is not installed.
        TypeError: If `run` is no run, or `prefix` no text.
        ValueError: If `top_classes` is not an integer >= 0.

    Example:
        ```python
        with wandb.init(project="cats"):
            model.fit(x, y, callbacks=[XentMonitor("logs", sinks=[WandbSink()])])
        ```
    """

    def __init__(self, run: Any = None, *, prefix: str = "", top_classes: int = 10) -> None:
        if run is not None and not (callable(getattr(run, "log", None)) and hasattr(run, "define_metric")):
            raise TypeError(f"`run` must be what `wandb.init()` returns, or None. Received: run={run!r}.")
        check_prefix(prefix)
        self._wandb = library("wandb", "WandbSink")
        self._given, self._prefix = run, prefix
        self._choice = ClassChoice(top_classes)
        self._newest: dict[tuple[str, str], EvaluationReport] = {}
        self._defined: tuple[Any, set[str]] = (None, set())
        #: The epoch and the row that were written last.
        self._last: tuple[int, int] | None = None

    def write_report(self, report: EvaluationReport, reading: str) -> None:
        """Write a report.

        Raises:
            RuntimeError: If there is no run.
        """
        values = {f"{report.split}/{one.name}": one.value for one in scalars(report, self._choice.of(report))}
        self._log(report.epoch, {name: value for name, value in values.items() if math.isfinite(value)})
        self._newest[report.split, report.output] = report

    def write_alerts(self, events: Sequence[Any]) -> None:
        """Write alerts.

        Raises:
            RuntimeError: As for `write_report`.
        """
        groups: dict[tuple[str, str, str, str], list[Any]] = {}
        for event in events:
            groups.setdefault((event.rule, event.state, event.split, event.output), []).append(event)
        for (rule, state, split, output), group in groups.items():
            lines = [str(event) for event in group[:TOLD_EACH]]
            if len(group) > TOLD_EACH:
                lines.append(f"and {count(len(group) - TOLD_EACH, 'class', 'classes')} more")
            # Weights & Biases drops an alert whose title it has seen in the last minute.
            place = f"{split} of {output}" if output else split
            title = f"{rule} is {state}, {place}, epoch {group[0].epoch}"
            level = LEVELS[group[0].severity] if state == "firing" else "INFO"
            self._run().alert(title=title, text="\n".join(lines), level=self._wandb.AlertLevel[level])

    def close(self) -> None:
        """Write the tables of the classes, and what is still in the row that is being filled.

        Raises:
            RuntimeError: As for `write_report`.
        """
        if not self._newest:
            return
        newest, self._newest = self._newest, {}
        tables = {
            f"{split}/{series_name(output, 'classes')}": self._wandb.Table(*_class_table(report))
            for (split, output), report in newest.items()
        }
        self._log(max(report.epoch for report in newest.values()), tables)
        self._run().log({}, commit=True)
        self._last = None

    def _run(self) -> Any:
        run = self._wandb.run if self._given is None else self._given
        if run is None:
            raise RuntimeError("no run is active: call `wandb.init()` before the training")
        return run

    def _log(self, epoch: int, values: Mapping[str, Any]) -> None:
        run = self._run()
        step_metric = f"{self._prefix}epoch"
        # A star in a definition stands for any ending.
        row = {escaped(self._prefix + name, r"\*"): value for name, value in values.items()}
        if self._defined[0] is not run:
            self._defined, self._last = (run, set()), None
        for name in row:
            # Each by its full name: a pattern such as `train/*` would take hold of what the user logs too.
            if name not in self._defined[1]:
                self._defined[1].add(name)
                run.define_metric(name, step_metric=step_metric)
        # A row that only we have written to since the last epoch is full; in other cases the next `log` of the user
        # ends it. To end it here would push on the step, and what the user logs with a `step=` of an older one is lost.
        if self._last is not None and self._last[0] != epoch and self._last[1] == run.step:
            run.log({}, commit=True)
        run.log(row | {step_metric: epoch}, commit=False)
        self._last = (epoch, run.step)


def _class_table(report: EvaluationReport) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a table of the classes, the worst first."""
    quantities = {
        "examples": report.support,
        "cross_entropy": report.class_cross_entropy,
        "accuracy": report.class_accuracy,
        "precision": report.class_precision,
        "confidence": report.class_confidence,
    }
    labels = class_labels(report.class_names)
    rows = [
        [labels[k], *(_cell(values[k].item()) for values in quantities.values())]
        for k in report.worst_classes(TABLE_ROWS)
    ]
    return ["class", *quantities], rows


def _cell(value: float) -> float | None:
    return value if math.isfinite(value) else None
