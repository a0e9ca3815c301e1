"""Which class is taken for which: the worst confusions, from the matrix or, with many classes, from a sketch.

A (K, K) matrix does not fit a vocabulary. Beyond `confusion_limit` the compiled step keeps a linear sketch of the wrong
pairs instead: `SKETCH_TABLES` hash tables of `SKETCH_WIDTH` buckets, each bucket counting its pairs and, for every
bit of the two class indices, those of its pairs that have the bit set. A pair that makes up more than half of its
bucket spells itself out in the bits. Sketches of two passes add, so that they are sums like all others.

Source: Cormode and Muthukrishnan (2005), What's hot and what's not, ACM TODS 30(1) (combinatorial group testing).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from xent_monitor.statistics import Integers

__all__ = ["SKETCH_MULTIPLIERS", "SKETCH_WIDTH", "Confusion", "pair_counts", "sketch_shape", "worst_confusions"]

#: Buckets of a table: a prime, so that the linear hash below is universal.
SKETCH_WIDTH = 2039
#: One hash `(a * (true % width) + b * (predicted % width)) % width` per table; products stay far below 2^31.
SKETCH_MULTIPLIERS: tuple[tuple[int, int], ...] = ((1723, 1301), (1477, 941))


@dataclasses.dataclass(frozen=True)
class Confusion:
    """How often one class was taken for another."""

    #: Index of the true class.
    true_class: int
    #: Index of the class predicted instead.
    predicted_class: int
    #: Examples. Exact from a matrix; from a sketch never too low, and exact unless buckets collide.
    count: int


def class_bits(num_classes: int) -> int:
    """Bits that spell a class index."""
    return max(1, (num_classes - 1).bit_length())


def sketch_shape(num_classes: int) -> tuple[int, int, int]:
    """Shape of `ClassStatistics.confusion_sketch`: tables, buckets, and count with the bits of both indices."""
    return (len(SKETCH_MULTIPLIERS), SKETCH_WIDTH, 1 + 2 * class_bits(num_classes))


def worst_confusions(
    confusion: Integers | None, sketch: Integers | None, num_classes: int, limit: int = 10
) -> tuple[Confusion, ...]:
    """The most frequent wrong pairs, most frequent first.

    Args:
        confusion: Examples by true (row) and predicted class. Shape `(num_classes, num_classes)`, or None.
        sketch: The sketch, where there is no matrix. Shape `sketch_shape(num_classes)`, or None.
        num_classes: Number of classes K.
        limit: How many pairs at most.

    Returns:
        At most `limit` pairs with a count above 0; ties by index.

    Example:
        >>> worst_confusions(np.array([[5, 2], [0, 3]]), None, num_classes=2)
        (Confusion(true_class=0, predicted_class=1, count=2),)
    """
    if confusion is not None:
        wrong = confusion.copy()
        np.fill_diagonal(wrong, 0)
        true, predicted = np.nonzero(wrong)
        counts = wrong[true, predicted]
    elif sketch is not None:
        true, predicted, counts = _decode(sketch, num_classes)
    else:
        return ()
    order = np.lexsort((predicted, true, -counts))[:limit]
    return tuple(Confusion(int(true[i]), int(predicted[i]), int(counts[i])) for i in order)


def pair_counts(true: Integers, predicted: Integers, confusion: Integers | None, sketch: Integers | None) -> Integers:
    """How often classes were taken for others, of one pass or of several.

    Args:
        true: Indices of the true classes. Shape `(num_pairs,)`.
        predicted: Index of the class predicted instead of each. Shape `(num_pairs,)`.
        confusion: As for `worst_confusions`, of one pass or, stacked, of several. Shape
            `(..., num_classes, num_classes)`, or None.
        sketch: The sketch, where there is no matrix. Shape `(..., *sketch_shape(num_classes))`, or None.

    Returns:
        Counts of shape `(..., num_pairs)`. From a sketch they are never too low, and exact unless buckets collide.

    Raises:
        ValueError: If there is neither matrix nor sketch.

    Example:
        >>> pair_counts(np.array([0]), np.array([1]), np.array([[5, 2], [0, 3]]), None)
        array([2])
    """
    if confusion is not None:
        return np.asarray(confusion[..., true, predicted], np.int64)
    if sketch is None:
        raise ValueError("Pairs are counted by a matrix or a sketch. Received: confusion=None, sketch=None.")
    weights = 1 << np.arange((sketch.shape[-1] - 1) // 2)
    spelled = np.concatenate([true[:, None] & weights, predicted[:, None] & weights], axis=1) > 0
    estimates = []
    for table, multipliers in enumerate(SKETCH_MULTIPLIERS):
        cells = sketch[..., table, _bucket(true, predicted, multipliers), :].astype(np.int64)
        # Whatever shares the bucket differs from the pair in some bit, and is left out of that bit's side.
        sides = np.where(spelled, cells[..., 1:], cells[..., :1] - cells[..., 1:])
        estimates.append(sides.min(axis=-1))
    return np.asarray(np.minimum.reduce(estimates))


def _decode(sketch: Integers, num_classes: int) -> tuple[Integers, Integers, Integers]:
    """Pairs that spell themselves out in some bucket, each once, with their estimated counts."""
    bits = class_bits(num_classes)
    weights = 1 << np.arange(bits)
    found = set()
    for table, multipliers in zip(sketch, SKETCH_MULTIPLIERS, strict=True):
        bucket = np.flatnonzero(table[:, 0])
        majority = table[bucket, 1:] * 2 > table[bucket, :1]
        true, predicted = majority[:, :bits] @ weights, majority[:, bits:] @ weights
        genuine = (true < num_classes) & (predicted < num_classes) & (true != predicted)
        genuine &= _bucket(true, predicted, multipliers) == bucket
        found |= set(zip(true[genuine].tolist(), predicted[genuine].tolist(), strict=True))
    pairs = np.array(sorted(found), np.int64).reshape(-1, 2)
    true, predicted = pairs[:, 0], pairs[:, 1]
    counts = pair_counts(true, predicted, None, sketch)
    kept = counts > 0
    return true[kept], predicted[kept], counts[kept]


def _bucket(true: Integers, predicted: Integers, multipliers: tuple[int, int]) -> Integers:
    first, second = multipliers
    mixed = first * (true % SKETCH_WIDTH) + second * (predicted % SKETCH_WIDTH)
    return np.asarray(mixed % SKETCH_WIDTH, np.int64)
