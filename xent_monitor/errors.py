"""Exceptions of the package.

```
XentMonitorError            wiring that cannot work: no classification output, class names that do not fit
├── AlertError              an alert fired that `RaiseError` was to answer
├── EventFormatError        an event file that this version cannot read (also a ValueError)
├── PredictionFileError     a file of predictions that cannot be read as such (also a ValueError)
└── RuleFileError           a file of alert rules, or of tests for them, with mistakes (also a ValueError)
```

Wrong arguments raise `ValueError` or `TypeError`, as Keras users expect.
"""

from collections.abc import Iterable

__all__ = ["AlertError", "EventFormatError", "PredictionFileError", "RuleFileError", "XentMonitorError"]


class XentMonitorError(Exception):
    """The monitor cannot do what it was asked for; the message says what to do instead."""


class AlertError(XentMonitorError):
    """An alert has fired that the action `RaiseError` was to answer; the text is that of the alert."""


class EventFormatError(XentMonitorError, ValueError):
    """An event file is damaged, or written in a format that this version does not know."""


class PredictionFileError(XentMonitorError, ValueError):
    """A file of predictions is damaged, or does not hold what it should; the text names file and place."""


class RuleFileError(XentMonitorError, ValueError):
    """A rule file, or a file of tests for one, has mistakes: all of them, one a line.

    Args:
        errors: What is wrong, each with file, place, what was expected and what came.

    Example:
        >>> print(RuleFileError(["alerts.toml: first mistake", "alerts.toml: second mistake"]))
        alerts.toml: first mistake
        alerts.toml: second mistake
    """

    def __init__(self, errors: Iterable[str]) -> None:
        #: One text for each mistake, in the order of the file.
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(self.errors)
