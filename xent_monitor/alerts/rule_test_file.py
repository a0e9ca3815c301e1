"""Files of unit tests of alert rules, read with all their mistakes at once.

The format is in `docs/reference/rule-files.md`.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.event import STATES
from xent_monitor.alerts.given_report import OF_SUPPORT, given_quantities, given_report, is_count
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_file import read_rule_file
from xent_monitor.alerts.rule_tests import Expectation, RuleTest
from xent_monitor.alerts.toml_tables import Problems, Table, closest_first, did_you_mean, is_integer, read_toml, shown
from xent_monitor.errors import RuleFileError
from xent_monitor.report import SPLITS, EvaluationReport, Split

__all__ = ["RuleTestFile", "read_test_file"]

FILE_KEYS = ("rules", "only", "class_names", "support", "test")
TEST_KEYS = ("name", "class_names", "support", "output", *SPLITS, "expect")
EXPECT_KEYS = ("rule", "epoch", "state", "split", "class")

#: Written in a series where there is no value.
MISSING = "_"
#: Examples of each class where the file says nothing: a standard error of the cross-entropy is then 1 % of it.
DEFAULT_SUPPORT = 10_000
#: Where neither the file nor a test names the classes.
DEFAULT_NAMES = ("0", "1")


@dataclasses.dataclass(frozen=True)
class RuleTestFile:
    """Tests, and the rules that they test."""

    #: The file, as the user wrote it.
    path: str
    rules: tuple[AlertRule, ...]
    tests: tuple[RuleTest, ...]


def read_test_file(path: str | os.PathLike[str], *, builtin: Sequence[AlertRule] | None = None) -> RuleTestFile:
    """The tests of a file, ready to run. The actions of the rules are left out.

    Args:
        path: The file; its format is in `docs/reference/rule-files.md`.
        builtin: The built-in rules; None for `default_rules()`.

    Raises:
        RuleFileError: If the file or its rule file cannot be read, is not TOML, or has mistakes: all of them at once.
    """
    problems = Problems(os.fspath(path))
    top = Table(read_toml(path, "a TOML file of tests for alert rules"), problems, "", "a file of rule tests")
    top.check_keys(FILE_KEYS)
    rules = _rules_under_test(top, builtin)
    tests = [_test(table, top, rules) for table in top.tables("test", "a test")]
    if not tests and "test" not in top:
        top.note("there is no test. Write one in a [[test]] table.")
    problems.raise_if_any()
    return RuleTestFile(os.fspath(path), rules, tuple(tests))


def _rules_under_test(top: Table, builtin: Sequence[AlertRule] | None) -> tuple[AlertRule, ...]:
    """The rules that `only` names, or else those that the rule file defines."""
    named = (
        top.text("rules") if top.require("rules", 'Name the file of the rules, as `rules = "alerts.toml"`.') else None
    )
    if named is None:
        top.problems.raise_if_any()
    path = os.path.join(os.path.dirname(top.problems.path), named or "")
    try:
        file = read_rule_file(path, builtin=builtin, environment=None)
    except RuleFileError as error:
        # With mistakes in the rules there is nothing to test.
        raise RuleFileError([*top.problems.errors, *error.errors]) from None
    names = top.texts("only")
    if names is None:
        if not file.own:
            top.note(f"{named} has no [[rule]] to test. Name built-in rules in `only` to test those.")
        return file.own
    by_name = {rule.name: rule for rule in file.rules}
    for name in names:
        if name not in by_name:
            advice = f"{did_you_mean(name, by_name)} Available: {closest_first(name, by_name)}."
            top.wrong("only", f"names of rules that {named} puts into force", advice.strip(), value=[name])
    return tuple(rule for rule in file.rules if rule.name in names)


def _test(table: Table, top: Table, rules: Sequence[AlertRule]) -> RuleTest:
    """One [[test]]; what is wrong in it is noted."""
    before = len(table.problems.errors)
    table.check_keys(TEST_KEYS)
    named = table.require("name", 'Give the test a name, as `name = "the cat gets worse"`.')
    name = table.text("name") if named else None
    output = table.values.get("output", "")
    if not isinstance(output, str):
        table.wrong("output", "the name of an output")
        output = ""
    class_names = _class_names(table, top, rules)
    _check_classes(table, rules, class_names, output)
    epochs = _epochs(table, top, class_names, output)
    if len(table.problems.errors) == before and rules and not any(_is_judged(rule, epochs, output) for rule in rules):
        judged = ", ".join(f"{rule.name} {rule.quantity} on {' and '.join(rule.splits)}" for rule in rules)
        table.note(f"no rule under test judges any of these values, so the test says nothing. Judged: {judged}.")
    under_test = {rule.name: rule for rule in rules}
    expected = [
        _expectation(one, under_test, class_names, len(epochs))
        for one in table.tables("expect", "an expected alert", name="rule")
    ]
    return RuleTest(name or "", epochs, tuple(one for one in expected if one is not None))


def _epochs(
    table: Table, top: Table, class_names: tuple[str, ...] | None, output: str
) -> tuple[tuple[EvaluationReport, ...], ...]:
    """The reports of each epoch."""
    support = _support(table if "support" in table else top, class_names)
    series = {split: _rows(table, split, class_names, support) for split in SPLITS if split in table}
    if not series:
        table.note("there are no values. Write series in [test.validation], [test.train] or [test.test].")
    return tuple(
        tuple(
            given_report(
                rows[epoch],
                epoch=epoch,
                split=split,
                output=output,
                class_names=class_names or DEFAULT_NAMES,
                support=rows[epoch].get("support", support),
            )
            for split, rows in series.items()
            if epoch < len(rows) and rows[epoch]
        )
        for epoch in range(max((len(rows) for rows in series.values()), default=0))
    )


def _is_judged(rule: AlertRule, epochs: Sequence[Sequence[EvaluationReport]], output: str) -> bool:
    """Whether a rule has anything to look at."""
    if rule.quantity is None or rule.output not in (None, output):
        return rule.quantity is None
    reports = [report for reports in epochs for report in reports if report.split in rule.splits]
    return any(not np.isnan(getattr(report, rule.quantity)).all() for report in reports)


# Classes and their support


def _class_names(table: Table, top: Table, rules: Sequence[AlertRule]) -> tuple[str, ...] | None:
    """Names of the classes of a test; None where they are not given."""
    where = table if "class_names" in table else top
    names = where.texts("class_names")
    if names is not None and (len(names) < 2 or len(set(names)) < len(names)):
        where.wrong("class_names", "two or more names, each once")
        return None
    if "class_names" not in where:
        _say_that_names_are_needed(table, rules)
    return names


def _say_that_names_are_needed(table: Table, rules: Sequence[AlertRule]) -> None:
    of_classes = EvaluationReport.class_quantities()
    values = [table.values[split] for split in SPLITS if isinstance(table.values.get(split), dict)]
    reasons = [
        *(f"`{key}` has values of classes" for given in values for key in given if key in of_classes),
        *(f'rule "{rule.name}" names a class' for rule in rules if rule.class_name not in (None, "any", "all")),
    ]
    if reasons:
        table.note(
            f'`class_names` is missing, and {reasons[0]}. Name all classes, as `class_names = ["cat", "dog"]`, in this '
            "test or once at the top of the file."
        )


def _check_classes(table: Table, rules: Sequence[AlertRule], class_names: Sequence[str] | None, output: str) -> None:
    """Note the rules that name a class which the test does not have."""
    if class_names is None:
        return
    try:
        AlertEngine(rules).check(class_names, output)
    except ValueError as error:
        for line in str(error).splitlines():
            table.note(line.replace("`class_name`", "`class`").replace("class_name=", "class = "))


def _support(where: Table, class_names: Sequence[str] | None) -> tuple[int, ...]:
    """Examples of each class."""
    names = class_names or DEFAULT_NAMES
    given = where.values.get("support", DEFAULT_SUPPORT)
    by_class = given if isinstance(given, dict) else dict.fromkeys(names, given)
    _note_unknown_classes(where, "support", by_class, class_names)
    if not all(is_integer(value) and value >= 0 for value in by_class.values()):
        where.wrong("support", "an integer >= 0 for all classes, or a table with one for each, {cat = 20, dog = 400}")
        by_class = {}
    return tuple(by_class.get(name, DEFAULT_SUPPORT) for name in names)


def _note_unknown_classes(
    where: Table, key: str, by_class: Mapping[str, Any], class_names: Sequence[str] | None
) -> None:
    for name in by_class:
        if class_names is not None and name not in class_names:
            guess = did_you_mean(name, class_names)
            where.note(f"`{key}`: {shown(name)} is no class.{guess} Classes: {closest_first(name, class_names)}.")


# Values


def _rows(
    test: Table, split: Split, class_names: tuple[str, ...] | None, support: tuple[int, ...]
) -> list[dict[str, Any]]:
    """Values by quantity, for each epoch; none where the split was not evaluated."""
    found = test.table(split, f"{test.place}, [test.{split}]", "the values of a test")
    if found is None:
        return []
    names = class_names or DEFAULT_NAMES
    of_classes = EvaluationReport.class_quantities()
    series: dict[tuple[str, str | None], list[Any]] = {}
    for key, values in found.values.items():
        if key not in given_quantities():
            _note_unknown_quantity(found, key)
        elif key not in of_classes:
            series[key, None] = _numbers(found, key, values, counts=is_count(key))
        elif not isinstance(values, dict):
            found.note(
                f'`{key}` has a value for each class. Write one series for each, as `{key}."{names[0]}" = [...]`.'
            )
        else:
            _note_unknown_classes(found, key, values, class_names)
            for name in values:
                series[key, name] = _numbers(found, f"{key}.{name}", values[name], counts=is_count(key))
    lengths = {len(numbers) for numbers in series.values() if numbers}
    if len(lengths) > 1:
        listed = ", ".join(f"{_called(key)} {len(numbers)}" for key, numbers in series.items())
        found.note(f'all series must be equally long; write "{MISSING}" where a value is missing. Received: {listed}.')
        return []
    defaults = {"support": np.array(support), "predicted": np.array(support), "weight_sum": np.array(support, float)}
    return [_row(series, epoch, names, defaults) for epoch in range(max(lengths, default=0))]


def _row(
    series: Mapping[tuple[str, str | None], Sequence[Any]],
    epoch: int,
    names: tuple[str, ...],
    defaults: Mapping[str, Any],
) -> dict[str, Any]:
    """The values of one epoch."""
    given = {key: numbers[epoch] for key, numbers in series.items() if numbers and numbers[epoch] != MISSING}
    row: dict[str, Any] = {}
    for (quantity, name), value in given.items():
        if name is None:
            row[quantity] = value
        elif name in names:
            unknown = defaults.get(quantity, np.full(len(names), math.nan))
            row.setdefault(quantity, unknown.copy())[names.index(name)] = value
    return row


def _numbers(table: Table, key: str, values: Any, *, counts: bool) -> list[Any]:
    """A series of numbers and of `MISSING`; empty where it is none."""
    fine = isinstance(values, list) and values and all(_is_value(value, counts) for value in values)
    if not fine:
        what = "integers >= 0" if counts else "numbers (nan and inf too)"
        table.wrong(key, f'a list of {what}, with "{MISSING}" for missing ones, not empty', value=values)
    return values if fine else []


def _is_value(value: Any, counts: bool) -> bool:
    if value == MISSING:
        return True
    return is_integer(value) and value >= 0 if counts else is_integer(value) or isinstance(value, float)


def _note_unknown_quantity(table: Table, key: str) -> None:
    if key in OF_SUPPORT:
        table.note(f"`{key}` follows from `support`, the examples of each class. Give that.")
        return
    names = given_quantities()
    table.note(
        f"`{key}` is not a quantity of a report.{did_you_mean(key, names, quote='`')} "
        f"Available: {closest_first(key, names)}."
    )


def _called(key: tuple[str, str | None]) -> str:
    quantity, name = key
    return quantity if name is None else f"{quantity}.{name}"


# Expected alerts


def _expectation(
    table: Table, rules: Mapping[str, AlertRule], class_names: Sequence[str] | None, num_epochs: int
) -> Expectation | None:
    """One [[test.expect]]; None where it is wrong."""
    before = len(table.problems.errors)
    table.check_keys(EXPECT_KEYS)
    table.require("rule", 'Name the rule that fires, as `rule = "cat-is-bad"`.')
    table.require("epoch", "Say when, from 0, as `epoch = 3`.")
    rule = rules.get(table.choice("rule", tuple(rules), "a rule under test") or "")
    epoch = table.integer("epoch", at_least=0, unit="from 0")
    if epoch is not None and num_epochs and epoch >= num_epochs:
        table.wrong("epoch", f"an epoch of the test, 0 to {num_epochs - 1}")
    state: Any = table.choice("state", STATES) or "firing"
    split: Any = table.choice("split", rule.splits if rule else SPLITS) or (rule.splits[0] if rule else "validation")
    class_name = table.text("class", "the name of a class")
    if class_name is not None:
        _note_unknown_classes(table, "class", {class_name: None}, class_names)
    if class_name is not None and rule is not None and _is_of_all(rule):
        table.note(f'`class` has no meaning: rule "{rule.name}" judges all classes at once. Remove it.')
    elif class_name is None and rule is not None and _is_of_each(rule):
        table.note(f'`class` is missing: rule "{rule.name}" judges each class by itself. Say which one fires.')
    if rule is None or epoch is None or len(table.problems.errors) > before:
        return None
    named = rule.class_name if rule.class_name not in (None, "any", "all") else None
    return Expectation(epoch, rule.name, state, split, class_name or named)


def _is_of_each(rule: AlertRule) -> bool:
    """Whether each class is an instance of its own."""
    return rule.quantity in EvaluationReport.class_quantities() and rule.class_name in (None, "any")


def _is_of_all(rule: AlertRule) -> bool:
    """Whether the rule is about the whole output."""
    return rule.quantity in EvaluationReport.scalar_quantities() or rule.class_name == "all"
