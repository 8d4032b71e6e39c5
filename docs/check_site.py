"""Check the built manual: ``python docs/check_site.py site``.

Every link inside the site must lead to a page and to a place on it, and no page may load anything from
another host: the manual is read in hospitals, on machines without a way out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "problems", "read_page"]

# What a browser fetches by itself when it shows a page, unlike a link that somebody must click.
_LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
_CSS_LOAD = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])((?:https?:)?//[^'")\s]+)""")


@dataclass(slots=True)
class Page:
    """What one HTML page offers and asks for.

    Attributes:
        anchors: names that a link can point to.
        links: addresses somebody can click.
        loads: addresses the browser fetches by itself.
    """

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.page.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        elif tag in _LOADING and _LOADING[tag] in given and given.get("rel") != "canonical":
            self.page.loads.append(given[_LOADING[tag]])
        self.page.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        self.page.loads += _CSS_LOAD.findall(given.get("style", ""))
        self._in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.page.loads += _CSS_LOAD.findall(data)


def read_page(html: str) -> Page:
    """The anchors, links and loads of a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def problems(site: Path) -> Iterator[str]:
    """What is wrong with a built site, one sentence each; nothing if all is well."""
    pages = {path: read_page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    if not pages:
        yield f"{site}: no page was built"
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for address in page.loads:
            if urlsplit(address).netloc:
                yield f"{name}: loads {address} from another host"
            elif not address.startswith("data:") and _target(site, path, address) is None:
                yield f"{name}: loads {address}, which does not exist"
        for address in page.links:
            yield from (f"{name}: {said}" for said in _link_problems(site, path, address, pages))
    for path in sorted(site.rglob("*.css")):
        for address in _CSS_LOAD.findall(path.read_text("utf-8")):
            yield f"{path.relative_to(site).as_posix()}: loads {address} from another host"


def _link_problems(site: Path, path: Path, address: str, pages: dict[Path, Page]) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    target = _target(site, path, address)
    if target is None:
        yield f"link to {address}, which does not exist"
    elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
        yield f"link to {address}: the page has no such place"


def _target(site: Path, path: Path, address: str) -> Path | None:
    """The file an address leads to; None if there is none inside the site."""
    relative = unquote(urlsplit(address).path)
    base = site if relative.startswith("/") else path.parent
    target = (base / relative.lstrip("/")).resolve() if relative else path
    if target.is_dir():
        target /= "index.html"
    inside = target == path or target.is_relative_to(site.resolve())
    return target if inside and target.is_file() else None


def main() -> int:
    """Print the problems of the site given on the command line; 1 if there are any."""
    site = Path(sys.argv[1]).resolve()
    found = list(problems(site))
    for problem in found:
        print(problem)
    pages = len(list(site.rglob("*.html")))
    print(f"{pages} pages, {len(found)} broken links or loads from other hosts")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
