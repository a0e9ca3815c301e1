"""Hypothesis strategies: labelled predictions, and ways to cut them into batches.

Sizes are few, so that a backend that compiles for each shape does so a few times only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

__all__ = ["NUM_CLASSES", "NUM_ROWS", "LabelRows", "Rows", "clear_rows", "label_rows", "rows", "splits"]

NUM_CLASSES = 4
NUM_ROWS = 24
#: Batches have a multiple of so many rows.
PIECE = 8


class Rows(NamedTuple):
    """Labelled predictions."""

    #: In `[0, NUM_CLASSES)`. Shape `(NUM_ROWS,)`, int32.
    labels: NDArray[np.int32]
    #: Multiples of 1/64 in [-8, 8]. Shape `(NUM_ROWS, NUM_CLASSES)`, float32.
    logits: NDArray[np.float32]

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Their softmax."""
        exponentials = np.exp(self.logits.astype(np.float64))
        return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


class LabelRows(NamedTuple):
    """Predictions of labels that do not exclude each other. Both of shape `(NUM_ROWS, NUM_CLASSES)`."""

    #: 0 or 1, int32.
    targets: NDArray[np.int32]
    #: Multiples of 1/64 in [-8, 8], float32.
    logits: NDArray[np.float32]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Their sigmoid."""
        return np.asarray(1 / (1 + np.exp(-self.logits.astype(np.float64))))


@st.composite
def label_rows(draw: st.DrawFn) -> LabelRows:
    """Any labels, some of them never or always positive, and any logits, some of them 0."""
    shape = (NUM_ROWS, NUM_CLASSES)
    targets = draw(arrays.arrays(np.int32, shape, elements=st.integers(0, 1)))
    constant = draw(st.sampled_from([None, 0, 1]))
    if constant is not None:
        targets[:, 0] = constant
    steps = draw(arrays.arrays(np.int32, shape, elements=st.integers(-512, 512)))
    return LabelRows(targets, (steps / 64).astype(np.float32))


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Any labels, some of them absent, and any logits, some of them equal."""
    labels = draw(arrays.arrays(np.int32, NUM_ROWS, elements=st.integers(0, NUM_CLASSES - 1)))
    shape = (NUM_ROWS, NUM_CLASSES)
    steps = draw(arrays.arrays(np.int32, shape, elements=st.integers(-512, 512)))
    return Rows(labels, (steps / 64).astype(np.float32))


def clear_rows() -> st.SearchStrategy[Rows]:
    """The same without ties, so that rounding cannot change a decision."""
    # Less than the step between two logits, and exact in float32.
    apart = np.arange(NUM_CLASSES, dtype=np.float32) / 512
    return rows().map(lambda data: data._replace(logits=data.logits + apart))


def splits() -> st.SearchStrategy[list[int]]:
    """Where batches after the first begin."""
    return st.sets(st.sampled_from(range(PIECE, NUM_ROWS, PIECE))).map(sorted)
