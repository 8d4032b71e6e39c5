"""Times exact operating characteristics of rules that borrow, and what they are checked against.

Run: python benchmarks/cohort_characteristics.py [--without-eight]

Prints a table and writes benchmarks/results/cohort_characteristics.json. "First" is the first call of each
question, imports aside; the other times are of later calls. The peers are R packages that cannot be installed here
(baskexact, basksim, bhmbasket): their figures are reference measurements on two cores of another machine and are
marked as such. The exact sums are compared with numbers that the packages print, and with simulation.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import machine

from kohort.cohort.borrowing.exnex import EXNEX, Exchangeable
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.borrowing.similarity import CPP
from kohort.cohort.characteristics.calibration import calibrate
from kohort.cohort.characteristics.operating import operating_characteristics
from kohort.cohort.characteristics.result import Characteristics
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN
from kohort.cohort.rules.conditions import Boundary, MeanAbove, Probability
from kohort.cohort.rules.rule import DecisionRule

RESULT = Path(__file__).parent / "results" / "cohort_characteristics.json"
PEERS = {
    "power prior, 5 cohorts of 20, family-wise error": "baskexact 1.0.2: 2.4 s",
    "power prior, 4 cohorts of 24, all measures of baskexact": "baskexact 1.0.2: 20.5 s (by cohort)",
    "Fujikawa, 3 cohorts of 24, family-wise error": "baskexact 1.0.2: .46 s",
    "EXNEX of Neuenschwander, 20 20 10 10, all measures": "bhmbasket 1.1.0 (JAGS): 2,314 distinct trials x .9-5 s",
    "EXNEX, 5 cohorts 8 + 16, 20 scenarios x 10 cut-offs": "none (bhmbasket simulates: .3 s a trial)",
}
CUT_OFFS = [0.8, 0.825, 0.85, 0.875, 0.9, 0.91, 0.92, 0.93, 0.95, 0.97]


def log_odds(p: float) -> float:
    return math.log(p / (1 - p))


WORKED = EXNEX(0.1, 0.5, log_odds(0.2), 2.0, 1.0, log_odds(0.2), 2.5)
NEUENSCHWANDER = EXNEX(
    0.1, 0.25, log_odds(0.1), 3.18, 1.0, log_odds(0.2), 2.5, further=(Exchangeable(0.25, log_odds(0.3), 1.94),)
)
DUAL = [Boundary(go=(Probability(0.1, above=level), MeanAbove(0.2))) for level in (0.9, 0.9, 0.8, 0.8)]
LOOK = DecisionRule(
    "look", EIGHT_PLUS_SIXTEEN, Boundary(go=(Probability(above=0.9),)), Boundary(no_go=(Probability(below=0.4),))
)


def scenarios(cohorts: int) -> list[list[float]]:
    """20 truths: one to five active cohorts at four rates, the others null."""
    return [[0.1] * (cohorts - k) + [p] * k for p in (0.2, 0.25, 0.3, 0.4) for k in range(1, 6)]


def mixed(cohorts: int) -> list[list[float]]:
    """20 truths in which nearly all cohorts differ: the most work for the program over the positions."""
    return np.random.default_rng(1).choice([0.1, 0.15, 0.2, 0.3, 0.4], (20, cohorts)).tolist()


def questions() -> dict[str, Callable[[], object]]:
    oc = operating_characteristics
    power = {4: PowerPrior(0.1, weights=CPP(1, 1)), 5: PowerPrior(0.15, weights=CPP(1, 1))}
    return {
        "power prior, 5 cohorts of 20, family-wise error": lambda: oc(power[5], 20, 0.95, [0.15] * 5, level=None),
        "power prior, 4 cohorts of 24, all measures of baskexact": lambda: oc(
            power[4], 24, 0.95, [0.1, 0.1, 0.3, 0.3], level=None
        ),
        "the same with bias, mean squared error and coverage": lambda: oc(power[4], 24, 0.95, [0.1, 0.1, 0.3, 0.3]),
        "Fujikawa, 3 cohorts of 24, family-wise error": lambda: oc(
            Fujikawa(0.2, epsilon=2, tau=0.5, base=math.e), 24, 0.99, [0.2] * 3, level=None
        ),
        "EXNEX of Neuenschwander, 20 20 10 10, all measures": lambda: oc(
            NEUENSCHWANDER, [20, 20, 10, 10], DUAL, [0.1] * 4
        ),
        "EXNEX, 5 cohorts 8 + 16, 20 scenarios x 10 cut-offs": lambda: oc(
            WORKED, EIGHT_PLUS_SIXTEEN, CUT_OFFS, scenarios(5), "exact", level=None
        ),
        "the same with bias, mean squared error and coverage, 5 rates": lambda: oc(
            WORKED, EIGHT_PLUS_SIXTEEN, CUT_OFFS, scenarios(5), "exact"
        ),
        "EXNEX, 5 cohorts 8 + 16, 20 mixed scenarios x 10 cut-offs": lambda: oc(
            WORKED, EIGHT_PLUS_SIXTEEN, CUT_OFFS, mixed(5), "exact", level=None
        ),
        "EXNEX, 5 cohorts 8 + 16, the look borrows": lambda: oc(
            WORKED, None, LOOK, [[0.1] * 5, [0.1, 0.1, 0.3, 0.3, 0.3]], "exact", level=None
        ),
        "calibrate the family-wise error, power prior, 5 cohorts of 20": lambda: calibrate(
            power[5], 20, 0.05, scenarios=5
        ),
        "EXNEX, 5 cohorts 8 + 16, 10,000 simulated trials": lambda: oc(
            WORKED, EIGHT_PLUS_SIXTEEN, CUT_OFFS, [[0.1] * 4 + [0.3]], "simulate", level=None
        ),
    }


def eight() -> dict[str, Callable[[], object]]:
    truths = [[0.1] * 8, [0.1] * 4 + [0.3] * 4]
    return {
        "EXNEX, 8 cohorts 8 + 16, 2 scenarios x 2 cut-offs": lambda: operating_characteristics(
            WORKED, EIGHT_PLUS_SIXTEEN, [0.9, 0.95], truths, "exact", level=None
        ),
        "EXNEX, 8 cohorts 8 + 16, 20 scenarios x 10 cut-offs": lambda: operating_characteristics(
            WORKED, EIGHT_PLUS_SIXTEEN, CUT_OFFS, scenarios(8), "exact", level=None
        ),
    }


def timed(work: Callable[[], object], repeats: int) -> dict[str, float]:
    """Wall and processor seconds: the first call, and the median of the later ones."""
    seen: list[tuple[float, float]] = []
    for _ in range(repeats + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        seen.append((time.perf_counter() - wall, time.process_time() - cpu))
    later = seen[1:] or seen
    return {
        "first_s": round(seen[0][0], 4),
        "wall_s": round(statistics.median(each[0] for each in later), 4),
        "processor_s": round(statistics.median(each[1] for each in later), 4),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def agreement() -> dict[str, float]:
    """Greatest differences from numbers that others print, and from simulation in standard errors."""
    oc = operating_characteristics
    cpp = oc(PowerPrior(0.2, weights=CPP(2, 2)), 15, 0.99, [0.2] * 3, level=None)
    five = oc(PowerPrior(0.15, weights=CPP(1, 1)), 20, 0.95, [0.15] * 5, level=None)
    four = oc(NEUENSCHWANDER, [20, 20, 10, 10], DUAL, [0.1] * 4)
    truth = [[0.1] * 4 + [0.3]]
    exact = oc(WORKED, EIGHT_PLUS_SIXTEEN, 0.9, truth, "exact")
    drawn = oc(WORKED, EIGHT_PLUS_SIXTEEN, 0.9, truth, "simulate", seed=1)
    return {
        "baskexact, family-wise error of 3 cohorts": abs(cpp.fwer[0, 0] - 0.02676826392207),
        "baskexact, family-wise error of 5 cohorts": abs(five.fwer[0, 0] - 0.1144650214181),
        "Neuenschwander, P(go), printed to 5 digits": float(abs(four.go[0, 0, 0] - 0.04805)),
        "simulation, in standard errors": _standard_errors(exact, drawn),
    }


def _standard_errors(exact: Characteristics, drawn: Characteristics) -> float:
    found = []
    for name in (*exact.by_cohort, *exact.family):
        seen = drawn.measure(name)
        off = np.abs(seen.value - exact.measure(name).value)
        found.append(np.max(off / np.where(seen.error > 0, seen.error, np.inf)))
    return round(float(max(found)), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-eight", action="store_true", help="leave out the 8 cohorts (10.5 million multisets)")
    wanted = questions()
    times = {name: timed(work, 3) for name, work in wanted.items()}
    if not parser.parse_args().without_eight:
        times |= {name: timed(work, 0) for name, work in eight().items()}
    result = {
        "machine": machine("numpy", "scipy"),
        "kohort": times,
        "peers (reference measurements, not run here)": PEERS,
        "agreement (greatest differences)": agreement(),
    }
    print(f"{'first s':>8} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}")
    for name, each in times.items():
        figures = f"{each['first_s']:8.3f} {each['wall_s']:8.3f} {each['processor_s']:8.3f} {each['peak_mb']:8d}"
        print(f"{figures}  {name}{'; ' + PEERS[name] + ' (reference)' if name in PEERS else ''}")
    print(f"agreement: {json.dumps(result['agreement (greatest differences)'])}")
    print(f"machine: {json.dumps(result['machine'])}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
