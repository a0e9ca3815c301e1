"""Every Python block of the README and the documentation runs, one after the other within a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.is_file()]

#: A block, with the comment on the line above it that exempts it: `<!-- not run: why -->`.
BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """A code block of a page."""

    line: int
    code: str
    reason: str | None


def blocks(text):
    return [
        Block(text[: found.start("code")].count("\n") + 1, found["code"], found["reason"])
        for found in BLOCK.finditer(text)
    ]


def run_page(text, name):
    """Run the blocks of a page in one namespace; line numbers in errors are those of the page."""
    namespace = {"__name__": "__docs__"}
    for block in blocks(text):
        if block.reason is None:
            source = "\n" * (block.line - 1) + block.code
            exec(compile(source, name, "exec"), namespace)  # the page is ours


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in PAGES])
def test_blocks_run(path):
    text = path.read_text(encoding="utf-8")

    run_page(text, str(path))
    assert len(blocks(text)) == text.count("\n```python\n") + text.startswith("```python\n")


def test_a_block_that_fails_is_found_at_its_line():
    with pytest.raises(AssertionError) as caught:
        run_page("one\n\n```python\nassert False\n```\n", "page.md")

    assert caught.traceback[-1].lineno + 1 == 4


def test_an_exempted_block_is_not_run():
    page = "<!-- not run: no model here -->\n```python\nmodel.fit()\n```\n\n```python\nx = 1\n```\n"

    run_page(page, "page.md")
    assert [block.reason for block in blocks(page)] == ["no model here", None]


def test_blocks_of_a_page_share_their_names():
    run_page("```python\nx = 1\n```\n\n```python\nassert x == 1\n```\n", "page.md")
