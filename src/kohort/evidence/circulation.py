"""Can a hidden number be rebuilt from shown totals? A table with totals, read as flows in a network.

Every cell is an arc and its number a flow. A row's cells add to its total, a column's too, and totals add to
the grand total: that is conservation of flow at every node. Someone who sees the shown numbers knows those
arcs exactly and the hidden ones within bounds. A hidden number has a second possible value exactly if there
is a cycle of hidden arcs through it along which one person can be moved without leaving any bound.
Choosing what else to hide is then a cheapest path (Kelly, Golden and Assad, Networks 1992;22:397).
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

__all__ = ["Arc", "Circulation"]

Node = Hashable


@dataclass(frozen=True, slots=True)
class Arc:
    """One published number: a flow of ``value`` from ``tail`` to ``head``; ``name`` is its cell."""

    name: tuple[str, ...]
    tail: Node
    head: Node
    value: int


@dataclass(slots=True)
class Circulation:
    """The arcs of one table and which of them are hidden.

    What someone who reads the table is taken to know about a hidden number: a small one is 1 to ``k`` - 1,
    a veiled one at least 1, another at least ``k``. That is the most they could know, so a number with a
    second value here has one for everybody.

    Attributes:
        arcs: all numbers of the table, totals among them.
        k: numbers from 1 to k - 1 are small.
        hidden: names of the arcs that are not shown.
        veiled: names of hidden arcs of which not even that they are small is shown.
    """

    arcs: tuple[Arc, ...]
    k: int
    hidden: set[tuple[str, ...]] = field(default_factory=set)
    veiled: set[tuple[str, ...]] = field(default_factory=set)
    _at: dict[Node, list[Arc]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the arcs by their ends."""
        self._at = {}
        for arc in self.arcs:
            self._at.setdefault(arc.tail, []).append(arc)
            self._at.setdefault(arc.head, []).append(arc)

    def is_small(self, arc: Arc) -> bool:
        """True if the number itself must not be shown."""
        return 0 < arc.value < self.k

    def can_move(self, arc: Arc, step: int) -> bool:
        """True if, were the arc hidden, its number could be ``step`` (1 or -1) greater for all one knows."""
        if arc.value == 0:
            return False  # hiding a zero would protect nothing: the reader may guess it
        if arc.name in self.veiled:
            return arc.value + step >= 1
        if self.is_small(arc):
            return 1 <= arc.value + step < self.k
        return arc.value + step >= self.k

    def is_ambiguous(self, arc: Arc) -> bool:
        """True if the shown numbers leave at least two values for this hidden one."""
        return any(self._cycle(arc, step, only_hidden=True) is not None for step in (1, -1))

    def protect(self, arc: Arc) -> bool:
        """Hide what else is needed so that ``arc`` keeps two values; False if nothing can do that."""
        found = [cycle for step in (1, -1) if (cycle := self._cycle(arc, step)) is not None]
        if not found:
            return False
        _, names = min(found, key=lambda cycle: (cycle[0], sorted(cycle[1])))
        self.hidden.update(names)
        return True

    def _cycle(
        self, arc: Arc, step: int, *, only_hidden: bool = False
    ) -> tuple[int, frozenset[tuple[str, ...]]] | None:
        """Cheapest way to move one person along ``arc`` and back: cost and the arcs on it; None if none."""
        if not self.can_move(arc, step):
            return None
        start, goal = (arc.head, arc.tail) if step > 0 else (arc.tail, arc.head)
        best: dict[Node, int] = {start: 0}
        came: dict[Node, tuple[Node, Arc]] = {}
        queue: list[tuple[int, int, Node]] = [(0, 0, start)]
        order = 0
        while queue:
            cost, _, node = heapq.heappop(queue)
            if node == goal:
                return cost, self._path(came, start, goal)
            if cost > best[node]:
                continue
            for onward, used in self._moves(node, arc, only_hidden=only_hidden):
                reached = cost + (0 if used.name in self.hidden else used.value)
                if reached < best.get(onward, reached + 1):
                    best[onward], came[onward] = reached, (node, used)
                    order += 1
                    heapq.heappush(queue, (reached, order, onward))
        return None

    def _moves(self, node: Node, without: Arc, *, only_hidden: bool) -> Iterator[tuple[Node, Arc]]:
        for arc in self._at[node]:
            if arc.name == without.name or (only_hidden and arc.name not in self.hidden):
                continue
            if arc.tail == node and self.can_move(arc, 1):
                yield arc.head, arc
            if arc.head == node and self.can_move(arc, -1):
                yield arc.tail, arc

    @staticmethod
    def _path(came: dict[Node, tuple[Node, Arc]], start: Node, goal: Node) -> frozenset[tuple[str, ...]]:
        names: set[tuple[str, ...]] = set()
        node = goal
        while node != start:
            node, arc = came[node]
            names.add(arc.name)
        return frozenset(names)
