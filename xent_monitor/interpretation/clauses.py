"""Sentences on one pass: its faults, its cross-entropy, its decisions and confidence, its classes.

Each function says one thing where the evidence supports it, else None.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from xent_monitor import sampling
from xent_monitor.interpretation import class_evidence, label_clauses
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.noise import beyond_noise
from xent_monitor.interpretation.wording import (
    class_list,
    class_name,
    count,
    label_list,
    levels,
    listed,
    nats,
    percent,
    percentage_points,
    probability,
    share_in_words,
)
from xent_monitor.report import EvaluationReport

__all__ = [
    "Clause",
    "absent",
    "classes",
    "collapse",
    "common_mistake",
    "confidence",
    "decisions",
    "describe_left_out",
    "few_examples",
    "left_out_rows",
    "level",
    "neglected",
    "no_chance",
    "no_distribution",
    "single_class",
    "split_word",
    "subject",
    "typical_probability",
    "yardstick",
]

Clause = Callable[[Evidence], str | None]


def split_word(report: EvaluationReport) -> str:
    """`training`, `validation` or `test`."""
    return "training" if report.split == "train" else report.split


def subject(report: EvaluationReport) -> str:
    """`Validation cross-entropy`, with the name of the output where the model has several."""
    output = f" of output {class_name(report.output)}" if report.output else ""
    return f"{split_word(report).capitalize()} cross-entropy{output}"


def left_out_rows(evidence: Evidence) -> str | None:
    """Rows that are in none of the numbers, by cause."""
    return describe_left_out(evidence.report)


def describe_left_out(report: EvaluationReport) -> str | None:
    """The same for a report that may have no examples at all."""
    causes = []
    if report.invalid_labels:
        wrong = f"a label that names no class (labels must be from 0 to {report.num_classes - 1})"
        if report.task == "multilabel":
            wrong = "a target outside [0, 1]"
        causes.append(f"{report.invalid_labels} with {wrong}")
    if report.non_finite:
        causes.append(
            f"{report.non_finite} with NaN or infinity (look at the inputs, lower the learning rate or clip gradients)"
        )
    if not causes:
        return None
    rows = report.invalid_labels + report.non_finite
    return f"{rows} of {count(report.statistics.num_rows, 'row')} had to be left out: {listed(causes)}."


def no_distribution(evidence: Evidence) -> str | None:
    """Outputs that are no probabilities."""
    report = evidence.report
    if not report.invalid_probabilities:
        return None
    which = "soft-max" if report.task == "multiclass" else "sigmoid"
    wrong = "outside [0, 1]" if report.task == "multilabel" else "negative, above 1, or not adding up to 1"
    until = "; until then the numbers below mean little" if _are_no_probabilities(report) else ""
    return (
        f"For {report.invalid_probabilities} of {count(report.statistics.num_rows, 'row')} the outputs are not "
        f"probabilities ({wrong}): end the model in a {which}, or say "
        f"`from_logits=True` if they are logits{until}."
    )


def _are_no_probabilities(report: EvaluationReport) -> bool:
    """Whether so many rows are no distribution that the other numbers rest on them."""
    return report.invalid_probabilities >= max(1, limit.FAULTY_ROWS * report.statistics.num_rows)


def level(evidence: Evidence) -> str:
    """The cross-entropy, and what it was measured on."""
    report = evidence.report
    examples = _examples(report)
    if report.task == "multilabel":
        of_labels = f"{label_clauses.seen(report)}"
        few = "" if evidence.enough else ", too few to say much"
        return f"{subject(report)} {nats(report.cross_entropy)} nats a label on {examples}, {of_labels}{few}."
    if report.task == "binary":
        negative, positive = map(class_name, report.class_names)
        where = f"{examples}, {negative} ({report.support[0]}) against {positive} ({report.support[1]})"
    else:
        where = f"{examples} of {count(report.num_classes, 'class', 'classes')}"
    few = "" if evidence.enough else ", too few to say much"
    return f"{subject(report)} {nats(report.cross_entropy)} nats on {where}{few}."


def _examples(report: EvaluationReport) -> str:
    """How many examples; with inner axes how many positions, such as tokens or pixels, of how many samples."""
    if sampling.rows_per_sample(report.statistics) == 1:
        return count(report.num_examples, "example")
    return f"{count(report.num_examples, 'position')} in {count(report.statistics.num_samples, 'sample')}"


def single_class(evidence: Evidence) -> str | None:
    """Only one class among the labels, or one outcome of each label."""
    if evidence.by_label:
        return label_clauses.nothing_to_tell(evidence)
    only = evidence.single_class
    if only is None:
        return None
    return (
        f"Every example is of class {class_name(evidence.report.class_names[only])}: there is nothing to tell apart, "
        "the class shares alone would score 0, and skill is undefined."
    )


def yardstick(evidence: Evidence) -> str | None:
    """Where it stands between 0, the entropy of the class shares and ln K."""
    report = evidence.report
    if evidence.nothing_to_tell:
        return None
    prior, uniform = report.prior_entropy, report.uniform_cross_entropy
    of, among = ("label", "") if evidence.by_label else ("class", f" among {report.num_classes}")
    even = "" if nats(prior) == nats(uniform) else f" (an even guess{among}: {nats(uniform)})"
    known = f"nowing only the {of} shares would score {nats(prior)}{even}"
    if not evidence.enough:
        return f"K{known}."
    if evidence.against_prior < 0:
        gone = f"{share_in_words(report.skill)} of the uncertainty is gone"
        return f"K{known}, so {gone} (skill {probability(report.skill)})."
    if evidence.undecided:
        return f"K{known}: whether the model knows more is more than so few independent examples can tell."
    if evidence.against_prior == 0:
        worth = "the probabilities are worth" if evidence.beats_majority else "the model knows"
        return f"K{known}: within noise, {worth} no more than that."
    worse = f"Worse than knowing nothing: k{known}"
    if evidence.above_uniform:
        return f"{worse}. To be above an even guess takes wrong answers given with confidence."
    return f"{worse}."


def typical_probability(evidence: Evidence) -> str:
    """The geometric mean of the probability of the true class, and the fair pick that is as unsure."""
    report = evidence.report
    if evidence.by_label:
        return label_clauses.typical_probability(report)
    typical = f"The true class typically gets probability {probability(report.geometric_mean_probability)}"
    if report.cross_entropy > report.uniform_cross_entropy + 1e-4:
        return f"{typical} (geometric mean), less than the {probability(1 / report.num_classes)} of an even guess."
    if report.perplexity < 1.05:
        return f"{typical} (geometric mean)."
    decimals = 1 if report.perplexity < 99.5 else 0
    return f"{typical}, as unsure as a fair pick among {report.perplexity:.{decimals}f} classes."


def decisions(evidence: Evidence) -> str | None:
    """Accuracy that is no better than naming one class always, or below chance."""
    report = evidence.report
    if evidence.by_label:
        return label_clauses.decisions(evidence)
    if evidence.nothing_to_tell or evidence.undecided or not evidence.enough:
        return None
    accuracy = f"Accuracy {probability(report.accuracy)} is"
    if evidence.below_chance:
        return f"{accuracy} below chance ({probability(1 / report.num_classes)}): labels and outputs seem mixed up."
    if evidence.beats_majority:
        return None
    majority = class_name(report.class_names[evidence.majority])
    always = f"always naming {majority} ({probability(evidence.majority_share)})"
    more = ", though the probabilities know more than that" if evidence.against_prior < 0 else ""
    return f"{accuracy} no better, within noise, than {always}{more}."


def collapse(evidence: Evidence) -> str | None:
    """Nearly all predictions are one class, though the labels are not."""
    report = evidence.report
    if evidence.by_label:  # A label may well be decided one way throughout: see `label_clauses.missed`.
        return None
    top = int(report.predicted.argmax())
    predicted, share = report.predicted[top] / report.num_examples, report.support[top] / report.num_examples
    noise = math.sqrt(max(share * (1 - share), 1e-12) / sampling.independent(report))
    enough = evidence.enough and predicted >= limit.COLLAPSED
    if not enough or share > limit.COLLAPSED * predicted or not beyond_noise(predicted - share, noise):
        return None
    if report.confidence < limit.TIED / report.num_classes:
        return None
    name = class_name(report.class_names[top])
    return f"{percent(predicted)} of the predictions are {name}, which {percent(share)} of the examples are."


def confidence(evidence: Evidence) -> str | None:
    """Accuracy against confidence, and what a temperature alone would gain; silent of outputs that have none."""
    report, gap = evidence.report, evidence.confidence_gap
    if _are_no_probabilities(report):
        return None
    gain = evidence.temperature_gain
    hot = report.temperature > 1
    rescaled = ""
    if gain:
        plain, tempered = levels(report.cross_entropy, report.tempered_cross_entropy)
        rescaled = f"temperature {report.temperature:.2f} alone would bring {plain} down to {tempered}"
    accuracy, sure, points = probability(report.accuracy), probability(report.confidence), percentage_points(gap)
    said = decisions(evidence) is not None
    if gap < 0:
        far = "far " if -gap >= limit.FAR_GAP else ""
        better = "T" if said else f"Accuracy {accuracy} is {far}better than that: t"
        tempered = f" ({rescaled})" if gain and not hot else ""
        return f"{better}he decisions are ahead of the probabilities, confidence is {points} below accuracy{tempered}."
    if gap > 0:
        share = f" ({rescaled}: {percent(gain / report.cross_entropy)} of it is over-confidence)"
        with_confidence = (
            f"With a confidence of {sure}" if said else f"Accuracy {accuracy} with a confidence of {sure}:"
        )
        return f"{with_confidence} the model is {points} surer than it is right{share if gain and hot else ''}."
    if gain:
        kind = "over" if hot else "under"
        agree = _agree(evidence, said=said)
        return f"{agree}, yet {rescaled}: the probabilities are {kind}-confident where it costs most."
    return _without_gap(evidence, said=said)


def _agree(evidence: Evidence, *, said: bool) -> str:
    """Accuracy and confidence side by side; the accuracy once more only where it has not been said."""
    accuracy, sure = probability(evidence.report.accuracy), probability(evidence.report.confidence)
    return f"{'The accuracy' if said else f'Accuracy {accuracy}'} and confidence {sure} agree within noise"


def _without_gap(evidence: Evidence, *, said: bool) -> str:
    """The same where neither the mean nor a temperature shows anything."""
    report, agree = evidence.report, _agree(evidence, said=said)
    accuracy, sure = probability(report.accuracy), probability(report.confidence)
    if evidence.uneven_calibration:
        error = probability(report.expected_calibration_error)
        return f"{agree} in the mean, yet not at each level of confidence (expected calibration error {error})."
    if not evidence.enough:
        return f"Accuracy is {accuracy}."
    if evidence.of_positions:
        return f"Accuracy is {accuracy} with a confidence of {sure}."
    honest = ": what the model says of its own certainty can be believed" if evidence.against_prior < 0 else ""
    return f"{agree}{honest}."


def few_examples(evidence: Evidence) -> str | None:
    """A few examples carry much of the cross-entropy."""
    tail = evidence.tail
    # Those of rare labels are the positives, of which `label_clauses.outcomes` tells.
    if tail is None or (evidence.by_label and label_clauses.positives_carry_loss(evidence.report)):
        return None
    rows = "positions" if evidence.of_positions else "examples"
    what = "decisions whose true outcome" if evidence.by_label else f"{rows} whose true class"
    return (
        f"The {percent(tail.examples)} of {what} gets less than {tail.below:.2f} carry at least "
        f"{percent(tail.loss)} of the loss."
    )


def no_chance(evidence: Evidence) -> str | None:
    """Examples whose true class was ruled out, by a model that knows something."""
    report = evidence.report
    decisions = report.statistics.num_decisions
    few = report.saturated < max(limit.MIN_CLASS_EXAMPLES, limit.SATURATED * decisions)
    if few or evidence.against_prior >= 0:
        return None
    share = percent(report.saturated / decisions)
    what, truth = ("decision", "true outcome") if evidence.by_label else ("example", "true class")
    return (
        f"{count(report.saturated, what)} ({share}) had the {truth} ruled out (a probability that Keras takes for 0): "
        "the labels are worth a look."
    )


def classes(evidence: Evidence) -> str | None:
    """Classes that carry more than their share of the loss; a model that knows nothing has none to tell apart."""
    report, hard = evidence.report, evidence.hard_classes
    if not len(hard) or evidence.against_prior == 0:
        return None
    named = hard[: limit.NAMED_CLASSES if report.num_classes <= limit.MANY_CLASSES else limit.NAMED_OF_MANY]
    names_of, kind, of_what = (
        (label_list, "labels", "uncertainty") if evidence.by_label else (class_list, "classes", "examples")
    )
    names = names_of(report.class_names[k] for k in sorted(named))
    sums = report.statistics.cross_entropy_sum
    shares = class_evidence.usual_share(report) if evidence.by_label else report.support
    loss, share = sums[named].sum() / sums.sum(), shares[named].sum() / shares.sum()
    verb = "carries" if len(named) == 1 else "carry"
    carried = f"{verb} {percent(loss, share)} of the loss with {percent(share, loss)} of the {of_what}"
    if len(named) < len(hard):
        return f"{len(hard)} {kind} cost more than their share; {names} {carried}."
    return f"{names[0].upper()}{names[1:]} {carried}."


def neglected(evidence: Evidence) -> str | None:
    """Classes for which the model is worse than the class shares; silent where it is no better as a whole."""
    found = evidence.neglected_classes
    if not len(found) or evidence.against_prior >= 0:
        return None
    word = "label" if evidence.by_label else "class"
    return f"For {evidence.named(found)} the model is worse than naming how common the {word} is."


def common_mistake(evidence: Evidence) -> str | None:
    """The pair of classes that stands out among the mistakes."""
    report = evidence.report
    worst = report.worst_confusions(1)
    errors = report.statistics.num_decisions - int(report.statistics.correct.sum())
    if not worst or report.num_classes < 3 or evidence.against_prior >= 0 or collapse(evidence):
        return None
    expected = errors / (report.num_classes * (report.num_classes - 1))
    noise = math.sqrt(max(expected, worst[0].count) * sampling.rows_per_sample(report.statistics))
    stands_out = beyond_noise(worst[0].count - expected, noise)
    if not stands_out or worst[0].count < limit.COMMON_MISTAKE * errors:
        return None
    pair = (worst[0].true_class, worst[0].predicted_class)
    true, predicted = (class_name(report.class_names[k]) for k in pair)
    return (
        f"The most common mistake is to take {true} for {predicted} ({worst[0].count} of {count(errors, 'mistake')})."
    )


def absent(evidence: Evidence) -> str | None:
    """Classes without an example among others that have some."""
    report = evidence.report
    missing = np.flatnonzero(report.support == 0)
    if evidence.by_label or not len(missing) or report.num_classes - len(missing) < 2 or not evidence.enough:
        return None
    which = evidence.named(missing)
    have, them = ("has", "it") if len(missing) == 1 else ("have", "them")
    return f"{which[0].upper()}{which[1:]} {have} no example here: how well the model knows {them} cannot be told."
