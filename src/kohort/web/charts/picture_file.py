"""A chart as a file of its own: SVG with its style inside, or PNG.

Charts take their colours from the page's style sheet. A file has no page, so the rules that charts need go into it, in
the colours of the light theme. PNG is drawn by resvg, an optional extra.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from kohort.errors import UserError
from kohort.web.charts.svg import Chart
from kohort.web.whole_file import write_whole

__all__ = ["save", "standalone"]

FONTS = 'Inter, "Noto Sans", "Liberation Sans", "DejaVu Sans", Arial, Helvetica, sans-serif'
PAPER = "#ffffff"
MARGIN = 14.0
_OF_THE_PAGE = ("figure", "figcaption", ".picture", ".scale", ".scroll")


def save(chart: Chart, path: str | Path, *, is_narrow: bool = False, zoom: float = 2.0) -> Path:
    """Write a chart to a file, whole or not at all; folders above it are made.

    Args:
        chart: the chart.
        path: file to write; its ending says what: ``.svg`` or ``.png``.
        is_narrow: the picture for phones rather than the wide one.
        zoom: pixels of the PNG for each pixel of the picture.

    Returns:
        The file's path.

    Raises:
        UserError: another ending, the extra for PNG is not installed, no font is, or the file cannot be written.
    """
    target = Path(path)
    picture = standalone(chart.narrow if is_narrow else chart.wide)
    match target.suffix.lower():
        case ".svg":
            content = picture.encode("utf-8")
        case ".png":
            content = _png(picture, zoom)
        case other:
            raise UserError(
                f"A picture cannot be saved as {other or 'a file without ending'!r}.",
                remedy="End the name in .svg or .png.",
            )
    return write_whole(target, content, "The picture")


def standalone(picture: Markup) -> str:
    """The SVG of a chart as a document of its own: name space, style, white ground and a margin."""
    found = re.match(r'<svg([^>]*) viewBox="0 0 ([\d.]+) ([\d.]+)" width="[\d.]+" height="[\d.]+">', picture)
    if found is None:
        raise UserError("This is no picture of a chart.", remedy="Give Chart.wide or Chart.narrow.")
    width, height = (float(each) + 2 * MARGIN for each in found.groups()[1:])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{found[1]} viewBox="{-MARGIN:g} {-MARGIN:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">'
    )
    ground = f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="{width:g}" height="{height:g}" fill="{PAPER}"/>'
    body = str(picture)[found.end() :]
    # title and description stay first: readers of the picture by ear look for them there
    place = body.index("</desc>") + len("</desc>")
    return f"{head}{body[:place]}<style>{_style()}</style>{ground}{body[place:]}"


@cache
def _style() -> str:
    folder = files("kohort.web") / "templates"
    page, charts = ((folder / name).read_text("utf-8") for name in ("base.css", "charts.css"))
    light = page[page.index(":root {") : page.index("@media")]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", light))
    rules = re.sub(r"/\*.*?\*/", "", charts, flags=re.S)
    rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", rules)
    kept = [
        rule.strip()
        for rule in re.findall(r"[^{}]+\{[^{}]*\}", rules)
        if not any(css in rule.split("{")[0] for css in _OF_THE_PAGE)
    ]
    style = re.sub(r"var\(--([\w-]+)\)", lambda name: colours[name[1]], "\n".join(kept))
    return style.replace("font-family: inherit", f"font-family: {FONTS}").replace(
        "font-weight: 620", "font-weight: 700"
    )


def _png(picture: str, zoom: float) -> bytes:
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise UserError(
            "PNG needs the extra 'png', which is not installed.",
            remedy="Install it (pip install 'kohort[png]'), or save as .svg.",
        ) from error
    if not _has_font():
        raise UserError(
            "This machine has no font, so a PNG would have no words.",
            remedy="Install a font such as DejaVu Sans, or save as .svg.",
        )
    return bytes(svg_to_bytes(svg_string=picture, zoom=zoom, background=PAPER))


@cache
def _has_font() -> bool:
    """True if words leave a trace in a picture."""
    from resvg_py import svg_to_bytes  # noqa: PLC0415 - an optional extra

    empty, written = (
        bytes(
            svg_to_bytes(
                svg_string='<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
                f"<text x='2' y='15' style='font-family: {FONTS.replace(chr(34), '')}'>{words}</text></svg>"
            )
        )
        for words in ("", "abc")
    )
    return empty != written
