"""BOP2 for efficacy and toxicity together: both must stay promising at every look.

Each patient falls in one of four cells (response or not, toxicity or not) with a Dirichlet prior, so both
marginal rates have Beta posteriors. After x responders and y toxicities of n the cohort stops if

    P(p_E > phi_E | x, n) < C(n)    or    P(p_T <= phi_T | y, n) < C(n),    C(n) = lambda (n / N)^gamma

where phi_E and phi_T are the rates under the null hypothesis; it is positive if no look, the last at n = N
included, has stopped it. The boundaries need the margins only. How often they are crossed depends on how response
and toxicity go together, so characteristics are given at joint rates: one exact recursion over (x, y), patient by
patient, with the four cells.

alpha is held where the treatment neither works nor is tolerated (the null of the paper). A treatment that works
and is toxic, or is safe and useless, passes more often: ask ``operating_characteristics`` at those rates too
(Chen K et al. 2024 hold all three).

References:
    Zhou H, Lee JJ, Yuan Y. Stat Med 2017;36:3302-3314 (section on efficacy and toxicity).
    Chen K, Zhou H, Lee JJ, Yuan Y. BOP2-TE. arXiv 2408.05816.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kohort.cohort.designs.bop2 import GAMMAS, Bop2Rule, lambda_steps, no_cutoff
from kohort.cohort.designs.checks import check_errors, check_looks, check_rate
from kohort.cohort.designs.paths import loosest
from kohort.cohort.designs.posteriors import posterior_above
from kohort.cohort.designs.two_stage import ROUNDING, OperatingCharacteristics
from kohort.cohort.maths.beta import Beta
from kohort.cohort.maths.binomial import Rate
from kohort.errors import StatisticsError

__all__ = ["EfficacyToxicityDesign", "JointRates", "bop2_efficacy_toxicity"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JointRates:
    """How often patients respond, how often they have toxicity, and how often both.

    Attributes:
        efficacy: rate of response.
        toxicity: rate of toxicity.
        both: rate of response with toxicity; None: the two are independent. Fractions give exact results.

    Raises:
        StatisticsError: rates that leave a cell below 0.
    """

    efficacy: float | Fraction
    toxicity: float | Fraction
    both: float | Fraction | None = None

    def __post_init__(self) -> None:
        """Refuse rates that leave a cell below 0."""
        for rate in (self.efficacy, self.toxicity):
            check_rate(float(rate))
        if min(self.cells) < -ROUNDING:
            raise StatisticsError(
                f"A rate of {self.both} for both does not fit rates {self.efficacy} and {self.toxicity}.",
                remedy="Give a rate that is no larger than either, and no less than their sum minus 1.",
            )

    @property
    def cells(self) -> tuple[float | Fraction, float | Fraction, float | Fraction, float | Fraction]:
        """Rates of both, response only, toxicity only, neither."""
        both = self.efficacy * self.toxicity if self.both is None else self.both
        return both, self.efficacy - both, self.toxicity - both, 1 - self.efficacy - self.toxicity + both

    def in_floats(self) -> JointRates:
        """The same rates as float64: fractions are exact and slow."""
        return JointRates(float(self.efficacy), float(self.toxicity), None if self.both is None else float(self.both))


@dataclass(frozen=True, slots=True)
class EfficacyToxicityDesign:
    """Looks that stop for too few responses or too many toxicities.

    Attributes:
        sizes: evaluable patients at each look, rising.
        stop_at_most: for each look the last count of responders that is not enough; -1: none stops.
        tolerated: for each look the last count of toxicities that does not stop.
        null: joint rates of a treatment of no interest.
        alternative: joint rates of a treatment of interest.
        rule: lambda and gamma that gave the boundaries; None if they were written down.
    """

    sizes: tuple[int, ...]
    stop_at_most: tuple[int, ...]
    tolerated: tuple[int, ...]
    null: JointRates
    alternative: JointRates
    rule: Bop2Rule | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no design."""
        sizes = check_looks(self.sizes)
        object.__setattr__(self, "sizes", sizes)
        if not len(sizes) == len(self.stop_at_most) == len(self.tolerated):
            raise StatisticsError("Limits do not fit the looks.", remedy="Give one of each per look.")
        for n, low, most in zip(sizes, self.stop_at_most, self.tolerated, strict=True):
            if not -1 <= low < n or not 0 <= most <= n:
                raise StatisticsError(
                    f"Limits {low} of responders and {most} of toxicities are impossible with {n} patients.",
                    remedy="Give limits that let some counts go on.",
                )

    def __str__(self) -> str:
        """Both conventions, look by look."""
        looks = list(zip(self.sizes, self.stop_at_most, self.tolerated, strict=True))
        stops = ", ".join(f"{low}/{n} responders or {most + 1}/{n} toxicities" for n, low, most in looks)
        goes = ", ".join(f">= {low + 1} and <= {most} of {n}" for n, low, most in looks)
        return f"stop with {stops} (go on, at the last positive, with {goes})"

    def operating_characteristics(
        self, rates: JointRates
    ) -> OperatingCharacteristics[float] | OperatingCharacteristics[Fraction]:
        """Exact probabilities at true joint rates; exact fractions if all of them are Fractions.

        Returns:
            ``success``: no look stops the cohort; ``p`` holds the rate of response.
        """
        exact = [cell for cell in rates.cells if isinstance(cell, Fraction)]
        if len(exact) == len(rates.cells):
            alive, expected = self._passed(exact, Fraction(1))
            p = exact[0] + exact[1]
            return OperatingCharacteristics(p, alive[-1], 1 - alive[-2], expected)
        alive, expected = self._passed([float(cell) for cell in rates.cells], 1.0)
        return OperatingCharacteristics(float(rates.efficacy), alive[-1], 1 - alive[-2], expected)

    def _passed(self, cells: Sequence[Rate], one: Rate) -> tuple[list[Rate], Rate]:
        """Probability to be running at the start and after each look, and the expected number of patients."""
        both, response, toxicity, neither = cells
        running = np.full((self.sizes[-1] + 1,) * 2, one * 0, dtype=object if isinstance(one, Fraction) else np.float64)
        running[0, 0] = one
        alive, expected, size = [one], one * 0, 0
        for n, low, most in zip(self.sizes, self.stop_at_most, self.tolerated, strict=True):
            expected += (n - size) * alive[-1]
            for seen in range(size, n):
                before = running[: seen + 1, : seen + 1].copy()
                running[: seen + 1, : seen + 1] = before * neither
                running[1 : seen + 2, : seen + 1] += before * response
                running[: seen + 1, 1 : seen + 2] += before * toxicity
                running[1 : seen + 2, 1 : seen + 2] += before * both
            running[: low + 1] = one * 0
            running[:, most + 1 :] = one * 0
            alive.append(running.sum() if isinstance(one, Fraction) else float(running.sum()))
            size = n
        return alive, expected

    @property
    def alpha(self) -> float:
        """Probability of a positive cohort at the null rates."""
        return float(self.operating_characteristics(self.null.in_floats()).success)

    @property
    def power(self) -> float:
        """Probability of a positive cohort at the alternative rates."""
        return float(self.operating_characteristics(self.alternative.in_floats()).success)


def bop2_efficacy_toxicity(
    null: JointRates,
    alternative: JointRates,
    alpha: float,
    looks: Iterable[int],
    prior_weight: float = 1.0,
    gammas: Iterable[float] = GAMMAS[::5],
) -> EfficacyToxicityDesign:
    """The BOP2 design for efficacy and toxicity of most power at ``alternative`` with alpha held at ``null``.

    Args:
        null: joint rates of no interest; its margins are the limits phi_E and phi_T.
        alternative: joint rates of interest: more response, no more toxicity.
        alpha: largest probability of a positive cohort at ``null``.
        looks: evaluable patients at each look; the last is the end.
        prior_weight: patients that the Dirichlet prior is worth; its means are the null rates.
        gammas: values of gamma to consider; for each, lambda is found exactly.

    Raises:
        StatisticsError: impossible rates or looks, or no lambda that holds alpha.
    """
    check_errors(alpha=alpha)
    sizes = check_looks(looks)
    if not (0 < null.efficacy < alternative.efficacy and alternative.toxicity <= null.toxicity < 1):
        raise StatisticsError(
            "The alternative is no better than the null.",
            remedy="Give an alternative with more response and no more toxicity, null rates between 0 and 1.",
        )
    works, safe = _posteriors(sizes, null, prior_weight)

    def placed(rule: Bop2Rule) -> EfficacyToxicityDesign:
        cutoffs = [rule.cutoff(n, sizes[-1]) for n in sizes]
        low = [int(np.searchsorted(each, c, "left")) - 1 for each, c in zip(works, cutoffs, strict=True)]
        free = [int(np.searchsorted(each, c, "left")) for each, c in zip(safe, cutoffs, strict=True)]
        most = [n - least for n, least in zip(sizes, free, strict=True)]
        return EfficacyToxicityDesign(sizes, tuple(low), tuple(most), null, alternative, rule)

    found: list[EfficacyToxicityDesign] = []
    for gamma in gammas:
        rules = [Bop2Rule(lam, gamma) for lam in lambda_steps(works + safe, sizes * 2, gamma)]
        rule = loosest(rules, lambda each: placed(each).alpha <= alpha + ROUNDING)
        if rule is not None:
            found.append(placed(rule))
    if not found:
        raise no_cutoff(sizes[-1], alpha)
    return max(found, key=lambda each: round(each.power, 12))


def _posteriors(sizes: Sequence[int], null: JointRates, weight: float) -> tuple[list[Array], list[Array]]:
    """P(p_E > phi_E) by responders, and P(p_T <= phi_T) by patients free of toxicity; both rise."""
    good, bad = float(null.efficacy), float(null.toxicity)
    works = [posterior_above(Beta(weight * good, weight * (1 - good)), n, good) for n in sizes]
    # free of toxicity is a rate 1 - p_T that should exceed 1 - phi_T
    safe = [posterior_above(Beta(weight * (1 - bad), weight * bad), n, 1 - bad) for n in sizes]
    return works, safe
