"""`explain` and the built-in rules agree: what fires and can be seen in a few numbers is among the causes.

Each training is judged by the rules, with all its statistics; its last numbers alone are then explained.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.faulty_trainings import FAULTS, both, good, healthy
from tests.honest_trainings import posterior, signal_of_skill
from tests.passes import RULES, Kind, Table, firing, play
from xent_monitor import baselines
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.explanation import Numbers, explain, findings, honesty
from xent_monitor.alerts.explanation.facts import Facts

KINDS = {
    "three classes": Kind(),
    "binary": Kind(("no", "yes"), "binary", each=300),
    "ten classes": Kind(tuple("abcdefghij"), each=40),
}

#: Rules that judge what is in none of the numbers: rows, classes one by one, penalties, the course of a training.
UNSEEN = {
    "non-finite",
    "invalid-probabilities",
    "over-regularized",
    "neglected-class",
    "oscillating",
    "still-improving",
}


def numbers_of(epochs, *, prior=True, examples=True, confidence=True, train=True):
    """The numbers of the last pass of each split that someone may have written down."""
    last = {report.split: report for report in epochs[-1]}
    report, fitted = last.get("validation", last.get("train")), last.get("train")
    beside = train and fitted is not None and report is not fitted
    return Numbers(
        num_classes=report.num_classes,
        cross_entropy=report.cross_entropy,
        accuracy=report.accuracy,
        prior=tuple(report.support.tolist()) if prior else None,
        examples=report.num_examples if examples else None,
        confidence=report.confidence if confidence else None,
        train_cross_entropy=fitted.cross_entropy if beside else None,
        train_accuracy=fitted.accuracy if beside else None,
    )


def is_seen(rule, numbers):
    """Whether what the rule looks for shows in these numbers."""
    facts = Facts(numbers)
    train = numbers.train_cross_entropy is not None
    fitted = baselines.calibrated_bounds(numbers.train_accuracy or 0.0, facts.k)[1]
    return rule not in UNSEEN and {
        # The other faults of a loss, and of labels, are not in them.
        "inconsistent-loss": facts.is_impossible,
        "invalid-labels": facts.majority == 1,
        # That the first step was bad is known of no later pass.
        "bad-initial-loss": False,
        "redundant-softmax": numbers.confidence is not None,
        "diverging": train,
        "below-chance": True,
        "validation-mismatch": train and facts.skill <= limits.NO_SKILL,
        "miscalibrated": facts.gap != 0 or honesty.costs_too_much(facts),
        "label-noise": train and numbers.train_cross_entropy > fitted,
        "overfitting": train,
        "loss-accuracy-divergence": train,
    }.get(rule, True)


def disagreements(epochs, fired=None, **given):
    """Rules that fire, show, and are no cause; and causes that are certain though their rules are silent."""
    fired = {name for name, _ in firing(play(epochs))} if fired is None else fired
    numbers = numbers_of(epochs, **given)
    causes = {cause.rule: cause.certainty for cause in explain(numbers).causes}
    missed = {rule for rule in fired if is_seen(rule, numbers)} - set(causes)
    return missed, {rule for rule, certainty in causes.items() if certainty == "certain"} - fired


GIVEN = {
    "all": {},
    "no confidence": {"confidence": False},
    "no training": {"train": False},
    "question": {"prior": False, "examples": False, "confidence": False, "train": False},
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("name", FAULTS)
def test_fault_that_shows_is_among_the_causes(name, kind):
    epochs = FAULTS[name].epochs(kind)
    fired = {rule for rule, _ in firing(play(epochs))}

    for given in GIVEN.values():
        if given.get("prior", True) or kind.active == kind.size:
            assert disagreements(epochs, fired, **given) == (set(), set()), given


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_healthy_training_has_no_cause(kind, given):
    assert explain(numbers_of(healthy(kind), **given)).causes == ()


SHARES = {"equal": np.full(5, 0.2), "two to one": np.array([0.4, 0.2, 0.2, 0.2]), "one in ten": np.array([0.9, 0.1])}


@pytest.mark.parametrize("shares", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("skill", [0.15, 0.3, 0.6, 0.9, 0.98])
def test_honest_model_has_no_cause_at_any_accuracy(shares, skill):
    rng = np.random.default_rng(3)
    (signal,) = signal_of_skill(shares, np.array([skill]), rng)
    labels, probabilities = posterior(shares, signal, 2000, rng)
    kind = Kind(tuple(map(str, range(len(shares)))))
    epochs = [[kind.report(Table(labels, probabilities))]]

    for given in GIVEN.values():
        if given.get("prior", True):
            assert explain(numbers_of(epochs, **given)).causes == ()


def repeated(table, kind):
    """The same pass over and over, after a start at chance."""
    first, pass_ = kind.report(kind.ignorant()), kind.report(table)
    return [
        [dataclasses.replace(report, epoch=epoch, split=split) for split in ("train", "validation")]
        for epoch, report in enumerate([first, *[pass_] * 8])
    ]


@pytest.mark.parametrize("kind", [KINDS["three classes"], KINDS["binary"], KINDS["ten classes"]], ids=KINDS)
@pytest.mark.parametrize("right", [0.0, 0.1, 0.35, 0.6, 0.85, 1.0])
def test_every_pass_that_repeats_itself_is_told_of_as_the_rules_tell(kind, right):
    for sure, wrong_sure in ((0.4, 0.4), (0.6, 0.9), (0.99, 0.5), (0.999, 0.999)):
        table = kind.answers(right, max(sure, 1.1 / kind.active), wrong_sure=max(wrong_sure, 1.1 / kind.active))
        epochs = repeated(table, kind)
        fired = {rule for rule, _ in firing(play(epochs))}

        for given in ({}, {"confidence": False}):
            assert disagreements(epochs, fired, **given) == (set(), set()), (sure, wrong_sure, given)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("right", [0.35, 0.6, 0.85, 0.95])
@pytest.mark.parametrize("sure", [0.4, 0.6, 0.8, 0.9, 0.97, 0.999])
def test_with_the_predictions_the_temperature_decides_as_in_the_rule(kind, right, sure):
    epochs = repeated(kind.answers(right, max(sure, 1.1 / kind.active), jitter=1.0), kind)
    fired = {rule for rule, _ in firing(play(epochs))}
    report = epochs[-1][-1]

    told = explain(numbers_of([[report]]), dataclasses.replace(report, split="test"))
    causes = {cause.rule: cause for cause in told.causes}

    if "miscalibrated" in causes:
        assert "miscalibrated" in fired or fired.intersection(RULES["miscalibrated"].inhibited_by)
        assert causes["miscalibrated"].certainty == "likely"
        assert causes["miscalibrated"].decided_by is None
        assert f"dividing the logits by {report.temperature:.2f}" in causes["miscalibrated"].evidence
    else:
        sure = {name for name, cause in causes.items() if cause.certainty != "possible"}
        assert "miscalibrated" not in fired or sure.intersection(RULES["miscalibrated"].inhibited_by)


def test_a_gap_that_no_temperature_mends_is_no_cause_where_the_predictions_are_known():
    """The means alone leave it open."""
    kind = KINDS["three classes"]
    report = next(
        report
        for sure in np.linspace(0.85, 0.95, 41)
        if 0.03 < (report := kind.report(kind.answers(0.85, sure))).confidence - report.accuracy < 0.05
        and report.temperature < 1.5
    )
    report = dataclasses.replace(
        report, statistics=sum((report.statistics for _ in range(20)), start=report.statistics)
    )
    numbers = numbers_of([[report]])

    assert "miscalibrated" in {cause.rule for cause in explain(numbers).causes}
    assert "miscalibrated" not in {cause.rule for cause in explain(numbers, report).causes}


def test_loss_below_what_wrong_answers_cost_is_certain_for_both():
    """No predictions give such sums: they are what a loss of other outputs would leave."""
    kind = KINDS["three classes"]
    table = good(kind)
    sums = kind.report(table).statistics
    epochs = both(kind, [table] * 3, cross_entropy_sum=0.1 * sums.cross_entropy_sum)

    assert {name for name, _ in firing(play(epochs))} == {"inconsistent-loss"}
    for given in GIVEN.values():
        causes = explain(numbers_of(epochs, **given)).causes
        assert [(cause.rule, cause.certainty) for cause in causes] == [("inconsistent-loss", "certain")]


def test_labels_of_one_class_are_certain_for_both():
    kind = KINDS["three classes"]
    table = good(kind)
    single = Table(table.labels[table.labels == 0], table.probabilities[table.labels == 0])
    epochs = both(kind, [single] * 3)

    assert {name for name, _ in firing(play(epochs))} == {"invalid-labels"}
    assert [(cause.rule, cause.certainty) for cause in explain(numbers_of(epochs)).causes] == [
        ("invalid-labels", "certain")
    ]


#: Judged by sums that no predictions have, or by the first step.
ELSEWHERE = ("invalid-labels", "inconsistent-loss", "bad-initial-loss")
#: A training for each other cause, so that it would be seen if that were not looked for.
LOOKED_FOR = {name: FAULTS[name].epochs for name in findings.FINDINGS if name not in ELSEWHERE} | {
    "miscalibrated": lambda kind: repeated(kind.answers(0.85, 0.999), kind),
}


@pytest.mark.parametrize("name", LOOKED_FOR)
def test_agreement_would_miss_a_cause_that_is_not_looked_for(name, monkeypatch):
    monkeypatch.delitem(findings.FINDINGS, name)

    assert disagreements(LOOKED_FOR[name](KINDS["three classes"]))[0] == {name}
