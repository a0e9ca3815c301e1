"""Tests of what the tab's plugin sends."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.arrays_message import decoded
from xent_monitor.tensorboard.wire import arrays_message, json_message


def test_what_is_not_finite_is_null_in_json():
    value = {"a": [1.5, float("nan"), (float("inf"), {"b": float("-inf")})], "c": "NaN", "d": None, "e": 3, "f": True}

    sent = json.loads(json_message(value))

    assert sent == {"a": [1.5, None, [None, {"b": None}]], "c": "NaN", "d": None, "e": 3, "f": True}


def test_json_carries_every_character():
    text = "<b>☃</b>\n\u2028\udcff\x00"

    assert json.loads(json_message({"name": text})) == {"name": text}
    assert json_message({"name": text}).isascii()


@pytest.mark.parametrize("name", ["", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg"])
def test_arrays_start_at_multiples_of_eight(name):
    message = arrays_message({"name": name}, {"x": np.arange(3, dtype=np.float32), "y": np.ones(2)})

    length = int.from_bytes(message[:4], "little")
    assert (4 + length) % 8 == 0
    assert [entry["offset"] for entry in json.loads(message[4 : 4 + length])["arrays"]] == [0, 16]
    assert len(message) == 4 + length + 16 + 16


def test_arrays_come_back_as_they_were():
    arrays = {
        "single": np.array([[0.1, np.nan], [np.inf, -0.0]], np.float32),
        "double": np.array([0.1, np.nan]),
        "counts": np.array([[0, 2**53]]),
        "small counts": np.array([255], np.uint8),
        "columns": np.arange(6.0).reshape(2, 3).T,
        "nothing": np.zeros((0, 4)),
        "number": np.array(2.5),
    }

    header, received = decoded(arrays_message({"run": "a", "value": float("nan")}, arrays))

    assert header == {"run": "a", "value": None}
    assert list(received) == list(arrays)
    for name, array in arrays.items():
        assert received[name].dtype == (np.float32 if name == "single" else np.float64)
        np.testing.assert_array_equal(received[name], array)
