"""The support table: every case, in the order of the page."""

from __future__ import annotations

from tests.support import loops, many_classes, precision, several_outputs, tasks, weighting
from tests.support.case import Case

__all__ = ["CASES"]

_ALL = [
    *tasks.CASES,
    *weighting.CASES,
    *several_outputs.CASES,
    *loops.CASES,
    *precision.CASES,
    *many_classes.CASES,
]

#: By name.
CASES: dict[str, Case] = {case.name: case for case in _ALL}
assert len(CASES) == len(_ALL)
