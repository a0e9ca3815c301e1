"""Tests of the sums on the host."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from tests.builders import multilabel_predictions, statistics
from xent_monitor.confusion import sketch_shape
from xent_monitor.statistics import TASKS, ClassStatistics, array_fields, scalar_fields, unknown_fields


def empty_like(sums: ClassStatistics) -> ClassStatistics:
    sketch = sums.confusion_sketch
    return ClassStatistics.empty(
        sums.task,
        sums.num_classes,
        sums.num_bins,
        num_temperatures=sums.temperature_sums.shape[1],
        per_class_confidence=sums.class_confidence_histogram is not None,
        confusion=sums.confusion is not None,
        sketch_shape=None if sketch is None else sketch.shape,
        pooled_histogram=len(sums.true_class_probability_histogram) < sums.num_classes,
    )


def complete() -> ClassStatistics:
    """Statistics that hold every array there is, optional ones too."""
    sketch = np.zeros(sketch_shape(3), np.int64)
    return dataclasses.replace(
        statistics(3, task="multilabel"), confusion=np.zeros((3, 3), np.int64), confusion_sketch=sketch
    )


def pooled(sums: ClassStatistics) -> ClassStatistics:
    """The same with one histogram for all classes together."""
    return dataclasses.replace(
        sums, true_class_probability_histogram=sums.true_class_probability_histogram.sum(axis=0, keepdims=True)
    )


def test_sizes_are_read_from_the_arrays():
    """The numbers of classes, bins and examples follow from the arrays."""
    sums = statistics(num_classes=4, num_examples=50, num_bins=7)

    assert (sums.num_classes, sums.num_bins, sums.num_examples) == (4, 7, 50)


def test_unknown_task_is_refused():
    """A task that is not in `TASKS` is an error that lists them."""
    with pytest.raises(ValueError) as error:
        dataclasses.replace(statistics(), task="regression")

    assert str(error.value) == ("`task` must be one of multiclass, binary, multilabel. Received: task='regression'.")


def test_array_of_another_size_is_refused():
    """An array that does not fit the sizes of those before it is an error with both shapes."""
    with pytest.raises(ValueError) as error:
        dataclasses.replace(statistics(), predicted=np.zeros(4, np.int64))

    assert str(error.value) == (
        "`predicted` must have shape (num_classes) where {'num_classes': 3}. Received: predicted.shape=(4,)."
    )


@pytest.mark.parametrize("shape", [(3, 15), (2, 15, 1), (15,)])
def test_array_of_another_rank_or_fixed_size_is_refused(shape):
    """Dimensions that are a number in the declaration have that size."""
    with pytest.raises(ValueError) as error:
        dataclasses.replace(statistics(), confidence_histogram=np.zeros(shape, np.int64))

    assert "`confidence_histogram` must have shape (2, num_bins) where {'num_classes': 3" in str(error.value)
    assert str(error.value).endswith(f"Received: confidence_histogram.shape={shape}.")


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_histogram_is_of_each_class_or_of_all(rows):
    """The histogram of the true class' probability has a row for each class, or one in all."""
    with pytest.raises(ValueError) as error:
        dataclasses.replace(statistics(), true_class_probability_histogram=np.zeros((rows, 15), np.int64))

    assert str(error.value) == (
        "`true_class_probability_histogram` must have shape (histogram_classes, num_bins) where "
        "{'num_classes': 3, 'num_bins': 15} and histogram_classes is num_classes, or 1 for all classes together. "
        f"Received: true_class_probability_histogram.shape=({rows}, 15)."
    )
    assert pooled(statistics()).num_examples == 200


@pytest.mark.parametrize(
    ("task", "positive", "shape"),
    [("multilabel", None, None), ("binary", [1.0, 2.0], (2,)), ("multiclass", [1.0, 2.0], (2,))],
)
def test_only_labels_have_a_positive_side(task, positive, shape):
    """`positive_cross_entropy_sum` is there for multi-label statistics, and for no others."""
    with pytest.raises(ValueError) as error:
        dataclasses.replace(statistics(2, task=task), positive_cross_entropy_sum=positive)

    assert str(error.value) == (
        "`positive_cross_entropy_sum` must be an array where the task is 'multilabel', and None where it is not. "
        f"Received: task='{task}', positive_cross_entropy_sum.shape={shape}."
    )


def test_required_array_cannot_be_none():
    """Only the fields declared optional may be absent."""
    with pytest.raises(ValueError, match=r"`cross_entropy_sum` must have shape \(num_classes\)"):
        dataclasses.replace(statistics(), cross_entropy_sum=None)


@pytest.mark.parametrize("field", array_fields(), ids=lambda field: field.name)
def test_arrays_are_read_only_copies_of_the_declared_type(field):
    """An array is int64 or float64 as declared, cannot be written, and is not the caller's own."""
    sums = complete()
    given = np.array(getattr(sums, field.name))

    held = getattr(dataclasses.replace(sums, **{field.name: given}), field.name)

    assert held.dtype == field.metadata["dtype"]
    assert not np.shares_memory(held, given)
    assert given.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        held[...] = 1


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
@pytest.mark.parametrize("num_classes", [2, 3, 300])
def test_empty_is_the_identity_of_addition(num_classes, task):
    """Adding the empty pass, on either side, changes nothing."""
    for sums in (statistics(num_classes, task=task), pooled(statistics(num_classes, task=task))):
        nothing = empty_like(sums)

        assert nothing != sums
        assert nothing + sums == sums
        assert sums + nothing == sums


@pytest.mark.parametrize("task", TASKS)
def test_empty_has_no_examples(task):
    """The empty pass holds nothing but zeros, and only the arrays that its task has."""
    nothing = ClassStatistics.empty(task, 2, 10, num_temperatures=5, pooled_histogram=True)

    assert (nothing.num_examples, nothing.num_decisions) == (0, 0)
    assert nothing.task == task
    assert nothing.true_class_probability_histogram.shape == (1, 10)
    absent = {field.name for field in array_fields() if getattr(nothing, field.name) is None}
    of_task = {"confusion"} if task == "multilabel" else {"positive_cross_entropy_sum"}
    assert absent == {"confusion_sketch"} | of_task
    assert all(
        not np.any(getattr(nothing, field.name))
        for field in (*array_fields(), *scalar_fields())
        if field.name not in absent
    )


def test_addition_is_by_field():
    """Every field of a sum is the sum of the fields."""
    a, b = statistics(seed=1), statistics(seed=2, num_examples=30)
    a = dataclasses.replace(a, penalty_sum=0.25, non_finite=3, invalid_labels=1)
    b = dataclasses.replace(b, penalty_sum=0.5, non_finite=4)

    total = a + b

    for field in (*array_fields(), *scalar_fields()):
        if getattr(a, field.name) is not None:
            expected = getattr(a, field.name) + getattr(b, field.name)
            np.testing.assert_array_equal(getattr(total, field.name), expected, field.name)
    assert total.num_examples == 230
    assert (total.penalty_sum, total.non_finite, total.invalid_labels) == (0.75, 7, 1)


def test_tasks_cannot_be_mixed():
    """Statistics of two tasks do not add."""
    with pytest.raises(ValueError) as error:
        statistics(2) + statistics(2, task="binary")

    assert str(error.value) == "Statistics of task 'multiclass' and 'binary' cannot be added."


def test_sizes_cannot_be_mixed():
    """Statistics of different sizes do not add; the error names the first field that differs."""
    with pytest.raises(ValueError) as error:
        statistics(3) + statistics(4)

    assert str(error.value) == (
        "Statistics of different shapes cannot be added. Received: support.shape=(3,) and (4,)."
    )


def test_what_one_side_lacks_cannot_be_added():
    """An optional array must be on both sides or on neither."""
    sums = statistics(3)

    with pytest.raises(ValueError) as error:
        sums + dataclasses.replace(sums, confusion=None)

    assert str(error.value) == (
        "Statistics of different shapes cannot be added. Received: confusion.shape=(3, 3) and ()."
    )


def test_other_types_cannot_be_added():
    """Adding anything else is a `TypeError`, as for all Python values."""
    with pytest.raises(TypeError):
        statistics() + 1


@pytest.mark.parametrize("field", [*array_fields(), *scalar_fields()], ids=lambda f: f.name)
def test_equality_looks_at_every_field(field):
    """Statistics that differ in one field are not equal; equal ones need not be the same object."""
    sums = complete()
    same = dataclasses.replace(sums)
    other = dataclasses.replace(sums, **{field.name: getattr(sums, field.name) + 1})

    assert sums == same
    assert sums != other
    assert sums != "sums"


def test_task_is_part_of_equality():
    """The same sums of another task are not equal."""
    sums = statistics(2)

    assert sums != dataclasses.replace(sums, task="binary")


def test_statistics_are_not_hashable():
    """Equal by value and made of arrays, statistics have no hash."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(statistics())


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
@pytest.mark.parametrize("num_classes", [2, 3, 300])
def test_json_round_trip_is_the_identity(num_classes, task):
    """`to_dict` survives `json` to the last bit, absent arrays included."""
    sums = statistics(num_classes, task=task)
    assert (sums.confusion is None) == (num_classes == 300 or task == "multilabel")

    text = json.dumps(sums.to_dict(), allow_nan=False)

    assert ClassStatistics.from_dict(json.loads(text)) == sums


def test_json_round_trip_keeps_what_is_not_finite():
    """NaN and infinities, which JSON does not know, come back as they were."""
    strange = np.array([math.nan, math.inf, -math.inf])
    sums = dataclasses.replace(statistics(), loss_sum=strange, penalty_sum=math.nan)
    infinite = dataclasses.replace(sums, penalty_sum=-math.inf)

    text = json.dumps(sums.to_dict(), allow_nan=False)
    other = json.dumps(infinite.to_dict(), allow_nan=False)

    assert sums.to_dict()["loss_sum"] == [None, "Infinity", "-Infinity"]
    assert ClassStatistics.from_dict(json.loads(text)) == sums
    assert ClassStatistics.from_dict(json.loads(other)) == infinite


def test_json_round_trip_keeps_types():
    """Numbers that were integers are integers again."""
    sums = ClassStatistics.from_dict(statistics().to_dict())

    types = {field.name: type(getattr(sums, field.name)).__name__ for field in scalar_fields()}
    assert types == {field.name: field.type for field in scalar_fields()}


def test_missing_fields_are_named():
    """A dictionary without some fields is an error that lists all of them."""
    values = statistics().to_dict()
    del values["support"], values["penalty_sum"]

    with pytest.raises(ValueError) as error:
        ClassStatistics.from_dict(values)

    assert str(error.value) == "Statistics lack the fields: support, penalty_sum."


def test_fields_of_a_later_format_are_unknown():
    """What a later format has brought is NaN, of the right shape, 0 where it is a count, None where it may lack."""
    since_3 = {
        "target_cross_entropy_sum": [math.nan] * 3,
        "positive_cross_entropy_sum": None,
        "row_cross_entropy_square_sum": math.nan,
        "masked": 0,
        "batch_mean_loss_sum": math.nan,
        "num_samples": 0,
    }
    since_2 = {"probability_sum": [math.nan] * 3, "confidence_step_sum": math.nan, "num_batches": 0}

    for version, expected in ((1, since_2 | since_3), (2, since_3), (3, {})):
        found = unknown_fields(version, num_classes=3)

        assert list(found) == list(expected)
        for name, value in expected.items():
            if value is None:
                assert found[name] is None
            else:
                np.testing.assert_array_equal(found[name], value, name)
                assert isinstance(found[name], int) == isinstance(value, int)


def test_of_several_classes_an_example_is_one_decision():
    """The means of a class run over its support, and right decisions are true positives."""
    sums = statistics(4, num_examples=50)

    assert sums.num_decisions == sums.num_examples == 50
    np.testing.assert_array_equal(sums.class_examples, sums.support)
    np.testing.assert_array_equal(sums.true_positives, sums.correct)


def test_of_labels_an_example_is_a_decision_on_each():
    """The means of a label run over all examples; its true positives follow from the three counts."""
    targets, probabilities = multilabel_predictions(4, 50, seed=1)
    sums = statistics(4, 50, seed=1, task="multilabel")

    for each in (sums, pooled(sums)):
        assert (each.num_classes, each.num_examples, each.num_decisions) == (4, 50, 200)
        np.testing.assert_array_equal(each.class_examples, [50] * 4)
        np.testing.assert_array_equal(each.support, targets.sum(axis=0))
        np.testing.assert_array_equal(each.true_positives, (targets * (probabilities > 0.5)).sum(axis=0))
        np.testing.assert_array_equal(each.correct, (targets == (probabilities > 0.5)).sum(axis=0))


def test_a_single_label_has_its_own_histogram():
    """With one label the histogram of each and that of all are the same."""
    sums = statistics(1, 50, task="multilabel")

    assert pooled(sums) == sums
    assert (sums.num_examples, sums.num_decisions) == (50, 50)
