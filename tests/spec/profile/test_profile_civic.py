"""CIViC's evidence table becomes a pack; what it does not say plainly stays visible as such."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kohort.errors import InputError
from kohort.profile import annotate, load_pack
from kohort.tables import MemoryTables
from tests.support import SHARED, needs_shared

CIVIC = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"
COLUMNS = (
    "gene", "variant", "disease", "drugs", "drug_interaction_type", "evidence_type", "evidence_direction",
    "evidence_level", "clinical_significance", "pubmed_id", "source_type", "citation", "evidence_id", "extra",
)  # fmt: skip
LINE = {
    "gene": "BRAF",
    "variant": "V600E",
    "disease": "Skin Melanoma",
    "drugs": "Vemurafenib",
    "drug_interaction_type": "",
    "evidence_type": "Predictive",
    "evidence_direction": "Supports",
    "evidence_level": "B",
    "clinical_significance": "Sensitivity/Response",
    "pubmed_id": "11111111",
    "source_type": "PubMed",
    "citation": "Nobody et al., 2015, Invented J.",
    "evidence_id": "7",
    "extra": 'said \\"so\\"',
}


def write(folder: Path, *lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    """An invented file in CIViC's shape: quoted cells, CR LF, quotes escaped by a backslash."""
    rows = [columns, *(tuple((LINE | line)[name] for name in columns) for line in lines)]
    path = folder / "civic-2026-01-02.tsv"
    path.write_bytes("".join("\t".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows).encode())
    return path


def one(folder: Path, **line: str) -> dict[str, object]:
    """The only row of a file with one line."""
    frame = load_pack(write(folder, line)).frame
    assert frame.height == 1
    return frame.row(0, named=True)


def test_a_line_becomes_a_row_with_source_and_date(tmp_path: Path) -> None:
    """Drug as INN, tumour as OncoTree code, PubMed id and year of the citation; version from the file's name."""
    row = one(tmp_path)
    assert (row["gene"], row["alteration"], row["tumour"], row["tumour_text"]) == (
        "BRAF",
        "p.V600E",
        "MEL",
        "Skin Melanoma",
    )
    assert (row["drugs"], row["direction"], row["level"], row["level_system"]) == (
        "vemurafenib",
        "sensitive",
        "B",
        "CIViC",
    )
    assert (row["source_id"], row["source_date"], row["pack_version"]) == ("PMID:11111111", "2015", "2026-01-02")


def test_a_merged_line_becomes_a_row_per_variant_with_all_its_ids(tmp_path: Path) -> None:
    """Ids and variants of a merged line are not aligned, so each row keeps all ids and a number of its own."""
    pack = load_pack(write(tmp_path, {"variant": "V600E, V600K, V600", "evidence_id": "7, 9"}))
    assert pack.frame["evidence_id"].to_list() == ["EID7/EID9#1", "EID7/EID9#2", "EID7/EID9#3"]
    assert pack.frame["alteration"].to_list() == ["p.V600E", "p.V600K", "p.V600"]


@pytest.mark.parametrize(
    ("interaction", "drugs"),
    [
        ("Combination", ["dabrafenib+trametinib"]),
        ("Sequential", ["dabrafenib+trametinib"]),
        ("Substitutes", ["dabrafenib", "trametinib"]),
        ("", ["dabrafenib", "trametinib"]),
        ("Substitutes, Combination", ["dabrafenib+trametinib"]),
    ],
)
def test_the_interaction_decides_between_and_and_or(tmp_path: Path, interaction: str, drugs: list[str]) -> None:
    """Substitutes are drugs of their own; combinations stay together; an unclear interplay is a finding."""
    pack = load_pack(write(tmp_path, {"drugs": "Dabrafenib,Trametinib", "drug_interaction_type": interaction}))
    assert pack.frame["drugs"].to_list() == drugs
    odd = interaction in {"", "Substitutes, Combination"}
    assert any(finding.column == "drug_interaction_type" for finding in pack.findings) == odd


@pytest.mark.parametrize(
    ("supports", "significance", "direction"),
    [
        ("Supports", "Sensitivity/Response", "sensitive"),
        ("Supports", "Resistance", "resistant"),
        ("Supports", "Reduced Sensitivity", "resistant"),
        ("Supports", "Adverse Response", "unclear"),
        ("Does Not Support", "Sensitivity/Response", "unclear"),
        ("Does Not Support", "Resistance", "unclear"),
        ("Supports, Does Not Support", "Resistance", "unclear"),
    ],
)
def test_only_plain_support_is_an_effect(tmp_path: Path, supports: str, significance: str, direction: str) -> None:
    """A study that does not support resistance has not shown sensitivity: the effect is unclear, its words stay."""
    row = one(tmp_path, evidence_direction=supports, clinical_significance=significance)
    assert (row["direction"], row["note"]) == (direction, f"{supports}: {significance}.")


def test_a_disease_without_a_safe_code_is_another_tumour(tmp_path: Path) -> None:
    """Its text stays, a finding lists it, and it never counts as the patient's tumour."""
    row = one(tmp_path, disease="Her2-receptor Positive Breast Cancer")
    assert (row["tumour"], row["tumour_text"]) == (None, "Her2-receptor Positive Breast Cancer")
    general = one(tmp_path, disease="Cancer")
    assert (general["tumour"], general["tumour_text"]) == (None, None)


def test_a_variant_that_is_not_understood_is_kept_with_a_finding(tmp_path: Path) -> None:
    """The row stays in the pack as text and matches nothing."""
    pack = load_pack(write(tmp_path, {"variant": "SERUM LEVELS"}))
    assert pack.frame["alteration"].to_list() == ["SERUM LEVELS"]
    assert [finding.column for finding in pack.findings] == ["variant"]


def test_lines_that_are_not_predictive_are_left_out(tmp_path: Path) -> None:
    """Diagnosis and prognosis are not treatment."""
    assert load_pack(write(tmp_path, {"evidence_type": "Prognostic"})).frame.height == 0


def test_an_abstract_a_missing_year_and_an_unknown_level_are_told(tmp_path: Path) -> None:
    """An ASCO abstract keeps its number; a citation without a year has no date; odd levels are findings."""
    line = {"source_type": "ASCO", "citation": "Nobody", "evidence_level": "Z", "drugs": ""}
    pack = load_pack(write(tmp_path, line))
    row = pack.frame.row(0, named=True)
    assert (row["source_id"], row["source_date"], row["drugs"]) == ("ASCO:11111111", "not given", "not named")
    assert [finding.column for finding in pack.findings] == ["evidence_level", "citation"]


def test_a_file_of_another_shape_is_refused_with_line_and_column(tmp_path: Path) -> None:
    """A missing column, a cut line, wrong bytes and a missing file each name their place."""
    with pytest.raises(InputError) as missing:
        load_pack(write(tmp_path, {}, columns=tuple(name for name in COLUMNS if name != "variant")))
    assert (missing.value.line, missing.value.column) == (1, "variant")
    path = write(tmp_path, {})
    path.write_bytes(path.read_bytes() + b'"BRAF"\t"V600E"\r\n')
    with pytest.raises(InputError, match="2 cells") as cut:
        load_pack(path)
    assert cut.value.line == 3
    path.write_bytes(write(tmp_path, {}).read_bytes() + b"\xff")
    with pytest.raises(InputError, match="UTF-8") as bytes_error:
        load_pack(path)
    assert bytes_error.value.line == 3
    with pytest.raises(InputError, match="cannot be read"):
        load_pack(tmp_path / "nothing.tsv")


def test_a_bare_civic_file_is_a_pack(tmp_path: Path) -> None:
    """``annotate`` takes the file itself."""
    data = MemoryTables({"variant": [{"person": 1, "id": 1, "class": "snv", "gene": "BRAF", "hgvs_p": "V600E"}]})
    found = annotate(data, [write(tmp_path, {})])
    assert found.select("pack", "evidence_id", "match_level").rows() == [("civic", "EID7", "exact")]


@pytest.mark.realdata
@needs_shared
def test_the_shared_file_is_read_whole_with_its_losses_listed() -> None:
    """1,476 lines become one row per variant and substitute drug; nine in ten gene-variant names are understood."""
    pack = load_pack(CIVIC)
    lines = {row.split("#")[0] for row in pack.frame["evidence_id"]}
    assert len(lines) == 1476
    assert pack.version == "2022-05-30"
    unread = {finding.evidence_id for finding in pack.findings if finding.column == "variant"}
    names = pack.frame.select("gene", "alteration", pl.col("evidence_id").is_in(list(unread)).alias("unread")).unique()
    assert 1 - names["unread"].sum() / names.height > 0.93
    assert pack.frame["level"].is_in(list("ABCDE")).all()


@pytest.mark.realdata
@needs_shared
def test_braf_v600e_in_melanoma_is_sensitive_at_level_a_in_the_shared_file() -> None:
    """A landmark of the file: vemurafenib, level A, with its PubMed id."""
    frame = load_pack(CIVIC).frame
    found = frame.filter(
        (pl.col("gene") == "BRAF") & (pl.col("alteration") == "p.V600E") & (pl.col("drugs") == "vemurafenib")
        & (pl.col("tumour") == "MEL") & (pl.col("level") == "A")
    )  # fmt: skip
    assert found.select("direction", "source_id", "source_date").rows() == [("sensitive", "PMID:21639808", "2011")]
