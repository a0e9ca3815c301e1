"""What the reading says, and what it leaves unsaid."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest

from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.interpretation import interpret, summarize
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics

NUM_CLASSES = 10


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = np.maximum(exponentials / exponentials.sum(axis=1, keepdims=True), 1e-12)
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def honest_logits(num_examples=800, num_classes=NUM_CLASSES, signal=2.0, prior=None, seed=0):
    """Labels, and the logits of their true posterior: classes are Gaussians of distance `signal` from 0.

    Multiplying the logits by more than 1 makes the model over-confident, by less under-confident.
    """
    # RandomState: its stream is frozen, so that texts with numbers in them do not change with NumPy.
    random = np.random.RandomState(seed)
    shares = np.full(num_classes, 1 / num_classes) if prior is None else np.asarray(prior)
    labels = random.choice(num_classes, size=num_examples, p=shares)
    inputs = signal * np.eye(num_classes)[labels] + random.normal(size=(num_examples, num_classes))
    return labels, signal * inputs + np.log(shares)


def make_report(labels, logits, epoch=5, split="validation", names=None, output="", **changes):
    probabilities = softmax(np.asarray(logits, float))
    statistics = statistics_from_predictions(labels, probabilities)
    fields = {field.name for field in dataclasses.fields(ClassStatistics)}
    sums = {name: value for name, value in changes.items() if name in fields}
    rest = {name: value for name, value in changes.items() if name not in fields}
    names = names or tuple(map(str, range(probabilities.shape[1])))
    return EvaluationReport(epoch, split, output, names, dataclasses.replace(statistics, **sums), **rest)


def make_binary_report(labels, probabilities, epoch=5):
    statistics = statistics_from_predictions(labels, probabilities, task="binary")
    return EvaluationReport(epoch, "validation", "", ("healthy", "ill"), statistics)


LABELS, LOGITS = honest_logits()
#: Labels that have nothing to do with the logits.
STRANGE_LABELS = honest_logits(seed=1)[0]


def course(factors, split="validation", labels=LABELS, logits=LOGITS):
    """One report an epoch, the confidence scaled by each factor in turn."""
    return [make_report(labels, logits * factor, epoch, split) for epoch, factor in enumerate(factors)]


def test_golden_paragraph():
    labels, logits = honest_logits(num_examples=797, signal=1.75)
    disfavoured = 0.7 * np.isin(np.arange(NUM_CLASSES), [1, 8, 9])
    report = make_report(labels, 0.25 * logits - disfavoured, epoch=4)
    before = make_report(labels, 0.12 * logits - disfavoured, epoch=3)

    assert interpret(report, [before]) == (
        "Validation cross-entropy 1.78 nats on 797 examples of 10 classes. "
        "Knowing only the class shares would score 2.30, so about a quarter of the uncertainty is gone (skill 0.23). "
        "The true class typically gets probability 0.17, as unsure as a fair pick among 5.9 classes. "
        "Accuracy 0.50 is far better than that: the decisions are ahead of the probabilities, confidence is "
        "27 points below accuracy (temperature 0.37 alone would bring 1.78 down to 1.51). "
        "Classes 1, 8 and 9 carry 38 % of the loss with 30 % of the examples. "
        "It still fell by 0.27 in the last epoch. "
        "What to try first: train longer."
    )


HONEST = make_report(LABELS, LOGITS)
OVER, UNDER = make_report(LABELS, 2 * LOGITS), make_report(LABELS, 0.4 * LOGITS)
SHIFTED = LOGITS - 3.0 * np.isin(np.arange(NUM_CLASSES), [3, 7])
ORDINARY = LOGITS.copy()
ORDINARY[:10] = 20.0 * np.eye(NUM_CLASSES)[(LABELS[:10] + 1) % NUM_CLASSES]
PRIOR = np.array([0.9, 0.1])
RARE_LABELS, RARE_LOGITS = honest_logits(num_classes=2, signal=1.0, prior=PRIOR)
RARE_PROBABILITY = softmax(RARE_LOGITS)[:, 1]
TAKEN = LOGITS.copy()
TAKEN[LABELS == 4] = TAKEN[LABELS == 4][:, [0, 1, 2, 3, 6, 5, 4, 7, 8, 9]]
PASSES = course([1.0] * 5)

#: Name, report, history, what is said, what is not said.
CASES = [
    (
        "honest model",
        HONEST,
        [],
        ["uncertainty is gone", "agree within noise: what the model says of its own certainty can be believed"],
        ["temperature", "carry", "carries", "mistake", "worse", "Training", "rose", "fell", "try first", "loss itself"],
    ),
    (
        "over-confident",
        OVER,
        [],
        ["surer than it is right (temperature 2.", "of it is over-confidence)", "first: divide the logits by 2."],
        ["ahead of the probabilities"],
    ),
    (
        "under-confident",
        UNDER,
        [],
        ["the decisions are ahead of the probabilities", "points below accuracy (temperature 0.4"],
        ["over-confidence", "surer"],
    ),
    (
        "over-confident, but too few to tell",
        make_report(LABELS[:30], 1.3 * LOGITS[:30]),
        [],
        ["agree within noise"],
        ["temperature", "surer", "carr"],
    ),
    (
        "five examples",
        make_report(LABELS[:5], LOGITS[:5]),
        [],
        ["too few to say much"],
        ["agree", "skill", "temperature", "carr", "within noise", "first"],
    ),
    ("two hard classes", make_report(LABELS, SHIFTED), [], ["Classes 3 and 7 carry"], ["classes cost more"]),
    ("one hard class", make_report(LABELS, TAKEN), [], ["Class 4 carries", "take 4 for 6"], []),
    (
        "better than the even guess it cannot beat",
        make_report(LABELS, np.zeros_like(LOGITS)),
        [],
        ["within noise, the model knows no more than that", "is no better, within noise, than always naming"],
        ["carr", "mistake", "predictions are", "believed", "gone", "Worse"],
    ),
    (
        "worse than the prior, late",
        make_report(STRANGE_LABELS, 2 * LOGITS),
        [],
        ["Worse than knowing nothing", "above an even guess", "lower the learning rate"],
        ["gone", "as unsure as", "wait an epoch"],
    ),
    (
        "worse than the prior, early",
        make_report(STRANGE_LABELS, 2 * LOGITS, epoch=0),
        [],
        ["Worse than knowing nothing", "wait an epoch or two"],
        ["lower the learning rate"],
    ),
    (
        "worse than the prior with sound decisions",
        make_report(LABELS, 8 * LOGITS),
        [],
        ["Worse than knowing nothing", "tame the confidence, as the decisions are sound"],
        [],
    ),
    (
        "worse than the prior for one class that is never found",
        make_report(LABELS, np.where(np.arange(NUM_CLASSES) == 2, -40.0, 3 * LOGITS)),
        [],
        ["Worse than knowing nothing", "see why class 2 is hardly ever found"],
        ["decisions are sound"],
    ),
    (
        "collapse onto one class",
        make_report(LABELS, np.eye(NUM_CLASSES)[np.full(len(LABELS), 3)]),
        [],
        ["100 % of the predictions are 3"],
        [],
    ),
    (
        "labels swapped",
        make_report(np.where(LABELS < 5, LABELS + 5, LABELS - 5), 2 * LOGITS),
        [],
        ["below chance (0.10)", "compare the order of the classes"],
        [],
    ),
    (
        "a few confident mistakes",
        make_report(LABELS, np.where(np.arange(len(LABELS))[:, None] < 20, ORDINARY, 20 * np.eye(10)[LABELS])),
        [],
        ["of examples whose true class gets less than 0.07 carry at least", "of the loss."],
        [],
    ),
    (
        "binary",
        make_binary_report(RARE_LABELS, RARE_PROBABILITY),
        [],
        [
            "healthy (",
            "against ill (",
            "an even guess among 2: 0.69",
            "though the probabilities know more",
            "Class ill",
        ],
        ["of 2 classes", "mistake is to take"],
    ),
    (
        "binary that knows only the shares",
        make_binary_report(RARE_LABELS, np.full(len(RARE_LABELS), RARE_LABELS.mean())),
        [],
        ["within noise, the model knows no more than that"],
        ["Class ill", "skill"],
    ),
    (
        "rows left out",
        make_report(LABELS, LOGITS, num_rows=850, invalid_labels=30, non_finite=20),
        [],
        [
            "50 of 850 rows had to be left out: 30 with a label that names no class (labels must be from 0 to 9) and "
            "20 with NaN or infinity",
            "first: mend those rows",
        ],
        ["are not probabilities"],
    ),
    (
        "one bad row of many",
        make_report(LABELS, LOGITS, num_rows=801, non_finite=1),
        [],
        ["1 of 801 rows had to be left out"],
        ["mend those rows"],
    ),
    (
        "no distributions",
        make_report(LABELS, LOGITS, invalid_probabilities=800),
        [],
        ["For 800 of 800 rows the outputs are not probabilities", "soft-max", "the numbers below mean little"],
        ["left out", "confidence", "surer", "believed"],
    ),
    (
        "a few rows that are no distributions",
        make_report(LABELS, LOGITS, invalid_probabilities=7),
        [],
        ["For 7 of 800 rows the outputs are not probabilities", "agree within noise"],
        ["the numbers below mean little"],
    ),
    (
        "over-confident, of outputs that are no distributions",
        make_report(LABELS, 2 * LOGITS, invalid_probabilities=8),
        [],
        ["For 8 of 800 rows the outputs are not probabilities"],
        ["confidence", "surer"],
    ),
    (
        "single class",
        make_report(np.zeros(800, int), LOGITS),
        [],
        ["Every example is of class 0", "skill is undefined", "shuffle before splitting"],
        ["share of the class", "uncertainty is gone", "carr", "always naming"],
    ),
    (
        "perfect",
        make_report(LABELS, 40 * np.eye(NUM_CLASSES)[LABELS]),
        [],
        ["nearly all of the uncertainty is gone", "first: nothing", "shared with training"],
        ["temperature", "carr", "mistake", "as unsure as"],
    ),
    (
        "another loss, weights and a penalty",
        make_report(
            LABELS,
            LOGITS,
            loss_sum=1.3 * HONEST.statistics.loss_sum,
            weighted_cross_entropy_sum=2 * HONEST.statistics.cross_entropy_sum,
            penalty_sum=0.3 * 800,
            logged_loss=1.6,
        ),
        [],
        [
            "is not this cross-entropy (label smoothing, focal",
            "with sample weights the mean is",
            "0.30 (19 %) is penalty",
        ],
        [],
    ),
    (
        "training is better",
        make_report(LABELS, LOGITS),
        [make_report(LABELS, LOGITS + 2.0 * np.eye(NUM_CLASSES)[LABELS], split="train")],
        [
            "Training is at",
            "averaged over the epoch while the weights changed",
            "does not carry over",
            "narrow the gap",
        ],
        [],
    ),
    (
        "training is the same",
        HONEST,
        [*PASSES, make_report(LABELS, LOGITS, split="train")],
        ["the same within noise", "not moved beyond noise", "a larger model"],
        ["does not carry over"],
    ),
    (
        "training is worse",
        HONEST,
        [make_report(LABELS, 0.3 * LOGITS, split="train")],
        ["above: no fault"],
        ["does not carry over"],
    ),
    (
        "training of another epoch or output",
        HONEST,
        [make_report(LABELS, 0.3 * LOGITS, 4, "train"), make_report(LABELS, 0.3 * LOGITS, 5, "train", output="other")],
        [],
        ["Training"],
    ),
    (
        "confidence runs away",
        make_report(LABELS, 2.5 * LOGITS),
        course([0.8, 1.0, 1.5, 2.0, 2.2]),
        ["Since epoch 1 the cross-entropy has risen by", "the accuracy has held its own", "surer of its mistakes"],
        ["not moved", "the decisions have become worse", "It rose"],
    ),
    (
        "decisions become worse",
        make_report(LABELS, honest_logits(signal=1.2)[1]),
        PASSES,
        ["the decisions have become worse", "keep the weights of epoch 0; more data"],
        ["held its own"],
    ),
    (
        "a rise within noise",
        make_report(LABELS, 1.1 * LOGITS),
        PASSES,
        ["It has not moved beyond noise"],
        ["risen", "rose"],
    ),
    (
        "falling again after a rise",
        make_report(LABELS, 2.0 * LOGITS),
        course([1.0, 1.5, 2.0, 2.5, 3.0]),
        ["Since epoch 0", "It still fell by", "first: train longer"],
        ["keep the weights"],
    ),
    (
        "divergence without the passes before",
        make_report(LABELS, 3 * LOGITS, loss_accuracy_divergence=0.3),
        [],
        ["above its best while the accuracy has held its own"],
        [],
    ),
    (
        "divergence within noise",
        make_report(LABELS, LOGITS, loss_accuracy_divergence=0.01),
        [],
        [],
        ["above its best"],
    ),
    (
        "named output, test split",
        make_report(LABELS, LOGITS, split="test", output="colour"),
        [],
        ["Test cross-entropy of output colour "],
        [],
    ),
]


@pytest.mark.parametrize(("report", "history", "said", "unsaid"), [pytest.param(*c[1:], id=c[0]) for c in CASES])
def test_sentences_appear_only_where_supported(report, history, said, unsaid):
    text = interpret(report, history)

    assert [part for part in said if part not in text] == [], text
    assert [part for part in unsaid if part in text] == [], text
    assert "\n" not in text
    assert "nan" not in text


@pytest.mark.parametrize(("report", "history"), [pytest.param(*c[1:3], id=c[0]) for c in CASES])
def test_summary_is_short_and_says_nothing_that_the_paragraph_does_not(report, history):
    lines = summarize(report, history).split("\n")

    assert 1 <= len(lines) <= 4
    assert lines[0].startswith("Validation cross-entropy") or lines[0].startswith("Test cross-entropy")
    paragraph = interpret(report, history)
    assert [line for line in lines[1:] if line not in paragraph] == []


def test_rare_and_balanced_classes_are_told_apart_by_noise_alone():
    """The labels are drawn from the predictions: whatever is claimed of such a model is false."""
    claims = []
    for seed in range(40):
        random = np.random.RandomState(seed)
        logits = random.choice([0.5, 1.5, 3.0]) * random.normal(size=(200, 8))
        labels = np.array([random.choice(8, p=row) for row in softmax(logits)])
        text = interpret(make_report(labels, logits), [make_report(*honest_half(labels, logits, random), epoch=4)])
        claims += re.findall(r"temperature|carr(?:y|ies) \d|surer|ahead of|worse|risen|rose|fell", text)

    assert claims == []


def honest_half(labels, logits, random):
    rows = random.permutation(len(labels))[: len(labels) // 2]
    return labels[rows], logits[rows]


def test_no_examples():
    empty = ClassStatistics.empty("multiclass", NUM_CLASSES, 15, num_temperatures=11)
    names = tuple(map(str, range(NUM_CLASSES)))
    nothing = EvaluationReport(0, "validation", "", names, empty)
    spoiled = EvaluationReport(0, "train", "", names, dataclasses.replace(empty, num_rows=32, non_finite=32))

    assert interpret(nothing) == "Validation cross-entropy is undefined: no row was seen, or all were masked."
    assert interpret(spoiled) == (
        "Training cross-entropy is undefined: none of 32 rows could be judged. 32 of 32 rows had to be left out: "
        "32 with NaN or infinity (look at the inputs, lower the learning rate or clip gradients)."
    )
    assert summarize(nothing) == interpret(nothing)


def test_a_temperature_outside_the_grid_is_not_quoted():
    labels = np.arange(400) % NUM_CLASSES
    report = make_report(labels, 3 * np.eye(NUM_CLASSES)[labels])

    assert not report.temperature_fit.inside
    assert "temperature" not in interpret(report)


def test_thousand_classes_name_a_few():
    random = np.random.RandomState(0)
    labels = np.repeat(np.arange(1000), 8)
    logits = 6.0 * np.eye(1000)[labels] + random.normal(size=(8000, 1000))
    logits[:, :40] -= 6.0
    text = interpret(make_report(labels, logits))

    (sentence,) = re.findall(r"\d+ classes cost more than their share; [^.]*\.[^.]*", text)
    assert len(re.findall(r"\d+, \d+ and \d+ carry", sentence)) == 1
    assert len(text) < 1200


def test_class_names_are_data():
    names = ("<b>bold</b>", "line\nbreak", "a" * 200 + "z", "\u202eevil", "", '"q"', "pale siskin", "猫", "b", "c")
    text = interpret(make_report(LABELS, LOGITS - 4.0 * (np.arange(10) < 4), names=names, output="kind\nof"))

    assert "\n" not in text
    assert "\u202e" not in text
    assert "a" * 30 not in text
    assert 'classes "<b>bold</b>", "line break", aaa' in text.lower()
    assert 'of output "kind of"' in text


def test_history_of_an_earlier_fit_is_left_out():
    first, second = course([0.2, 0.1, 0.05]), course([0.5, 0.8])
    report = make_report(LABELS, LOGITS, epoch=2)
    evidence = Evidence.of(report, [*first, *second, report])

    assert evidence.earlier == tuple(second)
    assert Evidence.of(first[1], [*first, *second]).earlier == (second[0],)


def test_history_of_other_splits_and_outputs_is_left_out():
    others = [
        make_report(LABELS, LOGITS, 3, "train"),
        make_report(LABELS, LOGITS, 3, output="other"),
        make_report(LABELS, LOGITS, 3, "test"),
    ]

    assert Evidence.of(HONEST, others).earlier == ()


def test_error_against_the_prior_is_that_of_the_paired_difference():
    probabilities = softmax(LOGITS)
    shares = np.bincount(LABELS) / len(LABELS)
    difference = np.log(shares[LABELS]) - np.log(probabilities[np.arange(len(LABELS)), LABELS])

    expected = difference.std(ddof=1) / math.sqrt(len(LABELS))
    assert Evidence(HONEST).prior_standard_error == pytest.approx(expected, rel=1e-9)


def test_real_network(shared):
    with np.load(shared / "data" / "cifar10_vgg_probabilities.npz") as data:
        labels, probabilities = data["labels"].astype(int), data["probabilities"].astype(float)
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    report = EvaluationReport(
        0, "test", "", names, statistics_from_predictions(labels, probabilities / probabilities.sum(1, keepdims=True))
    )

    assert report.cross_entropy == pytest.approx(0.2570648, abs=1e-6)
    assert report.expected_calibration_error == pytest.approx(0.0397801, abs=1e-6)
    assert report.brier_score == pytest.approx(0.105446, abs=1e-6)
    assert interpret(report) == (
        "Test cross-entropy 0.26 nats on 10000 examples of 10 classes. "
        "Knowing only the class shares would score 2.30, so nine tenths of the uncertainty is gone (skill 0.89). "
        "The true class typically gets probability 0.77, as unsure as a fair pick among 1.3 classes. "
        "Accuracy 0.94 with a confidence of 0.98: the model is 4 points surer than it is right "
        "(temperature 1.70 alone would bring 0.26 down to 0.20: 22 % of it is over-confidence). "
        "The 4 % of examples whose true class gets less than 0.07 carry at least 50 % of the loss. "
        "Classes cat and dog carry 39 % of the loss with 20 % of the examples. "
        "The most common mistake is to take cat for dog (88 of 641 mistakes). "
        "What to try first: divide the logits by 1.70 before using the probabilities, which gains 22 % without any "
        "training."
    )


@pytest.mark.parametrize(
    ("num_absent", "sentence"),
    [
        (1, "Class 10 has no example here: how well the model knows it cannot be told."),
        (2, "Classes 10 and 11 have no example here: how well the model knows them cannot be told."),
        (90, "90 classes (10, 11, 12 and others) have no example here: how well the model knows them cannot be told."),
    ],
)
def test_classes_without_examples_are_named(num_absent, sentence):
    logits = np.hstack([LOGITS, np.full((len(LOGITS), num_absent), -9.0)])

    assert sentence in interpret(make_report(LABELS, logits))


def test_absent_classes_are_not_named_twice():
    """Where all examples are of one class, the reading says that instead."""
    assert "no example here" not in interpret(make_report(0 * LABELS, LOGITS))
    assert "no example here" not in interpret(make_report(LABELS, LOGITS))
