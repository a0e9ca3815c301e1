"""Files of predictions: npz, npy, csv and parquet, with labels and probabilities or logits.

The forms are those of `docs/how-to/predictions-made-elsewhere.md`. A table (csv, parquet, structured npy) has a column
`label`, perhaps one `weight`, and a column for each class, which `prediction_tables` reads.
"""

from __future__ import annotations

import contextlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xent_monitor.cli.prediction_tables import Column, Predictions, predictions_of_columns, read_csv
from xent_monitor.errors import PredictionFileError
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import TASKS, Task

__all__ = ["read_prediction_report", "read_predictions"]

#: Names that each array of an npz file may have; of the last one `logits` says what it holds.
KEYS: Mapping[str, tuple[str, ...]] = {
    "labels": ("labels", "y_true"),
    "probabilities": ("probabilities",),
    "logits": ("logits",),
    "outputs": ("y_pred",),
    "sample_weight": ("sample_weight",),
    "class_names": ("class_names",),
    "task": ("task",),
}
#: Names that a message lists.
NAMES_SHOWN = 12


def read_predictions(path: str | os.PathLike[str], *, logits: bool = False) -> Predictions:
    r"""Labels and outputs that a file holds.

    Args:
        path: The file. Its suffix says of which form it is: `.npz`, `.npy`, `.csv` (or `.tsv`) or `.parquet`.
        logits: Whether the outputs are logits, where the file does not say it: columns of a table without a prefix
            `p:` or `logit:`, the matrix of an npy file, and `y_pred` of an npz file. Of a file with both it chooses.

    Returns:
        What the file holds. Arrays of an npz or npy file are not looked into: that is for
        `EvaluationReport.from_predictions`.

    Raises:
        OSError: If the file cannot be read.
        PredictionFileError: If it does not hold predictions: the text says where, what is there, and what is expected.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "test.csv"
        >>> _ = path.write_text("label,cat,dog\ncat,0.9,0.1\ndog,0.4,0.6\n")
        >>> found = read_predictions(path)
        >>> found.class_names, found.labels, found.probabilities[0]
        (('cat', 'dog'), array([0, 1]), array([0.9, 0.1]))
    """
    path = Path(path)
    readers: dict[str, Callable[[Path, bool], Predictions]] = {
        ".npz": _read_npz,
        ".npy": _read_npy,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise PredictionFileError(f"{path}: the name must end in {', '.join(readers)}, which says how it is read.")
    if path.stat().st_size == 0:
        raise PredictionFileError(f"{path}: the file is empty.")
    found = reader(path, logits)
    _check_first_class(path, found)
    return found


def _check_first_class(path: Path, found: Predictions) -> None:
    """Refuse class indices that count from 1: of the last class they would all be left out."""
    outputs = found.probabilities if found.logits is None else found.logits
    labels = found.labels
    if outputs is None or labels.dtype.kind not in "iuf" or not labels.size or not outputs.ndim:
        return
    one_unit = outputs.ndim == 1 or outputs.shape[-1] == 1
    if labels.shape == outputs.shape and not one_unit:
        return  # These are no indices.
    classes = 2 if one_unit else outputs.shape[-1]
    least, most = labels.min(), labels.max()
    if least >= 1 and most == classes:
        raise PredictionFileError(
            f"{path}: labels seem to count from 1: they are from {least:g} to {most:g}, and classes count from 0, here "
            f"to {classes - 1}. Subtract 1 from each label."
        )


def read_prediction_report(
    path: str | os.PathLike[str], *, logits: bool = False, task: Task | None = None
) -> EvaluationReport:
    """The report of the predictions in a file.

    Args:
        path: As for `read_predictions`.
        logits: As for `read_predictions`.
        task: What the labels are, where neither their shape nor the file says it; see
            `EvaluationReport.from_predictions`.

    Returns:
        The report.

    Raises:
        OSError: If the file cannot be read.
        PredictionFileError: If it does not hold predictions, or they do not fit together.
    """
    found = read_predictions(path, logits=logits)
    try:
        return EvaluationReport.from_predictions(
            found.labels,
            probabilities=found.probabilities,
            logits=found.logits,
            sample_weight=found.sample_weight,
            class_names=found.class_names,
            task=found.task if task is None else task,
        )
    except (TypeError, ValueError) as error:
        raise PredictionFileError(f"{path}: {error}") from error


# Arrays


@contextlib.contextmanager
def _no_array_file(path: Path, kind: str) -> Iterator[None]:
    """Whatever NumPy finds wrong with a file is one error."""
    try:
        yield
    except PredictionFileError:
        raise
    except (ValueError, EOFError, KeyError, SyntaxError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        objects = "allow_pickle" in str(error)
        reason = "it holds Python objects, or something else that is no array" if objects else str(error)
        raise PredictionFileError(
            f"{path}: cannot be read as an {kind} file of numbers and strings: {reason}."
        ) from error


def _read_npz(path: Path, logits: bool) -> Predictions:
    # Opened here: `np.load` leaves a file open that turns out to be damaged.
    with path.open("rb") as file, _no_array_file(path, "npz"):
        archive = np.load(file, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise PredictionFileError(f"{path}: is a single array, as an npy file holds; its name must end in .npy.")
        found = {meaning: _one_of(path, names, archive) for meaning, names in KEYS.items()}
        present = archive.files
    if found["labels"] is None:
        raise PredictionFileError(f"{path}: has no array `labels`. It has: {_listed(present)}.")
    kind, outputs = _outputs(path, found, logits, present)
    names = _class_names(path, found["class_names"])
    return Predictions(
        labels=found["labels"],
        probabilities=outputs if kind == "probabilities" else None,
        logits=outputs if kind == "logits" else None,
        sample_weight=found["sample_weight"],
        class_names=names,
        task=_task(path, found["task"]),
        named=names,
        says_kind=found[kind] is not None,
    )


def _one_of(path: Path, names: tuple[str, ...], archive: Any) -> NDArray[Any] | None:
    there = [name for name in names if name in archive.files]
    if len(there) > 1:
        raise PredictionFileError(f"{path}: must have one of the arrays {', '.join(there)}, not both.")
    return archive[there[0]] if there else None


def _outputs(
    path: Path, found: Mapping[str, NDArray[Any] | None], logits: bool, present: list[str]
) -> tuple[str, NDArray[Any]]:
    """The outputs, and whether they are probabilities or logits."""
    wanted, other = ("logits", "probabilities") if logits else ("probabilities", "logits")
    for name in (wanted, "outputs") if logits else (wanted, "logits", "outputs"):
        outputs = found[name]
        if outputs is not None:
            return (wanted if name == "outputs" else name), outputs
    if found[other] is not None:
        raise PredictionFileError(f"{path}: has `{other}` and no `{wanted}`, though logits are asked for.")
    raise PredictionFileError(f"{path}: has neither `probabilities` nor `logits`. It has: {_listed(present)}.")


def _class_names(path: Path, names: NDArray[Any] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    if names.ndim != 1 or names.dtype.kind not in "USiu":
        raise PredictionFileError(
            f"{path}: `class_names` must be a list of strings. Found: shape {names.shape}, dtype {names.dtype}."
        )
    return tuple(name.decode() if isinstance(name, bytes) else str(name) for name in names.tolist())


def _task(path: Path, given: NDArray[Any] | None) -> Task | None:
    if given is None:
        return None
    found = next((task for task in TASKS if given.shape == () and str(given) == task), None)
    if found is None:
        raise PredictionFileError(f"{path}: `task` must be one of {', '.join(TASKS)}. Found: {given!r}.")
    return found


def _read_npy(path: Path, logits: bool) -> Predictions:
    with _no_array_file(path, "npy"):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray):
        array.close()
        raise PredictionFileError(f"{path}: is an archive of arrays; its name must end in .npz.")
    if array.dtype.names is not None:
        if array.ndim != 1:
            raise PredictionFileError(f"{path}: a structured array must have one axis. Found: shape {array.shape}.")
        return predictions_of_columns(path, [Column(name, array[name]) for name in array.dtype.names], logits)
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "fiu":
        raise PredictionFileError(
            f"{path}: must be a matrix of numbers, in each row the label and then a number for each class, or a "
            f"structured array. Found: shape {array.shape}, dtype {array.dtype}."
        )
    labels = np.asarray(array[:, 0])
    fraction = np.isfinite(labels) & (labels != np.floor(labels))
    if fraction.any():
        row = int(fraction.argmax())
        raise PredictionFileError(
            f"{path}: the first column must hold labels, class indices from 0. Found: {labels[row]} in row {row} "
            "(from 0)."
        )
    outputs = array[:, 1:] if array.dtype.kind == "f" else array[:, 1:].astype(np.float64)
    outputs = outputs[:, 0] if outputs.shape[1] == 1 else outputs
    return Predictions(labels, None if logits else outputs, outputs if logits else None)


# Tables


def _read_parquet(path: Path, logits: bool) -> Predictions:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise PredictionFileError(
            f"{path}: reading Parquet needs pyarrow: pip install 'xent-monitor[parquet]'"
        ) from error
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise PredictionFileError(f"{path}: cannot be read as a Parquet file: {error}") from error
    columns = [
        Column(name, column.to_numpy(), int(column.is_null().to_numpy().argmax()) if column.null_count else None)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return predictions_of_columns(path, columns, logits)


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:NAMES_SHOWN])
    more = "" if len(names) <= NAMES_SHOWN else f", ... ({len(names)} in all)"
    return f"{shown}{more}" if names else "nothing"
