"""A small number that is hidden stays hidden everywhere in the page: in text, in lengths, in sums and in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from kohort.errors import IntegrityError
from kohort.web import (
    NOT_SHOWN,
    Count,
    GeneRow,
    Oncoprint,
    OncoprintCell,
    Step,
    TumourCounts,
    TumourRow,
    render,
    would_reveal,
)
from tests.browser.report_factory import SITES, curve, report
from tests.spec.web.page import SVG, by_id, parse, rows, shapes, words


def funnel(*counts: Count | None, total: Count) -> tuple[Step, Step]:
    everybody = Step("Patients", dict.fromkeys(SITES, 1_000), 3_000)
    return everybody, Step("Treated", dict(zip(SITES, counts, strict=True)), total)


@pytest.mark.parametrize(
    ("parts", "total", "reveals"),
    [
        ((10, 20, "<5"), 33, True),
        ((10, 20, NOT_SHOWN), 60, True),
        ((10, 20, "<5"), NOT_SHOWN, False),
        ((10, "<5", "<5"), 15, False),
        ((10, "<5", "<5"), 18, True),
        ((10, "<5", "<5"), 12, True),
        ((10, "<5", NOT_SHOWN), 30, False),
        ((10, None, "<5"), 33, False),
        ((10, 20, 3), 33, False),
        ((), 33, False),
    ],
)
def test_parts_beside_a_total_reveal_a_hidden_part_if_it_can_be_computed(
    parts: tuple[Count | None, ...], total: Count, reveals: bool
) -> None:
    """One hidden part is the difference; two are known if the difference leaves them only one value each."""
    assert would_reveal(parts, total) is reveals


def test_a_step_that_would_give_a_site_away_is_refused() -> None:
    """A total beside all sites but one tells the hidden site; the error names the step, never the numbers."""
    with pytest.raises(IntegrityError, match="Step 'Treated'") as refused:
        funnel(66, 47, "<5", total=116)
    assert "66" not in str(refused.value)


def test_a_cell_that_would_give_itself_away_is_refused() -> None:
    """A share, or kinds of alteration, beside a hidden count tell the count."""
    for share, kinds in ((0.03, {}), (None, {"missense": 3})):
        with pytest.raises(ValueError, match="a hidden count has neither a share nor kinds"):
            OncoprintCell(100, "<5", share, kinds)
    with pytest.raises(IntegrityError, match="Oncoprint cell"):
        OncoprintCell(100, 30, 0.3, {"missense": 28, "fusion": "<5"})


def test_a_table_whose_total_gives_a_cell_away_is_refused() -> None:
    """A total under a column with one hidden cell tells the cell."""
    table = (TumourRow("Lung", 100, (30,)), TumourRow("Breast", 100, ("<5",)))
    with pytest.raises(IntegrityError, match="Tumours: BRAF V600E"):
        TumourCounts(("BRAF V600E",), table, TumourRow("All", 200, (33,)))
    TumourCounts(("BRAF V600E",), table, TumourRow("All", 200, (NOT_SHOWN,)))


def test_a_cohort_whose_sums_give_a_number_away_is_refused() -> None:
    """Enrolled less evaluable is pending, and enrolled less the other sites is the hidden site."""
    cohort = report().cohorts[1]
    for changes in ({"pending": "<5"}, {"by_site": {**cohort.by_site, "Havnby": "<5"}}):
        with pytest.raises(IntegrityError, match="Cohort K02"):
            replace(cohort, **changes)


@pytest.mark.parametrize("wrong", ["5", "< 5", "3", "<", "about 4", -1, 2.5, True])
def test_a_count_is_a_number_or_a_text_that_hides_one(wrong: Any) -> None:
    """What is neither is refused, and the message does not repeat it."""
    with pytest.raises(ValueError, match="Havnby") as refused:
        Step("Havnby", {}, wrong)
    assert repr(wrong) not in str(refused.value).replace("'<5'", "")


def test_a_hidden_number_is_shown_as_it_came() -> None:
    """The text stands in the table, never blank and never 0, and is explained at the end of the page."""
    root = parse(render(report(funnel=funnel(66, 47, "<5", total=NOT_SHOWN))))
    assert rows(by_id(root, "table-funnel"))[2] == ["Treated", "66", "47", "<5", "not shown", ""]
    assert "<5" in words(by_id(root, "reading"))


def test_no_number_of_the_funnel_is_computed_from_others() -> None:
    """All numbers of the section were given, but percentages of totals; none is what a hidden part leaves."""
    root = parse(render(report(funnel=funnel(66, "<5", "<5", total=71))))
    section = by_id(root, "funnel")
    given = {"1000", "3000", "66", "71", "<5", "2.4%", "0", "9"}
    texts = [words(node) for node in section.iter() if node.tag in (SVG + "text", SVG + "desc", "td")]
    found = {token for text in texts for token in re.findall(r"<?\d[\d.]*%?", text.replace("\u202f", ""))}
    assert found <= given
    assert {node.get("value") for node in section.iter("data")} <= given


def test_a_bar_is_not_divided_if_one_of_its_parts_is_hidden() -> None:
    """The length that is left after the shown parts would be the hidden ones: the bar is plain."""
    root = parse(render(report(funnel=funnel(66, "<5", "<5", total=71))))
    picture = by_id(root, "funnel-wide")
    assert len(list(shapes(picture, "rect", "fill-plain"))) == 1
    divided = parse(render(report(funnel=funnel(60, 6, 5, total=71))))
    assert list(shapes(by_id(divided, "funnel-wide"), "rect", "fill-plain")) == []


def test_a_hidden_number_has_a_mark_of_one_size() -> None:
    """The mark for fewer than 5 is as long as that for fewer than 20, and so is that of another total."""
    widths = set()
    for hidden in ("<5", "<20", NOT_SHOWN):
        root = parse(render(report(funnel=funnel(0, 0, hidden, total=hidden))))
        widths |= {mark.get("width") for mark in shapes(by_id(root, "funnel-wide"), "rect", "hidden-mark")}
    assert widths == {"14"}


def test_four_states_of_a_cell_have_four_marks() -> None:
    """A share, a hidden number, tested and not found, and not tested look different."""
    cells = (OncoprintCell(100, 40, 0.4, {"missense": 40}), OncoprintCell(100, "<5", None), OncoprintCell(100, 0, 0.0))
    matrix = Oncoprint(("A", "B", "C", "D"), ("missense",), (GeneRow("BRAF", (*cells, None)),))
    root = parse(render(report(oncoprint=matrix)))
    assert rows(by_id(root, "table-oncoprint"))[1] == [
        "BRAF",
        "40 of 100 40% missense 40",
        "<5 of 100",
        "0 of 100 0%",
        "not tested",
    ]
    picture = by_id(root, "oncoprint-wide")
    in_cells = [node for group in picture.iter(SVG + "g") for node in group if node.tag != SVG + "g"]
    assert len([node for node in in_cells if node.get("class") == "hidden-mark" and node.get("height") == "9"]) == 1
    assert len([node for node in in_cells if node.get("class") == "none-found" and node.get("r") == "3.5"]) == 1
    assert len([node for node in in_cells if "untested" in (node.get("fill") or "")]) == 2  # the legend and the cell


def test_kinds_are_not_drawn_if_one_of_them_is_hidden() -> None:
    """Two hidden kinds leave a stretch of bar that would tell their sum: the bar is plain, the table says both."""
    cell = OncoprintCell(100, 36, 0.36, {"missense": 30, "fusion": "<5", "deletion": "<5"})
    matrix = Oncoprint(("A",), ("missense", "fusion", "deletion"), (GeneRow("BRAF", (cell,)),))
    root = parse(render(report(oncoprint=matrix)))
    bars = [node for node in shapes(by_id(root, "oncoprint-wide"), "rect", "fill-plain") if node.get("height") == "9"]
    assert len(bars) == 1
    assert "fusion <5" in words(by_id(root, "table-oncoprint"))


def test_a_cohort_with_a_hidden_number_fills_no_place() -> None:
    """Filled places could be counted; all are drawn free and the row says why."""
    hidden = report().cohorts[-1]
    root = parse(render(report(cohorts=(hidden,))))
    picture = by_id(root, "cohorts-wide")
    in_legend = 1
    for css in ("responder", "evaluated"):
        assert len(list(shapes(picture, "rect", css))) == in_legend
    assert len(list(shapes(picture, "rect", "free"))) == 24 + in_legend
    assert "small numbers are hidden" in words(picture)


def test_a_hidden_number_at_risk_stays_hidden_under_the_curve() -> None:
    """The number at risk under the picture and in its table is the text that came."""
    late = curve("Rare", 400, 60)
    assert late.at_risk_numbers[4] == "<5"
    data = report()
    root = parse(render(report(survival=(replace(data.survival[0], groups=(late,)),))))
    assert [row[1] for row in rows(by_id(root, "table-curves-1"))[1:]][4] == "<5"
    assert "<5" in words(by_id(root, "survival-1-wide"))


def test_nothing_hides_in_attributes() -> None:
    """The page has no attribute for scripts, in which a number behind a hidden one could travel."""
    root = parse(render(report()))
    assert [name for node in root.iter() for name in node.attrib if str(name).startswith("data-")] == []
