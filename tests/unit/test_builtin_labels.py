"""The built-in rules on labels that do not exclude each other, and on rows that are not independent."""

from __future__ import annotations

import collections
import dataclasses
import math

import numpy as np
import pytest

from tests.fast_label_sums import label_sums
from tests.honest_trainings import HonestTraining
from tests.label_trainings import LABEL_FAULTS, LabelTraining, Task, honest_label_trainings, soft_max, trained
from tests.passes import RULES, firing, play
from xent_monitor.alerts.evaluation import Evaluation
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import array_fields, scalar_fields

TRAININGS = 500
#: Share of the trainings that may have an alert at warning or above.
FALSE_ALARMS = 0.01

RNG = np.random.default_rng(0)
SHARES = np.array([0.4, 0.2, 0.1, 0.05])
TARGETS = (RNG.random((1000, 4)) < SHARES).astype(np.int64)
NOISE = RNG.normal(size=TARGETS.shape)


def predicted(targets=TARGETS, signal=3.0, sureness=1.0):
    """Posterior probabilities given noisy views of the labels."""
    logits = np.log(SHARES / (1 - SHARES)) + signal * (signal * targets + NOISE[: len(targets)]) - signal**2 / 2
    return 1 / (1 + np.exp(-sureness * logits))


def report_of(targets=TARGETS, probabilities=None, epoch=0, split="train", output="", **changes):
    sums = label_sums(targets, predicted() if probabilities is None else probabilities)
    names = {field.name for field in [*array_fields(), *scalar_fields()]}
    sums = dataclasses.replace(sums, **{name: value for name, value in changes.items() if name in names})
    own = {name: value for name, value in changes.items() if name not in names}
    labels = tuple(f"label {index}" for index in range(targets.shape[1]))
    report = EvaluationReport(epoch, split, output, labels, sums)
    return dataclasses.replace(report, **{"logged_loss": report.explained_loss} | own)


def names(epochs, *, info=False):
    return [name for name, _ in firing(play(epochs), info=info)]


def lasting(epochs=8, **fields):
    """The same training pass, over and over."""
    return [[report_of(epoch=epoch, **fields)] for epoch in range(epochs)]


def message(epochs, rule):
    return next(event.message for event in play(epochs) if event.rule == rule)


# Evidence: trainings of which there is nothing bad to say, and trainings with one thing wrong


@pytest.mark.slow
def test_honest_trainings_are_hardly_ever_warned_of():
    culprits = collections.defaultdict(list)
    for training in honest_label_trainings(0, TRAININGS):
        for name, epoch in firing(play(training.epochs()), info=False):
            culprits[training.seed].append((name, epoch))

    assert len(culprits) <= FALSE_ALARMS * TRAININGS, dict(culprits)


def test_some_honest_trainings_are_silent():
    """The same for the first few, in every run of the tests."""
    trainings = honest_label_trainings(0, 12)

    assert [training.seed for training in trainings if firing(play(training.epochs()), info=False)] == []


def test_honest_trainings_are_of_the_promised_variety():
    drawn = [LabelTraining.drawn(seed) for seed in range(TRAININGS)]

    assert {len(training.shares) for training in drawn} >= {2, 5, 20, 50}
    assert min(training.shares.min() for training in drawn) < 0.012
    assert max(training.shares.max() for training in drawn) > 0.55
    assert {training.splits for training in drawn} == {("train", "validation"), ("train",), ("validation",)}
    assert {training.common > 0 for training in drawn} == {True, False}
    assert max(training.sureness for training in drawn) > 1.3


@pytest.mark.parametrize("seed", range(3))
def test_linear_models_that_learn_are_silent(seed):
    assert names(trained(Task.drawn(seed), seed=seed)) == []


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("fault", LABEL_FAULTS)
def test_fault_is_named(fault, seed):
    told = names(LABEL_FAULTS[fault].epochs(seed))

    assert told
    assert told[0] in LABEL_FAULTS[fault].rules


def test_neglected_label_is_the_one_without_positives():
    events = play(LABEL_FAULTS["label never positive in training"].epochs(0))
    reports = list(LABEL_FAULTS["label never positive in training"].epochs(0))[-1]
    (event,) = [event for event in events if event.rule == "neglected-class"]

    assert event.class_name == reports[0].class_names[int(np.argmin(reports[0].support))]
    assert event.message.startswith(f'Label "{event.class_name}" has a cross-entropy of ')


# Validity


@pytest.mark.parametrize("column", [0, 1])
def test_label_that_is_always_or_never_positive_is_not_invalid(column):
    targets = TARGETS.copy()
    targets[:, 0] = column

    assert names(lasting(targets=targets, probabilities=predicted(targets))) == []


def test_labels_of_which_none_is_ever_positive_in_training_are_invalid():
    targets = np.zeros_like(TARGETS)
    epochs = lasting(targets=targets, probabilities=predicted(targets))

    assert names(epochs) == ["invalid-labels"]
    assert message(epochs, "invalid-labels").startswith("Each of the 4 labels is negative in all 1000 examples")


def test_few_examples_of_rare_labels_may_have_no_positive():
    targets = TARGETS[:25, 3:] * 0
    rare = np.full((1000, 1), 0.05)
    few = report_of(targets, rare[:25], split="validation")

    assert names([[report_of(TARGETS[:, 3:], rare), few]]) == []
    assert names([[few]]) == []
    many = report_of(TARGETS[:, 3:] * 0, rare, split="validation")
    assert names([[report_of(TARGETS[:, 3:], rare), many]]) == ["invalid-labels"]


def test_target_outside_its_range_is_told_as_that():
    said = message(lasting(1, invalid_labels=2), "invalid-labels")

    assert said.startswith("2 of 1000 rows of the train pass have a target outside [0, 1].")
    assert "0 and 1 (or probabilities between)" in said


def test_outputs_that_are_no_probabilities_want_a_sigmoid():
    said = message(lasting(1, invalid_probabilities=300), "invalid-probabilities")

    assert "lie outside [0, 1]" in said
    assert "End the model in a sigmoid" in said


def test_bound_of_wrong_answers_holds_for_each_decision():
    report = report_of(probabilities=np.where(TARGETS > 0, 0.4, 0.1))
    least = (1 - report.accuracy) * math.log(2)

    def with_mean(nats):
        total = np.full(4, 1000 * nats)
        return dataclasses.replace(report, statistics=dataclasses.replace(report.statistics, cross_entropy_sum=total))

    assert "inconsistent-loss" in names([[with_mean(0.9 * least)]])
    assert "inconsistent-loss" not in names([[with_mean(least)]])


def test_loss_summed_over_the_batch_is_told_for_labels_too():
    epochs = [[dataclasses.replace(reports[0], logged_loss=32 * reports[0].explained_loss)] for reports in lasting(2)]

    assert names(epochs) == ["inconsistent-loss"]
    assert "about 31 times as much" in message(epochs, "inconsistent-loss")


def test_logged_loss_of_one_output_of_several_is_not_compared():
    """Keras averages it over the batches, not over the examples."""
    epochs = [
        [dataclasses.replace(reports[0], logged_loss=32 * reports[0].explained_loss)]
        for reports in lasting(2, output="tags")
    ]

    assert names(epochs) == []


def test_penalty_is_not_in_the_loss_of_one_output_of_several():
    epochs = lasting(9, output="tags", penalty_sum=500.0)

    assert names(epochs) == []


@pytest.mark.parametrize("level", [0.1, 0.3])
def test_same_output_for_every_example_is_constant(level):
    epochs = lasting(2, probabilities=np.full(TARGETS.shape, level))

    assert names(epochs) == ["constant-output"]
    assert "the same output: 0 of 4 labels, with a mean confidence" in message(epochs, "constant-output")


def test_soft_max_that_names_nothing_is_not_constant():
    """Its mean confidence is 1 - 1 / K for every example, whatever the outputs are."""
    logits = 0.1 * RNG.normal(size=TARGETS.shape)
    outputs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    report = report_of(probabilities=outputs)

    assert report.confidence_spread < 1e-9
    assert "constant-output" not in names([[report]])


# Start, chance and trends


def test_start_is_compared_with_ln_2():
    epochs = lasting(3, probabilities=np.tile(SHARES, (1000, 1)) + 0.01 * NOISE.clip(-2, 2))
    high = 2 * math.log(2) + 2

    def started(at):
        return [[dataclasses.replace(epochs[0][0], initial_cross_entropy=at)], *epochs[1:]]

    assert names(started(1.1 * high)) == ["bad-initial-loss"]
    assert "ln 2 = 0.69" in message(started(1.1 * high), "bad-initial-loss")
    assert names(started(0.9 * high)) == []


def test_base_rates_are_no_skill():
    rng = np.random.default_rng(1)
    level = np.clip(SHARES * np.exp(0.05 * rng.normal(size=TARGETS.shape)), 0, 1)

    assert names(lasting(probabilities=level)) == ["no-skill"]


def test_sure_of_no_is_a_collapse_where_there_is_no_skill():
    rng = np.random.default_rng(1)
    level = 0.005 * np.exp(0.2 * rng.normal(size=TARGETS.shape))

    assert names(lasting(probabilities=level)) == ["class-collapse"]


def test_rare_labels_that_are_never_named_are_no_collapse():
    targets = (RNG.random((5000, 3)) < 0.02).astype(np.int64)
    level = np.where(targets > 0, 0.1, 0.015) * np.exp(0.1 * RNG.normal(size=targets.shape))

    assert report_of(targets, level).predicted.sum() == 0
    assert names(lasting(targets=targets, probabilities=level)) == []


def test_yes_and_no_swapped_is_below_chance():
    passes = [predicted(sureness=sureness) for sureness in (0.1, 0.3, 0.3, 0.3)]
    epochs = [[report_of(1 - TARGETS, table, epoch)] for epoch, table in enumerate(passes)]

    assert names(epochs) == ["below-chance"]
    assert "order of the columns" in message(epochs, "below-chance")


def test_classes_that_are_swapped_are_below_chance_though_most_answers_are_right():
    classes = RNG.integers(10, size=2000)
    targets = np.eye(10, dtype=np.int64)[classes]
    wrong = np.roll(targets, 1, axis=1)
    epochs = [
        [report_of(targets, np.where(wrong > 0, level, 0.02), epoch)]
        for epoch, level in enumerate((0.6, 0.7, 0.7, 0.7, 0.7))
    ]

    assert epochs[0][0].accuracy == pytest.approx(0.8)
    assert names(epochs)[0] == "below-chance"


def test_fall_from_ln_2_to_a_low_prior_is_no_fault_while_it_lasts():
    """Slow steps of the bias where labels are rare: far above the prior entropy, and well."""
    targets = (RNG.random((2000, 3)) < 0.01).astype(np.int64)
    jitter = np.exp(0.05 * RNG.normal(size=targets.shape))
    levels = 0.5 * 0.9 ** np.arange(20)

    assert names([[report_of(targets, level * jitter, epoch)] for epoch, level in enumerate(levels)]) == []


def test_two_sigmoids_are_told_by_their_range():
    epochs = list(LABEL_FAULTS["sigmoid twice"].epochs(0))

    assert names(epochs) == ["redundant-softmax"]
    assert message(epochs, "redundant-softmax").startswith("No output is below 0.5 or above 0.731")


def test_soft_max_over_labels_is_told_by_what_its_outputs_add_up_to():
    said = message(LABEL_FAULTS["soft-max over labels"].epochs(0), "redundant-softmax")

    assert said.startswith("The outputs of an example add up to 1, as those of a soft-max do, while 2.19 of its 8")


def test_soft_max_that_tensorflow_hides_from_the_loss_is_told_by_the_loss():
    """There the loss is that of sigmoids on the same logits, and the outputs alone are wrong, and far too sure."""
    targets = np.eye(8, dtype=np.int64)[np.arange(1000) % 8] | np.eye(8, dtype=np.int64)[(np.arange(1000) % 7) % 8]
    targets[::6] = 0
    logits = 12.0 * targets - 6.0 + 4.0 * np.random.default_rng(0).normal(size=targets.shape)
    outputs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    little = np.full(8, 1.0)
    hidden = {"loss_sum": little, "weighted_loss_sum": little, "batch_mean_loss_sum": 1.0}

    def epochs(**losses):
        return [[report_of(targets, outputs, epoch, **losses)] for epoch in range(3)]

    assert names(epochs(**hidden)) == ["redundant-softmax"]
    assert names(epochs()) == []


def test_soft_max_over_labels_that_exclude_each_other_is_no_fault():
    task = Task.drawn(0)

    def one_each(part):
        inputs, targets = part
        one = np.eye(8, dtype=np.int64)[np.argmax(targets + 0.01 * np.arange(8), axis=1)]
        return inputs, one

    assert "redundant-softmax" not in names(
        trained(Task(one_each(task.train), one_each(task.validation)), head=soft_max, epochs=8)
    )


def test_rare_positives_that_are_missed_are_no_label_noise():
    assert "label-noise" not in names(lasting(probabilities=predicted(signal=1.5)), info=True)


def test_labels_that_are_wrong_are_noise_in_a_model_that_is_good():
    flipped = TARGETS.copy()
    flipped[::40] = 1 - flipped[::40]
    sure = np.where(TARGETS > 0, 0.98, 0.02)

    assert "label-noise" in names(lasting(targets=flipped, probabilities=sure), info=True)
    assert "label-noise" not in names(lasting(probabilities=sure), info=True)


def test_labels_that_run_away_are_overfitting_or_over_confidence():
    fits = [report_of(probabilities=predicted(signal=3 + 0.2 * epoch), epoch=epoch) for epoch in range(8)]
    sure = [
        report_of(probabilities=predicted(sureness=1 + 0.8 * epoch), epoch=epoch, split="validation")
        for epoch in range(8)
    ]

    assert names(list(pair) for pair in zip(fits, sure, strict=True)) == ["loss-accuracy-divergence"]


# Rows that move together


def repeated(report, times, *, independent=False):
    """A pass whose examples come so many times: as rows of one sample, or as if they were examples of their own."""
    sums, kept = report.statistics, {"num_batches"}
    if not independent:
        kept |= {"num_samples", "batch_mean_loss_sum"}
    more = {
        field.name: getattr(sums, field.name) * times
        for field in [*array_fields(), *scalar_fields()]
        if field.name not in kept and getattr(sums, field.name) is not None
    }
    return dataclasses.replace(report, statistics=dataclasses.replace(sums, **more))


def test_rows_of_few_samples_say_no_more_than_the_samples():
    """Of 40 sequences of 50 tokens, a rise that 40 examples would not show."""
    fits = [report_of(TARGETS, predicted(signal=2 + 0.1 * epoch), epoch) for epoch in range(6)]
    table = predicted(signal=2.0)[:40]
    worse = [np.clip(table + shift * (1 - 2 * TARGETS[:40]), 0.01, 0.99) for shift in (0, 0.07, 0.07, 0.07, 0.07, 0.07)]
    passes = [report_of(TARGETS[:40], judged, epoch, "validation") for epoch, judged in enumerate(worse)]

    def told(change):
        return names([fit, change(one)] for fit, one in zip(fits, passes, strict=True))

    assert told(lambda one: one) == []
    assert told(lambda one: repeated(one, 50)) == []
    assert told(lambda one: repeated(one, 50, independent=True)) != []


@pytest.mark.parametrize("seed", range(4))
def test_honest_trainings_of_sequences_are_silent(seed):
    training = dataclasses.replace(HonestTraining.drawn(seed), splits=("train", "validation"))

    assert names([repeated(report, 30) for report in reports] for reports in training.epochs()) == []


def test_few_samples_are_not_judged_whatever_their_rows():
    report = repeated(report_of(TARGETS[:19], np.full((19, 4), 0.3), split="validation"), 100)

    for name in ("constant-output", "no-skill", "worse-than-prior", "redundant-softmax"):
        (seen,) = RULES[name].observe(Evaluation(report))
        assert seen.holds is None
