"""Rules on models that know no more than the base rates, or less: near misses and guards against noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.faulty_trainings import FAULTS, beside, both, good, learning
from tests.honest_trainings import posterior
from tests.passes import RULES, Kind, Table, fires_at, firing, flattened, play, sharpened
from xent_monitor.alerts.builtin import limits

THREE = Kind()
FEW = Kind(each=3)
PRIOR = THREE.prior


def names(epochs):
    return [name for name, _ in firing(play(epochs))]


def some(table, chosen):
    return Table(table.labels[chosen], table.probabilities[chosen])


def imbalanced(counts, signal, seed=0):
    """So many examples of each class, and honest posterior probabilities."""
    shares = np.array(counts) / sum(counts)
    labels, probabilities = posterior(shares, signal, 40 * sum(counts), np.random.default_rng(seed))
    chosen = np.concatenate([np.flatnonzero(labels == index)[:count] for index, count in enumerate(counts)])
    return Table(labels[chosen], probabilities[chosen])


# below-chance


def swapped(kind, right, levels):
    """A model that names so many classes rightly, less than chance does, at these shares of the prior entropy."""
    return both(kind, [sharpened(kind.answers(right, 1.02 / kind.active, jitter=0.1), kind.prior * x) for x in levels])


LEVELS = tuple(1 + limits.DIVERGED * part for part in (0.3, 0.6, 0.6, 0.6))


@pytest.mark.parametrize(("right", "told"), [(0.0, True), (0.22, True), (0.31, False), (0.35, False)])
def test_accuracy_must_be_below_chance_by_more_than_noise(right, told):
    kind = Kind(each=400)

    assert names(swapped(kind, right, LEVELS)) == (["below-chance"] if told else [])


def test_the_same_share_of_few_examples_is_no_evidence():
    assert "below-chance" in names(swapped(Kind(each=100), 0.1, LEVELS))
    assert "below-chance" not in names(swapped(Kind(each=10), 0.1, LEVELS))


def test_model_on_its_way_down_may_be_below_chance():
    levels = 1 + limits.DIVERGED * 0.9 ** np.arange(6)

    assert "below-chance" not in names(swapped(THREE, 0.02, levels))


def test_model_that_stays_as_it_was_initialised_may_be_anywhere():
    assert "below-chance" not in names(swapped(THREE, 0.02, [1.1] * 6))


def test_majority_class_for_every_input_is_chance():
    majority = imbalanced([276, 12, 12], 0.2)

    assert "below-chance" not in names(
        both(THREE, [sharpened(majority, 1.1 * majority.cross_entropy), *[majority] * 5])
    )


# no-skill


def skilled(kind, share):
    """A model whose cross-entropy is below the prior entropy by a share of it."""
    return flattened(kind.answers(0.9, 0.9), (1 - share) * kind.prior)


def test_small_skill_beyond_noise_is_skill():
    kind = Kind(each=1000)

    assert names(both(kind, [skilled(kind, 0.2 * limits.NO_SKILL)] * 8)) == ["no-skill"]
    assert names(both(kind, [skilled(kind, 3 * limits.NO_SKILL)] * 8)) == []


def test_cross_entropy_that_falls_is_not_called_without_skill():
    def at(levels):
        return names(both(THREE, [sharpened(THREE.ignorant(), level * PRIOR) for level in levels]))

    start = 1 + 0.9 * limits.MATERIAL_LEVEL

    assert "no-skill" not in at(start - 0.4 * limits.MATERIAL * np.arange(6))
    assert "no-skill" in at(start - 0.2 * limits.MATERIAL * np.arange(6))


def test_model_that_once_had_skill_is_not_without():
    assert "no-skill" not in names(both(THREE, [good(THREE), *[THREE.ignorant()] * 8]))


def test_training_with_skill_has_learned_something():
    assert "no-skill" not in names(beside(THREE, [good(THREE)] * 8, [THREE.ignorant()] * 8))


def test_few_examples_tell_nothing_of_skill():
    assert names(both(FEW, [FEW.ignorant()] * 8)) == []


def test_training_is_judged_where_there_is_no_validation():
    epochs = [[THREE.report(THREE.ignorant(), epoch, "train")] for epoch in range(8)]

    assert firing(play(epochs)) == [("no-skill", fires_at("no-skill"))]


# worse-than-prior


def worse(kind, levels, right=0.5):
    return both(kind, [sharpened(kind.answers(right, 0.6), kind.prior * level) for level in levels])


def test_healthy_start_above_the_prior_entropy_is_silent():
    start = [sharpened(THREE.answers(0.5, 0.6), level * PRIOR) for level in (1.9, 1.3)]

    assert names(both(THREE, [*start, *learning(THREE)])) == []


@pytest.mark.parametrize(("level", "told"), [(0.6, False), (3.0, True)])
def test_level_above_the_prior_entropy_must_matter(level, told):
    kind = Kind(each=2000)

    epochs = worse(kind, [1 + level * limits.MATERIAL_LEVEL] * 8)

    assert ("worse-than-prior" in names(epochs)) == told


def test_the_same_level_of_few_examples_is_noise():
    level = [1 + 4 * limits.MATERIAL_LEVEL] * 8

    assert "worse-than-prior" in names(worse(Kind(each=1000), level))
    assert "worse-than-prior" not in names(worse(Kind(each=8), level))


def test_level_that_falls_is_on_its_way():
    levels = 1 + 0.9 ** np.arange(10)

    assert "worse-than-prior" not in names(worse(THREE, levels))


@pytest.mark.parametrize(
    ("signal", "words"), [(0.3, "The model is not confident (mean confidence"), (-9.0, "confident in wrong answers")]
)
def test_message_tells_too_little_confidence_from_too_much(signal, words):
    """Nearly even answers cost more than the shares of classes of which one is common, and are no false confidence."""
    labels = np.repeat(np.arange(3), [1800, 100, 100])
    noise = np.random.default_rng(0).normal(0, 0.02, (len(labels), 3))
    exponentials = np.exp(signal * np.eye(3)[labels] + noise)
    table = Table(labels, exponentials / exponentials.sum(axis=1, keepdims=True))

    (message,) = [event.message for event in play(both(THREE, [table] * 8)) if event.rule == "worse-than-prior"][:1]
    assert words in message


# class-collapse


def collapsed(kind, share, skill=0.0):
    """A share of the examples is named class 0, the others rightly; all of it hardly sure."""
    ignorant = kind.ignorant().probabilities.copy()
    rows = np.arange(len(kind.labels))
    others = rows >= round(share * len(rows))
    ignorant[:, 0] += 0.05
    ignorant[rows[others], kind.labels[others]] += 0.1
    table = Table(kind.labels, ignorant / ignorant.sum(axis=1, keepdims=True))
    return flattened(table, (1 - skill) * kind.prior) if skill else table


@pytest.mark.parametrize(("share", "told"), [(1.0, True), (limits.COLLAPSED + 0.02, True), (0.9, False)])
def test_collapse_needs_nearly_all_predictions(share, told):
    fired = names(both(THREE, [collapsed(THREE, share)] * 8))

    assert ("class-collapse" in fired) == told
    assert not told or fired == ["class-collapse"]


def test_majority_class_with_real_skill_has_not_collapsed():
    table = imbalanced([2760, 120, 120], 1.0)
    report = THREE.report(table)

    assert report.predicted[0] > limits.COLLAPSED * report.num_examples
    assert report.skill > 2 * limits.NO_SKILL
    assert names(both(THREE, [table] * 8)) == []


def test_collapse_of_the_first_epochs_is_not_judged():
    patience = fires_at("class-collapse")

    assert names(both(THREE, [*[collapsed(THREE, 1.0)] * patience, *learning(THREE)])) == []


# neglected-class


def neglecting(kind, factor, examples=None):
    """A good model whose probabilities of class 1 are so many times what they were; few examples of it."""
    table = good(kind)
    probabilities = table.probabilities.copy()
    probabilities[:, 1] *= factor
    table = Table(table.labels, probabilities / probabilities.sum(axis=1, keepdims=True))
    if examples is None:
        return table
    others = np.flatnonzero(table.labels != 1)
    return some(table, np.append(others, np.flatnonzero(table.labels == 1)[:examples]))


def test_neglected_class_is_named():
    (event,) = [event for event in play(both(THREE, [neglecting(THREE, 1e-3)] * 8)) if event.severity != "info"]

    assert (event.rule, event.class_name, event.split) == ("neglected-class", "dog", "validation")
    assert event.epoch == fires_at("neglected-class")
    assert "0 % of its 100 examples are found" in event.message


def test_each_neglected_class_is_an_alert_of_its_own():
    kind = Kind(("a", "b", "c", "d", "e"))
    table = good(kind)
    probabilities = table.probabilities * [1, 1e-3, 1, 1, 1e-3]
    table = Table(table.labels, probabilities / probabilities.sum(axis=1, keepdims=True))

    events = [event for event in play(both(kind, [table] * 6)) if event.rule == "neglected-class"]

    assert [event.class_name for event in events] == ["b", "e"]


def test_honest_doubt_about_a_rare_class_that_is_never_predicted_is_silent():
    table = imbalanced([460, 500, 40], 1.1)
    report = THREE.report(table)

    assert report.class_accuracy[2] < limits.NEVER_FOUND
    assert report.skill > limits.SOME_SKILL
    assert names(both(THREE, [table] * 8)) == []


def test_class_that_is_found_now_and_then_is_not_neglected():
    table = neglecting(THREE, 1e-3)
    seen = np.flatnonzero(table.labels == 1)[: round(1.5 * limits.NEVER_FOUND * 100)]
    probabilities = table.probabilities.copy()
    probabilities[seen] = good(THREE).probabilities[seen]

    assert "neglected-class" not in names(both(THREE, [Table(table.labels, probabilities)] * 8))


@pytest.mark.parametrize(("examples", "told"), [(RULES["neglected-class"].min_support - 1, False), (60, True)])
def test_neglect_needs_examples_of_the_class(examples, told):
    assert ("neglected-class" in names(both(THREE, [neglecting(THREE, 1e-3, examples)] * 8))) == told


def test_class_without_examples_is_not_neglected():
    assert names(both(THREE, [neglecting(THREE, 1e-3, 0)] * 8)) == []


def test_of_two_classes_one_alone_is_not_told_apart():
    two = Kind(("no", "yes"), "binary")

    assert "neglected-class" not in names(both(two, [neglecting(two, 1e-3)] * 8))


# What they have in common


@pytest.mark.parametrize("name", ["below-chance", "no-skill", "worse-than-prior", "class-collapse", "neglected-class"])
def test_fault_of_the_first_epochs_alone_is_silent(name):
    short = FAULTS[name].epochs(THREE)[: fires_at(name, FAULTS[name].first)]

    assert names(short) == []


@pytest.mark.parametrize("name", ["below-chance", "no-skill", "worse-than-prior", "class-collapse", "neglected-class"])
def test_labels_of_a_single_class_say_nothing_of_skill(name):
    only = some(good(THREE), np.flatnonzero(THREE.labels == 1))

    assert name not in names(both(THREE, [only] * 8))
    assert math.isnan(THREE.report(only).skill)
