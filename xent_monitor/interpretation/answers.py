"""Answers to the questions one has about a training, in a sentence each; a page shows each beside its proof.

They rest on the same `Evidence` as the paragraph of `interpret`, and contradict it nowhere. Figures have the decimals
of tables and charts, so that they are found again there. One module for each question: `.headlines`, `.stories`,
`.carriers`, `.honesty` and `.mistakes`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from xent_monitor.interpretation.carriers import carriers
from xent_monitor.interpretation.divergences import Divergence, divergences
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.headlines import headline, nothing_judged
from xent_monitor.interpretation.honesty import class_honesty, honesty
from xent_monitor.interpretation.mistakes import class_mistakes, mistakes
from xent_monitor.interpretation.reading import interpret
from xent_monitor.interpretation.stories import story
from xent_monitor.report import EvaluationReport

__all__ = ["Answers", "Divergence", "answer", "divergences"]


@dataclasses.dataclass(frozen=True)
class Answers:
    """What a pass says, in words: plain text, each on one line.

    Class names are kept to one line and shortened, not escaped for any mark-up.
    """

    #: Is this training healthy? A title of a few words, without a full stop.
    headline: str
    #: The paragraph of `interpret`.
    reading: str
    #: Do loss and accuracy tell the same story?
    story: str
    #: Which classes carry the loss?
    classes: str
    #: Are the confidences honest?
    confidences: str
    #: What is mistaken for what?
    mistakes: str


def answer(
    report: EvaluationReport, history: Sequence[EvaluationReport] = (), class_index: int | None = None
) -> Answers:
    """Answer the questions about one pass.

    Args:
        report: The pass to read.
        history: Reports before it, as for `interpret`. Those may lack the optional arrays.
        class_index: A class, multi-label a label, that `confidences` and `mistakes` are to speak of; None for all.

    Raises:
        ValueError: If there is no such class.
    """
    if class_index is not None and not 0 <= class_index < report.num_classes:
        raise ValueError(
            f"`class_index` must be from 0 to {report.num_classes - 1}, or None. Received: class_index={class_index}."
        )
    reading = interpret(report, history)
    if not report.num_examples:
        nothing = "Nothing could be judged."
        return Answers(nothing_judged(report), reading, nothing, nothing, nothing, nothing)
    evidence = Evidence.of(report, history)
    return Answers(
        headline(evidence),
        reading,
        story(evidence),
        carriers(evidence),
        honesty(evidence) if class_index is None else class_honesty(evidence, class_index),
        mistakes(evidence) if class_index is None else class_mistakes(evidence, class_index),
    )
