"""What a compiled model says about its outputs: names, tasks, classes, and whether they are probabilities or logits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import keras
from keras import tree

from xent_monitor.errors import XentMonitorError
from xent_monitor.statistics import Task

__all__ = [
    "BINARY_LOSSES",
    "Loss",
    "Output",
    "activation_input",
    "check_model",
    "describe_loss",
    "describe_outputs",
    "output_specs",
    "part_of",
]

#: Losses whose value is a function of class probabilities, and which say whether they are given logits.
CROSS_ENTROPY_LOSSES = (
    keras.losses.sparse_categorical_crossentropy,
    keras.losses.categorical_crossentropy,
    keras.losses.categorical_focal_crossentropy,
    keras.losses.binary_crossentropy,
    keras.losses.binary_focal_crossentropy,
)
#: Losses of a single unit or of independent labels.
BINARY_LOSSES = (keras.losses.binary_crossentropy, keras.losses.binary_focal_crossentropy)
#: Activations after which an output holds probabilities.
PROBABILITY_ACTIVATIONS = (keras.activations.softmax, keras.activations.sigmoid)


@dataclasses.dataclass(frozen=True)
class Loss:
    """What is known of a compiled loss."""

    #: The Keras function behind it, or None where it is the user's own.
    function: Callable[..., Any] | None
    #: Whether it is given logits; None where it does not say.
    from_logits: bool | None
    #: Whether its value for an example is the cross-entropy against a hard label.
    is_cross_entropy: bool
    #: Whether its value is the cross-entropy against the target as given: no smoothing, no focus.
    is_target_cross_entropy: bool
    #: The axis that holds the classes.
    axis: int
    #: Name for messages.
    name: str


@dataclasses.dataclass(frozen=True)
class Output:
    """How to read one output of the model."""

    #: Name as Keras' logs have it; `""` where the model has one output.
    name: str
    #: Keys and indices that lead to it in what the model returns.
    path: tuple[Any, ...]
    #: Which leaf it is in a structure of labels or weights that does not have the path, by the number of its leaves.
    leaf_of: Mapping[int, int]
    #: `"multiclass"`, `"binary"` or `"multilabel"`.
    task: Task
    #: Number of classes; 2 for binary.
    num_classes: int
    #: Whether it holds logits rather than probabilities.
    from_logits: bool
    #: The axis that holds the classes.
    axis: int = -1


def describe_loss(loss: Any) -> Loss:
    """What a loss, as given to `compile` or as Keras resolved it, says about the output.

    Args:
        loss: A name, a function or a `keras.losses.Loss`.
    """
    if isinstance(loss, str) and loss.lower() in {"crossentropy", "ce"}:
        # Keras picks the cross-entropy that fits the shapes; none of the three is given logits.
        return Loss(None, False, is_cross_entropy=False, is_target_cross_entropy=False, axis=-1, name=loss)
    resolved = keras.losses.get(loss)
    settings = getattr(resolved, "_fn_kwargs", {})
    function = getattr(resolved, "fn", resolved)
    wrapper = keras.losses.SparseCategoricalCrossentropy.call
    if isinstance(resolved, keras.losses.Loss) and type(resolved).call is not wrapper:
        function = None
    known = function if function in CROSS_ENTROPY_LOSSES else None
    axis = settings.get("axis", -1)
    plain = known in (keras.losses.categorical_crossentropy, keras.losses.binary_crossentropy)
    return Loss(
        function=function if getattr(function, "__module__", "").startswith("keras.") else None,
        from_logits=None if known is None else bool(settings.get("from_logits", False)),
        is_cross_entropy=known is keras.losses.sparse_categorical_crossentropy,
        is_target_cross_entropy=plain and not settings.get("label_smoothing"),
        axis=axis if isinstance(axis, int) else -1,
        name=str(getattr(function or resolved, "__name__", None) or getattr(resolved, "name", loss)),
    )


def check_model(model: Any) -> None:
    """Raise an `XentMonitorError` if the model is not compiled with a loss."""
    if not getattr(model, "compiled", False) or model._compile_loss is None:
        raise XentMonitorError(
            "The model has no compiled loss. Call `model.compile(loss=...)` with a cross-entropy first."
        )


def describe_outputs(
    model: Any, y_pred: Any, *, from_logits: bool | None, wanted: Collection[str] | None
) -> tuple[Output, ...]:
    """What the classification outputs of a compiled model are.

    Args:
        model: The model.
        y_pred: What it returns: tensors, or symbols of them, in their structure.
        from_logits: Whether the user says that outputs are logits; None to learn it from the loss or the output layer.
        wanted: Names of the outputs to read; None for every one that is a classification.

    Returns:
        The outputs, at least one.

    Raises:
        XentMonitorError: If a wanted output is not there or is no classification, if none is, or if nothing says
            whether an output holds probabilities or logits.
    """
    found, refusals = [], {}
    losses = _losses_by_path(model, y_pred)
    outputs = tree.flatten(y_pred)
    for order, (name, (path, loss)) in enumerate(losses.items()):
        if wanted is not None and name not in wanted:
            continue
        tensor = part_of(y_pred, path)
        try:
            task, num_classes, logits, axis = _describe_output(loss, tensor, from_logits)
        except XentMonitorError as refusal:
            refusals[name] = refusal
            continue
        leaf_of = {len(losses): order, len(outputs): next(i for i, leaf in enumerate(outputs) if leaf is tensor)}
        shown = name if len(outputs) > 1 else ""
        found.append(Output(shown, path, leaf_of, task, num_classes, logits, axis))
    _check_wanted(losses, refusals, wanted, found)
    return tuple(found)


def _check_wanted(
    losses: Mapping[str, Any],
    refusals: Mapping[str, XentMonitorError],
    wanted: Collection[str] | None,
    found: Sequence[Output],
) -> None:
    names = ", ".join(map(repr, losses))
    unknown = [name for name in wanted or () if name not in losses]
    if unknown:
        raise XentMonitorError(
            f"`outputs` must be names of outputs that have a loss: {names}. Received: outputs={list(wanted or ())!r}."
        )
    if refusals and (wanted is not None or not found):
        if len(refusals) == 1 and len(losses) == 1:
            raise next(iter(refusals.values()))
        reasons = "\n".join(f"Output {name!r}: {refusal}" for name, refusal in refusals.items())
        raise XentMonitorError(reasons if wanted is not None else f"No output is a classification.\n{reasons}")


def _losses_by_path(model: Any, y_pred: Any) -> dict[str, tuple[tuple[Any, ...], Any]]:
    """Where each output with a loss lies in what the model returns, and its loss, by its name in Keras' logs."""
    compiled = model._compile_loss
    given = compiled._user_loss
    if not tree.is_nested(y_pred):
        single = next((loss for loss in tree.flatten(given) if loss is not None), None)
        return {(list(compiled.output_names or ()) or ["output"])[0]: ((), single)}
    # A compiled loss of our own finds the places as Keras does; the model's own may not be built before the first
    # batch.
    finder = type(compiled)(given, output_names=compiled.output_names)
    try:
        finder.build(y_pred, y_pred)
    except (KeyError, ValueError, TypeError) as error:
        raise XentMonitorError(f"The losses do not fit the outputs of the model: {error}") from error
    by_path: dict[tuple[Any, ...], tuple[str, Any]] = {}
    for path, loss, _, name in finder._flat_losses:
        by_path.setdefault(tuple(path), (name, loss))
    names = [name for name, _ in by_path.values()]
    unique = compiled.output_names and len(set(names)) == len(names)
    return {
        name if unique or isinstance(path[-1], str) else "/".join(map(str, path)): (path, loss)
        for path, (name, loss) in by_path.items()
    }


def part_of(
    structure: Any, path: Sequence[Any], names: Sequence[str] = (), leaf_of: Mapping[int, int] | None = None
) -> Any:
    """What a structure of outputs, labels or weights holds for one output.

    Keras takes labels in the structure of the outputs, by the names of the outputs, as a list of as many, and as a
    list of those that have a loss.

    Args:
        structure: A tensor, or dictionaries, lists and tuples of them.
        path: Keys and indices of the output.
        names: Names of all outputs, in order.
        leaf_of: Which leaf it is, by the number of leaves, where the structure does not have the path.

    Raises:
        XentMonitorError: If there is none of these.
    """
    part = structure
    for key in path:
        if isinstance(part, dict):
            named = names[key] if isinstance(key, int) and key < len(names) else None
            part = part.get(key, part.get(named))
        elif isinstance(part, list | tuple) and isinstance(key, int) and key < len(part):
            part = part[key]
        else:
            part = None
    if part is not None and not tree.is_nested(part):
        return part
    leaves = tree.flatten(structure)
    place = (leaf_of or {}).get(len(leaves))
    if place is None:
        raise XentMonitorError(
            f"Nothing is found for the output at {'/'.join(map(str, path)) or 'the top'} in the structure "
            f"{tree.map_structure(lambda _: '*', structure)}."
        )
    return leaves[place]


def _describe_output(loss: Any, tensor: Any, from_logits: bool | None) -> tuple[Task, int, bool, int]:
    """Task, number of classes, whether it holds logits, and axis of the classes."""
    described = describe_loss(loss)
    layer = _layer_of(tensor)
    if from_logits is None:
        known = described.from_logits
        from_logits = known if known is not None else _output_layer_logits(layer, described)
    shape = tuple(tensor.shape)
    units = 1 if len(shape) == 1 else shape[described.axis]
    if not isinstance(units, int):
        raise XentMonitorError(
            f"The number of classes must be known: the last dimension of the output. Received: shape={shape}."
        )
    if units == 1:
        return "binary", 2, from_logits, -1
    # Sigmoids under a categorical loss are a mistake, which the sums show; under any other loss, labels of their own.
    sigmoids = getattr(layer, "activation", None) is keras.activations.sigmoid
    if described.function in BINARY_LOSSES or (sigmoids and described.function not in CROSS_ENTROPY_LOSSES):
        return "multilabel", units, from_logits, -1
    return "multiclass", units, from_logits, described.axis


def _output_layer_logits(layer: Any, loss: Loss) -> bool:
    """Whether the output layer's activation leaves logits, where the loss does not say."""
    if isinstance(layer, keras.layers.Softmax) or getattr(layer, "activation", None) in PROBABILITY_ACTIVATIONS:
        return False
    if loss.function is not None:
        raise XentMonitorError(
            f"The output is not a classification output (loss: {loss.name}). Compile with a cross-entropy, end "
            "the model in a softmax or sigmoid, or say what the outputs are: `XentMonitor(from_logits=...)`."
        )
    raise XentMonitorError(
        f"The loss {loss.name} does not say whether outputs are probabilities or logits, and neither does the "
        "output layer. Say it: `XentMonitor(from_logits=True)` for logits, `False` for probabilities."
    )


def _layer_of(tensor: Any) -> Any:
    """The layer that a symbolic output comes from; None where it is no symbol of a graph of layers."""
    try:
        layer = tensor._keras_history.operation
        while isinstance(layer, keras.Model):
            # A model inside the model: what its own output comes from.
            layer = tree.flatten(layer.outputs)[0]._keras_history.operation
    except (AttributeError, IndexError, ValueError):
        return None
    return layer


def output_specs(model: Any) -> Any:
    """Symbols of what the model returns, in their structure; None while that is not known."""
    functional = getattr(model, "_functional", None) or model
    specs = getattr(functional, "_outputs_struct", None)
    if specs is not None:
        return specs
    inputs = getattr(model, "_build_shapes_dict", None)
    if not model.built or not inputs:
        return None
    try:
        # The first of the recorded shapes is that of the first argument of `call`.
        tensor = tree.map_shape_structure(keras.KerasTensor, next(iter(inputs.values())))
        return keras.Model.compute_output_spec(model, tensor)
    except Exception:
        return None  # settled by the first batch


def activation_input(y_pred: Any) -> Any:
    """What TensorFlow knows to have gone into the softmax or sigmoid behind an output, or None.

    Where it does, Keras' loss uses that as its logits and overrules `from_logits`.
    """
    if keras.backend.backend() != "tensorflow":
        return None
    if hasattr(y_pred, "_keras_logits"):
        return y_pred._keras_logits
    try:
        return y_pred.op.inputs[0] if y_pred.op.type in {"Softmax", "Sigmoid"} else None
    except AttributeError:
        return None  # eager tensors have no operation
