"""Which passes a picture shows, and which classes: plain values, without matplotlib."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from xent_monitor.report import SPLITS, EvaluationReport, Split
from xent_monitor.statistics import Floats, Integers

__all__ = [
    "best_pass",
    "colour_limit",
    "decisions",
    "last_fit",
    "main_split",
    "outputs_of",
    "passes_of",
    "worst_classes",
]

#: Share of the values below which a cross-entropy still has a colour of its own.
HIGH_TAIL = 0.995
#: Share of the prior entropy that the colours reach at least, so that little trouble does not look like much.
LEAST_OF_PRIOR = 0.6


def outputs_of(reports: Sequence[EvaluationReport]) -> tuple[str, ...]:
    """Names of the outputs, in the order in which they come."""
    return tuple(dict.fromkeys(report.output for report in reports))


def passes_of(
    reports: Sequence[EvaluationReport], output: str | None = None
) -> Mapping[Split, tuple[EvaluationReport, ...]]:
    """The passes of one output by split, those of the last fit, oldest first; no split without any.

    Args:
        reports: Reports of a training, oldest first.
        output: Name of the output; None where there is one only.

    Raises:
        ValueError: If there is no such output, or there are several and none is named.
    """
    names = outputs_of(reports)
    if output not in names and (output is not None or len(names) > 1):
        known = ", ".join(map(repr, names)) or "none"
        raise ValueError(f"`output` must be one of the outputs of the reports: {known}. Received: output={output!r}.")
    of_output = [report for report in reports if output in (None, report.output)]
    by_split = {split: last_fit([one for one in of_output if one.split == split]) for split in SPLITS}
    return {split: passes for split, passes in by_split.items() if passes}


def last_fit(passes: Sequence[EvaluationReport]) -> tuple[EvaluationReport, ...]:
    """The passes of one split since an epoch was last not above the one before it, which begins another fit."""
    first = max((i for i in range(1, len(passes)) if passes[i].epoch <= passes[i - 1].epoch), default=0)
    return tuple(passes[first:])


def main_split(passes: Mapping[Split, Sequence[EvaluationReport]]) -> Split | None:
    """The split to look at: validation, else test, else training; None where there is none."""
    return next((split for split in ("validation", "test", "train") if split in passes), None)


def best_pass(passes: Sequence[EvaluationReport]) -> EvaluationReport | None:
    """The first pass with the lowest cross-entropy; None where none is finite."""
    finite = [report for report in passes if math.isfinite(report.cross_entropy)]
    return min(finite, key=lambda report: report.cross_entropy, default=None)


def worst_classes(report: EvaluationReport, most: int) -> Integers:
    """Indices of the classes with the highest cross-entropy, that first; those without examples are not among them."""
    known = int((~np.isnan(report.class_cross_entropy)).sum())
    return report.worst_classes(min(most, known))


def colour_limit(values: Floats, prior_entropy: float) -> float:
    """The cross-entropy from which on all have the darkest colour, nats; as the heatmap of the TensorBoard tab has it.

    Args:
        values: Cross-entropies. Any shape; NaN is left out.
        prior_entropy: Nats; NaN where it is not known.

    Returns:
        Above 0.
    """
    finite = values[np.isfinite(values)]
    largest = float(finite.max(initial=0.0))
    tail = float(np.quantile(finite, HIGH_TAIL)) if finite.size else 0.0
    enough = max(tail, LEAST_OF_PRIOR * prior_entropy if math.isfinite(prior_entropy) else 0.0)
    return min(largest, enough) or 1.0


def decisions(report: EvaluationReport) -> str:
    """What is counted: examples, or decisions on a label of them."""
    return "decisions" if report.task == "multilabel" else "examples"
