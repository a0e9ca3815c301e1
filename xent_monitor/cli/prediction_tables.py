"""Tables of predictions: a column `label`, perhaps one `weight`, and a column for each class."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from xent_monitor.errors import PredictionFileError
from xent_monitor.statistics import Floats, Integers, Task

__all__ = ["Column", "Predictions", "predictions_of_columns", "read_csv"]

#: Columns with a meaning of their own.
LABEL, WEIGHT = "label", "weight"
#: Beginnings of the names of class columns that say what they hold; others are class columns where none has one.
PREFIXES = {"probabilities": "p:", "logits": "logit:"}
#: What may stand between the fields of a line.
DELIMITERS = (",", ";", "\t")
#: Lines of a file that are converted together.
BLOCK_LINES = 10_000
#: Names that a message lists.
NAMES_SHOWN = 12

#: What pandas calls a column without a name.
UNNAMED = re.compile(r"Unnamed: \d+")
#: A class index as text.
INDEX = re.compile(r"[+-]?\d+(?:\.0*)?")


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """What a file of predictions holds; arguments of `EvaluationReport.from_predictions`."""

    #: Class indices, shape `(n,)`, or what else the arrays of the file hold.
    labels: NDArray[Any]
    #: Shape `(n, num_classes)`, of one class `(n,)`; None where the file holds logits.
    probabilities: NDArray[Any] | None
    #: The same; None where the file holds probabilities.
    logits: NDArray[Any] | None
    #: Shape `(n,)`, or None.
    sample_weight: NDArray[Any] | None = None
    #: Names of the classes, or None where the file does not say them.
    class_names: tuple[str, ...] | None = None
    #: What the labels are, or None where the file does not say it.
    task: Task | None = None
    #: Names of the classes that stand in the file; None in place of one that does not, and for `class_names` that are
    #: made up.
    named: tuple[str | None, ...] | None = None
    #: Whether the file itself says if the outputs are probabilities or logits.
    says_kind: bool = False


class Column(NamedTuple):
    """A column of a table."""

    name: str
    values: NDArray[Any]
    #: First row without a value, from 0; None where there is none.
    missing: int | None = None


class _Plan(NamedTuple):
    """What the columns of a table are, by their places."""

    label: int
    weight: int | None
    classes: list[int]
    names: tuple[str, ...]
    logits: bool
    says_kind: bool


class _Labels(NamedTuple):
    """The labels of a table as text."""

    #: Each label that occurs, once.
    texts: list[str]
    #: Which of them each row has. Shape `(n,)`.
    codes: Integers


def predictions_of_columns(path: Path, columns: Sequence[Column], logits: bool) -> Predictions:
    """The predictions in a table that was read as columns.

    Args:
        path: The file, for messages.
        columns: Its columns, in order.
        logits: Whether class columns without a prefix hold logits.

    Raises:
        PredictionFileError: If a column is not there, or does not hold what it should.
    """
    plan = _plan(path, [column.name for column in columns], logits)
    if not len(columns[plan.label].values):
        raise PredictionFileError(f"{path}: has no rows.")
    for place in (plan.label, *plan.classes, *([] if plan.weight is None else [plan.weight])):
        if columns[place].missing is not None:
            _refuse(path, _row(columns[place].missing or 0), columns[place].name, "must not be empty.")
    outputs = np.column_stack([_numbers(path, columns[place]) for place in plan.classes])
    weight = None if plan.weight is None else _numbers(path, columns[plan.weight])
    return _predictions(path, plan, _encoded(path, columns[plan.label]), outputs, weight, _row)


def read_csv(path: Path, logits: bool) -> Predictions:
    """The predictions in a file of lines with fields between commas, semicolons or tabs, the first the names.

    Args:
        path: The file, in UTF-8.
        logits: Whether class columns without a prefix hold logits.

    Raises:
        OSError: If the file cannot be read.
        PredictionFileError: If it does not hold predictions.
    """
    lines: list[int] = []
    codes: dict[str, int] = {}
    labels: list[int] = []
    numbers: list[Floats] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=_delimiter(first))
            header = [name.strip() for name in next(reader, [])]
            plan = _plan(path, header, logits)
            columns = [*plan.classes, *([] if plan.weight is None else [plan.weight])]
            for block_lines, rows in _blocks(path, reader, len(header)):
                lines += block_lines
                labels += [codes.setdefault(row[plan.label].strip(), len(codes)) for row in rows]
                numbers.append(_block_numbers(path, header, columns, block_lines, rows))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PredictionFileError(f"{path}: cannot be read as a CSV file in UTF-8: {error}.") from error
    if not labels:
        raise PredictionFileError(f"{path}: has no rows below its header.")
    table = np.concatenate(numbers)
    found = _Labels(list(codes), np.array(labels, np.int64))
    weight = None if plan.weight is None else table[:, -1]
    return _predictions(path, plan, found, table[:, : len(plan.classes)], weight, lambda row: f"line {lines[row]}")


# What the columns are


def _plan(path: Path, names: Sequence[str], logits: bool) -> _Plan:
    twice = next((name for place, name in enumerate(names) if name and name in names[:place]), None)
    if twice is not None:
        raise PredictionFileError(f"{path}: has more than one column {twice!r}.")
    if LABEL not in names:
        raise PredictionFileError(
            f"{path}: has no column `{LABEL}`. Expected are the columns `{LABEL}`, perhaps `{WEIGHT}`, and one for "
            f"each class, and in a CSV file their names in its first line. Found: {_listed(names)}."
        )
    marked = {
        kind: [place for place, name in enumerate(names) if name.startswith(prefix)]
        for kind, prefix in PREFIXES.items()
    }
    wanted, other = ("logits", "probabilities") if logits else ("probabilities", "logits")
    kind = wanted if marked[wanted] or not marked[other] else other
    classes = marked[kind]
    says_kind = bool(classes)
    if logits and kind != wanted:
        raise PredictionFileError(f"{path}: has columns `{PREFIXES[kind]}` only, though logits are asked for.")
    if classes:
        class_names = [names[place].removeprefix(PREFIXES[kind]) for place in classes]
    else:
        classes = [place for place, name in enumerate(names) if name not in (LABEL, WEIGHT)]
        class_names = [names[place] for place in classes]
    _check_names(path, class_names, classes)
    if not classes:
        raise PredictionFileError(f"{path}: has no column of a class. Found: {_listed(names)}.")
    weight = names.index(WEIGHT) if WEIGHT in names else None
    return _Plan(names.index(LABEL), weight, classes, tuple(class_names), kind == "logits", says_kind)


def _check_names(path: Path, class_names: Sequence[str], places: Sequence[int]) -> None:
    for name, place in zip(class_names, places, strict=True):
        if not name or UNNAMED.fullmatch(name):
            raise PredictionFileError(
                f"{path}: column {place + 1} has no name, though it would be that of a class. Is it the index, written "
                "by pandas? Use to_csv(index=False)."
            )


def _predictions(
    path: Path, plan: _Plan, labels: _Labels, outputs: NDArray[Any], weight: Floats | None, place: Callable[[int], str]
) -> Predictions:
    def refuse(text: str, problem: str) -> NoReturn:
        row = int((labels.codes == labels.texts.index(text)).argmax())
        _refuse(path, place(row), LABEL, f"{problem} Found: {text!r}.")

    single = len(plan.names) == 1
    read = _binary_labels if single else _class_labels
    indices, class_names = read(labels.texts, plan.names, refuse)
    named: tuple[str | None, ...] | None = None if class_names == _counted(len(class_names)) else class_names
    if single and class_names[0] not in labels.texts:
        named = (None, class_names[1])
    outputs = outputs[:, 0] if single else outputs
    return Predictions(
        labels=np.array(indices, np.int64)[labels.codes],
        probabilities=None if plan.logits else outputs,
        logits=outputs if plan.logits else None,
        sample_weight=weight,
        class_names=class_names,
        named=named,
        says_kind=plan.says_kind,
    )


def _class_labels(
    texts: Sequence[str], names: tuple[str, ...], refuse: Callable[[str, str], NoReturn]
) -> tuple[list[int], tuple[str, ...]]:
    """Class index of each text: that of the class which it names, else the index which it is."""
    index = {name: k for k, name in enumerate(names)}
    counted = names == _counted(len(names))
    # Where names are numbers and not those of the places, 1 is the class named 1, and no index.
    by_index = counted or (not any(map(INDEX.fullmatch, names)) and not any(text in index for text in texts))
    for text in texts:
        if not (INDEX.fullmatch(text) if by_index else text in index):
            counting = " or, all labels alike, their index from 0" if by_index else ""
            refuse(text, f"must be one of the classes {_listed(names)}{counting}.")
    return [int(float(text)) if by_index else index[text] for text in texts], names


def _counted(number: int) -> tuple[str, ...]:
    """Names of columns that have none: their places."""
    return tuple(map(str, range(number)))


def _binary_labels(
    texts: Sequence[str], names: tuple[str, ...], refuse: Callable[[str, str], NoReturn]
) -> tuple[list[int], tuple[str, ...]]:
    """1 for the class of the only column, 0 for the other one: as numbers, or by two names."""
    (positive,) = names
    others = [text for text in texts if text != positive]
    if all(map(INDEX.fullmatch, texts)):
        return [int(float(text)) for text in texts], (f"not {positive}", positive)
    if len(others) > 1 or "" in others:
        refuse(
            "" if "" in others else others[1],
            f"must be 0 or 1, or one of two names: {positive!r} and, of what it is not, one other.",
        )
    return [int(text == positive) for text in texts], (others[0] if others else f"not {positive}", positive)


# Cells


def _encoded(path: Path, column: Column) -> _Labels:
    """Labels of any type as text."""
    values = column.values
    if values.dtype.kind in "fiub":
        kinds, codes = np.unique(values, return_inverse=True)
        return _Labels([str(int(one)) if np.isfinite(one) and one == int(one) else str(one) for one in kinds], codes)
    texts: dict[str, int] = {}
    found = [texts.setdefault(_text(path, row, one), len(texts)) for row, one in enumerate(values.tolist())]
    return _Labels(list(texts), np.array(found, np.int64))


def _text(path: Path, row: int, value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if not isinstance(value, str):
        _refuse(path, _row(row), LABEL, f"must be a number or a name. Found: {value!r}.")
    return str(value).strip()


def _numbers(path: Path, column: Column) -> NDArray[Any]:
    if column.values.dtype.kind not in "fiu" or column.values.ndim != 1:
        raise PredictionFileError(
            f"{path}: column {column.name!r} must hold numbers. Found: dtype {column.values.dtype}. Give the columns "
            f"of classes the prefix `{PREFIXES['probabilities']}` or `{PREFIXES['logits']}` if there are others."
        )
    return column.values if column.values.dtype.kind == "f" else column.values.astype(np.float64)


def _delimiter(header: str) -> str:
    """What parts the fields of the header: that which leaves a field with the name of the labels."""
    for delimiter in DELIMITERS:
        if LABEL in (name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])):
            return delimiter
    return max(DELIMITERS, key=header.count)


def _blocks(path: Path, reader: Any, width: int) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Lines and their numbers, many at a time."""
    lines: list[int] = []
    rows: list[list[str]] = []
    for row in reader:
        if not row:
            continue
        if len(row) != width:
            raise PredictionFileError(
                f"{path}: line {reader.line_num}: must have {width} fields, as the header has. Found: {len(row)}. "
                "Is the file complete?"
            )
        lines.append(reader.line_num)
        rows.append(row)
        if len(rows) == BLOCK_LINES:
            yield lines, rows
            lines, rows = [], []
    if rows:
        yield lines, rows


def _block_numbers(
    path: Path, header: Sequence[str], columns: Sequence[int], lines: Sequence[int], rows: list[list[str]]
) -> Floats:
    """Numbers in some columns. Shape `(len(rows), len(columns))`."""
    pick: Callable[[list[str]], Iterable[str]] = (
        itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
    )
    try:
        values = np.fromiter(map(float, itertools.chain.from_iterable(map(pick, rows))), float)
        # Python takes 1_5 for 15.
        clean = not any("_" in "".join(pick(row)) for row in rows)
    except ValueError:
        clean = False
    if not clean:
        _refuse_cell(path, header, columns, lines, rows)
    return values.reshape(len(rows), len(columns))


def _refuse_cell(
    path: Path, header: Sequence[str], columns: Sequence[int], lines: Sequence[int], rows: list[list[str]]
) -> NoReturn:
    """Raise the error of the first cell that is no number."""
    line, column, text = next(
        (line, column, row[column])
        for line, row in zip(lines, rows, strict=True)
        for column in columns
        if not _is_number(row[column])
    )
    _refuse(path, f"line {line}", header[column], f"must be a number. Found: {text!r}.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _refuse(path: Path, place: str, column: str, problem: str) -> NoReturn:
    raise PredictionFileError(f"{path}: {place}, column {column!r}: {problem}")


def _row(row: int) -> str:
    return f"row {row} (from 0)"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown}, ... ({len(names)} in all)"
