"""Kaplan-Meier of 1,000,000 people in three sites: our sums and solve, beside lifelines on the pooled rows.

Run: ``python benchmarks/kaplan_meier.py [--rows 1000000] [--out benchmarks/results/kaplan_meier.json]``
Each contestant runs in a process of its own, so that peak memory is its own; time is the best of several
runs in it, the data being in memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import machine

RESULTS = Path(__file__).parent / "results" / "kaplan_meier.json"
SITES = 3
Curve = dict[str, np.ndarray]
RUNS = 3


def people(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole days (about 5,000 distinct) and events (about 55 %), seeded."""
    random = np.random.default_rng(20261)
    death = np.ceil(random.exponential(1500, rows))
    end = np.ceil(random.uniform(1, 5000, rows))
    return np.minimum(death, end), death <= end


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def best(work: Callable[[], Curve]) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def ours(days: np.ndarray, died: np.ndarray) -> Callable[[], Curve]:
    from kohort.evidence import kaplan_meier, survival_sums  # noqa: PLC0415 - the other's process goes without

    def run() -> Curve:
        sites = [survival_sums(days[i::SITES], died[i::SITES]) for i in range(SITES)]
        curve = kaplan_meier(sites).curve
        return {"time": curve.times, "survival": curve.survival, "lower": curve.lower, "upper": curve.upper}

    return run


def lifelines(days: np.ndarray, died: np.ndarray) -> Callable[[], Curve]:
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - the other's process goes without

    def run() -> Curve:
        fitted = KaplanMeierFitter().fit(days, died)
        band = fitted.confidence_interval_.to_numpy()
        return {
            "time": fitted.survival_function_.index.to_numpy(),
            "survival": fitted.survival_function_.to_numpy()[:, 0],
            "lower": band[:, 0],
            "upper": band[:, 1],
        }

    return run


CONTESTANTS = {"kohort": ours, "lifelines": lifelines}


def contest(name: str, rows: int, curve: Path) -> None:
    """Run one contestant in this process; its curve goes to a file, its figures to standard output."""
    days, died = people(rows)
    work = CONTESTANTS[name](days, died)
    before = peak_mib()
    result = work()
    np.savez(curve, allow_pickle=False, **result)
    print(json.dumps({"seconds": best(work), "peak_mib": peak_mib(), "added_peak_mib": peak_mib() - before}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--contest", choices=CONTESTANTS)
    parser.add_argument("--curve", type=Path)
    given = parser.parse_args()
    if given.contest:
        contest(given.contest, given.rows, given.curve)
        return
    given.out.parent.mkdir(parents=True, exist_ok=True)
    figures, curves = {}, {}
    for name in CONTESTANTS:
        curve = given.out.with_name(f".{name}.npz")
        command = [sys.executable, __file__, "--rows", str(given.rows), "--contest", name, "--curve", str(curve)]
        figures[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        with np.load(curve) as stored:
            curves[name] = dict(stored)
        curve.unlink()
    places = np.searchsorted(curves["lifelines"]["time"], curves["kohort"]["time"])
    difference = {
        part: float(np.abs(curves["kohort"][part] - curves["lifelines"][part][places]).max())
        for part in ("survival", "lower", "upper")
    }
    report = {
        "benchmark": "kaplan_meier",
        "rows": given.rows,
        "sites": SITES,
        "distinct_times": len(places),
        "figures": figures,
        "times_faster": figures["lifelines"]["seconds"] / figures["kohort"]["seconds"],
        "largest_difference": difference,
        "machine": machine("numpy", "polars", "lifelines", "pandas"),
    }
    given.out.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
