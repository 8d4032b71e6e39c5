"""Leaves decided inside an engine are those of the in-memory index, on generated patients."""

from __future__ import annotations

from datetime import date

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

leaf = st.one_of(
    molecular.leaf,
    clinical.leaf,
    st.builds(Stage, st.sampled_from([("IV",), ("III", "IVA")])),
    st.builds(Diagnosis, main_type=st.just("Melanoma")),
    st.builds(Tmb, st.sampled_from([">=10", ">10", "<=10", "<10", "==10", ">=5, <10"]).map(Range.parse)),
)

few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def populations(draw: st.DrawFn) -> Tables:
    """People of both sorts: with alterations and tests, and with a course of disease."""
    tables = draw(molecular.populations())
    others = draw(clinical.populations())
    burden = st.sampled_from([4.9, 5.0, 9.999999999999998, 10.0, 10.000000000000002, 40.0])
    sign = st.sampled_from([None, "<", "<=", ">", ">="])
    for row in draw(st.lists(st.fixed_dictionaries({"value_number": burden, "comparator": sign}), max_size=4)):
        others.setdefault("finding", []).append({"person": 12, "id": 5000, "kind": "tmb", **row})
    for name, rows in others.items():
        # Their ids start anew, and so would point into the rows of the first.
        moved = [row | {key: row[key] + 9000 for key in ("id", "therapy", "test") if key in row} for row in rows]
        tables[name] = tables.get(name, []) + ([] if name == "person" else moved)
    return tables


@few
@given(populations(), st.lists(leaf, min_size=1, max_size=25), st.none() | st.dates(date(2025, 1, 1), AS_OF))
def test_the_engine_gives_the_bitmaps_of_the_index(tables: Tables, asked: list[Leaf], known_by: date | None) -> None:
    """All leaves in one batch, true, false and unknown; also as it was known on an earlier day."""
    memory = MemoryTables(tables)
    population = Population.of(memory, known_by)
    with open_engine(memory, "duckdb") as engine:
        found = Pushdown(engine, known_by).truths(asked, AS_OF)
    for one in asked:
        assert found[one] == leaf_truth(one, population, AS_OF), one


@few
@given(populations(), st.lists(leaf, min_size=2, max_size=6))
def test_a_leaf_has_the_same_value_alone_and_among_others(tables: Tables, asked: list[Leaf]) -> None:
    """Contents that one leaf does not tell apart are kept apart where another does."""
    memory = MemoryTables(tables)
    with open_engine(memory, "duckdb") as engine:
        together = Pushdown(engine).truths(asked, AS_OF)
        for one in asked[:2]:
            assert Pushdown(engine).truth(one, AS_OF) == together[one], one
