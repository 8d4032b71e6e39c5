"""The manual's generated pages, its decisions, glossary and change fragments are whole and in order."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import build_pages
import check_site
import docstrings
import pytest
import spec_pages

from tests.docs.pages import written_pages
from tests.structure.rules import FLOORS
from tests.structure.tree import shown
from tests.support import ROOT

ADR = ROOT / "docs" / "adr"
KINDS = {"added", "changed", "fixed", "removed", "security"}
NOT_FRAGMENTS = {".gitignore", ".gitkeep", "README.md"}


@functools.cache
def generated_pages() -> dict[str, str]:
    return build_pages.build()


def test_every_decision_is_in_the_index_with_its_title() -> None:
    """The index names each decision once, in order, by the title that the page itself has."""
    listed = re.findall(r"\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \|", (ADR / "index.md").read_text("utf-8"))
    pages = sorted(ADR.glob("[0-9]*.md"))
    titles = [page.read_text("utf-8").splitlines()[0].removeprefix("# ") for page in pages]
    assert [file for _, file, _ in listed] == [page.name for page in pages]
    assert [f"{number} {title}" for number, _, title in listed] == titles


@pytest.mark.parametrize("page", sorted(ADR.glob("[0-9]*.md")), ids=shown)
def test_a_decision_says_need_choice_price_and_alternatives(page: Path) -> None:
    """Each decision has the same four parts, so that a reader knows where to look."""
    parts = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
    assert parts == ["Need", "Decision", "Consequences", "Seen and not taken"]


@pytest.mark.parametrize("listed", sorted((ROOT / "tests" / "spec").glob("*/order.txt")), ids=shown)
def test_a_chapter_that_states_its_order_names_each_section_once(listed: Path) -> None:
    """A reader meets the sections in the order of the work; no section is forgotten at the end."""
    named = listed.read_text("utf-8").split()
    assert sorted(f"test_{name}" for name in named) == sorted(path.stem for path in listed.parent.glob("test_*.py"))


def glossary() -> list[tuple[str, str]]:
    text = (ROOT / "GLOSSARY.md").read_text("utf-8")
    return re.findall(r"^- \*\*(.+?)\*\*: (.+)$", text, re.MULTILINE)


def test_the_glossary_is_sorted_and_each_entry_is_a_sentence() -> None:
    """A word is found by its place; no word stands twice; each is explained in sentences."""
    terms = [term.casefold() for term, _ in glossary()]
    assert terms == sorted(set(terms))
    assert len(terms) >= 60
    assert [term for term, words in glossary() if not re.search(r"[.`)]$", words)] == []


def test_the_glossary_page_has_every_entry_with_a_place_to_link_to() -> None:
    """The manual's glossary is made from GLOSSARY.md, and each word has an anchor."""
    page = generated_pages()["reference/glossary.md"]
    for term, _ in glossary():
        assert f"\n**{term}**{{ #" in page


def fragments() -> list[Path]:
    return [path for path in sorted((ROOT / "changelog.d").iterdir()) if path.name not in NOT_FRAGMENTS]


@pytest.mark.parametrize("path", fragments(), ids=shown)
def test_a_change_fragment_says_issue_kind_and_what_changed(path: Path) -> None:
    """`<issue>.<kind>.md`, one paragraph of whole sentences, written for those who use it."""
    number, kind, suffix = path.name.split(".")
    assert (number.isdigit(), kind in KINDS, suffix) == (True, True, "md")
    text = path.read_text("utf-8").strip()
    assert text.endswith(".")
    assert "\n\n" not in text
    assert not text.startswith(("-", "#", "*"))


def test_the_manual_shows_the_rooms_in_the_order_of_the_floors() -> None:
    """The manual and the import rule know the same rooms in the same order."""
    assert list(build_pages.ROOMS) == list(FLOORS)


@pytest.mark.parametrize("page", written_pages(), ids=shown)
def test_a_link_between_files_of_the_repository_leads_somewhere(page: Path) -> None:
    """A link between files leads to a file, or to a page that is generated for the manual."""
    generated = {ROOT / "docs" / name for name in generated_pages()}
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
        path = (page.parent / target).resolve()
        assert path.exists() or path in generated, target


def test_the_places_that_security_md_names_exist() -> None:
    """A security property names the code that keeps it and the tests that hold it; all of these exist."""
    named = re.findall(r"`((?:src|tests|docs)/[^`]+)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert [place for place in named if not (ROOT / place).exists()] == []


SPEC = '''"""One rule a test. The rest is read as words about <this>.

A second paragraph with ``a < b``.
"""

import pytest

TABLE = [1, 2]


@pytest.mark.parametrize("x", TABLE)
def test_a_number_is_a_number(x: int) -> None:
    """Numbers are numbers."""
    assert x


def helper() -> None: ...
'''


def test_a_test_becomes_a_paragraph_of_the_manual(tmp_path) -> None:
    """Name, docstring and code of a test are its heading, its words and its folded example."""
    path = tmp_path / "test_numbers_first.py"
    path.write_text(SPEC)
    section = spec_pages.read_section(path)
    assert (section.name, section.title) == ("numbers_first", "One rule a test")
    assert section.shared == "TABLE = [1, 2]\n\ndef helper() -> None: ..."
    (rule,) = section.paragraphs
    assert (rule.sentence, rule.words) == ("A number is a number", "Numbers are numbers.")
    assert rule.code.splitlines()[0] == '@pytest.mark.parametrize("x", TABLE)'
    assert '"""' not in rule.code
    page = spec_pages.chapter_page("Numbers", "", [section])
    assert "### A number is a number { #numbers_first-a_number_is_a_number }" in page
    assert "about &lt;this>." in page
    assert "``a < b``" in page


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<a href="b.html#here">b</a>', ""),
        ('<a href="#top">x</a><p id="top">', ""),
        ('<a href="https://example.org/">somebody may click this</a>', ""),
        ('<img src="data:image/png;base64,AA==">', ""),
        ('<a href="c.html">c</a>', "which does not exist"),
        ('<a href="b.html#there">b</a>', "no such place"),
        ('<a href="../outside.html">b</a>', "which does not exist"),
        ('<script src="https://example.org/x.js"></script>', "from another host"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "from another host"),
        ('<img srcset="b.png 1x, https://example.org/x.png 2x">', "from another host"),
        ("<style>@import 'https://example.org/x.css';</style>", "from another host"),
        ('<p style="background: url(https://example.org/x.png)">', "from another host"),
        ('<img src="missing.png">', "which does not exist"),
    ],
)
def test_the_link_check_sees_dead_links_and_loads_from_other_hosts(html: str, said: str, tmp_path) -> None:
    """A link may lead elsewhere, a load may not, and no link inside may be dead."""
    (tmp_path / "outside.html").write_text("outside")
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text(html)
    (site / "b.html").write_text('<h1 id="here">b</h1>')
    (site / "b.png").write_bytes(b"")
    found = list(check_site.problems(site))
    assert (len(found), said in "".join(found)) == (1 if said else 0, True)


@pytest.mark.parametrize(
    ("docstring", "markdown"),
    [
        ("See :func:`kohort.match.match` and ``x < y``.", "See `kohort.match.match` and ``x < y``."),
        ("As so::\n\n    a <b> c\n\nThen.", "As so:\n\n    a <b> c\n\nThen."),
        ("Words.\n\n::\n\n    a <b>\n", "Words.\n\n\n\n    a <b>\n"),
        ("Args:\n    x: less than <limit>.", "Args:\n    x: less than &lt;limit>."),
    ],
)
def test_a_docstring_reads_well_in_the_manual(docstring: str, markdown: str) -> None:
    """Roles become code, drawings stay drawings, and nothing is taken for a tag and lost."""
    assert docstrings.as_markdown(docstring) == markdown
