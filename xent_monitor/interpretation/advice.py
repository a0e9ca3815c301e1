"""What to try first: one suggestion, the first whose condition holds.

Each function returns a phrase that completes `What to try first: ...`, or None. The order of `ADVICE` is the order of
urgency: what spoils the numbers, then what the model does wrong, then what would make a good one better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xent_monitor import yardsticks
from xent_monitor.interpretation import class_evidence
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.clauses import Clause, collapse
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import class_list, class_name, label_list, percent

__all__ = ["ADVICE", "first_advice", "hardly_found"]


def mend_rows(evidence: Evidence) -> str | None:
    """Many rows that no number can use."""
    report = evidence.report
    faulty = report.invalid_probabilities + report.non_finite + report.invalid_labels
    if faulty >= max(1, limit.FAULTY_ROWS * report.statistics.num_rows):
        return "mend those rows, as everything else rests on them"
    return None


def mix_classes(evidence: Evidence) -> str | None:
    """A single class among the labels, or a single outcome of each."""
    if not evidence.nothing_to_tell:
        return None
    return "shuffle before splitting, and check that the labels are what they should be"


def match_labels(evidence: Evidence) -> str | None:
    """Below chance: labels and outputs are swapped."""
    if not evidence.below_chance or evidence.against_prior < 0 or collapse(evidence):
        return None
    what = "the columns" if evidence.by_label else "the classes"
    return f"compare the order of {what} in the labels with that of the outputs"


def wait(evidence: Evidence) -> str | None:
    """No better than the prior in the first passes is common."""
    report = evidence.report
    early = report.split != "test" and report.epoch < limit.EARLY_PASSES
    if evidence.against_prior < 0 or not early or not evidence.enough or evidence.undecided:
        return None
    return "wait an epoch or two, many sound trainings start there; then another learning rate"


def tame(evidence: Evidence) -> str | None:
    """Worse than the prior, although the decisions know something, or not even they."""
    if evidence.against_prior <= 0:
        return None
    report = evidence.report
    missed = [report.class_names[index] for index in hardly_found(evidence)]
    if missed:
        named = _listed(evidence, missed[: limit.NAMED_OF_MANY])
        more = f" and {len(missed) - limit.NAMED_OF_MANY} more" if len(missed) > limit.NAMED_OF_MANY else ""
        verb = "is" if len(missed) == 1 else "are"
        weights = "sample" if evidence.by_label else "class"
        return f"see why {named}{more} {verb} hardly ever found: look into the training data, and at {weights} weights"
    hot = bool(evidence.beats_majority and evidence.temperature_gain and report.temperature > 1)
    if hot:
        return (
            f"tame the confidence, as the decisions are sound: divide the logits by {report.temperature:.2f}, "
            "or train with weight decay or label smoothing"
        )
    if _falling(evidence):
        return None
    return "lower the learning rate, and check the scale of the inputs and that each label belongs to its input"


def hardly_found(evidence: Evidence) -> list[int]:
    """Classes, or labels, that spoil a model whose decisions are sound otherwise: hardly ever found, unlike others."""
    report = evidence.report
    known = class_evidence.known_classes(report)
    if evidence.by_label:
        # That a rare label is hardly found is usual; that one is so bad where the others are good is not.
        neglected = evidence.neglected_classes
        others = np.setdiff1d(np.arange(report.num_classes), neglected)
        guess = yardsticks.guess_cross_entropy(report)[others].sum()
        good = report.class_cross_entropy[others].sum() < (1 - limit.OTHERS_GOOD) * guess
        known = known & np.isin(np.arange(report.num_classes), neglected if good else [])
    missed = [int(index) for index in np.flatnonzero(known & (report.class_recall < limit.NEVER_FOUND))]
    told = evidence.beats_majority and (evidence.by_label or len(missed) < known.sum() - 1)
    return missed if told else []


def find_signal(evidence: Evidence) -> str | None:
    """No better than the prior."""
    if evidence.against_prior != 0 or not evidence.enough or evidence.undecided or _falling(evidence):
        return None
    if evidence.beats_majority:  # Then there is a signal, and the confidence has spoiled it.
        return None
    return "check that each label belongs to its input and that gradients flow; then another learning rate"


def go_back(evidence: Evidence) -> str | None:
    """The cross-entropy has risen since its best."""
    rise = evidence.rise
    if rise is None or _falling(evidence):
        return None
    epoch = f"epoch {rise.since.epoch}"
    if evidence.report.split == "train":
        return f"lower the learning rate: the training itself is getting worse since {epoch}"
    if evidence.accuracy_fell or evidence.tempered_rise:
        return f"keep the weights of {epoch}; more data, augmentation or dropout before more epochs"
    if evidence.temperature_gain and evidence.report.temperature > 1:
        return (
            f"divide the logits by {evidence.report.temperature:.2f} before using the probabilities, or keep the "
            f"weights of {epoch}; label smoothing or weight decay prevents it"
        )
    return f"keep the weights of {epoch}, or train with label smoothing or weight decay"


def train_longer(evidence: Evidence) -> str | None:
    """Still falling."""
    return "train longer" if _falling(evidence) else None


def _falling(evidence: Evidence) -> bool:
    return evidence.last_step is not None and evidence.last_step.change < 0


def nothing(evidence: Evidence) -> str | None:
    """As good as perfect."""
    if evidence.against_prior >= 0 or evidence.report.skill < limit.SOLVED:
        return None
    leak = "" if evidence.report.split == "train" else "; if that is a surprise, look for examples shared with training"
    return f"nothing, hardly anything is left to gain{leak}"


def close_gap(evidence: Evidence) -> str | None:
    """Much better in training."""
    if (evidence.train_gap or 0.0) < limit.WIDE_GAP * evidence.report.cross_entropy:
        return None
    return "narrow the gap to training: more data, augmentation, dropout or weight decay"


def rescale(evidence: Evidence) -> str | None:
    """A temperature gains much; one fitted to training examples would not hold for others."""
    gain, report = evidence.temperature_gain, evidence.report
    if report.split == "train" or not gain or gain < limit.LARGE_GAIN * report.cross_entropy:
        return None
    gained = f"which gains {percent(gain / report.cross_entropy)} without any training"
    return f"divide the logits by {report.temperature:.2f} before using the probabilities, {gained}"


def more_capacity(evidence: Evidence) -> str | None:
    """Weak, and no better in training."""
    gap = evidence.train_gap
    weak = evidence.against_prior < 0 and evidence.report.skill < limit.WEAK_SKILL
    if gap is None or gap > 0 or not weak or len(evidence.earlier) < limit.TREND_PASSES:
        return None
    return "a larger model, better inputs or another learning rate, as training fares no better and nothing moves"


def feed_neglected(evidence: Evidence) -> str | None:
    """Neglected classes."""
    found = evidence.neglected_classes
    if not len(found) or evidence.against_prior >= 0:
        return None
    names = _listed(evidence, [evidence.report.class_names[k] for k in found[:3]])
    return f"more examples of {names}; where another loss or class weights are in use, compare with the plain loss"


def look_at_mistakes(evidence: Evidence) -> str | None:
    """One class is the hardest."""
    if not len(evidence.hard_classes):
        return None
    worst = class_name(evidence.report.class_names[evidence.hard_classes[0]])
    if evidence.by_label:
        return f"look at the examples whose label {worst} costs most: whether it is right, then what is missing"
    return f"look at the examples of class {worst} with the lowest probability: their labels, then what is missing"


def lower_threshold(evidence: Evidence) -> str | None:
    """Labels that are never found though their probabilities know something."""
    neglected = set(evidence.neglected_classes.tolist())
    missed = [index for index in evidence.missed_labels if index not in neglected]
    if not missed or evidence.against_prior >= 0:
        return None
    names = _listed(evidence, [evidence.report.class_names[k] for k in missed[: limit.NAMED_OF_MANY]])
    more = f" and {len(missed) - limit.NAMED_OF_MANY} more" if len(missed) > limit.NAMED_OF_MANY else ""
    return f"decide on {names}{more} at a probability below 1/2, chosen on validation data"


def _listed(evidence: Evidence, names: Sequence[str]) -> str:
    return label_list(names) if evidence.by_label else class_list(names)


#: In the order of urgency.
ADVICE: tuple[Clause, ...] = (
    mend_rows,
    mix_classes,
    match_labels,
    wait,
    tame,
    find_signal,
    go_back,
    nothing,
    train_longer,
    close_gap,
    rescale,
    more_capacity,
    feed_neglected,
    lower_threshold,
    look_at_mistakes,
)


def first_advice(evidence: Evidence) -> str | None:
    """The most urgent suggestion as a sentence, or None where the numbers suggest nothing."""
    for advise in ADVICE:
        phrase = advise(evidence)
        if phrase is not None:
            return f"What to try first: {phrase}."
    return None
