"""CIViC's present table names a molecular profile in place of gene and variant; a profile may need several changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.profile import Pack, load_pack, normalise

COLUMNS = (
    "molecular_profile", "molecular_profile_id", "disease", "doid", "phenotypes", "therapies",
    "therapy_interaction_type", "evidence_type", "evidence_direction", "evidence_level", "significance",
    "evidence_statement", "citation_id", "source_type", "asco_abstract_id", "citation", "nct_ids", "rating",
    "evidence_status", "evidence_id", "variant_origin", "last_review_date", "evidence_civic_url",
    "molecular_profile_civic_url", "is_flagged",
)  # fmt: skip
LINE = dict.fromkeys(COLUMNS, "") | {
    "molecular_profile": "BRAF V600E",
    "disease": "Skin Melanoma",
    "doid": "8923",
    "therapies": "Vemurafenib",
    "evidence_type": "Predictive",
    "evidence_direction": "Supports",
    "evidence_level": "B",
    "significance": "Sensitivity/Response",
    "evidence_statement": "invented",
    "citation_id": "11111111",
    "source_type": "PubMed",
    "citation": "Nobody et al., 2015",
    "evidence_status": "accepted",
    "evidence_id": "7",
    "variant_origin": "Somatic",
    "last_review_date": "2023-01-09 21:46:09 UTC",
    "is_flagged": "false",
}


def read(folder: Path, *lines: dict[str, str], name: str = "01-Oct-2026-ClinicalEvidenceSummaries.tsv") -> Pack:
    """An invented file with the 25 columns of the present table."""
    rows = ["\t".join(COLUMNS), *("\t".join((LINE | line)[column] for column in COLUMNS) for line in lines)]
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return load_pack(path)


def one(folder: Path, **line: str) -> dict[str, object]:
    """The only row of a file with one line."""
    frame = read(folder, line).frame
    assert frame.height == 1
    return frame.row(0, named=True)


def test_a_profile_of_one_change_is_gene_and_alteration(tmp_path: Path) -> None:
    """Gene and change are read from the profile's name; everything else is as in the older table."""
    row = one(tmp_path)
    assert (row["gene"], row["alteration"], row["origin"]) == ("BRAF", "p.V600E", "somatic")
    assert (row["tumour"], row["doid"], row["drugs"], row["direction"]) == (
        "MEL", "DOID:8923", "vemurafenib", "sensitive",
    )  # fmt: skip
    assert (row["evidence_id"], row["source_id"], row["source_date"]) == ("EID7", "PMID:11111111", "2015")
    assert (row["level_system"], row["strength"], row["jurisdiction"]) == ("CIViC", "trial", "international")


@pytest.mark.parametrize(
    ("profile", "gene"),
    [
        ("EGFR L858R AND EGFR T790M", "EGFR"),
        ("ALK F1174L AND RANBP2::ALK Fusion", "ALK"),
        ("BRAF V600E AND NOT KRAS G12", "BRAF"),
        ("BRAF V600E AND ( NRAS Q61K OR NRAS Q61R )", "BRAF"),
    ],
)
def test_a_compound_profile_stands_under_its_first_gene(tmp_path: Path, profile: str, gene: str) -> None:
    """Its pattern is canonical: read again beside that gene, it is the same; no part of it is left as text."""
    pack = read(tmp_path, {"molecular_profile": profile})
    row = pack.frame.row(0, named=True)
    assert row["gene"] == gene
    assert str(normalise(str(row["alteration"]), gene)) == row["alteration"]
    assert pack.findings == ()


def test_any_partner_of_a_fusion_is_the_gene_s_fusion(tmp_path: Path) -> None:
    """CIViC writes ``v`` for a partner that may be any gene."""
    assert (one(tmp_path, molecular_profile="v::ALK Fusion"))["alteration"] == "fusion"
    assert (one(tmp_path, molecular_profile="ALK::v Fusion"))["gene"] == "ALK"
    assert (one(tmp_path, molecular_profile="EML4::ALK Fusion"))["alteration"] == "EML4::ALK"


def test_both_tables_read_the_same_profile_as_the_same_pattern(tmp_path: Path) -> None:
    """So that two years of CIViC can be compared."""
    assert one(tmp_path)["alteration"] == str(normalise("V600E", "BRAF"))


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("01-Oct-2026-ClinicalEvidenceSummaries.tsv", "2026-10-01"),
        ("civic-2026-09-30.tsv", "2026-09-30"),
        ("nightly-AcceptedClinicalEvidenceSummaries.tsv", "2023-01-09"),
    ],
)
def test_version_and_date_come_from_the_name_or_from_the_newest_review(tmp_path: Path, name: str, date: str) -> None:
    """A nightly file names no day; its newest review does."""
    pack = read(tmp_path, {}, {"evidence_id": "8", "last_review_date": "2022-05-01 00:00:00 UTC"}, name=name)
    assert (pack.name, pack.version, pack.manifest.date) == ("civic-profiles", date, date)


@pytest.mark.parametrize(
    ("interaction", "drugs"),
    [
        ("Combination", ["dabrafenib+trametinib"]),
        ("Sequential", ["dabrafenib+trametinib"]),
        ("Substitutes", ["dabrafenib", "trametinib"]),
    ],
)
def test_the_interaction_decides_and_or_or_of_drugs(tmp_path: Path, interaction: str, drugs: list[str]) -> None:
    """Combined and sequential drugs are one choice, substitutes are choices of their own."""
    frame = read(tmp_path, {"therapies": "Dabrafenib,Trametinib", "therapy_interaction_type": interaction}).frame
    assert frame["drugs"].to_list() == drugs


@pytest.mark.parametrize(
    ("origin", "read_as"),
    [("Somatic", "somatic"), ("Rare Germline", "germline"), ("Common Germline", "germline"), ("Combined", None),
     ("Unknown", None), ("N/A", None), ("NA", None)],
)  # fmt: skip
def test_the_origin_of_the_change_is_kept_where_it_is_one(tmp_path: Path, origin: str, read_as: str | None) -> None:
    """A mixed or unknown origin asks for nothing."""
    assert one(tmp_path, variant_origin=origin)["origin"] == read_as


def test_an_item_that_is_not_accepted_is_left_out_and_listed(tmp_path: Path) -> None:
    """Submitted items have not been read by CIViC's editors, rejected ones did not pass."""
    pack = read(tmp_path, {"evidence_status": "submitted"}, {"evidence_id": "8", "evidence_status": "rejected"})
    assert (pack.frame.height, pack.lines) == (0, 2)
    assert [(found.evidence_id, found.column, found.kept) for found in pack.findings] == [
        ("EID7", "evidence_status", False), ("EID8", "evidence_status", False),
    ]  # fmt: skip


def test_a_flagged_item_is_kept_and_told(tmp_path: Path) -> None:
    """Editors flag an item whose statement is in question; the note says so wherever it is shown."""
    pack = read(tmp_path, {"is_flagged": "true"})
    assert pack.frame["note"].to_list() == ["Supports: Sensitivity/Response. Flagged by CIViC."]
    assert [found.column for found in pack.findings] == ["is_flagged"]


def test_a_profile_that_is_not_understood_is_kept_with_a_finding(tmp_path: Path) -> None:
    """It is kept as text and matches nothing."""
    pack = read(tmp_path, {"molecular_profile": "BRAF Unheard Of"})
    assert [(found.column, found.kept) for found in pack.findings] == [("molecular_profile", True)]
    assert pack.frame["alteration"].str.contains("Unheard Of").all()


def test_a_line_without_profile_or_id_is_left_out(tmp_path: Path) -> None:
    """It is named by its id, or by its line where it has none."""
    pack = read(tmp_path, {"molecular_profile": ""}, {"evidence_id": ""})
    assert [(found.evidence_id, found.column) for found in pack.findings] == [
        ("EID7", "molecular_profile"), ("line 3", "evidence_id"),
    ]  # fmt: skip


def test_an_evidence_type_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    """A type that CIViC adds one day is listed, not guessed."""
    pack = read(tmp_path, {"evidence_type": "Astrological"})
    assert [(found.column, found.kept) for found in pack.findings] == [("evidence_type", False)]


def test_a_table_without_significance_is_refused(tmp_path: Path) -> None:
    """The missing column is named."""
    path = tmp_path / "nightly.tsv"
    path.write_text("\t".join(name for name in COLUMNS if name != "significance") + "\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_pack(path)
    assert (error.value.line, error.value.column) == (1, "significance")
