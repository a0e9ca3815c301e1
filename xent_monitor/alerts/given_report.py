r"""Reports from values that are given, instead of from the sums of a pass: what unit tests of rules judge.

A value is what was given; what is not given is NaN, but for this:

- the support (and with it `num_examples`, `prior_entropy`, `uniform_cross_entropy`) is always there; classes are
  predicted as often as they are seen; counts of rows that are not right are 0;
- classes exclude each other: `class_accuracy` and `class_recall` are the same and follow from each other, and
  `class_positive_cross_entropy` is `class_cross_entropy`;
- `cross_entropy`, `skill`, `perplexity` and `geometric_mean_probability` follow from the first of them that is given;
- `standard_error` follows from the cross-entropy as :math:`\mathrm{CE} / \sqrt{n}`, the same for each class: an example
  is taken to lie as far from the mean as the mean is large, as it is for values that are exponentially distributed
  (-ln p of a p that is uniform in [0, 1] is).
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import ClassStatistics

__all__ = ["OF_SUPPORT", "given_quantities", "given_report", "is_count"]

#: What follows from the support alone, so that it cannot be given beside it.
OF_SUPPORT = ("num_examples", "prior_entropy", "uniform_cross_entropy")


def given_quantities() -> tuple[str, ...]:
    """Names of the quantities that can be given."""
    return tuple(name for name in EvaluationReport.quantities() if name not in OF_SUPPORT)


def given_report(
    values: Mapping[str, Any],
    *,
    epoch: int,
    split: Split,
    output: str,
    class_names: Sequence[str],
    support: Sequence[int],
) -> EvaluationReport:
    """A report whose quantities are `values`.

    Args:
        values: Values by quantity, some of `given_quantities`: a number, or of a class quantity an array of shape
            `(num_classes,)`.
        epoch: 0-based.
        split: The pass.
        output: Name of the output.
        class_names: A name for each class.
        support: Examples of each class. Shape `(num_classes,)`, integers >= 0.

    Example:
        >>> values = {"cross_entropy": 0.5, "class_accuracy": [0.9, 0.7]}
        >>> report = given_report(
        ...     values, epoch=3, split="validation", output="", class_names=("cat", "dog"), support=(50, 50)
        ... )
        >>> report.cross_entropy, report.standard_error, report.accuracy
        (0.5, 0.05, nan)
    """
    counts = np.asarray(support, np.int64)
    statistics = dataclasses.replace(
        ClassStatistics.empty("multiclass", num_classes=len(class_names), num_bins=15),
        support=counts,
        predicted=counts,
        weight_sum=counts.astype(np.float64),
        num_rows=int(counts.sum()),
    )
    report = EvaluationReport(epoch, split, output, tuple(class_names), statistics)
    # A quantity is computed once and kept in the instance: what is put there first is what it is.
    known = vars(report)
    for name in EvaluationReport.scalar_quantities():
        if name in values:
            known[name] = values[name]
        elif name not in OF_SUPPORT and not is_count(name):
            known[name] = math.nan
    for name in EvaluationReport.class_quantities():
        if name in values:
            known[name] = np.asarray(values[name])
        elif name != "weight_sum" and not is_count(name):
            known[name] = np.full(len(class_names), math.nan)
    _fill_in(report, values)
    return report


def is_count(name: str) -> bool:
    """Whether the quantity is a number of rows, examples or weights, by the type that it is declared with."""
    field = EvaluationReport.__dataclass_fields__.get(name)
    function = getattr(inspect.getattr_static(EvaluationReport, name, None), "func", None)
    declared = field.type if field else getattr(function, "__annotations__", {}).get("return")
    return declared in ("int", "Integers")


def _fill_in(report: EvaluationReport, values: Mapping[str, Any]) -> None:
    """Add what follows from the values."""
    known = vars(report)
    mean = _cross_entropy(values, report.prior_entropy)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        following = {
            "cross_entropy": mean,
            "class_accuracy": report.class_recall,
            "class_recall": report.class_accuracy,
            "class_positive_cross_entropy": report.class_cross_entropy,
            "perplexity": float(np.exp(mean)),
            "geometric_mean_probability": float(np.exp(-mean)),
            "skill": 1 - mean / report.prior_entropy if report.prior_entropy > 0 else math.nan,
            "standard_error": mean / math.sqrt(report.num_examples) if report.num_examples > 1 else math.nan,
            "class_standard_error": np.where(
                report.support > 1, report.class_cross_entropy / np.sqrt(report.support), math.nan
            ),
        }
    known.update({name: value for name, value in following.items() if name not in values})


def _cross_entropy(values: Mapping[str, Any], prior_entropy: float) -> float:
    """The cross-entropy, from the first of the quantities that are functions of it; NaN where none is given."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if "cross_entropy" in values:
            return float(values["cross_entropy"])
        if "skill" in values:
            return float((1 - values["skill"]) * prior_entropy)
        if "perplexity" in values:
            return float(np.log(values["perplexity"]))
        return -float(np.log(values.get("geometric_mean_probability", math.nan)))
