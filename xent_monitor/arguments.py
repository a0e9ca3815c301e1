"""Checks of what `XentMonitor` is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

__all__ = ["check_arguments"]


def check_arguments(
    *,
    log_dir: Any,
    class_names: Any,
    train: Any,
    from_logits: Any,
    at_least: Mapping[str, tuple[Any, int]],
) -> None:
    """Raise a `ValueError` that names every argument with a wrong value."""
    problems = []
    if log_dir is not None and not isinstance(log_dir, str | os.PathLike):
        problems.append(f"`log_dir` must be a path or None. Received: log_dir={log_dir!r}.")
    if class_names is not None:
        problems += _class_name_problems(class_names)
    if not isinstance(train, bool):
        problems.append(f"`train` must be True or False. Received: train={train!r}.")
    if from_logits not in (None, True, False):
        problems.append(f"`from_logits` must be True, False or None. Received: from_logits={from_logits!r}.")
    for name, (value, least) in at_least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.append(f"`{name}` must be an integer >= {least}. Received: {name}={value!r}.")
    if problems:
        raise ValueError("\n".join(problems))


def _class_name_problems(class_names: Any) -> list[str]:
    if isinstance(class_names, str | Mapping) or not all(isinstance(name, str) for name in class_names):
        return [f"`class_names` must be a sequence of strings. Received: class_names={class_names!r}."]
    names = list(class_names)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return [f"`class_names` must be distinct. Received {twice!r} more than once."]
    return []
