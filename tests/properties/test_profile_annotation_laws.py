"""Annotation judges one of each kind of alteration; it must say what judging every row by itself says."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.profile import Pack, annotate, normalise
from kohort.profile.knowledge.levels import strength_of
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest
from kohort.profile.ranking.ranks import RANK_COLUMNS, rank
from kohort.tables import MemoryTables

CHANGES = (("BRAF", "p.V600E"), ("BRAF", "V600E"), ("KRAS", "p.G12C"), ("KRAS", "p.G12D"), ("TP53", "p.R175H"))
PATTERNS = (
    ("BRAF", "p.V600E"), ("BRAF", "p.V600"), ("KRAS", "mutation"), ("KRAS", "p.G12C"), ("TP53", "loss of function"),
    ("BRAF", "p.V600E and KRAS p.G12C"), ("KRAS", "wild type"), ("BRAF", "p.V600E and not KRAS mutation"),
)  # fmt: skip

evidence = st.lists(
    st.tuples(
        st.sampled_from(PATTERNS), st.sampled_from(["LUAD", "NSCLC", "COAD", None]), st.sampled_from(["a", "b"]),
        st.sampled_from(["sensitive", "resistant", "unclear"]), st.sampled_from("ABCDE"), st.sampled_from("12"),
    ),
    min_size=1, max_size=10,
)  # fmt: skip
people = st.lists(
    st.tuples(
        st.sampled_from(["LUAD", "COAD", "GB", None]),
        st.sampled_from([None, "PANEL"]),
        st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from([None, "somatic", "germline"])), max_size=4),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def pack(rows: list[tuple[Any, ...]]) -> Pack:
    made = []
    for number, ((gene, pattern), tumour, drug, direction, level, source) in enumerate(rows):
        read = normalise(pattern, gene)
        made.append(
            dict.fromkeys(EVIDENCE_SCHEMA)
            | {
                "pack": "made", "pack_version": "1", "evidence_id": f"E{number}", "evidence_type": "predictive",
                "gene": read.gene, "alteration": read.text, "tumour": tumour, "tumour_text": tumour, "drugs": drug,
                "direction": direction, "level": level, "level_system": "CIViC", "source_id": f"PMID:{source}",
                "strength": strength_of("CIViC", level), "jurisdiction": "international", "source_date": "2026",
            }
        )  # fmt: skip
    manifest = Manifest("made", "1", "2026-01-01", "invented", "CC0-1.0", "0")
    return Pack(manifest, pl.DataFrame(made, schema=EVIDENCE_SCHEMA, orient="row"))


def tables(patients: list[tuple[Any, ...]]) -> MemoryTables:
    ids = range(1, len(patients) + 1)
    tests = [
        {"person": n, "id": n, "specimen": n, "assay": "mutation", "panel": panel, "coverage": panel and "panel"}
        for n, (_, panel, _) in zip(ids, patients, strict=True)
    ]
    variants = [
        {"person": n, "id": 100 * n + at, "test": n, "class": "snv", "gene": gene, "hgvs_p": text, "origin": origin}
        for n, (_, _, several) in zip(ids, patients, strict=True)
        for at, ((gene, text), origin) in enumerate(several)
    ]
    return MemoryTables(
        {
            "person": [{"person": n, "id": n} for n in ids],
            "tumour": [
                {"person": n, "id": n, "oncotree_code": code} for n, (code, _, _) in zip(ids, patients, strict=True)
            ],
            "specimen": [{"person": n, "id": n, "tumour": n} for n in ids],
            "test": tests,
            "code": [{"id": n, "system": "panel/PANEL", "code": g} for n, g in enumerate(("BRAF", "KRAS", "TP53"))],
            "variant": variants,
        }
    )


@settings(max_examples=30, deadline=None)
@given(people, evidence)
def test_places_are_those_of_judging_each_patient_alone(
    patients: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]
) -> None:
    """Ranking the whole frame again, with every patient a subject of her own, changes no cell."""
    found = annotate(tables(patients), [pack(rows)])
    again = rank(found.drop(RANK_COLUMNS))
    assert found.select(RANK_COLUMNS).equals(again.select(RANK_COLUMNS))


@settings(max_examples=15, deadline=None)
@given(people, evidence)
def test_a_patient_reads_the_same_alone_and_among_others(
    patients: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]
) -> None:
    """Nobody's biomarkers depend on who else is at the site."""
    whole, one = tables(patients), pack(rows)
    found = annotate(whole, [one]).filter(pl.col("person") == 1)
    alone = annotate(tables(patients[:1]), [one])
    assert found.equals(alone)


@settings(max_examples=15, deadline=None)
@given(people, evidence)
def test_leaving_out_the_whole_gene_leaves_out_nothing_else(
    patients: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]
) -> None:
    """The rows without matches of the whole gene are the other rows of the whole table, in its order."""
    made, one = tables(patients), pack(rows)
    whole = annotate(made, [one])
    assert annotate(made, [one], gene_level=False).equals(whole.filter(pl.col("match_level") != "gene"))
