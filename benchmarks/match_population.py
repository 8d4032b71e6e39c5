"""A million invented patients against a thousand random cohorts in three values, beside one DuckDB statement a cohort.

Run: ``python benchmarks/match_population.py [--people 1000000] [--cohorts 1000] [--out FILE]``

Both contestants read the same Parquet files, each in a process of its own. The SQL has two values, so the closed world
of Kohort is compared with it, count by count. Kohort's three values, the cost of every criterion (leave-one-out) and
the missing facts have no counterpart in SQL. Then the same matching is kept up to date: one new patient against all
cohorts, and one edited criterion over everybody.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from machine import machine
from match_world import AS_OF, TABLES, ParquetTables, random_cohorts, trial_of, write_population

from kohort.match import Matches, Population, Trial, match
from kohort.match.criteria import Age, And, Range, leaves, requirements
from kohort.match.engine.live import Live

RESULTS = Path(__file__).parent / "results" / "match_population.json"
NEW_PATIENTS = 500
EDITS = 30
Result = TypeVar("Result")


def timed(figures: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    start = time.perf_counter()
    result = work()
    figures[name] = round(time.perf_counter() - start, 3)
    return result


def kohort(folder: Path, number: int) -> dict[str, object]:
    trees = [tree for tree, _ in random_cohorts(number)]
    trial = trial_of(trees)
    seconds: dict[str, float] = {}

    def index() -> Population:
        population = Population.of(ParquetTables(folder))
        population.coverage  # noqa: B018 - reads and indexes tests and variants
        return population

    def matched(*, closed_world: bool = False) -> Matches:
        return match(trial, population, AS_OF, closed_world=closed_world)

    population = timed(seconds, "read_and_index", index)
    matches = timed(seconds, "three_values_and_leave_one_out_of_every_criterion", matched)
    timed(seconds, "table_of_costs", matches.costs)
    seconds["from_parquet_in_all"] = round(sum(seconds.values()), 3)
    peak = peak_mib()
    timed(seconds, "warm_in_all", lambda: matched().costs())
    timed(seconds, "missing_facts", matches.missing)
    closed = timed(seconds, "closed_world", lambda: matched(closed_world=True))
    every = [leaf for tree in trees for leaf in leaves(tree)]
    counts = matches.counts()
    return {
        "seconds": seconds,
        "peak_mib": peak,
        "leaves": len(every),
        "distinct_leaves": len(set(every)),
        "criteria": sum(len(found.criteria.parts) for found in matches.arms),
        "counts": [found.truth.counts[0] for found in closed.arms],
        "verdicts": {verdict: int(counts[verdict].sum()) for verdict in ("eligible", "unknown", "ineligible")},
    }


def live(folder: Path, number: int) -> dict[str, object]:
    """One new patient, and one edited criterion, with everything else kept."""
    trial = trial_of([tree for tree, _ in random_cohorts(number)])
    seconds: dict[str, float] = {}
    kept = timed(seconds, "start", lambda: Live([trial], ParquetTables(folder), AS_OF))
    with tempfile.TemporaryDirectory() as name:
        write_population(Path(name), NEW_PATIENTS, seed=5)
        bundles = rows_by_person(ParquetTables(Path(name)))
    patients = [milliseconds(lambda rows=rows: kept.put(rows)) for rows in bundles]
    warm = patients[NEW_PATIENTS // 2 :]
    edits = [milliseconds(lambda trial=trial, arm=arm: edited(kept, trial, arm)) for trial, arm in edited_trials(trial)]
    anew = milliseconds(lambda: [kept.truth(*key).counts for key in kept.arms])
    return {
        "seconds": seconds,
        "peak_mib": peak_mib(),
        "new_patient_ms": spread(warm),
        "edited_criterion_with_leave_one_out_ms": spread(edits),
        "counts_of_all_arms_ms": round(anew, 2),
    }


def edited_trials(trial: Trial) -> Iterator[tuple[Trial, str]]:
    """The trial again and again, each time with another age limit in another cohort."""
    arms = list(trial.arms)
    for place in range(EDITS):
        _, *rest = requirements(arms[place].criteria)
        arms[place] = replace(arms[place], criteria=And(Age(Range.parse(f">={20 + place}")), *rest))
        yield replace(trial, arms=tuple(arms)), arms[place].id


def edited(kept: Live, trial: Trial, arm: str) -> None:
    kept.put_trial(trial)
    kept.costs(trial.id, arm)


def rows_by_person(tables: ParquetTables) -> list[dict[str, list[dict[str, Any]]]]:
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for name in TABLES:
        for row in tables.frame(name).iter_rows(named=True) if name != "code" else ():
            given = {column: value for column, value in row.items() if value is not None}
            found.setdefault(row["person"], {}).setdefault(name, []).append(given)
    return list(found.values())


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def spread(figures: list[float]) -> dict[str, float]:
    ordered = sorted(figures)
    return {
        "median": round(statistics.median(ordered), 2),
        "95th_percentile": round(ordered[int(0.95 * len(ordered))], 2),
        "greatest": round(ordered[-1], 2),
    }


def duckdb(folder: Path, number: int) -> dict[str, object]:
    import duckdb as engine  # noqa: PLC0415 - the other's process goes without

    seconds: dict[str, float] = {}
    connection = engine.connect()

    def load() -> None:
        variants = f"SELECT person, gene, hgvs_p FROM '{folder}/variant.parquet' ORDER BY gene"  # noqa: S608 - own path
        people = f"SELECT person, birth, oncotree_code FROM '{folder}/person.parquet' JOIN '{folder}/tumour.parquet' USING (person)"  # noqa: E501, S608
        connection.execute(f"CREATE TABLE variant AS {variants}").fetchall()
        connection.execute(f"CREATE TABLE person AS {people}").fetchall()

    timed(seconds, "read_sorted_by_gene", load)
    statements = [sql for _, sql in random_cohorts(number)]
    rows = timed(seconds, "one_statement_a_cohort", lambda: [connection.execute(s).fetchall() for s in statements])
    return {"seconds": seconds, "peak_mib": peak_mib(), "counts": [row[0][0] for row in rows]}


CONTESTANTS: dict[str, Callable[[Path, int], dict[str, object]]] = {"kohort": kohort, "live": live, "duckdb": duckdb}


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
    parser.add_argument("--cohorts", type=int, default=1000)
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
