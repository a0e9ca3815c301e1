"""Writes `docs/reference/support.md` from the support table: `python -m tests.support.page`."""

from __future__ import annotations

from pathlib import Path

from tests.support.case import BACKENDS, SECTIONS, Case
from tests.support.cases import CASES

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "support.md"

HEAD = """\
# What is supported

Every row below is a test that runs on each backend (`tests/e2e/test_support.py`).
It trains a tiny classifier twice, without and with the monitor, and asks that

- every array and number of the report is that of float64 NumPy, from what the trained model says afterwards:
  counts exactly, sums to {relative:g} of their value;
- the weights and the history of both trainings are equal to the last bit;
- the loss that Keras logs is that of the report.

"yes" means that this holds; "no" that Keras cannot train so on that backend, monitored or not, for the reason that the
number points to.

This page is written from the table of the tests: `python -m tests.support.page`.
"""


def page(cases: list[Case]) -> str:
    """The text of the page."""
    reasons: list[str] = []
    parts = [HEAD.format(relative=max(case.relative for case in cases))]
    for section in SECTIONS:
        rows = [_row(case, reasons) for case in cases if case.section == section]
        parts.append(
            "\n".join(
                [
                    f"## {section}\n",
                    f"| | {' | '.join(BACKENDS.values())} |",
                    "| --- |" + " --- |" * len(BACKENDS),
                    *rows,
                    "",
                ]
            )
        )
    notes = [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join([*parts, "## Why not\n", *notes, ""])


def _row(case: Case, reasons: list[str]) -> str:
    cells = []
    for backend in BACKENDS:
        word = "no" if backend in case.unsupported else "not tested"
        reason = case.unsupported.get(backend) or case.untested.get(backend)
        if reason is not None and reason not in reasons:
            reasons.append(reason)
        cells.append("yes" if reason is None else f"{word} ({reasons.index(reason) + 1})")
    return f"| {case.name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(list(CASES.values())), encoding="utf-8")
