"""An invented population as a site keeps it (Parquet), and random treatment cohorts as trees and as SQL.

About ten variants a person in the genes of the starter table, Zipf-distributed; one of three panels a person, one in
five not tested; one tumour a person, sex, a birth date that is missing in one of twenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from kohort.codes import genes, oncotree
from kohort.match import Design, TreatmentCohort, Trial
from kohort.match.criteria import Age, And, Criterion, Diagnosis, Mutation, Not, Or, Range
from kohort.tables import MemoryTables, empty, table

AS_OF = date(2026, 11, 1)
PANELS = 3
CHANGES = 30
SEED = 20261
TUMOURS = (
    "LUAD", "LUSC", "SCLC", "BRCA", "IDC", "ILC", "COAD", "READ", "PRAD", "PAAD", "SKCM", "GB",
    "DLBCLNOS", "AML", "HGSOC", "UCEC", "BLCA", "CCRCC", "STAD", "ESCA", "HCC", "CHOL", "THPA", "HNSC",
    "MEL", "GIST", "LMS", "OS", "CESC", "NSGCT",
)  # fmt: skip
TABLES = ("person", "tumour", "test", "variant", "code")


@cache
def symbols() -> tuple[str, ...]:
    return tuple(sorted(genes.symbols())[:500])


@cache
def changes(gene: int) -> tuple[str, ...]:
    """Thirty substitutions of a gene, its own."""
    residues = "ACDEFGHIKLMNPQRSTVWY"
    return tuple(
        f"p.{residues[(gene + i) % 19]}{7 * i + gene + 2}{residues[(gene + i + 1) % 20]}" for i in range(CHANGES)
    )


def write_population(folder: Path, people: int, seed: int = SEED) -> None:
    """Tables with 64-bit pseudonyms in random order."""
    random = np.random.default_rng(seed)
    persons = np.unique(random.integers(0, 2**62, people + people // 1000 + 1))[:people]
    persons = random.permutation(persons)
    write_people(folder, persons, random)
    tested = np.flatnonzero(random.random(people) < 0.8)
    panel = random.integers(0, PANELS, len(tested))
    tests = pl.DataFrame({"person": persons[tested], "id": tested + 1, "panel": panel}).select(
        "person", "id", assay=pl.lit("mutation"), panel=pl.format("P{}", "panel"), coverage=pl.lit("panel")
    )
    tests.write_parquet(folder / "test.parquet")
    names = symbols()
    listed = [(f"panel/P{p}", name) for p in range(PANELS) for i, name in enumerate(names) if i % (p + 2) or p == 0]
    pl.DataFrame(listed, schema=["system", "code"], orient="row").write_parquet(folder / "code.parquet")
    write_variants(folder, persons[tested], tested + 1, random)


def write_people(folder: Path, persons: np.ndarray, random: np.random.Generator) -> None:
    births = pl.Series(random.integers(-14_600, 16_400, len(persons)).astype(np.int32)).cast(pl.Date)
    known = pl.Series(random.random(len(persons)) < 0.95)
    sexes = np.array(["female", "male"])[random.integers(0, 2, len(persons))]
    pl.DataFrame({"person": persons, "id": persons, "sex_code": sexes, "birth": births}).with_columns(
        birth=pl.when(known).then("birth"), birth_precision=pl.lit(3, pl.Int8)
    ).write_parquet(folder / "person.parquet")
    codes = np.array(TUMOURS)[random.integers(0, len(TUMOURS), len(persons))]
    pl.DataFrame({"person": persons, "id": persons, "oncotree_code": codes}).with_columns(
        kind=pl.lit("primary")
    ).write_parquet(folder / "tumour.parquet")


def write_variants(folder: Path, persons: np.ndarray, tests: np.ndarray, random: np.random.Generator) -> None:
    names = symbols()
    weights = 1 / np.arange(1, len(names) + 1) ** 0.7
    of = np.repeat(np.arange(len(persons)), random.poisson(12.5, len(persons)))
    gene = random.choice(len(names), len(of), p=weights / weights.sum())
    change = random.integers(0, CHANGES, len(of))
    texts = np.array([changes(g) for g in range(len(names))])
    pl.DataFrame(
        {
            "person": persons[of],
            "id": np.arange(len(of)),
            "test": tests[of],
            "gene": pl.Series(gene.astype(np.uint32)).replace_strict(range(len(names)), names),
            "hgvs_p": pl.Series(texts[gene, change]),
        }
    ).with_columns(pl.lit("snv").alias("class"), classification=pl.lit("Missense_Mutation")).write_parquet(
        folder / "variant.parquet"
    )


def random_cohorts(number: int) -> list[tuple[Criterion, str]]:
    """Adults with a tumour type, any of one to four alterations, none of up to two: as a tree and as SQL."""
    random = np.random.default_rng(SEED + 1)
    return [random_cohort(random) for _ in range(number)]


def random_cohort(random: np.random.Generator) -> tuple[Criterion, str]:
    def alterations(count: int) -> list[tuple[Mutation, str]]:
        chosen = random.choice(len(symbols()), count, replace=False)
        return [alteration(int(gene), random) for gene in chosen]

    wanted, unwanted = alterations(int(random.integers(1, 5))), alterations(int(random.integers(0, 3)))
    tumour, tumour_sql = diagnosis(random)
    tree = And(
        Age(Range.parse(">=18")), tumour, Or(*(leaf for leaf, _ in wanted)), *(Not(leaf) for leaf, _ in unwanted)
    )
    adult = f"birth <= DATE '{AS_OF.replace(year=AS_OF.year - 18)}'"
    some = f"person IN (SELECT person FROM variant WHERE {' OR '.join(s for _, s in wanted)})"  # noqa: S608 - own words
    sql = f"SELECT count(*) FROM person WHERE {adult} AND {tumour_sql} AND {some}"  # noqa: S608 - own words
    if unwanted:
        none = " OR ".join(s for _, s in unwanted)
        sql += f" AND person NOT IN (SELECT person FROM variant WHERE {none})"  # noqa: S608 - own words
    return tree, sql


def diagnosis(random: np.random.Generator) -> tuple[Criterion, str]:
    """One tumour type, all but one, or any solid tumour."""
    code = str(random.choice(TUMOURS))
    sort = random.random()
    if sort < 0.3:
        return Diagnosis(lineage="solid"), coded([c for c in TUMOURS if not oncotree.is_liquid(c)])
    inside = coded([c for c in TUMOURS if oncotree.is_a(c, code)])
    return (Diagnosis(code), inside) if sort < 0.7 else (Not(Diagnosis(code)), f"NOT ({inside})")


def coded(codes: Sequence[str]) -> str:
    return "oncotree_code IN (" + ", ".join(f"'{code}'" for code in codes) + ")"


def alteration(gene: int, random: np.random.Generator) -> tuple[Mutation, str]:
    name = symbols()[gene]
    if random.random() < 0.5:
        return Mutation(name), f"gene = '{name}'"
    change = changes(gene)[int(random.integers(CHANGES))]
    return Mutation(name, protein_change=change), f"(gene = '{name}' AND hgvs_p = '{change}')"


def trial_of(trees: Sequence[Criterion], name: str = "B") -> Trial:
    design = Design(0, 8, 4, 24, 0.1, 0.3)
    arms = (TreatmentCohort(f"C{i}", "", ("imatinib",), tree, design=design) for i, tree in enumerate(trees))
    return Trial(name, "Benchmark", tuple(arms))


class ParquetTables:
    """Tables in Parquet files; a column or table that is not there is null or empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        path, schema = self.folder / f"{name}.parquet", table(name).polars_schema
        if not path.exists():
            return empty(table(name)).select(columns or pl.all())
        wanted = list(columns or schema)
        there = [column for column in wanted if column in pl.read_parquet_schema(path)]
        found = pl.read_parquet(path, columns=there)
        return found.select(
            pl.col(column) if column in there else pl.lit(None, dtype=schema[column]).alias(column) for column in wanted
        )

    def of(self, persons: Sequence[int]) -> MemoryTables:
        """The tables of some persons, in memory."""
        wanted = pl.Series(persons, dtype=pl.Int64)
        rows = {name: self.frame(name) for name in TABLES}
        return MemoryTables(
            {
                name: frame if name == "code" else frame.filter(pl.col("person").is_in(wanted.implode()))
                for name, frame in rows.items()
            }
        )
