"""Tests of the bars and arrows of trends."""

from __future__ import annotations

import math

import pytest

from xent_monitor.cli.trends import FALLING, LEVEL, RISING, arrow, sparkline

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("values", "errors", "options", "bars"),
    [
        ([], None, {}, ""),
        ([1.0], None, {}, "▅"),
        ([0.0, 0.0], None, {}, "▅▅"),
        ([1, 2, 3, 4, 5, 6, 7, 8], None, {}, "▁▂▃▄▅▆▇█"),
        ([1, NAN, 2, INF, -INF], None, {}, "▁ ██▁"),
        ([NAN, NAN], None, {}, "  "),
        ([INF, NAN], None, {}, "█ "),
        # A tenth of the level is the least that they span.
        ([1.0, 1.001, 0.999], None, {}, "▅▅▄"),
        # Noise is a level line, what is beyond it is not.
        ([1.0, 1.2, 0.9], [0.2, 0.2, 0.2], {}, "▄▆▃"),
        ([1.0, 1.2, 0.9], [2.0, 2.0, 2.0], {}, "▄▅▄"),
        ([1.0, 3.0], [NAN, NAN], {}, "▁█"),
        # Of many the first and the last are shown, and some between.
        (range(100), None, {}, "▁▂▃▄▅▆▇█"),
        (range(100), None, {"size": 3}, "▁▅█"),
        (range(100), None, {"size": 1}, "▅"),
        # Equal ratios.
        ([8, 4, 2, 1], None, {"logarithmic": True}, "█▆▃▁"),
        ([8, 4, 2, 1], None, {}, "█▄▂▁"),
        ([1.0, 0.0, NAN, INF], None, {"logarithmic": True}, "█▁ █"),
        ([0.0, 0.0005], None, {"logarithmic": True}, "▅▅"),
    ],
)
def test_sparkline(values, errors, options, bars):
    assert sparkline(values, errors, **options) == bars


@pytest.mark.parametrize(
    ("values", "errors", "expected"),
    [
        ([1.0], [0.1], " "),
        ([1.0, NAN], [0.1, 0.1], " "),
        ([1.0, 0.5], [0.1, NAN], " "),
        ([NAN, 0.5], [0.1, 0.1], " "),
        # sqrt(2) * 3 * 0.1 = 0.424 is the limit of noise.
        ([1.0, 0.58], [0.1, 0.1], LEVEL),
        ([1.0, 0.57], [0.1, 0.1], FALLING),
        ([1.0, 1.42], [0.1, 0.1], LEVEL),
        ([1.0, 1.43], [0.1, 0.1], RISING),
        # Against the lowest of all, however long ago; and a quarter of the epochs before.
        ([3.0, 1.0, 2.0, 2.0, 2.0], [0.1] * 5, RISING),
        ([4.0] * 6 + [1.0, 1.0, 1.0], [0.1] * 9, LEVEL),
        ([4.0] * 7 + [1.0, 1.0], [0.1] * 9, FALLING),
        ([INF, 1.0], [NAN, 0.1], " "),
    ],
)
def test_arrow(values, errors, expected):
    assert arrow(values, errors) == expected
