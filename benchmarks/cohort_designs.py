"""Times the search for two-stage designs, the state of a programme, and the filling of cohorts from records.

Run: python benchmarks/cohort_designs.py

Prints a table and writes benchmarks/results/cohort_designs.json. Caches are emptied before each search, so
a time is that of the first question. The peer is ph2simon of the R package clinfun; it is run beside if R
and clinfun are installed, otherwise the figure of a reference measurement stands there, marked as such.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from machine import machine

from kohort.cohort import (
    Beta,
    CohortCounts,
    enrolments_from_records,
    multiplicity,
    simon_two_stage,
    state,
    summarise,
)
from kohort.cohort.designs.two_stage import _characteristics, _smallest_r
from kohort.cohort.maths.binomial import choose_row, ways_after_stage_two
from kohort.errors import StatisticsError
from kohort.tables import MemoryTables

RESULT = Path(__file__).parent / "results" / "cohort_designs.json"
QUESTIONS = {
    "10 against 30 %, .078 / .15 (holds 8 + 16)": (0.1, 0.3, 0.078, 0.15),
    "10 against 30 %, .05 / .20": (0.1, 0.3, 0.05, 0.2),
    "15 against 35 %, .10 / .15 (holds TAPUR)": (0.15, 0.35, 0.1, 0.15),
    "30 against 50 %, .05 / .10": (0.3, 0.5, 0.05, 0.1),
    "40 against 60 %, .05 / .10": (0.4, 0.6, 0.05, 0.1),
}
REFERENCE = {
    "package": "clinfun 1.1.6, ph2simon",
    "one search, n_max 100 (ms)": [10, 15],
    "90 searches, n_max 160 (ms)": 4400,
    "source": "reference measurement, 2 cores, machine not stated; its 90 questions are not these",
}
R_SCRIPT = """
suppressMessages(library(clinfun))
seconds <- sapply(1:25, function(i) system.time(ph2simon(.1, .3, .078, .15, nmax = 100))[["elapsed"]])
cat(median(seconds) * 1000)
"""


def forget() -> None:
    for cached in (choose_row, ways_after_stage_two, _characteristics, _smallest_r):
        cached.cache_clear()


def milliseconds(work: Callable[[], object], repeats: int = 25) -> dict[str, float]:
    """Median and least wall time of ``work`` from cold caches, after one run to warm imports."""
    work()
    times = []
    for _ in range(repeats):
        forget()
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return {"median_ms": round(statistics.median(times), 3), "least_ms": round(min(times), 3)}


def ninety_searches() -> int:
    """15 pairs of rates x 3 alpha x 2 beta at n_max 160; how many have an answer."""
    pairs = [(p0, round(p0 + gain, 2)) for gain in (0.15, 0.2, 0.25) for p0 in (0.05, 0.1, 0.2, 0.3, 0.4)]
    answered = 0
    for (p0, p1), alpha, beta in itertools.product(pairs, (0.05, 0.078, 0.1), (0.1, 0.2)):
        try:
            simon_two_stage(p0, p1, alpha, beta, n_max=160)
            answered += 1
        except StatisticsError:
            continue
    return answered


def programme() -> float:
    """State, posterior and sentence of 300 cohorts with 1,000 patients, and their multiplicity."""
    seeded = random.Random(1)
    states = []
    for place in range(300):
        enrolled = seeded.choice((1, 2, 3, 4, 6)) if place else 24
        evaluable = seeded.randint(0, enrolled)
        counts = CohortCounts(str(place), enrolled, evaluable, seeded.randint(0, evaluable))
        states.append(state(counts, prior=Beta(1, 1)))
    return len("".join(each.sentence for each in states)) + multiplicity(states).any_false_positive


def records(persons: int) -> Callable[[], object]:
    """Filling 20 cohorts from ``persons`` people with three courses each, and summarising them."""
    seeded = random.Random(1)
    drugs = [f"drug{place}" for place in range(60)]
    courses, items, answers = [], [], []
    for person, turn in itertools.product(range(persons), range(3)):
        therapy = person * 3 + turn
        link = {"person": person, "therapy": therapy}
        start = seeded.randint(0, 900)
        courses.append({"id": therapy, "person": person, "modality": "systemic", "start_day": start})
        items.append({**link, "item_system": "kohort-drug", "item_code": seeded.choice(drugs)})
        if seeded.random() < 0.4:
            answers.append({**link, "category": seeded.choice(("CR", "PR", "SD", "PD"))})
    tables = MemoryTables({"therapy": courses, "therapy_item": items, "response": answers})
    cohorts = {f"cohort{place}": drugs[place * 3 : place * 3 + 3] for place in range(20)}
    fits = [(seeded.choice(list(cohorts)), person) for person in range(persons) for _ in range(3)]
    eligible = pl.DataFrame(fits, schema={"cohort": pl.String, "person": pl.Int64}, orient="row")
    return lambda: summarise(enrolments_from_records(eligible, tables, cohorts))


def peer() -> dict[str, object]:
    """clinfun on this machine if it is here, else why not; the reference measurement in either case."""
    program = shutil.which("Rscript")
    if program is None:
        return {"measured_here_ms": None, "why": "R is not installed; Debian has no clinfun", **REFERENCE}
    done = subprocess.run([program, "-e", R_SCRIPT], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"measured_here_ms": None, "why": "clinfun is not installed; Debian has none", **REFERENCE}
    return {"measured_here_ms": float(done.stdout), "why": "", **REFERENCE}


def main() -> None:
    timed = {
        f"{name}, n_max 100": milliseconds(lambda question=question: simon_two_stage(*question))
        for name, question in QUESTIONS.items()
    }
    timed[f"90 searches, n_max 160 ({ninety_searches()} have an answer)"] = milliseconds(ninety_searches, 3)
    timed["programme: 300 cohorts, about 1,000 patients"] = milliseconds(programme)
    timed["records: 10,000 persons, 30,000 courses, 20 cohorts"] = milliseconds(records(10_000), 5)
    result = {"machine": machine("numpy", "polars"), "kohort": timed, "peer": peer()}
    for name, times in timed.items():
        print(f"{times['median_ms']:10.2f} ms  {name}")
    print(f"peer: {json.dumps(result['peer'])}")
    print(f"machine: {json.dumps(result['machine'])}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
