"""Which evidence speaks of which alteration, at which level, and how near its tumour is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from kohort.errors import InputError
from kohort.profile import Pack, annotate, biomarker_table, normalise, starter_pack
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest
from kohort.profile.matching.tumours import relate
from kohort.tables import MemoryTables


def pack(*rows: Mapping[str, object], name: str = "ours") -> Pack:
    """An invented pack; each row gives what matters to its test."""
    base: dict[str, object] = {
        **dict.fromkeys(EVIDENCE_SCHEMA),
        "pack": name,
        "pack_version": "1",
        "drugs": "drug",
        "direction": "sensitive",
        "level": "I-A",
        "evidence_type": "predictive",
        "strength": "trial",
        "level_system": "ESCAT",
        "jurisdiction": "EU",
        "source_id": "invented",
        "source_date": "2020",
    }
    full = [base | {"evidence_id": f"E{number}"} | dict(row) for number, row in enumerate(rows, start=1)]
    manifest = Manifest(name, "1", "2026-01-01", "invented", "CC0-1.0", "0")
    return Pack(manifest, pl.DataFrame(full, schema=EVIDENCE_SCHEMA, orient="row"))


def patients(
    *variants: Mapping[str, object], oncotree: str | None = "LUAD", **tables: Sequence[Mapping[str, object]]
) -> MemoryTables:
    """One patient (1) with one tumour, specimen and test, and the given variants."""
    rows: list[dict[str, object]] = [
        {"person": 1, "id": n, "test": 1, "class": "snv"} | dict(v) for n, v in enumerate(variants, start=1)
    ]
    return MemoryTables(
        {
            "tumour": [{"person": 1, "id": 1, "oncotree_code": oncotree}],
            "specimen": [{"person": 1, "id": 1, "tumour": 1}],
            "test": [{"person": 1, "id": 1, "specimen": 1, "assay": "mutation"}],
            "variant": rows,
            **tables,
        }
    )


def level_of(gene: str, pattern: str, **variant: object) -> str | None:
    """Match level of one variant of the gene against one pattern; None if they do not fit."""
    read = normalise(pattern, gene)
    found = annotate(patients({"gene": gene} | variant), [pack({"gene": read.gene, "alteration": read.text})])
    assert found.height <= 1
    return found["match_level"][0] if found.height else None


EGFR_EXON_19, EGFR_EXON_20 = "exon 19 deletion", "exon 20 insertion"
PROTEIN = [
    # gene, pattern, the patient's change, match level
    ("BRAF", "p.V600E", "p.Val600Glu", "exact"),
    ("BRAF", "p.V600E", "p.V600K", None),
    ("BRAF", "p.V600E or p.V600K", "p.V600K", "exact"),
    ("BRAF", "p.V600", "p.V600K", "codon"),
    ("BRAF", "p.V600", "p.V600_K601delinsE", "codon"),
    ("BRAF", "p.V600", "p.V600fs", None),
    ("BRAF", "p.V600", "p.K601E", None),
    ("KRAS", "p.G12C", "p.G12D", None),
    ("EGFR", EGFR_EXON_19, "p.E746_A750del", "exon"),
    ("EGFR", EGFR_EXON_19, "p.L747_P753delinsS", "exon"),
    ("EGFR", EGFR_EXON_19, "p.E746_A750delinsELREAT", None),
    ("EGFR", EGFR_EXON_19, "p.L858R", None),
    ("EGFR", EGFR_EXON_19, "p.R705_K708del", None),
    ("EGFR", EGFR_EXON_20, "p.773_774insNPH", "exon"),
    ("EGFR", EGFR_EXON_20, "p.A767_V769dup", "exon"),
    ("EGFR", EGFR_EXON_20, "p.N771delinsGY", "exon"),
    ("EGFR", EGFR_EXON_20, "p.T790M", None),
    ("KIT", "exon 11 mutation", "p.V559D", "exon"),
    ("KIT", "exon 11 mutation", "p.D816V", None),
    ("MET", "exon 14 skipping", "p.X1010_splice", "equivalent"),
    ("MET", "exon 14 skipping", "p.X300_splice", None),
    ("TSC1", "truncating", "p.R692*", "class"),
    ("TSC1", "truncating", "p.E400fs", "class"),
    ("TSC1", "truncating", "p.X500_splice", "class"),
    ("TSC1", "truncating", "p.M1?", "class"),
    ("TSC1", "truncating", "p.K587R", None),
    ("TSC1", "loss of function", "p.R692*", "class"),
    ("TSC1", "loss of function", "p.K587R", None),
    ("PIK3CA", "mutation", "p.K111N", "gene"),
    ("PIK3CA", "mutation", "p.K111K", None),
    ("PIK3CA", "activating mutation", "p.K111*", None),
    ("NPM1", "frameshift", "p.W288fs", "class"),
    ("NPM1", "p.W288fs", "p.W288Cfs*12", "exact"),
    ("NPM1", "p.W288fs", "p.288fs", "exact"),
    ("NPM1", "p.W288fs", "p.L287fs", None),
    ("ERBB2", "p.Y772_A775dup", "p.Y772_A775dup", "exact"),
    ("EGFR", "p.H773_V774insH", "p.773_774insH", "exact"),
    ("EGFR", "p.H773_V774insH", "p.773_774insG", None),
    ("FLT3", "internal tandem duplication", "FLT3-ITD", "exact"),
    ("BRAF", "overexpression", "p.V600E", None),
    ("BRAF", "wild type", "p.V600E", None),
    ("BRAF", "amplification", "p.V600E", None),
]


@pytest.mark.parametrize(("gene", "pattern", "change", "level"), PROTEIN)
def test_a_protein_change_matches_at_its_level(gene: str, pattern: str, change: str, level: str | None) -> None:
    """Exact before codon, exon, class and gene; never the neighbour residue's evidence."""
    assert level_of(gene, pattern, hgvs_p=change) == level


def test_an_exon_number_in_the_data_matches_where_residues_are_not_known() -> None:
    """A blank splice site of MET matches exon 14 skipping only if the source says that it lies in exon 14."""
    blank = {"classification": "Splice_Site"}
    assert level_of("MET", "exon 14 skipping", exon=14, **blank) == "equivalent"
    assert level_of("MET", "exon 14 skipping", exon=13, **blank) is None
    assert level_of("MET", "exon 14 skipping", **blank) is None


@pytest.mark.parametrize(
    ("copies", "pattern", "level"),
    [
        (2, "amplification", "exact"),
        (1, "amplification", None),
        (-2, "deletion", "exact"),
        (-1, "deletion", None),
        (-1, "loss", "exact"),
        (-2, "loss", "exact"),
        (-2, "loss of function", "class"),
        (-1, "loss of function", None),
        (0, "amplification", None),
    ],
)
def test_a_copy_number_call_matches_its_own_word_only(copies: int, pattern: str, level: str | None) -> None:
    """A gain is not an amplification and a shallow loss not a deletion."""
    assert level_of("ERBB2", pattern, **{"class": "cnv", "copies": copies}) == level


@pytest.mark.parametrize(
    ("gene", "partner", "pattern_gene", "pattern", "level"),
    [
        ("EML4", "ALK", "ALK", "fusion", "class"),
        ("ALK", "EML4", "ALK", "fusion", "class"),
        ("EML4", "ALK", "ALK", "EML4::ALK", "exact"),
        ("ALK", "EML4", "ALK", "EML4::ALK", "equivalent"),
        ("KIF5B", "ALK", "ALK", "EML4::ALK", None),
        ("EML4", "ALK", "ROS1", "fusion", None),
        ("ALK", None, "ALK", "fusion", "class"),
        ("ALK", None, "ALK", "EML4::ALK", "equivalent"),
    ],
)
def test_a_fusion_matches_in_either_order(
    gene: str, partner: str | None, pattern_gene: str, pattern: str, level: str | None
) -> None:
    """Files differ in which gene they name first; a partner that is not named is an open condition."""
    read = normalise(pattern, pattern_gene)
    data = patients({"gene": gene, "partner": partner, "class": "fusion"})
    found = annotate(data, [pack({"gene": read.gene, "alteration": read.text})])
    assert found["match_level"].to_list() == ([level] if level else [])
    needs_partner = partner is None and "::" in pattern
    open_ones = found["open_condition"].drop_nulls().to_list()
    assert open_ones == (["the partner of the ALK fusion is not known"] if needs_partner else [])


def test_a_compound_pattern_needs_all_its_parts_in_one_tumour() -> None:
    """T315I without BCR::ABL1, or the two in two patients, do not meet ``BCR::ABL1 and p.T315I``."""
    evidence = [pack({"gene": "ABL1", "alteration": "BCR::ABL1 and p.T315I"})]
    fused = {"gene": "BCR", "partner": "ABL1", "class": "fusion"}
    mutated = {"gene": "ABL1", "hgvs_p": "p.T315I"}
    assert annotate(patients(fused, mutated), evidence)["alteration"].to_list() == ["BCR::ABL1", "p.T315I"]
    assert annotate(patients(mutated), evidence).height == 0
    assert annotate(patients(fused, mutated | {"person": 2}), evidence).height == 0


def test_a_variant_that_was_not_assessed_or_not_read_has_no_biomarker() -> None:
    """Unknown is not an alteration."""
    data = patients(
        {"gene": "BRAF", "class": "not_assessed"},
        {"gene": "BRAF", "hgvs_p": "odd"},
        {"gene": "BRAF", "hgvs_p": "p.V600V"},
    )
    assert annotate(data, [pack({"gene": "BRAF", "alteration": "mutation"})]).height == 0


def test_a_site_without_variants_has_no_biomarkers() -> None:
    """No rows are no error, and the columns are there."""
    assert annotate(MemoryTables({})).height == 0


MSI_PACK = [pack({"alteration": "MSI-H"}, {"alteration": "TMB-H"})]


def test_msi_high_is_a_biomarker_and_other_states_are_not() -> None:
    """Only MSI-H counts; the row says that the method is not known."""
    finding = {"person": 1, "id": 1, "specimen": 1, "kind": "msi"}
    high = annotate(patients(finding=[finding | {"value_code": "MSI-H"}]), MSI_PACK)
    assert high.select("alteration", "as_written", "specimen", "patient_tumour").row(0) == ("MSI-H", "MSI-H", 1, "LUAD")
    assert "method is not known" in high["remark"][0]
    assert annotate(patients(finding=[finding | {"value_code": "MSI-L"}]), MSI_PACK).height == 0


@pytest.mark.parametrize(("value", "rows"), [(10.0, 1), (9.99, 0), (25.5, 1), (None, 0)])
def test_tmb_counts_as_high_from_ten_per_megabase(value: float | None, rows: int) -> None:
    """The threshold is that of the label; the value stands beside the claim."""
    found = annotate(
        patients(finding=[{"person": 1, "id": 1, "specimen": 1, "kind": "tmb", "value_number": value}]), MSI_PACK
    )
    assert found.height == rows
    if rows:
        assert found["as_written"][0] == f"TMB {value}/Mb"
        assert "counting rule" in found["remark"][0]


def test_a_tests_own_tmb_and_msi_stand_before_a_clinical_finding() -> None:
    """One row per specimen, with the test that measured it."""
    data = patients(
        test=[{"person": 1, "id": 1, "specimen": 1, "assay": "mutation", "tmb": 12.0, "msi": "MSI-H"}],
        finding=[
            {"person": 1, "id": 1, "specimen": 1, "kind": "tmb", "value_number": 50.0},
            {"person": 1, "id": 2, "specimen": 1, "kind": "msi", "value_code": "MSI-H"},
        ],
    )
    found = annotate(data, MSI_PACK)
    assert found.select("alteration", "as_written", "test").rows() == [
        ("MSI-H", "MSI-H", 1),
        ("TMB-H", "TMB 12.0/Mb", 1),
    ]


@pytest.mark.parametrize(
    ("patient", "tumour", "text", "relation"),
    [
        ("LUAD", "LUAD", None, "exact"),
        ("LUAD", "NSCLC", None, "descendant"),
        ("NSCLC", "LUAD", None, "ancestor"),
        ("COAD", "LUAD", None, "other"),
        ("COAD", None, None, "any"),
        ("COAD", None, "Serous Thing", "other"),
        ("COAD", "solid", None, "descendant"),
        ("AML", "solid", None, "other"),
        ("COAD", "solid;!COADREAD", None, "other"),
        ("LUAD", "solid;!COADREAD", None, "descendant"),
        ("STAD", "LUAD;STAD", None, "exact"),
        (None, "LUAD", None, "unknown"),
        ("Normal", "LUAD", None, "unknown"),
        (None, None, None, "any"),
    ],
)
def test_the_tumour_of_the_evidence_is_related_through_oncotree(
    patient: str | None, tumour: str | None, text: str | None, relation: str
) -> None:
    """Same code, kind of it, any, more coarsely recorded, not recorded, or another tumour."""
    assert relate(patient, tumour, text) == relation
    found = annotate(
        patients({"gene": "BRAF", "hgvs_p": "p.V600E"}, oncotree=patient),
        [pack({"gene": "BRAF", "alteration": "p.V600E", "tumour": tumour, "tumour_text": text})],
    )
    assert found["tumour_relation"].to_list() == [relation]


def test_a_variant_without_a_specimen_takes_the_only_tumour_of_its_patient() -> None:
    """Two tumours of different types leave it unknown."""
    variant = {"gene": "BRAF", "hgvs_p": "p.V600E", "person": 1, "id": 1, "test": 9, "class": "snv"}
    evidence = [pack({"gene": "BRAF", "alteration": "p.V600E", "tumour": "LUAD"})]

    def relation(*codes: str) -> str:
        tumours = [{"person": 1, "id": n, "oncotree_code": code} for n, code in enumerate(codes)]
        return annotate(MemoryTables({"tumour": tumours, "variant": [variant]}), evidence)["tumour_relation"][0]

    assert relation("LUAD", "LUAD") == "exact"
    assert relation("LUAD", "COAD") == "unknown"


def test_every_row_has_its_source_date_and_pack() -> None:
    """No claim without source: pack, version, evidence id, source and date stand on each row."""
    found = annotate(patients({"gene": "BRAF", "hgvs_p": "p.V600E"}))
    assert found.height > 10
    cited = found.select("pack", "pack_version", "evidence_id", "source_id", "source_date", "level", "direction")
    assert cited.null_count().sum_horizontal().item() == 0


def test_annotating_twice_gives_the_same_rows_in_the_same_order() -> None:
    """The result depends on the data and the packs only."""
    data = patients({"gene": "BRAF", "hgvs_p": "p.V600E"}, {"gene": "EGFR", "hgvs_p": "p.L858R"})
    assert annotate(data).equals(annotate(data, [starter_pack()]))


def test_packs_stand_side_by_side_and_one_pack_is_not_given_twice() -> None:
    """Evidence of two packs is never merged; the same pack twice is an error."""
    row = {"gene": "BRAF", "alteration": "p.V600E"}
    data = patients({"gene": "BRAF", "hgvs_p": "p.V600E"})
    found = annotate(data, [pack(row), pack(row | {"direction": "resistant"}, name="theirs")])
    assert found.select("pack", "direction").rows() == [("ours", "sensitive"), ("theirs", "resistant")]
    with pytest.raises(InputError, match="one name"):
        annotate(data, [pack(row), pack(row)])
    with pytest.raises(InputError, match="No knowledge pack"):
        annotate(data, [])


def test_a_pack_may_be_given_as_a_folder(tmp_path: Path) -> None:
    """A path to a folder is loaded as a pack."""
    with pytest.raises(InputError, match=r"manifest\.toml"):
        annotate(patients(), [tmp_path])


def test_the_biomarker_table_puts_own_tumour_first_and_the_whole_gene_last() -> None:
    """By tier, own tumour before others, then by strength; a gene-level match never shows a level of its own."""
    evidence = pack(
        {"gene": "BRAF", "alteration": "mutation", "level": "I-A", "drugs": "gene"},
        {"gene": "BRAF", "alteration": "p.V600E", "level": "I-A", "tumour": "MEL", "drugs": "other"},
        {
            "gene": "BRAF",
            "alteration": "p.V600E",
            "level": "II-B",
            "tumour": "LUAD",
            "drugs": "second",
            "strength": "clinical",
        },
        {"gene": "BRAF", "alteration": "p.V600E", "level": "I-B", "tumour": "NSCLC", "drugs": "first"},
        {"gene": "BRAF", "alteration": "p.V600E", "level": "B", "level_system": "CIViC", "drugs": "civic"},
    )
    found = annotate(patients({"gene": "BRAF", "hgvs_p": "p.V600E"}), [evidence])
    table = biomarker_table(found, 1)
    assert table.select("drugs", "level_patient_tumour", "level_other_tumour").rows() == [
        ("first", "I-B", None),
        ("civic", "B", None),
        ("other", None, "I-A"),
        ("second", "II-B", None),
        ("gene", None, None),
    ]
    assert biomarker_table(found, 2).height == 0
