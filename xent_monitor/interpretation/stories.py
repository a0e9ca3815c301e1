"""Do loss and accuracy tell the same story? In a sentence.

It begins with "No." where one of them says that all is well and the other that it is not, and with "Yes" where they
agree, for better or worse.
"""

from __future__ import annotations

from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.clauses import split_word
from xent_monitor.interpretation.divergences import divergences
from xent_monitor.interpretation.evidence import Evidence, Movement
from xent_monitor.interpretation.wording import exact_nats, exact_percent, exact_points

__all__ = ["story"]


def story(evidence: Evidence) -> str:
    """Whether loss and accuracy agree: over the epochs where they differ there, else on what the model knows."""
    report = evidence.report
    if evidence.rise is not None:
        return _risen(evidence, evidence.rise)
    if evidence.recorded_divergence:
        above, accuracy = exact_nats(evidence.recorded_divergence), exact_percent(report.accuracy)
        return f"No. The cross-entropy is {above} nats above its best, while the accuracy holds at {accuracy}."
    if not evidence.enough:
        return "Too few examples to tell."
    if evidence.nothing_to_tell:
        return "Neither tells any: there is nothing to tell apart."
    return _levels(evidence) or _movements(evidence)


def _risen(evidence: Evidence, rise: Movement) -> str:
    """The cross-entropy is above its best, the accuracy has fallen too or holds."""
    report, best = evidence.report, rise.since.epoch
    above, accuracy = exact_nats(rise.change), exact_percent(report.accuracy)
    if evidence.accuracy_fell:
        return (
            f"Yes, and both get worse: since epoch {best} the cross-entropy has risen by {above} nats, and the "
            f"accuracy has fallen from {exact_percent(evidence.best_accuracy)} to {accuracy}."
        )
    stretches = divergences((*evidence.earlier, report))
    if stretches and stretches[-1].last == report.epoch:
        since = f"Since epoch {stretches[-1].first} the cross-entropy has stood above its best of epoch {best}"
        told = f"{since}, now by {above} nats"
    else:
        told = f"The cross-entropy is {above} nats above its best of epoch {best}"
    also = ", and not for its confidence alone" if evidence.tempered_rise else ""
    return f"No. {told}, while the accuracy holds at {accuracy}{also}."


def _levels(evidence: Evidence) -> str | None:
    """What the two say the model knows; None where both say that it knows something, or do not tell."""
    report = evidence.report
    shares = f"{'label' if evidence.by_label else 'class'} shares alone"
    than_shares = f"than the {shares} ({exact_nats(report.prior_entropy)})"
    than_constant = f"than the same answer to all ({exact_percent(evidence.majority_share)})"
    cross_entropy, accuracy = (
        f"{exact_nats(report.cross_entropy)} nats are",
        f"{exact_percent(report.accuracy)} right is",
    )
    if evidence.silent_decisions:
        return (
            f"Not quite. {cross_entropy} better {than_shares}, but {accuracy} no better, within noise, {than_constant}."
        )
    if evidence.against_prior > 0 and evidence.beats_majority:
        return f"No. {cross_entropy} worse {than_shares}, but {accuracy} better {than_constant}."
    if evidence.against_prior >= 0 and not evidence.beats_majority and not evidence.undecided:
        return f"Yes. Both say that the model is no better than the {shares}."
    return None


def _movements(evidence: Evidence) -> str:
    """Both have moved together since the best pass, as far as noise lets that be told."""
    report, best = evidence.report, evidence.best
    if best is None:
        if report.split == "test":
            return "A single test pass cannot tell."
        return f"Too early to tell: there is no {split_word(report)} pass before this one."
    accuracy, highest = exact_percent(report.accuracy), exact_percent(evidence.best_accuracy)
    above = report.cross_entropy - best.cross_entropy
    if evidence.accuracy_fell:
        fallen = f"The accuracy has fallen from {highest} to {accuracy}"
        return f"Not quite. {fallen}, while the cross-entropy is at its best within noise."
    stands = (
        "at its best"
        if accuracy == highest
        else f"within {exact_points(report.accuracy, evidence.best_accuracy)} of its best"
    )
    if above > limit.MATERIAL_CHANGE * report.cross_entropy:
        risen = f"the cross-entropy is {exact_nats(above)} nats above its best of epoch {best.epoch}"
        return f"Yes, within noise: {risen}, and the accuracy, {accuracy}, is {stands}."
    figures = f"({exact_nats(report.cross_entropy)} nats, {accuracy})"
    if evidence.last_step is not None and evidence.last_step.change < 0:
        return f"Yes. The cross-entropy is still falling, and the accuracy is {stands} {figures}."
    return f"Yes. Both are at or near their best {figures}."
