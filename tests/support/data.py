"""Tiny data sets: vectors, token sequences with padding, and images, with labels that depend on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.case import Data

__all__ = [
    "CLASSES",
    "FEATURES",
    "LABELS",
    "LENGTH",
    "SIDE",
    "VOCABULARY",
    "images",
    "mixed",
    "not_padding",
    "one_hot",
    "tokens",
    "vectors",
]

CLASSES, LABELS, FEATURES, LENGTH, VOCABULARY, SIDE = 4, 3, 6, 5, 12, 4
TRAIN, VALIDATION = 32, 32
#: With so many the second validation batch is a short one.
SHORT = 26

_RNG = np.random.default_rng(7)
_X = _RNG.normal(size=(TRAIN + VALIDATION, FEATURES)).astype("float32")
_IMAGES = _RNG.normal(size=(TRAIN + VALIDATION, SIDE, SIDE, 2)).astype("float32")
_LENGTHS = _RNG.integers(1, LENGTH + 1, size=TRAIN + VALIDATION)
_TOKENS = np.where(
    np.arange(LENGTH) < _LENGTHS[:, None], _RNG.integers(1, VOCABULARY, size=(TRAIN + VALIDATION, LENGTH)), 0
).astype("int32")


def _scores(x: Any, columns: int) -> np.ndarray:
    """Numbers that depend on the inputs, with noise."""
    rng = np.random.default_rng(3)
    x = np.eye(VOCABULARY)[x] if x.dtype.kind == "i" else x
    return x @ rng.normal(size=(x.shape[-1], columns)) + rng.normal(size=(*x.shape[:-1], columns))


def _split(x: Any, labels: Callable[[Any], Any], weight: Callable[[Any], Any] | None, short: bool) -> tuple[Data, Data]:
    arrays = [x, labels(x), *([] if weight is None else [weight(x)])]
    end = TRAIN + (SHORT if short else VALIDATION)
    return Data(*(array[:TRAIN] for array in arrays)), Data(*(array[TRAIN:end] for array in arrays))


def vectors(
    labels: Callable[[Any], Any], weight: Callable[[Any], Any] | None = None, *, short: bool = False
) -> tuple[Data, Data]:
    """Training and validation data, `FEATURES` numbers for an example; with `short` the last batch is a short one."""
    return _split(_X, labels, weight, short)


def tokens(
    labels: Callable[[Any], Any], weight: Callable[[Any], Any] | None = None, *, short: bool = False
) -> tuple[Data, Data]:
    """Sequences of `LENGTH` tokens below `VOCABULARY`; 0 is padding."""
    return _split(_TOKENS, labels, weight, short)


def images(
    labels: Callable[[Any], Any], weight: Callable[[Any], Any] | None = None, *, short: bool = False
) -> tuple[Data, Data]:
    """Images of two channels, channels last."""
    return _split(_IMAGES, labels, weight, short)


def not_padding(x: Any) -> np.ndarray:
    """The mask that an embedding with `mask_zero` makes."""
    return np.asarray(x) != 0


# Labels


def classes(x: Any, count: int = CLASSES) -> np.ndarray:
    """A class for each vector, token or pixel."""
    return _scores(x, count).argmax(axis=-1).astype("int32")


def one_hot(x: Any) -> np.ndarray:
    return np.eye(CLASSES, dtype="float32")[classes(x)]


def mixed(x: Any) -> np.ndarray:
    """One-hot rows mixed with those of another example, as mix-up does."""
    rows = one_hot(x)
    share = np.linspace(0.55, 0.95, len(x)).reshape(-1, *[1] * (rows.ndim - 1))
    return (share * rows + (1 - share) * rows[::-1]).astype("float32")


def positive(x: Any) -> np.ndarray:
    """0 or 1 for each vector, token or pixel."""
    return (_scores(x, 1)[..., 0] > 0).astype("int32")


def positive_column(x: Any) -> np.ndarray:
    """The same with a last axis of size 1."""
    return positive(x)[..., None].astype("float32")


def several(x: Any) -> np.ndarray:
    """0 or 1 for each of the labels."""
    return (_scores(x, LABELS) > 0).astype("float32")


def softly_several(x: Any) -> np.ndarray:
    """Numbers in (0, 1) for each of the labels."""
    return (0.1 + 0.7 * several(x) + 0.1 * np.sin(np.arange(LABELS))).astype("float32")


# Weights


def weights(x: Any) -> np.ndarray:
    """One for each example; some are 0."""
    return (np.arange(len(x)) % 5 / 2).astype("float32")


def entry_weights(x: Any) -> np.ndarray:
    """One for each token or pixel."""
    lead = x.shape if x.ndim == 2 else x.shape[:-1]
    return (np.arange(np.prod(lead)) % 7 / 3).astype("float32").reshape(lead)
