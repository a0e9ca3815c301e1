"""A run against another one, its baseline: which passes are compared, and what the reader must know about it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Literal

from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.changes import Change, Pair, Verdict, changes, matched
from xent_monitor.interpretation.wording import count, in_short
from xent_monitor.report import EvaluationReport, Split

__all__ = ["PASSES", "BaselineComparison", "Pass", "compare"]

Pass = Literal["last", "best"]

#: Validation passes that can be compared.
PASSES: tuple[Pass, ...] = ("last", "best")


@dataclasses.dataclass(frozen=True)
class BaselineComparison:
    """A run against its baseline."""

    #: The passes that were compared: of the run, and of the baseline.
    passes: tuple[Pair, ...]
    #: All that was compared: by output and split, over all examples first, then by class.
    changes: tuple[Change, ...]
    #: What the reader must know about the comparison: other examples, other classes.
    notes: tuple[str, ...]

    def having(self, verdict: Verdict) -> list[Change]:
        """The changes with a verdict, the largest first, in units of their limits."""
        return sorted((change for change in self.changes if change.verdict == verdict), key=lambda one: -one.size)


def compare(
    reports: Sequence[EvaluationReport],
    baseline: Sequence[EvaluationReport],
    *,
    at: Pass = "last",
    material: float = limits.MATERIAL,
) -> BaselineComparison:
    """What has changed against another run.

    Validation passes are compared, and test passes where both runs have them; training passes where there is nothing
    else. Outputs and classes are matched by their names.

    Args:
        reports: All reports of the run.
        baseline: All reports of the run that it is compared with.
        at: `"last"`: the last pass of each; `"best"`: the validation with the lowest cross-entropy of each, for weights
            that were kept from there.
        material: What is worth a word, as a share of the guess by base rates and of the decisions, >= 0.

    Raises:
        ValueError: If the runs have no output, pass, task or class in common; it says which they have.

    Example:
        >>> from xent_monitor.statistics import ClassStatistics
        >>> empty = ClassStatistics.empty("binary", num_classes=2, num_bins=1)
        >>> def report(dogs):
        ...     right = [dogs, 450]
        ...     sums = dataclasses.replace(empty, support=[500, 500], correct=right, predicted=[dogs, 1000 - dogs])
        ...     return EvaluationReport(0, "validation", "", ("dog", "cat"), sums)
        >>> for change in compare([report(300)], [report(450)]).having("worse"):
        ...     print(change.class_name, change.quantity, change.before, change.after, round(change.limit, 3))
        dog class_recall 0.9 0.6 0.098
        None accuracy 0.9 0.75 0.058
    """
    if at not in PASSES:
        raise ValueError(f"`at` must be one of {', '.join(PASSES)}. Received: at={at!r}.")
    pairs = _pairs(reports, baseline, at)
    notes = [note for pair in pairs for note in _notes(*pair)] + _missing(reports, baseline, pairs)
    return BaselineComparison(tuple(pairs), changes(pairs, material), tuple(notes))


# Which passes


def _pairs(reports: Sequence[EvaluationReport], baseline: Sequence[EvaluationReport], at: Pass) -> list[Pair]:
    outputs = list(dict.fromkeys(report.output for report in reports))
    theirs = {report.output for report in baseline}
    common = [output for output in outputs if output in theirs]
    if not common:
        raise ValueError(
            "The runs must have an output in common to be compared. "
            f"Received: outputs {', '.join(map(repr, outputs))}; in the baseline "
            f"{', '.join(map(repr, sorted(theirs)))}."
        )
    after, before = _chosen(reports, at), _chosen(baseline, at)
    both = [key for key in after if key in before and key[0] in common]
    judged = [key for key in both if key[1] != "train"] or both
    if not judged:
        raise ValueError(
            "The runs must have a pass of one split in common to be compared. "
            f"Received: {_splits(after)}; in the baseline {_splits(before)}."
        )
    pairs = [(after[key], before[key]) for key in judged]
    for report, other in pairs:
        _check_comparable(report, other)
    return pairs


def _chosen(reports: Sequence[EvaluationReport], at: Pass) -> dict[tuple[str, Split], EvaluationReport]:
    """The pass that is compared, by output and split."""
    chosen: dict[tuple[str, Split], EvaluationReport] = {}
    for report in reports:
        key = (report.output, report.split)
        best = chosen.get(key)
        later = at == "last" or report.split != "validation" or best is None or math.isnan(best.cross_entropy)
        if best is None or later or report.cross_entropy < best.cross_entropy:
            chosen[key] = report
    return chosen


def _splits(chosen: dict[tuple[str, Split], EvaluationReport]) -> str:
    return ", ".join(dict.fromkeys(split for _, split in chosen))


def _check_comparable(report: EvaluationReport, baseline: EvaluationReport) -> None:
    which = f"Output {report.output!r}" if report.output else "The output"
    if report.task != baseline.task:
        raise ValueError(
            f"{which} must be of the same task in both runs. Received: {report.task!r}, in the baseline "
            f"{baseline.task!r}."
        )
    if not set(report.class_names) & set(baseline.class_names):
        raise ValueError(
            f"{which} must have classes in common with the baseline, by their names. Received: "
            f"{in_short(report.class_names, labels=False, most=3)}; in the baseline "
            f"{in_short(baseline.class_names, labels=False, most=3)}."
        )


# What has to be said about the comparison


def _missing(
    reports: Sequence[EvaluationReport],
    baseline: Sequence[EvaluationReport],
    pairs: Sequence[Pair],
) -> list[str]:
    """Outputs and passes that only one of the runs has."""
    compared = {(report.output, report.split) for report, _ in pairs}
    notes = []
    if any(split == "train" for _, split in compared):
        notes.append("The training passes are compared: there is no other in both runs.")
    for which, found in (("this run", reports), ("the baseline", baseline)):
        keys = dict.fromkeys((report.output, report.split) for report in found if report.split != "train")
        for output, split in keys:
            if (output, split) not in compared:
                of = f" of output {output}" if output else ""
                notes.append(f"Only {which} has a {split} pass{of}: it is not compared.")
    return notes


def _notes(report: EvaluationReport, baseline: EvaluationReport) -> Iterator[str]:
    """What is not the same in both passes."""
    where = f"{report.split} of {report.output}" if report.output else report.split
    labels = report.task == "multilabel"
    both = set(report.class_names) & set(baseline.class_names)
    for which, names in (("this run", report.class_names), ("the baseline", baseline.class_names)):
        only = [name for name in names if name not in both]
        if only:
            yield (
                f"{where}: only {which} has {in_short(only, labels=labels, most=5)}. What depends on all classes is "
                "not compared."
            )
    if report.num_examples != baseline.num_examples:
        yield (
            f"{where}: {count(report.num_examples, 'example')} here, {baseline.num_examples} in the baseline. These "
            "are other data: a change may come from them, not from the model."
        )
        return
    mine, theirs = matched(report.class_names, baseline.class_names)
    other = int((report.support[mine] != baseline.support[theirs]).sum())
    if other:
        what = count(other, "label", "labels") if labels else count(other, "class", "classes")
        yield (
            f"{where}: {what} with another number of examples than in the baseline. These are other data: a change "
            "may come from them, not from the model."
        )
