"""`Finding`: what is found of one rule, and how sure that is.

A finding is certain where the numbers prove it, likely where they are what the rule looks for, and possible where they
leave it open.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["CERTAINTIES", "Certainty", "Finding"]

Certainty = Literal["certain", "likely", "possible"]

#: The surest first.
CERTAINTIES: tuple[Certainty, ...] = ("certain", "likely", "possible")


class Finding(NamedTuple):
    """What is found of one rule."""

    certainty: Certainty
    evidence: str
    decided_by: str | None = None
