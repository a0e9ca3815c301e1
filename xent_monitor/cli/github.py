r"""What `check` tells GitHub Actions: annotations of the job, and its summary in Markdown.

Sources: the workflow commands of GitHub Actions, with the escapes of `@actions/core` (`command.ts`); and what GitHub
shows of one step at most: 10 annotations of each level, 1 MiB of summary.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Literal

from xent_monitor.alerts.changes import Change
from xent_monitor.alerts.episodes import Episode, grouped
from xent_monitor.cli.findings import LISTED_CHANGES, LISTED_EACH, QUANTITY_WORDS, Findings, where
from xent_monitor.cli.terminal import complain
from xent_monitor.interpretation.wording import class_name, count, decimal, one_line
from xent_monitor.tensorboard.summaries import markdown

__all__ = ["annotation", "append_summary", "signed", "summary", "workflow_commands"]

Level = Literal["error", "warning", "notice"]

#: What an alert is to GitHub that does not fail the check.
LEVELS: Mapping[str, Level] = {"critical": "warning", "warning": "warning", "info": "notice"}

#: The file that a job's summary is appended to, and how long it may get.
SUMMARY_VARIABLE, SUMMARY_BYTES = "GITHUB_STEP_SUMMARY", 1_000_000


def annotation(level: Level, title: str, message: str) -> str:
    r"""A workflow command that shows a message beside the job.

    Example:
        >>> annotation("error", "no-skill, epoch 3: bad", "50 % of these\nare wrong, as ever: look.")
        '::error title=no-skill%2C epoch 3%3A bad::50 %25 of these%0Aare wrong, as ever: look.'
    """
    return f"::{level} title={_data(title).replace(':', '%3A').replace(',', '%2C')}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_commands(found: Findings) -> Iterator[str]:
    """The workflow commands: alerts, the gravest first, then changes against the baseline, then the verdict.

    What fails the check is an error. Of many classes of one rule the first few are told, and how many more there are.
    """
    for group in grouped(found.alerts):
        yield from (_of_alert(found, alert) for alert in group[:LISTED_EACH])
        rest = group[LISTED_EACH:]
        if rest:
            message = f"... and {count(len(rest), 'alert')} more of this rule."
            yield annotation(_level(found, rest[0]), f"{rest[0].fired.rule}, {rest[0].fired.split}", message)
    yield from _of_changes(found)
    yield annotation("error" if found.exit_code else "notice", "xent-monitor check", found.verdict)


def _level(found: Findings, alert: Episode) -> Level:
    if found.fails(alert):
        return "error"
    return LEVELS[alert.fired.severity] if alert.resolved is None else "notice"


def _of_alert(found: Findings, alert: Episode) -> str:
    event = alert.fired
    title = f"[{event.severity}] {event.rule}, {alert.subject}, {alert.epochs}"
    return annotation(_level(found, alert), one_line(title), one_line(event.message))


def _of_changes(found: Findings) -> Iterator[str]:
    if found.comparison is None:
        return
    worse, better = found.comparison.having("worse"), found.comparison.having("better")
    for one in worse[:LISTED_EACH]:
        yield annotation("error", _title(one), _sentence(one))
    if len(worse) > LISTED_EACH:
        yield annotation("error", "Worse than the baseline", f"... and {len(worse) - LISTED_EACH} changes more.")
    if better:
        yield annotation("notice", "Better than the baseline", " ".join(_sentence(one) for one in better[:LISTED_EACH]))
    for note in found.comparison.notes:
        yield annotation("warning", "The baseline", one_line(note))


def _title(one: Change) -> str:
    return f"Worse than the baseline: {_subject(one)}"


def _subject(one: Change) -> str:
    of = "" if one.class_name is None else f" of {class_name(one.class_name)}"
    return one_line(f"{QUANTITY_WORDS[one.quantity]}{of}, {where(one.split, one.output)}")


def _sentence(one: Change) -> str:
    before, after, limit = (decimal(value, 3) for value in (one.before, one.after, one.limit))
    return f"{_subject(one)}: {before} in the baseline, {after} now; a change of more than {limit} counts."


# The summary of the job


def summary(found: Findings) -> str:
    """The findings as Markdown: run and verdict, alerts, and what is different from the baseline."""
    lines = ["## xent-monitor check", "", _asked(found), "", f"**{found.verdict}**", ""]
    lines += _alert_lines(found)
    if found.comparison is not None:
        changes = [one for one in found.comparison.changes if one.class_name is None]
        for verdict in ("worse", "better"):
            having = [one for one in found.comparison.having(verdict) if one.class_name is not None]
            changes += having[:LISTED_CHANGES]
        lines += ["| pass | class | quantity | before | after | change | limit | |"]
        lines += ["|---|---|---|--:|--:|--:|--:|---|"]
        lines += [_change_line(one) for one in changes]
        lines += [""] + [f"> {markdown(one_line(note))}\n" for note in found.comparison.notes]
    return "\n".join(lines) + "\n"


def _asked(found: Findings) -> str:
    """What was judged by what, in a sentence."""
    run, rules = markdown(one_line(found.log_dir)), markdown(found.rules_from)
    against = "" if found.baseline is None else f", against the baseline {markdown(one_line(found.baseline))}"
    return f"Run {run}, judged by {rules}{against}."


def _alert_lines(found: Findings) -> Iterator[str]:
    if not found.alerts:
        return
    yield "| severity | rule | pass | epochs | message |"
    yield "|---|---|---|---|---|"
    for group in grouped(found.alerts):
        for alert in group[:LISTED_EACH]:
            event = alert.fired
            cells = [event.severity, event.rule, alert.subject, alert.epochs, event.message]
            yield f"| {' | '.join(markdown(one_line(cell)) for cell in cells)} |"
        if len(group) > LISTED_EACH:
            yield f"| | | | | ... and {count(len(group) - LISTED_EACH, 'alert')} more of this rule |"
    yield ""


def _change_line(one: Change) -> str:
    numbers = [decimal(one.before, 3), decimal(one.after, 3), signed(one.change), decimal(one.limit, 3)]
    name = "(all)" if one.class_name is None else one_line(one.class_name)
    verdict = "" if one.verdict == "same" else one.verdict
    cells = [markdown(where(one.split, one.output)), markdown(name), QUANTITY_WORDS[one.quantity], *numbers, verdict]
    return f"| {' | '.join(cells)} |"


def signed(change: float) -> str:
    """A change as the tables write it, with its sign.

    Example:
        >>> signed(0.25), signed(-0.25), signed(0.0)
        ('+0.250', '-0.250', '0.000')
    """
    return f"{'+' if change > 0 else ''}{decimal(change, 3)}"


def append_summary(found: Findings) -> None:
    """Append the summary to the file that `GITHUB_STEP_SUMMARY` names; without it, do nothing.

    A summary that cannot be written is said, and does not change the outcome.
    """
    path = os.environ.get(SUMMARY_VARIABLE)
    if not path:
        return
    text = summary(found).encode("utf-8", "replace")[:SUMMARY_BYTES]
    try:
        with open(path, "ab") as file:
            file.write(text)
    except OSError as error:
        complain(f"xent-monitor: could not append the summary to {SUMMARY_VARIABLE}: {error}.")
