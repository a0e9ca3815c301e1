"""The reference page defines every quantity, and nothing that is not there."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from pathlib import Path

from xent_monitor.report import EvaluationReport

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "quantities.md"


def documented():
    return re.findall(r"^### `(\w+)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def public_names():
    derived = {
        name
        for name, value in inspect.getmembers_static(EvaluationReport)
        if isinstance(value, property | functools.cached_property) and not name.startswith("_")
    }
    return (
        derived | {field.name for field in dataclasses.fields(EvaluationReport)} | {"worst_classes", "worst_confusions"}
    )


def test_every_quantity_has_an_entry():
    assert set(EvaluationReport.quantities()) - set(documented()) == set()
    assert public_names() - set(documented()) == set()


def test_every_entry_is_a_quantity_and_stands_once():
    assert set(documented()) - public_names() == set()
    assert len(documented()) == len(set(documented()))


def test_every_entry_says_something():
    text = PAGE.read_text(encoding="utf-8")

    assert re.findall(r"^### `\w+`\n+(?=#)", text, re.MULTILINE) == []
