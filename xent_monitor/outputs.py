"""What a compiled model says about its output: task, classes, and whether it holds probabilities or logits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
from keras import tree

from xent_monitor.errors import XentMonitorError
from xent_monitor.statistics import Task

__all__ = [
    "Loss",
    "Output",
    "activation_input",
    "check_model",
    "describe_loss",
    "describe_output",
    "output_units",
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
    #: Name for messages.
    name: str


@dataclasses.dataclass(frozen=True)
class Output:
    """How to read one output of the model."""

    #: `"multiclass"` or `"binary"`.
    task: Task
    #: Number of classes; 2 for binary.
    num_classes: int
    #: Whether it holds logits rather than probabilities.
    from_logits: bool


def describe_loss(loss: Any) -> Loss:
    """What a loss, as given to `compile` or as Keras resolved it, says about the output.

    Args:
        loss: A name, a function or a `keras.losses.Loss`.

    Raises:
        XentMonitorError: If it is a loss with `ignore_class`, which this version does not support.
    """
    if isinstance(loss, str) and loss.lower() in {"crossentropy", "ce"}:
        # Keras picks the cross-entropy that fits the shapes; none of the three is given logits.
        return Loss(None, from_logits=False, is_cross_entropy=False, name=loss)
    resolved = keras.losses.get(loss)
    settings = getattr(resolved, "_fn_kwargs", {})
    function = getattr(resolved, "fn", resolved)
    wrapper = keras.losses.SparseCategoricalCrossentropy.call
    if isinstance(resolved, keras.losses.Loss) and type(resolved).call is not wrapper:
        function = None
    if settings.get("ignore_class") is not None:
        raise XentMonitorError(
            "A loss with `ignore_class` is not supported yet. "
            f"Received: ignore_class={settings['ignore_class']}. Leave those rows out of the data set."
        )
    known = function if function in CROSS_ENTROPY_LOSSES else None
    return Loss(
        function=function if getattr(function, "__module__", "").startswith("keras.") else None,
        from_logits=None if known is None else bool(settings.get("from_logits", False)),
        is_cross_entropy=known is keras.losses.sparse_categorical_crossentropy,
        name=str(getattr(function or resolved, "__name__", None) or getattr(resolved, "name", loss)),
    )


def check_model(model: Any) -> None:
    """Raise an `XentMonitorError` if the model is not compiled with one loss for one output."""
    if not getattr(model, "compiled", False) or model._compile_loss is None:
        raise XentMonitorError(
            "The model has no compiled loss. Call `model.compile(loss=...)` with a cross-entropy first."
        )
    names = list(getattr(model, "output_names", None) or [])
    if len(names) > 1 or len(_losses(model)) > 1:
        raise XentMonitorError(
            "Models with several outputs are not supported yet. "
            f"Received: outputs {', '.join(repr(name) for name in names) or 'in a structure'}."
        )


def describe_output(model: Any, units: int, from_logits: bool | None) -> Output:
    """What the output of a compiled model is.

    Args:
        model: The model.
        units: Units of its output.
        from_logits: Whether the user says that it holds logits; None to learn it from the loss or the output layer.

    Raises:
        XentMonitorError: If it is multi-label, which this version does not support, or no classification, or nothing
            says whether it holds probabilities or logits.
    """
    loss = describe_loss(_losses(model)[0])
    if units > 1 and loss.function in BINARY_LOSSES:
        raise XentMonitorError(
            f"A binary cross-entropy over {units} units is multi-label classification, which is not supported "
            "yet. For classes that exclude each other use a categorical cross-entropy."
        )
    if from_logits is None:
        from_logits = loss.from_logits if loss.from_logits is not None else _output_layer_logits(model, loss)
    task: Task = "binary" if units == 1 else "multiclass"
    return Output(task, 2 if units == 1 else units, from_logits)


def _output_layer_logits(model: Any, loss: Loss) -> bool:
    """Whether the output layer's activation leaves logits, where the loss does not say."""
    last = _output_layer(model)
    if isinstance(last, keras.layers.Softmax) or getattr(last, "activation", None) in PROBABILITY_ACTIVATIONS:
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


def _losses(model: Any) -> list[Any]:
    """The losses as they were given to `compile`, out of their dictionary or list."""
    return [loss for loss in tree.flatten(model._compile_loss._user_loss) if loss is not None]


def _output_layer(model: Any) -> Any:
    """The layer that the output comes from; None where the model is no graph of layers."""
    try:
        return tree.flatten(model.outputs)[0]._keras_history.operation
    except (AttributeError, IndexError, ValueError):
        return None


def output_units(model: Any) -> int | None:
    """Units of the model's output: its last dimension, 1 for shape `(batch,)`; None while that is not known."""
    try:
        shape = model.output_shape
    except (AttributeError, ValueError):
        shape = _inferred_output_shape(model)
    if shape is None:
        return None
    if not all(size is None or isinstance(size, int) for size in shape):
        raise XentMonitorError(f"Models with several outputs are not supported yet. Received: output_shape={shape}.")
    if len(shape) > 2:
        raise XentMonitorError(
            "Outputs for each token or pixel are not supported yet: expected outputs of shape (batch, classes). "
            f"Received: output_shape={tuple(shape)}."
        )
    return 1 if len(shape) == 1 else shape[-1]


def _inferred_output_shape(model: Any) -> tuple[int | None, ...] | None:
    """Output shape of a subclassed model that has been built, by a symbolic call."""
    inputs = getattr(model, "_build_shapes_dict", None)
    if not model.built or not inputs:
        return None
    try:
        # The first of the recorded shapes is that of the first argument of `call`.
        tensor = tree.map_shape_structure(keras.KerasTensor, next(iter(inputs.values())))
        spec = keras.Model.compute_output_spec(model, tensor)
        return tuple(spec.shape)
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
