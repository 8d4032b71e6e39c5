"""Diseases of knowledge bases become OncoTree codes only where the two mean the same."""

from __future__ import annotations

import csv

import pytest

from kohort.codes import doid, oncotree
from kohort.profile.knowledge.diseases import Tumour, canonical_doid, doid_problem, named_diseases, tumour_of
from kohort.profile.matching.tumours import relate
from tests.support import SHARED, needs_shared


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Breast Cancer", "BREAST"),
        ("Lung Non-small Cell Carcinoma", "NSCLC"),
        ("Lung Small Cell Carcinoma", "SCLC;CSCLC"),
        ("Hematologic Cancer", "MYELOID;LYMPH"),
        ("Solid Tumor", "solid"),
        ("Acute Lymphoblastic Leukemia", "BLL;TLL"),
        ("Multiple Myeloma", "PCM"),
        ("Transitional Cell Carcinoma", "BLCA;SCB;SRCBC;UTUC;UCU"),
    ],
)
def test_a_name_becomes_the_codes_that_mean_the_same(name: str, codes: str) -> None:
    """Several codes are joined by ``;``; case, spelling and signs of a name do not matter."""
    assert tumour_of(name).oncotree == codes
    assert tumour_of(name.upper().replace("-", " ").replace("TUMOR", "TUMOUR")).oncotree == codes


def test_a_part_of_a_name_is_never_enough() -> None:
    """*Small cell* is a part of *non-small cell*: nothing is matched by likeness."""
    assert tumour_of("Small Cell").has_code is False
    assert relate("NSCLC", *_cells("Lung Small Cell Carcinoma")) == "other"


@pytest.mark.parametrize("name", ["Cancer", "Any cancer type", "All Tumors", None, "", "  "])
def test_cancer_and_no_name_are_any_tumour(name: str | None) -> None:
    """A statement without a disease holds for each."""
    tumour = tumour_of(name)
    assert (tumour.any, tumour.oncotree, tumour.cells["tumour_text"]) == (True, None, None)


@pytest.mark.parametrize(
    "name",
    ["Her2-receptor Positive Breast Cancer", "Triple-receptor Negative Breast Cancer",
     "Estrogen-receptor Positive Breast Cancer"],
)  # fmt: skip
def test_a_disease_narrower_than_any_code_is_at_best_an_ancestor(name: str) -> None:
    """A patient with breast cancer may or may not have it; a patient with lung cancer has not."""
    assert tumour_of(name).oncotree == "<BREAST"
    assert tumour_of(name).note
    assert [relate(code, *_cells(name)) for code in ("BREAST", "IDC", "LUAD")] == ["ancestor", "ancestor", "other"]


def test_colon_cancer_is_not_rectal_cancer() -> None:
    """OncoTree keeps mucinous adenocarcinoma for both; such a patient may or may not have it."""
    found = [relate(code, *_cells("Colon Cancer")) for code in ("COAD", "READ", "MACR", "COADREAD")]
    assert found == ["exact", "related", "ancestor", "ancestor"]


def test_the_names_and_codes_of_oncotree_itself_are_read() -> None:
    """A code, a name of today, a name of an earlier release, and a main type."""
    assert tumour_of("LUAD").oncotree == "LUAD"
    assert tumour_of("Uterine Serous Carcinoma/Uterine Papillary Serous Carcinoma").oncotree == "USC"
    assert tumour_of("Large Granular Lymphocytic Leukemia").oncotree == "TLGL"
    assert tumour_of("Mature B-Cell Neoplasms").oncotree == "MBN"
    assert tumour_of("Sex Cord Stromal Tumor").oncotree == "SCST;TSCST"


def test_a_former_name_whose_meaning_changed_is_narrower_or_wider() -> None:
    """No code means quite the same today, so that it is at best an ancestor."""
    tumour = tumour_of("Anaplastic Oligoastrocytoma")
    assert (tumour.oncotree, tumour.note != "") == ("<GNOS", True)


@pytest.mark.parametrize(
    ("written", "full"),
    [("1612", "DOID:1612"), ("50744", "DOID:0050744"), ("DOID:0050744", "DOID:0050744"), ("doid:50744", "DOID:0050744"),
     ("1816", "DOID:0001816"), ("60079", "DOID:0060079"), ("60003", "DOID:60003"), ("NA", None), ("", None),
     (None, None)],
)  # fmt: skip
def test_an_id_of_the_disease_ontology_is_written_in_full(written: str | None, full: str | None) -> None:
    """CIViC keeps the number alone; the ontology itself writes seven digits from 0050001 on."""
    assert canonical_doid(written) == full


def test_a_name_that_is_not_known_is_looked_up_by_its_id() -> None:
    """A source may rename a disease and keep its id; the text stays as written."""
    tumour = tumour_of("Carcinoma of the breast, renamed", "1612")
    assert (tumour.oncotree, tumour.text) == ("BREAST", "Carcinoma of the breast, renamed")
    unknown = tumour_of("Renamed", "7")
    assert (unknown.has_code, unknown.doid, unknown.note) == (False, "DOID:7", "a name that Kohort does not know")


def test_an_id_that_the_sites_ontology_does_not_have_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A merged id names its successor. Without a table of the ontology nothing is held against an id."""
    assert doid_problem("715") is None
    leukaemia = doid.Disease("DOID:5603", "T-cell acute lymphoblastic leukemia", alt_ids=("DOID:715",))
    ontology = doid.DiseaseOntology(oncotree.tree().source, {"DOID:5603": leukaemia})
    monkeypatch.setattr(doid, "table", lambda: ontology)
    assert [doid_problem(written) for written in ("5603", "NA", "")] == [None, None, None]
    assert "DOID:5603" in str(doid_problem("715"))
    assert "does not have" in str(doid_problem("3852"))
    assert "cannot be read" in str(doid_problem("breast"))


def test_a_disease_without_a_code_has_a_reason() -> None:
    """Inherited syndromes are no tumours, and a histology of many organs is no tumour type."""
    without = [tumour for tumour in named_diseases() if not tumour.has_code]
    assert without
    assert all(tumour.note for tumour in without)
    assert "inherited" in tumour_of("Peutz-Jeghers Syndrome", "3852").note


def test_every_code_of_the_table_is_oncotrees() -> None:
    """And a narrower name says what no code tells."""
    for tumour in named_diseases():
        codes = (tumour.oncotree or "").split(";")
        bare = {code.lstrip("!<") for code in codes} - {"", "solid"}
        assert {code for code in bare if oncotree.node(code) is None} == set()
        assert any(code.startswith("<") for code in codes) <= bool(tumour.note)


def test_a_tumour_checks_itself() -> None:
    """Any tumour has no code, and another has a code or a text."""
    with pytest.raises(ValueError, match="any tumour"):
        Tumour("BREAST", None, any=True)
    with pytest.raises(ValueError, match="code or a text"):
        Tumour(None, None)


@pytest.mark.realdata
@needs_shared
def test_every_name_of_the_disease_ontology_that_we_give_an_id_has_that_id() -> None:
    """Names and ids are checked against a cut of the ontology; ids outside it are of no cancer, or not in the cut."""
    diseases = doid.read(SHARED / "knowledge" / "doid_cancer.tsv").diseases
    known = {name: {word.casefold() for word in (each.name, *each.synonyms)} for name, each in diseases.items()}
    wrong = [
        (tumour.text, tumour.doid)
        for tumour in named_diseases()
        if tumour.doid in known and (tumour.text or "").casefold() not in known[tumour.doid]
    ]
    # Names that CIViC has kept although the ontology changed them.
    assert {text for text, _ in wrong} == {
        "Adenosquamous Cell Lung Carcinoma", "Astrocytoma", "Epithelial Ovarian Cancer",
        "Ovarian Granulosa Cell Tumor", "Waldenström's Macroglobulinemia", "Wilms Tumor",
    }  # fmt: skip


@pytest.mark.realdata
@needs_shared
def test_ids_of_the_shared_file_that_the_ontology_does_not_have_are_few() -> None:
    """39 of its 162 cells are no ids as they stand, most for want of leading zeros; written in full, 5 are left.

    One of them has another id today, three are no cancers, and one is left out of the cut.
    """
    ontology = doid.read(SHARED / "knowledge" / "doid_cancer.tsv")
    path = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        written = {row["doid"] for row in csv.DictReader(lines, delimiter="\t")}
    assert len(written) == 162
    assert sum(f"DOID:{number}" not in ontology.diseases for number in written) == 39
    left = {full for number in written if (full := canonical_doid(number)) and full not in ontology.diseases}
    assert left == {"DOID:715", "DOID:349", "DOID:2571", "DOID:3852", "DOID:0060474"}
    assert {full for full in left if ontology.find(full)} == {"DOID:715"}


def _cells(name: str) -> tuple[str | None, str | None]:
    cells = tumour_of(name).cells
    return cells["tumour"], cells["tumour_text"]
