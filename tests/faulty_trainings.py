"""Trainings with one fault each, as reports, for any number of classes and any names.

`FAULTS` has one for each built-in rule: the fault that it is there to find.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tests.passes import Kind, Table, flattened, sharpened
from xent_monitor.alerts.builtin import limits
from xent_monitor.report import EvaluationReport

__all__ = ["FAULTS", "Epochs", "Fault", "beside", "both", "good", "healthy", "learning", "relabelled"]

Epochs = list[list[EvaluationReport]]


@dataclasses.dataclass(frozen=True)
class Fault:
    """A training with a fault."""

    epochs: Callable[[Kind], Epochs]
    #: Epoch from which on it is in the numbers.
    first: int = 0
    #: Whether it is one of the whole output, not of a class.
    of_all: bool = True


#: Share of right answers of a training that goes well, by epoch.
LEARNING = (0.62, 0.7, 0.76, 0.8, 0.83, 0.85, 0.86, 0.86, 0.86, 0.86)


def learning(kind: Kind) -> list[Table]:
    """Predictions of a model that learns, as sure as it is right."""
    return [kind.answers(right, right) for right in LEARNING]


def good(kind: Kind) -> Table:
    """Predictions of a model that has learned."""
    return learning(kind)[-1]


def both(kind: Kind, tables: Iterable[Table], first: int = 0, **changes: Any) -> Epochs:
    """A training and a validation pass for each table, alike, with changes from the epoch `first` on."""
    return [
        [kind.report(table, epoch, split, **(changes if epoch >= first else {})) for split in ("train", "validation")]
        for epoch, table in enumerate(tables)
    ]


def beside(kind: Kind, train: Iterable[Table], validation: Iterable[Table]) -> Epochs:
    """A training and a validation pass for each pair of tables."""
    return [
        [kind.report(fitted, epoch, "train"), kind.report(judged, epoch, "validation")]
        for epoch, (fitted, judged) in enumerate(zip(train, validation, strict=True))
    ]


def healthy(kind: Kind) -> Epochs:
    """A training of which there is nothing to say."""
    return both(kind, learning(kind))


def relabelled(table: Table, share: float = 1.0) -> Table:
    """The predictions of a share of the examples of each class are those of examples of the class before it."""
    active = int(table.labels.max()) + 1
    moved = np.roll(table.probabilities, 1, axis=0)
    turn = np.arange(len(table.labels)) // active
    changed = np.floor((turn + 1) * share + 1e-9) > np.floor(turn * share + 1e-9)
    return Table(table.labels, np.where(changed[:, None], moved, table.probabilities))


def _non_finite(kind: Kind) -> Epochs:
    return both(kind, learning(kind), 3, non_finite=3)


def _invalid_labels(kind: Kind) -> Epochs:
    return both(kind, learning(kind), 0, invalid_labels=1)


def _invalid_probabilities(kind: Kind) -> Epochs:
    total = 2.6 * kind.each * (np.arange(kind.size) < kind.active)
    return both(kind, learning(kind), 0, invalid_probabilities=len(kind.labels) // 2, probability_sum=total)


def _inconsistent_loss(kind: Kind) -> Epochs:
    nothing = np.zeros(kind.size)
    return both(kind, learning(kind), 0, loss_sum=nothing, weighted_loss_sum=nothing)


def _constant_output(kind: Kind) -> Epochs:
    row = np.full(kind.size, 1e-9)
    row[: kind.active] = 1 / kind.active
    row[1] += 0.01
    table = Table(kind.labels, np.tile(row / row.sum(), (len(kind.labels), 1)))
    return both(kind, [table] * 4)


def _bad_initial_loss(kind: Kind) -> Epochs:
    high = limits.HIGH_START * math.log(kind.size) + limits.START_NATS
    epochs = both(kind, [kind.ignorant()] * 3)
    epochs[0][0] = dataclasses.replace(epochs[0][0], initial_cross_entropy=1.2 * high)
    return epochs


def _over_regularized(kind: Kind) -> Epochs:
    rows = len(kind.labels)
    penalties = [rows * kind.prior * times for times in (3.0, 0.5, 0.1, 0.1, 0.1, 0.1)]
    return [
        [kind.report(kind.ignorant(), epoch, split, penalty_sum=penalty) for split in ("train", "validation")]
        for epoch, penalty in enumerate(penalties)
    ]


def _redundant_softmax(kind: Kind) -> Epochs:
    once = kind.answers(0.9, 0.99).probabilities
    if kind.task == "binary":
        positive = 1 / (1 + np.exp(-once[:, 1]))
        return both(kind, [Table(kind.labels, np.stack([1 - positive, positive], axis=1))] * 5)
    twice = np.exp(once)
    return both(kind, [Table(kind.labels, twice / twice.sum(axis=1, keepdims=True))] * 5)


def _diverging(kind: Kind) -> Epochs:
    chance = kind.answers(1 / kind.active, 0.7)
    levels = [kind.prior * times for times in (2, 3.5, 6, 10)]
    epochs = beside(kind, [sharpened(chance, nats) for nats in levels], [kind.ignorant()] * 4)
    epochs[0][0] = dataclasses.replace(epochs[0][0], initial_cross_entropy=kind.prior)
    return epochs


def _below_chance(kind: Kind) -> Epochs:
    swapped = kind.answers(0.02, 1.02 / kind.active, jitter=0.1)
    # Below the level from which a rise is divergence.
    return both(kind, [sharpened(swapped, kind.prior * (1 + limits.DIVERGED * part)) for part in (0.3, 0.6, 0.6, 0.6)])


def _validation_mismatch(kind: Kind) -> Epochs:
    blind = sharpened(kind.answers(1 / kind.active, 0.9), 2.5 * kind.prior)
    return beside(kind, [good(kind)] * 6, [blind] * 6)


def _neglected_class(kind: Kind) -> Epochs:
    # With two classes the other one alone is nothing that could be told apart.
    table = good(kind)
    probabilities = table.probabilities.copy()
    probabilities[:, 1] *= 1e-3
    return both(kind, [Table(table.labels, probabilities / probabilities.sum(axis=1, keepdims=True))] * 8)


def _loss_accuracy_divergence(kind: Kind) -> Epochs:
    best = good(kind)
    rises = [best.cross_entropy + kind.prior * limits.RISE * times for times in (5, 5.5, 6, 6.5, 7)]
    fits = [kind.answers(0.86, sure) for sure in (0.86, 0.88, 0.9, 0.92, 0.94, 0.96)]
    return beside(kind, fits, [best, *(sharpened(best, nats) for nats in rises)])


def _overfitting(kind: Kind) -> Epochs:
    best = good(kind)
    fits = [kind.answers(0.75 + 0.03 * epoch, 0.75 + 0.03 * epoch) for epoch in range(6)]
    worse = [relabelled(best, share) for share in (0, 0.2, 0.25, 0.27, 0.29, 0.31)]
    return beside(kind, fits, worse)


def _class_collapse(kind: Kind) -> Epochs:
    probabilities = kind.ignorant(0.05).probabilities.copy()
    probabilities[:, 0] *= 1.3
    return both(kind, [Table(kind.labels, probabilities / probabilities.sum(axis=1, keepdims=True))] * 8)


def _no_skill(kind: Kind) -> Epochs:
    return both(kind, [kind.ignorant()] * 8)


def _oscillating(kind: Kind) -> Epochs:
    table = kind.answers(0.9, 0.9)
    low, high = flattened(table, (0.95 - 1.5 * limits.SWING) * kind.prior), flattened(table, 0.95 * kind.prior)
    return beside(kind, [low, high] * 6, [good(kind)] * 12)


def _worse_than_prior(kind: Kind) -> Epochs:
    return both(kind, [sharpened(kind.answers(0.4 if kind.active > 2 else 0.6, 0.8), 1.6 * kind.prior)] * 9)


def _miscalibrated(kind: Kind) -> Epochs:
    best = good(kind)
    sure = sharpened(best, best.cross_entropy + 4 * limits.CALIBRATION_GAIN * kind.prior)
    return both(kind, [sure] * 8)


def _label_noise(kind: Kind) -> Epochs:
    return beside(kind, [kind.answers(0.95, 0.99, jitter=0.2)] * 6, [good(kind)] * 6)


def _still_improving(kind: Kind) -> Epochs:
    return both(kind, learning(kind)[:5])


#: One training for each built-in rule.
FAULTS: dict[str, Fault] = {
    "non-finite": Fault(_non_finite, 3),
    "invalid-labels": Fault(_invalid_labels),
    "invalid-probabilities": Fault(_invalid_probabilities),
    "inconsistent-loss": Fault(_inconsistent_loss),
    "constant-output": Fault(_constant_output),
    "bad-initial-loss": Fault(_bad_initial_loss),
    "over-regularized": Fault(_over_regularized),
    "redundant-softmax": Fault(_redundant_softmax),
    "diverging": Fault(_diverging),
    "below-chance": Fault(_below_chance, 1),
    "validation-mismatch": Fault(_validation_mismatch, 1),
    "neglected-class": Fault(_neglected_class, of_all=False),
    "loss-accuracy-divergence": Fault(_loss_accuracy_divergence, 1),
    "overfitting": Fault(_overfitting, 1),
    "class-collapse": Fault(_class_collapse),
    "no-skill": Fault(_no_skill),
    "oscillating": Fault(_oscillating, limits.SWINGS),
    "worse-than-prior": Fault(_worse_than_prior),
    "miscalibrated": Fault(_miscalibrated),
    "label-noise": Fault(_label_noise),
    "still-improving": Fault(_still_improving, 4),
}
