"""Tests of the arrays of the tab's page: they hold what the reports say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import report
from xent_monitor.calibration import wilson_interval
from xent_monitor.statistics import TASKS
from xent_monitor.tensorboard import tables
from xent_monitor.tensorboard.provided import Stack
from xent_monitor.tensorboard.tables import (
    CLASS_QUANTITIES,
    MULTILABEL_QUANTITIES,
    SCALARS,
    class_arrays,
    class_rows,
    epochs_of,
    on_axis,
    series_arrays,
)

NUM_BINS = 15


def passes(task="multiclass", num_classes=3):
    """Validation after every second epoch, from 1 on; training after each of four."""

    def of(split, *epochs):
        return tuple(report(num_classes, epoch, 10 * epoch, split=split, task=task) for epoch in epochs)

    return {"validation": of("validation", 1, 3), "train": of("train", 0, 1, 2, 3)}


def stack_of(reports_by_split):
    def find(split, field):
        values = {each.epoch: getattr(each.statistics, field) for each in reports_by_split[split]}
        return None if any(value is None for value in values.values()) else Stack.of(values)

    return find


def test_splits_share_an_axis_of_epochs():
    assert epochs_of(passes()) == [0, 1, 2, 3]
    assert epochs_of({"train": (report(epoch=7), report(epoch=9))}) == [7, 9]


@pytest.mark.parametrize("task", TASKS)
def test_series_are_those_of_the_reports(task):
    by_split = passes(task, num_classes=2 if task == "binary" else 3)

    arrays = series_arrays(by_split, class_rows(by_split))

    by_class = CLASS_QUANTITIES + (MULTILABEL_QUANTITIES if task == "multilabel" else ())
    names = (*SCALARS, *by_class, "support", "confidence_histogram", "reliability")
    assert set(arrays) == {f"{split}/{name}" for split in by_split for name in names}
    for split, reports in by_split.items():
        for each in reports:
            for name in SCALARS:
                np.testing.assert_equal(arrays[f"{split}/{name}"][each.epoch], getattr(each, name))
            for name in by_class:
                np.testing.assert_array_equal(
                    arrays[f"{split}/{name}"][each.epoch], getattr(each, name).astype(np.float32)
                )
            np.testing.assert_array_equal(arrays[f"{split}/support"][each.epoch], each.support)
            histogram = arrays[f"{split}/confidence_histogram"][each.epoch]
            np.testing.assert_array_equal(histogram, each.confidence_histogram)


def test_quantities_by_class_are_single_and_counts_double():
    arrays = series_arrays(passes(), np.arange(3))

    assert {name: arrays[f"train/{name}"].dtype for name in CLASS_QUANTITIES} == dict.fromkeys(
        CLASS_QUANTITIES, np.dtype(np.float32)
    )
    for name in (*SCALARS, "support", "confidence_histogram", "reliability"):
        assert arrays[f"train/{name}"].dtype == np.float64


def test_epochs_without_a_pass_are_nan():
    arrays = series_arrays(passes(), np.arange(3))

    for name, array in arrays.items():
        if name.startswith("validation/"):
            assert np.isnan(array[[0, 2]]).all(), name
    assert not np.isnan(arrays["validation/class_cross_entropy"][[1, 3]]).any()


def test_reliability_has_the_interval_of_the_accuracy():
    by_split = passes()
    table = by_split["train"][2].reliability

    found = series_arrays(by_split, np.arange(3))["train/reliability"][2]

    assert found.shape == (NUM_BINS, 5)
    np.testing.assert_array_equal(found[:, :3], table)
    right = by_split["train"][2].confidence_histogram[1]
    np.testing.assert_allclose(found[:, 3:], wilson_interval(right, table[:, 2]))
    np.testing.assert_array_equal(np.isnan(found[:, 3]), table[:, 2] == 0)


def test_all_classes_have_a_row():
    assert class_rows(passes(num_classes=5)).tolist() == [0, 1, 2, 3, 4]


def test_beyond_the_limit_the_classes_that_carry_the_loss_have_rows(monkeypatch):
    by_split = passes(num_classes=6)
    monkeypatch.setattr(tables, "CELL_LIMIT", 4 * 2 + 3)  # two rows of four epochs
    carried = by_split["validation"][-1].statistics.cross_entropy_sum

    rows = class_rows(by_split)

    assert rows.tolist() == sorted(np.argsort(-carried)[:2].tolist())
    arrays = series_arrays(by_split, rows)
    assert arrays["train/class_accuracy"].shape == (4, 2)
    np.testing.assert_array_equal(arrays["train/support"][0], by_split["train"][0].support[rows])


def test_at_least_one_class_has_a_row(monkeypatch):
    monkeypatch.setattr(tables, "CELL_LIMIT", 1)

    assert len(class_rows(passes())) == 1


def test_loss_that_is_not_a_number_is_carried_by_nobody(monkeypatch):
    by_split = passes(num_classes=6)
    sums = by_split["validation"][-1].statistics.cross_entropy_sum.copy()
    sums[2] = np.nan
    object.__setattr__(by_split["validation"][-1].statistics, "cross_entropy_sum", sums)
    monkeypatch.setattr(tables, "CELL_LIMIT", 4 * 5)

    assert class_rows(by_split).tolist() == [0, 1, 3, 4, 5]


@pytest.mark.parametrize("task", TASKS)
def test_arrays_of_a_class(task):
    by_split = passes(task, num_classes=2 if task == "binary" else 3)

    arrays = class_arrays(by_split, 1, stack_of(by_split))

    for split, reports in by_split.items():
        for each in reports:
            for name in (*CLASS_QUANTITIES, "support"):
                np.testing.assert_equal(arrays[f"{split}/{name}"][each.epoch], getattr(each, name)[1])
            for name, expected in (
                ("confidence_histogram", each.class_confidence_histogram[1]),
                ("true_class_probability_histogram", each.true_class_probability_histogram[1]),
            ):
                np.testing.assert_array_equal(arrays[f"{split}/{name}"][each.epoch], expected)
    assert np.isnan(arrays["validation/confidence_histogram"][0]).all()
    assert np.isnan(arrays["validation/support"][2])


def test_reliability_of_a_class_has_the_centres_of_the_bins():
    by_split = passes()
    counts = by_split["train"][3].class_confidence_histogram[1]

    table = class_arrays(by_split, 1, stack_of(by_split))["train/reliability"][3]

    filled = counts.sum(axis=0) > 0
    centres = (np.arange(NUM_BINS) + 0.5) / NUM_BINS
    np.testing.assert_allclose(table[filled, 0], centres[filled])
    np.testing.assert_allclose(table[filled, 1], counts[1, filled] / counts.sum(axis=0)[filled])
    np.testing.assert_array_equal(table[:, 2], counts.sum(axis=0))
    assert np.isnan(table[~filled][:, [0, 1, 3, 4]]).all()


def test_histograms_that_were_not_kept_for_each_class_are_left_out():
    by_split = passes()

    def pooled(split, field):
        if field == "class_confidence_histogram":
            return None
        steps = {each.epoch: each.true_class_probability_histogram.sum(axis=0)[None] for each in by_split[split]}
        return Stack.of(steps)

    arrays = class_arrays(by_split, 1, pooled)

    assert set(arrays) == {f"{split}/{name}" for split in by_split for name in (*CLASS_QUANTITIES, "support")}


def test_axis_takes_what_fits():
    values = [np.zeros(3), np.ones(2), np.full(2, 2.0), np.full(2, 3.0)]

    array = on_axis([0, 1, 2, 4], [0, 1, 3, 4], values)

    np.testing.assert_array_equal(array, [[np.nan] * 2, [1, 1], [np.nan] * 2, [3, 3]])
