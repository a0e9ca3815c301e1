r"""Trainings of a model whose probabilities are honest, as sequences of reports, without a model and without Keras.

The data come from a known generative model, and the predictions are its posterior probabilities: whatever a rule says
of them is a false alarm. The inputs are noisy views of the class,

.. math:: x = s e_y + \epsilon, \quad \epsilon \sim N(0, I_K), \quad \ln p_k = \ln \pi_k + s x_k + \mathrm{const}

and a model that learns is one whose s grows: at each s the posterior given that view is honest.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from tests.fast_sums import sums_of
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import Floats, Integers

__all__ = ["EPOCHS", "HonestTraining", "honest_trainings", "posterior", "signal_of_skill"]

EPOCHS = 15


@dataclasses.dataclass(frozen=True)
class HonestTraining:
    """What one training is drawn from."""

    seed: int
    shares: Floats
    #: Examples of a validation and of a training pass.
    validation: int
    train: int
    #: Skill that the model has in the end.
    plateau: float
    #: Epochs in which it makes two thirds of the way; 0: it is there from the first epoch on.
    slowness: float
    splits: tuple[Split, ...]

    @classmethod
    def drawn(cls, seed: int) -> HonestTraining:
        """Classes from 2 to 20, shares from uniform to 9:1, 50 to 2,000 validation examples."""
        rng = np.random.default_rng([seed, 1])
        classes = int(rng.integers(2, 21))
        ratio = 9.0 ** rng.uniform(0, 1)
        shares = ratio ** -np.linspace(0, 1, classes)
        validation = round(math.exp(rng.uniform(math.log(50), math.log(2000))))
        splits: list[tuple[Split, ...]] = [("train", "validation"), ("train",), ("validation",)]
        return cls(
            seed=seed,
            shares=shares / shares.sum(),
            validation=validation,
            train=round(validation * rng.uniform(1, 3)),
            plateau=float(rng.uniform(0.1, 0.98)),
            slowness=float(rng.choice([0.0, rng.uniform(0.5, 5)])),
            splits=splits[int(rng.choice(3, p=[0.6, 0.2, 0.2]))],
        )

    def skills(self) -> Floats:
        """Skill of the model in each epoch. Shape `(EPOCHS,)`."""
        if not self.slowness:
            return np.full(EPOCHS, self.plateau)
        return self.plateau * (1 - np.exp(-np.arange(1, EPOCHS + 1) / self.slowness))

    def epochs(self) -> Iterator[list[EvaluationReport]]:
        """The reports of each epoch, from fresh examples each time."""
        rng = np.random.default_rng([self.seed, 2])
        names = tuple(f"class {index}" for index in range(len(self.shares)))
        signals = signal_of_skill(self.shares, self.skills(), rng)
        for epoch, signal in enumerate(signals):
            reports = []
            for split in self.splits:
                labels, probabilities = posterior(self.shares, signal, getattr(self, split), rng)
                sums = sums_of(labels, probabilities)
                report = EvaluationReport(epoch, split, "", names, sums)
                initial = math.log(len(names)) + rng.uniform(0, 1)
                reports.append(
                    dataclasses.replace(
                        report,
                        logged_loss=report.cross_entropy,
                        initial_cross_entropy=initial if split == "train" and epoch == 0 else math.nan,
                    )
                )
            yield reports


def honest_trainings(first: int, number: int) -> Iterator[HonestTraining]:
    """Trainings of the seeds from `first` on."""
    return (HonestTraining.drawn(seed) for seed in range(first, first + number))


def posterior(shares: Floats, signal: float, size: int, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Labels, and the posterior probabilities of their classes given noisy views of them."""
    labels = rng.choice(len(shares), size=size, p=shares)
    logits = _logits(shares, signal, labels, rng.normal(size=(len(shares), size)))
    exponentials = np.exp(logits - logits.max(axis=0))
    return labels, (exponentials / exponentials.sum(axis=0)).T


def signal_of_skill(shares: Floats, skills: Floats, rng: np.random.Generator) -> Floats:
    """Strength s of the signal at which the expected skill is so much."""
    size = 2000
    labels = rng.choice(len(shares), size=size, p=shares)
    noise = rng.normal(size=(len(shares), size))
    # The guess by base rates on the same examples: most of the noise of the mean is in both.
    guess = -np.log(shares)[labels].mean()
    signals = np.concatenate([np.linspace(0, 2, 13), np.linspace(2.5, 8, 12)])
    found = []
    for signal in signals:
        logits = _logits(shares, signal, labels, noise)
        losses = np.log(np.exp(logits - logits.max(axis=0)).sum(axis=0)) + logits.max(axis=0)
        found.append(1 - (losses - logits[labels, np.arange(size)]).mean() / guess)
    return np.interp(skills, np.maximum.accumulate(found), signals)


def _logits(shares: Floats, signal: float, labels: Integers, noise: Floats) -> Floats:
    """Logarithms of prior times likelihood, up to a constant of each example. Shape `(num_classes, num_examples)`."""
    views = noise.copy()
    views[labels, np.arange(len(labels))] += signal
    return np.log(shares)[:, None] + signal * views
