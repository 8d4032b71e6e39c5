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

from kohort.match.logic import And, AtLeast, Criterion, Fact, Leaf, Not, Or, leaves
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
    if isinstance(node, Leaf):
        truth = truth_of(node)
        everybody = Truth.constant(True, size).true
        return _Prospect(truth, everybody if node.fact == fact else truth.true | truth.false)
    if isinstance(node, Not):
        inner = _prospect(node.part, fact, truth_of, size)
        return _Prospect(~inner.truth, inner.knowable)
    if not isinstance(node, (And, Or, AtLeast)):
        raise TypeError(f"{type(node).__name__} is no criterion")
    parts = [_prospect(part, fact, truth_of, size) for part in node.parts]
    truth = _joined(node, [part.truth for part in parts], size)
    knowable = np.bitwise_and.reduce([Truth.constant(True, size).true, *(part.knowable for part in parts)])
    return _Prospect(truth, knowable | truth.true | truth.false)


def _joined(node: And | Or | AtLeast, parts: list[Truth], size: int) -> Truth:
    match node:
        case And():
            return Truth.all_of(parts, size)
        case Or():
            return Truth.any_of(parts, size)
        case AtLeast(n):
            return Truth.at_least(n, parts, size)


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
    if isinstance(node, Not):
        return ~_at_best(node.part, fact, truth_of, size, wanted=not wanted)
    if not isinstance(node, (And, Or, AtLeast)):
        raise TypeError(f"{type(node).__name__} is no criterion")
    return _joined(node, [_at_best(p, fact, truth_of, size, wanted=wanted) for p in node.parts], size)
