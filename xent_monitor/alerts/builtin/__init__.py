"""The built-in rules: what goes wrong in the training of a classifier, and how the numbers show it.

They judge numbers, never names of layers. Each rule is a function that says in its docstring what it sees, by which
formula, where the threshold comes from, and what to try; `limits` holds the thresholds. They are in the order of causes
before symptoms: while one fires, those that it explains are silent.
"""

from __future__ import annotations

from xent_monitor.alerts.builtin.chance import below_chance, class_collapse, neglected_class, no_skill, worse_than_prior
from xent_monitor.alerts.builtin.hints import label_noise, miscalibrated, still_improving
from xent_monitor.alerts.builtin.start import bad_initial_loss, over_regularized, redundant_softmax
from xent_monitor.alerts.builtin.trends import (
    diverging,
    loss_accuracy_divergence,
    oscillating,
    overfitting,
    validation_mismatch,
)
from xent_monitor.alerts.builtin.validity import (
    constant_output,
    inconsistent_loss,
    invalid_labels,
    invalid_probabilities,
    non_finite,
)
from xent_monitor.alerts.fields import Severity
from xent_monitor.alerts.rule import AlertRule, Diagnosis
from xent_monitor.report import Split

__all__ = ["default_rules"]

BOTH: tuple[Split, ...] = ("train", "validation")
TRAIN: tuple[Split, ...] = ("train",)
VALIDATION: tuple[Split, ...] = ("validation",)

#: Rules whose faults spoil every other number.
SPOILED_BY = ("non-finite", "invalid-labels", "invalid-probabilities", "inconsistent-loss")
#: Rules that explain why a model is no good.
EXPLAINED_BY = (*SPOILED_BY, "constant-output", "bad-initial-loss", "over-regularized", "diverging")


def default_rules() -> tuple[AlertRule, ...]:
    """The built-in rules, causes before symptoms.

    Example:
        >>> [rule.name for rule in default_rules()][:3]
        ['non-finite', 'invalid-labels', 'invalid-probabilities']
    """
    return _RULES


def _rule(
    name: str,
    diagnosis: Diagnosis,
    severity: Severity,
    splits: tuple[Split, ...],
    *,
    for_: int = 1,
    after: int = 0,
    keep_firing_for: int = 0,
    min_support: int = 1,
    inhibited_by: tuple[str, ...] = (),
    at_end: bool = False,
) -> AlertRule:
    return AlertRule(
        name=name,
        severity=severity,
        diagnosis=diagnosis,
        diagnosed_splits=splits,
        for_=for_,
        after=after,
        keep_firing_for=keep_firing_for,
        min_support=min_support,
        inhibited_by=inhibited_by,
        at_end=at_end,
    )


#: Each rule in one line or two: name, diagnosis, severity, passes, and how sure it must be.
_RULES: tuple[AlertRule, ...] = (
    _rule("non-finite", non_finite, "critical", BOTH, min_support=0),
    _rule("invalid-labels", invalid_labels, "critical", BOTH, min_support=0, inhibited_by=SPOILED_BY[:1]),
    _rule("invalid-probabilities", invalid_probabilities, "critical", BOTH, inhibited_by=SPOILED_BY[:2]),
    _rule("inconsistent-loss", inconsistent_loss, "critical", BOTH, inhibited_by=SPOILED_BY[:3]),
    _rule("constant-output", constant_output, "critical", BOTH, inhibited_by=SPOILED_BY[:3]),
    _rule("bad-initial-loss", bad_initial_loss, "warning", TRAIN, inhibited_by=SPOILED_BY),
    _rule("over-regularized", over_regularized, "warning", TRAIN, after=1, for_=2, inhibited_by=SPOILED_BY),
    _rule("redundant-softmax", redundant_softmax, "critical", BOTH, for_=2, inhibited_by=SPOILED_BY),
    _rule(
        "diverging",
        diverging,
        "critical",
        TRAIN,
        for_=2,
        keep_firing_for=1,
        inhibited_by=(*SPOILED_BY, "bad-initial-loss", "over-regularized"),
    ),
    _rule("below-chance", below_chance, "critical", BOTH, for_=2, inhibited_by=EXPLAINED_BY),
    _rule(
        "validation-mismatch",
        validation_mismatch,
        "warning",
        VALIDATION,
        for_=2,
        keep_firing_for=1,
        inhibited_by=(*SPOILED_BY, "constant-output", "below-chance"),
    ),
    _rule(
        "neglected-class",
        neglected_class,
        "warning",
        BOTH,
        for_=3,
        after=2,
        keep_firing_for=1,
        min_support=5,
        inhibited_by=(*EXPLAINED_BY, "below-chance", "validation-mismatch"),
    ),
    _rule(
        "loss-accuracy-divergence",
        loss_accuracy_divergence,
        "warning",
        VALIDATION,
        for_=3,
        keep_firing_for=2,
        inhibited_by=(*EXPLAINED_BY, "below-chance", "validation-mismatch"),
    ),
    _rule(
        "overfitting",
        overfitting,
        "warning",
        VALIDATION,
        for_=3,
        keep_firing_for=2,
        inhibited_by=(*EXPLAINED_BY, "below-chance", "validation-mismatch"),
    ),
    _rule(
        "class-collapse",
        class_collapse,
        "warning",
        BOTH,
        for_=3,
        after=2,
        inhibited_by=(*EXPLAINED_BY, "below-chance", "validation-mismatch"),
    ),
    _rule(
        "no-skill",
        no_skill,
        "warning",
        BOTH,
        for_=2,
        after=3,
        inhibited_by=(*EXPLAINED_BY, "redundant-softmax", "below-chance", "validation-mismatch", "class-collapse"),
    ),
    _rule("oscillating", oscillating, "warning", TRAIN, for_=2, inhibited_by=EXPLAINED_BY),
    _rule(
        "worse-than-prior",
        worse_than_prior,
        "warning",
        BOTH,
        for_=3,
        after=3,
        keep_firing_for=1,
        inhibited_by=(
            *EXPLAINED_BY,
            "below-chance",
            "validation-mismatch",
            "neglected-class",
            "overfitting",
            "loss-accuracy-divergence",
            "class-collapse",
            "oscillating",
        ),
    ),
    _rule(
        "miscalibrated",
        miscalibrated,
        "info",
        VALIDATION,
        for_=3,
        after=3,
        keep_firing_for=2,
        inhibited_by=(
            *EXPLAINED_BY,
            "redundant-softmax",
            "below-chance",
            "validation-mismatch",
            "neglected-class",
            "loss-accuracy-divergence",
            "overfitting",
            "class-collapse",
            "worse-than-prior",
        ),
    ),
    _rule("label-noise", label_noise, "info", TRAIN, for_=3, after=2, inhibited_by=EXPLAINED_BY),
    _rule("still-improving", still_improving, "info", BOTH, at_end=True, inhibited_by=EXPLAINED_BY),
)
