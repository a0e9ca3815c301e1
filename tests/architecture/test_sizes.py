"""Functions fit on a screen, modules in a head. Docstrings of functions are not counted: they may be thorough."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 400


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def too_long(source: str) -> list[str]:
    """What is too long in the source of a module."""
    found = []
    num_lines = len(source.splitlines())
    if num_lines > MAX_MODULE_LINES:
        found.append(f"module: {num_lines} lines")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            num_lines = length(node) - (length(node.body[0]) if ast.get_docstring(node) else 0)
            if num_lines > MAX_FUNCTION_LINES:
                found.append(f"{node.name}: {num_lines} lines")
    return found


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.name) for path in sorted((ROOT / "xent_monitor").rglob("*.py"))],
)
def test_module_and_its_functions_are_short(path):
    assert too_long(path.read_text(encoding="utf-8")) == []


def test_what_is_too_long_is_found():
    function = 'def f():\n    """Do.\n    """\n' + "    pass\n" * MAX_FUNCTION_LINES

    assert too_long(function) == [f"f: {MAX_FUNCTION_LINES + 1} lines"]
    assert too_long("pass\n" * (MAX_MODULE_LINES + 1)) == [f"module: {MAX_MODULE_LINES + 1} lines"]
