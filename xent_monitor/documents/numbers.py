"""The key numbers of a pass: how each is written, what it means, and how it has changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from xent_monitor.interpretation.wording import decimal, exact_nats, exact_percent
from xent_monitor.report import EvaluationReport, Split

__all__ = ["KEY_NUMBERS", "KeyNumber", "NumberRow", "change", "nats", "number_rows", "share", "temperature", "whole"]


class KeyNumber(NamedTuple):
    """One quantity of a report, as documents show it."""

    quantity: str
    name: str
    form: Callable[[float], str]
    unit: str
    #: How a change is written; None where it is not worth a word.
    change: Callable[[float], str] | None
    #: What it means, in a sentence or two.
    meaning: str


class NumberRow(NamedTuple):
    """A key number of the passes of one epoch."""

    number: KeyNumber
    #: As written, by split.
    values: Mapping[Split, str]
    #: Of the pass that is reported, since the one before it; empty where there is none.
    change: str


def nats(value: float) -> str:
    """A cross-entropy, `-` where undefined."""
    return exact_nats(value)


def share(value: float) -> str:
    """A share in percent, `-` where undefined."""
    return exact_percent(value) if math.isfinite(value) else decimal(value, 1)


def whole(value: float) -> str:
    """A count.

    >>> whole(12345.0)
    '12345'
    """
    return str(int(value))


def temperature(report: EvaluationReport, decimals: int) -> str:
    """The temperature of a report; where the fit ends at an end of its range, as beyond it: `< 0.063`, `> 64`."""
    found, inside = report.temperature_fit.temperature, report.temperature_fit.inside
    if inside or math.isnan(found):
        return decimal(found, decimals)
    # Rounded away from the range: the optimum is beyond what is written, too.
    if found < 1:
        return f"< {math.ceil(1000 * found) / 1000:g}"
    return f"> {math.floor(1000 * found) / 1000:g}"


def _three(value: float) -> str:
    return decimal(value, 3)


def _two(value: float) -> str:
    return decimal(value, 2)


def _signed(value: float) -> str:
    return _plus(value, 3)


def _points(value: float) -> str:
    return f"{_plus(100 * value, 1)} points"


def _plus(value: float, decimals: int) -> str:
    text = decimal(value, decimals)
    return f"+{text}" if float(text) > 0 else text.replace("-", "\N{MINUS SIGN}")


#: In the order in which they are shown. What each is exactly: `docs/reference/quantities.md`.
KEY_NUMBERS = (
    KeyNumber(
        "cross_entropy",
        "Cross-entropy",
        nats,
        "nats",
        _signed,
        "The loss: how much the true classes surprise the model, on average. 0 is perfect. Nats are its unit: it is a "
        "natural logarithm.",
    ),
    KeyNumber(
        "accuracy",
        "Accuracy",
        share,
        "",
        _points,
        "The share of the decisions that are right: the largest probability is that of the true class.",
    ),
    KeyNumber(
        "skill",
        "Skill",
        _three,
        "",
        _signed,
        "The share of the uncertainty that is gone. 1: nothing is left of it. 0: the model knows no more than how "
        "common each class is. Below 0 it knows less.",
    ),
    KeyNumber(
        "temperature",
        "Temperature",
        _two,
        "",
        None,
        "What to divide the logits by for confidences that fit best: above 1 the model is too sure, below 1 too timid.",
    ),
    KeyNumber(
        "tempered_cross_entropy",
        "Tempered cross-entropy",
        nats,
        "nats",
        _signed,
        "The cross-entropy after dividing the logits by that temperature: what is left when confidence is set right.",
    ),
    KeyNumber(
        "expected_calibration_error",
        "Calibration error",
        share,
        "",
        _points,
        "How far confidence and accuracy are apart, averaged over groups of predictions of about the same confidence.",
    ),
    KeyNumber(
        "confidence",
        "Confidence",
        share,
        "",
        _points,
        "The largest predicted probability, on average: how often the model says that it is right.",
    ),
    KeyNumber(
        "prior_entropy",
        "Base rates alone",
        nats,
        "nats",
        None,
        "The cross-entropy of a model that knows how common each class is and nothing else: the prior entropy.",
    ),
    KeyNumber(
        "uniform_cross_entropy",
        "Even guess",
        nats,
        "nats",
        None,
        "The cross-entropy of a model that gives every class the same probability: ln K of K classes, ln 2 of labels.",
    ),
    KeyNumber(
        "num_examples",
        "Examples",
        whole,
        "",
        None,
        "The examples judged: without those that a mask or a faulty label or value has taken out.",
    ),
)


def number_rows(
    report: EvaluationReport, beside: Mapping[Split, EvaluationReport], before: EvaluationReport | None
) -> tuple[NumberRow, ...]:
    """The key numbers of a pass, and of those of the other splits beside it.

    Args:
        report: The pass.
        beside: The passes of its epoch and output by split, itself among them.
        before: The pass before it; None where there is none.
    """
    return tuple(
        NumberRow(
            number,
            {split: _written(number, one) for split, one in beside.items()},
            "" if before is None else change(number, report, before),
        )
        for number in KEY_NUMBERS
    )


def _written(number: KeyNumber, report: EvaluationReport) -> str:
    if number.quantity == "temperature":
        return temperature(report, 2)
    return number.form(getattr(report, number.quantity))


def change(number: KeyNumber, report: EvaluationReport, before: EvaluationReport) -> str:
    """What has changed of a key number; empty where it is undefined, or not worth a word."""
    difference = getattr(report, number.quantity) - getattr(before, number.quantity)
    return number.change(difference) if number.change is not None and math.isfinite(difference) else ""
