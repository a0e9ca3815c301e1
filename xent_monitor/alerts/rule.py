"""`AlertRule`: what is looked for, and how sure it must be before anyone is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from xent_monitor.alerts.conditions import Threshold
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.alerts.fields import BOUNDS, SEVERITIES, Relation, Severity, problems
from xent_monitor.report import SPLITS, Split

__all__ = ["SEVERITIES", "AlertRule", "Diagnosis", "Observation", "Severity"]

#: A function that sees more than one number: what it says of each of its instances.
Diagnosis = Callable[[Evaluation], Iterable[Observation]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AlertRule:
    """A threshold on one quantity of the reports, or a diagnosis of the user's own.

    A rule on a quantity has exactly one of `above`, `below`, `rises_by` and `falls_by`. On a class quantity it has an
    instance for each class, unless `class_name` says otherwise. Differences (`rises_by`, `falls_by`, `relative_to`)
    must also exceed 3 standard errors, where the quantity has one: see `xent_monitor.alerts.noise`.

    Raises:
        ValueError: If a field holds what it must not; all problems are named at once, one a line.

    Example:
        >>> rule = AlertRule(
        ...     name="cat-is-bad", quantity="class_cross_entropy", class_name="cat", above=1.5, for_=3,
        ...     message="cat: {value:.2f} nats",
        ... )
        >>> rule.splits
        ('validation',)
        >>> AlertRule(name="drop", quantity="accuracy", falls_by=0)
        Traceback (most recent call last):
        ValueError: `falls_by` must be above 0: the direction is in its name. Received: falls_by=0.
    """

    #: Lower-case words joined by hyphens.
    name: str
    #: `"info"`, `"warning"` or `"critical"`.
    severity: Severity = "warning"

    #: Name of a quantity: one of `EvaluationReport.quantities()`.
    quantity: str | None = None
    #: Of a class quantity: the name of a class; `"any"` (so does None), where each class is an instance of its own; or
    #: `"all"`, one instance for which every class with enough support must cross the threshold.
    class_name: str | None = None
    #: The pass that is judged, or None for each of them.
    split: Split | None = "validation"
    #: Name of an output, or None for each of them.
    output: str | None = None
    #: Holds where the value is above this.
    above: float | None = None
    #: Holds where the value is below this.
    below: float | None = None
    #: Holds where the value has risen by this much or more over `over` evaluations, > 0.
    rises_by: float | None = None
    #: Holds where the value has fallen by this much or more over `over` evaluations, > 0.
    falls_by: float | None = None
    #: Evaluations (with data for the class) that lie between the two values of a change, >= 1.
    over: int = 1
    #: `"prior_entropy"`: `above` and `below` are multiples of the prior entropy of the pass. `"best"`, `"previous"`:
    #: they bound the difference to the best value so far (the lowest for `above`, the highest for `below`), or to the
    #: evaluation before, in the unit of the quantity; `above` is then >= 0 and `below` <= 0.
    relative_to: Relation | None = None
    #: Format string for the event, with `{value}`, `{threshold}`, `{epoch}`, `{split}`, `{output}`, `{class_name}`
    #: (empty where there is none), `{quantity}` and `{rule}`. None: a sentence with all of them.
    message: str | None = None

    #: Instead of a quantity: a function from an `Evaluation` to `Observation`s, one for each instance.
    diagnosis: Diagnosis | None = None
    #: The passes that the diagnosis judges.
    diagnosed_splits: tuple[Split, ...] = ("validation",)

    #: Evaluations in a row for which it must hold before it fires; 1 fires at once.
    for_: int = 1
    #: Evaluations for which it fires on after it last held.
    keep_firing_for: int = 0
    #: Evaluations of the split, from the first, that are not judged.
    after: int = 0
    #: Fewest examples, of the class or else of the pass, that are judged; with less the state stays as it is.
    min_support: int = 1
    #: Names of rules; while one of them holds or fires on the same output, the state of this one stays as it is.
    inhibited_by: tuple[str, ...] = ()
    #: Whether it is judged once, when training ends, on the last evaluation.
    at_end: bool = False
    #: What is done beyond the monitor's own actions: `"stop_training"`, `"raise_error"`, action objects or callables.
    actions: tuple[Any, ...] = dataclasses.field(default=(), hash=False)  # an object of the user's may have no hash

    def __post_init__(self) -> None:
        for name in ("diagnosed_splits", "inhibited_by", "actions"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        found = problems(self)
        if found:
            raise ValueError("\n".join(found))

    @property
    def splits(self) -> tuple[Split, ...]:
        """The passes that are judged."""
        if self.diagnosis is not None:
            return self.diagnosed_splits
        return SPLITS if self.split is None else (self.split,)

    def observe(self, evaluation: Evaluation) -> Iterable[Observation]:
        """What one evaluation says about each instance: by the diagnosis, or by the threshold."""
        if self.diagnosis is not None:
            return self.diagnosis(evaluation)
        return self.threshold.observe(evaluation)

    @property
    def threshold(self) -> Threshold:
        """The condition of a rule on a quantity.

        Raises:
            ValueError: If it is a rule with a diagnosis.
        """
        bounds = {name: getattr(self, name) for name in BOUNDS if getattr(self, name) is not None}
        if self.quantity is None or not bounds:
            raise ValueError(f"A rule must have a `quantity` to have a threshold. Received: rule {self.name!r}.")
        ((kind, bound),) = bounds.items()
        return Threshold(
            rule=self.name,
            quantity=self.quantity,
            class_name=self.class_name,
            kind=kind,
            bound=float(bound),
            over=self.over,
            relative_to=self.relative_to,
            min_support=self.min_support,
            message=self.message,
        )
