"""What a rule is shown, and what it says."""

from __future__ import annotations

import dataclasses
import math

from xent_monitor.report import EvaluationReport, Split

__all__ = ["Evaluation", "Observation"]


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """One pass, and what came before it in the same run: all that a rule may look at."""

    #: The pass that is judged.
    report: EvaluationReport
    #: Passes of the same split and output before it, oldest first.
    earlier: tuple[EvaluationReport, ...] = ()
    #: Passes of the same output and of other splits so far, oldest first; those of this epoch are among them.
    others: tuple[EvaluationReport, ...] = ()
    #: Whether training has ended with this epoch.
    final: bool = False

    @property
    def train(self) -> EvaluationReport | None:
        """The training pass of this epoch, or None."""
        return self._of_this_epoch("train")

    @property
    def validation(self) -> EvaluationReport | None:
        """The validation pass of this epoch, or None."""
        return self._of_this_epoch("validation")

    def history(self, split: Split) -> tuple[EvaluationReport, ...]:
        """All passes of a split so far, oldest first, that of this epoch included."""
        if split == self.report.split:
            return (*self.earlier, self.report)
        return tuple(other for other in self.others if other.split == split)

    def _of_this_epoch(self, split: Split) -> EvaluationReport | None:
        if split == self.report.split:
            return self.report
        found = (other for other in reversed(self.others) if other.split == split)
        last = next(found, None)
        return last if last is not None and last.epoch == self.report.epoch else None


@dataclasses.dataclass(frozen=True)
class Observation:
    """What one evaluation of a rule says about one of its instances.

    Example:
        >>> Observation(holds=True, value=0.31, threshold=0.5, class_name="cat", message="31 % of cat are right.").value
        0.31
    """

    #: Whether the condition holds; None where the data do not say: the state stays as it is.
    holds: bool | None
    #: The number that was judged, in the unit of its quantity; NaN where it is more than one number.
    value: float = math.nan
    #: What it was compared with, in the same unit.
    threshold: float = math.nan
    #: The class it is about; None where it is about the whole output.
    class_name: str | None = None
    #: What was seen, what it means, what to try: at most three sentences, with their numbers.
    message: str = ""
