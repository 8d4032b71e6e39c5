"""Re-interpretation equals the set difference of two whole readings, whatever the packs and the patients."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.profile import Pack, annotate, normalise, reinterpret
from kohort.profile.knowledge.levels import strength_of
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest
from kohort.profile.ranking.ranks import TIERS
from kohort.profile.reinterpretation import OPTION, STANDING
from kohort.tables import MemoryTables

CHANGES = (("BRAF", "p.V600E"), ("BRAF", "p.V600K"), ("KRAS", "p.G12C"), ("EGFR", "p.L858R"))
PATTERNS = (*CHANGES, ("BRAF", "p.V600"), ("KRAS", "mutation"), ("EGFR", "exon 21 mutation"))
TUMOURS = {1: "LUAD", 2: "COAD", 3: "GB"}
ACTIONABLE = {"I-A", "I-B", "II-C", "II-D"}

rows = st.lists(
    st.tuples(
        st.sampled_from(PATTERNS),
        st.sampled_from(["LUAD", "COAD", None]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["sensitive", "resistant", "unclear"]),
        st.sampled_from("ABCDE"),
    ),
    max_size=6,
)
carried = st.lists(st.tuples(st.integers(1, 3), st.sampled_from(CHANGES)), max_size=6, unique=True)


def pack(version: str, given_rows: list[tuple[Any, ...]]) -> Pack:
    made = []
    for number, ((gene, pattern), tumour, drug, direction, level) in enumerate(given_rows):
        read = normalise(pattern, gene)
        said = {"gene": read.gene, "alteration": read.text, "tumour": tumour, "tumour_text": tumour, "drugs": drug}
        made.append(
            dict.fromkeys(EVIDENCE_SCHEMA)
            | said
            | {
                "pack": "made", "pack_version": version, "evidence_id": f"E{number}", "evidence_type": "predictive",
                "direction": direction, "level": level, "level_system": "CIViC", "source_id": "invented",
                "strength": strength_of("CIViC", level), "jurisdiction": "international", "source_date": "2026",
            }
        )  # fmt: skip
    frame = pl.DataFrame(made, schema=EVIDENCE_SCHEMA, orient="row")
    return Pack(Manifest("made", version, "2026-01-01", "invented", "CC0-1.0", "0"), frame)


def people(carriers: list[tuple[int, tuple[str, str]]]) -> MemoryTables:
    return MemoryTables(
        {
            "person": [{"person": n, "id": n} for n in (1, 2, 3)],
            "tumour": [{"person": n, "id": n, "oncotree_code": TUMOURS[n]} for n in (1, 2, 3)],
            "specimen": [{"person": n, "id": n, "tumour": n} for n in (1, 2, 3)],
            "test": [{"person": n, "id": n, "specimen": n, "assay": "mutation"} for n in (1, 2, 3)],
            "variant": [
                {"person": n, "id": at, "test": n, "class": "snv", "gene": gene, "hgvs_p": change}
                for at, (n, (gene, change)) in enumerate(carriers)
            ],
        }
    )  # fmt: skip


def standing(tables: MemoryTables, one: Pack) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Options and how they stand, worked out row by row."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in annotate(tables, [one]).iter_rows(named=True):
        if row["evidence_type"] == "predictive" and row["direction"] != "unclear" and row["tier"] in ACTIONABLE:
            found.setdefault(tuple(row[name] for name in OPTION), []).append(row)

    def best(name: str, several: list[dict[str, Any]]) -> Any:
        scale = list(TIERS.get(name, ("yes", "no", "unknown")))
        return min((row[name] for row in several if row[name] is not None), key=scale.index, default=None)

    return {option: tuple(best(name, several) for name in STANDING) for option, several in found.items()}


@settings(max_examples=25, deadline=None)
@given(carried, rows, rows)
def test_it_is_the_set_difference_of_two_whole_readings(
    carriers: list[tuple[int, tuple[str, str]]], before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]
) -> None:
    """Gained, lost and moved are exactly the options that one reading has and the other has not, or has otherwise."""
    tables, old, new = people(carriers), pack("1", before), pack("2", after)
    was, now = standing(tables, old), standing(tables, new)
    wanted = {(*option, "gained") for option in now.keys() - was.keys()}
    wanted |= {(*option, "lost") for option in was.keys() - now.keys()}
    wanted |= {(*option, "moved") for option in was.keys() & now.keys() if was[option] != now[option]}
    found = reinterpret(tables, [old], [new])
    assert set(found.changes.select(*OPTION, "change").iter_rows()) == wanted
    assert found.changes.height == len(wanted)
    for row in found.changes.iter_rows(named=True):
        option = tuple(row[name] for name in OPTION)
        sides = {"old": was.get(option), "new": now.get(option)}
        for side, values in sides.items():
            assert tuple(row[f"{side}_{name}"] for name in STANDING) == (values or (None,) * len(STANDING))


@settings(max_examples=8, deadline=None)
@given(carried, rows)
def test_the_same_knowledge_changes_nothing(
    carriers: list[tuple[int, tuple[str, str]]], given_rows: list[tuple[Any, ...]]
) -> None:
    """Another version with the same rows changes nobody's options."""
    found = reinterpret(people(carriers), [pack("1", given_rows)], [pack("2", given_rows)])
    assert (found.changes.height, found.patients) == (0, 0)


@settings(max_examples=8, deadline=None)
@given(carried, rows, rows)
def test_there_and_back_are_mirror_images(
    carriers: list[tuple[int, tuple[str, str]]], before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]
) -> None:
    """What is gained one way is lost the other way, by the same rows."""
    tables, old, new = people(carriers), pack("1", before), pack("2", after)
    there, back = reinterpret(tables, [old], [new]).changes, reinterpret(tables, [new], [old]).changes
    turned = {"gained": "lost", "lost": "gained", "moved": "moved"}
    assert {(*row[:-3], turned[row[-3]], row[-1], row[-2]) for row in _told(back)} == set(_told(there))


def _told(changes: pl.DataFrame) -> list[tuple[Any, ...]]:
    return changes.select(*OPTION, "change", "old_rows", "new_rows").rows()
