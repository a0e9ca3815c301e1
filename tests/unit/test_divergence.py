"""Tests of the loss-versus-accuracy divergence."""

from __future__ import annotations

import math

import pytest

from xent_monitor.divergence import loss_accuracy_divergence

NAN = math.nan


@pytest.mark.parametrize(
    ("cross_entropies", "accuracies", "expected"),
    [
        pytest.param([1.0], [0.5], 0.0, id="first pass"),
        pytest.param([1.0, 0.8, 0.6], [0.5, 0.6, 0.7], 0.0, id="both better"),
        pytest.param([1.0, 0.6, 0.8], [0.5, 0.7, 0.8], 0.1, id="loss worse, accuracy better"),
        pytest.param([1.0, 0.6, 0.8], [0.5, 0.7, 0.7], 0.1, id="loss worse, accuracy the same"),
        pytest.param([1.0, 0.6, 0.8], [0.5, 0.7, 0.6], 0.0, id="both worse"),
        pytest.param([0.6, 0.9, 0.8], [0.7, 0.7, 0.7], 0.1, id="best is long ago"),
        pytest.param([NAN, 0.6, 0.8], [NAN, 0.7, 0.7], 0.1, id="a pass without value"),
        pytest.param([0.6, math.inf], [0.7, 0.7], math.inf, id="infinite loss"),
    ],
)
def test_divergence_by_hand(cross_entropies, accuracies, expected):
    """The rise above the best cross-entropy, as a share of the prior entropy, while accuracy holds."""
    found = loss_accuracy_divergence(cross_entropies, accuracies, 10_000, 2.0)

    assert found == pytest.approx(expected)


@pytest.mark.parametrize(("accuracy", "expected"), [(0.8 - 1.9 * 0.04, 0.1), (0.8 - 2.1 * 0.04, 0.0)])
def test_accuracy_holds_within_two_standard_errors(accuracy, expected):
    """At 0.8 and 100 examples a standard error is 0.04: two of them count as held, more do not."""
    found = loss_accuracy_divergence([0.6, 0.8], [0.8, accuracy], 100, 2.0)

    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("last", "num_examples", "prior"), [(NAN, 10, 2.0), (0.8, 0, 2.0), (0.8, 10, 0.0), (0.8, 10, NAN)]
)
def test_divergence_is_undefined_without_its_yardsticks(last, num_examples, prior):
    """Without a last cross-entropy, examples or a prior entropy there is no divergence."""
    found = loss_accuracy_divergence([0.6, last], [0.7, 0.7], num_examples, prior)

    assert math.isnan(found)


@pytest.mark.parametrize(("cross_entropies", "accuracies"), [([], []), ([1.0, 2.0], [0.5])])
def test_series_must_have_one_value_for_each_pass(cross_entropies, accuracies):
    """Empty series, or series of different lengths, are an error with both lengths."""
    with pytest.raises(ValueError) as error:
        loss_accuracy_divergence(cross_entropies, accuracies, 10, 2.0)

    assert str(error.value) == (
        "`cross_entropies` and `accuracies` must have one value for each pass, at least one. "
        f"Received: {len(cross_entropies)} and {len(accuracies)}."
    )
