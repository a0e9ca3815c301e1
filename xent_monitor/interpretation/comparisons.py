"""Sentences that compare: with the compiled loss, the penalty, the training pass and the passes before.

Each function says one thing where the evidence supports it, else None.
"""

from __future__ import annotations

from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import nats, percent, probability

__all__ = ["other_loss", "penalty", "story", "training", "trend"]


def other_loss(evidence: Evidence) -> str | None:
    """A compiled loss, or sample weights, that make the number another one."""
    report = evidence.report
    said = []
    if _differs(report.loss, report.cross_entropy):
        said.append(
            f"The compiled loss itself, {nats(report.loss)}, is not this cross-entropy (label smoothing, focal or a "
            "loss of your own) and has other yardsticks"
        )
    if _differs(report.weighted_cross_entropy, report.cross_entropy):
        said.append(f"{'W' if not said else 'w'}ith sample weights the mean is {nats(report.weighted_cross_entropy)}")
    return f"{'; '.join(said)}." if said else None


def _differs(value: float, reference: float) -> bool:
    return abs(value - reference) > max(limit.OTHER_LOSS * abs(reference), 1e-4)


def penalty(evidence: Evidence) -> str | None:
    """The share of the logged loss that is regularisation."""
    report = evidence.report
    logged = report.logged_loss
    if not logged > 0 or not report.regularization > limit.PENALTY_SHARE * logged:
        return None
    share = percent(min(1.0, report.regularization / logged))
    return f"Of the logged loss of {nats(logged)}, {nats(report.regularization)} ({share}) is penalty, not fit."


def training(evidence: Evidence) -> str | None:
    """Training against validation, with what a training number is."""
    report, train, gap = evidence.report, evidence.train, evidence.train_gap
    if train is None or gap is None:
        return None
    means = "averaged over the epoch while the weights changed, with any dropout or augmentation switched on"
    level = f"Training is at {nats(train.cross_entropy)} ({means})"
    difference = nats(abs(gap), report.cross_entropy)
    if gap > 0:
        return f"{level}, {difference} below: that much does not carry over to new examples."
    if gap < 0:
        return f"{level}, {difference} above: no fault, given how it is measured."
    if evidence.of_positions:
        return f"{level}."
    return f"{level}: the same within noise, so what was learned carries over."


def story(evidence: Evidence) -> str | None:
    """Whether loss and accuracy have moved together since the best pass."""
    report, rise = evidence.report, evidence.rise
    if rise is None:
        above = evidence.recorded_divergence
        if not above:
            return None
        above_best = f"{nats(above, report.cross_entropy)} above its best"
        return f"The cross-entropy is {above_best} while the accuracy has held its own."
    before, now = probability(rise.since.accuracy), probability(report.accuracy)
    risen = f"Since epoch {rise.since.epoch} the cross-entropy has risen by {nats(rise.change, report.cross_entropy)}"
    if evidence.accuracy_fell:
        worse = "the decisions have become worse, not only the confidence"
        return f"{risen}, and the accuracy has fallen from {probability(evidence.best_accuracy)} to {now}: {worse}."
    held = f"{risen} while the accuracy has held its own ({now if before == now else f'from {before} to {now}'})"
    if evidence.tempered_rise:
        tempered = f"as its tempered value rose too, by {nats(evidence.tempered_rise, report.cross_entropy)}"
        return f"{held}: not only the confidence has run away, {tempered}."
    return f"{held}: it has grown surer of its mistakes, it does not decide worse."


def trend(evidence: Evidence) -> str | None:
    """The last step, unless it is part of the rise that `story` tells of."""
    step = evidence.last_step
    if not evidence.earlier or (evidence.rise is not None and (step is None or step.change > 0)):
        return None
    subject = "It" if evidence.train_gap is None else "The validation cross-entropy"  # `training` stands before it
    if step is None:
        early = len(evidence.earlier) < limit.TREND_PASSES
        return None if early or evidence.of_positions else f"{subject} has not moved beyond noise in the last epochs."
    epochs = evidence.report.epoch - step.since.epoch
    over = "in the last epoch" if epochs == 1 else f"over the last {epochs} epochs"
    if step.change < 0:
        return f"{subject} still fell by {nats(-step.change, evidence.report.cross_entropy)} {over}."
    return f"It rose by {nats(step.change, evidence.report.cross_entropy)} {over}."
