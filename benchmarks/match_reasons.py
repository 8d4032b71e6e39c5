"""Ten thousand invented patients against 435 trials of three arms, with the reasons of every match materialised.

Run: ``python benchmarks/match_reasons.py [--people 10000] [--trials 435] [--out FILE]``

The trials have the shape of real ones (three arms, about five criteria an arm). Reasons: for each eligible patient and
arm every criterion that speaks for it, with the rows of the tables it stands on. In the same run, beside it: one DuckDB
statement an arm that gives the eligible patients, without a reason.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from machine import machine
from match_population import peak_mib, timed
from match_world import AS_OF, ParquetTables, random_cohorts, trial_of, write_population

from kohort.match import Matches, match

RESULTS = Path(__file__).parent / "results" / "match_reasons.json"
ARMS = 3


def kohort(folder: Path, number: int) -> dict[str, object]:
    trees = [tree for tree, _ in random_cohorts(number * ARMS)]
    trials = [trial_of(trees[i * ARMS : (i + 1) * ARMS], f"T{i}") for i in range(number)]
    seconds: dict[str, float] = {}
    start = time.perf_counter()
    matches: Matches = timed(seconds, "read_and_match", lambda: match(trials, ParquetTables(folder), AS_OF))
    eligible = timed(seconds, "eligible_pairs", matches.eligible)
    reasons = timed(seconds, "reasons_of_the_eligible", matches.reasons)
    seconds["in_all"] = round(time.perf_counter() - start, 3)
    return {
        "seconds": seconds, "eligible_pairs": eligible.height, "reasons": reasons.height,
        "peak_mib": peak_mib(),
    }  # fmt: skip


def duckdb(folder: Path, number: int) -> dict[str, object]:
    import duckdb as engine  # noqa: PLC0415 - the other's process goes without

    seconds: dict[str, float] = {}
    connection = engine.connect()
    variants = f"SELECT person, gene, hgvs_p FROM '{folder}/variant.parquet' ORDER BY gene"  # noqa: S608 - own path
    people = f"SELECT * FROM '{folder}/person.parquet' JOIN '{folder}/tumour.parquet' USING (person)"  # noqa: S608
    connection.execute(f"CREATE TABLE variant AS {variants}").fetchall()
    connection.execute(f"CREATE TABLE person AS {people}").fetchall()
    statements = [sql.replace("SELECT count(*)", "SELECT person", 1) for _, sql in random_cohorts(number * ARMS)]
    rows = timed(seconds, "eligible_pairs", lambda: [connection.execute(one).fetchall() for one in statements])
    return {"seconds": seconds, "eligible_pairs_closed_world": sum(map(len, rows)), "peak_mib": peak_mib()}


CONTESTANTS = {"kohort": kohort, "duckdb": duckdb}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--trials", type=int, default=435)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--run", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(CONTESTANTS[given.run](given.folder, given.trials)))
        return
    result: dict[str, object] = {"people": given.people, "trials": given.trials, "arms": given.trials * ARMS}
    with tempfile.TemporaryDirectory() as name:
        write_population(Path(name), given.people)
        for contestant in CONTESTANTS:
            command = [sys.executable, __file__, "--run", contestant, "--folder", name, "--trials", str(given.trials)]
            result[contestant] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    result |= {"versions": {name: version(name) for name in ("numpy", "polars", "duckdb")}, "machine": machine()}
    given.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
