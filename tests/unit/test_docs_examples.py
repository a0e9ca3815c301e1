"""Every Python block of the README and the documentation runs, one after the other within a page.

A page runs in a directory of its own. Blocks of TOML that begin with the name of a file (`# alerts.toml`) are written
there before the Python block that follows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Runs word for word in `tests/e2e/test_tutorial.py`: it trains two models.
TUTORIAL = ROOT / "docs" / "tutorial" / "first-monitor.md"
PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path != TUTORIAL]

#: A block, with the comment on the line above it that exempts it: `<!-- not run: why -->`.
BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
FILE = re.compile(r"^```toml\n(?P<text># (?P<name>\w+\.toml)\n.*?)^```$", re.MULTILINE | re.DOTALL)


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


def files(text):
    """Line, name and text of the files that a page shows."""
    return [(text[: found.start()].count("\n") + 1, found["name"], found["text"]) for found in FILE.finditer(text)]


def run_page(text, name):
    """Run the blocks of a page in one namespace; line numbers in errors are those of the page."""
    namespace = {"__name__": "__docs__"}
    shown = files(text)
    for block in blocks(text):
        while shown and shown[0][0] < block.line:
            _, file, content = shown.pop(0)
            Path(file).write_text(content, encoding="utf-8")
        if block.reason is None:
            source = "\n" * (block.line - 1) + block.code
            exec(compile(source, name, "exec"), namespace)  # the page is ours


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in PAGES])
def test_blocks_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
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


def test_a_file_is_there_for_the_blocks_that_follow_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (
        "```python\nfrom pathlib import Path\nassert not Path('a.toml').exists()\n```\n"
        "```toml\n# a.toml\nx = 1\n```\n"
        "```python\nassert Path('a.toml').read_text() == '# a.toml\\nx = 1\\n'\n```\n"
    )

    run_page(page, "page.md")
    assert len(blocks(page)) == 2
