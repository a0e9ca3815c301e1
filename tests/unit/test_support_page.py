"""The page of what is supported is the one that the support table makes."""

from __future__ import annotations

from tests.support.case import BACKENDS, SECTIONS
from tests.support.cases import CASES
from tests.support.page import PAGE, page


def test_page_is_written_from_the_table():
    """`python -m tests.support.page` has been run since the table changed."""
    assert PAGE.read_text(encoding="utf-8") == page(list(CASES.values()))


def test_every_case_has_a_row():
    """One row for each case, with a cell for each backend."""
    rows = [line for line in page(list(CASES.values())).splitlines() if line.startswith("| ") and "---" not in line]

    assert len(rows) == len(CASES) + len(SECTIONS)
    assert {row.count("|") for row in rows} == {len(BACKENDS) + 2}


def test_reasons_are_sentences():
    """What a backend cannot do is said in a sentence."""
    for case in CASES.values():
        for reason in case.unsupported.values():
            assert reason[0].isupper() or reason.startswith("`")
            assert reason.endswith(".")
