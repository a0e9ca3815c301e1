r"""Trainings on labels that do not exclude each other, as sequences of reports, without Keras: honest and faulty ones.

Honest: the labels are drawn from a known model, and the predictions are their posterior probabilities, so that whatever
a rule says of them is a false alarm. A hidden factor makes labels alike,

.. math:: y_k = [\lambda f + \sqrt{1 - \lambda^2} g_k > \Phi^{-1}(1 - \pi_k)], \quad f, g_k \sim N(0, 1)

and each label is seen through a noisy view of its own, :math:`x_k = s_k y_k + \epsilon_k`, with the posterior
:math:`\ln\frac{p_k}{1 - p_k} = \ln\frac{\pi_k}{1 - \pi_k} + s_k x_k - s_k^2 / 2`. A model that learns is one whose s
grows. `over_fitted` ones are honest in the beginning, and become a little too sure of the validation.

Faulty: logistic regression on views of the labels, trained in mini-batches by plain gradient descent, with one thing
wrong; `LABEL_FAULTS` has them with the rules that may name them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from statistics import NormalDist

import numpy as np

from tests.fast_label_sums import label_sums
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import Floats, Integers

__all__ = ["LABEL_FAULTS", "LabelFault", "LabelTraining", "honest_label_trainings", "trained"]

EPOCHS = 15


@dataclasses.dataclass(frozen=True)
class LabelTraining:
    """What one honest training is drawn from."""

    seed: int
    #: Share of the positives of each label.
    shares: Floats
    #: How much of a label is the factor that all have: 0 for independent labels.
    common: float
    #: Examples of a validation and of a training pass.
    validation: int
    train: int
    #: Strength of the signal of each label in the end.
    signals: Floats
    #: Epochs in which it makes two thirds of the way; 0: it is there from the first epoch on.
    slowness: float
    #: Temperature of the validation in the last epoch; 1 for a model that stays honest.
    sureness: float
    splits: tuple[Split, ...]

    @classmethod
    def drawn(cls, seed: int) -> LabelTraining:
        """Labels from 2 to 60, shares from 1 % to 60 %, 100 to 5,000 validation examples."""
        rng = np.random.default_rng([seed, 3])
        labels = round(math.exp(rng.uniform(math.log(2), math.log(60))))
        rarest, commonest = sorted(np.exp(rng.uniform(math.log(0.01), math.log(0.6), 2)))
        validation = round(math.exp(rng.uniform(math.log(100), math.log(5000))))
        splits: list[tuple[Split, ...]] = [("train", "validation"), ("train",), ("validation",)]
        return cls(
            seed=seed,
            shares=np.exp(rng.uniform(math.log(rarest), math.log(commonest), labels)),
            common=float(rng.choice([0.0, rng.uniform(0, 1)])),
            validation=validation,
            train=round(validation * rng.uniform(1, 4)),
            signals=rng.uniform(0.7, 1.3, labels) * rng.uniform(0.8, 5.0),
            slowness=float(rng.choice([0.0, rng.uniform(0.5, 6)])),
            sureness=float(rng.choice([1.0, rng.uniform(1.0, 1.35)])),
            splits=splits[int(rng.choice(3, p=[0.6, 0.2, 0.2]))],
        )

    def epochs(self) -> Iterator[list[EvaluationReport]]:
        """The reports of each epoch: fresh examples of the training, the same of the validation."""
        rng = np.random.default_rng([self.seed, 4])
        judged = self._views(self.validation, rng)
        for epoch in range(EPOCHS):
            grown = 1 - math.exp(-(epoch + 1) / self.slowness) if self.slowness else 1.0
            reports = []
            for split in self.splits:
                targets, noise = self._views(self.train, rng) if split == "train" else judged
                logits = self._logits(targets, noise, grown * self.signals)
                if split == "validation":
                    logits = logits * self.sureness ** (epoch / (EPOCHS - 1))
                reports.append(_report(targets, _sigmoid(logits), epoch, split))
            yield reports

    def _views(self, size: int, rng: np.random.Generator) -> tuple[Integers, Floats]:
        """Targets, and the noise in which they are seen. Shape `(size, num_labels)`, both."""
        factor, own = rng.normal(size=(size, 1)), rng.normal(size=(size, len(self.shares)))
        hidden = self.common * factor + math.sqrt(1 - self.common**2) * own
        return (hidden > _edges(self.shares)).astype(np.int64), rng.normal(size=hidden.shape)

    def _logits(self, targets: Integers, noise: Floats, signals: Floats) -> Floats:
        views = signals * targets + noise
        return np.log(self.shares / (1 - self.shares)) + signals * views - signals**2 / 2


def honest_label_trainings(first: int, number: int) -> Iterator[LabelTraining]:
    """Trainings of the seeds from `first` on."""
    return (LabelTraining.drawn(seed) for seed in range(first, first + number))


def _report(targets: Integers, probabilities: Floats, epoch: int, split: Split, start: float = math.nan):
    names = tuple(f"label {index}" for index in range(targets.shape[1]))
    report = EvaluationReport(epoch, split, "", names, label_sums(targets, probabilities))
    if split == "train" and epoch == 0 and math.isnan(start):
        start = math.log(2)
    return dataclasses.replace(report, logged_loss=report.explained_loss, initial_cross_entropy=start)


def _edges(shares: Floats) -> Floats:
    """What a normal value exceeds as often as that."""
    return np.array([-NormalDist().inv_cdf(share) for share in shares])


def _sigmoid(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(logits, -40, 40)))


# Trainings of a linear model


@dataclasses.dataclass(frozen=True)
class Task:
    """Views of labels, for training and validation."""

    train: tuple[Floats, Integers]
    validation: tuple[Floats, Integers]

    @classmethod
    def drawn(
        cls,
        seed: int,
        *,
        labels: int = 8,
        size: int = 2000,
        least: float = 0.05,
        most: float = 0.4,
        noise: float = 0.4,
    ) -> Task:
        """Inputs with 3 features for each label, which tell most of it."""
        rng = np.random.default_rng([seed, 5])
        shares = np.exp(rng.uniform(math.log(least), math.log(most), labels))
        mixing = rng.normal(size=(labels, 3 * labels)) / math.sqrt(labels)

        def part(number: int) -> tuple[Floats, Integers]:
            hidden = 0.4 * rng.normal(size=(number, 1)) + math.sqrt(1 - 0.16) * rng.normal(size=(number, labels))
            targets = (hidden > _edges(shares)).astype(np.int64)
            views = (2.0 * targets - 1.0 + noise * rng.normal(size=targets.shape)) @ mixing
            return np.concatenate([views, np.ones((number, 1))], axis=1), targets

        return cls(part(size), part(size // 2))


#: Outputs of logits, and the gradient of the mean binary cross-entropy of an example in the logits.
Head = Callable[[Floats, Integers], tuple[Floats, Floats]]


def one_sigmoid(logits: Floats, targets: Integers) -> tuple[Floats, Floats]:
    p = _sigmoid(logits)
    return p, p - targets


def two_sigmoids(logits: Floats, targets: Integers) -> tuple[Floats, Floats]:
    inner = _sigmoid(logits)
    p = _sigmoid(inner)
    return p, (p - targets) * inner * (1 - inner)


def soft_max(logits: Floats, targets: Integers) -> tuple[Floats, Floats]:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = np.clip(exponentials / exponentials.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    slope = p * ((1 - targets) / (1 - p)) - targets
    return p, slope - p * slope.sum(axis=1, keepdims=True)


def trained(
    task: Task,
    *,
    head: Head = one_sigmoid,
    rate: float = 0.1,
    epochs: int = 12,
    seed: int = 0,
) -> Iterator[list[EvaluationReport]]:
    """Reports of a training by plain gradient descent in batches of 32."""
    rng = np.random.default_rng([seed, 6])
    inputs, targets = task.train
    weights = 0.05 * rng.normal(size=(inputs.shape[1], targets.shape[1]))
    for epoch in range(epochs):
        order, outputs = rng.permutation(len(inputs)), np.zeros(targets.shape)
        for first in range(0, len(order), 32):
            rows = order[first : first + 32]
            outputs[rows], slope = head(inputs[rows] @ weights, targets[rows])
            weights -= rate * inputs[rows].T @ slope / len(rows)
        held, wanted = task.validation
        reports = [
            _report(targets[order], outputs[order], epoch, "train"),
            _report(wanted, head(held @ weights, wanted)[0], epoch, "validation"),
        ]
        yield reports


@dataclasses.dataclass(frozen=True)
class LabelFault:
    """A training with one thing wrong, by seed, and the rules that may name it first."""

    epochs: Callable[[int], Iterator[list[EvaluationReport]]]
    rules: tuple[str, ...]


def _changed(task: Task, train: Callable[[Integers], Integers], validation: Callable[[Integers], Integers]) -> Task:
    return Task((task.train[0], train(task.train[1])), (task.validation[0], validation(task.validation[1])))


def _same(targets: Integers) -> Integers:
    return targets


def _shuffled(seed: int) -> Iterator[list[EvaluationReport]]:
    rng = np.random.default_rng(seed)
    return trained(_changed(Task.drawn(seed), rng.permutation, rng.permutation), seed=seed)


def _without_positives(seed: int) -> Iterator[list[EvaluationReport]]:
    task = Task.drawn(seed, most=0.3)
    column = int(np.argmax(task.train[1].sum(axis=0)))

    def emptied(targets: Integers) -> Integers:
        return np.where(np.arange(targets.shape[1]) == column, 0, targets)

    return trained(_changed(task, emptied, _same), seed=seed)


def _permuted(seed: int) -> Iterator[list[EvaluationReport]]:
    return trained(_changed(Task.drawn(seed), _same, lambda targets: np.roll(targets, 1, axis=1)), seed=seed)


LABEL_FAULTS: dict[str, LabelFault] = {
    "labels shuffled": LabelFault(_shuffled, ("no-skill",)),
    "sigmoid twice": LabelFault(
        lambda seed: trained(Task.drawn(seed), head=two_sigmoids, seed=seed), ("redundant-softmax",)
    ),
    "soft-max over labels": LabelFault(
        lambda seed: trained(Task.drawn(seed, most=0.6, least=0.15), head=soft_max, seed=seed), ("redundant-softmax",)
    ),
    "label never positive in training": LabelFault(_without_positives, ("neglected-class",)),
    "columns of the validation moved": LabelFault(_permuted, ("validation-mismatch", "below-chance")),
    "learning rate too high": LabelFault(
        lambda seed: trained(Task.drawn(seed, noise=1.5), rate=30.0, seed=seed),
        ("diverging", "oscillating", "worse-than-prior", "constant-output"),
    ),
}
