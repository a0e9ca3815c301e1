"""Cases of the section "Many classes"."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from keras import losses

from tests.support import data, networks
from tests.support.case import Case, Reading

__all__ = ["CASES"]

_case = functools.partial(Case, section="Many classes")


def _of(count: int) -> dict[str, Any]:
    train, validation = data.vectors(lambda x: data.classes(x, count))
    return {"train": train, "validation": validation}


def _few_of(count: int) -> dict[str, Any]:
    """Labels that spread over a third of the classes, as one-hot rows."""
    train, validation = data.vectors(lambda x: np.eye(count, dtype="float32")[data.classes(x, count) // 3])
    return {"train": train, "validation": validation}


CASES = [
    _case(
        "K = 300: a sketch instead of the confusion matrix",
        build=lambda: networks.dense(300),
        loss=losses.SparseCategoricalCrossentropy(),
        **_of(300),
    ),
    _case(
        "K = 300, one-hot labels, logits",
        build=lambda: networks.dense(300, None),
        loss=losses.CategoricalCrossentropy(from_logits=True),
        readings=(Reading(from_logits=True),),
        **_few_of(300),
    ),
    _case(
        "K = 5000: one histogram for all classes",
        build=lambda: networks.dense(5000, None),
        loss=losses.SparseCategoricalCrossentropy(from_logits=True),
        readings=(Reading(from_logits=True),),
        **_of(5000),
    ),
    _case(
        "300 labels",
        # Far from 1, where a probability in float32 says less of the cross-entropy than the logit behind it.
        build=lambda: networks.dense(300, "sigmoid", hidden="tanh"),
        loss=losses.BinaryCrossentropy(),
        readings=(Reading("multilabel"),),
        seed=7,
        **_few_of(300),
    ),
]
