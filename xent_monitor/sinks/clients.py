"""What sinks of other programs share: their library, the check of a prefix, and names that they take."""

from __future__ import annotations

import importlib
import re
from typing import Any

__all__ = ["check_prefix", "escaped", "library"]


def library(name: str, sink: str) -> Any:
    """The client library of a sink, whose extra is called like it.

    Raises:
        ImportError: If it is not installed.

    Example:
        >>> library("json", "JsonSink").__name__
        'json'
        >>> library("nowhere", "NowhereSink")
        Traceback (most recent call last):
        ImportError: NowhereSink needs nowhere. Install it: pip install 'xent-monitor[nowhere]'
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"{sink} needs {name}. Install it: pip install 'xent-monitor[{name}]'") from error


def check_prefix(prefix: Any) -> None:
    """Raise a `TypeError` if what stands in front of names is no text."""
    if not isinstance(prefix, str):
        raise TypeError(f"`prefix` must be a string, such as 'head/'. Received: prefix={prefix!r}.")


def escaped(name: str, refused: str) -> str:
    """A name without what a program refuses: no two names become alike.

    Args:
        name: The name.
        refused: Pattern of single characters. Each is written `_x0025_`, its number in hexadecimal digits, and so is
            the beginning of what looks like that already.

    Example:
        >>> escaped("100%", "%"), escaped("_x0025_", "%")
        ('100_x0025_', '_x005F_x0025_')
    """
    return re.sub(rf"_(?=x[0-9A-F]{{4}})|{refused}", lambda match: f"_x{ord(match[0]):04X}_", name)
