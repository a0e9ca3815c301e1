"""One line on an epoch, for the terminal: the numbers to watch, and what is firing."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.clauses import split_word
from xent_monitor.interpretation.wording import class_name, decimal, nats, one_line, probability
from xent_monitor.report import EvaluationReport

__all__ = ["columns", "epoch_line"]

#: What is left out, one after the other, until the line fits.
LEFT_OUT = ("confidence", "worst", "skill", "change", "accuracy")
#: Most rules that are named.
NAMED_RULES = 2


def epoch_line(
    report: EvaluationReport,
    previous: EvaluationReport | None = None,
    firing: Sequence[str] = (),
    *,
    width: int = 100,
) -> str:
    """An epoch in one line: cross-entropy and its change, skill, accuracy, confidence, the worst class, alerts.

    Args:
        report: The pass to write about.
        previous: The same pass of the epoch before; None for no change.
        firing: Names of the rules that are firing.
        width: Columns that the line may have. Where it is longer, confidence goes first, then the worst class, the
            skill, the change and the accuracy; alerts are always said.

    Example:
        >>> from xent_monitor.statistics import ClassStatistics
        >>> nothing = ClassStatistics.empty("multiclass", num_classes=2, num_bins=1)
        >>> epoch_line(EvaluationReport(3, "validation", "", ("cat", "dog"), nothing), firing=["non-finite"])
        'epoch 3  validation cross-entropy undefined; firing: non-finite'
    """
    output = f" of {class_name(report.output)}" if report.output else ""
    value = nats(report.cross_entropy) if report.num_examples else "undefined"
    head = f"epoch {report.epoch}  {split_word(report)} cross-entropy{output} {value}"
    parts = _parts(report, previous)
    tail = f"; firing: {_rules(firing)}" if firing else ""
    for number in range(len(LEFT_OUT) + 1):
        line = head + _written({name: text for name, text in parts.items() if name not in LEFT_OUT[:number]}) + tail
        if columns(line) <= width:
            break
    return line


def columns(text: str) -> int:
    r"""How many columns of a terminal a text takes: two for a wide letter, none for one that joins another.

    Example:
        >>> columns("cat"), columns("猫"), columns("e\u0301")
        (3, 2, 1)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    joined = sum(unicodedata.category(letter) in {"Mn", "Me", "Cf"} for letter in text)
    return len(text) + wide - joined


def _parts(report: EvaluationReport, previous: EvaluationReport | None) -> dict[str, str]:
    """What may be left out, by name."""
    if not report.num_examples:
        return {}
    parts = {"accuracy": f"accuracy {probability(report.accuracy)}"}
    if math.isfinite(report.confidence):
        parts["confidence"] = f"confidence {probability(report.confidence)}"
    if math.isfinite(report.skill):
        parts["skill"] = f"skill {decimal(report.skill, 2)}"
    if previous is not None:
        change = report.cross_entropy - previous.cross_entropy
        if math.isfinite(change):
            parts["change"] = _signed(change, report.cross_entropy)
    worst = _worst(report)
    if worst is not None:
        value = nats(report.class_cross_entropy[worst])
        parts["worst"] = f"worst: {class_name(report.class_names[worst])} ({value})"
    return parts


def _written(parts: Mapping[str, str]) -> str:
    bracket = ", ".join(parts[name] for name in ("change", "skill") if name in parts)
    numbers = "".join(f", {parts[name]}" for name in ("accuracy", "confidence") if name in parts)
    worst = f"; {parts['worst']}" if "worst" in parts else ""
    return (f" ({bracket})" if bracket else "") + numbers + worst


def _signed(change: float, level: float) -> str:
    """A change of a cross-entropy with its sign; none where it would read as 0."""
    size = nats(abs(change), level)
    if not size[0].isdigit() or not float(size):
        return "no change"
    return f"{'+' if change > 0 else '-'}{size}"


def _worst(report: EvaluationReport) -> int | None:
    """The class of highest cross-entropy among those with enough examples; None where there are not two of them."""
    enough = report.support >= limit.MIN_CLASS_EXAMPLES
    values = np.where(enough & np.isfinite(report.class_cross_entropy), report.class_cross_entropy, -1.0)
    return int(values.argmax()) if (values >= 0).sum() > 1 else None


def _rules(names: Sequence[str]) -> str:
    written = [one_line(name) for name in dict.fromkeys(names)]
    more = f" and {len(written) - NAMED_RULES} more" if len(written) > NAMED_RULES else ""
    return ", ".join(written[:NAMED_RULES]) + more
