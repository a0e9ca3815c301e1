"""What a monitor shows in a notebook: itself in short, its reports as a data frame, and a picture of the training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xent_monitor import plots, tidy
from xent_monitor.documents.sections import Section, sections
from xent_monitor.errors import XentMonitorError
from xent_monitor.report import EvaluationReport
from xent_monitor.report_table import html_table, html_text

__all__ = ["NotebookViews"]

#: Classes that are shown at most, and key numbers.
CLASSES, NUMBERS = 8, 6


class NotebookViews:
    """The views of `XentMonitor` for notebooks. They need nothing but its reports."""

    #: The reports so far, oldest first.
    reports: list[EvaluationReport]

    def to_dataframe(self, quantities: Sequence[str] | None = None) -> Any:
        """The reports as a tidy table: one number a row.

        Args:
            quantities: Names of the quantities (`EvaluationReport.quantities()`); None for all of them.

        Returns:
            A `pandas.DataFrame` with the columns `epoch`, `split`, `output`, `class` (None where the quantity is one
            number), `quantity` and `value` (NaN where undefined).

        Raises:
            ValueError: If a quantity is unknown.
            XentMonitorError: If pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise XentMonitorError(
                "A data frame needs pandas. Install it: pip install 'xent-monitor[dataframe]'"
            ) from error
        return pandas.DataFrame(tidy.columns(self.reports, quantities))

    def plot(self, output: str | None = None, *, dark: bool = False) -> Any:
        """Loss and accuracy, the worst classes, reliability and confidences, in one picture.

        Args:
            output: Name of the output; None where there is one only.
            dark: Whether the ground is dark.

        Returns:
            A `matplotlib.figure.Figure` of its own, which Jupyter shows; `savefig` writes it to a file.

        Raises:
            ValueError: If there is no such output, or there are several and none is named.
            XentMonitorError: If matplotlib is not installed.
        """
        if output is not None and {report.output for report in self.reports} == {""}:
            raise ValueError(
                f"`output` must be the name of an output. Received: output={output!r}. "
                "The model has one output: leave `output` out."
            )
        return plots.overview(self.reports, output, dark=dark)

    def _repr_html_(self) -> str:
        """What Jupyter shows: headline, reading, key numbers and worst classes of the last passes."""
        found = sections(self.reports, classes=CLASSES, mistakes=0)
        if not found:
            return "<p>No pass has been monitored yet.</p>"
        return "".join(f"<div>{_section(section)}</div>" for section in found)


def _section(section: Section) -> str:
    splits = list(section.beside)
    numbers = [
        [f"{row.number.name}, {row.number.unit}".rstrip(", "), *(row.values[split] for split in splits), row.change]
        for row in section.numbers[:NUMBERS]
    ]
    since = "" if section.before is None else f"since epoch {section.before.epoch}"
    text = (
        f"<p>{_text(section.place)}<br><b>{_text(section.answers.headline)}</b></p>"
        f'<p style="max-width: 90ch">{_text(section.answers.reading)}</p>{_table(["", *splits, since], numbers)}'
    )
    if not section.report.num_examples:
        return text
    classes = [[name, *(cell.text for cell in cells)] for name, cells in section.classes.rows]
    left_out = section.classes.left_out
    return text + _table(section.classes.header, classes) + (f"<p>and {left_out} more</p>" if left_out else "")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is of names."""
    return html_table(header, [[_text(cell) for cell in row] for row in rows], names=True)


def _text(text: str) -> str:
    # A percent sign stays with its number.
    return html_text(text).replace(" %", "\N{NO-BREAK SPACE}%")
