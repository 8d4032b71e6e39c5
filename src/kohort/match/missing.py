"""Which missing fact would decide, and for how many.

For one fact (a test of a gene, a receptor's status ...) a person is *settled* by it if the verdict, now
unknown, would be known whatever the fact turns out to be; the fact *could open* the place if one of its
outcomes, by itself, could make the person eligible. Both are read off the tree in one pass that carries three
bitmaps: known true, known false, and "would be known if the fact were"; a second pass takes the fact at its
most favourable.

The first answer is never too bold: where two leaves ask different things of one fact, they are taken as
independent. The second may be: leaves that contradict each other are both taken at their best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kohort.match.logic import Criterion, Fact, Leaf, Not, leaves
from kohort.match.truth import Bits, Truth, count

__all__ = ["Settling", "facts", "settling"]


@dataclass(frozen=True, slots=True)
class Settling:
    """What finding out one fact would do for one criterion.

    Attributes:
        fact: the fact.
        unknown: persons with an unknown verdict for whom this fact is missing.
        would_settle: those whose verdict would be known, whatever the fact turns out to be.
        could_open: those whom one of its outcomes would make eligible.
    """

    fact: Fact
    unknown: int
    would_settle: int
    could_open: int


@dataclass(frozen=True, slots=True, eq=False)
class _Prospect:
    """A truth, and who would have a known value if the fact were known."""

    truth: Truth
    knowable: Bits


def facts(criterion: Criterion) -> tuple[Fact, ...]:
    """The facts that a criterion stands on, each once, in order."""
    return tuple(dict.fromkeys(leaf.fact for leaf in leaves(criterion)))


def settling(criterion: Criterion, fact: Fact, truth_of: Callable[[Leaf], Truth], size: int) -> Settling:
    """What one fact would do for a criterion.

    Args:
        criterion: the tree.
        fact: one of `facts` of it.
        truth_of: the values of a leaf over the population.
        size: number of persons.
    """
    prospect = _prospect(criterion, fact, truth_of, size)
    unknown = ~(prospect.truth.true | prospect.truth.false)
    lacking = np.zeros_like(unknown)
    for leaf in leaves(criterion):
        if leaf.fact == fact:
            lacking |= ~(truth_of(leaf).true | truth_of(leaf).false)
    best = _at_best(criterion, fact, truth_of, size, wanted=True)
    members = Truth.constant(True, size).true
    return Settling(
        fact,
        count(unknown & lacking & members),
        count(unknown & prospect.knowable & members),
        count(unknown & best.true),
    )


def _prospect(node: Criterion, fact: Fact, truth_of: Callable[[Leaf], Truth], size: int) -> _Prospect:
    everybody = Truth.constant(True, size).true
    if isinstance(node, Leaf):
        truth = truth_of(node)
        return _Prospect(truth, everybody if node.fact == fact else truth.true | truth.false)
    parts = [_prospect(part, fact, truth_of, size) for part in node.parts]
    truth = node.join([part.truth for part in parts], size)
    knowable = np.bitwise_and.reduce([everybody, *(part.knowable for part in parts)])
    return _Prospect(truth, knowable | truth.true | truth.false)


def _at_best(node: Criterion, fact: Fact, truth_of: Callable[[Leaf], Truth], size: int, *, wanted: bool) -> Truth:
    """The values if the unknown leaves of the fact turned out as wanted (negation turns the wish round)."""
    if isinstance(node, Leaf):
        truth = truth_of(node)
        if node.fact != fact:
            return truth
        everybody = Truth.constant(True, size).true
        if wanted:
            return Truth(everybody & ~truth.false, truth.false, size)
        return Truth(truth.true, everybody & ~truth.true, size)
    wanted = wanted != isinstance(node, Not)
    return node.join([_at_best(p, fact, truth_of, size, wanted=wanted) for p in node.parts], size)
