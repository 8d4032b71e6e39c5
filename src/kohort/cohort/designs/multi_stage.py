"""Designs with any number of looks, each of which may stop a cohort as negative or end it as positive.

At look k, after n_k patients with x responders:

    x <= stop_at_most[k]     stop for futility (negative, at the last look)
    x >= stop_at_least[k]    end as positive
    otherwise                go on (at the last look: inconclusive, if the two leave a gap)

Single-stage, two-stage, Fleming's, Lee and Liu's, Thall and Simon's and BOP2 designs are all of this form;
one recursion over the orders of responders gives the exact probability of each end.

References:
    Schultz JR et al. Biometrics 1973;29:293-300 (the recursion).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

from kohort.cohort.designs.checks import check_looks, check_rate, check_rates
from kohort.cohort.designs.decisions import Observed, Verdict
from kohort.cohort.designs.paths import Look, arrivals
from kohort.cohort.designs.single_stage import SingleStageDesign
from kohort.cohort.designs.two_stage import OperatingCharacteristics, TwoStageDesign
from kohort.cohort.maths.binomial import Rate, weigh
from kohort.errors import StatisticsError

__all__ = ["MultiStageDesign", "StagedCharacteristics", "characteristics"]


@dataclass(frozen=True, slots=True)
class StagedCharacteristics(OperatingCharacteristics[Rate]):
    """What a design with looks does at one true response rate.

    Attributes:
        p: the true response rate.
        success: probability that the cohort ends positive, at any look.
        early_stop: probability to end before the last look, for either reason.
        expected_n: expected number of evaluable patients.
        futility: probability to stop for futility at each look; at the last, to end negative.
        efficacy: probability to end positive at each look.
        inconclusive: probability to pass the last look without an answer.
    """

    futility: tuple[Rate, ...]
    efficacy: tuple[Rate, ...]
    inconclusive: Rate


@dataclass(frozen=True, slots=True)
class MultiStageDesign:
    """Looks at given sizes, with the counts that stop for futility and those that end as positive.

    Attributes:
        sizes: evaluable patients at each look, all stages so far, rising: (15, 30, 40).
        stop_at_most: for each look the last count that is not enough to go on; None: no count stops.
        stop_at_least: for each look the first count that ends the cohort as positive; None: none does.
        p0: response rate that is of no interest.
        p1: response rate that would be of interest.

    A limit that no count can meet (-1 responders or fewer, n + 1 or more) is stored as None.

    Raises:
        StatisticsError: looks, limits or rates that make no design.
    """

    sizes: tuple[int, ...]
    stop_at_most: tuple[int | None, ...]
    stop_at_least: tuple[int | None, ...]
    p0: float
    p1: float

    def __post_init__(self) -> None:
        """Refuse what makes no design; write limits in one way."""
        sizes = check_looks(self.sizes)
        if not len(sizes) == len(self.stop_at_most) == len(self.stop_at_least):
            raise StatisticsError(
                f"{len(self.stop_at_most)} and {len(self.stop_at_least)} limits do not fit {len(sizes)} looks.",
                remedy="Give one of each per look, None where a look cannot stop.",
            )
        check_rates(self.p0, self.p1)
        object.__setattr__(self, "sizes", sizes)
        low = tuple(None if low is None or low < 0 else int(low) for low in self.stop_at_most)
        high = tuple(
            None if high is None or high > n else int(high) for high, n in zip(self.stop_at_least, sizes, strict=True)
        )
        object.__setattr__(self, "stop_at_most", low)
        object.__setattr__(self, "stop_at_least", high)
        for look in self.looks:
            if not look.at_most < look.at_least or look.at_most > look.size or look.at_least < 0:
                raise StatisticsError(
                    f"Limits {look.at_most} and {look.at_least} of {look.size} patients are impossible.",
                    remedy="Give stop_at_most below stop_at_least, both within the patients of the look.",
                )

    @classmethod
    def of(cls, design: SingleStageDesign | TwoStageDesign) -> MultiStageDesign:
        """The same design in the form of looks."""
        if isinstance(design, TwoStageDesign):
            sizes, low, high = (design.n1, design.n), (design.r1, design.r), (None, design.r + 1)
            return cls(sizes, low, high, design.p0, design.p1)
        return cls((design.n,), (design.r,), (design.r + 1,), design.p0, design.p1)

    @property
    def n(self) -> int:
        """Evaluable patients if no look stops the cohort."""
        return self.sizes[-1]

    @property
    def looks(self) -> tuple[Look, ...]:
        """The looks, with numbers in the place of None."""
        return tuple(
            Look(n, -1 if low is None else low, n + 1 if high is None else high)
            for n, low, high in zip(self.sizes, self.stop_at_most, self.stop_at_least, strict=True)
        )

    def __str__(self) -> str:
        """Both conventions; where looks are many, a limit is named at the first look that has it."""
        *inner, last = self.looks
        all_low = [(look.size, look.at_most) for look in inner if look.at_most >= 0]
        all_high = [(look.size, look.at_least) for look in inner if look.at_least <= look.size]
        low, high = _turns(all_low), _turns(all_high)
        end = [(last.size, last.at_most)] if last.at_most >= 0 else []
        last_high = [(last.size, last.at_least)] if last.at_least <= last.size else []
        gap = last.at_least - last.at_most > 1
        words = [
            "go on with " + ", ".join(f">= {count + 1} of {n}" for n, count in low) if low else "",
            "positive with " + (", ".join(f">= {count} of {n}" for n, count in high + last_high) or "no count"),
            f"inconclusive with {last.at_most + 1} to {last.at_least - 1} of {last.size}" if gap else "",
            "each until the next is named" if len(low) < len(all_low) or len(high) < len(all_high) else "",
        ]
        stops = ", ".join(f"{count}/{n}" for n, count in low + end) or "no stop for futility"
        return f"{stops} ({'; '.join(part for part in words if part)})"

    @overload
    def operating_characteristics(self, p: Fraction) -> StagedCharacteristics[Fraction]: ...
    @overload
    def operating_characteristics(self, p: float) -> StagedCharacteristics[float]: ...
    def operating_characteristics(
        self, p: float | Fraction
    ) -> StagedCharacteristics[float] | StagedCharacteristics[Fraction]:
        """Exact probabilities at the true response rate ``p``; exact fractions if ``p`` is a Fraction.

        Raises:
            StatisticsError: ``p`` is not in 0 ... 1.
        """
        check_rate(p)
        return characteristics(self.looks, p) if isinstance(p, Fraction) else characteristics(self.looks, float(p))

    @property
    def alpha(self) -> float:
        """Probability of a positive cohort at p0 (one-sided)."""
        return self.operating_characteristics(self.p0).success

    @property
    def power(self) -> float:
        """Probability of a positive cohort at p1."""
        return self.operating_characteristics(self.p1).success

    @overload
    def expected_n(self, p: Fraction) -> Fraction: ...
    @overload
    def expected_n(self, p: float) -> float: ...
    def expected_n(self, p: float | Fraction) -> float | Fraction:
        """Expected number of evaluable patients at the true rate ``p``."""
        return self.operating_characteristics(p).expected_n

    def decide(self, responders: int, evaluable: int) -> Verdict | None:
        """What the rule says of these counts; None: the last look is passed without an answer.

        Raises:
            StatisticsError: impossible counts, or more patients than the design has.
        """
        seen = Observed(responders, evaluable)
        if seen.evaluable > self.n:
            raise StatisticsError(
                f"{seen.evaluable} evaluable patients exceed the design ({self.n}).",
                remedy="Give the counts at a look of the design.",
            )
        look = next((look for look in self.looks if look.size == seen.evaluable), None)
        is_last = seen.evaluable == self.n
        if look is None:
            return Verdict.TOO_EARLY
        if seen.responders <= look.at_most:
            return Verdict.NEGATIVE if is_last else Verdict.STOP
        if seen.responders >= look.at_least:
            return Verdict.POSITIVE
        return None if is_last else Verdict.GO_ON


def _turns(limits: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The (size, limit) pairs at which the limit is another than at the look before."""
    before = [None, *(limit for _, limit in limits)]
    return [pair for pair, last in zip(limits, before, strict=False) if pair[1] != last]


def characteristics(looks: tuple[Look, ...], p: Rate) -> StagedCharacteristics[Rate]:
    """Exact probability of each end of each look at the true rate ``p``."""
    zero: Rate = p * 0
    futility: list[Rate] = []
    efficacy: list[Rate] = []
    running, expected, size = zero + 1, zero, 0
    for look, ways in zip(looks, arrivals(looks), strict=True):
        expected += (look.size - size) * running
        reached = [weigh(count, s, look.size - s, p) if count else zero for s, count in enumerate(ways)]
        futility.append(sum(reached[: look.at_most + 1], start=zero))
        efficacy.append(sum(reached[look.at_least :], start=zero))
        running = sum(reached[look.at_most + 1 : look.at_least], start=zero)
        size = look.size
    return StagedCharacteristics(
        p=p,
        success=sum(efficacy, start=zero),
        early_stop=sum(futility[:-1] + efficacy[:-1], start=zero),
        expected_n=expected,
        futility=tuple(futility),
        efficacy=tuple(efficacy),
        inconclusive=running,
    )
