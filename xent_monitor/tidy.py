"""Reports as a tidy table: one number a row, with the epoch, split, output, class and quantity that it is of.

Tidy data: each variable a column, each observation a row (Wickham, 2014, Journal of Statistical Software 59).
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xent_monitor.report import EvaluationReport

__all__ = ["COLUMNS", "Series", "check_quantities", "columns", "series"]

#: How alike a name is to the one that was meant; at the usual 0.6 every `class_...` is like every other.
ALIKE = 0.8
#: Columns of the table, in order.
COLUMNS = ("epoch", "split", "output", "class", "quantity", "value")


class Series(NamedTuple):
    """The rows of one report and quantity."""

    quantity: str
    #: Names of the classes that the values are of, by row; None where there is one value, of all.
    class_names: tuple[str, ...] | None
    #: The values; integers where the quantity counts. Shape `(num_classes,)`, or `(1,)`.
    values: NDArray[Any]


def check_quantities(names: Iterable[str]) -> None:
    """Refuse names that are no quantity of a report.

    Raises:
        ValueError: If there is one; it says which was meant, if one is close, and lists what is available.

    Example:
        >>> check_quantities(["accuracy", "class_loss"])
    """
    known = EvaluationReport.quantities()
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1, cutoff=ALIKE)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(f"Unknown quantity {name!r}.{meant} Available: {', '.join(known)}.")


def series(report: EvaluationReport, quantities: Sequence[str] | None = None) -> Iterator[Series]:
    """The rows of one report, quantity by quantity.

    Args:
        report: The report. What is computed here is not kept in it, so that many can be gone through in little memory.
        quantities: Names of the quantities, in the order of the rows; None for all: those of one number first, then
            those of each class, both in the order of `xent_monitor.derived`.

    Raises:
        ValueError: If one of them is unknown.
    """
    scalars = EvaluationReport.scalar_quantities()
    if quantities is None:
        quantities = (*scalars, *EvaluationReport.class_quantities())
    check_quantities(quantities)
    # A report keeps every quantity once it was asked for; a copy takes them with it.
    fresh = dataclasses.replace(report)
    for name in dict.fromkeys(quantities):
        yield Series(name, None if name in scalars else fresh.class_names, np.atleast_1d(getattr(fresh, name)))


def columns(reports: Iterable[EvaluationReport], quantities: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """All rows of reports, as the columns of a table.

    Args:
        reports: The reports, in the order of the rows.
        quantities: As for `series`.

    Returns:
        One array for each of `COLUMNS`, all of one length. `epoch`: int64. `split`, `output`, `class` and `quantity`:
        object, of `str`; `class` is None where the quantity is one number. `value`: float64, NaN where undefined;
        counts are exact up to 2^53.

    Raises:
        ValueError: If a quantity is unknown.

    Example:
        >>> from xent_monitor.statistics import ClassStatistics
        >>> empty = ClassStatistics.empty("binary", num_classes=2, num_bins=1)
        >>> report = EvaluationReport(3, "validation", "", ("dog", "cat"), dataclasses.replace(empty, support=[4, 6]))
        >>> table = columns([report], ["num_examples", "support"])
        >>> for row in zip(*table.values()):
        ...     print(*row)
        3 validation  None num_examples 10.0
        3 validation  dog support 4.0
        3 validation  cat support 6.0
    """
    if quantities is not None:
        check_quantities(quantities)
    parts = [_block(report, quantities) for report in reports]
    types = {"epoch": np.int64, "value": np.float64}
    return {
        name: np.concatenate([np.empty(0, types.get(name, object)), *(part[index] for part in parts)])
        for index, name in enumerate(COLUMNS)
    }


def _block(report: EvaluationReport, quantities: Sequence[str] | None) -> tuple[NDArray[Any], ...]:
    """The columns of one report."""
    found = list(series(report, quantities))
    sizes = [len(one.values) for one in found]
    rows = sum(sizes)
    classes = itertools.chain.from_iterable([None] if one.class_names is None else one.class_names for one in found)
    names = np.empty(len(found), object)
    names[:] = [one.quantity for one in found]
    return (
        np.full(rows, report.epoch, np.int64),
        np.full(rows, report.split, object),
        np.full(rows, report.output, object),
        np.fromiter(classes, object, rows),
        np.repeat(names, sizes),
        np.concatenate([np.empty(0), *(one.values.astype(np.float64) for one in found)]),
    )
