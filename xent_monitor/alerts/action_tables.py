"""`[[action]]` tables of a rule file: what to do when an alert fires, under a name that rules refer to."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xent_monitor.alerts.actions import Notify, RaiseError, StopTraining, Webhook
from xent_monitor.alerts.fields import ACTION_NAMES, SEVERITIES, Severity
from xent_monitor.alerts.payloads import PAYLOADS
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.toml_tables import Table, closest_first, did_you_mean

__all__ = ["Actions"]

#: Types of actions: what makes one, and the key that holds its address, or None.
TYPES: dict[str, tuple[Callable[..., Any], str | None]] = {
    "webhook": (Webhook, "url"),
    "notify": (Notify, "urls"),
    "stop_training": (StopTraining, None),
    "raise_error": (RaiseError, None),
}

#: An address this short is no secret, and may be part of a word.
SHORTEST_SECRET = 8


class Actions:
    """The actions that the rules of a file may name.

    Args:
        top: The rule file.
    """

    def __init__(self, top: Table) -> None:
        self.top = top
        #: Each by its name; None for one that has mistakes, or is left out.
        self.found: dict[str, Any] = {word: word for word in ACTION_NAMES}
        #: Where the actions of the file stand, by name.
        self.places: dict[str, str] = {}
        #: Names that rules have used.
        self.used: set[str] = set()

    @classmethod
    def of(cls, top: Table, environment: Mapping[str, str] | None) -> Actions:
        """The actions of a file, read.

        Args:
            top: The rule file.
            environment: Variables that `url_env` and `urls_env` name; None leaves the actions of the file out.
        """
        actions = cls(top)
        for table in top.tables("action", "an action"):
            action = _read_action(table, environment)
            name = _name(table)
            if name in ACTION_NAMES:
                table.note(f'"{name}" is a word of its own in the `actions` of a rule. Choose another `name`.')
            elif name in actions.places:
                table.note(f'"{name}" is the name of {actions.places[name]} too. Every action needs a name of its own.')
            elif name is not None:
                actions.found[name] = action
                actions.places[name] = table.place
        return actions

    def named_by(self, table: Table) -> tuple[Any, ...] | None:
        """The actions that a rule names; None where it has no `actions`."""
        names = table.texts("actions")
        if names is None:
            return None
        self.used.update(names)
        for name in names:
            if name not in self.found:
                advice = f"{did_you_mean(name, self.found)} Available: {closest_first(name, self.found)}."
                advice += " A webhook or a notification is an [[action]] table with that `name`."
                table.wrong("actions", "names of actions", advice.strip(), value=[name])
        return tuple(self.found[name] for name in names if self.found.get(name) is not None)

    def added_to(self, rule: AlertRule, general: Sequence[Any]) -> AlertRule:
        """The rule with those of the actions for all rules that count for its severity."""
        rank = SEVERITIES.index(rule.severity)
        added = [action for action in general if SEVERITIES.index(_severity(action)) <= rank]
        new = [action for action in added if action not in rule.actions]
        return dataclasses.replace(rule, actions=(*rule.actions, *new)) if new else rule

    def note_unused(self) -> None:
        """Note the actions that would never be run: whoever wrote one waits for its messages."""
        for name, place in self.places.items():
            if name not in self.used:
                self.top.problems.add(
                    place, "no rule names it. Add it to the `actions` of a rule or of the file, or remove it."
                )


def _name(table: Table) -> str | None:
    """What rules call the action; None where it is missing or wrong."""
    name = table.values.get("name")
    if table.require("name", 'Give the action a name, as `name = "slack"`.') and not (
        isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_-]+", name)
    ):
        table.wrong("name", "letters, digits, - and _")
        return None
    return name


def _severity(action: Any) -> Severity:
    """The lowest severity of alerts that an action counts for."""
    words: dict[str, Severity] = {"stop_training": StopTraining().severity, "raise_error": RaiseError().severity}
    found: Severity = words[action] if isinstance(action, str) else action.severity
    return found


def _read_action(table: Table, environment: Mapping[str, str] | None) -> Any:
    """The action of a table; None where it has mistakes, or is left out."""
    before = len(table.problems.errors)
    kind = table.choice("type", tuple(TYPES))
    make, address = TYPES[kind] if kind else (None, None)
    options = _options(table, kind, address)
    table.require("type", f"Write one of {', '.join(TYPES)} in quotes.")
    if make is None:
        return None
    secrets = _addresses(table, address, environment) if address else []
    if len(table.problems.errors) > before or environment is None:
        return None
    arguments = [secrets[0] if address == "url" else secrets] if address else []
    try:
        return make(*arguments, **options)
    except (ImportError, TypeError, ValueError) as error:
        text = str(error)
        # Whatever the action says about its address, the address itself is not repeated.
        for secret in sorted((secret for secret in secrets if len(secret) >= SHORTEST_SECRET), key=len, reverse=True):
            text = text.replace(secret, "(not shown)")
        for line in text.splitlines():
            table.note(line)
        return None


def _options(table: Table, kind: str | None, address: str | None) -> dict[str, Any]:
    """What an action takes beside its address; what is wrong is noted and left out."""
    addresses = [address] if address else [] if kind else ["url", "urls"]
    details = ("timeout", "retries", "payload") if kind in ("webhook", None) else ()
    table.kind = f"an action of type {kind}" if kind else "an action"
    table.check_keys(["name", "type", *addresses, *(f"{key}_env" for key in addresses), "severity", *details])
    options: dict[str, Any] = {"severity": table.choice("severity", SEVERITIES)}
    if kind == "webhook":
        options["timeout"] = table.number("timeout", positive=True, unit="seconds")
        options["retries"] = table.integer("retries", at_least=0, unit="attempts after the first")
        options["payload"] = table.choice("payload", tuple(PAYLOADS))
    return {key: value for key, value in options.items() if value is not None}


def _addresses(table: Table, key: str, environment: Mapping[str, str] | None) -> list[str]:
    """The addresses of an action, from the file or from the environment; what is wrong is noted."""
    variable_key = f"{key}_env"
    if not {key, variable_key}.isdisjoint(table.meant) and key not in table and variable_key not in table:
        return []
    if (key in table) == (variable_key in table):
        came = "both" if key in table else "neither"
        table.note(
            f"an action of this type must have `{key}` or `{variable_key}`, the name of an environment variable that "
            f"holds it. Received: {came}."
        )
        return []
    if key in table:
        return _written_addresses(table, key)
    variable = table.values[variable_key]
    if not isinstance(variable, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        # It may be the secret itself.
        table.wrong(variable_key, "the name of an environment variable, letters, digits and _", secret=True)
        return []
    found = environment.get(variable, "").split() if environment is not None else []
    if environment is not None and not found:
        table.note(f"`{variable_key}`: the environment variable {variable} is not set. Set it, or write `{key}`.")
    return found


def _written_addresses(table: Table, key: str) -> list[str]:
    value = table.values[key]
    several = key == "urls" and isinstance(value, list)
    addresses = value if several else [value]
    if not addresses or not all(isinstance(address, str) and address for address in addresses):
        table.wrong(key, "a URL in quotes" if key == "url" else "a URL in quotes, or a list of them", secret=True)
        return []
    return list(addresses)
