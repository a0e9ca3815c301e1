"""What runs there are: from TensorBoard's list of our tensors to runs, outputs and splits.

TensorBoard names its runs by their directories below `--logdir`. Ours are `<run>/xent_monitor/<split>`, where `<run>`
is missing if `--logdir` is the log directory of the monitor itself, and `xent_monitor` too if it is that directory.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from xent_monitor.errors import EventFormatError
from xent_monitor.report import SPLITS, Split
from xent_monitor.scalars import series_name
from xent_monitor.tensorboard import metadata
from xent_monitor.tensorboard.metadata import Header

__all__ = ["FIRST_LOOKED_AT", "Listing", "Problem", "Run", "SplitRun", "listing", "run_name"]

#: Splits in the order in which they are looked at: what generalises first.
FIRST_LOOKED_AT: tuple[Split, ...] = ("validation", "train", "test")


@dataclasses.dataclass(frozen=True)
class SplitRun:
    """One split of one output: where its tensors are."""

    #: The run as TensorBoard names it.
    tensorboard_run: str
    #: What the run says about itself.
    header: Header
    #: Tags of the tensors by field of the statistics.
    tags: Mapping[str, str]
    #: Tag of the states of the alerts, or None where none were recorded.
    alerts_tag: str | None
    #: The last epoch with a tensor.
    last_epoch: int
    #: Changes whenever there is a new tensor.
    stamp: str

    @property
    def num_classes(self) -> int:
        """Number of classes, or of labels."""
        return len(self.class_names)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, as they were given."""
        return self.header.class_names or ()


@dataclasses.dataclass(frozen=True)
class Run:
    """One output of a monitored model."""

    #: Path of the log directory below `--logdir`; `.` where it is that.
    name: str
    #: As in the reports.
    output: str
    #: Its splits, the one to look at first in front.
    splits: Mapping[Split, SplitRun]

    @property
    def first(self) -> SplitRun:
        """The split to look at first."""
        return next(iter(self.splits.values()))

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.first.class_names

    @property
    def last_epoch(self) -> int:
        """The last epoch of any split."""
        return max(split.last_epoch for split in self.splits.values())

    @property
    def stamp(self) -> str:
        """Changes whenever there is something new in any split."""
        return f"{self.last_epoch}-{_digest([(name, split.stamp) for name, split in self.splits.items()])}"


@dataclasses.dataclass(frozen=True)
class Problem:
    """A run that cannot be read."""

    #: As in `Run`.
    run: str
    #: Why, in one line.
    message: str


@dataclasses.dataclass(frozen=True)
class Listing:
    """All runs below a log directory, by name and output."""

    runs: Mapping[tuple[str, str], Run]
    problems: tuple[Problem, ...]


def run_name(tensorboard_run: str) -> str:
    """The run that a run of TensorBoard's is a split of.

    Example:
        >>> run_name("digits/wide/xent_monitor/train"), run_name("xent_monitor/train"), run_name("train")
        ('digits/wide', '.', '.')
    """
    # On Windows one of TensorBoard's loaders keeps the separator of the file system.
    without_split = re.sub(rf"(^|[/\\])({'|'.join(SPLITS)})$", "", tensorboard_run)
    return re.sub(rf"(^|[/\\]){metadata.SUBDIRECTORY}$", "", without_split) or "."


def listing(tensors: Mapping[str, Mapping[str, Any]]) -> Listing:
    """The runs that a data provider's `list_tensors` tells of, sorted by name and output.

    Args:
        tensors: `TensorTimeSeries` by run and tag.
    """
    found: dict[tuple[str, str], dict[Split, SplitRun]] = {}
    problems: dict[str, Problem] = {}
    for tensorboard_run in sorted(tensors):
        name = run_name(tensorboard_run)
        try:
            for split_run in _split_runs(tensorboard_run, tensors[tensorboard_run]):
                # Of two directories that pass for the same split the first counts, as `xent_monitor` before `train`.
                found.setdefault((name, split_run.header.output), {}).setdefault(
                    split_run.header.split,  # type: ignore[arg-type]  # the header holds one of the three
                    split_run,
                )
        except EventFormatError as error:
            problems.setdefault(name, Problem(name, " ".join(str(error).split())))
    runs = {
        key: Run(*key, {split: splits[split] for split in FIRST_LOOKED_AT if split in splits})
        for key, splits in sorted(found.items())
    }
    return Listing(runs, tuple(problems.values()))


def _split_runs(tensorboard_run: str, series: Mapping[str, Any]) -> list[SplitRun]:
    """The outputs that a run of TensorBoard's holds."""
    naming = metadata.statistics_tag("", metadata.NAMING_FIELD)
    found = []
    for tag in sorted(series):
        if tag == naming or tag.endswith(f"/{naming}"):
            found.append(_split_run(tensorboard_run, _header(series[tag].plugin_content), series))
    of_reports = [tag for tag in sorted(series) if not metadata.is_alert_states(tag)]
    if not found and of_reports:
        # Whoever wrote this did not name classes as this version does: its header says whether it is a newer one.
        Header.from_bytes(series[of_reports[0]].plugin_content)
        raise EventFormatError(f"The run {tensorboard_run!r} lacks the field: {metadata.NAMING_FIELD}.")
    return found


def _split_run(tensorboard_run: str, header: Header, series: Mapping[str, Any]) -> SplitRun:
    if header.split not in SPLITS:
        raise EventFormatError(f"The run {tensorboard_run!r} is of an unknown split: {header.split!r}.")
    start = metadata.statistics_tag(header.output, "")
    tags = {tag.removeprefix(start): tag for tag in sorted(series) if tag.startswith(start)}
    alerts_tag = series_name(header.output, metadata.ALERT_STATES)
    times = [
        (tag, series[tag].max_step, series[tag].max_wall_time) for tag in (*tags.values(), alerts_tag) if tag in series
    ]
    return SplitRun(
        tensorboard_run=tensorboard_run,
        header=header,
        tags=tags,
        alerts_tag=alerts_tag if alerts_tag in series else None,
        last_epoch=max(series[tag].max_step for tag in tags.values()),
        # Of every tag: TensorBoard may be in the middle of a report, with the new value of some of its tags alone.
        stamp=_digest(times),
    )


@functools.lru_cache(maxsize=256)
def _header(content: bytes) -> Header:
    """The header, which is long where there are many classes, and asked for again and again."""
    return Header.from_bytes(content)


def _digest(value: Any) -> str:
    return hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
