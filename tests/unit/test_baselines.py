"""Tests of the yardsticks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xent_monitor.baselines import (
    CLIP_CEILING,
    calibrated_bounds,
    geometric_mean_probability,
    label_smoothing_floor,
    least_cross_entropy,
    mean_label_entropy,
    perplexity,
    prior_entropy,
    redundant_softmax_cap,
    redundant_softmax_floor,
    skill,
    uniform_cross_entropy,
)


@pytest.mark.parametrize(("num_classes", "nats"), [(1, 0.0), (2, 0.6931471805599453), (1000, 6.907755278982137)])
def test_uniform_cross_entropy_is_the_logarithm(num_classes, nats):
    """The same probability for each of K classes costs ln K."""
    assert uniform_cross_entropy(num_classes) == pytest.approx(nats, rel=1e-15)


def test_uniform_cross_entropy_needs_a_class():
    """No classes is an error."""
    with pytest.raises(ValueError) as error:
        uniform_cross_entropy(0)

    assert str(error.value) == "`num_classes` must be an integer >= 1. Received: num_classes=0."


@pytest.mark.parametrize(
    ("support", "nats"),
    [
        ([5, 5], math.log(2)),
        ([7, 7, 7, 7], math.log(4)),
        ([90, 10], -0.9 * math.log(0.9) - 0.1 * math.log(0.1)),
        ([0, 3, 0, 3], math.log(2)),
        ([0, 12, 0], 0.0),
        ([2**40, 2**40], math.log(2)),
    ],
)
def test_prior_entropy_by_hand(support, nats):
    """Classes without examples add nothing; a single class leaves no uncertainty."""
    assert prior_entropy(support) == pytest.approx(nats, rel=1e-14, abs=1e-300)


def test_prior_entropy_of_one_class_is_a_positive_zero():
    """With one class the entropy is 0, not -0."""
    assert math.copysign(1.0, prior_entropy([3])) == 1.0


def test_prior_entropy_is_undefined_without_examples():
    """No examples have no shares."""
    assert math.isnan(prior_entropy([0, 0]))


@pytest.mark.parametrize(
    ("positives", "nats"),
    [
        ([50], math.log(2)),
        ([50, 100], math.log(2) / 2),
        ([0, 100], 0.0),
        ([10, 90], -0.9 * math.log(0.9) - 0.1 * math.log(0.1)),
    ],
)
def test_mean_label_entropy_by_hand(positives, nats):
    """Each label is a choice of two; one that is always the same leaves no uncertainty."""
    assert mean_label_entropy(positives, 100) == pytest.approx(nats, rel=1e-14, abs=1e-300)


def test_mean_label_entropy_of_constant_labels_is_a_positive_zero():
    """Where no label varies the entropy is 0, not -0."""
    assert math.copysign(1.0, mean_label_entropy([0, 5], 5)) == 1.0


def test_mean_label_entropy_is_undefined_without_examples():
    """No examples have no shares."""
    assert math.isnan(mean_label_entropy([0, 0], 0))


@pytest.mark.parametrize(
    ("cross_entropy", "prior", "share"),
    [(0.0, 2.3, 1.0), (2.3, 2.3, 0.0), (4.6, 2.3, -1.0), (1.15, 2.3, 0.5)],
)
def test_skill_by_hand(cross_entropy, prior, share):
    """1 perfect, 0 the class shares, negative worse than those."""
    assert skill(cross_entropy, prior) == pytest.approx(share)


@pytest.mark.parametrize(("cross_entropy", "prior"), [(0.5, 0.0), (0.5, math.nan), (math.nan, 2.3)])
def test_skill_is_undefined_without_uncertainty(cross_entropy, prior):
    """Nothing can be gained where nothing is uncertain, or where a number is undefined."""
    assert math.isnan(skill(cross_entropy, prior))


def test_perplexity_by_hand():
    """Perplexity is e to the cross-entropy: K for the uniform distribution."""
    assert perplexity(math.log(10)) == pytest.approx(10)
    assert perplexity(0.0) == 1.0


def test_perplexity_may_be_infinite():
    """What no float can hold is infinite, without a warning."""
    assert perplexity(1e4) == math.inf
    assert math.isnan(perplexity(math.nan))


def test_geometric_mean_probability_by_hand():
    """The cross-entropy of two probabilities is minus the logarithm of their geometric mean."""
    cross_entropy = -(math.log(0.5) + math.log(0.02)) / 2

    assert geometric_mean_probability(cross_entropy) == pytest.approx(0.1)
    assert geometric_mean_probability(1e4) == 0.0


# Bounds at a given accuracy


def distributions(seed, num_classes, size=400):
    """Outputs from nearly certain to nearly even. Shape `(size, num_classes)`."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.dirichlet(np.full(num_classes, sharpness), size // 4) for sharpness in (0.02, 0.2, 1.0, 20.0)]
    ).clip(1e-12)


def entropy(p):
    return -(p * np.log(p)).sum(axis=1)


CLASSES = [2, 3, 10, 100]


@pytest.mark.parametrize("num_classes", CLASSES)
@pytest.mark.parametrize("seed", range(5))
def test_calibrated_models_are_within_their_bounds(num_classes, seed):
    """The labels of a calibrated model follow its outputs: its cross-entropy is their mean entropy."""
    outputs = distributions(seed, num_classes)
    rng = np.random.default_rng(seed)

    for _ in range(50):
        weights = rng.dirichlet(np.full(len(outputs), rng.choice([0.01, 1.0])))
        low, high = calibrated_bounds(float(weights @ outputs.max(axis=1)), num_classes)

        assert low - 1e-9 <= weights @ entropy(outputs) <= high + 1e-9


@pytest.mark.parametrize(
    ("num_classes", "accuracy"),
    [
        (num_classes, accuracy)
        for num_classes in CLASSES
        for accuracy in (0.02, 0.2, 1 / 3, 0.47, 0.5, 0.8, 0.999, 1.0)
        if accuracy * num_classes >= 1
    ],
)
def test_both_bounds_of_calibrated_models_are_reached(num_classes, accuracy):
    low, high = calibrated_bounds(accuracy, num_classes)

    # The highest: the other classes share the rest evenly. The lowest: outputs are even among j classes, or j + 1.
    rest = np.full(num_classes - 1, (1 - accuracy) / (num_classes - 1))
    even = entropy(np.array([[accuracy, *rest]]).clip(1e-300))
    j = min(int(1 / accuracy + 1e-12), num_classes)
    share = (accuracy - 1 / (j + 1)) / (1 / j - 1 / (j + 1))
    mixed = share * math.log(j) + (1 - share) * math.log(j + 1)

    assert high == pytest.approx(float(even[0]), abs=1e-12)
    assert low == pytest.approx(mixed, abs=1e-12)


@pytest.mark.parametrize("num_classes", CLASSES)
@pytest.mark.parametrize("right", [0.0, 0.05, 0.4, 0.93, 1.0])
def test_every_model_comes_down_to_the_upper_bound_without_training(num_classes, right):
    """Whatever its probabilities: give the named class the accuracy, and the others the rest evenly."""
    rng = np.random.default_rng(0)
    labels = rng.integers(num_classes, size=1000)
    named = np.where(np.arange(1000) < right * 1000, labels, (labels + 1) % num_classes)
    accuracy = float((named == labels).mean())
    probability = np.where(named == labels, accuracy, (1 - accuracy) / (num_classes - 1))

    assert -np.log(probability).mean() == pytest.approx(calibrated_bounds(accuracy, num_classes)[1], abs=1e-12)


def test_no_model_is_calibrated_below_an_even_guess():
    low, high = calibrated_bounds(0.05, 10)

    assert math.isnan(low)
    assert high == pytest.approx(2.286, abs=1e-3)


def test_calibrated_bounds_by_hand():
    assert calibrated_bounds(0.5, 2) == pytest.approx((math.log(2), math.log(2)))
    assert calibrated_bounds(0.1, 10) == pytest.approx((math.log(10), math.log(10)))
    assert calibrated_bounds(1.0, 7) == (0.0, 0.0)
    assert calibrated_bounds(1 / 49, 49) == pytest.approx((math.log(49), math.log(49)))


def test_calibrated_bounds_need_two_classes():
    with pytest.raises(ValueError) as error:
        calibrated_bounds(0.5, 1)

    assert str(error.value) == "`num_classes` must be an integer >= 2. Received: num_classes=1."


@pytest.mark.parametrize("num_classes", CLASSES)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
def test_no_model_is_below_the_least_for_its_accuracy(num_classes, smoothing):
    outputs = distributions(1, num_classes)
    labels = np.random.default_rng(1).integers(num_classes, size=len(outputs))
    targets = (1 - smoothing) * np.eye(num_classes)[labels] + smoothing / num_classes
    right = outputs.argmax(axis=1) == labels
    costs = -(targets * np.log(outputs)).sum(axis=1)

    for accuracy, cost in ((1.0, costs[right]), (0.0, costs[~right]), (float(right.mean()), costs)):
        assert cost.mean() >= least_cross_entropy(accuracy, num_classes, smoothing)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
def test_least_for_an_accuracy_is_reached(smoothing):
    """A wrong answer that is a tie costs least; a right one is best with the smoothed label itself."""
    target = np.array([1 - smoothing, 0, 0, 0, 0]) + smoothing / 5
    wrong = np.array([(target[0] + target[1]) / 2] * 2 + [target[2]] * 3)

    def cost(p):
        return -(target[target > 0] * np.log(p[target > 0])).sum()

    mixed = 0.7 * cost(target) + 0.3 * cost(wrong)
    assert least_cross_entropy(0.7, 5, smoothing) == pytest.approx(mixed)


def test_label_smoothing_floor_by_hand():
    assert label_smoothing_floor(10, 0.1) == pytest.approx(0.50029, abs=1e-5)
    assert label_smoothing_floor(2, 0.1) == pytest.approx(0.19852, abs=1e-5)
    assert label_smoothing_floor(10, 0.0) == 0.0
    assert label_smoothing_floor(10, 1.0) == pytest.approx(math.log(10))


@pytest.mark.parametrize("num_classes", CLASSES)
def test_soft_max_of_probabilities_reaches_its_cap_and_floor_and_no_further(num_classes):
    once = np.concatenate([distributions(2, num_classes), np.eye(num_classes)])
    twice = np.exp(once) / np.exp(once).sum(axis=1, keepdims=True)

    assert twice.max() == pytest.approx(redundant_softmax_cap(num_classes))
    assert -np.log(twice.max()) == pytest.approx(redundant_softmax_floor(num_classes))


def test_clip_ceiling_is_that_of_keras():
    assert pytest.approx(16.118, abs=1e-3) == CLIP_CEILING
