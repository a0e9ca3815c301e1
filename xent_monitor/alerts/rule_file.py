"""Rule files: alert rules in TOML, read with all their mistakes at once.

The format is in `docs/reference/rule-files.md`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xent_monitor.alerts.action_tables import Actions
from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.fields import BOUNDS, RELATIONS, SEVERITIES
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.toml_tables import Problems, Table, closest_first, did_you_mean, read_toml, shown
from xent_monitor.report import SPLITS, EvaluationReport

__all__ = ["RuleFile", "load_rules", "read_rule_file"]

#: Keys that a built-in rule takes, and those of a rule of the file.
COMMON_KEYS = ("for", "keep_firing_for", "after", "min_support", "severity", "actions")
BUILTIN_KEYS = ("enabled", *COMMON_KEYS)
RULE_KEYS = ("name", "quantity", "class", "split", "output", *BOUNDS, "over", "relative_to", "message", *COMMON_KEYS)
FILE_KEYS = ("include_default", "actions", "builtin", "rule", "action")

#: Keys with few values, and what to call them; the other keys are checked by `AlertRule` itself.
CHOICES: dict[str, tuple[Sequence[str], str]] = {
    "quantity": (EvaluationReport.quantities(), "a quantity of a report"),
    "severity": (SEVERITIES, ""),
    "split": (SPLITS, ""),
    "relative_to": (RELATIONS, ""),
}

#: TOML keys that are other words in Python.
FIELD_OF = {"for": "for_", "class": "class_name"}

#: What stands in for a key that is missing or wrong, so that the others can be checked beside it.
STAND_INS: dict[str, Any] = {"name": "stand-in", "quantity": "class_cross_entropy"}


@dataclasses.dataclass(frozen=True)
class RuleFile:
    """What a rule file puts into force."""

    #: The file, as the user wrote it.
    path: str
    #: Built-in rules that are switched on, as the file tunes them.
    builtin: tuple[AlertRule, ...]
    #: Rules that the file defines.
    own: tuple[AlertRule, ...]
    #: Names of the actions that it defines.
    actions: tuple[str, ...]

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        """All rules: built-in ones first."""
        return (*self.builtin, *self.own)


def load_rules(path: str | os.PathLike[str]) -> tuple[AlertRule, ...]:
    """The alert rules that a TOML file puts into force.

    Class names are checked later, when the classes are known: `AlertEngine.check`.

    Args:
        path: The file; its format is in `docs/reference/rule-files.md`.

    Returns:
        The built-in rules that are switched on, as the file tunes them, then the rules of the file.

    Raises:
        RuleFileError: If the file cannot be read, is not TOML, or has mistakes: all of them at once.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "alerts.toml")
        >>> _ = path.write_text('''
        ... include_default = false
        ...
        ... [[rule]]
        ... name = "cat-is-bad"
        ... quantity = "class_cross_entropy"
        ... class = "cat"
        ... above = 1.5
        ... for = 3
        ... ''')
        >>> [(rule.name, rule.class_name, rule.above, rule.for_) for rule in load_rules(path)]
        [('cat-is-bad', 'cat', 1.5, 3)]
    """
    return read_rule_file(path).rules


def read_rule_file(
    path: str | os.PathLike[str],
    *,
    builtin: Sequence[AlertRule] | None = None,
    environment: Mapping[str, str] | None = os.environ,
) -> RuleFile:
    """A rule file, with what comes from where.

    Args:
        path: The file.
        builtin: The built-in rules; None for `default_rules()`.
        environment: Variables that `url_env` and `urls_env` name. None leaves the actions of the file out, so that
            rules can be listed and tested where the secrets are not.

    Raises:
        RuleFileError: If the file cannot be read, is not TOML, or has mistakes: all of them at once.
    """
    document = read_toml(path, "a TOML file of alert rules")
    problems = Problems(os.fspath(path))
    top = Table(document, problems, "", "a rule file")
    top.check_keys(FILE_KEYS)
    builtin = default_rules() if builtin is None else builtin
    actions = Actions.of(top, environment)
    general = actions.named_by(top) or ()
    tuned = _builtin_rules(top, builtin, actions)
    own = _own_rules(top, {rule.name for rule in builtin}, actions)
    actions.note_unused()
    problems.raise_if_any()
    return RuleFile(
        path=os.fspath(path),
        builtin=tuple(actions.added_to(rule, general) for rule in tuned),
        own=tuple(actions.added_to(rule, general) for rule in own),
        actions=tuple(actions.places),
    )


# Built-in rules


def _builtin_rules(top: Table, builtin: Sequence[AlertRule], actions: Actions) -> tuple[AlertRule, ...]:
    """The built-in rules that are switched on, tuned."""
    included = top.boolean("include_default")
    included = True if included is None else included
    tables = top.table("builtin", "[builtin]", "the built-in rules")
    found: dict[str, Any] = dict(tables.values) if tables else {}
    names = [rule.name for rule in builtin]
    for name in found:
        if name not in names:
            top.problems.add(
                f"[builtin.{name}]",
                f"there is no built-in rule of this name.{did_you_mean(name, names)} "
                f"Available: {closest_first(name, names)}. A rule of your own is a [[rule]] table.",
            )
    tuned = [_tuned(rule, found.get(rule.name, {}), included, top, actions) for rule in builtin]
    return tuple(rule for rule in tuned if rule is not None)


def _tuned(rule: AlertRule, values: Any, included: bool, top: Table, actions: Actions) -> AlertRule | None:
    """A built-in rule as its table tunes it; None where it is switched off."""
    place = f"[builtin.{rule.name}]"
    if not isinstance(values, dict):
        top.problems.add(
            place, f"must be a table. Received: {rule.name} = {shown(values)}. Write [builtin.{rule.name}]."
        )
        return None
    table = Table(values, top.problems, place, "a built-in rule")
    fixed = [key for key in values if key in RULE_KEYS and key not in BUILTIN_KEYS]
    table.check_keys(BUILTIN_KEYS, but=fixed)
    for key in fixed:
        table.note(
            f"`{key}` is fixed in a built-in rule. Keys: {', '.join(sorted(BUILTIN_KEYS))}. To judge by another "
            "threshold, switch it off with `enabled = false` and write a [[rule]]."
        )
    changes = _fields(table, BUILTIN_KEYS, actions)
    enabled = table.boolean("enabled")
    if values and not included and "enabled" not in table:
        table.note("is not switched on, since `include_default` is false. Add `enabled = true`, or remove the table.")
    tuned = _constructed(table, lambda: dataclasses.replace(rule, **changes))
    return tuned if (included if enabled is None else enabled) else None


# Rules of the file


def _own_rules(top: Table, builtin: set[str], actions: Actions) -> tuple[AlertRule, ...]:
    """The rules that the file defines; those with mistakes are left out."""
    rules: list[AlertRule] = []
    places: dict[str, str] = {}
    for table in top.tables("rule", "a rule"):
        before = len(top.problems.errors)
        rule = _own_rule(table, actions)
        name = table.values.get("name")
        if not isinstance(name, str):
            continue
        if name in builtin:
            table.note(
                f'"{name}" is the name of a built-in rule. Choose another `name`; the built-in rule is tuned in '
                f"[builtin.{name}]."
            )
        elif name in places:
            table.note(f'"{name}" is the name of {places[name]} too. Every rule needs a name of its own.')
        else:
            places[name] = table.place
        if rule is not None and len(top.problems.errors) == before:
            rules.append(rule)
    return tuple(rules)


def _own_rule(table: Table, actions: Actions) -> AlertRule | None:
    """The rule of a table; None where `AlertRule` refuses it."""
    table.check_keys(RULE_KEYS)
    table.require("name", 'Give the rule a name, as `name = "cat-is-bad"`.')
    table.require("quantity", 'Say what to judge, as `quantity = "class_cross_entropy"`.')
    fields = _fields(table, RULE_KEYS, actions)
    meant = [key for key in BOUNDS if key in table.meant]
    if meant and not any(key in table for key in BOUNDS):
        fields[meant[0]] = 1.0
    return _constructed(table, lambda: AlertRule(**STAND_INS | fields))


# Both


def _fields(table: Table, keys: Sequence[str], actions: Actions) -> dict[str, Any]:
    """Fields of `AlertRule` from the keys of a table; what is known to be wrong is noted and left out."""
    fields: dict[str, Any] = {}
    for key in keys:
        if key in table and key != "enabled":
            choices, expected = CHOICES.get(key, ((), ""))
            value = actions.named_by(table) if key == "actions" else table.values[key]
            value = table.choice(key, choices, expected) if choices else value
            fields |= {} if value is None else {FIELD_OF.get(key, key): value}
    return fields


def _constructed(table: Table, construct: Callable[[], AlertRule]) -> AlertRule | None:
    """The rule; None where `AlertRule` refuses it, which is noted in the words of the file."""
    try:
        return construct()
    except (TypeError, ValueError) as error:
        for line in str(error).splitlines():
            table.note(_in_words_of_the_file(line, table.values))
        return None


def _in_words_of_the_file(text: str, values: Mapping[str, Any]) -> str:
    """An error text of `AlertRule` with the keys and values as the file writes them; URLs are not repeated."""
    text = text.replace(", or None for each of them", "")  # TOML has no None
    for key, value in values.items():
        field = FIELD_OF.get(key, key)
        text = text.replace(f"`{field}`", f"`{key}`").replace(f"{field}={value!r}", f"{key} = {shown(value)}")
    return text
