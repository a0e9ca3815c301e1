"""Replays recordings through the alert rules, and says how many faults are caught and how many alarms are false."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.faults import tables
from benchmarks.faults.baselines import BASELINES
from benchmarks.faults.recording import Recording, read_all
from xent_monitor.alerts import AlertEngine, AlertEvent, AlertRule, default_rules, load_rules

#: Severities that count as an alarm.
LOUD = ("warning", "critical")


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the rules said of one recording."""

    recording: Recording
    #: Alerts that began to fire, in order, those for information included.
    fired: tuple[AlertEvent, ...]
    #: Rules that raised, with what they raised.
    failures: tuple[str, ...] = ()

    @property
    def alarms(self) -> tuple[AlertEvent, ...]:
        """Alerts at warning or above."""
        return tuple(event for event in self.fired if event.severity in LOUD)

    @property
    def right(self) -> AlertEvent | None:
        """The first alarm that is a right answer."""
        return next((event for event in self.alarms if event.rule in self.recording.expected), None)

    @property
    def rightly_named(self) -> bool:
        """Whether the first alarm is a right answer."""
        return bool(self.alarms) and self.alarms[0].rule in self.recording.expected


def judge(recording: Recording, rules: Iterable[AlertRule] | None = None) -> Verdict:
    """Replay a recording.

    Args:
        recording: The recording.
        rules: None for the built-in rules.
    """
    engine = AlertEngine(default_rules() if rules is None else rules)
    events = [event for reports in recording.epochs() for event in engine.evaluate(reports)]
    events += engine.finish()
    failures = tuple(f"{name}: {type(error).__name__}: {error}" for name, error in engine.failures.items())
    return Verdict(recording, tuple(event for event in events if event.state == "firing"), failures)


@dataclasses.dataclass(frozen=True)
class Share:
    """A number of cases out of all, with the Wilson interval at 95 %."""

    hits: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Bounds of the share; 0 and 1 where there is no case.

        Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
        """
        if not self.total:
            return 0.0, 1.0
        z, n, share = 1.959964, self.total, self.hits / self.total
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        if not self.total:
            return "-"
        low, high = self.interval
        return f"{100 * self.hits / self.total:.1f} % [{100 * low:.0f}, {100 * high:.0f}] ({self.hits} of {self.total})"


@dataclasses.dataclass(frozen=True)
class Summary:
    """The figures of a set of verdicts."""

    caught: Share
    rightly_named: Share
    flagged: Share
    false_alarms: Share
    #: Epochs seen until the first right alarm, of those that were caught.
    epochs_to_detection: tuple[int, ...]

    @property
    def median_epochs(self) -> float:
        """Median of the epochs to detection."""
        return statistics.median(self.epochs_to_detection) if self.epochs_to_detection else math.nan


def summarise(verdicts: Sequence[Verdict]) -> Summary:
    """Figures over verdicts of faulty and healthy programs."""
    faulty = [verdict for verdict in verdicts if verdict.recording.kind == "faulty"]
    healthy = [verdict for verdict in verdicts if verdict.recording.kind == "healthy"]
    return Summary(
        caught=Share(sum(verdict.right is not None for verdict in faulty), len(faulty)),
        rightly_named=Share(sum(verdict.rightly_named for verdict in faulty), len(faulty)),
        flagged=Share(sum(bool(verdict.alarms) for verdict in faulty), len(faulty)),
        false_alarms=Share(sum(bool(verdict.alarms) for verdict in healthy), len(healthy)),
        epochs_to_detection=tuple(verdict.right.epoch + 1 for verdict in faulty if verdict.right is not None),
    )


def judge_baselines(recordings: Sequence[Recording]) -> dict[str, tuple[Share, Share]]:
    """Shares of faulty and of healthy recordings that each existing system flags."""
    flags: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in BASELINES}
    totals = collections.Counter(recording.kind for recording in recordings)
    for recording in recordings:
        for name, baseline in BASELINES.items():
            flags[name][recording.kind] += baseline(recording) is not None
    return {
        name: tuple(Share(flagged[kind], totals[kind]) for kind in ("faulty", "healthy"))
        for name, flagged in flags.items()
    }


def main(arguments: argparse.Namespace) -> None:
    """Judge all recordings, print the tables, and write them as Markdown where that is wanted."""
    rules = load_rules(arguments.rules) if arguments.rules else None
    found = list(read_all(arguments.cache, arguments.backend, arguments.programs, arguments.seeds))
    if not found:
        raise SystemExit(f"There are no such recordings in {arguments.cache / arguments.backend}. Make them: record.")
    judged = [recording for recording in found if recording.reports]
    left_out = [recording for recording in found if not recording.reports]
    verdicts = [judge(recording, rules) for recording in judged]
    baselines = {} if arguments.brief else judge_baselines(judged)
    print(tables.text(verdicts, left_out, baselines, brief=arguments.brief))
    if arguments.markdown:
        Path(arguments.markdown).write_text(tables.markdown(verdicts, left_out, baselines), encoding="utf-8")
