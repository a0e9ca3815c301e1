"""`JsonLinesSink`: a file with one JSON object a line, for `jq`, pandas and log shippers; and the way back.

A line begins with `"format"`, `"time"` (seconds, as `time.time()` counts them) and `"kind"`:

- `"report"`: `epoch`, `split`, `output`, `task`; every quantity of the report that is one number, by its name;
  `class_cross_entropy`, an object with the shown classes by their label; `reading`.
- `"alert"`: the fields of the `AlertEvent`.

Undefined numbers are null, infinities `"Infinity"` and `"-Infinity"`. Stored files stay readable: a reader knows every
format up to its own. The exact sums of all classes are in the files of TensorBoard, which `read_reports` reads.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xent_monitor.errors import EventFormatError
from xent_monitor.report import EvaluationReport
from xent_monitor.scalars import CLASS_CROSS_ENTROPY, ClassChoice, class_labels
from xent_monitor.statistics import plain_number

__all__ = ["FORMAT", "JsonLinesSink", "read_json_lines"]

#: Version of the lines that are written.
FORMAT = 1

#: How every line begins, in every format.
_BEGINNING = b'{"format": '
#: Types of what a reader relies on.
_TYPES: dict[str, type] = {"kind": str, "epoch": int, "split": str, "output": str}


class JsonLinesSink:
    """Appends every report and every alert to a file, one JSON object a line.

    A line has been handed to the system when the call returns: what a crash leaves behind is complete, up to a line
    that was being written. The file and its directory are made at the first line. What is there already stays:
    `read_json_lines` knows which lines a resumed run has overtaken.

    Args:
        path: The file, such as `"logs/run1.jsonl"`.
        top_classes: With more than 20 classes, how many (the worst of the first report) are written, >= 0.
        clock: Seconds since the epoch.

    Raises:
        TypeError: If `path` is none.
        ValueError: If `top_classes` is not an integer >= 0.

    Example:
        >>> import tempfile
        >>> from xent_monitor.statistics import ClassStatistics
        >>> nothing = ClassStatistics.empty("multiclass", num_classes=2, num_bins=1)
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     sink = JsonLinesSink(f"{directory}/run.jsonl")
        ...     sink.write_report(EvaluationReport(3, "train", "", ("cat", "dog"), nothing), "Nothing was seen.")
        ...     sink.close()
        ...     [line] = read_json_lines(f"{directory}/run.jsonl")
        >>> line["kind"], line["epoch"], line["accuracy"], line["class_cross_entropy"]
        ('report', 3, None, {'cat': None, 'dog': None})
    """

    def __init__(
        self, path: str | os.PathLike[str], *, top_classes: int = 10, clock: Callable[[], float] = time.time
    ) -> None:
        #: The file.
        self.path = Path(path)
        self._choice = ClassChoice(top_classes)
        self._clock = clock

    def write_report(self, report: EvaluationReport, reading: str) -> None:
        """Append a report.

        Raises:
            OSError: If the line could not be written; the next one begins on a line of its own.
        """
        shown = self._choice.of(report)
        labels = class_labels(report.class_names) if shown else ()
        values = report.class_cross_entropy
        line: dict[str, Any] = {
            "epoch": report.epoch,
            "split": report.split,
            "output": report.output,
            "task": report.task,
        }
        line |= {name: plain_number(getattr(report, name)) for name in report.scalar_quantities()}
        line[CLASS_CROSS_ENTROPY] = {labels[index]: plain_number(values[index]) for index in shown}
        line["reading"] = reading
        self._append("report", [line])

    def write_alerts(self, events: Sequence[Any]) -> None:
        """Append alerts, a line each.

        Raises:
            OSError: As for `write_report`.
        """
        self._append("alert", [event.to_dict() for event in events])

    def close(self) -> None:
        """Nothing is left to do: the file is open only while lines are appended."""

    def _append(self, kind: str, objects: Sequence[dict[str, Any]]) -> None:
        head = {"format": FORMAT, "time": plain_number(self._clock()), "kind": kind}
        lines = [
            json.dumps(head | values, allow_nan=False, default=lambda value: value.item()) + "\n" for values in objects
        ]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what a buffer still holds after a failed write would be written again on closing.
        with self.path.open("a+b", buffering=0) as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    lines.insert(0, "\n")
            rest = memoryview("".join(lines).encode())
            while rest:
                rest = rest[file.write(rest) :]


def read_json_lines(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The lines of a file that a `JsonLinesSink` wrote, as they count now.

    Args:
        path: The file.

    Returns:
        The objects in the order of the file. Where a run was resumed or begun anew in the same file, the later run
        counts: what earlier ones said about its first epoch and those after it is left out. So is a line that was cut
        off when a run was killed.

    Raises:
        OSError: If the file cannot be read.
        EventFormatError: If a line is damaged, or written by a newer version.
    """
    lines: list[dict[str, Any]] = []
    seen: set[tuple[Any, ...]] = set()
    latest = -1
    for number, line in enumerate(Path(path).read_bytes().split(b"\n"), 1):
        try:
            values = _read_line(line)
        except EventFormatError as error:
            raise EventFormatError(f"{path}, line {number}: {error}") from error
        if values is None:
            continue
        if values["kind"] == "report":
            one_pass, epoch = _pass_of(values), values["epoch"]
            if values["split"] == "test":  # evaluations come at any time, and only replace each other
                if one_pass in seen:
                    lines = [one for one in lines if one["kind"] == "alert" or _pass_of(one) != one_pass]
            elif one_pass in seen or epoch < latest:
                lines = [one for one in lines if one["epoch"] < epoch]
                seen = {_pass_of(one) for one in lines if one["kind"] == "report"}
                latest = epoch
            else:
                latest = epoch
            seen.add(one_pass)
        lines.append(values)
    return lines


def _read_line(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None where it is empty, or was cut off."""
    # A file system that lost power may leave zeros where the end of a file was to come.
    line = line.strip(b"\x00 \t\r")
    if not line:
        return None
    try:
        values = json.loads(line)
    except ValueError as error:
        # Lines are written whole: what begins as one of ours and is no JSON was being written when the run was killed.
        if line[: len(_BEGINNING)] == _BEGINNING[: len(line)]:
            return None
        raise EventFormatError(f"The line is no JSON object: {error}. Remove it to read the others.") from error
    if not isinstance(values, dict) or not isinstance(values.get("format"), int):
        raise EventFormatError("The line was not written by a `JsonLinesSink`. Remove it to read the others.")
    if values["format"] > FORMAT:
        raise EventFormatError(
            f"Written in format {values['format']} by a newer xent_monitor; this one reads up to format {FORMAT}. "
            "Upgrade it: pip install --upgrade xent-monitor."
        )
    wrong = [name for name, types in _TYPES.items() if not isinstance(values.get(name), types)]
    if wrong:
        raise EventFormatError(f"The line is damaged: look at {', '.join(wrong)}. Remove it to read the others.")
    return values


def _pass_of(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["epoch"], line["split"], line["output"]
