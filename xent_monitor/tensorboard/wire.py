"""What the plugin sends: JSON without NaN, and arrays as bytes. `docs/reference/http-api.md` has the layout."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALIGNMENT", "arrays_message", "json_message"]

#: Arrays start at multiples of this many bytes, so that a browser can use them where they lie.
ALIGNMENT = 8


def json_message(value: Any) -> bytes:
    r"""JSON in ASCII, with null for what is not finite.

    Escaped to ASCII, the halves of surrogate pairs that file names may hold come through too.

    Example:
        >>> json_message({"skill": float("nan"), "name": "☃"})
        b'{"skill": null, "name": "\\u2603"}'
    """
    return json.dumps(_finite(value), allow_nan=False).encode("ascii")


def arrays_message(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    r"""A header with arrays behind it.

    Args:
        header: What JSON can hold; `arrays` is added to it.
        arrays: By name. Sent as float32 where they are that, else as float64: counts are exact up to 2^53.

    Returns:
        The bytes of the message.

    Example:
        >>> message = arrays_message({}, {"a": np.array([1, 2])})
        >>> message[4:].rstrip(b"\x00")[:20], len(message) % 8
        (b'{"arrays": [{"name":', 0)
    """
    entries, chunks, offset = [], [], 0
    for name, array in arrays.items():
        dtype = "float32" if array.dtype == np.float32 else "float64"
        data = np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).tobytes()
        entries.append({"name": name, "dtype": dtype, "shape": list(array.shape), "offset": offset})
        chunks += [data, bytes(-len(data) % ALIGNMENT)]
        offset += len(data) + len(chunks[-1])
    head = json_message({**header, "arrays": entries})
    head += b" " * (-(4 + len(head)) % ALIGNMENT)
    return b"".join([len(head).to_bytes(4, "little"), head, *chunks])


def _finite(value: Any) -> Any:
    """The value with None for each number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value
