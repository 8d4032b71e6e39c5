"""Matching a synthetic population with random cohorts in three values, beside one DuckDB statement a cohort.

Run: ``python benchmarks/match_population.py [--people 1000000] [--cohorts 200] [--out FILE]``

The population is invented: about ten variants a person in the genes of the starter table, Zipf-distributed, one of
three panels a person (one in five not tested). Both contestants read the same Parquet files, each in a process of
its own. The SQL has two values, so the closed world of Kohort is compared with it, count by count; Kohort's
three-valued verdicts, near misses and missing facts come on top and have no counterpart in SQL.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
from machine import machine

from kohort.codes import genes
from kohort.match import Design, Matches, Population, TreatmentCohort, Trial, match
from kohort.match.criteria import And, Criterion, Mutation, Not, Or, leaves

RESULTS = Path(__file__).parent / "results" / "match_population.json"
AS_OF = date(2026, 11, 1)
PANELS = 3
CHANGES = 30
SEED = 20261
Result = TypeVar("Result")


def symbols() -> list[str]:
    return sorted(genes.symbols())[:500]


def changes(gene: int) -> list[str]:
    """Thirty substitutions of a gene, its own."""
    residues = "ACDEFGHIKLMNPQRSTVWY"
    return [f"p.{residues[(gene + i) % 19]}{7 * i + gene + 2}{residues[(gene + i + 1) % 20]}" for i in range(CHANGES)]


def write_population(folder: Path, people: int) -> None:
    """Tables as a site keeps them: one row a person, test and variant, 64-bit pseudonyms in random order."""
    random = np.random.default_rng(SEED)
    names = symbols()
    persons = np.unique(random.integers(0, 2**62, people + people // 1000))[:people]
    persons = random.permutation(persons)
    pl.DataFrame({"person": persons, "id": persons}).write_parquet(folder / "person.parquet")
    tested = np.flatnonzero(random.random(people) < 0.8)
    panel = random.integers(0, PANELS, len(tested))
    tests = pl.DataFrame({"person": persons[tested], "id": tested + 1, "panel": panel}).select(
        "person", "id", assay=pl.lit("mutation"), panel=pl.format("P{}", "panel"), coverage=pl.lit("panel")
    )
    tests.write_parquet(folder / "test.parquet")
    listed = [(f"panel/P{p}", name) for p in range(PANELS) for i, name in enumerate(names) if i % (p + 2) or p == 0]
    pl.DataFrame(listed, schema=["system", "code"], orient="row").write_parquet(folder / "code.parquet")
    write_variants(folder, persons[tested], tested + 1, random)


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
    """Any of one to four alterations, none of up to two; the same as a tree and as SQL."""
    random = np.random.default_rng(SEED + 1)
    return [random_cohort(random) for _ in range(number)]


def random_cohort(random: np.random.Generator) -> tuple[Criterion, str]:
    def alterations(count: int) -> list[tuple[Mutation, str]]:
        chosen = random.choice(len(symbols()), count, replace=False)
        return [alteration(int(gene), random) for gene in chosen]

    wanted, unwanted = alterations(int(random.integers(1, 5))), alterations(int(random.integers(0, 3)))
    tree = And(Or(*(leaf for leaf, _ in wanted)), *(Not(leaf) for leaf, _ in unwanted))
    sql = f"SELECT count(DISTINCT person) FROM variant WHERE ({' OR '.join(s for _, s in wanted)})"  # noqa: S608 - own words
    if unwanted:
        none = " OR ".join(s for _, s in unwanted)
        sql += f" AND person NOT IN (SELECT person FROM variant WHERE {none})"  # noqa: S608 - own words
    return tree, sql


def alteration(gene: int, random: np.random.Generator) -> tuple[Mutation, str]:
    name = symbols()[gene]
    if random.random() < 0.5:
        return Mutation(name), f"gene = '{name}'"
    change = changes(gene)[int(random.integers(CHANGES))]
    return Mutation(name, protein_change=change), f"(gene = '{name}' AND hgvs_p = '{change}')"


class ParquetTables:
    """Tables in Parquet files; a column or table that is not there is null or empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        from kohort.tables import empty, table  # noqa: PLC0415 - the other's process goes without

        path, schema = self.folder / f"{name}.parquet", table(name).polars_schema
        if not path.exists():
            return empty(table(name)).select(columns or pl.all())
        wanted = list(columns or schema)
        there = [column for column in wanted if column in pl.read_parquet_schema(path)]
        found = pl.read_parquet(path, columns=there)
        return found.select(
            pl.col(column) if column in there else pl.lit(None, dtype=schema[column]).alias(column) for column in wanted
        )


def timed(figures: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    start = time.perf_counter()
    result = work()
    figures[name] = round(time.perf_counter() - start, 3)
    return result


def kohort(folder: Path, number: int) -> dict[str, object]:
    design = Design(0, 8, 4, 24, 0.1, 0.3)
    trees = [tree for tree, _ in random_cohorts(number)]
    trial = Trial(
        "B",
        "Benchmark",
        tuple(TreatmentCohort(f"C{i}", "", ("imatinib",), t, design=design) for i, t in enumerate(trees)),
    )
    seconds: dict[str, float] = {}

    def index() -> Population:
        population = Population.of(ParquetTables(folder))
        population.coverage  # noqa: B018 - reads and indexes tests and variants
        return population

    def matched(*, closed_world: bool = False) -> Matches:
        return match(trial, population, AS_OF, closed_world=closed_world)

    population = timed(seconds, "read_and_index", index)
    timed(seconds, "match_cold", matched)
    matches = timed(seconds, "match_again", matched)
    timed(seconds, "counts_and_near_misses", matches.counts)
    timed(seconds, "missing_facts", matches.missing)
    closed = timed(seconds, "match_closed_world", lambda: matched(closed_world=True))
    every = [leaf for tree in trees for leaf in leaves(tree)]
    return {
        "seconds": seconds,
        "peak_mib": peak_mib(),
        "leaves": len(every),
        "distinct_leaves": len(set(every)),
        "counts": closed.counts()["eligible"].to_list(),
        "verdicts": {
            verdict: int(matches.counts()[verdict].sum()) for verdict in ("eligible", "unknown", "ineligible")
        },
    }


def duckdb(folder: Path, number: int) -> dict[str, object]:
    import duckdb as engine  # noqa: PLC0415 - the other's process goes without

    seconds: dict[str, float] = {}
    connection = engine.connect()
    source = f"'{folder}/variant.parquet'"
    load = f"CREATE TABLE variant AS SELECT person, gene, hgvs_p FROM {source} ORDER BY gene"  # noqa: S608 - own path
    timed(seconds, "read_sorted_by_gene", lambda: connection.execute(load).fetchall())
    statements = [sql for _, sql in random_cohorts(number)]
    rows = timed(seconds, "one_statement_a_cohort", lambda: [connection.execute(s).fetchall() for s in statements])
    return {"seconds": seconds, "peak_mib": peak_mib(), "counts": [row[0][0] for row in rows]}


CONTESTANTS: dict[str, Callable[[Path, int], dict[str, object]]] = {"kohort": kohort, "duckdb": duckdb}


def peak_mib() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def compare(people: int, cohorts: int) -> dict[str, object]:
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_population(folder, people)
        variants = pl.scan_parquet(folder / "variant.parquet").select(pl.len()).collect().item()
        for contestant in CONTESTANTS:
            command = [sys.executable, __file__, "--run", contestant, "--folder", name, "--cohorts", str(cohorts)]
            found[contestant] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    ours, theirs = (found[contestant].pop("counts") for contestant in ("kohort", "duckdb"))
    return {
        "people": people,
        "variants": variants,
        "cohorts": cohorts,
        "counts_equal": ours == theirs,
        **found,
        "versions": {package: version(package) for package in ("numpy", "polars", "duckdb")},
        "machine": machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--cohorts", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--run", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(CONTESTANTS[given.run](given.folder, given.cohorts)))
        return
    result = compare(given.people, given.cohorts)
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
