"""How near the evidence's tumour is to the patient's: by OncoTree, and by the Disease Ontology where it has no code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest

from kohort.codes import doid
from kohort.codes._data import KNOWLEDGE_VARIABLE
from kohort.profile import annotate
from kohort.profile.matching.conflicts import conflicts
from kohort.profile.matching.tumours import TUMOUR_RELATIONS, place, relate
from tests.spec.profile.test_profile_matching import pack, patients

V600E = {"gene": "BRAF", "hgvs_p": "p.V600E"}


@pytest.mark.parametrize(
    ("patient", "tumour", "relation", "steps"),
    [
        ("LUAD", "LUAD", "exact", 0),
        ("LUAD", "NSCLC", "descendant", 1),
        ("LUAD", "LUNG", "descendant", 2),
        ("LUNG", "LUAD", "ancestor", 2),
        ("LUAD", "LUSC", "related", 2),
        ("COAD", "READ", "related", 2),
        ("LUAD", "SCLC", "other", 4),
        ("LUAD", "COAD", "other", 6),
        ("LUAD", "COAD;LUSC;NSCLC", "descendant", 1),
        ("LUAD", "solid", "descendant", None),
        (None, "LUAD", "unknown", None),
        ("LUAD", None, "any", None),
    ],
)
def test_the_distance_is_the_steps_between_the_two_codes(
    patient: str | None, tumour: str | None, relation: str, steps: int | None
) -> None:
    """Tumours are related if they share a main type, or a node of level 2 or finer: LUAD and LUSC, but not SCLC."""
    found = annotate(
        patients(V600E, oncotree=patient), [pack({"gene": "BRAF", "alteration": "p.V600E", "tumour": tumour})]
    )
    assert found.select("tumour_relation", "tumour_distance").rows() == [(relation, steps)]


def test_relations_are_ordered_nearest_first() -> None:
    """What may be the patient's tumour stands before what is not; what is not known stands before what is another."""
    assert TUMOUR_RELATIONS == ("exact", "descendant", "any", "ancestor", "related", "unknown", "other")


@pytest.mark.parametrize(
    ("patient", "tumour", "relation"),
    [
        ("LUAD", "<LUAD", "ancestor"),
        ("LUAD", "<NSCLC", "ancestor"),
        ("LUNG", "<NSCLC", "ancestor"),
        ("LUSC", "<LUAD", "related"),
        ("COAD", "<LUAD", "other"),
    ],
)
def test_evidence_on_a_part_of_a_code_may_or_may_not_be_about_the_patient(
    patient: str, tumour: str, relation: str
) -> None:
    """``<LUAD`` is lung adenocarcinoma with something more that no code tells: at best ``ancestor``."""
    assert relate(patient, tumour, None) == relation


def test_a_tumour_recorded_coarsely_may_be_one_that_is_left_out() -> None:
    """``solid`` without colorectal cancer: a bowel cancer may be one, a colon cancer is."""
    assert [relate(code, "solid;!COADREAD", None) for code in ("BOWEL", "COAD", "LUAD", "AML")] == [
        "ancestor",
        "other",
        "descendant",
        "other",
    ]


@pytest.fixture
def ontology(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table in which an invented disease is a kind of lung adenocarcinoma, and another a kind of cancer."""
    rows = [
        ("doid", "name", "parents", "synonyms", "alt_ids", "nci", "icd10", "icdo"),
        ("DOID:162", "cancer", "", "", "", "", "", ""),
        ("DOID:3910", "lung adenocarcinoma", "DOID:162", "", "", "", "", ""),
        ("DOID:7", "a made kind", "DOID:3910", "", "DOID:70", "", "", ""),
        ("DOID:8", "a kind of a made kind", "DOID:7", "", "", "", "", ""),
        ("DOID:9", "a made cancer", "DOID:162", "", "", "", "", ""),
    ]
    (tmp_path / "doid.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setenv(KNOWLEDGE_VARIABLE, str(tmp_path))
    doid.table.cache_clear()
    yield
    doid.table.cache_clear()


@pytest.mark.usefixtures("ontology")
@pytest.mark.parametrize("number", ["DOID:7", "DOID:70", "DOID:8"])
def test_evidence_without_a_code_is_placed_by_what_its_disease_is_a_kind_of(number: str) -> None:
    """By parents, grandparents, or an id that was merged; it is then a part of that code."""
    row = {"gene": "BRAF", "alteration": "p.V600E", "tumour_text": "A made kind", "doid": number}
    found = annotate(patients(V600E, oncotree="LUAD"), [pack(row)])
    assert found["tumour_relation"].to_list() == ["ancestor"]
    assert "a kind of LUAD by the Disease Ontology" in found["remark"][0]
    assert relate("LUSC", None, "A made kind", number) == "related"
    assert relate("COAD", None, "A made kind", number) == "other"


@pytest.mark.usefixtures("ontology")
def test_a_climb_up_to_cancer_says_nothing() -> None:
    """Every tumour is a kind of cancer; such evidence counts as another tumour."""
    assert place(None, "A made cancer", "DOID:9").codes == ()
    assert relate("LUAD", None, "A made cancer", "DOID:9") == "other"


def test_without_a_table_evidence_without_a_code_counts_as_another_tumour_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The remark names what would place it."""
    monkeypatch.delenv(KNOWLEDGE_VARIABLE, raising=False)
    doid.table.cache_clear()
    row = {"gene": "BRAF", "alteration": "p.V600E", "tumour_text": "A made kind", "doid": "DOID:7"}
    found = annotate(patients(V600E, oncotree="LUAD"), [pack(row)])
    assert found["tumour_relation"].to_list() == ["other"]
    assert "no table of the Disease Ontology" in found["remark"][0]


def side_by_side(*rows: Mapping[str, object]) -> list[tuple[str | None, str | None]]:
    """Conflict, and evidence that opposes, of each row of a patient with lung adenocarcinoma."""
    data = patients(V600E, {"gene": "EGFR", "hgvs_p": "p.T790M"}, oncotree="LUAD")
    found = conflicts(annotate(data, [pack(*rows)]))
    return found.sort("evidence_id").select("conflict", "opposed_by").rows()


SENSITIVE = {"gene": "BRAF", "alteration": "p.V600E", "tumour": "LUAD"}
RESISTANT = SENSITIVE | {"direction": "resistant"}


def test_evidence_that_contradicts_other_evidence_is_marked_on_both_sides() -> None:
    """Same patient, drug and tumour, opposite directions: each row names the other."""
    assert side_by_side(SENSITIVE, RESISTANT) == [("same alteration", "ours E2"), ("same alteration", "ours E1")]
    assert side_by_side(SENSITIVE, RESISTANT | {"tumour": "NSCLC"}) == [
        ("same alteration", "ours E2"),
        ("same alteration", "ours E1"),
    ]


def test_evidence_on_another_alteration_of_the_patient_is_told_apart() -> None:
    """Resistance may lie in another gene: what opposes is then on another alteration."""
    elsewhere = {"gene": "EGFR", "alteration": "p.T790M", "tumour": "LUAD", "direction": "resistant"}
    assert side_by_side(SENSITIVE, elsewhere) == [("other alteration", "ours E2"), ("other alteration", "ours E1")]


@pytest.mark.parametrize(
    "other",
    [
        RESISTANT | {"drugs": "another drug"},
        RESISTANT | {"tumour": "COAD"},
        RESISTANT | {"alteration": "mutation"},
        SENSITIVE | {"direction": "unclear"},
        SENSITIVE | {"direction": "poor outcome", "evidence_type": "prognostic"},
    ],
)
def test_other_drugs_other_tumours_and_the_whole_gene_contradict_nothing(other: Mapping[str, object]) -> None:
    """Nor does what is unclear, or of another type."""
    assert side_by_side(SENSITIVE, other) == [(None, None), (None, None)]


def test_marking_conflicts_keeps_every_row_in_its_place() -> None:
    """Two columns are added, nothing else."""
    found = annotate(patients(V600E), [pack(SENSITIVE, RESISTANT)])
    assert conflicts(found).drop("conflict", "opposed_by").equals(found)


def test_a_wild_type_is_shown_only_where_evidence_asks_for_it() -> None:
    """KRAS wild type speaks of colorectal cancer; in a lung cancer it is the normal state, and no row."""
    evidence = pack({"gene": "KRAS", "alteration": "wild type", "tumour": "COADREAD"})

    def rows(oncotree: str, panel: str) -> list[tuple[object, ...]]:
        test = [{"person": 1, "id": 1, "specimen": 1, "assay": "mutation", "panel": panel, "coverage": "panel"}]
        data = patients(oncotree=oncotree, test=test, code=[{"system": "panel/P", "code": "KRAS"}])
        return (
            annotate(data, [evidence]).select("variant", "gene", "alteration", "match_level", "open_condition").rows()
        )

    assert rows("COAD", "P") == [(None, "KRAS", "wild type", "exact", None)]
    assert rows("COAD", "Q") == [(None, "KRAS", "wild type", "exact", "KRAS was not tested for mutations")]
    assert rows("LUAD", "P") == []


def test_relations_do_not_depend_on_the_order_of_patients() -> None:
    """Each pair of tumours is worked out once, and given to all who have it."""
    codes = ["LUAD", "COAD", "LUAD", "LUSC"]
    people = [{"person": n, "id": n} for n in range(1, 5)]
    tumours = [row | {"oncotree_code": code} for row, code in zip(people, codes, strict=True)]
    data = patients(
        *(V600E | {"person": n, "test": n} for n in range(1, 5)),
        tumour=tumours,
        specimen=[row | {"tumour": row["id"]} for row in people],
        test=[row | {"specimen": row["id"], "assay": "mutation"} for row in people],
    )
    found = annotate(data, [pack(SENSITIVE)]).sort("person")
    assert found["tumour_relation"].to_list() == ["exact", "other", "exact", "related"]
    assert found.schema["tumour_relation"] == pl.String
