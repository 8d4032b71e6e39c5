"""A part of a match clause in two views: what it means, and what matchengine-V2 reads in it.

The engine unfolds a clause into paths; a path is the conjunction of what stands on one way through the tree.
Keys that it ignores drop out of their path, and a path on which nothing is left matches nobody. So the engine's
view of a part is its paths that ask something, and whether some path leads through without asking anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kohort.match.criteria.logic import And, Criterion, Not, Or

__all__ = ["ALWAYS", "NEVER", "View", "all_of", "any_of", "every", "opposite", "some"]

ALWAYS = And()
"""A condition that everybody meets."""

NEVER = Or()
"""A condition that nobody meets."""


def all_of(parts: Sequence[Criterion]) -> Criterion:
    """All parts together, each once and without needless brackets: nested ANDs are joined, one part stands alone."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    if NEVER in flat:
        return NEVER
    return next(iter(flat)) if len(flat) == 1 else And(*flat)


def any_of(parts: Sequence[Criterion]) -> Criterion:
    """Any of the parts, each once and without needless brackets."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    if ALWAYS in flat:
        return ALWAYS
    return next(iter(flat)) if len(flat) == 1 else Or(*flat)


def opposite(part: Criterion) -> Criterion:
    """The part under NOT; twice is not at all."""
    if part in (ALWAYS, NEVER):
        return NEVER if part == ALWAYS else ALWAYS
    return part.parts[0] if isinstance(part, Not) else Not(part)


@dataclass(frozen=True, slots=True)
class View:
    """One part of a match clause.

    Attributes:
        meant: what it means.
        engine: the paths of matchengine-V2 through it that ask something.
        skips: True if one of its paths asks nothing.
    """

    meant: Criterion
    engine: Criterion
    skips: bool = False

    @classmethod
    def same(cls, criterion: Criterion) -> View:
        """What both read alike."""
        return cls(criterion, criterion)

    @classmethod
    def ignored(cls, meant: Criterion) -> View:
        """What the engine drops."""
        return cls(meant, NEVER, skips=True)


def every(views: Sequence[View]) -> View:
    """Parts that all have to hold."""
    meant = all_of([view.meant for view in views])
    asking = [view.engine for view in views if not view.skips]
    if asking:
        # A path that leaves a skipping part out is weaker than one that does not: it decides alone.
        return View(meant, all_of(asking))
    return View(meant, any_of([view.engine for view in views]), skips=True)


def some(views: Sequence[View]) -> View:
    """Parts of which one has to hold."""
    meant = any_of([view.meant for view in views])
    return View(meant, any_of([view.engine for view in views]), any(view.skips for view in views))
