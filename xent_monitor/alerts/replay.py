"""A recorded run, judged as if it were training now."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.report import EvaluationReport

__all__ = ["Replay", "replay"]


@dataclasses.dataclass(frozen=True)
class Replay:
    """What rules say of a recorded run."""

    #: What began to fire or was resolved, in the order of the training.
    events: tuple[AlertEvent, ...]
    #: Names of the rules that judge only passes or outputs that the run does not have.
    idle: tuple[str, ...]
    #: What rules raised, by their names: from then on they judged no longer.
    failures: Mapping[str, Exception]


def replay(rules: Iterable[AlertRule], reports: Sequence[EvaluationReport]) -> Replay:
    """Judge a recorded run by rules, epoch by epoch, as the monitor does while it trains.

    Passes of split `"test"` come after the training, each on its own, and the rules with `at_end` before them: that is
    when `model.evaluate` is called, and a training that goes on forgets the tests between.

    Args:
        rules: The rules; they may be other ones than the run was trained with. Their actions are not run.
        reports: All reports of the run, as `read_reports` gives them.

    Raises:
        ValueError: If a rule names a class that its output does not have; all such rules are named, one a line.

    Example:
        >>> from xent_monitor.statistics import ClassStatistics
        >>> empty = ClassStatistics.empty("binary", num_classes=2, num_bins=1)
        >>> def report(epoch, nats):
        ...     sums = dataclasses.replace(empty, support=[10, 10], cross_entropy_sum=[5.0, 10 * nats])
        ...     return EvaluationReport(epoch, "validation", "", ("dog", "cat"), sums)
        >>> rule = AlertRule(name="cat-is-bad", quantity="class_cross_entropy", class_name="cat", above=1.5)
        >>> found = replay([rule], [report(0, 1.0), report(1, 2.0), report(2, 1.2)])
        >>> [(event.epoch, event.state) for event in found.events]
        [(1, 'firing'), (2, 'resolved')]
    """
    engine = AlertEngine(rules)
    _check_classes(engine, reports)
    events: list[AlertEvent] = []
    training = [report for report in reports if report.split != "test"]
    for epoch in _epochs(training):
        events += engine.evaluate(epoch)
    events += engine.finish()
    for epoch in _epochs([report for report in reports if report.split == "test"]):
        events += engine.evaluate(epoch)
    passes = {(report.split, report.output) for report in reports}
    idle = [
        rule.name
        for rule in engine.rules
        if not any(split in rule.splits and rule.output in (None, output) for split, output in passes)
    ]
    return Replay(tuple(events), tuple(idle), dict(engine.failures))


def _epochs(reports: Sequence[EvaluationReport]) -> Iterator[list[EvaluationReport]]:
    """The reports of each epoch, the first epoch first."""
    by_epoch: dict[int, list[EvaluationReport]] = {}
    for report in reports:
        by_epoch.setdefault(report.epoch, []).append(report)
    return (by_epoch[epoch] for epoch in sorted(by_epoch))


def _check_classes(engine: AlertEngine, reports: Sequence[EvaluationReport]) -> None:
    names = {report.output: report.class_names for report in reports}
    problems: dict[str, None] = {}
    for output, class_names in names.items():
        try:
            engine.check(class_names, output)
        except ValueError as error:
            problems |= dict.fromkeys(str(error).splitlines())
    if problems:
        raise ValueError("\n".join(problems))
