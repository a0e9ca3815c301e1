"""Tests of the yardsticks."""

from __future__ import annotations

import math

import pytest

from xent_monitor.baselines import (
    geometric_mean_probability,
    mean_label_entropy,
    perplexity,
    prior_entropy,
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
