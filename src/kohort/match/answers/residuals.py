"""What is left of a tree of criteria when some of its parts are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kohort.match.criteria.logic import And, AtLeast, Compound, Criterion, Leaf, Not, Or

__all__ = ["Value", "needed_parts", "residual"]

Value = bool | None
"""True, False, or None for unknown."""


def residual(
    node: Criterion, value_of: Callable[[Criterion], Value], atoms: Iterable[Criterion] = ()
) -> Criterion | bool:
    """What is left of a tree when some of its parts are known; True or False if nothing is.

    Args:
        node: the tree.
        value_of: the value of a part, None if it is not known.
        atoms: compounds that are known as a whole or not at all.
    """
    known = value_of(node)
    if known is not None or isinstance(node, Leaf) or node in (whole := frozenset(atoms)):
        return node if known is None else known
    parts = [residual(part, value_of, whole) for part in node.parts]
    if isinstance(node, Not):
        return not parts[0] if isinstance(parts[0], bool) else Not(parts[0])
    still = [part for part in parts if not isinstance(part, bool)]
    needed = needed_parts(node) - sum(part is True for part in parts)
    if needed <= 0 or needed > len(still):
        return needed <= 0
    return still[0] if len(still) == 1 else _joined(needed, still)


def _joined(needed: int, parts: list[Criterion]) -> Criterion:
    """At least some of two or more parts, in the simplest form."""
    if needed == len(parts):
        return And(*parts)
    return Or(*parts) if needed == 1 else AtLeast(needed, *parts)


def needed_parts(node: Compound) -> int:
    """How many parts of an AND, OR or at-least-n have to be true."""
    if isinstance(node, AtLeast):
        return node.n
    return 1 if isinstance(node, Or) else len(node.parts)
