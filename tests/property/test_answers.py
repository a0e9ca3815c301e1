"""Laws of the answers in words, for any training: they never fail, and never contradict the reading beside them."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fast_label_sums import label_sums
from tests.fast_sums import sums_of
from xent_monitor.interpretation import interpret
from xent_monitor.interpretation.answers import Answers, answer, divergences
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import ClassStatistics

law = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

#: Numbers that are none.
BROKEN = re.compile(r"\b(nan|inf)\b")
#: What only a light history lacks.
OPTIONAL = ("confusion", "confusion_sketch", "class_confidence_histogram")


@st.composite
def passes(draw: st.DrawFn, task: str, classes: int, epoch: int, split: Split, rows: int) -> EvaluationReport:
    """A pass of a model that knows anything from nothing to nearly all, honest at a factor of 1."""
    random = np.random.RandomState(draw(st.integers(0, 2**16)))
    signal = draw(st.sampled_from([0.0, 1.5, 2.0, 2.0, 2.0, 2.5, 5.0, -1.0]))
    factor = draw(st.sampled_from([1.0, 1.0, 1.0, 0.3, 1.3, 2.0, 4.0])) * abs(signal)
    shares = draw(st.sampled_from([1.0, 1.0, 1.0, 0.5, 0.5, 0.0])) ** np.arange(classes)
    noise = random.normal(size=(rows, classes))
    if task == "multilabel":
        targets = (random.random_sample((rows, classes)) < 0.5 * shares).astype(np.int64)
        logits = factor * (signal * (targets - 0.5) + noise)
        sums = label_sums(targets, 1 / (1 + np.exp(-logits)))
    else:
        labels = random.choice(classes, size=rows, p=shares / shares.sum())
        logits = factor * (signal * np.eye(classes)[labels] + noise)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        sums = sums_of(labels, exponentials / exponentials.sum(axis=1, keepdims=True), task=task)
    names = tuple(f"class {index}" for index in range(classes))
    divergence = draw(st.sampled_from([np.nan, 0.0, 0.05, 0.5]))
    return EvaluationReport(epoch, split, "", names, sums, loss_accuracy_divergence=divergence)


def spoilt(draw: st.DrawFn, sums: ClassStatistics) -> ClassStatistics:
    """The same, at times with rows that are positions, rows that are left out, or outputs that are no probabilities."""
    kind = draw(st.sampled_from(["sound"] * 12 + ["positions", "left out", "no probabilities", "no pairs"]))
    changes = {
        "sound": {},
        "positions": {"num_samples": max(1, sums.num_rows // 4)},
        "left out": {
            "num_rows": sums.num_rows + 5,
            "num_samples": sums.num_samples + 5,
            "non_finite": 2,
            "invalid_labels": 3,
        },
        "no probabilities": {"invalid_probabilities": sums.num_rows},
        "no pairs": {"confusion": None},
    }
    return dataclasses.replace(sums, **changes[kind])


@st.composite
def trainings(draw: st.DrawFn) -> list[EvaluationReport]:
    """The passes of a training, oldest first; a validation is the last."""
    task, classes = draw(st.sampled_from([("multiclass", 3), ("multiclass", 12), ("binary", 2), ("multilabel", 4)]))
    rows = draw(st.sampled_from([400, 4000, 400, 4000, 40, 8, 1]))
    reports = []
    for epoch in range(draw(st.integers(1, 5))):
        for split in ("train", "validation"):
            if split == "validation" or draw(st.booleans()):
                one = draw(passes(task, classes, epoch, split, rows))
                reports.append(dataclasses.replace(one, statistics=spoilt(draw, one.statistics)))
    return reports


def texts(answers: Answers) -> Sequence[str]:
    return dataclasses.astuple(answers)


@law
@given(trainings(), st.data())
def test_answers_are_plain_sentences(reports, data):
    report = reports[-1]
    index = data.draw(st.none() | st.integers(0, report.num_classes - 1))

    told = answer(report, reports, index)

    for text in texts(told):
        assert text == " ".join(text.split())
        assert text[0].isupper() or text[0].isdigit(), text
        assert not BROKEN.search(text), text
    assert len(told.headline) <= 75
    assert not told.headline.endswith(".")
    assert all(text.endswith(".") for text in texts(told)[1:])


@law
@given(trainings())
def test_the_story_agrees_with_the_reading(reports):
    told = answer(reports[-1], reports)
    evidence = Evidence.of(reports[-1], reports)
    held = "has held its own" in told.reading
    at_odds = evidence.rise is None and evidence.against_prior > 0 and evidence.beats_majority

    assert told.reading == interpret(reports[-1], reports)
    assert told.story.startswith("No.") == (held or (at_odds and not evidence.nothing_to_tell))
    assert told.story.startswith("Yes, and both get worse") == ("the decisions have become worse" in told.reading)


@law
@given(trainings())
def test_the_confidences_agree_with_the_reading(reports):
    told = answer(reports[-1], reports)
    probabilities = told.confidences != "No: the outputs are not probabilities."

    assert told.confidences.startswith("No. ") == (
        probabilities and ("surer than it is right" in told.reading or "confidence is" in told.reading)
    )
    assert told.confidences.startswith("In the mean") == (
        probabilities and ("confident where it costs most" in told.reading or "not at each level" in told.reading)
    )


@law
@given(trainings())
def test_the_headline_agrees_with_the_reading(reports):
    told = answer(reports[-1], reports)
    title, reading = told.headline, told.reading
    supported = {
        "Honest": told.confidences.startswith(("Yes", "In the mean")),
        "Settled, and honest": told.confidences.startswith("Yes"),
        "Overconfident": "surer than" in reading or "over-confident" in reading,
        "Underconfident": "ahead of the probabilities" in reading or "under-confident" in reading,
        "Overfitting": "does not carry over" in reading and "Since epoch" in reading,
        "Worse than knowing nothing": "Worse than knowing nothing" in reading,
        "Not yet better": "Worse than knowing nothing" in reading,
        "Sound decisions": "no more than that" in reading or "Worse than knowing nothing" in reading,
        "Ruined": "hardly ever found" in reading,
        "No better than": "no more than that" in reading,
        "Nothing learned yet": "no more than that" in reading,
        "Below chance": "below chance" in reading,
        "Nearly everything": "of the predictions are" in reading,
        "Still learning": "still fell" in reading,
        "Recovering": "still fell" in reading,
        "Worse than in epoch": "Since epoch" in reading,
        "Above its best": "held its own" in reading,
        "Too few": "too few to say much" in reading or "so few independent examples" in reading,
        "It knows more": "though the probabilities know more" in reading or "flatters" in reading,
        "A start": "uncertainty is gone" in reading,
    }

    assert [start for start, so in supported.items() if title.startswith(start) and not so] == [], (title, reading)


@law
@given(trainings(), st.data())
def test_a_class_changes_only_what_is_said_of_it(reports, data):
    report = reports[-1]
    whole = answer(report, reports)

    told = answer(report, reports, data.draw(st.integers(0, report.num_classes - 1)))

    assert texts(told)[:4] == texts(whole)[:4]


@law
@given(trainings())
def test_a_history_may_lack_the_optional_arrays(reports):
    light = [
        dataclasses.replace(one, statistics=dataclasses.replace(one.statistics, **dict.fromkeys(OPTIONAL)))
        for one in reports[:-1]
    ]

    assert answer(reports[-1], light) == answer(reports[-1], reports)


@law
@given(trainings())
def test_stretches_of_divergence_are_in_order_and_told_of(reports):
    own = [one for one in reports if one.split == "validation"]
    by_epoch = {one.epoch: one for one in own}
    found = divergences(own)

    for stretch in found:
        assert stretch.best < stretch.first <= stretch.last
        inside = range(stretch.first, stretch.last + 1)
        assert len(inside) >= 3
        assert any(Evidence.of(by_epoch[epoch], own).rise for epoch in inside)
    assert all(before.last < after.first for before, after in itertools.pairwise(found))
