"""The answers in words: what they say of passes whose right answer is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.statistics_from_predictions import sketch
from tests.unit.test_interpretation import CASES, LABELS, LOGITS, course, honest_logits, make_report
from tests.unit.test_interpretation_labels import CASES as LABEL_CASES
from tests.unit.test_interpretation_labels import HONEST as HONEST_LABELS
from tests.unit.test_interpretation_labels import LOGITS_OF_LABELS, TARGETS, read_of
from xent_monitor.interpretation import interpret
from xent_monitor.interpretation.answers import Answers, Divergence, answer, divergences
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
EIGHT = np.arange(10) == 8
#: A model that knows less.
WEAK = honest_logits(signal=1.2)[1]
#: A training pass of epoch 5 that is far better than any validation here.
TRAINING = make_report(LABELS, LOGITS + 6.0 * np.eye(10)[LABELS], split="train")


def answers_of(name: str) -> Answers:
    """The answers about a case of the tests of the reading."""
    _, report, history, _, _ = next(case for case in (*CASES, *LABEL_CASES) if case[0] == name)
    return answer(report, history)


def confused(counts, **changes) -> EvaluationReport:
    """A report with this confusion, all of it with the same confidence."""
    counts = np.asarray(counts)
    true, predicted = np.repeat(np.argwhere(counts >= 0), counts.ravel(), axis=0).T
    return make_report(true, 2.0 * np.eye(len(counts))[predicted], names=NAMES[: len(counts)], **changes)


# Is this training healthy?


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("honest model", "Honest: right as often as it says"),
        ("over-confident", "Overconfident: less often right than it says"),
        ("under-confident", "Underconfident: more often right than it says"),
        ("over-confident, but too few to tell", "Half of the uncertainty is gone"),
        ("five examples", "Too few examples to say much"),
        ("better than the even guess it cannot beat", "No better than the class shares alone"),
        ("worse than the prior, late", "Worse than knowing nothing"),
        ("worse than the prior, early", "Not yet better than knowing nothing"),
        ("worse than the prior with sound decisions", "Sound decisions, ruined by overconfidence"),
        ("worse than the prior for one class that is never found", "Ruined by class 2, hardly ever found"),
        ("collapse onto one class", "Nearly everything is taken for 3"),
        ("labels swapped", "Below chance: labels and outputs seem mixed up"),
        ("a few confident mistakes", "Overconfident where it costs most"),
        ("binary that knows only the shares", "No better than the class shares alone"),
        ("no distributions", "The outputs are not probabilities"),
        ("single class", "Only one class: nothing to tell apart"),
        ("perfect", "Hardly anything is left to gain"),
        ("training is better", "Honest, but far better in training"),
        ("training is the same", "Settled, and honest: right as often as it says"),
        ("confidence runs away", "Overconfident: the decisions hold, the confidence does not"),
        ("decisions become worse", "Worse than in epoch 0, decisions and all"),
        ("divergence without the passes before", "Overconfident: the decisions hold, the confidence does not"),
        ("base rates", "No better than the label shares alone"),
        ("yes and no swapped", "Below chance: labels and outputs seem mixed up"),
        ("no positive at all", "Each label is always the same"),
        ("a label that was never positive in training, sure of the others", "Ruined by label sky, hardly ever found"),
        ("pixels", "Too few independent examples to say much"),
        ("tokens that did not move", "About three fifths of the uncertainty is gone"),
    ],
)
def test_headlines(name, title):
    assert answers_of(name).headline == title


@pytest.mark.parametrize(
    ("report", "history", "title"),
    [
        (make_report(LABELS, LOGITS, 0), [], "A start: about three fifths of the uncertainty is gone"),
        (make_report(LABELS, 0 * LOGITS, 1), [], "Nothing learned yet but the class shares"),
        (make_report(LABELS, LOGITS), course([0.1, 0.2]), "Honest and improving"),
        (make_report(LABELS, 0.4 * LOGITS), course([0.1, 0.2]), "Still learning, and too timid"),
        (make_report(LABELS, 1.6 * LOGITS), course([4.0, 3.0]), "Still learning, and too sure of itself"),
        (make_report(LABELS, 2 * LOGITS), course([1.0, 3.0]), "Recovering, but above its best of epoch 0"),
        (make_report(LABELS, 2 * LOGITS), [TRAINING], "Overconfident, and far better in training"),
        (make_report(LABELS, 0.4 * LOGITS), [TRAINING], "Underconfident, and far better in training"),
        (make_report(LABELS, WEAK), [*course([1.0] * 5), TRAINING], "Overfitting: it learns what does not carry over"),
        (
            make_report(LABELS, WEAK, split="train"),
            course([1.0] * 5, split="train"),
            "The training itself is worse than in epoch 0",
        ),
        (make_report(LABELS, LOGITS, num_rows=900, non_finite=99), [], "NaN or infinity in 11 % of the rows"),
        (make_report(LABELS, LOGITS, num_rows=900, invalid_labels=9), [], "1 % of the rows have impossible labels"),
        (make_report(LABELS, LOGITS, non_finite_weights=2), [], "Broken: the weights hold NaN or infinity"),
    ],
)
def test_headlines_over_the_epochs(report, history, title):
    assert answer(report, history).headline == title


@pytest.mark.parametrize(
    ("neglected", "title"),
    [([4], "Honest, but class four is neglected"), ([4, 6], "Honest, but 2 classes are neglected")],
)
def test_headlines_of_neglected_classes(neglected, title):
    """The model is too sure where it does not see those classes, and too timid elsewhere: honest as a whole."""
    labels, logits = honest_logits(num_examples=4000, signal=2.0)
    logits = logits * 0.85 - 3.0 * np.isin(np.arange(10), neglected) * np.isin(labels, neglected)[:, None]

    assert answer(make_report(labels, logits, names=NAMES)).headline == title


def test_a_pass_in_which_nothing_could_be_judged():
    empty = ClassStatistics.empty("multiclass", 10, 15, num_temperatures=11)
    nothing = EvaluationReport(0, "validation", "", NAMES, empty)
    spoiled = dataclasses.replace(nothing, statistics=dataclasses.replace(empty, num_rows=32, non_finite=32))
    broken = dataclasses.replace(spoiled, non_finite_weights=4)

    assert [answer(one).headline for one in (nothing, spoiled, broken)] == [
        "Nothing to judge",
        "Not a single row could be judged",
        "Broken: the weights hold NaN or infinity",
    ]
    assert answer(spoiled, class_index=3) == Answers(
        "Not a single row could be judged", interpret(spoiled), *["Nothing could be judged."] * 4
    )


def test_a_class_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match=r"`class_index` must be from 0 to 9, or None. Received: class_index=10."):
        answer(make_report(LABELS, LOGITS), class_index=10)


# Do loss and accuracy tell the same story?


@pytest.mark.parametrize(
    ("report", "history", "sentence"),
    [
        (make_report(LABELS, LOGITS), [], "Too early to tell: there is no validation pass before this one."),
        (
            make_report(LABELS, LOGITS, split="train"),
            [],
            "Too early to tell: there is no training pass before this one.",
        ),
        (make_report(LABELS, LOGITS, split="test"), [], "A single test pass cannot tell."),
        (make_report(LABELS[:10], LOGITS[:10]), [], "Too few examples to tell."),
        (make_report(0 * LABELS, LOGITS), [], "Neither tells any: there is nothing to tell apart."),
        (make_report(LABELS, LOGITS), course([1.0]), "Yes. Both are at or near their best (0.973 nats, 66.9 %)."),
        (
            make_report(LABELS, LOGITS),
            course([0.3]),
            "Yes. The cross-entropy is still falling, and the accuracy is at its best (0.973 nats, 66.9 %).",
        ),
        (
            make_report(LABELS, 1.25 * LOGITS),
            course([1.0]),
            "Yes, within noise: the cross-entropy is 0.029 nats above its best of epoch 0, and the accuracy, 66.9 %, "
            "is at its best.",
        ),
        (
            make_report(LABELS, WEAK),
            course([1.0]),
            "Yes, and both get worse: since epoch 0 the cross-entropy has risen by 0.749 nats, and the accuracy has "
            "fallen from 66.9 % to 39.9 %.",
        ),
        (
            make_report(LABELS, 2.5 * LOGITS),
            course([1.0]),
            "No. The cross-entropy is 0.488 nats above its best of epoch 0, while the accuracy holds at 66.9 %.",
        ),
        (
            make_report(LABELS, 8 * LOGITS),
            [],
            "No. 4.036 nats are worse than the class shares alone (2.297), but 66.9 % right is better than the same "
            "answer to all (11.2 %).",
        ),
        (
            make_report(LABELS, 0 * LOGITS),
            course([0.0] * 3),
            "Yes. Both say that the model is no better than the class shares alone.",
        ),
    ],
)
def test_stories(report, history, sentence):
    assert answer(report, history).story == sentence


def test_a_story_tells_since_when():
    passes = course([0.8, 1.0, 1.6, 2.2, 2.5, 2.7])
    passes = [dataclasses.replace(one, loss_accuracy_divergence=0.03 * (one.epoch > 1)) for one in passes]

    assert divergences(passes) == (Divergence(best=1, first=2, last=5),)
    assert answer(passes[-1], passes).story == (
        "No. Since epoch 2 the cross-entropy has stood above its best of epoch 1, now by 0.580 nats, while the "
        "accuracy holds at 66.9 %."
    )


def test_overconfidence_explains_a_rise_that_is_within_noise_by_itself():
    """A few hundred examples: costs of single mistakes make the mean noisy, not what a temperature takes from it."""
    labels, logits = LABELS[:300], LOGITS[:300]
    before, report = make_report(labels, 1.2 * logits, 3), make_report(labels, 1.9 * logits, 5)
    alone = 3 * np.hypot(before.standard_error, report.standard_error)
    rise = Evidence.of(report, [before]).rise

    assert rise is not None
    assert 0 < rise.change < alone
    assert answer(report, [before]).story.startswith("No. The cross-entropy is 0.")
    assert "has grown surer of its mistakes" in interpret(report, [before])


def test_a_rise_within_noise_that_was_as_overconfident_before_is_none():
    before, report = make_report(LABELS[:300], 2.5 * LOGITS[:300], 3), make_report(LABELS[:300], 2.6 * LOGITS[:300], 5)

    assert report.cross_entropy > 1.02 * before.cross_entropy
    assert Evidence.of(report, [before]).rise is None


def test_overconfidence_that_does_not_grow_explains_no_rise():
    """Fresh examples in each epoch, of a model that stays as it is."""
    rises = 0
    for seed in range(20):
        passes: list[EvaluationReport] = []
        for epoch in range(8):
            labels, logits = honest_logits(300, seed=100 * seed + epoch)
            passes.append(make_report(labels, 2.5 * logits, epoch))
            rises += Evidence.of(passes[-1], passes).rise is not None

    assert rises <= 1


# Stretches of divergence


def diverging(shares, factors=None, epochs=None) -> list[EvaluationReport]:
    """Passes with these divergences, as shares of the prior entropy; the confidence grows where they are above 0."""
    factors = factors or [2.5 if share else 1.0 for share in shares]
    return [
        dataclasses.replace(one, loss_accuracy_divergence=share, epoch=epoch)
        for one, share, epoch in zip(course(factors), shares, epochs or range(len(shares)), strict=True)
    ]


@pytest.mark.parametrize(
    ("passes", "found"),
    [
        pytest.param([], (), id="nothing"),
        pytest.param(diverging([0.0, 0.2, 0.2]), (), id="too short"),
        pytest.param(diverging([0.0, 0.2, 0.2, 0.2]), (Divergence(0, 1, 3),), id="to the end"),
        pytest.param(diverging([0.0, 0.2, 0.2, 0.2, 0.0]), (Divergence(0, 1, 3),), id="over again"),
        pytest.param(diverging([0.0, 0.2, 0.2, 0.0, 0.2, 0.2]), (), id="two short ones"),
        pytest.param(diverging([0.0, 0.01, 0.01, 0.01]), (), id="not worth a word"),
        pytest.param(diverging([0.0, 0.03, 0.03, 0.03], [1.0, 1.1, 1.1, 1.1]), (), id="within noise"),
        pytest.param(
            diverging([0.0, 0.03, 0.03, 0.1], [1.0, 1.1, 1.1, 2.5]), (Divergence(0, 1, 3),), id="begins within noise"
        ),
        pytest.param(diverging([np.nan, np.nan, np.nan, np.nan]), (), id="undefined"),
        pytest.param(
            diverging([0.0, 0.2, 0.2, 0.2, 0.0, 0.2, 0.2, 0.2], epochs=[0, 5, 6, 7, 0, 1, 2, 3]),
            (Divergence(0, 5, 7), Divergence(0, 1, 3)),
            id="two fits",
        ),
    ],
)
def test_divergences(passes, found):
    assert divergences(passes) == found


# Which classes carry the loss?


def test_classes_that_carry_the_loss_are_named_from_the_highest_down():
    disfavoured = LOGITS - 4.0 * np.isin(np.arange(10), [3, 8])

    assert answer(make_report(LABELS, disfavoured, names=NAMES)).classes == (
        "2 of 10 classes, 19 % of the examples, carry half of the validation cross-entropy: three and eight."
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "honest model",
            "It is spread evenly: it takes 5 of 10 classes, 49 % of the examples, to carry half of the validation "
            "cross-entropy.",
        ),
        (
            "over-confident, but too few to tell",
            "3 of 9 classes with examples, 30 % of the examples, carry half of the validation cross-entropy: 3, 5 "
            "and 0; none stands out beyond noise. Class 2 has no example here: how well the model knows it cannot be "
            "told.",
        ),
        ("binary", "1 of 2 classes, 11 % of the examples, carries 69 % of the validation cross-entropy: ill."),
        ("five examples", "Too few examples to tell."),
        (
            "better than the even guess it cannot beat",
            "None more than others: the model knows no more than the class shares.",
        ),
        ("single class", "Only 0 has examples."),
        (
            "a label that is neglected",
            "1 of 5 labels, 25 % of the uncertainty, carries 88 % of the validation cross-entropy: tree.",
        ),
        (
            "a label without positives",
            "It is spread evenly: it takes 2 of 5 labels, 84 % of the uncertainty, to carry 72 % of the validation "
            'cross-entropy. Beyond their share all the same: "red car" and kite. No example is positive for label dog: '
            "whether the model would find one is not known.",
        ),
        ("no positive at all", "Every label has but one outcome."),
        ("pixels", "That is more than so few independent examples can tell."),
    ],
)
def test_classes(name, sentence):
    assert answers_of(name).classes == sentence


def test_of_many_classes_a_few_are_named():
    random = np.random.RandomState(0)
    labels = np.repeat(np.arange(1000), 8)
    logits = 6.0 * np.eye(1000)[labels] + random.normal(size=(8000, 1000))
    logits[:, :40] -= 6.0

    assert answer(make_report(labels, logits)).classes == (
        "374 of 1000 classes, 37 % of the examples, carry half of the validation cross-entropy: 4, 11, 12 and 371 "
        "more; 40 stand out beyond noise."
    )


# Are the confidences honest?


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("honest model", "Yes, within noise: it says 67.5 % and is right 66.9 %."),
        ("over-confident", "No. It says 84.1 % and is right 66.9 %: 17.2 points too sure."),
        ("under-confident", "No. It says 35.8 % and is right 66.9 %: 31.1 points too timid."),
        (
            "over-confident, but too few to tell",
            "Perhaps: it says 78.0 % and is right 63.3 %, which 30 examples cannot tell apart.",
        ),
        ("five examples", "Too few examples to tell: it says 63.9 % and is right 60.0 %."),
        (
            "a few confident mistakes",
            "In the mean, but too sure where it costs most: it says 99.7 % and is right 98.4 %, and a temperature of "
            "3.06 would save 0.151 nats.",
        ),
        ("no distributions", "No: the outputs are not probabilities."),
        ("perfect", "Yes, within noise: it says above 99.9 % and is right 100.0 %."),
    ],
)
def test_confidences(name, sentence):
    assert answers_of(name).confidences == sentence


def test_confidences_at_each_level():
    """Right in the mean, and at no temperature better; but too sure at 0.53, and too timid at 0.6."""
    says = np.repeat([0.53, 0.6, 0.8], [900, 900, 900])
    right = np.concatenate([np.arange(900) < 900 * share for share in (0.4, 0.7, 0.81)])
    labels = np.arange(2700) % 2
    first = np.where(right == (labels == 0), says, 1 - says)
    report = make_report(labels, np.log(np.stack([first, 1 - first], axis=1)))

    assert answer(report).confidences == (
        "In the mean, but not at each level: it says 64.3 % and is right 63.7 %, with a calibration error of 8.0 %."
    )
    assert answer(report).headline == "Honest in the mean, not at each level of confidence"


@pytest.mark.parametrize(
    ("logits", "sentence"),
    [
        (1.2 * LOGITS, "Yes, within noise: on eight it says 71.6 % and is right 76.5 %."),
        (LOGITS, "Perhaps: on eight it says 66.3 % and is right 76.5 %, which 68 examples cannot tell apart."),
        (2 * LOGITS - 5.0 * EIGHT, "No. On eight it says 73.7 % and is right 20.6 %: 53.1 points too sure."),
        (
            LOGITS + np.eye(10)[LABELS] - 3.0 * EIGHT,
            "On eight it says 53.4 % and is right 35.3 %: 18.1 points too sure, though over all classes it is not, "
            "within noise.",
        ),
        (
            0.6 * LOGITS - 3.0 * EIGHT,
            "On eight it says 37.3 % and is right 2.9 %: 34.4 points too sure, though over all classes it is too "
            "timid.",
        ),
    ],
)
def test_confidences_of_a_class(logits, sentence):
    assert answer(make_report(LABELS, logits, names=NAMES), class_index=8).confidences == sentence


def test_confidences_of_a_class_of_few_examples_or_none():
    shown = (LABELS != 7) & ((LABELS != 8) | (np.arange(800) < 40))
    report = make_report(LABELS[shown], LOGITS[shown], names=NAMES)

    assert answer(report, class_index=7).confidences == "There is no example of seven to judge by."
    assert answer(report, class_index=8).confidences == (
        "Too few examples to tell: on eight it says 87.7 % and is right 100.0 %."
    )


def test_confidences_of_a_label():
    told = answer(read_of(TARGETS, 3 * LOGITS_OF_LABELS), class_index=3).confidences

    assert told == 'No. On "red car" it says above 99.9 % and is right 97.5 %: 2.5 points too sure.'
    assert answer(HONEST_LABELS, class_index=3).confidences.startswith('Yes, within noise: on "red car" it says 9')


# What is mistaken for what?


CONFUSED = confused([[30, 2, 0], [1, 20, 9], [0, 4, 34]])


@pytest.mark.parametrize(
    ("report", "class_index", "sentence"),
    [
        (CONFUSED, None, "Most often one is taken for two, 9 of 30 (30 %)."),
        (
            CONFUSED,
            1,
            "Class one is most often taken for two, 9 of 30 (30 %); most often taken for it is two, 4 of 38 (11 %).",
        ),
        (
            CONFUSED,
            0,
            "Class zero is most often taken for one, 2 of 32 (6 %); most often taken for it is one, 1 of 30 (3 %).",
        ),
        (
            confused([[30, 5, 0], [0, 20, 5], [0, 0, 34]]),
            None,
            "Most often zero is taken for one, 5 of 35 (14 %); as often another pair.",
        ),
        (confused([[30, 1], [1, 20]]), None, "Nothing twice: 2 answers are wrong, each in another way."),
        (confused([[30, 0], [0, 20]]), None, "Nothing: all 50 answers are right."),
        (confused([[30, 0], [0, 20]]), 1, "All 20 of class one are found; nothing is taken for it."),
        (
            confused([[30, 0, 3], [0, 0, 0], [0, 9, 20]]),
            1,
            "No example is of class one; most often taken for it is two, 9 of 29 (31 %).",
        ),
        (confused([[30, 0], [1, 0]]), 1, "Class one is most often taken for zero, 1 of 1 (100 %); it is never named."),
        (
            confused([[30, 2, 0], [1, 20, 9], [0, 4, 34]], confusion=None),
            None,
            "Most often missed is one, 10 of 30 times (33 %); most often named falsely is two, 9 of 43 times (21 %); "
            "which class for which is not known.",
        ),
        (
            confused([[30, 2, 0], [1, 20, 9], [0, 4, 34]], confusion=None),
            1,
            "Class one is missed 10 of 30 times (33 %); named falsely 6 of 26 times (23 %).",
        ),
        (
            make_report(LABELS, np.eye(10)[np.full(len(LABELS), 3)], names=NAMES),
            None,
            "Nearly everything for one class: 100 % of the predictions are three, which 10 % of the examples are.",
        ),
    ],
)
def test_mistakes(report, class_index, sentence):
    assert answer(report, class_index=class_index).mistakes == sentence


def test_counts_of_a_sketch_are_about():
    """Above the limit of the matrix pairs come from a sketch, and single ones of it say nothing."""
    true = np.repeat([0, 0, 1, 2], [30, 9, 20, 1])
    predicted = np.repeat([0, 1, 1, 0], [30, 9, 20, 1])
    report = confused([[30, 9, 0], [0, 20, 0], [1, 0, 0]])
    sums = dataclasses.replace(report.statistics, confusion=None, confusion_sketch=sketch(true, predicted, 3))
    report = dataclasses.replace(report, statistics=sums)

    assert answer(report).mistakes == "Most often zero is taken for one, about 9 of 39 (23 %)."
    assert answer(report, class_index=2).mistakes == "Class two is missed 1 of 1 (100 %); it is never named."


@pytest.mark.parametrize(
    ("name", "class_index", "sentence"),
    [
        (
            "over-confident",
            None,
            "Labels are not taken for each other. Most often missed is sky, 252 of 910 times (28 %); most often named "
            "falsely is sky, 153 of 811 times (19 %).",
        ),
        ("over-confident", 1, "Label tree is missed 214 of 296 times (72 %); named falsely 35 of 117 times (30 %)."),
        ("base rates", 1, "Label tree is missed 296 of 296 times (100 %); it is never named."),
        ("all right", None, "Nothing: all 15000 decisions are right."),
        ("all right", 1, "All 296 of label tree are found; never named falsely."),
        (
            "no positive at all",
            1,
            "No example is positive for label tree; named falsely 117 of 117 times (100 %).",
        ),
    ],
)
def test_mistakes_on_labels(name, class_index, sentence):
    _, report, history, _, _ = next(case for case in LABEL_CASES if case[0] == name)

    assert answer(report, history, class_index).mistakes == sentence


# Names


def test_class_names_are_data():
    names = ("<b>bold</b>", "line\nbreak", "a" * 200 + "z", "\u202eevil", "", '"q"', "pale siskin", "猫", "b", "c")
    report = make_report(LABELS, LOGITS - 4.0 * (np.arange(10) < 4), names=names)
    text = " ".join([*dataclasses.astuple(answer(report)), *dataclasses.astuple(answer(report, class_index=1))])

    assert "\n" not in text
    assert "\u202e" not in text
    assert "a" * 30 not in text
    assert '"line break"' in text
    assert '"<b>bold</b>"' in text
