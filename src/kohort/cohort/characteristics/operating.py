"""What a rule with borrowing does: error rates, power, bias, sizes, in any scenarios.

Exact: all outcomes are enumerated, each multiset of interchangeable cohorts once; simulated where they are
too many. Definitions:

- a cohort is active if its rate is greater than its p0 (``Scenario`` may say otherwise), else null;
- go counts at the look and at the end; type I error by cohort (toer) is P(go) of a null cohort, power that of
  an active one; fwer = P(any null cohort is a go); ewp = P(any active cohort is a go); ecd = expected number
  of active cohorts that are a go and null cohorts that are not;
- bias and mean squared error are those of the posterior mean at the end, given the end data of all cohorts,
  also of those that stopped early; coverage is that of the equal-tailed credible interval.

References:
    Berry SM et al. Bayesian hierarchical modeling of patient subpopulations. Clin Trials 2013;10:720-734;
    Neuenschwander B et al. Robust exchangeability designs. Pharm Stat 2016;15:123-134;
    Baumann L et al. (arXiv 2309.06988; ecd, ewp, exact error rates of basket trials).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from kohort.cohort.borrowing.data import per_cohort
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.characteristics.exact import Question, enumerated
from kohort.cohort.characteristics.looks import borrowed_looks
from kohort.cohort.characteristics.plans import DesignLike, Plan, plans_of
from kohort.cohort.characteristics.posteriors import is_tabled, numeric_error, posteriors_of
from kohort.cohort.characteristics.readings import Interim, Reading, Rules, readings_of
from kohort.cohort.characteristics.result import Characteristics, Measure
from kohort.cohort.characteristics.scenarios import Scenario, ScenariosLike, scenarios_of
from kohort.cohort.characteristics.simulate import Trials, simulated
from kohort.cohort.characteristics.space import Space, interchangeable, own_stops
from kohort.cohort.designs.two_stage import TwoStageDesign
from kohort.cohort.maths.threads import one_thread
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import StatisticsError

__all__ = ["Method", "Setting", "operating_characteristics", "setting_of"]

Method: TypeAlias = Literal["auto", "exact", "simulate"]

MOST_COHORTS = 16
MOST_OUTCOMES = 40_000_000
"""Outcomes that are enumerated at most."""

MOST_UNASKED = {True: 15_000_000, False: 1_500_000}
"""Outcomes that ``auto`` enumerates at most: for models with tables, and for others."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A model, sizes, rules and truths that fit together.

    Attributes:
        model: how cohorts borrow.
        plans: (J,) sizes.
        readings: K rules.
        scenarios: S truths.
    """

    model: BorrowingModel
    plans: tuple[Plan, ...]
    readings: tuple[Reading, ...]
    scenarios: tuple[Scenario, ...]

    @property
    def looks(self) -> dict[Interim, list[int]]:
        """Rules by their boundaries at the look; rules with the same look share their outcomes."""
        found: dict[Interim, list[int]] = {}
        for number, reading in enumerate(self.readings):
            found.setdefault(reading.interim, []).append(number)
        return found

    def groups(self, rules: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Interchangeable cohorts under these rules."""
        return interchangeable(self.model, self.plans, [self.readings[each] for each in rules])

    def space(self, rules: Sequence[int]) -> Space:
        """All outcomes under these rules, which share their look.

        Raises:
            StatisticsError: too many to enumerate.
        """
        interim, groups = self.readings[rules[0]].interim, self.groups(rules)
        if len(self.plans) > MOST_COHORTS:
            raise StatisticsError(
                f"{len(self.plans)} cohorts are too many to enumerate (at most {MOST_COHORTS}).",
                remedy="Use method='simulate'.",
            )
        if any(boundary is not None for boundary in interim):
            return borrowed_looks(self.model, interim, groups, self.plans)
        return own_stops(groups, self.plans)

    def question(self, rules: Sequence[int], level: float | None) -> Question:
        """What is asked under these rules."""
        p0 = per_cohort("p0", self.model.p0, len(self.plans))
        return Question(
            scenarios=self.scenarios,
            active=np.array([each.truth(p0) for each in self.scenarios]),
            readings=tuple(self.readings[each] for each in rules),
            level=level,
            numeric_error=numeric_error(self.model, self.plans),
        )


def setting_of(
    model: BorrowingModel | None, design: DesignLike | None, rule: Rules, scenarios: ScenariosLike
) -> Setting:
    """Reads and checks what a user gave.

    Raises:
        StatisticsError: parts that do not fit together.
    """
    truths = scenarios_of(scenarios)
    whole = rule if isinstance(rule, DecisionRule) else None
    if design is None and whole is not None:
        design = whole.design
    if design is None:
        raise StatisticsError("No design was given.", remedy="Give a TwoStageDesign or numbers of patients.")
    plans = plans_of(design, len(truths[0].rates))
    if model is None:
        model = (whole.model if whole is not None else None) or _no_borrowing(design)
    return Setting(model, plans, readings_of(rule, plans), truths)


def _no_borrowing(design: DesignLike) -> BorrowingModel:
    each = list(design) if isinstance(design, Sequence) else [design]
    rates = tuple(one.p0 for one in each if isinstance(one, TwoStageDesign))
    if len(rates) < len(each):
        raise StatisticsError("No model was given, and no p0.", remedy="Give a borrowing model, such as Separate(p0).")
    return Separate(p0=rates if isinstance(design, Sequence) else rates[0])


@one_thread()
def operating_characteristics(
    model: BorrowingModel | None,
    design: DesignLike | None,
    rule: Rules,
    scenarios: ScenariosLike,
    method: Method = "auto",
    *,
    seed: int = 1,
    trials: int = 10_000,
    level: float | None = 0.95,
) -> Characteristics:
    """What rules do in scenarios, exact or simulated.

    Args:
        model: how cohorts borrow; None: the model of a DecisionRule, else each on its own with a flat prior.
        design: one TwoStageDesign or number of patients for all cohorts, or one for each; None: the design of
            a DecisionRule.
        rule: a cut-off c (go if P(p > p0) > c) or a list of them, a Boundary for all or a list of one a cohort,
            a DecisionRule, or rules by name. Many rules cost little more than one.
        scenarios: true rates of one scenario, a table of one row a scenario, rates by name, or Scenarios.
        method: "exact", "simulate", or "auto": exact where there are not too many outcomes.
        seed: of the simulation.
        trials: simulated in each scenario.
        level: level of the credible intervals; None: no bias, mean squared error and coverage, which is faster.

    Raises:
        StatisticsError: parts that do not fit together, or, for "exact", too many outcomes.
    """
    if method not in ("auto", "exact", "simulate"):
        raise StatisticsError(f"There is no method '{method}'.", remedy="Use 'exact', 'simulate' or 'auto'.")
    if level is not None and not 0 < level < 1:
        raise StatisticsError(f"A level of {level} is impossible.", remedy="Give a level such as 0.95.")
    if trials < 1:
        raise StatisticsError(f"{trials} trials show nothing.", remedy="Simulate 1 or more.")
    setting = setting_of(model, design, rule, scenarios)
    spaces = None if method == "simulate" else _spaces(setting, is_asked=method == "exact")
    parts = [
        _exact(setting, rules, spaces[interim], level)
        if spaces is not None
        else _simulated(setting, rules, level, (trials, seed))
        for interim, rules in setting.looks.items()
    ]
    order = np.argsort([each for rules in setting.looks.values() for each in rules])
    question = setting.question(range(len(setting.readings)), level)
    return Characteristics(
        model=str(setting.model),
        method="simulate" if spaces is None else "exact",
        scenarios=tuple(each.name for each in setting.scenarios),
        rules=tuple(each.name for each in setting.readings),
        rates=question.rates,
        active=question.active,
        by_cohort=_joined([part[0] for part in parts], order),
        family=_joined([part[1] for part in parts], order),
        outcomes=sum(part[2] for part in parts),
        trials=trials if spaces is None else 0,
        level=level,
    )


_Part: TypeAlias = tuple[dict[str, Measure], dict[str, Measure], int]


def _spaces(setting: Setting, *, is_asked: bool) -> dict[Interim, Space] | None:
    """The outcomes of every look; None if they are too many and enumeration was not asked for."""
    most = MOST_OUTCOMES if is_asked else MOST_UNASKED[is_tabled(setting.model)]
    found: dict[Interim, Space] = {}
    for interim, rules in setting.looks.items():
        try:
            space = setting.space(rules)
        except StatisticsError:
            if is_asked:
                raise
            return None
        if space.halves.outcomes > most:
            if not is_asked:
                return None
            raise StatisticsError(
                f"There are {space.halves.outcomes:,} outcomes, more than the {most:,} that are enumerated.",
                remedy="Use method='simulate'.",
            )
        found[interim] = space
    return found


def _exact(setting: Setting, rules: Sequence[int], space: Space, level: float | None) -> _Part:
    question = setting.question(rules, level)
    by_cohort, family = enumerated(question, space, posteriors_of(setting.model, space, question.numeric_error))
    return by_cohort, family, space.halves.outcomes


def _simulated(setting: Setting, rules: Sequence[int], level: float | None, draws: tuple[int, int]) -> _Part:
    trials = Trials(setting.model, setting.plans, setting.readings[rules[0]].interim, setting.groups(rules))
    return simulated(setting.question(rules, level), trials, *draws)


def _joined(parts: Sequence[dict[str, Measure]], order: np.ndarray) -> dict[str, Measure]:
    """Rules of all looks side by side, in the order in which they were given."""
    return {
        name: Measure(
            np.concatenate([part[name].value for part in parts], axis=1)[:, order],
            np.concatenate([part[name].error for part in parts], axis=1)[:, order],
        )
        for name in parts[0]
    }
