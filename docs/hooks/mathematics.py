"""Formulas of pages and docstrings as MathML, which browsers draw by themselves: no script, no font, no network.

Pages write `$...$` and `$$...$$`, docstrings the `.. math::` and `:math:` of reStructuredText. `pymdownx.arithmatex`
marks what is a formula; this hook of MkDocs brings docstrings to that form before, and converts what was marked after.
"""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert
from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from mkdocs.exceptions import PluginError

__all__ = ["DocstringFormulas", "mathml", "on_config", "on_page_content", "to_dollars"]

#: `.. math:: formula`, with what is indented below it.
DIRECTIVE = re.compile(r"^(?P<indent> *)\.\. math::(?P<formula>.*(?:\n(?P=indent) +\S.*)*)", re.MULTILINE)
ROLE = re.compile(r":math:`(?P<formula>[^`]+)`")

#: What arithmatex marks, inline and displayed.
MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<formula>.*?)\\[)\]]</(?P=tag)>',
    re.DOTALL,
)

#: Commands that latex2mathml leaves as they are, with the same in words that it knows.
UNKNOWN = {r"\arg\min": r"\operatorname{arg min}", r"\arg\max": r"\operatorname{arg max}"}


def to_dollars(text: str) -> str:
    """The formulas of a docstring in the form that pages have."""
    text = DIRECTIVE.sub(lambda found: _block(found["indent"], " ".join(found["formula"].split())), text)
    return ROLE.sub(lambda found: f"${found['formula']}$", text)


def _block(indent: str, formula: str) -> str:
    return "\n".join(["", f"{indent}$$", f"{indent}{formula}", f"{indent}$$", ""])


def mathml(formula: str, *, display: str) -> str:
    """A LaTeX formula as a `math` element.

    Raises:
        PluginError: If it holds a command that is not known.
    """
    source = formula.strip()
    for command, known in UNKNOWN.items():
        source = source.replace(command, known)
    try:
        element = convert(source, display=display)
    except Exception as error:
        raise PluginError(f"The formula cannot be converted to MathML: {formula}") from error
    if "\\" in element:
        raise PluginError(f"The formula has a command that latex2mathml does not know: {formula}")
    return element


class DocstringFormulas(Extension):
    """`.. math::` and `:math:` as formulas of arithmatex."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # the name that Markdown calls
        """Register what does it."""
        # After fenced code (25) is put aside, so that code keeps what it says.
        md.preprocessors.register(_Formulas(md), "docstring-formulas", 22)


class _Formulas(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return to_dollars("\n".join(lines)).split("\n")


def on_config(config: Any) -> Any:
    """Let pages and docstrings be read with the extension."""
    config.markdown_extensions.append(DocstringFormulas())
    return config


def on_page_content(content: str, **_: Any) -> str:
    """Convert every formula of a page, those of docstrings included."""

    def convert_marked(found: re.Match[str]) -> str:
        display = "block" if found["tag"] == "div" else "inline"
        return mathml(html.unescape(found["formula"]), display=display)

    return MARKED.sub(convert_marked, content)
