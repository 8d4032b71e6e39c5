"""What could be true: the response rates of all cohorts, and which cohorts are then active.

A cohort is active if its true rate is greater than its p0, else null; a scenario may say otherwise itself,
for instance that only rates of p1 and more count as active.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from kohort.cohort.borrowing.data import FloatArray
from kohort.errors import StatisticsError

__all__ = ["Scenario", "ScenariosLike", "scenarios_of"]

CLOSE = 1e-12
"""A rate above p0 by no more than this is p0, written with rounding."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One possible truth.

    Attributes:
        name: what it is called.
        rates: true response rate of each cohort.
        active: which cohorts are active; None: those whose rate is greater than their p0.

    Raises:
        StatisticsError: no cohorts, rates outside 0 ... 1, or another number of truths than of rates.
    """

    name: str
    rates: tuple[float, ...]
    active: tuple[bool, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be true."""
        if not self.rates or not all(0 <= rate <= 1 for rate in self.rates):
            raise StatisticsError(
                f"Scenario '{self.name}' has impossible response rates.", remedy="Give a rate from 0 to 1 a cohort."
            )
        if self.active is not None and len(self.active) != len(self.rates):
            raise StatisticsError(
                f"Scenario '{self.name}' has {len(self.active)} truths for {len(self.rates)} cohorts.",
                remedy="Say of each cohort whether it is active.",
            )

    def truth(self, p0: FloatArray) -> tuple[bool, ...]:
        """Which cohorts are active, given their (J,) rates of no interest."""
        if self.active is not None:
            return self.active
        return tuple(bool(rate > none + CLOSE) for rate, none in zip(self.rates, p0, strict=True))


ScenariosLike: TypeAlias = (
    Scenario | Sequence[Scenario] | Mapping[str, Sequence[float]] | Sequence[float] | Sequence[Sequence[float]]
)
"""One scenario or several; rates by name; the rates of one scenario; or a table, one row a scenario."""


def scenarios_of(given: ScenariosLike) -> tuple[Scenario, ...]:
    """Scenarios of the same cohorts, named by their rates where they have no name.

    Raises:
        StatisticsError: no scenario, impossible rates, or scenarios of other numbers of cohorts.
    """
    found = _read(given)
    if not found or len({len(each.rates) for each in found}) != 1:
        raise StatisticsError(
            "The scenarios are not of the same cohorts.", remedy="Give one rate a cohort in every scenario."
        )
    if len({each.name for each in found}) != len(found):
        raise StatisticsError("Two scenarios have the same name.", remedy="Give each scenario its own name.")
    return found


def _read(given: ScenariosLike) -> tuple[Scenario, ...]:
    if isinstance(given, Scenario):
        return (given,)
    if isinstance(given, Mapping):
        return tuple(Scenario(name, tuple(map(float, rates))) for name, rates in given.items())
    if all(isinstance(each, Scenario) for each in given):
        return tuple(each for each in given if isinstance(each, Scenario))
    try:
        table = np.atleast_2d(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError) as wrong:
        raise StatisticsError(
            "The scenarios are no table of response rates.", remedy="Give one rate a cohort in every scenario."
        ) from wrong
    found: list[Scenario] = []
    for row in table.tolist():
        name = " ".join(f"{rate:g}" for rate in row)
        times = 1 + sum(each.rates == tuple(row) for each in found)
        found.append(Scenario(name if times == 1 else f"{name} ({times})", tuple(row)))
    return tuple(found)
