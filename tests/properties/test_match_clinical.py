"""Clinical criteria over generated courses of disease: the engine against one patient, one tree, plain Python."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.match import Population, evaluate
from kohort.match.criteria import (
    And,
    AtLeast,
    Comorbidity,
    Consent,
    Criterion,
    DiseaseStatus,
    Event,
    Histology,
    Laboratory,
    Leaf,
    Marker,
    MetastasisSite,
    Metastatic,
    Not,
    Or,
    PerformanceStatus,
    PriorTherapy,
    Range,
    SystemicLines,
    TherapySince,
    Window,
)
from kohort.match.criteria.course import DISEASE_STATUSES
from kohort.match.criteria.windows import EVENTS
from kohort.match.engine.evaluation import evidence
from kohort.tables import MemoryTables
from tests.spec.match.match_reference import Row, Tables, Value, judge
from tests.spec.match.match_reference_clinical import SAYS

AS_OF = date(2026, 2, 28)
PEOPLE = tuple(range(11, 17))
DRUGS = ("imatinib", "pembrolizumab", "kohortinib")
MODALITIES = ("systemic", "surgery", "radiotherapy")


# --- what is asked --------------------------------------------------------------------------------------------------


def limits(r: Random, *texts: str) -> Range:
    return Range.parse(r.choice(texts))


def a_drug(r: Random) -> dict[str, Any]:
    named = [{"drug": drug} for drug in DRUGS[:2]]
    return r.choice([*named, {"drug_class": "pd-1 inhibitor"}, {"drug_class": "kinase inhibitor"}])


def a_treatment(r: Random) -> dict[str, Any]:
    return a_drug(r) if r.random() < 0.6 else {"modality": r.choice(MODALITIES)}


def an_event(r: Random) -> Event:
    kind: Any = r.choice(EVENTS)
    return Event(kind, **a_treatment(r)) if kind.startswith("therapy") and r.random() < 0.7 else Event(kind)


def a_histology(r: Random) -> Leaf:
    asked: dict[str, tuple[str, ...]] = {
        "topography": r.choice([("C34",), ("C34.1", "C50"), ("C81-C96",), ("C30-C39",)]),
        "morphology": r.choice([("8140",), ("8140/3", "8500"), ("8140-8147",), ("8070-8083/3",), ("8001",)]),
        "behaviour": r.choice([("3",), ("2", "3"), ("6",)]),
    }
    return Histology(**{name: asked[name] for name in r.sample(list(asked), r.choice([1, 1, 2, 3]))})


def a_laboratory_value(r: Random) -> Leaf:
    within_days = r.choice([None, None, 14, 400])
    match r.randrange(3):
        case 0:
            of: Any = r.choice(["upper_limit", "lower_limit"])
            return Laboratory("haemoglobin", limits(r, "<=1.5", ">=1", "<0.9"), of=of, within_days=within_days)
        case 1:
            return Laboratory("platelets", limits(r, ">=100", "<50"), "10^9/L", within_days=within_days)
    unit = r.choice(["g/dL", "g/L", "mmol/L"])
    return Laboratory("Hb", limits(r, ">=9", "<10", ">=6.2", ">90"), unit, within_days=within_days)


def a_marker(r: Random) -> Leaf:
    her2: Any = r.choice(["positive", "negative", "low"])
    status: Any = r.choice(["positive", "negative"])
    return r.choice(
        [
            Marker("PD-L1 TPS", range=limits(r, ">=50", "<1", ">=1, <50")),
            Marker(r.choice(["PD-L1 TPS", "AR"]), status),
            Marker("HER2", her2),
            Marker("HER2", range=limits(r, "==1", ">=2")),
        ]
    )


def a_prior_therapy(r: Random) -> Leaf:
    setting: Any = r.choice([None, None, "adjuvant", "advanced"])
    modality: dict[str, Any] = r.choice([{}, {"modality": r.choice(MODALITIES)}])
    return PriorTherapy(**a_treatment(r) | modality, setting=setting)


ASKED: tuple[Callable[[Random], Leaf], ...] = (
    a_histology,
    a_laboratory_value,
    a_marker,
    a_prior_therapy,
    lambda r: DiseaseStatus(tuple(r.sample(DISEASE_STATUSES, r.choice([1, 1, 2])))),
    lambda r: Metastatic(),
    lambda r: MetastasisSite(r.choice(["brain", "liver", "lung", "lymph node"])),
    lambda r: Comorbidity(r.choice([("I50",), ("I50.1",), ("I20-I21",), ("I20-I21", "E11"), ("E11.2",)])),
    lambda r: PerformanceStatus(limits(r, "<=1", "==2", ">=1")),
    lambda r: SystemicLines(limits(r, "<=1", ">=1", "==2", "==0"), **r.choice([a_drug(r), {}])),
    lambda r: TherapySince(limits(r, ">=28", "<=30", "<=400", "==0"), **a_treatment(r)),
    lambda r: Window(an_event(r), an_event(r), limits(r, "<=30", ">=28", ">=0, <=365", "<0", ">=400", "==0")),
    lambda r: Consent(r.choice(["biobanking", "trial x"])),
)


def a_leaf(r: Random) -> Leaf:
    return r.choice(ASKED)(r)


def a_tree(r: Random, depth: int = 2) -> Criterion:
    if depth == 0 or r.random() < 0.3:
        return a_leaf(r)
    parts = [a_tree(r, depth - 1) for _ in range(r.choice([1, 2, 3]))]
    return r.choice([And(*parts), Or(*parts), Not(parts[0]), AtLeast(r.randint(1, len(parts)), *parts)])


# --- who is asked about ---------------------------------------------------------------------------------------------


def moment(r: Random, column: str) -> Row:
    """No date, a calendar date known to the day, month or year, a counted day, or both of them."""
    row: Row = {}
    if r.random() < 0.6:
        day, precision = date(2024, 6, 1) + timedelta(days=r.randrange(670)), r.choice([3, 3, 3, 2, 1])
        day = day if precision == 3 else day.replace(day=1) if precision == 2 else day.replace(month=1, day=1)
        row |= {column: day, f"{column}_precision": precision}
    if r.random() < 0.4:
        row[f"{column}_day"] = r.randrange(-20, 500)
    return row


ANSWERS = ("positive", "negative", "low", "equivocal", None)
TABLES: dict[tuple[str, str], dict[str, Sequence[Any]]] = {
    ("tumour", "diagnosed"): {
        "kind": ["primary", "primary", "metastasis", "recurrence", None],
        "topography_system": ["icd-o-3", "icd-10"],
        "topography_code": [None, "C34", "C34.1", "C34.9", "C50.9", "C83.3", "C71.1", "C78.7"],
        "topography_text": [None, "Lung", "Other, specify", "Retroperitoneal lymph nodes"],
        "morphology_code": [None, "8140/3", "8140", "8142/2", "8010/3", "8000/9", "8500/3", "8070/6"],
        "behaviour": [None, None, "3", "2"],
    },
    ("stage", "assessed"): {
        "m": [None, None, "M0", "cM0", "M1a", "MX"],
        "n": [None, "N0", "N1", "pN2a", "NX"],
    },
    ("specimen", "collected"): {
        "kind": ["primary", "primary", "metastasis", "recurrence", None],
        "site_code": [None, "C71.1", "C77.9"],
        "site_text": [None, "Brain"],
    },
    ("response", "assessed"): {"category": ["PD", "SD", "CR"]},
    ("test", "reported"): {"assay": ["mutation"], "specimen": [1]},
    ("decision", "decided"): {
        "kind": ["consent", "consent", "permit"],
        "drug_or_trial": ["biobanking", "trial x"],
        "status": ["accepted", "refused", "withdrawn", "open", None],
    },
}
FINDINGS: tuple[dict[str, Sequence[Any]], ...] = (
    {"kind": ["status"], "code_text": list(SAYS)},
    {"kind": ["ecog"], "value_number": [0, 1, 2, None]},
    {
        "kind": ["comorbidity"],
        "code_code": ["I50", "I50.1", "I50.9", "I21", "I20", "I20", "E11", "E11.2", "C79.3", None],
        "value_code": [None, "absent", "absent", "absent", "suspected"],
    },
    {
        "kind": ["laboratory"],
        "code_code": ["718-7", "Hb", None],
        "code_text": ["Hb"],
        "value_number": [9, 90, 10.2, 6.2, None],
        "unit": ["g/dL", "g/L", "mmol/L", None, "mg"],
        "comparator": [None, None, None, "<", ">=", ">", "<="],
        "reference_low": [None, 9, 100],
        "reference_high": [None, 6, 60],
    },
    {
        "kind": ["laboratory"],
        "code_text": ["Platelets"],
        "value_number": [40, 150, 50_000, 100],
        "unit": ["10*9/L", "10*3/uL", "/uL"],
        "comparator": [None, "<"],
    },
    {
        "kind": ["ihc", "marker"],
        "code_code": ["PD-L1 TPS", "AR"],
        "value_code": ANSWERS,
        "value_number": [None, 0.5, 1, 60],
        "unit": [None, "%", "1", "kg"],
        "comparator": [None, None, "<", ">="],
    },
    {
        "kind": ["ihc"],
        "code_code": ["HER2"],
        "value_code": ANSWERS,
        "value_number": [None, None, 0, 1, 2, 3],
        "value_text": [None, "2+", "1+", "text"],
    },
    {"kind": ["marker"], "code_code": ["HER2 ISH"], "value_code": ["positive", "negative", None]},
)
COURSE: dict[str, Sequence[Any]] = {
    "modality": ["systemic", "systemic", "surgery", "radiotherapy", "other", None],
    "setting": [None, "adjuvant", "advanced", "unknown"],
    "line": [None, None, 0, 1, 2, 3],
    "ongoing": [None, None, None, True, False],
}


def a_row(r: Random, columns: dict[str, Sequence[Any]], *days: str) -> Row:
    row: Row = {name: r.choice(values) for name, values in columns.items()}
    for day in days:
        row |= moment(r, day)
    return row


def a_population(r: Random) -> Tables:
    """A few people, each with a few rows of some tables."""
    ids = itertools.count(1)
    tables: Tables = {}

    def add(table: str, person: int, row: Row) -> int:
        tables.setdefault(table, []).append({"person": person, "id": next(ids), **row})
        return tables[table][-1]["id"]

    for person in PEOPLE:
        add("person", person, {})
        for (table, day), columns in TABLES.items():
            for _ in range(r.choice([0, 1, 1, 2])):
                add(table, person, a_row(r, columns, day))
        for columns in FINDINGS:
            for _ in range(r.choice([0, 1, 2])):
                add("finding", person, a_row(r, columns, "found"))
        for _ in range(r.choice([0, 1, 2, 3])):
            therapy = add("therapy", person, a_row(r, COURSE, "start", "stop"))
            for _ in range(r.choice([0, 1, 1, 2])):
                item = {"item_code": r.choice([None, *DRUGS])}
                own = moment(r, "stop") | moment(r, "start") if r.random() < 0.3 else {}
                add("therapy_item", person, {"therapy": therapy, **item, **own})
    return tables


def values(criterion: Criterion, population: Population) -> list[Value]:
    truth = evaluate(criterion, population, AS_OF)
    return [truth.value(i) for i in range(population.size)]


# A world of rows is a number: drawn by Python's own generator it is far larger than one drawn row by row.
worlds = st.integers(0, 2**48).map(Random)
many = settings(max_examples=150, deadline=None)
some = settings(max_examples=30, deadline=None)


@many
@given(worlds)
def test_every_clinical_leaf_equals_one_patient_in_plain_python(r: Random) -> None:
    """Whatever is recorded, known to whatever day: the bitmaps give what a person reading the rules gives."""
    tables = a_population(r)
    population = Population.of(MemoryTables(tables))
    for ask in ASKED:
        for one in (ask(r), ask(r), ask(r)):
            expected = [judge(one, tables, person, AS_OF) for person in PEOPLE]
            assert values(one, population) == expected, one


@some
@given(worlds)
def test_trees_of_clinical_leaves_equal_one_patient_in_plain_python(r: Random) -> None:
    """The same under and, or, not and at least, also with every unknown read as false."""
    tables = a_population(r)
    population = Population.of(MemoryTables(tables))
    for criterion in (a_tree(r) for _ in range(8)):
        for closed in (False, True):
            truth = evaluate(criterion, population, AS_OF, closed_world=closed)
            expected = [judge(criterion, tables, person, AS_OF, closed=closed) for person in PEOPLE]
            assert [truth.value(i) for i in range(population.size)] == expected, criterion


@some
@given(worlds)
def test_the_order_of_rows_does_not_matter(r: Random) -> None:
    """The latest of several values is found wherever it stands."""
    tables = a_population(r)
    shuffled = {name: r.sample(rows, len(rows)) for name, rows in tables.items()}
    one, other = (Population.of(MemoryTables(each)) for each in (tables, shuffled))
    for criterion in (a_leaf(r) for _ in range(20)):
        assert values(criterion, one) == values(criterion, other)


@some
@given(worlds)
def test_what_is_known_stands_on_rows_of_that_patient(r: Random) -> None:
    """Every yes and no of these leaves cites at least one row, and only the patient's own."""
    tables = a_population(r)
    population = Population.of(MemoryTables(tables))
    owner = {(name, row["id"]): row["person"] for name, rows in tables.items() for row in rows}
    for one in (a_leaf(r) for _ in range(20)):
        stands_on = evidence(one, population, AS_OF)
        truth = stands_on.truth(population.size)
        for at, person in enumerate(PEOPLE):
            cited = stands_on.cited(at, truth.value(at))
            assert all(owner[row.table, row.id] == person for row in cited)
            assert cited or truth.value(at) is None


def test_the_generated_worlds_reach_every_answer_of_every_leaf() -> None:
    """The laws above would hold of worlds in which nothing is known."""
    r, seen = Random(3), Counter[tuple[str, Value]]()
    for _ in range(40):
        population = Population.of(MemoryTables(a_population(r)))
        for one in (ask(r) for ask in ASKED):
            seen.update((type(one).__name__, value) for value in values(one, population))
    kinds = {type(ask(r)).__name__ for ask in ASKED}
    assert {(kind, value) for kind in kinds for value in (True, False, None)} == set(seen)
