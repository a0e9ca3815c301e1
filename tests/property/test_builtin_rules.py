"""Laws of the built-in rules, for any histories of passes."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fast_label_sums import label_sums
from tests.fast_sums import sums_of
from tests.passes import problems_of_message
from xent_monitor.alerts import AlertEngine, AlertEvent
from xent_monitor.alerts.builtin import default_rules, limits
from xent_monitor.alerts.evaluation import Evaluation
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics, array_fields

law = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: Numbers of examples around those from which passes, classes and wrong answers are judged.
SIZES = (0, 1, 2, limits.MIN_ERRORS, limits.MIN_EXAMPLES - 1, limits.MIN_EXAMPLES, 60, 300)
#: Fields as programs with a fault, other losses and older files have them.
ODD_SUMS = (
    {},
    {"non_finite": 3, "num_rows": 400},
    {"invalid_labels": 3, "num_rows": 400},
    {"invalid_probabilities": 40},
    {"loss_sum": 0.0, "weighted_loss_sum": 0.0},
    {"loss_sum": math.nan, "weighted_loss_sum": math.nan},
    {"weighted_loss_sum": 1e12},
    {"penalty_sum": 1e9},
    {"penalty_sum": math.nan},
    {"probability_sum": math.nan, "confidence_step_sum": math.nan, "num_batches": 0},
    {"confidence_step_sum": 0.0},
    {"temperature_sample_size": 0, "temperature_sums": 0.0},
)
ODD_NUMBERS = (
    {},
    {"logged_loss": math.inf},
    {"logged_loss": -math.inf},
    {"logged_loss": math.nan},
    {"logged_loss": 0.0},
    {"logged_loss": 1e30},
    {"non_finite_weights": 1},
)


class History(NamedTuple):
    """The passes of a run, by epoch."""

    num_classes: int
    epochs: list[list[EvaluationReport]]


def one_pass(rng, split, epoch, num_classes, size, task, num_bins, rows):
    """Predictions of a model of any skill and sharpness; some classes may have no examples, or never be predicted."""
    sums_of_pass = label_pass if task == "multilabel" else class_pass
    sums = sums_of_pass(rng, num_classes, size, task, num_bins)
    if size % rows == 0:
        sums = dataclasses.replace(sums, num_samples=size // rows, batch_mean_loss_sum=sums.batch_mean_loss_sum / rows)
    names = tuple(f"class {index}" for index in range(num_classes))
    report = EvaluationReport(epoch, split, "", names, sums)
    return dataclasses.replace(
        report,
        logged_loss=report.cross_entropy,
        initial_cross_entropy=rng.choice([0.5, 3.0, 60.0, math.nan]) if (epoch, split) == (0, "train") else math.nan,
    )


def label_pass(rng, num_classes, size, task, num_bins):
    """The same of labels that do not exclude each other, rare ones and constant ones among them."""
    shares = rng.choice([0.0, 0.01, 0.2, 0.5, 1.0], size=num_classes, p=[0.05, 0.3, 0.4, 0.2, 0.05])
    targets = (rng.random((size, num_classes)) < shares).astype(np.int64)
    logits = rng.normal(size=targets.shape) * rng.choice([0.0, 0.01, 1.0, 4.0]) + rng.choice([-3.0, 0.0, 0.2])
    logits += (2 * targets - 1) * rng.choice([-4.0, 0.0, 0.3, 2.0, 8.0])
    outputs = 1 / (1 + np.exp(-logits))
    if rng.random() < 0.2:
        outputs = 1 / (1 + np.exp(-outputs))
    elif rng.random() < 0.2:
        outputs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return label_sums(targets, outputs, num_bins=num_bins)


def class_pass(rng, num_classes, size, task, num_bins):
    drawn = rng.dirichlet(np.full(num_classes, rng.choice([0.05, 0.5, 50.0])))
    labels = rng.choice(num_classes, size=size, p=drawn)
    logits = rng.normal(size=(size, num_classes)) * rng.choice([0.0, 0.01, 1.0, 4.0])
    logits[np.arange(size), labels] += rng.choice([-4.0, 0.0, 0.3, 2.0, 8.0])
    logits[:, rng.integers(num_classes)] += rng.choice([-9.0, 0.0, 0.0, 9.0])
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-math.inf))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return sums_of(labels, probabilities, num_bins=num_bins, task=task)


def odd(report, sums, numbers):
    """A report with other fields; a number stands for one for each class."""
    shapes = {
        field.name: getattr(report.statistics, field.name).shape for field in array_fields() if field.name in sums
    }
    arrays = {name: np.full(shape, sums[name]) for name, shape in shapes.items()}
    statistics = dataclasses.replace(report.statistics, **sums | arrays)
    return dataclasses.replace(report, statistics=statistics, **numbers)


@st.composite
def histories(draw, sizes=SIZES, with_odd=True):
    """Runs of up to twelve epochs, with or without either pass, each pass as good or bad as it likes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    num_classes = draw(st.sampled_from([2, 3, 5, 12, 40]))
    task = draw(st.sampled_from(["multiclass", "multilabel", *(["binary"] if num_classes == 2 else [])]))
    # Rows of one sample, where the number of rows allows.
    rows = draw(st.sampled_from([1, 1, 3]))
    num_bins = draw(st.sampled_from([1, 2, 5, 15]))
    splits = draw(st.sampled_from([("train", "validation"), ("train",), ("validation",)]))
    # Few different passes, which come again: what lasts and what swings is what rules are for.
    kept = [(int(rng.integers(2**32)), draw(st.sampled_from(sizes))) for _ in range(4)]
    changes = [draw(st.sampled_from(ODD_SUMS)), draw(st.sampled_from(ODD_NUMBERS))]
    # What spoils the numbers silences most rules: it is only in some epochs of some runs.
    spoiled = draw(st.sets(st.integers(0, 11))) if with_odd else set()
    epochs = []
    for epoch, choice in enumerate(draw(st.lists(st.integers(0, 3), min_size=3, max_size=12))):
        seed, size = kept[choice]
        reports = [
            one_pass(
                np.random.default_rng([seed, *split.encode()]), split, epoch, num_classes, size, task, num_bins, rows
            )
            for split in splits
        ]
        epochs.append([odd(report, *changes) for report in reports] if epoch in spoiled else reports)
    return History(num_classes, epochs)


def play(history):
    """The engine after a run, and what it said."""
    engine = AlertEngine(default_rules())
    events = [event for reports in history.epochs for event in engine.evaluate(reports)]
    return engine, events + engine.finish()


def changed(history, change):
    """The same run with another report in place of each."""
    return History(history.num_classes, [[change(report) for report in reports] for reports in history.epochs])


def observations(history):
    """Each rule, pass and observation that holds, whatever inhibits it."""
    earlier = []
    for reports in history.epochs:
        for report in reports:
            own = [one for one in earlier if one.split == report.split]
            others = [one for one in [*earlier, *reports] if one.split != report.split]
            evaluation = Evaluation(report, tuple(own), tuple(others), final=True)
            for rule in default_rules():
                if report.split in rule.splits:
                    yield from ((rule, report, seen) for seen in rule.observe(evaluation) if seen.holds)
        earlier += reports


@law
@given(histories())
def test_no_rule_raises_and_every_message_can_be_read(history):
    engine, events = play(history)

    assert engine.failures == {}
    assert [problem for event in events for problem in problems_of_message(event)] == []


@law
@given(histories())
def test_what_is_inhibited_could_be_read_too(history):
    problems = []
    for rule, report, seen in observations(history):
        event = AlertEvent(
            rule.name, "firing", rule.severity, report.epoch, report.split, "", seen.class_name, 0.0, 0.0, seen.message
        )
        problems += problems_of_message(event)

    assert problems == []


@law
@given(histories())
def test_names_of_classes_are_names_and_nothing_else(history):
    names = tuple(f"renamed {index}" for index in range(history.num_classes))

    _, events = play(history)
    _, renamed = play(changed(history, lambda report: dataclasses.replace(report, class_names=names)))

    assert [
        dataclasses.replace(
            event,
            class_name=event.class_name and event.class_name.replace("renamed", "class"),
            message=event.message.replace("renamed", "class"),
        )
        for event in renamed
    ] == pytest.approx(events)


def permuted(report, order):
    """The same pass with its classes in another order, names too."""
    arrays = {}
    for field in array_fields():
        value = getattr(report.statistics, field.name)
        if value is None:
            continue
        for axis, dimension in enumerate(field.metadata["shape"]):
            if dimension == "num_classes":
                value = np.take(value, order, axis=axis)
        arrays[field.name] = value
    names = tuple(report.class_names[index] for index in order)
    return dataclasses.replace(report, class_names=names, statistics=dataclasses.replace(report.statistics, **arrays))


def what(event):
    return event.epoch, event.rule, event.split, event.state, event.class_name or ""


@law
@given(histories(), st.integers(0, 2**32))
def test_order_of_the_classes_changes_nothing(history, seed):
    if history.epochs[0][0].task == "binary":
        return
    order = np.random.default_rng(seed).permutation(history.num_classes)

    _, events = play(history)
    _, others = play(changed(history, lambda report: permuted(report, order)))

    assert sorted(map(what, others)) == sorted(map(what, events))
    by_place = {what(event): event for event in events}
    for other in others:
        event = by_place[what(other)]
        assert (other.value, other.threshold) == pytest.approx((event.value, event.threshold), nan_ok=True)


#: Rules that say that something has not been seen (no skill, no worse decisions): there more evidence, with the same
#: rates, may show what was missing, and silence them. So it is meant.
OF_ABSENCE = {"no-skill", "class-collapse", "loss-accuracy-divergence"}


def holding(history):
    """Rules, and classes, that hold in each epoch, whatever inhibits them."""
    return {(report.epoch, rule.name, seen.class_name) for rule, report, seen in observations(history)}


def twice(report):
    """Every example two times."""
    return dataclasses.replace(report, statistics=report.statistics + report.statistics)


@law
@given(histories(sizes=[size for size in SIZES if size >= limits.MIN_EXAMPLES]))
def test_more_evidence_for_the_same_rates_never_silences(history):
    """Of passes with examples enough to be judged, and of all rules but those of absence."""
    before = {one for one in holding(history) if one[1] not in OF_ABSENCE}

    after = holding(changed(history, twice))

    silenced = before - after
    # One class more that is neglected may leave too few others to say that the model has learned those; and two
    # sigmoids over labels, once they are seen, are why the model is worse than the prior.
    explained = {"neglected-class": "neglected-class", "worse-than-prior": "redundant-softmax"}
    assert {one for one in silenced if (one[0], explained.get(one[1])) not in {seen[:2] for seen in after}} == set()


@law
@given(histories(sizes=[0]))
def test_passes_without_examples_can_only_be_not_finite_or_mislabelled(history):
    _, events = play(history)

    assert {event.rule for event in events} <= {"non-finite", "invalid-labels"}


@law
@given(histories(with_odd=False))
def test_real_predictions_under_a_cross_entropy_are_never_inconsistent(history):
    _, events = play(history)

    spoiled = {"non-finite", "invalid-probabilities", "inconsistent-loss"}

    assert spoiled & {event.rule for event in events} == set()


def test_identity_of_statistics_is_a_pass_of_nothing():
    """The law of doubled examples rests on `+`."""
    empty = ClassStatistics.empty("multiclass", num_classes=3, num_bins=15)

    assert empty + empty == empty
