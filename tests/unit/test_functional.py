"""Tests of what is computed for each example: labels, distributions, cross-entropy. On any backend."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax, softmax

from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.functional import (
    binary_distributions,
    binary_labels,
    categorical_distributions,
    cross_entropy,
    one_hot_labels,
    sparse_labels,
    tempered_sums,
)

NAN, INF = np.nan, np.inf
EPSILON = 1e-7


def host(tensor):
    return ops.convert_to_numpy(tensor)


def unpacked(labels):
    """Classes and validity as lists."""
    assert keras.backend.standardize_dtype(labels.classes.dtype) == "int32"
    assert keras.backend.standardize_dtype(labels.valid.dtype) == "bool"
    return host(labels.classes).tolist(), host(labels.valid).tolist()


# Labels


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "float32", "float16"])
def test_sparse_labels_of_any_signed_type(dtype):
    """Whole numbers in [0, K) are classes, whatever their type; others are masked as class 0."""
    labels = sparse_labels(np.array([0, 2, 3, -1, 1], dtype), num_classes=3)

    assert unpacked(labels) == ([0, 2, 0, 0, 1], [True, True, False, False, True])


@pytest.mark.parametrize("num_classes", [3, 200, 256, 300, 70_000])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
def test_sparse_labels_of_narrow_types(dtype, num_classes):
    """A label of few bits is compared as it is, also where K is beyond what its type can hold."""
    values = [0, 2, 199, 255]

    labels = sparse_labels(np.array(values, dtype), num_classes)

    valid = [value < num_classes for value in values]
    expected = [value if ok else 0 for value, ok in zip(values, valid, strict=True)]
    assert unpacked(labels) == (expected, valid)


def test_sparse_labels_in_bfloat16():
    """Labels cast to bfloat16 with the rest of the batch are read as they are."""
    labels = sparse_labels(ops.cast(np.array([0, 2, 256, 258]), "bfloat16"), num_classes=257)

    assert unpacked(labels) == ([0, 2, 256, 0], [True, True, True, False])


def test_sparse_labels_of_bools():
    """False is class 0 and True is class 1."""
    assert unpacked(sparse_labels(np.array([False, True]), 2)) == ([0, 1], [True, True])


def test_sparse_labels_that_are_no_whole_number():
    """Fractions, NaN, infinities and what no integer can hold are masked, not cast."""
    values = np.array([0.5, 1.0, NAN, INF, -INF, 1e20, -1e20, 1.9999, -0.5, -0.0], "float32")

    classes, valid = unpacked(sparse_labels(values, num_classes=3))

    assert valid == [False, True, False, False, False, False, False, False, False, True]
    assert classes == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_sparse_labels_at_the_ends_of_the_integers():
    """The largest and the least integers are out of range like all others."""
    labels = sparse_labels(np.array([2**31 - 1, -(2**31), 7], "int32"), num_classes=8)

    assert unpacked(labels) == ([0, 0, 7], [False, False, True])


def test_sparse_labels_in_a_column():
    """Labels of shape (batch, 1) are those of shape (batch,)."""
    labels = sparse_labels(np.array([[1], [5]]), num_classes=3)

    assert unpacked(labels) == ([1, 0], [True, False])


def test_sparse_labels_of_an_empty_batch():
    """No labels are no labels."""
    assert unpacked(sparse_labels(np.zeros((0,), "int32"), 3)) == ([], [])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0, 0, 1], (2, True)),
        ([0.05, 0.9, 0.05], (1, True)),
        ([0.4, 0.4, 0.2], (0, True)),
        ([1 / 3, 1 / 3, 1 / 3], (0, True)),
        ([0.0, 0.995, 0.0], (1, True)),
        ([0.0, 0.98, 0.0], (0, False)),
        ([1, 1, 0], (0, False)),
        ([0, 0, 0], (0, False)),
        ([0, 2, 0], (0, False)),
        ([-0.5, 1.5, 0], (0, False)),
        ([0, NAN, 1], (0, False)),
        ([0, INF, 0], (0, False)),
        ([INF, -INF, 1], (0, False)),
    ],
)
def test_one_hot_labels(row, expected):
    """The class with the largest target; rows that are no distribution, such as multi-hot, are masked."""
    classes, valid = unpacked(one_hot_labels(np.array([row], "float32")))

    assert (classes[0], valid[0]) == expected


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float16", "float64"])
def test_one_hot_labels_of_any_type(dtype):
    """Targets may be of any numeric type."""
    rows = np.array([[0, 1, 0], [1, 0, 0], [1, 0, 1]]).astype(dtype)

    assert unpacked(one_hot_labels(rows)) == ([1, 0, 0], [True, True, False])


def test_one_hot_labels_in_bfloat16():
    """Smoothed rows that half precision has rounded still sum to 1 well enough."""
    smoothed = np.full((1, 10), 0.01)
    smoothed[0, 7] = 0.91

    assert unpacked(one_hot_labels(ops.cast(smoothed, "bfloat16"))) == ([7], [True])


def test_binary_labels():
    """Positive above one half; what lies outside [0, 1], or is NaN, is masked."""
    values = np.array([0, 1, 0.5, 0.51, 0.05, 0.95, -1, 2, NAN, INF, -INF], "float32")

    classes, valid = unpacked(binary_labels(values[:, None]))

    assert classes == [0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    assert valid == [True] * 6 + [False] * 5


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float16"])
def test_binary_labels_of_any_type(dtype):
    """Targets may be of any type, in a column or flat."""
    values = np.array([0, 1, 1]).astype(dtype)

    assert unpacked(binary_labels(values)) == ([0, 1, 1], [True] * 3)
    assert unpacked(binary_labels(values[:, None])) == ([0, 1, 1], [True] * 3)


# Distributions


def test_distributions_from_logits_are_the_softmax():
    """Probabilities, logits below the largest, and entropy agree with SciPy; such rows cannot be invalid."""
    logits = np.random.default_rng(0).normal(scale=3, size=(50, 7)).astype("float32")

    rows = categorical_distributions(logits, from_logits=True)

    np.testing.assert_allclose(host(rows.probabilities), softmax(logits, axis=1), rtol=1e-5)
    np.testing.assert_allclose(host(rows.logits), logits - logits.max(axis=1)[:, None], atol=1e-6)
    probabilities = softmax(logits.astype("float64"), axis=1)
    expected = -(probabilities * np.log(probabilities)).sum(axis=1)
    np.testing.assert_allclose(host(rows.entropy), expected, rtol=1e-5, atol=1e-6)
    assert rows.total is None
    assert rows.valid is None


@pytest.mark.parametrize("row", [[1e4, 0.0, -1e4], [3e38, -3e38, 0.0], [1e30, 1e30, 0.0], [-3e38, -3e38, -3e38]])
def test_huge_logits_do_not_overflow(row):
    """Logits anywhere in float32 give a distribution with a finite entropy."""
    rows = categorical_distributions(np.array([row], "float32"), from_logits=True)

    expected = (np.array(row) == max(row)) / np.sum(np.array(row) == max(row))
    np.testing.assert_allclose(host(rows.probabilities)[0], expected, atol=1e-7)
    entropy = np.log(np.sum(np.array(row) == max(row)))
    np.testing.assert_allclose(host(rows.entropy)[0], entropy, atol=1e-6)
    assert np.isfinite(host(rows.logits)).all()


def test_a_logit_of_minus_infinity_is_a_probability_of_zero():
    """A class that the model rules out has probability 0 and adds nothing to the entropy."""
    rows = categorical_distributions(np.array([[0.0, -INF, 0.0]], "float32"), from_logits=True)

    np.testing.assert_allclose(host(rows.probabilities)[0], [0.5, 0.0, 0.5])
    np.testing.assert_allclose(host(rows.entropy)[0], np.log(2), rtol=1e-6)
    assert np.isfinite(host(rows.logits)).all()


BROKEN_LOGITS = [
    *[np.roll([INF, 0.0, 1.0, -2.0], shift).tolist() for shift in range(4)],
    *[np.roll([NAN, 0.0, 1.0, -2.0], shift).tolist() for shift in range(4)],
    [INF, INF, 0.0, 0.0],
    [INF, -INF, 0.0, 0.0],
    [INF, NAN, -INF, 0.0],
    [-INF] * 4,
    [NAN] * 4,
    [NAN, -INF, -INF, -INF],
]


@pytest.mark.parametrize("row", BROKEN_LOGITS)
def test_logits_without_a_distribution_are_not_finite(row):
    """NaN, plus infinity, or nothing but minus infinity leave no finite entropy, so that the row is masked."""
    rows = categorical_distributions(np.array([[0.0, 1.0, 2.0, 3.0], row], "float32"), from_logits=True)

    assert np.isfinite(host(rows.entropy)).tolist() == [True, False]


@pytest.mark.parametrize("row", [np.roll([bad, 0.2, 0.8], i) for bad in (NAN, INF) for i in range(3)])
def test_probabilities_that_are_not_finite_show(row):
    """NaN or infinity among probabilities is left in them and in the entropy."""
    rows = categorical_distributions(np.array([row], "float32"), from_logits=False)

    assert not np.isfinite(host(rows.probabilities)).all()
    assert not np.isfinite(host(rows.entropy)).all()
    assert not host(rows.valid)[0]


def test_distributions_from_probabilities():
    """Probabilities stay as they are; logits are their logarithms, clipped as Keras' loss clips them."""
    given = np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0], [1e-9, 0.5, 0.5]], "float32")

    rows = categorical_distributions(given, from_logits=False, epsilon=EPSILON)

    np.testing.assert_array_equal(host(rows.probabilities), given)
    logits = np.log(np.maximum(given.astype("float64"), EPSILON))
    np.testing.assert_allclose(host(rows.logits), logits - logits.max(axis=1)[:, None], atol=2e-6)
    expected = [-(0.7 * np.log(0.7) + 0.2 * np.log(0.2) + 0.1 * np.log(0.1)), 0.0, np.log(2)]
    np.testing.assert_allclose(host(rows.entropy), expected, rtol=1e-6, atol=1e-6)
    assert host(rows.valid).tolist() == [True] * 3


@pytest.mark.parametrize(
    ("row", "valid"),
    [
        ([0.2, 0.8], True),
        ([0.2, 0.8005], True),
        ([0.2, 0.802], False),
        ([0.2, 0.798], False),
        ([0.9, 0.9], False),
        ([0.0, 0.0], False),
        ([-0.1, 1.1], False),
        ([-1e-6, 1.0], True),
        ([2.0, -1.0], False),
    ],
)
def test_rows_that_are_not_distributions_are_flagged(row, valid):
    """A row that does not sum to 1 within a thousandth, or is negative, is no distribution; its sum is told anyway."""
    rows = categorical_distributions(np.array([row], "float32"), from_logits=False)

    assert host(rows.valid).tolist() == [valid]
    np.testing.assert_allclose(host(rows.total), [sum(row)], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_read_in_single(dtype):
    """Outputs in half precision give float32, and their rounding does not make a row invalid."""
    logits = np.random.default_rng(1).normal(size=(200, 10))
    probabilities = ops.cast(softmax(logits, axis=1), dtype)
    rows = categorical_distributions(probabilities, from_logits=False)
    heated = categorical_distributions(ops.cast(logits, dtype), from_logits=True)

    for values in (*rows[:4], *heated[:3]):
        assert keras.backend.standardize_dtype(values.dtype) == "float32"
    assert host(rows.valid).all()
    np.testing.assert_allclose(host(heated.probabilities).sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(host(heated.probabilities), softmax(logits, axis=1), rtol=0.03)
    np.testing.assert_allclose(host(rows.probabilities), softmax(logits, axis=1), rtol=0.005)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_binary_distributions(shape):
    """A single unit is a distribution over negative and positive."""
    positive = np.array([0.75, 0.0, 1.0], "float32").reshape(shape)

    rows = binary_distributions(positive, from_logits=False)

    np.testing.assert_allclose(host(rows.probabilities), [[0.25, 0.75], [1, 0], [0, 1]])
    expected = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    np.testing.assert_allclose(host(rows.entropy), [expected, 0, 0], rtol=1e-6, atol=1e-6)
    assert host(rows.valid).all()


def test_binary_distributions_from_logits():
    """The logit of a single unit gives the sigmoid and its complement."""
    logits = np.array([[0.0], [2.0], [-300.0]], "float32")

    rows = binary_distributions(logits, from_logits=True)

    positive = [0.5, 1 / (1 + np.exp(-2.0)), 0.0]
    np.testing.assert_allclose(host(rows.probabilities)[:, 1], positive, rtol=1e-6)
    np.testing.assert_allclose(host(rows.probabilities).sum(axis=1), 1.0, rtol=1e-6)


@pytest.mark.parametrize(("value", "valid"), [(1.5, False), (-0.5, False), (1.0, True), (0.3, True)])
def test_binary_probabilities_outside_the_interval_are_flagged(value, valid):
    """A single unit outside [0, 1] is no probability, though with its complement it sums to 1."""
    rows = binary_distributions(np.array([[value]], "float32"), from_logits=False)

    assert host(rows.valid).tolist() == [valid]


# Cross-entropy

LOGITS = np.random.default_rng(2).normal(scale=4, size=(60, 5)).astype("float32")
CLASSES = np.random.default_rng(3).integers(5, size=60).astype("int32")
#: The last rows give the true class a probability of 0, 1, and around the clip.
PROBABILITIES = softmax(LOGITS, axis=1).astype("float32")
for _row, _p in enumerate([0.0, 1.0, 1e-7, 1e-8, 3e-7], start=55):
    PROBABILITIES[_row] = (1 - _p) / 4
    PROBABILITIES[_row, CLASSES[_row]] = _p


@pytest.mark.parametrize("from_logits", [False, True])
def test_cross_entropy_is_that_of_keras(from_logits):
    """Each example has the value of Keras' categorical loss to the last bit, saturated ones as well."""
    outputs = LOGITS if from_logits else PROBABILITIES
    loss = keras.losses.CategoricalCrossentropy(from_logits=from_logits, reduction=None)

    found = host(cross_entropy(CLASSES, outputs, from_logits=from_logits))

    assert found.shape == (60,)
    np.testing.assert_array_equal(found, host(loss(np.eye(5, dtype="float32")[CLASSES], outputs)))


@pytest.mark.parametrize("from_logits", [False, True])
def test_cross_entropy_is_that_of_the_sparse_loss(from_logits):
    """Each example has the value of Keras' sparse loss, which on TensorFlow renormalises after its clip."""
    outputs = LOGITS if from_logits else PROBABILITIES
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits, reduction=None)

    found = host(cross_entropy(CLASSES, outputs, from_logits=from_logits))

    np.testing.assert_allclose(found, host(loss(CLASSES, outputs)), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [(60,), (60, 1)])
@pytest.mark.parametrize("from_logits", [False, True])
def test_cross_entropy_is_that_of_the_binary_loss(shape, from_logits):
    """A single unit has the value of Keras' binary loss to the last bit, saturated ones as well."""
    outputs = LOGITS[:, 0] if from_logits else PROBABILITIES[:, 0].copy()
    if not from_logits:
        outputs[:4] = [0.0, 1.0, 1e-8, 1 - 6e-8]
    classes = (CLASSES > 2).astype("int32")
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits, reduction=None)

    found = host(cross_entropy(classes, outputs.reshape(shape), from_logits=from_logits))

    expected = host(loss(classes[:, None].astype("float32"), outputs[:, None]))
    np.testing.assert_array_equal(found, expected)


def test_cross_entropy_of_logits_has_no_ceiling():
    """From logits a confident mistake costs what it costs; from probabilities at most -ln 1e-7."""
    classes = np.array([1], "int32")
    logits = np.array([[60.0, 0.0]], "float32")

    assert host(cross_entropy(classes, logits, from_logits=True))[0] == pytest.approx(60.0)
    assert host(cross_entropy(classes, softmax(logits, axis=1), from_logits=False))[0] == pytest.approx(
        -np.log(1e-7), rel=1e-5
    )


def test_cross_entropy_by_hand():
    """-ln of the probability of the true class."""
    found = host(cross_entropy(CLASSES[:50], LOGITS[:50], from_logits=True))

    expected = -log_softmax(LOGITS[:50].astype("float64"), axis=1)[np.arange(50), CLASSES[:50]]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


# Temperature


def test_tempered_sums_are_value_slope_and_curvature():
    """At each node: the cross-entropy in float64 NumPy, and its derivatives by central differences."""
    logits = LOGITS.astype("float64") - LOGITS.max(axis=1)[:, None]
    rows = np.arange(len(logits))

    def value(b):
        return -log_softmax(b * logits, axis=1)[rows, CLASSES].sum()

    found = host(
        tempered_sums(
            ops.convert_to_tensor(logits.astype("float32")),
            ops.convert_to_tensor(logits[rows, CLASSES].astype("float32")),
            ops.ones(len(logits), "bool"),
            INVERSE_TEMPERATURES,
        )
    )

    assert found.shape == (3 * len(INVERSE_TEMPERATURES),)
    found = found.reshape(3, len(INVERSE_TEMPERATURES))
    for column, b in enumerate(INVERSE_TEMPERATURES):
        h = 1e-3 * b
        slope = (value(b + h) - value(b - h)) / (2 * h)
        curvature = (value(b + h) - 2 * value(b) + value(b - h)) / h**2
        np.testing.assert_allclose(found[0, column], value(b), rtol=1e-5)
        np.testing.assert_allclose(found[1, column], slope, rtol=1e-4)
        np.testing.assert_allclose(found[2, column], curvature, rtol=1e-3, atol=1e-4)


def test_tempered_sums_leave_out_masked_rows():
    """A masked row adds nothing, even where it holds NaN."""
    logits = LOGITS - LOGITS.max(axis=1)[:, None]
    true_logits = logits[np.arange(60), CLASSES]
    keep = np.arange(60) % 3 > 0
    broken = np.where(keep[:, None], logits, NAN).astype("float32")

    found, expected = (
        host(tempered_sums(*map(ops.convert_to_tensor, arguments), INVERSE_TEMPERATURES))
        for arguments in (
            (broken, true_logits, keep),
            (logits[keep], true_logits[keep], keep[keep]),
        )
    )

    np.testing.assert_allclose(found, expected, rtol=1e-5)
