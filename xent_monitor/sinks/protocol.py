"""`Sink`, what a place must offer so that a monitor can write to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from xent_monitor.report import EvaluationReport

__all__ = ["METHODS", "Sink", "missing_methods"]

#: What an object must be able to do to be a sink.
METHODS = ("write_report", "write_alerts", "close")


@runtime_checkable
class Sink(Protocol):
    r"""A place where people look at trainings, which a monitor writes to: `XentMonitor(..., sinks=[sink])`.

    Any object with these three methods is one; nothing has to be inherited. They are called on the thread that trains,
    by the first process of a distributed training alone:

    - In each epoch `write_report` for every pass, training before validation, and each output of it; then
      `write_alerts`, where an alert began to fire or is resolved. A sink sees what TensorBoard sees, after it.
    - At the end of `fit` `write_alerts`, where the training as a whole gave an alert; then `close`.
    - In `evaluate` outside a fit `write_report` with a report of split `"test"`, whose epoch is the last one trained;
      then `write_alerts` and `close`.

    What is written may begin again after `close`: by a second `fit`, or by `evaluate`. A `fit` that raised never
    calls `close`. A run that is resumed (`initial_epoch > 0`) writes on from its first epoch, and may repeat epochs
    that were written before it was interrupted: the later values count. Epochs before it are not written again.

    What a method raises does not end the training. It is said in one warning for each sink and fit; what was to be
    written is lost for this sink, and it is asked again the next time. One that took seconds to fail is left alone for
    ten times as long, so that a server that does not answer cannot stop the training. `KeyboardInterrupt` ends it.

    Example:
        >>> class Printer:
        ...     def write_report(self, report, reading):
        ...         print(f"epoch {report.epoch}, {report.split}: {report.cross_entropy:.2f} nats")
        ...     def write_alerts(self, events):
        ...         print(*events, sep="\n")
        ...     def close(self):
        ...         pass
        >>> isinstance(Printer(), Sink)
        True
    """

    def write_report(self, report: EvaluationReport, reading: str) -> None:
        """Write what a pass over one output gave.

        Args:
            report: The report; it may be kept, since nothing changes it.
            reading: What it says, in plain words on one line; not escaped for any mark-up.
        """

    def write_alerts(self, events: Sequence[Any]) -> None:
        """Write which alerts began to fire, or are resolved.

        Args:
            events: `AlertEvent` objects, at least one, in the order of the rules. One rule may fire for hundreds of
                classes at once.
        """

    def close(self) -> None:
        """Write what is left, and let go of files and connections; what comes after may open them again."""


def missing_methods(candidate: object) -> list[str]:
    """Names of the methods that an object lacks to be a sink.

    Example:
        >>> missing_methods(print)
        ['write_report', 'write_alerts', 'close']
    """
    return [name for name in METHODS if not callable(getattr(candidate, name, None))]
