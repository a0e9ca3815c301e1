"""The paragraph on a report, and a short form of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xent_monitor.interpretation import clauses, comparisons, label_clauses
from xent_monitor.interpretation.advice import first_advice
from xent_monitor.interpretation.clauses import Clause
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import decimal, nats, probability
from xent_monitor.report import EvaluationReport

__all__ = ["interpret", "summarize"]


#: The sentences of the paragraph, in order. To add one, write a function from `Evidence` to a sentence or None.
CLAUSES: tuple[Clause, ...] = (
    clauses.left_out_rows,
    clauses.no_distribution,
    clauses.level,
    clauses.single_class,
    clauses.yardstick,
    label_clauses.outcomes,
    clauses.typical_probability,
    clauses.decisions,
    clauses.collapse,
    clauses.confidence,
    clauses.few_examples,
    clauses.no_chance,
    clauses.classes,
    clauses.neglected,
    clauses.absent,
    label_clauses.missed,
    label_clauses.unseen,
    label_clauses.exclusive,
    clauses.common_mistake,
    comparisons.other_loss,
    comparisons.penalty,
    comparisons.training,
    comparisons.story,
    comparisons.trend,
)


def interpret(report: EvaluationReport, history: Sequence[EvaluationReport] = ()) -> str:
    """What a report says, in one paragraph of plain English.

    Args:
        report: The pass to read.
        history: Reports before it, oldest first, of any split and output; those of the same split and output tell
            where it is heading, the training pass of the same epoch what carries over. The report itself and later
            ones do no harm.

    Returns:
        Plain text on one line. Class names are kept to one line and shortened, not escaped for any mark-up.
    """
    if not report.num_examples:
        return _no_examples(report)
    evidence = Evidence.of(report, history)
    return _joined(" ", [*(clause(evidence) for clause in CLAUSES), first_advice(evidence)])


def summarize(report: EvaluationReport, history: Sequence[EvaluationReport] = ()) -> str:
    """The same in at most four lines: the numbers, the main finding, the classes, and what to try first.

    Args:
        report: The pass to read.
        history: As for `interpret`.

    Returns:
        One to four lines of plain text.
    """
    if not report.num_examples:
        return _no_examples(report)
    evidence = Evidence.of(report, history)
    faults = _joined(" ", [clauses.left_out_rows(evidence), clauses.no_distribution(evidence)])
    findings = (clauses.single_class, comparisons.story, clauses.collapse, clauses.decisions, clauses.confidence)
    main = faults or next(filter(None, (finding(evidence) for finding in findings)), None)
    return _joined("\n", [_numbers(report), main, clauses.classes(evidence), first_advice(evidence)])


def _numbers(report: EvaluationReport) -> str:
    """The key numbers on one line."""
    of = "label" if report.task == "multilabel" else "class"
    skill = f", skill {decimal(report.skill, 2)}" if report.prior_entropy > 0 else ""
    return (
        f"{clauses.subject(report)} {nats(report.cross_entropy)} nats ({of} shares alone: "
        f"{nats(report.prior_entropy)}{skill}), accuracy {probability(report.accuracy)}, "
        f"confidence {probability(report.confidence)}."
    )


def _no_examples(report: EvaluationReport) -> str:
    """The reading of a pass in which nothing could be judged."""
    rows = report.statistics.num_rows
    why = clauses.describe_left_out(report)
    seen = "no row was seen, or all were masked" if why is None else f"none of {rows} rows could be judged"
    return _joined(" ", [f"{clauses.subject(report)} is undefined: {seen}.", why])


def _joined(separator: str, sentences: Iterable[str | None]) -> str:
    return separator.join(sentence for sentence in sentences if sentence)
