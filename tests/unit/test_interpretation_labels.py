"""What the reading says of labels that do not exclude each other, and of rows that are not independent."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest

from tests.fast_label_sums import label_sums
from tests.statistics_from_predictions import statistics_from_predictions
from tests.unit.test_interpretation import LABELS, LOGITS, make_report
from xent_monitor.interpretation import interpret, summarize
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import array_fields, scalar_fields

NAMES = ("sky", "tree", "dog", "red car", "kite")
SHARES = np.array([0.3, 0.1, 0.05, 0.02, 0.01])
SIGNALS = np.array([2.0, 1.5, 1.0, 1.0, 0.5])


def drawn(size=3000, seed=0):
    """Targets, and the logits of their true posterior given noisy views."""
    # RandomState: its stream is frozen, so that texts with numbers in them do not change with NumPy.
    random = np.random.RandomState(seed)
    targets = (random.random_sample((size, 5)) < SHARES).astype(np.int64)
    views = SIGNALS * targets + random.normal(size=targets.shape)
    return targets, np.log(SHARES / (1 - SHARES)) + SIGNALS * views - SIGNALS**2 / 2


TARGETS, LOGITS_OF_LABELS = drawn()


def sigmoid(logits):
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def read_of(targets, logits, epoch=5, split="validation", **changes):
    sums = label_sums(targets, sigmoid(logits))
    fields = {field.name for field in [*array_fields(), *scalar_fields()]}
    sums = dataclasses.replace(sums, **{name: value for name, value in changes.items() if name in fields})
    names = (*NAMES, *(f"label {index}" for index in range(5, 100)))[: targets.shape[1]]
    own = {name: value for name, value in changes.items() if name not in fields}
    return EvaluationReport(epoch, split, "", names, sums, **own)


HONEST = read_of(TARGETS, LOGITS_OF_LABELS)
UNSEEN = np.where(np.arange(5) == 2, 0, TARGETS)
ONE_EACH = np.eye(5, dtype=np.int64)[np.arange(600) % 5]
NEGLECTED = np.where(np.arange(5) == 1, -9.0, 1.05 * LOGITS_OF_LABELS + 3.0 * (2 * TARGETS - 1))


def test_golden_paragraph():
    assert interpret(HONEST) == (
        "Validation cross-entropy 0.18 nats a label on 3000 examples, each with 5 labels (0.49 positive in the mean). "
        "Knowing only the label shares would score 0.26 (an even guess: 0.69), so a third of the uncertainty is gone "
        "(skill 0.33). "
        "Of the 0.18 nats, 67 % come from the 10 % of decisions that are about a positive label: those cost 1.21 in "
        "the mean, the others 0.064. "
        "The true outcome of a label typically gets probability 0.84 (geometric mean). "
        "Accuracy 0.94 flatters, where always answering no would reach 0.90: 51 % of the positives are found, and "
        "80 % of what is named positive are. "
        "The accuracy and confidence 0.94 agree within noise: what the model says of its own certainty can be "
        "believed. "
        'Labels dog, "red car" and kite carry 38 % of the loss with 28 % of the uncertainty. '
        'Labels "red car" and kite are never found (108 positives). '
        'What to try first: decide on labels "red car" and kite at a probability below 1/2, chosen on validation data.'
    )


#: Name, report, history, what is said, what is not said.
CASES = [
    (
        "over-confident",
        read_of(TARGETS, 3 * LOGITS_OF_LABELS),
        [],
        [
            "Worse than knowing nothing",
            "surer than it is right (temperature 3.",
            "tame the confidence, as the decisions",
        ],
        ["class", "fair pick", "mistake"],
    ),
    (
        "base rates",
        read_of(TARGETS, np.tile(np.log(SHARES / (1 - SHARES)), (3000, 1))),
        [],
        ["knows no more than that", "no better, within noise, than always answering no", "as none is ever named"],
        ["never found", "carr", "predictions are", "class"],
    ),
    (
        "columns in another order",
        read_of(TARGETS, 3 * np.roll(TARGETS, 1, axis=1) - 2.0),
        [],
        ["Worse than knowing nothing"],
        ["gone", "flatters"],
    ),
    (
        "yes and no swapped",
        read_of(1 - TARGETS, LOGITS_OF_LABELS),
        [],
        ["is below chance: fewer of the rare outcomes", "compare the order of the columns"],
        ["flatters"],
    ),
    (
        "a label that is neglected",
        read_of(TARGETS, NEGLECTED),
        [],
        ["Label tree carries", "For label tree the model is worse than naming how common the label is"],
        ["classes"],
    ),
    (
        "a label that was never positive in training, sure of the others",
        read_of(TARGETS, np.where(np.arange(5) == 0, -9.0, 16.0 * TARGETS - 8.0)),
        [],
        ["Worse than knowing nothing", "first: see why label sky is hardly ever found", "and at sample weights"],
        ["tame the confidence"],
    ),
    (
        "a label without positives",
        read_of(UNSEEN, LOGITS_OF_LABELS),
        [],
        ["No example is positive for label dog: whether the model would find one is not known."],
        ["nothing to tell apart"],
    ),
    (
        "no positive at all",
        read_of(0 * TARGETS, LOGITS_OF_LABELS),
        [],
        ["Each label is never positive: there is nothing to tell apart", "shuffle before splitting"],
        ["flatters", "class", "No example is positive", "come from"],
    ),
    (
        "one label each",
        read_of(ONE_EACH, 5.0 * ONE_EACH - 2.5),
        [],
        ["as many positive labels as examples (600)", "a soft-max with categorical cross-entropy is what fits"],
        ["flatters"],
    ),
    (
        "one label each in the mean, but not in training",
        read_of(ONE_EACH, 5.0 * ONE_EACH - 2.5),
        [read_of(1 - ONE_EACH, 2.5 - 5.0 * ONE_EACH, split="train")],
        [],
        ["as many positive labels"],
    ),
    (
        "few examples",
        read_of(TARGETS[:10], LOGITS_OF_LABELS[:10]),
        [],
        ["too few to say much"],
        ["agree", "skill", "carr", "flatters", "never found", "of decisions", "first"],
    ),
    (
        "rows left out",
        read_of(TARGETS, LOGITS_OF_LABELS, num_rows=3100, invalid_labels=100, invalid_probabilities=2000),
        [],
        ["100 with a target outside [0, 1]", "not probabilities (outside [0, 1]): end the model in a sigmoid"],
        ["names no class", "adding up"],
    ),
    (
        "all right",
        read_of(TARGETS, 30.0 * TARGETS - 15.0),
        [],
        ["nearly all of the uncertainty is gone", "first: nothing"],
        ["flatters", "never found"],
    ),
    (
        "pixels",
        read_of(TARGETS, LOGITS_OF_LABELS, num_samples=20),
        [],
        ["on 3000 positions in 20 samples, each with 5 labels", "more than so few independent examples can tell"],
        ["knows no more", "gone", "no better, within noise", "never found", "gradients flow"],
    ),
    (
        "tokens of classes",
        make_report(LABELS, 0.3 * LOGITS, num_samples=20),
        [],
        ["on 800 positions in 20 samples of 10 classes"],
        ["no better, within noise", "gradients flow"],
    ),
    (
        "tokens of few samples",
        make_report(LABELS, LOGITS, num_samples=19),
        [],
        ["on 800 positions in 19 samples of 10 classes, too few to say much"],
        ["agree", "skill", "carr", "mistake", "first"],
    ),
    (
        "tokens of many samples",
        make_report(LABELS, LOGITS, num_samples=400),
        [],
        ["on 800 positions in 400 samples of 10 classes", "of the uncertainty is gone"],
        ["carr"],
    ),
    (
        # What is within noise that is only bounded is not known to be nothing.
        "tokens that did not move",
        make_report(LABELS, LOGITS, num_samples=400, epoch=4),
        [
            make_report(LABELS, LOGITS, num_samples=400, epoch=epoch, split=split)
            for epoch in range(5)
            for split in ("train", "validation")
            if (epoch, split) != (4, "validation")
        ],
        ["Training is at"],
        ["within noise", "beyond noise", "carries over", "agree"],
    ),
]


@pytest.mark.parametrize(("report", "history", "said", "unsaid"), [pytest.param(*c[1:], id=c[0]) for c in CASES])
def test_sentences_appear_only_where_supported(report, history, said, unsaid):
    text = interpret(report, history)

    assert [part for part in said if part not in text] == [], text
    assert [part for part in unsaid if part in text] == [], text
    assert not re.search(r"\bnan\b|\n", text)


@pytest.mark.parametrize(("report", "history"), [pytest.param(*c[1:3], id=c[0]) for c in CASES])
def test_summary_says_nothing_that_the_paragraph_does_not(report, history):
    lines = summarize(report, history).split("\n")

    assert 1 <= len(lines) <= 4
    assert [line for line in lines[1:] if line not in interpret(report, history)] == []
    assert report.task != "multilabel" or "label shares alone" in lines[0]


def test_claims_about_honest_labels_are_hardly_ever_made():
    """The labels are drawn from the predictions: whatever is claimed of such a model is false."""
    claims = []
    for seed in range(40):
        random = np.random.RandomState(seed)
        logits = random.choice([0.5, 1.5, 3.0]) * random.normal(size=(300, 8)) - random.choice([0.0, 2.0])
        targets = (random.random_sample(logits.shape) < sigmoid(logits)).astype(np.int64)
        text = interpret(read_of(targets, logits))
        claims += re.findall(r"temperature|surer|ahead of|[Ww]orse|below chance|first: (?:more|lower)", text)

    assert claims == []


def test_many_labels_name_a_few():
    random = np.random.RandomState(0)
    targets = (random.random_sample((4000, 100)) < 0.1).astype(np.int64)
    logits = 4.0 * targets - 3.0 + random.normal(size=targets.shape)
    logits[:, :30] -= 5.0 * targets[:, :30]
    report = dataclasses.replace(read_of(targets, logits), class_names=tuple(f"tag{index}" for index in range(100)))
    text = interpret(report)

    assert re.search(r"\d+ labels cost more than their share; labels \w+, \w+ and \w+ carry", text), text
    assert len(text) < 1500


def test_no_examples():
    nothing = read_of(TARGETS[:0], LOGITS_OF_LABELS[:0])

    assert interpret(nothing) == "Validation cross-entropy is undefined: no row was seen, or all were masked."


def test_labels_may_be_soft():
    soft = np.clip(0.9 * TARGETS[:500] + 0.05, 0, 1)
    report = EvaluationReport(
        0, "test", "", NAMES, statistics_from_predictions(soft, sigmoid(LOGITS_OF_LABELS[:500]), task="multilabel")
    )

    assert report.invalid_labels == 0
    assert math.isfinite(report.cross_entropy)
    assert interpret(report).startswith("Test cross-entropy 0.1")
