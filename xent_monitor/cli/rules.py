"""`xent-monitor rules`: list, check and test alert rules, without Keras and without a training."""

from __future__ import annotations

import argparse
import inspect
import json
import math
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_file import RuleFile, read_rule_file
from xent_monitor.alerts.rule_test_file import read_test_file
from xent_monitor.alerts.rule_tests import Outcome, run_test
from xent_monitor.cli.exits import CLEAN, FOUND, UNUSABLE
from xent_monitor.errors import RuleFileError
from xent_monitor.interpretation.wording import class_name, count, one_line

__all__ = ["add_rules"]

#: Widths between which the text adapts to the terminal.
NARROW, WIDE = 80, 120


def add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser("rules", help="list, check and test alert rules", description="Alert rules.")
    rules = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    listing = rules.add_parser(
        "list",
        help="the rules and what they mean",
        description="Lists the built-in rules; with FILE those that it puts into force, and its own.",
    )
    listing.add_argument("file", nargs="?", metavar="FILE", help="a TOML file of rules")
    listing.add_argument("--format", choices=("text", "json"), default="text", help="how to print them (default: text)")
    listing.set_defaults(run=_list)

    check = rules.add_parser(
        "check", help="all mistakes of a rule file", description="Reads a rule file and says all that is wrong in it."
    )
    check.add_argument("file", metavar="FILE", help="a TOML file of rules")
    check.add_argument("--classes", metavar="A,B,C", help="names of all classes: checks that those of the rules exist")
    check.set_defaults(run=_check)

    test = rules.add_parser(
        "test",
        help="unit tests of rules",
        description="Runs tests of rules: series of values, and the alerts that must follow from them.",
    )
    test.add_argument("files", nargs="+", metavar="FILE", help="a TOML file of tests")
    test.set_defaults(run=_test)


def _width() -> int:
    return min(max(shutil.get_terminal_size((WIDE, 24)).columns, NARROW), WIDE)


def _complain(errors: Sequence[str]) -> None:
    """Mistakes on the standard error: one a line, wrapped where someone reads along."""
    for error in errors:
        lines = [error]
        if sys.stderr.isatty():
            lines = textwrap.wrap(
                error, _width(), subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
            )
        print(*lines, sep="\n", file=sys.stderr)


# xent-monitor rules list


def _list(arguments: argparse.Namespace) -> int:
    builtin = default_rules()
    # To read rules takes no secrets: their actions are left out.
    file = read_rule_file(arguments.file, builtin=builtin, environment=None) if arguments.file else None
    in_force = file.builtin if file else builtin
    if arguments.format == "json":
        rules = [_as_json(rule, "built-in") for rule in in_force]
        rules += [_as_json(rule, arguments.file) for rule in (file.own if file else ())]
        print(json.dumps(rules, indent=2, ensure_ascii=False))
        return CLEAN
    sections = [] if file is None else [f"Rules of {one_line(file.path)}", *_listing(file.own), ""]
    sections += ["Built-in rules", *_listing(in_force)]
    off = [rule.name for rule in builtin if rule.name not in {kept.name for kept in in_force}]
    if off:
        sections += ["", f"Switched off: {', '.join(off)}."]
    print("\n".join(sections))
    return CLEAN


def _as_json(rule: AlertRule, origin: str) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "severity": rule.severity,
        "splits": list(rule.splits),
        "output": rule.output,
        "meaning": meaning(rule),
        "from": origin,
        "for": rule.for_,
        "keep_firing_for": rule.keep_firing_for,
        "after": rule.after,
        "min_support": rule.min_support,
    }


def _listing(rules: Sequence[AlertRule]) -> list[str]:
    if not rules:
        return ["none"]
    rows = [["rule", "severity", "split", "meaning"]]
    rows += [[rule.name, rule.severity, ", ".join(rule.splits), meaning(rule)] for rule in rules]
    return list(_columns(rows, _width()))


def meaning(rule: AlertRule) -> str:
    """What a rule looks for, in a line: of a diagnosis the first line of its docstring.

    Example:
        >>> meaning(AlertRule(name="bad", quantity="class_cross_entropy", class_name="cat", above=1.5, for_=3))
        'class_cross_entropy of class cat is above 1.5, 3 evaluations in a row'
        >>> meaning(AlertRule(name="worse", quantity="accuracy", below=-0.1, relative_to="best"))
        'accuracy is more than 0.1 below its best so far'
        >>> meaning(AlertRule(name="jump", quantity="cross_entropy", rises_by=0.2, over=2, output="kind"))
        'cross_entropy of output kind has risen by 0.2 or more over 2 evaluations'
    """
    if rule.diagnosis is not None:
        lines = (inspect.getdoc(rule.diagnosis) or "").split("\n")
        return one_line(lines[0]).rstrip(".")
    condition = rule.threshold
    which = {"any": "any class", "all": "all classes"}.get(rule.class_name or "any", "")
    which = which or f"class {class_name(rule.class_name or '')}"
    parts = [condition.quantity]
    parts += [f"of {which}"] if condition.of_classes else []
    parts += [f"of output {class_name(rule.output)}"] if rule.output else []
    text = " ".join([*parts, _relation(rule)])
    return f"{text}, {rule.for_} evaluations in a row" if rule.for_ > 1 else text


def _relation(rule: AlertRule) -> str:
    """How the value and the threshold stand when the rule holds."""
    condition = rule.threshold
    size = f"{abs(condition.bound):g}"
    if condition.kind in ("rises_by", "falls_by"):
        verb = "risen" if condition.kind == "rises_by" else "fallen"
        return f"has {verb} by {size} or more over {count(condition.over, 'evaluation')}"
    if condition.relative_to == "prior_entropy":
        return f"is {condition.kind} {condition.bound:g} times the prior entropy"
    if condition.relative_to is None:
        return f"is {condition.kind} {condition.bound:g}"
    than = "its best so far" if condition.relative_to == "best" else "the evaluation before"
    return f"is more than {size} {condition.kind} {than}"


# xent-monitor rules check


def _check(arguments: argparse.Namespace) -> int:
    builtin = default_rules()
    try:
        file = read_rule_file(arguments.file, builtin=builtin)
        if arguments.classes is not None:
            _check_classes(file, [name.strip() for name in arguments.classes.split(",")])
    except RuleFileError as error:
        _complain(error.errors)
        print(f"{count(len(error.errors), 'mistake')} in {arguments.file}.", file=sys.stderr)
        return UNUSABLE
    own = ", ".join(rule.name for rule in file.own)
    actions = ", ".join(file.actions)
    print(
        f"{file.path}: {count(len(file.own), 'rule')}{f' ({own})' if own else ''}, "
        f"{len(file.builtin)} of {count(len(builtin), 'built-in rule')}, "
        f"{count(len(file.actions), 'action')}{f' ({actions})' if actions else ''}. All is well."
    )
    if arguments.classes is None and _names_classes(file.rules):
        print("Names of classes were not checked: give them with --classes.")
    return CLEAN


def _names_classes(rules: Sequence[AlertRule]) -> bool:
    return any(rule.class_name not in (None, "any", "all") for rule in rules)


def _check_classes(file: RuleFile, names: Sequence[str]) -> None:
    try:
        AlertEngine(file.rules).check(names)
    except ValueError as error:
        lines = str(error).replace("`class_name`", "`class`").replace("class_name=", "class = ").splitlines()
        raise RuleFileError([f"{file.path}: {line}" for line in lines]) from None


# xent-monitor rules test


def _test(arguments: argparse.Namespace) -> int:
    builtin = default_rules()
    failed: list[tuple[str, Outcome]] = []
    passed, wrong = 0, 0
    for path in arguments.files:
        try:
            file = read_test_file(path, builtin=builtin)
        except RuleFileError as error:
            print(f"{path} E")
            sys.stdout.flush()
            _complain(error.errors)
            wrong += 1
            continue
        outcomes = [run_test(test, file.rules) for test in file.tests]
        print(path, "".join("." if outcome.passed else "F" for outcome in outcomes))
        failed += [(path, outcome) for outcome in outcomes if not outcome.passed]
        passed += sum(outcome.passed for outcome in outcomes)
    for path, outcome in failed:
        print("\n".join(["", f"FAILED {path}: {one_line(outcome.test.name)}", "", *_report(outcome)]))
    parts = [f"{len(failed)} failed"] if failed else []
    parts += [f"{passed} passed"] if passed or not (failed or wrong) else []
    parts += [f"{count(wrong, 'file')} with mistakes"] if wrong else []
    print(f"\n{', '.join(parts)}")
    return UNUSABLE if wrong else FOUND if failed else CLEAN


def _report(outcome: Outcome) -> Iterator[str]:
    """What was expected beside what came, and how the states of the rules went."""
    comparisons = outcome.comparisons
    rows = [["epoch", "rule", "split", "expected", "got", "class"]]
    for line in comparisons:
        expected = "-" if line.verdict == "unexpected" else line.state
        got = "-" if line.verdict == "missing" else line.state
        shown = "-" if line.class_name is None else class_name(line.class_name)
        rows.append([str(line.epoch), line.rule, line.split, expected, got, shown])
    if comparisons:
        yield from _indented(rows)
        yield ""
    for failure in outcome.failures:
        yield f"  The rule raised {one_line(failure)}"
    differing = {line.rule for line in comparisons if line.verdict != "as expected"}
    traces = [trace for trace in outcome.traces if trace.rule in differing]
    if traces:
        header = ["rule", "split", "states by epoch (i inactive, p pending, f firing, . not evaluated)"]
        yield from _indented([header, *([trace.rule, trace.split, trace.letters] for trace in traces)])


def _indented(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    return (f"  {line}" for line in _columns(rows, math.inf))


def _columns(rows: Sequence[Sequence[str]], width: float) -> Iterator[str]:
    """Lines of text in columns, the last of which is wrapped."""
    sizes = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    indent = sum(sizes) + 2 * len(sizes)
    for row in rows:
        head = "".join(f"{cell:<{size}}  " for cell, size in zip(row, sizes, strict=False))
        room = width - indent
        lines = textwrap.wrap(row[-1], max(int(room), 20), break_on_hyphens=False) if math.isfinite(room) else [row[-1]]
        yield (head + (lines[0] if lines else "")).rstrip()
        yield from (" " * indent + line for line in lines[1:])
