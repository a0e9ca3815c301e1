"""Laws of the quantities of labels that do not exclude each other, from the sums of the oracle; no backend."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.comparison import assert_same_sums
from tests.statistics_from_predictions import statistics_from_predictions
from tests.strategies import NUM_CLASSES, NUM_ROWS, LabelRows, label_rows, splits
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics, array_fields

law = settings(max_examples=50, deadline=None)

#: Quantity of a label, with that of a binary output that has only this label.
OF_ONE_LABEL = {
    "class_cross_entropy": "cross_entropy",
    "class_target_cross_entropy": "target_cross_entropy",
    "class_standard_error": "standard_error",
    "class_loss": "loss",
    "class_accuracy": "accuracy",
    "class_confidence": "confidence",
    "class_true_class_probability": "true_class_probability",
}
#: The same, with that of the class "positive" of the binary output.
OF_THE_POSITIVES = {
    "support": "support",
    "predicted": "predicted",
    "class_positive_cross_entropy": "class_cross_entropy",
    "class_recall": "class_accuracy",
    "class_precision": "class_precision",
}
#: Quantities that are the mean over the labels of those of the binary outputs.
MEANS = ("cross_entropy", "loss", "accuracy", "confidence", "brier_score", "mean_entropy", "prior_entropy")


def report_on(sums: ClassStatistics) -> EvaluationReport:
    return EvaluationReport(0, "validation", "", tuple(map(str, range(sums.num_classes))), sums)


def labels_of(data: LabelRows) -> EvaluationReport:
    return report_on(statistics_from_predictions(data.targets, data.probabilities, task="multilabel"))


def binaries_of(data: LabelRows) -> list[EvaluationReport]:
    """One report for each label, as if it were the only output."""
    return [
        report_on(statistics_from_predictions(targets, probabilities, task="binary"))
        for targets, probabilities in zip(data.targets.T, data.probabilities.T, strict=True)
    ]


@law
@given(label_rows())
def test_a_label_is_a_binary_output(data):
    """What is said of a label is what would be said of an output that has only this label."""
    together, alone = labels_of(data), binaries_of(data)

    for name, of_binary in OF_ONE_LABEL.items():
        expected = [getattr(each, of_binary) for each in alone]
        # The variance is a difference that cancels where all values are the same.
        absolute = 1e-6 if name == "class_standard_error" else 1e-9
        np.testing.assert_allclose(getattr(together, name), expected, rtol=1e-9, atol=absolute, err_msg=name)
    for name, of_binary in OF_THE_POSITIVES.items():
        expected = [getattr(each, of_binary)[1] for each in alone]
        np.testing.assert_allclose(getattr(together, name), expected, rtol=1e-9, atol=1e-9, err_msg=name)
    negatives = [each.class_cross_entropy[0] for each in alone]
    np.testing.assert_allclose(together.class_negative_cross_entropy, negatives, rtol=1e-9, atol=1e-9)


@law
@given(label_rows())
def test_the_whole_is_the_mean_over_the_labels(data):
    """Each label has the same number of decisions, so that a mean over all is the plain mean of those of the labels."""
    together, alone = labels_of(data), binaries_of(data)

    for name in MEANS:
        mean = np.mean([getattr(each, name) for each in alone])
        np.testing.assert_allclose(getattr(together, name), mean, rtol=1e-9, atol=1e-9, err_msg=name)
    histograms = sum(each.confidence_histogram for each in alone)
    np.testing.assert_array_equal(together.confidence_histogram, histograms)


@law
@given(label_rows())
def test_counts_fit_together(data):
    """True positives are no more than either kind of positives, and the four cells make up all examples."""
    sums = labels_of(data).statistics

    found = sums.true_positives
    assert (found >= 0).all()
    assert (found <= np.minimum(sums.support, sums.predicted)).all()
    assert (sums.support + sums.predicted - found <= NUM_ROWS).all()
    np.testing.assert_array_equal(found, ((data.targets == 1) & (data.probabilities > 0.5)).sum(axis=0))
    assert (sums.num_examples, sums.num_decisions) == (NUM_ROWS, NUM_ROWS * NUM_CLASSES)


@law
@given(label_rows(), splits())
def test_parts_add_up_to_the_whole(data, cuts):
    """The sums of the parts of a pass are those of the pass, but for the steps from part to part."""
    parts = [
        statistics_from_predictions(targets, probabilities, task="multilabel")
        for targets, probabilities in zip(np.split(data.targets, cuts), np.split(data.probabilities, cuts), strict=True)
    ]

    whole = labels_of(data).statistics

    ignore = {"num_batches", "confidence_step_sum"}
    assert_same_sums(sum(parts[1:], parts[0]), whole, relative=1e-9, absolute=1e-9, ignore=ignore)


@law
@given(label_rows(), st.permutations(range(NUM_CLASSES)))
def test_permuting_labels_permutes_the_results(data, order):
    """Renaming the labels renames the results of each label and leaves those of all."""
    plain = labels_of(data).statistics

    renamed = labels_of(LabelRows(data.targets[:, order], data.logits[:, order])).statistics

    changes = {
        field.name: getattr(plain, field.name)[order]
        for field in array_fields()
        if field.metadata["shape"][0] in ("num_classes", "histogram_classes") and getattr(plain, field.name) is not None
    }
    assert_same_sums(renamed, dataclasses.replace(plain, **changes), relative=1e-9, absolute=1e-9)


@law
@given(label_rows())
def test_quantities_keep_their_ranges(data):
    """Shares and probabilities are in [0, 1], a confidence at least 1/2, and a guess costs ln 2 at most."""
    report = labels_of(data)

    assert 0 <= report.accuracy <= 1
    assert 0.5 <= report.confidence <= 1
    assert 0 <= report.expected_calibration_error <= report.maximum_calibration_error + 1e-12 <= 1 + 1e-12
    assert -1e-12 <= report.brier_score <= 2
    assert 0 <= report.mean_entropy <= report.uniform_cross_entropy + 1e-12
    assert 0 <= report.prior_entropy <= report.uniform_cross_entropy + 1e-12
    assert 0 <= report.tempered_cross_entropy <= report.cross_entropy
