"""Attaching to a model and detaching from it.

With `outputs`, the only module that touches what Keras does not document. It relies on (Keras 3.15):

- `Trainer.train_step` and `test_step` call `compute_loss` with `x, y, y_pred, sample_weight` (`_compute_loss` in
  `trainers/trainer.py`), with `training` where the model's own `compute_loss` takes it.
- `Trainer.metrics` includes the list `_metrics`; on JAX the variables of all metrics are threaded through the compiled
  step. That list, unlike any attribute added to the model, is not walked when the model is saved.
- A function that is None is traced again at the next `fit` or `evaluate`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal

import keras
from keras import ops, tree

from xent_monitor import functional
from xent_monitor.accumulator import Accumulator, sum_layout
from xent_monitor.errors import XentMonitorError
from xent_monitor.outputs import (
    Output,
    activation_input,
    check_model,
    describe_loss,
    describe_output,
    output_units,
)

__all__ = ["Attachment", "Phase", "WiringSettings"]

Phase = Literal["train", "evaluation"]


@dataclasses.dataclass(frozen=True)
class WiringSettings:
    """What the user asked of the sums; see `XentMonitor`."""

    #: Whether the training pass is monitored as well.
    train: bool
    #: Bins of the histograms.
    num_bins: int
    #: Whether outputs are logits; None to learn it from the loss or the output layer.
    from_logits: bool | None
    #: Most classes for which the confusion matrix is kept.
    confusion_limit: int
    #: One name for each class, or None.
    class_names: tuple[str, ...] | None


class Attachment:
    """The monitor's hold on one model, from `attach` to `detach`.

    Args:
        model: A compiled Keras model with one output.
        settings: What to sum.

    Raises:
        XentMonitorError: If the model is not compiled, has several outputs, or its output is no classification, as
            far as that can be known before the first batch.
    """

    def __init__(self, model: Any, settings: WiringSettings) -> None:
        self.model = model
        self.settings = settings
        self.output: Output | None = None
        self.accumulators: dict[Phase, Accumulator] = {}
        self.failure: Exception | None = None
        self._active = False
        self._phase: Phase | None = None
        self._described: tuple[Any, bool] | None = None
        self._signature = inspect.signature(model.compute_loss)
        self._overridden: dict[str, tuple[Any, Any]] = {}
        check_model(model)
        units = output_units(model)
        if units is not None:
            self._prepare(units)

    def attach(self) -> None:
        """Let the compiled steps, traced anew, feed the accumulators."""
        self._active = True
        self._override("compute_loss", self._observed)
        # The step knows its pass better than `compute_loss`, which need not be told, or is told the default.
        self._override("train_step", functools.partial(self._in_phase, "train"))
        self._override("test_step", functools.partial(self._in_phase, "evaluation"))
        self._trace_again()

    def detach(self) -> None:
        """Put everything back. Safe to call twice, and after a `fit` that raised."""
        self._active = False
        attributes = self.model.__dict__
        for name, (wrapper, original) in self._overridden.items():
            # If somebody has wrapped the wrapper since, it stays, and lets calls through.
            if attributes.get(name) is not wrapper:
                continue
            # Below it may be wrappers of monitors that have let go before this one.
            while original is not None and not getattr(getattr(original, "owner", self), "_active", True):
                original = original.original
            if original is not None:
                attributes[name] = original
            else:
                del attributes[name]
        self._overridden = {}
        mine = {id(accumulator) for accumulator in self.accumulators.values()}
        self.model._metrics[:] = [metric for metric in self.model._metrics if id(metric) not in mine]
        self.accumulators = {}
        self._trace_again()

    def clear(self, phase: Phase) -> None:
        """Begin a new pass."""
        if phase in self.accumulators:
            self.accumulators[phase].clear()

    # Wrapping

    def _override(self, name: str, function: Callable[..., Any]) -> None:
        """Shadow a method on the instance, past Keras' attribute tracking."""
        original = self.model.__dict__.get(name)
        inner = getattr(self.model, name)
        wrapper: Any = functools.wraps(inner)(functools.partial(function, inner))
        wrapper.owner, wrapper.original = self, original
        self.model.__dict__[name] = wrapper
        self._overridden[name] = (wrapper, original)

    def _trace_again(self) -> None:
        # Made anew, not set to None: a loop may be running, if a callback evaluates with a monitor of its own.
        for name in ("train", "test"):
            if getattr(self.model, f"{name}_function", None) is not None:
                getattr(self.model, f"make_{name}_function")(force=True)

    def _in_phase(self, phase: Phase, step: Callable[..., Any], *arguments: Any) -> Any:
        self._phase = phase
        try:
            return step(*arguments)
        finally:
            self._phase = None

    def _observed(self, compute_loss: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """`compute_loss` as the model has it, called as it was called, and then the sums."""
        given = self._named(arguments, named)
        y_pred = given.get("y_pred")
        phase: Phase = self._phase or ("train" if given.get("training", True) else "evaluation")
        watched = self._active and self.failure is None and (phase == "evaluation" or self.settings.train)
        if not watched or y_pred is None or _is_symbolic(y_pred):
            return compute_loss(*arguments, **named)
        # torch's masked loss overwrites the weights in place.
        weight = tree.map_structure(lambda one: None if one is None else ops.copy(one), given.get("sample_weight"))
        total = compute_loss(*arguments, **named)
        try:
            self._observe(phase, given.get("y"), y_pred, weight)
        except XentMonitorError as refusal:
            self.failure = refusal
            # On JAX an exception inside the step loses the weights of the model: the callback raises it after the pass.
            if keras.backend.backend() != "jax":
                self.detach()
                raise
        except Exception as error:
            # A fault of ours must not end the training: it goes on without us, and says so.
            self.failure = error
            warnings.warn(
                "xent_monitor could not read this model's outputs and records nothing: "
                f"{type(error).__name__}: {error}",
                stacklevel=2,
            )
        return total

    def _named(self, arguments: Sequence[Any], named: dict[str, Any]) -> dict[str, Any]:
        """Arguments of a call by the names that the model's own `compute_loss` gives them."""
        try:
            return dict(self._signature.bind(*arguments, **named).arguments)
        except TypeError:
            return named  # the call is about to fail on its own

    # Reading a batch

    def _observe(self, phase: Phase, y: Any, y_pred: Any, sample_weight: Any) -> None:
        y, y_pred, weight = _only(y, "labels"), _only(y_pred, "outputs"), _only(sample_weight, "weights")
        if y is None:
            raise XentMonitorError("The data holds no labels `y`, so no cross-entropy can be monitored.")
        if len(y_pred.shape) > 2:
            raise XentMonitorError(
                "Outputs for each token or pixel are not supported yet: expected outputs of shape (batch, classes). "
                f"Received: y_pred.shape={tuple(y_pred.shape)}."
            )
        if self.output is None:
            if keras.backend.backend() == "jax":
                raise XentMonitorError(
                    "The number of classes could not be learned before the first step. Build the model first: call "
                    "it once on a batch, or `model.build(input_shape)`."
                )
            self._prepare(1 if len(y_pred.shape) == 1 else int(y_pred.shape[-1]))
        assert self.output is not None  # noqa: S101  # narrows the type; `_prepare` sets it or raises
        y, y_pred, weight = _set_apart(y, y_pred, weight)
        accumulator = self.accumulators[phase]
        compile_loss = self.model._compile_loss
        # A model with a `compute_loss` of its own need not call the compiled one.
        compiled = compile_loss._flat_losses[0].loss if compile_loss.built else None
        computed = y_pred
        losses, y_pred = _unreduced(compiled, y, y_pred)
        labels = self._labels(y)
        pre_activation = activation_input(y_pred)
        from_logits = self.output.from_logits and pre_activation is None
        if losses is not None and self.output.task == "multiclass" and self._is_cross_entropy(compiled):
            nats = losses
        else:
            nats = functional.cross_entropy(labels.classes, y_pred, from_logits=from_logits)
        accumulator.knows_loss = losses is not None
        dtype = keras.backend.standardize_dtype(computed.dtype)
        read = functional.binary_distributions if self.output.task == "binary" else functional.categorical_distributions
        stop = ops.stop_gradient
        distributions = read(stop(y_pred), from_logits=from_logits, epsilon=keras.config.epsilon(), computed_in=dtype)
        if pre_activation is not None:
            unclipped = read(stop(ops.cast(pre_activation, "float32")), from_logits=True)
            distributions = distributions._replace(logits=unclipped.logits)
        penalties = [ops.sum(ops.cast(loss, "float32")) for loss in self.model.losses]
        accumulator.update_state(
            functional.batch_sums(
                accumulator.layout,
                labels,
                distributions,
                stop(nats),
                ops.zeros_like(stop(nats)) if losses is None else stop(losses),
                None if weight is None else ops.reshape(weight, (-1,)),
                stop(sum(penalties[1:], penalties[0])) if penalties else None,
                epsilon=keras.config.epsilon(),
            )
        )

    def _is_cross_entropy(self, compiled: Any) -> bool:
        # Asked for every batch where nothing is traced.
        if self._described is None or self._described[0] is not compiled:
            self._described = (compiled, describe_loss(compiled).is_cross_entropy)
        return self._described[1]

    def _labels(self, y: Any) -> functional.Labels:
        assert self.output is not None  # noqa: S101  # narrows the type
        if self.output.task == "binary":
            return functional.binary_labels(y)
        one_hot = len(y.shape) == 2 and y.shape[-1] == self.output.num_classes
        if one_hot:
            return functional.one_hot_labels(y)
        if len(y.shape) == 2 and y.shape[-1] != 1:
            raise XentMonitorError(
                f"Labels must have shape (batch,) or (batch, {self.output.num_classes}) for outputs of shape "
                f"(batch, {self.output.num_classes}). Received: y.shape={tuple(y.shape)}."
            )
        return functional.sparse_labels(y, self.output.num_classes)

    # What the output is

    def _prepare(self, units: int) -> None:
        """Settle what the output is, and create the accumulators for it."""
        output = describe_output(self.model, units, self.settings.from_logits)
        names = self.settings.class_names
        if names is not None and len(names) != output.num_classes:
            kind = " (negative, positive)" if output.task == "binary" else ""
            raise XentMonitorError(
                f"`class_names` must have {output.num_classes} names{kind}, one for each class of the model's output. "
                f"Received: {len(names)} names."
            )
        layout = sum_layout(output.num_classes, self.settings.num_bins, self.settings.confusion_limit)
        phases: Sequence[Phase] = ("train", "evaluation") if self.settings.train else ("evaluation",)
        strategy = getattr(self.model, "distribute_strategy", None)
        with contextlib.nullcontext() if strategy is None else strategy.scope():
            accumulators = {phase: Accumulator(layout, output.task, name=f"xent_monitor_{phase}") for phase in phases}
        if keras.backend.backend() == "jax":
            # There the compiled step is handed the variables of all metrics, and no others that it may change.
            self.model._metrics.extend(accumulators.values())
        self.accumulators = accumulators
        self.output = output


def _is_symbolic(tensor: Any) -> bool:
    """Whether Keras only asks for shapes: its own symbols, and torch's tensors without values."""
    leaf = tensor if hasattr(tensor, "shape") else tree.flatten(tensor)[0]
    device = getattr(getattr(leaf, "device", None), "type", "")
    return isinstance(leaf, keras.KerasTensor) or device == "meta"


def _only(structure: Any, what: str) -> Any:
    """The tensor in a structure of one."""
    if structure is None or hasattr(structure, "shape"):
        return structure
    leaves = [leaf for leaf in tree.flatten(structure) if leaf is not None]
    if len(leaves) > 1:
        raise XentMonitorError(f"Models with several outputs are not supported yet. Received: {len(leaves)} {what}.")
    return leaves[0] if leaves else None


def _set_apart(*tensors: Any) -> tuple[Any, ...]:
    """The same values, such that reading them cannot change the training by a bit."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        # Without the barrier XLA fuses our operations with the loss, and its last bit moves.
        present = [jax.lax.stop_gradient(tensor) for tensor in tensors if tensor is not None]
        apart = iter(jax.lax.optimization_barrier(present))
        return tuple(None if tensor is None else next(apart) for tensor in tensors)
    if backend == "torch":
        return tuple(None if tensor is None else ops.stop_gradient(tensor) for tensor in tensors)
    # TensorFlow finds the logits of a softmax through the very tensor that the layer returned. In a graph, what is
    # not part of the loss has no part in the gradient either.
    return tensors


def _unreduced(compiled: Any, y: Any, y_pred: Any) -> tuple[Any, Any]:
    """Loss of each example as Keras computes it, and the outputs as the loss sees them.

    The loss is None where there is none, or where the user's function returns one number for the whole batch.
    """
    if compiled is None:
        return None, ops.convert_to_tensor(y_pred)
    # As `Loss.__call__` does before it reduces.
    y_pred = ops.convert_to_tensor(y_pred, dtype=compiled.dtype)
    y = ops.convert_to_tensor(y, dtype=compiled.dtype)
    losses = compiled.call(y, y_pred)
    if len(losses.shape) == 0 and len(y_pred.shape) == 1:
        # Keras takes the mean over the last axis for that over classes, and here it is the batch.
        losses = compiled.call(ops.reshape(y, (-1, 1)), ops.reshape(y_pred, (-1, 1)))
    if len(losses.shape) == 0:
        return None, y_pred
    if len(losses.shape) > 1:
        losses = ops.mean(losses, axis=tuple(range(1, len(losses.shape))))
    return losses, y_pred
