"""Whether the weights of a model are finite, looked at once an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

__all__ = ["count_non_finite_weights"]


def count_non_finite_weights(model: Any) -> int:
    """Weights (tensors) of a model that hold NaN or infinity.

    The outputs do not always tell: TensorFlow's ReLU makes 0 of NaN, and a model all of whose weights are NaN can go on
    giving finite numbers.

    Args:
        model: A Keras model, outside a compiled step.

    Returns:
        How many of `model.weights` are not finite; weights that hold integers are.
    """
    finite = [
        ops.all(ops.isfinite(weight.value))
        for weight in model.weights
        if "float" in str(weight.dtype)  # seeds of random generators are integers
    ]
    if not finite:
        return 0
    # One transfer from the device, however many weights there are.
    return int(np.sum(~ops.convert_to_numpy(ops.stack(finite))))
