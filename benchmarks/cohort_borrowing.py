"""Times borrowing by Beta mixtures: exact MEM, and the exact error rates of power priors.

Run: python benchmarks/cohort_borrowing.py

Prints a table and writes benchmarks/results/cohort_borrowing.json. Every task first checks its answer against
a known value. The peers are the R packages basket and baskexact; neither is in Debian, so their figures are
reference measurements, marked as such, and the ratio to them is between machines.
"""

from __future__ import annotations

import json
import math
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from machine import machine

from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.local_mem import LocalMEM
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.characteristics.operating import operating_characteristics

RESULT = Path(__file__).parent / "results" / "cohort_borrowing.json"
RESPONDERS, PATIENTS = [8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7]
SOURCE = "reference measurement, 2 cores, machine not stated; basket 0.12.2 and baskexact 1.0.2 cannot be installed"


@dataclass(frozen=True)
class Task:
    """One measurement.

    Attributes:
        name: what is computed.
        work: computes it, and gives the number that is checked.
        expected: that number; None: not known from elsewhere.
        target: seconds it may take at most; None: no target.
        peer: seconds of the R package; None: it cannot do it, or was not measured.
    """

    name: str
    work: Callable[[], float]
    expected: float | None = None
    target: float | None = None
    peer: float | None = None


def repeated(cohorts: int) -> tuple[list[int], list[int]]:
    """The vemurafenib trial, its first cohorts again if more than six are asked for."""
    return (RESPONDERS * 2)[:cohorts], (PATIENTS * 2)[:cohorts]


def mem(cohorts: int) -> float:
    return float(MEM(p0=0.15).fit(*repeated(cohorts)).prob_greater()[0])


def many_mem() -> float:
    outcomes = np.random.default_rng(1).integers(0, 21, (10_000, 5))
    return float(MEM(p0=0.15).prob_greater(outcomes, [20] * 5).mean())


def local_mem(cohorts: int) -> float:
    return float(LocalMEM(p0=0.15).fit(*repeated(cohorts)).prob_greater()[0])


def family_wise_error() -> float:
    found = operating_characteristics(PowerPrior(p0=0.15), 20, 0.95, [0.15] * 5, level=None)
    return float(found.family["fwer"].value[0, 0])


def power(level: float | None) -> float:
    found = operating_characteristics(PowerPrior(p0=0.1), 24, 0.95, [0.1, 0.1, 0.3, 0.3], level=level)
    return float(found.family["ewp"].value[0, 0])


def fujikawa() -> float:
    model = Fujikawa(p0=0.2, epsilon=2, tau=0.5, base=math.e)
    found = operating_characteristics(model, 24, 0.99, [0.2] * 3, level=None)
    return float(found.family["fwer"].value[0, 0])


TASKS = (
    Task("MEM, 6 cohorts, 32,768 models", lambda: mem(6), 0.99972196, 0.05, 155),
    Task("MEM, 7 cohorts, 2,097,152 models", lambda: mem(7), None, 10),
    Task("MEM, 8 cohorts, 2^28 models", lambda: mem(8)),
    Task("MEM, 9 cohorts, 2^36 models", lambda: mem(9)),
    Task("MEM, 10,000 trials of 5 cohorts", many_mem),
    Task("local MEM, 10 cohorts, 115,975 partitions", lambda: local_mem(10)),
    Task("CPP, k = 5, n = 20: family-wise error", family_wise_error, 0.1144650214181, 0.2, 2.4),
    Task("CPP, k = 4, n = 24: go and error rates, power", lambda: power(None), 0.9631582539845, 0.1, 20.5),
    Task("CPP, k = 4, n = 24: and bias, MSE, coverage", lambda: power(0.95), 0.9631582539845),
    Task("Fujikawa, k = 3, n = 24: family-wise error", fujikawa, 0.06315307547386, None, 0.46),
)


def measured(task: Task, repeats: int = 9) -> dict[str, object]:
    """Median wall and CPU time after one run to warm imports; the answer is checked first."""
    answer = task.work()
    if task.expected is not None and abs(answer - task.expected) > 1e-8:
        raise SystemExit(f"{task.name}: {answer!r} is not {task.expected!r}")
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        task.work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    wall = statistics.median(walls)
    return {
        "wall_s": round(wall, 5),
        "cpu_s": round(statistics.median(cpus), 5),
        "least_wall_s": round(min(walls), 5),
        "answer": answer,
        "target_s": task.target,
        "peer_s (reference measurement)": task.peer,
        "ratio": None if task.peer is None else round(task.peer / wall),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    timed = {task.name: measured(task) for task in TASKS}
    for name, found in timed.items():
        peer = "" if found["ratio"] is None else f"{found['ratio']:>8} x"
        print(f"{found['wall_s']:10.4f} s  {found['cpu_s']:10.4f} s cpu {peer:>10}  {name}")
    result = {"machine": machine("numpy", "scipy"), "kohort": timed, "peer": SOURCE}
    print(f"peer: {SOURCE}")
    print(f"machine: {json.dumps(result['machine'])}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
