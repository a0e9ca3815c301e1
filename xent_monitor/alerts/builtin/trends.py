"""What only several epochs, or training beside validation, can tell."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from xent_monitor import sampling, yardsticks
from xent_monitor.alerts.builtin import label_rules, limits
from xent_monitor.alerts.builtin.evidence import (
    SILENT,
    accuracy_error,
    base_rate_loss,
    beyond_prior,
    minimised_error,
    minimised_loss,
    observation,
    trusted,
)
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.interpretation.wording import class_name, decimal, nats, percent
from xent_monitor.report import EvaluationReport

__all__ = ["diverging", "loss_accuracy_divergence", "oscillating", "overfitting", "validation_mismatch"]


def loss_accuracy_divergence(evaluation: Evaluation) -> Iterable[Observation]:
    """Validation cross-entropy rising while the decisions hold: over-confidence.

    Sees: a rise above the best validation so far by 10 % of the prior entropy and 3 standard errors, while the accuracy
    holds (within 2 standard errors of its best), the tempered cross-entropy follows less than half of the rise, and the
    best had a skill of 10 %: decisions that are worth keeping.
    Source: Guo et al. (2017), On Calibration of Modern Neural Networks, section 3.
    Try: temperature scaling, label smoothing, weight decay; the best epoch by accuracy need not be thrown away.
    """
    rise, best = _rise(evaluation)
    if best is None:
        return SILENT
    report = evaluation.report

    def message() -> str:
        return (
            f"The validation cross-entropy is {nats(report.cross_entropy)}, {nats(rise)} above its best in epoch "
            f"{best.epoch}, while the accuracy holds at {percent(report.accuracy)}. The decisions are as good as "
            f"before, the model is only too sure of them (temperature {decimal(report.temperature, 1)}). Scale the "
            "logits by that temperature after training, or use label smoothing, weight decay or fewer epochs."
        )

    threshold = best.cross_entropy + limits.RISE * report.prior_entropy
    worthwhile = best.skill > limits.SOME_SKILL
    holds = rise > 0 and worthwhile and not _decides_worse(evaluation, best)
    return observation(holds, message, value=report.cross_entropy, threshold=threshold)


def overfitting(evaluation: Evaluation) -> Iterable[Observation]:
    """Validation getting worse while training gets better.

    Sees: a rise as in `loss-accuracy-divergence`, from a best that was below the prior entropy by 2 % of it and 3
    standard errors, a training loss below that of the best epoch, and decisions that got worse too: an accuracy 2
    standard errors below its best, or a tempered cross-entropy that follows half of the rise.
    Try: stop at the best epoch, more data or augmentation, dropout, weight decay, a smaller model.
    """
    rise, best = _rise(evaluation)
    if best is None:
        return SILENT
    report, train = evaluation.report, evaluation.train
    then = next((one for one in evaluation.history("train") if one.epoch == best.epoch), None)
    fits_better = train is None or then is None or minimised_loss(train) < minimised_loss(then)

    def message() -> str:
        fell = "" if train is None else f" while that of the training fell to {nats(train.cross_entropy)}"
        return (
            f"The validation cross-entropy rose from {nats(best.cross_entropy)} in epoch {best.epoch} to "
            f"{nats(report.cross_entropy)}{fell} (accuracy {percent(report.accuracy)}). The model learns the training "
            "examples by heart. Keep the weights of the best epoch (`EarlyStopping(restore_best_weights=True)`), then "
            "try more data, augmentation, dropout or weight decay."
        )

    threshold = best.cross_entropy + limits.RISE * report.prior_entropy
    holds = rise > 0 and fits_better and _decides_worse(evaluation, best)
    return observation(holds, message, value=report.cross_entropy, threshold=threshold)


def validation_mismatch(evaluation: Evaluation) -> Iterable[Observation]:
    r"""Good on training and bad on validation from the first epochs on.

    Sees a training with a skill of 25 % and an accuracy that is 10 points and 3 standard errors above that of a
    validation that (1) has never had a skill of 2 %, or (2) has skill beyond noise, but whose
    predictions are displaced: a fifth of them and twice as many as chance would displace stand with other classes than
    the labels do, beyond that in training. Or (3) as (1), with a validation cross-entropy that is above both that of
    the training and the prior entropy by another prior entropy. In the first 6 epochs the validation must not be
    getting better. Overfitting begins with a validation that follows the training; this one did not, or sees other
    inputs.

    .. math:: d = \tfrac12 \sum_k |q_k - \pi_k|, \quad q_k \text{ share of the predictions}, \pi_k \text{ of the labels}
    Try: the same preprocessing for both; the same label map; the statistics of batch normalisation.
    """
    report, train = evaluation.report, evaluation.train
    if train is None or report.split != "validation" or not trusted(report) or len(evaluation.earlier) < 1:
        return SILENT
    gap = train.accuracy - report.accuracy
    noise = limits.NOISE * math.hypot(accuracy_error(train), accuracy_error(report))
    history = evaluation.history("validation")
    never_followed = not np.nanmax([one.skill for one in history]) > limits.NO_SKILL
    fell = evaluation.earlier[-1].cross_entropy - report.cross_entropy
    # Batch normalisation with a slow moving average begins like this, and gets better from epoch to epoch.
    settling = fell > limits.MATERIAL_LEVEL * report.prior_entropy and len(history) <= limits.SETTLING
    good = train.skill > limits.GOOD_SKILL and gap > max(
        noise, limits.MATERIAL_SHARE * yardsticks.decision_scale(report)
    )
    apart = report.cross_entropy - max(train.cross_entropy, report.prior_entropy)
    far = apart > report.prior_entropy + limits.NOISE * math.hypot(*map(sampling.cross_entropy_error, (report, train)))
    # Where labels are rare the prior entropy is small beside the losses of a training that is no good itself.
    far = far and (report.task != "multilabel" or train.cross_entropy < train.prior_entropy)
    displaced = good and beyond_prior(report, -1, limits.NO_SKILL) and _is_displaced(report, train)
    holds = not settling and (displaced or (never_followed and (good or far)))

    def message() -> str:
        if displaced:
            excess = (report.predicted - report.support) / report.num_examples
            top = int(np.argmax(excess))
            what = "examples are named" if report.task == "multilabel" else "predictions are class"
            return (
                f"In epoch {report.epoch} {percent(report.predicted[top] / report.num_examples)} of the validation "
                f"{what} {class_name(report.class_names[top])}, which has "
                f"{percent(report.support[top] / report.num_examples)} of the labels, while the predictions of the "
                f"training are as frequent as its labels (accuracy {percent(train.accuracy, report.accuracy)} there, "
                f"{percent(report.accuracy, train.accuracy)} here). Validation inputs reach the model in another form. "
                "Check that they are scaled as the training inputs are, and the statistics of batch normalisation."
            )
        return (
            f"In epoch {report.epoch} {percent(train.accuracy, report.accuracy)} of the training answers are right and "
            f"{percent(report.accuracy, train.accuracy)} of the validation answers, at cross-entropies of "
            f"{nats(train.cross_entropy)} and {nats(report.cross_entropy)}, and validation has never been good. The "
            "two are not the same task for the model. Check that validation inputs are scaled as the training inputs "
            "are, that labels are encoded the same way, and the statistics of batch normalisation."
        )

    return observation(bool(holds), message, value=report.skill, threshold=limits.NO_SKILL)


def _is_displaced(report: EvaluationReport, train: EvaluationReport) -> bool:
    """Whether the predictions of a validation are spread over other classes than its labels, unlike in training."""
    n = sampling.independent(report)
    if report.task == "multilabel":
        named = max(int(report.predicted.sum()), 1) / sampling.decisions_per_sample(report.statistics)
        return label_rules.over_named(report) - label_rules.over_named(train) > max(
            limits.DISPLACED, limits.NOISE / math.sqrt(named)
        )
    shares = report.support / report.num_examples
    # Mean absolute difference of two independent draws with these shares; those of a good model are no such draws.
    chance = 0.5 * math.sqrt(2 / math.pi) * float(np.sqrt(2 * shares * (1 - shares) / n).sum())
    return _displacement(report) - _displacement(train) > max(limits.DISPLACED, 2 * chance)


def _displacement(report: EvaluationReport) -> float:
    """Total variation distance between the shares of the predictions and of the labels, in [0, 1]."""
    return 0.5 * float(abs(report.predicted - report.support).sum()) / max(report.num_examples, 1)


def diverging(evaluation: Evaluation) -> Iterable[Observation]:
    """The training loss rising instead of falling.

    Sees: what the optimiser minimises above what it would be for one who knows the base rates alone (the prior entropy,
    with the weights of the classes) by 25 % of it and 3 standard errors, and above that of the epoch before (of the
    first step, in the first epoch) by 3 standard errors of both.
    Try: a learning rate 10 times lower, gradient clipping, warm-up; the sign of the loss.
    """
    report = evaluation.report
    if not trusted(report):
        return SILENT
    loss, before, then = minimised_loss(report), math.nan, report.initial_cross_entropy
    error, guess = minimised_error(report), base_rate_loss(report)
    level = guess * (1 + limits.DIVERGED) + limits.NOISE * error
    if evaluation.earlier:
        before = minimised_loss(evaluation.earlier[-1])
        error = math.hypot(error, minimised_error(evaluation.earlier[-1]))
    reference = then if math.isnan(before) else before
    if math.isnan(reference) or math.isnan(error):
        return SILENT

    def message() -> str:
        return (
            f"The training loss rose from {nats(reference)} to {nats(loss)} in epoch {report.epoch}, above the "
            f"{nats(guess)} of one who knows the base rates alone. The steps of the optimiser lead away "
            "from the minimum. Divide the learning rate by 10, set `clipnorm`, and check the sign of the loss and of "
            "the learning rate."
        )

    return observation(loss > level and loss - reference > limits.NOISE * error, message, value=loss, threshold=level)


def oscillating(evaluation: Evaluation) -> Iterable[Observation]:
    """Large swings of the training loss from epoch to epoch, without progress.

    Sees: over the last 6 evaluations, steps of 20 % of the loss of the base rates (see `diverging`) in the mean and 3
    standard errors each, 3 of which turn back, and a best of them that is not below the best before by 2 %. (A cyclical
    learning rate swings by 10 %, and makes progress.)
    Try: a lower learning rate or a larger batch.
    """
    passes = evaluation.history("train")
    report = evaluation.report
    if len(passes) <= limits.SWINGS or not trusted(report):
        return SILENT
    losses = np.array([minimised_loss(one) for one in passes])
    errors = np.array([minimised_error(one) for one in passes])
    unit = base_rate_loss(report)
    steps = np.diff(losses[-limits.SWINGS :])
    noise = limits.NOISE * np.hypot(errors[-limits.SWINGS : -1], errors[1 - limits.SWINGS :])
    large = abs(steps) > np.fmax(noise, limits.MATERIAL * unit)
    turns = int(((np.sign(steps[1:]) != np.sign(steps[:-1])) & large[1:] & large[:-1]).sum())
    swing = float(abs(steps).mean())
    progress = losses[: -limits.SWINGS].min() - losses[-limits.SWINGS :].min()
    holds = swing > limits.SWING * unit and turns >= limits.TURNS and progress < limits.MATERIAL * unit

    def message() -> str:
        return (
            f"The training loss swings by {nats(swing)} from epoch to epoch, and its best of the last {limits.SWINGS} "
            f"epochs, {nats(float(losses[-limits.SWINGS :].min()))}, is no progress. The steps of the optimiser are "
            "too large to settle. Divide the learning rate by 3 to 10, or use larger batches."
        )

    return observation(bool(holds), message, value=swing, threshold=limits.SWING * unit)


def _rise(evaluation: Evaluation) -> tuple[float, EvaluationReport | None]:
    """How far a validation is above its best, 0 unless that is large and beyond noise, and the best one."""
    report = evaluation.report
    earlier = [one for one in evaluation.earlier if trusted(one) and math.isfinite(one.cross_entropy)]
    if report.split != "validation" or not earlier or not trusted(report):
        return 0.0, None
    best = min(earlier, key=lambda one: one.cross_entropy)
    rise = report.cross_entropy - best.cross_entropy
    # Most validations judge the same examples again, whose errors move together. The larger error alone is that of two
    # passes that are correlated by one half; it was exceeded by chance in 1 of 1,000 trainings with fresh examples.
    error = max(sampling.cross_entropy_error(best), sampling.cross_entropy_error(report))
    large = rise > max(limits.RISE * report.prior_entropy, limits.NOISE * error)
    # Without skill there is nothing to lose: what rises then is another fault.
    return (rise if large and beyond_prior(best, -1, limits.NO_SKILL) else 0.0), best


def _decides_worse(evaluation: Evaluation, best: EvaluationReport) -> bool:
    """Whether the decisions are worse than they were, not only the confidence in them."""
    report = evaluation.report
    earlier = [one for one in evaluation.earlier if trusted(one)]
    most = max((*earlier, report), key=lambda one: one.accuracy)
    fell = most.accuracy - report.accuracy
    if fell > max(limits.HELD_WITHIN * accuracy_error(most), 0.01 * yardsticks.decision_scale(report)):
        return True
    least = min(one.tempered_cross_entropy for one in earlier)
    followed = report.tempered_cross_entropy - least
    return followed > limits.TEMPERED_SHARE * (report.cross_entropy - best.cross_entropy)
