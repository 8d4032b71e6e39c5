"""Numbers, shares, days and the plain values of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kohort.web import (
    NOT_SHOWN,
    CohortRow,
    Curve,
    CurveSet,
    ErrorRates,
    GeneRow,
    OncoprintCell,
    TumourCounts,
    TumourRow,
)
from kohort.web.words import count_words, day_words, hidden_words, number, percent, plural, time_words
from tests.browser.report_factory import curve, report


def test_thousands_are_parted_by_a_thin_space() -> None:
    """The space does not break, so that a number stays on one line."""
    assert [number(value) for value in (0, 999, 1_000, 1_234_567)] == ["0", "999", "1\u202f000", "1\u202f234\u202f567"]


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0%"), (0.0004, "<0.1%"), (0.0123, "1.2%"), (0.0996, "10%"), (0.125, "12%"), (1, "100%")],
)
def test_a_share_has_as_many_digits_as_it_needs(share: float, words: str) -> None:
    """One decimal below 10 %, none above, and never 0 % for what is not nothing."""
    assert percent(share) == words


def test_counts_days_and_times_in_words() -> None:
    """Nouns agree with their number, and a hidden number keeps its text."""
    assert (plural(1, "site"), plural("<5", "patient"), plural(2, "country", "countries")) == (
        "1 site",
        "<5 patients",
        "2 countries",
    )
    assert (count_words(None), count_words("<5")) == ("not known", "<5")
    assert day_words("2026-12-09") == "9 December 2026"
    assert [time_words(day, "years") for day in (0, 365.25, 548)] == ["0", "1", "1.5"]
    assert time_words(365.25, "months") == "12"


def test_a_hidden_number_is_explained() -> None:
    """The tooltip says what stands behind the sign."""
    assert hidden_words("<5") == "fewer than 5"
    assert hidden_words(NOT_SHOWN) == "hidden, because another number could be computed from it"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"survival": (0.9,)}, "the same length"),
        ({"at_risk_numbers": ()}, "a number at risk for each time"),
        ({"at_risk_times": (0.0,), "at_risk_numbers": (5,)}, "later than day 0"),
        ({"times_days": (20.0, 10.0)}, "times rise"),
        ({"times_days": (-1.0, 10.0)}, "times rise"),
        ({"survival": (0.5, 0.9)}, "never rises"),
        ({"survival": (1.5, 0.9)}, "between 0 and 1"),
        ({"lower": (float("nan"), 0.4)}, "a limit that does not exist is None"),
    ],
)
def test_what_is_no_survival_curve_is_refused(changes: dict[str, Any], message: str) -> None:
    """Each fault of a curve has its own message."""
    good: dict[str, Any] = {
        "label": "Group", "times_days": (10.0, 20.0), "survival": (0.9, 0.5), "lower": (0.8, 0.4), "upper": (0.95, 0.6),
        "at_risk_times": (0.0, 30.0), "at_risk_numbers": (10, 5), "events": 5, "n": 10, "median_text": "20 days",
    }  # fmt: skip
    Curve(**good)
    with pytest.raises(ValueError, match=message):
        Curve(**{**good, **changes})


def test_a_curve_knows_its_value_on_a_day() -> None:
    """1 before the first step, then the share of the last step that is past."""
    curve_ = replace(
        curve("G", 500, 50), times_days=(10.0, 20.0), survival=(0.9, 0.5), lower=(0.8, None), upper=(1, None)
    )
    assert [curve_.at(day) for day in (9, 10, 25)] == [(1.0, None, None), (0.9, 0.8, 1), (0.5, None, None)]


def test_curves_that_cannot_be_told_apart_are_refused() -> None:
    """Five groups at most, labels once, one row of times under the picture, and a level that is one."""
    one = curve("One", 500, 50)
    for groups in ((), (one, one), tuple(curve(str(i), 500, 50) for i in range(6))):
        with pytest.raises(ValueError, match="one to five curves"):
            CurveSet("Title", groups)
    with pytest.raises(ValueError, match="at the same times"):
        CurveSet("Title", (one, curve("Two", 500, 50, years=3)))
    with pytest.raises(ValueError, match="level of confidence"):
        CurveSet("Title", (one,), confidence=95)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"r1": 8}, "two-stage design"), ({"n": 8}, "two-stage design"), ({"r": 24}, "two-stage design"),
     ({"stage": 3}, "1 or 2"), ({"eligible": -1}, "eligible")],
)  # fmt: skip
def test_what_is_no_cohort_is_refused(changes: dict[str, Any], message: str) -> None:
    """Designs and counts that cannot be have their own messages."""
    cohort: CohortRow = report().cohorts[0]
    with pytest.raises(ValueError, match=message):
        replace(cohort, **changes)


def test_what_is_no_report_is_refused() -> None:
    """A report has sites and steps, names once, an ISO date, and counts listed sites only."""
    data = report()
    with pytest.raises(ValueError, match="at least one site"):
        replace(data, funnel=())
    with pytest.raises(ValueError, match="once in a report"):
        replace(data, sites=(*data.sites, data.sites[0]))
    with pytest.raises(ValueError, match="once in a report"):
        replace(data, cohorts=(data.cohorts[0], data.cohorts[0]))
    with pytest.raises(ValueError, match="not listed"):
        replace(data, sites=data.sites[:2])
    with pytest.raises(ValueError, match="Invalid isoformat"):
        replace(data, made_on="yesterday")
    with pytest.raises(ValueError, match="a site has a name"):
        replace(data.sites[0], name=" ")
    with pytest.raises(ValueError, match="never hidden"):
        replace(data.sites[0], lines="<5")
    with pytest.raises(ValueError, match="a probability"):
        ErrorRates("8 + 16", "", 1.2, 0.8, ())


def test_ragged_matrices_are_refused() -> None:
    """Every gene has a cell for every tumour type, every tumour one for every alteration, and kinds are listed."""
    matrix = report().oncoprint
    assert matrix is not None
    with pytest.raises(ValueError, match="1 cells for 10 tumour types"):
        replace(matrix, rows=(GeneRow("TP53", (None,)),))
    with pytest.raises(ValueError, match="not in the list of kinds"):
        replace(matrix, kinds=("missense",))
    with pytest.raises(ValueError, match="between 0 and 1"):
        replace(matrix.rows[0].cells[0] or OncoprintCell(1, 1, 1.0), share=1.2)
    with pytest.raises(ValueError, match="6 kinds"):
        replace(matrix, kinds=tuple("abcdefg"))
    with pytest.raises(ValueError, match="2 cells for 1 alterations"):
        TumourCounts(("BRAF V600E",), (TumourRow("Lung", 10, (1, 2)),))
