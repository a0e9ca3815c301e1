"""What Griffe, which reads the sources for the reference, cannot know of our docstrings."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import griffe

__all__ = ["Docstrings"]

#: Kinds of `functools.cached_property` (`xent_monitor.quantity`): what they decorate is a property.
QUANTITIES = {"ClassQuantity", "ScalarQuantity"}
#: Google's style allows both words; Griffe reads doctests below the second alone.
EXAMPLE = re.compile(r"^( *)Example:$", re.MULTILINE)


#: What the comment above a field says of it, as Sphinx reads it.
COMMENT = re.compile(r" *#: ?(.*)")


class Docstrings(griffe.Extension):
    """Shows quantities and fields as attributes with what is said of them, and doctests as code."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Give the section of examples the name that Griffe knows."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(r"\1Examples:", obj.docstring.value)

    def on_attribute_instance(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Take the `#:` comment above a field for its docstring."""
        comment = _comment_above(attr)
        if comment and not attr.docstring:
            attr.docstring = griffe.Docstring(comment, lineno=attr.lineno, parent=attr)

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        """Replace the functions below a decorator of quantities."""
        for name, member in list(cls.members.items()):
            if isinstance(member, griffe.Function) and _decorators(member) & QUANTITIES:
                cls.set_member(name, _attribute(member))


def _comment_above(attribute: griffe.Attribute) -> str:
    if attribute.lineno is None or not isinstance(attribute.filepath, Path):
        return ""
    lines: list[str] = []
    for line in reversed(_lines(attribute.filepath)[: attribute.lineno - 1]):
        found = COMMENT.fullmatch(line)
        if found is None:
            break
        lines.insert(0, found[1])
    return "\n".join(lines)


@functools.cache
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines())


def _decorators(function: griffe.Function) -> set[str]:
    return {str(decorator.value) for decorator in function.decorators}


def _attribute(function: griffe.Function) -> griffe.Attribute:
    attribute = griffe.Attribute(
        function.name,
        lineno=function.lineno,
        endlineno=function.endlineno,
        annotation=function.returns,
        docstring=function.docstring,
    )
    attribute.labels |= {"cached", "property"}
    return attribute
