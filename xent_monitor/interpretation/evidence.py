"""What the numbers of a report support: every threshold of the reading, and the tests that use them.

A difference counts only beyond noise, `NOISE` standard errors, and where it is large enough to matter. Without
enough examples nothing is beyond noise.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats, Integers

__all__ = ["Evidence", "Movement", "Tail"]

#: Standard errors that a difference must exceed: once in 740 by chance, on one side.
NOISE = 3.0
#: Twice the log-likelihood that one fitted parameter must gain: the square of `NOISE` (Wilks 1938).
LIKELIHOOD_RATIO = NOISE**2
#: Fewer examples than these give no standard error worth the name.
MIN_EXAMPLES = 20
#: The same for one class, whose spread is compared with that of all examples too.
MIN_CLASS_EXAMPLES = 5
#: Share of the cross-entropy below which a change of it is not worth a word.
MATERIAL_CHANGE = 0.02
#: Gap between confidence and accuracy that is not worth a word.
MATERIAL_GAP = 0.01
#: Expected calibration error that is not worth a word while confidence and accuracy agree in the mean.
MATERIAL_CALIBRATION_ERROR = 0.02
#: Right and wrong answers that a bin must lead to expect for its calibration to be tested.
MIN_EXPECTED_IN_BIN = 5
#: How many times the mean cross-entropy a class must have before it is said to carry the loss.
HARD_CLASS = 1.2
#: A few examples carry the loss: at most this share of them ...
TAIL_EXAMPLES = 0.1
#: ... at least this share of the cross-entropy.
TAIL_LOSS = 1 / 3
#: Share of the predictions that one class must have before they are said to have collapsed onto it.
COLLAPSED = 0.9
#: Times the fair share 1 / K below which the mean confidence is that of ties, and a prediction says nothing.
TIED = 1.01
#: Share of the rows that must be faulty before the other numbers rest on mending them.
FAULTY_ROWS = 0.01
#: Share of the examples that must be at Keras' clip to be worth a word.
SATURATED = 0.001
#: Share of the mistakes that one pair of classes must make to be named.
COMMON_MISTAKE = 0.1
#: Relative difference between the compiled loss, or the weighted mean, and the cross-entropy that is worth a word.
OTHER_LOSS = 0.01
#: Share of the logged loss that the penalty must have to be worth a word.
PENALTY_SHARE = 0.05
#: Nothing left to gain: the skill of a model that is as good as perfect.
SOLVED = 0.99
#: Passes back over which a trend is looked for when the last step alone is within noise.
TREND_PASSES = 3


def beyond_noise(difference: float, standard_error: float) -> bool:
    """Whether a difference is beyond noise; False where one of the two is undefined."""
    return abs(difference) > NOISE * standard_error


class Movement(NamedTuple):
    """A change of the cross-entropy since an earlier pass, beyond noise."""

    #: The pass compared with.
    since: EvaluationReport
    #: Cross-entropy now less that of then, nats.
    change: float


class Tail(NamedTuple):
    """The few examples that carry much of the cross-entropy."""

    #: Probability of the true class below which they lie.
    below: float
    #: Their share of the examples.
    examples: float
    #: Their share of the cross-entropy, at least.
    loss: float


@dataclasses.dataclass(frozen=True)
class Evidence:
    """One report, what came before it, and what the two support."""

    #: The report that is read; it has examples.
    report: EvaluationReport
    #: Earlier passes of the same run, split and output, oldest first.
    earlier: tuple[EvaluationReport, ...] = ()
    #: The training pass of the same epoch and output, where the report is of another split.
    train: EvaluationReport | None = None

    @classmethod
    def of(cls, report: EvaluationReport, history: Sequence[EvaluationReport]) -> Evidence:
        """Pick from `history` (oldest first, any splits and outputs) what belongs to the report."""
        same_output = [other for other in history if other.output == report.output and other.num_examples]
        earlier: list[EvaluationReport] = []
        for other in reversed([other for other in same_output if other.split == report.split]):
            epoch = earlier[-1].epoch if earlier else report.epoch
            if other.epoch < epoch:
                earlier.append(other)
            elif earlier:
                break  # An epoch that is not lower belongs to a fit before this one.
        train = None
        if report.split != "train":
            passes = [o for o in same_output if o.split == "train" and o.epoch == report.epoch]
            train = passes[-1] if passes else None
        return cls(report, tuple(reversed(earlier)), train)

    # Against the yardsticks

    @functools.cached_property
    def prior_standard_error(self) -> float:
        r"""Standard error of `cross_entropy - prior_entropy`, example by example.

        The yardstick of an example, :math:`-\ln\pi_y`, is constant within its class, so that the variance of the
        paired difference follows from the sums of each class.
        """
        sums, count = self.report.statistics, self.report.num_examples
        seen = sums.support > 0
        n = sums.support[seen].astype(np.float64)
        yardstick = -np.log(n / count)
        total = sums.cross_entropy_sum[seen] - n * yardstick
        squares = sums.cross_entropy_square_sum[seen] - 2 * yardstick * sums.cross_entropy_sum[seen] + n * yardstick**2
        return _standard_error(float(total.sum()), float(squares.sum()), count)

    @property
    def against_prior(self) -> int:
        """-1 better than the class shares alone, 1 worse, 0 the same within noise; 0 with one class."""
        difference = self.report.cross_entropy - self.report.prior_entropy
        tiny = 1e-4 * self.report.prior_entropy
        if not self.report.prior_entropy > 0 or abs(difference) <= tiny:
            return 0
        return int(np.sign(difference)) if beyond_noise(difference, self.prior_standard_error) else 0

    @property
    def above_uniform(self) -> bool:
        """Whether the cross-entropy is above ln K beyond noise."""
        difference = self.report.cross_entropy - self.report.uniform_cross_entropy
        return difference > 1e-4 and beyond_noise(difference, _error(self.report))

    @property
    def single_class(self) -> int | None:
        """Index of the only class seen, or None where there are more."""
        seen = np.flatnonzero(self.report.support)
        return int(seen[0]) if len(seen) == 1 else None

    @property
    def majority(self) -> int:
        """Index of the most frequent class."""
        return int(self.report.support.argmax())

    @property
    def majority_share(self) -> float:
        """Accuracy of always naming the most frequent class."""
        return float(self.report.support.max() / self.report.num_examples)

    # Decisions and confidence

    @property
    def accuracy_error(self) -> float:
        """Binomial standard error of the accuracy, not 0 where all are right (rule of succession)."""
        return _accuracy_error(self.report)

    @property
    def beats_majority(self) -> bool:
        """Whether the accuracy is above that of always naming the most frequent class, beyond noise."""
        gain = self.report.accuracy - self.majority_share
        return gain > 0 and beyond_noise(gain, self.accuracy_error)

    @property
    def below_chance(self) -> bool:
        """Whether the accuracy is below that of a fair pick among all classes, beyond noise."""
        loss = self.report.accuracy - 1 / self.report.num_classes
        return loss < 0 and beyond_noise(loss, self.accuracy_error)

    @property
    def confidence_gap(self) -> float:
        """Confidence less accuracy, where that is beyond noise and matters; else 0."""
        gap = self.report.confidence - self.report.accuracy
        # The outcome is a coin toss given the confidence, and p(1 - p) is concave: the binomial error is no smaller
        # than that of the gap of an honest model.
        matters = abs(gap) >= MATERIAL_GAP
        return gap if matters and beyond_noise(gap, self.accuracy_error) else 0.0

    @property
    def temperature_gain(self) -> float:
        """Nats that the fitted temperature saves, where beyond noise and worth it; else 0."""
        fit = self.report.temperature_fit
        gain = -fit.gain
        if not fit.inside or 2 * self.report.statistics.temperature_sample_size * gain <= LIKELIHOOD_RATIO:
            return 0.0
        enough = self.report.num_examples >= MIN_EXAMPLES
        return gain if enough and gain >= MATERIAL_CHANGE * self.report.cross_entropy else 0.0

    @property
    def uneven_calibration(self) -> bool:
        """Whether bins of the confidence are off, beyond noise: a chi-square test of each against its own accuracy."""
        mean, accuracy, count = self.report.reliability[self.report.reliability[:, 2] > 0].T
        tested = count * np.minimum(mean, 1 - mean) >= MIN_EXPECTED_IN_BIN
        terms = (count * (accuracy - mean) ** 2)[tested] / (mean * (1 - mean))[tested]
        limit = len(terms) + NOISE * math.sqrt(2 * len(terms))
        enough = self.report.expected_calibration_error >= MATERIAL_CALIBRATION_ERROR
        return bool(enough and terms.sum() > limit)

    # Classes and examples

    @functools.cached_property
    def hard_classes(self) -> Integers:
        """Classes that cost more than their share, beyond noise; those that carry most above it first."""
        report = self.report
        n = report.support.astype(np.float64)
        mean, excess = report.cross_entropy, report.statistics.cross_entropy_sum - n * report.cross_entropy
        errors = self._class_errors()
        # The mean of all holds the class itself: against the others it differs by n / (n - n_k) times as much.
        with np.errstate(invalid="ignore", divide="ignore"):
            difference = (report.class_cross_entropy - mean) * report.num_examples / (report.num_examples - n)
            others = report.standard_error**2 * report.num_examples / (report.num_examples - n)
            hard = difference > self._class_noise() * np.sqrt(errors**2 + others)
        hard &= (report.class_cross_entropy >= HARD_CLASS * mean) & (n >= MIN_CLASS_EXAMPLES)
        found = np.flatnonzero(hard)
        return found[np.argsort(-excess[found], kind="stable")]

    @functools.cached_property
    def neglected_classes(self) -> Integers:
        """Classes that are worse off than by naming their share, beyond noise; the most frequent first."""
        report = self.report
        with np.errstate(divide="ignore"):
            yardstick = -np.log(report.support / report.num_examples)
            yardstick_error = np.sqrt(1 / report.support - 1 / report.num_examples)
        noise = self._class_noise() * np.hypot(self._class_errors(), yardstick_error)
        with np.errstate(invalid="ignore"):
            neglected = report.class_cross_entropy - yardstick > noise
        found = np.flatnonzero(neglected & (report.support >= MIN_CLASS_EXAMPLES))
        return found[np.argsort(-report.support[found], kind="stable")]

    def _class_errors(self) -> Floats:
        """Standard error of each class, no less than the spread of all examples gives: a few may agree by chance."""
        report = self.report
        with np.errstate(divide="ignore"):
            pooled = report.standard_error * np.sqrt(report.num_examples / report.support)
        return np.fmax(report.class_standard_error, pooled)

    def _class_noise(self) -> float:
        """Standard errors that make a false claim about any class as rare as `NOISE` makes one about a single one."""
        chance = NormalDist().cdf(-NOISE) / max(1, np.count_nonzero(self.report.support))
        return -NormalDist().inv_cdf(chance)

    @property
    def tail(self) -> Tail | None:
        """The fewest low bins of the true class' probability that hold much of the cross-entropy."""
        report = self.report
        counts = report.true_class_probability_histogram.sum(axis=0)
        total = float(report.statistics.cross_entropy_sum.sum())
        edges = report.bin_edges
        if report.num_examples < MIN_EXAMPLES or not total > 0:
            return None
        for bins in range(1, report.num_bins):
            few = int(counts[:bins].sum())
            if few > TAIL_EXAMPLES * report.num_examples:
                break
            with np.errstate(divide="ignore"):
                at_least, at_most = -np.log(edges[1 : bins + 1]), -np.log(edges[bins:-1])
            from_below, from_above = counts[:bins] @ at_least, total - counts[bins:] @ at_most
            share = max(float(from_below), float(from_above)) / total
            if few >= MIN_CLASS_EXAMPLES and share >= TAIL_LOSS:
                return Tail(float(edges[bins]), few / report.num_examples, share)
        return None

    # Over the epochs

    @property
    def last_step(self) -> Movement | None:
        """The change since the pass before, else since up to `TREND_PASSES` before, where beyond noise."""
        for back in range(1, min(TREND_PASSES, len(self.earlier)) + 1):
            movement = self._since(self.earlier[-back])
            if movement is not None:
                return movement
        return None

    @property
    def rise(self) -> Movement | None:
        """The rise above the best pass so far, where beyond noise."""
        passes = [report for report in self.earlier if math.isfinite(report.cross_entropy)]
        if not passes:
            return None
        movement = self._since(min(passes, key=lambda report: report.cross_entropy))
        return movement if movement is not None and movement.change > 0 else None

    def _since(self, other: EvaluationReport) -> Movement | None:
        change = self.report.cross_entropy - other.cross_entropy
        # Most passes judge the same examples, whose errors move together: taking them as independent overstates the
        # noise, and errs on the silent side.
        noise = math.hypot(_error(self.report), _error(other))
        matters = abs(change) >= MATERIAL_CHANGE * self.report.cross_entropy
        return Movement(other, change) if matters and beyond_noise(change, noise) else None

    @property
    def accuracy_fell(self) -> float:
        """How far the accuracy is below its best so far, where beyond noise; else 0."""
        best = max(self.earlier, key=lambda report: report.accuracy, default=self.report)
        fall = best.accuracy - self.report.accuracy
        noise = math.hypot(self.accuracy_error, _accuracy_error(best))
        return fall if fall > 0 and beyond_noise(fall, noise) else 0.0

    @property
    def tempered_rise(self) -> float:
        """How far the tempered cross-entropy is above its best so far, where beyond noise; else 0."""
        fitted = [report for report in self.earlier if report.temperature_fit.inside]
        if not fitted or not self.report.temperature_fit.inside:
            return 0.0
        best = min(fitted, key=lambda report: report.tempered_cross_entropy)
        rise = self.report.tempered_cross_entropy - best.tempered_cross_entropy
        # No less noise than the best pass has: a temperature near its optimum only tames the spread.
        noise = math.sqrt(2) * _error(best)
        return rise if rise > 0 and beyond_noise(rise, noise) else 0.0

    @property
    def train_gap(self) -> float | None:
        """Cross-entropy less that of the training pass where beyond noise, 0 within it, None without one."""
        if self.train is None:
            return None
        gap = self.report.cross_entropy - self.train.cross_entropy
        noise = math.hypot(_error(self.report), _error(self.train))
        matters = abs(gap) >= MATERIAL_CHANGE * self.report.cross_entropy
        return gap if matters and beyond_noise(gap, noise) else 0.0


def _standard_error(total: float, square_total: float, count: int) -> float:
    """Standard error of a mean from its sums; NaN below `MIN_EXAMPLES`."""
    if count < MIN_EXAMPLES:
        return math.nan
    return math.sqrt(max(0.0, square_total - total**2 / count) / (count - 1) / count)


def _error(report: EvaluationReport) -> float:
    """Standard error of the cross-entropy; NaN below `MIN_EXAMPLES`."""
    return report.standard_error if report.num_examples >= MIN_EXAMPLES else math.nan


def _accuracy_error(report: EvaluationReport) -> float:
    """Binomial standard error of the accuracy; NaN below `MIN_EXAMPLES`."""
    if report.num_examples < MIN_EXAMPLES:
        return math.nan
    share = (report.statistics.correct.sum() + 1) / (report.num_examples + 2)
    return math.sqrt(share * (1 - share) / report.num_examples)
