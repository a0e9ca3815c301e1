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
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import keras
from keras import ops, tree

from xent_monitor.accumulator import Accumulator
from xent_monitor.errors import XentMonitorError
from xent_monitor.observation import OutputBatch, read_batch, read_penalty
from xent_monitor.outputs import Loss, Output, check_model, describe_loss, describe_outputs, output_specs, part_of
from xent_monitor.unpacking import sum_layout

__all__ = ["Attachment", "ClassNames", "Phase", "WiringSettings", "as_names", "check_class_names", "names_of"]

Phase = Literal["train", "evaluation"]
#: Names of the classes of every output, or by the name of the output.
ClassNames = tuple[str, ...] | Mapping[str, tuple[str, ...]]


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
    class_names: ClassNames | None
    #: Names of the outputs to monitor; None for every classification.
    outputs: tuple[str, ...] | None = None


class Attachment:
    """The monitor's hold on one model, from `attach` to `detach`.

    Args:
        model: A compiled Keras model.
        settings: What to sum.

    Raises:
        XentMonitorError: If the model is not compiled, or no output is a classification, as far as that can be known
            before the first batch.
    """

    def __init__(self, model: Any, settings: WiringSettings) -> None:
        self.model = model
        self.settings = settings
        #: The outputs that are monitored; empty while they are not known.
        self.outputs: tuple[Output, ...] = ()
        #: The sums of each pass over each output.
        self.accumulators: dict[tuple[Phase, str], Accumulator] = {}
        self.failure: Exception | None = None
        #: Whether the loop is the user's own, and the compiled loss is what they say is the loss.
        self.by_hand = False
        self._active = False
        self._phase: Phase | None = None
        self._descriptions: dict[int, Loss] = {}
        self._signature = inspect.signature(model.compute_loss)
        self._overridden: dict[str, tuple[Any, Any]] = {}
        check_model(model)
        specs = output_specs(model)
        if specs is not None:
            self._prepare(specs)

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
        for (of, _), accumulator in self.accumulators.items():
            if of == phase:
                accumulator.clear()

    def has_seen(self, phase: Phase) -> bool:
        """Whether a batch of the pass was added since it began."""
        sums = [one.statistics() for (of, _), one in self.accumulators.items() if of == phase]
        return any(one.num_rows or one.masked for one in sums)

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
        self.observe(phase, given.get("y"), y_pred, weight)
        return total

    def _named(self, arguments: Sequence[Any], named: dict[str, Any]) -> dict[str, Any]:
        """Arguments of a call by the names that the model's own `compute_loss` gives them."""
        try:
            return dict(self._signature.bind(*arguments, **named).arguments)
        except TypeError:
            return named  # the call is about to fail on its own

    # Reading a batch

    def observe(self, phase: Phase, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Add a batch to the sums of its pass, output by output. Traceable.

        Raises:
            XentMonitorError: If it cannot be read as labels and outputs of the classification that the model is. Any
                other fault is a warning, and nothing more is read.
        """
        if self.failure is not None:
            return
        try:
            self._add(phase, y, y_pred, sample_weight)
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

    def _add(self, phase: Phase, y: Any, y_pred: Any, sample_weight: Any) -> None:
        if y is None:
            raise XentMonitorError("The data holds no labels `y`, so no cross-entropy can be monitored.")
        if not self.outputs:
            if keras.backend.backend() == "jax":
                raise XentMonitorError(
                    "The number of classes could not be learned before the first step. Build the model first: call "
                    "it once on a batch, or `model.build(input_shape)`."
                )
            self._prepare(y_pred)
        compile_loss = self.model._compile_loss
        if self.by_hand and not compile_loss.built:
            # In `fit` a compiled loss that was not built is not the one that is trained on.
            with contextlib.suppress(KeyError, ValueError):
                compile_loss.build(y, y_pred)
        penalty = read_penalty(self.model)
        for output in self.outputs:
            names = list(getattr(self.model, "output_names", None) or ())
            y_here = part_of(y, output.path, names, output.leaf_of)
            weight = sample_weight
            if tree.is_nested(weight):
                weight = part_of(weight, output.path, names, output.leaf_of)
            compiled = self._compiled_loss(output)
            batch = OutputBatch(y_here, part_of(y_pred, output.path), weight, compiled, penalty)
            accumulator = self.accumulators[phase, output.name]
            sums, accumulator.knows_loss = read_batch(accumulator.layout, output, self._described(compiled), batch)
            accumulator.update_state(sums)

    def _compiled_loss(self, output: Output) -> Any:
        """The loss of an output as Keras resolved it; None where the model computes its loss without it."""
        compiled = self.model._compile_loss
        if compiled is None or not compiled.built:
            return None
        # A model of one output may have its loss in a dictionary or a list.
        found = [loss for path, loss, *_ in compiled._flat_losses if tuple(path) == output.path]
        return (found or [compiled._flat_losses[0].loss])[0]

    def _described(self, compiled: Any) -> Loss | None:
        if compiled is None:
            return None
        # Asked for every batch where nothing is traced.
        if id(compiled) not in self._descriptions:
            self._descriptions[id(compiled)] = describe_loss(compiled)
        return self._descriptions[id(compiled)]

    # What the outputs are

    def _prepare(self, y_pred: Any) -> None:
        """Settle what the outputs are, and create the accumulators for them."""
        outputs = describe_outputs(
            self.model, y_pred, from_logits=self.settings.from_logits, wanted=self.settings.outputs
        )
        check_class_names(self.settings.class_names, outputs)
        phases: Sequence[Phase] = ("train", "evaluation") if self.settings.train else ("evaluation",)
        strategy = getattr(self.model, "distribute_strategy", None)
        with contextlib.nullcontext() if strategy is None else strategy.scope():
            accumulators = {
                (phase, output.name): Accumulator(
                    sum_layout(output.task, output.num_classes, self.settings.num_bins, self.settings.confusion_limit),
                    output.task,
                    name="_".join(filter(None, ("xent_monitor", phase, output.name))),
                )
                for output in outputs
                for phase in phases
            }
        if keras.backend.backend() == "jax":
            # There the compiled step is handed the variables of all metrics, and no others that it may change.
            self.model._metrics.extend(accumulators.values())
        self.accumulators = accumulators
        self.outputs = outputs


def check_class_names(class_names: ClassNames | None, outputs: Sequence[Output]) -> None:
    """Raise an `XentMonitorError` if the class names given do not fit the outputs."""
    if isinstance(class_names, Mapping):
        known = [output.name for output in outputs]
        unknown = [name for name in class_names if name not in known]
        if unknown:
            raise XentMonitorError(
                f"`class_names` must be given by the names of the outputs: {', '.join(map(repr, known))}. "
                f"Received: class_names for {', '.join(map(repr, unknown))}."
            )
    for output in outputs:
        names = names_of(class_names, output)
        if len(names) != output.num_classes:
            kind = " (negative, positive)" if output.task == "binary" else ""
            of = f" {output.name!r}" if output.name else ""
            raise XentMonitorError(
                f"`class_names` must have {output.num_classes} names{kind}, one for each class of the model's output"
                f"{of}. Received: {len(names)} names."
            )


def as_names(given: Sequence[str] | Mapping[str, Sequence[str]] | None) -> ClassNames | None:
    """Names of classes as the user gave them, unchangeable."""
    if isinstance(given, Mapping):
        return {output: tuple(map(str, names)) for output, names in given.items()}
    return None if given is None else tuple(map(str, given))


def names_of(class_names: ClassNames | None, output: Output) -> tuple[str, ...]:
    """Names of the classes of an output: as given, else their indices."""
    given = class_names.get(output.name) if isinstance(class_names, Mapping) else class_names
    return tuple(map(str, range(output.num_classes))) if given is None else given


def _is_symbolic(tensor: Any) -> bool:
    """Whether Keras only asks for shapes: its own symbols, and torch's tensors without values."""
    leaf = tensor if hasattr(tensor, "shape") else tree.flatten(tensor)[0]
    device = getattr(getattr(leaf, "device", None), "type", "")
    return isinstance(leaf, keras.KerasTensor) or device == "meta"
