"""Verdicts as text for the terminal and as Markdown for the documentation."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from benchmarks.faults.baselines import LEFT_OUT

if TYPE_CHECKING:
    from benchmarks.faults.judge import Share, Verdict
    from benchmarks.faults.recording import Recording
    from xent_monitor.alerts import AlertEvent

Baselines = Mapping[str, tuple["Share", "Share"]]


def text(
    verdicts: Sequence[Verdict], left_out: Sequence[Recording], baselines: Baselines, *, brief: bool = False
) -> str:
    """Everything, for the terminal; `brief`: the figures and what went wrong alone."""
    lines = [*_figures(verdicts), ""]
    lines += [f"{recording.id} seed {recording.seed}: left out: {_reason(recording)}" for recording in left_out]
    lines += _programs(verdicts, wrong_only=brief)
    lines += ["", *_rules(verdicts)]
    if baselines:
        lines += ["", f"{'thresholds of':46s} {'faulty flagged':34s} healthy flagged"]
        lines += [f"{name:46s} {faulty!s:34s} {healthy!s}" for name, (faulty, healthy) in baselines.items()]
    return "\n".join(lines)


def _figures(verdicts: Sequence[Verdict]) -> Iterator[str]:
    from benchmarks.faults.judge import summarise

    for name, some in _by_source(verdicts).items():
        summary = summarise(some)
        longest = max(summary.epochs_to_detection, default=0)
        yield f"{name} ({len({verdict.recording.id for verdict in some})} programs, {len(some)} trainings)"
        yield f"  caught          {summary.caught}"
        yield f"  rightly named   {summary.rightly_named}"
        yield f"  false alarms    {summary.false_alarms}"
        yield f"  epochs to detection: median {summary.median_epochs:g}, at most {longest}"


def _by_source(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    names = {"all": ("own", "other"), "own programs": ("own",), "other programs": ("other",)}
    split = {
        name: [verdict for verdict in verdicts if verdict.recording.source in sources]
        for name, sources in names.items()
    }
    return {name: some for name, some in split.items() if some and (name == "all" or len(some) < len(verdicts))}


def _programs(verdicts: Sequence[Verdict], *, wrong_only: bool) -> Iterator[str]:
    """One line for each training: what fired when; `!` marks a miss, a wrong name or a false alarm."""
    for verdict in verdicts:
        recording = verdict.recording
        wrong = bool(verdict.alarms) if recording.kind == "healthy" else not verdict.rightly_named
        if wrong_only and not wrong and not verdict.failures:
            continue
        missed = recording.kind == "faulty" and verdict.right is None
        mark = "MISSED" if missed else "!" if wrong else ""
        expected = f" (right: {', '.join(sorted(recording.expected))})" if wrong and recording.expected else ""
        yield f"{mark:6s} {recording.id:36s} seed {recording.seed}  {_told(verdict.fired) or 'nothing'}{expected}"
        yield from (f"       RULE FAILED: {failure}" for failure in verdict.failures)


def _told(events: Iterable[AlertEvent]) -> str:
    """Rules by the epoch in which they first fired; those for information in brackets."""
    first: dict[str, AlertEvent] = {}
    for event in events:
        first.setdefault(event.rule, event)
    told = []
    for event in first.values():
        split = "" if event.split == "validation" else f" ({event.split})"
        words = f"{event.epoch}:{event.rule}{split}"
        told.append(f"[{words}]" if event.severity == "info" else words)
    return " ".join(told)


def _rules(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How often each rule fired: as a right answer, as another answer, on healthy programs; and how often first."""
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for verdict in verdicts:
        for rule in {event.rule for event in verdict.fired}:
            right = rule in verdict.recording.expected
            counts[rule]["healthy" if verdict.recording.kind == "healthy" else "right" if right else "other"] += 1
        if verdict.alarms:
            counts[verdict.alarms[0].rule]["first"] += 1
    yield f"{'trainings in which a rule fired':32s} {'right':>6s} {'other':>6s} {'healthy':>8s} {'first':>6s}"
    for rule, count in sorted(counts.items()):
        yield f"{rule:32s} {count['right']:6d} {count['other']:6d} {count['healthy']:8d} {count['first']:6d}"


def _reason(recording: Recording) -> str:
    if not recording.supported:
        return "not supported yet"
    return recording.error or "no report"


def markdown(verdicts: Sequence[Verdict], left_out: Sequence[Recording], baselines: Baselines) -> str:
    """The tables of the documentation."""
    from benchmarks.faults.judge import summarise

    backends = sorted({verdict.recording.backend for verdict in verdicts})
    seeds = sorted({verdict.recording.seed for verdict in verdicts})
    summary = summarise(verdicts)
    count = collections.Counter(
        kind for _, kind in {(verdict.recording.id, verdict.recording.kind) for verdict in verdicts}
    )
    lines = [
        f"{count['faulty']} faulty and {count['healthy']} healthy programs, seeds {', '.join(map(str, seeds))}, "
        f"{', '.join(backends)}. In brackets the Wilson interval at 95 %.",
        "",
        "| programs | caught | rightly named at the first warning | false alarms | epochs to detection: median, most |",
        "|---|---|---|---|---|",
    ]
    for name, some in _by_source(verdicts).items():
        one = summarise(some)
        longest = max(one.epochs_to_detection, default=0)
        lines.append(
            f"| {name} | {one.caught} | {one.rightly_named} | {one.false_alarms} | {one.median_epochs:g}, {longest} |"
        )
    lines += ["", "| thresholds of | faulty trainings flagged | healthy trainings flagged |", "|---|---|---|"]
    lines.append(f"| **xent_monitor** | {summary.flagged} | {summary.false_alarms} |")
    lines += [f"| {name} | {faulty} | {healthy} |" for name, (faulty, healthy) in baselines.items()]
    lines += ["", "Rules of the other systems that need more than curves and reports, and are left out:", ""]
    lines += [f"- {system}: {rules}." for system, rules in LEFT_OUT.items()]
    lines += ["", "| faulty program | fault | first warning by seed |", "|---|---|---|"]
    lines += _markdown_programs(verdicts)
    if left_out:
        lines += ["", "Left out:", ""]
        lines += [f"- `{id_}`: {reason}." for id_, reason in sorted({(one.id, _reason(one)) for one in left_out})]
    return "\n".join(lines) + "\n"


def _markdown_programs(verdicts: Sequence[Verdict]) -> Iterator[str]:
    faulty: dict[str, list[Verdict]] = collections.defaultdict(list)
    for verdict in verdicts:
        if verdict.recording.kind == "faulty":
            faulty[verdict.recording.id].append(verdict)
    for id_, some in faulty.items():
        firsts = []
        for verdict in some:
            first = verdict.alarms[0] if verdict.alarms else None
            said = f"{first.rule}, epoch {first.epoch + 1}" if first else "none"
            firsts.append(said if verdict.rightly_named else f"**{said}**")
        told = firsts[0] if len(set(firsts)) == 1 else "; ".join(firsts)
        yield f"| `{id_}` | {some[0].recording.what} | {told} |"
