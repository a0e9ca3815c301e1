"""The condition of a rule on a quantity: from the passes so far to what holds, for all classes at once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.alerts.fields import CHANGES, PLACEHOLDERS, Relation
from xent_monitor.alerts.messages import Sight, firing_message, resolved_message
from xent_monitor.alerts.noise import NOISE, STANDARD_ERRORS
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["Judged", "Threshold"]

HOLDS, HOLDS_NOT, MISSING = 1, 0, -1
#: What a verdict says.
VERDICTS: dict[int, bool | None] = {HOLDS: True, HOLDS_NOT: False, MISSING: None}

#: Quantities that are defined for a pass in which no example could be judged: their support are its rows.
OF_ROWS = frozenset(
    {
        "initial_cross_entropy",
        "invalid_labels",
        "logged_loss",
        "masked",
        "non_finite",
        "non_finite_weights",
        "num_examples",
        "regularization",
    }
)
#: Quantities of a label that are about its positives alone, which are its support then; of others it is all examples.
OF_POSITIVES = frozenset({"class_positive_cross_entropy", "class_precision", "class_recall"})
#: Relative rounding error of a difference, for those that are meant to be equal to their bound.
ROUNDING = 1e-9


class Levels(NamedTuple):
    """The numbers of each instance; shape `(num_classes,)`, or `(1,)` of a scalar quantity. NaN: there is none."""

    value: Floats
    #: What the value is compared with, in its unit.
    threshold: Floats
    #: The earlier value that the threshold is counted from.
    reference: Floats
    #: How far the value is beyond the threshold, or beyond noise if that is less.
    excess: Floats
    #: `HOLDS`, `HOLDS_NOT` or `MISSING`.
    verdict: NDArray[np.int8]

    def at(self, indices: Sequence[int]) -> Levels:
        """Those of some instances."""
        chosen = list(indices)
        return Levels._make(array[chosen] for array in self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Threshold:
    """A threshold on one quantity; the fields are those of `AlertRule`, which has checked them."""

    rule: str
    quantity: str
    class_name: str | None
    #: `"above"`, `"below"`, `"rises_by"` or `"falls_by"`.
    kind: str
    bound: float
    over: int
    relative_to: Relation | None
    min_support: int
    message: str | None

    @property
    def of_classes(self) -> bool:
        """Whether the quantity has a number for each class."""
        return self.quantity in EvaluationReport.class_quantities()

    def observe(self, evaluation: Evaluation) -> Judged:
        """What an evaluation says: an observation of each instance, made when it is asked for."""
        names: tuple[str | None, ...] = evaluation.report.class_names if self.of_classes else (None,)
        judged = Judged(self, evaluation, self._levels(evaluation), names)
        if not self.of_classes or self.class_name in (None, "any"):
            return judged
        if self.class_name == "all":
            return judged.all_classes()
        return judged.only([index for index, name in enumerate(names) if name == self.class_name])

    def names(self, class_names: Sequence[str]) -> Sequence[str | None]:
        """Class of each instance that `observe` finds, given those of the output; None where it is about all of it."""
        if not self.of_classes or self.class_name == "all":
            return (None,)
        return class_names if self.class_name in (None, "any") else (self.class_name,)

    @property
    def _sign(self) -> float:
        """1 where the value must be too high, -1 where it must be too low."""
        return 1.0 if self.kind in ("above", "rises_by") else -1.0

    def _levels(self, evaluation: Evaluation) -> Levels:
        report = evaluation.report
        value = self._values(report)
        reference = np.full_like(value, math.nan)
        slack, noise = np.zeros_like(value), np.zeros_like(value)
        if self._is_difference:
            reference, error = self._at(evaluation.earlier, self._reference_passes(evaluation.earlier, value))
            threshold = reference + (self._sign * self.bound if self.kind in CHANGES else self.bound)
            noise = NOISE * np.hypot(self._errors(report), error)
            slack = ROUNDING * np.fmax(abs(value), abs(reference))
        elif self.relative_to == "prior_entropy":
            prior = report.prior_entropy
            threshold = np.full_like(value, self.bound * prior if prior > 0 else math.nan)
            noise = NOISE * self._errors(report)
        else:
            threshold = np.full_like(value, self.bound)
        with np.errstate(invalid="ignore"):
            gap = self._sign * (value - threshold)
            distance = self._sign * (value - reference) if self._is_difference else gap
            excess = np.minimum(gap, distance - noise)
            crossed = gap >= -slack if self.kind in CHANGES else gap > slack
            verdict = np.where(np.isnan(excess), -1, crossed & (distance > noise))
        return Levels(value, threshold, reference, excess, verdict.astype(np.int8))

    @property
    def _is_difference(self) -> bool:
        return self.kind in CHANGES or self.relative_to in ("best", "previous")

    def _values(self, report: EvaluationReport) -> Floats:
        """The value of each instance, NaN where there are too few examples."""
        value = np.atleast_1d(np.asarray(getattr(report, self.quantity), np.float64))
        return np.where(self._support(report) >= self.min_support, value, math.nan)

    def _support(self, report: EvaluationReport) -> Integers:
        """Examples, or rows, that the value of each instance is judged on."""
        sums = report.statistics
        if self.of_classes:
            if self.quantity == "class_negative_cross_entropy" and report.task == "multilabel":
                return sums.class_examples - report.support
            return report.support if self.quantity in OF_POSITIVES else sums.class_examples
        if self.quantity == "masked":
            return np.asarray([sums.num_rows + sums.masked])
        return np.asarray([sums.num_rows if self.quantity in OF_ROWS else report.num_examples])

    def _errors(self, report: EvaluationReport) -> Floats:
        """The standard error of each instance; 0 where the quantity has none."""
        error = STANDARD_ERRORS[self.quantity](report) if self.quantity in STANDARD_ERRORS else 0.0
        return np.atleast_1d(np.asarray(error, np.float64))

    def _reference_passes(self, earlier: Sequence[EvaluationReport], value: Floats) -> Integers:
        """Index of the earlier pass that each instance is compared with; -1 where there is none."""
        if self.relative_to == "best":
            return self._best_passes(earlier, len(value))
        places = np.full(len(value), -1, np.int64)
        # Evaluations without data do not count, so that a class that is absent now and then keeps its pace.
        to_go = np.full(len(value), self.over, np.int64)
        for place in range(len(earlier) - 1, -1, -1):
            present = ~np.isnan(self._values(earlier[place]))
            to_go -= present
            places[present & (to_go == 0)] = place
            if not (~np.isnan(value) & (to_go > 0)).any():
                break
        return places

    def _best_passes(self, earlier: Sequence[EvaluationReport], size: int) -> Integers:
        """The same for the best value: the lowest where the value must not be high, else the highest."""
        places = np.full(size, -1, np.int64)
        best = np.full(size, math.inf)
        for place, report in enumerate(earlier):
            candidate = self._sign * self._values(report)
            better = candidate < best
            best[better] = candidate[better]
            places[better] = place
        return places

    def _at(self, earlier: Sequence[EvaluationReport], places: Integers) -> tuple[Floats, Floats]:
        """Value and standard error of each instance at its place; NaN where that is -1."""
        values, errors = np.full(len(places), math.nan), np.full(len(places), math.nan)
        for place in np.unique(places[places >= 0]):
            here = places == place
            values[here] = self._values(earlier[place])[here]
            errors[here] = np.broadcast_to(self._errors(earlier[place]), len(places))[here]
        return values, errors


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """What a threshold says of one evaluation: its observations, each made when it is asked for.

    With 1000 classes most say nothing new; the verdicts alone tell which have to be looked at.
    """

    threshold: Threshold
    evaluation: Evaluation
    levels: Levels
    #: Class of each instance; None where it is about the whole output.
    names: tuple[str | None, ...]
    #: Where one instance stands for every class: the class that its numbers are of, and how many were judged.
    nearest: str | None = None
    classes: int = 0

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Observation]:
        return map(self.observation, range(len(self)))

    def changes(self, active: Iterable[Any]) -> list[tuple[int, bool | None]]:
        """Index and verdict of the instances that hold, and of those that are active already."""
        verdicts = self.levels.verdict
        holding = np.flatnonzero(verdicts == HOLDS).tolist()
        return [(index, VERDICTS[int(verdicts[index])]) for index in sorted({*holding, *active}) if index < len(self)]

    def observation(self, index: int) -> Observation:
        """The observation of one instance."""
        holds = VERDICTS[int(self.levels.verdict[index])]
        value, threshold = float(self.levels.value[index]), float(self.levels.threshold[index])
        return Observation(holds, value, threshold, self.names[index], self._message(index, holds))

    def only(self, indices: Sequence[int]) -> Judged:
        """These instances alone."""
        return dataclasses.replace(
            self,
            levels=self.levels.at(indices),
            names=tuple(self.names[index] for index in indices),
        )

    def all_classes(self) -> Judged:
        """One instance, which holds where every class that was judged does; its numbers are of the last to do so."""
        known = np.flatnonzero(self.levels.verdict != MISSING)
        if known.size == 0:
            return dataclasses.replace(self.only([0]), names=(None,))
        last = int(known[self.levels.excess[known].argmin()])
        holds = (self.levels.verdict[known] == HOLDS).all()
        judged = self.only([last])
        levels = judged.levels._replace(verdict=np.asarray([holds], np.int8))
        return dataclasses.replace(judged, levels=levels, names=(None,), nearest=self.names[last], classes=known.size)

    def _message(self, index: int, holds: bool | None) -> str:
        threshold, report = self.threshold, self.evaluation.report
        if holds is None:
            return ""
        sight = Sight(
            rule=threshold.rule,
            quantity=threshold.quantity,
            kind=threshold.kind,
            bound=threshold.bound,
            relative_to=threshold.relative_to,
            over=threshold.over,
            epoch=report.epoch,
            split=report.split,
            output=report.output,
            class_name=self.nearest if self.classes else self.names[index],
            value=float(self.levels.value[index]),
            threshold=float(self.levels.threshold[index]),
            reference=float(self.levels.reference[index]),
            classes=self.classes,
        )
        if not holds:
            return resolved_message(sight)
        if threshold.message is None:
            return firing_message(sight)
        fields = {name: getattr(sight, name) for name in PLACEHOLDERS if name != "class_name"}
        return threshold.message.format(**fields, class_name=self.names[index] or "")
