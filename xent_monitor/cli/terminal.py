"""How the commands write: tables, headings and colours, by rich.

Colours are for terminals alone. What goes into a file or a pipe is plain text without blanks at the ends of its lines.
Where the encoding lacks a letter of ours, as a bar or an arrow, the nearest one of ASCII stands in.
"""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from xent_monitor.interpretation.wording import one_line

__all__ = [
    "SEVERITY_STYLES",
    "WIDE",
    "complain",
    "console",
    "cut",
    "encodable",
    "heading",
    "indented",
    "paragraph",
    "render",
    "show",
    "table",
    "width",
]

#: Widths between which the text adapts to the terminal.
NARROW, WIDE = 80, 100
#: Columns that a name gets at least, however many numbers stand beside it.
LEAST_NAME = 8
#: Columns that a name should get, if it is as long: until then, columns that can be spared are left out.
FAIR_NAME = 20
#: How each severity of an alert is shown.
SEVERITY_STYLES: Mapping[str, str] = {"info": "cyan", "warning": "yellow", "critical": "bold red"}

#: What stands in for a letter that an encoding lacks.
STAND_INS: Mapping[str, str] = dict(zip("▁▂▃▄▅▆▇█↗→↘…±─·", "_.,-~+*#/-\\~~-.", strict=True))


class _Encodable:
    """A stream that takes any of our letters, whatever its encoding."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(encodable(text, self._stream.encoding))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def encodable(text: str, encoding: str | None) -> str:
    """Text as wide as before, with `STAND_INS`, or `?`, for what the encoding lacks.

    Example:
        >>> encodable("▁▃█ ↗ 1.5 ±0.2 … 猫", "ascii"), encodable("±…▁", "cp1252")
        ('_,# / 1.5 ~0.2 ~ ??', '±…_')
    """
    encoding = encoding or "utf-8"
    if _has(encoding, text):
        return text
    return "".join(
        letter if _has(encoding, letter) else STAND_INS.get(letter, "?" * cell_len(letter)) for letter in text
    )


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def width() -> int:
    """Columns to write in: those of the terminal, between `NARROW` and `WIDE`."""
    return min(max(shutil.get_terminal_size((WIDE, 24)).columns, NARROW), WIDE)


def console(stream: TextIO | None = None, **options: Any) -> Console:
    """A console of `width` columns on the standard output, or another stream, that takes text as it is."""
    file: Any = _Encodable(sys.stdout if stream is None else stream)
    settings = {"width": width(), "highlight": False, "markup": False, "emoji": False} | options
    return Console(file=file, **settings)


def show(*renderables: RenderableType) -> None:
    """Print to the standard output, one below the other."""
    out = console()
    with out.capture() as captured:
        for renderable in renderables:
            out.print(renderable)
    text = captured.get() if out.is_terminal else _without_trailing_blanks(captured.get())
    sys.stdout.write(encodable(text, sys.stdout.encoding))


def render(*renderables: RenderableType, **options: Any) -> str:
    """The same as text; plain, unless options of the console say otherwise."""
    # FORCE_COLOR is about what is shown, not about files.
    out = console(io.StringIO(), **{"force_terminal": False} | options)
    with out.capture() as captured:
        for renderable in renderables:
            out.print(renderable)
    return _without_trailing_blanks(captured.get())


def _without_trailing_blanks(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def complain(message: str) -> None:
    """Print a message to the standard error: as it is into a file, wrapped where someone reads along."""
    lines = [message]
    if sys.stderr.isatty():
        lines = textwrap.wrap(
            message, width(), subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
        )
    print(*lines, sep="\n", file=sys.stderr)


def heading(text: str, mark: str = "=") -> Text:
    """A line that is underlined, and bold in a terminal."""
    line = cut(one_line(text), width())
    return Text(f"{line}\n{mark * cell_len(line)}", style="bold")


def paragraph(text: str, style: str = "") -> Text:
    """Text that is wrapped between words; a percent sign stays with its number."""
    return indented(text, 0, 0, style=style)


def indented(text: str, first: int, others: int, *, style: str = "") -> Text:
    """Wrapped text with so many blanks before the first and before the other lines."""
    lines = textwrap.wrap(
        text.replace(" %", "\N{NO-BREAK SPACE}%"),
        width(),
        initial_indent=" " * first,
        subsequent_indent=" " * others,
        break_on_hyphens=False,
    )
    return Text("\n".join(lines).replace("\N{NO-BREAK SPACE}", " "), style=style)


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    names: int = 1,
    styles: Sequence[str] | None = None,
    *,
    spare: Sequence[str] = (),
) -> Table:
    """A table without a frame: the first `names` columns are names, cut to fit, the others numbers.

    Args:
        header: Names of the columns.
        rows: Cells of each row; names may hold anything. Blanks at the end of a number keep their room.
        names: How many columns are names.
        styles: Style of each row; None for none.
        spare: Columns of numbers that are left out, the first one first, where long names lack room.
    """
    cells = [[*(_name(cell) for cell in row[:names]), *row[names:]] for row in rows]
    sizes = [max(_width(row[i]) for row in [header, *cells]) for i in range(len(header))]
    kept = _kept_columns(header, sizes, names, spare)
    room = _room(sizes, names, kept)
    grid = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, header_style="bold", collapse_padding=True
    )
    for index in kept:
        size = min(sizes[index], room[index])
        title = Text.assemble(header[index], "\n", ("─" * size, "dim"))
        grid.add_column(title, justify="left" if index < names else "right", no_wrap=True)
    for number, row in enumerate(cells):
        shown = [_text(row[i], room[i]) if i < names else _number(row[i], sizes[i]) for i in kept]
        grid.add_row(*shown, style=None if styles is None else styles[number])
    return grid


def _kept_columns(header: Sequence[str], sizes: Sequence[int], names: int, spare: Sequence[str]) -> list[int]:
    """Columns that are shown: all, if the names have room enough."""
    kept = list(range(len(header)))
    wanted = sum(min(size, FAIR_NAME) for size in sizes[:names])
    for title in spare:
        if _free(sizes, names, kept) >= wanted:
            break
        kept = [index for index in kept if index < names or header[index] != title]
    return kept


def _free(sizes: Sequence[int], names: int, kept: Sequence[int]) -> int:
    """Columns that are left for all names together."""
    return width() - sum(sizes[i] for i in kept if i >= names) - 2 * (len(kept) - 1)


def _room(sizes: Sequence[int], names: int, kept: Sequence[int]) -> list[int]:
    """The widest that the cells of each column may be: short names leave their room to the long ones."""
    room = list(sizes)
    free, shortest_first = _free(sizes, names, kept), sorted(range(names), key=lambda index: sizes[index])
    for place, index in enumerate(shortest_first):
        room[index] = min(sizes[index], max(free // (names - place), LEAST_NAME))
        free -= room[index]
    return room


def _name(cell: str | Text) -> str | Text:
    return cell if isinstance(cell, Text) else one_line(cell) or '""'


def _text(cell: str | Text, size: int) -> Text:
    return cell if isinstance(cell, Text) else Text(cut(cell, size))


def _number(cell: str | Text, size: int) -> Text:
    if isinstance(cell, Text) or not cell.endswith(" "):
        return _text(cell, size)
    # Rich takes away the blanks at the end of what it moves to the right.
    return Text(" " * (size - cell_len(cell)) + cell, justify="left")


def _width(cell: str | Text) -> int:
    return cell_len(cell if isinstance(cell, str) else cell.plain)


def cut(text: str, size: int) -> str:
    """Text of at most `size` columns, its middle left out: names often differ at their ends.

    Example:
        >>> cut("northern goldfinch", 12)
        'northern…nch'
    """
    if cell_len(text) <= size:
        return text
    # A letter of no width may stand beside each of the others; of megabytes only the ends are looked at.
    head, tail = text[: 4 * size], text[-4 * size :]
    while cell_len(tail) > (size - 1) // 3:
        tail = tail[1:]
    while cell_len(head) + cell_len(tail) > size - 1:
        head = head[:-1]
    return f"{head}…{tail}"
