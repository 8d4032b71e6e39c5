"""What patients who are not yet evaluable can still change.

Each of k pending patients will respond or not; the counts are then read again, with all of them known. The
number that respond is binomial at a given rate, and beta-binomial under the posterior of those already evaluable;
so every verdict that may come has an exact probability. Stage 2 may open now exactly if the verdict is already to
go on, because no pending patient can take a responder away.

References:
    Jung SH. Randomized Phase II Cancer Clinical Trials. Chapman & Hall 2013 (curtailment of two-stage designs).
    Spiegelhalter DJ, Freedman LS, Blackburn PR. Control Clin Trials 1986;7:8-17 (prediction from the posterior).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import betaln

from kohort.cohort.course.prediction import UNIFORM
from kohort.cohort.designs import decisions
from kohort.cohort.designs.decisions import Decision, Observed, Verdict
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.beta import Beta
from kohort.cohort.maths.binomial import Rate, choose_row, weigh
from kohort.errors import StatisticsError

__all__ = ["Look", "PendingOutlook", "pending_outlook"]

Look = Literal["interim", "final"]


@dataclass(frozen=True, slots=True)
class PendingOutlook:
    """A reading of the counts now, and all readings that may follow when the pending patients are known.

    Attributes:
        decision: the reading now, with best and worst case.
        verdicts: (pending + 1) the reading when k = 0 ... pending of them have responded.
        posterior: what is known of the rate from the evaluable patients.
    """

    decision: Decision
    verdicts: tuple[Verdict, ...]
    posterior: Beta

    @property
    def pending(self) -> int:
        """Patients enrolled and not yet evaluable."""
        return len(self.verdicts) - 1

    @property
    def stage_2_may_open(self) -> bool:
        """Whether the look after stage 1 is passed already, whatever the pending patients do."""
        return self.decision.verdict is Verdict.GO_ON

    @property
    def is_certain(self) -> bool:
        """True if the pending patients cannot change the verdict."""
        return set(self.verdicts) == {self.decision.verdict}

    @property
    def responders_needed(self) -> int | None:
        """The fewest pending patients who must respond for the cohort to go on or be positive; None: too few."""
        good = [k for k, verdict in enumerate(self.verdicts) if verdict in (Verdict.GO_ON, Verdict.POSITIVE)]
        return good[0] if good else None

    def probabilities(self, p: Rate) -> dict[Verdict, Rate]:
        """Chance of each verdict that may come, at a true rate ``p``; exact for a Fraction.

        Raises:
            StatisticsError: ``p`` is not in 0 ... 1.
        """
        if not 0 <= p <= 1:
            raise StatisticsError(f"A response rate of {p} is impossible.", remedy="Give a rate from 0 to 1.")
        row = choose_row(self.pending)
        return self._sum([weigh(row[k], k, self.pending - k, p) for k in range(self.pending + 1)])

    def predictive(self) -> dict[Verdict, float]:
        """Chance of each verdict that may come, averaged over the posterior of the rate."""
        known, m = self.posterior, self.pending
        k = np.arange(m + 1)
        log_ways = np.array([math.log(ways) for ways in choose_row(m)])
        chances = np.exp(log_ways + betaln(known.a + k, known.b + m - k) - betaln(known.a, known.b))
        return self._sum(chances.tolist())

    def _sum(self, chances: Sequence[Rate]) -> dict[Verdict, Rate]:
        total: dict[Verdict, Rate] = {}
        for verdict, chance in zip(self.verdicts, chances, strict=True):
            total[verdict] = total[verdict] + chance if verdict in total else chance
        return total


def pending_outlook(
    design: TwoStageDesign,
    seen: Observed,
    look: Look,
    *,
    closed: bool = False,
    n1_actual: int | None = None,
    prior: Beta = UNIFORM,
) -> PendingOutlook:
    """Reads the counts now and as they will be when every pending patient is known.

    Args:
        design: the plan.
        seen: responders, evaluable and pending patients.
        look: "interim" (after stage 1) or "final".
        closed: the stage takes no more patients than these.
        n1_actual: evaluable patients when the look after stage 1 was made, for the final reading.
        prior: what was known of the rate before the first patient.

    Raises:
        StatisticsError: impossible counts, or counts that do not belong to that look.
    """
    if look not in ("interim", "final"):
        raise StatisticsError(f"There is no look {look!r}.", remedy="Give 'interim' or 'final'.")
    known = seen.evaluable + seen.pending

    def read(at: Observed) -> Decision:
        if look == "final":
            return decisions.final(design, at, closed=closed, n1_actual=n1_actual)
        # so many over-running patients that they fill stage 2: the look on all of them is still the first look
        roomy = design if at is seen or known < design.n else replace(design, n=known + 1)
        return decisions.interim(roomy, at, closed=closed)

    verdicts = tuple(read(Observed(seen.responders + k, known)).verdict for k in range(seen.pending + 1))
    return PendingOutlook(read(seen), verdicts, prior.updated(seen.responders, seen.evaluable))
