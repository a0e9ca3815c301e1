"""How a number has moved over the epochs: a line of small bars, and an arrow, neither of which takes noise for news."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xent_monitor.interpretation.thresholds import NOISE
from xent_monitor.statistics import Floats

__all__ = ["FALLING", "LEVEL", "RISING", "arrow", "sparkline"]

#: Bars from the lowest to the highest.
BARS = "▁▂▃▄▅▆▇█"
#: Above its lowest value so far; not moved; below what it was a quarter of the epochs before.
RISING, LEVEL, FALLING = "↗", "→", "↘"
#: Share of a number that its bars span at least, so that the last digit of a number that stands still is no mountain.
LEAST_SPAN = 0.1
#: Cross-entropy below which all bars are alike, nats.
LEAST_NATS = 0.001


def sparkline(
    values: Sequence[float] | Floats,
    errors: Sequence[float] | Floats | None = None,
    *,
    size: int = 8,
    logarithmic: bool = False,
) -> str:
    """A number over the epochs as small bars, from the first to the last.

    The bars span what the number has spanned, but no less than `NOISE` standard errors and a tenth of its size: what
    has only trembled is a level line.

    Args:
        values: The number after each epoch. Shape `(epochs,)`; what is not finite leaves a blank, infinite a full bar.
        errors: Standard error of each, the same way; None or NaN where unknown.
        size: Most bars; of more epochs some are left out, evenly.
        logarithmic: Whether equal ratios are equal steps, as suits a cross-entropy, whose first value would else dwarf
            the others.

    Returns:
        One letter for each epoch shown; empty where there are none.

    Example:
        >>> sparkline([4.0, 2.0, 1.0, 0.5, 0.6, 0.7], logarithmic=True)
        '█▆▃▁▁▂'
        >>> sparkline([0.50, 0.51, 0.49], [0.05, 0.05, 0.05])
        '▅▅▄'
    """
    levels = np.asarray(values, np.float64)
    noise = np.full(len(levels), np.nan) if errors is None else np.asarray(errors, np.float64)
    if len(levels) > size:
        kept = np.unique(np.linspace(0, len(levels) - 1, size).round().astype(int))
        levels, noise = levels[kept], noise[kept]
    if logarithmic:
        with np.errstate(divide="ignore", invalid="ignore"):
            noise = noise / np.maximum(levels, LEAST_NATS)
            levels = np.log(np.maximum(levels, LEAST_NATS))
    finite = levels[np.isfinite(levels)]
    if not len(finite):
        return "".join(_bar(level, 0.0, 1.0) for level in levels)
    known = noise[np.isfinite(noise)]
    least = LEAST_SPAN if logarithmic else LEAST_SPAN * float(np.abs(finite).mean())
    least = max(least, NOISE * float(np.median(known)) if len(known) else 0.0, 1e-12)
    low, high = float(finite.min()), float(finite.max())
    missing = max(least - (high - low), 0.0) / 2
    return "".join(_bar(level, low - missing, high + missing) for level in levels)


def _bar(level: float, low: float, high: float) -> str:
    if math.isnan(level):
        return " "
    if math.isinf(level):
        return BARS[-1] if level > 0 else BARS[0]
    return BARS[min(int((level - low) / (high - low) * len(BARS)), len(BARS) - 1)]


def arrow(values: Sequence[float] | Floats, errors: Sequence[float] | Floats) -> str:
    """Where a cross-entropy is heading, beyond noise.

    Args:
        values: The number after each epoch, the last of which is judged. Shape `(epochs,)`.
        errors: Standard error of each, the same way.

    Returns:
        `RISING` if it is above its lowest value so far; else `FALLING` if it is below what it was a quarter of the
        epochs before; else `LEVEL`; a blank where that cannot be told.

    Example:
        >>> arrow([2.0, 1.0, 0.5], [0.1, 0.1, 0.1]), arrow([2.0, 0.5, 1.0], [0.1, 0.1, 0.1])
        ('↘', '↗')
        >>> arrow([2.0, 0.50, 0.52], [0.1, 0.1, 0.1]), arrow([0.5], [0.1])
        ('→', ' ')
    """
    known = [
        (value, error) for value, error in zip(values, errors, strict=True) if np.isfinite(value) and np.isfinite(error)
    ]
    if len(known) < 2 or not np.isfinite(values[-1]) or not np.isfinite(errors[-1]):
        return " "
    *earlier, (now, error) = known
    best, best_error = min(earlier)
    if now - best > NOISE * math.hypot(error, best_error):
        return RISING
    before, before_error = earlier[-max(1, len(known) // 4)]
    return FALLING if before - now > NOISE * math.hypot(error, before_error) else LEVEL
