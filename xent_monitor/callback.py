"""`XentMonitor`, the callback: when to read the sums, and whom to tell."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from xent_monitor.divergence import loss_accuracy_divergence
from xent_monitor.errors import XentMonitorError
from xent_monitor.interpretation import interpret, summarize
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.tensorboard.metadata import run_directory
from xent_monitor.tensorboard.writer import ReportWriter
from xent_monitor.wiring import Attachment, Phase, WiringSettings

__all__ = ["XentMonitor"]


class XentMonitor(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Says, every epoch and for every class, what the cross-entropy of a training means.

    The sums are taken inside Keras' own compiled steps: no extra forward pass, no stored predictions, and the
    training is the same to the last bit. Each pass gives an `EvaluationReport`, written to TensorBoard and kept in
    `reports`; the reading in words is printed at the end of `fit` (unless `verbose=0`).

    Args:
        log_dir: Directory for TensorBoard; the runs are `LOG_DIR/xent_monitor/train`, `validation` and `test`. None
            to write no files.
        class_names: One name for each class; binary: negative, positive. None for `"0"`, `"1"`, ...
        train: Whether to monitor the training pass as well as validation.
        num_bins: Bins of the histograms and of the calibration error, >= 1.
        from_logits: Whether the outputs are logits. None: as the compiled loss says, else as the activation of the
            output layer implies.
        top_classes: With more than 20 classes, how many (the worst of the first report) get scalars and histograms of
            their own, >= 1. The statistics of all are kept in any case.
        confusion_limit: Most classes for which the whole confusion matrix is kept, >= 0; beyond, the worst pairs are
            found by a sketch.

    Raises:
        ValueError: If an argument has a wrong value; all problems are named at once.
        XentMonitorError: From `fit` or `evaluate`, before the first epoch is over, if the model is no classifier with
            one output, or `class_names` does not fit it.

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
        class_names: Sequence[str] | None = None,
        train: bool = True,
        num_bins: int = 15,
        from_logits: bool | None = None,
        top_classes: int = 10,
        confusion_limit: int = 256,
    ) -> None:
        super().__init__()
        check_arguments(
            log_dir=log_dir,
            class_names=class_names,
            train=train,
            from_logits=from_logits,
            at_least={
                "num_bins": (num_bins, 1),
                "top_classes": (top_classes, 1),
                "confusion_limit": (confusion_limit, 0),
            },
        )
        self.log_dir = None if log_dir is None else Path(log_dir)
        self.reports: list[EvaluationReport] = []
        self._settings = WiringSettings(
            train=train,
            num_bins=num_bins,
            from_logits=from_logits,
            confusion_limit=confusion_limit,
            class_names=None if class_names is None else tuple(map(str, class_names)),
        )
        self._writer = None if log_dir is None else ReportWriter(log_dir, top_classes=top_classes)
        self._attachment: Attachment | None = None
        self._fitting = False
        self._first_of_fit = 0
        self._epoch = 0
        self._validation: EvaluationReport | None = None
        self._complaints: set[str] = set()

    # Keras' timing

    def set_model(self, model: Any) -> None:
        """Attach to the model, before Keras makes its compiled steps."""
        super().set_model(model)
        # A `fit` that raised never reached `on_train_end`: what it left behind goes first.
        self._detach()
        self._fitting = False
        self._validation = None
        self._attach()

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """A `fit` begins."""
        self._fitting = True
        self._complaints = set()
        self._first_of_fit = len(self.reports)
        if self._attachment is None:
            # A `CallbackList` made by the user calls `set_model` once, for all its fits.
            self._attach()
        if self.log_dir is not None:
            # A directory that cannot be written is said now, not after the first epoch.
            with self._surviving("write to TensorBoard"):
                run_directory(self.log_dir, "validation").mkdir(parents=True, exist_ok=True)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """A training pass begins."""
        self._epoch = epoch
        self._clear("train")

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """A validation or test pass begins."""
        self._clear("evaluation")

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """A validation or test pass is over."""
        if self._fitting:
            # Told after the training pass of the epoch, which is older but ends later for Keras.
            self._validation = self._read("evaluation", "validation", logs)
            return
        report = self._read("evaluation", "test", logs)
        self._detach()
        self._tell(report)
        self._close()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """A training pass is over, and the validation pass that may follow it."""
        if self._settings.train:
            self._tell(self._read("train", "train", logs))
        self._tell(self._validation)
        self._validation = None

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """A `fit` is over: put the model back, and say what was learned."""
        self._fitting = False
        self._detach()
        self._close()
        told = self.reports[self._first_of_fit :]
        # Keras leaves the parameters None in a `CallbackList` made by the user.
        if told and (self.params or {}).get("verbose", 1):
            last = max(told, key=lambda report: (report.epoch, report.split == "validation"))
            with self._surviving("say what it found"):
                print(summarize(last, [report for report in self.reports if report is not last]))

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

    def _read(self, phase: Phase, split: Split, logs: Mapping[str, Any] | None) -> EvaluationReport | None:
        """The report of the pass that has just ended, or None where nothing was seen."""
        attachment = self._attachment
        if attachment is None:
            self._complain(
                "let go",
                "was given to an `evaluate` or `predict` in the middle of this fit, and has let go of the fit. "
                "Give that call a monitor of its own.",
            )
            return None
        if isinstance(attachment.failure, XentMonitorError):
            self._detach()
            raise attachment.failure
        if attachment.failure is not None:
            return None
        accumulator = attachment.accumulators.get(phase)
        with self._surviving("read its sums"):
            statistics = None if accumulator is None else accumulator.statistics()
            if statistics is None or statistics.num_rows == 0:
                self._complain(
                    "blind",
                    f"saw no batch of the {split} pass: the model's step does not call "
                    "`self.compute_loss`. Let your `train_step` and `test_step` take the loss from "
                    "`self.compute_loss(x, y, y_pred, sample_weight, training=...)`.",
                )
                return None
            report = EvaluationReport(
                epoch=self._epoch,
                split=split,
                output="",
                class_names=self._settings.class_names or tuple(map(str, range(statistics.num_classes))),
                statistics=statistics,
                logged_loss=float((logs or {}).get("loss", math.nan)),
            )
            return self._with_divergence(report)
        return None

    def _with_divergence(self, report: EvaluationReport) -> EvaluationReport:
        passes = [report]
        for earlier in reversed(self.reports):
            if (earlier.split, earlier.output) != (report.split, report.output):
                continue
            if earlier.epoch >= passes[0].epoch:
                break  # the epochs of a fit before this one
            passes.insert(0, earlier)
        return dataclasses.replace(
            report,
            loss_accuracy_divergence=loss_accuracy_divergence(
                [one.cross_entropy for one in passes],
                [one.accuracy for one in passes],
                report.num_examples,
                report.prior_entropy,
            ),
        )

    def _tell(self, report: EvaluationReport | None) -> None:
        """Keep a report, and write it."""
        if report is None:
            return
        earlier = list(self.reports)
        self.reports.append(report)
        if self._writer is not None:
            with self._surviving("write to TensorBoard"):
                self._writer.write(report, interpret(report, earlier))

    def _close(self) -> None:
        if self._writer is not None:
            with self._surviving("write to TensorBoard"):
                self._writer.close()

    @contextlib.contextmanager
    def _surviving(self, deed: str) -> Iterator[None]:
        """Our own faults do not end a training: each kind is said once, and it goes on."""
        try:
            yield
        except XentMonitorError:
            raise
        except Exception as error:
            self._complain(deed, f"could not {deed}: {type(error).__name__}: {error}. Training goes on.")

    def _complain(self, subject: str, message: str) -> None:
        """Warn, once a fit for each subject."""
        if subject not in self._complaints:
            self._complaints.add(subject)
            warnings.warn(f"xent_monitor {message}", stacklevel=2)


def check_arguments(
    *,
    log_dir: Any,
    class_names: Any,
    train: Any,
    from_logits: Any,
    at_least: Mapping[str, tuple[Any, int]],
) -> None:
    """Raise a `ValueError` that names every argument with a wrong value."""
    problems = []
    if log_dir is not None and not isinstance(log_dir, str | os.PathLike):
        problems.append(f"`log_dir` must be a path or None. Received: log_dir={log_dir!r}.")
    if class_names is not None:
        problems += _class_name_problems(class_names)
    if not isinstance(train, bool):
        problems.append(f"`train` must be True or False. Received: train={train!r}.")
    if from_logits not in (None, True, False):
        problems.append(f"`from_logits` must be True, False or None. Received: from_logits={from_logits!r}.")
    for name, (value, least) in at_least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.append(f"`{name}` must be an integer >= {least}. Received: {name}={value!r}.")
    if problems:
        raise ValueError("\n".join(problems))


def _class_name_problems(class_names: Any) -> list[str]:
    if isinstance(class_names, str | Mapping) or not all(isinstance(name, str) for name in class_names):
        return [f"`class_names` must be a sequence of strings. Received: class_names={class_names!r}."]
    names = list(class_names)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return [f"`class_names` must be distinct. Received {twice!r} more than once."]
    return []
