"""Exceptions of the package.

```
XentMonitorError            wiring that cannot work: no classification output, class names that do not fit
└── EventFormatError        an event file that this version cannot read (also a ValueError)
```

Wrong arguments raise `ValueError` or `TypeError`, as Keras users expect.
"""

__all__ = ["EventFormatError", "XentMonitorError"]


class XentMonitorError(Exception):
    """The monitor cannot do what it was asked for; the message says what to do instead."""


class EventFormatError(XentMonitorError, ValueError):
    """An event file is damaged, or written in a format that this version does not know."""
