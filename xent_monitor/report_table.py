"""A report as a small HTML table, for notebooks: its key numbers, and its worst classes.

It takes plain values and knows no report, so that `xent_monitor.report` can import it.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from xent_monitor.statistics import Floats, Integers

__all__ = ["html_table", "html_text", "report_table"]

#: Classes that are shown at most, and letters of their names.
CLASSES, LETTERS = 8, 40


def report_table(
    title: str,
    numbers: Mapping[str, float],
    class_names: Sequence[str],
    columns: Mapping[str, Floats | Integers],
) -> str:
    """Two tables in HTML: numbers by name, and classes, those with the highest first column first.

    Args:
        title: What it is of; plain text.
        numbers: Numbers by name.
        class_names: One for each class; plain text.
        columns: Numbers of each class by name, of shape `(num_classes,)`; the first is what classes are sorted by.

    Returns:
        A `<div>`. All text is escaped; numbers have four digits, and are `-` where undefined.

    Example:
        >>> text = report_table("epoch 3", {"accuracy": 0.5}, ["cat", "<b>"], {"loss": np.array([0.25, 2.0])})
        >>> "<td>0.5</td>" in text, text.index("&lt;b&gt;") < text.index("cat")
        (True, True)
    """
    values = next(iter(columns.values()))
    order = np.argsort(-np.nan_to_num(np.asarray(values, np.float64), nan=-np.inf), kind="stable")[:CLASSES]
    rows = [[_name(class_names[k]), *(_number(column[k]) for column in columns.values())] for k in order]
    left_out = len(class_names) - len(rows)
    more = f"<p>and {left_out} more</p>" if left_out else ""
    return (
        f"<div><p><b>{html_text(title)}</b></p>"
        f"{html_table(list(numbers), [[_number(value) for value in numbers.values()]])}"
        f"{html_table(['', *columns], rows, names=True)}{more}</div>"
    )


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, names: bool = False) -> str:
    """A table in HTML.

    Args:
        header: Names of the columns; plain text.
        rows: Cells, which are HTML.
        names: Whether the first column is of names.
    """
    head = "".join(f'<th scope="col">{html_text(name)}</th>' for name in header)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row" style="text-align: left">{cell}</th>' if names and index == 0 else f"<td>{cell}</td>"
            for index, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _number(value: float) -> str:
    if np.isnan(value):
        return "-"
    return str(int(value)) if isinstance(value, int | np.integer) else f"{value:.4g}"


def _name(name: str) -> str:
    text = name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"
    return html_text(text) or "(blank)"


def html_text(text: str) -> str:
    """Text that a page shows as it is; what is no letter, as a half of a surrogate pair, would break its encoding."""
    kept = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return html.escape(" ".join(kept.split()))
