"""What `check` has found, and whether it fails: the same for every form of its output."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from xent_monitor.alerts.baseline import BaselineComparison
from xent_monitor.alerts.episodes import Episode
from xent_monitor.alerts.fields import SEVERITIES
from xent_monitor.cli.exits import CLEAN, FOUND, UNUSABLE
from xent_monitor.interpretation.wording import count, one_line

__all__ = ["LISTED_CHANGES", "LISTED_EACH", "QUANTITY_WORDS", "Findings", "where"]

#: Most alerts of one rule, for its classes, that are written out.
LISTED_EACH = 5
#: Most classes that are worse, and as many that are better, in a table.
LISTED_CHANGES = 20

#: What a table calls the quantities that are compared.
QUANTITY_WORDS: Mapping[str, str] = {
    "cross_entropy": "cross-entropy",
    "accuracy": "accuracy",
    "class_cross_entropy": "cross-entropy",
    "class_recall": "recall",
    "class_precision": "precision",
}


@dataclasses.dataclass(frozen=True)
class Findings:
    """What rules say of a run, and what is different from its baseline."""

    log_dir: str
    #: Where the rules come from, in words.
    rules_from: str
    #: The least severity that fails.
    fail_on: str
    #: Whether alerts that were resolved before the end are forgiven.
    at_end: bool
    #: Each time that an alert was firing, as `episodes` gives them.
    alerts: tuple[Episode, ...]
    #: Names of the rules that had nothing to judge.
    idle: tuple[str, ...]
    #: What rules raised, by their names.
    failures: Mapping[str, Exception]
    #: The `log_dir` of the baseline; None where there is none, as is the comparison.
    baseline: str | None = None
    comparison: BaselineComparison | None = None

    def fails(self, alert: Episode) -> bool:
        """Whether an alert is one that fails the check."""
        grave = SEVERITIES.index(alert.fired.severity) >= SEVERITIES.index(self.fail_on)
        return grave and (alert.resolved is None or not self.at_end)

    @property
    def exit_code(self) -> int:
        """As `xent_monitor.cli.exits` says; a rule that could not judge leaves the answer open."""
        if self._reasons:
            return FOUND
        return UNUSABLE if self.failures else CLEAN

    @property
    def verdict(self) -> str:
        """The outcome and its reasons, in a sentence."""
        if self._reasons:
            return f"Failed: {'; '.join(self._reasons)}."
        if self.failures:
            return f"No verdict: {count(len(self.failures), 'rule')} could not judge the run."
        worse = "" if self.comparison is None else ", and nothing is worse than in the baseline"
        return f"Passed: no alert at {self._least} {'is firing at the end' if self.at_end else 'fired'}{worse}."

    @property
    def _least(self) -> str:
        return self.fail_on if self.fail_on == SEVERITIES[-1] else f"{self.fail_on} or above"

    @property
    def _reasons(self) -> list[str]:
        """Why it fails."""
        failing = sum(map(self.fails, self.alerts))
        when = f"{'is' if failing == 1 else 'are'} firing at the end" if self.at_end else "fired"
        reasons = [f"{count(failing, 'alert')} at {self._least} {when}"] if failing else []
        worse = 0 if self.comparison is None else len(self.comparison.having("worse"))
        return reasons + ([f"{count(worse, 'change')} for the worse against the baseline"] if worse else [])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`; what is undefined is None."""
        names = {CLEAN: "passed", FOUND: "failed", UNUSABLE: "no verdict"}
        return {
            "verdict": names[self.exit_code],
            "exit_code": self.exit_code,
            "summary": self.verdict,
            "log_dir": self.log_dir,
            "fail_on": self.fail_on,
            "at_end": self.at_end,
            "alerts": [
                {
                    **alert.fired.to_dict(),
                    "resolved_at": None if alert.resolved is None else alert.resolved.epoch,
                    "fails": self.fails(alert),
                }
                for alert in self.alerts
            ],
            "idle_rules": list(self.idle),
            "failed_rules": {name: f"{type(error).__name__}: {error}" for name, error in self.failures.items()},
            "baseline": None if self.comparison is None else self._baseline(self.comparison),
        }

    def _baseline(self, comparison: BaselineComparison) -> dict[str, Any]:
        return {
            "log_dir": self.baseline,
            "passes": [
                {
                    "split": report.split,
                    "output": report.output,
                    "epoch": report.epoch,
                    "baseline_epoch": baseline.epoch,
                    "num_examples": report.num_examples,
                    "baseline_num_examples": baseline.num_examples,
                }
                for report, baseline in comparison.passes
            ],
            "changes": [change.to_dict() for change in comparison.changes],
            "notes": list(comparison.notes),
        }


def where(split: str, output: str) -> str:
    """A pass in words.

    Example:
        >>> where("validation", "kind")
        'validation of kind'
    """
    return f"{split} of {one_line(output)}" if output else split
