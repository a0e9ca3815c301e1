"""Unit tests of alert rules: series of values, and the alerts that must follow from them.

The values go through the same engine as those of a training. The format of the files is in
`docs/reference/rule-files.md`; they are read by `xent_monitor.alerts.rule_test_file`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.event import AlertEvent, EventState
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.report import EvaluationReport, Split

__all__ = ["Comparison", "Expectation", "Outcome", "RuleTest", "Trace", "run_test"]


@dataclasses.dataclass(frozen=True)
class Expectation:
    """An alert that must begin to fire, or be resolved."""

    epoch: int
    rule: str
    state: EventState
    split: Split
    #: None: whatever class the alert is about.
    class_name: str | None = None

    def fits(self, event: AlertEvent) -> bool:
        """Whether the event is the one that is expected."""
        names = ("epoch", "rule", "state", "split")
        same = all(getattr(self, name) == getattr(event, name) for name in names)
        return same and self.class_name in (None, event.class_name)


@dataclasses.dataclass(frozen=True)
class RuleTest:
    """One training, as the reports of its epochs, and what must come of it."""

    name: str
    #: The reports of each epoch; none where nothing was evaluated.
    epochs: tuple[tuple[EvaluationReport, ...], ...]
    expected: tuple[Expectation, ...]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One line of a comparison of what was expected and what came."""

    verdict: Literal["as expected", "missing", "unexpected"]
    epoch: int
    rule: str
    state: str
    split: str
    class_name: str | None


@dataclasses.dataclass(frozen=True)
class Trace:
    """How the state of a rule went: one letter for each epoch, of the highest state of its instances."""

    rule: str
    split: str
    #: `i` inactive, `p` pending, `f` firing; `.` where the split was not evaluated.
    letters: str


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a test."""

    test: RuleTest
    events: tuple[AlertEvent, ...]
    traces: tuple[Trace, ...]
    #: Rules that raised, with what they raised.
    failures: tuple[str, ...]

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Expected and real transitions side by side, by epoch."""
        left = list(self.events)
        lines = []
        # Those that name a class choose first: the others take any.
        for expected in sorted(self.test.expected, key=lambda one: one.class_name is None):
            found = next((event for event in left if expected.fits(event)), None)
            if found is None:
                lines.append(Comparison("missing", **dataclasses.asdict(expected)))
            else:
                left.remove(found)
                lines.append(_comparison("as expected", found))
        lines += [_comparison("unexpected", event) for event in left]
        return tuple(sorted(lines, key=lambda line: (line.epoch, line.rule, line.split, line.class_name or "")))

    @property
    def passed(self) -> bool:
        """Whether exactly the expected transitions happened."""
        return not self.failures and all(line.verdict == "as expected" for line in self.comparisons)


def run_test(test: RuleTest, rules: Sequence[AlertRule]) -> Outcome:
    """Let the rules judge the epochs of a test.

    Args:
        test: The test.
        rules: The rules under test.

    Example:
        >>> from xent_monitor.alerts.given_report import given_report
        >>> rule = AlertRule(name="low-accuracy", quantity="accuracy", below=0.5, for_=2)
        >>> epochs = [
        ...     [given_report({"accuracy": value}, epoch=epoch, split="validation", output="", class_names="ab",
        ...                   support=[500, 500])]
        ...     for epoch, value in enumerate([0.4, 0.3, 0.2, 0.8])
        ... ]
        >>> fires = Expectation(epoch=1, rule="low-accuracy", state="firing", split="validation")
        >>> outcome = run_test(RuleTest("it is resolved", tuple(map(tuple, epochs)), (fires,)), [rule])
        >>> outcome.passed, outcome.traces[0].letters
        (False, 'pffi')
        >>> [(line.verdict, line.epoch, line.state) for line in outcome.comparisons]
        [('as expected', 1, 'firing'), ('unexpected', 3, 'resolved')]
    """
    engine = AlertEngine(rules)
    events: list[AlertEvent] = []
    letters: dict[tuple[str, str], str] = dict.fromkeys(engine.states(), "")
    for reports in test.epochs:
        events += engine.evaluate(reports)
        splits = {report.split for report in reports}
        for (rule, split), state in engine.states().items():
            letters[rule, split] += state.name[0].lower() if split in splits else "."
    events += engine.finish()
    traces = tuple(Trace(rule, split, trace) for (rule, split), trace in letters.items())
    failures = tuple(f"{name}: {type(error).__name__}: {error}" for name, error in engine.failures.items())
    return Outcome(test, tuple(events), traces, failures)


def _comparison(verdict: Literal["as expected", "missing", "unexpected"], event: AlertEvent) -> Comparison:
    return Comparison(verdict, event.epoch, event.rule, event.state, event.split, event.class_name)
