"""Rules on several epochs, on training beside validation, and hints: near misses and guards against noise."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.faulty_trainings import FAULTS, beside, both, good, healthy, learning, relabelled
from tests.honest_trainings import posterior
from tests.passes import Kind, Table, fires_at, firing, flattened, play, sharpened
from xent_monitor.alerts import AlertEngine
from xent_monitor.alerts.builtin import default_rules, limits

THREE = Kind()
PRIOR = THREE.prior
BEST = good(THREE)


def names(epochs):
    return [name for name, _ in firing(play(epochs))]


def severe(epochs):
    return [name for name, _ in firing(play(epochs), info=False)]


def fits(kind, number, start=0.75, step=0.02):
    """Training passes of a model that fits its examples ever better."""
    return [kind.answers(min(start + step * epoch, 0.9), min(start + step * epoch, 0.9)) for epoch in range(number)]


def rising(kind, rises):
    """Validation passes that are so far above the first one, in shares of the prior entropy; decisions as before."""
    best = good(kind)
    return [sharpened(best, best.cross_entropy + rise * kind.prior) if rise else best for rise in rises]


# loss-accuracy-divergence and overfitting


@pytest.mark.parametrize(("rise", "told"), [(0.8, False), (3.0, True)])
def test_rise_must_matter(rise, told):
    kind = Kind(each=2000)
    validation = rising(kind, [0.0, *[rise * limits.RISE] * 5])

    assert severe(beside(kind, fits(kind, 6), validation)) == (["loss-accuracy-divergence"] if told else [])


def test_rise_of_few_examples_is_noise():
    few, many = Kind(each=7), Kind(each=400)
    rises = [0.0, *[2.5 * limits.RISE] * 5]

    assert "loss-accuracy-divergence" not in severe(beside(few, fits(few, 6), rising(few, rises)))
    assert severe(beside(many, fits(many, 6), rising(many, rises))) == ["loss-accuracy-divergence"]


def test_rise_that_does_not_last_is_silent():
    rises = [0.0, 5 * limits.RISE, 5 * limits.RISE, 0.0, 5 * limits.RISE, 5 * limits.RISE, 0.0]

    assert severe(beside(THREE, fits(THREE, 7), rising(THREE, rises))) == []


def test_divergence_is_told_with_its_best_epoch_and_what_to_do():
    (event,) = [event for event in play(FAULTS["loss-accuracy-divergence"].epochs(THREE)) if event.severity != "info"]

    assert "above its best in epoch 0" in event.message
    assert "accuracy holds at 86 %" in event.message


def test_model_without_skill_has_nothing_to_lose():
    start = flattened(THREE.answers(0.9, 0.9), (1 - 0.5 * limits.NO_SKILL) * PRIOR)
    worse = [sharpened(THREE.answers(0.4, 0.5), level * PRIOR) for level in (1.15, 1.15, 1.15, 1.15)]

    assert not {"overfitting", "loss-accuracy-divergence"} & set(names(beside(THREE, fits(THREE, 5), [start, *worse])))


def test_overfitting_needs_a_training_that_gets_better():
    worse = [relabelled(BEST, share) for share in (0, 0.2, 0.25, 0.27, 0.29, 0.31)]

    assert severe(beside(THREE, fits(THREE, 6), worse)) == ["overfitting"]
    assert severe(beside(THREE, fits(THREE, 6)[::-1], worse)) == []


def test_overfitting_is_seen_without_a_training_pass():
    worse = [relabelled(BEST, share) for share in (0, 0.2, 0.25, 0.27, 0.29, 0.31)]

    assert severe([THREE.report(table, epoch) for epoch, table in enumerate(worse)]) == ["overfitting"]


def test_tempered_cross_entropy_that_follows_is_overfitting_though_the_accuracy_holds():
    # Right answers get less sure, wrong ones more: no temperature undoes that.
    tables = [THREE.answers(0.86, sure, wrong_sure=0.7 + 0.05 * epoch) for epoch, sure in enumerate([0.9, *[0.55] * 5])]

    assert severe(beside(THREE, fits(THREE, 6), tables)) == ["overfitting"]


# validation-mismatch


def blind(level=2.5):
    return sharpened(THREE.answers(1 / 3, 0.4), level * PRIOR)


def test_validation_that_once_followed_is_no_mismatch():
    followed = flattened(BEST, (1 - 2 * limits.GOOD_SKILL * 0.5) * PRIOR)

    assert "validation-mismatch" not in names(beside(THREE, [BEST] * 6, [followed, *[blind()] * 5]))
    assert "validation-mismatch" in names(beside(THREE, [BEST] * 6, [blind()] * 6))


def test_validation_that_settles_in_the_first_epochs_is_no_mismatch():
    levels = [2.6, 2.2, 1.8, 1.4, 1.1]
    settling = [blind(level) for level in levels] + [BEST] * 3

    assert "validation-mismatch" not in names(beside(THREE, [BEST] * 8, settling))


def test_gap_of_a_model_that_overfits_from_the_start_is_no_mismatch():
    validation = flattened(BEST, 0.75 * PRIOR)

    assert severe(beside(THREE, [THREE.answers(0.99, 0.98)] * 8, [validation] * 8)) == []


def test_small_validation_is_no_evidence_of_a_mismatch():
    few = Kind(each=3)
    epochs = [[THREE.report(BEST, epoch, "train"), few.report(few.answers(1 / 3, 0.5), epoch)] for epoch in range(6)]

    assert severe(epochs) == []


def test_labels_that_are_swapped_in_validation_alone_are_named_so():
    epochs = beside(
        THREE, [BEST] * 6, [sharpened(THREE.answers(0.02, 0.6), level * PRIOR) for level in (2, 3, 3, 3, 3, 3)]
    )

    assert severe(epochs)[0] == "below-chance"


# diverging


def losses(levels, kind=THREE):
    """A training pass at each level, in shares of the prior entropy, with answers by chance."""
    tables = [sharpened(kind.answers(0.4, 0.5), level * kind.prior) for level in levels]
    epochs = [[kind.report(table, epoch, "train")] for epoch, table in enumerate(tables)]
    epochs[0][0] = dataclasses.replace(epochs[0][0], initial_cross_entropy=kind.prior)
    return epochs


def test_loss_that_rises_once_and_comes_back_is_a_spike():
    assert "diverging" in names(losses([1.2, 2, 3.5, 6, 10]))
    assert "diverging" not in names(losses([1.2, 2.5, 1.3, 2.5, 1.3, 1.2]))


def test_rise_below_the_prior_entropy_is_no_divergence():
    tables = [flattened(BEST, level * PRIOR) for level in (0.5, 0.6, 0.7, 0.8, 0.9)]

    assert "diverging" not in names([THREE.report(table, epoch, "train") for epoch, table in enumerate(tables)])


def test_rise_of_few_examples_is_no_divergence():
    levels = [1.4, 1.6, 1.8, 2.0]

    assert "diverging" in names(losses(levels, Kind(each=4000)))
    assert "diverging" not in names(losses(levels, Kind(each=10)))


def test_first_epoch_is_compared_with_the_first_step():
    assert firing(play(losses([3, 6])))[0] == ("diverging", 1)


# oscillating


def swings(levels, kind=THREE):
    table = kind.answers(0.9, 0.9)
    return [[kind.report(flattened(table, level * kind.prior), epoch, "train")] for epoch, level in enumerate(levels)]


def test_saw_teeth_of_a_cyclical_learning_rate_are_silent():
    teeth = 0.9 - 0.02 * np.arange(14) - 0.1 * (np.arange(14) % 2)

    assert severe(swings(teeth, Kind(each=2000))) == []


def test_large_swings_with_progress_are_silent():
    swinging = 1.0 - 0.03 * np.arange(14) - 1.5 * limits.SWING * (np.arange(14) % 2)

    assert "oscillating" not in names(swings(np.maximum(swinging, 0.4), Kind(each=500))[:13])


def test_large_swings_without_progress_are_told():
    swinging = 0.95 - 1.5 * limits.SWING * ((1 + np.arange(12)) % 2)

    assert ("oscillating", fires_at("oscillating", limits.SWINGS)) in firing(play(swings(swinging, Kind(each=500))))


def test_swings_of_few_examples_are_noise():
    def unsure(kind):
        high = 0.9 + 1.5 * limits.SWING
        tables = [sharpened(kind.answers(0.6, 0.6), level * kind.prior) for level in [0.9, high] * 6]
        return [kind.report(table, epoch, "train") for epoch, table in enumerate(tables)]

    assert "oscillating" in names(unsure(Kind(each=500)))
    assert "oscillating" not in names(unsure(Kind(each=7)))


def test_one_jump_is_no_oscillation():
    assert "oscillating" not in names(swings([0.5] * 6 + [0.95] * 6, Kind(each=500)))


# miscalibrated


def test_temperature_near_to_one_is_silent():
    honest = Kind(each=1000)
    labels, probabilities = posterior(np.full(3, 1 / 3), 1.5, 3000, np.random.default_rng(0))
    sharp = probabilities**1.3
    table = Table(labels, sharp / sharp.sum(axis=1, keepdims=True))
    sharper = probabilities**2.5
    far = Table(labels, sharper / sharper.sum(axis=1, keepdims=True))

    assert names(both(honest, [table] * 8)) == []
    assert firing(play(both(honest, [far] * 8))) == [("miscalibrated", fires_at("miscalibrated"))]


def test_doubt_is_told_once_the_loss_has_stopped_falling():
    labels, probabilities = posterior(np.full(3, 1 / 3), 2.0, 3000, np.random.default_rng(0))
    honest = Table(labels, probabilities)
    falling = [flattened(honest, level * PRIOR) for level in (0.8, 0.76, 0.72, 0.68, 0.64, 0.6, 0.56)]

    assert "miscalibrated" not in names(both(THREE, falling))
    assert "miscalibrated" in names(both(THREE, [falling[0]] * 8))


def test_few_examples_are_no_evidence_of_a_temperature():
    labels, probabilities = posterior(np.full(3, 1 / 3), 1.0, 24, np.random.default_rng(3))
    sharper = probabilities**1.6
    table = Table(labels, sharper / sharper.sum(axis=1, keepdims=True))

    assert "miscalibrated" not in names(both(THREE, [table] * 8))


# label-noise


@pytest.mark.parametrize(
    ("wrong", "sure", "told"),
    [
        (6 * limits.CONTRADICTED_SHARE, 0.99, True),
        (0.5 * limits.CONTRADICTED_SHARE, 0.99, False),
        (6 * limits.CONTRADICTED_SHARE, 0.7, False),
        (2 * limits.CONTRADICTED, 0.99, False),
    ],
)
def test_label_noise_is_few_and_sure_contradictions_of_a_good_model(wrong, sure, told):
    kind = Kind(each=400)
    train = kind.answers(1 - wrong, 0.99, wrong_sure=sure, jitter=0.1)

    assert ("label-noise" in names(beside(kind, [train] * 6, [good(kind)] * 6))) == told


# still-improving


def test_still_improving_is_told_at_the_end_alone():
    engine = AlertEngine(default_rules())
    during = [event for epoch in both(THREE, learning(THREE)[:5]) for event in engine.evaluate(epoch)]

    at_end = engine.finish()

    assert during == []
    assert [(event.rule, event.split, event.epoch) for event in at_end] == [("still-improving", "validation", 4)]


def test_training_that_stands_or_is_too_short_is_not_improving():
    assert names(healthy(THREE)) == []
    assert names(both(THREE, learning(THREE)[: limits.STILL])) == []
    assert names(both(THREE, [*learning(THREE)[:5], learning(THREE)[3]])) == []


# What they have in common


@pytest.mark.parametrize("name", ["validation-mismatch", "loss-accuracy-divergence", "overfitting", "oscillating"])
def test_fault_that_has_not_lasted_is_silent(name):
    short = FAULTS[name].epochs(THREE)[: fires_at(name, FAULTS[name].first)]

    assert severe(short) == []
