"""Times the full status of a programme of 300 cohorts and 1,000 patients, with powers and borrowed posteriors.

Run: python benchmarks/cohort_programme.py

Prints a table and writes benchmarks/results/cohort_programme.json. The log has about 2,200 lines; 20 drugs make groups
of 15 cohorts that borrow. Cold is the first question of a process; warm is the same question again; "after one more
event" has a new evaluation each time, so one cohort and the posteriors of its group are new. CPU time is of all
threads. No package known to us does this, so there is no peer to run beside it; the limit asked for is 100 ms, warm.
"""

from __future__ import annotations

import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

from machine import machine

from kohort.cohort.borrowing.exnex import EXNEX
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.conduct.programme import Cohort, Programme
from kohort.cohort.conduct.replay import corrections, replay
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN
from kohort.cohort.rules.conditions import Boundary, MeanAbove, Probability
from kohort.cohort.rules.rule import DecisionRule

RESULT = Path(__file__).parent / "results" / "cohort_programme.json"
COHORTS, PATIENTS, DRUGS, LIMIT_MS = 300, 1000, 20, 100
BOUNDARY = Boundary(go=(Probability(above=0.95), MeanAbove(0.2)), no_go=(Probability(below=0.5),))
RULES = {
    "8 + 16, each cohort alone": DecisionRule("own", EIGHT_PLUS_SIXTEEN),
    "8 + 16, EXNEX posteriors by drug": DecisionRule("exnex", EIGHT_PLUS_SIXTEEN, model=EXNEX(0.1), group="drug"),
    "decided by EXNEX by drug": DecisionRule(
        "exnex-go", EIGHT_PLUS_SIXTEEN, final=BOUNDARY, model=EXNEX(0.1), group="drug"
    ),
    "decided by Fujikawa by drug": DecisionRule(
        "fujikawa-go", EIGHT_PLUS_SIXTEEN, final=BOUNDARY, model=Fujikawa(0.1), group="drug"
    ),
}


def events() -> list[CohortEvent]:
    """Cohorts of very different size: most have one or two patients, some are full; a few corrections."""
    drawn = random.Random(1)
    rates = [0.3 if drawn.random() < 0.2 else 0.1 for _ in range(COHORTS)]
    weights = [1 / (1 + place / 12) for place in range(COHORTS)]
    log = [CohortEvent(f"c{place}", None, EventKind.OPENED) for place in range(COHORTS)]
    sizes = [0] * COHORTS
    while sum(sizes) < PATIENTS:
        place = drawn.choices(range(COHORTS), weights)[0]
        if sizes[place] == EIGHT_PLUS_SIXTEEN.n:
            continue
        sizes[place] += 1
        cohort, person, site = f"c{place}", sum(sizes), drawn.choice(("Oslo", "Bergen", "Tromsø"))
        log.append(CohortEvent(cohort, person, EventKind.ENROLLED, site=site))
        if drawn.random() < 0.85:
            responds = drawn.random() < rates[place]
            log.append(CohortEvent(cohort, person, EventKind.EVALUATED, response=responds, site=site))
            if drawn.random() < 0.02:
                log.append(CohortEvent(cohort, person, EventKind.EVALUATED, response=not responds, site=site))
    return log


def timed(work: Iterable[Callable[[], object]]) -> dict[str, float]:
    walls, cpus = [], []
    for each in work:
        wall, cpu = time.perf_counter(), time.process_time()
        each()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return {
        "median_ms": round(statistics.median(walls), 1),
        "least_ms": round(min(walls), 1),
        "cpu_median_ms": round(statistics.median(cpus), 1),
    }


def grown(log: CohortLog, times: int) -> list[CohortLog]:
    """The log with one more patient, evaluated, in another cohort each time."""
    return [
        log.added(
            [
                CohortEvent(f"c{place}", 10_000 + place, EventKind.ENROLLED),
                CohortEvent(f"c{place}", 10_000 + place, EventKind.EVALUATED, response=place % 3 == 0),
            ]
        )
        for place in range(40, 40 + times)
    ]


def of_rule(rule: DecisionRule, log: CohortLog) -> dict[str, dict[str, float]]:
    cohorts = tuple(Cohort(f"c{place}", rule.name, drug=f"drug{place % DRUGS}") for place in range(COHORTS))
    programme = Programme(cohorts, (rule,))
    return {
        "status, cold": timed([lambda: programme.state(log)]),
        "status, warm": timed([lambda: programme.state(log)] * 15),
        "status after one more event": timed([lambda at=at: programme.state(at) for at in grown(log, 15)]),
        "replay of all decisions": timed([lambda: replay(log, programme)] * 5),
        "what all corrections would have changed": timed([lambda: corrections(log, programme)] * 5),
    }


def main() -> None:
    log = CohortLog.of(events())
    data = log.to_bytes()
    times = {name: of_rule(rule, log) for name, rule in RULES.items()}
    times["the log"] = {
        "read and verified from bytes": timed([lambda: CohortLog.from_bytes(data)] * 5),
        "written to bytes": timed([log.to_bytes] * 5),
    }
    tracemalloc.start()
    rule = RULES["8 + 16, EXNEX posteriors by drug"]
    programme = Programme(
        tuple(Cohort(f"c{at}", rule.name, drug=f"drug{at % DRUGS}") for at in range(COHORTS)), (rule,)
    )
    programme.state(log)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    result = {
        "machine": machine("numpy", "scipy", "polars"),
        "cohorts": COHORTS,
        "patients": PATIENTS,
        "lines": len(log),
        "bytes": len(data),
        "peak_python_mb": round(peak / 1e6, 1),
        "limit_warm_ms": LIMIT_MS,
        "kohort": times,
        "peer": None,
    }
    for name, measured in times.items():
        print(name)
        for what, each in measured.items():
            ratio = f"  {LIMIT_MS / each['median_ms']:5.1f} x within the limit" if "warm" in what else ""
            print(f"  {each['median_ms']:9.1f} ms  (CPU {each['cpu_median_ms']:.1f})  {what}{ratio}")
    print(f"{len(log)} lines, {len(data)} bytes; peak of Python objects in one status {result['peak_python_mb']} MB")
    print(f"machine: {json.dumps(result['machine'])}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
