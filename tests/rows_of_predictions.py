"""The oracle's reading of predictions: rows, and the decisions in them, in float64.

A *row* is an example, or each token or pixel of one. A row has one *decision*, that between its classes; with several
labels it has one for each label, between "no" and "yes".
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xent_monitor.statistics import Floats, Integers, Task

__all__ = ["Booleans", "Decisions", "Rows", "rows_of", "target_cross_entropy", "times_log"]

Booleans = NDArray[np.bool_]

#: How far a row of targets may be from a sum of 1.
TARGET_TOLERANCE = 1e-2


@dataclasses.dataclass(frozen=True)
class Decisions:
    """Decisions, D of them, between C classes; C is 2 for several labels."""

    task: Task
    #: Number of classes, or of labels.
    num_groups: int
    #: Class or label whose sums the decision is in. Shape `(D,)`.
    group: Integers
    #: The right answer. Shape `(D,)`.
    true: Integers
    #: Shape `(D, C)`, both.
    distribution: Floats
    target: Floats
    #: Shape `(D,)`, both.
    weight: Floats
    loss: Floats


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of the pass, R of them; C is the number of classes, or of labels."""

    task: Task
    #: Rows of one example.
    per_example: int
    #: Shape `(R, C)`.
    probabilities: Floats
    #: Distributions over the classes, or the targets of the labels. Shape `(R, C)`.
    targets: Floats
    #: Shape `(R,)`.
    weight: Floats
    #: Shape `(R, 1)`, or `(R, C)` for several labels.
    loss: Floats
    #: Shape `(R,)`, each.
    masked: Booleans
    valid: Booleans
    finite: Booleans

    @property
    def size(self) -> int:
        return len(self.weight)

    @property
    def kept(self) -> Booleans:
        """Rows that are judged."""
        return ~self.masked & self.valid & self.finite

    @property
    def logits_per_row(self) -> int:
        return self.probabilities.shape[1] * (2 if self.task == "multilabel" else 1)

    def only(self, which: Booleans) -> Rows:
        """Some of the rows."""
        names = ("probabilities", "targets", "weight", "loss", "masked", "valid", "finite")
        return dataclasses.replace(self, **{name: getattr(self, name)[which] for name in names})

    def decisions(self) -> Decisions:
        """The decisions in the rows, row by row."""
        size, classes = self.probabilities.shape
        if self.task != "multilabel":
            true = self.targets.argmax(axis=1)
            return Decisions(
                self.task, classes, true, true, self.probabilities, self.targets, self.weight, self.loss[:, 0]
            )
        yes, target = self.probabilities.reshape(-1), self.targets.reshape(-1)
        return Decisions(
            task=self.task,
            num_groups=classes,
            group=np.tile(np.arange(classes), size),
            true=(target > 0.5).astype(np.int64),
            distribution=np.stack([1.0 - yes, yes], axis=1),
            target=np.stack([1.0 - target, target], axis=1),
            weight=np.repeat(self.weight, classes),
            loss=self.loss.reshape(-1),
        )


def rows_of(
    targets: ArrayLike,
    probabilities: ArrayLike,
    task: Task,
    class_axis: int,
    sample_weight: ArrayLike | None,
    mask: ArrayLike | None,
    ignore_class: int | None,
    loss: ArrayLike | None,
) -> Rows:
    """The arguments as arrays with a row for each token or pixel."""
    p, t = np.asarray(probabilities, np.float64), np.asarray(targets, np.float64)
    dense = task != "binary" and p.shape == t.shape
    if task == "binary":
        p = p[..., 1] if p.ndim > 1 and p.shape[-1] == 2 else p[..., 0] if p.ndim > 1 else p
        p = np.stack([1.0 - p, p], axis=-1)
    else:
        p = np.moveaxis(p, class_axis, -1)
    lead, classes = p.shape[:-1], p.shape[-1]
    t = np.moveaxis(t, class_axis, -1).reshape(-1, classes) if dense else t.reshape(-1)
    distributions, valid = _targets(t, classes, task)
    masked = np.zeros(lead, bool) if mask is None else ~np.asarray(mask, bool)
    masked = masked.reshape(-1)
    if ignore_class is not None:
        masked = masked | (t == ignore_class)
    p = p.reshape(-1, classes)
    weight = _weights(sample_weight, lead)
    if loss is None:
        losses = target_cross_entropy(distributions, p, each_label=task == "multilabel").reshape(len(p), -1)
    else:
        losses = np.asarray(loss, np.float64).reshape(len(p), -1)
    finite = np.isfinite(p).all(axis=1) & np.isfinite(weight) & np.isfinite(losses).all(axis=1)
    per_example = math.prod(lead[1:])
    return Rows(task, per_example, p, distributions, weight, losses, masked, valid, finite)


def _targets(t: Floats, classes: int, task: Task) -> tuple[Floats, Booleans]:
    """Targets as distributions, or as they are for several labels, and which of them mean something."""
    if task == "multilabel":
        return t, ((t >= 0) & (t <= 1)).all(axis=1)
    if task == "binary":
        return np.stack([1.0 - t, t], axis=1), (t >= 0) & (t <= 1)
    if t.ndim == 2:
        return t, (np.abs(t.sum(axis=1) - 1.0) < TARGET_TOLERANCE) & (t >= 0).all(axis=1)
    valid = (t >= 0) & (t < classes) & (t == np.floor(t))
    distributions = np.zeros((len(t), classes))
    distributions[valid, t[valid].astype(int)] = 1.0
    return distributions, valid


def _weights(sample_weight: ArrayLike | None, lead: tuple[int, ...]) -> Floats:
    """One weight for each row; those of an example hold for all of its rows."""
    weight = np.ones(lead[0]) if sample_weight is None else np.asarray(sample_weight, np.float64)
    while weight.ndim > 1 and (weight.ndim > len(lead) or weight.shape[-1] != lead[weight.ndim - 1]):
        weight = weight[..., 0]
    while weight.ndim < len(lead):
        weight = weight[..., None]
    return np.broadcast_to(weight, lead).reshape(-1)


def target_cross_entropy(targets: Floats, probabilities: Floats, *, each_label: bool = False) -> Floats:
    """-sum_j t_j ln p_j over the last axis; for labels of their own -t ln p - (1 - t) ln(1 - p) of each."""
    t, p = np.asarray(targets, np.float64), np.asarray(probabilities, np.float64)
    if each_label:
        return -times_log(t, p) - times_log(1.0 - t, 1.0 - p)
    return np.asarray(-times_log(t, p).sum(axis=-1))


def times_log(factor: Floats, p: Floats) -> Floats:
    """factor * ln p, 0 where the factor is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(factor == 0.0, 0.0, factor * np.log(p))
