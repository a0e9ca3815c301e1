"""Tests of the names that the flat sums get, and of their sizes. On any backend."""

from __future__ import annotations

import numpy as np
import pytest

from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.confusion import SKETCH_MULTIPLIERS, sketch_shape
from xent_monitor.functional.layout import CAUSES
from xent_monitor.statistics import ClassStatistics
from xent_monitor.unpacking import sum_layout, unpack


def numbered(layout):
    """Vectors in which every sum has a value of its own: its place."""
    return np.arange(layout.num_floats, dtype=float), np.arange(layout.num_counts, dtype=np.int64)


def test_nothing_is_the_empty_statistics():
    layout = sum_layout("multiclass", 4, 10, 256)

    found = unpack(layout, "multiclass", np.zeros(layout.num_floats), np.zeros(layout.num_counts, np.int64))

    assert found == ClassStatistics.empty("multiclass", 4, 10, num_temperatures=len(INVERSE_TEMPERATURES))


def test_each_sum_goes_to_its_own_field():
    """Columns of the classes come first, one row for each class; then what is summed over all of them."""
    layout = sum_layout("multiclass", 2, 3, 256)
    floats, counts = numbered(layout)

    found = unpack(layout, "multiclass", floats, counts)

    assert [found.weight_sum.tolist(), found.cross_entropy_sum.tolist()] == [[0, 12], [1, 13]]
    assert found.target_cross_entropy_sum.tolist() == [11, 23]
    assert found.bin_confidence_sum.tolist() == [24, 25, 26]
    assert found.temperature_sums.ravel().tolist() == list(range(27, 60))
    assert (found.penalty_sum, found.batch_mean_loss_sum, found.confidence_step_sum) == (60, 61, 62)
    # Of a single decision in each row, the square of the row is that of its class.
    assert found.row_cross_entropy_square_sum == found.cross_entropy_square_sum.sum() == 2 + 14
    assert found.positive_cross_entropy_sum is None
    assert found.true_class_probability_histogram.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found.class_confidence_histogram.ravel().tolist() == list(range(6, 18))
    assert found.confusion.tolist() == [[18, 19], [20, 21]]
    assert [getattr(found, cause) for cause in CAUSES] == list(range(22, 31))


def test_counts_that_follow_from_larger_ones():
    """Support, right ones and histogram are sums of the histograms by class; predictions those of the matrix."""
    layout = sum_layout("multiclass", 2, 3, 256)

    found = unpack(layout, "multiclass", *numbered(layout))

    assert found.support.tolist() == [6 + 7 + 8 + 9 + 10 + 11, 12 + 13 + 14 + 15 + 16 + 17]
    assert found.correct.tolist() == [9 + 10 + 11, 15 + 16 + 17]
    assert found.confidence_histogram.tolist() == [[18, 20, 22], [24, 26, 28]]
    assert found.predicted.tolist() == [18 + 20, 19 + 21]


def test_counts_of_many_classes_are_kept_by_themselves():
    """Where neither histogram nor matrix is kept by class, there are vectors for what would follow from them."""
    layout = sum_layout("multiclass", 5000, 2, 256)
    start, end = {}, 0
    for name, shape in layout.all_count_shapes.items():
        start[name] = end
        end = start[name] + int(np.prod(shape))

    found = unpack(layout, "multiclass", *numbered(layout))

    assert found.true_class_probability_histogram.tolist() == [[0, 1]]
    assert found.confidence_histogram.tolist() == [[2, 3], [4, 5]]
    assert found.support[:2].tolist() == [6 + 7, 8 + 9]
    assert found.correct[:2].tolist() == [7, 9]
    assert found.predicted[:2].tolist() == [start["predicted"], start["predicted"] + 1]
    assert found.confusion is None
    assert found.class_confidence_histogram is None
    assert found.confusion_sketch[0, 0, 0] == start["confusion_sketch"]


def test_decisions_on_labels():
    """Of labels that do not exclude each other, all counts follow from their two-by-two tables."""
    layout = sum_layout("multilabel", 2, 1, 256)
    floats, counts = numbered(layout)
    tables = slice(2 + 4, 2 + 4 + 8)
    counts[tables] = [50, 3, 7, 40, 60, 5, 15, 20]

    found = unpack(layout, "multilabel", floats, counts)

    assert found.support.tolist() == [47, 35]
    assert found.predicted.tolist() == [43, 25]
    assert found.correct.tolist() == [90, 80]
    assert found.positive_cross_entropy_sum.tolist() == [12, 25]
    assert found.row_cross_entropy_square_sum == layout.num_floats - 1


def test_the_loss_may_be_unknown():
    """Then its sums are NaN, and nothing else is."""
    layout = sum_layout("multiclass", 2, 3, 256)

    found = unpack(layout, "multiclass", *numbered(layout), knows_loss=False)

    assert np.isnan([*found.loss_sum, *found.weighted_loss_sum, found.batch_mean_loss_sum]).all()
    assert np.isfinite([*found.cross_entropy_sum, found.penalty_sum]).all()


@pytest.mark.parametrize(
    ("floats", "counts", "message"),
    [
        (3, 31, "`floats` must have shape (63,). Received: floats.shape=(3,)."),
        (63, 3, "`counts` must have shape (31,). Received: counts.shape=(3,)."),
    ],
)
def test_vectors_of_another_layout_are_refused(floats, counts, message):
    with pytest.raises(ValueError) as caught:
        unpack(sum_layout("multiclass", 2, 3, 256), "multiclass", np.zeros(floats), np.zeros(counts, np.int64))

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("num_classes", "confusion_limit", "by_class", "matrix"),
    [(256, 256, True, True), (257, 256, False, False), (257, 300, False, True), (10, 5, True, False)],
)
def test_layout_is_bounded(num_classes, confusion_limit, by_class, matrix):
    """What grows with the square of the classes, or with classes times bins twice, is kept within limits."""
    layout = sum_layout("multiclass", num_classes, 15, confusion_limit)

    assert layout.per_class_confidence is by_class
    assert ("class_confidence_histogram" in layout.all_count_shapes) is by_class
    assert ("confusion" in layout.all_count_shapes) is matrix
    assert layout.sketch_shape == (None if matrix else sketch_shape(num_classes))
    assert layout.sketch_multipliers == (() if matrix else SKETCH_MULTIPLIERS)


@pytest.mark.parametrize("bins", [1, 15, 40])
@pytest.mark.parametrize("classes", [2, 10, 256, 257, 4096, 4097, 100_000])
def test_sizes_are_those_of_the_docs(classes, bins):
    """The formulas of `docs/reference/cost.md`."""
    of_classes, of_labels = (sum_layout(task, classes, bins, 256) for task in ("multiclass", "multilabel"))
    sketch = int(np.prod(sketch_shape(classes))) if classes > 256 else 0
    if classes <= 256:
        counts = classes * (3 * bins + classes) + 9, classes * (3 * bins + 4) + 9
    elif classes <= 4096:
        counts = classes * (bins + 3) + 2 * bins + 9, classes * (bins + 4) + 2 * bins + 9
    else:
        counts = 3 * classes + 3 * bins + 9, 4 * classes + 3 * bins + 9

    assert (of_classes.num_floats, of_classes.num_counts - sketch) == (12 * classes + bins + 36, counts[0])
    assert (of_labels.num_floats, of_labels.num_counts) == (13 * classes + bins + 37, counts[1])
