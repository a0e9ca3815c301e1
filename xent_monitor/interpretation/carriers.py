"""Which classes carry the loss? In a sentence or two."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xent_monitor.interpretation import class_evidence
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.clauses import absent, split_word
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.label_clauses import unseen
from xent_monitor.interpretation.wording import class_name, listed, percent
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["carriers"]


class _Half(NamedTuple):
    """The classes that carry half of the loss."""

    #: Their indices, the highest cross-entropy first.
    classes: Integers
    #: Their share of the loss: a half, or as much above it as the last one takes.
    loss: float
    #: Their share of the examples; multi-label, of the uncertainty.
    share: float


def carriers(evidence: Evidence) -> str:
    """The classes, or labels, that carry half of the loss, and whether they stand out beyond noise."""
    report = evidence.report
    if not evidence.enough:
        return "Too few examples to tell."
    if evidence.nothing_to_tell:
        only = evidence.single_class
        return "Every label has but one outcome." if only is None else f"Only {_names(report, [only])} has examples."
    if not report.cross_entropy > 0:
        return "None: there is no loss."
    if evidence.undecided:
        return "That is more than so few independent examples can tell."
    told = _carriers(evidence)
    return " ".join(filter(None, [told, absent(evidence), unseen(evidence)]))


def _carriers(evidence: Evidence) -> str:
    report, half, hard = evidence.report, _half(evidence), evidence.hard_classes
    kind, kinds = ("label", "labels") if evidence.by_label else ("class", "classes")
    if evidence.against_prior == 0 and not evidence.beats_majority:
        return f"None more than others: the model knows no more than the {kind} shares."
    of_what = "uncertainty" if evidence.by_label else "examples"
    seen = report.num_classes if evidence.by_label else int((report.support > 0).sum())
    those = kinds if seen == report.num_classes else f"{kinds} with examples"
    number = f"{len(half.classes)} of {seen} {those}, {percent(half.share)} of the {of_what},"
    part = "half" if half.loss < limit.ABOUT_HALF else percent(half.loss)
    loss = f"{part} of the {split_word(report)} cross-entropy"
    if half.loss >= limit.HARD_CLASS * half.share:
        verb = "carries" if len(half.classes) == 1 else "carry"
        return f"{number} {verb} {loss}: {_names(report, half.classes)}{_standing_out(report, half, hard)}."
    even = f"It is spread evenly: it takes {number} to carry {loss}."
    return f"{even} Beyond their share all the same: {_names(report, hard)}." if len(hard) else even


def _standing_out(report: EvaluationReport, half: _Half, hard: Integers) -> str:
    """Which of them cost more than their share beyond noise, unless all do."""
    if len(hard) >= len(half.classes):
        return ""
    which = "none" if not len(hard) else _names(report, hard) if len(hard) <= limit.NAMED_OF_MANY else str(len(hard))
    return f"; {which} {'stands' if len(hard) < 2 else 'stand'} out beyond noise"


def _half(evidence: Evidence) -> _Half:
    """The fewest classes that carry half of the loss, from the highest cross-entropy down."""
    report = evidence.report
    sums = report.statistics.cross_entropy_sum
    order = report.worst_classes()
    carried = np.cumsum(sums[order]) / sums.sum()
    shares: Floats = class_evidence.usual_share(report) if evidence.by_label else report.support.astype(np.float64)
    number = min(int(np.searchsorted(carried, 0.5)) + 1, report.num_classes)
    found = order[:number]
    return _Half(found, min(float(carried[number - 1]), 1.0), float(shares[found].sum() / shares.sum()))


def _names(report: EvaluationReport, classes: Integers | list[int]) -> str:
    """The first few by name, and how many more."""
    most = limit.NAMED_CLASSES if report.num_classes <= limit.MANY_CLASSES else limit.NAMED_OF_MANY
    names = [class_name(report.class_names[index]) for index in classes[:most]]
    return listed(names) if len(classes) <= most else f"{', '.join(names)} and {len(classes) - most} more"
