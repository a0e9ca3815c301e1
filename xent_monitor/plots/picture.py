"""A figure of our own style, without pyplot: the backend, settings and figures of a user stay as they are.

Matplotlib is imported when the first picture is drawn.
"""

from __future__ import annotations

import contextlib
import functools
import io
import warnings
from collections.abc import Iterator
from typing import Any, TypeAlias

from xent_monitor.errors import XentMonitorError
from xent_monitor.interpretation.wording import one_line, shortened
from xent_monitor.plots.palette import Palette, palette

__all__ = ["Axes", "Figure", "drawing", "matplotlib_module", "percent_tick", "plain_axes", "say", "short_name", "title"]

#: `matplotlib.figure.Figure` and `matplotlib.axes.Axes`, which are not imported here.
Figure: TypeAlias = Any
Axes: TypeAlias = Any

#: Sizes of letters, points.
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 10.0, 8.5, 7.5
#: Pixels for each inch, where the picture becomes pixels.
DPI = 120
#: Letters of a class name beside an axis.
NAME_LENGTH = 24
#: Ticks that are made with the style of the picture; the ones made later would take that of the user.
PREPARED_TICKS = 9
#: By how much a tick at 0 or 1 may have been moved by rounding.
ROUNDING = 1e-9
#: What stands for a name of which nothing can be seen.
NO_NAME = "(blank)"


def matplotlib_module() -> Any:
    """Matplotlib.

    Raises:
        XentMonitorError: If it is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise XentMonitorError("Pictures need matplotlib. Install it: pip install 'xent-monitor[plots]'") from error
    return matplotlib


@contextlib.contextmanager
def drawing(width: float, height: float, *, dark: bool) -> Iterator[tuple[Figure, Palette]]:
    """An empty figure to draw in, and its colours.

    Args:
        width: Inches.
        height: Inches.
        dark: Whether the ground is dark.
    """
    matplotlib = matplotlib_module()
    colours = palette(dark)
    with matplotlib.rc_context():
        # What a user has set would be mixed with ours: TeX, or a style sheet with a ground of its own.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_style(colours))
        figure = _picture_class()(figsize=(width, height), layout="constrained", dpi=DPI)
        figure.get_layout_engine().set(w_pad=0.06, h_pad=0.05)
        yield figure, colours
        for axes in figure.axes:
            axes.xaxis.get_major_ticks(PREPARED_TICKS)
            axes.yaxis.get_major_ticks(PREPARED_TICKS)


def _style(colours: Palette) -> dict[str, Any]:
    return {
        "axes.edgecolor": colours.line_strong,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.labelcolor": colours.ink_3,
        "axes.labelsize": TEXT_SIZE,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": colours.ink,
        "axes.titlelocation": "left",
        "axes.titlesize": TITLE_SIZE,
        "figure.facecolor": colours.page,
        "font.size": TEXT_SIZE,
        "grid.color": colours.line,
        "grid.linewidth": 0.7,
        "hatch.linewidth": 0.9,
        "lines.solid_capstyle": "round",
        "text.color": colours.ink_2,
        # A dollar in the name of a class is a dollar.
        "text.parse_math": False,
        "xtick.color": colours.line_strong,
        "xtick.labelcolor": colours.ink_3,
        "xtick.labelsize": TEXT_SIZE,
        "ytick.color": colours.line_strong,
        "ytick.labelcolor": colours.ink_3,
        "ytick.labelsize": TEXT_SIZE,
    }


@functools.cache
def _picture_class() -> type:
    """The class of the figures, which cannot be made before matplotlib is there."""
    from matplotlib.figure import Figure as MatplotlibFigure

    class Picture(MatplotlibFigure):
        """A figure that Jupyter shows without pyplot, and that no name disturbs."""

        def draw(self, renderer: Any) -> None:
            with _undisturbed():
                super().draw(renderer)

        def get_tightbbox(self, *arguments: Any, **options: Any) -> Any:
            with _undisturbed():
                return super().get_tightbbox(*arguments, **options)

        def lay_out(self) -> None:
            """Place all parts for good: a figure that has still to be laid out is drawn twice when it is saved."""
            engine = self.get_layout_engine()
            if engine is not None:
                with _undisturbed():
                    engine.execute(self)
            self.set_layout_engine("none")

        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            self.savefig(buffer, format="png")
            return buffer.getvalue()

    # Pickle asks the module for the class by its name, and `__getattr__` gives it.
    Picture.__qualname__ = "Picture"
    return Picture


def __getattr__(name: str) -> Any:
    if name == "Picture":
        return _picture_class()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the warnings that names lead to. A letter that the font lacks is drawn as a box, which says enough."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        # Raised where names leave no room for the picture; it is drawn all the same.
        warnings.filterwarnings("ignore", message=r"constrained_layout not applied")
        yield


def short_name(name: str, length: int = NAME_LENGTH) -> str:
    """A class name on one line, its middle left out where it is long."""
    return shortened(one_line(name), length) or NO_NAME


def title(axes: Axes, text: str, beside: str = "") -> None:
    """The title of a picture or a part of it, with what it shows in smaller letters below."""
    axes.set_title(text, weight="bold", pad=19 if beside else 6)
    if beside:
        colour = axes.xaxis.label.get_color()
        place = {"xycoords": "axes fraction", "xytext": (0, 7), "textcoords": "offset points"}
        axes.annotate(beside, (0, 1), fontsize=SMALL_SIZE, color=colour, annotation_clip=False, **place)


def plain_axes(axes: Axes, *, grid: str = "y") -> None:
    """Grid lines along one axis only ("x", "y" or "" for none), and no ticks that stick out."""
    axes.grid(False)
    if grid:
        axes.grid(True, axis=grid)
    axes.tick_params(length=0)


def percent_tick(value: float, _: object = None) -> str:
    """A share at an axis; nothing where no share can be.

    >>> percent_tick(0.25), percent_tick(1.02)
    ('25 %', '')
    """
    return f"{100 * value:.4g} %" if -ROUNDING <= value <= 1 + ROUNDING else ""


def say(axes: Axes, text: str) -> None:
    """A sentence where there is nothing to draw."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True)
