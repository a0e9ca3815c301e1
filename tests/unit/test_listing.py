"""Tests of the list of runs: from the names of TensorBoard's runs and tags to runs, outputs and splits."""

from __future__ import annotations

import json

import pytest
from tensorboard.data.provider import TensorTimeSeries

from tests.builders import report
from xent_monitor.tensorboard import metadata
from xent_monitor.tensorboard.listing import Problem, listing, run_name
from xent_monitor.tensorboard.metadata import Header


def series(content, max_step=3, max_wall_time=100.0):
    return TensorTimeSeries(
        max_step=max_step, max_wall_time=max_wall_time, plugin_content=content, description="", display_name=""
    )


def split_series(split="validation", output="", *, fields=("support", "correct"), num_classes=3, changes=None, **time):
    """Tags of a split of a run, with the header of each."""
    of = report(num_classes, split=split, output=output)
    found = {}
    for field in fields:
        header = json.loads(Header.of(of, field).to_bytes()) | (changes or {})
        found[metadata.statistics_tag(output, field)] = series(json.dumps(header).encode(), **time)
    return found


@pytest.mark.parametrize(
    ("tensorboard_run", "name"),
    [
        ("digits/wide/xent_monitor/validation", "digits/wide"),
        ("a/xent_monitor/test", "a"),
        ("xent_monitor/train", "."),
        ("train", "."),
        (".", "."),
        ("xent_monitor", "."),
        ("my_xent_monitor/train", "my_xent_monitor"),
        ("xent_monitor/xent_monitor/train", "xent_monitor"),
        ("train/xent_monitor/train", "train"),
        ("retrain", "retrain"),
        ("a/b", "a/b"),
        ("a\\xent_monitor\\train", "a"),
        ("<b>|\n☃/xent_monitor/train", "<b>|\n☃"),
    ],
)
def test_run_is_named_by_the_log_directory(tensorboard_run, name):
    assert run_name(tensorboard_run) == name


def test_splits_and_outputs_of_a_run():
    train = split_series("train", "kind") | split_series("train", "a/b", num_classes=2)
    found = listing(
        {
            "r/xent_monitor/train": train | {"a%2Fb/alert_states": series(b"{}", max_step=9)},
            "r/xent_monitor/validation": split_series("validation", "kind", max_step=5),
            "r/xent_monitor/test": split_series("test", "kind"),
        }
    )

    assert list(found.runs) == [("r", "a/b"), ("r", "kind")]
    assert found.problems == ()
    kind, other = found.runs["r", "kind"], found.runs["r", "a/b"]
    assert list(kind.splits) == ["validation", "train", "test"]
    assert (kind.last_epoch, kind.class_names, kind.first.num_classes) == (5, ("0", "1", "2"), 3)
    assert kind.first.tags == {"support": "kind/statistics/support", "correct": "kind/statistics/correct"}
    assert kind.first.alerts_tag is None
    assert list(other.splits) == ["train"]
    assert other.first.alerts_tag == "a%2Fb/alert_states"
    assert other.last_epoch == 3


def test_no_runs():
    assert listing({}).runs == {}
    assert listing({}).problems == ()


@pytest.mark.parametrize(
    "later",
    [
        {"max_step": 4},
        {"max_wall_time": 101.0},
    ],
)
@pytest.mark.parametrize("tag", ["statistics/support", "statistics/correct", "alert_states"])
def test_stamp_changes_with_every_tag(tag, later):
    before = split_series() | {"alert_states": series(b"{}")}
    after = before | {tag: series(before[tag].plugin_content, **later)}

    (old,) = listing({"train": before}).runs.values()
    (new,) = listing({"train": after}).runs.values()

    assert old.stamp == listing({"train": dict(before)}).runs[".", ""].stamp
    assert new.stamp != old.stamp


def test_stamp_starts_with_the_last_epoch():
    assert listing({"train": split_series(max_step=12)}).runs[".", ""].stamp.startswith("12-")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 99}, "Written in format 99 by a newer xent_monitor; this one reads up to format"),
        ({"task": "regression"}, "The metadata of the statistics cannot be understood: "),
        ({"split": "holdout"}, "The run 'a/xent_monitor/train' is of an unknown split: 'holdout'."),
    ],
)
def test_run_that_cannot_be_read_is_a_problem_of_its_own(changes, message):
    found = listing({"a/xent_monitor/train": split_series(changes=changes), "b/xent_monitor/train": split_series()})

    assert list(found.runs) == [("b", "")]
    (problem,) = found.problems
    assert problem.run == "a"
    assert problem.message.startswith(message)


def test_tags_without_names_of_classes_are_a_problem():
    found = listing({"a/xent_monitor/train": split_series(fields=("correct",))})

    assert found.problems == (Problem("a", "The run 'a/xent_monitor/train' lacks the field: support."),)


def test_newer_format_that_names_its_tags_otherwise_is_told():
    found = listing({"train": {"everything": series(b'{"format": 99}')}})

    assert found.problems[0].message.startswith("Written in format 99 by a newer xent_monitor")


def test_states_of_alerts_alone_are_no_run_and_no_problem():
    assert listing({"train": {"alert_states": series(b"{}")}}) == listing({})


def test_first_of_two_directories_of_the_same_split_counts():
    found = listing({"train": split_series("train", num_classes=4), "xent_monitor/train": split_series("train")})

    assert found.runs[".", ""].splits["train"].tensorboard_run == "train"
    assert found.problems == ()
