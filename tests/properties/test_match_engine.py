"""Laws of matching on generated patients and trees, and the engine against one patient, one tree, plain Python."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kohort.match import Population, evaluate
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Diagnosis,
    FreeText,
    Fusion,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    PriorTherapy,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Tmb,
    WildType,
    leaves,
)
from kohort.match.engine.evaluation import leaf_truth
from kohort.tables import MemoryTables
from tests.spec.match.match_reference import Tables, Value, judge, negate

AS_OF = date(2026, 2, 28)
GENES = ("BRAF", "ERBB2", "HER2", "KRAS", "PTEN", "MET")
PEOPLE = (11, 12, 13)

leaf = st.one_of(
    st.builds(Mutation, st.sampled_from(GENES)),
    st.builds(Mutation, st.sampled_from(GENES), st.sampled_from(["V600E", "p.Gly12Cys", "S310F"])),
    st.builds(Mutation, st.sampled_from(GENES), codon=st.sampled_from([12, 310, 600])),
    st.builds(
        Mutation,
        st.sampled_from(GENES),
        exon=st.none() | st.sampled_from([2, 15]),
        classes=st.sampled_from([("Missense_Mutation",), ("truncating",), ("Silent",)]),
    ),
    st.builds(WildType, st.sampled_from(GENES)),
    st.builds(
        Mutation,
        st.sampled_from(GENES),
        exon=st.none() | st.sampled_from([14, 15]),
        function=st.sampled_from(["activating", "inactivating", "pathogenic"]),
    ),
    st.builds(CopyNumber, st.sampled_from(GENES), st.sampled_from([None, "amplification", "loss"])),
    st.builds(Rearrangement, st.just("BRAF"), st.sampled_from([None, "any", "intergenic", "KRAS", "ALK", "BRAF"])),
    st.builds(Mmr, st.sampled_from(["deficient", "proficient"])),
    st.builds(Signature, st.sampled_from(["POLE", "UV"]), st.booleans()),
    st.builds(Fusion, st.just("BRAF"), st.none() | st.sampled_from(["KRAS", "ALK"])),
    st.builds(Diagnosis, st.sampled_from(["LUAD", "NSCLC", "MEL", "LUNG"])),
    st.builds(Diagnosis, tissue=st.sampled_from(["Lung", "Skin"])),
    st.builds(Diagnosis, lineage=st.sampled_from(["solid", "liquid"])),
    st.builds(Age, st.sampled_from([">=18", "<=75", ">40, <70", "==50"]).map(Range.parse)),
    st.builds(Sex, st.sampled_from(["female", "male"])),
    st.builds(Msi, st.sampled_from(["MSI-H", "MSS"])),
    st.builds(Tmb, st.sampled_from([">=10", "<10"]).map(Range.parse)),
    st.builds(Receptor, st.sampled_from(["ER", "HER2"]), st.sampled_from(["positive", "negative"])),
    st.builds(PriorTherapy, st.sampled_from(["imatinib", "paclitaxel"])),
    st.builds(FreeText, st.just("fit for surgery")),
)


def at_least(parts: list[Criterion]) -> st.SearchStrategy[Criterion]:
    return st.integers(1, len(parts)).map(lambda n: AtLeast(n, *parts))


def joined(inner: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda parts: And(*parts)),
        several.map(lambda parts: Or(*parts)),
        several.flatmap(at_least),
        inner.map(Not),
    )


trees: st.SearchStrategy[Criterion] = st.recursive(leaf, joined, max_leaves=7)

person_row: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "sex_code": st.sampled_from([None, "female", "male"]),
        "birth": st.none() | st.dates(date(1940, 1, 1), date(2012, 1, 1)),
        "birth_precision": st.sampled_from([1, 2, 3]),
    }
)
tumour_row = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["primary", "metastasis"]),
        "oncotree_code": st.sampled_from([None, "LUAD", "NSCLC", "LUNG", "MEL", "AML"]),
    }
)
test_row = st.fixed_dictionaries(
    {
        "assay": st.sampled_from(["mutation", "copy_number", "structural_variant"]),
        "panel": st.sampled_from([None, "one", "two", "unlisted"]),
        "coverage": st.sampled_from(["panel", "exome", "unknown"]),
        "quality": st.sampled_from([None, "pass", "failed"]),
        "msi": st.sampled_from([None, "MSI-H", "MSS", "indeterminate"]),
        "tmb": st.sampled_from([None, 2.0, 10.0, 40.0]),
    }
)
variant_row = st.fixed_dictionaries(
    {
        "class": st.sampled_from(["snv", "snv", "indel", "cnv", "fusion", "sv", "not_assessed"]),
        "gene": st.none() | st.sampled_from(GENES),
        "partner": st.sampled_from([None, "KRAS", "ALK", "BRAF"]),
        "hgvs_p": st.sampled_from(
            [None, "p.V600E", "p.Val600Lys", "p.G12C", "S310F", "p.R10*", "p.R130G", "p.X1010_splice", "illegible"]
        ),
        "classification": st.sampled_from(
            [None, "Missense_Mutation", "Nonsense_Mutation", "Splice_Site", "Silent", "Del_Ins"]
        ),
        "exon": st.sampled_from([None, 2, 14, 15]),
        "copies": st.sampled_from([None, -1, 0, 2]),
    }
)
finding_row = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("ihc"),
            "code_code": st.sampled_from(["ER", "HER2", "MMR"]),
            "value_code": st.sampled_from(["positive", "negative", "equivocal", "deficient", "proficient"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("marker"),
            "code_system": st.sampled_from([None, "signature"]),
            "code_code": st.sampled_from(["POLE", "UV"]),
            "value_code": st.sampled_from([None, "present", "absent"]),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("msi"), "value_code": st.sampled_from(["MSI-H", "MSS", "MSI-L"])}),
)
course = st.tuples(
    st.sampled_from(["systemic", "surgery"]),
    st.lists(st.sampled_from([None, "imatinib", "paclitaxel"]), max_size=2),
)


@st.composite
def populations(draw: st.DrawFn) -> Tables:
    """A few people with a few rows each."""
    ids = itertools.count(1)
    tables: Tables = {"code": [{"system": f"panel/{p}", "code": g} for p, g in (("one", "BRAF"), ("two", "HER2"))]}
    tables["code"].append({"system": "panel/two", "code": "KRAS"})

    def add(table: str, person: int, row: dict[str, Any]) -> int:
        tables.setdefault(table, []).append({"person": person, "id": next(ids), **row})
        return tables[table][-1]["id"]

    for person in PEOPLE:
        row = draw(person_row)
        add("person", person, row | {"birth": _first_day(row["birth"], row["birth_precision"])})
        for tumour in draw(st.lists(tumour_row, max_size=2)):
            add("tumour", person, tumour)
        tests = [add("test", person, {"specimen": 1, **one}) for one in draw(st.lists(test_row, max_size=3))]
        for variant in draw(st.lists(variant_row, max_size=4)) if tests else []:
            add("variant", person, {"test": draw(st.sampled_from(tests)), **variant})
        for finding in draw(st.lists(finding_row, max_size=2)):
            add("finding", person, finding)
        for modality, drugs in draw(st.lists(course, max_size=2)):
            therapy = add("therapy", person, {"modality": modality})
            for drug in drugs:
                add("therapy_item", person, {"therapy": therapy, "item_code": drug})
    return tables


def _first_day(birth: date | None, precision: int) -> date | None:
    """A date known to the month or year is written as its first day."""
    if birth is None or precision == 3:
        return birth
    return birth.replace(day=1) if precision == 2 else birth.replace(month=1, day=1)


def indexed(tables: Tables) -> Population:
    return Population.of(MemoryTables(tables))


def values(criterion: Criterion, population: Population, *, closed_world: bool = False) -> list[Value]:
    truth = evaluate(criterion, population, AS_OF, closed_world=closed_world)
    return [truth.value(i) for i in range(population.size)]


many = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(populations(), st.lists(trees, min_size=1, max_size=6), st.booleans())
def test_the_engine_equals_one_patient_one_tree(tables: Tables, asked: list[Criterion], closed: bool) -> None:
    """Bitmaps over the population give what plain Python gives patient by patient, open and closed world."""
    population = indexed(tables)
    for criterion in asked:
        expected = [judge(criterion, tables, person, AS_OF, closed=closed) for person in PEOPLE]
        assert values(criterion, population, closed_world=closed) == expected


@some
@given(populations(), trees)
def test_a_criterion_and_its_opposite_are_never_both_true(tables: Tables, criterion: Criterion) -> None:
    """NOT swaps true and false; unknown never becomes eligible by negation."""
    population = indexed(tables)
    assert values(Not(criterion), population) == [negate(v) for v in values(criterion, population)]


@some
@given(populations(), st.lists(trees, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_order_of_parts_and_of_rows_does_not_matter(tables: Tables, parts: list[Criterion], shuffler: Any) -> None:
    """AND, OR and at least n look at their parts without regard to order, tables have none either."""
    mixed = list(parts)
    shuffler.shuffle(mixed)
    shuffled = {name: shuffler.sample(rows, len(rows)) for name, rows in tables.items()}
    one, other = indexed(tables), indexed(shuffled)
    for join in (And, Or, lambda *p: AtLeast(2, *p)):
        assert values(join(*parts), one) == values(join(*mixed), other)


@some
@given(populations(), trees, test_row, st.sampled_from(PEOPLE))
def test_testing_what_was_not_tested_never_turns_a_known_verdict_over(
    tables: Tables, criterion: Criterion, result: dict[str, Any], person: int
) -> None:
    """A first negative result of a test only makes unknown known."""
    first = indexed(tables)
    report = {"person": person, "id": 10_000, "specimen": 1, **result, "msi": None, "tmb": None}
    second = indexed(tables | {"test": [*tables.get("test", []), report]})
    for before, after in zip(values(criterion, first), values(criterion, second), strict=True):
        assert before is None or before == after


@some
@given(populations(), trees)
def test_open_and_closed_world_agree_where_every_leaf_is_known(tables: Tables, criterion: Criterion) -> None:
    """The closed world differs only where a leaf is unknown."""
    population = indexed(tables)
    truths = [leaf_truth(one, population, AS_OF) for one in leaves(criterion)]
    known = [all(truth.value(i) is not None for truth in truths) for i in range(population.size)]
    opened, closed = values(criterion, population), values(criterion, population, closed_world=True)
    for i, is_known in enumerate(known):
        assert closed[i] is not None
        assert not is_known or opened[i] == closed[i]
