"""What a command reads of a run: which directory it is in, its reports, its alerts, and what was left out."""

from __future__ import annotations

import dataclasses
import os
import shlex
from pathlib import Path

from xent_monitor.alerts import AlertEvent, read_alerts
from xent_monitor.alerts.log import FILE_NAME
from xent_monitor.errors import EventFormatError
from xent_monitor.interpretation.wording import one_line
from xent_monitor.report import EvaluationReport
from xent_monitor.tensorboard import ReportReader, find_runs
from xent_monitor.tensorboard.metadata import EVENT_FILE_MARK, SUBDIRECTORY

__all__ = ["Log", "LogReader", "Stamp", "baseline_path", "read_log", "run_path"]

#: Runs that a message lists.
LISTED_RUNS = 10

#: What tells whether the files of a run have changed: path, device, inode, size and time of the last change of each.
Stamp = tuple[tuple[str, int, int, int, int], ...]


@dataclasses.dataclass(frozen=True)
class Log:
    """What a run has written."""

    #: Its `log_dir`.
    path: Path
    #: All reports, oldest first.
    reports: list[EvaluationReport]
    #: All transitions of its alerts, oldest first.
    alerts: list[AlertEvent]
    #: What could not be read, a sentence each, where the rest can be shown all the same.
    warnings: list[str]


class LogReader:
    """Reads a run again and again: its event files only as far as they have grown.

    Args:
        path: The `log_dir` of the run; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reports = ReportReader(path)

    def read(self) -> Log:
        """What the run has written by now.

        Raises:
            FileNotFoundError: If there are no reports.
            EventFormatError: If an event file is damaged, or written by a newer version.
        """
        reports = self._reports.read()
        warnings = [
            f"The last record of {path} is cut short: it is being written, or the training was killed. "
            "What comes before it is shown."
            for path in self._reports.cut_short
        ]
        alerts: list[AlertEvent] = []
        try:
            alerts = read_alerts(self._alert_directory)
        except FileNotFoundError:
            pass  # deleted this very moment, as where a directory is cleared
        except (OSError, EventFormatError) as error:
            warnings.append(f"The alerts are not shown: {error}")
        return Log(self.path, reports, alerts, warnings)

    def stamp(self) -> Stamp:
        """What changes whenever `read` would return something else; empty where there is nothing yet."""
        runs = self.path / SUBDIRECTORY if (self.path / SUBDIRECTORY).is_dir() else self.path
        found = []
        for path in [*sorted(runs.glob(f"*/*{EVENT_FILE_MARK}*")), self._alert_directory / FILE_NAME]:
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((str(path), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(found)

    @property
    def _alert_directory(self) -> Path:
        inside = not (self.path / SUBDIRECTORY).is_dir() and self.path.resolve().name == SUBDIRECTORY
        return self.path.resolve().parent if inside else self.path


def read_log(log_dir: str | os.PathLike[str], run: str | None = None) -> Log:
    """What a run has written; arguments and errors are those of `run_path` and `LogReader.read`."""
    return LogReader(run_path(log_dir, run)).read()


def run_path(log_dir: str | os.PathLike[str], run: str | None = None) -> Path:
    """The `log_dir` of a run.

    Args:
        log_dir: This directory, or one above it: a single run below is taken, of several `run` chooses.
        run: The directory of the run, as a path from `log_dir`; None to take what there is.

    Returns:
        A directory that a monitor has written to; `log_dir` itself where there is none, which readers then refuse with
        what is there instead.

    Raises:
        FileNotFoundError: If there is no such run, or there are several to choose from; the message lists them.
    """
    top = Path(log_dir)
    path = top / run if run else top
    if _is_run(path):
        return path
    runs = find_runs(top)
    if run and top.is_dir():
        there = f"There are: {_listed(runs)}." if runs else "There is none."
        if _is_run(top):
            there = f"{top} is itself a run: leave out --run."
        raise FileNotFoundError(f"There is no run {run!r} in {top}. {there}")
    if len(runs) > 1:
        raise FileNotFoundError(f"There are {len(runs)} runs in {top}. Choose one with --run: {_listed(runs)}.")
    return top / runs[0] if runs else top


def baseline_path(log_dir: str | os.PathLike[str]) -> Path:
    """The `log_dir` of the run to compare with, to which `--run` does not apply: otherwise as `run_path`.

    Raises:
        FileNotFoundError: If there are several to choose from; the message lists what to give instead.
    """
    top = Path(log_dir)
    runs = [] if _is_run(top) else find_runs(top)
    if len(runs) < 2:
        return run_path(top)
    paths = [str(top / run) for run in runs]
    raise FileNotFoundError(f"--baseline: there are {len(runs)} runs in {top}: give {_listed(paths, 'or')}.")


def _is_run(path: Path) -> bool:
    return (path / SUBDIRECTORY).is_dir() or (path.is_dir() and path.resolve().name == SUBDIRECTORY)


def _listed(runs: list[str], last: str = "") -> str:
    """Names as a shell takes them; before the last one a word in place of the comma."""
    names = [one_line(shlex.quote(name)) for name in runs[:LISTED_RUNS]]
    if len(runs) > LISTED_RUNS:
        return f"{', '.join(names)} {last or 'and'} {'one of ' if last else ''}{len(runs) - LISTED_RUNS} more"
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if last else ", ".join(names)
