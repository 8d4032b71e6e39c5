"""Times the writing of synthetic hospitals and of the large mutation file, and their memory.

Run: python benchmarks/synthetic_write.py [--patients N] [--rows N]

Prints a table and writes benchmarks/results/synthetic_write.json. Each job runs in a process of its own, so that peak
memory is its own. The peer beside the mutation file is a bare copy of the same bytes, the least any writer can take.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine

from kohort.synthetic import write_hospitals, write_variants

RESULT = Path(__file__).resolve().parent / "results" / "synthetic_write.json"


def job(what: str, size: int, folder: Path) -> dict[str, float]:
    """Runs one job in this process: seconds, lines, bytes, peak memory in MB."""
    begin = time.perf_counter()
    cpu = time.process_time()
    studies = write_hospitals(folder, patients=size) if what == "patients" else [write_variants(folder, rows=size)]
    seconds = time.perf_counter() - begin
    return {
        "size": size,
        "seconds": seconds,
        "cpu_seconds": time.process_time() - cpu,
        "lines": sum(sum(study.lines.values()) for study in studies),
        "megabytes": sum(path.stat().st_size for path in folder.rglob("*.txt")) / 1e6,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def in_child(what: str, size: int, folder: Path) -> dict[str, float]:
    """Runs one job in a fresh process."""
    command = [sys.executable, __file__, "--job", what, "--size", str(size), "--folder", str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def copy_seconds(path: Path) -> float:
    """Seconds to read and write the same bytes again."""
    begin = time.perf_counter()
    shutil.copyfile(path, path.with_suffix(".copy"))
    return time.perf_counter() - begin


def measure(patients: int, rows: int) -> dict[str, dict[str, float]]:
    """All jobs, small to large."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for size in (900, patients):
            found[f"hospitals, {size:,} patients"] = in_child("patients", size, root / "hospitals")
        shutil.rmtree(root / "hospitals")
        found[f"mutation file, {rows:,} rows"] = in_child("variants", rows, root / "variants")
        found["bare copy of the mutation file"] = {
            "size": rows,
            "seconds": copy_seconds(root / "variants" / "data_mutations.txt"),
        }
    return found


def show(found: dict[str, dict[str, float]]) -> None:
    print(f"{'job':40} {'seconds':>8} {'CPU s':>7} {'/s':>12} {'lines/s':>12} {'MB':>8} {'peak MB':>8}")
    for name, row in found.items():
        seconds = row["seconds"]
        print(
            f"{name:40} {seconds:8.2f} {row.get('cpu_seconds', float('nan')):7.2f} {row['size'] / seconds:12,.0f} "
            f"{row.get('lines', row['size']) / seconds:12,.0f} {row.get('megabytes', float('nan')):8.0f} "
            f"{row.get('peak_megabytes', float('nan')):8.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--job", choices=("patients", "variants"), help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job is not None:
        print(json.dumps(job(given.job, given.size, given.folder)))
        return
    load = os.getloadavg()[0]
    found = measure(given.patients, given.rows)
    show(found)
    about = {**machine("numpy", "polars"), "load_before": round(load, 2)}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"machine": about, "jobs": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
