"""How two statistics of the same pass may differ: counts not at all, floats by rounding."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from xent_monitor.statistics import ClassStatistics, array_fields, scalar_fields

__all__ = ["assert_same_sums"]


def assert_same_sums(
    actual: ClassStatistics,
    expected: ClassStatistics,
    *,
    relative: float = 1e-6,
    absolute: float = 0.0,
    ignore: Collection[str] = (),
) -> None:
    """Counts are equal, float sums agree within the tolerance.

    Args:
        actual: What was computed.
        expected: What it should be.
        relative: Tolerance relative to the expected value.
        absolute: Tolerance for sums that are near 0 because their terms cancel or are tiny.
        ignore: Fields that are not compared.
    """
    assert actual.task == expected.task
    for field in (*array_fields(), *scalar_fields()):
        if field.name in ignore:
            continue
        found, wanted = getattr(actual, field.name), getattr(expected, field.name)
        assert (found is None) == (wanted is None), field.name
        if wanted is None:
            continue
        if np.asarray(wanted).dtype.kind == "i":
            np.testing.assert_array_equal(found, wanted, err_msg=field.name)
        else:
            np.testing.assert_allclose(found, wanted, rtol=relative, atol=absolute, err_msg=field.name)
