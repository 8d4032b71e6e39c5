"""Times BHM and EXNEX posteriors of 10,000 simulated trials of ten cohorts, and JAGS on some of the same trials.

Run: python benchmarks/cohort_hierarchical.py

Prints a table and writes benchmarks/results/cohort_hierarchical.json. Trials are drawn from four truths. The error is
the greatest distance of P(p > p0) from the model's finest grid over 500 of the trials. JAGS runs the same model with
the draws of its packages' examples; it is left out where it is not installed.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import machine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kohort.cohort import BHM, EXNEX
from tests.jags import sample

RESULT = Path(__file__).parent / "results" / "cohort_hierarchical.json"
COHORTS, PATIENTS, TRIALS = 10, 24, 10_000
TRUTHS = ([0.1] * 10, [0.3] * 10, [0.1] * 5 + [0.3] * 5, [0.1] * 9 + [0.4])
MODELS = {"EXNEX": EXNEX(0.1), "BHM": BHM(0.1)}
CHECKED, SAMPLED, DRAWS = 500, 8, 10_000
TARGET_MS, TARGET_ERROR = 50, 2e-4


def trials() -> np.ndarray:
    """(10,000, 10) responders, a quarter from each truth."""
    draw = np.random.default_rng(1)
    parts = [draw.binomial(PATIENTS, truth, size=(TRIALS // len(TRUTHS), COHORTS)) for truth in TRUTHS]
    return draw.permutation(np.concatenate(parts))


def times(work: Callable[[], object], repeats: int = 25) -> list[float]:
    """Wall time of each run after one to warm caches."""
    work()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


def measure(model: BHM | EXNEX, responders: np.ndarray) -> dict[str, object]:
    """Our time and error; JAGS's time for some of the same trials, and how far it is off in its own errors."""
    n = [PATIENTS] * COHORTS
    wall = times(lambda: model.prob_greater(responders, n))
    ours = model.prob_greater(responders[:CHECKED], n)
    finest = dataclasses.replace(model, accuracy="fine").prob_greater(responders[:CHECKED], n)
    found: dict[str, object] = {
        "wall_ms": round(statistics.median(wall) * 1000, 1),
        "least_wall_ms": round(min(wall) * 1000, 1),
        "greatest_error": float(f"{np.abs(ours - finest).max():.2g}"),
        "target_ms": TARGET_MS,
        "target_error": TARGET_ERROR,
    }
    if shutil.which("jags"):
        start = time.perf_counter()
        sampled = [sample(model, row.tolist(), n, draws=DRAWS) for row in responders[:SAMPLED]]
        each = (time.perf_counter() - start) / SAMPLED
        off = [np.abs(ours[at] - one.above) / np.maximum(one.above_error, 1 / DRAWS) for at, one in enumerate(sampled)]
        found["jags_s_a_trial"] = round(each, 3)
        found["jags_s_all_trials (extrapolated)"] = round(each * TRIALS)
        found["ratio"] = round(each * TRIALS / statistics.median(wall))
        found["jags_off_by_standard_errors"] = round(float(np.max(off)), 2)
    return found


def main() -> None:
    """Measure, print and write."""
    responders = trials()
    measured = {name: measure(model, responders) for name, model in MODELS.items()}
    print(f"{TRIALS:,} trials of {COHORTS} cohorts of {PATIENTS}: P(p > p0) of every cohort")
    for name, figures in measured.items():
        print(f"\n{name}")
        for what, figure in figures.items():
            print(f"  {what:34} {figure}")
    jags = "JAGS 4.3.1, one core, 10,000 draws a trial" if shutil.which("jags") else "JAGS is not installed here"
    RESULT.write_text(json.dumps({"machine": machine(), "kohort": measured, "peer": jags}, indent=2) + "\n")


if __name__ == "__main__":
    main()
