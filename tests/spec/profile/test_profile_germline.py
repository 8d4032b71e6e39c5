"""Germline findings are flagged for the follow-up that ESMO recommends, and stand in a table of their own.

ESMO Precision Medicine Working Group: Kuzbari et al., Ann Oncol 2023, doi 10.1016/j.annonc.2022.12.003; Mandelker et
al., Ann Oncol 2019, doi 10.1093/annonc/mdz136.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import polars as pl
import pytest

from kohort.codes import genes, oncotree
from kohort.profile.biomarkers.germline import RECOMMENDATIONS, germline_findings, germline_genes
from kohort.tables import MemoryTables

BRCA1: dict[str, object] = {
    "person": 1, "test": 1, "class": "snv", "gene": "BRCA1", "hgvs_p": "p.R1203*", "vaf": 0.45, "depth": 300.0,
    "origin": "unknown", "significance": "Pathogenic",
}  # fmt: skip
"""A pathogenic variant of BRCA1 in a tumour that was read without a normal sample."""


def tables(
    *variants: Mapping[str, object],
    oncotree: str | None = "BRCA",
    age: int | None = 55,
    normal: bool | None = False,
    tumour: Mapping[str, object] | None = None,
    person: Mapping[str, object] | None = None,
) -> MemoryTables:
    rows = variants or ({},)
    return MemoryTables(
        {
            "person": [{"person": 1, "id": 1} | dict(person or {})],
            "tumour": [{"person": 1, "id": 1, "oncotree_code": oncotree, "age_at_diagnosis": age} | dict(tumour or {})],
            "specimen": [{"person": 1, "id": 1, "tumour": 1, "matched_normal": normal}],
            "test": [{"person": 1, "id": 1, "specimen": 1, "assay": "mutation"}],
            "variant": [BRCA1 | {"id": n} | dict(row) for n, row in enumerate(rows, start=1)],
        }
    )


def said(data: MemoryTables) -> tuple[str, str]:
    found = germline_findings(data)
    assert found.height == 1
    return found.select("recommendation", "reason").row(0)


MOST = ("BRCA1", "BRCA2", "PALB2", "MLH1", "MSH2", "MSH6", "RET")


@pytest.mark.parametrize("gene", MOST)
@pytest.mark.parametrize("code", ["BRCA", "GB", "AML", None])
def test_the_seven_most_actionable_genes_count_in_any_tumour(gene: str, code: str | None) -> None:
    """Follow-up whatever the tumour type."""
    assert said(tables({"gene": gene}, oncotree=code))[0] == "applies"


@pytest.mark.parametrize(
    ("gene", "code", "recommendation"),
    [
        ("CHEK2", "BRCA", "applies"),
        ("CHEK2", "GB", "does not apply"),
        ("CHEK2", None, "unknown"),
        ("VHL", "CCRCC", "applies"),
        ("VHL", "KIDNEY", "unknown"),
        ("VHL", "LUAD", "does not apply"),
        ("SMAD3", "BRCA", "unknown"),
    ],
)
def test_the_other_genes_count_in_tumours_that_they_predispose_to(
    gene: str, code: str | None, recommendation: str
) -> None:
    """A pathogenic VHL variant of a lung cancer is most likely somatic; an unnamed kidney tumour may or may not fit."""
    assert said(tables({"gene": gene}, oncotree=code))[0] == recommendation


@pytest.mark.parametrize(("age", "recommendation"), [(29, "applies"), (30, "does not apply"), (None, "unknown")])
def test_some_genes_count_only_in_tumours_of_the_young(age: int | None, recommendation: str) -> None:
    """TP53, APC, RB1, PTEN, CDKN2A and SMARCA4 are mutated in tumours so often that only age below 30 tells."""
    assert said(tables({"gene": "TP53"}, age=age))[0] == recommendation


def test_the_age_is_worked_out_from_days_or_dates_where_it_is_not_stated() -> None:
    """Days from birth to diagnosis, or both dates; dates that are too coarse leave it open at the threshold."""
    young = {"gene": "TP53"}
    by_days = tables(young, age=None, tumour={"diagnosed_day": 365 * 25}, person={"birth_day": 0})
    assert said(by_days)[0] == "applies"
    born = {"birth": datetime.date(1990, 1, 1), "birth_precision": 1}
    for year, recommendation in ((2010, "applies"), (2020, "unknown"), (2024, "does not apply")):
        found = {"diagnosed": datetime.date(year, 6, 1), "diagnosed_precision": 3}
        assert said(tables(young, age=None, tumour=found, person=born))[0] == recommendation


@pytest.mark.parametrize(
    ("row", "recommendation"),
    [
        ({"vaf": 0.30}, "applies"),
        ({"vaf": 0.29}, "does not apply"),
        ({"vaf": 0.20, "class": "indel", "hgvs_p": "p.E23fs"}, "applies"),
        ({"vaf": 0.19, "class": "indel", "hgvs_p": "p.E23fs"}, "does not apply"),
        ({"vaf": None}, "unknown"),
    ],
)
def test_the_share_of_reads_must_be_that_of_an_inherited_variant(row: dict[str, object], recommendation: str) -> None:
    """0.30 for substitutions, 0.20 for insertions and deletions, which align less well."""
    assert said(tables(row))[0] == recommendation


@pytest.mark.parametrize(
    ("row", "recommendation"),
    [
        ({"significance": "Likely_pathogenic"}, "applies"),
        ({"significance": None}, "applies"),
        ({"significance": None, "hgvs_p": "p.C61G"}, "unknown"),
        ({"significance": "Uncertain_significance", "hgvs_p": "p.C61G"}, "does not apply"),
        ({"significance": None, "population_frequency": 0.02}, "does not apply"),
        ({"significance": "Pathogenic", "population_frequency": 0.02}, "applies"),
    ],
)
def test_only_pathogenic_variants_count(row: dict[str, object], recommendation: str) -> None:
    """Called pathogenic, or a truncation of a gene whose loss does harm; for others nobody has said yet."""
    assert said(tables(row))[0] == recommendation


def test_a_truncation_of_ret_or_pole_is_not_taken_as_pathogenic() -> None:
    """Their inherited variants activate, or change the proofreading domain."""
    for gene in ("RET", "POLE"):
        assert said(tables({"gene": gene, "significance": None}, oncotree="COAD"))[0] == "unknown"


def test_mutyh_needs_two_variants() -> None:
    """One copy is a common carrier state."""
    one = {"gene": "MUTYH"}
    assert said(tables(one, oncotree="COAD"))[0] == "does not apply"
    both = germline_findings(tables(one, one | {"hgvs_p": "p.Q338*"}, oncotree="COAD"))
    assert both["recommendation"].to_list() == ["applies", "applies"]


@pytest.mark.parametrize(
    "row",
    [
        {"significance": "Benign"},
        {"gene": "KRAS", "hgvs_p": "p.G12D"},
        {"hgvs_p": "p.R1203="},
        {"class": "cnv", "hgvs_p": None, "copies": -2},
    ],
)
def test_other_variants_are_no_candidates(row: dict[str, object]) -> None:
    """Benign or silent variants, genes that are not on the list, and copy number."""
    assert germline_findings(tables(row)).height == 0


def test_a_variant_that_a_normal_sample_showed_to_be_somatic_is_no_candidate() -> None:
    """Without a normal sample the word somatic is a guess of the software, and the variant stays."""
    somatic = {"origin": "somatic"}
    assert germline_findings(tables(somatic, normal=True)).height == 0
    assert said(tables(somatic, normal=False))[0] == "applies"


def test_a_pathogenic_variant_found_in_the_germline_is_told_of_whatever_gene_it_is_in() -> None:
    """Share of reads, tumour and age do not matter any more: it is there."""
    confirmed = {"origin": "germline", "vaf": 0.1}
    assert said(tables(confirmed | {"gene": "VHL"}, normal=True)) == (
        "applies",
        "Pathogenic, and found in the germline by the test itself.",
    )
    recommendation, reason = said(tables(confirmed | {"gene": "FANCA"}, normal=True))
    assert recommendation == "does not apply"
    assert "not on the list" in reason


def test_every_candidate_says_why() -> None:
    """The condition that fails, or all that cannot be checked."""
    assert said(tables({"vaf": 0.1})) == ("does not apply", "Share of reads below 0.30.")
    recommendation, reason = said(tables({"gene": "TP53", "vaf": None}, age=None))
    assert recommendation == "unknown"
    assert "share of reads" in reason
    assert "age at diagnosis" in reason


def test_the_list_has_forty_genes_and_each_can_be_read() -> None:
    """Box 1 of the recommendation: seven most actionable genes, six only before the age of 30."""
    listed = germline_genes()
    assert listed.height == listed["gene"].n_unique() == 40
    assert set(listed.filter(pl.col("actionability") == "most")["gene"]) == set(MOST)
    assert set(listed.filter(pl.col("age") == "<30")["gene"]) == {"APC", "CDKN2A", "PTEN", "RB1", "SMARCA4", "TP53"}
    assert all(genes.resolve(gene) is not None for gene in listed["gene"])
    codes = {code for cell in listed["tumours"] for code in cell.split(";")} - {"*", "-"}
    assert all(oncotree.node(code) is not None for code in codes)
    assert len(RECOMMENDATIONS) == 3
