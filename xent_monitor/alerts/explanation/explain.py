"""`explain`: from a few numbers to what they say."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from xent_monitor import baselines
from xent_monitor.alerts.explanation import sentences
from xent_monitor.alerts.explanation.causes import Cause, find_causes
from xent_monitor.alerts.explanation.facts import Facts, Range
from xent_monitor.alerts.explanation.numbers import Numbers
from xent_monitor.alerts.explanation.scale import Yardstick, scale
from xent_monitor.report import EvaluationReport

__all__ = ["Explanation", "explain"]


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What a few numbers say. Cross-entropies are in nats."""

    numbers: Numbers
    #: The answer in a sentence or two.
    verdict: str
    #: 1 perfect, 0 knows the class shares alone, below 0 worse; NaN with one class.
    skill: float
    #: Size of the fair pick that would be as unsure; infinite beyond floats; NaN, as the next, if labels are smoothed.
    perplexity: float
    #: Geometric mean of the probability of the true class.
    geometric_mean_probability: float
    #: The yardsticks and the model itself, the lowest first.
    yardsticks: tuple[Yardstick, ...]
    #: Least cross-entropy of any model with this accuracy.
    least: float
    #: Least and largest of a calibrated one; the least is NaN where a calibrated model is right more often.
    calibrated: Range
    #: What a right, and a wrong, answer can cost in the mean; None where there is none, or labels are smoothed.
    right_costs: Range | None
    wrong_costs: Range | None
    #: What cross-entropy and accuracy say together, one sentence or two each.
    together: tuple[str, ...]
    #: The same beside those of the training.
    training: tuple[str, ...]
    #: What may be wrong, the surest first.
    causes: tuple[Cause, ...]
    #: What these numbers do not tell.
    unknown: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: undefined and infinite are None."""
        fields = dataclasses.asdict(self)
        return {name: _plain(value) for name, value in fields.items()}


def explain(numbers: Numbers, report: EvaluationReport | None = None) -> Explanation:
    """What a cross-entropy and an accuracy say about a model.

    Args:
        numbers: What is known.
        report: The pass that the numbers are of, where the predictions are at hand: its temperature then says whether
            the model is calibrated, as in the rule, and its rows how many examples are independent.

    Returns:
        The explanation.

    Example:
        >>> found = explain(Numbers(num_classes=10, cross_entropy=2.31, accuracy=0.11))
        >>> [(cause.rule, cause.certainty) for cause in found.causes][0]
        ('no-skill', 'likely')
        >>> round(found.least, 3), [round(bound, 3) for bound in found.calibrated]
        (0.617, [2.208, 2.302])
    """
    facts = Facts(numbers, report)
    causes, smoothed = find_causes(facts), numbers.label_smoothing > 0
    return Explanation(
        numbers=numbers,
        verdict=sentences.verdict(facts, causes),
        skill=facts.skill,
        perplexity=math.nan if smoothed else baselines.perplexity(facts.ce),
        geometric_mean_probability=math.nan if smoothed else baselines.geometric_mean_probability(facts.ce),
        yardsticks=scale(facts),
        least=facts.least,
        calibrated=facts.calibrated,
        right_costs=facts.right_costs,
        wrong_costs=facts.wrong_costs,
        together=tuple(sentences.together(facts)),
        training=tuple(sentences.training(facts)),
        causes=causes,
        unknown=tuple(sentences.unknown(facts)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
