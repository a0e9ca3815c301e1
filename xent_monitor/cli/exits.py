"""What the exit code of every command means."""

from __future__ import annotations

__all__ = ["CLEAN", "FOUND", "UNUSABLE"]

#: Nothing to complain of.
CLEAN = 0
#: Something was found: an alert, a change for the worse, a test of a rule that failed.
FOUND = 1
#: Wrong use, or input that cannot be read; the reason is on the standard error.
UNUSABLE = 2
