"""Faults of data and program that need no judgement: numbers that cannot be, or cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from xent_monitor import baselines, sampling
from xent_monitor.alerts.builtin import label_rules, limits
from xent_monitor.alerts.builtin.evidence import SILENT, elsewhere, enough, judged, observation
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.interpretation.wording import class_name, count, decimal, nats, percent
from xent_monitor.report import EvaluationReport

__all__ = ["constant_output", "inconsistent_loss", "invalid_labels", "invalid_probabilities", "non_finite"]


def non_finite(evaluation: Evaluation) -> Iterable[Observation]:
    """NaN or infinity in predictions, losses, sample weights or the weights of the model.

    Sees: rows masked out as not finite, weights that are not (looked at once an epoch: TensorFlow's ReLU hides NaN), an
    infinite logged loss. Holds from the first one on: a single NaN spoils every weight that it reaches.
    Try: look for NaN in the inputs; lower the learning rate or clip gradients; guard logarithms and divisions.
    """
    if _seen_in_training(evaluation, _is_non_finite):
        return SILENT
    report = evaluation.report

    def message() -> str:
        seen = []
        if report.non_finite:
            rows = count(report.statistics.num_rows, "row")
            seen.append(
                f"{report.non_finite} of {rows} of the {report.split} pass have a prediction, loss or sample "
                "weight that is NaN or infinite"
            )
        if report.non_finite_weights:
            tensors = count(report.non_finite_weights, "weight tensor")
            seen.append(
                f"{tensors} of the model {'holds' if report.non_finite_weights == 1 else 'hold'} NaN or infinity"
            )
        if not seen:
            seen.append(f"the logged loss of the {report.split} pass of epoch {report.epoch} is infinite")
        if report.non_finite_weights:
            lost = "A model with such weights does not recover: what it learned is lost"
        elif report.non_finite:
            lost = (
                "These rows are left out of all other numbers, and one of them in a training batch spoils the weights"
            )
        else:
            lost = "One step with such a loss spoils the weights"
        return (
            f"{_sentence(' and '.join(seen))}. {lost}. Look for NaN in the inputs (`np.isnan(x).any()`) and for "
            "logarithms or divisions by 0 in layers of your own; if there are none, lower the learning rate or set "
            "`clipnorm`."
        )

    return observation(_is_non_finite(report), message, value=report.non_finite, threshold=0)


def invalid_labels(evaluation: Evaluation) -> Iterable[Observation]:
    """Labels that name no class, or all the same one.

    Sees: rows masked out because the label is out of range, no whole number, or no row that sums to 1 (one row is
    enough: data of this kind are wrong by rule, not by chance); or a pass of 20 and more examples of one class, which
    the share of that class in the training would not give once in 740 passes.
    Multi-label: a target outside [0, 1]; or a training (or a validation, as above) in which no label has both outcomes.
    A label that is always or never positive beside others is none.
    Try: count the labels from 0, give one-hot rows to a categorical loss, 0 and 1 to a binary one; shuffle before
    splitting.
    """
    if _seen_in_training(evaluation, _has_invalid_labels) or _single_by_chance(evaluation):
        return SILENT
    report = evaluation.report

    def message() -> str:
        by_label = report.task == "multilabel"
        if report.invalid_labels:
            wanted = (
                f"whole numbers from 0 to {report.num_classes - 1}, or one-hot rows that sum to 1"
                if report.task == "multiclass"
                else "0 and 1 (or probabilities between)"
            )
            rows, wrong = ("row", "have a target outside [0, 1]") if by_label else ("label", "name no class")
            return (
                f"{report.invalid_labels} of {count(report.statistics.num_rows, rows)} of the {report.split} pass "
                f"{wrong}. They are left out of all numbers here, but not out of Keras' loss, which they make "
                f"meaningless. Labels must be {wanted}: look at `np.unique(y)`."
            )
        if by_label:
            always = "negative" if not report.support.any() else "the same"
            return (
                f"Each of the {count(report.num_classes, 'label')} is {always} in all "
                f"{count(report.num_examples, 'example')} of the {report.split} pass. There is nothing to tell apart. "
                "Shuffle before you split (`validation_split` takes the last rows), and look at `y.mean(axis=0)`."
            )
        only = class_name(report.class_names[int(np.argmax(report.support))])
        return (
            f"All {count(report.num_examples, 'label')} of the {report.split} pass are of class {only}. With one class "
            "there is nothing to tell apart. Shuffle before you split (`validation_split` takes the last rows), and "
            "look at `np.unique(y, return_counts=True)`."
        )

    return observation(_has_invalid_labels(report), message, value=report.invalid_labels, threshold=0)


def invalid_probabilities(evaluation: Evaluation) -> Iterable[Observation]:
    """Rows that are no distribution where the loss takes probabilities.

    Sees: outputs below 0 or rows that do not sum to 1 (within 1e-3, 2e-2 in half precision) in 1 % of the rows. A
    soft-max or sigmoid head gives none; a linear, ReLU or sigmoid head under a categorical loss, logits without
    `from_logits=True`, or a soft-max over another axis give many.
    Try: the head that fits the loss.
    """
    if _seen_in_training(evaluation, _has_invalid_probabilities):
        return SILENT
    report = evaluation.report

    def message() -> str:
        binary = report.task != "multiclass"
        what = (
            "lie outside [0, 1]"
            if binary
            else (
                f"are no probabilities: they sum to {decimal(report.probability_total, 2)} in the mean, or are below 0"
            )
        )
        fix = "a sigmoid" if binary else '`activation="softmax"` over the last axis'
        return (
            f"{percent(_invalid_share(report))} of the outputs of the {report.split} pass {what}. The loss takes them "
            f"for probabilities, so that its value and what it teaches are wrong. End the model in {fix}, or, if these "
            "are logits, compile the loss with `from_logits=True`."
        )

    return observation(
        _has_invalid_probabilities(report), message, value=_invalid_share(report), threshold=limits.INVALID_ROWS
    )


def inconsistent_loss(evaluation: Evaluation) -> Iterable[Observation]:
    """A loss that is not about these outputs and labels.

    Sees one of three that cannot be:
    (1) cross-entropy < (1 - accuracy) ln 2: every wrong answer gives its true class at most one half, so it costs at
    least ln 2;
    (2) a compiled loss of as good as 0 (1e-5 of that bound) though answers are wrong: a categorical loss on one unit;
    (3) a logged loss that is the mean loss times the batch size: it is summed. The mean, the weights and the penalty
    explain the logged loss to 1e-6 otherwise. (Of one output of several Keras logs another mean: it is not compared.)
    Multi-label an answer is the decision on one label.
    Try: the loss that fits the head; `reduction="sum_over_batch_size"`.
    """
    report = evaluation.report
    if report.num_examples == 0 or _seen_in_training(evaluation, _is_inconsistent):
        return SILENT
    bound = baselines.least_cross_entropy(report.accuracy)
    summed, impossible = _is_summed(report), _is_impossible(report)

    def message() -> str:
        if summed:
            return (
                f"Keras logs a loss of {nats(report.logged_loss)} for the {report.split} pass, where the mean over its "
                f"examples is {nats(report.explained_loss)}: about {_batch_size(report):.0f} times as much, the size "
                "of a batch. The loss is summed over the batch, so that the learning rate means something else for "
                'each batch size. Compile it with `reduction="sum_over_batch_size"`, or take the mean in your own '
                "function."
            )
        name = "cross-entropy" if impossible else "compiled loss"
        value = report.cross_entropy if impossible else report.loss
        return (
            f"The {name} of the {report.split} pass is {nats(value)}, though {percent(1 - report.accuracy)} of the "
            f"answers are wrong, which cost at least ln 2 each: {nats(bound)}. The loss and the answers are not about "
            "the same outputs. For one output unit use a sigmoid and `binary_crossentropy`, for one unit per class a "
            "soft-max and a categorical loss."
        )

    value = report.logged_loss if summed else report.cross_entropy if impossible else report.loss
    threshold = report.explained_loss if summed else bound
    return observation(_is_inconsistent(report), message, value=value, threshold=threshold)


def constant_output(evaluation: Evaluation) -> Iterable[Observation]:
    """The same prediction for every input.

    Sees: one class predicted throughout, with confidences of neighbouring examples that differ by rounding alone
    (1e-5), in validation and in training. Inputs that differ give outputs that differ, unless units are dead, weights 0
    or the soft-max saturated.
    Try: a lower learning rate, another initialisation, leaky ReLU; look whether the inputs are all alike.
    """
    report = evaluation.report
    if not judged(evaluation) or not enough(report) or math.isnan(report.confidence_spread):
        return elsewhere(evaluation)
    train = evaluation.train
    # Validation inputs of another scale can saturate a model that is well: that is a mismatch.
    holds = _is_constant(report) and (train is None or _is_constant(train))

    def message() -> str:
        only = int(np.argmax(report.predicted))
        output = f"class {class_name(report.class_names[only])} with"
        if report.task == "multilabel":
            output = f"{np.count_nonzero(report.predicted)} of {count(report.num_classes, 'label')}, with a mean"
        return (
            f"Every one of the {count(report.num_examples, 'example')} of the {report.split} pass gets the same "
            f"output: {output} confidence {decimal(report.confidence, 3)}. "
            "The inputs no longer reach the outputs: dead ReLU units, weights of 0, or a saturated output. Lower the "
            "learning rate, check that inputs are scaled and differ, and look at the initialisation and at layers "
            "that may be frozen."
        )

    return observation(holds, message, value=report.confidence_spread, threshold=limits.CONSTANT)


def _seen_in_training(evaluation: Evaluation, fault: Callable[[EvaluationReport], bool]) -> bool:
    """Whether the training pass of this epoch has the same fault, and has been told of: one alert is enough."""
    train = evaluation.train
    return train is not None and train is not evaluation.report and fault(train)


def _is_non_finite(report: EvaluationReport) -> bool:
    return report.non_finite > 0 or report.non_finite_weights > 0 or math.isinf(report.logged_loss)


def _has_invalid_labels(report: EvaluationReport) -> bool:
    if report.task == "multilabel":
        single = label_rules.has_one_outcome(report)
    else:
        single = bool(np.count_nonzero(report.support) == 1)
    return report.invalid_labels > 0 or (single and enough(report))


def _single_by_chance(evaluation: Evaluation) -> bool:
    """Whether a pass of one class is nothing that the shares of the training would not give now and then."""
    report, train = evaluation.report, evaluation.train
    by_label = report.task == "multilabel"
    if report.invalid_labels or train is report:
        return False
    if train is None:
        # Without a training nothing says how rare the labels are.
        return by_label and label_rules.has_one_outcome(report)
    if by_label:
        alone = label_rules.has_one_outcome(report)
        return alone and label_rules.chance_of_one_outcome(report, train) > limits.CHANCE
    if np.count_nonzero(report.support) != 1:
        return False
    share = train.support[int(np.argmax(report.support))] / max(train.num_examples, 1)
    return bool(float(share) ** sampling.independent(report) > limits.CHANCE)


def _invalid_share(report: EvaluationReport) -> float:
    return report.invalid_probabilities / report.num_examples if report.num_examples else 0.0


def _has_invalid_probabilities(report: EvaluationReport) -> bool:
    return _invalid_share(report) >= limits.INVALID_ROWS


def _is_constant(report: EvaluationReport) -> bool:
    if report.task == "multilabel":
        return label_rules.is_constant(report)
    one_class = np.count_nonzero(report.predicted) == 1 and np.count_nonzero(report.support) > 1
    return bool(one_class) and report.confidence_spread <= limits.CONSTANT


def _is_impossible(report: EvaluationReport) -> bool:
    wrong = report.statistics.num_decisions - int(report.statistics.correct.sum())
    least = limits.IMPOSSIBLE * baselines.least_cross_entropy(report.accuracy)
    return wrong >= limits.MIN_ERRORS and report.cross_entropy < least


def _is_inconsistent(report: EvaluationReport) -> bool:
    wrong = report.statistics.num_decisions - int(report.statistics.correct.sum())
    least = limits.BLIND_LOSS * baselines.least_cross_entropy(report.accuracy)
    blind = wrong >= limits.MIN_ERRORS and abs(report.loss) < least
    return blind or _is_impossible(report) or _is_summed(report)


def _batch_size(report: EvaluationReport) -> float:
    batches = report.statistics.num_batches
    return report.statistics.num_rows / batches if batches else math.nan


def _is_summed(report: EvaluationReport) -> bool:
    """Whether the logged loss, less the penalty, is that of the examples times the batch size."""
    size, mean = _batch_size(report), report.explained_loss - report.regularization
    if report.output:
        return False
    if not size >= 2 or not mean > 0 or report.statistics.num_rows != report.num_examples:
        return False
    times = (report.logged_loss - report.regularization) / mean
    return abs(times / size - 1) <= limits.SUM_TOLERANCE and times > 1 + limits.SUM_TOLERANCE


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
