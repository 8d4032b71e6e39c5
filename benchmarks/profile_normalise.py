"""Times the normalisation of invented variants, a whole table at once and one by one.

Run: python benchmarks/profile_normalise.py [ROWS]

Prints a table and writes benchmarks/results/profile_normalise.json. Each table is normalised cold: nothing is kept
between runs. Two tables are timed: real life, where few changes make up most rows, and the worst case, where every
row has a change of its own. The one-by-one reader stands beside as the readable reference, and the parser of the PyPI
package hgvs is run on those of the same changes that are written as it wants them (one distinct change each).
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from machine import machine

from kohort.profile import annotate, normalise, normalise_frame, starter_pack
from kohort.tables import MemoryTables

RESULT = Path(__file__).parent / "results" / "profile_normalise.json"
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
GENES = ("TP53", "KRAS", "BRAF", "EGFR", "PIK3CA", "APC", "ATM", "BRCA2", "NF1", "PTEN", "HER2", "MLL2")
KNOWN = (("BRAF", "p.V600E"), ("EGFR", "p.L858R"), ("EGFR", "p.E746_A750del"), ("KRAS", "p.G12C"), ("IDH1", "p.R132H"))
TUMOURS = ("LUAD", "COAD", "SKCM", "BRCA", "GB")


def change(dice: random.Random) -> str:
    """A protein change in one of the notations of a MAF, as often as they occur there."""
    first, last, place = dice.choice(RESIDUES), dice.choice(RESIDUES), dice.randint(2, 3000)
    shape = dice.random()
    if shape < 0.78:
        return f"p.{first}{place}{last}"
    if shape < 0.88:
        return f"p.{first}{place}*"
    if shape < 0.96:
        return f"p.{first}{place}fs"
    odd = (
        f"p.{first}{last}{place}fs",
        f"p.-{place}fs",
        f"p.X{place}_splice",
        f"p.{first}{place}_{last}{place + 4}del",
        f"p.{first}{last}{first}{place}del",
        f"p.{place}_{place + 1}ins{last}{first}",
        f"p.{place}_{place + 1}{first}{last}>{last}",
        f"p.{first}{place}{last}fs*{dice.randint(2, 60)}",
    )
    return dice.choice(odd)


def variants(rows: int, distinct: int, seed: int = 1) -> pl.DataFrame:
    """A variant table of ``rows`` rows drawn from about ``distinct`` changes; a quarter has no classification."""
    dice = random.Random(seed)
    pool = [(dice.choice(GENES), change(dice), "snv") for _ in range(distinct)]
    drawn = pool if rows == distinct else dice.choices(pool, k=rows)
    return pl.DataFrame(drawn, schema=["gene", "hgvs_p", "class"], orient="row")


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median wall time of ``work`` after one run to warm imports and gene tables."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def annotation(rows: int) -> dict[str, float]:
    """Time to annotate ``rows`` variants, one patient in ten with a change that the starter pack knows."""
    dice = random.Random(2)
    patients = max(rows // 5, 1)
    table = variants(rows, min(rows, 40_000)).with_row_index("id", offset=1)
    person = [dice.randint(1, patients) for _ in range(rows)]
    table = table.with_columns(pl.Series("person", person), pl.Series("test", person))
    known = [dice.choice(KNOWN) for _ in range(patients // 10)]
    extra = pl.DataFrame(known, schema=["gene", "hgvs_p"], orient="row").with_row_index("id", offset=rows + 1)
    holders = pl.Series("person", [dice.randint(1, patients) for _ in known])
    extra = extra.with_columns(pl.lit("snv").alias("class"), holders, holders.alias("test"))
    ids = pl.DataFrame({"person": range(1, patients + 1)}).with_columns(pl.col("person").alias("id"))
    tables = MemoryTables(
        {
            "tumour": ids.with_columns(pl.Series("oncotree_code", [dice.choice(TUMOURS) for _ in range(patients)])),
            "specimen": ids.with_columns(pl.col("id").alias("tumour")),
            "test": ids.with_columns(pl.col("id").alias("specimen"), pl.lit("mutation").alias("assay")),
            "variant": pl.concat([table, extra], how="diagonal_relaxed"),
        }
    )
    pack = [starter_pack()]
    return {
        "variants": table.height + extra.height,
        "biomarkers": annotate(tables, pack).height,
        "seconds": round(seconds(lambda: annotate(tables, pack), repeats=3), 3),
    }


def peer(texts: list[str]) -> dict[str, object]:
    """The parser of hgvs on the changes that it reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it leaves a file open when it is imported
        from hgvs.exceptions import HGVSParseError  # noqa: PLC0415
        from hgvs.parser import Parser  # noqa: PLC0415

    parser: Any = Parser()  # its methods are made from a grammar

    def reads(text: str) -> bool:
        try:
            parser.parse_p_variant(f"NP_000000.1:{text}")
        except HGVSParseError:
            return False
        return True

    read = [text for text in texts if reads(text)]
    start = time.perf_counter()
    for text in read:
        parser.parse_p_variant(f"NP_000000.1:{text}")
    took = time.perf_counter() - start
    start = time.perf_counter()
    for text in read:
        normalise(text, "TP53")
    ours = time.perf_counter() - start
    return {
        "package": f"hgvs {version('hgvs')}, parse of protein changes",
        "given": len(texts),
        "read by it": len(read),
        "rows per second": round(len(read) / took),
        "ours, the same one by one": round(len(read) / ours),
        "ratio": round(took / ours, 1),
    }


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    report: dict[str, object] = {"machine": machine("polars")}
    cases = {"as in a registry": (rows, min(rows, 45_000)), "every row its own change": (rows // 4, rows // 4)}
    for name, (count, distinct) in cases.items():
        table = variants(count, distinct)
        took = seconds(lambda table=table: normalise_frame(table), repeats=3)
        unread = normalise_frame(table).filter(pl.col("kind") == "text").height
        report[name] = {
            "rows": count,
            "distinct": table.unique().height,
            "unread": unread,
            "seconds": round(took, 3),
            "rows per second": round(count / took),
        }
    sample = variants(20_000, 20_000).select("hgvs_p", "gene").rows()
    took = seconds(lambda: [normalise(text, gene) for text, gene in sample], repeats=3)
    report["one by one"] = {"rows": len(sample), "seconds": round(took, 3), "rows per second": round(20_000 / took)}
    report["annotate, starter pack"] = annotation(rows // 5)
    report["peer"] = peer([text for text, _ in sample[:3_000]])
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for name, figures in report.items():
        print(f"{name:26} {figures}")


if __name__ == "__main__":
    main()
