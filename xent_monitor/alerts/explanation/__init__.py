"""What a cross-entropy and an accuracy say about a model, without any log: where they stand, and what may be wrong.

Pure functions of a few numbers. Thresholds are those of the built-in rules, and a cause is named by the rule that would
find it in a training; what only a training can show is said to be unknown. What can be given is in `.numbers`, what
follows from it in `.facts`, the causes in `.causes`, `.findings` and `.honesty`, the sentences in `.sentences`.
"""

from __future__ import annotations

from xent_monitor.alerts.explanation.causes import Cause
from xent_monitor.alerts.explanation.explain import Explanation, explain
from xent_monitor.alerts.explanation.finding import CERTAINTIES, Certainty
from xent_monitor.alerts.explanation.numbers import Numbers
from xent_monitor.alerts.explanation.scale import Yardstick

__all__ = ["CERTAINTIES", "Cause", "Certainty", "Explanation", "Numbers", "Yardstick", "explain"]
