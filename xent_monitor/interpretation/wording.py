"""Numbers and names as the reading and the tables write them: one place for each form.

>>> nats(1.8234), nats(0.00345), probability(0.99973), percent(0.3712)
('1.82', '0.0034', '0.9997', '37 %')
>>> listed(["cat", "dog", "bird"])
'cat, dog and bird'
>>> share_in_words(0.21)
'a fifth'
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = [
    "class_list",
    "class_name",
    "count",
    "decimal",
    "exact_nats",
    "exact_percent",
    "exact_points",
    "in_short",
    "label_list",
    "levels",
    "listed",
    "nats",
    "one_line",
    "percent",
    "percentage_points",
    "probability",
    "share_in_words",
    "shortened",
]

#: Longest class name that is written in full inside a sentence.
NAME_LENGTH = 28
#: A share counts as a fraction without "about" within this distance.
EXACT_FRACTION = 0.015

_FRACTIONS = (
    (1 / 10, "a tenth"),
    (1 / 6, "a sixth"),
    (1 / 5, "a fifth"),
    (1 / 4, "a quarter"),
    (1 / 3, "a third"),
    (2 / 5, "two fifths"),
    (1 / 2, "half"),
    (3 / 5, "three fifths"),
    (2 / 3, "two thirds"),
    (3 / 4, "three quarters"),
    (4 / 5, "four fifths"),
    (9 / 10, "nine tenths"),
)


def decimal(value: float, decimals: int) -> str:
    """A number with fixed decimals, `-` where undefined; never a negative zero."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else str(value)
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def nats(value: float, beside: float = 0.0) -> str:
    """A cross-entropy: two decimals, one from 10 on, two digits below 0.095.

    A change takes the decimals of the level that it is written beside, unless it would then read as 0.
    """
    if not math.isfinite(value) or value == 0:
        return decimal(value, 2)
    if abs(value) < 1e-6:
        return "less than 0.000001"
    text = decimal(value, _decimals(max(abs(value), abs(beside))))
    return text if float(text) else decimal(value, _decimals(abs(value)))


def levels(before: float, after: float) -> tuple[str, str]:
    """Two cross-entropies side by side, with as many decimals as it takes to tell them apart."""
    if nats(before) != nats(after) or before == after:
        return nats(before), nats(after)
    decimals = _decimals(max(abs(before), abs(after)))
    for more in range(1, 6):
        pair = decimal(before, decimals + more), decimal(after, decimals + more)
        if pair[0] != pair[1]:
            break
    return pair


def _decimals(size: float) -> int:
    """Decimals of a cross-entropy of this size, > 0."""
    if size >= 0.095:
        return 1 if size >= 9.95 else 2
    return 1 - math.floor(math.log10(size))


def probability(value: float) -> str:
    """A probability: two decimals, more where it would else read as 0 or 1 without being so."""
    for decimals in range(2, 5):
        text = f"{value:.{decimals}f}"
        if 0 < float(text) < 1 or value in (0.0, 1.0):
            return text
    return "below 0.0001" if value < 0.5 else "above 0.9999"


def exact_nats(value: float) -> str:
    """A cross-entropy beside the tables and charts of a page: three decimals, one from 10 on; more below 0.0005."""
    text = decimal(value, 1 if abs(value) >= 9.95 else 3)
    return text if value == 0 or not math.isfinite(value) or float(text) else nats(value)


def percent(share: float, beside: float | None = None) -> str:
    """A share in percent: whole, with decimals where it would else read as 0 or 100 or as the share `beside` it."""
    value = 100 * share
    for decimals in range(4):
        text = f"{value:.{decimals}f}"
        alone = beside is None or beside == share or text != f"{100 * beside:.{decimals}f}"
        if (0 < float(text) < 100 or share in (0.0, 1.0)) and alone:
            return f"{text} %"
    if value < 0.001:
        return "less than 0.001 %"
    return "more than 99.999 %" if text == "100.000" else f"{text} %"


def exact_percent(share: float) -> str:
    """A share beside the tables and charts of a page: one decimal, never 0 or 100 without being so."""
    text = f"{100 * share:.1f}"
    if 0 < float(text) < 100 or share in (0.0, 1.0):
        return f"{text} %"
    return "below 0.1 %" if share < 0.5 else "above 99.9 %"


def exact_points(share: float, other: float) -> str:
    """The difference of two such shares as they are written, in percentage points, without its sign."""
    text = f"{abs(round(100 * share, 1) - round(100 * other, 1)):.1f}"
    return f"{text} point" if text == "1.0" else f"{text} points"


def percentage_points(difference: float) -> str:
    """A difference of two shares, without its sign."""
    points = abs(100 * difference)
    text = f"{points:.0f}" if points >= 1.95 else f"{points:.1f}"
    return f"{text} point" if text == "1.0" else f"{text} points"


def count(number: float, one: str, many: str | None = None) -> str:
    """`1 example`, `2 examples`."""
    return f"{number:.0f} {one if number == 1 else many or one + 's'}"


def share_in_words(share: float) -> str:
    """A share as the nearest simple fraction; `nearly all` and percents at the ends."""
    if share >= 0.96:
        return "nearly all"
    if share < 0.085:
        return f"only {percent(share)}"
    nearest, words = min(_FRACTIONS, key=lambda fraction: abs(fraction[0] - share))
    return words if abs(nearest - share) <= EXACT_FRACTION else f"about {words}"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def one_line(text: str) -> str:
    """Text without line breaks, control characters and what turns the writing direction."""
    kept = (" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join("".join(kept).split())


def shortened(text: str, length: int) -> str:
    """Text of at most `length` letters, its middle left out: names often differ at their ends."""
    if len(text) <= length:
        return text
    tail = (length - 1) // 3
    return f"{text[: length - 1 - tail]}…{text[len(text) - tail :]}"


def class_name(name: str) -> str:
    """A class name inside a sentence: bare where it is one word, else quoted; never more than one line."""
    text = shortened(one_line(name), NAME_LENGTH)
    bare = text and all(letter.isalnum() or letter in "_-.…" for letter in text)
    return text if bare else '"' + text.replace('"', "'") + '"'


def class_list(names: Iterable[str]) -> str:
    """`class a` or `classes a, b and c`."""
    written = [class_name(name) for name in names]
    return f"{'class' if len(written) == 1 else 'classes'} {listed(written)}"


def label_list(names: Iterable[str]) -> str:
    """`label a` or `labels a, b and c`."""
    written = [class_name(name) for name in names]
    return f"{'label' if len(written) == 1 else 'labels'} {listed(written)}"


def in_short(names: Sequence[str], *, labels: bool, most: int) -> str:
    """`class a`, `classes a and b`, or, beyond `most` of them, `90 classes (a, b, c and others)`."""
    if len(names) <= most:
        return label_list(names) if labels else class_list(names)
    named = ", ".join(map(class_name, names[:most]))
    return f"{len(names)} {'labels' if labels else 'classes'} ({named} and others)"
