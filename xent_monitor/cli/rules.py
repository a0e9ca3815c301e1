"""`xent-monitor rules`: list, check and test alert rules, without Keras and without a training."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.meanings import meaning
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_file import RuleFile, read_rule_file
from xent_monitor.alerts.rule_test_file import read_test_file
from xent_monitor.alerts.rule_tests import Outcome, run_test
from xent_monitor.cli.exits import CLEAN, FOUND, UNUSABLE
from xent_monitor.cli.terminal import complain, width
from xent_monitor.errors import RuleFileError
from xent_monitor.interpretation.wording import class_name, count, one_line

__all__ = ["add_rules"]


LIST_EPILOG = """\
examples:
  xent-monitor rules list
  xent-monitor rules list alerts.toml
  xent-monitor rules list --json | jq -r '.[].rule'
"""

CHECK_EPILOG = """\
examples:
  xent-monitor rules check alerts.toml
  xent-monitor rules check alerts.toml --classes cat,dog,owl

exit codes: 0 all is well, 2 the file has mistakes or cannot be read.
"""

TEST_EPILOG = """\
examples:
  xent-monitor rules test alerts_test.toml
  xent-monitor rules test tests/*.toml --json

exit codes: 0 all passed, 1 a test failed, 2 a file has mistakes or cannot be
read.
"""

EPILOG = """\
examples:
  xent-monitor rules list
  xent-monitor rules check alerts.toml
  xent-monitor rules test alerts_test.toml

A recorded run is judged by rules with `xent-monitor check`.
"""


def add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = _added(
        commands, "rules", "list, check and test alert rules", "Lists, checks and tests alert rules.", EPILOG
    )
    rules = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    listing = _added(
        rules,
        "list",
        "the rules and what they mean",
        "Lists the built-in rules; with FILE those that it puts into force, and its own.",
        LIST_EPILOG,
    )
    listing.add_argument("file", nargs="?", metavar="FILE", help="a TOML file of rules")
    listing.add_argument("--json", action="store_true", help="a JSON list, with an object for each rule")
    listing.set_defaults(run=_list)

    check = _added(
        rules,
        "check",
        "all mistakes of a rule file",
        "Reads a rule file and says all that is wrong in it.",
        CHECK_EPILOG,
    )
    check.add_argument("file", metavar="FILE", help="a TOML file of rules")
    check.add_argument("--classes", metavar="A,B,C", help="names of all classes: checks that those of the rules exist")
    check.add_argument("--json", action="store_true", help="the mistakes, and what the file holds, as a JSON object")
    check.set_defaults(run=_check)

    test = _added(
        rules,
        "test",
        "unit tests of rules",
        "Runs tests of rules: series of values, and the alerts that must follow.",
        TEST_EPILOG,
    )
    test.add_argument("files", nargs="+", metavar="FILE", help="a TOML file of tests")
    test.add_argument("--json", action="store_true", help="what came of every test, as a JSON object")
    test.set_defaults(run=_test)


def _added(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, brief: str, description: str, epilog: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=brief,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


# xent-monitor rules list


def _list(arguments: argparse.Namespace) -> int:
    builtin = default_rules()
    # To read rules takes no secrets: their actions are left out.
    file = read_rule_file(arguments.file, builtin=builtin, environment=None) if arguments.file else None
    in_force = file.builtin if file else builtin
    if arguments.json:
        rules = [_as_json(rule, "built-in") for rule in in_force]
        rules += [_as_json(rule, arguments.file) for rule in (file.own if file else ())]
        _print_json(rules)
        return CLEAN
    sections = [] if file is None else [f"Rules of {one_line(file.path)}", *_listing(file.own), ""]
    sections += ["Built-in rules", *_listing(in_force)]
    off = [rule.name for rule in builtin if rule.name not in {kept.name for kept in in_force}]
    if off:
        sections += ["", f"Switched off: {', '.join(off)}."]
    print("\n".join(sections))
    return CLEAN


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


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
    return list(_columns(rows, width()))


# xent-monitor rules check


def _check(arguments: argparse.Namespace) -> int:
    builtin = default_rules()
    try:
        file = read_rule_file(arguments.file, builtin=builtin)
        if arguments.classes is not None:
            _check_classes(file, [name.strip() for name in arguments.classes.split(",")])
    except RuleFileError as error:
        if arguments.json:
            _print_json({"file": arguments.file, "mistakes": list(error.errors)})
        else:
            for mistake in error.errors:
                complain(mistake)
            print(f"{count(len(error.errors), 'mistake')} in {arguments.file}.", file=sys.stderr)
        return UNUSABLE
    unchecked = arguments.classes is None and _names_classes(file.rules)
    if arguments.json:
        _print_json(
            {
                "file": file.path,
                "mistakes": [],
                "rules": [rule.name for rule in file.own],
                "builtin_rules": [rule.name for rule in file.builtin],
                "actions": list(file.actions),
                "classes_checked": not unchecked,
            }
        )
        return CLEAN
    own = ", ".join(rule.name for rule in file.own)
    actions = ", ".join(file.actions)
    print(
        f"{file.path}: {count(len(file.own), 'rule')}{f' ({own})' if own else ''}, "
        f"{len(file.builtin)} of {count(len(builtin), 'built-in rule')}, "
        f"{count(len(file.actions), 'action')}{f' ({actions})' if actions else ''}. All is well."
    )
    if unchecked:
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
    results = _tested(arguments.files, as_text=not arguments.json)
    failed = [(path, outcome) for path, tested in results for outcome in tested.outcomes if not outcome.passed]
    passed = sum(outcome.passed for _, tested in results for outcome in tested.outcomes)
    wrong = sum(bool(tested.mistakes) for _, tested in results)
    code = arguments.exit_code = UNUSABLE if wrong else FOUND if failed else CLEAN
    if arguments.json:
        files = [_tested_as_json(path, tested) for path, tested in results]
        counts = {"passed": passed, "failed": len(failed), "files_with_mistakes": wrong}
        _print_json({**counts, "exit_code": code, "files": files})
        return code
    for path, outcome in failed:
        print("\n".join(["", f"FAILED {path}: {one_line(outcome.test.name)}", "", *_report(outcome)]))
    parts = [f"{len(failed)} failed"] if failed else []
    parts += [f"{passed} passed"] if passed or not (failed or wrong) else []
    parts += [f"{count(wrong, 'file')} with mistakes"] if wrong else []
    print(f"\n{', '.join(parts)}")
    return code


class _Tested(NamedTuple):
    """What came of one file: outcomes, or mistakes."""

    outcomes: list[Outcome]
    mistakes: tuple[str, ...] = ()


def _tested(paths: Sequence[str], *, as_text: bool) -> list[tuple[str, _Tested]]:
    """What came of each file; as text a line is printed as soon as one is done."""
    builtin = default_rules()
    results = []
    for path in paths:
        try:
            file = read_test_file(path, builtin=builtin)
            tested = _Tested([run_test(test, file.rules) for test in file.tests])
        except RuleFileError as error:
            tested = _Tested([], error.errors)
        if as_text:
            letters = "".join("." if outcome.passed else "F" for outcome in tested.outcomes)
            print(path, "E" if tested.mistakes else letters)
            sys.stdout.flush()
            for mistake in tested.mistakes:
                complain(mistake)
        results.append((path, tested))
    return results


def _tested_as_json(path: str, tested: _Tested) -> dict[str, Any]:
    tests = [
        {
            "test": outcome.test.name,
            "passed": outcome.passed,
            "events": [dataclasses.asdict(line) for line in outcome.comparisons],
            "failures": list(outcome.failures),
            "states": [dataclasses.asdict(trace) for trace in outcome.traces],
        }
        for outcome in tested.outcomes
    ]
    return {"file": path, "mistakes": list(tested.mistakes), "tests": tests}


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


def _columns(rows: Sequence[Sequence[str]], columns: float) -> Iterator[str]:
    """Lines of text in columns, the last of which is wrapped."""
    sizes = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    indent = sum(sizes) + 2 * len(sizes)
    for row in rows:
        head = "".join(f"{cell:<{size}}  " for cell, size in zip(row, sizes, strict=False))
        room = columns - indent
        lines = textwrap.wrap(row[-1], max(int(room), 20), break_on_hyphens=False) if math.isfinite(room) else [row[-1]]
        yield (head + (lines[0] if lines else "")).rstrip()
        yield from (" " * indent + line for line in lines[1:])
