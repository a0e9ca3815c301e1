"""A data provider as TensorBoard's, over the event files of a directory as they are: for tests without a server."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.data.provider import TensorDatum, TensorTimeSeries
from tensorboard.util import tensor_util

from xent_monitor.tensorboard.records import read_records

__all__ = ["EventFileProvider"]


class EventFileProvider:
    """Lists and reads tensors; the files are read anew each time.

    As in TensorBoard, the first metadata of a tag counts, and of more points than are asked for the last is kept. As
    in its slower loader, a step that was written twice is there twice.

    Args:
        log_dir: What would be `--logdir`.
    """

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        #: Runs and tags of each read, oldest first.
        self.reads: list[tuple[str, tuple[str, ...]]] = []

    def list_tensors(self, ctx: Any, *, experiment_id: str, plugin_name: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for run, series in self._runs(plugin_name).items():
            for tag, (content, data) in series.items():
                found.setdefault(run, {})[tag] = TensorTimeSeries(
                    max_step=max(datum.step for datum in data),
                    max_wall_time=max(datum.wall_time for datum in data),
                    plugin_content=content,
                    description="",
                    display_name="",
                )
        return found

    def read_tensors(
        self, ctx: Any, *, experiment_id: str, plugin_name: str, downsample: int, run_tag_filter: Any
    ) -> dict[str, dict[str, list[TensorDatum]]]:
        (run,) = run_tag_filter.runs
        self.reads.append((run, tuple(run_tag_filter.tags)))
        series = self._runs(plugin_name).get(run, {})
        return {run: {tag: series[tag][1][-downsample:] for tag in run_tag_filter.tags if tag in series}}

    def _runs(self, plugin_name: str) -> dict[str, dict[str, tuple[bytes, list[TensorDatum]]]]:
        runs: dict[str, dict[str, tuple[bytes, list[TensorDatum]]]] = {}
        for path in sorted(self._log_dir.rglob("*tfevents*")):
            run = path.parent.relative_to(self._log_dir).as_posix()
            _add(runs.setdefault(run, {}), (Event.FromString(data) for _, data in read_records(path)), plugin_name)
        return runs


def _add(series: dict[str, tuple[bytes, list[TensorDatum]]], events: Iterable[Any], plugin_name: str) -> None:
    """Add the tensors of a plugin in some events to those by tag."""
    for event in events:
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == plugin_name:
                series.setdefault(value.tag, (value.metadata.plugin_data.content, []))
            if value.tag in series:
                array = tensor_util.make_ndarray(value.tensor)
                series[value.tag][1].append(TensorDatum(step=event.step, wall_time=event.wall_time, numpy=array))
