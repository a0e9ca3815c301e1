"""`AlertEngine`: reports in, alert events out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from xent_monitor.alerts.conditions import Judged
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.messages import end_of_diagnosis, place
from xent_monitor.alerts.rule import SEVERITIES, AlertRule, Severity
from xent_monitor.alerts.state import NEW, Instance, State, step
from xent_monitor.report import SPLITS, EvaluationReport, Split, sort_key

__all__ = ["AlertEngine", "Standing"]

#: Names of classes that an error lists at most.
LISTED_CLASSES = 20

#: Instances of one rule, split and output that are not inactive, by class (of a threshold: by its index).
Active = Mapping[Any, Instance]

#: Instances, by the same, and whether the condition holds for each.
Verdicts = Sequence[tuple[Any, bool | None]]


class Standing(NamedTuple):
    """How the alerts of one split and output stand after its last pass, in plain values."""

    #: Of the last pass.
    epoch: int
    split: Split
    output: str
    #: Name and severity of each rule that judges it, in order; those that were switched off are left out.
    rules: list[tuple[str, Severity]]
    #: What is not inactive: rule, severity, name of the class, its index, and `"pending"` or `"firing"`. What fires is
    #: first, and of that the gravest. The class is None where it is about the whole output.
    instances: list[tuple[str, Severity, str | None, int | None, str]]
    #: What was told of the last pass, in the same order.
    events: list[AlertEvent]


class AlertEngine:
    """Judges the reports of a training by rules, and says when an alert begins to fire and when it is resolved.

    It knows no clock: the events follow from the rules and the reports alone. To go on after an interruption, give it
    the reports of the epochs before again; it then says what it would have said without one.

    Args:
        rules: In the order in which they are judged within an epoch; those that inhibit others come before these.

    Raises:
        TypeError: If one of them is no `AlertRule`.
        ValueError: If two have the same name, or they inhibit each other in a circle.

    Example:
        >>> import dataclasses
        >>> from xent_monitor.statistics import ClassStatistics
        >>> def report(epoch, nats):
        ...     empty = ClassStatistics.empty("binary", num_classes=2, num_bins=1)
        ...     sums = dataclasses.replace(empty, support=[10, 10], cross_entropy_sum=[5.0, 10 * nats])
        ...     return EvaluationReport(epoch, "validation", "", ("dog", "cat"), sums)
        >>> rule = AlertRule(name="cat-is-bad", quantity="class_cross_entropy", class_name="cat", above=1.5, for_=2)
        >>> engine = AlertEngine([rule])
        >>> for epoch, nats in enumerate([2.0, 1.75, 1.6, 0.9]):
        ...     for event in engine.evaluate([report(epoch, nats)]):
        ...         print(event.state, "-", event.message)
        firing - class_cross_entropy of class cat is 1.75 on validation at epoch 1: above the 1.5 of rule cat-is-bad.
        resolved - Rule cat-is-bad no longer holds: class_cross_entropy of class cat is 0.9 on validation at epoch 3,
            the threshold 1.5.
    """

    def __init__(self, rules: Iterable[AlertRule]) -> None:
        self.rules: tuple[AlertRule, ...] = tuple(rules)
        for rule in self.rules:
            if not isinstance(rule, AlertRule):
                raise TypeError(f"`rules` must hold `AlertRule` objects only. Received: {rule!r}.")
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"`rules` must have distinct names. Received more than once: {', '.join(twice)}.")
        self._order = _inhibitors_first(self.rules)
        self.reset()

    def reset(self) -> None:
        """Forget all reports and states: a new run begins."""
        #: What rules raised, by their names: they are switched off, and their instances stay as they are.
        self.failures: dict[str, Exception] = {}
        self._reports: list[EvaluationReport] = []
        self._active: dict[tuple[str, str, str], Active] = {}
        # What was told of the last pass of each split and output.
        self._events: dict[tuple[str, str], list[AlertEvent]] = {}

    def check(self, class_names: Sequence[str], output: str | None = None) -> None:
        """Check that the classes that rules name exist, as soon as the classes are known.

        Args:
            class_names: Names of all classes.
            output: Name of the output that has these classes; rules on another are left out. None: no rule is.

        Raises:
            ValueError: If a rule names another class; all such rules are named at once, one a line.
        """
        found = []
        for rule in self.rules:
            elsewhere = None not in (output, rule.output) and output != rule.output
            if elsewhere or rule.class_name in (None, "any", "all", *class_names):
                continue
            close = difflib.get_close_matches(str(rule.class_name), class_names, n=3)
            hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
            listed = ", ".join(map(repr, class_names[:LISTED_CLASSES]))
            more = f", and {len(class_names) - LISTED_CLASSES} more" if len(class_names) > LISTED_CLASSES else ""
            found.append(
                f"`class_name` of rule {rule.name!r} must be the name of a class, 'any' or 'all'. "
                f"Received: class_name={rule.class_name!r}.{hint} Classes: {listed}{more}."
            )
        if found:
            raise ValueError("\n".join(found))

    def evaluate(self, reports: Sequence[EvaluationReport]) -> list[AlertEvent]:
        """Judge the passes of one epoch.

        Args:
            reports: All reports of the epoch, of any splits and outputs, in any order. They are kept.

        Returns:
            The transitions to firing and to resolved, by rule, then split, output and class.

        Raises:
            ValueError: If the reports are of several epochs, or two are of the same split and output.
        """
        _check_one_epoch(reports)
        new = sorted(reports, key=sort_key)
        self._reports += new
        self._events |= {(report.split, report.output): [] for report in new}
        return self._judge([self._evaluation(report) for report in new])

    def finish(self) -> list[AlertEvent]:
        """Judge the last pass of each split and output by the rules with `at_end`: training has ended."""
        last = {(report.split, report.output): report for report in self._reports}
        ends = sorted(last.values(), key=lambda report: sort_key(report)[1:])
        return self._judge([self._evaluation(report, final=True) for report in ends], at_end=True)

    def states(self) -> dict[tuple[str, str], State]:
        """The highest state of the instances of each rule, by its name and split."""
        states = {(rule.name, str(split)): State.INACTIVE for rule in self.rules for split in rule.splits}
        for (name, split, _), active in self._active.items():
            states[name, split] = max([states[name, split], *(instance.state for instance in active.values())])
        return states

    def standings(self) -> list[Standing]:
        """How the alerts of each split and output stand, in the order of their first reports."""
        last = {(report.split, report.output): report for report in self._reports}
        return [self._standing(report) for report in last.values()]

    def _standing(self, report: EvaluationReport) -> Standing:
        rules = [
            rule
            for rule in self.rules
            if rule.name not in self.failures and report.split in rule.splits and rule.output in (None, report.output)
        ]
        events = sorted(self._events[report.split, report.output], key=_gravest_first)
        return Standing(
            report.epoch,
            report.split,
            report.output,
            rules=[(rule.name, rule.severity) for rule in rules],
            instances=list(self._instances(report)),
            events=events,
        )

    def _instances(self, report: EvaluationReport) -> Iterator[tuple[str, Severity, str | None, int | None, str]]:
        """The instances that are not inactive, as in `Standing`."""
        indices: dict[str | None, int] = {}
        gravest_first = sorted(self.rules, key=lambda rule: -SEVERITIES.index(rule.severity))
        for state, word in ((State.FIRING, "firing"), (State.PENDING, "pending")):
            for rule in gravest_first:
                active = self._active.get((rule.name, report.split, report.output), {})
                keys = [key for key, instance in active.items() if instance.state is state]
                for name in _names_of(keys, rule, report):
                    if name is not None and not indices:
                        indices = {each: index for index, each in enumerate(report.class_names)}
                    yield rule.name, rule.severity, name, indices.get(name), word

    def _evaluation(self, report: EvaluationReport, final: bool = False) -> Evaluation:
        same_output = [other for other in self._reports if other.output == report.output and other is not report]
        return Evaluation(
            report,
            earlier=tuple(other for other in same_output if other.split == report.split),
            others=tuple(other for other in same_output if other.split != report.split),
            final=final,
        )

    def _judge(self, evaluations: Sequence[Evaluation], at_end: bool = False) -> list[AlertEvent]:
        return [
            event
            for rule in self._order
            if rule.at_end == at_end
            for evaluation in evaluations
            if self._is_due(rule, evaluation)
            for event in self._step(rule, evaluation)
        ]

    def _is_due(self, rule: AlertRule, evaluation: Evaluation) -> bool:
        """Whether the rule has anything to say about a pass."""
        report = evaluation.report
        if rule.name in self.failures or report.split not in rule.splits or rule.output not in (None, report.output):
            return False
        too_few = rule.diagnosis is not None and report.num_examples < rule.min_support
        if too_few or len(evaluation.earlier) < rule.after:
            return False
        # A rule that was switched off must not silence the others for good.
        inhibitors = [name for name in rule.inhibited_by if name not in self.failures]
        return not any(self._active.get((name, split, report.output)) for name in inhibitors for split in SPLITS)

    def _step(self, rule: AlertRule, evaluation: Evaluation) -> list[AlertEvent]:
        where = (rule.name, evaluation.report.split, evaluation.report.output)
        try:
            active, events = _transitions(rule, evaluation, self._active.get(where, {}))
        except Exception as error:
            self.failures[rule.name] = error
            return []
        self._active[where] = active
        self._events[where[1:]] += events
        return events


def _gravest_first(event: AlertEvent) -> tuple[bool, int]:
    """Key that sorts what begins to fire before what is resolved, and of each the gravest first."""
    return event.state != "firing", -SEVERITIES.index(event.severity)


def _names_of(keys: Sequence[Any], rule: AlertRule, report: EvaluationReport) -> Sequence[str | None]:
    """Names of the classes of some instances of a rule; None where one is about the whole output."""
    if rule.diagnosis is not None or not keys:
        return keys
    names = rule.threshold.names(report.class_names)
    # A class that the last pass no longer has is not judged any more.
    return [names[index] for index in keys if index < len(names)]


def _transitions(rule: AlertRule, evaluation: Evaluation, active: Active) -> tuple[Active, list[AlertEvent]]:
    """The instances after an evaluation, and what is to be told of it."""
    verdicts, find = _observe(rule, evaluation, active)
    after = dict(active)
    events = []
    for key, holds in verdicts:
        before = active.get(key, NEW)
        now = step(before, holds, for_=rule.for_, keep_firing_for=rule.keep_firing_for)
        after[key] = now
        if now.state is State.INACTIVE:
            del after[key]
        if (now.state is State.FIRING) != (before.state is State.FIRING):
            events.append(_event(rule, evaluation, find(key), firing=now.state is State.FIRING))
    return after, events


def _observe(rule: AlertRule, evaluation: Evaluation, active: Active) -> tuple[Verdicts, Callable[[Any], Observation]]:
    """What there is to say of the instances, and the way to find the observation of one."""
    observed: object = rule.observe(evaluation)
    if isinstance(observed, Judged):
        return observed.changes(active), observed.observation
    if not isinstance(observed, Iterable):
        raise TypeError(f"A diagnosis must return an iterable of `Observation`. Received: {observed!r}.")
    found: dict[str | None, Observation] = {}
    for observation in observed:
        if not isinstance(observation, Observation):
            raise TypeError(f"A diagnosis must return an iterable of `Observation`. Received one of {observation!r}.")
        name = observation.class_name
        if name in found:
            raise ValueError(f"A diagnosis must say one thing of each class. Received: two of class_name={name!r}.")
        found[name] = observation
    report = evaluation.report
    too_few = {report.class_names[index] for index in np.flatnonzero(report.support < rule.min_support)}
    return [(name, None if name in too_few else seen.holds) for name, seen in found.items()], found.__getitem__


def _event(rule: AlertRule, evaluation: Evaluation, observation: Observation, *, firing: bool) -> AlertEvent:
    report = evaluation.report
    value, threshold = float(observation.value), float(observation.threshold)
    message = observation.message
    if not firing and rule.diagnosis is not None:
        where = place(report.epoch, report.split, report.output)
        message = end_of_diagnosis(rule.name, observation.class_name, where, value, threshold)
    return AlertEvent(
        rule=rule.name,
        state="firing" if firing else "resolved",
        severity=rule.severity,
        epoch=report.epoch,
        split=report.split,
        output=report.output,
        class_name=observation.class_name,
        value=value,
        threshold=threshold,
        message=message,
    )


def _check_one_epoch(reports: Sequence[EvaluationReport]) -> None:
    epochs = sorted({report.epoch for report in reports})
    if len(epochs) > 1:
        raise ValueError(f"`reports` must be of one epoch. Received: epochs {', '.join(map(str, epochs))}.")
    passes = [(report.split, report.output) for report in reports]
    twice = sorted({one for one in passes if passes.count(one) > 1})
    if twice:
        names = ", ".join(f"{split} of {output}" if output else split for split, output in twice)
        raise ValueError(f"`reports` must hold one report for each split and output. Received more of: {names}.")


def _inhibitors_first(rules: Sequence[AlertRule]) -> tuple[AlertRule, ...]:
    """The rules in their order, but for those that inhibit one before them; names of other rules are left out."""
    by_name = {rule.name: rule for rule in rules}
    ordered: dict[str, AlertRule] = {}

    def add(rule: AlertRule, above: tuple[str, ...]) -> None:
        if rule.name in above:
            circle = " <- ".join((*above[above.index(rule.name) :], rule.name))
            raise ValueError(f"`inhibited_by` must not lead back to the rule itself. Received: {circle}.")
        if rule.name not in ordered:
            for name in rule.inhibited_by:
                if name in by_name:
                    add(by_name[name], (*above, rule.name))
            ordered[rule.name] = rule

    for rule in rules:
        add(rule, ())
    return tuple(ordered.values())
