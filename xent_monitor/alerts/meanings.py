"""What a rule looks for, and what to try where it fires, in a line each: taken from the docstring of its diagnosis."""

from __future__ import annotations

import inspect

from xent_monitor.alerts.rule import AlertRule
from xent_monitor.interpretation.wording import class_name, count, one_line

__all__ = ["meaning", "remedy"]

#: How the paragraph of a docstring begins that says what to try.
TRY = "Try: "


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


def remedy(rule: AlertRule) -> str | None:
    """What to try where a rule fires: of a diagnosis what its docstring has after "Try:", on one line; else None.

    Example:
        >>> from xent_monitor.alerts.builtin import default_rules
        >>> {rule.name: remedy(rule) for rule in default_rules()}["over-regularized"]
        'a tenth of the penalty'
        >>> remedy(AlertRule(name="bad", quantity="accuracy", below=0.5)) is None
        True
    """
    if rule.diagnosis is None:
        return None
    _, found, text = f"\n{inspect.getdoc(rule.diagnosis) or ''}".partition(f"\n{TRY}")
    return one_line(text.split("\n\n")[0]).rstrip(".") if found else None


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
