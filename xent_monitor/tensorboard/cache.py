"""What was read once and is likely to be asked for again, within a bound of memory."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

__all__ = ["Cache"]

Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True)
class _Kept:
    stamp: Hashable
    value: Any
    num_bytes: int


class Cache:
    """Values by key, the least recently used of which go first; safe to use from several threads.

    Two threads that ask for the same key at the same time read it once: the second one waits.

    Args:
        limit: Most bytes that are kept. A single value above it is handed out, and not kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(
        self, key: Hashable, stamp: Hashable, make: Callable[[], Value], num_bytes: Callable[[Value], int]
    ) -> Value:
        """The value of a key, made where there is none, or one of another stamp.

        Args:
            key: What the value is of.
            stamp: What it was made from; a value of another stamp is out of date, and is replaced.
            make: Makes the value. It may ask the cache for other keys, but not for its own.
            num_bytes: Memory that a value takes.
        """
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                kept = self._kept.get(key)
                if kept is not None and kept.stamp == stamp:
                    self._kept.move_to_end(key)
                    value: Value = kept.value
                    return value
            value = make()
            self._keep(key, _Kept(stamp, value, num_bytes(value)))
            return value

    @property
    def num_bytes(self) -> int:
        """Memory that the values take."""
        with self._lock:
            return self._total()

    def _keep(self, key: Hashable, new: _Kept) -> None:
        with self._lock:
            self._kept.pop(key, None)
            if new.num_bytes > self._limit:
                return
            self._kept[key] = new
            while self._total() > self._limit:
                self._kept.popitem(last=False)

    def _total(self) -> int:
        return sum(kept.num_bytes for kept in self._kept.values())
