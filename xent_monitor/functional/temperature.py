"""Sums from which the temperature is fitted: the cross-entropy as a function of the inverse temperature."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from xent_monitor.functional.labels import Tensor

__all__ = ["tempered_sums"]


def tempered_sums(logits: Tensor, true_logits: Tensor, keep: Tensor, inverse_temperatures: Sequence[float]) -> Tensor:
    r"""Cross-entropy at each inverse temperature, with its first two derivatives, summed over the rows.

    .. math:: f(b) = \sum_i \ln\sum_j e^{b z_{ij}} - b z_{i y_i}, \quad
        f'(b) = \sum_i E_b[z_i] - z_{i y_i}, \quad f''(b) = \sum_i \mathrm{Var}_b[z_i]

    Args:
        logits: Logits with the largest of each row 0. Shape `(batch, num_classes)`, float32, in [-1e4, 0].
        true_logits: Those of the true classes. Shape `(batch,)`.
        keep: Whether the row counts; others are masked out. Shape `(batch,)`, bool.
        inverse_temperatures: Nodes b, > 0.

    Returns:
        Shape `(3 * num_temperatures,)`, float32: the values, then the first derivatives, then the second.

    Source: derivatives of the log-partition function, e.g. Wainwright and Jordan (2008), proposition 3.1.
    """
    nodes = ops.convert_to_tensor(np.asarray(inverse_temperatures, np.float32)[:, None])
    # Classes first: sums over the leading axis run along the rows.
    logits = ops.transpose(logits)
    if keras.backend.backend() == "torch":
        # There a transpose is a view, and every operation on it would jump from row to row: twice the time.
        logits = logits.contiguous()
    logits = logits[:, None, :]
    exponentials = ops.exp(nodes * logits)
    weighted = exponentials * logits
    partition = ops.sum(exponentials, axis=0)
    mean = ops.sum(weighted, axis=0) / partition
    variance = ops.relu(ops.sum(weighted * logits, axis=0) / partition - mean * mean)
    values = ops.concatenate([ops.log(partition) - nodes * true_logits, mean - true_logits, variance])
    # `where`, not a product: a masked row may hold NaN.
    return ops.sum(ops.where(keep, values, 0.0), axis=-1)
