"""Tiny networks for the support table."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tests.support.data import CLASSES, FEATURES, LENGTH, SIDE, VOCABULARY

__all__ = ["Subclassed", "dense", "heads", "pixels", "pixels_channels_first", "tagger"]


def dense(
    units: int = CLASSES, activation: str | None = "softmax", *, hidden: str = "relu", **settings: Any
) -> keras.Model:
    """A network on vectors; further arguments are those of the last layer."""
    return keras.Sequential(
        [layers.Input((FEATURES,)), layers.Dense(8, hidden), layers.Dense(units, activation, **settings)]
    )


def tagger(units: int = CLASSES, activation: str | None = "softmax", *, mask_zero: bool = True) -> keras.Model:
    """A network that says something of each token; with `mask_zero` its output carries a mask."""
    return keras.Sequential(
        [
            layers.Input((LENGTH,), dtype="int32"),
            layers.Embedding(VOCABULARY, 6, mask_zero=mask_zero),
            layers.Dense(units, activation),
        ]
    )


def pixels(units: int = CLASSES, activation: str | None = "softmax") -> keras.Model:
    """A network that says something of each pixel."""
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 2)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.Conv2D(units, 1, activation=activation),
        ]
    )


def pixels_channels_first(activation: bool = True) -> keras.Model:
    """The same with the classes on the axis after the batch."""
    inputs = layers.Input((SIDE, SIDE, 2))
    hidden = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    outputs = layers.Permute((3, 1, 2))(layers.Conv2D(CLASSES, 1)(hidden))
    return keras.Model(inputs, layers.Softmax(axis=1)(outputs) if activation else outputs)


def heads(structure: str, **units: tuple[int, str | None]) -> keras.Model:
    """A network with a head for each of `units`, returned as a `"dict"`, a `"list"`, `"nested"` or `"nested list"`."""
    inputs = layers.Input((FEATURES,))
    hidden = layers.Dense(8, "relu")(inputs)
    outputs = {name: layers.Dense(size, activation, name=name)(hidden) for name, (size, activation) in units.items()}
    if structure == "dict":
        return keras.Model(inputs, outputs)
    (name, first), *others = outputs.items()
    if structure == "nested":
        return keras.Model(inputs, {name: first, "others": dict(others)})
    rest = [output for _, output in others]
    return keras.Model(inputs, [first, *rest] if structure == "list" else [first, rest])


class Subclassed(keras.Model):
    """A model without a static graph of layers, with logits."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, "relu")
        self.head = layers.Dense(CLASSES)

    def call(self, x: Any) -> Any:
        return self.head(self.hidden(x))
