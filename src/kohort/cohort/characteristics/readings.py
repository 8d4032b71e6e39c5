"""Rules in the one form that is evaluated: a boundary a cohort at the end, and one at the look where it borrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from kohort.cohort.borrowing.data import BoolArray
from kohort.cohort.characteristics.plans import EARLY_GO, ENDED, Plan
from kohort.cohort.rules.conditions import Boundary, Evidence, Probability, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import StatisticsError

__all__ = ["Calls", "Interim", "Reading", "RuleLike", "Rules", "boundary_calls", "calls", "cut_off", "readings_of"]

RuleLike: TypeAlias = float | Boundary | DecisionRule | Sequence[Boundary]
"""A cut-off c (go if P(p > p0) > c), a boundary for all cohorts, a whole rule, or one boundary a cohort."""

Rules: TypeAlias = RuleLike | Sequence[float] | Mapping[str, RuleLike]
"""One rule, a list of cut-offs, or rules by name."""

Interim: TypeAlias = tuple[Boundary | None, ...]
"""The boundary of each cohort at the look; None: its own r1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One rule for J cohorts.

    Attributes:
        name: what it is called.
        final: (J,) boundaries at the end.
        interim: (J,) boundaries at the look; None: the cohort's own r1.
    """

    name: str
    final: tuple[Boundary, ...]
    interim: Interim


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """What a rule says in N data sets; (N, J) each, never both."""

    go: BoolArray
    no_go: BoolArray


def cut_off(above: float) -> Boundary:
    """Go if the posterior probability of a rate greater than p0 is greater than ``above``, else no-go."""
    return Boundary(go=(Probability(above=above),))


def readings_of(rules: Rules, plans: Sequence[Plan]) -> tuple[Reading, ...]:
    """All rules, each with its boundaries for every cohort.

    Raises:
        StatisticsError: no rule, cut-offs that are no probabilities, or another number of boundaries than cohorts.
    """
    if isinstance(rules, Mapping):
        found = tuple(_reading(name, rule, plans) for name, rule in rules.items())
    elif isinstance(rules, Boundary | DecisionRule | float | int):
        found = (_reading("", rules, plans),)
    else:
        found = _listed(list(rules), plans)
    if not found or len({each.name for each in found}) != len(found):
        raise StatisticsError(
            "The rules are none, or two of the same name.", remedy="Give one rule, or each under its own name."
        )
    return found


def _listed(given: Sequence[float | Boundary], plans: Sequence[Plan]) -> tuple[Reading, ...]:
    boundaries = [each for each in given if isinstance(each, Boundary)]
    if boundaries and len(boundaries) == len(given):
        return (_reading("", boundaries, plans),)
    cut_offs = [each for each in given if not isinstance(each, Boundary)]
    if len(cut_offs) != len(given):
        raise StatisticsError("A list of rules mixes cut-offs and boundaries.", remedy="Give rules by name.")
    return tuple(_reading("", float(each), plans) for each in cut_offs)


def _reading(name: str, rule: RuleLike, plans: Sequence[Plan]) -> Reading:
    own: Interim = (None,) * len(plans)
    if isinstance(rule, DecisionRule):
        final = tuple(rule.final or _own_threshold(plan) for plan in plans)
        interim = tuple(rule.interim if plan.n1 else None for plan in plans)
        return Reading(name or rule.name, final, interim)
    if isinstance(rule, Boundary):
        return Reading(name or str(rule), (rule,) * len(plans), own)
    if isinstance(rule, int | float):
        return Reading(name or f"P(p > p0) > {float(rule)!r}", (cut_off(float(rule)),) * len(plans), own)
    each = tuple(rule)
    if len(each) != len(plans):
        raise StatisticsError(
            f"There are {len(each)} boundaries for {len(plans)} cohorts.", remedy="Give one for all or one for each."
        )
    return Reading(name or " | ".join(str(one) for one in each), each, own)


def _own_threshold(plan: Plan) -> Boundary:
    if plan.r is None:
        raise StatisticsError(
            "A rule without a final boundary needs designs with a threshold r.",
            remedy="Give a final boundary, or a TwoStageDesign for each cohort.",
        )
    return Boundary(go=(ResponderCount(at_least=plan.r + 1),))


def calls(reading: Reading, seen: Evidence, status: np.ndarray) -> Calls:
    """What the rule says at the end: go at the look stays go, stopped stays no-go, the others are read."""
    found = boundary_calls(reading.final, seen)
    ended = status == ENDED
    return Calls(go=(found.go & ended) | (status == EARLY_GO), no_go=(found.no_go & ended) | (status < ENDED))


def boundary_calls(boundaries: Sequence[Boundary | None], seen: Evidence) -> Calls:
    """Go and no-go of each cohort by its own boundary; cohorts without one are neither."""
    distinct = list(dict.fromkeys(each for each in boundaries if each is not None))
    if len(distinct) == 1 and None not in boundaries:
        return _read(distinct[0], seen)
    go = np.zeros(seen.responders.shape, dtype=np.bool_, order="F")
    no_go = np.zeros_like(go)
    for boundary in distinct:
        columns = [j for j, own in enumerate(boundaries) if own == boundary]
        found = _read(boundary, seen)
        go[:, columns], no_go[:, columns] = found.go[:, columns], found.no_go[:, columns]
    return Calls(go, no_go)


def _read(boundary: Boundary, seen: Evidence) -> Calls:
    go = boundary.goes(seen)
    return Calls(go, ~go if boundary.no_go is None else boundary.stops(seen))
