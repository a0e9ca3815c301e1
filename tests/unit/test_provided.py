"""Tests of reports that come through TensorBoard's data provider: they are those of `read_reports`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.builders import HOSTILE_NAMES, report
from tests.event_file_provider import EventFileProvider
from xent_monitor.errors import EventFormatError
from xent_monitor.report import FORMAT_VERSION, EvaluationReport
from xent_monitor.statistics import TASKS
from xent_monitor.tensorboard import ReportWriter, provided, read_reports, tensors
from xent_monitor.tensorboard.cache import Cache
from xent_monitor.tensorboard.provided import ProvidedReports, Stack
from xent_monitor.tensorboard.tables import CLASS_QUANTITIES, MULTILABEL_QUANTITIES, SCALARS
from xent_monitor.tensorboard.tensors import TensorReader

STORED = Path(__file__).parents[1] / "data" / "events"


@pytest.fixture(autouse=True)
def _fresh_listings(monkeypatch):
    monkeypatch.setattr(provided, "LISTING_SECONDS", 1e-9)


def provided_by(provider, cache=None):
    return ProvidedReports(TensorReader(provider, None, ""), Cache(2**30) if cache is None else cache)


def write(log_dir, *reports, seconds=1000.0):
    writer = ReportWriter(log_dir, clock=lambda: seconds)
    for each in reports:
        writer.write(each, "So.")
    writer.close()


def only_run(reports):
    (run,) = reports.listing().runs.values()
    return run


def in_order(reports, splits=("validation", "train", "test")):
    return sorted(reports, key=lambda each: (splits.index(each.split), each.epoch))


def all_outlines(reports, run):
    return [outline for outlines in reports.passes(run).values() for outline in outlines]


def assert_is_outline_of(outline: EvaluationReport, whole: EvaluationReport):
    assert (outline.epoch, outline.split, outline.output) == (whole.epoch, whole.split, whole.output)
    assert (outline.class_names, outline.task) == (whole.class_names, whole.task)
    names = (*SCALARS, *CLASS_QUANTITIES, *MULTILABEL_QUANTITIES, "support", "confidence_histogram", "reliability")
    for name in names:
        np.testing.assert_array_equal(getattr(outline, name), getattr(whole, name), err_msg=name)


@pytest.mark.parametrize("task", TASKS)
def test_reports_are_those_of_the_event_files(tmp_path, task):
    num_classes = 2 if task == "binary" else 4
    for epoch in range(3):
        splits = ("train", "validation") if epoch != 1 else ("train",)
        write(tmp_path, *(report(num_classes, epoch, epoch, split=split, task=task) for split in splits))
    expected = in_order(read_reports(tmp_path))
    reports = provided_by(EventFileProvider(tmp_path))
    run = only_run(reports)

    outlines = all_outlines(reports, run)

    assert len(outlines) == len(expected) == 5
    for outline, whole in zip(outlines, expected, strict=True):
        assert_is_outline_of(outline, whole)
        assert reports.report(run, outline) == whole


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_reports_of_every_format(version):
    log_dir = STORED / f"v{version}"
    reports = provided_by(EventFileProvider(log_dir))

    found = [
        reports.report(run, outline)
        for run in reports.listing().runs.values()
        for outline in all_outlines(reports, run)
    ]

    def key(each):
        return each.output, each.split, each.epoch

    assert sorted(found, key=key) == sorted(read_reports(log_dir), key=key)


def test_names_come_through_as_they_were_given(tmp_path):
    write(tmp_path, report(len(HOSTILE_NAMES), class_names=HOSTILE_NAMES))
    reports = provided_by(EventFileProvider(tmp_path))

    assert only_run(reports).class_names == HOSTILE_NAMES
    assert all_outlines(reports, only_run(reports))[0].class_names == HOSTILE_NAMES


def test_later_value_of_an_epoch_counts(tmp_path):
    write(tmp_path, *(report(epoch=epoch, seed=epoch) for epoch in range(4)), seconds=1000.0)
    write(tmp_path, *(report(epoch=epoch, seed=10 + epoch) for epoch in (2, 3, 4)), seconds=2000.0)
    reports = provided_by(EventFileProvider(tmp_path))

    outlines = all_outlines(reports, only_run(reports))

    assert [outline.epoch for outline in outlines] == [0, 1, 2, 3, 4]
    for outline, seed in zip(outlines, (0, 1, 12, 13, 14), strict=True):
        assert_is_outline_of(outline, report(epoch=outline.epoch, seed=seed))


def test_growth_is_followed_and_what_is_known_is_not_read_again(tmp_path):
    provider, cache = EventFileProvider(tmp_path), Cache(2**30)
    reports = provided_by(provider, cache)
    write(tmp_path, report(epoch=0), seconds=1000.0)
    before = only_run(reports)
    first = all_outlines(reports, before)
    num_reads = len(provider.reads)

    assert all_outlines(reports, only_run(reports))[0] is first[0]
    assert len(provider.reads) == num_reads

    write(tmp_path, report(epoch=1, seed=1), seconds=2000.0)
    after = only_run(reports)
    assert [outline.epoch for outline in all_outlines(reports, after)] == [0, 1]
    assert (after.last_epoch, before.last_epoch) == (1, 0)
    assert after.stamp != before.stamp


class InTheMiddle(EventFileProvider):
    """As where TensorBoard is about to read a record, and one tag does not have its value yet."""

    def _runs(self, plugin_name):
        runs = super()._runs(plugin_name)
        for series in runs.values():
            series["statistics/correct"][1].pop()
        return runs


def test_an_epoch_counts_once_it_is_there_in_every_field(tmp_path):
    write(tmp_path, *(report(epoch=epoch) for epoch in range(3)))
    cache = Cache(2**30)
    early = provided_by(InTheMiddle(tmp_path), cache)
    assert [outline.epoch for outline in all_outlines(early, only_run(early))] == [0, 1]

    # The same epochs and times, but for the tag that was late: what was read before is out of date.
    late = provided_by(EventFileProvider(tmp_path), cache)
    assert [outline.epoch for outline in all_outlines(late, only_run(late))] == [0, 1, 2]


def test_split_without_a_complete_epoch_is_left_out(tmp_path):
    write(tmp_path, *(report(epoch=epoch) for epoch in range(2)), report(epoch=5, split="train"))

    class Behind(EventFileProvider):
        def read_tensors(self, ctx, *, run_tag_filter, **arguments):
            found = super().read_tensors(ctx, run_tag_filter=run_tag_filter, **arguments)
            return {} if "xent_monitor/train" in run_tag_filter.runs else found

    reports = provided_by(Behind(tmp_path))

    assert list(reports.passes(only_run(reports))) == ["validation"]


def test_splits_of_different_models_are_an_error(tmp_path):
    write(tmp_path, report(3), report(4, split="train"))
    reports = provided_by(EventFileProvider(tmp_path))

    with pytest.raises(EventFormatError) as caught:
        reports.passes(only_run(reports))
    assert str(caught.value) == (
        "All splits of a run must have the same classes; it has 3 in validation, 4 in train. "
        "Give each model a log directory of its own."
    )


def test_another_model_in_the_same_directory_is_an_error(tmp_path):
    write(tmp_path, report(3, epoch=0), seconds=1000.0)
    write(tmp_path, report(4, epoch=1), seconds=2000.0)
    reports = provided_by(EventFileProvider(tmp_path))

    with pytest.raises(EventFormatError) as caught:
        reports.passes(only_run(reports))
    assert str(caught.value) == (
        "All epochs of a run must have the same classes; its validation split begins with 3 and has 4 in epoch 1. "
        "Give each model a log directory of its own."
    )


def test_missing_field_is_an_error(tmp_path):
    write(tmp_path, report())

    class Lacking(EventFileProvider):
        def list_tensors(self, ctx, **arguments):
            found = super().list_tensors(ctx, **arguments)
            return {run: {tag: s for tag, s in tags.items() if "correct" not in tag} for run, tags in found.items()}

    reports = provided_by(Lacking(tmp_path))

    with pytest.raises(EventFormatError, match=r"The statistics of epoch 0 lack the fields: correct\."):
        reports.passes(only_run(reports))


def test_fields_are_read_together_up_to_a_limit(tmp_path, monkeypatch):
    write(tmp_path, *(report(200, epoch=epoch) for epoch in range(3)))
    provider = EventFileProvider(tmp_path)
    reports = provided_by(provider)
    together = all_outlines(reports, only_run(reports))
    assert len(provider.reads) == 2  # the last epoch, for the sizes, and all of them

    # Room for two fields with a number for each class, in three epochs.
    monkeypatch.setattr(tensors, "MESSAGE_BYTES", 3 * 2 * (200 * 8 + 64))
    in_parts = all_outlines(provided_by(provider), only_run(reports))
    assert len(provider.reads) > 6
    assert in_parts == together


def test_small_fields_that_outlines_lack_are_read_together(tmp_path):
    write(tmp_path, *(report(epoch=epoch, seed=epoch) for epoch in range(3)))
    provider = EventFileProvider(tmp_path)
    reports = provided_by(provider)
    run = only_run(reports)
    outlines = reports.passes(run)["validation"]
    num_reads = len(provider.reads)

    assert reports.report(run, outlines[0]) == report(epoch=0, seed=0)
    assert reports.report(run, outlines[1]) == report(epoch=1, seed=1)
    assert reports.stack(run, "validation", "confusion").epochs == (0, 1, 2)
    assert len(provider.reads) == num_reads + 1


def test_large_field_that_outlines_lack_is_read_when_it_is_asked_for(tmp_path, monkeypatch):
    write(tmp_path, *(report(30, epoch=epoch) for epoch in range(3)))
    monkeypatch.setattr(provided, "TOGETHER_BYTES", 1)
    provider = EventFileProvider(tmp_path)
    reports = provided_by(provider)
    run = only_run(reports)

    assert reports.stack(run, "validation", "confusion").values.shape == (3, 30, 30)
    assert reports.stack(run, "validation", "confusion_sketch") is None
    assert provider.reads[1:] == [("xent_monitor/validation", ("statistics/confusion",))]


def test_field_above_the_limit_of_a_message_lacks_epochs_but_not_the_last(tmp_path, monkeypatch):
    write(tmp_path, *(report(30, epoch=epoch, seed=epoch) for epoch in range(4)))
    reports = provided_by(EventFileProvider(tmp_path))
    run = only_run(reports)
    monkeypatch.setattr(tensors, "MESSAGE_BYTES", 2 * (30 * 30 * 8 + 64))

    assert reports.stack(run, "validation", "confusion").epochs == (2, 3)

    outlines = reports.passes(run)["validation"]
    assert [reports.report(run, outline).confusion is None for outline in outlines] == [True, True, False, False]


def test_last_report_is_read_without_the_history(tmp_path):
    write(tmp_path, *(report(epoch=epoch, seed=epoch) for epoch in range(3)))
    provider = EventFileProvider(tmp_path)
    reports = provided_by(provider)
    run = only_run(reports)
    outlines = reports.passes(run)["validation"]
    num_reads = len(provider.reads)

    assert reports.report(run, outlines[-1]) == report(epoch=2, seed=2)
    assert len(provider.reads) == num_reads


def test_counts_are_kept_in_the_smallest_type():
    steps = {3: np.array([0, 256]), 1: np.array([7, 255])}

    stack = Stack.of(steps)

    assert stack.epochs == (1, 3)
    assert stack.values.dtype == np.uint16
    assert stack.values.tolist() == [[7, 255], [0, 256]]
    assert stack.at(3).tolist() == [0, 256]
    assert stack.at(2) is None


@pytest.mark.parametrize("values", [np.array([-1, 3]), np.array([0.5, np.nan]), np.zeros((0,), np.int64)])
def test_what_are_no_counts_keep_their_type(values):
    stack = Stack.of({0: values})

    assert stack.values.dtype == values.dtype
    np.testing.assert_array_equal(stack.values[0], values)


def test_stack_leaves_out_epochs_of_another_shape():
    stack = Stack.of({0: np.zeros(3, np.int64), 1: np.zeros(4, np.int64), 2: np.ones(4, np.int64)})

    assert stack.epochs == (1, 2)
    assert stack.values.shape == (2, 4)
