"""Operating characteristics by summing over all outcomes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kohort.cohort.borrowing.data import BoolArray, FloatArray, IntArray
from kohort.cohort.characteristics.plans import EARLY_GO, STOPPED
from kohort.cohort.characteristics.posteriors import Posteriors, evidence_of, wants_decisions_only
from kohort.cohort.characteristics.programs import Group, Program, groups_of
from kohort.cohort.characteristics.readings import Calls, Reading, calls
from kohort.cohort.characteristics.result import Measure
from kohort.cohort.characteristics.scenarios import Scenario
from kohort.cohort.characteristics.space import Space
from kohort.cohort.characteristics.sums import Batch, Sums
from kohort.cohort.rules.conditions import Evidence
from kohort.errors import IntegrityError

__all__ = ["Question", "enumerated"]

BATCH = 1 << 17
"""Outcomes at a time; a few arrays of J and K numbers each are held for them."""

MASS_TOLERANCE = 1e-8
"""Probabilities of all outcomes may miss 1 by rounding of no more than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of the outcomes.

    Attributes:
        scenarios: S truths.
        active: (S, J) which cohorts are active.
        readings: K rules with the same look.
        level: level of the credible intervals; None: no estimates.
        numeric_error: greatest error of the model's probabilities and means.
    """

    scenarios: tuple[Scenario, ...]
    active: BoolArray
    readings: tuple[Reading, ...]
    level: float | None
    numeric_error: float

    @property
    def rates(self) -> FloatArray:
        """(S, J) true rates."""
        return np.array([each.rates for each in self.scenarios])


def enumerated(
    question: Question, space: Space, posteriors: Posteriors
) -> tuple[dict[str, Measure], dict[str, Measure]]:
    """Measures by cohort (S, K, J) and of the family (S, K), each with its numerical error.

    Raises:
        IntegrityError: the probabilities of all outcomes do not sum to 1.
    """
    groups = [
        groups_of(space.halves.kinds, each.rates, active)
        for each, active in zip(question.scenarios, question.active.tolist(), strict=True)
    ]
    sums = Sums(space.halves, [Program.of(space.halves, each, space.states) for each in groups])
    tally = _Tally(question, sums, groups)
    decisions_only = wants_decisions_only(question.readings) and not question.numeric_error and not question.level
    for batch in space.batches(BATCH):
        tally.add(batch, evidence_of(posteriors, batch, decisions_only=decisions_only))
    return tally.by_cohort(), tally.family()


class _Tally:
    """Sums so far, by kind and group; ``add`` takes a batch, the rest reads them off."""

    def __init__(self, question: Question, sums: Sums, groups: Sequence[tuple[Group, ...]]) -> None:
        self.question = question
        self.sums = sums
        self.groups = groups
        self.kind_of = {c: k for k, kind in enumerate(sums.halves.kinds) for c in kind.cohorts}
        self.all = range(len(question.scenarios))
        self.held: dict[str, dict[int, FloatArray]] = {}
        self.none = {truth: np.zeros((len(question.readings), len(groups))) for truth in (False, True)}
        self.doubt = np.zeros((len(question.readings), len(groups)))
        self.doubt_inside = np.zeros((1, len(groups)))
        self.mass = np.zeros((1, len(groups)))

    def add(self, batch: Batch, seen: Evidence) -> None:
        """Adds the outcomes of a batch."""
        found = [calls(reading, seen, batch.status) for reading in self.question.readings]
        self._add("go", [each.go for each in found], batch)
        self._add("consider", [~(each.go | each.no_go) for each in found], batch)
        self._add("early_go", [batch.status == EARLY_GO], batch)
        self._add("early_stop", [batch.status == STOPPED], batch)
        self._add("expected_n", [batch.n], batch)
        self.mass += self.sums.total(np.ones((1, len(batch.weight))), batch, self.all)
        self._add_family(np.stack([_bits(each.go) for each in found]), batch)
        if self.question.numeric_error:
            self.doubt += self.sums.total(self._doubt(found, seen, batch), batch, self.all)
        if self.question.level is not None:
            self._add_estimates(self.question.level, seen, batch)

    def _add(self, name: str, values: Sequence[np.ndarray], batch: Batch, rate: float = -1) -> None:
        """Adds (N, J) values, one array a rule; with a rate, for the scenarios in which it is a true rate."""
        scenarios = [s for s in self.all if rate < 0 or rate in self.question.scenarios[s].rates]
        held = self.held.setdefault(f"{name} {rate}" if rate >= 0 else name, {})
        for cohort, kind in self.kind_of.items():
            column = np.stack([each[:, cohort] for each in values])
            if not column.any():
                continue
            found = self.sums.by_group(cohort, column, batch, scenarios)
            if kind not in held:
                held[kind] = np.zeros(found.shape)
            held[kind] += found

    def _add_family(self, go: IntArray, batch: Batch) -> None:
        """Adds the probabilities that no null, and that no active, cohort is a go."""
        mixed = [s for s in self.all if self._is_mixed(s)]
        for truth in self.none:
            if mixed:
                self.none[truth] += self.sums.none_of(go, batch, mixed, active=truth)
            plain: dict[int, list[int]] = {}
            for s in set(self.all).difference(mixed):
                wanted = sum(1 << j for j, active in enumerate(self.question.active[s].tolist()) if active == truth)
                plain.setdefault(wanted, []).append(s)
            for wanted, scenarios in plain.items():
                self.none[truth] += self.sums.total((go & wanted) == 0, batch, scenarios)

    def _is_mixed(self, scenario: int) -> bool:
        """Whether some kind has both active and null cohorts."""
        truths = {(group.kind, group.is_active) for group in self.groups[scenario]}
        return len(truths) > len({kind for kind, _ in truths})

    def _doubt(self, found: Sequence[Calls], seen: Evidence, batch: Batch) -> BoolArray:
        """(K, N) where a call would differ if all probabilities and means were off by the numerical error."""
        doubt = np.zeros((len(found), len(batch.weight)), dtype=np.bool_)
        for by in (-self.question.numeric_error, self.question.numeric_error):
            off = _shifted(seen, by)
            for at, (reading, each) in enumerate(zip(self.question.readings, found, strict=True)):
                other = calls(reading, off, batch.status)
                differs: BoolArray = (other.go ^ each.go) | (other.no_go ^ each.no_go)
                doubt[at] |= differs.any(axis=1)
        return doubt

    def _add_estimates(self, level: float, seen: Evidence, batch: Batch) -> None:
        mean = seen.mean()
        self._add("mean", [mean], batch)
        self._add("square", [mean**2], batch)
        tail, error = (1 - level) / 2, self.question.numeric_error
        for rate in np.unique(self.question.rates).tolist():
            above: FloatArray = seen.prob_greater(rate)
            from_middle = np.abs(above - 0.5)  # the interval holds the rate if this is at most 1/2 - tail
            self._add("inside", [from_middle <= 0.5 - tail], batch, rate)
            if error:
                near: BoolArray = np.abs(from_middle - 0.5 + tail) <= error
                scenarios = [s for s in self.all if rate in self.question.scenarios[s].rates]
                self.doubt_inside += self.sums.total(np.atleast_2d(near.any(axis=1)), batch, scenarios)

    def _read(self, name: str) -> FloatArray:
        """(S, K, J) sums of a cohort: its group's sum, shared by the group's cohorts."""
        cohorts = len(self.kind_of)
        rules = len(self.question.readings)
        out = np.zeros((len(self.groups), rules, cohorts))
        for s, groups in enumerate(self.groups):
            for kind in range(len(self.sums.halves.kinds)):
                for number, group in enumerate(each for each in groups if each.kind == kind):
                    held = self.held.get(f"{name} {group.rate}" if name == "inside" else name, {})
                    if kind in held:
                        out[s, :, group.cohorts] = held[kind][:, number, s] / len(group.cohorts)
        return out

    def by_cohort(self) -> dict[str, Measure]:
        """Measures by cohort."""
        if np.any(np.abs(self.mass - 1) > MASS_TOLERANCE):
            raise IntegrityError(f"The outcomes have probability {self.mass.min()!r} to {self.mass.max()!r}, not 1.")
        go = self._read("go")
        consider = self._read("consider")
        doubt = np.broadcast_to(self.doubt.T[:, :, None], go.shape)
        exact = np.zeros(go.shape)
        found = {
            "go": Measure(go, doubt),
            "consider": Measure(consider, doubt),
            "no_go": Measure(np.maximum(1 - go - consider, 0), doubt),
            "early_stop": Measure(self._read("early_stop"), exact),
            "early_go": Measure(self._read("early_go"), exact),
            "expected_n": Measure(self._read("expected_n"), exact),
        }
        if self.question.level is None:
            return found
        rates, error = self.question.rates[:, None, :], self.question.numeric_error
        mean = self._read("mean")
        inside = np.broadcast_to(self.doubt_inside.T[:, :, None], go.shape)
        return found | {
            "bias": Measure(mean - rates, exact + error),
            "mse": Measure(np.maximum(self._read("square") - 2 * rates * mean + rates**2, 0), exact + 2 * error),
            "coverage": Measure(self._read("inside"), inside),
        }

    def family(self) -> dict[str, Measure]:
        """Measures of the family."""
        by_cohort = self.by_cohort()
        go, active = by_cohort["go"].value, self.question.active[:, None, :]
        doubt, exact = self.doubt.T, np.zeros(self.doubt.T.shape)
        return {
            "fwer": Measure(np.maximum(self.mass.T - self.none[False].T, 0), doubt),
            "ewp": Measure(np.maximum(self.mass.T - self.none[True].T, 0), doubt),
            "ecd": Measure(np.where(active, go, 1 - go).sum(axis=2), doubt * go.shape[2]),
            "expected_total_n": Measure(by_cohort["expected_n"].value.sum(axis=2), exact),
        }


def _bits(go: BoolArray) -> IntArray:
    """(N,) the columns that are True, as bits."""
    bits = np.zeros(len(go), dtype=np.int64)
    for column in range(go.shape[1]):
        bits |= go[:, column].astype(np.int64) << column
    return bits


def _shifted(seen: Evidence, by: float) -> Evidence:
    prob_greater = functools.cache(lambda rate: seen.prob_greater(rate) + by)
    return replace(seen, prob_greater=prob_greater, mean=functools.cache(lambda: seen.mean() + by))
