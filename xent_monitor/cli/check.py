"""`xent-monitor check`: a gate for CI. Rules over a recorded run, and the run against a baseline."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator

from rich.console import RenderableType

from xent_monitor.alerts.baseline import PASSES, BaselineComparison, compare
from xent_monitor.alerts.builtin import default_rules, limits
from xent_monitor.alerts.changes import Change, Pair, Verdict
from xent_monitor.alerts.episodes import episodes
from xent_monitor.alerts.fields import SEVERITIES
from xent_monitor.alerts.replay import replay
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_file import read_rule_file
from xent_monitor.cli.alert_list import alert_list
from xent_monitor.cli.exits import CLEAN
from xent_monitor.cli.findings import LISTED_CHANGES, QUANTITY_WORDS, Findings, where
from xent_monitor.cli.github import append_summary, signed, workflow_commands
from xent_monitor.cli.log_directory import baseline_path, run_path
from xent_monitor.cli.terminal import complain, heading, paragraph, show, table
from xent_monitor.errors import RuleFileError, XentMonitorError
from xent_monitor.interpretation.wording import count, decimal, one_line
from xent_monitor.report import EvaluationReport
from xent_monitor.tensorboard import read_reports

__all__ = ["add_check"]

#: How a table shows what is worse and better; in this order.
STYLES: dict[Verdict, str] = {"worse": "red", "better": "green"}

DESCRIPTION = """\
Judges a recorded run by alert rules, as the monitor does while it trains. Fails
where an alert of the given severity or above fired in any epoch; with --at-end
one that was resolved before the end does not count.

With --baseline it fails, too, where the run is worse than the baseline, over
all examples or for a class: beyond noise, and by more than the tolerance.
"""

EPILOG = """\
examples:
  xent-monitor check logs/run1
  xent-monitor check logs/run1 --rules alerts.toml --fail-on critical
  xent-monitor check logs/run1 --baseline logs/main --format github
  xent-monitor check logs --run run1 --json | jq .verdict

exit codes: 0 nothing was found, 1 something was found, 2 wrong use, or a run or
a rule file that cannot be read.
"""


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "check",
        help="a gate for CI: alert rules over a run, and what is worse than in a baseline",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("log_dir", metavar="LOG_DIR", help="the `log_dir` of the monitor")
    parser.add_argument("--run", metavar="SUBDIR", dest="subdirectory", help="the run in this directory below LOG_DIR")
    parser.add_argument("--rules", metavar="FILE", help="a TOML file of rules (default: the built-in ones)")
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, default="warning", help="the least severity that fails (default: warning)"
    )
    parser.add_argument("--at-end", action="store_true", help="forgive alerts that were resolved before the end")
    parser.add_argument("--baseline", metavar="LOG_DIR", help="the `log_dir` of the run to compare with")
    parser.add_argument(
        "--at",
        choices=PASSES,
        default="last",
        help="compare the last validation passes, or those with the lowest cross-entropy (default: last)",
    )
    parser.add_argument(
        "--tolerance",
        type=_share,
        metavar="SHARE",
        default=limits.MATERIAL,
        help="a change of this share or less is not worth a word: of the prior entropy for cross-entropies, of the "
        f"decisions for accuracy and recall; 0.02 or 2%% (default: {limits.MATERIAL:g})",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--format", choices=("text", "json", "github"), help="how to print it (default: text)")
    form.add_argument("--json", action="store_true", help="the same as --format json")
    parser.set_defaults(run=_check)


def _share(text: str) -> float:
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (1 if number == text.strip() else 100)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be a share, from 0 to 1 or from 0% to 100%. Received: {text!r}.")
    return share


def _check(arguments: argparse.Namespace) -> int:
    builtin = default_rules()
    # To judge by rules takes no secrets: their actions are left out, and never run.
    file = read_rule_file(arguments.rules, builtin=builtin, environment=None) if arguments.rules else None
    path = run_path(arguments.log_dir, arguments.subdirectory)
    reports = read_reports(path)
    rules = builtin if file is None else file.rules
    _check_outputs(rules, reports, arguments.rules)
    try:
        replayed = replay(rules, reports)
    except ValueError as error:
        raise _of_rule_file(error, arguments.rules) from None
    found = Findings(
        log_dir=str(path),
        rules_from="the built-in rules" if file is None else one_line(file.path),
        fail_on=arguments.fail_on,
        at_end=arguments.at_end,
        alerts=tuple(episodes(replayed.events)),
        idle=replayed.idle,
        failures=replayed.failures,
        baseline=arguments.baseline,
        comparison=_compared(arguments, reports),
    )
    arguments.exit_code = found.exit_code
    if arguments.json or arguments.format == "json":
        print(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    elif arguments.format == "github":
        print("\n".join(workflow_commands(found)))
        append_summary(found)
    else:
        show(*_sections(found))
    for name, fault in replayed.failures.items():
        complain(f"xent-monitor: rule {name} could not judge the run: {type(fault).__name__}: {one_line(str(fault))}.")
    return found.exit_code


def _compared(arguments: argparse.Namespace, reports: list[EvaluationReport]) -> BaselineComparison | None:
    if arguments.baseline is None:
        return None
    baseline = read_reports(baseline_path(arguments.baseline))
    try:
        return compare(reports, baseline, at=arguments.at, material=arguments.tolerance)
    except ValueError as error:
        raise XentMonitorError(f"{arguments.baseline} cannot be the baseline. {error}") from None


def _check_outputs(rules: tuple[AlertRule, ...], reports: list[EvaluationReport], path: str) -> None:
    """Refuse rules on outputs that the run does not have: they would judge nothing, and the gate be open."""
    outputs = list(dict.fromkeys(report.output for report in reports))
    wrong = [
        f"{path}: `output` of rule {rule.name!r} must be the name of an output of the run. Received: "
        f"output = {rule.output!r}. Outputs: {', '.join(map(repr, outputs))}."
        for rule in rules
        if rule.output not in (None, *outputs)
    ]
    if wrong:
        raise RuleFileError(wrong)


def _of_rule_file(error: ValueError, path: str) -> RuleFileError:
    """What the engine says of class names, in the words of the file."""
    lines = str(error).replace("`class_name`", "`class`").replace("class_name=", "class = ").splitlines()
    return RuleFileError([f"{path}: {line}" for line in lines])


# As text


def _sections(found: Findings) -> Iterator[RenderableType]:
    yield heading(f"Check of {found.log_dir}")
    yield ""
    yield paragraph(f"Judged by {found.rules_from}.{_idle(found)}")
    if found.alerts:
        yield ""
        yield from alert_list(found.alerts)
    if found.comparison is not None:
        yield ""
        yield heading(f"Against the baseline {found.baseline}", "-")
        for pair in found.comparison.passes:
            yield ""
            yield from _pair(found.comparison, pair)
        for note in found.comparison.notes:
            yield ""
            yield paragraph(note, "yellow")
    yield ""
    yield paragraph(found.verdict, "bold green" if found.exit_code == CLEAN else "bold red")


def _idle(found: Findings) -> str:
    """Which rules judged nothing, so that the gate is known to be open there."""
    return f" With nothing to judge, as the run has no such pass: {', '.join(found.idle)}." if found.idle else ""


def _pair(comparison: BaselineComparison, pair: Pair) -> Iterator[RenderableType]:
    """The changes of one pass: those over all examples, and what is worse or better of the classes."""
    report, baseline = pair
    title = where(report.split, report.output)
    yield paragraph(
        f"{title[0].upper()}{title[1:]}, epoch {report.epoch}, against epoch {baseline.epoch} of the baseline"
    )
    place = (report.split, report.output)
    of_pair = [one for one in comparison.changes if (one.split, one.output) == place]
    listed, left_out = [one for one in of_pair if one.class_name is None], {}
    for verdict in STYLES:
        having = [one for one in comparison.having(verdict) if (one.split, one.output) == place]
        by_class = [one for one in having if one.class_name is not None]
        listed += by_class[:LISTED_CHANGES]
        left_out[verdict] = len(by_class[LISTED_CHANGES:])
    if listed:
        header = ["class", "", "before", "after", "change", "limit", ""]
        styles = [STYLES.get(one.verdict, "") for one in listed]
        yield table(header, [_cells(one) for one in listed], names=2, styles=styles)
    for verdict, number in left_out.items():
        if number:
            yield f"... and {number} more that are {verdict}."
    yield paragraph(_rest(of_pair))


def _cells(one: Change) -> list[str]:
    return [
        "(all)" if one.class_name is None else one.class_name,
        QUANTITY_WORDS[one.quantity],
        decimal(one.before, 3),
        decimal(one.after, 3),
        signed(one.change),
        decimal(one.limit, 3),
        one.verdict if one.verdict != "same" else "",
    ]


def _rest(changes: list[Change]) -> str:
    """What the table does not show of the classes, in a sentence."""
    by_class = [one for one in changes if one.class_name is not None]
    same = sum(one.verdict == "same" for one in by_class)
    unknown = sum(one.verdict == "unknown" for one in by_class)
    text = f"By class {same} of {count(len(by_class), 'comparison')} are within noise, or not worth a word"
    return f"{text}; {unknown} cannot be told, for want of examples or of a value." if unknown else f"{text}."
