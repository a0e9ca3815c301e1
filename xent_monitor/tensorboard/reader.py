"""Event files to reports, exact and complete: the files are read as they are, not as TensorBoard samples them."""

from __future__ import annotations

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
from xent_monitor.tensorboard.records import read_records

__all__ = ["read_reports"]


def read_reports(log_dir: str | os.PathLike[str]) -> list[EvaluationReport]:
    """All reports in a log directory.

    Args:
        log_dir: The `log_dir` of the monitor, or the `xent_monitor` directory in it.

    Returns:
        The reports, by epoch, then train, validation, test, then output. Where an epoch was written more than once,
        as by a run that was resumed, the last one counts.

    Raises:
        FileNotFoundError: If there are no reports.
        EventFormatError: If a file is damaged, or written by a newer version.
    """
    runs = _runs_directory(Path(log_dir))
    files = [path for split in SPLITS for path in sorted((runs / split).glob(f"*{EVENT_FILE_MARK}*"))]
    found = {(report.split, report.output, report.epoch): report for path in files for report in _read_file(path)}
    if not found:
        raise FileNotFoundError(
            f"There are no reports in {runs}: "
            + (
                f"none of its {len(files)} event files holds a complete one."
                if files
                else f"no event files in {', '.join(SPLITS)}. Found: {_listing(runs)}."
            )
        )
    return sorted(found.values(), key=sort_key)


def _runs_directory(log_dir: Path) -> Path:
    """The directory with one run for each split."""
    if not log_dir.is_dir():
        raise FileNotFoundError(f"There are no reports in {log_dir}: it is not a directory.")
    if (log_dir / SUBDIRECTORY).is_dir():
        return log_dir / SUBDIRECTORY
    if log_dir.resolve().name == SUBDIRECTORY:
        return log_dir
    raise FileNotFoundError(
        f"There are no reports in {log_dir}: it has no directory {SUBDIRECTORY!r}. Found: {_listing(log_dir)}. "
        "Pass the `log_dir` that the monitor was given."
    )


def _listing(directory: Path, limit: int = 10) -> str:
    """What is in a directory, for a message."""
    names = sorted(f"{path.name}/" if path.is_dir() else path.name for path in directory.iterdir())
    return ", ".join(names[:limit] + (["..."] if len(names) > limit else [])) or "nothing"


def _read_file(path: Path) -> Iterator[EvaluationReport]:
    """The reports of one event file, in the order they were written."""
    headers: dict[str, Header] = {}
    for offset, data in read_records(path):
        try:
            report = _read_event(Event.FromString(data), headers)
        except (DecodeError, EventFormatError) as error:
            raise EventFormatError(f"{path}, record at byte {offset}: {error}") from error
        if report is not None:
            yield report


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
