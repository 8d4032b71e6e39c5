"""Countries that may not send small counts: what their decision alone still says about the pooled cohort.

A country below its disclosure threshold sends a status instead of counts: continue, stop, positive or negative, and
perhaps how many patients are evaluable and which threshold it follows. Each of these leaves a set of counts that are
possible; who knows the threshold k also knows that counts without a small number would have been sent. The pooled
cohort is then a set too: all sums of one possible count from each country. Its reading is the set of readings at these
sums. Where all agree, the small counts did not matter; where they do not, the answer is the best and the worst of them,
never a guess in between.

A status can give a count away: "stop" of 8 + 16 with eight evaluable means no responder. ``gives_away`` says so before
anything is sent.

References:
    Hundepool A et al. Statistical Disclosure Control. Wiley; 2012 (threshold rules; what an attacker can infer).
    Manski CF. Partial Identification of Probability Distributions. Springer; 2003 (bounds from incomplete data).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kohort.cohort.countries.counts import CohortCount, by_cohort, exact_interval, verdict_now
from kohort.cohort.designs.decisions import Verdict
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.inference.intervals import Interval
from kohort.errors import StatisticsError

__all__ = ["CountryStatus", "PartlyKnownCohort", "WithheldCount", "pool_with_withheld", "withheld"]

SMALLEST_COUNT = 5
"""Default threshold k: numbers from 1 to k - 1 are not sent."""

Pair = tuple[int, int]
"""Responders and evaluable patients."""

_RANK = {Verdict.STOP: 0, Verdict.NEGATIVE: 1, Verdict.TOO_EARLY: 2, Verdict.GO_ON: 3, Verdict.POSITIVE: 4}


class CountryStatus(StrEnum):
    """All that a country tells when it may not tell counts."""

    CONTINUE = "continue"
    STOP = "stop"
    NEGATIVE = "negative"
    POSITIVE = "positive"


_STATUS = {
    Verdict.TOO_EARLY: CountryStatus.CONTINUE,
    Verdict.GO_ON: CountryStatus.CONTINUE,
    Verdict.STOP: CountryStatus.STOP,
    Verdict.NEGATIVE: CountryStatus.NEGATIVE,
    Verdict.POSITIVE: CountryStatus.POSITIVE,
}


@dataclass(frozen=True, slots=True)
class WithheldCount:
    """A country's cohort of which only the decision is known.

    Attributes:
        trial: the trial.
        country: the country.
        cohort: identifier of the cohort.
        status: what the country decided by its own patients.
        design: the design it decided with.
        evaluable: evaluable patients; None: withheld too, at most ``most``.
        k: the threshold it follows: its counts hold a number from 1 to k - 1; None: it tells none.
        most: most evaluable patients there can be; None: those of the design.

    Raises:
        StatisticsError: no counts agree with what is told.
    """

    trial: str
    country: str
    cohort: str
    status: CountryStatus
    design: TwoStageDesign
    evaluable: int | None = None
    k: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if not self.possible:
            raise StatisticsError(
                f"{self.trial}, {self.country}, cohort {self.cohort}: no counts agree with {self.status.value!r}.",
                remedy="Check the status, the number of evaluable patients and the design.",
            )

    @property
    def possible(self) -> frozenset[Pair]:
        """Responders and evaluable patients that agree with all that is told."""
        return _possible(self.status, self.design, self.evaluable, self.k, self.most)

    @property
    def gives_away(self) -> bool:
        """True if only one number of responders is possible: the status says it as clearly as the count."""
        return len({responders for responders, _ in self.possible}) == 1


@functools.lru_cache(maxsize=1024)
def _possible(
    status: CountryStatus, design: TwoStageDesign, evaluable: int | None, k: int | None, most: int | None
) -> frozenset[Pair]:
    sizes: Iterable[int] = range((design.n if most is None else most) + 1) if evaluable is None else (evaluable,)
    return frozenset(
        (responders, size)
        for size in sizes
        for responders in range(size + 1)
        if (k is None or _is_small(responders, size, k)) and _STATUS[_verdict(responders, size, design)] is status
    )


def _is_small(responders: int, evaluable: int, k: int) -> bool:
    """True if responders, non-responders or all of them are 1 to k - 1."""
    return any(0 < number < k for number in (responders, evaluable - responders, evaluable))


@functools.lru_cache(maxsize=65536)
def _verdict(responders: int, evaluable: int, design: TwoStageDesign) -> Verdict:
    return verdict_now(responders, evaluable, design)


def withheld(
    count: CohortCount, design: TwoStageDesign, k: int = SMALLEST_COUNT, *, tells_evaluable: bool = True
) -> WithheldCount | CohortCount:
    """What a country may send: its counts if they are not small, else its decision.

    Responders, non-responders and evaluable patients are small from 1 to k - 1; one small number withholds both counts.
    Evaluable patients are told beside a decision if asked for and not small.

    Args:
        count: the country's own counts.
        design: the design that it decides with.
        k: the threshold.
        tells_evaluable: whether evaluable patients may be told beside a decision.

    Raises:
        StatisticsError: ``k`` is below 2.
    """
    if k < 2:
        raise StatisticsError(f"A threshold of {k} hides nothing.", remedy="Give 2 or more, e.g. 5.")
    if not _is_small(count.responders, count.evaluable, k):
        return count
    status = _STATUS[_verdict(count.responders, count.evaluable, design)]
    told = count.evaluable if tells_evaluable and count.evaluable >= k else None
    most = max(design.n, count.evaluable)
    return WithheldCount(count.trial, count.country, count.cohort, status, design, told, k, most)


@dataclass(frozen=True, slots=True, eq=False)
class PartlyKnownCohort:
    """A pooled cohort of which some countries tell their decision only.

    Attributes:
        cohort: identifier of the cohort.
        design: the design of the pooled cohort.
        possible: (responders, evaluable) of all countries together that agree with all that is told.
        verdicts: the readings of these.
        gives_away: countries whose status tells their responders.
    """

    cohort: str
    design: TwoStageDesign
    possible: frozenset[Pair]
    verdicts: frozenset[Verdict]
    gives_away: tuple[str, ...]

    @property
    def best(self) -> Verdict:
        """The most favourable reading that is possible."""
        return max(self.verdicts, key=_RANK.__getitem__)

    @property
    def worst(self) -> Verdict:
        """The least favourable reading that is possible."""
        return min(self.verdicts, key=_RANK.__getitem__)

    @property
    def is_certain(self) -> bool:
        """True if the withheld counts cannot change the reading."""
        return len(self.verdicts) == 1

    @property
    def responders(self) -> Pair:
        """Fewest and most responders."""
        return min(x for x, _ in self.possible), max(x for x, _ in self.possible)

    @property
    def evaluable(self) -> Pair:
        """Fewest and most evaluable patients."""
        return min(m for _, m in self.possible), max(m for _, m in self.possible)

    @property
    def rate(self) -> tuple[float, float] | None:
        """Lowest and highest response rate; None if there may be no patients."""
        rates = [x / m for x, m in self.possible if m]
        return (min(rates), max(rates)) if len(rates) == len(self.possible) else None

    def interval(self, level: float = 0.95) -> Interval:
        """The exact intervals of all possible counts together: holds its level whichever of them is true."""
        ends = [exact_interval(x, m, level) for x, m in self.possible]
        return Interval(min(end.lower for end in ends), max(end.upper for end in ends), level, "clopper-pearson")

    @property
    def sentence(self) -> str:
        """In plain words."""
        (few, many), (least, most) = self.responders, self.evaluable
        counts = f"{_span(few, many)} of {_span(least, most)} evaluable patients responded"
        if self.is_certain:
            return f"{self.cohort}: {counts}; {self.best}, whatever the withheld counts are."
        return f"{self.cohort}: {counts}; {self.best} at best, {self.worst} at worst. The withheld counts decide."


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def pool_with_withheld(
    counts: Sequence[CohortCount], hidden: Sequence[WithheldCount], design: TwoStageDesign
) -> PartlyKnownCohort:
    """One cohort over countries that tell counts and countries that tell decisions.

    Args:
        counts: counts of the cohort, perhaps none.
        hidden: decisions of the other countries, at least one.
        design: the design that the pooled cohort is read with.

    Raises:
        StatisticsError: several cohorts, or a trial that tells both in one country.
    """
    cohorts = {each.cohort for each in (*counts, *hidden)}
    sources = [(each.trial, each.country) for each in (*counts, *hidden)]
    if len(cohorts) != 1 or not hidden:
        raise StatisticsError("Pool one cohort with withheld counts at a time.", remedy="Give one cohort's counts.")
    if len(set(sources)) < len(sources):
        raise StatisticsError(
            "A trial tells a country's cohort twice.", remedy="Give either its counts or its decision."
        )
    (cohort,) = cohorts
    known = by_cohort(counts)[cohort] if counts else ()
    pairs = {(sum(count.responders for count in known), sum(count.evaluable for count in known))}
    for each in hidden:
        pairs = {(x + more, m + size) for x, m in pairs for more, size in each.possible}
    return PartlyKnownCohort(
        cohort=cohort,
        design=design,
        possible=frozenset(pairs),
        verdicts=frozenset(_verdict(x, m, design) for x, m in pairs),
        gives_away=tuple(each.country for each in hidden if each.gives_away),
    )
