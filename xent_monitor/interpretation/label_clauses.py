"""Sentences on labels that do not exclude each other: the counterparts of those of `.clauses` on classes.

Each function says one thing where the evidence supports it, else None. A decision is that on one label of one example.
"""

from __future__ import annotations

import numpy as np

from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import count, nats, percent, probability
from xent_monitor.report import EvaluationReport

__all__ = [
    "decisions",
    "exclusive",
    "missed",
    "nothing_to_tell",
    "outcomes",
    "positives_carry_loss",
    "seen",
    "typical_probability",
    "unseen",
]


def seen(report: EvaluationReport) -> str:
    """The labels, and how many of them an example has: the end of a sentence on what was looked at."""
    labels = count(report.num_classes, "label")
    return f"each with {labels} ({report.support.sum() / report.num_examples:.2f} positive in the mean)"


def nothing_to_tell(evidence: Evidence) -> str | None:
    """Every label has the same outcome throughout."""
    report = evidence.report
    if not evidence.nothing_to_tell:
        return None
    always = "always" if report.support.all() else "never" if not report.support.any() else "always or never"
    return (
        f"Each label is {always} positive: there is nothing to tell apart, the label shares alone would score 0, and "
        "skill is undefined."
    )


def typical_probability(report: EvaluationReport) -> str:
    """The geometric mean of the probability of the true outcome of a label."""
    typical = f"The true outcome of a label typically gets probability {probability(report.geometric_mean_probability)}"
    if report.cross_entropy > report.uniform_cross_entropy + 1e-4:
        return f"{typical} (geometric mean), less than the 0.50 of an even guess."
    return f"{typical} (geometric mean)."


def outcomes(evidence: Evidence) -> str | None:
    """What positives cost, and what negatives do."""
    report, sums = evidence.report, evidence.report.statistics
    positives = int(sums.support.sum())
    negatives = sums.num_decisions - positives
    if sums.positive_cross_entropy_sum is None or not evidence.enough or evidence.nothing_to_tell:
        return None
    if min(positives, negatives) < limit.MIN_CLASS_EXAMPLES:
        return None
    total = float(sums.cross_entropy_sum.sum())
    of_positives = float(sums.positive_cross_entropy_sum.sum())
    if not total > 0:
        return None
    share, loss = positives / sums.num_decisions, min(of_positives / total, 1.0)
    of_negatives = max(total - of_positives, 0.0) / negatives
    return (
        f"Of the {nats(report.cross_entropy)} nats, {percent(loss)} come from the {percent(share)} of "
        f"decisions that are about a positive label: those cost {nats(of_positives / positives)} in the mean, the "
        f"others {nats(of_negatives)}."
    )


def positives_carry_loss(report: EvaluationReport) -> bool:
    """Whether positives carry half of the loss or more."""
    positive = report.statistics.positive_cross_entropy_sum
    return positive is not None and 2 * float(positive.sum()) >= float(report.statistics.cross_entropy_sum.sum())


def decisions(evidence: Evidence) -> str | None:
    """Accuracy against that of constant answers, and what it hides: how many positives are found."""
    report = evidence.report
    if evidence.nothing_to_tell or evidence.undecided or not evidence.enough:
        return None
    if evidence.below_chance:
        return (
            f"Accuracy {probability(report.accuracy)} is below chance: fewer of the rare outcomes are found than blind "
            "answers would find, so that labels and outputs seem mixed up."
        )
    sums = report.statistics
    positives, named, found = (int(array.sum()) for array in (sums.support, sums.predicted, sums.true_positives))
    constant = probability(evidence.majority_share)
    always = "no" if (2 * report.support <= report.num_examples).all() else "the more common answer"
    recall = f"{percent(found / positives)} of the positives are found" if positives else "there are no positives"
    precise = f", and {percent(found / named)} of what is named positive are" if named else ", as none is ever named"
    if evidence.beats_majority:
        good = min(found / positives, found / named) >= limit.FOUND if positives and named else False
        if evidence.majority_share < limit.FLATTERING or good:
            return None
        return (
            f"Accuracy {probability(report.accuracy)} flatters, where always answering {always} would reach "
            f"{constant}: {recall}{precise}."
        )
    more = ", though the probabilities know more than that" if evidence.against_prior < 0 else ""
    return (
        f"Accuracy {probability(report.accuracy)} is no better, within noise, than always answering {always} "
        f"({constant}){more}; {recall}{precise}."
    )


def missed(evidence: Evidence) -> str | None:
    """Labels that are never found."""
    report, found = evidence.report, evidence.missed_labels
    if not len(found) or not evidence.enough:
        return None
    if not report.predicted.any():
        return None  # `decisions` has said so.
    which = evidence.named(found)
    positives = count(int(report.support[found].sum()), "positive")
    verb = "is" if len(found) == 1 else "are"
    return f"{which[0].upper()}{which[1:]} {verb} never found ({positives})."


def unseen(evidence: Evidence) -> str | None:
    """Labels without a positive example among others that have some."""
    report = evidence.report
    absent = np.flatnonzero(report.support == 0)
    if not evidence.by_label or not len(absent) or evidence.nothing_to_tell or not evidence.enough:
        return None
    return f"No example is positive for {evidence.named(absent)}: whether the model would find one is not known."


def exclusive(evidence: Evidence) -> str | None:
    """Labels of which every example has exactly one, as it seems."""
    report = evidence.report
    if not evidence.exclusive_labels or report.num_classes < 2:
        return None
    return (
        f"There are as many positive labels as examples ({report.num_examples}): if each example has exactly one, the "
        "labels exclude each other, and a soft-max with categorical cross-entropy is what fits."
    )
