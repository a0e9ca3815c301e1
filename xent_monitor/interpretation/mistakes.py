"""What is mistaken for what? In a sentence or two, of a pass or of one class in it.

Above `confusion_limit` classes pairs come from a sketch, whose counts may be too high: they are "about". Where no pairs
were kept, and of labels, which are not taken for each other, it tells what is missed and what is named falsely.
"""

from __future__ import annotations

import numpy as np

from xent_monitor.confusion import Confusion
from xent_monitor.interpretation.clauses import collapse
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import class_name, count, percent
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Integers

__all__ = ["class_mistakes", "mistakes"]

#: More pairs than a sketch can spell out, or a matrix holds.
ALL_PAIRS = 1_000_000


def mistakes(evidence: Evidence) -> str:
    """The most common mistake of all."""
    report = evidence.report
    decisions = report.statistics.num_decisions
    errors = decisions - int(report.statistics.correct.sum())
    if errors == 0:
        return f"Nothing: all {count(decisions, 'decision' if evidence.by_label else 'answer')} are right."
    if evidence.by_label:
        return f"Labels are not taken for each other. {_extremes(report)}."
    collapsed = collapse(evidence)
    if collapsed is not None:
        return f"Nearly everything for one class: {collapsed}"
    pairs = _pairs(report)
    if not pairs:
        return f"{_extremes(report)}; which class for which is not known."
    if pairs[0].count == 1 and errors > 1:
        return f"Nothing twice: {errors} answers are wrong, each in another way."
    told = f"Most often {_name(report, pairs[0].true_class)} is taken for {_times(report, pairs[0])}"
    ties = sum(pair.count == pairs[0].count for pair in pairs) - 1
    as_often = f"; as often {'another pair' if ties == 1 else f'{ties} other pairs'}" if ties else ""
    return f"{told}{as_often}."


def class_mistakes(evidence: Evidence, index: int) -> str:
    """What one class is taken for, and what is taken for it; how often a label is missed, and named falsely."""
    report = evidence.report
    pairs = _pairs(report)
    taken_for = next((pair for pair in pairs if pair.true_class == index), None)
    taken = next((pair for pair in pairs if pair.predicted_class == index), None)
    return f"{_lost(evidence, index, taken_for)}; {_gained(evidence, index, taken)}."


def _pairs(report: EvaluationReport) -> list[Confusion]:
    """All pairs that are known, the most frequent first; single ones of a sketch are as good as noise."""
    least = 1 if report.confusion is not None else 2
    return [pair for pair in report.worst_confusions(ALL_PAIRS) if pair.count >= least]


def _lost(evidence: Evidence, index: int, pair: Confusion | None) -> str:
    """What becomes of the examples of a class."""
    report = evidence.report
    kind = "label" if evidence.by_label else "class"
    support, missed = int(report.support[index]), int(_missed(report)[index])
    name = _name(report, index)
    if not support:
        return f"No example is {'positive for' if evidence.by_label else 'of'} {kind} {name}"
    if not missed:
        return f"All {support} of {kind} {name} are found" if support > 1 else f"The one of {kind} {name} is found"
    if pair is None:
        return f"{kind.capitalize()} {name} is missed {_of(missed, support, ' times')}"
    return f"{kind.capitalize()} {name} is most often taken for {_times(report, pair)}"


def _gained(evidence: Evidence, index: int, pair: Confusion | None) -> str:
    """What is taken for a class that is not of it."""
    report = evidence.report
    named, false = int(report.predicted[index]), int(_false(report)[index])
    if not named:
        return "it is never named"
    if not false:
        return "never named falsely" if evidence.by_label else "nothing is taken for it"
    if pair is None:
        return f"named falsely {_of(false, named, ' times')}"
    return f"most often taken for it is {_name(report, pair.true_class)}, {_counted(report, pair)}"


def _extremes(report: EvaluationReport) -> str:
    """What is missed most often, and what is named falsely most often."""
    said = []
    for what, counts, of in (
        ("missed", _missed(report), report.support),
        ("named falsely", _false(report), report.predicted),
    ):
        most = int(counts.argmax())
        if counts[most]:
            said.append(
                f"most often {what} is {_name(report, most)}, {_of(int(counts[most]), int(of[most]), ' times')}"
            )
    text = "; ".join(said)
    return text[:1].upper() + text[1:]


def _missed(report: EvaluationReport) -> Integers:
    """Examples of each class, or positives of each label, that were not found. Shape `(num_classes,)`."""
    return np.asarray(report.support - report.statistics.true_positives)


def _false(report: EvaluationReport) -> Integers:
    """Examples that were named each class, or label, and are not. Shape `(num_classes,)`."""
    return np.asarray(report.predicted - report.statistics.true_positives)


def _times(report: EvaluationReport, pair: Confusion) -> str:
    """`dog, 11 of 78 (14 %)`."""
    return f"{_name(report, pair.predicted_class)}, {_counted(report, pair)}"


def _counted(report: EvaluationReport, pair: Confusion) -> str:
    """`11 of 78 (14 %)`, of the true class."""
    about = "" if report.confusion is not None else "about "
    most = min(_missed(report)[pair.true_class], _false(report)[pair.predicted_class])
    return about + _of(min(pair.count, int(most)), int(report.support[pair.true_class]))


def _of(part: int, whole: int, times: str = "") -> str:
    return f"{part} of {whole}{times if whole > 1 else ''} ({percent(part / whole)})"


def _name(report: EvaluationReport, index: int) -> str:
    return class_name(report.class_names[index])
