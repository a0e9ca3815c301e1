"""`Numbers`: what is known of a model, and whether it can be meant."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

__all__ = ["Numbers"]

#: How far shares may miss a sum of 1 that were rounded as they were written down.
SUM_TOLERANCE = 0.01


@dataclasses.dataclass(frozen=True, kw_only=True)
class Numbers:
    """A cross-entropy and an accuracy of the same examples, and what else is known.

    Raises:
        ValueError: If one of them cannot be; all are named at once, one a line.

    Example:
        >>> Numbers(num_classes=10, cross_entropy=2.31, accuracy=11)
        Traceback (most recent call last):
        ValueError: `accuracy` must be a share in [0, 1]. Received: accuracy=11. Write 11 percent as 0.11.
    """

    #: Number of classes K, >= 2; a single output unit tells two classes apart.
    num_classes: int
    #: Mean over the examples, nats, >= 0.
    cross_entropy: float
    #: Share of right answers, in [0, 1].
    accuracy: float
    #: Share of each class among the labels, or how many examples it has. None: not known.
    prior: Sequence[float] | None = None
    #: Examples that the numbers are means over, >= 1. None: not known.
    examples: int | None = None
    #: The same two of the training pass; those above are then of the validation.
    train_cross_entropy: float | None = None
    train_accuracy: float | None = None
    #: Mean largest probability, in [1 / K, 1].
    confidence: float | None = None
    #: Share of each label that is spread over all classes, in [0, 1), if the cross-entropies are against such labels.
    label_smoothing: float = 0.0
    #: By how much cross-entropy and accuracy may be off, because of how many decimals were written.
    cross_entropy_rounding: float = 0.0
    accuracy_rounding: float = 0.0
    #: The same of the confidence.
    confidence_rounding: float = 0.0

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        if self.prior is not None:
            object.__setattr__(self, "prior", tuple(map(float, self.prior)))

    @property
    def shares(self) -> tuple[float, ...] | None:
        """Share of each class, adding up to 1; None where they are not known."""
        if self.prior is None:
            return None
        total = math.fsum(self.prior)
        return tuple(value / total for value in self.prior)


def _problems(numbers: Numbers) -> Iterator[str]:
    k = numbers.num_classes
    if k < 2:
        hint = " A single output unit tells 2 classes apart." if k == 1 else ""
        yield f"`num_classes` must be an integer >= 2. Received: num_classes={k}.{hint}"
        return
    for name in ("cross_entropy", "train_cross_entropy"):
        yield from _no_cross_entropy(name, getattr(numbers, name))
    for name, least in (("accuracy", 0.0), ("train_accuracy", 0.0), ("confidence", 1 / k)):
        yield from _no_share(name, getattr(numbers, name), least)
    if numbers.examples is not None and numbers.examples < 1:
        yield f"`examples` must be an integer >= 1. Received: examples={numbers.examples}."
    if not 0 <= numbers.label_smoothing < 1:
        yield (
            f"`label_smoothing` must be at least 0 and below 1. Received: label_smoothing={numbers.label_smoothing:g}."
        )
    if numbers.prior is not None:
        yield from _no_prior(numbers.prior, k)


def _no_cross_entropy(name: str, value: float | None) -> Iterator[str]:
    if value is None or 0 <= value < math.inf:
        return
    hint = "" if value < 0 else " A loss that is not finite says no more than that: see the rule non-finite."
    if value < 0:
        hint = " A loss below 0 is no cross-entropy of probabilities: what are the loss and its inputs?"
    yield f"`{name}` must be a finite number >= 0. Received: {name}={value:g}.{hint}"


def _no_share(name: str, value: float | None, least: float) -> Iterator[str]:
    # As far as it was rounded, a confidence may be below 1 / K.
    if value is None or (least - 0.005 <= value <= 1 and value >= 0):
        return
    kind = "a share in [0, 1]" if least == 0 else f"in [1 / K, 1], from {least:.3g} to 1"
    hint = f" Write {value:g} percent as {value / 100:g}." if 1 < value <= 100 else ""
    yield f"`{name}` must be {kind}. Received: {name}={value:g}.{hint}"


def _no_prior(prior: Sequence[float], num_classes: int) -> Iterator[str]:
    if len(prior) != num_classes:
        yield f"`prior` must have a value for each of the {num_classes} classes. Received: {len(prior)} values."
        return
    bad = [index for index, value in enumerate(prior) if not 0 <= value < math.inf]
    if bad:
        yield f"`prior` must have finite values >= 0. Received: {prior[bad[0]]:g} for class {bad[0]}."
        return
    total = math.fsum(prior)
    counts = total > 0 and all(float(value).is_integer() for value in prior)
    if not counts and abs(total - 1) > SUM_TOLERANCE:
        yield (
            "`prior` must be shares that add up to 1, or whole numbers of examples. "
            f"Received: values that add up to {total:g}."
        )
