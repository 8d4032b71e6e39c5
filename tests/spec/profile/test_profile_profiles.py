"""Molecular profiles: and, or, not and wild type, in three values.

A part that is negated needs a test: it holds if the right assay covered the gene and found nothing that fits, fails if
something fits, and is otherwise unknown. Then the row is shown with the fact that would settle it, and raises no tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from kohort.profile import Pack, annotate, normalise
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest
from kohort.tables import MemoryTables

GENES = ("BRAF", "KRAS", "NRAS", "EGFR", "ALK", "TP53")


def pack(pattern: str, gene: str | None = None, **cells: object) -> Pack:
    """One row of evidence that a label stands behind, in colorectal cancer unless another tumour is given."""
    read = normalise(pattern, gene)
    row = dict.fromkeys(EVIDENCE_SCHEMA) | {
        "pack": "made", "pack_version": "1", "evidence_id": "E1", "evidence_type": "predictive", "gene": read.gene,
        "alteration": read.text, "tumour": "COADREAD", "tumour_text": "COADREAD", "drugs": "a drug",
        "direction": "sensitive", "level": "A", "level_system": "CIViC", "strength": "guideline",
        "jurisdiction": "international", "source_id": "PMID:1", "source_date": "2026",
    }  # fmt: skip
    manifest = Manifest("made", "1", "2026-01-01", "invented", "CC0-1.0", "0")
    return Pack(manifest, pl.DataFrame([row | cells], schema=EVIDENCE_SCHEMA, orient="row"))


def patient(
    *variants: Mapping[str, object], panel: Sequence[str] | None = GENES, assay: str = "mutation"
) -> MemoryTables:
    """One patient with colon cancer, tested with a panel of these genes (None: which genes is not known)."""
    return MemoryTables(
        {
            "person": [{"person": 1, "id": 1}],
            "tumour": [{"person": 1, "id": 1, "oncotree_code": "COAD"}],
            "specimen": [{"person": 1, "id": 1, "tumour": 1}],
            "test": [
                {
                    "person": 1, "id": 1, "specimen": 1, "assay": assay, "panel": panel and "P",
                    "coverage": "panel" if panel else "unknown",
                }
            ],
            "code": [{"id": n, "system": "panel/P", "code": gene} for n, gene in enumerate(panel or ())],
            "variant": [
                {"person": 1, "id": n, "test": 1, "class": "snv"} | dict(row) for n, row in enumerate(variants)
            ],
        }
    )  # fmt: skip


BRAF = {"gene": "BRAF", "hgvs_p": "p.V600E"}
KRAS = {"gene": "KRAS", "hgvs_p": "p.G12D"}


def told(tables: MemoryTables, evidence: Pack) -> list[tuple[str | None, str, str | None, str | None]]:
    """Gene, alteration, tier and open condition of each row."""
    return annotate(tables, [evidence]).select("gene", "alteration", "tier", "open_condition").rows()


def test_and_needs_every_part() -> None:
    """Both changes of one tumour: the profile stands with each of its alterations."""
    evidence = pack("BRAF p.V600E and KRAS p.G12D")
    assert told(patient(BRAF), evidence) == []
    assert {row[:2] for row in told(patient(BRAF, KRAS), evidence)} == {("BRAF", "p.V600E"), ("KRAS", "p.G12D")}


def test_or_needs_one_part() -> None:
    """Either change meets ``A or B``."""
    evidence = pack("BRAF p.V600E or KRAS p.G12D")
    assert [row[0] for row in told(patient(KRAS), evidence)] == ["KRAS"]


def test_not_holds_where_a_test_looked_and_found_nothing() -> None:
    """The panel covers KRAS and no KRAS mutation was found: the profile holds, with its tier."""
    evidence = pack("BRAF p.V600E and not KRAS mutation")
    assert told(patient(BRAF), evidence) == [("BRAF", "p.V600E", "I-A", None)]


def test_not_fails_where_something_fits() -> None:
    """A KRAS mutation beside it: the evidence is not about this patient."""
    assert told(patient(BRAF, KRAS), pack("BRAF p.V600E and not KRAS mutation")) == []


@pytest.mark.parametrize("panel", [("BRAF",), None])
def test_not_is_open_where_nobody_looked(panel: Sequence[str] | None) -> None:
    """KRAS is not on the panel, or nobody knows what is: the row names the fact, and raises no tier."""
    (row,) = told(patient(BRAF, panel=panel), pack("BRAF p.V600E and not KRAS mutation"))
    assert row[:3] == ("BRAF", "p.V600E", "III")
    assert row[3] == "KRAS was not tested for mutations"


def test_a_gene_that_could_not_be_read_is_not_negative() -> None:
    """A test that covers KRAS but reports it as not assessed has not looked."""
    missed = {"gene": "KRAS", "class": "not_assessed"}
    (row,) = told(patient(BRAF, missed), pack("BRAF p.V600E and not KRAS mutation"))
    assert row[3] == "KRAS was not tested for mutations"


def test_wild_type_is_tested_and_negative() -> None:
    """Cetuximab's evidence is on RAS wild type: a row without a variant, only where RAS was read."""
    evidence = pack("KRAS wild type and NRAS wild type")
    assert {row[:3] for row in told(patient(BRAF), evidence)} == {
        ("KRAS", "wild type", "I-A"), ("NRAS", "wild type", "I-A"),
    }  # fmt: skip
    assert told(patient(KRAS), evidence) == []
    assert told(patient({"gene": "KRAS", "hgvs_p": "p.G12="}), evidence) != []
    assert all(row[3] is not None for row in told(patient(BRAF, panel=("BRAF", "KRAS")), evidence))


def test_the_right_assay_must_have_looked() -> None:
    """That no ALK mutation was found says nothing about ALK fusions."""
    (row,) = told(patient(BRAF), pack("BRAF p.V600E and not ALK fusion"))
    assert row[3] is not None
    assert "fusion" in row[3]


def test_brackets_and_nested_negations_are_resolved() -> None:
    """``not (A or B)`` is ``not A and not B``."""
    evidence = pack("BRAF p.V600E and not (KRAS mutation or NRAS mutation)")
    assert [row[0] for row in told(patient(BRAF), evidence)] == ["BRAF"]
    assert told(patient(BRAF, {"gene": "NRAS", "hgvs_p": "p.Q61R"}), evidence) == []


def test_a_part_found_in_another_tumour_of_the_patient_does_not_count() -> None:
    """A profile is one of a tumour, not of a person."""
    tables = MemoryTables(
        {
            "person": [{"person": 1, "id": 1}],
            "tumour": [{"person": 1, "id": n, "oncotree_code": "COAD"} for n in (1, 2)],
            "specimen": [{"person": 1, "id": n, "tumour": n} for n in (1, 2)],
            "test": [{"person": 1, "id": n, "specimen": n, "assay": "mutation"} for n in (1, 2)],
            "variant": [
                BRAF | {"person": 1, "id": 1, "test": 1, "class": "snv"},
                KRAS | {"person": 1, "id": 2, "test": 2, "class": "snv"},
            ],
        }
    )
    assert told(tables, pack("BRAF p.V600E and KRAS p.G12D")) == []


@pytest.mark.parametrize(
    ("origin", "rows", "remark"), [("germline", 1, False), ("somatic", 0, False), (None, 1, True), ("unknown", 1, True)]
)
def test_evidence_on_inherited_variants_is_not_about_somatic_ones(origin: str | None, rows: int, remark: bool) -> None:
    """An origin that is not known may be the one: the row stays, with a remark."""
    found = annotate(
        patient({"gene": "TP53", "hgvs_p": "p.R175H", "origin": origin}),
        [pack("p.R175H", "TP53", origin="germline")],
    )
    assert found.height == rows
    if rows:
        assert ("origin" in (found["remark"][0] or "")) == remark


def test_sensitive_and_resistant_stand_side_by_side() -> None:
    """Contradicting evidence is shown, each row with its own source; neither hides the other."""
    one, two = pack("p.V600E", "BRAF"), pack("p.V600E", "BRAF", direction="resistant", source_id="PMID:2")
    renamed = Pack(
        Manifest("other", "1", "2026-01-01", "invented", "CC0-1.0", "0"),
        two.frame.with_columns(pl.lit("other").alias("pack")),
    )
    found = annotate(patient(BRAF), [one, renamed])
    assert found.select("direction", "source_id").rows() == [("sensitive", "PMID:1"), ("resistant", "PMID:2")]
