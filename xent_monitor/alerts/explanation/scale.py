"""The scale that a cross-entropy stands on: the yardsticks around it, in order."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from xent_monitor import baselines
from xent_monitor.alerts.explanation.facts import Facts
from xent_monitor.interpretation.wording import decimal, exact_percent, probability

__all__ = ["Yardstick", "scale"]

#: Yardsticks that are as close as this are one.
SAME = 1e-9


@dataclasses.dataclass(frozen=True)
class Yardstick:
    """A cross-entropy to compare with."""

    #: Name, for programs: `"prior_entropy"`, `"this"`.
    name: str
    #: Nats.
    nats: float
    #: Who scores it.
    meaning: str


def scale(facts: Facts) -> tuple[Yardstick, ...]:
    """All yardsticks and the model itself (`"this"`), the lowest first."""
    return tuple(sorted(_yardsticks(facts), key=lambda one: (one.nats, one.name != "this")))


def _yardsticks(facts: Facts) -> Iterator[Yardstick]:
    numbers = facts.numbers
    if numbers.label_smoothing:
        yield Yardstick(
            "label_smoothing_floor", facts.floor, f"the least with labels smoothed by {numbers.label_smoothing:g}"
        )
    else:
        yield Yardstick("zero", 0.0, "every true class has probability 1")
    yield from _bounds(facts)
    yield from _ignorance(facts)
    yield Yardstick(
        "redundant_softmax", facts.redundant[0], "the least that a soft-max applied twice allows, however right"
    )
    if numbers.train_cross_entropy is not None:
        yield Yardstick("train", numbers.train_cross_entropy, "the training pass of this model")
    yield Yardstick(
        "clip", baselines.CLIP_CEILING, "the most that an example costs from probabilities, which Keras clips at 1e-7"
    )
    yield Yardstick("this", facts.ce, f"this model: {_position(facts)}")


def _bounds(facts: Facts) -> Iterator[Yardstick]:
    right = exact_percent(facts.accuracy)
    if facts.least > facts.floor + SAME:
        yield Yardstick("least", facts.least, f"the least of any model that is right {right} of the time")
    low, high = facts.calibrated
    calibrated = f"of a calibrated model that is right {right} of the time"
    if low > facts.least + SAME:
        yield Yardstick("calibrated_least", low, f"the least {calibrated}")
    if high < facts.prior - SAME and high > facts.least + SAME:
        yield Yardstick("calibrated_most", high, f"the most {calibrated}")


def _ignorance(facts: Facts) -> Iterator[Yardstick]:
    guess = f"a fair guess among {facts.k} classes: ln {facts.k}"
    if facts.uniform - facts.prior > SAME:
        yield Yardstick("prior_entropy", facts.prior, "knows the class shares and nothing else")
        yield Yardstick("uniform", facts.uniform, guess)
    else:
        shares = "equal as the class shares are" if facts.numbers.shares else "equal class shares too"
        yield Yardstick("uniform", facts.uniform, f"{guess} ({shares})")


def _position(facts: Facts) -> str:
    """Skill, perplexity and probability of the true class, where they have a meaning."""
    parts = [f"skill {exact_skill(facts.skill)}"] if math.isfinite(facts.skill) else []
    if facts.numbers.label_smoothing:
        return ", ".join(parts)
    parts.append(f"{probability(baselines.geometric_mean_probability(facts.ce))} for the true class")
    effective = baselines.perplexity(facts.ce)
    if effective < 1e6:
        parts.append(f"as unsure as a fair pick among {decimal(effective, 1 if effective < 100 else 0)}")
    return ", ".join(parts)


def exact_skill(skill: float) -> str:
    """A skill in percent, with a decimal near 0; it may be far below 0."""
    return f"{decimal(100 * skill, 1 if abs(skill) < 0.1 else 0)} %"
