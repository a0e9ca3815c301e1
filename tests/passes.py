"""Passes for tests of the built-in rules: tables of predictions as one wants them, and what the rules say of them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tests.fast_sums import sums_of
from xent_monitor.alerts import AlertEngine, AlertEvent, AlertRule
from xent_monitor.alerts.builtin import default_rules
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import ClassStatistics, Floats, Integers, Task

__all__ = ["RULES", "Kind", "Table", "fires_at", "firing", "flattened", "play", "problems_of_message", "sharpened"]

#: The built-in rules by name.
RULES: dict[str, AlertRule] = {rule.name: rule for rule in default_rules()}

#: Labels are of the first so many classes at most, so that 1,000 classes need no more examples than 12.
ACTIVE = 12


@dataclasses.dataclass(frozen=True)
class Table:
    """Labels and predicted distributions."""

    labels: Integers
    probabilities: Floats

    @property
    def cross_entropy(self) -> float:
        """Nats."""
        return float(-np.log(self.probabilities[np.arange(len(self.labels)), self.labels]).mean())


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of classification, and tables of predictions for it."""

    class_names: tuple[str, ...] = ("cat", "dog", "owl")
    task: Task = "multiclass"
    #: Examples of a class.
    each: int = 100

    @property
    def size(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def active(self) -> int:
        """Classes that have examples."""
        return min(self.size, ACTIVE)

    @property
    def labels(self) -> Integers:
        """As many of each class, one after the other in turn."""
        return np.tile(np.arange(self.active), self.each)

    @property
    def prior(self) -> float:
        """Entropy of their shares, nats."""
        return math.log(self.active)

    def answers(self, right: float, sure: float, *, wrong_sure: float | None = None, jitter: float = 0.5) -> Table:
        """A share of the examples of each class is named rightly, the others as the class after it.

        Args:
            right: That share.
            sure: Probability of the named class, about; the other classes share the rest.
            wrong_sure: The same of the wrong answers; None for the same as of the right ones.
            jitter: Standard deviation by which the logit of the named class varies.
        """
        labels = self.labels
        rng = np.random.default_rng(len(labels))
        # Right and wrong answers take turns, whatever the share.
        turn = np.arange(len(labels)) // self.active
        good = np.floor((turn + 1) * right + 1e-9) > np.floor(turn * right + 1e-9)
        named = np.where(good, labels, (labels + 1) % self.active)
        confidence = np.where(good, sure, sure if wrong_sure is None else wrong_sure)
        logits = np.full((len(labels), self.size), -25.0)
        logits[:, : self.active] = rng.normal(size=(len(labels), self.active)) * 0.01
        logit = np.log(confidence / (1 - confidence) * (self.active - 1)) + jitter * rng.normal(size=len(labels))
        logits[np.arange(len(labels)), named] = np.maximum(logit, 0.05)
        return Table(labels, _softmax(logits))

    def ignorant(self, jitter: float = 0.02) -> Table:
        """Near to the base rates, whatever the input."""
        labels = self.labels
        logits = np.full((len(labels), self.size), -25.0)
        logits[:, : self.active] = np.random.default_rng(0).normal(size=(len(labels), self.active)) * jitter
        return Table(labels, _softmax(logits))

    def report(self, table: Table, epoch: int = 0, split: Split = "validation", **changes: Any) -> EvaluationReport:
        """A report on a table; further arguments are fields of its statistics or of the report."""
        sums = sums_of(table.labels, table.probabilities, task=self.task)
        fields = {field.name for field in dataclasses.fields(ClassStatistics)}
        sums = dataclasses.replace(sums, **{name: value for name, value in changes.items() if name in fields})
        report = EvaluationReport(epoch, split, "", self.class_names, sums)
        own = {name: value for name, value in changes.items() if name not in fields}
        return dataclasses.replace(report, **{"logged_loss": report.explained_loss} | own)


def sharpened(table: Table, nats: float) -> Table:
    """The same decisions, more confident, until the cross-entropy is so much, above what it is."""
    return _at(table, nats, 1.0, 1e3)


def flattened(table: Table, nats: float) -> Table:
    """The same decisions, less confident, until the cross-entropy is so much, between what it is and ln K."""
    return _at(table, nats, 1.0, 0.0)


def _at(table: Table, nats: float, near: float, far: float) -> Table:
    # The cross-entropy is convex in the factor, so that it crosses a level above the first one once.
    for _ in range(60):
        middle = (near + far) / 2
        if _heated(table, middle).cross_entropy < nats:
            near = middle
        else:
            far = middle
    return _heated(table, near)


def _heated(table: Table, factor: float) -> Table:
    return Table(table.labels, _softmax(factor * np.log(table.probabilities)))


def _softmax(logits: Floats) -> Floats:
    exponentials = np.maximum(np.exp(logits - logits.max(axis=1, keepdims=True)), 1e-13)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def play(
    epochs: Iterable[EvaluationReport | Sequence[EvaluationReport]], rules: Iterable[AlertRule] | None = None
) -> list[AlertEvent]:
    """What the rules, the built-in ones unless others are given, say of a training; none may fail."""
    engine = AlertEngine(default_rules() if rules is None else rules)
    events = []
    for reports in epochs:
        events += engine.evaluate([reports] if isinstance(reports, EvaluationReport) else reports)
    events += engine.finish()
    assert engine.failures == {}
    for event in events:
        assert problems_of_message(event) == []
    return events


def firing(events: Iterable[AlertEvent], *, info: bool = True) -> list[tuple[str, int]]:
    """Rule and epoch of each alert that began to fire; without those of severity info unless these are wanted."""
    return [
        (event.rule, event.epoch) for event in events if event.state == "firing" and (info or event.severity != "info")
    ]


def fires_at(name: str, first: int = 0) -> int:
    """Epoch in which a rule fires whose condition holds from the epoch `first` on."""
    rule = RULES[name]
    return max(first, rule.after) + rule.for_ - 1


def problems_of_message(event: AlertEvent) -> list[str]:
    """What a message lacks: it says in at most three sentences, with numbers, what was seen and what to do."""
    text = event.message
    found = []
    sentences = re.split(r"(?<=[.!?]) +(?=[A-Z])", text)
    if len(sentences) > 3:
        found.append(f"{len(sentences)} sentences")
    if event.state == "firing" and len(sentences) < 3:
        found.append("less than what was seen, what it means and what to try")
    if not text.endswith(".") or not text[:1].strip() or text[:1] != text[:1].upper() or "\n" in text:
        found.append("no sentences on one line")
    if re.search(r"(?<![\w.])[+-]?(nan|inf)\b(?!\()", text):
        found.append("a number that is none")
    if event.state == "firing" and not re.search(r"\d", sentences[0]):
        found.append("no number in what was seen")
    if "  " in text or " ." in text or " ," in text:
        found.append("stray spaces")
    return [f"{event.rule}: {problem}: {text}" for problem in found]
