"""Kinds of quantities of a report, and the two formulas that most of them are."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClassQuantity", "ScalarQuantity", "ratio", "standard_error_of_mean"]

Scalar = TypeVar("Scalar", int, float)
Array = TypeVar("Array", bound=NDArray[Any])


class ScalarQuantity(functools.cached_property[Scalar]):
    """A quantity that is one number, computed when it is first asked for."""


class ClassQuantity(functools.cached_property[Array]):
    """A quantity with one number for each class, shape `(num_classes,)`, computed when it is first asked for."""


def ratio(numerator: Any, denominator: Any) -> Any:
    """Quotient, NaN where the denominator is not above 0.

    Example:
        >>> ratio([3.0, 0.0], [2, 0])
        array([1.5, nan])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.asarray(denominator) > 0, np.divide(numerator, denominator), np.nan)


def standard_error_of_mean(total: Any, square_total: Any, count: Any) -> Any:
    r"""Standard error of a mean, from the sums.

    .. math:: \sqrt{s^2 / n}, \quad s^2 = \frac{\sum x^2 - (\sum x)^2 / n}{n - 1}

    Args:
        total: Sum of the values.
        square_total: Sum of their squares.
        count: Number of values n.

    Returns:
        In the unit of the values; NaN where n is below 2. Where all values are nearly equal the difference in `s^2`
        cancels: below 3e-4 of the mean the spread is not resolved.

    Example:
        >>> float(standard_error_of_mean(6.0, 14.0, 3))   # of 1, 2, 3
        0.5773502691896257
    """
    count = np.asarray(count, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum(square_total - np.square(total) / count, 0.0) / (count - 1)
        return np.where(count > 1, np.sqrt(variance / count), np.nan)
