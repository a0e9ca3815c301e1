"""Tests of the worst confusions, from the matrix and from the sketch."""

from __future__ import annotations

import collections
import dataclasses

import numpy as np
import pytest

from xent_monitor.confusion import (
    SKETCH_MULTIPLIERS,
    SKETCH_WIDTH,
    Confusion,
    class_bits,
    sketch_shape,
    worst_confusions,
)

NUM_CLASSES = 1000


def sketch_of(pairs, num_classes=NUM_CLASSES):
    """The sketch of (true, predicted, count) triples, from its definition."""
    sketch = np.zeros(sketch_shape(num_classes), np.int64)
    bits = np.arange(class_bits(num_classes))
    for true, predicted, count in pairs:
        spelled = np.concatenate([[1], true >> bits & 1, predicted >> bits & 1])
        for table, bucket in enumerate(buckets(true, predicted)):
            sketch[table, bucket] += count * spelled
    return sketch


def buckets(true, predicted):
    """Bucket of the pair in each table."""
    return [(a * true + b * predicted) % SKETCH_WIDTH for a, b in SKETCH_MULTIPLIERS]


def pair_of(confusion):
    return confusion.true_class, confusion.predicted_class


def random_pairs(num_pairs, rng, num_classes=NUM_CLASSES):
    """Distinct wrong pairs."""
    pairs = set()
    while len(pairs) < num_pairs:
        true, predicted = rng.integers(num_classes, size=2).tolist()
        if true != predicted:
            pairs.add((true, predicted))
    return sorted(pairs)


def test_worst_confusions_of_a_matrix():
    """The most frequent pairs first, ties by index; right decisions and pairs that never occur are left out."""
    matrix = np.array([[50, 2, 0], [7, 60, 2], [0, 9, 70]])

    worst = worst_confusions(matrix, None, num_classes=3)

    assert worst == (Confusion(2, 1, 9), Confusion(1, 0, 7), Confusion(0, 1, 2), Confusion(1, 2, 2))
    assert all(type(number) is int for number in dataclasses.astuple(worst[0]))


def test_worst_confusions_are_limited():
    """No more pairs than asked for, from the matrix and from the sketch."""
    matrix = np.array([[0, 2, 3], [7, 0, 2], [1, 9, 0]])
    sketch = sketch_of([(1, 2, 5), (3, 4, 6), (7, 8, 7)])

    assert worst_confusions(matrix, None, 3, limit=2) == (Confusion(2, 1, 9), Confusion(1, 0, 7))
    assert worst_confusions(None, sketch, NUM_CLASSES, limit=1) == (Confusion(7, 8, 7),)


def test_matrix_is_left_as_it_is():
    """Finding the wrong pairs does not write to the matrix."""
    matrix = np.array([[5, 1], [0, 3]])
    matrix.flags.writeable = False

    assert worst_confusions(matrix, None, 2) == (Confusion(0, 1, 1),)
    assert matrix[0, 0] == 5


def test_neither_matrix_nor_sketch():
    """Where nothing was kept there is nothing to say."""
    assert worst_confusions(None, None, 3) == ()


@pytest.mark.parametrize("num_classes", [300, NUM_CLASSES])
def test_sketch_of_no_mistakes(num_classes):
    """An empty sketch has no pairs."""
    assert worst_confusions(None, sketch_of([], num_classes), num_classes) == ()


@pytest.mark.parametrize(("num_classes", "bits"), [(1, 1), (2, 1), (3, 2), (256, 8), (257, 9), (1024, 10), (1025, 11)])
def test_bits_spell_every_class(num_classes, bits):
    """The largest index, K - 1, fits into the bits."""
    assert class_bits(num_classes) == bits
    assert sketch_shape(num_classes) == (2, SKETCH_WIDTH, 1 + 2 * bits)


@pytest.mark.parametrize("num_classes", [257, 1000, 1024, 50_000])
def test_single_pair_spells_itself_out(num_classes):
    """Whatever the pair, alone it is found with its exact count: the last classes and class 0 as well."""
    last = num_classes - 1
    for pair in [(0, last), (last, 0), (last, last - 1), (0, 1), (1, 0)]:
        sketch = sketch_of([(*pair, 3)], num_classes)

        assert worst_confusions(None, sketch, num_classes) == (Confusion(*pair, 3),)


@pytest.mark.parametrize("seed", range(5))
def test_heavy_pairs_are_found_among_many_light_ones(seed):
    """Twenty heavy pairs among 3000 light ones are the worst; never under-counted, exact unless buckets collide."""
    rng = np.random.default_rng(seed)
    pairs = random_pairs(3020, rng)
    heavy = dict.fromkeys((pairs[i] for i in rng.permutation(3020)[:20]), 0)
    counts = {pair: int(rng.integers(1, 3)) for pair in pairs}
    counts |= {pair: 100 + 10 * i for i, pair in enumerate(heavy)}

    worst = worst_confusions(None, sketch_of([(*p, n) for p, n in counts.items()]), NUM_CLASSES, limit=20)

    assert {pair_of(each) for each in worst} == set(heavy)
    assert all(each.count >= counts[pair_of(each)] for each in worst)
    # What is too much comes from light pairs in the same bucket.
    assert all(each.count <= counts[pair_of(each)] + 20 for each in worst)


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_exact_where_no_buckets_collide(seed):
    """A pair alone in its bucket of some table has its exact count, and every such pair is found."""
    rng = np.random.default_rng(seed)
    counts = {pair: int(rng.integers(1, 50)) for pair in random_pairs(200, rng)}
    occupied = [
        collections.Counter(buckets(*pair)[table] for pair in counts) for table in range(len(SKETCH_MULTIPLIERS))
    ]
    alone = {
        pair for pair in counts if any(occupied[table][bucket] == 1 for table, bucket in enumerate(buckets(*pair)))
    }
    assert len(alone) > 190

    sketch = sketch_of([(*pair, count) for pair, count in counts.items()])
    found = {pair_of(each): each.count for each in worst_confusions(None, sketch, NUM_CLASSES, limit=10_000)}

    assert {pair: found.get(pair) for pair in alone} == {pair: counts[pair] for pair in alone}
    assert all(count >= counts.get(pair, 0) for pair, count in found.items())


def test_sketches_add():
    """The sketch of two passes is the sum of theirs."""
    first, second = [(1, 2, 5), (3, 4, 6)], [(1, 2, 7), (8, 9, 1)]

    worst = worst_confusions(None, sketch_of(first) + sketch_of(second), NUM_CLASSES)

    assert worst == (Confusion(1, 2, 12), Confusion(3, 4, 6), Confusion(8, 9, 1))
