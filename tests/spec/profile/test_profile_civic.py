"""CIViC's evidence table becomes a pack; what it does not say plainly stays visible as such."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kohort.codes import doid
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


@pytest.mark.parametrize("directions", ["Supports, Does Not Support", "Does Not Support, Supports"])
def test_a_row_with_two_opposite_directions_is_named(tmp_path: Path, directions: str) -> None:
    """Merged items that support and do not support: the effect is unclear, and the finding says why."""
    pack = load_pack(write(tmp_path, {"evidence_direction": directions}))
    assert pack.frame["direction"].to_list() == ["unclear"]
    assert [(found.column, found.kept) for found in pack.findings] == [("evidence_direction", True)]
    assert "two opposite directions" in pack.findings[0].what


def test_merged_items_that_say_sensitive_and_resistant_are_opposite_too(tmp_path: Path) -> None:
    """Two significances in one line leave its effect unclear."""
    pack = load_pack(write(tmp_path, {"clinical_significance": "Sensitivity/Response, Resistance"}))
    assert pack.frame["direction"].to_list() == ["unclear"]
    assert "two opposite directions" in pack.findings[0].what


@pytest.mark.parametrize(
    ("kind", "significance", "evidence_type", "direction"),
    [
        ("Prognostic", "Better Outcome", "prognostic", "better outcome"),
        ("Prognostic", "Poor Outcome", "prognostic", "poor outcome"),
        ("Prognostic", "N/A", "prognostic", "unclear"),
        ("Diagnostic", "Positive", "diagnostic", "supports diagnosis"),
        ("Diagnostic", "Negative", "diagnostic", "against diagnosis"),
        ("Predisposing", "Predisposition", "predisposing", "predisposing"),
        ("Predisposing", "Likely Pathogenic", "predisposing", "predisposing"),
        ("Predisposing", "Protectiveness", "predisposing", "unclear"),
        ("Oncogenic", "Oncogenicity", "oncogenic", "oncogenic"),
        ("Oncogenic", "Likely Oncogenic", "oncogenic", "oncogenic"),
        ("Oncogenic", "Benign", "oncogenic", "benign"),
    ],
)
def test_evidence_that_is_not_about_a_drug_keeps_its_type(
    tmp_path: Path, kind: str, significance: str, evidence_type: str, direction: str
) -> None:
    """Prognosis, diagnosis, predisposition and oncogenicity are rows of their own types, without a drug."""
    row = one(tmp_path, evidence_type=kind, clinical_significance=significance)
    assert (row["evidence_type"], row["direction"], row["drugs"]) == (evidence_type, direction, None)


def test_what_predisposes_is_inherited(tmp_path: Path) -> None:
    """The origin of predisposing evidence is germline although the older table has no column for it."""
    row = one(tmp_path, evidence_type="Predisposing", clinical_significance="Predisposition")
    assert row["origin"] == "germline"
    assert one(tmp_path)["origin"] is None


def test_functional_evidence_is_left_out_and_listed(tmp_path: Path) -> None:
    """What a change does to a protein is no clinical evidence; the line is counted all the same."""
    pack = load_pack(write(tmp_path, {"evidence_type": "Functional"}, {"evidence_id": "8"}))
    assert (pack.frame["evidence_id"].to_list(), pack.lines) == (["EID8"], 2)
    assert [(found.evidence_id, found.kept) for found in pack.findings] == [("EID7", False)]


def test_a_disease_that_is_narrower_than_any_code_may_or_may_not_be_the_patients(tmp_path: Path) -> None:
    """No OncoTree code tells the receptors: the code stands after ``<``, and the text stays."""
    row = one(tmp_path, disease="Her2-receptor Positive Breast Cancer")
    assert (row["tumour"], row["tumour_text"]) == ("<BREAST", "Her2-receptor Positive Breast Cancer")


def test_a_disease_without_a_code_is_another_tumour(tmp_path: Path) -> None:
    """Its text stays, a finding lists it with the reason, and it never counts as the patient's tumour."""
    pack = load_pack(write(tmp_path, {"disease": "Peutz-Jeghers Syndrome"}))
    assert pack.frame.select("tumour", "tumour_text").row(0) == (None, "Peutz-Jeghers Syndrome")
    assert [(found.column, "inherited" in found.what) for found in pack.findings] == [("disease", True)]
    general = one(tmp_path, disease="Cancer")
    assert (general["tumour"], general["tumour_text"]) == (None, None)


def test_ratings_of_merged_items_stand_as_a_range(tmp_path: Path) -> None:
    """CIViC's stars tell how sound an item is; the note holds them."""
    columns = (*COLUMNS, "rating")
    frame = load_pack(
        write(tmp_path, {"rating": "3"}, {"evidence_id": "8", "rating": "4, NA, 2"}, columns=columns)
    ).frame
    assert [note.partition(". ")[2] for note in frame["note"]] == ["Rating 3 of 5.", "Rating 2 to 4 of 5."]


def test_ids_of_publications_of_several_kinds_keep_their_kinds(tmp_path: Path) -> None:
    """PubMed and ASCO number apart; merged items list both."""
    line = {"pubmed_id": "161573, 32846060", "source_type": "ASCO, PubMed", "citation": "A, 2018, B et al., 2020"}
    row = one(tmp_path, **line)
    assert (row["source_id"], row["source_date"]) == ("ASCO:161573; PMID:32846060", "2020")


def test_an_empty_name_in_a_list_of_variants_is_passed_over(tmp_path: Path) -> None:
    """A comma too many makes no row."""
    assert one(tmp_path, variant="V600E,")["alteration"] == "p.V600E"


def test_an_id_that_stands_on_two_lines_makes_numbered_rows(tmp_path: Path) -> None:
    """No row is lost, and each has an id of its own."""
    frame = load_pack(write(tmp_path, {}, {"variant": "V600K"})).frame
    assert frame["evidence_id"].to_list() == ["EID7#1", "EID7#2"]


def test_a_variant_that_is_not_understood_is_kept_with_a_finding(tmp_path: Path) -> None:
    """The row stays in the pack as text and matches nothing."""
    pack = load_pack(write(tmp_path, {"variant": "UNHEARD OF"}))
    assert pack.frame["alteration"].to_list() == ["UNHEARD OF"]
    assert [finding.column for finding in pack.findings] == ["variant"]


def test_an_abstract_a_missing_year_and_an_unknown_level_are_told(tmp_path: Path) -> None:
    """An ASCO abstract keeps its number; a citation without a year has no date; odd levels are findings."""
    line = {"source_type": "ASCO", "citation": "Nobody", "evidence_level": "Z", "drugs": ""}
    pack = load_pack(write(tmp_path, line))
    row = pack.frame.row(0, named=True)
    assert (row["source_id"], row["source_date"], row["drugs"]) == ("ASCO:11111111", "not given", "not named")
    assert [finding.column for finding in pack.findings] == ["evidence_level", "citation"]


def test_a_cut_line_is_left_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    """It is named by its line, and counted among the lines of the file."""
    path = write(tmp_path, {})
    path.write_bytes(path.read_bytes() + b'"BRAF"\t"V600E"\r\n\r\n')
    pack = load_pack(path)
    assert (pack.frame.height, pack.lines) == (1, 2)
    assert [(found.evidence_id, found.kept) for found in pack.findings] == [("line 3", False)]
    assert "2 cells" in pack.findings[0].what


def test_a_file_of_another_shape_is_refused_with_line_and_column(tmp_path: Path) -> None:
    """A missing column, wrong bytes and a missing file each name their place."""
    with pytest.raises(InputError) as missing:
        load_pack(write(tmp_path, {}, columns=tuple(name for name in COLUMNS if name != "variant")))
    assert (missing.value.line, missing.value.column) == (1, "variant")
    path = write(tmp_path, {})
    path.write_bytes(path.read_bytes() + b"\xff")
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


def test_reading_twice_gives_the_same_rows_and_findings(tmp_path: Path) -> None:
    """Nothing depends on the order of a set or on the clock."""
    path = write(tmp_path, {}, {"evidence_id": "8", "variant": "odd one, V600K", "drugs": "Cetuximab,Panitumumab"})
    first, second = load_pack(path), load_pack(path)
    assert first.frame.equals(second.frame)
    assert (first.findings, first.manifest) == (second.findings, second.manifest)


@pytest.mark.realdata
@needs_shared
def test_the_shared_file_is_read_whole_with_its_losses_listed() -> None:
    """1,476 lines become one row per variant and substitute drug; 98 in a hundred gene-variant names are understood."""
    pack = load_pack(CIVIC)
    assert pack.lines == 1476
    assert len({row.split("#")[0] for row in pack.frame["evidence_id"]}) == 1476
    assert pack.version == "2022-05-30"
    assert all(finding.kept for finding in pack.findings)
    unread = {finding.evidence_id for finding in pack.findings if finding.column == "variant"}
    names = pack.frame.select("gene", "alteration", pl.col("evidence_id").is_in(list(unread)).alias("unread")).unique()
    assert 1 - names["unread"].sum() / names.height >= 0.98
    assert pack.frame["level"].is_in(list("ABCDE")).all()


@pytest.mark.realdata
@needs_shared
def test_every_tumour_of_the_shared_file_has_codes_but_two() -> None:
    """Left are an inherited polycythaemia and an inherited syndrome, which are no tumours."""
    without = load_pack(CIVIC).frame.filter(pl.col("tumour").is_null() & pl.col("tumour_text").is_not_null())
    assert set(without["tumour_text"]) == {"Chuvash Polycythemia", "Peutz-Jeghers Syndrome"}


@pytest.mark.realdata
@needs_shared
def test_ids_that_the_disease_ontology_does_not_have_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the site keeps the ontology's table, five diseases have an id that is not in it; no row is lost."""
    ontology = doid.read(SHARED / "knowledge" / "doid_cancer.tsv")
    monkeypatch.setattr(doid, "table", lambda: ontology)
    pack = load_pack(CIVIC)
    odd = {found.evidence_id for found in pack.findings if found.column == "doid"}
    assert set(pack.frame.filter(pl.col("evidence_id").is_in(list(odd)))["tumour_text"]) == {
        "Chuvash Polycythemia", "Langerhans-Cell Histiocytosis", "Peutz-Jeghers Syndrome", "Systemic Mastocytosis",
        "T-cell Lymphoblastic Leukemia/lymphoma",
    }  # fmt: skip


@pytest.mark.realdata
@needs_shared
def test_opposite_directions_of_the_shared_file_are_all_found() -> None:
    """48 lines of the file merge items that support and do not support."""
    opposite = {found.evidence_id.split("#")[0] for found in load_pack(CIVIC).findings if "two opposite" in found.what}
    assert len(opposite) == 48


@pytest.mark.realdata
@needs_shared
def test_braf_v600e_in_melanoma_is_sensitive_at_level_a_in_the_shared_file() -> None:
    """A landmark of the file: vemurafenib, level A, with its PubMed id."""
    frame = load_pack(CIVIC).frame
    found = frame.filter(
        (pl.col("gene") == "BRAF") & (pl.col("alteration") == "p.V600E") & (pl.col("drugs") == "vemurafenib")
        & (pl.col("tumour_text").str.contains("Melanoma")) & (pl.col("level") == "A")
    )  # fmt: skip
    assert found.select("direction", "source_id", "source_date").rows() == [("sensitive", "PMID:21639808", "2011")]
