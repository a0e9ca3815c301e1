"""Training loops and steps of the user's own, which the monitor cannot see by itself."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Self

import keras

from xent_monitor.errors import XentMonitorError
from xent_monitor.observation import is_out_of_reach
from xent_monitor.report import EvaluationReport
from xent_monitor.wiring import Attachment

__all__ = ["OwnLoops"]


class OwnLoops(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """What `XentMonitor` offers to loops that are not `fit`, and to steps that do not call `compute_loss`."""

    #: Every report so far.
    reports: list[EvaluationReport]
    _attachment: Attachment | None
    #: Whether the loop is the user's own, which need not have both passes.
    _by_hand: bool
    _epoch: int
    _initial: dict[str, float] | None

    def observe(self, y: Any, y_pred: Any, sample_weight: Any = None, *, training: bool) -> None:
        """Add a batch that the monitor cannot see by itself: of a step that does not call `compute_loss`.

        Args:
            y: Labels, as the compiled loss takes them.
            y_pred: What the model returned for them.
            sample_weight: Weights, or None.
            training: Whether it is a batch of the training pass, or of the validation or test pass.

        Raises:
            XentMonitorError: If no model is attached (outside of `fit`, `evaluate` and `attached`), or the batch is
                none that its outputs could have given; on JAX, within a step of `fit` that is compiled.

        Example:
            ```python
            class Mine(keras.Model):
                def train_step(self, data):
                    x, y = data
                    ...
                    monitor.observe(y, y_pred, training=True)
            ```
        """
        if self._attachment is None:
            raise XentMonitorError(
                "`observe` needs a model. Call it in the steps of a `fit` or `evaluate` that has this monitor among "
                "its callbacks, or within `with monitor.attached(model):`."
            )
        y, y_pred, sample_weight = (
            keras.tree.map_structure(lambda leaf: None if leaf is None else keras.ops.convert_to_tensor(leaf), given)
            for given in (y, y_pred, sample_weight)
        )
        if any(is_out_of_reach(leaf) for leaf in keras.tree.flatten(y_pred)):
            refusal = XentMonitorError(
                "On JAX the sums of a compiled step travel in its state, which `observe` does not see. Take the loss "
                "from `self.stateless_compute_loss(...)`, and hand back the metrics that it returns; or write the loop "
                "yourself with `monitor.attached(model)` and observe what the compiled step returns."
            )
            self._attachment.failure = self._attachment.failure or refusal  # raised when the pass is over
            return
        self._attachment.observe("train" if training else "evaluation", y, y_pred, sample_weight)

    @contextlib.contextmanager
    def attached(self, model: Any) -> Iterator[Self]:
        """Watch a model in a training loop of the user's own.

        Batches are seen where the loop calls `model.compute_loss`, and where it calls `observe`; `end_epoch` makes
        the reports. Leaving the block ends the training, as the end of `fit` does.

        Args:
            model: A compiled model: the loss says what its outputs are, even where the loop computes its own.

        Example:
            ```python
            with monitor.attached(model):
                for epoch in range(10):
                    for x, y in batches:
                        y_pred = train_on(x, y)
                        monitor.observe(y, y_pred, training=True)
                    for x, y in validation_batches:
                        monitor.observe(y, model(x, training=False), training=False)
                    monitor.end_epoch(epoch)
            ```
        """
        self.set_model(model)
        self._by_hand = True
        self.on_train_begin()
        if self._attachment is not None:
            self._attachment.by_hand = True
        # What the first step said is not known: nobody tells where it ends.
        self._initial = {}
        try:
            yield self
        except BaseException:
            self.on_predict_end()  # lets go of the model, as after a `fit` that raised
            raise
        else:
            self.on_train_end()
        finally:
            self._by_hand = False

    def end_epoch(self, epoch: int, logs: Mapping[str, Any] | None = None) -> list[EvaluationReport]:
        """Report on the batches since the last epoch ended, within `attached`.

        Args:
            epoch: 0-based.
            logs: Losses of the epoch under Keras' names (`loss`, `val_loss`), where the loop has them.

        Returns:
            The reports, training first.
        """
        logs, before = logs or {}, len(self.reports)
        self._epoch = epoch
        if self._attachment is not None and self._attachment.has_seen("evaluation"):
            self.on_test_end({name.removeprefix("val_"): loss for name, loss in logs.items() if name[:4] == "val_"})
        self.on_epoch_end(epoch, logs)
        self.on_epoch_begin(epoch + 1)
        self.on_test_begin()
        if len(self.reports) == before:
            warnings.warn(
                f"xent_monitor saw no batch in epoch {epoch}. Hand it each batch: "
                "`monitor.observe(y, y_pred, sample_weight, training=...)`.",
                stacklevel=2,
            )
        return self.reports[before:]
