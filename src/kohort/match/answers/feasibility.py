"""Feasibility of a protocol under design: how many fit at each site, where they are lost, what each criterion costs.

Everything here is a count, and counts of sites add up: the sum over sites equals one population that holds all
their persons (if nobody is at two sites). No row of a person is kept, so a summary can be released by the gate;
suppressing small counts is the gate's business.

* *Attrition* follows the requirements in the order written: who meets all so far, who is not excluded so far.
* The *cost* of a requirement is read by leaving it out: how many more would be eligible (`gained`), and how many
  would no longer be excluded (`freed`: those who fail this one alone).
* The cost of a *pair* is how many fail exactly these two.
* *Calendar time* is the period of the first report of a molecular test, else of the first diagnosis; a date that is
  only relative, or not known closely enough, counts under ``unknown``.

OHDSI's Circe counts the same sets (inclusion rules, `gain_count`) for two values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import polars as pl

from kohort.errors import InputError, UserError
from kohort.match.engine.evaluation import evaluate
from kohort.match.engine.truth import Bits, Mask, Truth, count
from kohort.match.people.population import Population

if TYPE_CHECKING:
    from kohort.match.matches import ArmMatch, Matches

__all__ = ["ArmFeasibility", "Feasibility", "PairCost", "Period", "RequirementCost", "Split", "feasibility"]

Period = Literal["year", "month"]

POOLED = "all sites"
"""The name of the sum over sites."""


@dataclass(frozen=True, slots=True)
class Split:
    """Persons by value: true (met, eligible), unknown, false (failed, ineligible)."""

    true: int
    unknown: int
    false: int

    @classmethod
    def of(cls, truth: Truth) -> Split:
        """The counts of a truth."""
        true, false, unknown = truth.counts
        return cls(true, unknown, false)

    def __add__(self, other: Split) -> Split:
        """Persons of two sites."""
        return Split(self.true + other.true, self.unknown + other.unknown, self.false + other.false)


@dataclass(frozen=True, slots=True)
class RequirementCost:
    """One requirement of an arm.

    Attributes:
        words: what is asked.
        alone: who meets it, by itself.
        so_far: who meets all requirements up to this one.
        without: who would be eligible if it were left out.
    """

    words: str
    alone: Split
    so_far: Split
    without: Split

    def __add__(self, other: RequirementCost) -> RequirementCost:
        """The same requirement at two sites."""
        return RequirementCost(
            self.words, self.alone + other.alone, self.so_far + other.so_far, self.without + other.without
        )


@dataclass(frozen=True, slots=True)
class PairCost:
    """Two requirements of an arm that are failed together.

    Attributes:
        first: place of the one in the arm's requirements, from 0.
        second: place of the other, greater.
        failing: persons who fail exactly these two.
        gained: those of them who meet all others: eligible without the two.
    """

    first: int
    second: int
    failing: int
    gained: int

    def __add__(self, other: PairCost) -> PairCost:
        """The same pair at two sites."""
        return PairCost(self.first, self.second, self.failing + other.failing, self.gained + other.gained)


@dataclass(frozen=True, slots=True)
class ArmFeasibility:
    """One arm at one site.

    Attributes:
        site: name of the site.
        trial: id of the trial.
        arm: id of the arm.
        title: for people.
        status: ``open``, ``suspended`` or ``closed``.
        verdict: eligible, unknown, ineligible persons.
        requirements: each requirement, in the order written.
        pairs: each pair of requirements.
        calendar: each period with a person, in order, ``unknown`` last, and the verdicts in it.
    """

    site: str
    trial: str
    arm: str
    title: str
    status: str
    verdict: Split
    requirements: tuple[RequirementCost, ...]
    pairs: tuple[PairCost, ...]
    calendar: tuple[tuple[str, Split], ...]

    @property
    def persons(self) -> int:
        """Number of persons."""
        return self.verdict.true + self.verdict.unknown + self.verdict.false

    @property
    def costliest_pair(self) -> PairCost | None:
        """The pair that most persons fail, and no other requirement; None if nobody fails exactly two."""
        best = max(self.pairs, key=lambda pair: (pair.failing, -pair.first, -pair.second), default=None)
        return best if best is not None and best.failing else None

    def __add__(self, other: ArmFeasibility) -> ArmFeasibility:
        """The same arm over two sites; InputError if it asks something else at the other."""
        asked = [one.words for one in self.requirements]
        if (self.trial, self.arm) != (other.trial, other.arm) or asked != [one.words for one in other.requirements]:
            raise InputError(
                f"Arm {self.arm} of trial {self.trial} asks something else at another site.",
                remedy="Match the same version of the trial at each site.",
            )
        periods = dict(self.calendar)
        for period, split in other.calendar:
            periods[period] = periods[period] + split if period in periods else split
        return dataclasses.replace(
            self,
            site=POOLED,
            verdict=self.verdict + other.verdict,
            requirements=tuple(a + b for a, b in zip(self.requirements, other.requirements, strict=True)),
            pairs=tuple(a + b for a, b in zip(self.pairs, other.pairs, strict=True)),
            calendar=tuple(sorted(periods.items(), key=_in_time)),
        )


@dataclass(frozen=True, slots=True)
class Feasibility:
    """The arms of a protocol at each site: counts only.

    Attributes:
        arms: each arm of each site, sites in the order given.
    """

    arms: tuple[ArmFeasibility, ...]

    def pooled(self) -> Feasibility:
        """The sum over sites, arms in the order of first mention."""
        together: dict[tuple[str, str], ArmFeasibility] = {}
        for one in self.arms:
            key = (one.trial, one.arm)
            together[key] = together[key] + one if key in together else dataclasses.replace(one, site=POOLED)
        return Feasibility(tuple(together.values()))

    def counts(self) -> pl.DataFrame:
        """One row a site and arm: ``persons``, ``eligible``, ``unknown``, ``ineligible``."""
        rows = [
            {**_key(one), "title": one.title, "status": one.status, "persons": one.persons, **_verdicts(one.verdict)}
            for one in self.arms
        ]
        named = {**_KEY, "title": pl.String(), "status": pl.String(), "persons": pl.Int64()}
        return pl.DataFrame(rows, schema=named | _VERDICTS)

    def attrition(self) -> pl.DataFrame:
        """One row a site, arm and ``step`` (0: nothing asked yet): who is left after it."""
        rows = []
        for one in self.arms:
            steps = [("", Split(one.persons, 0, 0)), *((r.words, r.so_far) for r in one.requirements)]
            rows += [
                {**_key(one), "step": step, "requirement": words, **_verdicts(left)}
                for step, (words, left) in enumerate(steps)
            ]
        return pl.DataFrame(rows, schema={**_KEY, "step": pl.Int64(), "requirement": pl.String(), **_VERDICTS})

    def costs(self) -> pl.DataFrame:
        """One row a site, arm and requirement, in the order written.

        ``met``, ``open``, ``failed`` (the requirement by itself); ``eligible``, ``unknown``, ``ineligible`` without
        it; ``gained`` (more eligible) and ``freed`` (fewer ineligible) than with it.
        """
        rows = []
        for one in self.arms:
            for asked in one.requirements:
                alone = dict(zip(("met", "open", "failed"), dataclasses.astuple(asked.alone), strict=True))
                gained = asked.without.true - one.verdict.true
                freed = one.verdict.false - asked.without.false
                cost = {"requirement": asked.words, **alone, **_verdicts(asked.without)}
                rows.append({**_key(one), **cost, "gained": gained, "freed": freed})
        numbers = ("met", "open", "failed", *_VERDICTS, "gained", "freed")
        schema = {**_KEY, "requirement": pl.String(), **dict.fromkeys(numbers, pl.Int64())}
        return pl.DataFrame(rows, schema=schema)

    def pairs(self) -> pl.DataFrame:
        """One row a site, arm and pair of requirements, the costliest first within an arm: ``failing``, ``gained``."""
        rows = []
        for one in self.arms:
            words = [asked.words for asked in one.requirements]
            for pair in sorted(one.pairs, key=lambda pair: -pair.failing):
                named = {"first": words[pair.first], "second": words[pair.second]}
                rows.append({**_key(one), **named, "failing": pair.failing, "gained": pair.gained})
        named = dict.fromkeys(("first", "second"), pl.String())
        return pl.DataFrame(rows, schema={**_KEY, **named, "failing": pl.Int64(), "gained": pl.Int64()})

    def calendar(self) -> pl.DataFrame:
        """One row a site, arm and ``period``: the verdicts of those whose index date lies in it."""
        rows = [
            {**_key(one), "period": period, **_verdicts(split)} for one in self.arms for period, split in one.calendar
        ]
        return pl.DataFrame(rows, schema={**_KEY, "period": pl.String(), **_VERDICTS})


_KEY = {"site": pl.String(), "trial": pl.String(), "arm": pl.String()}
_VERDICTS = dict.fromkeys(("eligible", "unknown", "ineligible"), pl.Int64())


def _key(one: ArmFeasibility) -> dict[str, object]:
    return {"site": one.site, "trial": one.trial, "arm": one.arm}


def _verdicts(split: Split) -> dict[str, int]:
    return {"eligible": split.true, "unknown": split.unknown, "ineligible": split.false}


def _in_time(one: tuple[str, Split]) -> tuple[bool, str]:
    return one[0] == "unknown", one[0]


def feasibility(
    matches: Matches | Sequence[tuple[str, Matches]], *, by: Period = "year", site: str = "this site"
) -> Feasibility:
    """Count a protocol over one site or several.

    Args:
        matches: the matches of one site, or of several with their names.
        by: calendar periods: ``year`` or ``month``.
        site: the name of the one site.

    Raises:
        UserError: another period, or a site is named twice.
    """
    if by not in get_args(Period):
        raise UserError(f"{by!r} is no period.", remedy=f"Use {' or '.join(get_args(Period))}.")
    sites = list(matches) if isinstance(matches, Sequence) else [(site, matches)]
    names = [name for name, _ in sites]
    if len(set(names)) < len(names):
        raise UserError("A site is named twice.", remedy="Give each site once, under its own name.")
    arms: list[ArmFeasibility] = []
    for name, found in sites:
        periods, place = _periods(found.population, by)
        arms += [_counted(name, found, arm, periods, place) for arm in found.arms]
    return Feasibility(tuple(arms))


def _counted(site: str, matches: Matches, found: ArmMatch, periods: list[str], place: np.ndarray) -> ArmFeasibility:
    asked = found.criteria.parts
    truths = [evaluate(part, matches.population, matches.as_of, closed_world=matches.closed_world) for part in asked]
    size = matches.population.size
    verdict = Truth.all_of(truths, size)
    so_far = _running(truths, size)
    before, after = (
        [Truth.constant(True, size), *so_far],
        [*_running(truths[::-1], size)[::-1], Truth.constant(True, size)],
    )
    requirements = tuple(
        RequirementCost(part.words, Split.of(truth), Split.of(so_far[i]), Split.of(before[i] & after[i + 1]))
        for i, (part, truth) in enumerate(zip(asked, truths, strict=True))
    )
    calendar = _by_period(verdict, periods, place)
    named = (site, found.trial.id, found.arm.id, found.arm.title, found.arm.status)
    return ArmFeasibility(*named, Split.of(verdict), requirements, _pairs(truths), calendar)


def _running(truths: Sequence[Truth], size: int) -> list[Truth]:
    """The AND of the first one, the first two ..."""
    found: list[Truth] = []
    for truth in truths:
        found.append(truth & found[-1] if found else truth & Truth.constant(True, size))
    return found


def _pairs(truths: Sequence[Truth]) -> tuple[PairCost, ...]:
    """Who fails exactly two requirements, by pair; among them those who meet all others."""
    if len(truths) < 2:
        return ()
    failing = _exactly_two(truth.false for truth in truths)
    missing = _exactly_two(~truth.true for truth in truths)
    return tuple(
        PairCost(i, j, count(both := failing & truths[i].false & truths[j].false), count(both & missing))
        for i, j in combinations(range(len(truths)), 2)
    )


def _exactly_two(bitmaps: Iterable[Bits]) -> Bits:
    """Where exactly two of the bitmaps are set: ``reached[k]`` holds "at least k + 1 so far"."""
    reached: list[Bits] = []
    for bits in bitmaps:
        if not reached:
            reached = [np.zeros_like(bits) for _ in range(3)]
        reached[2] |= reached[1] & bits
        reached[1] |= reached[0] & bits
        reached[0] |= bits
    return reached[1] & ~reached[2]


def _periods(population: Population, by: Period) -> tuple[list[str], np.ndarray]:
    """The periods of index dates in order, ``unknown`` last, and each person's place among them."""
    reports = population.frame("test", ["reported", "reported_precision"], when="reported")
    diagnoses = population.frame("tumour", ["diagnosed", "diagnosed_precision"], when="diagnosed")
    dates = pl.concat(
        [
            reports.select("at", day="reported", precision="reported_precision", order=0),
            diagnoses.select("at", day="diagnosed", precision="diagnosed_precision", order=1),
        ]
    ).drop_nulls("day")
    first = dates.sort("order", "day", maintain_order=True).unique("at", keep="first", maintain_order=True)
    # A date without a precision is known to the day.
    known = pl.col("precision").fill_null(3) >= (1 if by == "year" else 2)
    label = pl.when(known).then(pl.col("day").dt.to_string("%Y" if by == "year" else "%Y-%m"))
    everybody = pl.DataFrame({"at": np.arange(population.size, dtype=np.int32)})
    labels = everybody.join(first.select("at", label=label), on="at", how="left", maintain_order="left")["label"]
    periods = [*labels.drop_nulls().unique().sort().to_list(), "unknown"]
    places = labels.fill_null("unknown").replace_strict(periods, range(len(periods)), return_dtype=pl.Int64)
    return periods, places.to_numpy()


def _by_period(verdict: Truth, periods: list[str], place: np.ndarray) -> tuple[tuple[str, Split], ...]:
    def numbers(mask: Mask) -> list[int]:
        return np.bincount(place[mask], minlength=len(periods)).tolist()

    each = zip(*(numbers(mask) for mask in (verdict.is_true, verdict.is_unknown, verdict.is_false)), strict=True)
    splits = [(period, Split(*three)) for period, three in zip(periods, each, strict=True)]
    return tuple((period, split) for period, split in splits if split != Split(0, 0, 0))
