"""A recording, read: what a program is, its curves, and the monitor's reports."""

from __future__ import annotations

import dataclasses
import fnmatch
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xent_monitor import EvaluationReport


@dataclasses.dataclass(frozen=True)
class Recording:
    """One training of one program."""

    id: str
    #: `"faulty"` or `"healthy"`.
    kind: str
    #: `"own"` or `"other"`.
    source: str
    #: Rule ids that are right answers.
    expected: frozenset[str]
    primary: str | None
    what: str
    seed: int
    backend: str
    #: False where the monitor said that it cannot judge such a model yet.
    supported: bool
    #: What `fit` raised, or None.
    error: str | None
    #: The monitor's own warnings.
    warnings: tuple[str, ...]
    #: Range of the inputs, learning rate; None where they are not known.
    setting: dict[str, float | None]
    #: Keras' history.
    history: dict[str, list[float]]
    #: The monitor's reports, as `to_dict` wrote them.
    plain_reports: tuple[dict[str, Any], ...]

    @property
    def reports(self) -> tuple[EvaluationReport, ...]:
        """The monitor's reports, oldest first."""
        return tuple(map(EvaluationReport.from_dict, self.plain_reports))

    def epochs(self) -> Iterator[tuple[EvaluationReport, ...]]:
        """The reports of each epoch."""
        reports = self.reports
        for epoch in sorted({report.epoch for report in reports}):
            yield tuple(report for report in reports if report.epoch == epoch)

    def curve(self, name: str) -> Sequence[float]:
        """A curve of Keras' history; empty where it is not there."""
        return self.history.get(name, [])

    def without_setting(self) -> Recording:
        """The same without what is known beside the curves."""
        return dataclasses.replace(self, setting={})


def read(path: Path) -> Recording:
    """The recording in a file."""
    with gzip.open(path, "rt") as file:
        values = json.load(file)
    names = {field.name for field in dataclasses.fields(Recording)}
    return Recording(
        **{name: value for name, value in values.items() if name in names}
        | {
            "expected": frozenset(values["expected"]),
            "warnings": tuple(values["warnings"]),
            "plain_reports": tuple(values["reports"]),
        }
    )


def read_all(
    cache: Path, backend: str, patterns: Sequence[str] = ("*",), seeds: Sequence[int] | None = None
) -> Iterator[Recording]:
    """The recordings of a backend whose program matches one of the patterns, by program and seed."""
    for path in sorted((cache / backend).glob("*.json.gz")):
        program, seed = path.name.removesuffix(".json.gz").rsplit(".", 1)
        if (seeds is None or int(seed) in seeds) and any(fnmatch.fnmatch(program, pattern) for pattern in patterns):
            yield read(path)
