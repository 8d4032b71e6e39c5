"""Claim: 25,000 patients are read again with new knowledge, and the changed options listed, in under 5 s.

The patients are invented: changes that CIViC's file names, drawn as often as they come, beside changes of no meaning.
The old pack is the CIViC file beside the repository; the new one is the same with a tenth of its rows gone and a tenth
of the levels raised, so that options are lost and moved. No peer lists such patients, so none is run.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
from machine import machine
from profile_normalise import TUMOURS, variants

from kohort.profile import Pack, load_pack, normalise, reinterpret
from kohort.tables import MemoryTables

RESULT = Path(__file__).parent / "results" / "profile_reinterpret.json"
CIVIC = Path(__file__).parents[2] / "shared" / "data" / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"


def patients(number: int, pack: Pack, seed: int = 3) -> MemoryTables:
    """Patients with nine variants each, one of three with a change that the pack names."""
    dice = random.Random(seed)
    ids = pl.DataFrame({"person": range(1, number + 1)}).with_columns(pl.col("person").alias("id"))
    frame = pack.frame.filter(pl.col("alteration").str.contains(r"^p\.[A-Z]\d+[A-Z*]$"))
    named = frame.select("gene", pl.col("alteration").alias("hgvs_p")).rows()
    known = pl.DataFrame([dice.choice(named) for _ in range(number // 3)], schema=["gene", "hgvs_p"], orient="row")
    rows = pl.concat([variants(number * 9, 40_000).drop("class"), known]).with_row_index("id", offset=1)
    person = [dice.randint(1, number) for _ in range(rows.height)]
    tested = pl.Series("person", person), pl.Series("test", person), pl.lit("snv").alias("class")
    return MemoryTables(
        {
            "tumour": ids.with_columns(pl.Series("oncotree_code", [dice.choice(TUMOURS) for _ in range(number)])),
            "specimen": ids.with_columns(pl.col("id").alias("tumour")),
            "test": ids.with_columns(pl.col("id").alias("specimen"), pl.lit("mutation").alias("assay")),
            "variant": rows.with_columns(*tested),
        }
    )


def newer(pack: Pack, seed: int = 4) -> Pack:
    """The pack with a tenth of its rows gone and a tenth of its levels raised to A."""
    dice = random.Random(seed)
    lot = pl.Series([dice.random() for _ in range(pack.frame.height)])
    raised = (lot > 0.1) & (lot < 0.2)
    frame = pack.frame.with_columns(
        pl.when(raised).then(pl.lit("A")).otherwise("level").alias("level"),
        pl.when(raised).then(pl.lit("guideline")).otherwise("strength").alias("strength"),
        pl.lit("newer").alias("pack_version"),
    ).filter(lot > 0.1)
    return Pack(replace(pack.manifest, version="newer"), frame)


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    normalise("p.V600E", "BRAF")
    old = load_pack(CIVIC)
    tables, new = patients(number, old), newer(old)
    start = time.perf_counter()
    found = reinterpret(tables, [old], [new])
    cold = time.perf_counter() - start
    start = time.perf_counter()
    found = reinterpret(tables, [old], [new])
    took = time.perf_counter() - start
    report = {
        "claim": "re-interpretation",
        "machine": machine("polars"),
        "patients": number,
        "variants": tables.frame("variant", ["id"]).height,
        "patients with a change": found.patients,
        "options": found.counts(),
        "seconds, first": round(cold, 2),
        "seconds": round(took, 2),
    }
    RESULT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for name, figure in report.items():
        print(f"{name:26} {figure}")


if __name__ == "__main__":
    main()
