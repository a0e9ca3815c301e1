"""The parameters of a request, and what is said where they are wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from xent_monitor.report import EvaluationReport, Split
from xent_monitor.tensorboard.listing import Listing, Run
from xent_monitor.tensorboard.provided import Passes

__all__ = ["Parameters", "Refused"]


class Refused(Exception):  # noqa: N818  # it is an answer, not a failure of the server
    """A request that is answered with a status other than 200.

    Args:
        status: Of HTTP: 400 for a parameter that is wrong, 404 for what there is not, 422 for what cannot be read.
        message: What was expected, and what came, in one line.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Parameters:
    """The parameters of a request, by their meaning. Each method raises `Refused` where there is no such thing.

    Args:
        values: Text by name.
    """

    def __init__(self, values: Any) -> None:
        self._values = values

    def run(self, listing: Listing) -> Run:
        """The run and output that are asked for."""
        name, output = self._text("run"), self._values.get("output", "")
        run = listing.runs.get((name, output))
        if run is not None:
            return run
        for problem in listing.problems:
            if problem.run == name:
                raise Refused(422, problem.message)
        outputs = [other for of, other in listing.runs if of == name]
        if outputs:
            raise Refused(
                404, f"`output` must be one of run {_short(name)}: {_listed(outputs)}. Received: {_short(output)}."
            )
        names = list(dict.fromkeys(of for of, _ in listing.runs))
        raise Refused(
            404, f"`run` must be a run with reports of xent_monitor: {_listed(names)}. Received: {_short(name)}."
        )

    def split(self, passes: Passes) -> Split:
        """The split that is asked for."""
        name = self._text("split")
        for split in passes:
            if split == name:
                return split
        raise Refused(404, f"`split` must be one that the run has: {_listed(list(passes))}. Received: {_short(name)}.")

    def reports(self, reports: Sequence[EvaluationReport]) -> list[EvaluationReport]:
        """Those of the reports of a split, oldest first, that are at or before the epoch asked for; at least one."""
        epoch = self._integer("epoch")
        found = [report for report in reports if report.epoch <= epoch]
        if not found:
            first = reports[0]
            raise Refused(
                404, f"`epoch` must be at least {first.epoch}, the first of {first.split}. Received: {epoch}."
            )
        return found

    def class_index(self, run: Run, name: str = "class") -> int:
        """The index of a class."""
        index = self._integer(name)
        count = len(run.class_names)
        if not 0 <= index < count:
            raise Refused(404, f"`{name}` must be the index of a class, 0 to {count - 1}. Received: {index}.")
        return index

    def class_index_or_none(self, run: Run) -> int | None:
        """The index of a class, or None where none was given."""
        return self.class_index(run) if "class" in self._values else None

    def _text(self, name: str) -> str:
        if name not in self._values:
            raise Refused(400, f"The parameter `{name}` is missing. Received: {_listed(list(self._values))}.")
        text: str = self._values[name]
        return text

    def _integer(self, name: str) -> int:
        text = self._text(name)
        if not re.fullmatch("-?[0-9]{1,18}", text):
            raise Refused(400, f"`{name}` must be an integer. Received: {_short(text)}.")
        return int(text)


def _listed(names: list[str], most: int = 10) -> str:
    shown = ", ".join(_short(name) for name in names[:most]) or "none"
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _short(text: str, most: int = 100) -> str:
    """The text in quotes, on one line."""
    return repr(text if len(text) <= most else f"{text[:most]}...")
