"""Outputs in a file of predictions that are no probabilities: how many, and what they look like instead."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.explanation import Cause
from xent_monitor.alerts.meanings import meaning
from xent_monitor.cli.prediction_tables import Predictions
from xent_monitor.interpretation import thresholds
from xent_monitor.interpretation.wording import count, exact_nats
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import Floats

__all__ = ["no_probabilities"]

RULE = "invalid-probabilities"
#: Rows that are looked at together.
BLOCK_ROWS = 65_536
#: By how much probabilities in percent may miss a sum of 100, as they were rounded.
PERCENT_ROUNDING = 1.0


def no_probabilities(report: EvaluationReport, found: Predictions) -> Cause | None:
    """The fault of outputs that are read as probabilities and are none, so that no number of the report means anything.

    Args:
        report: The report of them.
        found: What is in the file.

    Returns:
        None where fewer rows are none than `thresholds.FAULTY_ROWS`.
    """
    rows = report.statistics.num_rows
    if found.probabilities is None or report.invalid_probabilities < max(1, thresholds.FAULTY_ROWS * rows):
        return None
    (rule,) = (one for one in default_rules() if one.name == RULE)
    low, high, least_sum, most_sum = _extent(found.probabilities)
    wrong = "negative, above 1, or do not add up to 1" if report.task == "multiclass" else "outside [0, 1]"
    sums = "" if report.task != "multiclass" else f", sums of rows {_between(least_sum, most_sum)}"
    return Cause(
        rule=rule.name,
        severity=rule.severity,
        certainty="certain",
        meaning=meaning(rule),
        evidence=(
            f"{report.invalid_probabilities} of {count(rows, 'row')} are {wrong} (values {_between(low, high)}{sums}); "
            "no other number means anything until that is mended, so that none is told"
        ),
        remedy=_remedy(report, found, low, high, (least_sum, most_sum)),
    )


def _remedy(report: EvaluationReport, found: Predictions, low: float, high: float, sums: tuple[float, float]) -> str:
    use = "pass `--logits`"
    if found.says_kind:
        use = "name the array `logits` in the file, or begin the names of its columns with `logit:`"
    if low < 0:
        called = ", though the file calls them probabilities" if found.says_kind else ""
        return f"they look like logits{called}: {use}"
    if high <= 1:  # Then of rows that do not add up.
        return "whether the column of a class is missing, or one too many; of sigmoids, divide each row by its sum"
    if report.task == "multiclass" and all(abs(one - 100) <= PERCENT_ROUNDING for one in sums):
        return "they look like percent: divide them by 100"
    if report.task != "multiclass" and high <= 100:
        return f"if they are percent, divide them by 100; if they are logits, {use}"
    return f"if they are logits, {use}; else divide each row by its sum"


def _extent(outputs: Floats) -> tuple[float, float, float, float]:
    """Least and largest finite value, and least and largest finite sum of a row; a few rows at a time."""
    low, high, least, most = math.inf, -math.inf, math.inf, -math.inf
    for block in _blocks(outputs):
        finite = block[np.isfinite(block)]
        sums = block.sum(axis=-1)
        sums = sums[np.isfinite(sums)]
        low, high = min(low, finite.min(initial=math.inf)), max(high, finite.max(initial=-math.inf))
        least, most = min(least, sums.min(initial=math.inf)), max(most, sums.max(initial=-math.inf))
    return float(low), float(high), float(least), float(most)


def _blocks(outputs: Floats) -> Iterator[Floats]:
    """Parts of the outputs, of binary ones with an axis of one unit."""
    whole = np.asarray(outputs)
    whole = whole[..., None] if whole.ndim == 1 else whole
    for start in range(0, len(whole), BLOCK_ROWS):
        yield np.asarray(whole[start : start + BLOCK_ROWS], np.float64)


def _between(low: float, high: float) -> str:
    least, most = exact_nats(low), exact_nats(high)
    return least if least == most else f"from {least} to {most}"
