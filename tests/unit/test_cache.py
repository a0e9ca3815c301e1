"""Tests of the bounded memory of the tab's plugin."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from xent_monitor.tensorboard.cache import Cache


class Maker:
    """Makes values, and counts how often."""

    def __init__(self, value="value", num_bytes=10):
        self.value, self.num_bytes, self.calls = value, num_bytes, 0

    def get(self, cache, key, stamp=0):
        return cache.get(key, stamp, self.make, lambda _: self.num_bytes)

    def make(self):
        self.calls += 1
        return self.value


def test_value_is_made_once():
    cache, maker = Cache(100), Maker()

    assert [maker.get(cache, "a"), maker.get(cache, "a")] == ["value", "value"]
    assert (maker.calls, cache.num_bytes) == (1, 10)


def test_value_of_another_stamp_is_replaced():
    cache, old, new = Cache(100), Maker("old"), Maker("new", num_bytes=20)
    old.get(cache, "a", stamp=1)

    assert new.get(cache, "a", stamp=2) == "new"
    assert cache.num_bytes == 20
    assert old.get(cache, "a", stamp=1) == "old"
    assert old.calls == 2


def test_least_recently_used_goes_first():
    cache, makers = Cache(25), {key: Maker(key) for key in "abc"}
    for key in "abac":
        makers[key].get(cache, key)

    for key in "ab":
        makers[key].get(cache, key)

    assert {key: maker.calls for key, maker in makers.items()} == {"a": 1, "b": 2, "c": 1}
    assert cache.num_bytes == 20


def test_value_above_the_limit_is_not_kept_and_drives_none_out():
    cache, small, large = Cache(25), Maker(), Maker(num_bytes=26)
    small.get(cache, "small")

    assert [large.get(cache, "large"), large.get(cache, "large")] == ["value", "value"]
    assert (large.calls, cache.num_bytes) == (2, 10)


def test_value_that_outgrows_the_limit_is_forgotten():
    cache = Cache(25)
    Maker().get(cache, "a", stamp=1)

    Maker(num_bytes=26).get(cache, "a", stamp=2)

    assert cache.num_bytes == 0


def test_threads_that_ask_for_the_same_make_it_once():
    cache, maker, together = Cache(100), Maker(), threading.Barrier(8)

    def ask(_):
        together.wait()
        return maker.get(cache, "a")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["value"] * 8
    assert maker.calls == 1


def test_value_may_be_made_of_others():
    cache, part = Cache(100), Maker("part")

    assert cache.get("whole", 0, lambda: f"whole of {part.get(cache, 'part')}", len) == "whole of part"


def test_failure_is_told_and_not_kept():
    cache = Cache(100)

    with pytest.raises(ZeroDivisionError):
        cache.get("a", 0, lambda: 1 / 0, lambda _: 1)

    assert Maker().get(cache, "a") == "value"
