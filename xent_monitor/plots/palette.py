"""Colours by meaning: those of the TensorBoard tab (`dashboard/src/style/base.css`, `dashboard/src/palette.js`).

On either ground more contrast with the page is more trouble, and lightness only ever goes one way, so that a ramp
survives grey printing and colour-blindness.
"""

from __future__ import annotations

import dataclasses

from xent_monitor.report import Split

__all__ = ["DARK", "LIGHT", "Palette", "palette"]


@dataclasses.dataclass(frozen=True)
class Palette:
    """A colour `#rrggbb` for each meaning, on one ground."""

    page: str
    line: str
    line_strong: str
    ink: str
    ink_2: str
    ink_3: str
    train: str
    validation: str
    test: str
    right: str
    wrong: str
    #: Too sure.
    over: str
    #: Too timid.
    under: str
    #: Of a stretch of divergence, drawn with `band_opacity`.
    warning_fill: str
    #: Of a cell without a value.
    missing: str
    band_opacity: float
    #: From no trouble to most of it.
    trouble: tuple[str, ...]

    def split(self, split: Split) -> str:
        """The colour of a split."""
        return str(getattr(self, split))


LIGHT = Palette(
    page="#ffffff",
    line="#e3e6ea",
    line_strong="#c6ccd4",
    ink="#16191d",
    ink_2="#4b5560",
    ink_3="#616b77",
    train="#2468b4",
    validation="#bd5208",
    test="#6b4fa3",
    right="#1f8a70",
    wrong="#b0307a",
    over="#b0307a",
    under="#3b70ab",
    warning_fill="#e0a92b",
    missing="#d9dce0",
    band_opacity=0.15,
    trouble=("#f4f6f0", "#d9edd6", "#a9dcc9", "#66c0c2", "#3797b7", "#2b6aa1", "#2b4187", "#1f1750"),
)
DARK = Palette(
    page="#14171c",
    line="#2a3039",
    line_strong="#434c59",
    ink="#eceff3",
    ink_2="#b3bcc8",
    ink_3="#8d98a6",
    train="#6fa8ee",
    validation="#f5924a",
    test="#b79df0",
    right="#4fc4a3",
    wrong="#ec79ba",
    over="#ec79ba",
    under="#7faee0",
    warning_fill="#d9a72f",
    missing="#333a44",
    band_opacity=0.12,
    trouble=("#1d222b", "#1f3052", "#23507c", "#1f7889", "#35a07d", "#83c65a", "#d5dc4e", "#fff6a3"),
)


def palette(dark: bool) -> Palette:
    """The colours on a dark or a light ground."""
    return DARK if dark else LIGHT
