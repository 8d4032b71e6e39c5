"""Operating characteristics by simulated trials, with the standard error of every number.

Each data set that occurs is looked at once: equal trials are merged before posteriors are computed, sorted
among interchangeable cohorts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kohort.cohort.borrowing.data import BoolArray, FloatArray, IntArray
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.characteristics.exact import Question
from kohort.cohort.characteristics.looks import look_calls
from kohort.cohort.characteristics.plans import EARLY_GO, ENDED, STOPPED, Plan
from kohort.cohort.characteristics.posteriors import ModelPosteriors, evidence_of
from kohort.cohort.characteristics.readings import Interim, calls
from kohort.cohort.characteristics.result import Measure
from kohort.cohort.characteristics.space import sizes_of
from kohort.cohort.characteristics.sums import Batch

__all__ = ["Trials", "simulated"]


class Trials:
    """Draws trials: the look, then the end.

    Args:
        model: the model that a look may borrow by.
        plans: (J,) sizes.
        interim: (J,) boundaries at the look.
        groups: interchangeable cohorts.
    """

    def __init__(
        self, model: BorrowingModel, plans: Sequence[Plan], interim: Interim, groups: Sequence[tuple[int, ...]]
    ) -> None:
        self.model = model
        self.plans = plans
        self.interim = interim
        self.groups = groups

    def draw(self, rates: FloatArray, trials: int, generator: np.random.Generator) -> tuple[Batch, IntArray, IntArray]:
        """The different sorted data sets, which of them each trial is, and each cohort's column in it, (trials, J)."""
        n1, n = (sizes_of(self.plans, look=look) for look in (True, False))
        looked = generator.binomial(n1, rates, (trials, len(n)))
        more = generator.binomial(n - n1, rates, (trials, len(n)))
        rows, place = np.unique(looked, axis=0, return_inverse=True)
        status = look_calls(self.model, self.interim, self.plans, rows)[place.reshape(-1)]
        on = status == ENDED
        outcomes = np.stack([status, looked + more * on, np.where(on, n, n1)], axis=2)
        columns = self._sort(outcomes)
        sorted_ = np.take_along_axis(outcomes, np.argsort(columns, axis=1)[:, :, None], axis=1)
        distinct, which = np.unique(sorted_.reshape(trials, -1), axis=0, return_inverse=True)
        status, responders, sizes = distinct.reshape(len(distinct), -1, 3).transpose(2, 0, 1)
        return Batch((), responders, sizes, status.astype(np.int8), np.ones(len(distinct))), which.reshape(-1), columns

    def _sort(self, outcomes: IntArray) -> IntArray:
        """(trials, J) the column in which each cohort stands once interchangeable cohorts are sorted."""
        status, responders, _ = outcomes.transpose(2, 0, 1)
        code = status * (int(responders.max(initial=0)) + 1) + responders
        columns = np.empty(code.shape, dtype=np.int64)
        for cohorts in self.groups:
            order = np.argsort(code[:, list(cohorts)], axis=1, kind="stable")
            columns[:, list(cohorts)] = np.array(cohorts)[np.argsort(order, axis=1)]
        return columns


def simulated(
    question: Question, trials: Trials, number: int, seed: int
) -> tuple[dict[str, Measure], dict[str, Measure], int]:
    """Measures by cohort (S, K, J) and of the family (S, K) with standard errors; data sets looked at."""
    by_cohort: list[dict[str, Measure]] = []
    family: list[dict[str, Measure]] = []
    looked_at = 0
    generators = np.random.default_rng(seed).spawn(len(question.scenarios))
    for s, generator in enumerate(generators):
        rates = question.rates[s]
        batch, which, columns = trials.draw(rates, number, generator)
        looked_at += len(batch.n)
        values = _values(question, trials, batch, s)
        in_trials = {name: _of_trials(value, which, columns) for name, value in values.items()}
        if question.level is not None:
            in_trials |= _estimates(in_trials.pop("mean"), in_trials, rates)
        by_cohort.append({name: _measure(value) for name, value in in_trials.items()})
        family.append({name: _measure(value) for name, value in _family(in_trials, question.active[s]).items()})
    return _stack(by_cohort), _stack(family), looked_at


def _values(question: Question, trials: Trials, batch: Batch, scenario: int) -> dict[str, FloatArray]:
    """(K, N, J) values of the different data sets; whether the interval holds a rate, for each true rate."""
    seen = evidence_of(ModelPosteriors(trials.model, question.numeric_error), batch)
    found = [calls(reading, seen, batch.status) for reading in question.readings]
    go, no_go = (np.stack([getattr(each, name) for each in found]).astype(np.float64) for name in ("go", "no_go"))
    one = np.ones((len(found), 1, 1))
    values = {
        "go": go,
        "consider": 1 - go - no_go,
        "no_go": no_go,
        "early_stop": one * (batch.status == STOPPED),
        "early_go": one * (batch.status == EARLY_GO),
        "expected_n": one * batch.n,
    }
    if question.level is not None:
        values["mean"] = one * seen.mean()
        tail = (1 - question.level) / 2
        for rate in set(question.scenarios[scenario].rates):
            above = seen.prob_greater(rate)
            values[f"inside {rate}"] = one * ((above >= tail) & (above <= 1 - tail))
    return values


def _of_trials(values: FloatArray, which: IntArray, columns: IntArray) -> FloatArray:
    """(K, trials, J) each trial's values, its cohorts in their own order."""
    return values[:, which[:, None], columns]


def _estimates(mean: FloatArray, values: dict[str, FloatArray], rates: FloatArray) -> dict[str, FloatArray]:
    """Deviations of the mean from each cohort's own rate, and whether its interval holds that rate."""
    inside = {rate: values.pop(f"inside {rate}") for rate in set(rates.tolist())}
    held = np.stack([inside[rate][:, :, j] for j, rate in enumerate(rates.tolist())], axis=2)
    return {"bias": mean - rates, "mse": (mean - rates) ** 2, "coverage": held}


def _family(values: dict[str, FloatArray], active: BoolArray) -> dict[str, FloatArray]:
    go = values["go"]
    right: FloatArray = np.where(active, go, 1 - go)
    return {
        "fwer": np.asarray(go[:, :, ~active].any(axis=2), dtype=np.float64),
        "ewp": np.asarray(go[:, :, active].any(axis=2), dtype=np.float64),
        "ecd": np.asarray(right.sum(axis=2)),
        "expected_total_n": np.asarray(values["expected_n"].sum(axis=2)),
    }


def _measure(values: FloatArray) -> Measure:
    """Mean over the trials (axis 1) and its standard error."""
    number = values.shape[1]
    return Measure(values.mean(axis=1), values.std(axis=1) / np.sqrt(max(number - 1, 1)))


def _stack(each: Sequence[dict[str, Measure]]) -> dict[str, Measure]:
    return {
        name: Measure(np.stack([one[name].value for one in each]), np.stack([one[name].error for one in each]))
        for name in each[0]
    }
