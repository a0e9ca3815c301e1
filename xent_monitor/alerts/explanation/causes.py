"""What may be wrong: causes named by the built-in rules, each as sure as a few numbers can make it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.explanation.facts import Facts
from xent_monitor.alerts.explanation.finding import CERTAINTIES, Certainty, Finding
from xent_monitor.alerts.explanation.findings import FINDINGS
from xent_monitor.alerts.fields import Severity
from xent_monitor.alerts.meanings import meaning, remedy
from xent_monitor.alerts.rule import AlertRule

__all__ = ["Cause", "find_causes"]

#: What the course of a training alone can tell from a validation that has never been good.
COURSE = ("loss-accuracy-divergence", "overfitting")


@dataclasses.dataclass(frozen=True)
class Cause:
    """One thing that may be wrong."""

    #: Id of the built-in rule that finds it in a training.
    rule: str
    severity: Severity
    certainty: Certainty
    #: What it is: the first line of the rule's description.
    meaning: str
    #: What speaks for it, in numbers.
    evidence: str
    #: What to try: from the same description.
    remedy: str
    #: Which further number would decide; None where none is needed.
    decided_by: str | None = None


def find_causes(facts: Facts) -> tuple[Cause, ...]:
    """The causes that the numbers point to, the surest first, of as sure ones in the order of the rules.

    What a rule is silent about while another one fires is left out where that other one is certain or likely.
    """
    rules = _rules()
    found = {name: finding for name in rules if (finding := _finding(name, facts)) is not None}
    sure = {name for name, finding in found.items() if finding.certainty != "possible"}
    kept = [name for name in found if name in COURSE or not sure.intersection(rules[name].inhibited_by)]
    kept.sort(key=lambda name: CERTAINTIES.index(found[name].certainty))
    return tuple(_cause(rules[name], found[name]) for name in kept)


def _finding(name: str, facts: Facts) -> Finding | None:
    look = FINDINGS.get(name)
    # Of labels that are all alike nothing else can be said.
    if look is None or (facts.majority == 1 and name != "invalid-labels"):
        return None
    return look(facts)


@functools.cache
def _rules() -> Mapping[str, AlertRule]:
    return {rule.name: rule for rule in default_rules()}


def _cause(rule: AlertRule, finding: Finding) -> Cause:
    return Cause(
        rule=rule.name,
        severity=rule.severity,
        certainty=finding.certainty,
        meaning=meaning(rule),
        evidence=finding.evidence,
        remedy=remedy(rule) or "",
        decided_by=finding.decided_by,
    )
