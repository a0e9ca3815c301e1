"""Tests of the quantities of a report, against plain computations from the predictions."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from tests import builders
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.report import FORMAT_VERSION, EvaluationReport, sort_key
from xent_monitor.statistics import ClassStatistics

NUM_CLASSES = 4
LABELS, PROBABILITIES = builders.predictions(NUM_CLASSES, 300, seed=3, sharpness=1.0)
TRUE_PROBABILITY = PROBABILITIES[np.arange(len(LABELS)), LABELS]
NATS = -np.log(TRUE_PROBABILITY)
CONFIDENCE = PROBABILITIES.max(axis=1)
DECISION = PROBABILITIES.argmax(axis=1)
RIGHT = DECISION == LABELS
WEIGHT = np.linspace(0.5, 2.0, len(LABELS))
LOSS = 2.0 * NATS**2
#: Cross-entropy against soft targets.
TARGET = NATS + 0.5
#: What the probabilities would add up to, if they were no distributions.
TOTAL = np.linspace(0.5, 3.0, len(LABELS))
BATCHES = np.split(CONFIDENCE, [100, 101, 250])
#: Between neighbours of each batch.
STEPS = np.concatenate([np.abs(np.diff(batch)) for batch in BATCHES])


def by_class(values):
    return np.array([values[k == LABELS].mean() for k in range(NUM_CLASSES)])


def class_totals(values):
    return np.bincount(LABELS, values, NUM_CLASSES)


def weighted_statistics() -> ClassStatistics:
    """Of `PROBABILITIES` in batches, with weights, a loss that is not the cross-entropy, a penalty, and faulty rows."""
    return dataclasses.replace(
        statistics_from_predictions(LABELS, PROBABILITIES),
        weight_sum=class_totals(WEIGHT),
        weighted_cross_entropy_sum=class_totals(WEIGHT * NATS),
        loss_sum=class_totals(LOSS),
        weighted_loss_sum=class_totals(WEIGHT * LOSS),
        num_rows=310,
        masked=40,
        num_samples=35,
        penalty_sum=35 * 0.25,
        batch_mean_loss_sum=35 * 1.75,
        target_cross_entropy_sum=class_totals(TARGET),
        invalid_labels=7,
        non_finite=3,
        invalid_probabilities=5,
        saturated=2,
        probability_sum=class_totals(TOTAL),
        confidence_step_sum=STEPS.sum(),
        num_batches=len(BATCHES),
    )


def make_report(statistics: ClassStatistics | None = None, **changes) -> EvaluationReport:
    arguments = {
        "epoch": 3,
        "split": "validation",
        "output": "",
        "class_names": ("ant", "bee", "cat", "dog"),
        "statistics": weighted_statistics() if statistics is None else statistics,
    }
    return EvaluationReport(**arguments | changes)


REPORT = make_report(loss_accuracy_divergence=0.125, logged_loss=1.5, initial_cross_entropy=1.375, non_finite_weights=2)
#: Entropy of the labels' shares.
PRIOR = -sum(share * math.log(share) for share in np.bincount(LABELS) / len(LABELS))

SCALARS = {
    "num_examples": 300,
    "cross_entropy": NATS.mean(),
    "weighted_cross_entropy": (WEIGHT * NATS).sum() / WEIGHT.sum(),
    "standard_error": NATS.std(ddof=1) / math.sqrt(300),
    "loss": LOSS.mean(),
    "target_cross_entropy": TARGET.mean(),
    "batch_averaged_loss": 1.75,
    "explained_loss": 1.75 + 0.25,
    "regularization": 0.25,
    "accuracy": RIGHT.mean(),
    "confidence": CONFIDENCE.mean(),
    "true_class_probability": TRUE_PROBABILITY.mean(),
    "confidence_spread": STEPS.sum() / (310 - 4),
    "probability_total": TOTAL.mean(),
    "brier_score": ((PROBABILITIES - np.eye(NUM_CLASSES)[LABELS]) ** 2).sum(axis=1).mean(),
    "mean_entropy": -(PROBABILITIES * np.log(PROBABILITIES)).sum(axis=1).mean(),
    "uniform_cross_entropy": math.log(4),
    "prior_entropy": PRIOR,
    "skill": 1 - NATS.mean() / PRIOR,
    "perplexity": math.exp(NATS.mean()),
    "geometric_mean_probability": TRUE_PROBABILITY.prod() ** (1 / 300),
    "invalid_labels": 7,
    "non_finite": 3,
    "masked": 40,
    "invalid_probabilities": 5,
    "saturated": 2,
    "loss_accuracy_divergence": 0.125,
    "logged_loss": 1.5,
    "initial_cross_entropy": 1.375,
    "non_finite_weights": 2,
}
CLASSES = {
    "support": np.bincount(LABELS),
    "predicted": np.bincount(DECISION),
    "weight_sum": class_totals(WEIGHT),
    "class_cross_entropy": by_class(NATS),
    "class_positive_cross_entropy": by_class(NATS),
    "class_negative_cross_entropy": np.full(NUM_CLASSES, math.nan),
    "class_target_cross_entropy": by_class(TARGET),
    "class_standard_error": np.array(
        [NATS[k == LABELS].std(ddof=1) / math.sqrt((k == LABELS).sum()) for k in range(NUM_CLASSES)]
    ),
    "class_loss": by_class(LOSS),
    "class_accuracy": by_class(RIGHT),
    "class_recall": by_class(RIGHT),
    "class_precision": np.array([RIGHT[k == DECISION].mean() for k in range(NUM_CLASSES)]),
    "class_confidence": by_class(CONFIDENCE),
    "class_true_class_probability": by_class(TRUE_PROBABILITY),
}
#: Checked in tests of their own, against a computation that takes more than a line.
ELSEWHERE = {
    "expected_calibration_error",
    "maximum_calibration_error",
    "temperature",
    "tempered_cross_entropy",
}


@pytest.mark.parametrize("name", SCALARS)
def test_scalar_quantity(name):
    """A number is what its definition gives for the predictions."""
    found = getattr(REPORT, name)

    assert isinstance(found, (int, float))
    assert found == pytest.approx(SCALARS[name], rel=1e-10)


@pytest.mark.parametrize("name", CLASSES)
def test_class_quantity(name):
    """An array with one number for each class is what its definition gives for the predictions."""
    found = getattr(REPORT, name)

    assert found.shape == (NUM_CLASSES,)
    np.testing.assert_allclose(found, CLASSES[name], rtol=1e-10)


def test_every_quantity_is_tested():
    """The tables above name each quantity there is, by kind."""
    assert {*SCALARS, *ELSEWHERE} == set(EvaluationReport.scalar_quantities())
    assert set(CLASSES) == set(EvaluationReport.class_quantities())


def test_quantities_are_listed():
    """`quantities` lists both kinds, sorted and without repetition."""
    names = EvaluationReport.quantities()

    assert names == tuple(sorted({*SCALARS, *ELSEWHERE, *CLASSES}))


def test_calibration_quantities():
    """Calibration errors compare confidence with accuracy, bin by bin."""
    bins = np.minimum((CONFIDENCE * 15).astype(int), 14)
    filled = [bins == b for b in np.unique(bins)]
    gaps = [abs(CONFIDENCE[rows].mean() - RIGHT[rows].mean()) for rows in filled]
    shares = [rows.mean() for rows in filled]

    assert REPORT.expected_calibration_error == pytest.approx(np.dot(gaps, shares))
    assert REPORT.maximum_calibration_error == pytest.approx(max(gaps))
    assert REPORT.reliability.shape == (15, 3)
    np.testing.assert_array_equal(REPORT.reliability[:, 2], np.bincount(bins, minlength=15))
    assert REPORT.reliability[0, 2] == 0
    assert np.isnan(REPORT.reliability[0, :2]).all()


def test_temperature_quantities():
    """At the temperature found the cross-entropy is the tempered one, and no lower on either side of it."""

    def tempered(temperature):
        powers = PROBABILITIES ** (1 / temperature)
        powers /= powers.sum(axis=1, keepdims=True)
        return -np.log(powers[np.arange(len(LABELS)), LABELS]).mean()

    best = REPORT.temperature

    assert REPORT.temperature_fit.inside
    assert REPORT.tempered_cross_entropy == pytest.approx(tempered(best), abs=1e-5)
    assert tempered(best) < min(tempered(0.98 * best), tempered(1.02 * best))
    assert REPORT.tempered_cross_entropy < REPORT.cross_entropy


def test_arrays_of_counts():
    """Histograms and confusion are those of the statistics; the edges are those of their bins."""
    sums = REPORT.statistics

    assert REPORT.confusion is sums.confusion
    assert REPORT.confidence_histogram is sums.confidence_histogram
    assert REPORT.class_confidence_histogram is sums.class_confidence_histogram
    assert REPORT.true_class_probability_histogram is sums.true_class_probability_histogram
    np.testing.assert_allclose(REPORT.bin_edges, np.arange(16) / 15)
    assert (REPORT.task, REPORT.num_classes, REPORT.num_bins) == ("multiclass", NUM_CLASSES, 15)


def test_worst_confusions():
    """The worst confusions are the largest entries beside the diagonal."""
    wrong = np.bincount((LABELS * NUM_CLASSES + DECISION)[~RIGHT], minlength=NUM_CLASSES**2)

    worst = REPORT.worst_confusions(2)

    assert [each.count for each in worst] == sorted(wrong.tolist())[:-3:-1]
    assert wrong[worst[0].true_class * NUM_CLASSES + worst[0].predicted_class] == worst[0].count


def test_identity_of_class_cross_entropies():
    """The mean of the class cross-entropies, weighted by support, is the cross-entropy."""
    total = (REPORT.support * REPORT.class_cross_entropy).sum()

    assert total / REPORT.support.sum() == pytest.approx(REPORT.cross_entropy, rel=1e-14)


def test_absent_class_is_undefined():
    """A class without examples has NaN means, one never predicted NaN precision; the rest is as without it."""
    probabilities = np.full((20, 3), 1e-3)
    probabilities[:, 1] = 1 - 2e-3
    labels = np.array([0] * 5 + [1] * 15)
    report = make_report(statistics_from_predictions(labels, probabilities), class_names=("a", "b", "c"))

    np.testing.assert_array_equal(report.support, [5, 15, 0])
    for name in (
        "class_cross_entropy",
        "class_loss",
        "class_accuracy",
        "class_confidence",
        "class_true_class_probability",
        "class_standard_error",
        "class_positive_cross_entropy",
        "class_target_cross_entropy",
        "class_recall",
    ):
        np.testing.assert_array_equal(np.isnan(getattr(report, name)), [False, False, True], name)
    np.testing.assert_array_equal(report.class_precision, [math.nan, 0.75, math.nan])
    assert report.accuracy == 0.75


def test_standard_error_needs_two_examples():
    """One example has no variance; equal examples have a standard error of 0."""
    labels = np.array([0, 1, 1])
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75], [0.25, 0.75]])
    report = make_report(statistics_from_predictions(labels, probabilities), class_names=("a", "b"))

    assert math.isnan(report.class_standard_error[0])
    assert report.class_standard_error[1] == pytest.approx(0.0, abs=1e-9)


def test_pass_without_examples_is_undefined():
    """Without examples all means are NaN, without a warning; counts are 0 and yardsticks remain."""
    report = make_report(ClassStatistics.empty("multiclass", 4, 15, num_temperatures=11))

    defined = {"num_examples", "uniform_cross_entropy", "invalid_labels", "non_finite", "masked"}
    defined |= {"invalid_probabilities", "saturated", "non_finite_weights"}
    for name in EvaluationReport.scalar_quantities():
        assert math.isnan(getattr(report, name)) == (name not in defined), name
    for name in EvaluationReport.class_quantities():
        counts = name in {"support", "predicted", "weight_sum"}
        assert np.isnan(getattr(report, name)).all() == (not counts), name
    assert report.worst_confusions() == ()
    assert "num_examples=0" in repr(report)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"num_batches": 1}, 3.0 / 9),
        ({"num_batches": 9}, 3.0),
        ({"num_batches": 10}, math.nan),
        ({"num_batches": 0}, math.nan),
        ({"support": np.array([2, 0, 0, 0])}, 3.0 / 6),
        ({"support": np.array([1, 0, 0, 0])}, math.nan),
        ({"support": np.zeros(4, int)}, math.nan),
        ({"confidence_step_sum": 0.0}, 0.0),
        ({"confidence_step_sum": math.nan}, math.nan),
    ],
    ids=str,
)
def test_confidence_spread_is_over_the_pairs_of_neighbours(changes, expected):
    """So many pairs as rows, less one for each batch; undefined without any, or below two examples."""
    sums = dataclasses.replace(
        ClassStatistics.empty("multiclass", 4, 15, num_temperatures=11),
        **{"support": np.array([3, 3, 2, 1]), "num_rows": 10, "num_batches": 4, "confidence_step_sum": 3.0} | changes,
    )

    assert make_report(sums).confidence_spread == pytest.approx(expected, nan_ok=True)


def test_single_class_has_no_skill():
    """Labels of one class leave nothing to know: prior entropy 0, skill NaN."""
    report = make_report(
        statistics_from_predictions(np.zeros(5, int), np.full((5, 4), 0.25)),
    )

    assert report.prior_entropy == 0.0
    assert math.isnan(report.skill)


def test_unknown_loss_is_undefined():
    """Where the loss of an example is not known, its means are NaN and nothing else."""
    unknown = np.full(NUM_CLASSES, np.nan)
    for batch_mean_loss_sum in (0.0, math.nan):
        sums = dataclasses.replace(
            weighted_statistics(),
            loss_sum=unknown,
            weighted_loss_sum=unknown,
            batch_mean_loss_sum=batch_mean_loss_sum,
        )
        report = make_report(sums)

        assert math.isnan(report.loss)
        assert math.isnan(report.batch_averaged_loss)
        assert math.isnan(report.explained_loss)
        assert np.isnan(report.class_loss).all()
        assert report.cross_entropy == REPORT.cross_entropy
        assert report.regularization == REPORT.regularization


def test_penalties_are_not_of_one_output_of_several():
    """What Keras logs for such an output is its loss alone."""
    report = make_report(output="kind")

    assert report.explained_loss == report.batch_averaged_loss == 1.75
    assert report.regularization == 0.25


def test_exact_and_batch_averaged_means_differ_under_masks():
    """The example of the reference page: 320 tokens of 1 nat in one batch, 3200 of 2 nats in the next."""
    empty = ClassStatistics.empty("binary", 2, 15)
    first, second = (
        dataclasses.replace(
            empty, support=[tokens, 0], loss_sum=[tokens * nats, 0.0], batch_mean_loss_sum=32 * nats, num_samples=32
        )
        for tokens, nats in ((320, 1.0), (3200, 2.0))
    )
    report = make_report(first + second, class_names=("no", "yes"))

    assert report.loss == pytest.approx(1.909, abs=5e-4)
    assert report.batch_averaged_loss == 1.5


def test_a_masked_pass_has_a_loss_of_0():
    """As Keras has it: a batch without any row that counts has the mean 0, and its penalty."""
    sums = dataclasses.replace(ClassStatistics.empty("multiclass", 4, 15), masked=64, num_samples=8, penalty_sum=2.0)
    report = make_report(sums)

    assert (report.num_examples, report.masked) == (0, 64)
    assert (report.batch_averaged_loss, report.regularization, report.explained_loss) == (0.0, 0.25, 0.25)
    assert math.isnan(report.loss)


def test_binary_counts_both_classes():
    """A binary report has the classes negative and positive; its Brier score sums over both."""
    labels, positive = np.array([0, 1, 1, 0]), np.array([0.2, 0.7, 0.4, 0.1])
    sums = statistics_from_predictions(labels, positive, task="binary")
    report = make_report(sums, class_names=("no", "yes"))

    assert report.task == "binary"
    assert report.num_classes == 2
    assert report.brier_score == pytest.approx(2 * ((positive - labels) ** 2).mean())
    assert report.accuracy == 0.75
    expected = [-np.log([0.8, 0.9]).mean(), -np.log([0.7, 0.4]).mean()]
    np.testing.assert_allclose(report.class_cross_entropy, expected, rtol=1e-12)


def test_quantities_are_computed_once():
    """A derived array is the same object each time."""
    assert REPORT.class_cross_entropy is REPORT.class_cross_entropy
    assert REPORT.reliability is REPORT.reliability


def test_unknown_split_is_refused():
    """A split that is not in `SPLITS` is an error that lists them."""
    with pytest.raises(ValueError) as error:
        make_report(split="val")

    assert str(error.value) == ("`split` must be one of train, validation, test. Received: split='val'.")


def test_class_names_must_match():
    """Too few or too many names are an error with both numbers."""
    with pytest.raises(ValueError) as error:
        make_report(class_names=("ant", "bee"))

    assert str(error.value) == ("`class_names` must have one name for each of the 4 classes. Received: 2 names.")


def test_class_names_become_a_tuple():
    """Any sequence of names is taken, and cannot be changed afterwards."""
    assert make_report(class_names=["a", "b", "c", "d"]).class_names == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": 4},
        {"split": "train"},
        {"output": "kind"},
        {"class_names": ("ant", "bee", "cat", "cow")},
        {"statistics": builders.statistics(NUM_CLASSES)},
        {"loss_accuracy_divergence": 0.25},
        {"logged_loss": math.nan},
        {"initial_cross_entropy": math.nan},
        {"non_finite_weights": 0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_equality_looks_at_every_field(changes):
    """Reports are equal by value, and not if they differ in one field."""
    assert (
        dataclasses.replace(
            REPORT,
        )
        == REPORT
    )
    assert dataclasses.replace(REPORT, **changes) != REPORT
    assert REPORT != "report"


def test_reports_without_loss_are_equal():
    """NaN, which stands for what is not known, does not make equal reports differ."""
    assert make_report() == make_report()


def test_reports_are_not_hashable():
    """Equal by value and made of arrays, reports have no hash."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(REPORT)


def test_repr_says_what_matters():
    """The representation is one line with the main numbers, and the output where there are several."""
    assert repr(REPORT) == (
        "EvaluationReport(epoch=3, split='validation', num_examples=300, "
        f"cross_entropy={NATS.mean():.4g}, accuracy={RIGHT.mean():.4g}, "
        f"skill={1 - NATS.mean() / PRIOR:.3g})"
    )
    assert "split='validation', output='kind', num" in repr(dataclasses.replace(REPORT, output="kind"))


@pytest.mark.parametrize("logged_loss", [0.5, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("divergence", [0.25, math.nan, math.inf])
@pytest.mark.parametrize("initial", [2.5, math.nan])
def test_json_round_trip_is_the_identity(logged_loss, divergence, initial):
    """`to_dict` survives `json`, also where a number is infinite or undefined."""
    report = dataclasses.replace(
        REPORT, logged_loss=logged_loss, loss_accuracy_divergence=divergence, initial_cross_entropy=initial
    )

    text = json.dumps(report.to_dict(), allow_nan=False)

    restored = EvaluationReport.from_dict(json.loads(text))
    assert restored == report
    assert isinstance(restored.class_names, tuple)
    assert isinstance(restored.non_finite_weights, int)


#: What each later format has brought, by the dictionary that it is in; in a report before it that is unknown.
SINCE = {
    2: {
        "report": {"initial_cross_entropy": math.nan, "non_finite_weights": 0},
        "statistics": {
            "probability_sum": np.full(NUM_CLASSES, math.nan),
            "confidence_step_sum": math.nan,
            "num_batches": 0,
        },
    },
    3: {
        "report": {},
        "statistics": {
            "target_cross_entropy_sum": np.full(NUM_CLASSES, math.nan),
            "positive_cross_entropy_sum": None,
            "row_cross_entropy_square_sum": math.nan,
            "masked": 0,
            "batch_mean_loss_sum": math.nan,
            "num_samples": 0,
        },
    },
}


def unknown_in(version, part):
    """What a report of some format does not hold, with what stands there instead."""
    return {name: value for since, parts in SINCE.items() if since > version for name, value in parts[part].items()}


def of_format(version, held=None):
    """The dictionary of `REPORT` with what a format holds, said to be of some format."""
    values = json.loads(json.dumps(REPORT.to_dict()))
    for name in unknown_in(held or version, "report"):
        del values[name]
    for name in unknown_in(held or version, "statistics"):
        del values["statistics"][name]
    return values | {"format": version}


@pytest.mark.parametrize("version", [1, 2])
def test_a_report_of_an_older_format_lacks_what_came_later(version):
    """It is read; what it does not hold is NaN, 0 for counts, or None, and survives being written anew."""
    restored = EvaluationReport.from_dict(of_format(version))

    statistics = dataclasses.replace(REPORT.statistics, **unknown_in(version, "statistics"))
    assert restored == dataclasses.replace(REPORT, statistics=statistics, **unknown_in(version, "report"))
    assert EvaluationReport.from_dict(restored.to_dict()) == restored
    assert restored.to_dict()["format"] == FORMAT_VERSION
    for name in ("target_cross_entropy", "batch_averaged_loss"):
        assert math.isnan(getattr(restored, name)), name
    assert np.isnan(restored.class_target_cross_entropy).all()
    for name in ("confidence_spread", "probability_total", "initial_cross_entropy"):
        assert math.isnan(getattr(restored, name)) == (version == 1), name


@pytest.mark.parametrize("output", ["", "kind"])
@pytest.mark.parametrize("version", [1, 2])
def test_what_an_older_format_defines_is_defined_by_its_sums(version, output):
    """The penalty is a mean over rows, the explained loss one over examples, the error that of the class sums."""
    values = of_format(version) | {"output": output}
    values["statistics"]["penalty_sum"] = 310 * 0.25

    restored = EvaluationReport.from_dict(values)

    assert restored.regularization == pytest.approx(0.25)
    assert restored.explained_loss == pytest.approx((WEIGHT * LOSS).mean() + 0.25)
    assert restored.standard_error == pytest.approx(REPORT.standard_error)
    np.testing.assert_array_equal(restored.class_recall, REPORT.class_recall)
    np.testing.assert_array_equal(restored.class_positive_cross_entropy, REPORT.class_cross_entropy)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_report_lacks_nothing_of_its_format(version):
    """What the format of a report has is needed, in the report and in its statistics."""
    complete = of_format(version)
    brought = SINCE.get(version, {"report": ["logged_loss"], "statistics": ["penalty_sum"]})
    for name in brought["report"]:
        with pytest.raises(ValueError) as error:
            EvaluationReport.from_dict({key: value for key, value in complete.items() if key != name})
        assert str(error.value) == f"The report lacks the keys: {name}."
    for name in brought["statistics"]:
        sums = {key: value for key, value in complete["statistics"].items() if key != name}
        with pytest.raises(ValueError) as error:
            EvaluationReport.from_dict({**complete, "statistics": sums})
        assert str(error.value) == f"Statistics lack the fields: {name}."


@pytest.mark.parametrize(
    ("version", "held", "message"),
    [
        (2, 1, "The report lacks the keys: initial_cross_entropy, non_finite_weights."),
        (3, 2, f"Statistics lack the fields: {', '.join(SINCE[3]['statistics'])}."),
    ],
)
def test_a_report_with_the_fields_of_an_older_format_is_an_error(version, held, message):
    """What is missing is named, and not taken for unknown."""
    with pytest.raises(ValueError) as error:
        EvaluationReport.from_dict(of_format(version, held))

    assert str(error.value) == message


def test_json_of_what_is_not_finite():
    """NaN is None and an infinity its name; among the repeated quantities both are None."""
    values = dataclasses.replace(REPORT, logged_loss=math.inf, loss_accuracy_divergence=math.nan).to_dict()

    assert values["logged_loss"] == "Infinity"
    assert dataclasses.replace(REPORT, logged_loss=-math.inf).to_dict()["logged_loss"] == "-Infinity"
    assert values["loss_accuracy_divergence"] is None
    assert values["quantities"]["logged_loss"] is None
    assert values["quantities"]["loss_accuracy_divergence"] is None


def test_json_repeats_the_quantities():
    """Each quantity is there by name, for readers without this package."""
    values = REPORT.to_dict()

    assert values["format"] == FORMAT_VERSION
    assert tuple(values["quantities"]) == EvaluationReport.quantities()
    assert values["quantities"]["cross_entropy"] == REPORT.cross_entropy
    assert values["quantities"]["support"] == REPORT.support.tolist()


def test_json_of_an_absent_class():
    """The undefined entry of an array is None."""
    report = builders.report(5, num_examples=3)

    shares = report.to_dict()["quantities"]["class_accuracy"]

    assert [share is None for share in shares] == np.isnan(report.class_accuracy).tolist()
    assert None in shares


@pytest.mark.parametrize("version", [0, -1, 1.5, "1", FORMAT_VERSION + 1, None])
def test_unknown_format_is_refused(version):
    """A dictionary of another version is an error that says so."""
    with pytest.raises(ValueError) as error:
        EvaluationReport.from_dict({**REPORT.to_dict(), "format": version})

    assert str(error.value) == (
        f"`format` must be an integer from 1 to 3. Received: format={version!r}. "
        "The report was written by another version of xent_monitor."
    )


def test_missing_keys_are_named():
    """A dictionary without some keys is an error that lists all of them."""
    values = REPORT.to_dict()
    del values["epoch"], values["loss_accuracy_divergence"]

    with pytest.raises(ValueError) as error:
        EvaluationReport.from_dict(values)

    assert str(error.value) == "The report lacks the keys: epoch, loss_accuracy_divergence."


def test_reports_are_sorted_by_epoch_then_split_then_output():
    """Within an epoch training comes before validation, and that before a test."""
    order = [
        make_report(epoch=0, split="test"),
        make_report(epoch=1, split="train"),
        make_report(epoch=1, split="validation", output="a"),
        make_report(epoch=1, split="validation", output="b"),
        make_report(epoch=1, split="test"),
    ]

    assert sorted((order[i] for i in (3, 0, 4, 1, 2)), key=sort_key) == order


# In a notebook


def test_a_notebook_shows_the_key_numbers_and_the_worst_class_first():
    report = EvaluationReport(3, "validation", "kind", ("<b>", "b", "c", "d"), weighted_statistics())

    shown = report._repr_html_()

    assert "validation, epoch 3, output kind" in shown
    assert f"<td>{report.cross_entropy:.4g}</td>" in shown
    assert "&lt;b&gt;" in shown
    assert "<b>b" not in shown
    worst = max(range(NUM_CLASSES), key=lambda k: report.class_cross_entropy[k])
    rows = shown.split('<th scope="row"')[1:]
    assert rows[0].split(">")[1].startswith(("&lt;b&gt;", "b", "c", "d")[worst])
    assert f"<td>{report.class_cross_entropy[worst]:.4g}</td>" in rows[0]


# Classes in order


def test_worst_classes_and_the_share_that_each_carries():
    statistics = statistics_from_predictions(
        np.array([0, 0, 1, 3]),
        np.array([[0.5, 0.2, 0.2, 0.1], [0.5, 0.2, 0.2, 0.1], [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.3, 0.5]]),
    )
    one = EvaluationReport(0, "validation", "", "abcd", statistics)
    nats = -np.log([0.5, 0.5, 0.1, 0.5])

    assert one.worst_classes().tolist() == [1, 0, 3, 2]
    assert one.worst_classes(2).tolist() == [1, 0]
    np.testing.assert_allclose(
        one.class_cross_entropy_share, [nats[:2].sum() / nats.sum(), nats[2] / nats.sum(), np.nan, nats[3] / nats.sum()]
    )


def test_without_a_loss_no_class_carries_a_share():
    one = EvaluationReport(0, "validation", "", "ab", ClassStatistics.empty("multiclass", num_classes=2, num_bins=3))

    assert np.isnan(one.class_cross_entropy_share).all()
