"""`SinkGroup`: writes to several sinks, none of which can disturb the training or the others."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xent_monitor.interpretation.wording import one_line, shortened
from xent_monitor.report import EvaluationReport
from xent_monitor.sinks.protocol import Sink

__all__ = ["SinkGroup"]

#: How many times as long as it took to fail a sink is left alone: it costs a training at most a tenth of its time.
REST = 10.0
#: Failures that took less, seconds, cost nothing worth avoiding: such a sink is asked again at once.
QUICK = 1.0
#: Longest text of an error that a warning repeats.
ERROR_LENGTH = 300


@dataclasses.dataclass
class _Member:
    """A sink, and until when it is left alone."""

    sink: Sink
    name: str
    rests_until: float = -float("inf")


class SinkGroup:
    """The sinks of a monitor.

    Args:
        sinks: The sinks, in the order in which they are written to.
        complain: Told what went wrong: a subject, which is the same for all failures of a sink, and a text that goes on
            from "xent_monitor ".
        clock: Seconds, for how long a failure took.

    Example:
        >>> class Broken:
        ...     def write_report(self, report, reading): ...
        ...     def write_alerts(self, events): ...
        ...     def close(self):
        ...         raise OSError("no space left")
        >>> SinkGroup([Broken()], complain=lambda subject, text: print(text)).close()
        could not write to the sink Broken: OSError: no space left. Training goes on.
    """

    def __init__(
        self,
        sinks: Iterable[Sink],
        *,
        complain: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._members = [_Member(sink, type(sink).__name__) for sink in sinks]
        self._complain = complain
        self._clock = clock

    def __bool__(self) -> bool:
        """Whether there is any sink."""
        return bool(self._members)

    def write_report(self, report: EvaluationReport, reading: str) -> None:
        """Write a report to every sink."""
        self._each(lambda sink: sink.write_report(report, reading))

    def write_alerts(self, events: Sequence[Any]) -> None:
        """Write the alerts of an epoch to every sink, if there are any."""
        if events:
            # Each gets a list of its own, which it may keep.
            self._each(lambda sink: sink.write_alerts(list(events)))

    def close(self) -> None:
        """Close every sink."""
        self._each(lambda sink: sink.close())

    def _each(self, write: Callable[[Sink], Any]) -> None:
        for index, member in enumerate(self._members):
            begin = self._clock()
            if begin < member.rests_until:
                continue
            try:
                write(member.sink)
            # Client libraries end the program where they find no way on; a training is not theirs to end.
            except (Exception, SystemExit) as error:
                took = self._clock() - begin
                if took > QUICK:
                    member.rests_until = self._clock() + REST * took
                self._complain(f"sink {index}", _failure(member.name, error))


def _failure(name: str, error: BaseException) -> str:
    try:
        text = shortened(one_line(str(error)), ERROR_LENGTH).rstrip(".")
    except Exception:
        text = "(its text cannot be read)"
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"could not write to the sink {name}: {said}. Training goes on."
