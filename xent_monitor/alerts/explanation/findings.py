"""What speaks for each fault that a few numbers can show: one function for each built-in rule.

Most rules judge several epochs, counts of each class or outputs, which are not known here. That of the confidence is in
`.honesty`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

from xent_monitor import baselines
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.builtin.start import high_start
from xent_monitor.alerts.explanation.facts import Facts
from xent_monitor.alerts.explanation.finding import Finding
from xent_monitor.alerts.explanation.honesty import miscalibrated
from xent_monitor.interpretation import thresholds
from xent_monitor.interpretation.wording import decimal, exact_nats, exact_percent, exact_points

__all__ = ["FINDINGS"]

#: By how far the cross-entropy behind a second soft-max may miss what it leaves of a model that is sure of each answer,
#: nats: what a model that is nearly sure, as the rule asks for, can miss it by.
CAPPED = 0.25
#: The same as a share of its distance to what honest outputs cost at most, where hardly anything else is so near.
CAPPED_SURELY = 0.1


def invalid_labels(facts: Facts) -> Finding | None:
    """Labels that are all of one class."""
    few = facts.numbers.examples is not None and facts.numbers.examples < limits.MIN_EXAMPLES
    if facts.majority < 1 or few:
        return None
    return Finding("certain", f"all labels are of class {facts.shares.index(1.0)}, so that there is nothing to tell")


def inconsistent_loss(facts: Facts) -> Finding | None:
    """Numbers that cannot be of the same answers."""
    wrong, least, ce = 1 - facts.accuracy, exact_nats(facts.least), exact_nats(facts.ce)
    enough = facts.numbers.examples is None or wrong * facts.numbers.examples > limits.MIN_ERRORS - 0.5
    look = "what the loss and the accuracy look at: outputs, labels, weights, and whether both are of the same pass"
    if facts.ce < limits.IMPOSSIBLE * facts.least and enough:
        evidence = (
            f"{exact_percent(wrong)} wrong answers bring any model to {least} nats or more, as none can cost less than "
            f"ln 2; {ce} is below that"
        )
        if facts.is_impossible:
            return Finding("certain", evidence, look)
        return Finding("possible", f"{evidence}, if rounding is not to blame", "the numbers with more decimals")
    if facts.ce - facts.numbers.cross_entropy_rounding > facts.most:
        # Not impossible: where Keras has the logits there is no clip.
        return Finding(
            "possible",
            f"right answers cost at most ln {facts.k}, wrong ones at most {exact_nats(baselines.CLIP_CEILING)} from "
            f"clipped probabilities, together {exact_nats(facts.most)}; {ce} is above that, and "
            f"{decimal(facts.ce / facts.uniform, 1)} times ln {facts.k}",
            "whether the loss is summed over the batch, holds a penalty, or is taken from logits, without a clip",
        )
    return _knows_more(facts)


def _knows_more(facts: Facts) -> Finding | None:
    """Outputs that would allow better decisions than were counted."""
    low, _ = facts.calibrated_within_noise
    if not facts.ce + facts.numbers.cross_entropy_rounding < low - limits.MATERIAL * facts.span:
        return None
    return Finding(
        "possible",
        f"outputs of {exact_nats(facts.ce)} nats allow decisions that are right more often than "
        f"{exact_percent(facts.accuracy)}: honest ones cost {exact_nats(facts.calibrated[0])} or more at that accuracy",
        "the accuracy of the largest probability: was it counted on logits, or at another threshold than one half?",
    )


def constant_output(facts: Facts) -> Finding | None:
    """The accuracy of one class for every input, at no skill."""
    share = _share_like(facts, 0.0)
    if share is None or facts.skill > limits.NO_SKILL:
        return None
    return Finding(
        "possible",
        f"{exact_percent(facts.accuracy)} right is, within noise, what the same answer to every input scores "
        f"({exact_percent(share)})",
        "how often each class is predicted, and whether the probabilities differ from input to input",
    )


def class_collapse(facts: Facts) -> Finding | None:
    """Nearly so."""
    share = _share_like(facts, 1 - limits.COLLAPSED)
    if share is None or facts.skill > limits.SOME_SKILL:
        return None
    return Finding(
        "possible",
        f"{exact_percent(facts.accuracy)} right is about what one class for nearly every input scores "
        f"({exact_percent(share)})",
        "how often each class is predicted",
    )


def _share_like(facts: Facts, apart: float) -> float | None:
    """Share of the class that has as many examples as answers are right, about."""
    near = min(facts.shares, key=lambda share: abs(share - facts.accuracy))
    off = apart + limits.NOISE * facts.accuracy_error + facts.numbers.accuracy_rounding
    return near if abs(near - facts.accuracy) <= off else None


def bad_initial_loss(facts: Facts) -> Finding | None:
    """A level that only a start may have."""
    ce = facts.ce if facts.numbers.train_cross_entropy is None else facts.numbers.train_cross_entropy
    if ce <= high_start(facts.uniform):
        return None
    return Finding(
        "possible",
        f"{exact_nats(ce)} is far above ln {facts.k} = {exact_nats(facts.uniform)}; a usual initialisation starts at "
        f"{exact_nats(facts.uniform + limits.START_NATS)} at most",
        "the cross-entropy of the very first step",
    )


def redundant_softmax(facts: Facts) -> Finding | None:
    """Decisions that are sure, behind a cross-entropy that a second soft-max has flattened."""
    least, expected = facts.redundant
    cap = baselines.redundant_softmax_cap(facts.k)
    if facts.ce < least - facts.numbers.cross_entropy_rounding - limits.ROUNDING:
        return None
    confidence = facts.numbers.confidence
    if confidence is None:
        return _flattened(facts, cap, expected) or _always_positive(facts)
    gap = facts.accuracy - confidence
    pinned = limits.PINNED * cap <= confidence <= cap * limits.CAP_ROUNDING
    if not pinned or gap <= max(limits.MATERIAL_SHARE, limits.NOISE * facts.accuracy_error):
        return _always_positive(facts)
    return Finding(
        "likely" if abs(facts.ce - expected) <= CAPPED else "possible",
        f"the mean confidence, {decimal(confidence, 3)}, is at the most that a second soft-max leaves "
        f"({decimal(cap, 3)}), at an accuracy of {exact_percent(facts.accuracy)}; it keeps the cross-entropy above "
        f"{exact_nats(least)}",
        "the largest confidence of any example",
    )


def _flattened(facts: Facts, cap: float, expected: float) -> Finding | None:
    """Above what honest outputs cost, and about where a second soft-max leaves a model that is sure."""
    apart = abs(facts.ce - expected)
    if facts.accuracy - limits.PINNED * cap <= limits.MATERIAL_SHARE or apart > CAPPED:
        return None
    if facts.ce <= facts.calibrated_within_noise[1] + limits.CALIBRATION_GAIN * facts.span:
        return None
    near = CAPPED_SURELY * (expected - facts.calibrated[1])
    return Finding(
        "likely" if apart <= near else "possible",
        f"a soft-max applied twice leaves a model that is right {exact_percent(facts.accuracy)} of the time at about "
        f"{exact_nats(expected)}, and never below {exact_nats(facts.redundant[0])}; here it is {exact_nats(facts.ce)}",
        f"the mean confidence: a second soft-max keeps it below {decimal(cap, 3)}",
    )


def _always_positive(facts: Facts) -> Finding | None:
    """Of two classes the sigmoid of a sigmoid always names the second, with some skill all the same."""
    share = _share_like(facts, 0.0)
    if facts.k != 2 or share is None or not facts.skill > limits.NO_SKILL:
        return None
    least = share * facts.redundant[0] + (1 - share) * facts.uniform
    # An honest model cannot be there, if it is known that the classes are as frequent as they are.
    if facts.ce < least or (not math.isnan(facts.calibrated[0]) and facts.ce >= facts.calibrated_within_noise[0]):
        return None
    return Finding(
        "possible",
        f"{exact_percent(facts.accuracy)} right is what one class for every input scores, though "
        f"{exact_nats(facts.ce)} nats know more: a sigmoid of a sigmoid always says yes",
        "the smallest output: a sigmoid of a sigmoid is never below 0.5",
    )


def diverging(facts: Facts) -> Finding | None:
    """A training that is far above the base rates."""
    train = facts.numbers.train_cross_entropy
    ce = facts.ce if train is None else train
    if not ce > facts.prior + limits.DIVERGED * facts.span:
        return None
    which = "" if train is None else " of the training"
    return Finding(
        "possible",
        f"the cross-entropy{which}, {exact_nats(ce)}, is above the {exact_nats(facts.prior)} of the class shares by "
        "more than a quarter",
        "the training loss of the epoch before: was it lower?",
    )


def below_chance(facts: Facts) -> Finding | None:
    """Fewer right answers than blind ones would give."""
    if not _is_below(facts, facts.blind):
        return None
    # Blind answers are right as often as the rarest class is, at least, whatever is predicted how often.
    sure = _is_below(facts, min(facts.shares)) and not facts.skill > limits.NO_SKILL
    return Finding(
        "likely" if sure else "possible",
        f"{exact_percent(facts.accuracy)} right is less than the {exact_percent(facts.blind)} of blind answers as "
        "frequent as the classes",
        "the confusion matrix: a pair or a circle of classes that is swapped throughout",
    )


def _is_below(facts: Facts, chance: float) -> bool:
    gap = chance - facts.accuracy - facts.numbers.accuracy_rounding
    return gap > max(limits.MATERIAL_SHARE * chance, limits.NOISE * facts.accuracy_error_of(chance))


def validation_mismatch(facts: Facts) -> Finding | None:
    """A training that works beside a validation that does not."""
    train, right = facts.numbers.train_cross_entropy, facts.numbers.train_accuracy
    if train is None or facts.skill > limits.NO_SKILL:
        return None
    skill, apart = facts.skill_of(train), facts.ce - max(train, facts.prior)
    good = False
    if right is not None and skill > limits.GOOD_SKILL:
        noise = math.hypot(facts.accuracy_error, facts.accuracy_error_of(right))
        good = right - facts.accuracy > max(limits.MATERIAL_SHARE, limits.NOISE * noise)
    if not good and not apart > facts.span + limits.NOISE * facts.error:
        return None
    return Finding(
        "likely",
        f"the training is at {exact_nats(train)} (skill {decimal(skill, 2)}), the validation at "
        f"{exact_nats(facts.ce)}, which is no better than the class shares ({exact_nats(facts.prior)})",
        "the validation of the epochs before: if it once was good, this is overfitting",
    )


def _gap(facts: Facts) -> str | None:
    """Validation well above training, in words."""
    train = facts.numbers.train_cross_entropy
    if train is None or not facts.skill_of(train) > limits.NO_SKILL:
        return None
    gap = facts.ce - train
    if gap <= max(limits.RISE * facts.span, thresholds.WIDE_GAP * facts.ce):
        return None
    return f"the validation, {exact_nats(facts.ce)}, is {exact_nats(gap)} nats above the training, {exact_nats(train)}"


def overfitting(facts: Facts) -> Finding | None:
    """What was learned in training does not carry over."""
    gap = _gap(facts)
    if gap is None:
        return None
    right = facts.numbers.train_accuracy
    if right is not None and right - facts.accuracy > thresholds.MATERIAL_GAP:
        gap += f", and {exact_points(right, facts.accuracy)} fewer of its answers are right"
    return Finding("possible", gap, "the validation of the epochs before: overfitting is a rise above the best of them")


def loss_accuracy_divergence(facts: Facts) -> Finding | None:
    """The same where the probabilities are proven to be too sure, or the decisions hold."""
    gap, right = _gap(facts), facts.numbers.train_accuracy
    if gap is None:
        return None
    holds = right is not None and right - facts.accuracy < limits.MATERIAL_SHARE
    if not holds and miscalibrated(facts) is None:
        return None
    return Finding(
        "possible",
        f"{gap}, while the decisions are right {exact_percent(facts.accuracy)} of the time",
        "the validation accuracy of the epochs before, and the temperature: does it hold while the loss rises?",
    )


def no_skill(facts: Facts) -> Finding | None:
    """At the level of the class shares."""
    train = facts.numbers.train_cross_entropy
    if train is not None and facts.skill_of(train) > limits.GOOD_SKILL:
        return None
    if facts.ce > facts.prior + limits.MATERIAL_LEVEL * facts.span or facts.skill > limits.SOME_SKILL:
        return None
    seen = limits.NOISE * facts.error < limits.SOME_SKILL * facts.span
    return Finding(
        "likely" if seen and facts.skill <= limits.NO_SKILL else "possible",
        f"{exact_nats(facts.ce)} nats against the {exact_nats(facts.prior)} of one who "
        f"{'knows the class shares alone' if facts.uniform - facts.prior > 1e-9 else 'guesses'}: skill "
        f"{decimal(100 * facts.skill, 1)} %",
        "the next epochs: does the cross-entropy still fall? In the first epoch or two this is common",
    )


def worse_than_prior(facts: Facts) -> Finding | None:
    """Above the class shares."""
    excess = facts.ce - facts.prior
    if excess <= limits.MATERIAL_LEVEL * facts.span:
        return None
    sure = excess > limits.NOISE * facts.largest_error or facts.ce > facts.most
    confidence = facts.numbers.confidence
    if confidence is None:
        decides = "the mean confidence: above the accuracy the model is too sure, below it has yet to learn the shares"
    else:
        decides = "the next epochs: the first one or two of sound trainings may be there"
    return Finding(
        "likely" if sure else "possible",
        f"{exact_nats(facts.ce)} nats is {exact_nats(excess)} above the {exact_nats(facts.prior)} of one who knows the "
        f"class shares alone, at an accuracy of {exact_percent(facts.accuracy)}",
        decides,
    )


def label_noise(facts: Facts) -> Finding | None:
    """A good model that is wrong at a high price."""
    numbers = facts.numbers
    judged, which = facts, ""
    train, right = numbers.train_cross_entropy, numbers.train_accuracy
    if train is not None and right is not None:
        if train > facts.ce:
            return None  # What changes weights and drops units is worse than the model that it leaves.
        which = " of the training"
        judged = Facts(dataclasses.replace(numbers, cross_entropy=train, accuracy=right, confidence=None))
    if not 1 - limits.CONTRADICTED < judged.accuracy < 1 or judged.wrong_costs is None:
        return None
    if judged.ce <= judged.calibrated[1]:
        return None
    return Finding(
        "possible",
        f"{exact_percent(judged.accuracy)}{which} is right, and the few wrong answers cost up to "
        f"{exact_nats(judged.wrong_costs[1])} nats each: the model may be sure that their labels are wrong",
        "the training examples with the lowest probability of their label: look at them",
    )


#: What is looked for, by the names of the rules, and in their order.
FINDINGS: Mapping[str, Callable[[Facts], Finding | None]] = {
    "invalid-labels": invalid_labels,
    "inconsistent-loss": inconsistent_loss,
    "constant-output": constant_output,
    "bad-initial-loss": bad_initial_loss,
    "redundant-softmax": redundant_softmax,
    "diverging": diverging,
    "below-chance": below_chance,
    "validation-mismatch": validation_mismatch,
    "loss-accuracy-divergence": loss_accuracy_divergence,
    "overfitting": overfitting,
    "class-collapse": class_collapse,
    "no-skill": no_skill,
    "worse-than-prior": worse_than_prior,
    "miscalibrated": miscalibrated,
    "label-noise": label_noise,
}
