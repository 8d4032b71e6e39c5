"""What OncoKB says of a site's variants, under the site's own licence, becomes evidence without the samples."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from kohort.errors import InputError
from kohort.profile import Pack, load_pack

COLUMNS = (
    "Hugo_Symbol", "Tumor_Sample_Barcode", "HGVSp_Short", "Variant_Classification", "ONCOTREE_CODE",
    "MUTATION_EFFECT", "MUTATION_EFFECT_CITATIONS", "ONCOGENIC", "LEVEL_1", "LEVEL_2", "LEVEL_2A", "LEVEL_3A",
    "LEVEL_3B", "LEVEL_4", "LEVEL_R1", "LEVEL_R2", "HIGHEST_LEVEL", "TX_CITATIONS", "LEVEL_Dx1", "LEVEL_Px2",
    "DX_CITATIONS",
)  # fmt: skip
LINE = {
    "Hugo_Symbol": "BRAF",
    "Tumor_Sample_Barcode": "INVENTED-1",
    "HGVSp_Short": "p.V600E",
    "Variant_Classification": "Missense_Mutation",
    "ONCOTREE_CODE": "MEL",
    "MUTATION_EFFECT": "Gain-of-function",
    "MUTATION_EFFECT_CITATIONS": "11111111;22222222",
    "ONCOGENIC": "Oncogenic",
    "LEVEL_1": "Vemurafenib,Dabrafenib+Trametinib",
    "TX_CITATIONS": "33333333;Nobody et al. Abstract# 7, ASCO 2019(https://invented.example/7;8)",
}


def load(folder: Path, *lines: dict[str, str], columns: tuple[str, ...] = COLUMNS, about: str = "") -> Pack:
    """The pack of an invented annotated file, with the licence that the site names."""
    rows = [columns, *(tuple((LINE | line).get(name, "") for name in columns) for line in lines)]
    data = (about + "".join("\t".join(row) + "\n" for row in rows)).encode()
    (folder / "annotated.txt").write_bytes(data)
    (folder / "manifest.toml").write_text(
        'name = "oncokb"\nversion = "1"\ndate = "2026-01-01"\nsource = "OncoKB"\nlicence = "OncoKB, hospital licence"\n'
        f'format = "oncokb"\ndata = "annotated.txt"\nsha256 = "{hashlib.sha256(data).hexdigest()}"\n'
    )
    return load_pack(folder)


def drugs_of(pack: Pack) -> list[tuple[object, ...]]:
    """Level, drugs, direction and tumour of the rows on treatment."""
    rows = pack.frame.filter(pl.col("evidence_type") == "predictive")
    return rows.select("level", "drugs", "direction", "tumour").rows()


def test_each_level_and_treatment_is_a_row_and_what_the_change_is_another(tmp_path: Path) -> None:
    """A comma divides treatments, a plus the drugs of one; the oncogenic row holds for every tumour."""
    pack = load(tmp_path, {}, about="#OncoKB data version: v4.20, released on 08/01/2024\n")
    assert drugs_of(pack) == [
        ("1", "vemurafenib", "sensitive", "MEL"),
        ("1", "dabrafenib+trametinib", "sensitive", "MEL"),
    ]
    row = pack.frame.filter(pl.col("evidence_type") == "oncogenic").row(0, named=True)
    assert (row["alteration"], row["direction"], row["level"], row["level_system"], row["tumour_text"]) == (
        "p.V600E", "oncogenic", "Oncogenic", "OncoKB oncogenicity", None,
    )  # fmt: skip
    assert (row["source_id"], row["source_date"], row["note"]) == (
        "PMID:11111111; PMID:22222222", "2024-08-01", "Oncogenic; Gain-of-function.",
    )  # fmt: skip
    assert pack.frame["source_id"].to_list()[1] == (
        "PMID:33333333; Nobody et al. Abstract# 7, ASCO 2019(https://invented.example/7;8)"
    )


def test_samples_are_not_kept_and_one_alteration_is_told_once(tmp_path: Path) -> None:
    """Two samples with one alteration in one tumour are the same evidence; ids are made of what is said."""
    pack = load(tmp_path, {}, {"Tumor_Sample_Barcode": "INVENTED-2"}, {"ONCOTREE_CODE": "LUAD"})
    assert (pack.lines, pack.frame.height) == (3, 5)
    assert pack.frame["evidence_id"].to_list()[:2] == [
        "OncoKB:BRAF p.V600E/Oncogenic/any", "OncoKB:BRAF p.V600E/1/vemurafenib/MEL",
    ]  # fmt: skip
    assert not any("INVENTED" in cell for column in pack.frame.cast(pl.String) for cell in column.drop_nulls())


def test_level_3b_is_evidence_of_another_tumour(tmp_path: Path) -> None:
    """So it never counts as evidence for the tumour that was annotated (https://www.oncokb.org/levels)."""
    pack = load(tmp_path, {"LEVEL_1": "", "LEVEL_3B": "Dabrafenib+Trametinib"})
    assert drugs_of(pack) == [("3B", "dabrafenib+trametinib", "sensitive", None)]
    assert pack.frame["tumour_text"].to_list()[-1] == "other than MEL"
    assert pack.findings == ()


def test_a_file_annotated_without_tumours_gives_rows_without_one(tmp_path: Path) -> None:
    """Its levels are the best of all tumours, so that they are of none in particular."""
    pack = load(tmp_path, {"ONCOTREE_CODE": ""})
    assert {row[3] for row in drugs_of(pack)} == {None}
    assert {odd.column for odd in pack.findings} == {"ONCOTREE_CODE"}


@pytest.mark.parametrize(
    ("column", "level", "direction"),
    [
        ("LEVEL_2A", "2", "sensitive"),
        ("LEVEL_4", "4", "sensitive"),
        ("LEVEL_R1", "R1", "resistant"),
        ("LEVEL_R2", "R2", "resistant"),
    ],
)
def test_levels_and_their_direction(tmp_path: Path, column: str, level: str, direction: str) -> None:
    """R levels are resistance; 2A of the older scheme is 2, and the note says so."""
    pack = load(tmp_path, {"LEVEL_1": "", column: "[NOT SPECIFIED]"})
    assert drugs_of(pack) == [(level, "not named", direction, "MEL")]
    assert ("older scheme" in str(pack.frame["note"].to_list()[-1])) == (column == "LEVEL_2A")


def test_a_drug_named_in_two_opposite_directions_is_told(tmp_path: Path) -> None:
    """Both rows stand side by side, and a finding names the contradiction."""
    pack = load(tmp_path, {"LEVEL_1": "Vemurafenib", "LEVEL_R1": "Vemurafenib"})
    assert [row[2] for row in drugs_of(pack)] == ["sensitive", "resistant"]
    assert all("two opposite directions" in odd.what for odd in pack.findings)
    assert len(pack.findings) == 2


def test_diagnosis_and_prognosis_name_tumours_instead_of_drugs(tmp_path: Path) -> None:
    """OncoKB's prognostic levels do not say in which direction, so the effect is unclear."""
    pack = load(tmp_path, {"LEVEL_1": "", "LEVEL_Dx1": "HCL,LCH", "LEVEL_Px2": "MDS", "DX_CITATIONS": "44444444"})
    rows = pack.frame.filter(pl.col("evidence_type").is_in(["diagnostic", "prognostic"]))
    assert rows.select("evidence_type", "direction", "level", "tumour", "drugs").rows() == [
        ("diagnostic", "supports diagnosis", "Dx1", "HCL", None),
        ("diagnostic", "supports diagnosis", "Dx1", "LCH", None),
        ("prognostic", "unclear", "Px2", "MDS", None),
    ]
    assert rows["source_id"].to_list()[0] == "PMID:44444444"


@pytest.mark.parametrize(
    ("oncogenic", "direction"),
    [
        ("Likely Oncogenic", "oncogenic"),
        ("Likely Neutral", "benign"),
        ("Inconclusive", "unclear"),
        ("Resistance", "unclear"),
    ],
)
def test_what_the_change_is(tmp_path: Path, oncogenic: str, direction: str) -> None:
    """An alteration of which OncoKB says nothing has no row and is counted."""
    pack = load(tmp_path, {"ONCOGENIC": oncogenic, "LEVEL_1": ""}, {"ONCOGENIC": "Unknown", "LEVEL_1": ""})
    assert pack.frame.select("evidence_type", "direction").rows() == [("oncogenic", direction)]
    assert [(odd.evidence_id, odd.kept) for odd in pack.findings] == [("line 3", False)]


@pytest.mark.parametrize(
    ("columns", "cells", "gene", "text"),
    [
        (("HUGO_SYMBOL", "ALTERATION"), ("ERBB2", "Amplification"), "ERBB2", "amplification"),
        (("HUGO_SYMBOL", "ALTERATION"), ("CDKN2A", "-2"), "CDKN2A", "deletion"),
        (("Hugo_Symbol", "Copy_Number_Alteration"), ("MET", "2"), "MET", "amplification"),
        (("Fusion",), ("EML4-ALK",), "EML4", "EML4::ALK"),
        (("GeneA", "GeneB"), ("EML4", "ALK"), "ALK", "EML4::ALK"),
        (("GeneA", "GeneB"), ("EGFR", "EGFR"), "EGFR", "intragenic rearrangement"),
        (("HUGO_SYMBOL", "ALTERATION"), ("Other Biomarkers", "MSI-H"), None, "MSI-H"),
        (("Hugo_Symbol", "HGVSp_Short", "Variant_Classification"), ("TERT", "", "5'Flank"), "TERT",
         "promoter mutation"),
        (("Hugo_Symbol", "HGVSp_Short", "Variant_Classification"), ("TP53", "", "Splice_Site"), "TP53", "splice"),
    ],
)  # fmt: skip
def test_copy_numbers_fusions_and_other_biomarkers(
    tmp_path: Path, columns: tuple[str, ...], cells: tuple[str, ...], gene: str | None, text: str
) -> None:
    """Each of the annotator's files has columns of its own for the alteration; names come in any case of letters."""
    line = dict(zip(columns, cells, strict=True)) | {"ONCOGENIC": "Oncogenic", "LEVEL_1": ""}
    pack = load(tmp_path, line, columns=(*columns, "ONCOGENIC", "LEVEL_1"))
    assert pack.frame.select("gene", "alteration").rows() == [(gene, text)]


def test_a_bare_file_needs_a_licence(tmp_path: Path) -> None:
    """OncoKB is licensed to the site: without a manifest that names the licence nothing is read."""
    load(tmp_path, {})
    with pytest.raises(InputError, match="licence"):
        load_pack(tmp_path / "annotated.txt")


def test_a_file_without_a_gene_column_is_refused(tmp_path: Path) -> None:
    """A table with OncoKB's columns alone has nothing to say them of."""
    with pytest.raises(InputError) as error:
        load(tmp_path, {}, columns=("ONCOGENIC", "LEVEL_1"))
    assert error.value.column == "Hugo_Symbol"
