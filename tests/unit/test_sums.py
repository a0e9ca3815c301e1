"""Tests of the sums of a batch. On any backend."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import softmax

from tests.builders import predictions, statistics
from tests.comparison import assert_same_sums
from tests.monitored_pass import accumulator, batch_of, feed, pass_over
from tests.statistics_from_predictions import statistics_from_predictions, temperature_sums
from xent_monitor.confusion import Confusion, worst_confusions
from xent_monitor.functional import SummationTree
from xent_monitor.functional.sums import LARGEST_LOSS, SMALL_BATCH, TEMPERATURE_LOGITS

NAN, INF = np.nan, np.inf


def single_precision(num_classes, num_examples=400, **arguments):
    """Labels and float32 probabilities, on which the oracle and the compiled step see the same numbers."""
    labels, probabilities = predictions(num_classes, num_examples, **arguments)
    return labels, probabilities.astype("float32")


@pytest.mark.parametrize("num_classes", [2, 3, 4, 5, 6, 7])
def test_sums_of_probabilities_are_those_of_the_oracle(num_classes):
    """Every count is exact and every float sum within 1e-6 of float64 NumPy, for rows of single precision."""
    labels, probabilities = single_precision(num_classes)

    found = pass_over(labels, probabilities)

    expected = statistics_from_predictions(labels, probabilities)
    assert_same_sums(found, expected, relative=2e-6, ignore={"temperature_sums"})
    # Sums of the slope are differences that cancel.
    np.testing.assert_allclose(found.temperature_sums, expected.temperature_sums, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("num_rows", [SMALL_BATCH, SMALL_BATCH + 1])
def test_sums_of_a_large_batch_are_those_of_the_oracle(num_rows):
    """A batch too large for the short ways of a small one, which torch has, is summed as well as one that is not."""
    labels, probabilities = single_precision(4, num_rows)

    found = pass_over(labels, probabilities)

    expected = statistics_from_predictions(labels, probabilities)
    assert_same_sums(found, expected, relative=2e-6, ignore={"temperature_sums", "temperature_sample_size"})


@pytest.mark.parametrize("num_classes", [2, 5])
def test_sums_of_logits_are_those_of_the_oracle(num_classes):
    """Logits, shifted by anything, have the sums of their softmax."""
    labels, probabilities = predictions(num_classes, 400)
    logits = np.log(probabilities) + np.linspace(-5, 5, 400)[:, None]

    found = pass_over(labels, logits.astype("float32"), from_logits=True)

    expected = statistics_from_predictions(labels, probabilities)
    assert_same_sums(found, expected, relative=5e-6, ignore={"temperature_sums", "saturated"})


@pytest.mark.parametrize("as_column", [False, True])
def test_sums_of_a_binary_output_are_those_of_the_oracle(as_column):
    """A single unit is summed over the classes negative and positive."""
    labels, probabilities = predictions(2, 400)
    positive = probabilities[:, 1].astype("float32")

    outputs = positive[:, None] if as_column else positive
    found = pass_over(labels, outputs, task="binary")

    expected = statistics_from_predictions(labels, positive, task="binary")
    assert_same_sums(found, expected, relative=5e-6, ignore={"temperature_sums"})
    np.testing.assert_allclose(found.temperature_sums, expected.temperature_sums, rtol=1e-4, atol=1e-3)


def test_many_classes_keep_a_sketch():
    """Above 256 classes there is no histogram by class and no matrix; the rest is that of the oracle."""
    labels, probabilities = single_precision(300, sharpness=4.0)
    decisions = probabilities.argmax(axis=1)
    wrong = labels != decisions

    found = pass_over(labels, probabilities)

    expected = statistics_from_predictions(labels, probabilities)
    ignore = {"temperature_sums", "temperature_sample_size", "confusion_sketch"}
    assert_same_sums(found, expected, relative=2e-6, ignore=ignore)
    assert found.confusion is None
    assert found.class_confidence_histogram is None
    np.testing.assert_array_equal(found.confusion_sketch[:, :, 0].sum(axis=1), [wrong.sum()] * 2)


def test_sketch_finds_the_heavy_pairs():
    """Pairs that are confused again and again are found, with their counts."""
    labels = np.repeat([7, 299, 12, 5], [30, 20, 9, 40])
    decisions = np.repeat([250, 0, 13, 5], [30, 20, 9, 40])
    probabilities = np.full((99, 300), 1e-4, "float32")
    probabilities[np.arange(99), decisions] = 1 - 299e-4

    found = pass_over(labels, probabilities, splits=[33, 50])

    assert worst_confusions(None, found.confusion_sketch, 300) == (
        Confusion(7, 250, 30),
        Confusion(299, 0, 20),
        Confusion(12, 13, 9),
    )


def test_sketch_is_that_of_the_definition():
    """The compiled step and plain loops write the same sketch."""
    labels, probabilities = predictions(300, 200, seed=5)

    found = pass_over(labels, probabilities.astype("float32"))

    expected = statistics(300, 200, seed=5).confusion_sketch
    np.testing.assert_array_equal(found.confusion_sketch, expected)


@pytest.mark.parametrize("confusion_limit", [4, 5])
def test_confusion_limit_is_inclusive(confusion_limit):
    """With as many classes as the limit the matrix is kept, with one more the sketch."""
    labels, probabilities = single_precision(5)

    found = pass_over(labels, probabilities, confusion_limit=confusion_limit)

    assert (found.confusion is None) == (confusion_limit == 4)
    assert (found.confusion_sketch is None) == (confusion_limit == 5)
    expected = statistics_from_predictions(labels, probabilities)
    np.testing.assert_array_equal(found.predicted, expected.predicted)
    np.testing.assert_array_equal(found.class_confidence_histogram, expected.class_confidence_histogram)


@pytest.mark.parametrize("num_bins", [1, 2, 10, 15, 100])
def test_any_number_of_bins(num_bins):
    """Histograms have as many bins as asked for."""
    labels, probabilities = single_precision(3)

    found = pass_over(labels, probabilities, num_bins=num_bins)

    expected = statistics_from_predictions(labels, probabilities, num_bins=num_bins)
    assert found.num_bins == num_bins
    np.testing.assert_array_equal(found.confidence_histogram, expected.confidence_histogram)
    np.testing.assert_allclose(found.bin_confidence_sum, expected.bin_confidence_sum, rtol=1e-6)


def test_a_probability_of_one_is_in_the_last_bin():
    """Confidence 1 belongs to the last bin and 0 to the first; an inner edge to the bin above it."""
    probabilities = np.array([[1.0, 0.0], [1.0, 0.0], [0.25, 0.75]], "float32")

    found = pass_over([0, 1, 1], probabilities, num_bins=4)

    np.testing.assert_array_equal(found.confidence_histogram, [[0, 0, 0, 1], [0, 0, 0, 2]])
    np.testing.assert_array_equal(found.true_class_probability_histogram, [[0, 0, 0, 1], [1, 0, 0, 1]])


def test_probabilities_beyond_the_interval_are_in_the_nearest_bin():
    """What is no distribution is flagged but stays in the sums: below 0 in the first bin, above 1 in the last."""
    found = pass_over([0, 1], np.array([[-0.5, 1.5], [0.0, 7.0]], "float32"), num_bins=4)

    np.testing.assert_array_equal(found.confidence_histogram, [[0, 0, 0, 1], [0, 0, 0, 1]])
    np.testing.assert_array_equal(found.true_class_probability_histogram, [[1, 0, 0, 0], [0, 0, 0, 1]])
    assert found.invalid_probabilities == 2
    assert found.num_examples == 2
    np.testing.assert_allclose(found.bin_confidence_sum, [0, 0, 0, 8.5])


def test_saturated_rows_are_counted():
    """A true class at or below Keras' clip counts as saturated, just above it does not."""
    true_probability = np.array([0.0, 1e-8, 1e-7, 1.1e-7, 0.5], "float32")
    probabilities = np.stack([true_probability, 1 - true_probability], axis=1)

    found = pass_over(np.zeros(5, int), probabilities)

    assert found.saturated == 3
    assert found.num_examples == 5


def broken_rows():
    """Six good rows, and one row for each way to be left out; with the count that each adds to."""
    labels, probabilities = single_precision(3, 11)
    labels = labels.astype("float32")
    loss = np.ones(11, "float32")
    weight = np.full(11, 2.0, "float32")
    labels[6] = 3
    probabilities[7, 1] = NAN
    loss[8] = INF
    weight[9] = NAN
    labels[10], probabilities[10] = -1, NAN
    return labels, probabilities, loss, weight


def test_masked_rows_are_in_the_count_of_their_cause_alone():
    """Rows with an invalid label or a value that is not finite change nothing but two counts."""
    labels, probabilities, loss, weight = broken_rows()
    into, clean = accumulator(3), accumulator(3)

    feed(into, labels, probabilities, loss=loss, weight=weight)
    feed(clean, labels[:6], probabilities[:6], loss=loss[:6], weight=weight[:6])

    found = into.statistics()
    # The mean of the batch is Keras' own, with the rows that we leave out.
    of_all = {"num_rows", "num_samples", "invalid_labels", "non_finite", "batch_mean_loss_sum"}
    assert_same_sums(found, clean.statistics(), relative=1e-6, absolute=1e-5, ignore=of_all)
    assert (found.num_rows, found.invalid_labels, found.non_finite) == (11, 2, 3)
    assert found.num_examples == found.temperature_sample_size == 6


@pytest.mark.parametrize("fault", ["label", "probability"])
def test_masked_rows_are_gaps_between_neighbours(fault):
    """A step to or from a masked row is none: confidences 0.5, 0.75, (left out), 0.875, 1 move by 0.25 and 0.125."""
    labels = np.zeros(5, int)
    confidence = np.array([0.5, 0.75, 0.625, 0.875, 1.0], "float32")
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    if fault == "label":
        labels[2] = 7
    else:
        probabilities[2, 1] = NAN

    found = pass_over(labels, probabilities)

    assert found.confidence_step_sum == 0.25 + 0.125
    assert (found.num_rows, found.num_examples, found.num_batches) == (5, 4, 1)


def test_an_output_that_never_changes_has_no_steps():
    """The confidence of a constant output moves by exactly 0, beside masked rows too."""
    labels = np.array([0, 1, -1, 2, 9, 0] * 20)
    probabilities = np.tile(np.array([[0.2, 0.7, 0.1]], "float32"), (120, 1))

    found = pass_over(labels, probabilities, splits=[40, 41])

    assert found.confidence_step_sum == 0.0
    assert (found.num_examples, found.num_batches) == (80, 3)


@pytest.mark.parametrize(("from_logits", "expected"), [(False, [0.5 + 2.0, 3.5, 0.0]), (True, [2.0, 1.0, 0.0])])
def test_what_the_probabilities_add_up_to(from_logits, expected):
    """Rows are summed as they are, distributions or not; logits have the sum 1 of their softmax. Masked rows: none."""
    outputs = np.array([[0.5, 0.0, 0.0], [1.0, 0.5, 0.5], [4.0, 0.5, -1.0], [NAN, 1.0, 1.0]], "float32")

    found = pass_over([0, 0, 1, 2], outputs, from_logits=from_logits)

    np.testing.assert_allclose(found.probability_sum, expected, rtol=1e-6)


@pytest.mark.parametrize("bad", [NAN, INF, -INF, 2 * LARGEST_LOSS**2])
@pytest.mark.parametrize("where", ["probability", "loss", "weight"])
def test_values_that_are_not_finite_mask_their_row(where, bad):
    """NaN, infinity and what would overflow when summed mask the row, wherever they are."""
    labels, probabilities = single_precision(3, 8)
    values = {"loss": np.ones(8, "float32"), "weight": np.ones(8, "float32")}
    if where == "probability":
        probabilities[4, 2] = bad
    else:
        values[where][4] = bad
    into = accumulator(3)

    feed(into, labels, probabilities, **values)

    found = into.statistics()
    assert (found.num_rows, found.num_examples, found.non_finite) == (8, 7, 1)
    assert np.isfinite(found.brier_sum).all()
    assert np.isfinite(found.temperature_sums).all()


@pytest.mark.parametrize("row", [[NAN, 0, 0], [0, INF, 0], [0, 0, INF], [-INF, -INF, -INF]])
def test_logits_that_are_not_finite_mask_their_row(row):
    """A row of logits that is no distribution is masked and counted."""
    found = pass_over([0, 1], np.array([[0, 1, 2], row], "float32"), from_logits=True)

    assert (found.num_rows, found.num_examples, found.non_finite) == (2, 1, 1)
    assert np.isfinite(found.entropy_sum).all()
    assert np.isfinite(found.temperature_sums).all()


def test_a_class_ruled_out_by_the_logits_is_no_fault():
    """A logit of minus infinity for another class leaves the row in the sums, where its loss is finite.

    Keras' dense losses make NaN of it; its sparse one does not, on TensorFlow and torch.
    """
    logits = np.array([[0.0, -INF, 0.0]], "float32")
    into = accumulator(3)

    feed(into, [0], logits, from_logits=True, nats=[np.log(2)])

    found = into.statistics()
    assert (found.num_examples, found.non_finite) == (1, 0)
    np.testing.assert_allclose(found.entropy_sum, [np.log(2), 0, 0], rtol=1e-6)
    np.testing.assert_allclose(found.confidence_sum, [0.5, 0, 0])
    assert np.isfinite(found.temperature_sums).all()


def test_a_batch_of_masked_rows_adds_nothing():
    """Where no row is valid, all sums stay 0."""
    found = pass_over(np.full(5, -1), np.full((5, 3), NAN, "float32"))

    assert (found.num_rows, found.invalid_labels, found.non_finite) == (5, 5, 0)
    assert found.num_examples == 0
    assert found.confidence_step_sum == 0.0
    assert not found.temperature_sums.any()
    assert not found.confidence_sum.any()


def test_weights_are_in_the_weighted_sums_alone():
    """Sample weights, zero and negative ones too, scale the weighted sums and no count."""
    labels, probabilities = single_precision(3, 50)
    weight = np.linspace(-1, 3, 50).astype("float32")
    loss = np.linspace(0, 5, 50).astype("float32")
    into = accumulator(3)

    feed(into, labels, probabilities, weight=weight, loss=loss)

    found, plain = into.statistics(), statistics_from_predictions(labels, probabilities)
    weight, loss = weight.astype("float64"), loss.astype("float64")
    nats = -np.log(probabilities[np.arange(50), labels].astype("float64"))
    for name, values in {
        "weight_sum": weight,
        "weighted_cross_entropy_sum": weight * nats,
        "loss_sum": loss,
        "weighted_loss_sum": weight * loss,
        "cross_entropy_sum": nats,
    }.items():
        expected = np.bincount(labels, values, 3)
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-5, err_msg=name)
    np.testing.assert_array_equal(found.confusion, plain.confusion)


def test_penalty_counts_for_each_row():
    """The penalty of a batch is summed over its rows, so that batches of any size average rightly."""
    labels, probabilities = single_precision(3, 30)
    into = accumulator(3)

    feed(into, labels[:20], probabilities[:20], penalty=0.5)
    feed(into, labels[20:], probabilities[20:], penalty=0.25)

    assert into.statistics().penalty_sum == pytest.approx(20 * 0.5 + 10 * 0.25, rel=1e-6)


def test_one_hot_labels_are_summed_as_sparse_ones():
    """The form of the labels makes no difference."""
    labels, probabilities = single_precision(4, 50)

    found = pass_over(np.eye(4, dtype="float32")[labels], probabilities)

    assert_same_sums(found, pass_over(labels, probabilities), relative=0.0)


def test_temperature_sums_are_those_of_numpy():
    """Value, slope and curvature at each node agree with float64 NumPy, for flat and for steep logits."""
    rng = np.random.default_rng(0)
    for scale in (0.3, 3.0, 30.0):
        logits = (scale * rng.normal(size=(500, 6))).astype("float32")
        labels = (logits + scale * rng.gumbel(size=logits.shape)).argmax(axis=1)

        found = pass_over(labels, logits, from_logits=True)

        shifted = logits.astype("float64") - logits.max(axis=1, keepdims=True)
        value, slope, curvature = temperature_sums(labels, shifted)
        np.testing.assert_allclose(found.temperature_sums[0], value, rtol=1e-4)
        bound = 1e-4 * np.abs(shifted).sum()
        np.testing.assert_allclose(found.temperature_sums[1], slope, rtol=1e-4, atol=bound)
        bound = 1e-4 * np.square(shifted).sum()
        np.testing.assert_allclose(found.temperature_sums[2], curvature, rtol=1e-4, atol=bound)


@pytest.mark.parametrize(("num_classes", "num_rows"), [(4, 4096), (4, 4097), (4, 10_000), (300, 200)])
def test_temperature_sample_is_bounded(num_classes, num_rows):
    """Of a large batch evenly spaced rows are sampled, of a small one all."""
    labels, probabilities = single_precision(num_classes, num_rows)
    most = TEMPERATURE_LOGITS // num_classes
    stride = -(-num_rows // most)

    found = pass_over(labels, probabilities)

    assert found.temperature_sample_size == len(range(0, num_rows, stride)) <= most
    sampled = slice(None, None, stride)
    expected = temperature_sums(labels[sampled], np.log(probabilities[sampled].astype("float64")))
    np.testing.assert_allclose(found.temperature_sums[0], expected[0], rtol=1e-4)


def compiled(function):
    """The function compiled, on TensorFlow for batches of any size; on torch as it is."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        spec = [tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 3], tf.float32)]
        return tf.function(function, input_signature=spec)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function


def test_an_empty_batch_adds_nothing(backend):
    """A replica without rows leaves the sums as they are."""
    if backend == "torch":
        pytest.skip("Keras refuses the maximum of an empty tensor, and torch knows no such replicas")
    into = accumulator(3)
    take = compiled(lambda labels, outputs: batch_of(into.layout, "multiclass", False, labels, outputs))

    into.update_state(take(np.zeros(0, "int32"), np.zeros((0, 3), "float32")))

    found = into.statistics()
    assert found == accumulator(3).statistics()
    assert found.num_rows == found.num_examples == found.num_batches == 0
    assert not found.temperature_sums.any()


@pytest.mark.parametrize("num_rows", [1, 32, 33, 1000, 6000])
def test_compiled_and_eager_sums_agree(num_rows):
    """Compiled, on TensorFlow without knowing the size of the batch, the sums are those of an eager call."""
    labels, probabilities = single_precision(3, num_rows)
    labels = labels.astype("int32")
    into, eager = accumulator(3), accumulator(3)
    take = compiled(lambda labels, outputs: batch_of(into.layout, "multiclass", False, labels, outputs))

    into.update_state(take(labels, probabilities))
    eager.update_state(batch_of(into.layout, "multiclass", False, labels, probabilities))

    absolute = 1e-3  # of the sums of slopes, which cancel
    assert_same_sums(into.statistics(), eager.statistics(), relative=1e-5, absolute=absolute)


# The tree


@pytest.mark.parametrize("num_rows", [1, 2, 31, 32, 33, 63, 64, 1023, 1024, 1025, 33_000])
def test_tree_sums_by_segment(num_rows):
    """Whatever the number of rows, integers that float32 holds are summed exactly."""
    rng = np.random.default_rng(num_rows)
    values = rng.integers(0, 100, size=(num_rows, 3))
    segments = rng.integers(0, 5, size=num_rows)

    found = segment_sums(values.astype("float32"), segments, 5)

    expected = np.stack([np.bincount(segments, column, 5) for column in values.T], axis=1)
    np.testing.assert_array_equal(found, expected)


def segment_sums(values, segments, num_segments):
    tree = SummationTree(len(values))
    total = tree.segment_sum(
        ops.convert_to_tensor(values), ops.convert_to_tensor(segments.astype("int32")), num_segments
    )
    assert keras.backend.standardize_dtype(total.dtype) == "float32"
    return ops.convert_to_numpy(total)


@pytest.mark.parametrize("kind", ["random", "constant"])
@pytest.mark.parametrize("num_rows", [2**22, 2**19 + 77])
def test_tree_keeps_six_digits(num_rows, kind):
    """Millions of positive rows are summed to 1e-6 relative; one float32 scatter loses up to 2e-4."""
    rng = np.random.default_rng(0)
    values = (
        rng.exponential(size=(num_rows, 1)).astype("float32")
        if kind == "random"
        else np.full((num_rows, 1), np.log(10), "float32")
    )
    segments = np.arange(num_rows) * 7 % 11 // 4  # shares 4, 4 and 3 of 11

    found = segment_sums(values, segments, 3)

    expected = np.bincount(segments, values[:, 0].astype("float64"), 3)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("num_rows", [0, 1, 33, 2**22])
def test_sums_of_a_batch_of_unknown_size_keep_six_digits(backend, num_rows):
    """Where TensorFlow traces without knowing the size of the batch, the sums are as good."""
    if backend != "tensorflow":
        pytest.skip("JAX and torch always know the size of the batch")
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([None], tf.int32)])
    def total(values, segments):
        return SummationTree(ops.shape(values)[0]).segment_sum(values, segments, 3)

    values = np.full((num_rows, 1), np.log(10), "float32")
    segments = np.arange(num_rows, dtype="int32") * 7 % 11 // 4

    expected = np.bincount(segments, values[:, 0].astype("float64"), 3)
    np.testing.assert_allclose(ops.convert_to_numpy(total(values, segments))[:, 0], expected, rtol=1e-6)


def test_softmax_rows_of_the_step_and_of_scipy_agree():
    """Mean confidence and entropy of logits are those of SciPy's softmax."""
    logits = np.random.default_rng(4).normal(size=(300, 8)).astype("float32")
    labels = np.zeros(300, int)

    found = pass_over(labels, logits, from_logits=True)

    probabilities = softmax(logits.astype("float64"), axis=1)
    assert found.confidence_sum[0] == pytest.approx(probabilities.max(axis=1).sum(), rel=1e-6)
    entropy = -(probabilities * np.log(probabilities)).sum()
    assert found.entropy_sum[0] == pytest.approx(entropy, rel=1e-6)
