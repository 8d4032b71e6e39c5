"""Claim: the whole demonstration takes under 20 s; on 10,513 real patients, under 60 s and 2 GB.

It measures the command as a user starts it, from the first import to the report. There is no peer for the whole way.
The real study lies beside the repository; where it is absent its figure is left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine

RESULT = Path(__file__).parent / "results" / "demo.json"
STUDY = Path(__file__).parents[2] / "shared" / "data" / "tcga"


def measure(name: str, *options: str) -> dict[str, object]:
    """Seconds and greatest memory (MB) of `kohort demo` with these options."""
    folder = Path(tempfile.mkdtemp(prefix="kohort-bench-"))
    command = [
        sys.executable,
        "-c",
        "from kohort.cli import main; main()",
        "demo",
        "--json",
        "--out",
        str(folder / "out"),
    ]
    try:
        began = time.perf_counter()
        process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        answer = "" if process.stdout is None else process.stdout.read()
        _, status, use = os.wait4(process.pid, 0)  # the memory of this run alone
        seconds = time.perf_counter() - began
    finally:
        shutil.rmtree(folder)
    if status != 0:
        raise SystemExit(f"{name}: the demonstration failed")
    peak = use.ru_maxrss / 1000
    parts = json.loads(answer)["seconds"]
    print(f"{name:24s} {seconds:5.1f} s, {peak:4.0f} MB, of it {parts}")
    return {"seconds": round(seconds, 2), "peak_mb": round(peak), "parts": parts}


def main() -> None:
    found = {"invented, 900 patients": measure("invented, 900 patients")}
    if STUDY.is_dir():
        options = ("--study", str(STUDY), "--split-by", "TISSUE_SOURCE_SITE")
        found["real, 10,513 patients"] = measure("real, 10,513 patients", *options)
    result = {"claim": "demo", "machine": machine("polars", "duckdb"), "measured": found}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
