"""From the sums of a pass to its reports, one for each output."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from xent_monitor.divergence import loss_accuracy_divergence
from xent_monitor.quantity import ratio
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.wiring import Attachment, ClassNames, Phase, names_of

__all__ = ["first_step", "pass_reports", "with_first_step"]


def pass_reports(
    attachment: Attachment,
    phase: Phase,
    *,
    split: Split,
    epoch: int,
    class_names: ClassNames | None,
    logs: Mapping[str, Any] | None,
    earlier: Sequence[EvaluationReport],
) -> list[EvaluationReport]:
    """Reports of the pass that has just ended.

    Args:
        attachment: Holds the sums.
        phase: Of which sums.
        split: What to call the pass.
        epoch: 0-based.
        class_names: Names as the user gave them.
        logs: What Keras logged for the pass.
        earlier: Reports of the run so far, oldest first.

    Returns:
        One report for each output that saw a row, in the order of the outputs.
    """
    reports = []
    for output in attachment.outputs:
        accumulator = attachment.accumulators.get((phase, output.name))
        statistics = None if accumulator is None else accumulator.statistics()
        if statistics is None or not statistics.num_rows + statistics.masked:
            continue
        # So is the loss of one output of several called in Keras' logs.
        key = f"{output.name}_loss" if output.name else "loss"
        report = EvaluationReport(
            epoch=epoch,
            split=split,
            output=output.name,
            class_names=names_of(class_names, output),
            statistics=statistics,
            logged_loss=float((logs or {}).get(key, math.nan)),
        )
        reports.append(_with_divergence(report, earlier))
    return reports


def _with_divergence(report: EvaluationReport, earlier: Sequence[EvaluationReport]) -> EvaluationReport:
    place = (report.split, report.output)
    passes = [*(other for other in earlier if (other.split, other.output) == place), report]
    return dataclasses.replace(
        report,
        loss_accuracy_divergence=loss_accuracy_divergence(
            [one.cross_entropy for one in passes],
            [one.accuracy for one in passes],
            report.num_examples,
            report.prior_entropy,
        ),
    )


def first_step(attachment: Attachment) -> dict[str, float]:
    """Cross-entropy of the training steps so far, by output; none where the training pass is not monitored."""
    sums = {output: one.statistics() for (phase, output), one in attachment.accumulators.items() if phase == "train"}
    return {output: float(ratio(one.cross_entropy_sum.sum(), one.num_decisions)) for output, one in sums.items()}


def with_first_step(reports: Sequence[EvaluationReport], initial: Mapping[str, float] | None) -> list[EvaluationReport]:
    """Reports of the first training pass, with the cross-entropy of the model as it was initialised.

    Args:
        reports: The reports.
        initial: As `first_step` gave it; None for an epoch of one step, which has no second one to read the first at.
    """
    return [
        dataclasses.replace(
            report,
            initial_cross_entropy=report.cross_entropy if initial is None else initial.get(report.output, math.nan),
        )
        for report in reports
    ]
