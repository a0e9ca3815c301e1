"""Reading the binary messages of the tab, as `docs/reference/http-api.md` says that they are."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decoded"]

_TYPES = {"float64": "<f8", "float32": "<f4"}


def decoded(message: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header, without its list of arrays, and arrays by name."""
    start = 4 + int.from_bytes(message[:4], "little")
    header = json.loads(message[4:start])
    arrays = {
        entry["name"]: np.frombuffer(
            message, _TYPES[entry["dtype"]], math.prod(entry["shape"]), start + entry["offset"]
        ).reshape(entry["shape"])
        for entry in header.pop("arrays")
    }
    return header, arrays
