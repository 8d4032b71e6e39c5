"""Claim: from a TSO500 file to the whole biomarker table of one patient takes under 0.3 s, warm.

The file is invented, in the layout of Illumina's combined variant output, with 60 small variants, two amplifications, a
splice variant and a fusion. Knowledge: the starter pack alone, and with the CIViC file beside the repository. Peers
take minutes and also annotate the genome (PCGR 3 to 28 min a sample by its own issues, MOAlmanac 386.6 s by its own
log): reference measurements, not run here, and not the same work.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from machine import machine
from profile_normalise import GENES, RESIDUES

from kohort.profile import Pack, load_pack, patient_profile, starter_pack
from kohort.sources import open_source
from kohort.sources.in_memory import tables_in_memory

RESULT = Path(__file__).parent / "results" / "profile_patient.json"
CIVIC = Path(__file__).parents[2] / "shared" / "data" / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"
HEAD = """TruSight Oncology 500 Combined Variant Output
For Research Use Only. Not for use in diagnostic procedures.

[Analysis Details]
Pair ID\tIPD9001
DNA Sample ID\tIPD9001-D01-P01-A15
RNA Sample ID\tIPD9001-R03-P01-A15
Output Date\t2026-03-09
Output Time\t10:11:12
Module Version\t2.2.0.12
Pipeline Version\t2.2.0.12

[TMB]
Total TMB\t7.8
Coding Region Size in Megabases\t1.27
Number of Passing Eligible Variants\t10

[MSI]
Usable MSI Sites\t120
Total MSI Sites Unstable\t3
Percent Unstable MSI Sites\t2.50

[Gene Amplifications]
Gene\tFold Change
MET\t4.231
ERBB2\t3.1

[Splice Variants]
Gene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\tReference Reads Transcript
MET\t14\tchr7:116411708\tchr7:116414934\t33\t210

[Fusions]
Gene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads
EML4-ALK\tchr2:42522656\tchr2:29446394\t18\t40\t12

[Small Variants]
Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\tC-Dot Notation\tConsequence(s)\tAffected Exon(s)
"""  # noqa: E501 - as the file writes it


V600E = (
    "BRAF\tchr7\t140453136\tA\tT\t0.3101\t512\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15"
)


def invented(number: int, seed: int = 5) -> str:
    """The text of a file with ``number`` small variants, BRAF V600E among them."""
    dice = random.Random(seed)
    lines = [V600E]
    for _ in range(number - 1):
        change = f"NP_1.1:p.({dice.choice(RESIDUES)}{dice.randint(2, 900)}{dice.choice(RESIDUES)})"
        place = f"chr{dice.randint(1, 22)}\t{dice.randint(1, 10**8)}\tC\tT"
        reads = f"{dice.random():.4f}\t{dice.randint(50, 900)}"
        coding = f"NM_1.1:c.{dice.randint(4, 2700)}C>T"
        lines.append("\t".join((dice.choice(GENES), place, reads, change, coding, "missense_variant", "7")))
    return HEAD + "\n".join(lines) + "\n"


def measure(file: Path, packs: list[Pack], repeats: int = 7) -> dict[str, object]:
    """Median seconds from the file to the table, the first run left out."""
    times, rows = [], 0
    for _ in range(repeats + 1):
        start = time.perf_counter()
        tables = tables_in_memory(open_source(file, "laboratory"))
        found = patient_profile(tables, 1, packs, tumour="LUAD")
        times.append(time.perf_counter() - start)
        rows = found.board.height
    return {"seconds, first": round(times[0], 3), "seconds, warm": round(statistics.median(times[1:]), 3), "rows": rows}


def main() -> None:
    starter, packs = starter_pack(), {}
    packs["starter pack"] = [starter]
    if CIVIC.is_file():
        packs["starter pack and CIViC"] = [starter, load_pack(CIVIC)]
    report: dict[str, object] = {"claim": "one patient", "machine": machine("polars")}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "IPD9001_CombinedVariantOutput.tsv"
        file.write_text(invented(60), encoding="utf-8")
        report |= {name: measure(file, given) for name, given in packs.items()}
    RESULT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for name, figure in report.items():
        print(f"{name:26} {figure}")


if __name__ == "__main__":
    main()
