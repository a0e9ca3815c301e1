"""Sums of a batch that do not lose digits to its size."""

from __future__ import annotations

import math

from keras import ops

from xent_monitor.functional.labels import Tensor

__all__ = ["SummationTree"]

#: Rows added up by one float32 accumulator before its total is added to others: a long running sum in float32
#: loses digits with every row (2e-4 relative after 2^19 of them), a tree of short ones does not.
BLOCK = 32
#: Levels of that tree above its leaves: 32^5 rows before the root has more than 32 branches.
LEVELS = 4


class SummationTree:
    """Sums of the rows of a batch by segment that do not lose digits to the size of the batch.

    The sum is a tree of short float32 sums. Where the batch size is not known when tracing, which is so on TensorFlow
    alone, one float64 sum does the same; JAX has no float64 by default.

    Args:
        batch: Number of rows; an int where it is known when tracing, else a scalar tensor.

    Precision: 1e-6 relative for 2^22 rows of one sign (`tests/unit/test_sums.py`); a single float32 scatter loses
    2e-4 on 2^19.

    Example:
        >>> import numpy as np
        >>> tree = SummationTree(3)
        >>> [float(total) for total in tree.segment_sum(np.ones((3, 1), "float32"), np.array([0, 1, 1]), 2)[:, 0]]
        [1.0, 2.0]

    Source: blocked summation, Higham, Accuracy and Stability of Numerical Algorithms, section 4.2.
    """

    def __init__(self, batch: Tensor) -> None:
        self._static = isinstance(batch, int)
        self._leaf: Tensor = 0
        self._leaves = 1
        # Numbers of totals, from the leaves of the tree to its root; none but the root has more than BLOCK branches.
        self._branches: list[int] = []
        if not self._static or batch <= BLOCK:
            return
        self._leaf = ops.arange(batch, dtype="int32") // BLOCK
        for level in range(LEVELS, 0, -1):
            size = math.ceil(batch / (BLOCK**level * self._leaves))
            self._leaves *= size
            if size > 1:
                self._branches.insert(0, size)

    def segment_sum(self, values: Tensor, segments: Tensor, num_segments: int) -> Tensor:
        """Sum of the rows of each segment.

        Args:
            values: Shape `(batch, columns)`, float32.
            segments: Segment of each row, in `[0, num_segments)`. Shape `(batch,)`, int32.
            num_segments: Number of segments.

        Returns:
            Shape `(num_segments, columns)`, float32.
        """
        if not self._static:
            totals = ops.segment_sum(ops.cast(values, "float64"), segments, num_segments)
            return ops.cast(totals, "float32")
        columns = values.shape[-1]
        totals = ops.segment_sum(values, self._leaf * num_segments + segments, self._leaves * num_segments)
        for size in self._branches:
            totals = ops.sum(ops.reshape(totals, (-1, size, num_segments * columns)), axis=1)
        return ops.reshape(totals, (num_segments, columns))
