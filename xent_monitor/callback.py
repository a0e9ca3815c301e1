"""`XentMonitor`, the callback: when to read the sums, and whom to tell."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from xent_monitor.alerts.delivery import Verdict
from xent_monitor.alerts.desk import VERDICTS, AlertDesk
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.arguments import check_arguments
from xent_monitor.console import EpochLines, final_lines, print_wrapped
from xent_monitor.errors import AlertError, XentMonitorError
from xent_monitor.faults import Faults
from xent_monitor.interpretation import interpret
from xent_monitor.loops import OwnLoops
from xent_monitor.notebook import NotebookViews
from xent_monitor.passes import first_step, pass_reports, with_first_step
from xent_monitor.processes import agreed, is_first_process
from xent_monitor.report import EvaluationReport, Split, sort_key
from xent_monitor.sinks import Sink
from xent_monitor.sinks.group import SinkGroup
from xent_monitor.tensorboard import read_reports
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.metadata import run_directory
from xent_monitor.tensorboard.writer import ReportWriter
from xent_monitor.weights import count_non_finite_weights
from xent_monitor.wiring import Attachment, Phase, WiringSettings, as_names, names_of

__all__ = ["XentMonitor"]


class XentMonitor(OwnLoops, NotebookViews):
    """Says, every epoch and for every class, what the cross-entropy of a training means.

    The sums are taken inside Keras' own compiled steps: no extra forward pass, no stored predictions, and the
    training is the same to the last bit. Each pass gives an `EvaluationReport`, written to TensorBoard and kept in
    `reports`; the reading in words is printed at the end of `fit` (unless `verbose=0`).

    Args:
        log_dir: Directory for TensorBoard; the runs are `LOG_DIR/xent_monitor/train`, `validation` and `test`. None
            to write no files.
        class_names: One name for each class (binary: negative, positive), or a dictionary of them by the name of the
            output. None for `"0"`, `"1"`, ...
        outputs: Names of the outputs to monitor. None for every classification; others are left alone.
        rules: What raises an alert: `"default"` for the built-in rules, the path of a rule file (TOML), an iterable of
            `AlertRule`, or None for none.
        actions: What is done about every alert, beyond a line in the log (`logging.getLogger("xent_monitor")`), a text
            and a scalar in TensorBoard and a line in `LOG_DIR/alerts.jsonl`: `StopTraining()`, `RaiseError()`,
            `Webhook(url)`, `Notify(urls)`, or any callable that takes an `AlertEvent`.
        train: Whether to monitor the training pass as well as validation.
        num_bins: Bins of the histograms and of the calibration error, >= 1.
        from_logits: Whether the outputs are logits. None: as the compiled loss says, else as the activation of the
            output layer implies.
        top_classes: With more than 20 classes, how many (the worst of the first report) get scalars and histograms of
            their own, >= 1. The statistics of all are kept in any case.
        confusion_limit: Most classes for which the whole confusion matrix is kept, >= 0; beyond, the worst pairs are
            found by a sketch.
        sinks: Other places to write reports and alerts to: `JsonLinesSink`, `MLflowSink` and `WandbSink` of
            `xent_monitor.sinks`, or objects of your own with the three methods of `Sink`.
        epoch_summary: Whether to print a line after each epoch (unless `verbose=0`).

    Raises:
        ValueError: If an argument has a wrong value; all problems are named at once.
        XentMonitorError: From `fit` or `evaluate`, before the first epoch is over, if the model is no classifier, or
            `outputs` or `class_names` do not fit it.

    Example:
        ```python
        monitor = XentMonitor("logs/run1", class_names=["cat", "dog", "bird"])
        model.fit(x, y, validation_data=(xv, yv), epochs=20, callbacks=[monitor])
        model.evaluate(x_test, y_test, callbacks=[monitor])   # a report of split "test"
        print(monitor.reports[-1].class_cross_entropy)
        ```
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = "logs",
        *,
        class_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        outputs: Sequence[str] | None = None,
        rules: str | os.PathLike[str] | Iterable[AlertRule] | None = "default",
        actions: Sequence[Any] = (),
        train: bool = True,
        num_bins: int = 15,
        from_logits: bool | None = None,
        top_classes: int = 10,
        confusion_limit: int = 256,
        sinks: Sequence[Sink] = (),
        epoch_summary: bool = False,
    ) -> None:
        super().__init__()
        check_arguments(
            log_dir=log_dir,
            class_names=class_names,
            outputs=outputs,
            train=train,
            from_logits=from_logits,
            sinks=sinks,
            epoch_summary=epoch_summary,
            at_least={
                "num_bins": (num_bins, 1),
                "top_classes": (top_classes, 1),
                "confusion_limit": (confusion_limit, 0),
            },
        )
        self._faults = Faults()
        self.log_dir = None if log_dir is None else Path(log_dir)
        #: Reports of all fits and evaluations, oldest first.
        self.reports: list[EvaluationReport] = []
        self._settings = WiringSettings(
            train=train,
            num_bins=num_bins,
            from_logits=from_logits,
            confusion_limit=confusion_limit,
            class_names=as_names(class_names),
            outputs=None if outputs is None else tuple(outputs),
        )
        self._writer = None if log_dir is None else ReportWriter(log_dir, top_classes=top_classes)
        #: Every transition of an alert to firing and to resolved, oldest first.
        self.alerts: list[AlertEvent] = []
        self._desk = AlertDesk(
            rules, actions, log_dir, complain=self._faults.complain, clock=time.time, before_logging=self._end_line
        )
        self._sinks = SinkGroup(sinks, complain=self._faults.complain)
        self._epoch_lines = EpochLines(epoch_summary)
        # Reports of the run so far, those of before it was interrupted included.
        self._run: list[EvaluationReport] = []
        self._attachment: Attachment | None = None
        self._fitting = False
        self._by_hand = False
        self._first_epoch: int | None = None
        self._epoch = 0
        self._validation: list[EvaluationReport] = []
        self._initial: dict[str, float] | None = None  # by output; None before the first step

    # Keras' timing

    def set_model(self, model: Any) -> None:
        """Attach to the model, before Keras makes its compiled steps."""
        super().set_model(model)
        # All processes count, read and judge, since reading takes all of them; one tells.
        self._desk.quiet = not is_first_process()
        # A `fit` that raised never reached `on_train_end`: what it left behind goes first.
        self._detach()
        self._fitting = False
        self._validation = []
        self._epoch_lines.drop()
        self._attach()

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """A `fit` begins."""
        self._fitting = True
        self._faults.forget()
        self._first_epoch = None
        if self._attachment is None:
            # A `CallbackList` made by the user calls `set_model` once, for all its fits.
            self._attach()
        if self.log_dir is not None and not self._desk.quiet:
            # A directory that cannot be written is said now, not after the first epoch.
            with self._faults.surviving("write to TensorBoard"):
                run_directory(self.log_dir, "validation").mkdir(parents=True, exist_ok=True)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """A training pass begins."""
        self._print_epoch()
        self._epoch = epoch
        self._begin_run_at(epoch)
        self._initial = None
        self._clear("train")

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """After the first step of a training: what it says of the model as it was initialised."""
        if batch > 0 and self._epoch == 0 and self._initial is None:
            self._initial = {}
            with self._faults.surviving("read its sums"):
                if keras.backend.backend() == "jax":
                    # Between two steps the variables of the model are empty there.
                    self.model.jax_state_sync()
                self._initial = {} if self._attachment is None else first_step(self._attachment)

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """A validation or test pass begins."""
        self._clear("evaluation")

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """A validation or test pass is over."""
        if self._fitting:
            # Told after the training pass of the epoch, which is older but ends later for Keras.
            self._validation = self._read("evaluation", "validation", logs)
            return
        reports = self._read("evaluation", "test", logs)
        self._detach()
        self._tell(reports)
        self._close()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """A training pass is over, and the validation pass that may follow it."""
        self._begin_run_at(epoch)
        train = self._read("train", "train", logs) if self._settings.train else []
        if epoch == 0:
            train = with_first_step(train, self._initial)
        reports = [*train, *self._validation]
        self._validation = []
        non_finite = 0
        with self._faults.surviving("look at the weights"):
            non_finite = count_non_finite_weights(self.model)
        reports = [dataclasses.replace(report, non_finite_weights=non_finite) for report in reports]
        self._tell(reports)
        if self._may_print:
            with self._faults.surviving("say what it found"):
                self._epoch_lines.keep(reports, self._run, self._desk.firing)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """A `fit` is over: put the model back, and say what was learned."""
        self._fitting = False
        self._detach()
        with self._faults.surviving("judge the training"):
            self._spread(*self._desk.finish(), at_end=True)
        self._close()
        self._print_epoch()
        if self._may_print:
            with self._faults.surviving("say what it found"):
                print_wrapped(final_lines(self._run, self._first_epoch or 0, self._desk.firing))

    def on_predict_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """`predict` was given the callback: there is nothing to report, and nothing may stay on the model."""
        self._detach()

    # What it does then

    def _clear(self, phase: Phase) -> None:
        if self._attachment is not None:
            self._attachment.clear(phase)

    def _attach(self) -> None:
        attachment = Attachment(self.model, self._settings)
        attachment.attach()
        self._attachment = attachment

    def _detach(self) -> None:
        if self._attachment is not None:
            self._attachment.detach()
            self._attachment = None

    def _read(self, phase: Phase, split: Split, logs: Mapping[str, Any] | None) -> list[EvaluationReport]:
        """The reports of the pass that has just ended, one for each output; none where nothing was seen."""
        attachment = self._attachment
        if attachment is None:
            self._faults.complain(
                "let go",
                "was given to an `evaluate` or `predict` in the middle of this fit, and has let go of the fit. "
                "Give that call a monitor of its own.",
            )
            return []
        if isinstance(attachment.failure, XentMonitorError):
            self._detach()
            raise attachment.failure
        if attachment.failure is not None:
            return []
        reports = None
        with self._faults.surviving("read its sums"):
            reports = pass_reports(
                attachment,
                phase,
                split=split,
                epoch=self._epoch,
                class_names=self._settings.class_names,
                logs=logs,
                earlier=self._run,
            )
        if reports == [] and not self._by_hand:
            self._faults.complain(
                "blind",
                f"saw no batch of the {split} pass: the model's step does not call `self.compute_loss`, or, on JAX, "
                "does not hand back the metrics as they are after it. Let your `train_step` and `test_step` take the "
                "loss from `self.compute_loss(x, y, y_pred, sample_weight, training=...)`, or call "
                "`monitor.observe(y, y_pred, sample_weight, training=...)` in them.",
            )
        return reports or []

    def _begin_run_at(self, epoch: int) -> None:
        """In the first epoch a run begins, or goes on where one was interrupted."""
        if self._first_epoch is not None:
            return
        self._first_epoch = epoch
        earlier = {(report.split, report.output, report.epoch): report for report in self.reports}
        if epoch > 0 and not earlier and self.log_dir is not None:
            with self._faults.surviving("read the epochs before this one"), contextlib.suppress(FileNotFoundError):
                earlier = {(report.split, report.output, report.epoch): report for report in read_reports(self.log_dir)}
        self._run = sorted((report for report in earlier.values() if report.epoch < epoch), key=sort_key)
        for output in () if self._attachment is None else self._attachment.outputs:
            self._check_rules(names_of(self._settings.class_names, output), output.name)
        with self._faults.surviving("judge the epochs before this one"):
            self._desk.begin(epoch, [report for report in self._run if report.split != "test"])

    def _check_rules(self, class_names: Sequence[str], output: str) -> None:
        try:
            self._desk.engine.check(class_names, output)
        except ValueError as error:
            self._detach()
            raise XentMonitorError(str(error)) from None

    def _tell(self, reports: Sequence[EvaluationReport]) -> None:
        """Keep the reports of an epoch, write them, and judge them."""
        for report in reports:
            earlier = list(self._run)
            self._run.append(report)
            self.reports.append(report)
            self._write(report, earlier)
        if reports:
            for report in reports:
                self._check_rules(report.class_names, report.output)
            events: list[AlertEvent] = []
            verdict: Verdict = "continue"
            with self._faults.surviving("judge the epoch"):
                events, verdict = self._desk.judge(reports)
            with self._faults.surviving("agree with the other processes"):
                verdict = VERDICTS[agreed(VERDICTS.index(verdict))]
            with self._faults.surviving("judge the epoch"):
                self._spread(events, verdict)

    def _write(self, report: EvaluationReport, earlier: Sequence[EvaluationReport]) -> None:
        """Write a report where people look: by the first process of several alone."""
        if self._desk.quiet or not (self._writer or self._sinks):
            return
        reading = ""
        with self._faults.surviving("put a report into words"):
            reading = interpret(report, earlier)
        if self._writer is not None:
            with self._faults.surviving("write to TensorBoard"):
                self._writer.write(report, reading)
        self._sinks.write_report(report, reading)

    def _spread(self, events: Sequence[AlertEvent], verdict: Verdict, *, at_end: bool = False) -> None:
        """Keep and write what was told of the alerts, and do to the training what the user asked for."""
        self.alerts += events
        if self._writer is not None and not self._desk.quiet:
            with self._faults.surviving("write to TensorBoard"):
                lines = [(event.split, event.output, str(event)) for event in events]
                self._writer.write_alerts(self._epoch, self._desk.engine.states(), lines, self._records(at_end))
        if not self._desk.quiet:
            self._sinks.write_alerts(events)
        if verdict == "stop":
            self.model.stop_training = True
        elif verdict == "raise":
            self._detach()
            self._close()
            firing = [event for event in events if event.state == "firing"]
            raise AlertError("\n".join(map(str, firing)) or "An alert has fired in the first process.")

    def _records(self, at_end: bool) -> dict[tuple[int, Split, str], AlertRecord]:
        """How the alerts stand after the passes of this epoch; at the end after the last ones, which may be older."""
        return {
            (one.epoch, one.split, one.output): AlertRecord.of(
                one.rules, one.instances, (event.to_dict() for event in one.events)
            )
            for one in self._desk.engine.standings()
            if at_end or one.epoch == self._epoch
        }

    def _close(self) -> None:
        with self._faults.surviving("deliver alerts"):
            self._desk.close()
        if self._writer is not None:
            with self._faults.surviving("write to TensorBoard"):
                self._writer.close()
        if not self._desk.quiet:
            self._sinks.close()

    def _end_line(self) -> None:
        if self._fitting and self._verbose == 1:
            print()  # Keras' progress bar ends its line only after the callbacks

    def _print_epoch(self) -> None:
        with self._faults.surviving("say what it found"):
            self._epoch_lines.print()

    @property
    def _may_print(self) -> bool:
        return self._verbose > 0 and not self._desk.quiet

    @property
    def _verbose(self) -> int:
        # The parameters are None in a `CallbackList` made by the user; `fit` hands on its default "auto" as it is:
        # only its progress bar makes 1 of that (keras/src/callbacks/progbar_logger.py).
        verbose = (self.params or {}).get("verbose", 1)
        return verbose if isinstance(verbose, int) else 1
