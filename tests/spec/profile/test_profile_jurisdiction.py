"""Whether a drug is approved for an alteration and a tumour type is yes, no or unknown, for each jurisdiction."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from kohort.profile.ranking.jurisdiction import APPROVAL_COLUMNS
from kohort.profile.ranking.ranks import rank
from tests.spec.profile.evidence_rows import evidence, ranked

SPOKEN = ("approved_us", "approved_eu", "approved_no", "reimbursed_no")
UNKNOWN = ("unknown",) * 4


def decisions(*rows: Mapping[str, object]) -> pl.DataFrame:
    base = dict.fromkeys(APPROVAL_COLUMNS, None) | {"drugs": "dabrafenib", "gene": "BRAF", "alteration": "p.V600E"}
    return pl.DataFrame([base | dict(row) for row in rows], schema=dict.fromkeys(APPROVAL_COLUMNS, pl.String()))


def told(row: Mapping[str, object], *decided: Mapping[str, object]) -> tuple[str, ...]:
    return rank(evidence(row), decisions(*decided)).select(SPOKEN).row(0)


def test_an_approval_that_nobody_tells_of_is_unknown() -> None:
    """Absence is never a no: a pack does not list what is not approved."""
    assert ranked({"strength": "trial"}).select(SPOKEN).row(0) == UNKNOWN


def test_a_label_is_an_approval_in_its_jurisdiction() -> None:
    """A label of FDA says nothing of Europe."""
    assert ranked({"strength": "approved", "jurisdiction": "US"}).select(SPOKEN).row(0) == (
        "yes", "unknown", "unknown", "unknown",
    )  # fmt: skip


def test_an_approval_in_the_eu_holds_in_norway() -> None:
    """Regulation (EC) No 726/2004 is part of the EEA Agreement; nothing follows for reimbursement."""
    assert ranked({"strength": "approved", "jurisdiction": "EU"}).select(SPOKEN).row(0) == (
        "unknown", "yes", "yes", "unknown",
    )  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        {"tumour_relation": "other"},
        {"tumour_relation": "ancestor"},
        {"tumour_relation": "unknown"},
        {"match_level": "gene"},
        {"open_condition": "TP53 was not tested"},
        {"direction": "resistant"},
    ],
)
def test_a_label_for_something_else_is_no_approval(row: dict[str, object]) -> None:
    """Another tumour type, the gene as such, a profile that may not hold, or a warning against the drug."""
    label = {"strength": "approved", "jurisdiction": "EU"}
    assert ranked(label | row).select(SPOKEN).row(0) == UNKNOWN


def test_what_a_label_says_is_said_on_all_rows_of_the_drug_and_the_alteration() -> None:
    """A study beside the label is about the same use; another drug or tumour type is not."""
    found = ranked(
        {"strength": "approved", "jurisdiction": "US"},
        {"strength": "case"},
        {"drugs": "vemurafenib"},
        {"tumour_relation": "other"},
    )
    assert found["approved_us"].to_list() == ["yes", "yes", "unknown", "unknown"]


def test_decisions_of_authorities_say_yes_and_no() -> None:
    """Only an authority's own decision can be a no; reimbursement is decided in Norway."""
    decided = {"jurisdiction": "NO", "tumour": "NSCLC", "approved": "yes", "reimbursed": "no", "date": "2024-05-01"}
    assert told({}, decided) == ("unknown", "unknown", "yes", "no")
    assert told({"tumour_relation": "other"}, decided) == UNKNOWN
    assert told({}, decided | {"tumour": "COADREAD"}) == UNKNOWN
    assert told({}, decided | {"drugs": "vemurafenib"}) == UNKNOWN
    assert told({}, decided | {"alteration": "p.V600K"}) == UNKNOWN
    assert told({}, decided | {"alteration": None, "gene": None, "tumour": None}) == ("unknown", "unknown", "yes", "no")


def test_the_later_decision_holds_and_a_decision_holds_against_a_label() -> None:
    """A withdrawn approval is a no, also where an old label still stands in a pack."""
    label = {"strength": "approved", "jurisdiction": "EU"}
    gone = {"jurisdiction": "EU", "approved": "no", "date": "2025-01-01"}
    assert told(label, gone) == ("unknown", "no", "unknown", "unknown")
    back = gone | {"approved": "yes", "date": "2026-01-01"}
    assert told(label, back, gone)[1:3] == ("yes", "yes")
