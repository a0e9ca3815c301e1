"""How the commands write: tables, headings and colours, by rich.

Colours are for terminals alone. What goes into a file or a pipe is plain text without blanks at the ends of its lines.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from xent_monitor.interpretation.wording import one_line

__all__ = ["SEVERITY_STYLES", "complain", "console", "heading", "paragraph", "show", "table", "width"]

#: Widths between which the text adapts to the terminal.
NARROW, WIDE = 80, 100
#: Columns that a name gets at least, however many numbers stand beside it.
LEAST_NAME = 8
#: How each severity of an alert is shown.
SEVERITY_STYLES: Mapping[str, str] = {"info": "cyan", "warning": "yellow", "critical": "bold red"}


def width() -> int:
    """Columns to write in: those of the terminal, between `NARROW` and `WIDE`."""
    return min(max(shutil.get_terminal_size((WIDE, 24)).columns, NARROW), WIDE)


def console(stream: TextIO | None = None) -> Console:
    """A console of `width` columns on the standard output, or another stream, that takes text as it is."""
    return Console(
        file=sys.stdout if stream is None else stream, width=width(), highlight=False, markup=False, emoji=False
    )


def show(*renderables: RenderableType) -> None:
    """Print to the standard output, one below the other."""
    out = console()
    with out.capture() as captured:
        for renderable in renderables:
            out.print(renderable)
    text = captured.get()
    if not out.is_terminal:
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    sys.stdout.write(text)


def complain(message: str) -> None:
    """Print a message to the standard error: as it is into a file, wrapped where someone reads along."""
    lines = [message]
    if sys.stderr.isatty():
        lines = textwrap.wrap(
            message, width(), subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
        )
    print(*lines, sep="\n", file=sys.stderr)


def heading(text: str) -> Text:
    """A line that is underlined: with `=`, and bold in a terminal."""
    line = one_line(text)
    return Text(f"{line}\n{'=' * cell_len(line)}", style="bold")


def paragraph(text: str, style: str = "") -> Text:
    """Text that is wrapped between words; a percent sign stays with its number."""
    lines = textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width(), break_on_hyphens=False)
    return Text("\n".join(lines).replace("\N{NO-BREAK SPACE}", " "), style=style)


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    names: int = 1,
    styles: Sequence[str] | None = None,
) -> Table:
    """A table without a frame: the first `names` columns are names, cut to fit, the others numbers.

    Args:
        header: Names of the columns.
        rows: Cells of each row; names may hold anything.
        names: How many columns are names.
        styles: Style of each row; None for none.
    """
    cells = [[*(_name(cell) for cell in row[:names]), *row[names:]] for row in rows]
    numbers = [max(_width(row[i]) for row in [header, *cells]) for i in range(names, len(header))]
    room = max((width() - sum(numbers) - 2 * (len(header) - 1)) // max(names, 1), LEAST_NAME)
    grid = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, header_style="bold", collapse_padding=True
    )
    for index, title in enumerate(header):
        left = index < names
        grid.add_column(title, justify="left" if left else "right", no_wrap=True)
    for index, row in enumerate(cells):
        shortened = [_cut(cell, room) if i < names and isinstance(cell, str) else cell for i, cell in enumerate(row)]
        grid.add_row(*map(_text, shortened), style=None if styles is None else styles[index])
    return grid


def _name(cell: str | Text) -> str | Text:
    return cell if isinstance(cell, Text) else one_line(cell) or '""'


def _text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _width(cell: str | Text) -> int:
    return cell_len(cell if isinstance(cell, str) else cell.plain)


def _cut(text: str, size: int) -> str:
    """Text of at most `size` columns, its middle left out: names often differ at their ends."""
    if cell_len(text) <= size:
        return text
    head, tail = text, text
    while cell_len(tail) > (size - 1) // 3:
        tail = tail[1:]
    while cell_len(head) + cell_len(tail) > size - 1:
        head = head[:-1]
    return f"{head}…{tail}"
