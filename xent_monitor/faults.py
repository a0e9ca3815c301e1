"""`Faults`: what goes wrong in a monitor does not end the training, and is said once."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

from xent_monitor.errors import EventFormatError, XentMonitorError

__all__ = ["Faults"]


class Faults:
    """The faults of a monitor during one fit: each kind becomes one warning.

    Example:
        >>> faults = Faults()
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     for _ in range(2):
        ...         with faults.surviving("write"):
        ...             raise OSError("no space left")
        >>> [str(one.message) for one in caught]
        ['xent_monitor could not write: OSError: no space left. Training goes on.']
    """

    def __init__(self) -> None:
        self._said: set[str] = set()

    def forget(self) -> None:
        """A fit begins: what was said before is said again."""
        self._said = set()

    def complain(self, subject: str, message: str) -> None:
        """Warn, once a fit for each subject.

        Args:
            subject: The same for all faults of one kind.
            message: Goes on from "xent_monitor ".
        """
        if subject not in self._said:
            self._said.add(subject)
            warnings.warn(f"xent_monitor {message}", stacklevel=3)

    @contextlib.contextmanager
    def surviving(self, deed: str) -> Iterator[None]:
        """Our own faults within the block do not end a training; what the user has to mend (`XentMonitorError`) does.

        Args:
            deed: What is done there, for the warning.
        """
        try:
            yield
        except EventFormatError as error:
            # A damaged file of ours, which the training does not need.
            self.complain(deed, f"could not {deed}: {str(error).rstrip('.')}. Training goes on.")
        except XentMonitorError:
            raise
        except Exception as error:
            self.complain(deed, f"could not {deed}: {type(error).__name__}: {error}. Training goes on.")
