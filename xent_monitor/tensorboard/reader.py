"""Event files to reports, exact and complete: the files are read as they are, not as TensorBoard samples them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util import tensor_util

from xent_monitor.errors import EventFormatError
from xent_monitor.report import SPLITS, EvaluationReport, sort_key
from xent_monitor.tensorboard.metadata import (
    EVENT_FILE_MARK,
    PLUGIN_NAME,
    SUBDIRECTORY,
    Header,
    is_alert_states,
    report_from_arrays,
)
from xent_monitor.tensorboard.records import FRAME_SIZE, read_records

__all__ = ["ReportReader", "find_runs", "read_reports"]

#: Directories below one another that are searched for runs.
_DEEPEST = 5
#: Names that a message lists.
_LISTED = 10


def read_reports(log_dir: str | os.PathLike[str]) -> list[EvaluationReport]:
    """All reports in a log directory.

    Args:
        log_dir: The `log_dir` of the monitor, or the `xent_monitor` directory in it.

    Returns:
        The reports, by epoch, then train, validation, test, then output. Of several runs in one directory it is what
        TensorBoard shows: of each split the last run, and what came before its first epoch, as where it was resumed.

    Raises:
        FileNotFoundError: If there are no reports; the message says what is there instead.
        EventFormatError: If a file is damaged, or written by a newer version.
    """
    return ReportReader(log_dir).read()


class ReportReader:
    """Reads a log directory, and reads it again: the second time only what was added since.

    Args:
        log_dir: The `log_dir` of the monitor, or the `xent_monitor` directory in it; it need not be there yet.

    Example:
        >>> ReportReader("nowhere").read()
        Traceback (most recent call last):
            ...
        FileNotFoundError: There are no reports in nowhere: there is no such directory.
    """

    def __init__(self, log_dir: str | os.PathLike[str]) -> None:
        self.log_dir = Path(log_dir)
        #: Files whose last record was cut short when they were last read: still being written, or of a run that was
        #: killed.
        self.cut_short: tuple[Path, ...] = ()
        self._files: dict[Path, _EventFile] = {}

    def read(self) -> list[EvaluationReport]:
        """What `read_reports` returns, of the files as they are now.

        Raises:
            FileNotFoundError: If there are no reports.
            EventFormatError: If a file is damaged, or written by a newer version.
        """
        runs = _runs_directory(self.log_dir)
        paths = [path for split in SPLITS for path in sorted((runs / split).glob(f"*{EVENT_FILE_MARK}*"))]
        self._files = {path: self._files.get(path) or _EventFile(path) for path in paths}
        self.cut_short = ()
        for file in self._files.values():
            file.read()
        self.cut_short = tuple(file.path for file in self._files.values() if file.is_cut_short)
        found: dict[tuple[str, str, int], EvaluationReport] = {}
        for file in self._files.values():
            last: dict[tuple[str, str], int] = {}
            for report in file.reports:
                of, epoch = (report.split, report.output), report.epoch
                if of not in last or epoch <= last[of]:
                    # A later run has begun here. What an earlier, longer one wrote from this epoch on is not of it.
                    found = {key: old for key, old in found.items() if key[:2] != of or key[2] < epoch}
                found[(*of, epoch)], last[of] = report, epoch
        if not found:
            raise FileNotFoundError(
                f"There are no reports in {runs}: "
                + (
                    f"none of its {len(paths)} event files holds a complete one."
                    if paths
                    else f"no event files in {', '.join(SPLITS)}, which come when the first epoch ends. "
                    f"Found: {_listing(runs)}."
                )
            )
        return sorted(found.values(), key=sort_key)


@dataclasses.dataclass
class _EventFile:
    """An event file, and how far it has been read."""

    path: Path
    #: All reports so far, in the order they were written.
    reports: list[EvaluationReport] = dataclasses.field(default_factory=list)
    #: Offset at which the next record will begin, in bytes.
    end: int = 0
    #: Whether there is a part of a record there.
    is_cut_short: bool = False
    #: Device, inode and size of the file that was read: another, or a shorter one, is read from its beginning.
    identity: tuple[int, int, int] = (0, 0, 0)
    #: What the file has said about its tags.
    headers: dict[str, Header] = dataclasses.field(default_factory=dict)

    def read(self) -> None:
        """Take in what was added."""
        status = self.path.stat()
        device, inode, size = self.identity
        if (status.st_dev, status.st_ino) != (device, inode) or status.st_size < size:
            self.reports, self.headers, self.end = [], {}, 0
        self.identity = (status.st_dev, status.st_ino, status.st_size)
        for offset, data in read_records(self.path, self.end):
            try:
                report = _read_event(Event.FromString(data), self.headers)
            except (DecodeError, EventFormatError) as error:
                raise EventFormatError(f"{self.path}, record at byte {offset}: {error}") from error
            if report is not None:
                self.reports.append(report)
            self.end = offset + FRAME_SIZE + len(data)
        self.is_cut_short = status.st_size > self.end


def find_runs(log_dir: str | os.PathLike[str]) -> list[str]:
    """Directories below a directory that a monitor has written to, by their paths from there, sorted.

    Args:
        log_dir: Any directory. What is more than five directories below it is not looked for.

    Returns:
        Paths with `/`; none where there are none, or no such directory.
    """
    return sorted(path.as_posix() for path, below, _ in _walk(Path(log_dir)) if SUBDIRECTORY in below and path.parts)


def _walk(top: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Directories, by their paths from `top`, with the names of the directories and files in them."""
    for directory, below, files in os.walk(top):
        path = Path(directory).relative_to(top)
        yield path, list(below), files
        # A whole disk is not searched, nor what is ours.
        below[:] = [name for name in below if name != SUBDIRECTORY] if len(path.parts) < _DEEPEST else []


def _runs_directory(log_dir: Path) -> Path:
    """The directory with one run for each split."""
    if (log_dir / SUBDIRECTORY).is_dir():
        return log_dir / SUBDIRECTORY
    if log_dir.is_dir() and log_dir.resolve().name == SUBDIRECTORY:
        return log_dir
    nothing = f"There are no reports in {log_dir}: "
    if log_dir.is_file():
        raise FileNotFoundError(f"{nothing}it is a file. Pass the `log_dir` that the monitor was given.")
    if not log_dir.is_dir():
        raise FileNotFoundError(f"{nothing}there is no such directory.")
    raise FileNotFoundError(nothing + _what_is_there_instead(log_dir))


def _what_is_there_instead(log_dir: Path) -> str:
    """The end of a message about a directory that no monitor has written to."""
    if not any(log_dir.iterdir()):
        return "it is empty. Pass the `log_dir` that the monitor was given."
    runs = find_runs(log_dir)
    if runs:
        return f"it holds those of {len(runs)} trainings, {_shortened(runs)}. Pass the directory of one."
    foreign = sorted(
        f"{path.as_posix()}/" for path, _, files in _walk(log_dir) if any(EVENT_FILE_MARK in name for name in files)
    )
    if foreign:
        return (
            f"its event files, in {_shortened(foreign)}, are of another writer, such as keras.callbacks.TensorBoard. "
            f"Those of the monitor are in {SUBDIRECTORY}/: add XentMonitor({str(log_dir)!r}) to the callbacks of the "
            "training."
        )
    return (
        f"it has no directory {SUBDIRECTORY!r}. Found: {_listing(log_dir)}. "
        "Pass the `log_dir` that the monitor was given."
    )


def _listing(directory: Path) -> str:
    """What is in a directory, for a message."""
    return _shortened(sorted(f"{path.name}/" if path.is_dir() else path.name for path in directory.iterdir()))


def _shortened(names: list[str]) -> str:
    return ", ".join(names[:_LISTED] + (["..."] if len(names) > _LISTED else [])) or "nothing"


def _read_event(event: Event, headers: dict[str, Header]) -> EvaluationReport | None:
    """The report in one record, if there is one; `headers` collects what the file says about its tags."""
    arrays: dict[str, NDArray[Any]] = {}
    header = None
    for value in event.summary.value:
        # As in every event file, what was once said about a tag is not repeated.
        if value.metadata.plugin_data.plugin_name == PLUGIN_NAME and not is_alert_states(value.tag):
            headers[value.tag] = Header.from_bytes(value.metadata.plugin_data.content)
        if value.tag in headers:
            of_field = headers[value.tag]
            arrays[of_field.field] = _array(value)
            if header is None or of_field.class_names is not None:
                header = of_field
    return None if header is None else report_from_arrays(header, event.step, arrays)


def _array(value: Any) -> NDArray[Any]:
    try:
        array: NDArray[Any] = tensor_util.make_ndarray(value.tensor)
    except (ValueError, TypeError) as error:
        raise EventFormatError(f"The tensor {value.tag!r} cannot be read: {error}") from error
    return array
