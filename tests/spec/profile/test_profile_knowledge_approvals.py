"""Decisions of authorities on drugs are a part of a pack beside its evidence: unknown is a value, never no."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from kohort.errors import InputError
from kohort.profile import Pack, load_pack, starter_pack
from kohort.profile.knowledge.approvals import APPROVAL_TABLE_COLUMNS
from kohort.profile.knowledge.pack import APPROVAL_SCHEMA, Manifest

DECISION = {
    "drugs": "Dabrafenib+Trametinib",
    "gene": "BRAF",
    "alteration": "V600E",
    "tumour": "MEL",
    "jurisdiction": "NO",
    "approved": "yes",
    "reimbursed": "no",
    "date": "2021-06",
    "source_id": "invented decision 7",
}


def load(folder: Path, *changes: dict[str, str], columns: tuple[str, ...] = APPROVAL_TABLE_COLUMNS) -> Pack:
    """The pack of an invented table of decisions."""
    rows = [columns, *(tuple((DECISION | change).get(name, "") for name in columns) for change in changes)]
    data = "".join("\t".join(row) + "\n" for row in rows).encode()
    (folder / "approvals.tsv").write_bytes(data)
    (folder / "manifest.toml").write_text(
        'name = "decisions"\nversion = "1"\ndate = "2026-01-01"\nsource = "invented"\nlicence = "CC0-1.0"\n'
        f'format = "approvals"\ndata = "approvals.tsv"\nsha256 = "{hashlib.sha256(data).hexdigest()}"\n'
    )
    return load_pack(folder)


def test_a_decision_is_no_evidence(tmp_path: Path) -> None:
    """It stands in a frame of its own, with drug, gene and alteration in canonical words."""
    pack = load(tmp_path, {})
    assert pack.frame.height == 0
    assert dict(pack.approvals.schema) == APPROVAL_SCHEMA
    row = pack.approvals.row(0, named=True)
    assert (row["drugs"], row["gene"], row["alteration"], row["tumour"]) == (
        "dabrafenib+trametinib", "BRAF", "p.V600E", "MEL",
    )  # fmt: skip
    assert (row["jurisdiction"], row["approved"], row["reimbursed"], row["date"]) == ("NO", "yes", "no", "2021-06")
    assert (row["pack"], row["approval_id"]) == ("decisions", "dabrafenib+trametinib/BRAF/p.V600E/MEL/NO/2021-06")


def test_a_blank_is_unknown(tmp_path: Path) -> None:
    """Whether a drug is paid for may not have been decided; null is that, and never no."""
    pack = load(
        tmp_path, {"reimbursed": ""}, {"reimbursed": "unknown", "date": "2022"}, {"approved": "", "date": "2023"}
    )
    assert pack.approvals.select("approved", "reimbursed").rows() == [("yes", None), ("yes", None), (None, "no")]


def test_a_decision_may_hold_whatever_the_profile_and_in_any_tumour(tmp_path: Path) -> None:
    """Blank gene and alteration, blank tumour; a disease may be given by its name."""
    anywhere = {"gene": "", "alteration": "", "tumour": ""}
    named = {"gene": "RET", "alteration": "fusion", "tumour": "Non-small cell lung cancer"}
    pack = load(tmp_path, anywhere, named)
    assert pack.approvals.select("gene", "alteration", "tumour").rows() == [
        (None, None, None), ("RET", "fusion", "NSCLC"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"drugs": ""}, "drugs"),
        ({"alteration": "what?"}, "alteration"),
        ({"tumour": "ZZZ"}, "tumour"),
        ({"jurisdiction": "Norway"}, "jurisdiction"),
        ({"approved": "perhaps"}, "approved"),
        ({"approved": "", "reimbursed": "unknown"}, "approved"),
        ({"date": "June 2021"}, "date"),
        ({"source_id": ""}, "source_id"),
        ({}, "approval_id"),
    ],
)
def test_a_line_that_cannot_be_read_in_full_is_left_out(tmp_path: Path, change: dict[str, str], column: str) -> None:
    """An approval in a tumour that is not known would otherwise look like one in all; two equal lines are one."""
    pack = load(tmp_path, {}, change)
    assert (pack.lines, pack.approvals.height) == (2, 1)
    assert [(odd.evidence_id, odd.column, odd.kept) for odd in pack.findings] == [("line 3", column, False)]


def test_an_unknown_gene_is_named(tmp_path: Path) -> None:
    """The decision stays, with the gene as written."""
    pack = load(tmp_path, {"gene": "NOGENE1", "alteration": "V1E"})
    assert pack.approvals["gene"].to_list() == ["NOGENE1"]
    assert [finding.column for finding in pack.findings] == ["gene"]


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    """Without the place of a decision nothing of the table can be used."""
    with pytest.raises(InputError) as error:
        load(tmp_path, {}, columns=tuple(name for name in APPROVAL_TABLE_COLUMNS if name != "jurisdiction"))
    assert (error.value.line, error.value.column) == (1, "jurisdiction")


def test_other_packs_have_no_decisions() -> None:
    """The frame is empty, and has its columns."""
    approvals = starter_pack().approvals
    assert (approvals.height, dict(approvals.schema)) == (0, APPROVAL_SCHEMA)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (pl.col("drugs").alias("drug"), "APPROVAL_SCHEMA"),
        (pl.lit(None, dtype=pl.String).alias("source_id"), "source"),
        (pl.lit("one").alias("approval_id"), "once"),
    ],
)
def test_a_pack_checks_its_decisions(tmp_path: Path, broken: pl.Expr, words: str) -> None:
    """Other columns, a decision without a source, or an id used twice cannot become a pack."""
    pack = load(tmp_path, {}, {"date": "2022"})
    with pytest.raises(ValueError, match=words):
        Pack(Manifest("n", "1", "", "s", "l", "0"), pack.frame, approvals=pack.approvals.with_columns(broken))
