"""Is this training healthy? A title for the pass, from the most urgent thing that the evidence supports."""

from __future__ import annotations

from xent_monitor.interpretation import clauses
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.advice import hardly_found
from xent_monitor.interpretation.clauses import Clause
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import class_name, percent, share_in_words
from xent_monitor.report import EvaluationReport

__all__ = ["HEADLINES", "headline", "nothing_judged"]


def nothing_judged(report: EvaluationReport) -> str:
    """The title of a pass without a single example."""
    if report.non_finite_weights:
        return "Broken: the weights hold NaN or infinity"
    rows = report.statistics.num_rows
    return "Nothing to judge" if not rows or report.masked == rows else "Not a single row could be judged"


def broken_weights(evidence: Evidence) -> str | None:
    """NaN or infinity in the model."""
    return "Broken: the weights hold NaN or infinity" if evidence.report.non_finite_weights else None


def faulty_rows(evidence: Evidence) -> str | None:
    """Rows that spoil all numbers; a few do not."""
    report = evidence.report
    rows = max(report.statistics.num_rows, 1)
    for number, title in (
        (report.invalid_probabilities, "The outputs are not probabilities"),
        (report.non_finite, "NaN or infinity in {} of the rows"),
        (report.invalid_labels, "{} of the rows have impossible labels"),
    ):
        if number >= max(1, limit.FAULTY_ROWS * rows):
            return title.format(percent(number / rows))
    return None


def nothing_to_tell(evidence: Evidence) -> str | None:
    """One class, or one outcome of each label."""
    if not evidence.nothing_to_tell:
        return None
    return "Each label is always the same" if evidence.by_label else "Only one class: nothing to tell apart"


def few(evidence: Evidence) -> str | None:
    """Too few examples for any claim."""
    return None if evidence.enough else "Too few examples to say much"


def mixed_up(evidence: Evidence) -> str | None:
    """Below chance."""
    mixed = evidence.below_chance and evidence.against_prior >= 0 and not clauses.collapse(evidence)
    return "Below chance: labels and outputs seem mixed up" if mixed else None


def collapsed(evidence: Evidence) -> str | None:
    """One class predicted for nearly all."""
    if clauses.collapse(evidence) is None:
        return None
    report = evidence.report
    return f"Nearly everything is taken for {class_name(report.class_names[int(report.predicted.argmax())])}"


def ruined(evidence: Evidence) -> str | None:
    """Decisions that know something, and probabilities that are worth no more than the prior entropy."""
    sound = evidence.against_prior >= 0 and evidence.beats_majority and not evidence.undecided
    hot = bool(evidence.temperature_gain) and evidence.report.temperature > 1
    worse = evidence.against_prior == 0 and _decides_worse(evidence)  # Then that comes first.
    if not sound or worse:
        return None
    found = hardly_found(evidence) if evidence.against_prior > 0 else []
    if len(found) == 1:
        return f"Ruined by {evidence.named(found)}, hardly ever found"
    if found:
        return f"Ruined by {len(found)} {'labels' if evidence.by_label else 'classes'}, hardly ever found"
    return "Sound decisions, ruined by overconfidence" if hot else None


def overfitting(evidence: Evidence) -> str | None:
    """Worse than it was, in its decisions too, while training is better."""
    worse = _decides_worse(evidence) and evidence.against_prior <= 0 and not _falling(evidence)
    return "Overfitting: it learns what does not carry over" if worse and (evidence.train_gap or 0.0) > 0 else None


def worse_than_shares(evidence: Evidence) -> str | None:
    """Above the prior entropy."""
    if evidence.against_prior <= 0:
        return None
    if evidence.report.split != "test" and evidence.report.epoch < limit.EARLY_PASSES:
        return "Not yet better than knowing nothing"
    return "Worse than knowing nothing" + (", but falling" if _falling(evidence) else "")


def only_shares(evidence: Evidence) -> str | None:
    """At the prior entropy."""
    if evidence.against_prior != 0:
        return None
    if evidence.undecided:
        return "Too few independent examples to say much"
    shares = f"{'label' if evidence.by_label else 'class'} shares"
    if evidence.report.split != "test" and evidence.report.epoch < limit.EARLY_PASSES:
        return f"Nothing learned yet but the {shares}"
    return f"No better than the {shares} alone"


def risen(evidence: Evidence) -> str | None:
    """Above its best."""
    if evidence.rise is None:
        return None
    best = f"epoch {evidence.rise.since.epoch}"
    if _falling(evidence):
        return f"Recovering, but above its best of {best}"
    if evidence.report.split == "train":
        return f"The training itself is worse than in {best}"
    if evidence.accuracy_fell:
        return f"Worse than in {best}, decisions and all"
    if evidence.tempered_rise:
        return f"Worse than in {best}, and not for confidence alone"
    if _too_sure(evidence):
        return "Overconfident: the decisions hold, the confidence does not"
    return f"Above its best of {best}, though the decisions hold"


def recorded(evidence: Evidence) -> str | None:
    """Above a best that is not at hand."""
    if not evidence.recorded_divergence:
        return None
    if _too_sure(evidence):
        return "Overconfident: the decisions hold, the confidence does not"
    return "Above its best, though the decisions hold"


def begun(evidence: Evidence) -> str | None:
    """The first pass of a training that knows something."""
    first = evidence.report.split != "test" and evidence.report.epoch == 0 and not evidence.earlier
    return f"A start: {_gone(evidence)}" if first and evidence.against_prior < 0 else None


def solved(evidence: Evidence) -> str | None:
    """As good as perfect."""
    return "Hardly anything is left to gain" if evidence.report.skill >= limit.SOLVED else None


def learning(evidence: Evidence) -> str | None:
    """Still falling."""
    if not _falling(evidence):
        return None
    if _too_sure(evidence):
        return "Still learning, and too sure of itself"
    if _too_timid(evidence):
        return "Still learning, and too timid"
    return "Honest and improving" if evidence.honest else "Still learning"


def silent_decisions(evidence: Evidence) -> str | None:
    """Probabilities that know more than the decisions show."""
    return "It knows more than its decisions show" if evidence.silent_decisions else None


def gap_to_training(evidence: Evidence) -> str | None:
    """Much better in training."""
    if (evidence.train_gap or 0.0) < limit.WIDE_GAP * evidence.report.cross_entropy:
        return None
    if _too_sure(evidence):
        return "Overconfident, and far better in training"
    if _too_timid(evidence):
        return "Underconfident, and far better in training"
    return f"{'Honest, but far' if evidence.honest else 'Far'} better in training"


def miscalibrated(evidence: Evidence) -> str | None:
    """Confidences that are not honest."""
    if evidence.confidence_gap > 0:
        return "Overconfident: less often right than it says"
    if evidence.confidence_gap < 0:
        return "Underconfident: more often right than it says"
    if evidence.temperature_gain:
        return f"{'Over' if evidence.report.temperature > 1 else 'Under'}confident where it costs most"
    return "Honest in the mean, not at each level of confidence" if evidence.uneven_calibration else None


def neglected(evidence: Evidence) -> str | None:
    """Classes that are worse off than by naming their share."""
    found = evidence.neglected_classes
    if not len(found):
        return None
    what = "Honest" if evidence.honest else "Sound"
    if len(found) == 1:
        return f"{what}, but {evidence.named(found)} is neglected"
    return f"{what}, but {len(found)} {'labels' if evidence.by_label else 'classes'} are neglected"


def settled(evidence: Evidence) -> str | None:
    """Honest, and no longer moving."""
    if not evidence.honest or evidence.of_positions:
        return None
    still = len(evidence.earlier) >= limit.TREND_PASSES and evidence.last_step is None
    return "Settled, and honest: right as often as it says" if still else "Honest: right as often as it says"


def level(evidence: Evidence) -> str:
    """What is always true of a model that is better than the class shares."""
    gone = _gone(evidence)
    return gone[0].upper() + gone[1:]


#: In the order of urgency; the first that holds is the title.
HEADLINES: tuple[Clause, ...] = (
    broken_weights,
    faulty_rows,
    nothing_to_tell,
    few,
    mixed_up,
    ruined,
    overfitting,
    only_shares,
    collapsed,
    worse_than_shares,
    risen,
    recorded,
    begun,
    solved,
    learning,
    silent_decisions,
    gap_to_training,
    miscalibrated,
    neglected,
    settled,
    level,
)


def headline(evidence: Evidence) -> str:
    """A title of a few words, without a full stop."""
    return next(filter(None, (title(evidence) for title in HEADLINES)))


def _falling(evidence: Evidence) -> bool:
    return evidence.last_step is not None and evidence.last_step.change < 0


def _too_sure(evidence: Evidence) -> bool:
    gap, hot = evidence.confidence_gap, evidence.report.temperature > 1
    return gap > 0 or (gap == 0 and hot and bool(evidence.temperature_gain))


def _too_timid(evidence: Evidence) -> bool:
    gap, hot = evidence.confidence_gap, evidence.report.temperature > 1
    return gap < 0 or (gap == 0 and not hot and bool(evidence.temperature_gain))


def _decides_worse(evidence: Evidence) -> bool:
    """Whether it is above its best, and not for its confidence alone."""
    return evidence.rise is not None and bool(evidence.accuracy_fell or evidence.tempered_rise)


def _gone(evidence: Evidence) -> str:
    """`a quarter of the uncertainty is gone`, of a model that is better than the prior entropy."""
    return f"{share_in_words(evidence.report.skill)} of the uncertainty is gone"
