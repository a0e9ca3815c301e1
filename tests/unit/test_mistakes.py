"""Tests of what the tab says about confusions, from the matrix and from the sketch."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import report
from xent_monitor.confusion import SKETCH_MULTIPLIERS, SKETCH_WIDTH, Confusion, pair_counts, sketch_shape
from xent_monitor.tensorboard import mistakes
from xent_monitor.tensorboard.mistakes import Mistakes
from xent_monitor.tensorboard.provided import Stack

NUM_CLASSES = 12
AXIS = [0, 1, 2, 3]


def reports_of(epochs, num_classes=NUM_CLASSES, **arguments):
    return tuple(report(num_classes, epoch, epoch, sharpness=1.0, **arguments) for epoch in epochs)


def sketch_of(matrix):
    """The sketch of the wrong pairs of a matrix, from its definition."""
    num_classes = len(matrix)
    sketch = np.zeros(sketch_shape(num_classes), np.int64)
    bits = (sketch.shape[-1] - 1) // 2
    for true, predicted in np.argwhere(matrix):
        if true != predicted:
            spelled = [1, *(true >> np.arange(bits) & 1), *(predicted >> np.arange(bits) & 1)]
            for table, (a, b) in enumerate(SKETCH_MULTIPLIERS):
                sketch[table, (a * true + b * predicted) % SKETCH_WIDTH] += matrix[true, predicted] * np.array(spelled)
    return sketch


def by_matrix(reports):
    return Mistakes(AXIS, reports, Stack.of({each.epoch: each.confusion for each in reports}), None)


def by_sketch(reports):
    return Mistakes(AXIS, reports, None, Stack.of({each.epoch: sketch_of(each.confusion) for each in reports}))


@pytest.fixture(params=[by_matrix, by_sketch])
def found(request):
    """Mistakes after the epochs 1 and 3, of which 12 classes share no bucket of the sketch."""
    return request.param(reports_of([1, 3]))


def test_worst_pairs_of_an_epoch(found):
    last = found.reports[-1]

    header, arrays = found.of_epoch(last, None)

    worst = last.worst_confusions(mistakes.PAIR_LIMIT)
    assert [Confusion(pair["true"], pair["predicted"], pair["count"]) for pair in header["pairs"]] == list(worst)
    assert header["pairs"][0] == {
        "true": worst[0].true_class,
        "predicted": worst[0].predicted_class,
        "true_name": str(worst[0].true_class),
        "predicted_name": str(worst[0].predicted_class),
        "count": worst[0].count,
        "support": last.support[worst[0].true_class],
    }
    assert (header["epoch"], header["mistakes"]) == (3, last.num_examples - np.trace(last.confusion))
    assert header["exact"] == ("matrix" in arrays) == (found.matrices is not None)


def test_history_of_the_pairs(found):
    header, arrays = found.of_epoch(found.reports[-1], None)

    assert arrays["history"].shape == arrays["support"].shape == (len(header["pairs"]), len(AXIS))
    assert np.isnan(arrays["history"][:, [0, 2]]).all()
    assert np.isnan(arrays["support"][:, [0, 2]]).all()
    for each in found.reports:
        for position, pair in enumerate(header["pairs"]):
            true, predicted = pair["true"], pair["predicted"]
            assert arrays["history"][position, each.epoch] == each.confusion[true, predicted]
            assert arrays["support"][position, each.epoch] == each.support[true]


def test_pairs_of_a_class(found):
    matrix = found.reports[-1].confusion.copy()
    np.fill_diagonal(matrix, 0)

    header, _ = found.of_epoch(found.reports[-1], 4)

    pairs = header["pairs"]
    assert all(4 in (pair["true"], pair["predicted"]) for pair in pairs)
    expected = sorted([*matrix[4], *matrix[:, 4]], reverse=True)[: mistakes.PAIR_LIMIT]
    assert [pair["count"] for pair in pairs] == [count for count in expected if count]
    assert header["mistakes"] == matrix.sum()


def test_matrix_is_that_of_the_epoch():
    reports = reports_of([1, 3])

    _, arrays = by_matrix(reports).of_epoch(reports[0], None)

    np.testing.assert_array_equal(arrays["matrix"], reports[0].confusion)


def test_pair_over_the_epochs(found):
    answer = found.of_pair(2, 5)

    first, last = found.reports
    assert answer == {
        "true": 2,
        "predicted": 5,
        "true_name": "2",
        "predicted_name": "5",
        "exact": found.matrices is not None,
        "epochs": AXIS,
        "counts": [None, first.confusion[2, 5], None, last.confusion[2, 5]],
        "support": [None, first.support[2], None, last.support[2]],
    }


def test_pair_of_a_class_with_itself_is_how_often_it_was_right(found):
    answer = found.of_pair(2, 2)

    assert answer["counts"] == [None, *(value for each in found.reports for value in (each.confusion[2, 2], None))][:4]
    assert answer["exact"]


def test_labels_are_not_mistaken_for_each_other():
    reports = reports_of([1], 3, task="multilabel")
    found = Mistakes(AXIS, reports, None, None)

    header, arrays = found.of_epoch(reports[0], None)

    wrong = reports[0].statistics.num_decisions - reports[0].statistics.correct.sum()
    assert header == {"epoch": 1, "exact": True, "mistakes": wrong, "pairs": []}
    assert {name: array.shape for name, array in arrays.items()} == {"history": (0, 4), "support": (0, 4)}
    assert found.of_pair(0, 1)["counts"] == found.of_pair(1, 1)["counts"] == [None] * 4


def test_training_resumed_with_another_limit_has_both():
    reports = reports_of([0, 1])
    matrices = Stack.of({1: reports[1].confusion})
    sketches = Stack.of({0: sketch_of(reports[0].confusion)})
    found = Mistakes([0, 1], reports, matrices, sketches)

    assert found.of_pair(2, 5)["counts"] == [each.confusion[2, 5] for each in reports]
    assert [found.of_epoch(each, None)[0]["exact"] for each in reports] == [False, True]


def test_reports_whose_confusions_are_there_are_told():
    reports = reports_of([0, 1, 2])
    stack = Stack.of({0: reports[0].confusion, 1: reports[1].confusion})

    assert Mistakes(AXIS, reports, stack, None).kept(reports) == list(reports[:2])
    assert Mistakes(AXIS, reports, None, stack).kept(reports[:1]) == [reports[0]]
    assert Mistakes(AXIS, reports, None, None).kept(reports) == reports


def test_pair_counts_of_several_passes():
    rng = np.random.default_rng(0)
    matrices = rng.integers(5, size=(2, 3, NUM_CLASSES, NUM_CLASSES))
    sketches = np.array([[sketch_of(matrix) for matrix in row] for row in matrices]).astype(np.uint16)
    true, predicted = np.array([0, 3, 11]), np.array([1, 7, 10])

    exact = pair_counts(true, predicted, matrices, None)

    np.testing.assert_array_equal(exact, matrices[:, :, true, predicted])
    np.testing.assert_array_equal(pair_counts(true, predicted, None, sketches), exact)


def test_pairs_are_not_counted_without_matrix_and_sketch():
    with pytest.raises(ValueError, match="Pairs are counted by a matrix or a sketch"):
        pair_counts(np.array([0]), np.array([1]), None, None)
