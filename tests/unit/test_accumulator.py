"""Tests of the sums as Keras variables. On any backend."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from tests.builders import predictions
from tests.comparison import assert_same_sums
from tests.monitored_pass import accumulator, feed, pass_over
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.accumulator import LOW_BITS
from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.functional import BatchSums

#: Fields that depend on how the pass was cut into batches.
BATCH_FIELDS = ("num_batches", "confidence_step_sum")


def one_example(layout, floats=0.0):
    """A batch of one example of class 0, rightly decided, with the same value in every float sum."""
    counts = np.zeros(layout.num_counts, "int32")
    start = 0
    for name, shape in layout.all_count_shapes.items():
        size = int(np.prod(shape))
        if name in ("true_class_probability_histogram", "confusion"):
            counts[start] = 1
        elif name == "class_confidence_histogram":
            counts[start + layout.num_bins] = 1
        elif name == "causes":
            counts[start] = 1
        start += size
    return BatchSums(
        ops.convert_to_tensor(np.full(layout.num_floats, floats, "float32")), ops.convert_to_tensor(counts)
    )


@pytest.mark.parametrize(("num_classes", "task"), [(2, "multiclass"), (5, "multiclass"), (2, "binary")])
def test_read_out_is_the_oracle(num_classes, task):
    """After some batches of unequal size, the statistics are those of float64 NumPy over all rows.

    The two that depend on the batches are those of float64 NumPy over the rows of each batch.
    """
    labels, probabilities = predictions(num_classes, 300)
    probabilities = probabilities.astype("float32")
    outputs = probabilities[:, 1] if task == "binary" else probabilities
    splits = [100, 200, 290]

    found = pass_over(labels, outputs, splits=splits, task=task)

    expected = statistics_from_predictions(labels, outputs, task=task)
    batches = [
        statistics_from_predictions(*batch, task=task)
        for batch in zip(np.split(labels, splits), np.split(outputs, splits), strict=True)
    ]
    of_the_batches = {name: sum(getattr(batch, name) for batch in batches) for name in BATCH_FIELDS}
    expected = dataclasses.replace(expected, **of_the_batches)
    # With a single unit the negative class has 1 - p in float32.
    assert_same_sums(found, expected, relative=5e-6, ignore={"temperature_sums"})
    np.testing.assert_allclose(found.temperature_sums, expected.temperature_sums, rtol=1e-4, atol=1e-3)
    assert found.num_batches == 4


def test_empty_read_out():
    """Before the first batch everything is 0."""
    found = accumulator(4, num_bins=10).statistics()

    assert found == type(found).empty("multiclass", 4, 10, num_temperatures=len(INVERSE_TEMPERATURES))


@pytest.mark.parametrize("boundary", [2**24, 2**31, 2**32, 2**40])
def test_counts_are_exact_where_their_words_end(boundary):
    """Three more examples of a class are three more, also where float32 and int32 have no next number."""
    into = accumulator(2)
    count = boundary - 1
    held = ops.convert_to_numpy(one_example(into.layout).counts)
    into.low.assign(held * (count % 2**LOW_BITS))
    into.high.assign(held * (count >> LOW_BITS))

    before = into.statistics()
    for _ in range(3):
        into.update_state(one_example(into.layout))
    after = into.statistics()

    assert before.support.tolist() == [count, 0]
    assert after.support.tolist() == [count + 3, 0]
    assert after.correct.tolist() == [count + 3, 0]
    assert after.num_rows == count + 3
    assert after.confusion.tolist() == [[count + 3, 0], [0, 0]]


def test_counts_of_many_large_batches_are_exact():
    """300 batches of ten million and one examples are past 2^31 examples, none of them lost."""
    into = accumulator(2)
    one = one_example(into.layout)
    batch = one._replace(counts=one.counts * 10_000_001)

    for _ in range(300):
        into.update_state(batch)

    assert into.statistics().support.tolist() == [300 * 10_000_001, 0]


def test_float_sums_are_compensated():
    """Thousands of batches of 0.1 on top of a million lose nothing; plain float32 would lose over a percent of them."""
    into = accumulator(2)
    million, tenth = one_example(into.layout, 1e6), one_example(into.layout, 0.1)

    into.update_state(million)
    for _ in range(2000):
        into.update_state(tenth)

    exact = 1e6 + 2000 * float(np.float32(0.1))
    found = into.statistics()
    assert found.cross_entropy_sum[0] == pytest.approx(exact, rel=1e-9)
    assert found.penalty_sum == pytest.approx(exact, rel=1e-9)
    plain = np.float32(1e6)
    for _ in range(2000):
        plain += np.float32(0.1)
    assert abs(plain - exact) > 1.0


def test_small_batches_of_a_constant():
    """A pass of many small batches has the mean of the constant to 1e-7."""
    into = accumulator(3)
    logits = np.zeros((4, 3), "float32")

    for _ in range(200):
        feed(into, [0, 1, 2, 0], logits, from_logits=True)

    found = into.statistics()
    np.testing.assert_array_equal(found.support, [400, 200, 200])
    np.testing.assert_allclose(found.cross_entropy_sum / found.support, np.float32(np.log(3)), rtol=1e-7)


def test_clear_begins_a_new_pass():
    """After `clear` the accumulator is as new, and sums again."""
    labels, probabilities = predictions(3, 50)
    probabilities = probabilities.astype("float32")
    into = accumulator(3)
    empty = into.statistics()
    feed(into, labels, probabilities)
    first = into.statistics()

    into.clear()

    assert into.statistics() == empty != first
    feed(into, labels, probabilities)
    assert into.statistics() == first


def test_reset_state_is_ignored():
    """Keras resets its metrics in the middle of the training pass; the sums stay."""
    labels, probabilities = predictions(3, 50)
    into = accumulator(3)
    feed(into, labels, probabilities.astype("float32"))
    before = into.statistics()

    into.reset_state()

    assert into.statistics() == before
    assert before.num_examples == 50


def test_result_is_empty():
    """The accumulator is a metric that shows nothing in logs, history or `evaluate`."""
    into = accumulator(3)
    feed(into, [0], np.full((1, 3), 1 / 3, "float32"))

    assert isinstance(into, keras.metrics.Metric)
    assert into.result() == {}


def test_unknown_loss_is_undefined():
    """Where the loss of an example is not known its sums are NaN, and nothing else is."""
    into = accumulator(3)
    feed(into, [0, 1], np.full((2, 3), 1 / 3, "float32"))
    known = into.statistics()
    into.knows_loss = False

    found = into.statistics()

    assert np.isnan(found.loss_sum).all()
    assert np.isnan(found.weighted_loss_sum).all()
    assert np.isnan(found.batch_mean_loss_sum)
    unknown = {"loss_sum", "weighted_loss_sum", "batch_mean_loss_sum"}
    assert_same_sums(found, known, relative=0.0, ignore=unknown)
    assert np.isfinite(known.loss_sum).all()
