"""Tests of looking at the weights of a model. On any backend."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from xent_monitor.weights import count_non_finite_weights

NAN, INF = np.nan, np.inf


def network() -> keras.Model:
    """A model with six weights: a kernel, a bias, and four of a normalisation, two of them not trained."""
    return keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])


def spoil(model: keras.Model, index: int, value: float) -> None:
    """Put a value into one place of one weight."""
    weight = model.weights[index]
    array = np.array(keras.ops.convert_to_numpy(weight.value))
    array.flat[-1] = value
    weight.assign(array)


class WithIntegers(keras.layers.Layer):
    """A layer whose only weight holds integers."""

    def build(self, input_shape):
        self.steps = self.add_weight(shape=(2,), dtype="int32", initializer="zeros", trainable=False)

    def call(self, inputs):
        return inputs


def test_finite_weights_are_none():
    """A model as it was initialised has no weight that is not finite; the largest and least floats are finite."""
    model = network()
    limits = np.finfo("float32")
    model.layers[0].set_weights([np.full((3, 2), limits.max), np.full(2, limits.tiny)])

    assert count_non_finite_weights(model) == 0


@pytest.mark.parametrize("value", [NAN, INF, -INF])
@pytest.mark.parametrize("index", range(6))
def test_one_value_of_any_weight_is_found(index, value):
    """NaN and both infinities, in any weight, whether it is trained or not."""
    model = network()
    assert len(model.weights) == 6

    spoil(model, index, value)

    assert count_non_finite_weights(model) == 1


def test_weights_are_counted_and_not_values():
    """A weight counts once, however many of its values are not finite."""
    model = network()
    model.layers[0].set_weights([np.full((3, 2), NAN), np.array([INF, 1.0])])

    result = count_non_finite_weights(model)

    assert result == 2
    assert type(result) is int


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_weights_of_any_precision(dtype, backend):
    """What is not finite is so in half and in double precision."""
    if backend == "jax" and dtype == "float64":
        pytest.skip("JAX has no float64 by default")
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2, dtype=dtype)])
    assert count_non_finite_weights(model) == 0

    spoil(model, 1, INF)

    assert count_non_finite_weights(model) == 1


def test_weights_that_hold_integers_are_finite():
    """Integers, and the seed of a random generator, are looked past; the floats beside them are not."""
    model = keras.Sequential(
        [keras.layers.Input((3,)), WithIntegers(), keras.layers.Dropout(0.5), keras.layers.Dense(2)]
    )
    assert {str(weight.dtype) for weight in model.weights} >= {"int32", "float32"}
    assert count_non_finite_weights(model) == 0

    spoil(model, -1, NAN)

    assert count_non_finite_weights(model) == 1


@pytest.mark.parametrize(
    "model",
    [
        keras.Sequential([keras.layers.Input((3,)), keras.layers.Activation("relu")]),
        keras.Sequential([keras.layers.Input((3,)), WithIntegers()]),
        keras.Sequential([keras.layers.Dense(2)]),
    ],
    ids=["no weights", "no floats", "not built"],
)
def test_a_model_without_weights_to_look_at(model):
    """Where there is no float weight, none is not finite."""
    assert count_non_finite_weights(model) == 0
