"""Operating characteristics of a rule: what it does in each scenario, for each cohort and for all together."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from kohort.cohort.borrowing.data import BoolArray, FloatArray
from kohort.errors import UnknownNameError

__all__ = ["BY_COHORT", "FAMILY", "Characteristics", "Measure"]

BY_COHORT = ("go", "consider", "no_go", "early_stop", "early_go", "expected_n", "bias", "mse", "coverage")
"""Measures of one cohort."""

FAMILY = ("fwer", "ewp", "ecd", "expected_total_n")
"""Measures of all cohorts together."""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """Values of one measure and their errors, arrays of one shape.

    Attributes:
        value: the values; NaN where the measure does not apply.
        error: exact: greatest possible error by the numerical method (0 where it is a plain sum, rounding
            aside); simulated: the Monte Carlo standard error.
    """

    value: FloatArray
    error: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Characteristics:
    """What K rules do in S scenarios of J cohorts.

    Attributes:
        model: the model in words.
        method: whether all outcomes were summed or trials simulated.
        scenarios: (S,) names.
        rules: (K,) names.
        rates: (S, J) true response rates.
        active: (S, J) which cohorts are active; the others are null.
        by_cohort: measures of shape (S, K, J): probabilities of go, consider and no_go (at the look or at the
            end), of early_stop (no-go at the look) and early_go, expected_n, and, where asked for, bias and
            mean squared error of the posterior mean and coverage of the credible interval.
        family: measures of shape (S, K): fwer, the probability that any null cohort is a go; ewp, that any
            active cohort is; ecd, the expected number of right decisions (active: go, null: no go);
            expected_total_n.
        outcomes: different data sets whose posteriors were computed.
        trials: simulated trials in each scenario; 0 if exact.
        level: level of the credible intervals; None: no estimates were asked for.
    """

    model: str
    method: Literal["exact", "simulate"]
    scenarios: tuple[str, ...]
    rules: tuple[str, ...]
    rates: FloatArray
    active: BoolArray
    by_cohort: dict[str, Measure]
    family: dict[str, Measure]
    outcomes: int
    trials: int = 0
    level: float | None = None

    @property
    def go(self) -> FloatArray:
        """(S, K, J) probability that each cohort is a go."""
        return self.by_cohort["go"].value

    @property
    def toer(self) -> FloatArray:
        """(S, K, J) type I error by cohort: P(go) of null cohorts; NaN for active ones."""
        return np.where(self.active[:, None, :], np.nan, self.go)

    @property
    def power(self) -> FloatArray:
        """(S, K, J) power by cohort: P(go) of active cohorts; NaN for null ones."""
        return np.where(self.active[:, None, :], self.go, np.nan)

    @property
    def fwer(self) -> FloatArray:
        """(S, K) family-wise error: probability that any null cohort is a go."""
        return self.family["fwer"].value

    @property
    def ewp(self) -> FloatArray:
        """(S, K) experiment-wise power: probability that any active cohort is a go."""
        return self.family["ewp"].value

    @property
    def ecd(self) -> FloatArray:
        """(S, K) expected number of right decisions."""
        return self.family["ecd"].value

    @property
    def bias(self) -> FloatArray:
        """(S, K, J) expected posterior mean less the true rate."""
        return self.measure("bias").value

    @property
    def mse(self) -> FloatArray:
        """(S, K, J) mean squared error of the posterior mean."""
        return self.measure("mse").value

    @property
    def coverage(self) -> FloatArray:
        """(S, K, J) probability that the credible interval holds the true rate."""
        return self.measure("coverage").value

    @property
    def expected_n(self) -> FloatArray:
        """(S, K, J) expected number of evaluable patients."""
        return self.by_cohort["expected_n"].value

    @property
    def early_stop(self) -> FloatArray:
        """(S, K, J) probability of no-go at the look."""
        return self.by_cohort["early_stop"].value

    def measure(self, name: str) -> Measure:
        """A measure by name.

        Raises:
            UnknownNameError: no such measure, or estimates that were not asked for.
        """
        found = self.by_cohort.get(name) or self.family.get(name)
        if found is None:
            raise UnknownNameError("measure", name, (*self.by_cohort, *self.family))
        return found

    def to_table(self) -> pl.DataFrame:
        """One row a scenario, rule and cohort: rate, truth, each measure and its error."""
        shape = self.go.shape
        scenario, rule, cohort = (each.ravel() for each in np.indices(shape))
        columns: dict[str, object] = {
            "scenario": [self.scenarios[at] for at in scenario],
            "rule": [self.rules[at] for at in rule],
            "cohort": cohort + 1,
            "rate": self.rates[scenario, cohort],
            "active": self.active[scenario, cohort],
        }
        return pl.DataFrame(columns | _columns(self.by_cohort))

    def to_family_table(self) -> pl.DataFrame:
        """One row a scenario and rule: the measures of all cohorts together and their errors."""
        scenario, rule = (each.ravel() for each in np.indices(self.fwer.shape))
        columns: dict[str, object] = {
            "scenario": [self.scenarios[at] for at in scenario],
            "rule": [self.rules[at] for at in rule],
        }
        return pl.DataFrame(columns | _columns(self.family))

    def to_json(self) -> str:
        """Everything as JSON; NaN is null. The same input gives the same text."""
        head = {
            "format": "kohort-characteristics/1",
            "model": self.model,
            "method": self.method,
            "outcomes": self.outcomes,
            "trials": self.trials,
            "level": self.level,
        }
        tables = {"cohorts": self.to_table().to_dicts(), "family": self.to_family_table().to_dicts()}
        return json.dumps(head | {name: [_plain(row) for row in rows] for name, rows in tables.items()}, indent=1)


def _columns(measures: dict[str, Measure]) -> dict[str, object]:
    columns: dict[str, object] = {}
    for name, each in measures.items():
        columns[name] = each.value.ravel()
        columns[f"{name}_error"] = each.error.ravel()
    return columns


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
