"""Laws of the sums, for any predictions. On any backend."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.comparison import assert_same_sums
from tests.monitored_pass import pass_over
from tests.strategies import NUM_CLASSES, NUM_ROWS, Rows, clear_rows, rows, splits
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics, array_fields, scalar_fields

law = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = tuple("abcd")
#: Sums of differences that may cancel: to rounding of the terms, not of the sum.
ROUNDING = 2e-5
#: Fields of such sums.
CANCELLING = {"temperature_sums"}
#: Fields that depend on the order of the rows, which have a law of their own.
OF_THE_ORDER = {"confidence_step_sum"}
#: Fields that depend on how the pass was cut into batches, which have laws of their own.
OF_THE_BATCHES = {"confidence_step_sum", "num_batches"}


def assert_same_pass(actual: ClassStatistics, expected: ClassStatistics, ignore: Collection[str] = ()) -> None:
    """Counts exactly, sums of terms of one sign to 1e-6, the others to rounding."""
    assert_same_sums(actual, expected, relative=1e-6, absolute=1e-6, ignore=CANCELLING | set(ignore))
    scale = 1 + np.abs(expected.temperature_sums).max()
    np.testing.assert_allclose(actual.temperature_sums, expected.temperature_sums, rtol=ROUNDING, atol=ROUNDING * scale)


def far_from_edges(pass_rows: Rows, num_bins: int = 15) -> bool:
    """No probability is so near to the edge of a bin that rounding decides on which side."""
    distance = pass_rows.probabilities.astype(np.float64) * num_bins
    # Below the first inner edge and above the last there is no edge that could be crossed.
    inner = (distance > 0.5) & (distance < num_bins - 0.5)
    return bool((np.abs(distance - np.round(distance)) > 1e-4)[inner].all())


@law
@given(rows(), splits())
def test_any_split_into_batches_is_the_same_pass(data, cuts):
    """Counts are the same exactly, and float sums to 1e-6, however the pass is cut into batches.

    All but `num_batches` and `confidence_step_sum`, whose laws are below.
    """
    whole = pass_over(data.labels, data.logits, from_logits=True)

    parts = pass_over(data.labels, data.logits, splits=cuts, from_logits=True)

    assert_same_pass(parts, whole, ignore=OF_THE_BATCHES)


@law
@given(rows(), splits())
def test_batches_are_counted_and_add_up(data, cuts):
    """`num_batches` is the number of batches, of the pass and of the sum of its parts."""
    found = pass_over(data.labels, data.logits, splits=cuts, from_logits=True)

    parts = [
        pass_over(labels, logits, from_logits=True)
        for labels, logits in zip(np.split(data.labels, cuts), np.split(data.logits, cuts), strict=True)
    ]
    assert found.num_batches == len(cuts) + 1
    assert [part.num_batches for part in parts] == [1] * len(parts)
    assert sum(parts[1:], parts[0]).num_batches == found.num_batches


@law
@given(rows(), splits(), st.permutations(range(NUM_ROWS)))
def test_confidence_steps_are_those_between_neighbours_of_a_batch(data, cuts, order):
    """`confidence_step_sum` is the sum over batches of sum |diff| of the confidence, in the order of the rows."""
    found = pass_over(data.labels[order], data.logits[order], splits=cuts, from_logits=True)

    confidence = data.probabilities.astype(np.float64).max(axis=1)[order]
    expected = sum(np.abs(np.diff(batch)).sum() for batch in np.split(confidence, cuts))
    np.testing.assert_allclose(found.confidence_step_sum, expected, rtol=1e-6, atol=1e-6 * NUM_ROWS)


@law
@given(rows(), st.permutations(range(NUM_ROWS)))
def test_the_order_of_rows_does_not_matter(data, order):
    """Permuting the rows changes nothing but `confidence_step_sum`, whose law is above."""
    shuffled = pass_over(data.labels[order], data.logits[order], from_logits=True)

    assert_same_pass(shuffled, pass_over(data.labels, data.logits, from_logits=True), ignore=OF_THE_ORDER)


@law
@given(clear_rows(), st.permutations(range(NUM_CLASSES)))
def test_permuting_classes_permutes_the_results(data, order):
    """Renaming the classes renames the results of each class and leaves those of all."""
    assume(far_from_edges(data))
    position = np.argsort(order)
    plain = pass_over(data.labels, data.logits, from_logits=True)

    renamed = pass_over(position[data.labels].astype("int32"), data.logits[:, order], from_logits=True)

    changes = {
        field.name: getattr(plain, field.name)[order]
        for field in array_fields()
        if field.metadata["shape"][0] in ("num_classes", "histogram_classes") and getattr(plain, field.name) is not None
    }
    changes["confusion"] = plain.confusion[np.ix_(order, order)]
    assert_same_pass(renamed, dataclasses.replace(plain, **changes))


@law
@given(rows(), st.integers(-64, 64))
def test_a_constant_added_to_the_logits_changes_nothing(data, constant):
    """Logits mean the same up to a constant of the row; here one that float32 adds without rounding."""
    rising = constant * np.linspace(-1, 1, NUM_ROWS).round(1).astype("float32")[:, None]
    shift = np.round(rising * 64) / 64

    shifted = pass_over(data.labels, data.logits + shift, from_logits=True)

    assert_same_sums(
        shifted,
        pass_over(data.labels, data.logits, from_logits=True),
        relative=1e-5,
        absolute=1e-4,  # Keras' own cross-entropy from logits rounds at the size of the logits
        ignore=CANCELLING | {"cross_entropy_square_sum", "row_cross_entropy_square_sum"},
    )


@law
@given(clear_rows())
def test_logits_and_their_softmax_agree(data):
    """Whether the model gives logits or probabilities, it is the same model."""
    assume(far_from_edges(data))

    from_logits = pass_over(data.labels, data.logits, from_logits=True)
    from_probabilities = pass_over(data.labels, data.probabilities)

    assert_same_sums(
        from_logits,
        from_probabilities,
        relative=1e-4,
        absolute=2e-5 * NUM_ROWS,
        ignore=CANCELLING | {"saturated"},
    )


@law
@given(rows(), st.integers(1, 3).map(lambda power: 5**power))
def test_histograms_count_every_example_once(data, num_bins):
    """Each histogram sums to the support, each row of the confusion to that of its class."""
    found = pass_over(data.labels, data.logits, from_logits=True, num_bins=num_bins)

    support = np.bincount(data.labels, minlength=NUM_CLASSES)
    np.testing.assert_array_equal(found.support, support)
    np.testing.assert_array_equal(found.true_class_probability_histogram.sum(axis=1), support)
    np.testing.assert_array_equal(found.class_confidence_histogram.sum(axis=(1, 2)), support)
    np.testing.assert_array_equal(found.confusion.sum(axis=1), support)
    assert found.confidence_histogram.sum() == found.predicted.sum() == NUM_ROWS
    np.testing.assert_array_equal(found.confidence_histogram[1].sum(), found.correct.sum())


@law
@given(rows())
def test_calibration_errors_are_ordered(data):
    """0 <= expected <= maximum calibration error <= 1, and the derived quantities keep their ranges."""
    sums = pass_over(data.labels, data.logits, from_logits=True)
    report = EvaluationReport(0, "train", "", NAMES, sums)

    errors = (0, report.expected_calibration_error, report.maximum_calibration_error, 1)
    assert all(low <= high + 1e-6 for low, high in itertools.pairwise(errors))
    assert 0 <= report.accuracy <= 1
    assert -1e-6 <= report.brier_score <= 2 + 1e-6
    assert -1e-6 <= report.mean_entropy <= np.log(NUM_CLASSES) + 1e-6
    assert report.tempered_cross_entropy <= report.cross_entropy


@law
@given(rows(), rows(), rows())
def test_addition_is_commutative_and_associative(first, second, third):
    """a + b is b + a; (a + b) + c is a + (b + c), exactly for counts."""
    a, b, c = (pass_over(data.labels, data.logits, from_logits=True) for data in (first, second, third))

    assert a + b == b + a
    left, right = (a + b) + c, a + (b + c)
    assert_same_sums(left, right, relative=1e-12, absolute=1e-9)


@law
@given(rows(), rows())
def test_passes_add_up_to_the_pass_over_both(first, second):
    """The sum of two passes is the pass over the rows of both."""
    parts = [pass_over(data.labels, data.logits, from_logits=True) for data in (first, second)]

    both = pass_over(
        np.concatenate([first.labels, second.labels]),
        np.concatenate([first.logits, second.logits]),
        splits=[NUM_ROWS],
        from_logits=True,
    )

    assert_same_pass(parts[0] + parts[1], both)


@settings(law, max_examples=10)
@given(rows(), st.sets(st.integers(0, NUM_ROWS - 1), max_size=NUM_ROWS - 8), st.data())
def test_rows_left_out_change_nothing_but_their_count(data, left_out, choice):
    """Rows that are out of range or not finite leave the sums of the others as they are.

    To `confidence_step_sum` they are gaps: neither step of such a row is in it. In the mean loss of their batch, which
    is Keras' own, they are.
    """
    labels, logits = data.labels.copy(), data.logits.copy()
    faults = {row: choice.draw(st.sampled_from(["label", "NaN", "infinity"])) for row in sorted(left_out)}
    for row, fault in faults.items():
        if fault == "label":
            labels[row] = choice.draw(st.sampled_from([-1, NUM_CLASSES, 2**31 - 1]))
        else:
            column = choice.draw(st.integers(0, NUM_CLASSES - 1))
            logits[row, column] = np.nan if fault == "NaN" else np.inf

    found = pass_over(labels, logits, from_logits=True)

    # One by one, so that there is one size of batch.
    kept = np.array([row not in left_out for row in range(NUM_ROWS)])
    single = [
        pass_over(data.labels[None, row], data.logits[None, row], from_logits=True) for row in np.flatnonzero(kept)
    ]
    expected = sum(single[1:], single[0])
    counts = {"num_rows", "num_samples", "invalid_labels", "non_finite"}
    ignore = counts | CANCELLING | OF_THE_BATCHES | {"batch_mean_loss_sum"}
    assert_same_sums(found, expected, relative=1e-6, absolute=1e-6, ignore=ignore)
    assert (found.num_rows, found.num_samples, found.num_batches) == (NUM_ROWS, NUM_ROWS, 1)
    steps = np.abs(np.diff(data.probabilities.astype(np.float64).max(axis=1)))[kept[1:] & kept[:-1]]
    np.testing.assert_allclose(found.confidence_step_sum, steps.sum(), rtol=1e-6, atol=1e-6 * NUM_ROWS)
    assert found.invalid_labels == sum(fault == "label" for fault in faults.values())
    assert found.non_finite == len(faults) - found.invalid_labels
    assert np.isfinite(found.temperature_sums).all()


def test_every_field_is_compared():
    """The comparison used above sees a difference in any field."""
    data = Rows(np.arange(NUM_ROWS, dtype="int32") % NUM_CLASSES, np.zeros((NUM_ROWS, 4), "float32"))
    sums = pass_over(data.labels, data.logits, from_logits=True)
    for field in (*array_fields(), *scalar_fields()):
        if getattr(sums, field.name) is None:
            continue
        other = dataclasses.replace(sums, **{field.name: getattr(sums, field.name) + 1})
        try:
            assert_same_pass(other, sums)
        except AssertionError:
            continue
        raise AssertionError(f"{field.name} is not compared")
