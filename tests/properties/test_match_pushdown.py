"""Leaves decided inside an engine are those of the in-memory index, on generated patients."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kohort.match import Population
from kohort.match.criteria import Diagnosis, Leaf, Range, Stage, Tmb
from kohort.match.evaluation import leaf_truth
from kohort.match.pushdown import Pushdown
from kohort.store.engines import open_engine
from kohort.tables import MemoryTables
from tests.properties import test_match_clinical as clinical
from tests.properties import test_match_engine as molecular
from tests.spec.match.match_reference import Tables

AS_OF = molecular.AS_OF

more = st.one_of(
    st.builds(Stage, st.sampled_from([("IV",), ("III", "IVA")])),
    st.builds(Diagnosis, main_type=st.just("Melanoma")),
    st.builds(Tmb, st.sampled_from([">=10", ">10", "<=10", "<10", "==10", ">=5, <10"]).map(Range.parse)),
)
several = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def populations(draw: st.DrawFn) -> Tables:
    """Two dozen people: some with alterations and tests, some with a course of disease."""
    r = draw(clinical.worlds)
    parts = [*(draw(molecular.populations()) for _ in range(4)), clinical.a_population(r), clinical.a_population(r)]
    tables: Tables = {}
    for number, part in enumerate(parts):
        for name, rows in part.items():
            tables.setdefault(name, []).extend(_moved(row, 10_000 * number) for row in rows)
    for row in tables.get("variant", []):
        if row["hgvs_p"] == "illegible":
            row["hgvs_p"] = r.choice(["illegible", "?", None])
    for row in tables.get("test", []):
        row |= {"reported": r.choice([None, AS_OF - timedelta(days=r.randrange(600))])}
    for row in tables.get("stage", []):
        row |= {"stage_group": r.choice([None, "IV", "IVA", "Stage IIIB", "II", "unclear"])}
    tables.setdefault("finding", []).extend(_burden(r, 50_000 + i) for i in range(12))
    tables.setdefault("variant", []).extend(_gap(test, gene) for test in tables.get("test", [])[:3] for gene in SAME)
    return tables


SAME = ("HER2", "ERBB2")


def _moved(row: dict[str, Any], by: int) -> dict[str, Any]:
    """The row of somebody else, with ids of its own."""
    return row | {name: row[name] + by for name in ("person", "id", "therapy", "test") if name in row}


def _burden(r: Random, number: int) -> dict[str, Any]:
    value = r.choice([4.9, 5.0, 9.999999999999998, 10.0, 10.000000000000002, 10.000000000000004, 40.0, None])
    sign = r.choice([None, "<", "<=", ">", ">="])
    person = 10_000 * r.randrange(4) + r.choice(molecular.PEOPLE)
    return {"kind": "tmb", "person": person, "id": number, "value_number": value, "comparator": sign}


def _gap(test: dict[str, Any], gene: str) -> dict[str, Any]:
    """One gene, under two names, that a test could not assess."""
    return {
        "person": test["person"],
        "id": test["id"] + 5000,
        "test": test["id"],
        "class": "not_assessed",
        "gene": gene,
    }


@several
@given(populations(), st.lists(molecular.leaf | more, min_size=20, max_size=40), clinical.worlds, st.booleans())
def test_the_engine_gives_the_bitmaps_of_the_index(tables: Tables, asked: list[Leaf], r: Random, lately: bool) -> None:
    """All leaves in one batch, true, false and unknown; also as it was known on an earlier day."""
    known_by = AS_OF - timedelta(days=200) if lately else None
    asked = [*asked, *(ask(r) for ask in clinical.ASKED for _ in range(3))]
    memory = MemoryTables(tables)
    population = Population.of(memory, known_by)
    with open_engine(memory, "duckdb") as engine:
        found = Pushdown(engine, known_by).truths(asked, AS_OF)
    for one in asked:
        assert found[one] == leaf_truth(one, population, AS_OF), one


@settings(several, max_examples=4)
@given(populations(), st.lists(molecular.leaf | more, min_size=2, max_size=6))
def test_a_leaf_has_the_same_value_alone_and_among_others(tables: Tables, asked: list[Leaf]) -> None:
    """Contents that one leaf does not tell apart are kept apart where another does."""
    with open_engine(MemoryTables(tables), "duckdb") as engine:
        together = Pushdown(engine).truths(asked, AS_OF)
        for one in asked[:2]:
            assert Pushdown(engine).truth(one, AS_OF) == together[one], one
