"""Survival that a cohort without controls is compared with: exponential, piecewise exponential, or a published curve.

All are one thing, a cumulative hazard H(t) = -log S(t) that is linear between knots. A Kaplan-Meier curve may also be
kept as it is, with steps (-log S jumps at its times).

References:
    Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481.
    Friedman M. Ann Stat 1982;10:101-113 (piecewise exponential).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kohort.cohort.borrowing.data import FloatArray
from kohort.errors import StatisticsError
from kohort.evidence.arrays import frozen, times_of

__all__ = ["ReferenceSurvival"]


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceSurvival:
    """Cumulative hazard at knots, rising; made by one of the class methods.

    Attributes:
        times: (K,) knots, the first is 0.
        hazard: (K,) cumulative hazard at the knots, the first is 0.
        last_rate: hazard after the last knot; None: the curve ends there.
        has_steps: True if the cumulative hazard jumps at the knots instead of rising between them.
        name: in words.
    """

    times: FloatArray
    hazard: FloatArray
    last_rate: float | None
    has_steps: bool
    name: str

    @classmethod
    def exponential(cls, *, median: float | None = None, rate: float | None = None) -> ReferenceSurvival:
        """A constant hazard, from the median survival or from the rate.

        Raises:
            StatisticsError: not exactly one of them, above 0.
        """
        if (median is None) == (rate is None) or not 0 < (median or rate or 0) < np.inf:
            raise StatisticsError(
                f"An exponential reference of median {median} and rate {rate} is none.",
                remedy="Give either median= or rate=, above 0.",
            )
        found = np.log(2) / median if median is not None else float(rate or 0)
        return cls(frozen(np.zeros(1)), frozen(np.zeros(1)), float(found), False, f"exponential of rate {found:.4g}")

    @classmethod
    def piecewise(cls, starts: Sequence[float], rates: Sequence[float]) -> ReferenceSurvival:
        """Constant hazards between times: rate i from start i to the next, the last one on for ever.

        Args:
            starts: (K,) rising times, the first is 0.
            rates: (K,) hazards, none below 0.

        Raises:
            StatisticsError: other numbers than these.
        """
        begin, rate = times_of(starts, "starts"), times_of(rates, "rates")
        if len(begin) != len(rate) or not len(begin) or begin[0] != 0 or np.any(np.diff(begin) <= 0):
            raise StatisticsError(
                "Pieces need rising starts from 0, each with its rate.", remedy="Give as many rates as starts."
            )
        hazard = np.concatenate(([0.0], np.cumsum(np.diff(begin) * rate[:-1])))
        return cls(
            frozen(begin), frozen(hazard), float(rate[-1]), False, f"piecewise exponential of {len(rate)} pieces"
        )

    @classmethod
    def curve(
        cls, times: Sequence[float] | FloatArray, survival: Sequence[float] | FloatArray, *, steps: bool = True
    ) -> ReferenceSurvival:
        """A published or estimated survival curve, e.g. ``SurvivalCurve.times`` and ``.survival``.

        Args:
            times: (K,) rising times, above 0.
            survival: (K,) survival from each time on, falling from at most 1, above 0.
            steps: True: it falls at the times (Kaplan-Meier); False: its cumulative hazard rises evenly between them
                (a life table).

        Raises:
            StatisticsError: no falling curve, or one that reaches 0 (nothing is expected to survive that).
        """
        at, share = times_of(times, "times"), times_of(survival, "survival")
        falls = len(at) == len(share) > 0 and at[0] > 0 and np.all(np.diff(at) > 0) and np.all(np.diff(share) <= 0)
        if not falls or share[0] > 1 or share[-1] <= 0:
            raise StatisticsError(
                "The reference is no survival curve above 0.",
                remedy="Give rising times above 0 and survival that falls from at most 1; end it before it reaches 0.",
            )
        knots, hazard = np.concatenate(([0.0], at)), np.concatenate(([0.0], -np.log(share)))
        return cls(frozen(knots), frozen(hazard), None, steps, "Kaplan-Meier curve" if steps else "life table")

    @property
    def end(self) -> float:
        """Last time that it says something about; infinite with a last rate."""
        return np.inf if self.last_rate is not None else float(self.times[-1])

    def cumulative_hazard(self, at: FloatArray) -> FloatArray:
        """H at any times.

        Raises:
            StatisticsError: a time after the end of the curve.
        """
        if late := int((at > self.end).sum()):
            raise StatisticsError(
                f"{late} of {len(at)} patients were followed beyond the end of the reference curve ({self.end:g}).",
                remedy="Cut their follow-up there (no event after it), or give a reference that reaches as far.",
            )
        if self.has_steps:
            return self.hazard[np.searchsorted(self.times, at, side="right") - 1]
        inside = np.interp(at, self.times, self.hazard)
        return inside + np.maximum(at - self.times[-1], 0) * (self.last_rate or 0.0)

    def survival(self, at: FloatArray) -> FloatArray:
        """S at any times; errors as :meth:`cumulative_hazard`."""
        return np.exp(-self.cumulative_hazard(at))

    def rates(self) -> tuple[FloatArray, FloatArray]:
        """(K,) starts of pieces and their hazards, for planning; the last piece goes on.

        Raises:
            StatisticsError: the curve has steps, or ends.
        """
        if self.has_steps or self.last_rate is None:
            raise StatisticsError(
                "Planning needs a reference with hazards that go on.", remedy="Use exponential or piecewise."
            )
        return self.times, np.append(np.diff(self.hazard) / np.diff(self.times), self.last_rate)
