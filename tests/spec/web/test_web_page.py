"""The report is one valid page that stands alone, speaks to everybody and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kohort.errors import UserError
from kohort.web import ReportData, SiteSummary, Step, render, write
from tests.browser.report_factory import report
from tests.spec.web.page import SVG, by_id, parse, rows, words

HOSTILE = "<script>alert(1)</script>\"'&<b x=1>"


@pytest.fixture(scope="module")
def page() -> str:
    return render(report())


@pytest.fixture(scope="module")
def root(page: str) -> Any:
    return parse(page)


def smallest() -> ReportData:
    site = SiteSummary("Only", "Norway", 1, 2, 1, 1, 1, 0, 0, 0, 0)
    step = Step("Patients", {"Only": 1}, 1)
    return ReportData("Title", "Subtitle", "2026-01-31", {}, is_synthetic=False, sites=(site,), funnel=(step,))


@pytest.mark.parametrize("data", [report(), smallest()], ids=["whole", "smallest"])
def test_the_page_has_no_error_of_the_html_standard(data: ReportData) -> None:
    """A strict HTML5 parser reads the page without a complaint, with all its sections and with the fewest."""
    assert parse(render(data)).tag == "html"


def test_the_page_names_no_address_outside_itself(page: str, root: Any) -> None:
    """Nothing is loaded or linked: addresses are fragments of the page or data inside it."""
    addresses = [value for node in root.iter() for name, value in node.attrib.items() if name in ("src", "href")]
    addresses += re.findall(r"url\(([^)]*)\)", page)
    assert [address for address in addresses if not re.match(r"#|data:image/", address)] == []
    assert "@import" not in page
    assert "xlink" not in page


def test_every_address_in_the_page_leads_somewhere(page: str, root: Any) -> None:
    """Ids stand once, and every fragment that a link, a pattern or a label names exists."""
    ids = [name for node in root.iter() if (name := node.get("id"))]
    assert len(ids) == len(set(ids))
    named = [href[1:] for node in root.iter() if (href := node.get("href", "")).startswith("#")]
    named += re.findall(r"url\(#([^)]*)\)", page)
    for node in root.iter():
        for attribute in ("aria-labelledby", "aria-describedby"):
            named += (node.get(attribute) or "").split()
    assert set(named) - set(ids) == set()


def test_the_content_policy_allows_the_own_style_sheet_and_nothing_else(page: str, root: Any) -> None:
    """The policy names the hash of the one style element; scripts, frames, fonts and forms are forbidden."""
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = (
        node.get("content") for node in root.iter("meta") if node.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_page_runs_nothing_and_styles_nothing_in_place(root: Any) -> None:
    """There is no script, no event attribute and no style attribute; the content policy would stop them."""
    assert [
        node.tag for node in root.iter() if node.tag in ("script", "iframe", "object", "form", SVG + "script")
    ] == []
    names = {name for node in root.iter() for name in node.attrib}
    assert [name for name in names if name == "style" or str(name).startswith("on")] == []


def test_every_picture_has_a_title_a_description_and_a_table(root: Any) -> None:
    """Each SVG is an image with a name and a sentence, and its figure holds the same numbers as a table."""
    figures = list(root.iter("figure"))
    pictures = list(root.iter(SVG + "svg"))
    assert len(pictures) == sum(len(list(figure.iter(SVG + "svg"))) for figure in figures) == 10
    for picture in pictures:
        title, description = picture[0], picture[1]
        assert picture.get("role") == "img"
        assert (title.tag, description.tag) == (SVG + "title", SVG + "desc")
        assert (picture.get("aria-labelledby"), picture.get("aria-describedby")) == (
            title.get("id"),
            description.get("id"),
        )
        assert len(words(title)) > 10
        assert len(words(description)) > 30
    for figure in figures:
        assert list(figure.iter("table"))


def test_headings_go_down_one_step_at_a_time(root: Any) -> None:
    """One h1, and no level is left out on the way down."""
    levels = [
        int(node.tag[1]) for node in root.iter() if isinstance(node.tag, str) and re.fullmatch(r"h[1-6]", node.tag)
    ]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_heads_with_a_scope(root: Any) -> None:
    """A table says what it is, its heads say what they stand for, and its rows are equally long."""
    for table in root.iter("table"):
        assert words(table.find("caption"))
        assert {head.get("scope") for head in table.iter("th")} <= {"col", "row"}
        assert len({len(row) for row in rows(table)}) == 1, table.get("id")


def test_the_page_has_a_language_landmarks_and_a_way_past_them(root: Any) -> None:
    """Language, header, contents, main part and footer are marked; the first link leads past them."""
    assert root.get("lang") == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(list(root.iter(landmark))) == 1
    assert next(root.iter("a")).get("href") == "#main"


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(root: Any) -> None:
    """Each table stands in a region of its own that takes the focus and is named."""
    regions = [node for node in root.iter("div") if "scroll" in (node.get("class") or "").split()]
    assert len(regions) > len(list(root.iter("table")))
    for region in regions:
        assert region.get("role") == "region"
        assert region.get("tabindex") == "0"
        assert region.get("aria-label") or region.get("aria-labelledby")


def test_hostile_words_are_shown_as_words() -> None:
    """Markup in a name, a drug, a finding or a label appears as text and never becomes an element."""
    data = report()
    site = replace(
        data.sites[0],
        name=HOSTILE,
        findings=(replace(data.sites[0].findings[0], message=HOSTILE, file=HOSTILE, rule=HOSTILE),),
    )
    cohort = replace(data.cohorts[0], drug=HOSTILE, title=HOSTILE, decision_label=HOSTILE, by_site={HOSTILE: 24})
    curves = replace(data.survival[0], title=HOSTILE, groups=(replace(data.survival[0].groups[0], label=HOSTILE),))
    assert data.oncoprint is not None
    oncoprint = replace(data.oncoprint, tumours=(HOSTILE, *data.oncoprint.tumours[1:]))
    step = Step(HOSTILE, {HOSTILE: 10}, 10)
    page = render(
        replace(
            data, title=HOSTILE, subtitle=HOSTILE, sites=(site,), funnel=(step,), cohorts=(cohort,),
            survival=(curves,), oncoprint=oncoprint, versions={HOSTILE: HOSTILE}, notes=(HOSTILE,),
        )
    )  # fmt: skip
    root = parse(page)
    assert "<script" not in page
    assert "<b x" not in page
    assert list(root.iter("b")) == []
    assert words(root.find(".//h1")) == HOSTILE
    assert [row[0] for row in rows(by_id(root, "table-files"))][1] == HOSTILE
    assert HOSTILE in words(by_id(root, "table-cohorts"))


def test_the_same_data_give_the_same_page(page: str) -> None:
    """No clock, no random number and no order of a set enters the page."""
    assert render(report()) == page


def test_the_date_is_the_one_that_was_given(root: Any) -> None:
    """The page says when it was made, in words and for machines, as the caller says."""
    (time,) = root.iter("time")
    assert (time.get("datetime"), words(time)) == ("2026-03-02", "2 March 2026")


def test_the_top_of_the_page_gives_three_facts(root: Any) -> None:
    """Patients and what became of their lines, the key step, and the state of the cohorts."""
    facts = [re.sub(r"\s", " ", words(node)) for node in by_id(root, "glance").iter("li")]
    assert facts == [
        "4 918 Patients 3 sites in 3 countries; of 930 847 lines read, 105 set aside, each with its reason.",
        "477 Eligible for a cohort 9.7% of the 4 918 at the first step.",
        "9 Treatment cohorts 4 recruiting, 2 go on, 1 positive, 1 negative, 1 stopped.",
    ]


def test_numbers_can_be_read_by_a_machine(root: Any) -> None:
    """A number in a table carries its plain value beside the one with thin spaces."""
    values = [int(node.get("value")) for node in by_id(root, "table-files").iter("data")]
    assert values[:4] == [11, 412_807, 412_790, 17]


def test_contents_list_the_sections_that_are_there() -> None:
    """A part that is left out has neither a section nor an entry in the contents."""
    for data, expected in ((report(), 8), (smallest(), 4)):
        root = parse(render(data))
        entries = [node.get("href")[1:] for node in next(root.iter("nav")).iter("a")]
        assert entries == [node.get("id") for node in root.iter("section")]
        assert len(entries) == expected


def test_a_report_of_invented_patients_says_so_and_one_of_real_patients_warns() -> None:
    """Synthetic data are named at the top; a real patient's section says that it must not travel."""
    assert "Nobody in this report ever lived." in render(report())
    real = render(report(is_synthetic=False))
    assert "Nobody in this report ever lived." not in real
    assert "This section must not leave the site" in real


def test_unknown_is_not_no(root: Any) -> None:
    """The three values of a criterion have different words and different marks."""
    verdicts = {row[1] for row in rows(by_id(root, "table-verdict"))[1:]}
    assert verdicts == {"✓ yes", "? unknown"}
    assert "may fit" in words(by_id(root, "patient"))


def test_every_biomarker_names_its_source_and_date(root: Any) -> None:
    """A statement on a drug stands with the pack it comes from and the day of that pack."""
    sources = [row[-1] for row in rows(by_id(root, "table-biomarkers"))[1:]]
    assert "CIViC EID 1409 2025-11-18" in sources
    assert all(re.search(r"\d{4}-\d\d-\d\d$", source) for source in sources)


def test_the_page_is_written_whole_into_folders_that_are_made(tmp_path: Path) -> None:
    """Writing makes the folders above, replaces an older page and leaves nothing else behind."""
    target = tmp_path / "new" / "report.html"
    for title in ("first", "second"):
        assert write(report(title=title), target) == target
        assert f"<h1>{title}</h1>" in target.read_text("utf-8")
    assert list(target.parent.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """If the file cannot be written the error names it, says what to do, and nothing is left behind."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(UserError, match=r"report\.html.*Choose a file"):
        write(report(), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
