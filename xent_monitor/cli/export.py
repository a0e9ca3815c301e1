"""`xent-monitor export`: every number of a run as a tidy table."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

from xent_monitor.cli.exits import CLEAN, UNUSABLE
from xent_monitor.cli.files import open_whole
from xent_monitor.cli.log_directory import run_path
from xent_monitor.cli.terminal import complain
from xent_monitor.report import SPLITS, EvaluationReport
from xent_monitor.statistics import plain_number
from xent_monitor.tensorboard import read_reports
from xent_monitor.tidy import COLUMNS, check_quantities, series

__all__ = ["add_export"]

EPILOG = """\
columns: epoch, split, output, class, quantity, value. The class is empty (null)
where the quantity is one number of the whole output; the value where it is
undefined, as of a class without examples.

examples:
  xent-monitor export logs/run1 > run1.csv
  xent-monitor export logs/run1 --split validation --quantities support,accuracy
  xent-monitor export logs/run1 --format parquet --output run1.parquet
  xent-monitor export logs --run run1 --json | jq '.[] | select(.class=="cat")'
"""

#: Rows of a row group of a Parquet file, about: as many as its readers advise, and few enough to hold in memory.
ROW_GROUP = 2**20

#: What a field of a CSV file must not hold without quotes (RFC 4180); blanks at its ends are lost to some readers.
QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "export",
        help="every number of a run as a table: CSV, Parquet or JSON",
        description="Writes every quantity of every pass as a tidy table: one number a row.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("log_dir", metavar="LOG_DIR", help="the `log_dir` of the monitor")
    parser.add_argument("--run", metavar="SUBDIR", dest="subdirectory", help="the run in this directory below LOG_DIR")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--format", choices=("csv", "parquet"), help="what to write (default: csv)")
    form.add_argument("--json", action="store_true", help="a JSON list instead, with an object for each row")
    parser.add_argument("--output", metavar="FILE", help="where to write it (default: the standard output)")
    parser.add_argument("--quantities", type=_names, metavar="A,B", help="only these (default: all)")
    parser.add_argument("--split", choices=SPLITS, help="only the passes of this split")
    parser.set_defaults(run=_export)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    try:
        check_quantities(names)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return names


def _export(arguments: argparse.Namespace) -> int:
    parquet = arguments.format == "parquet"
    problem = _problem_of_parquet(arguments.output) if parquet else None
    if problem:
        complain(f"xent-monitor: {problem}")
        return UNUSABLE
    reports = read_reports(run_path(arguments.log_dir, arguments.subdirectory))
    chosen = [report for report in reports if arguments.split in (None, report.split)]
    if not chosen:
        there = ", ".join(split for split in SPLITS if any(report.split == split for report in reports))
        complain(f"xent-monitor: There is no pass of split {arguments.split!r} in the run. There are: {there}.")
        return UNUSABLE
    write: Callable[[Sequence[EvaluationReport], Sequence[str] | None, BinaryIO], None]
    write = _write_json if arguments.json else _write_parquet if parquet else _write_csv
    with _standard_output() if arguments.output is None else open_whole(arguments.output) as file:
        write(chosen, arguments.quantities, file)
    if arguments.output is not None:
        complain(f"Wrote {arguments.output}.")
    return CLEAN


@contextlib.contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """The standard output for bytes: UTF-8, whatever the locale, and lines that end alike on every system."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        # A stream of text that stands in for it, as in a notebook or a test.
        held = io.BytesIO()
        yield held
        sys.stdout.write(held.getvalue().decode("utf-8", "replace"))
    else:
        yield binary
        binary.flush()


# CSV


def _write_csv(reports: Sequence[EvaluationReport], quantities: Sequence[str] | None, file: BinaryIO) -> None:
    file.write(f"{','.join(COLUMNS)}\n".encode())
    for report in reports:
        place = f"{report.epoch},{report.split},{_field(report.output) if report.output else ''}"
        fields = [_field(name) for name in report.class_names]
        for quantity, class_names, values in series(report, quantities):
            lines = [
                f"{place},{name},{quantity},{value}\n"
                for name, value in zip([""] if class_names is None else fields, _texts(values), strict=True)
            ]
            file.write("".join(lines).encode("utf-8", "replace"))


def _texts(values: Any) -> Iterable[str]:
    """Numbers as the shortest text that is read back as the same number; nothing where undefined."""
    return ["" if value != value else repr(value) for value in values.tolist()]


def _field(text: str) -> str:
    """A field of a CSV file; of no letters in quotes, since without them it is no text at all."""
    return '"' + text.replace('"', '""') + '"' if not text or QUOTED.search(text) else text


# JSON


def _write_json(reports: Sequence[EvaluationReport], quantities: Sequence[str] | None, file: BinaryIO) -> None:
    """A list with one object a line, so that it can be read as a whole, and line by line."""
    before = "[\n"
    for report in reports:
        names = [json.dumps(name, ensure_ascii=False) for name in report.class_names]
        place = json.dumps({"epoch": report.epoch, "split": report.split, "output": report.output}, ensure_ascii=False)
        for quantity, class_names, values in series(report, quantities):
            lines = [
                f'{place[:-1]}, "class": {name}, "quantity": "{quantity}", "value": {_json_number(value)}}}'
                for name, value in zip(["null"] if class_names is None else names, values.tolist(), strict=True)
            ]
            file.write((before + ",\n".join(lines)).encode("utf-8", "replace"))
            before = ",\n"
    file.write(b"\n]\n")


def _json_number(value: float) -> str:
    # `json.dumps` of each of millions of numbers takes most of the time.
    return repr(value) if math.isfinite(value) else json.dumps(plain_number(value))


# Parquet


def _problem_of_parquet(output: str | None) -> str | None:
    """Why Parquet cannot be written, and what to do; None where it can."""
    if output is None:
        return "`--format parquet` needs a file to write. Add `--output FILE`."
    if importlib.util.find_spec("pyarrow") is None:
        return (
            "`--format parquet` needs pyarrow, which is not installed. Install it with "
            "pip install 'xent-monitor[parquet]', or write CSV: --format csv."
        )
    return None


def _write_parquet(reports: Sequence[EvaluationReport], quantities: Sequence[str] | None, file: BinaryIO) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"epoch": pa.int64(), "value": pa.float64()}
    schema = pa.schema([pa.field(name, types.get(name, pa.string())) for name in COLUMNS])
    with pq.ParquetWriter(file, schema) as writer:
        held: list[Any] = []
        for report in reports:
            held.append(_batch(report, quantities, schema))
            if sum(batch.num_rows for batch in held) >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(held))
                held = []
        if held:
            writer.write_table(pa.Table.from_batches(held))


def _batch(report: EvaluationReport, quantities: Sequence[str] | None, schema: Any) -> Any:
    """The rows of one report as Arrow keeps them; a name that is repeated is encoded once."""
    import pyarrow as pa

    found = list(series(report, quantities))
    sizes = [len(one.values) for one in found]
    rows = sum(sizes)

    def repeated(index: Any, names: Sequence[str]) -> Any:
        return pa.DictionaryArray.from_arrays(pa.array(index, mask=index < 0), names).dictionary_decode()

    zeros = np.zeros(rows, np.int32)
    classes = [np.full(1, -1) if one.class_names is None else np.arange(report.num_classes) for one in found]
    values = np.concatenate([one.values.astype(np.float64) for one in found])
    names = [name.encode("utf-8", "replace").decode() for name in report.class_names]
    return pa.record_batch(
        [
            pa.array(np.full(rows, report.epoch, np.int64)),
            repeated(zeros, [report.split]),
            repeated(zeros, [report.output]),
            repeated(np.concatenate(classes).astype(np.int32), names),
            repeated(np.repeat(np.arange(len(found), dtype=np.int32), sizes), [one.quantity for one in found]),
            pa.array(values, mask=np.isnan(values)),
        ],
        schema=schema,
    )
