"""The quantities that the sums of a pass define, one property each.

Each is defined once, in `docs/reference/quantities.md`, and computed by the function that its docstring names.
Cross-entropies are in nats. What is undefined (a class without examples) is NaN. A *decision* is the judgement on one
example; where the task is `"multilabel"`, on one label of one example.
"""

from __future__ import annotations

import functools

import numpy as np

from xent_monitor import baselines, calibration
from xent_monitor.confusion import Confusion, worst_confusions
from xent_monitor.quantity import ClassQuantity, ScalarQuantity, ratio, standard_error_of_mean
from xent_monitor.statistics import ClassStatistics, Floats, Integers

__all__ = ["DerivedQuantities"]


class DerivedQuantities:
    """What `EvaluationReport` derives from its statistics."""

    #: The sums that everything is derived from.
    statistics: ClassStatistics
    #: Name of the output; `""` where the model has one.
    output: str

    # What was looked at

    @property
    def task(self) -> str:
        """`"multiclass"`, `"binary"` or `"multilabel"`."""
        return self.statistics.task

    @property
    def num_classes(self) -> int:
        """Number of classes, K; 2 for binary; multi-label: number of labels."""
        return self.statistics.num_classes

    @property
    def num_bins(self) -> int:
        """Number of probability bins."""
        return self.statistics.num_bins

    @property
    def bin_edges(self) -> Floats:
        """Edges of the probability bins. Shape `(num_bins + 1,)`."""
        return np.linspace(0.0, 1.0, self.num_bins + 1)

    @ScalarQuantity
    def num_examples(self) -> int:
        """Examples judged; masked and left-out rows are not among them."""
        return self.statistics.num_examples

    @ClassQuantity
    def support(self) -> Integers:
        """Examples whose true class is k; multi-label: those whose label k is positive."""
        return self.statistics.support

    @ClassQuantity
    def predicted(self) -> Integers:
        """Examples that were predicted to be of class k; multi-label: whose label k was predicted to be positive."""
        return self.statistics.predicted

    @ClassQuantity
    def weight_sum(self) -> Floats:
        """Sum of sample weights by true class; multi-label: of all examples, for each label."""
        return self.statistics.weight_sum

    # Cross-entropy and loss

    @ScalarQuantity
    def cross_entropy(self) -> float:
        """Mean of -ln p(true class) over the decisions, unweighted, nats."""
        return self._mean(self.statistics.cross_entropy_sum)

    @ClassQuantity
    def class_cross_entropy(self) -> Floats:
        """The same over the examples of each class; multi-label: over all examples, for each label."""
        return self._class_mean(self.statistics.cross_entropy_sum)

    @ClassQuantity
    def class_positive_cross_entropy(self) -> Floats:
        """Multi-label: the same over the examples whose label is positive; else `class_cross_entropy`."""
        positive = self.statistics.positive_cross_entropy_sum
        return self.class_cross_entropy if positive is None else np.asarray(ratio(positive, self.support))

    @ClassQuantity
    def class_negative_cross_entropy(self) -> Floats:
        """Multi-label: the same over the examples whose label is negative; else NaN."""
        sums = self.statistics
        if sums.positive_cross_entropy_sum is None:
            return np.full(self.num_classes, np.nan)
        # A difference of two sums that are nearly equal may be a rounding error below 0.
        negative = np.maximum(sums.cross_entropy_sum - sums.positive_cross_entropy_sum, 0.0)
        return np.asarray(ratio(negative, sums.class_examples - sums.support))

    @ScalarQuantity
    def target_cross_entropy(self) -> float:
        """Mean cross-entropy against the targets as they were given, soft ones too, nats."""
        return self._mean(self.statistics.target_cross_entropy_sum)

    @ClassQuantity
    def class_target_cross_entropy(self) -> Floats:
        """The same over the examples of each class; multi-label: over all examples, for each label."""
        return self._class_mean(self.statistics.target_cross_entropy_sum)

    @ScalarQuantity
    def weighted_cross_entropy(self) -> float:
        """The same with sample weights: sum of weight times cross-entropy over the sum of weights."""
        return float(ratio(self.statistics.weighted_cross_entropy_sum.sum(), self.statistics.weight_sum.sum()))

    @ScalarQuantity
    def standard_error(self) -> float:
        """Standard error of `cross_entropy`, from row to row; NaN below two examples."""
        sums = self.statistics
        total, squares = sums.cross_entropy_sum.sum(), sums.cross_entropy_square_sum.sum()
        if sums.task == "multilabel":
            # The labels of one row are not independent: what varies from row to row is its mean over them.
            total, squares = total / sums.num_classes, np.float64(sums.row_cross_entropy_square_sum)
        return float(standard_error_of_mean(total, squares, sums.num_examples))

    @ClassQuantity
    def class_standard_error(self) -> Floats:
        """Standard error of `class_cross_entropy`; NaN below two examples."""
        sums = self.statistics
        return np.asarray(
            standard_error_of_mean(sums.cross_entropy_sum, sums.cross_entropy_square_sum, sums.class_examples)
        )

    @ScalarQuantity
    def loss(self) -> float:
        """Mean of the compiled loss, unweighted, without penalties."""
        return self._mean(self.statistics.loss_sum)

    @ClassQuantity
    def class_loss(self) -> Floats:
        """The same over the examples of each class; multi-label: over all examples, for each label."""
        return self._class_mean(self.statistics.loss_sum)

    @ScalarQuantity
    def batch_averaged_loss(self) -> float:
        """The compiled loss as Keras averages it: weighted, a mean of each batch, and the mean of those."""
        sums = self.statistics
        known = not np.isnan(sums.loss_sum).all()
        return float(ratio(sums.batch_mean_loss_sum, sums.num_samples if known else 0))

    @ScalarQuantity
    def explained_loss(self) -> float:
        """The loss that Keras should log: `batch_averaged_loss`, and the penalty where the model has one output."""
        sums = self.statistics
        if sums.num_samples == 0:  # before format 3
            return self._mean(sums.weighted_loss_sum) + self.regularization
        # What Keras logs for one output of several is without the penalty, which is of the whole model.
        return self.batch_averaged_loss + (0.0 if self.output else self.regularization)

    @ScalarQuantity
    def regularization(self) -> float:
        """The part of `logged_loss` that is penalty: regularisers and `add_loss`."""
        sums = self.statistics
        return float(ratio(sums.penalty_sum, sums.num_samples or sums.num_rows))

    # Decisions

    @ScalarQuantity
    def accuracy(self) -> float:
        """Share of the decisions that are right: the largest probability is that of the true class."""
        return self._mean(self.statistics.correct)

    @ClassQuantity
    def class_accuracy(self) -> Floats:
        """The same over the examples of each class, its recall; multi-label: the share of right decisions on it."""
        return self._class_mean(self.statistics.correct)

    @ClassQuantity
    def class_recall(self) -> Floats:
        """Share of the examples of class k, multi-label of those whose label k is positive, that were predicted so."""
        return np.asarray(ratio(self.statistics.true_positives, self.statistics.support))

    @ClassQuantity
    def class_precision(self) -> Floats:
        """Share of the predictions of class k that are right; NaN where it was never predicted."""
        return np.asarray(ratio(self.statistics.true_positives, self.statistics.predicted))

    @property
    def confusion(self) -> Integers | None:
        """Examples by true (row) and predicted class; None above `confusion_limit` classes, and multi-label."""
        return self.statistics.confusion

    def worst_confusions(self, limit: int = 10) -> tuple[Confusion, ...]:
        """The most frequent wrong pairs, multi-label none; see `xent_monitor.confusion.worst_confusions`."""
        sums = self.statistics
        return worst_confusions(sums.confusion, sums.confusion_sketch, self.num_classes, limit)

    def worst_classes(self, limit: int | None = None) -> Integers:
        """Indices of the classes by their cross-entropy, the highest first; those without examples last."""
        return np.argsort(-np.nan_to_num(self.class_cross_entropy, nan=-1.0), kind="stable")[:limit]

    @functools.cached_property
    def class_cross_entropy_share(self) -> Floats:
        """Share of the summed cross-entropy that each class carries; NaN without examples, or without a loss."""
        sums = self.statistics
        total = sums.cross_entropy_sum.sum()
        shares = ratio(sums.cross_entropy_sum, total)
        return np.where(sums.class_examples > 0, shares, np.nan)

    # Probabilities

    @ScalarQuantity
    def confidence(self) -> float:
        """Mean of the largest predicted probability; multi-label: of max(p, 1 - p) of each decision."""
        return self._mean(self.statistics.confidence_sum)

    @ClassQuantity
    def class_confidence(self) -> Floats:
        """The same over the examples of each true class; multi-label: over all examples, for each label."""
        return self._class_mean(self.statistics.confidence_sum)

    @ScalarQuantity
    def true_class_probability(self) -> float:
        """Mean of the probability given to the true class; multi-label: to the true outcome of each label."""
        return self._mean(self.statistics.true_class_probability_sum)

    @ClassQuantity
    def class_true_class_probability(self) -> Floats:
        """The same over the examples of each class; multi-label: over all examples, for each label."""
        return self._class_mean(self.statistics.true_class_probability_sum)

    @property
    def confidence_histogram(self) -> Integers:
        """Decisions by bin of the confidence; rows wrong, right. Shape `(2, num_bins)`."""
        return self.statistics.confidence_histogram

    @property
    def class_confidence_histogram(self) -> Integers | None:
        """The same by true class (or label), shape `(num_classes, 2, num_bins)`, or None above 256 classes."""
        return self.statistics.class_confidence_histogram

    @property
    def true_class_probability_histogram(self) -> Integers:
        """Decisions on each class by bin of the true class' probability. Shape `(num_classes or 1, num_bins)`."""
        return self.statistics.true_class_probability_histogram

    @functools.cached_property
    def reliability(self) -> Floats:
        """Mean confidence, accuracy and count of each bin. Shape `(num_bins, 3)`."""
        return calibration.reliability(self.statistics.confidence_histogram, self.statistics.bin_confidence_sum)

    @ScalarQuantity
    def expected_calibration_error(self) -> float:
        """Top-label, equal-width bins; see `xent_monitor.calibration`."""
        return calibration.expected_calibration_error(self.reliability)

    @ScalarQuantity
    def maximum_calibration_error(self) -> float:
        """Largest gap of any bin; see `xent_monitor.calibration`."""
        return calibration.maximum_calibration_error(self.reliability)

    @ScalarQuantity
    def confidence_spread(self) -> float:
        """Mean difference of the confidences of two neighbouring rows; 0 where the output never changes."""
        sums = self.statistics
        known = sums.num_batches > 0 and self.num_examples > 1
        return float(ratio(sums.confidence_step_sum, sums.num_rows - sums.num_batches if known else 0))

    @ScalarQuantity
    def probability_total(self) -> float:
        """Mean sum of the predicted probabilities of a decision: 1, if they are distributions."""
        return self._mean(self.statistics.probability_sum)

    @ScalarQuantity
    def brier_score(self) -> float:
        """Mean of the sum over classes of (p - y)^2, both outcomes for binary and multi-label; in [0, 2]."""
        return self._mean(self.statistics.brier_sum)

    @ScalarQuantity
    def mean_entropy(self) -> float:
        """Mean entropy of the predicted distributions, nats."""
        return self._mean(self.statistics.entropy_sum)

    @functools.cached_property
    def temperature_fit(self) -> calibration.TemperatureFit:
        """Temperature, gain and whether the optimum lies inside the grid."""
        return calibration.fit_temperature(self.statistics.temperature_sums, self.statistics.temperature_sample_size)

    @ScalarQuantity
    def temperature(self) -> float:
        """T that minimises the cross-entropy of softmax(logits / T); above 1: over-confident."""
        return self.temperature_fit.temperature

    @ScalarQuantity
    def tempered_cross_entropy(self) -> float:
        """Cross-entropy at that temperature: what remains when confidence is set right, nats."""
        return float(np.maximum(self.cross_entropy + self.temperature_fit.gain, 0.0))

    # Yardsticks

    @ScalarQuantity
    def uniform_cross_entropy(self) -> float:
        """ln K; multi-label: ln 2."""
        return baselines.uniform_cross_entropy(2 if self.task == "multilabel" else self.num_classes)

    @ScalarQuantity
    def prior_entropy(self) -> float:
        """Entropy of the class shares of this pass, nats; multi-label: mean over the labels of that of each."""
        if self.task == "multilabel":
            return baselines.mean_label_entropy(self.support, self.num_examples)
        return baselines.prior_entropy(self.support)

    @ScalarQuantity
    def skill(self) -> float:
        """1 - cross_entropy / prior_entropy."""
        return baselines.skill(self.cross_entropy, self.prior_entropy)

    @ScalarQuantity
    def perplexity(self) -> float:
        """e to the cross-entropy."""
        return baselines.perplexity(self.cross_entropy)

    @ScalarQuantity
    def geometric_mean_probability(self) -> float:
        """e to minus the cross-entropy."""
        return baselines.geometric_mean_probability(self.cross_entropy)

    # What was not right with the data

    @ScalarQuantity
    def invalid_labels(self) -> int:
        """Rows left out because the label names no class."""
        return self.statistics.invalid_labels

    @ScalarQuantity
    def non_finite(self) -> int:
        """Rows left out because a value is NaN or infinite."""
        return self.statistics.non_finite

    @ScalarQuantity
    def masked(self) -> int:
        """Rows that a mask or `ignore_class` has taken out."""
        return self.statistics.masked

    @ScalarQuantity
    def invalid_probabilities(self) -> int:
        """Rows whose predictions are not a distribution; kept in the sums."""
        return self.statistics.invalid_probabilities

    @ScalarQuantity
    def saturated(self) -> int:
        """Decisions whose true class has a probability at or below Keras' clip."""
        return self.statistics.saturated

    def _mean(self, totals: Floats | Integers) -> float:
        """Mean over all decisions."""
        return float(ratio(totals.sum(), self.statistics.num_decisions))

    def _class_mean(self, totals: Floats | Integers) -> Floats:
        """Mean over the examples of each class; multi-label: over all examples, for each label."""
        return np.asarray(ratio(totals, self.statistics.class_examples))
