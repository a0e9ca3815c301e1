"""Models that know no more than the base rates, or less: as a whole, or of one class."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from xent_monitor import sampling, yardsticks
from xent_monitor.alerts.builtin import label_rules, limits
from xent_monitor.alerts.builtin.evidence import (
    SILENT,
    beyond_prior,
    elsewhere,
    judged,
    observation,
    still,
    trusted,
)
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.alerts.noise import bounded_mean_error
from xent_monitor.interpretation.wording import class_name, count, nats, percent
from xent_monitor.report import EvaluationReport

__all__ = ["below_chance", "class_collapse", "neglected_class", "no_skill", "worse_than_prior"]


def no_skill(evaluation: Evaluation) -> Iterable[Observation]:
    """A model that has learned the base rates and nothing else.

    Sees: a cross-entropy that has never been below the prior entropy by 2 % of it and 3 standard errors (paired: see
    `sampling.excess_error`), that is not above it by 5 % either, and has fallen by less than 2 % over the last 3
    evaluations; and a training that has no skill worth the name (25 %). A skill of 10 % must not lie within noise: few
    examples do not show that there is none.
    Try: another learning rate; whether labels belong to inputs (shuffled apart?); whether anything is trainable.
    """
    report = evaluation.report
    history = evaluation.history(report.split)
    train = evaluation.train
    if not judged(evaluation) or not trusted(report) or still(history) is None:
        return elsewhere(evaluation)
    learned = any(beyond_prior(one, -1, limits.NO_SKILL) for one in history) or _may_have_skill(report)
    level = report.cross_entropy <= (1 + limits.MATERIAL_LEVEL) * report.prior_entropy
    fits = train is not None and train.skill > limits.GOOD_SKILL
    holds = level and not learned and not fits and bool(still(history))

    def message() -> str:
        return (
            f"After {count(len(history), 'epoch')} the cross-entropy of the {report.split} pass is "
            f"{nats(report.cross_entropy)}, the {nats(report.prior_entropy)} of one who knows the base rates alone, "
            "and it no longer moves. The outputs tell nothing about the inputs. Try learning rates 10 times higher "
            "and lower, check that rows and labels belong together (shuffled apart?), and that the layers are "
            "trainable and alive."
        )

    return observation(holds, message, value=report.cross_entropy, threshold=report.prior_entropy)


def worse_than_prior(evaluation: Evaluation) -> Iterable[Observation]:
    """A model that is worse than to know the base rates, most often because it is confident and wrong.

    Sees: a cross-entropy above the prior entropy by 5 % of it and 3 standard errors (paired), that is not falling by 5
    % of its excess from one evaluation to the next. Healthy trainings may start there: the first 3 are not judged.
    Multi-label, where the start at ln 2 is far above the prior entropy of rare labels, and the way down is long: that
    the best of the last 3 evaluations is not below the best before by 2 % of the prior entropy, or that of the training
    is not, and above its own.
    Try: lower the learning rate; look at the worst confusions for a wrong label map; scale the outputs down. A model
    less confident than it is right has the opposite to mend.
    """
    report = evaluation.report
    if not judged(evaluation) or not trusted(report) or not evaluation.earlier:
        return elsewhere(evaluation)
    excess = report.cross_entropy - report.prior_entropy
    fell = evaluation.earlier[-1].cross_entropy - report.cross_entropy
    by_label = report.task == "multilabel"
    falling = _comes_down(evaluation) if by_label else fell > limits.MATERIAL_LEVEL * excess
    holds = beyond_prior(report, 1, limits.MATERIAL_LEVEL) and not falling
    holds = holds and not (by_label and label_rules.has_two_sigmoids(report))

    def message() -> str:
        look = "worst confusions: a pair of classes that is swapped throughout is a label map, not a hard class"
        if by_label:
            look = "labels that cost most: columns that are swapped are a label map, not hard labels"
        sure = f"mean confidence {percent(report.confidence)}"
        cause = f"The model is confident in wrong answers ({sure}). Lower the learning rate, and look at the {look}."
        if not by_label and report.confidence < report.accuracy:
            cause = (
                f"The model is not confident ({sure}): it has yet to learn how common each class is. Train longer or "
                "with a higher learning rate, and start the biases of the last layer at the logarithms of the class "
                "shares."
            )
        return (
            f"The cross-entropy of the {report.split} pass is {nats(report.cross_entropy)}, above the "
            f"{nats(report.prior_entropy)} of one who knows the base rates alone, at an accuracy of "
            f"{percent(report.accuracy)}. {cause}"
        )

    return observation(holds, message, value=report.cross_entropy, threshold=report.prior_entropy)


def _comes_down(evaluation: Evaluation) -> bool:
    """Multi-label: whether the pass makes progress, and the training too unless it is below its prior entropy."""
    train = evaluation.train
    stuck = train is not None and train.cross_entropy > train.prior_entropy
    passes = evaluation.history("train") if stuck else ()
    return all(label_rules.makes_progress(one) for one in (evaluation.history(evaluation.report.split), passes) if one)


def below_chance(evaluation: Evaluation) -> Iterable[Observation]:
    r"""Answers that are wrong more often than chance.

    Sees: an accuracy below that of answers as frequent as these but drawn blindly, by 3 standard errors and by 10 % of
    it, while the cross-entropy is not falling by 5 % of its excess over the prior entropy, and has moved since the
    first evaluation by 2 % of that: a model that stays as it was initialised may be anywhere.

    .. math:: a < \sum_k \pi_k q_k, \quad \pi_k \text{ share of the labels}, q_k \text{ of the predictions}

    Multi-label: fewer of the rare outcomes of the labels are found than such answers would find, by as much: see
    `yardsticks.blind_hits`.
    Source: chance agreement, Cohen (1960), A coefficient of agreement for nominal scales.
    Try: the order of the classes in labels and outputs; the sign of the loss.
    """
    report = evaluation.report
    if not judged(evaluation) or not trusted(report) or not evaluation.earlier:
        return elsewhere(evaluation)
    chance = yardsticks.chance_accuracy(report)
    if report.task == "multilabel":
        beyond = label_rules.finds_less_than_blind(report)
    else:
        gap = chance - report.accuracy
        noise = limits.NOISE * float(bounded_mean_error(chance, sampling.independent(report)))
        beyond = gap > max(noise, limits.MATERIAL_SHARE * chance)
    first, before = evaluation.earlier[0], evaluation.earlier[-1]
    moved = abs(report.cross_entropy - first.cross_entropy) > limits.MATERIAL * report.prior_entropy
    excess = max(report.cross_entropy - report.prior_entropy, 0.0)
    falling = before.cross_entropy - report.cross_entropy > limits.MATERIAL_LEVEL * excess
    holds = beyond and moved and not falling

    def message() -> str:
        what = "columns" if report.task == "multilabel" else "classes"
        return (
            f"{percent(report.accuracy, chance)} of the {report.split} answers are right, fewer than the "
            f"{percent(chance, report.accuracy)} that blind answers of the same frequencies would reach. The model has "
            f"learned to tell the classes apart, and names them wrongly. Check the order of the {what} in labels and "
            "outputs (label encoder, directory order, one-hot columns), and the sign of the loss."
        )

    return observation(holds, message, value=report.accuracy, threshold=chance)


def class_collapse(evaluation: Evaluation) -> Iterable[Observation]:
    """Nearly every prediction is one class, though the labels are not.

    Sees: 95 % of the predictions for one class, a quarter or less of those that the other classes should get, a
    confidence above the share of that class by 2 points, and a cross-entropy that is not below the prior entropy by 2 %
    of it and 3 standard errors, nor may be by 10 %. (A model that is honestly unsure may always name the most frequent
    class; then it has skill all the same. One that is as sure as that class is frequent knows the base rates: that is
    `no-skill`.)
    Multi-label: see `label_rules.collapse`; that a label is always or never named is no collapse by itself.
    Try: a lower learning rate; balanced batches; class weights that are not too far apart.
    """
    report = evaluation.report
    if not judged(evaluation) or not trusted(report):
        return elsewhere(evaluation)
    skilled = beyond_prior(report, -1, limits.NO_SKILL) or _may_have_skill(report)
    if report.task == "multilabel":
        return label_rules.collapse(report, skilled=skilled)
    n = report.num_examples
    top = int(np.argmax(report.predicted))
    share, labels = report.predicted[top] / n, report.support[top] / n
    # As sure as the class is frequent: the base rates, of which `no-skill` tells.
    surer = report.confidence > labels + limits.NO_SKILL
    forgotten = surer and 1 - share <= limits.OTHERS_PREDICTED * (1 - labels)
    holds = share >= limits.COLLAPSED and forgotten and not skilled

    def message() -> str:
        return (
            f"{percent(share)} of the {report.split} predictions are class {class_name(report.class_names[top])}, "
            f"which has {percent(labels)} of the labels. The outputs have collapsed onto one class, and the "
            f"cross-entropy ({nats(report.cross_entropy)}) is no better than that of the base rates "
            f"({nats(report.prior_entropy)}). Lower the learning rate, shuffle the training data, and look at class "
            "weights."
        )

    return observation(holds, message, value=share, threshold=limits.COLLAPSED)


def neglected_class(evaluation: Evaluation) -> Iterable[Observation]:
    r"""Classes for which the model is worse than a guess by base rate, while it has learned the others.

    Sees, for each class: a cross-entropy above :math:`-\ln \pi_k` by a quarter of it and 3 standard errors, and a
    recall below 10 %; while the other classes together have a skill of 10 %. A model with honest probabilities is never
    there: its excess is minus a Kullback-Leibler divergence, at most 0 even for a class that it never predicts.
    Multi-label: a label whose cross-entropy is above the entropy of its share, by as much, and whose positives cost
    more than :math:`-\ln \pi_k` (at the start, with probabilities of 1/2, negatives are what costs); and one other
    label with skill is enough.
    Try: class weights, sampling, whether the class is in the training data at all.
    """
    report = evaluation.report
    if not judged(evaluation):
        return [Observation(False, class_name=name) for name in report.class_names]
    if not trusted(report):
        return SILENT
    guess = yardsticks.guess_cross_entropy(report)
    with np.errstate(invalid="ignore"):
        excess = report.class_cross_entropy - guess
        beyond = excess > np.fmax(limits.NOISE * _class_errors(report), limits.NEGLECTED * guess)
    neglected = beyond & (report.class_recall < limits.NEVER_FOUND)
    if report.task == "multilabel":
        neglected &= label_rules.positives_cost_more(report)
    neglected &= _others_have_skill(report, neglected)
    return [_neglect(report, index, bool(neglected[index]), guess[index]) for index in range(report.num_classes)]


def _class_errors(report: EvaluationReport) -> np.ndarray:
    """Standard error of what each class costs beyond a guess; infinite where too few examples are independent."""
    if report.task == "multilabel":
        error = sampling.class_excess_error(report)
    else:
        error = sampling.class_cross_entropy_error(report)
    rows = sampling.rows_per_sample(report.statistics)
    return np.where((rows > 1) & (report.support < limits.MIN_EXAMPLES * rows), np.inf, error)


def _neglect(report: EvaluationReport, index: int, holds: bool, guess: float) -> Observation:
    name, value = report.class_names[index], float(report.class_cross_entropy[index])
    if not holds:
        return Observation(False if report.support[index] else None, value, float(guess), name)
    by_label = report.task == "multilabel"
    found, positives = float(report.class_recall[index]), int(report.support[index])
    what, weighted = ("Label", "sample weights give it") if by_label else ("Class", "`class_weight` gives it")
    message = (
        f"{what} {class_name(name)} has a cross-entropy of {nats(value)} in the {report.split} pass, above the "
        f"{nats(guess)} of a guess by its share, and {percent(found)} of its "
        f"{count(positives, 'positive' if by_label else 'example')} are found. The model has learned the other "
        f"{'labels' if by_label else 'classes'} at the cost of this one. Check that it is in the training data and "
        f"that {weighted} a weight above 0; then raise that weight, or sample the {what.lower()} more often."
    )
    return Observation(True, value, float(guess), name, message)


def _others_have_skill(report: EvaluationReport, neglected: np.ndarray) -> bool:
    """Whether the classes that are not neglected are told apart: skill among themselves."""
    if report.task == "multilabel":
        return bool(neglected.any()) and label_rules.have_skill(report, ~neglected)
    others = report.support[~neglected]
    few = limits.MIN_EXAMPLES * sampling.rows_per_sample(report.statistics)
    # Of a single class there is nothing to tell apart: all is predicted to be of that class.
    if not neglected.any() or np.count_nonzero(others) < 2 or others.sum() < few:
        return False
    shares = others[others > 0] / others.sum()
    guess = float(-(shares * np.log(shares)).sum())
    paid = float(report.statistics.cross_entropy_sum[~neglected].sum() / others.sum())
    return guess > 0 and 1 - paid / guess > limits.SOME_SKILL


def _may_have_skill(report: EvaluationReport) -> bool:
    """Whether a skill worth the name lies within noise, so that its absence is not shown."""
    below = report.prior_entropy - report.cross_entropy
    return below + limits.NOISE * sampling.excess_error(report) > limits.SOME_SKILL * report.prior_entropy
