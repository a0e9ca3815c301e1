"""Mathematics on tensors, traceable on every Keras backend: values of each example, and their sums by class.

    >>> import numpy as np
    >>> from xent_monitor import functional
    >>> probabilities = np.array([[0.9, 0.1], [0.4, 0.6]], "float32")
    >>> np.asarray(functional.cross_entropy(np.array([0, 0]), probabilities, from_logits=False)).round(3)
    array([0.105, 0.916], dtype=float32)

No state, no files, only `keras.ops`. Importing this package imports Keras.
"""

from xent_monitor.functional.distributions import (
    Distributions,
    binary_distributions,
    categorical_distributions,
)
from xent_monitor.functional.labels import (
    Labels,
    binary_labels,
    multilabel_labels,
    one_hot_labels,
    sparse_labels,
)
from xent_monitor.functional.losses import cross_entropy, target_cross_entropy
from xent_monitor.functional.summation import SummationTree
from xent_monitor.functional.sums import BatchSums, RowValues, batch_sums
from xent_monitor.functional.temperature import tempered_sums

__all__ = [
    "BatchSums",
    "Distributions",
    "Labels",
    "RowValues",
    "SummationTree",
    "batch_sums",
    "binary_distributions",
    "binary_labels",
    "categorical_distributions",
    "cross_entropy",
    "multilabel_labels",
    "one_hot_labels",
    "sparse_labels",
    "target_cross_entropy",
    "tempered_sums",
]
