"""Whether criteria can all hold of one patient: a search over the leaves, in two values, with a budget.

The tree is taken apart from the top: what must hold is assumed, alternatives are kept and tried where nothing
else decides (a tableau with unit propagation, in the manner of Davis, Putnam, Logemann and Loveland, 1962). What
leaves say about each other comes from `spaces`: an assumption narrows the states of its subject, and a subject
without a state left is a contradiction.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from kohort.match.criteria.logic import And, AtLeast, Criterion, Leaf, Not, Or, leaves
from kohort.match.criteria.molecular import WildType
from kohort.match.linter.spaces import space_of, subject_of

__all__ = ["Logic"]

_QUESTION = 50_000
"""Looks at a leaf that one question may cost; beyond it nothing is said."""

_ALL = 200_000
"""The same for all questions about one criterion: about a second."""

_Signed = tuple[Criterion, bool]
"""A criterion and whether it has to hold (or has to fail)."""


class _OverBudgetError(Exception):
    """The question is too hard."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is assumed of one subject; sets of states are bits of whole numbers.

    Attributes:
        can: states that the patient may be in.
        must: sets of states in each of which the patient is somewhere.
        one: True if the patient is in exactly one state.
    """

    can: int
    must: tuple[int, ...] = ()
    one: bool = True

    def assume(self, states: int, wanted: bool) -> _Subject | None:
        """With one more assumption; None if it contradicts."""
        if self.one or not wanted:
            can = self.can & (states if wanted else ~states)
            met = can if self.one else all(one & can for one in self.must)
            return replace(self, can=can) if met else None
        return replace(self, must=(*self.must, states)) if states & self.can else None

    def entails(self, states: int, wanted: bool) -> bool:
        """True if the assumptions already say so."""
        if not wanted:
            return not self.can & states
        if self.one:
            return not self.can & ~states
        return any(not one & self.can & ~states for one in self.must)


_Known = dict[Hashable, _Subject]


class Logic:
    """What some leaves allow together.

    Args:
        criteria: trees with all leaves that questions will use.
        ordinary: only patients with one tumour (and so one diagnosis), whose results agree with each other.
    """

    def __init__(self, criteria: Iterable[Criterion], *, ordinary: bool = False) -> None:
        every = dict.fromkeys(leaf for criterion in criteria for leaf in leaves(criterion))
        self._left = _ALL
        self._start: _Known = {}
        self._states: dict[Leaf, tuple[Hashable, int]] = {}
        named = sorted(((subject_of(leaf), leaf) for leaf in every), key=lambda pair: repr(pair[0]))
        for subject, pairs in groupby(named, key=lambda pair: pair[0]):
            about = [leaf for _, leaf in pairs]
            space = space_of(subject, about)
            for leaf in about:
                bits = sum(1 << place for place, state in enumerate(space.states) if space.holds(leaf, state))
                self._states[leaf] = (subject, bits)
            can = sum(1 << place for place, state in enumerate(space.states) if not ordinary or space.ordinary(state))
            one = space.manifold == "one" or (space.manifold == "tumours" and ordinary)
            # Whoever is looked at for a trial has some tumour.
            self._start[subject] = _Subject(can, (can,) if space.manifold == "tumours" else (), one)

    def can_hold(self, *criteria: Criterion) -> bool | None:
        """True if a patient can meet all criteria; None if that is too hard to tell."""
        return self._satisfiable([(criterion, True) for criterion in criteria])

    def implies(self, given: Iterable[Criterion], other: Criterion) -> bool:
        """True if whoever meets all given criteria meets the other one."""
        return self._satisfiable([*((one, True) for one in given), (other, False)]) is False

    def is_always_true(self, criterion: Criterion) -> bool:
        """True if every patient meets the criterion, once the facts are known."""
        return self.implies((), criterion)

    def is_equal(self, one: Criterion, other: Criterion) -> bool:
        """True if two criteria are met by the same patients."""
        return self.implies((one,), other) and self.implies((other,), one)

    def subjects(self, criterion: Criterion) -> frozenset[Hashable]:
        """What a criterion asks about."""
        return frozenset(self._states[leaf][0] for leaf in leaves(criterion))

    def _satisfiable(self, wanted: list[_Signed]) -> bool | None:
        search = _Search(self._states, min(_QUESTION, self._left))
        try:
            return search.run(dict(self._start), wanted, [])
        except (_OverBudgetError, RecursionError):
            return None
        finally:
            self._left -= search.looks


class _Search:
    """One question.

    Attributes:
        looks: leaves looked at so far.
    """

    def __init__(self, states: dict[Leaf, tuple[Hashable, int]], budget: int) -> None:
        self._states = states
        self._budget = budget
        self.looks = 0

    def run(self, known: _Known, wanted: list[_Signed], choices: list[list[_Signed]]) -> bool:
        """True if all of ``wanted`` and one of each of ``choices`` can hold beside what is known."""
        if not self._assume(known, wanted, choices):
            return False
        open_choices = self._propagated(known, choices)
        if open_choices is None:
            return False
        if not open_choices:
            return True
        smallest = min(open_choices, key=len)
        others = [choice for choice in open_choices if choice is not smallest]
        failed: list[_Signed] = []
        for alternative in smallest:
            # What was tried before did not work: where that is a leaf, it may be taken as the opposite.
            if self.run(dict(known), [alternative, *failed], list(others)):
                return True
            if isinstance(alternative[0], Leaf):
                failed.append((alternative[0], not alternative[1]))
        return False

    def _assume(self, known: _Known, wanted: list[_Signed], choices: list[list[_Signed]]) -> bool:
        """Take apart what must hold; False at a contradiction. Adds to ``known`` and ``choices``."""
        todo = list(wanted)
        while todo:
            criterion, sign = todo.pop()
            if isinstance(criterion, Leaf):
                if not self._learn(known, criterion, sign):
                    return False
            elif isinstance(criterion, Not):
                todo.append((criterion.parts[0], not sign))
            elif isinstance(criterion, AtLeast):
                todo.append((_unfolded(criterion, sign), True))
            elif isinstance(criterion, And) == sign:
                todo += [(part, sign) for part in criterion.parts]
            else:
                choices.append([(part, sign) for part in criterion.parts])
        return True

    def _propagated(self, known: _Known, choices: list[list[_Signed]]) -> list[list[_Signed]] | None:
        """Choices that are still open, each without alternatives that contradict; None at a contradiction."""
        waiting, changed = choices, True
        while changed:
            changed, still = False, []
            for choice in waiting:
                possible = [part for part in choice if self._verdict(known, part) is not False]
                if any(self._verdict(known, part) for part in possible):
                    continue
                if not possible:
                    return None
                if len(possible) > 1:
                    still.append(possible)
                    continue
                changed = True
                if not self._assume(known, possible, still):
                    return None
            waiting = still
        return waiting

    def _learn(self, known: _Known, leaf: Leaf, sign: bool) -> bool:
        subject, bits, wanted = self._literal(leaf, sign)
        told = known[subject].assume(bits, wanted)
        if told is None:
            return False
        known[subject] = told
        return True

    def _verdict(self, known: _Known, part: _Signed) -> bool | None:
        """True if what is known says so, False if it contradicts, None if it is open or no leaf."""
        criterion, sign = part
        while isinstance(criterion, Not):
            criterion, sign = criterion.parts[0], not sign
        if not isinstance(criterion, Leaf):
            return None
        subject, bits, wanted = self._literal(criterion, sign)
        if known[subject].entails(bits, wanted):
            return True
        return False if known[subject].assume(bits, wanted) is None else None

    def _literal(self, leaf: Leaf, sign: bool) -> tuple[Hashable, int, bool]:
        self.looks += 1
        if self.looks > self._budget:
            raise _OverBudgetError
        subject, bits = self._states[leaf]
        return subject, bits, sign != isinstance(leaf, WildType)


def _unfolded(criterion: AtLeast, sign: bool) -> Criterion:
    """At least n of some parts by its first part: with it, or without."""
    n, parts = criterion.n, criterion.parts
    if not sign:
        n, parts = len(parts) - n + 1, tuple(Not(part) for part in parts)
    if n == len(parts):
        return And(*parts)
    if n == 1:
        return Or(*parts)
    return Or(And(parts[0], AtLeast(n - 1, *parts[1:])), AtLeast(n, *parts[1:]))
