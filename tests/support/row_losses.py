"""Losses of Keras, row by row, in float64 from their definitions: for the oracle where it is no cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.rows_of_predictions import target_cross_entropy
from xent_monitor.statistics import Floats

__all__ = [
    "binary_focal",
    "binary_mean",
    "categorical_focal",
    "divergence",
    "smoothed",
    "smoothed_binary",
    "squared_error",
    "zero",
]

#: The default of `keras.config.epsilon()`.
EPSILON = 1e-7


def smoothed(share: float) -> Callable[[Any, Floats], Floats]:
    """Cross-entropy against targets of which a share is spread over all classes."""
    return lambda t, p: target_cross_entropy(t * (1 - share) + share / p.shape[-1], p)


def smoothed_binary(share: float) -> Callable[[Any, Floats], Floats]:
    """The same between two classes, for each label."""
    return lambda t, p: target_cross_entropy(_like(t, p) * (1 - share) + share / 2, p, each_label=True)


def categorical_focal(t: Any, p: Floats) -> Floats:
    """Lin et al. (2017) with the defaults of Keras, alpha 0.25 and gamma 2."""
    return np.asarray((-0.25 * (1 - p) ** 2 * t * np.log(p)).sum(axis=-1))


def binary_focal(t: Any, p: Floats) -> Floats:
    """The same for each label, without alpha."""
    t = _like(t, p)
    right = t * p + (1 - t) * (1 - p)
    return np.asarray((1 - right) ** 2 * target_cross_entropy(t, p, each_label=True))


def binary_mean(t: Any, p: Floats) -> Floats:
    """Mean over the units of the binary cross-entropy."""
    return np.asarray(target_cross_entropy(_like(t, p), p, each_label=True).mean(axis=-1))


def divergence(t: Any, p: Floats) -> Floats:
    """Kullback-Leibler divergence, with the clip of Keras."""
    t = np.clip(np.asarray(t, np.float64), EPSILON, 1)
    return np.asarray((t * np.log(t / p)).sum(axis=-1))


def squared_error(t: Any, p: Floats) -> Floats:
    """Sum over the classes of the squared error."""
    return np.asarray(((p - t) ** 2).sum(axis=-1))


def zero(t: Any, p: Floats) -> Floats:
    """No loss."""
    return np.zeros(p.shape[:-1])


def _like(t: Any, p: Floats) -> Floats:
    return np.asarray(t, np.float64).reshape(p.shape)
