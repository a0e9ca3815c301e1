"""Confidence against accuracy: how far they are apart, what that costs, and what is said of it."""

from __future__ import annotations

import dataclasses
import math

from xent_monitor.alerts.builtin import hints, limits
from xent_monitor.alerts.evaluation import Evaluation
from xent_monitor.alerts.explanation.facts import Facts
from xent_monitor.alerts.explanation.finding import Certainty, Finding
from xent_monitor.interpretation import thresholds
from xent_monitor.interpretation.wording import count, decimal, exact_nats, exact_percent, exact_points
from xent_monitor.report import EvaluationReport

__all__ = ["costs_too_much", "gap_sentence", "miscalibrated", "surer", "tilt"]

#: Share of what a temperature must gain for the rule that the gap alone has to cost: see `_cost_of_gap`.
SURE_COST = 0.5


def miscalibrated(facts: Facts) -> Finding | None:
    """Confidence that is known to be off, or outputs that cost more than their answers need to."""
    if facts.report is not None:
        return _by_temperature(facts, facts.report)
    too_much, confidence = costs_too_much(facts), facts.numbers.confidence
    if facts.gap and confidence is not None:
        return Finding(
            "likely" if too_much else _certainty_of_gap(facts),
            f"a mean confidence of {exact_percent(confidence)} at an accuracy of {exact_percent(facts.accuracy)}, "
            f"{_beyond(facts)}: the model is {tilt(facts)}-confident",
            "the temperature, and what dividing the logits by it gains",
        )
    if not too_much:
        return None
    highest = facts.calibrated[1]
    return Finding(
        "likely",
        f"answers that are right {exact_percent(facts.accuracy)} of the time need not cost more than "
        f"{exact_nats(highest)} nats; these cost {exact_nats(facts.ce)}, so that {exact_nats(facts.ce - highest)} or "
        "more are confidence that is off",
        "the mean confidence: above the accuracy the model is over-confident, below it under-confident"
        if confidence is None
        else "the temperature, and the calibration at each level of confidence",
    )


def costs_too_much(facts: Facts) -> bool:
    """Whether no honest model with this accuracy costs as much."""
    ce = facts.ce - facts.numbers.cross_entropy_rounding
    return ce > facts.calibrated_within_noise[1] + limits.CALIBRATION_GAIN * facts.span


def tilt(facts: Facts) -> str:
    """`over` or `under`, of a model that is one of them: by the temperature where it is known."""
    if facts.report is not None:
        return "over" if facts.report.temperature > 1 else "under"
    return "over" if facts.gap > 0 else "under"


def surer(facts: Facts) -> str:
    """`7.0 points surer than it is right`, of a gap that matters."""
    points = exact_points(facts.numbers.confidence or 0.0, facts.accuracy)
    return f"{points} {'surer' if facts.gap > 0 else 'less sure'} than it is right"


def gap_sentence(facts: Facts) -> str | None:
    """Confidence against accuracy; None where the confidence is not known."""
    confidence = facts.numbers.confidence
    if confidence is None:
        return None
    told = f"{exact_percent(facts.accuracy)} right with a mean confidence of {exact_percent(confidence)}"
    if facts.gap:
        side = "over" if facts.gap > 0 else "under"
        return f"{told}: the model is {surer(facts)}, {_beyond(facts)}. It is {side}-confident."
    if facts.n < limits.MIN_EXAMPLES:
        return f"{told}: {count(facts.n, 'example')} cannot tell whether the model is as sure as it is right."
    if facts.sure_gap > limits.NOISE * facts.accuracy_error:
        return f"{told}: the two agree to within a point."
    if abs(confidence - facts.accuracy) >= thresholds.NOTABLE_GAP:
        return f"{told}, which {facts.n:,} examples cannot tell apart."
    return f"{told}: the two agree within noise."


def _beyond(facts: Facts) -> str:
    assumed = "" if facts.numbers.examples else f" with {facts.n:,} examples"
    return f"beyond noise (a standard error of {decimal(100 * facts.accuracy_error, 1)} points{assumed})"


def _certainty_of_gap(facts: Facts) -> Certainty:
    """Likely where the gap alone costs about what the rule looks for."""
    enough = limits.CALIBRATION_GAIN * facts.span
    far = abs(facts.gap) > thresholds.NOTABLE_GAP or _cost_of_gap(facts) > SURE_COST * enough
    return "likely" if far else "possible"


def _cost_of_gap(facts: Facts) -> float:
    r"""Nats that setting the confidence right would gain, at least.

    .. math:: a \ln\frac{a}{c} + (1 - a) \ln\frac{1 - a}{1 - c}

    with the accuracy a and the mean confidence c: at each confidence that divergence is what the named class costs too
    much, and it is convex in both (Cover and Thomas 2006, theorem 2.7.2), so that its mean is no lower. A temperature
    is found to gain one and a half to four times as much, where posteriors of 2 to 50 classes were scaled.
    """
    right = facts.accuracy
    sure = right + math.copysign(facts.sure_gap, facts.gap)
    cost = 0.0
    for share, told in ((right, sure), (1 - right, 1 - sure)):
        if share > 0:
            cost += share * math.log(share / told) if told > 0 else math.inf
    return cost


def _by_temperature(facts: Facts, report: EvaluationReport) -> Finding | None:
    """What the rule itself says of the pass, as that of a model whose training is over."""
    settled = dataclasses.replace(report, split="validation")
    observed = hints.miscalibrated(Evaluation(settled, earlier=(settled,) * limits.STILL))
    if not any(one.holds for one in observed):
        return None
    return Finding(
        "likely",
        f"dividing the logits by {decimal(report.temperature, 2)} would lower {exact_nats(facts.ce)} nats to "
        f"{exact_nats(report.tempered_cross_entropy)}; the model is {tilt(facts)}-confident, with a mean confidence of "
        f"{exact_percent(min(report.confidence, 1.0))} at an accuracy of {exact_percent(facts.accuracy)}",
    )
