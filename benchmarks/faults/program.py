"""What a program of the benchmark is, and the registry that all of them enter."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

WARNING_RULES = frozenset(
    [
        *("non-finite", "invalid-probabilities", "invalid-labels", "inconsistent-loss", "constant-output"),
        *("bad-initial-loss", "no-skill", "worse-than-prior", "below-chance", "redundant-softmax", "class-collapse"),
        *("neglected-class", "loss-accuracy-divergence", "overfitting", "validation-mismatch", "diverging"),
        *("oscillating", "over-regularized"),
    ]
)
INFO_RULES = frozenset(["miscalibrated", "label-noise", "still-improving"])

Make = Callable[[int], tuple[Any, dict[str, Any]]]


@dataclasses.dataclass(frozen=True)
class Program:
    """An ordinary training program: a compiled model and what to hand to its `fit`."""

    #: Lower case words with hyphens; a fixed twin ends in `--fixed`.
    id: str
    #: `"faulty"` or `"healthy"`.
    kind: str
    #: The other half of a pair; None for a healthy program that stands alone.
    twin: str | None
    #: Rule ids that are right answers; empty for healthy programs.
    expected: frozenset[str]
    #: The rule that the case was written for.
    primary: str | None
    #: The fault, its mending, or what a loud rule would trip over.
    what: str
    #: Seed -> compiled model and arguments of `fit`.
    make: Make
    #: The data, in words.
    data: str

    def build(self, seed: int = 0) -> tuple[Any, dict[str, Any]]:
        """The compiled model and the keyword arguments of `fit`, the same for the same seed."""
        import keras

        keras.utils.clear_session()
        keras.utils.set_random_seed(7919 * (seed + 1) % 100003)
        model, fit_arguments = self.make(seed)
        # The weights come from the seed above; all that `fit` draws (order, dropout) from this one.
        keras.utils.set_random_seed(104729 * (seed + 1) % 1000003)
        return model, {"verbose": 0, **fit_arguments}


PROGRAMS: dict[str, Program] = {}


def _register(program: Program) -> None:
    if program.id in PROGRAMS:
        raise ValueError(f"There are two programs with the id {program.id!r}.")
    PROGRAMS[program.id] = program


def pair(
    id_: str, primary: str, also: Iterable[str] = (), *, fault: str, fix: str, data: str
) -> Callable[[Callable[[int, bool], Any]], Callable[[int, bool], Any]]:
    """Register `function(seed, faulty)` as a faulty program and its fixed twin, which differ in the fault alone."""

    def register(function: Callable[[int, bool], Any]) -> Callable[[int, bool], Any]:
        twin = f"{id_}--fixed"
        right = frozenset([primary, *also])
        _register(Program(id_, "faulty", twin, right, primary, fault, lambda seed: function(seed, True), data))
        _register(Program(twin, "healthy", id_, frozenset(), None, fix, lambda seed: function(seed, False), data))
        return function

    return register


def healthy(id_: str, *, what: str, data: str) -> Callable[[Make], Make]:
    """Register `function(seed)` as a healthy program that looks like a faulty one to a loud rule."""

    def register(function: Make) -> Make:
        _register(Program(id_, "healthy", None, frozenset(), None, what, function, data))
        return function

    return register
