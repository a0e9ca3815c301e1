"""The oracle of the tests against scikit-learn, and against itself where two roads lead to the same sums."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from tests.builders import predictions
from tests.comparison import assert_same_sums
from tests.statistics_from_predictions import probabilities_of, statistics_from_predictions

pytestmark = pytest.mark.reference

#: What says how rows lie in batches and examples, which the same rows in another order or shape do not share.
PLACE = {"confidence_step_sum", "num_samples", "num_batches", "batch_mean_loss_sum", "masked"}


def several(num_examples=60, num_labels=5):
    """Targets 0 or 1 and probabilities for some labels."""
    rng = np.random.default_rng(1)
    return rng.integers(2, size=(num_examples, num_labels)), rng.uniform(0.02, 0.98, size=(num_examples, num_labels))


def test_labels_are_counted_as_scikit_learn_does():
    """Support, decisions and right decisions of each label are those of its 2 x 2 confusion matrix."""
    targets, p = several()
    sums = statistics_from_predictions(targets, p, task="multilabel")
    (tn, fp), (fn, tp) = metrics.multilabel_confusion_matrix(targets, p > 0.5).transpose(1, 2, 0)

    np.testing.assert_array_equal(sums.support, tp + fn)
    np.testing.assert_array_equal(sums.predicted, tp + fp)
    np.testing.assert_array_equal(sums.correct, tp + tn)
    np.testing.assert_array_equal(sums.confidence_histogram.sum(axis=1), [(fp + fn).sum(), (tp + tn).sum()])


def test_losses_of_labels_are_those_of_scikit_learn():
    """Cross-entropy, weighted or not, its part from positives, and the Brier score are `log_loss` and its like."""
    targets, p = several()
    weights = np.linspace(0, 2, len(p))
    sums = statistics_from_predictions(targets, p, task="multilabel", sample_weight=weights)

    for k, (t, q) in enumerate(zip(targets.T, p.T, strict=True)):
        assert sums.cross_entropy_sum[k] == pytest.approx(metrics.log_loss(t, q, normalize=False))
        weighted = metrics.log_loss(t, q, normalize=False, sample_weight=weights)
        assert sums.weighted_cross_entropy_sum[k] == pytest.approx(weighted)
        assert sums.weighted_loss_sum[k] == pytest.approx(weighted)
        positives = metrics.log_loss(t[t == 1], q[t == 1], normalize=False, labels=[0, 1])
        assert sums.positive_cross_entropy_sum[k] == pytest.approx(positives)
        assert sums.brier_sum[k] == pytest.approx(2 * len(p) * metrics.brier_score_loss(t, q))
    rows = np.array([metrics.log_loss(t, q, labels=[0, 1]) for t, q in zip(targets, p, strict=True)])
    assert sums.row_cross_entropy_square_sum == pytest.approx((rows**2).sum())
    assert sums.batch_mean_loss_sum == pytest.approx((weights * rows).sum())


def test_classes_are_counted_as_scikit_learn_does():
    """Confusion matrix, cross-entropy and its weighted sum are scikit-learn's, for one-hot labels too."""
    labels, p = predictions(4)
    weights = np.linspace(0, 2, len(p))
    sums = statistics_from_predictions(labels, p, sample_weight=weights)

    np.testing.assert_array_equal(sums.confusion, metrics.confusion_matrix(labels, p.argmax(axis=1)))
    assert sums.cross_entropy_sum.sum() == pytest.approx(metrics.log_loss(labels, p, normalize=False))
    weighted = metrics.log_loss(labels, p, normalize=False, sample_weight=weights)
    assert sums.weighted_cross_entropy_sum.sum() == pytest.approx(weighted)
    assert_same_sums(statistics_from_predictions(np.eye(4)[labels], p, sample_weight=weights), sums, relative=1e-12)


def test_a_single_label_is_the_binary_task():
    """Decisions of one label are those between two classes, summed over both."""
    labels, p = predictions(2)
    binary = statistics_from_predictions(labels, p[:, 1], task="binary")
    label = statistics_from_predictions(labels[:, None], p[:, 1:], task="multilabel")

    for name in ("cross_entropy_sum", "loss_sum", "confidence_sum", "brier_sum", "entropy_sum", "weight_sum"):
        np.testing.assert_allclose(getattr(label, name), [getattr(binary, name).sum()], rtol=1e-12)
    assert label.support.tolist() == binary.support[1:].tolist()
    assert label.positive_cross_entropy_sum.tolist() == binary.cross_entropy_sum[1:].tolist()
    same = {"num_rows", "confidence_histogram", "bin_confidence_sum", "temperature_sums", "confidence_step_sum"}
    for name in same | {"row_cross_entropy_square_sum", "batch_mean_loss_sum", "saturated"}:
        np.testing.assert_allclose(getattr(label, name), getattr(binary, name), rtol=1e-12)


@pytest.mark.parametrize("task", ["multiclass", "multilabel", "binary"])
def test_tokens_are_rows(task):
    """Tokens of sequences are so many examples; channels may come first."""
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(6, 5, 1 if task == "binary" else 3))
    p = probabilities_of(logits, task=task)
    targets = rng.integers(3, size=(6, 5)) if task == "multiclass" else rng.integers(2, size=p.shape)
    weights = rng.uniform(size=(6, 5))

    found = statistics_from_predictions(targets, p, task=task, sample_weight=weights)

    flat = targets.reshape(-1) if task == "multiclass" else targets.reshape(30, -1)
    expected = statistics_from_predictions(flat, p.reshape(30, -1), task=task, sample_weight=weights.reshape(-1))
    assert_same_sums(found, expected, relative=1e-12, ignore=PLACE - {"masked", "confidence_step_sum"})
    assert found.num_samples == 6
    assert found.batch_mean_loss_sum == pytest.approx(expected.batch_mean_loss_sum / 5)
    if task == "multiclass":
        first = statistics_from_predictions(targets, np.moveaxis(p, -1, 1), class_axis=1, sample_weight=weights)
        assert_same_sums(first, found, relative=1e-12)


def test_masked_rows_are_as_if_left_out():
    """A mask, or an ignored class, leaves the sums of the other rows, and a loss that is their mean."""
    rng = np.random.default_rng(3)
    p = probabilities_of(rng.normal(size=(8, 4, 3)))
    targets, weights = rng.integers(3, size=(8, 4)), rng.uniform(size=8)
    mask = rng.random((8, 4)) > 0.3

    found = statistics_from_predictions(targets, p, mask=mask, sample_weight=weights, batch_sizes=[5, 3])

    kept = np.repeat(weights, 4).reshape(8, 4)[mask]
    expected = statistics_from_predictions(targets[mask], p[mask], sample_weight=kept)
    assert_same_sums(found, expected, relative=1e-12, ignore=PLACE)
    assert (found.masked, found.num_rows, found.num_samples, found.num_batches) == ((~mask).sum(), mask.sum(), 8, 2)
    losses = np.repeat(weights, 4).reshape(8, 4) * -np.log(np.take_along_axis(p, targets[..., None], -1)[..., 0])
    means = [losses[part][mask[part]].mean() for part in (slice(0, 5), slice(5, 8))]
    assert found.batch_mean_loss_sum == pytest.approx(5 * means[0] + 3 * means[1])
    ignored = statistics_from_predictions(
        np.where(mask, targets, -1), p, ignore_class=-1, sample_weight=weights, batch_sizes=[5, 3]
    )
    assert_same_sums(ignored, found, relative=1e-12)


def test_targets_as_given_have_a_cross_entropy_of_their_own():
    """Against soft targets it is linear in them; against hard labels only the largest target counts."""
    labels, p = predictions(3)
    others = (labels + 1) % 3
    sums = statistics_from_predictions(0.7 * np.eye(3)[labels] + 0.3 * np.eye(3)[others], p)
    hard, other = statistics_from_predictions(labels, p), statistics_from_predictions(others, p)

    expected = 0.7 * hard.cross_entropy_sum.sum() + 0.3 * other.cross_entropy_sum.sum()
    assert sums.target_cross_entropy_sum.sum() == pytest.approx(expected)
    np.testing.assert_allclose(sums.loss_sum, sums.target_cross_entropy_sum)
    np.testing.assert_allclose(sums.cross_entropy_sum, hard.cross_entropy_sum)


def test_invalid_rows_are_counted_by_cause():
    """A row with any target outside [0, 1], or any value that is not finite, is out as a whole."""
    targets, p = several(6, 3)
    targets, p = targets.astype(float), p.copy()
    targets[0, 1], targets[1, 2], p[2, 0], p[1, 0] = 2.0, np.nan, np.inf, np.nan

    found = statistics_from_predictions(targets, p, task="multilabel", loss=np.ones((6, 3)))

    assert (found.num_rows, found.invalid_labels, found.non_finite) == (6, 2, 1)
    expected = statistics_from_predictions(targets[3:], p[3:], task="multilabel", loss=np.ones((3, 3)))
    ignore = PLACE | {"num_rows", "invalid_labels", "non_finite"}
    assert_same_sums(found, expected, relative=1e-12, ignore=ignore)
    assert found.batch_mean_loss_sum == 6.0
