"""Guards of the built-in rules that take a whole history: what must not fire for good, by noise, or wrongly named."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests.fast_sums import sums_of
from tests.faulty_trainings import FAULTS, beside, both, good, healthy, relabelled
from tests.honest_trainings import HonestTraining, posterior
from tests.passes import Kind, Table, firing, play, sharpened
from xent_monitor.alerts import AlertEngine
from xent_monitor.alerts.builtin import default_rules
from xent_monitor.report import EvaluationReport

THREE = Kind()
TWO = Kind(("no", "yes"))
BEST = good(THREE)
#: Shares of the validation answers that have become wrong, epoch by epoch.
WORSE = (0.2, 0.25, 0.27, 0.29, 0.31)


def names(epochs, *, info=False):
    return [name for name, _ in firing(play(epochs), info=info)]


def normed(probabilities):
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def overfitting_from(first):
    """A training that gets better, and a validation that gets worse, from an epoch on."""
    fits = [THREE.answers(0.78 + 0.02 * step, 0.78 + 0.02 * step) for step in range(6)]
    validation = [BEST, *(relabelled(BEST, share) for share in WORSE)]
    return [
        [THREE.report(train, first + step, "train"), THREE.report(table, first + step)]
        for step, (train, table) in enumerate(zip(fits, validation, strict=True))
    ]


# What is over is resolved, and silences nothing


def test_alert_of_a_training_is_over_when_a_validation_takes_its_place():
    """As with `validation_freq=2`: the first epoch has no validation, and the training was judged instead."""
    constant = FAULTS["constant-output"].epochs(THREE)[0][0]

    events = play([[constant], *overfitting_from(1)])

    assert [(event.rule, event.state) for event in events if event.severity != "info"] == [
        ("constant-output", "firing"),
        ("constant-output", "resolved"),
        ("overfitting", "firing"),
    ]


@pytest.mark.parametrize("name", ["redundant-softmax", "below-chance", "class-collapse", "neglected-class"])
def test_pending_alert_of_a_training_does_not_stay_pending(name):
    early = [[epoch[0]] for epoch in FAULTS[name].epochs(THREE)[:3]]
    late = [
        [dataclasses.replace(report, epoch=epoch + 3) for report in reports]
        for epoch, reports in enumerate(healthy(THREE))
    ]
    engine = AlertEngine(default_rules())
    for reports in [*early, *late]:
        engine.evaluate(reports)

    assert {key for key, state in engine.states().items() if state} == set()


def test_bad_start_that_was_mended_is_resolved():
    epochs = overfitting_from(0)
    epochs[0][0] = dataclasses.replace(epochs[0][0], initial_cross_entropy=20.0)

    events = [(event.rule, event.state) for event in play(epochs) if event.severity != "info"]

    assert events == [("bad-initial-loss", "firing"), ("bad-initial-loss", "resolved"), ("overfitting", "firing")]


def test_pass_without_examples_hides_no_overfitting():
    nothing = Table(np.zeros(0, np.int64), np.zeros((0, 3)))

    assert names([[THREE.report(BEST, 0, "train"), THREE.report(nothing)], *overfitting_from(1)]) == ["overfitting"]


# Noise, where weights and other losses make it larger


def alarms(change, shares, sizes, number=12):
    """Seeds of the honest trainings that were warned of."""
    warned = []
    for seed in range(number):
        rng = np.random.default_rng(seed)
        training = HonestTraining(
            seed=seed,
            shares=np.array(shares),
            validation=int(rng.integers(*sizes)),
            train=int(2 * sizes[1]),
            plateau=float(rng.uniform(0.1, 0.95)),
            slowness=float(rng.choice([0.0, 2.0])),
            splits=("train", "validation"),
        )
        epochs = ([change(report) for report in reports] for reports in training.epochs())
        warned += [seed] if names(epochs) else []
    return warned


def weighted(*weights, unit=1.0):
    """The same pass with class weights, and a loss that is so many times the cross-entropy."""

    def change(report):
        sums = report.statistics
        totals = sums.cross_entropy_sum * weights
        statistics = dataclasses.replace(
            sums,
            loss_sum=sums.cross_entropy_sum * unit,
            weighted_cross_entropy_sum=totals,
            weighted_loss_sum=totals * unit,
            batch_mean_loss_sum=float(totals.sum() * unit),
        )
        report = dataclasses.replace(report, statistics=statistics)
        return dataclasses.replace(report, logged_loss=report.explained_loss)

    return change


@pytest.mark.parametrize(
    ("change", "shares", "sizes"),
    [
        pytest.param(weighted(1, 1), (0.9, 0.1), (50, 120), id="nine to one, few examples"),
        pytest.param(weighted(10, 10), (0.5, 0.5), (200, 400), id="weights of ten"),
        pytest.param(weighted(0.55, 5), (0.9, 0.1), (500, 600), id="balanced weights"),
        pytest.param(weighted(1, 10), (0.9, 0.1), (500, 600), id="weights of one class"),
        pytest.param(weighted(1, 1, unit=100.0), (0.5, 0.5), (500, 600), id="a loss in other units"),
        pytest.param(weighted(1, 1, unit=1e-4), (0.5, 0.5), (500, 600), id="a loss in small units"),
    ],
)
def test_honest_trainings_are_silent_whatever_the_weights(change, shares, sizes):
    assert alarms(change, shares, sizes) == []


def test_few_examples_of_a_rare_class_may_have_none_of_it():
    rng = np.random.default_rng(0)

    def epoch(index, size):
        train = Table(*posterior(np.array([0.97, 0.03]), 2.0, 3000, rng))
        rare = np.clip(rng.normal(0.03, 0.01, size), 0.01, 0.1)
        single = Table(np.zeros(size, np.int64), np.stack([1 - rare, rare], axis=1))
        return [TWO.report(train, index, "train"), TWO.report(single, index)]

    assert names(epoch(index, 30) for index in range(4)) == []
    assert names(epoch(index, 600) for index in range(4)) == ["invalid-labels"]


def test_right_answers_of_few_examples_are_not_without_skill():
    few = Kind(each=7)
    unsure = sharpened(good(few), good(few).cross_entropy + 0.25 * few.prior)

    assert names([[few.report(unsure, epoch)] for epoch in range(8)]) == []


# Names


def test_base_rates_for_every_input_are_no_skill_and_no_collapse():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.02, 300)
    table = Table((rng.random(300) < 0.3).astype(np.int64), np.stack([0.7 + noise, 0.3 - noise], axis=1))

    assert names(both(TWO, [table] * 8)) == ["no-skill"]


def test_saturated_validation_is_a_mismatch_and_nothing_else():
    saturated = np.full((300, 3), 1e-7)
    saturated[:, 1] = 1.0

    assert names(beside(THREE, [BEST] * 6, [Table(THREE.labels, saturated)] * 6)) == ["validation-mismatch"]


def test_model_without_skill_for_the_others_neglects_none():
    table = Table(THREE.labels, normed(THREE.ignorant().probabilities * [1, 1e-2, 1]))

    assert "neglected-class" not in names(both(THREE, [table] * 8))


def test_learner_of_many_classes_may_pass_the_cap_of_a_second_soft_max():
    kind = Kind(tuple(map(str, range(100))), each=40)

    def at(scale):
        rng = np.random.default_rng(0)
        logits = rng.normal(0, 0.2, (len(kind.labels), 100))
        logits[np.arange(len(kind.labels)), kind.labels] += scale
        return Table(kind.labels, normed(np.exp(logits)))

    cap = math.e / (math.e + 99)
    passing = [kind.report(at(scale)) for scale in (0.86, 0.98)]

    assert all(0.85 * cap < report.confidence < cap and report.accuracy > 0.9 for report in passing)
    assert names(both(kind, map(at, (0.5, 0.7, 0.86, 0.98, 1.4, 2.0)))) == []


@pytest.mark.parametrize("num_bins", [1, 2, 4])
def test_bins_that_are_too_wide_say_nothing_of_label_noise(num_bins):
    table = THREE.answers(0.95, 0.6)
    sums = sums_of(table.labels, table.probabilities, num_bins=num_bins)

    assert (
        names(([EvaluationReport(epoch, "train", "", THREE.class_names, sums)] for epoch in range(6)), info=True) == []
    )


def test_right_answers_that_are_unsure_are_no_label_noise():
    kind = Kind(tuple(map(str, range(12))))
    unsure = Table(kind.labels, normed(np.exp(0.3 * kind.answers(1.0, 0.99).probabilities)))

    assert "label-noise" not in names(([kind.report(unsure, epoch, "train")] for epoch in range(6)), info=True)


# Predictions that stand with other classes


def drawn_to_the_first(table, share):
    """A share of the answers of the other classes become those of the first, as by inputs of another scale."""
    turn = np.arange(len(table.labels)) // (int(table.labels.max()) + 1)
    taken = (np.floor((turn + 1) * share + 1e-9) > np.floor(turn * share + 1e-9)) & (table.labels > 0)
    to_first = np.array([0.6, 0.2, 0.2])
    return Table(table.labels, np.where(taken[:, None], to_first, table.probabilities))


@pytest.mark.parametrize(("share", "told"), [(0.5, ["validation-mismatch"]), (0.2, [])])
def test_validation_whose_predictions_are_displaced_is_a_mismatch_though_it_has_skill(share, told):
    sharp = THREE.answers(0.97, 0.95)
    assert names(beside(THREE, [sharp] * 8, [drawn_to_the_first(sharp, share)] * 8)) == told


def test_displaced_predictions_name_the_class_and_both_shares():
    sharp = THREE.answers(0.97, 0.95)
    epochs = beside(THREE, [sharp] * 8, [drawn_to_the_first(sharp, 0.5)] * 8)
    (event,) = [event for event in play(epochs) if event.rule == "validation-mismatch"]

    assert "validation predictions are class cat, which has 33 % of the labels" in event.message
    assert event.message.count(". ") == 2


def test_displaced_predictions_of_few_examples_are_chance():
    few = Kind(each=7)
    sharp = few.answers(1.0, 0.95)
    assert names(beside(few, [sharp] * 8, [drawn_to_the_first(sharp, 0.45)] * 8)) == []


def test_predictions_displaced_in_training_too_are_no_mismatch():
    sharp = THREE.answers(0.97, 0.95)
    drawn = drawn_to_the_first(sharp, 0.5)
    assert "validation-mismatch" not in names(beside(THREE, [drawn] * 8, [drawn] * 8))
