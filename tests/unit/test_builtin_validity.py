"""Rules on numbers that cannot be, or cannot be meant, and on the first epochs: near misses and guards."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests.faulty_trainings import FAULTS, beside, both, good, healthy, learning
from tests.passes import Kind, Table, firing, play
from xent_monitor.alerts.builtin import limits

THREE = Kind()
BINARY = Kind(("no", "yes"), "binary")


def replaced(report, **sums):
    """A report with other sums."""
    return dataclasses.replace(report, statistics=dataclasses.replace(report.statistics, **sums))


def first_alert(events):
    return next(event for event in events if event.state == "firing")


# non-finite


def test_non_finite_is_told_once_for_both_passes():
    events = play(both(THREE, learning(THREE), 3, non_finite=1))

    assert [(event.rule, event.split, event.epoch) for event in events] == [("non-finite", "train", 3)]
    assert "1 of 300 rows of the train pass" in events[0].message


def test_non_finite_validation_alone_is_told():
    epochs = healthy(THREE)
    epochs[2][1] = replaced(epochs[2][1], non_finite=1)

    events = play(epochs)

    assert [(event.state, event.split, event.epoch) for event in events] == [
        ("firing", "validation", 2),
        ("resolved", "validation", 3),
    ]


def test_non_finite_weights_are_told_though_all_rows_are_finite():
    event = first_alert(play(both(THREE, learning(THREE), 1, non_finite_weights=2)))

    assert (event.rule, event.epoch) == ("non-finite", 1)
    assert "2 weight tensors of the model hold NaN" in event.message


def test_infinite_logged_loss_is_non_finite_and_an_unknown_one_is_not():
    assert firing(play(both(THREE, learning(THREE), 1, logged_loss=math.inf))) == [("non-finite", 1)]
    assert firing(play(both(THREE, learning(THREE), 1, logged_loss=math.nan))) == []


def test_pass_without_a_finite_row_is_told_and_judged_by_nothing_else():
    nothing = Table(np.zeros(0, np.int64), np.zeros((0, 3)))

    assert firing(play(both(THREE, [nothing] * 6, num_rows=64, non_finite=64))) == [("non-finite", 0)]
    assert firing(play(both(THREE, [nothing] * 6))) == []


# invalid-labels


def test_one_label_that_names_no_class_is_enough():
    event = first_alert(play(both(THREE, learning(THREE), 0, invalid_labels=1)))

    assert (event.rule, event.epoch, event.split) == ("invalid-labels", 0, "train")
    assert event.message.startswith("1 of 300 labels of the train pass name")


@pytest.mark.parametrize(("examples", "told"), [(limits.MIN_EXAMPLES - 1, False), (2 * limits.MIN_EXAMPLES, True)])
def test_labels_of_one_class_in_training_are_told_once_there_are_enough(examples, told):
    table = good(THREE)
    only = np.flatnonzero(table.labels == 2)[:examples]
    single = Table(table.labels[only], table.probabilities[only])

    events = play([THREE.report(single, epoch, "train") for epoch in range(3)])

    assert firing(events) == ([("invalid-labels", 0)] if told else [])
    assert not told or "class owl" in events[0].message


def test_one_example_of_another_class_makes_two():
    table = good(THREE)
    chosen = np.append(np.flatnonzero(table.labels == 2), 0)
    two = Table(table.labels[chosen], table.probabilities[chosen])

    assert "invalid-labels" not in [name for name, _ in firing(play([THREE.report(two, split="train")]))]


# invalid-probabilities


@pytest.mark.parametrize(("share", "told"), [(0.9, False), (1.1, True)])
def test_rows_that_are_no_distribution_are_told_from_a_share_on(share, told):
    rows = math.ceil(share * limits.INVALID_ROWS * 3000) if told else math.floor(share * limits.INVALID_ROWS * 3000)
    kind = Kind(each=1000)

    events = play([kind.report(good(kind), 0, "train", invalid_probabilities=rows)])

    assert firing(events) == ([("invalid-probabilities", 0)] if told else [])


def test_invalid_probabilities_name_the_head_that_fits():
    binary, three = (
        first_alert(play(both(kind, learning(kind), invalid_probabilities=150))) for kind in (BINARY, THREE)
    )

    assert "75 % of the outputs" in binary.message
    assert "sigmoid" in binary.message
    assert "softmax" in three.message


# inconsistent-loss


def test_cross_entropy_below_what_wrong_answers_cost_is_impossible():
    table = THREE.answers(0.5, 0.5)
    report = THREE.report(table, split="train")
    bound = 0.5 * math.log(2)

    def with_mean(nats):
        return replaced(report, cross_entropy_sum=np.full(3, 100 * nats), cross_entropy_square_sum=np.full(3, 100.0))

    assert firing(play([with_mean(limits.IMPOSSIBLE * bound * 0.99)])) == [("inconsistent-loss", 0)]
    assert firing(play([with_mean(bound)])) == []


def test_answers_at_the_edge_are_possible():
    half = Table(BINARY.labels, np.tile([0.5 + 1e-9, 0.5 - 1e-9], (200, 1)))

    assert "inconsistent-loss" not in dict(firing(play(both(BINARY, [half] * 3))))


def test_loss_of_nothing_is_told_only_where_answers_are_wrong():
    few = Table(np.zeros(60, np.int64) + np.arange(60) % 3, np.eye(3)[np.arange(60) % 3] * 0.97 + 0.01)
    blind = {"loss_sum": np.zeros(3), "weighted_loss_sum": np.zeros(3)}

    assert firing(play(both(THREE, learning(THREE), **blind))) == [("inconsistent-loss", 0)]
    assert "inconsistent-loss" not in dict(firing(play(both(THREE, [few] * 3, **blind))))


@pytest.mark.parametrize("batch", [2, 8, 32, 300])
def test_summed_loss_is_told_with_the_size_of_a_batch(batch):
    batches = 300 // batch
    epochs = [
        THREE.report(table, epoch, "train", num_batches=batches, logged_loss=table.cross_entropy * batch)
        for epoch, table in enumerate(learning(THREE))
    ]

    events = play(epochs)

    assert firing(events) == [("inconsistent-loss", 0)]
    assert f"about {300 / batches:.0f} times as much" in events[0].message


@pytest.mark.parametrize("batch", [1, 2, 32, 300])
def test_mean_loss_is_not_taken_for_a_sum(batch):
    assert firing(play(both(THREE, learning(THREE), num_batches=300 // batch))) == []


def other_losses(kind, table):
    """Mean loss by class of usual losses that are not the cross-entropy."""
    size, rows = kind.size, np.arange(len(table.labels))
    p = table.probabilities[rows, table.labels]
    smooth = 0.9 * -np.log(p) - 0.1 * np.log(table.probabilities).mean(axis=1)
    losses = {
        "label smoothing": smooth,
        "focal, gamma 2": -0.25 * (1 - p) ** 2 * np.log(p),
        "focal, gamma 4": -0.25 * (1 - p) ** 4 * np.log(p),
        "squared error": (1 - p) ** 2 / size,
        "hinge": 1 + np.maximum(0.0, table.probabilities.max(axis=1) - p) - p,
        "100 times": -100 * np.log(p),
    }
    return {name: np.bincount(table.labels, loss, size) for name, loss in losses.items()}


@pytest.mark.parametrize("kind", [BINARY, THREE], ids=["binary", "three"])
@pytest.mark.parametrize("loss", other_losses(THREE, good(THREE)))
def test_other_loss_functions_are_consistent(kind, loss):
    epochs = []
    for epoch, table in enumerate(learning(kind)):
        sums = other_losses(kind, table)[loss]
        epochs.append(
            [
                kind.report(table, epoch, split, loss_sum=sums, weighted_loss_sum=sums)
                for split in ("train", "validation")
            ]
        )

    assert firing(play(epochs)) == []


def test_sample_weights_and_penalties_are_consistent():
    epochs = []
    for epoch, table in enumerate(learning(THREE)):
        report = THREE.report(table, epoch, "train")
        weights = np.array([1.0, 2.0, 5.0])
        sums = report.statistics
        weighted = replaced(
            report,
            weight_sum=sums.support * weights,
            weighted_cross_entropy_sum=sums.cross_entropy_sum * weights,
            weighted_loss_sum=sums.loss_sum * weights,
            penalty_sum=0.3 * sums.num_rows,
        )
        epochs.append(dataclasses.replace(weighted, logged_loss=weighted.explained_loss))

    assert firing(play(epochs)) == []


# constant-output


def constant(kind, spread=0.0, labels=None):
    labels = kind.labels if labels is None else labels
    row = np.full((len(labels), kind.size), 0.2 / (kind.size - 1))
    row[:, 0] = 0.8
    row[::2, 0] += spread
    return Table(labels, row)


@pytest.mark.parametrize(("spread", "told"), [(0.0, True), (0.3, True), (3.0, False)])
def test_output_is_constant_up_to_rounding(spread, told):
    table = constant(THREE, spread * limits.CONSTANT)

    assert ("constant-output" in dict(firing(play(both(THREE, [table] * 3))))) == told


def test_constant_output_says_which():
    event = first_alert(play(both(THREE, [constant(THREE)])))

    assert "class cat with confidence 0.800" in event.message


def test_saturated_validation_beside_a_good_training_is_a_mismatch():
    saturated = np.full((300, 3), 1e-7)
    saturated[:, 1] = 1.0
    epochs = beside(THREE, [good(THREE)] * 5, [Table(THREE.labels, saturated)] * 5)

    names = [name for name, _ in firing(play(epochs))]

    assert names[0] == "validation-mismatch"
    assert "constant-output" not in names


def test_few_examples_and_one_class_are_not_judged_constant():
    few = constant(THREE, labels=np.arange(limits.MIN_EXAMPLES - 1) % 3)
    single = constant(THREE, labels=np.zeros(100, np.int64))

    assert firing(play(both(THREE, [few] * 3))) == []
    assert [name for name, _ in firing(play(both(THREE, [single] * 3)))] == ["invalid-labels"]


# bad-initial-loss

HIGH = limits.HIGH_START * math.log(3) + limits.START_NATS
SATURATED = min(limits.SATURATED_START * math.log(3), limits.CLIPPED_START * 2 / 3 * -math.log(1e-7))


def started(initial, train, validation=None):
    """A first epoch with this loss of its first step."""
    reports = [THREE.report(train, 0, "train", initial_cross_entropy=initial)]
    return [reports + ([] if validation is None else [THREE.report(validation)])]


@pytest.mark.parametrize(
    ("initial", "table", "told"),
    [
        (0.99 * HIGH, THREE.ignorant(), False),
        (1.01 * HIGH, THREE.ignorant(), True),
        (1.01 * HIGH, THREE.answers(0.8, 0.8), False),
        (0.99 * SATURATED, THREE.answers(0.8, 0.8), False),
        (1.01 * SATURATED, THREE.answers(0.8, 0.8), True),
        (math.nan, THREE.ignorant(), False),
        (math.log(3) + 1, THREE.ignorant(), False),
    ],
)
def test_high_start_is_a_fault_unless_the_first_epoch_mends_it(initial, table, told):
    assert firing(play(started(initial, table))) == ([("bad-initial-loss", 0)] if told else [])


def test_skill_of_the_validation_mends_a_high_start():
    assert firing(play(started(1.01 * HIGH, THREE.ignorant(), good(THREE)))) == []
    assert firing(play(started(1.01 * HIGH, THREE.ignorant(), THREE.ignorant()))) == [("bad-initial-loss", 0)]


# over-regularized


def penalised(table, times, number=6):
    """A training whose penalty is so many times the cross-entropy, in the first epoch, and then ever less."""
    return [
        THREE.report(table, epoch, "train", penalty_sum=300 * table.cross_entropy * times / (epoch + 1))
        for epoch in range(number)
    ]


def test_penalty_that_outweighs_the_loss_is_told_only_without_skill():
    assert firing(play(penalised(THREE.ignorant(), 2.0))) == [("over-regularized", 2)]
    assert firing(play(penalised(good(THREE), 2.0))) == []
    assert "over-regularized" not in dict(firing(play(penalised(THREE.ignorant(), 0.9))))


# redundant-softmax


def test_one_soft_max_is_not_one_too_many():
    (epochs,) = [FAULTS["redundant-softmax"].epochs(THREE)]
    once = both(THREE, [THREE.answers(0.9, 0.99)] * 5)

    assert [name for name, _ in firing(play(epochs))] == ["redundant-softmax"]
    assert "redundant-softmax" not in dict(firing(play(once)))


@pytest.mark.parametrize("classes", [3, 10, 100])
def test_honest_doubt_below_the_cap_is_no_second_soft_max(classes):
    kind = Kind(tuple(map(str, range(classes))))
    cap = math.e / (math.e + classes - 1)
    doubt = kind.answers(0.97 * cap, 0.97 * cap, jitter=0.0)

    assert "redundant-softmax" not in dict(firing(play(both(kind, [doubt] * 5))))


def test_second_sigmoid_needs_outputs_that_tell_the_classes_apart():
    first = np.where(BINARY.labels == 1, 0.9, 0.1)
    weak = np.where(BINARY.labels == 1, 0.55, 0.45)
    tables = [
        Table(BINARY.labels, np.stack([1 - second, second], axis=1))
        for second in (1 / (1 + np.exp(-first)), 1 / (1 + np.exp(-weak)))
    ]

    assert [("redundant-softmax" in dict(firing(play(both(BINARY, [table] * 5))))) for table in tables] == [True, False]
