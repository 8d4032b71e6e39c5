"""Patients like this one: by tumour, shared alterations (the rare ones weigh more) and drugs given before.

Each part is a number between 0 and 1 that is shown. What was not looked at in both patients is not a difference, and
a part that is not known adds nothing to the whole: a patient of whom little is known is not put first for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pytest

from kohort.errors import InputError
from kohort.profile import patients_like
from kohort.profile.similar import Weights
from kohort.tables import MemoryTables

GENES = {"SMALL": ("KRAS", "BRAF", "TP53"), "LARGE": ("KRAS", "BRAF", "TP53", "STK11", "IDH1")}


def people(**records: Mapping[str, object]) -> MemoryTables:
    """Patients p1, p2, ...: each ``tumour``, ``panel``, ``variants`` (gene and change), ``drugs``, ``response``."""
    tables: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("person", "tumour", "specimen", "test", "variant", "therapy", "therapy_item", "response")
    }
    for name, record in records.items():
        who: dict[str, object] = {"person": int(name[1:]), "id": int(name[1:])}
        number = int(name[1:])
        tables["person"].append(who | {"deceased": record.get("deceased")})
        tables["tumour"].append(who | {"oncotree_code": record.get("tumour")})
        tables["specimen"].append(who | {"tumour": number})
        panel = record.get("panel", "LARGE")
        looked: dict[str, object] = {"panel": panel, "coverage": record.get("coverage", "panel")}
        tables["test"].append(who | {"specimen": number, "assay": "mutation"} | looked)
        for at, (gene, change) in enumerate(_pairs(record.get("variants", ()))):
            seen: dict[str, object] = {"person": number, "id": 100 * number + at, "test": number, "class": "snv"}
            tables["variant"].append(seen | {"gene": gene, "hgvs_p": change})
        for at, drug in enumerate(record.get("drugs", ())):  # type: ignore[arg-type]
            ids: dict[str, object] = {"person": number, "id": 100 * number + at}
            tables["therapy"].append(ids | {"modality": "systemic"})
            tables["therapy_item"].append(ids | {"therapy": ids["id"], "item_code": drug})
        if "response" in record:
            tables["response"].append(who | {"category": record["response"]})
    tables["code"] = [
        {"id": 10 * at + nth, "system": f"panel/{panel}", "code": gene}
        for at, (panel, genes) in enumerate(GENES.items())
        for nth, gene in enumerate(genes)
    ]
    return MemoryTables(tables)


def _pairs(given: object) -> Iterable[tuple[str, str]]:
    assert isinstance(given, Iterable)
    return [(gene, change) for gene, change in given]


def test_the_same_tumour_is_1_and_another_tissue_is_0() -> None:
    """Twice the depth of the nearest common ancestor over the sum of both depths, in OncoTree."""
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")]},
            p2={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")]},
            p3={"tumour": "LUSC", "variants": [("KRAS", "p.G12C")]},
            p4={"tumour": "COAD", "variants": [("KRAS", "p.G12C")]},
        ),
        1,
    )
    scores = dict(found.select("person", "tumour_likeness").iter_rows())
    assert scores[2] == 1.0
    assert 0.5 < scores[3] < 1.0
    assert scores[4] == 0.0


def test_a_rare_alteration_in_common_weighs_more_than_a_frequent_one() -> None:
    """TP53 is mutated in most patients, IDH1 in two: the two who share IDH1 are the more alike."""
    crowd = {f"p{n}": {"tumour": "COAD", "variants": [("TP53", "p.R175H")]} for n in range(4, 12)}
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "variants": [("TP53", "p.R175H"), ("IDH1", "p.R132H")]},
            p2={"tumour": "LUAD", "variants": [("TP53", "p.R175H")]},
            p3={"tumour": "LUAD", "variants": [("IDH1", "p.R132H")]},
            **crowd,
        ),
        1,
    )
    assert found["person"].to_list()[:2] == [3, 2]
    assert found["shared"].to_list()[0] == "IDH1; IDH1 p.R132H"


def test_another_change_of_the_same_gene_is_half_way() -> None:
    """Gene and exact change are features of their own: KRAS G12D shares the gene with G12C, not the change."""
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")]},
            p2={"tumour": "LUAD", "variants": [("KRAS", "G12C")]},
            p3={"tumour": "LUAD", "variants": [("KRAS", "p.G12D")]},
            p4={"tumour": "LUAD", "variants": [("BRAF", "p.V600E")]},
        ),
        1,
    )
    scores = dict(found.select("person", "alteration_likeness").iter_rows())
    assert scores[2] == 1.0
    assert 0.0 < scores[3] < 1.0
    assert scores[4] == 0.0


def test_a_gene_that_only_one_was_tested_for_is_no_difference() -> None:
    """STK11 is not on the small panel: nobody knows whether patient 2 has it, so it does not count against her."""
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12C"), ("STK11", "p.Q37*")]},
            p2={"tumour": "LUAD", "panel": "SMALL", "variants": [("KRAS", "p.G12C")]},
            p3={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")]},
        ),
        1,
    )
    scores = dict(found.select("person", "alteration_likeness").iter_rows())
    assert scores[2] == 1.0
    assert scores[3] < 1.0


@pytest.mark.parametrize("other", [{"panel": None, "coverage": "unknown"}, {"panel": "NOBODY"}])
def test_an_unknown_panel_leaves_the_alterations_unknown(other: Mapping[str, object]) -> None:
    """Without a list of genes the part is null, and adds nothing: weights 2 of tumour and 1 of drugs, of 5."""
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")], "drugs": ["cisplatin"]},
            p2={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")], "drugs": ["cisplatin"], **other},
        ),
        1,
    )
    assert found.select("alteration_likeness", "likeness").row(0) == (None, 0.6)


def test_an_exome_looks_at_every_gene() -> None:
    """Exome and genome need no list of genes."""
    whole = {"tumour": "LUAD", "panel": None, "coverage": "exome"}
    found = patients_like(
        people(p1={**whole, "variants": [("KRAS", "p.G12C")]}, p2={**whole, "variants": [("KRAS", "p.G12C")]}), 1
    )
    assert found["alteration_likeness"].to_list() == [1.0]


def test_the_drugs_given_before_count_where_both_are_known() -> None:
    """Two of three drugs in common are two thirds; no drug on record is not known, and counts nothing."""
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "drugs": ["cisplatin", "pemetrexed"]},
            p2={"tumour": "LUAD", "drugs": ["cisplatin", "pemetrexed", "docetaxel"], "response": "PR"},
            p3={"tumour": "LUAD"},
        ),
        1,
    )
    rows = {row["person"]: row for row in found.iter_rows(named=True)}
    assert rows[2]["therapy_likeness"] == pytest.approx(2 / 3)
    assert (rows[2]["drugs"], rows[2]["best_response"]) == ("cisplatin; docetaxel; pemetrexed", "PR")
    assert rows[3]["therapy_likeness"] is None


def test_the_whole_is_the_weighted_mean_of_the_parts() -> None:
    """Weights 2, 2 and 1 unless others are given; only their ratio matters."""
    tables = people(
        p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12C")], "drugs": ["cisplatin"]},
        p2={"tumour": "LUSC", "variants": [("KRAS", "p.G12D")], "drugs": ["cisplatin", "docetaxel"]},
    )
    row = patients_like(tables, 1).row(0, named=True)
    parts = [row[f"{name}_likeness"] for name in ("tumour", "alteration", "therapy")]
    assert row["likeness"] == pytest.approx((2 * parts[0] + 2 * parts[1] + parts[2]) / 5)
    other = patients_like(tables, 1, weights=Weights(0.0, 5.0, 0.0)).row(0, named=True)
    assert other["likeness"] == pytest.approx(parts[1])


def test_weights_are_those_of_rarity() -> None:
    """A feature weighs log((N + 1) / n): N patients tested, n of them with it; worked out by hand here."""
    found = patients_like(
        people(
            p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12C"), ("TP53", "p.R175H")]},
            p2={"tumour": "LUAD", "variants": [("KRAS", "p.G12C"), ("BRAF", "p.V600E")]},
            p3={"tumour": "COAD", "variants": [("TP53", "p.R175H")]},
        ),
        1,
    )
    twice, once = math.log(4 / 2), math.log(4 / 1)
    both = 2 * twice  # KRAS and KRAS p.G12C, in two of three patients
    mine, theirs = 4 * twice, 2 * twice + 2 * once
    scores = dict(found.select("person", "alteration_likeness").iter_rows())
    assert scores[2] == pytest.approx(both / (mine + theirs - both))


def test_silent_and_inherited_changes_are_no_likeness() -> None:
    """Only what may drive the tumour counts: no synonymous change, no germline variant."""
    tables = people(
        p1={"tumour": "LUAD", "variants": [("KRAS", "p.G12="), ("TP53", "p.R175H")]},
        p2={"tumour": "COAD", "variants": [("KRAS", "p.G12=")]},
    )
    assert patients_like(tables, 1).height == 0


def test_a_patient_who_is_not_there_is_refused() -> None:
    """No row is shown, and no pseudonym stands in the message."""
    with pytest.raises(InputError, match="no such patient") as error:
        patients_like(people(p1={"tumour": "LUAD"}), 77)
    assert "77" not in str(error.value)


def test_weights_that_weigh_nothing_are_refused() -> None:
    """At least one part must count, and none against."""
    for given in ((0.0, 0.0, 0.0), (-1.0, 2.0, 2.0)):
        with pytest.raises(InputError):
            Weights(*given)


def test_a_panel_may_name_a_gene_by_an_earlier_symbol() -> None:
    """HER2 on the panel and ERBB2 in the variant are one gene."""
    carrier = {"tumour": "LUAD", "panel": "OLD", "variants": [("ERBB2", "p.S310F")]}
    tables = people(p1=carrier, p2=carrier)
    whole = {name: tables.frame(name) for name in ("person", "tumour", "specimen", "test", "variant")}
    old = MemoryTables({**whole, "code": [{"id": 1, "system": "panel/OLD", "code": "HER2"}]})
    assert patients_like(old, 1)["alteration_likeness"].to_list() == [1.0]
