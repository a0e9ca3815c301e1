"""Checks of what `XentMonitor` is given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xent_monitor.sinks.protocol import METHODS, Sink, missing_methods

__all__ = ["check_arguments"]


def check_arguments(
    *,
    log_dir: Any,
    class_names: Any,
    outputs: Any,
    train: Any,
    from_logits: Any,
    sinks: Any,
    epoch_summary: Any,
    at_least: Mapping[str, tuple[Any, int]],
) -> None:
    """Raise a `ValueError` that names every argument with a wrong value."""
    problems = []
    if log_dir is not None and not isinstance(log_dir, str | os.PathLike):
        problems.append(f"`log_dir` must be a path or None. Received: log_dir={log_dir!r}.")
    of_outputs = class_names.values() if isinstance(class_names, Mapping) else [class_names]
    problems += [problem for names in of_outputs for problem in _class_name_problems(names)]
    problems += _output_problems(outputs)
    problems += [
        f"`{name}` must be True or False. Received: {name}={flag!r}."
        for name, flag in {"train": train, "epoch_summary": epoch_summary}.items()
        if not isinstance(flag, bool)
    ]
    if from_logits not in (None, True, False):
        problems.append(f"`from_logits` must be True, False or None. Received: from_logits={from_logits!r}.")
    problems += _sink_problems(sinks)
    for name, (value, least) in at_least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.append(f"`{name}` must be an integer >= {least}. Received: {name}={value!r}.")
    if problems:
        raise ValueError("\n".join(problems))


def _are_strings(given: Any) -> bool:
    listed = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
    return listed and all(isinstance(one, str) for one in given)


def _output_problems(outputs: Any) -> list[str]:
    if outputs is None or (_are_strings(outputs) and list(outputs)):
        return []
    return [f"`outputs` must be None or a sequence of names of outputs. Received: outputs={outputs!r}."]


def _sink_problems(sinks: Any) -> list[str]:
    if not isinstance(sinks, Sequence) or isinstance(sinks, str):
        example = f"[{type(sinks).__name__}(...)]" if isinstance(sinks, Sink) else "[JsonLinesSink(path)]"
        return [f"`sinks` must be a sequence of sinks, such as {example}. Received: sinks={sinks!r}."]
    problems = []
    for index, sink in enumerate(sinks):
        missing = missing_methods(sink)
        if isinstance(sink, type):
            problems.append(
                f"`sinks` must hold objects, not classes. Received: sinks[{index}]={sink.__name__}. "
                f"Pass {sink.__name__}(...)."
            )
        elif missing:
            problems.append(
                f"`sinks` must hold objects with the methods {', '.join(METHODS)} (`xent_monitor.sinks.Sink`). "
                f"Received: sinks[{index}]={sink!r}, which lacks {', '.join(missing)}."
            )
    return problems


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
