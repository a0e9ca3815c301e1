"""What follows from a few numbers by arithmetic: yardsticks, bounds and noise.

Smoothed labels are treated as what they are: labels of which a share is spread over all classes. The share of the label
that stands with the named class is then `agreement`, which takes the place of the accuracy in every bound.
"""

from __future__ import annotations

import dataclasses
import functools
import math

from xent_monitor import baselines, sampling
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.explanation.numbers import Numbers
from xent_monitor.alerts.noise import bounded_mean_error
from xent_monitor.interpretation import thresholds
from xent_monitor.report import EvaluationReport

__all__ = ["ASSUMED_EXAMPLES", "Facts", "Range"]

#: Examples that are assumed where it is not said how many there are.
ASSUMED_EXAMPLES = 1000

#: What arithmetic may be off by.
ROUNDING = 1e-12

#: From, to: nats.
Range = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Facts:
    """Numbers and what follows from them; all cross-entropies in nats."""

    numbers: Numbers
    #: The pass that they are of, where the predictions themselves are at hand.
    report: EvaluationReport | None = None

    # Shorthands

    @property
    def k(self) -> int:
        """Number of classes."""
        return self.numbers.num_classes

    @property
    def ce(self) -> float:
        """The cross-entropy."""
        return self.numbers.cross_entropy

    @property
    def accuracy(self) -> float:
        """The accuracy."""
        return self.numbers.accuracy

    @property
    def n(self) -> int:
        """Independent examples, given or assumed."""
        if self.report is not None:
            return max(1, int(sampling.independent(self.report)))
        return self.numbers.examples or ASSUMED_EXAMPLES

    # Yardsticks

    @functools.cached_property
    def shares(self) -> tuple[float, ...]:
        """Share of each class; where they are not known, the one that all have if they are equal."""
        return self.numbers.shares or (1 / self.k,)

    @functools.cached_property
    def floor(self) -> float:
        """Least cross-entropy of any model: 0, unless labels are smoothed."""
        return baselines.label_smoothing_floor(self.k, self.numbers.label_smoothing)

    @property
    def uniform(self) -> float:
        """Cross-entropy of a fair guess."""
        return baselines.uniform_cross_entropy(self.k)

    @functools.cached_property
    def prior(self) -> float:
        """Cross-entropy of one who knows the class shares alone."""
        if self.numbers.shares is None:
            return self.uniform
        smoothing = self.numbers.label_smoothing
        return baselines.prior_entropy([(1 - smoothing) * share + smoothing / self.k for share in self.shares])

    @property
    def span(self) -> float:
        """What there is to be learned, the unit of what is material: the prior entropy above the floor."""
        return self.prior - self.floor

    @property
    def skill(self) -> float:
        """Share of it that has been learned; NaN where there is nothing to learn."""
        return self.skill_of(self.ce)

    def skill_of(self, cross_entropy: float) -> float:
        """The same of another cross-entropy."""
        return baselines.skill(cross_entropy - self.floor, self.span)

    @property
    def majority(self) -> float:
        """Accuracy of one who always names the most frequent class."""
        return max(self.shares)

    @functools.cached_property
    def blind(self) -> float:
        """Accuracy of blind answers as frequent as the classes are: 1 / K where these are equal."""
        return 1 / self.k if self.numbers.shares is None else math.fsum(share**2 for share in self.shares)

    # Bounds

    @property
    def agreement(self) -> float:
        """Share of the labels that stands with the named class: the accuracy, unless labels are smoothed."""
        return self.agreement_of(self.accuracy)

    def agreement_of(self, accuracy: float) -> float:
        """The same at another accuracy."""
        smoothing = self.numbers.label_smoothing
        return (1 - smoothing) * accuracy + smoothing / self.k

    @property
    def least(self) -> float:
        """What no model with this accuracy can be below."""
        return self.least_of(self.accuracy)

    def least_of(self, accuracy: float) -> float:
        """The same at another accuracy."""
        return baselines.least_cross_entropy(min(accuracy, 1.0), self.k, self.numbers.label_smoothing)

    @functools.cached_property
    def most(self) -> float:
        """What no model with this accuracy can be above whose probabilities are clipped; infinite if smoothed."""
        if self.numbers.label_smoothing:
            return math.inf
        right = max(self.accuracy - self.numbers.accuracy_rounding, 0.0)
        return right * self.uniform + (1 - right) * baselines.CLIP_CEILING

    @functools.cached_property
    def calibrated(self) -> Range:
        """What a calibrated model with this accuracy can have; the lower end is NaN where there is none.

        It is right as often as the most frequent class is, at least, and no worse than the class shares.
        """
        return self._calibrated_at(self.accuracy)

    @functools.cached_property
    def calibrated_within_noise(self) -> Range:
        """The widest that the bounds are within the noise of accuracy, cross-entropy and counted shares."""
        off = limits.NOISE * self.accuracy_error + self.numbers.accuracy_rounding
        least, most = max(self.accuracy - off, 0.0), min(self.accuracy + off, 1.0)
        # The upper bound is highest at a fair guess.
        middle = min(max(1 / self.k, least), most)
        high = self.calibrated[1]
        rise = max(self._calibrated_at(at)[1] for at in (least, middle, most)) - high
        # Mistakes are what costs: of an honest model both go up and down together, so that this is not too little.
        noise = math.hypot(rise, limits.NOISE * min(self.ce, high) / math.sqrt(self.n))
        return self._calibrated_at(most)[0], high + noise + self._share_noise

    @property
    def _share_noise(self) -> float:
        """By how much shares that were counted fit these examples better than the true ones would.

        2 n times that is chi-square with K - 1 degrees of freedom (Wilks 1938).
        """
        if self.numbers.shares is None:
            return 0.0
        free = self.k - 1
        return (free + limits.NOISE * math.sqrt(2 * free)) / (2 * self.n)

    def _calibrated_at(self, accuracy: float) -> Range:
        low, high = baselines.calibrated_bounds(min(max(self.agreement_of(accuracy), 0.0), 1.0), self.k)
        high = min(high, self.prior)
        low = max(low, self.least_of(accuracy))  # which is NaN where the first is
        if accuracy < self.majority - ROUNDING:
            low = math.nan
        return (low if low <= high + ROUNDING else math.nan), high

    @functools.cached_property
    def redundant(self) -> Range:
        """Least that a soft-max of probabilities allows, and what it leaves of a model that is sure of each answer."""
        worst = baselines.redundant_softmax_floor(self.k) + 1
        return worst - self.agreement_of(1.0), worst - self.agreement

    @functools.cached_property
    def right_costs(self) -> Range | None:
        """What a right answer can cost in the mean; None where none is right, or labels are smoothed."""
        right, wrong = self.accuracy, 1 - self.accuracy
        if right == 0 or self.numbers.label_smoothing or self.is_impossible:
            return None
        # From logits a wrong answer may cost anything, so that right ones may cost nothing.
        return 0.0, min(self.uniform, max(0.0, self.ce - wrong * math.log(2)) / right)

    @functools.cached_property
    def wrong_costs(self) -> Range | None:
        """What a wrong answer can cost in the mean; None where none is wrong, or labels are smoothed."""
        right, wrong = self.accuracy, 1 - self.accuracy
        if wrong == 0 or self.numbers.label_smoothing or self.is_impossible:
            return None
        return max(math.log(2), (self.ce - right * self.uniform) / wrong), self.ce / wrong

    @property
    def is_impossible(self) -> bool:
        """Whether the cross-entropy is below what any model with this accuracy can have, rounding aside."""
        numbers = self.numbers
        least = self.least_of(self.accuracy + numbers.accuracy_rounding)
        return self.ce + numbers.cross_entropy_rounding < limits.IMPOSSIBLE * least

    # Noise

    @functools.cached_property
    def accuracy_error(self) -> float:
        """Standard error of the accuracy."""
        return float(bounded_mean_error(self.accuracy, self.n))

    def accuracy_error_of(self, accuracy: float) -> float:
        """The same of another accuracy over as many examples."""
        return float(bounded_mean_error(accuracy, self.n))

    @functools.cached_property
    def sure_gap(self) -> float:
        """Least that confidence and accuracy are apart, whatever was rounded; 0 where there is no confidence."""
        numbers = self.numbers
        if numbers.confidence is None:
            return 0.0
        rounding = numbers.accuracy_rounding + numbers.confidence_rounding
        return max(abs(numbers.confidence - self.accuracy) - rounding, 0.0)

    @functools.cached_property
    def gap(self) -> float:
        """Confidence less accuracy where that is beyond noise and matters, as in the reading of a report; else 0."""
        confidence = self.numbers.confidence
        if confidence is None or self.n < limits.MIN_EXAMPLES or self.sure_gap < thresholds.MATERIAL_GAP:
            return 0.0
        return confidence - self.accuracy if self.sure_gap > limits.NOISE * self.accuracy_error else 0.0

    @functools.cached_property
    def error(self) -> float:
        """Standard error that a cross-entropy commonly has: that of costs whose spread is their mean."""
        return self.ce / math.sqrt(self.n)

    @functools.cached_property
    def largest_error(self) -> float:
        r"""Largest standard error that the cross-entropy can have while no example costs more than the clip.

        The variance is largest if right answers cost 0 or ln K, wrong ones ln 2 or the clip, and wrong ones as much as
        they can. For x between l and u, :math:`x^2 \le (l + u) x - l u`.

        Infinite where the mean itself is above what clipped examples can cost.
        """
        if self.ce > self.most or self.ce > baselines.CLIP_CEILING:
            return math.inf
        clip, low, wrong = baselines.CLIP_CEILING, math.log(2), 1 - self.accuracy
        if self.numbers.label_smoothing:
            return math.sqrt(self.ce * (clip - self.ce) / self.n)
        paid = min(self.ce, wrong * clip)
        squares = max(paid * (clip + low) - wrong * clip * low, 0.0) + (self.ce - paid) * self.uniform
        return math.sqrt(max(squares - self.ce**2, 0.0) / self.n)
