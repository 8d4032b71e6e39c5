"""Two packs are compared item by item: what came, what went, which cells changed, and what only has another id."""

from __future__ import annotations

import polars as pl
import pytest

from kohort.profile import Pack, load_pack
from kohort.profile.knowledge.differences import diff
from kohort.profile.knowledge.pack import APPROVAL_SCHEMA, EVIDENCE_SCHEMA, Manifest
from tests.support import SHARED, needs_shared

ROW = {
    "evidence_type": "predictive", "gene": "BRAF", "alteration": "p.V600E", "tumour": "MEL", "drugs": "vemurafenib",
    "direction": "sensitive", "level": "B", "level_system": "CIViC", "strength": "trial", "source_id": "PMID:1",
    "source_date": "2015",
}  # fmt: skip
DECISION = {"drugs": "vemurafenib", "jurisdiction": "NO", "approved": "yes", "date": "2013", "source_id": "invented"}


def pack(version: str, *rows: dict[str, object], approvals: tuple[dict[str, object], ...] = ()) -> Pack:
    """An invented pack with the given rows."""
    labels = {"pack": "ours", "pack_version": version}
    frame = pl.DataFrame([labels | ROW | row for row in rows], schema=EVIDENCE_SCHEMA)
    decisions = pl.DataFrame([labels | DECISION | row for row in approvals], schema=APPROVAL_SCHEMA)
    return Pack(Manifest("ours", version, "", "invented", "CC0-1.0", "0"), frame, approvals=decisions)


def test_a_pack_does_not_differ_from_itself() -> None:
    """Nothing came, went or changed."""
    same = diff(pack("1", {"evidence_id": "E1"}), pack("1", {"evidence_id": "E1"}))
    assert same.is_empty
    assert same.counts == {"added": 0, "removed": 0, "changed": 0, "renamed": 0, "unchanged": 1}


def test_rows_that_came_and_went_are_given_whole() -> None:
    """With all columns of a pack, so that the reader sees what was gained and lost."""
    old = pack("1", {"evidence_id": "E1"}, {"evidence_id": "E2", "drugs": "dabrafenib"})
    new = pack("2", {"evidence_id": "E1"}, {"evidence_id": "E3", "drugs": "encorafenib"})
    found = diff(old, new)
    assert (found.old, found.new) == (("ours", "1"), ("ours", "2"))
    assert found.removed.select("evidence_id", "drugs").rows() == [("E2", "dabrafenib")]
    assert found.added.select("evidence_id", "drugs").rows() == [("E3", "encorafenib")]
    assert dict(found.added.schema) == EVIDENCE_SCHEMA


def test_a_changed_row_names_its_columns_with_old_and_new() -> None:
    """Numbers are shown as text, and an empty cell is null; the pack's version is no change."""
    old = pack("1", {"evidence_id": "E1", "patients": 8}, {"evidence_id": "E2"})
    new = pack("2", {"evidence_id": "E1", "patients": 24, "level": "A", "note": "more"}, {"evidence_id": "E2"})
    found = diff(old, new)
    assert found.changed.rows() == [
        ("E1", "level", "B", "A"), ("E1", "patients", "8", "24"), ("E1", "note", None, "more"),
    ]  # fmt: skip
    assert (found.counts["changed"], found.unchanged) == (1, 1)


def test_the_same_evidence_under_another_id_is_counted_apart() -> None:
    """It is neither gained nor lost; of equal rows each old one has one new one."""
    old = pack("1", {"evidence_id": "E1"}, {"evidence_id": "E2"}, {"evidence_id": "E3"})
    new = pack("2", {"evidence_id": "E7"}, {"evidence_id": "E8"})
    found = diff(old, new)
    assert found.renamed.rows() == [("E1", "E7"), ("E2", "E8")]
    assert found.removed["evidence_id"].to_list() == ["E3"]
    assert found.counts == {"added": 0, "removed": 1, "changed": 0, "renamed": 2, "unchanged": 0}


def test_decisions_of_authorities_are_compared_as_well() -> None:
    """A pack may hold approvals beside evidence; a decision that changed is a difference of the pack."""
    old = pack("1", {"evidence_id": "E1"}, approvals=({"approval_id": "A1"},))
    new = pack("2", {"evidence_id": "E1"}, approvals=({"approval_id": "A1", "approved": "no"},))
    found = diff(old, new)
    assert not found.is_empty
    assert found.approvals is not None
    assert found.approvals.changed.rows() == [("A1", "approved", "yes", "no")]
    assert diff(old, old).is_empty
    assert diff(pack("1"), pack("1")).approvals is None


@pytest.mark.realdata
@needs_shared
def test_the_shared_file_does_not_differ_from_itself_read_again() -> None:
    """Two thousand and more rows, all unchanged."""
    path = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"
    found = diff(load_pack(path), load_pack(path))
    assert found.is_empty
    assert found.unchanged > 2000
