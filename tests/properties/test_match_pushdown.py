"""Leaves decided inside an engine are those of the in-memory index, on generated patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.match import Population
from kohort.match.criteria import (
    Age,
    CopyNumber,
    Diagnosis,
    Fusion,
    Leaf,
    Mmr,
    Msi,
    Mutation,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Stage,
    Tmb,
    WildType,
)
from kohort.match.engine.evaluation import leaf_truth
from kohort.match.pushdown import Pushdown
from kohort.store.engines import open_engine
from kohort.tables import MemoryTables
from tests.properties import test_match_clinical as clinical
from tests.spec.match.match_reference import Row, Tables

AS_OF = clinical.AS_OF
PEOPLE = tuple(range(101, 131))
GENES = ("BRAF", "ERBB2", "HER2", "KRAS", "TP53", "MET")

# Hypothesis draws a number; the world that it stands for is far larger than one drawn row by row.
worlds = st.integers(0, 2**48).map(Random)

ASKED: tuple[Callable[[Random], Leaf], ...] = (
    lambda r: Mutation(r.choice(GENES)),
    lambda r: Mutation(r.choice(GENES), r.choice(["V600E", "p.Gly12Cys", "S310F", "p.X1010_splice"])),
    lambda r: Mutation(r.choice(GENES), codon=r.choice([12, 310, 600])),
    lambda r: Mutation(r.choice(GENES), exon=r.choice([2, 14, 15])),
    lambda r: Mutation(r.choice(GENES), classes=r.choice([("truncating",), ("Silent",), ("Missense_Mutation",)])),
    lambda r: Mutation(r.choice(GENES), function=r.choice(["activating", "inactivating", "pathogenic"])),
    lambda r: WildType(r.choice(GENES)),
    lambda r: CopyNumber(r.choice(GENES), r.choice([None, "amplification", "loss"])),
    lambda r: Fusion(r.choice(GENES), r.choice([None, "ALK"])),
    lambda r: Rearrangement("BRAF", r.choice([None, "any", "intergenic", "KRAS", "ALK", "BRAF"])),
    lambda r: Msi(r.choice(["MSI-H", "MSI-L", "MSS"])),
    lambda r: Mmr(r.choice(["deficient", "proficient"])),
    lambda r: Tmb(Range.parse(r.choice([">=10", ">10", "<=10", "<10", "==10", ">=5, <10"]))),
    lambda r: Signature(r.choice(["POLE", "UV"]), r.random() < 0.5),
    lambda r: Diagnosis(r.choice(["LUAD", "NSCLC", "MEL", "LUNG"])),
    lambda r: r.choice([Diagnosis(tissue="Skin"), Diagnosis(main_type="Melanoma"), Diagnosis(lineage="liquid")]),
    lambda r: Sex(r.choice(["female", "male"])),
    lambda r: Receptor(r.choice(["ER", "HER2"]), r.choice(["positive", "negative"])),
    lambda r: Stage(r.choice([("IV",), ("III", "IVA")])),
    lambda r: Age(Range.parse(r.choice([">=18", ">40, <70"]))),
)
COLUMNS: dict[str, dict[str, Sequence[Any]]] = {
    "person": {"sex_code": [None, "female", "male"], "birth": [None, date(1960, 1, 1)], "birth_precision": [1, 3]},
    "tumour": {
        "kind": ["primary", "primary", "metastasis", "recurrence"],
        "oncotree_code": [None, "LUAD", "NSCLC", "LUNG", "MEL", "AML"],
    },
    "stage": {"stage_group": [None, "IV", "IVA", "Stage IIIB", "II", "unclear"]},
    "test": {
        "specimen": [1],
        "assay": ["mutation", "mutation", "copy_number", "structural_variant"],
        "panel": [None, "one", "two", "unlisted"],
        "coverage": ["panel", "exome", "unknown"],
        "quality": [None, "pass", "failed"],
        "msi": [None, "MSI-H", "MSS", "indeterminate"],
        "tmb": [None, 2.0, 10.0, 40.0],
    },
    "variant": {
        "class": ["snv", "snv", "snv", "indel", "cnv", "fusion", "sv", "not_assessed"],
        "gene": [None, *GENES],
        "partner": [None, "KRAS", "ALK", "BRAF"],
        "hgvs_p": [None, "p.V600E", "p.Val600Lys", "p.G12C", "S310F", "p.R10*", "p.X1010_splice", "illegible", "?"],
        "classification": [None, "Missense_Mutation", "Nonsense_Mutation", "Splice_Site", "Silent", "Del_Ins"],
        "exon": [None, 2, 14, 15],
        "copies": [None, -1, 0, 2],
    },
}
FINDINGS: tuple[dict[str, Sequence[Any]], ...] = (
    {
        "kind": ["ihc"],
        "code_code": ["ER", "HER2", "MMR"],
        "value_code": ["positive", "negative", "equivocal", "deficient", "proficient"],
    },
    {
        "kind": ["marker"],
        "code_system": [None, "signature"],
        "code_code": ["POLE", "UV"],
        "value_code": [None, "present", "absent"],
    },
    {"kind": ["msi"], "value_code": ["MSI-H", "MSS", "MSI-L"]},
    {
        "kind": ["tmb"],
        "value_number": [None, 4.9, 5.0, 9.999999999999998, 10.0, 10.000000000000002, 10.000000000000004, 40.0],
        "comparator": [None, "<", "<=", ">", ">="],
    },
)


def a_population(r: Random) -> Tables:
    """People with alterations and tests, beside others with a course of disease."""
    listed = (("one", "BRAF"), ("one", "TP53"), ("two", "HER2"), ("two", "KRAS"))
    tables: Tables = {"code": [{"system": f"panel/{panel}", "code": gene} for panel, gene in listed]}

    def add(table: str, person: int, row: Row, *days: str) -> int:
        rows = tables.setdefault(table, [])
        for day in days:
            row |= {day: r.choice([None, AS_OF - timedelta(days=r.randrange(400))])}
        rows.append({"person": person, "id": 100_000 + len(rows), **row})
        return rows[-1]["id"]

    for person in PEOPLE:
        add("person", person, clinical.a_row(r, COLUMNS["person"]))
        for table, day in (("tumour", "diagnosed"), ("stage", "assessed")):
            for _ in range(r.choice([0, 1, 2])):
                add(table, person, clinical.a_row(r, COLUMNS[table]), day)
        for columns in FINDINGS:
            for _ in range(r.choice([0, 0, 1, 2])):
                add("finding", person, clinical.a_row(r, columns), "found")
        for _ in range(r.choice([0, 1, 2, 2])):
            test = add("test", person, clinical.a_row(r, COLUMNS["test"]), "reported")
            for row in some_variants(r):
                add("variant", person, row | {"test": test})
    for number in range(4):
        for table, rows in clinical.a_population(r).items():
            tables.setdefault(table, []).extend(_of_others(row, 1000 * number) for row in rows)
    return tables


def some_variants(r: Random) -> list[Row]:
    """What one test found, and now and then one gene, under two names, that it could not assess."""
    found = [clinical.a_row(r, COLUMNS["variant"]) for _ in range(r.choice([0, 1, 2, 3]))]
    return found + [{"class": "not_assessed", "gene": gene} for gene in r.choice([(), (), ("HER2", "ERBB2")])]


def _of_others(row: Row, by: int) -> Row:
    """The row for somebody else, with an id of its own."""
    return row | {name: row[name] + by for name in ("person", "id", "therapy") if name in row}


@settings(max_examples=6, deadline=None)
@given(worlds, st.sampled_from([None, 100]))
def test_the_engine_gives_the_bitmaps_of_the_index(r: Random, days_ago: int | None) -> None:
    """All leaves in one batch, true, false and unknown; also as it was known on an earlier day."""
    tables = MemoryTables(a_population(r))
    known_by = None if days_ago is None else AS_OF - timedelta(days=days_ago)
    asked = [ask(r) for ask in (*ASKED, *clinical.ASKED) for _ in range(4)]
    population = Population.of(tables, known_by)
    with open_engine(tables) as engine:
        found = Pushdown(engine, known_by).truths(asked, AS_OF)
    for one in asked:
        assert found[one] == leaf_truth(one, population, AS_OF), one


def test_each_kind_is_decided_alone_as_among_others() -> None:
    """Nothing that a kind reads is there only because another kind asks for it."""
    r = Random(20261124)
    tables = MemoryTables(a_population(r))
    population = Population.of(tables)
    asked = {type(one): one for one in (ask(r) for ask in (*ASKED, *clinical.ASKED) for _ in range(3))}
    assert asked.keys() >= Pushdown.pushed
    with open_engine(tables) as engine:
        for kind in Pushdown.pushed:
            one = asked[kind]
            assert Pushdown(engine).truth(one, AS_OF) == leaf_truth(one, population, AS_OF), one
