"""Reports to event files."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from xent_monitor.report import EvaluationReport, Split
from xent_monitor.scalars import ClassChoice
from xent_monitor.tensorboard import metadata, summaries
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.records import RecordFile

__all__ = ["ReportWriter"]

#: Split, output and text of an alert.
AlertLine = tuple[str, str, str]

#: Epoch, split and output of a pass.
Pass = tuple[int, Split, str]

#: What TensorBoard expects the first record of an event file to say.
_FILE_VERSION = "brain.Event:2"


class ReportWriter:
    """Writes reports as TensorBoard runs, one for each split.

    A report is on its way to the disk when `write` returns, and whole there or not at all. A file is created at the
    first report of its split. After a write that failed, the next one starts a new file, so that nothing follows a
    record that was cut short.

    Args:
        log_dir: Directory of the training's logs, created where it is missing; the runs are in `xent_monitor/`
            below it.
        top_classes: How many classes get series of their own where there are more than 20: those of highest
            cross-entropy in the first report of their output.
        clock: Seconds since the epoch, for the name of the file and the wall time of its points.

    Raises:
        ValueError: If `log_dir` is a URL, or `top_classes` is not an integer >= 0.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        top_classes: int = 10,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if "://" in os.fspath(log_dir):
            raise ValueError(f"`log_dir` must be a local path. Received: log_dir={os.fspath(log_dir)!r}.")
        self._choice = ClassChoice(top_classes)
        self._log_dir = Path(log_dir)
        self._clock = clock
        self._runs: dict[Split, _Run] = {}
        # Rules, with their splits, that were ever more than inactive.
        self._stirred: set[tuple[str, str]] = set()

    def write(self, report: EvaluationReport, reading: str) -> None:
        """Write one report.

        Args:
            report: The report; its epoch is the step.
            reading: What it says, as plain text; empty for no text.

        Raises:
            OSError: If the file cannot be created, or not all of the report could be written.
        """
        values = list(summaries.report_values(report, reading, self._choice.of(report)))
        values.append(summaries.layout_value(self._choice.outputs))
        now = self._clock()
        run = self._runs.get(report.split)
        if run is None:
            directory = metadata.run_directory(self._log_dir, report.split)
            run = self._runs[report.split] = _Run(_new_file(directory, now))
        self._append(report.split, run, report.epoch, values)

    def write_alerts(
        self,
        epoch: int,
        states: Mapping[tuple[str, str], int],
        events: Sequence[AlertLine],
        records: Mapping[Pass, AlertRecord],
    ) -> None:
        """Write the states of the alert rules, and what was told, into the runs that hold a report already.

        Args:
            epoch: The step of the states of the rules, and of the texts.
            states: State of each rule (0 inactive, 1 pending, 2 firing), by its name and split. A rule is written from
                the first time on that it is not inactive: most never are.
            events: Split, output and text of each event of the epoch.
            records: How the alerts stand after a pass, whose epoch is the step; a record of a pass that had one already
                takes its place.

        Raises:
            OSError: If not all could be written.
        """
        self._stirred |= {key for key, state in states.items() if state}
        for split, run in list(self._runs.items()):
            values: dict[int, list[Summary.Value]] = defaultdict(list)
            values[epoch] += [
                summaries.alert_state(name, states[name, of]) for name, of in sorted(self._stirred) if of == split
            ]
            outputs = dict.fromkeys(output for of, output, _ in events if of == split)
            values[epoch] += [
                summaries.alert_text(output, [text for of, out, text in events if (of, out) == (split, output)])
                for output in outputs
            ]
            for (step, of, output), record in records.items():
                if of == split:
                    values[step].append(summaries.alert_record(record, of, output))
            for step, of_step in values.items():
                if of_step:
                    self._append(split, run, step, of_step)

    def flush(self) -> None:
        """Wait until the device has everything; without it, only a crash of the whole machine can lose a report."""
        for run in self._runs.values():
            run.file.sync()

    def _append(self, split: Split, run: _Run, epoch: int, values: list[Summary.Value]) -> None:
        try:
            run.append(epoch, values, self._clock())
        except BaseException:  # also an interrupt may leave half a record
            del self._runs[split]
            run.abandon()
            raise

    def close(self) -> None:
        """Close the files; a second call does nothing, and a later `write` starts new ones."""
        while self._runs:
            self._runs.popitem()[1].close()


class _Run:
    """The open event file of one split, and what it already says about its tags."""

    def __init__(self, file: RecordFile) -> None:
        self.file = file
        self._metadata: dict[str, bytes] = {}

    def append(self, epoch: int, values: list[Summary.Value], wall_time: float) -> None:
        """Append one record with all values of a report."""
        described = {value.tag: value.metadata.SerializeToString() for value in values}
        for value in values:
            # A thousand class names in each of thirty tags would outweigh the numbers.
            if self._metadata.get(value.tag) == described[value.tag]:
                value.ClearField("metadata")
        if not self._metadata:
            self.file.append(Event(wall_time=wall_time, file_version=_FILE_VERSION).SerializeToString())
        event = Event(wall_time=wall_time, step=int(epoch), summary=Summary(value=values))
        self.file.append(event.SerializeToString())
        self._metadata |= described

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def abandon(self) -> None:
        """Close the file after a failure, and remove it if it holds no report."""
        self.file.close()
        if not self._metadata:
            # A disk that stays full must not collect an empty file each epoch.
            with contextlib.suppress(OSError):
                self.file.path.unlink()


def _new_file(directory: Path, seconds: float) -> RecordFile:
    """A new event file whose name sorts after those of earlier seconds, and after those of this writer's process."""
    directory.mkdir(parents=True, exist_ok=True)
    stem = f"events.out.{metadata.EVENT_FILE_MARK}.{int(seconds):010d}.{socket.gethostname()}.{os.getpid()}"
    for counter in itertools.count():
        try:
            return RecordFile(directory / f"{stem}.{counter:03d}")
        except FileExistsError:
            continue
    raise AssertionError("unreachable: `itertools.count` does not end")
