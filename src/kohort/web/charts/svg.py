"""SVG elements as escaped text, and the frame that makes a picture readable for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = [
    "Chart",
    "Size",
    "coordinate",
    "element",
    "group",
    "line",
    "picture",
    "rectangle",
    "shorten",
    "text",
]

CHARACTER = 0.56
"""Mean width of a character of the page's font, in font sizes."""

WIDE = 860.0
NARROW = 330.0


@dataclass(frozen=True, slots=True)
class Chart:
    """The same chart for a wide page and for a phone; the style sheet shows one of them.

    Attributes:
        wide: SVG for 860 pixels.
        narrow: SVG for 330 pixels.
        scrolls: it has its own width, and scrolls in its frame where there is less.
    """

    wide: Markup
    narrow: Markup
    scrolls: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a picture in pixels at its natural size, and whether it is the one for phones."""

    width: float
    height: float
    is_narrow: bool = False


def coordinate(value: float) -> str:
    """A length to a tenth of a pixel, without a trailing zero or a negative one."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """One element; children and attributes are escaped unless they are Markup.

    Args:
        tag: its name.
        children: texts or elements.
        attributes: ``css`` is the class; an underscore in a name is a hyphen; None leaves an attribute out.
    """
    written = Markup("").join(
        Markup(' {}="{}"').format("class" if name == "css" else name.replace("_", "-"), _value(value))
        for name, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(child if isinstance(child, Markup) else escape(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, inner)


def _value(value: object) -> object:
    return coordinate(value) if isinstance(value, float) else value


def group(*children: object, **attributes: object) -> Markup:
    """Elements that belong together."""
    return element("g", *children, **attributes)


def text(x: float, y: float, words: str, css: str = "label", anchor: str | None = None) -> Markup:
    """Words with their base line at ``(x, y)``; anchor ``middle`` or ``end``."""
    return element("text", words, x=float(x), y=float(y), css=css, text_anchor=anchor)


def line(start: tuple[float, float], end: tuple[float, float], css: str) -> Markup:
    """A straight line between two points."""
    return element("line", x1=float(start[0]), y1=float(start[1]), x2=float(end[0]), y2=float(end[1]), css=css)


def rectangle(x: float, y: float, width: float, height: float, css: str, **attributes: object) -> Markup:
    """A rectangle with its upper left corner at ``(x, y)``."""
    return element("rect", x=float(x), y=float(y), width=float(width), height=float(height), css=css, **attributes)


def picture(name: str, size: Size, title: str, description: str, *children: object) -> Markup:
    """The whole SVG: an image with a title and a description that says what is to be seen.

    Args:
        name: unique in the page; ids inside begin with it.
        size: natural size.
        title: short name.
        description: the finding, in words.
        children: what is drawn.
    """
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *children,
        id=name,
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        css="narrow" if size.is_narrow else "wide",
        viewBox=f"0 0 {coordinate(size.width)} {coordinate(size.height)}",
        width=size.width,
        height=size.height,
    )


def shorten(words: str, width: float, font_size: float = 13.0) -> str:
    """Words cut to about ``width`` pixels; the table beside the chart has them whole."""
    most = max(3, int(width / (CHARACTER * font_size)))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
