"""What the numbers of a report support: the tests behind the sentences.

A difference counts only beyond noise, `NOISE` standard errors, and where it is large enough to matter. Without
enough examples nothing is beyond noise. Rows and labels that are not independent are none by themselves: see
`xent_monitor.sampling`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xent_monitor import sampling, yardsticks
from xent_monitor.interpretation import class_evidence
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.noise import (
    accuracy_error,
    beyond_noise,
    chi_square_limit,
    cross_entropy_error,
    rescale_error,
)
from xent_monitor.interpretation.wording import in_short
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Integers

__all__ = ["Evidence", "Movement", "Tail"]

Booleans = NDArray[np.bool_]


class Movement(NamedTuple):
    """A change of the cross-entropy since an earlier pass, beyond noise."""

    #: The pass compared with.
    since: EvaluationReport
    #: Cross-entropy now less that of then, nats.
    change: float


class Tail(NamedTuple):
    """The few examples, multi-label decisions, that carry much of the cross-entropy."""

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

    @property
    def by_label(self) -> bool:
        """Whether there is a decision on each label of an example."""
        return self.report.task == "multilabel"

    def named(self, indices: Iterable[int]) -> str:
        """The classes or labels of these indices, the first few by name."""
        names = [self.report.class_names[index] for index in indices]
        return in_short(names, labels=self.by_label, most=limit.NAMED_OF_MANY)

    @property
    def of_positions(self) -> bool:
        """Whether rows are positions in samples: noise is only bounded then, and what is within it may be real."""
        return sampling.rows_per_sample(self.report.statistics) > 1

    @property
    def enough(self) -> bool:
        """Whether there are independent examples enough to say something."""
        return sampling.independent(self.report) >= limit.MIN_EXAMPLES

    # Against the yardsticks

    @functools.cached_property
    def prior_standard_error(self) -> float:
        """Standard error of `cross_entropy - prior_entropy`, example by example; NaN below `MIN_EXAMPLES`."""
        return sampling.excess_error(self.report) if self.enough else math.nan

    @property
    def against_prior(self) -> int:
        """-1 better than the class shares alone, 1 worse, 0 the same within noise; 0 with one class."""
        report = self.report
        difference = report.cross_entropy - report.prior_entropy
        # Shares taken from the very examples fit them better than the true shares would, by half a nat for each share
        # that is free, in all, in the mean (Miller 1955): a model is not worse for missing that.
        if self.by_label:
            free = int(self.varied_labels.sum()) / report.num_classes
        else:
            free = int((report.support > 0).sum()) - 1
        above = difference - free / (2 * sampling.independent(report))
        tiny = 1e-4 * report.prior_entropy
        if free > 0 and difference < -tiny and beyond_noise(difference, self.prior_standard_error):
            return -1
        return int(free > 0 and above > tiny and beyond_noise(above, self.prior_standard_error))

    @property
    def undecided(self) -> bool:
        """Whether a skill worth the name may be there, or not, as far as rows or labels that are alike can tell."""
        report = self.report
        if self.against_prior != 0 or not (self.by_label or sampling.rows_per_sample(report.statistics) > 1):
            return False
        below = report.prior_entropy - report.cross_entropy
        return below + limit.NOISE * self.prior_standard_error > limit.SOME_SKILL * report.prior_entropy

    @property
    def above_uniform(self) -> bool:
        """Whether the cross-entropy is above ln K beyond noise."""
        difference = self.report.cross_entropy - self.report.uniform_cross_entropy
        return difference > 1e-4 and beyond_noise(difference, cross_entropy_error(self.report))

    @property
    def varied_labels(self) -> Booleans:
        """Multi-label: which labels are positive in some of the examples and not in others. Shape `(num_classes,)`."""
        return (self.report.support > 0) & (self.report.support < self.report.num_examples)

    @property
    def nothing_to_tell(self) -> bool:
        """Whether there is only one class, or only one outcome of each label."""
        return not self.varied_labels.any() if self.by_label else self.single_class is not None

    @property
    def single_class(self) -> int | None:
        """Index of the only class seen, or None where there are more, and of labels."""
        if self.by_label:
            return None
        seen = np.flatnonzero(self.report.support)
        return int(seen[0]) if len(seen) == 1 else None

    @property
    def majority(self) -> int:
        """Index of the most frequent class."""
        return int(self.report.support.argmax())

    @property
    def majority_share(self) -> float:
        """Accuracy of always naming the most frequent class, or outcome of each label."""
        return yardsticks.constant_accuracy(self.report)

    # Decisions and confidence

    @property
    def accuracy_error(self) -> float:
        """Binomial standard error of the accuracy, not 0 where all are right (rule of succession)."""
        return accuracy_error(self.report)

    @property
    def beats_majority(self) -> bool:
        """Whether the accuracy is above that of always naming the most frequent class, beyond noise."""
        gain = self.report.accuracy - self.majority_share
        error = self.accuracy_error
        if self.by_label and self.enough:
            error = sampling.constant_error(self.report)
        return gain > 0 and beyond_noise(gain, error)

    @property
    def silent_decisions(self) -> bool:
        """Whether the probabilities know something of which the accuracy shows nothing."""
        gain = self.report.accuracy - self.majority_share
        shows = self.beats_majority or gain >= limit.SHOWN * (1 - self.majority_share)
        return self.against_prior < 0 and not shows

    @property
    def below_chance(self) -> bool:
        """Whether the accuracy is below that of a fair pick among all classes, beyond noise.

        Multi-label: whether fewer of the rare outcomes are found than blind decisions would find.
        """
        if self.by_label:
            found, expected = yardsticks.blind_hits(self.report)
            error = sampling.hits_error(self.report) if self.enough else math.nan
            return found < (1 - limit.NEVER_FOUND) * expected and beyond_noise(found - expected, error)
        loss = self.report.accuracy - 1 / self.report.num_classes
        return loss < 0 and beyond_noise(loss, self.accuracy_error)

    @property
    def confidence_gap(self) -> float:
        """Confidence less accuracy, where that is beyond noise and matters; else 0."""
        gap = self.report.confidence - self.report.accuracy
        # The outcome is a coin toss given the confidence, and p(1 - p) is concave: the binomial error is no smaller
        # than that of the gap of an honest model.
        matters = abs(gap) >= limit.MATERIAL_GAP
        return gap if matters and beyond_noise(gap, self.accuracy_error) else 0.0

    @property
    def honest(self) -> bool:
        """Whether nothing speaks against the confidence, and examples are enough to show a gap that is not small."""
        agree = not self.confidence_gap and not self.temperature_gain and not self.uneven_calibration
        return agree and self.enough and abs(self.report.confidence - self.report.accuracy) < limit.NOTABLE_GAP

    @property
    def temperature_gain(self) -> float:
        """Nats that the fitted temperature saves, where beyond noise and worth it; else 0."""
        fit = self.report.temperature_fit
        gain = -fit.gain
        sums = self.report.statistics
        decisions = sums.temperature_sample_size / sampling.decisions_per_sample(sums)
        if not fit.inside or 2 * decisions * gain <= limit.LIKELIHOOD_RATIO:
            return 0.0
        return gain if self.enough and gain >= limit.MATERIAL_CHANGE * self.report.cross_entropy else 0.0

    @property
    def uneven_calibration(self) -> bool:
        """Whether bins of the confidence are off, beyond noise: a chi-square test of each against its own accuracy."""
        mean, accuracy, count = self.report.reliability[self.report.reliability[:, 2] > 0].T
        count = count / sampling.decisions_per_sample(self.report.statistics)
        tested = count * np.minimum(mean, 1 - mean) >= limit.MIN_EXPECTED_IN_BIN
        terms = (count * (accuracy - mean) ** 2)[tested] / (mean * (1 - mean))[tested]
        enough = self.report.expected_calibration_error >= limit.MATERIAL_CALIBRATION_ERROR
        return bool(enough and terms.sum() > chi_square_limit(len(terms)))

    # Classes and examples

    @functools.cached_property
    def hard_classes(self) -> Integers:
        """Classes that cost more than their share, beyond noise; those that carry most above it first."""
        return class_evidence.hard_classes(self.report)

    @functools.cached_property
    def neglected_classes(self) -> Integers:
        """Classes that are worse off than by naming their share, beyond noise; the most frequent first."""
        return class_evidence.neglected_classes(self.report)

    @functools.cached_property
    def missed_labels(self) -> Integers:
        """Labels with positives, none of which is found, the most frequent first; none of a task with classes."""
        return class_evidence.missed_labels(self.report)

    @property
    def exclusive_labels(self) -> bool:
        """Whether there are just as many positive labels as examples, in the training pass too: one each, it seems."""
        passes = [self.report] if self.train is None else [self.report, self.train]
        return self.by_label and all(
            one.num_examples >= limit.MIN_EXCLUSIVE and int(one.support.sum()) == one.num_examples for one in passes
        )

    @property
    def tail(self) -> Tail | None:
        """The fewest low bins of the true class' probability that hold much of the cross-entropy."""
        report = self.report
        counts = report.true_class_probability_histogram.sum(axis=0)
        total, decisions = float(report.statistics.cross_entropy_sum.sum()), report.statistics.num_decisions
        edges = report.bin_edges
        if not self.enough or not total > 0:
            return None
        for bins in range(1, report.num_bins):
            few = int(counts[:bins].sum())
            if few > limit.TAIL_EXAMPLES * decisions:
                break
            with np.errstate(divide="ignore"):
                at_least, at_most = -np.log(edges[1 : bins + 1]), -np.log(edges[bins:-1])
            from_below, from_above = counts[:bins] @ at_least, total - counts[bins:] @ at_most
            share = max(float(from_below), float(from_above)) / total
            if few >= limit.MIN_CLASS_EXAMPLES and share >= limit.TAIL_LOSS:
                return Tail(float(edges[bins]), few / decisions, share)
        return None

    # Over the epochs

    @property
    def last_step(self) -> Movement | None:
        """The change since the pass before, else since up to `TREND_PASSES` before, where beyond noise."""
        for back in range(1, min(limit.TREND_PASSES, len(self.earlier)) + 1):
            movement = self._since(self.earlier[-back])
            if movement is not None:
                return movement
        return None

    @functools.cached_property
    def best(self) -> EvaluationReport | None:
        """The earlier pass with the lowest cross-entropy."""
        passes = [report for report in self.earlier if math.isfinite(report.cross_entropy)]
        return min(passes, key=lambda report: report.cross_entropy, default=None)

    @functools.cached_property
    def rise(self) -> Movement | None:
        """The rise above the best pass so far, where it, or the over-confidence that explains it, is beyond noise."""
        if self.best is None:
            return None
        change = self.report.cross_entropy - self.best.cross_entropy
        if change > 0 and self._confidence_grew(self.best, change):
            return Movement(self.best, change)
        movement = self._since(self.best)
        return movement if movement is not None and movement.change > 0 else None

    def _since(self, other: EvaluationReport) -> Movement | None:
        change = self.report.cross_entropy - other.cross_entropy
        # Most passes judge the same examples, whose errors move together: taking them as independent overstates the
        # noise, and errs on the silent side.
        noise = math.hypot(cross_entropy_error(self.report), cross_entropy_error(other))
        return Movement(other, change) if self._matters(change) and beyond_noise(change, noise) else None

    def _confidence_grew(self, best: EvaluationReport, rise: float) -> bool:
        """Whether over-confidence costs more than in the best pass, beyond noise, by half of the rise or more."""
        if not self._matters(rise) or not self.temperature_gain or self.report.temperature < 1:
            return False
        growth = best.temperature_fit.gain - self.report.temperature_fit.gain
        noise = math.hypot(rescale_error(self.report), rescale_error(best))
        return 2 * growth >= rise and beyond_noise(growth, noise)

    def _matters(self, change: float) -> bool:
        return abs(change) >= limit.MATERIAL_CHANGE * self.report.cross_entropy

    @property
    def recorded_divergence(self) -> float:
        """How far the cross-entropy is above its best while the accuracy holds, as the report says; else 0, nats.

        For where the passes before are not at hand.
        """
        rise = self.report.loss_accuracy_divergence * self.report.prior_entropy
        noise = math.sqrt(2) * sampling.cross_entropy_error(self.report)
        return 0.0 if self.earlier or not self._matters(rise) or not beyond_noise(rise, noise) else rise

    @property
    def best_accuracy(self) -> float:
        """The highest accuracy so far, this pass among them."""
        return max(report.accuracy for report in (*self.earlier, self.report))

    @property
    def accuracy_fell(self) -> float:
        """How far the accuracy is below its best so far, where beyond noise; else 0."""
        best = max(self.earlier, key=lambda report: report.accuracy, default=self.report)
        fall = best.accuracy - self.report.accuracy
        noise = math.hypot(self.accuracy_error, accuracy_error(best))
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
        noise = math.sqrt(2) * cross_entropy_error(best)
        return rise if rise > 0 and beyond_noise(rise, noise) else 0.0

    @property
    def train_gap(self) -> float | None:
        """Cross-entropy less that of the training pass where beyond noise, 0 within it, None without one."""
        if self.train is None:
            return None
        gap = self.report.cross_entropy - self.train.cross_entropy
        noise = math.hypot(cross_entropy_error(self.report), cross_entropy_error(self.train))
        return gap if self._matters(gap) and beyond_noise(gap, noise) else 0.0
