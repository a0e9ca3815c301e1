"""A run as Markdown, for a pull request (CommonMark with the tables of GitHub)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from xent_monitor.documents.run import Run
from xent_monitor.documents.sections import Section, sections
from xent_monitor.interpretation.wording import count, one_line

__all__ = ["escape", "markdown"]

#: Classes, mistakes and alerts that are listed at most.
CLASSES, MISTAKES, ALERTS = 10, 5, 20

#: What means something to Markdown, or is an entity or mathematics on GitHub.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$&])")
#: What GitHub makes a mention, a link to an issue, or a link of.
_LINKS = re.compile(r"(@|#|:(?=//)|www(?=\.))")
#: Breaks such a link, and cannot be seen.
_JOINER = "\N{WORD JOINER}"


def markdown(run: Run) -> str:
    """The run in Markdown: headline, reading, key numbers, worst classes and mistakes, and alerts.

    Args:
        run: The run.

    Returns:
        Text with a line break at its end. Names are escaped, so that they neither break a table nor mention anybody.
    """
    parts = [f"# {escape(run.title) or 'Run'}"]
    found = sections(run.reports, classes=CLASSES, mistakes=MISTAKES)
    if not found:
        parts.append("There are no reports.")
    for section in found:
        parts += _section(section)
    parts += _alerts(run)
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    r"""Text on one line that Markdown shows as it is.

    >>> escape("a|b <i>")
    'a\\|b \\<i\\>'
    """
    return _LINKS.sub(rf"\1{_JOINER}", _SPECIAL.sub(r"\\\1", one_line(text)))


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.answers.headline)}"
    yield f"*{escape(section.place)}*"
    yield escape(section.answers.reading)
    splits = list(section.beside)
    change = [] if section.before is None else [f"change since epoch {section.before.epoch}"]
    yield _table(
        ["", *splits, *change],
        [
            [
                f"{row.number.name}{', ' + row.number.unit if row.number.unit else ''}",
                *(row.values[split] for split in splits),
                *([row.change] if change else []),
            ]
            for row in section.numbers
        ],
    )
    if not section.report.num_examples:
        return
    names = section.classes.header[0]
    kinds = "labels" if names == "label" else "classes"
    rest = section.classes.left_out
    yield f"### {'Worst' if rest else 'All'} {kinds}"
    yield _table(
        section.classes.header, [[escape(name), *(cell.text for cell in cells)] for name, cells in section.classes.rows]
    )
    if rest:
        yield f"... and {count(rest, 'other', 'others')}."
    yield "### Worst mistakes"
    yield escape(section.answers.mistakes)
    if section.mistakes:
        yield _table(
            section.mistake_header,
            [[escape(row.first), escape(row.second), row.examples, row.share] for row in section.mistakes],
            names=2,
        )


def _alerts(run: Run) -> Iterator[str]:
    yield "## Alerts"
    if not run.alerts:
        yield "No alert has fired."
        return
    yield f"{run.standing[1]}."
    table = [
        [alert.severity, escape(alert.rule), escape(alert.subject), alert.epochs, escape(alert.message)]
        for alert in run.alerts[:ALERTS]
    ]
    yield _table(["severity", "rule", "where", "when", "what it says"], table, names=5)
    if len(run.alerts) > ALERTS:
        yield f"... and {count(len(run.alerts) - ALERTS, 'other', 'others')}."


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], names: int = 1) -> str:
    """A table whose first columns are names; cells are escaped already."""
    rule = ["---" if index < names else "---:" for index in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, rule, *rows])
