"""Checks of what `XentMonitor` is given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["check_arguments"]


def check_arguments(
    *,
    log_dir: Any,
    class_names: Any,
    outputs: Any,
    train: Any,
    from_logits: Any,
    at_least: Mapping[str, tuple[Any, int]],
) -> None:
    """Raise a `ValueError` that names every argument with a wrong value."""
    problems = []
    if log_dir is not None and not isinstance(log_dir, str | os.PathLike):
        problems.append(f"`log_dir` must be a path or None. Received: log_dir={log_dir!r}.")
    of_outputs = class_names.values() if isinstance(class_names, Mapping) else [class_names]
    problems += [problem for names in of_outputs for problem in _class_name_problems(names)]
    if outputs is not None and (not _are_strings(outputs) or not list(outputs)):
        problems.append(f"`outputs` must be None or a sequence of names of outputs. Received: outputs={outputs!r}.")
    if not isinstance(train, bool):
        problems.append(f"`train` must be True or False. Received: train={train!r}.")
    if from_logits not in (None, True, False):
        problems.append(f"`from_logits` must be True, False or None. Received: from_logits={from_logits!r}.")
    for name, (value, least) in at_least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.append(f"`{name}` must be an integer >= {least}. Received: {name}={value!r}.")
    if problems:
        raise ValueError("\n".join(problems))


def _are_strings(given: Any) -> bool:
    listed = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
    return listed and all(isinstance(one, str) for one in given)


def _class_name_problems(class_names: Any) -> list[str]:
    if class_names is None:
        return []
    if not _are_strings(class_names):
        return [
            "`class_names` must be a sequence of strings, or a dictionary of such by the name of the output. "
            f"Received: class_names={class_names!r}."
        ]
    names = list(class_names)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return [f"`class_names` must be distinct. Received {twice!r} more than once."]
    return []
