"""Tests of what the commands print at 80 columns, whole: `python -m tests.golden` writes the texts anew."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.text import Text

from tests import golden
from xent_monitor.cli import terminal


@pytest.mark.parametrize("name", golden.CASES)
def test_printed_text_is_that_of_the_file(name):
    assert golden.printed(name) == (golden.FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_file_is_of_a_case():
    assert sorted(path.stem for path in golden.FOLDER.iterdir()) == sorted(golden.CASES)


@pytest.mark.parametrize("name", [name for name in golden.CASES if "colours" not in name])
def test_printed_text_has_80_columns_and_no_trailing_blanks(name):
    lines = golden.printed(name).splitlines()

    assert max(map(cell_len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.fixture
def columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def rows_of(table):
    return terminal.render(table).splitlines()


def test_long_names_push_spare_columns_out(columns):
    header, numbers = ["class", *"abcde"], ["1" * 11] * 5
    spare = ["d", "b"]

    short = rows_of(terminal.table(header, [["cat", *numbers]], spare=spare))
    longer = rows_of(terminal.table(header, [["x" * 16, *numbers]], spare=spare))
    longest = rows_of(terminal.table(header, [["x" * 99, *numbers]], spare=spare))

    assert short[0].split() == header
    assert longer[0].split() == ["class", "a", "b", "c", "e"]
    assert "x" * 16 in longer[2]
    assert longest[0].split() == ["class", "a", "b", "c", "e"]
    assert longest[2].split()[0] == "x" * 18 + "…" + "x" * 9


def test_short_names_leave_their_room_to_long_ones(columns):
    line = rows_of(terminal.table(["true", "taken for", "n"], [["cat", "y" * 99, "3"]], names=2))[2]

    assert line.split() == ["cat", "y" * 47 + "…" + "y" * 23, "3"]
    assert cell_len(line) == 80


def test_blanks_at_the_end_of_a_number_keep_their_room(columns):
    lines = rows_of(terminal.table(["name", "a wide header", "n"], [["x", "1.5 ±0.2", "1"], ["y", "2.5     ", "2"]]))

    assert [line.index(".5") for line in lines[2:]] == [len("name       1")] * 2
    assert len({cell_len(line) for line in lines}) == 1


def test_names_are_taken_as_they_are(columns):
    names = ["[bold]x[/bold]", ":smile:", "猫 犬", "", "a\tb\nc", "\x1b[31mred", Text("[own]", style="red")]
    lines = rows_of(terminal.table(["name", "n"], [[name, "1"] for name in names]))

    assert [line.rsplit(maxsplit=1)[0].rstrip() for line in lines[2:]] == [
        "[bold]x[/bold]",
        ":smile:",
        "猫 犬",
        '""',
        "a b c",
        "[31mred",
        "[own]",
    ]
    assert len({cell_len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("northern goldfinch", 18, "northern goldfinch"),
        ("northern goldfinch", 17, "northern go…finch"),
        ("猫猫猫猫猫", 6, "猫猫…"),
        ("x" * 10**6, 5, "xxx…x"),
        ("ab", 1, "…"),
    ],
)
def test_cut(text, size, expected):
    assert terminal.cut(text, size) == expected


def test_colours_are_for_terminals(columns, monkeypatch):
    class Stream(io.StringIO):
        encoding = "utf-8"

    class Terminal(Stream):
        def isatty(self):
            return True

    for variable in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = []
    for stream, no_colour in ((Stream(), ""), (Terminal(), ""), (Terminal(), "1")):
        monkeypatch.setenv("NO_COLOR", no_colour)
        monkeypatch.setattr("sys.stdout", stream)
        terminal.show(Text("warning", style="red"))
        shown.append(stream.getvalue())

    assert shown == ["warning\n", "\x1b[31mwarning\x1b[0m\n", "warning\n"]


def test_what_goes_into_a_file_has_no_colours_where_they_are_forced(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert terminal.render(terminal.heading("Title")) == "Title\n=====\n"
