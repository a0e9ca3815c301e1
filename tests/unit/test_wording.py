"""Forms of numbers and names."""

from __future__ import annotations

import math

import pytest

from xent_monitor.interpretation import wording


@pytest.mark.parametrize(
    ("value", "beside", "text"),
    [
        (1.8234, 0.0, "1.82"),
        (0.00345, 0.0, "0.0034"),
        (0.0946, 0.0, "0.095"),
        (16.118, 0.0, "16.1"),
        (-0.0, 0.0, "0.00"),
        (1e-9, 0.0, "less than 0.000001"),
        (0.075, 1.9, "0.07"),
        (0.003, 1.9, "0.0030"),
        (math.nan, 0.0, "-"),
        (math.inf, 0.0, "inf"),
    ],
)
def test_nats(value, beside, text):
    assert wording.nats(value, beside) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.61451, "0.615"),
        (0.00345, "0.003"),
        (0.0004, "0.00040"),
        (9.949, "9.949"),
        (16.118, "16.1"),
        (0.0, "0.000"),
        (-0.0001, "-0.00010"),
        (math.nan, "-"),
    ],
)
def test_nats_beside_a_table(value, text):
    assert wording.exact_nats(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.8494, "84.9 %"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.0004, "below 0.1 %"),
        (0.9999, "above 99.9 %"),
    ],
)
def test_percent_beside_a_table(share, text):
    assert wording.exact_percent(share) == text


@pytest.mark.parametrize(
    ("share", "other", "text"),
    [
        (0.896, 0.679, "21.7 points"),
        (0.679, 0.896, "21.7 points"),
        (0.5, 0.49, "1.0 point"),
        (0.9356, 0.8494, "8.7 points"),
    ],
)
def test_points_are_those_of_the_shares_as_written(share, other, text):
    assert wording.exact_points(share, other) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.512, "0.51"),
        (0.9973, "0.997"),
        (1.0, "1.00"),
        (0.0, "0.00"),
        (0.99999, "above 0.9999"),
        (1e-9, "below 0.0001"),
    ],
)
def test_probability_is_never_rounded_to_certainty(value, text):
    assert wording.probability(value) == text


@pytest.mark.parametrize(
    ("share", "beside", "text"),
    [
        (0.3712, None, "37 %"),
        (0.0042, None, "0.4 %"),
        (0.9998, None, "99.98 %"),
        (1.0, None, "100 %"),
        (0.0, None, "0 %"),
        (1e-7, None, "less than 0.001 %"),
        (0.0349, 0.0251, "3.5 %"),
        (0.0349, 0.2, "3 %"),
        (0.50004, 0.50003, "50.004 %"),
        (0.500041, 0.500042, "50.004 %"),
        (0.9999999, None, "more than 99.999 %"),
    ],
)
def test_percent(share, beside, text):
    assert wording.percent(share, beside) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.21, "a fifth"), (0.15, "about a sixth"), (0.05, "only 5 %"), (0.5, "half"), (0.97, "nearly all")],
)
def test_share_in_words(share, text):
    assert wording.share_in_words(share) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cat", "cat"),
        ("3", "3"),
        ("pale siskin", '"pale siskin"'),
        ("", '""'),
        ('say "no"', "\"say 'no'\""),
        ("line\r\nbreak\x00", '"line break"'),
        ("\u202eevil", "evil"),
        ("x" * 40 + "_end", "xxxxxxxxxxxxxxxxxx…xxxxx_end"),
    ],
)
def test_class_name(name, text):
    assert wording.class_name(name) == text


def test_decimal_has_no_negative_zero():
    assert wording.decimal(-0.0001, 2) == "0.00"
    assert wording.decimal(math.nan, 2) == "-"


@pytest.mark.parametrize(("difference", "text"), [(-0.301, "30 points"), (0.012, "1.2 points"), (0.01, "1.0 point")])
def test_percentage_points(difference, text):
    assert wording.percentage_points(difference) == text


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        (1.82, 1.46, ("1.82", "1.46")),
        (0.2612, 0.2557, ("0.261", "0.256")),
        (0.26, 0.26, ("0.26", "0.26")),
        (12.341, 12.329, ("12.34", "12.33")),
    ],
)
def test_levels_that_differ_read_differently(before, after, texts):
    assert wording.levels(before, after) == texts


@pytest.mark.parametrize(("names", "text"), [(["cat"], "label cat"), (["a", "b c", "d"], 'labels a, "b c" and d')])
def test_label_list(names, text):
    assert wording.label_list(names) == text
    assert wording.class_list(names) == text.replace("labels", "classes").replace("label", "class")
