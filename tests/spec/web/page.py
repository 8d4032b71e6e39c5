"""The report as a tree, read by a strict HTML5 parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

SVG = "{http://www.w3.org/2000/svg}"


def parse(page: str) -> Any:
    """The page's root; any error of the HTML standard is raised."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def words(node: Element) -> str:
    """All text inside, with single spaces; thin and unbreakable ones stay."""
    return re.sub(r"[ \n]+", " ", "".join(node.itertext())).strip()


def by_id(root: Any, name: str) -> Any:
    """The one element with this id."""
    found = [node for node in root.iter() if node.get("id") == name]
    assert len(found) == 1, name
    return found[0]


def rows(table: Any) -> list[list[str]]:
    """Cells of a table as text, row by row, head included."""
    return [[words(cell) for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr")]


def shapes(root: Any, tag: str, css: str) -> Iterator[Element]:
    """SVG elements of a tag that have a class."""
    return (node for node in root.iter(SVG + tag) if css in (node.get("class") or "").split())
