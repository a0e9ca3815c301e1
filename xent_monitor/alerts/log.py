"""`alerts.jsonl`: every transition of every alert, one line each, and the way back.

A line is a JSON object: `"format"`, `"time"` (seconds, as `time.time()` counts them) and the fields of the event.
A line with `"begins_at"` instead of these fields says that a run has begun with that epoch. `"at_end": true` marks what
judges a training that has ended: of one that was resumed it is no longer true.
Stored files stay readable: a reader knows every format up to its own.

>>> import tempfile
>>> event = AlertEvent(
...     rule="no-skill", state="firing", severity="warning", epoch=4, split="validation", output="", class_name=None,
...     value=0.01, threshold=0.02, message="Skill 0.01.",
... )
>>> with tempfile.TemporaryDirectory() as log_dir:
...     log = AlertLog(log_dir)
...     log.append(event, time=1760000000.0)
...     log.close()
...     read_alerts(log_dir) == [event]
True
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from xent_monitor.alerts.event import AlertEvent
from xent_monitor.errors import EventFormatError
from xent_monitor.statistics import plain_number

__all__ = ["FILE_NAME", "FORMAT", "AlertLog", "read_alerts"]

#: Name of the file in the log directory.
FILE_NAME = "alerts.jsonl"
#: Version of the lines that are written.
FORMAT = 1

#: How every line begins, in every format.
_BEGINNING = b'{"format": '

#: Types of the fields that `AlertEvent` does not check.
_TYPES: dict[str, tuple[type, ...]] = {
    "rule": (str,),
    "epoch": (int,),
    "begins_at": (int,),
    "output": (str,),
    "class_name": (str, type(None)),
    "message": (str,),
}


class AlertLog:
    """The file `alerts.jsonl` of a log directory, appended to.

    It is opened at the first event, so that a training without alerts leaves no file. Each line has been handed to the
    system when `append` returns: what a crash leaves behind is complete, up to a line that was being written.

    Args:
        log_dir: The log directory; made where it is missing.
    """

    def __init__(self, log_dir: str | os.PathLike[str]) -> None:
        self.path = Path(log_dir) / FILE_NAME
        self._file: BinaryIO | None = None

    def begin(self, epoch: int, *, time: float) -> None:
        """Say that a run begins with this epoch.

        What earlier runs in the same directory said about this epoch and later ones counts no longer. Nothing is
        written where there is no file.

        Args:
            epoch: The first epoch of the run.
            time: Now, as `time.time()` gives it.

        Raises:
            OSError: If the line could not be written.
        """
        if self._file is not None or self.path.is_file():
            self._write({"begins_at": epoch}, time)

    def append(self, event: AlertEvent, *, time: float, at_end: bool = False) -> None:
        """Write one event.

        Args:
            event: The event.
            time: Now, as `time.time()` gives it.
            at_end: Whether it judges a training that has ended; it counts no longer if the training is resumed.

        Raises:
            OSError: If the line could not be written; the next one begins on a line of its own.
        """
        self._write(event.to_dict() | ({"at_end": True} if at_end else {}), time)

    def close(self) -> None:
        """Close the file; a further `append` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, values: dict[str, Any], time: float) -> None:
        line = json.dumps(
            {"format": FORMAT, "time": plain_number(time), **values},
            allow_nan=False,
            default=lambda value: value.item(),
        )
        rest = memoryview(line.encode() + b"\n")
        file = self._file or self._open()
        self._file = file
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            # Whatever part was written, the next line must not go on from it.
            self.close()
            raise

    def _open(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what a buffer still holds after a failed write would be written again on closing.
        file = self.path.open("a+b", buffering=0)
        try:
            if file.tell() and _last_byte(file) != b"\n":
                file.write(b"\n")
        except OSError:
            file.close()
            raise
        return file


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def read_alerts(log_dir: str | os.PathLike[str]) -> list[AlertEvent]:
    """The alerts in a log directory.

    Args:
        log_dir: The `log_dir` of the monitor, or the path of an `alerts.jsonl`.

    Returns:
        The events in the order of the file; none where the training had none. Where the epochs go back, as where a run
        was resumed or begun anew in the same directory, the later run counts: what earlier ones said about its first
        epoch and those after it is left out. So is a line that was cut off when a run was killed.

    Raises:
        FileNotFoundError: If it is no such file, nor a directory that a monitor wrote to.
        EventFormatError: If a line is damaged, or written by a newer version.
    """
    path = Path(log_dir)
    if path.is_dir():
        if not (path / FILE_NAME).is_file():
            return _without_file(path)
        path = path / FILE_NAME
    elif not path.is_file():
        raise FileNotFoundError(f"There are no alerts in {path}: it is neither a directory nor a file.")
    events: dict[Any, _Line] = {}
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        # The last part has no line break after it: the run is still writing it, or was killed.
        found = _read_line(path, number, line, is_open=number == len(lines))
        if found is None:
            continue
        epoch = found if isinstance(found, int) else found.event.epoch
        last = next(reversed(events.values()), None)
        if last is not None and (isinstance(found, int) or epoch < last.event.epoch):
            events = {
                key: line for key, line in events.items() if line.event.epoch < epoch and not (line.at_end and epoch)
            }
        if isinstance(found, _Line):
            # An instance says the same once in an epoch; a second time it is a run that was resumed with this epoch.
            event = found.event
            key = (event.rule, event.state, epoch, event.split, event.output, event.class_name)
            events.pop(key, None)
            events[key] = found
    return [line.event for line in events.values()]


class _Line(NamedTuple):
    """An event as it stands in the file."""

    event: AlertEvent
    #: Whether it judges a training that had ended.
    at_end: bool


def _without_file(directory: Path) -> list[AlertEvent]:
    """No alerts, if a monitor has written to the directory at all."""
    if (directory / "xent_monitor").is_dir():
        return []
    names = sorted(f"{path.name}/" if path.is_dir() else path.name for path in directory.iterdir())
    found = ", ".join(names[:10] + (["..."] if len(names) > 10 else [])) or "nothing"
    raise FileNotFoundError(
        f"There are no alerts in {directory}: it has neither {FILE_NAME!r} nor a directory 'xent_monitor'. "
        f"Found: {found}. Pass the `log_dir` that the monitor was given."
    )


def _read_line(path: Path, number: int, line: bytes, *, is_open: bool) -> _Line | int | None:
    """The event of a line, the epoch that a run begins at, or None for what was cut off."""
    if _is_cut_off(line):
        return None
    try:
        values = json.loads(line)
        if not isinstance(values, dict):
            raise TypeError("it is not an object")
        _check_format(values)
        return _read_values(values)
    except EventFormatError as error:
        raise EventFormatError(f"{path}, line {number}: {error}") from error
    except (ValueError, TypeError, KeyError) as error:
        if is_open:
            return None
        raise EventFormatError(
            f"{path}, line {number}: The line is damaged: {type(error).__name__}: {str(error).rstrip('.')}. "
            "Remove it to read the others."
        ) from error


def _is_cut_off(line: bytes) -> bool:
    """Whether the line begins as one of ours and lacks its end, or is empty.

    A file system that lost power may leave zeros where the end of a file was to come.
    """
    line = line.strip(b"\x00 \t\r")
    return not line or (line[: len(_BEGINNING)] == _BEGINNING[: len(line)] and not line.endswith(b"}"))


def _check_format(values: dict[str, Any]) -> None:
    version = values["format"]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"format {version!r}")
    if version > FORMAT:
        raise EventFormatError(
            f"Written in format {version} by a newer xent_monitor; this one reads up to format {FORMAT}. Upgrade it: "
            "pip install --upgrade xent-monitor."
        )


def _read_values(values: dict[str, Any]) -> _Line | int:
    for name, types in _TYPES.items():
        if name in values and (not isinstance(values[name], types) or isinstance(values[name], bool)):
            raise TypeError(f"{name}={values[name]!r}")
    if "begins_at" in values:
        return int(values["begins_at"])
    return _Line(AlertEvent.from_dict(values), bool(values.get("at_end", False)))
