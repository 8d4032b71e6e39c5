"""What is known to be absent, and which fact would tell where it is not known.

A gene without a variant is negative only if a test of the right assay, not failed, covered it: its panel lists the
gene, or it read the whole exome or genome. Otherwise the row stays, with the condition that is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from kohort.profile import annotate, normalise
from tests.spec.profile.test_profile_matching import pack, patients

V600E = {"gene": "BRAF", "hgvs_p": "p.V600E"}
Rows = Sequence[Mapping[str, object]]


def conditions(
    refused: str, *variants: Mapping[str, object], tests: Rows = (), code: Rows = (), finding: Rows = ()
) -> list[str | None]:
    """Open condition of a BRAF V600E of which something else must be absent; no row: it is there."""
    rows = [{"person": 1, "id": n, "specimen": 1, "assay": "mutation"} | dict(row) for n, row in enumerate(tests, 1)]
    data = patients(V600E, *variants, test=rows, code=code, finding=finding)
    pattern = normalise(f"BRAF p.V600E and not {refused}")
    found = annotate(data, [pack({"gene": pattern.gene, "alteration": pattern.text})])
    return found["open_condition"].to_list()


KRAS = [{"system": "panel/P", "code": "KRAS"}]
NOT_TESTED = "KRAS was not tested for mutations"


@pytest.mark.parametrize(
    ("test", "condition"),
    [
        ({"panel": "P"}, None),
        ({"panel": "Q"}, NOT_TESTED),
        ({}, NOT_TESTED),
        ({"coverage": "exome"}, None),
        ({"coverage": "genome"}, None),
        ({"coverage": "unknown"}, NOT_TESTED),
        ({"panel": "P", "quality": "failed"}, NOT_TESTED),
        ({"panel": "P", "quality": "limited"}, None),
        ({"panel": "P", "assay": "copy_number"}, NOT_TESTED),
    ],
)
def test_a_test_covers_a_gene_by_its_panel_or_by_reading_everything(
    test: Mapping[str, object], condition: str | None
) -> None:
    """An unknown coverage covers nothing, nor does a failed test, nor another assay."""
    assert conditions("KRAS mutation", tests=[test], code=KRAS) == [condition]


def test_a_gene_that_one_test_could_not_read_may_be_covered_by_another() -> None:
    """``not_assessed`` is a fact of one test."""
    gap = {"gene": "KRAS", "class": "not_assessed", "test": 1}
    assert conditions("KRAS mutation", gap, tests=[{"panel": "P"}], code=KRAS) == [NOT_TESTED]
    assert conditions("KRAS mutation", gap, tests=[{"panel": "P"}, {"panel": "P"}], code=KRAS) == [None]


def test_a_panel_may_write_a_gene_by_another_name() -> None:
    """Names of panels are read as all gene names are."""
    assert conditions("ERBB2 mutation", tests=[{"panel": "P"}], code=[{"system": "panel/P", "code": "HER2"}]) == [None]


@pytest.mark.parametrize(
    ("refused", "assay", "condition"),
    [
        ("KRAS p.G12C", "mutation", None),
        ("KRAS amplification", "mutation", "KRAS was not tested for copy number"),
        ("KRAS amplification", "copy_number", None),
        ("KRAS fusion", "mutation", "KRAS was not tested for fusions"),
        ("KRAS fusion", "structural_variant", None),
        ("KRAS loss of function", "copy_number", "KRAS was not tested for mutations"),
        ("KRAS overexpression", "mutation", "KRAS was not tested for expression"),
    ],
)
def test_each_kind_of_alteration_needs_its_own_assay(refused: str, assay: str, condition: str | None) -> None:
    """A panel for mutations says nothing of copies or fusions; loss of function needs both kinds of test."""
    assert conditions(refused, tests=[{"panel": "P", "assay": assay}], code=KRAS) == [condition]


def test_of_a_fusion_of_two_genes_one_must_have_been_looked_at() -> None:
    """A test that covers either gene would have seen it."""
    test = [{"panel": "P", "assay": "structural_variant"}]
    for gene in ("EML4", "ALK"):
        assert conditions("EML4::ALK", tests=test, code=[{"system": "panel/P", "code": gene}]) == [None]
    assert conditions("EML4::ALK", tests=test) == ["neither EML4 nor ALK was tested for fusions"]


def test_what_fits_refutes_and_what_is_near_does_not() -> None:
    """Not KRAS G12C: refuted by G12C, not by G12D, nor by a silent change."""

    def of(change: str) -> list[str | None]:
        return conditions("KRAS p.G12C", {"gene": "KRAS", "hgvs_p": change}, tests=[{"panel": "P"}], code=KRAS)

    assert (of("p.G12C"), of("p.G12D"), of("p.G12G")) == ([], [None], [None])


def test_a_variant_that_is_not_known_in_full_leaves_it_open() -> None:
    """It may be the one: a text nobody reads, a class that a laboratory names, a fusion without its partner."""
    tested = [{"panel": "P"}, {"panel": "P", "assay": "structural_variant"}]
    full = ["a variant of KRAS is not known in full"]
    assert conditions("KRAS mutation", {"gene": "KRAS", "hgvs_p": "odd"}, tests=tested, code=KRAS) == full
    assert conditions("KRAS p.G12C", {"gene": "KRAS", "hgvs_p": "codon 12 mutation"}, tests=tested, code=KRAS) == full
    unplaced = {"gene": "MET", "classification": "Splice_Site"}
    met = [{"system": "panel/P", "code": "MET"}]
    assert conditions("MET exon 14 skipping", unplaced, tests=tested, code=met) == [
        "the place of a variant of MET is not known"
    ]
    fused = {"gene": "ALK", "class": "fusion"}
    alk = [{"system": "panel/P", "code": "ALK"}]
    assert conditions("EML4::ALK", fused, tests=tested, code=alk) == ["the partner of the ALK fusion is not known"]


def test_a_sources_own_wild_type_is_a_test() -> None:
    """A laboratory that reports a wild type has looked."""
    said = {"gene": "KRAS", "hgvs_p": "wild type"}
    assert conditions("KRAS mutation", said) == [None]
    evidence = pack({"gene": "KRAS", "alteration": "wild type", "tumour": "LUAD"})
    found = annotate(patients(said), [evidence]).filter(variant=1)
    assert found.select("match_level", "open_condition").rows() == [("exact", None)]


def test_a_copy_number_call_is_a_test_of_its_gene() -> None:
    """Whoever calls two copies has looked at the number of copies."""
    assert conditions("KRAS amplification", {"gene": "KRAS", "class": "cnv", "copies": 0}) == [None]
    assert conditions("KRAS amplification", {"gene": "KRAS", "class": "cnv", "copies": 2}) == []


def test_a_stable_tumour_is_one_that_was_tested() -> None:
    """Not MSI-H holds where the status is known, by a test or a clinical finding."""
    missing = ["the tumour was not tested for microsatellite instability"]
    finding = {"person": 1, "id": 1, "specimen": 1, "kind": "msi"}
    assert conditions("MSI-H", tests=[{}]) == missing
    assert conditions("MSI-H", tests=[{"msi": "MSS"}]) == [None]
    assert conditions("MSI-H", tests=[{"msi": "indeterminate"}]) == missing
    assert conditions("MSI-H", tests=[{}], finding=[finding | {"value_code": "MSS"}]) == [None]
    assert conditions("MSI-H", tests=[{"msi": "MSI-H"}]) == []


def test_all_open_conditions_are_named() -> None:
    """Several facts are missing: each is said, in the order of their letters."""
    pattern = normalise("BRAF p.V600E and not KRAS mutation and not NRAS mutation")
    found = annotate(patients(V600E), [pack({"gene": pattern.gene, "alteration": pattern.text})])
    assert found["open_condition"].to_list() == [f"{NOT_TESTED}; NRAS was not tested for mutations"]


def test_an_option_that_holds_stands_before_one_that_is_open() -> None:
    """V600E without KRAS, or any BRAF mutation: the second holds for certain, though at the level of the gene."""
    pattern = normalise("BRAF p.V600E and not KRAS mutation or BRAF mutation")
    found = annotate(patients(V600E), [pack({"gene": pattern.gene, "alteration": pattern.text})])
    assert found.select("match_level", "open_condition").rows() == [("gene", None)]
