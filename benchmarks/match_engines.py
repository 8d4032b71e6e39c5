"""The same leaves decided by the index in memory, by DuckDB, by Spark and by PostgreSQL, over one invented site.

Run: ``python benchmarks/match_engines.py [--patients 30000] [--postgres URL] [--out FILE]``

Each contestant opens the site in a process of its own and answers the same leaves twice, the second time with
nothing kept of the answers. Bitmaps are compared by their sums. Spark needs Java; PostgreSQL takes part where an
address is given, and its first answer includes copying the tables.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TypeVar

from machine import machine

from kohort.codes import genes
from kohort.match import Population, Truth, default_protocol
from kohort.match.criteria import (
    Age,
    CopyNumber,
    Diagnosis,
    Fusion,
    Leaf,
    Metastatic,
    Msi,
    Mutation,
    PriorTherapy,
    Range,
    Receptor,
    Sex,
    Stage,
    Tmb,
    WildType,
    leaves,
)
from kohort.match.engine.evaluation import leaf_truth
from kohort.match.pushdown import Pushdown
from kohort.store import Site
from kohort.synthetic import write_hospitals

RESULTS = Path(__file__).parent / "results" / "match_engines.json"
AS_OF = date(2026, 11, 1)
Result = TypeVar("Result")


def all_leaves(number: int) -> list[Leaf]:
    """Those of the default protocol, one of each common kind, and mutations of many genes and codons."""
    protocol = default_protocol()
    asked = [leaf for arm in protocol.arms for leaf in leaves(protocol.criteria_of(arm))]
    asked += [Age(Range.parse(">=18, <70")), Sex("female"), Stage(("III", "IV")), Metastatic(), Msi("MSI-H")]
    asked += [Tmb(Range.parse(">=10")), Receptor("ER", "positive"), PriorTherapy(drug="paclitaxel")]
    asked += [Diagnosis(tissue="Lung"), Diagnosis(lineage="solid")]
    symbols = sorted(genes.symbols())
    for i in range(number):
        gene = symbols[i % len(symbols)]
        kinds: list[Callable[[str], Leaf]] = [Mutation, WildType, CopyNumber, Fusion]
        asked.append(kinds[i % 4](gene) if i % 5 else Mutation(gene, codon=12 + i % 600))
    return list(dict.fromkeys(asked))[:number]


def checksum(truths: Iterable[Truth]) -> str:
    """One number for all bitmaps in order."""
    total = hashlib.sha256()
    for truth in truths:
        total.update(truth.true.tobytes() + truth.false.tobytes())
    return total.hexdigest()


def timed(seconds: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    start = time.perf_counter()
    result = work()
    seconds[name] = round(time.perf_counter() - start, 3)
    return result


def in_memory(site: Site, asked: list[Leaf]) -> list[Truth]:
    population = Population.of(site, AS_OF)
    return [leaf_truth(leaf, population, AS_OF) for leaf in asked]


def contestant(folder: Path, address: str, number: int) -> dict[str, object]:
    """Open, answer, answer again."""
    site, asked = Site.open(folder), all_leaves(number)
    seconds: dict[str, float] = {}
    if address == "memory":
        truths = timed(seconds, "first", lambda: in_memory(site, asked))
        timed(seconds, "again", lambda: in_memory(site, asked))
    else:
        with timed(seconds, "open", lambda: site.engine(address)) as engine:

            def answer() -> list[Truth]:
                found = Pushdown(engine, AS_OF).truths(asked, AS_OF)
                return [found[leaf] for leaf in asked]

            truths = timed(seconds, "first", answer)
            timed(seconds, "again", answer)
    return {"seconds": seconds, "checksum": checksum(truths)}


def compare(patients: int, number: int, addresses: dict[str, str]) -> dict[str, object]:
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        site = Site.create(folder, name="Benchmark", country="NO")
        site.ingest([study.path for study in write_hospitals(Path(name) / "hospitals", patients=patients, seed=3)])
        rows = {table: site.tables.frame(table, ["id"]).height for table in ("person", "tumour", "test", "variant")}
        for contender, address in addresses.items():
            command = [sys.executable, __file__, "--run", address, "--folder", str(folder), "--leaves", str(number)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            found[contender] = json.loads(done.stdout)
    sums = {contender: result.pop("checksum") for contender, result in found.items()}
    asked = all_leaves(number)
    return {
        "patients": patients,
        "rows": rows,
        "leaves": len(asked),
        "pushed_down": sum(type(leaf) in Pushdown.pushed for leaf in asked),
        "bitmaps_equal": len(set(sums.values())) == 1,
        **found,
        "machine": machine("duckdb", "ibis-framework", "numpy", "polars", "pyspark"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=30_000)
    parser.add_argument("--leaves", type=int, default=1000)
    parser.add_argument("--postgres", help="address of a database that may be written to")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(contestant(given.folder, given.run, given.leaves)))
        return
    addresses = {"memory": "memory", "duckdb": "duckdb", "spark": "spark://local[2]"}
    if given.postgres:
        addresses["postgres"] = given.postgres
    result = compare(given.patients, given.leaves, addresses)
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
