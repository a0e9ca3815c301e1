"""Figures as SVG inside of a page: in the colours of the page, light or dark, and with letters that can be read aloud.

A colour of the light palette becomes the custom property of its meaning, so that one drawing serves both grounds. A
picture with pixels in it (a heatmap) is drawn for each.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

from xent_monitor.plots.palette import DARK, LIGHT, Palette
from xent_monitor.plots.picture import Figure, matplotlib_module

__all__ = ["Picture", "picture"]

#: Draws a figure, by its argument `dark` on a dark ground or on a light one.
Draw = Callable[..., Figure]

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
#: A number with more decimals than can be seen.
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
#: Attributes that hold coordinates.
_COORDINATES = ("d", "x", "y", "transform", "points", "width", "height")
_FONT_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_FONT = re.compile(r"font: ([^;']*?)(\d+(?:\.\d+)?px) [^;]*")


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture of a page."""

    #: Elements `<svg>`, one for both grounds or one for each.
    svg: str
    #: What it shows, for those who do not see it.
    description: str


def picture(key: str, title: str, description: str, draw: Draw) -> Picture:
    """Draw a picture for a page.

    Args:
        key: What its identifiers begin with: letters, digits and hyphens, no other picture's of the page.
        title: What it is.
        description: What it shows.
        draw: Draws it.
    """
    light = _tree(draw(dark=False), key)
    if next(light.iter(f"{_SVG}image"), None) is None:
        return Picture(_inline(light, key, title, description, LIGHT, ""), description)
    dark = _tree(draw(dark=True), f"{key}-dark")
    both = (
        _inline(light, key, title, description, LIGHT, "light"),
        _inline(dark, f"{key}-dark", title, description, DARK, "dark"),
    )
    return Picture("".join(both), description)


def _tree(figure: Figure, salt: str) -> ElementTree.Element:
    """The elements that matplotlib draws."""
    buffer = io.BytesIO()
    figure.lay_out()
    settings = {"svg.fonttype": "none", "svg.hashsalt": salt, "text.parse_math": False, "text.usetex": False}
    with matplotlib_module().rc_context(settings):
        # Without a date a run has the same page whenever it is made.
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return ElementTree.fromstring(buffer.getvalue())


def _inline(root: ElementTree.Element, key: str, title: str, description: str, colours: Palette, ground: str) -> str:
    """The element `<svg>` as it stands in HTML, where the names of elements have no name space."""
    names = {identifier: f"{key}-{index}" for index, identifier in enumerate(sorted(_referenced(root)))}
    properties = {getattr(colours, name): f"var(--{name.replace('_', '-')})" for name in _names_of_colours()}
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        element.tail = None
        if element.tag != "text" and element.text is not None and not element.text.strip():
            element.text = None
        attributes = dict(element.attrib)
        element.attrib.clear()
        for name, value in attributes.items():
            kept = _attribute(name, value, names, properties)
            if kept is not None:
                element.set(name.removeprefix(_XLINK), kept)
    for defs in [one for one in root if one.tag == "defs" and one.find("style") is not None]:
        root.remove(defs)
    _describe(root, key, title, description, ground)
    return ElementTree.tostring(root, encoding="unicode")


def _names_of_colours() -> list[str]:
    """Fields of the palette with one colour; of equal colours the last one's property is taken, which is as good."""
    return [field.name for field in dataclasses.fields(Palette) if isinstance(getattr(LIGHT, field.name), str)]


def _referenced(root: ElementTree.Element) -> Iterator[str]:
    """Identifiers that some other element refers to."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id" or value.startswith("data:"):
                continue
            if name == f"{_XLINK}href" or "url(#" in value:
                yield from (found.rstrip(")") for found in re.findall(r"#([A-Za-z][\w.-]*)", value))


def _attribute(name: str, value: str, names: dict[str, str], properties: dict[str, str]) -> str | None:
    """The value of an attribute in the page; None where it has no place there."""
    if name == "id":
        return names.get(value)
    if name in ("version", "class"):
        return None
    if value.startswith("data:"):
        return re.sub(r"\s", "", value)
    if name == f"{_XLINK}href" or "url(#" in value:
        value = re.sub(r"#([A-Za-z][\w.-]*)", lambda found: f"#{names.get(found[1], found[1])}", value)
    if name == "style":
        # The page has a font of its own.
        value = _FONT.sub(lambda found: f"{_weight(found[1])}font-size: {found[2]}", _FONT_FAMILY.sub("", value))
        return _COLOUR.sub(lambda found: properties.get(found[0], found[0]), value)
    if name in _COORDINATES:
        return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value).replace("\n", "")
    return value


def _weight(words: str) -> str:
    return "font-weight: 700; " if "bold" in words or "700" in words else ""


def _describe(root: ElementTree.Element, key: str, title: str, description: str, ground: str) -> None:
    """Title and description, and a size that the page decides."""
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.set("class", f"picture {ground}".strip())
    root.set("role", "img")
    root.set("aria-labelledby", f"{key}-title {key}-description")
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element: Any = ElementTree.Element(tag, {"id": f"{key}-{'title' if tag == 'title' else 'description'}"})
        element.text = text
        root.insert(position, element)
