"""What the cross-entropy says, in plain words: a paragraph, a short form of it, and answers to the usual questions.

A sentence is there only where the numbers support it beyond noise. The paragraph is put together in `.reading` from
the sentences in `.clauses`, `.label_clauses` and `.comparisons` and the suggestions in `.advice`; the answers are in
`.answers`, `.headlines` and `.mistakes`. What the numbers support is in `.evidence`, `.class_evidence` and
`.divergences`, every threshold in `.thresholds`, the forms of numbers and names in `.wording`.
"""

from __future__ import annotations

from xent_monitor.interpretation.answers import Answers, Divergence, answer, divergences
from xent_monitor.interpretation.reading import interpret, summarize

__all__ = ["Answers", "Divergence", "answer", "divergences", "interpret", "summarize"]
