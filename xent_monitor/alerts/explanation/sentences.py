"""What the numbers say in sentences: the verdict, the two together, beside the training, and what is not known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from xent_monitor import baselines
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.explanation.causes import Cause
from xent_monitor.alerts.explanation.facts import Facts
from xent_monitor.alerts.explanation.honesty import gap_sentence, surer, tilt
from xent_monitor.interpretation import thresholds
from xent_monitor.interpretation.wording import (
    decimal,
    exact_nats,
    exact_percent,
    exact_points,
    probability,
    share_in_words,
)

__all__ = ["together", "training", "unknown", "verdict"]

#: Probability that is not worth a number.
TINY = 1e-3


def verdict(facts: Facts, causes: Sequence[Cause]) -> str:
    """The answer in a sentence or two: that of the first of these that has one."""
    sure = {cause.rule for cause in causes if cause.certainty != "possible"}
    found = next((_FAULTS[name](facts) for name in _FAULTS if name in sure), None)
    return found or _standing(facts, {cause.rule for cause in causes})


# The verdict of each fault


def _impossible(facts: Facts) -> str:
    return (
        f"The two numbers cannot be of the same answers: with {exact_percent(facts.accuracy)} right, no model is "
        f"below {exact_nats(facts.least)} nats."
    )


def _one_class(facts: Facts) -> str:
    return "The labels are all of one class: neither number says anything about the model."


def _capped(facts: Facts) -> str:
    return (
        f"It decides well ({exact_percent(facts.accuracy)} right), and its probabilities cannot say so: "
        f"{exact_nats(facts.ce)} nats is what a soft-max that is applied twice leaves."
    )


def _below_chance(facts: Facts) -> str:
    return (
        f"It is wrong more often than blind answers are ({exact_percent(facts.accuracy)} right against "
        f"{exact_percent(facts.blind)}): labels and outputs are mixed up, rather than not learned."
    )


def _mismatch(facts: Facts) -> str:
    train = facts.numbers.train_cross_entropy
    level = "" if train is None else f" (skill {decimal(facts.skill_of(train), 2)})"
    return f"It has learned the training{level}, and knows nothing of the validation: not the same task for it."


def _no_skill(facts: Facts) -> str:
    who = "knows the class shares and nothing else" if _has_shares(facts) else f"guesses among {facts.k} classes"
    level = f"{exact_nats(facts.ce)} nats is the {exact_nats(facts.prior)} of one who {who}"
    if _beats_majority(facts):
        return (
            f"Its probabilities know nothing, or hide it: {level}. Its answers know something, with "
            f"{exact_percent(facts.accuracy)} right against {exact_percent(facts.majority)}."
        )
    return f"It has learned nothing yet: {level}, and {exact_percent(facts.accuracy)} right is no better."


def _worse(facts: Facts) -> str:
    level = f"{exact_nats(facts.ce)} nats is worse than the {exact_nats(facts.prior)} of the class shares alone"
    if _beats_majority(facts):
        return (
            f"Its answers are worth something ({exact_percent(facts.accuracy)} right against "
            f"{exact_percent(facts.majority)}), its probabilities are not: {level}."
        )
    return (
        f"It knows less than nothing: {level}, and {exact_percent(facts.accuracy)} right is no better than one class "
        f"for every input ({exact_percent(facts.majority)})."
    )


def _dishonest(facts: Facts) -> str:
    if facts.skill <= 0:
        return _worse(facts)
    learned = f"It has learned {share_in_words(facts.skill)} of what there is to know (skill {_skill(facts)})"
    confidence, right = facts.numbers.confidence, exact_percent(facts.accuracy)
    if confidence is None or facts.ce > facts.calibrated_within_noise[1]:
        need = f"need not cost more than {exact_nats(facts.calibrated[1])} nats"
        if facts.gap and confidence is not None:
            off = f"{tilt(facts)}-confident, {exact_percent(confidence)} sure with {right} right"
            return f"{learned}, but is {off}: its probabilities {need}."
        return f"{learned}, but its probabilities are not honest: with {right} right they {need}."
    if not facts.gap:
        return f"{learned}, and is {tilt(facts)}-confident where it costs most."
    return f"{learned}, and is {tilt(facts)}-confident: {exact_percent(confidence)} sure, {right} right."


#: In the order of urgency.
_FAULTS: dict[str, Callable[[Facts], str]] = {
    "invalid-labels": _one_class,
    "inconsistent-loss": _impossible,
    "redundant-softmax": _capped,
    "below-chance": _below_chance,
    "validation-mismatch": _mismatch,
    "worse-than-prior": _worse,
    "no-skill": _no_skill,
    "miscalibrated": _dishonest,
}


def _standing(facts: Facts, possible: set[str]) -> str:
    """The verdict where nothing is likely to be wrong."""
    if math.isnan(facts.skill):
        return _one_class(facts)
    if facts.skill <= 0:
        return (
            f"It has learned nothing that these numbers show: {exact_nats(facts.ce)} nats against the "
            f"{exact_nats(facts.prior)} of one who knows the class shares alone."
        )
    if facts.skill >= thresholds.SOLVED:
        return f"As good as perfect: {exact_nats(facts.ce)} of {exact_nats(facts.prior)} nats are left."
    learned = f"It has learned {share_in_words(facts.skill)} of what there is to know (skill {_skill(facts)})"
    if "overfitting" in possible:
        train = facts.numbers.train_cross_entropy or 0.0
        return f"{learned}; much of what it learned in training, at {exact_nats(train)} there, does not carry over."
    if "inconsistent-loss" in possible:
        return f"{learned}, more than its accuracy of {exact_percent(facts.accuracy)} shows."
    if facts.gap and facts.report is None:
        return f"{learned}, and is {surer(facts)}."
    if not _beats_majority(facts):
        return (
            f"{learned}, which the accuracy cannot show: the same answer to every input is right "
            f"{exact_percent(facts.majority)} of the time too."
        )
    return f"{learned}, and nothing in these numbers speaks of a fault."


def _skill(facts: Facts) -> str:
    return decimal(facts.skill, 2)


def _has_shares(facts: Facts) -> bool:
    return facts.uniform - facts.prior > 1e-9


def _beats_majority(facts: Facts) -> bool:
    """Whether more answers are right than one class for every input would have, beyond noise and by a bit."""
    return facts.accuracy - facts.majority > max(limits.NOISE * facts.accuracy_error, 0.01)


# Both numbers together


def together(facts: Facts) -> Iterator[str]:
    """What cross-entropy and accuracy say together."""
    yield _against_chance(facts)
    gap = gap_sentence(facts)
    if gap:
        yield gap
    if facts.is_impossible or facts.majority == 1 or facts.skill >= thresholds.SOLVED:
        return
    yield _honest_range(facts)
    costs = _costs(facts)
    if costs:
        yield costs


def _against_chance(facts: Facts) -> str:
    right = exact_percent(facts.accuracy)
    constant = exact_percent(facts.majority)
    if facts.numbers.shares is None:
        return (
            f"{right} right, where blind answers are right {constant} of the time if the classes are equally frequent; "
            "if one is more frequent, to name it always is right as often as its share."
        )
    if facts.majority - min(facts.shares) < 1e-9:
        return f"{right} right, where any blind answers are right {constant} of the time."
    return (
        f"{right} right, where the most frequent class for every input is right {constant} of the time, and blind "
        f"answers as frequent as the classes {exact_percent(facts.blind)}."
    )


def _honest_range(facts: Facts) -> str:
    low, high = facts.calibrated
    right, ce = exact_percent(facts.accuracy), exact_nats(facts.ce)
    least, most = facts.calibrated_within_noise
    if math.isnan(least):
        return (
            f"No model with honest probabilities is right only {right} of the time: its answers would be right at "
            f"least {exact_percent(facts.majority)} of it."
        )
    bounds = f"from {exact_nats(low)} to {exact_nats(high)}"
    if math.isnan(low):
        bounds = f"at most {exact_nats(high)}"
    elif exact_nats(low) == exact_nats(high):
        bounds = exact_nats(high)
    told = f"A model with honest (calibrated) probabilities that is right {right} of the time has {bounds} nats"
    above = facts.ce > most + limits.CALIBRATION_GAIN * facts.span
    if not above and (facts.ce > high or facts.ce < low) and facts.ce >= least:
        return f"{told}, give or take noise and rounding; {ce} may be honest."
    if above:
        return f"{told}; {ce} is above that. {_cheaper(facts)}."
    if facts.ce < least:
        return f"{told}; {ce} is below that: these outputs allow better decisions than were counted."
    if facts.numbers.confidence is not None:
        return f"{told}; {ce} is within that."
    return f"{told}; {ce} is within that, so that these numbers do not tell over-confidence from ignorance."


def _cheaper(facts: Facts) -> str:
    """What brings any model with this accuracy to the most that an honest one has."""
    high = exact_nats(facts.calibrated[1])
    if facts.calibrated[1] == facts.prior:
        return f"The class shares, given to every input, would cost {high}"
    return (
        f"To give the named class {probability(facts.agreement)} every time, and the others the rest evenly, would "
        f"cost {high}, and leave the answers as they are"
    )


def _costs(facts: Facts) -> str | None:
    """What a right and a wrong answer cost."""
    right, wrong = facts.right_costs, facts.wrong_costs
    if wrong is None or right is None or facts.ce > facts.most:
        return None
    text = f"A wrong answer costs from {exact_nats(wrong[0])} to {exact_nats(wrong[1])} nats in the mean"
    if wrong[1] < -math.log(TINY):
        text += f", so that its true class gets {probability(math.exp(-wrong[1]))} or more (geometric mean)"
    return f"{text}."


# Beside the training


def training(facts: Facts) -> Iterator[str]:
    """What the numbers of the training add."""
    numbers = facts.numbers
    ce, right = numbers.train_cross_entropy, numbers.train_accuracy
    if right is not None:
        gap = right - facts.accuracy
        side = "more" if gap > 0 else "fewer"
        yield (
            f"In training {exact_percent(right)} are right, {exact_points(right, facts.accuracy)} {side} than here."
            if gap
            else f"In training {exact_percent(right)} are right, as many as here."
        )
    if ce is None:
        return
    if right is not None and ce < limits.IMPOSSIBLE * facts.least_of(right):
        yield (
            f"The two numbers of the training cannot be of the same answers: with {exact_percent(right)} right, no "
            f"model is below {exact_nats(facts.least_of(right))} nats. See inconsistent-loss."
        )
    gap, skill = facts.ce - ce, facts.skill_of(ce)
    of = "" if math.isnan(skill) else f" (skill {decimal(skill, 2)})"
    level = f"The training is at {exact_nats(ce)} nats{of}"
    if gap < 0:
        yield (
            f"{level}, above these {exact_nats(facts.ce)}. That is no fault: its number is a mean over the epoch, "
            "while the weights change, with dropout and augmentation."
        )
    elif gap > max(limits.RISE * facts.span, thresholds.WIDE_GAP * facts.ce):
        yield f"{level}, {exact_nats(gap)} below these {exact_nats(facts.ce)}: so much does not carry over."
    elif skill > thresholds.WEAK_SKILL or math.isnan(skill):
        yield f"{level}, near these {exact_nats(facts.ce)}."
    else:
        yield (
            f"{level}, near these {exact_nats(facts.ce)}: what is missing was not learned, rather than learned by "
            "heart. A longer training, a larger model or better inputs can help; more data alone hardly."
        )


# What is not known


def unknown(facts: Facts) -> Iterator[str]:
    """What these numbers do not tell."""
    numbers = facts.numbers
    yield from _noise(facts)
    if numbers.shares is None:
        share = exact_percent(facts.accuracy)
        told = "Class shares were not given; equal ones are assumed."
        if _beats_majority(facts) and facts.ce >= _entropy_of_shares(facts) - 1e-9:
            told += f" If one class had {share} of the examples, its share alone could explain both."
        yield told
    if numbers.train_cross_entropy is None:
        yield "One epoch of one pass: whether it still falls, or rises above its best, and what the training does."
    else:
        yield "One epoch: whether the cross-entropy still falls, or rises above its best."
    yield "The classes one by one (neglected-class), and whether the outputs are probabilities at all."


def _noise(facts: Facts) -> Iterator[str]:
    many = f"{facts.n:,} examples"
    accuracy = decimal(100 * facts.accuracy_error, 1)
    if facts.numbers.examples is None:
        yield (
            f"Noise: {many} are assumed, which give the accuracy a standard error of {accuracy} points; with fewer, "
            "less is certain. Say how many there are."
        )
        return
    bound = f", of the cross-entropy {exact_nats(facts.largest_error)} at most (from clipped probabilities)"
    if math.isinf(facts.largest_error):
        bound = ""
    yield (
        f"Noise: {many} give the accuracy a standard error of {accuracy} points{bound}; less than 3 of these are no "
        "difference."
    )


def _entropy_of_shares(facts: Facts) -> float:
    """Least entropy of class shares whose largest is the accuracy: as many such classes as there is room for."""
    share = facts.accuracy
    whole = math.floor(1 / share + 1e-12)
    return baselines.prior_entropy([share] * whole + [max(0.0, 1 - whole * share)])
