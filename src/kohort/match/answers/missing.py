"""Which missing fact would decide, for how many, and in which order to find facts out.

For one fact (a test of a gene, a receptor's status ...) a person is *settled* by it if the verdict, now unknown,
would be known whatever the fact turns out to be; the fact *could open* the place if one of its outcomes, by itself,
would make the person eligible. The same is asked of several facts together. How these are found stands in `gaps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kohort.match.answers.gaps import ArmGaps
from kohort.match.answers.outcomes import is_for_people
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.engine.evaluation import leaf_truth
from kohort.match.engine.truth import Bits, Truth, count

if TYPE_CHECKING:
    from kohort.match.matches import ArmMatch, Matches

__all__ = ["missing_by_arm", "plan_of_tests", "ranking_of_facts"]


def missing_by_arm(matches: Matches) -> pl.DataFrame:
    """Which missing fact would decide in each arm: one row an arm and fact, the most decisive first within an arm.

    Columns ``trial``, ``arm``, ``fact`` (what to find out), ``unknown`` (persons of unknown verdict who lack it),
    ``would_settle`` (whose verdict would be known, whatever comes out) and ``could_open`` (whom one of its outcomes
    would make eligible). Without unknowns (a closed world) there are no rows.
    """
    rows: list[tuple[str, str, str, int, int, int]] = []
    for arm, gaps, _ in _gaps_of(matches, only_open=False, people_judge=False):
        found = []
        for name in gaps.facts:
            effect = gaps.effect([name])
            found.append((name, count(gaps.lacking[name]), count(effect.settled), count(effect.opened)))
        found.sort(key=lambda row: (-row[2], -row[1]))
        rows += [(arm.trial.id, arm.arm.id, *row) for row in found]
    texts, numbers = ("trial", "arm", "fact"), ("unknown", "would_settle", "could_open")
    schema = dict.fromkeys(texts, pl.String()) | dict.fromkeys(numbers, pl.Int64())
    return pl.DataFrame(rows, schema=schema, orient="row")


def ranking_of_facts(matches: Matches, *, only_open: bool = False, people_judge: bool = False) -> pl.DataFrame:
    """Which single test or registration would decide most, over all arms.

    Args:
        matches: the matches.
        only_open: look only at arms that take patients.
        people_judge: count as if people had judged all that only they can judge (criteria in words);
            they are then not listed, and what a test settles or opens is meant subject to their judgement.

    Returns:
        One row a fact, the most decisive first: ``fact`` (its words), ``kind``, ``subject``, ``for_people``
        (no test gives it), ``arms`` (with somebody who lacks it), ``lacking`` (persons of some unknown verdict who
        lack it), ``unknown`` (places, that is pairs of person and arm, of unknown verdict where it is lacking),
        ``would_settle`` (places whose verdict would be known, whatever it turns out to be), ``persons_settled``
        (persons with such a place), ``could_open`` (places that one of its outcomes would open) and
        ``persons_opened``.
    """
    tallies: dict[str, _Tally] = {}
    for _, gaps, base in _gaps_of(matches, only_open=only_open, people_judge=people_judge):
        before = gaps.effect(base)
        for name, fact in gaps.facts.items():
            if name in base:
                continue
            effect = gaps.effect({*base, name})
            tally = tallies.setdefault(name, _Tally(fact, matches.population.size))
            found = (gaps.lacking[name], effect.settled & ~before.settled, effect.opened & ~before.opened)
            tally.add(gaps.words, *found)
    rows = sorted((tally.row for tally in tallies.values()), key=_most_first)
    return pl.DataFrame(rows, schema=_RANKING)


def plan_of_tests(matches: Matches, n: int, *, only_open: bool = False, people_judge: bool = False) -> pl.DataFrame:
    """Which facts to find out first, second, third: the best next one, given that the earlier ones are known.

    The best is the one that settles most places more, then the one that could open most, then the one that is
    lacking at most places still unknown. The choice is greedy: a later pair may beat two single bests.

    Args:
        matches: the matches.
        n: number of facts to choose, at least 1.
        only_open: as in `ranking_of_facts`.
        people_judge: as in `ranking_of_facts`.

    Returns:
        One row a step: ``step`` from 1, ``fact``, ``for_people``, ``would_settle`` and ``could_open`` (places more
        than with the earlier facts), ``settled_so_far``, ``openable_so_far``, ``still_unknown`` (places).
    """
    arms = _gaps_of(matches, only_open=only_open, people_judge=people_judge)
    known = [set(base) for _, _, base in arms]
    chosen: list[dict[str, object]] = []
    total = sum(count(gaps.unknown & ~gaps.effect(base).settled) for _, gaps, base in arms)
    settled = openable = 0
    for step in range(1, n + 1):
        best = _best_next([gaps for _, gaps, _ in arms], known)
        if best is None:
            break
        fact, more_settled, more_openable = best
        for names in known:
            names.add(fact.words)
        settled, openable = settled + more_settled, openable + more_openable
        row = (step, fact.words, is_for_people(fact), more_settled, more_openable, settled, openable, total - settled)
        chosen.append(dict(zip(_PLAN, row, strict=True)))
    return pl.DataFrame(chosen, schema=_PLAN)


def _best_next(arms: list[ArmGaps], known: list[set[str]]) -> tuple[Fact, int, int] | None:
    gains: dict[str, list[int]] = {}
    listed: dict[str, Fact] = {}
    for gaps, names in zip(arms, known, strict=True):
        before = gaps.effect(names)
        for name in gaps.facts.keys() - names:
            after = gaps.effect({*names, name})
            gain = gains.setdefault(name, [0, 0, 0])
            gain[0] += count(after.settled & ~before.settled)
            gain[1] += count(after.opened & ~before.opened)
            gain[2] += count(gaps.lacking[name] & ~before.settled)
            listed[name] = gaps.facts[name]
    if not gains:
        return None
    name = min(gains, key=lambda name: ([-number for number in gains[name]], name))
    return listed[name], gains[name][0], gains[name][1]


def _gaps_of(
    matches: Matches, *, only_open: bool, people_judge: bool
) -> list[tuple[ArmMatch, ArmGaps, frozenset[str]]]:
    """The gaps of each arm that has some, with the facts that are taken as known."""

    def truth_of(leaf: Leaf) -> Truth:
        return leaf_truth(leaf, matches.population, matches.as_of)

    found = []
    for arm in () if matches.closed_world else matches.arms:
        if (only_open and not arm.trial.is_open(arm.arm)) or arm.truth.counts[2] == 0:
            continue
        gaps = ArmGaps(arm.criteria, truth_of, matches.population.size)
        judged = {name for name, fact in gaps.facts.items() if is_for_people(fact)} if people_judge else ()
        found.append((arm, gaps, frozenset(judged)))
    return found


_RANKING = {
    "fact": pl.String(),
    "kind": pl.String(),
    "subject": pl.String(),
    "for_people": pl.Boolean(),
    "arms": pl.Int64(),
    "lacking": pl.Int64(),
    "unknown": pl.Int64(),
    "would_settle": pl.Int64(),
    "persons_settled": pl.Int64(),
    "could_open": pl.Int64(),
    "persons_opened": pl.Int64(),
}
_PLAN = {
    "step": pl.Int64(),
    "fact": pl.String(),
    "for_people": pl.Boolean(),
    "would_settle": pl.Int64(),
    "could_open": pl.Int64(),
    "settled_so_far": pl.Int64(),
    "openable_so_far": pl.Int64(),
    "still_unknown": pl.Int64(),
}


def _most_first(row: dict[str, object]) -> tuple[object, ...]:
    numbers = [-int(str(row[name])) for name in ("would_settle", "could_open", "unknown")]
    return (*numbers, row["fact"])


class _Tally:
    """What one fact does, added up over arms."""

    def __init__(self, fact: Fact, size: int) -> None:
        self._fact = fact
        self._arms = 0
        self._places = [0, 0, 0]
        self._persons = [np.zeros(-(-size // 64), dtype=np.uint64) for _ in range(3)]

    def add(self, words: np.ndarray, *found: Bits) -> None:
        """One arm: who lacks the fact, whom it settles, whom it could open."""
        self._arms += 1
        for i, bits in enumerate(found):
            self._places[i] += count(bits)
            self._persons[i][words] |= bits

    @property
    def row(self) -> dict[str, object]:
        """The row of the ranking."""
        lacking, settled, opened = (count(bits) for bits in self._persons)
        unknown, would_settle, could_open = self._places
        fact = self._fact
        named = (fact.words, fact.kind, fact.subject, is_for_people(fact), self._arms)
        numbers = (lacking, unknown, would_settle, settled, could_open, opened)
        return dict(zip(_RANKING, named + numbers, strict=True))
