"""What the fields of an `AlertRule` may hold, and the check that they do."""

from __future__ import annotations

import difflib
import math
import numbers
import re
import string
from collections.abc import Iterator
from typing import Any, Literal

from xent_monitor.report import SPLITS, EvaluationReport

__all__ = [
    "ACTION_NAMES",
    "BOUNDS",
    "CHANGES",
    "PLACEHOLDERS",
    "RELATIONS",
    "SEVERITIES",
    "Relation",
    "Severity",
    "problems",
]

Severity = Literal["info", "warning", "critical"]
Relation = Literal["best", "previous", "prior_entropy"]

#: How bad it is, rising.
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
#: What the threshold of a rule can be relative to.
RELATIONS: tuple[Relation, ...] = ("best", "previous", "prior_entropy")
#: Fields that hold the threshold; a rule on a quantity has exactly one.
BOUNDS = ("above", "below", "rises_by", "falls_by")
#: Bounds on the change over a number of evaluations.
CHANGES = ("rises_by", "falls_by")
#: Actions that have a name; others are objects.
ACTION_NAMES = ("stop_training", "raise_error")
#: What a message may refer to, each with a value to try the message with.
PLACEHOLDERS: dict[str, str | int | float] = {
    "value": 0.5,
    "threshold": 0.5,
    "epoch": 3,
    "split": "validation",
    "output": "kind",
    "class_name": "cat",
    "quantity": "cross_entropy",
    "rule": "some-rule",
}

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Fields that only a rule on a quantity has, with the value that says nothing.
_OF_THRESHOLDS: dict[str, Any] = dict.fromkeys(("class_name", *BOUNDS, "relative_to", "message")) | {"over": 1}


def problems(rule: Any) -> list[str]:
    """One line for each field of the rule that holds what it must not; empty where all is well."""
    found = [*_name(rule), *_severity(rule)]
    if (rule.quantity is None) == (rule.diagnosis is None):
        received = "neither" if rule.quantity is None else "both"
        found.append(f"A rule must have either `quantity` or `diagnosis`. Received: {received}.")
    elif rule.diagnosis is not None:
        found += _diagnosis(rule)
    else:
        found += [*_quantity(rule), *_class(rule), *_split(rule), *_bounds(rule), *_relation(rule), *_message(rule)]
    return [*found, *_output(rule), *_counts(rule), *_names_of_others(rule), *_at_end(rule), *_actions(rule)]


def _name(rule: Any) -> Iterator[str]:
    if not isinstance(rule.name, str) or not _NAME.fullmatch(rule.name):
        yield f"`name` must be lower-case words joined by hyphens, as 'cat-is-bad'. Received: {_got(rule, 'name')}."


def _severity(rule: Any) -> Iterator[str]:
    if rule.severity not in SEVERITIES:
        yield f"`severity` must be one of {', '.join(SEVERITIES)}. Received: {_got(rule, 'severity')}."


def _diagnosis(rule: Any) -> Iterator[str]:
    if not callable(rule.diagnosis):
        yield f"`diagnosis` must be callable. Received: {_got(rule, 'diagnosis')}."
    for name, default in _OF_THRESHOLDS.items():
        if getattr(rule, name) != default:
            yield f"`{name}` must be left out in a rule with a `diagnosis`. Received: {_got(rule, name)}."
    if rule.split not in (None, "validation"):
        yield (
            "`split` must be left out in a rule with a `diagnosis`, which has `diagnosed_splits`. "
            f"Received: {_got(rule, 'split')}."
        )
    splits = rule.diagnosed_splits
    if not _is_tuple_of(splits, str) or not splits or not set(splits) <= set(SPLITS):
        yield f"`diagnosed_splits` must hold some of {', '.join(SPLITS)}. Received: {_got(rule, 'diagnosed_splits')}."


def _quantity(rule: Any) -> Iterator[str]:
    names = EvaluationReport.quantities()
    if rule.quantity in names:
        return
    close = difflib.get_close_matches(str(rule.quantity), names, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    yield (
        f"`quantity` must be a quantity of `EvaluationReport`. Received: {_got(rule, 'quantity')}.{hint} "
        f"Available: {', '.join([*close, *(name for name in names if name not in close)])}."
    )


def _class(rule: Any) -> Iterator[str]:
    if rule.class_name is None:
        return
    if not isinstance(rule.class_name, str):
        yield f"`class_name` must be the name of a class, 'any' or 'all'. Received: {_got(rule, 'class_name')}."
    elif rule.quantity in EvaluationReport.scalar_quantities():
        beside = f"class_{rule.quantity}"
        hint = f" The quantity of each class is {beside}." if beside in EvaluationReport.class_quantities() else ""
        yield (
            f"`class_name` must be left out where `quantity` is one number, not one for each class. "
            f"Received: {_got(rule, 'class_name')}, {_got(rule, 'quantity')}.{hint}"
        )


def _split(rule: Any) -> Iterator[str]:
    if rule.split is not None and rule.split not in SPLITS:
        yield f"`split` must be one of {', '.join(SPLITS)}, or None for each of them. Received: {_got(rule, 'split')}."


def _output(rule: Any) -> Iterator[str]:
    if rule.output is not None and not isinstance(rule.output, str):
        yield f"`output` must be the name of an output, or None for each of them. Received: {_got(rule, 'output')}."


def _bounds(rule: Any) -> Iterator[str]:
    given = [name for name in BOUNDS if getattr(rule, name) is not None]
    if len(given) != 1:
        received = ", ".join(_got(rule, name) for name in given) or "none of them"
        yield f"A rule on a quantity must have exactly one of {', '.join(BOUNDS)}. Received: {received}."
    for name in given:
        value = getattr(rule, name)
        if not _is_finite(value):
            yield f"`{name}` must be a finite number. Received: {_got(rule, name)}."
        elif name in CHANGES and not value > 0:
            yield f"`{name}` must be above 0: the direction is in its name. Received: {_got(rule, name)}."
    if not _is_count(rule.over, 1):
        yield f"`over` must be an integer number of evaluations >= 1. Received: {_got(rule, 'over')}."
    elif rule.over != 1 and not set(given) & set(CHANGES):
        yield f"`over` must stand beside one of {', '.join(CHANGES)}. Received: {_got(rule, 'over')}."


def _relation(rule: Any) -> Iterator[str]:
    relation = rule.relative_to
    if relation is None:
        return
    if relation not in RELATIONS:
        yield f"`relative_to` must be one of {', '.join(RELATIONS)}. Received: {_got(rule, 'relative_to')}."
        return
    for name in CHANGES:
        if getattr(rule, name) is not None:
            yield (
                f"`relative_to` must stand beside `above` or `below`; `{name}` is relative to an earlier evaluation. "
                f"Received: {_got(rule, 'relative_to')}, {_got(rule, name)}."
            )
    if relation == "prior_entropy":
        return
    what = f"it bounds the difference to the {relation} value"
    if _is_finite(rule.above) and rule.above < 0:
        yield f"`above` must be >= 0 with relative_to={relation!r}: {what}. Received: {_got(rule, 'above')}."
    if _is_finite(rule.below) and rule.below > 0:
        yield f"`below` must be <= 0 with relative_to={relation!r}: {what}. Received: {_got(rule, 'below')}."


def _message(rule: Any) -> Iterator[str]:
    if rule.message is None:
        return
    if not isinstance(rule.message, str):
        yield f"`message` must be a string. Received: {_got(rule, 'message')}."
        return
    try:
        unknown = [name for name in _placeholders(rule.message) if name not in PLACEHOLDERS]
        if not unknown:
            rule.message.format(**PLACEHOLDERS)
    except (ValueError, TypeError, LookupError) as error:
        yield f"`message` must be a format string: {error}. Received: {_got(rule, 'message')}. For a brace write two."
        return
    for name in unknown:
        known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
        yield f"`message` must refer to some of {known} only. Received: {{{name}}} in {_got(rule, 'message')}."


def _placeholders(message: str) -> Iterator[str]:
    """Names in the braces of a format string, those inside other braces too."""
    for _, name, spec, _ in string.Formatter().parse(message):
        if name is not None:
            yield name
            yield from _placeholders(spec or "")


def _counts(rule: Any) -> Iterator[str]:
    least = {"for_": 1, "keep_firing_for": 0, "after": 0}
    for name, minimum in least.items():
        if not _is_count(getattr(rule, name), minimum):
            yield f"`{name}` must be an integer number of evaluations >= {minimum}. Received: {_got(rule, name)}."
    if not _is_count(rule.min_support, 0):
        yield f"`min_support` must be an integer number of examples >= 0. Received: {_got(rule, 'min_support')}."


def _names_of_others(rule: Any) -> Iterator[str]:
    names = rule.inhibited_by
    if not _is_tuple_of(names, str):
        yield f"`inhibited_by` must be a sequence of names of rules. Received: {_got(rule, 'inhibited_by')}."
    elif rule.name in names:
        yield f"`inhibited_by` must name other rules. Received: {_got(rule, 'inhibited_by')}."


def _at_end(rule: Any) -> Iterator[str]:
    if not isinstance(rule.at_end, bool):
        yield f"`at_end` must be True or False. Received: {_got(rule, 'at_end')}."
    elif rule.at_end and _is_count(rule.for_, 2):
        yield f"`for_` must be 1 with at_end=True, which is judged once. Received: {_got(rule, 'for_')}."


def _actions(rule: Any) -> Iterator[str]:
    kinds = f"{', '.join(map(repr, ACTION_NAMES))}, action objects and callables"
    if not isinstance(rule.actions, tuple):
        yield f"`actions` must be a sequence of {kinds}. Received: a value of type {type(rule.actions).__name__}."
        return
    for action in rule.actions:
        if not _is_action(action):
            yield f"`actions` must hold {kinds} only. Received: {_shown_action(action)}."


def _is_action(action: Any) -> bool:
    if isinstance(action, str):
        return action in ACTION_NAMES
    # A class is callable, but what it would make of an event is no action.
    return not isinstance(action, type) and (callable(action) or hasattr(action, "severity"))


def _shown_action(action: Any) -> str:
    """What was given; of what is not a word only the type, for it may be the URL of a webhook."""
    if isinstance(action, type):
        return f"the class {action.__name__}"
    is_word = isinstance(action, str) and re.fullmatch(r"[\w-]{1,30}", action)
    return repr(action) if is_word else f"a value of type {type(action).__name__}"


def _got(rule: Any, name: str) -> str:
    return f"{name}={getattr(rule, name)!r}"


def _is_count(value: Any, least: int) -> bool:
    return not isinstance(value, bool) and isinstance(value, numbers.Integral) and int(value) >= least


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _is_tuple_of(value: Any, kind: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, kind) for item in value)
