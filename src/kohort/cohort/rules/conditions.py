"""Conditions on what is known of a cohort's response rate, and the go, consider and no-go they make.

A boundary is read from its go conditions first (all must hold), then from its no-go conditions (all must
hold); what is neither is to be considered. All comparisons are strict (greater, not equal), except counts.
The form follows Neuenschwander B et al. Pharm Stat 2016;15:123-134, and the dual criterion of Roychoudhury S
et al. Clin Trials 2018;15:452-461.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.borrowing.data import FloatArray, IntArray
from kohort.errors import StatisticsError

__all__ = ["Boundary", "Call", "Condition", "MeanAbove", "Probability", "ResponderCount"]

BoolArray = NDArray[np.bool_]


class Call(StrEnum):
    """What a rule says about a cohort."""

    GO = "go"
    CONSIDER = "consider"
    NO_GO = "no-go"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What conditions read: many data sets of the same cohorts, arrays of shape (N, J).

    Attributes:
        responders: evaluable patients who responded.
        n: evaluable patients.
        prob_greater: posterior probabilities that the rate is greater than a rate; None: than p0.
        mean: posterior mean rates.
        exceeds: where P(p > rate) is greater than a cut-off, the two given in this order; None: by comparing
            ``prob_greater``. Decisions can be cheaper than probabilities.
    """

    responders: IntArray
    n: IntArray
    prob_greater: Callable[[float | None], FloatArray]
    mean: Callable[[], FloatArray]
    exceeds: Callable[[float | None, float], BoolArray] | None = None


@dataclass(frozen=True, slots=True)
class Probability:
    """The posterior probability of a rate greater than ``rate`` is above (or below) a limit.

    Attributes:
        rate: the rate to exceed; None: each cohort's p0.
        above: holds if P(p > rate) > above; None: not asked.
        below: holds if P(p > rate) < below; None: not asked.
    """

    rate: float | None = None
    above: float | None = None
    below: float | None = None

    def __post_init__(self) -> None:
        """Refuse a condition without one limit, and numbers that are no probabilities."""
        if (self.above is None) == (self.below is None):
            raise StatisticsError(
                "A condition on a probability has one limit.", remedy="Give either 'above' or 'below'."
            )
        for name, value in (("rate", self.rate), ("above", self.above), ("below", self.below)):
            if value is not None and not 0 <= value <= 1:
                raise StatisticsError(f"{name} = {value} is no probability.", remedy="Give a number from 0 to 1.")

    def value(self, seen: Evidence) -> FloatArray:
        """(N, J) what is compared with the limit."""
        return seen.prob_greater(self.rate)

    def holds(self, seen: Evidence) -> BoolArray:
        """(N, J) where it holds."""
        if self.above is not None and seen.exceeds is not None:
            return seen.exceeds(self.rate, self.above)
        probability = self.value(seen)
        if self.above is not None:
            return probability > self.above
        return probability < (0.0 if self.below is None else self.below)

    def __str__(self) -> str:
        """In words."""
        rate = "p0" if self.rate is None else f"{self.rate:g}"
        return f"P(p > {rate}) > {self.above:g}" if self.above is not None else f"P(p > {rate}) < {self.below:g}"


@dataclass(frozen=True, slots=True)
class MeanAbove:
    """The posterior mean rate is greater than ``rate``."""

    rate: float

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        if not 0 <= self.rate <= 1:
            raise StatisticsError(f"A rate of {self.rate} is impossible.", remedy="Give a rate from 0 to 1.")

    def value(self, seen: Evidence) -> FloatArray:
        """(N, J) what is compared with the limit."""
        return seen.mean()

    def holds(self, seen: Evidence) -> BoolArray:
        """(N, J) where it holds."""
        return self.value(seen) > self.rate

    def __str__(self) -> str:
        """In words."""
        return f"mean > {self.rate:g}"


@dataclass(frozen=True, slots=True)
class ResponderCount:
    """A count of responders is reached (``at_least``), or not exceeded (``at_most``).

    Attributes:
        at_least: holds with this many responders or more; None: not asked.
        at_most: holds with this many responders or fewer; None: not asked.
    """

    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        """Refuse a condition without one limit, and negative counts."""
        if (self.at_least is None) == (self.at_most is None):
            raise StatisticsError("A condition on a count has one limit.", remedy="Give 'at_least' or 'at_most'.")
        if (self.at_least or 0) < 0 or (self.at_most or 0) < 0:
            raise StatisticsError("A count of responders is not negative.", remedy="Give 0 or more.")

    def value(self, seen: Evidence) -> IntArray:
        """(N, J) what is compared with the limit."""
        return seen.responders

    def holds(self, seen: Evidence) -> BoolArray:
        """(N, J) where it holds."""
        if self.at_least is not None:
            return seen.responders >= self.at_least
        return seen.responders <= (-1 if self.at_most is None else self.at_most)

    def __str__(self) -> str:
        """In words."""
        return f">= {self.at_least} responders" if self.at_least is not None else f"<= {self.at_most} responders"


Condition = Probability | MeanAbove | ResponderCount


@dataclass(frozen=True, slots=True)
class Boundary:
    """When a look at the data is a go, and when a no-go.

    Attributes:
        go: all must hold for a go; empty: no go is possible at this look.
        no_go: all must hold for a no-go; empty: no no-go is possible at this look. None: whatever is no go.
    """

    go: tuple[Condition, ...] = ()
    no_go: tuple[Condition, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a boundary that never says anything."""
        if not self.go and not self.no_go:
            raise StatisticsError("A boundary without conditions decides nothing.", remedy="Give go conditions.")

    def goes(self, seen: Evidence) -> BoolArray:
        """(N, J) where the call is go."""
        return _all(self.go, seen)

    def stops(self, seen: Evidence) -> BoolArray:
        """(N, J) where the call is no-go."""
        return ~self.goes(seen) & (_all(self.no_go, seen) if self.no_go is not None else True)

    def __str__(self) -> str:
        """In words."""
        go = " and ".join(str(each) for each in self.go)
        no_go = "otherwise" if self.no_go is None else " and ".join(str(each) for each in self.no_go)
        return "; ".join(f"{name}: {words}" for name, words in (("go", go), ("no-go", no_go)) if words)


def _all(conditions: tuple[Condition, ...], seen: Evidence) -> BoolArray:
    if not conditions:
        return np.zeros(seen.responders.shape, dtype=np.bool_)
    return functools.reduce(np.logical_and, (each.holds(seen) for each in conditions))
