"""Many trees at once for one patient: all nodes of one depth in a few array operations.

Values are -1 (false), 0 (unknown) and 1 (true), so that Kleene's AND is the minimum, OR the maximum and NOT the
opposite sign. Equal subtrees of all trees are one node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kohort.match.criteria.logic import And, AtLeast, Criterion, Leaf, Not, Or

__all__ = ["Program", "Values"]

Values = NDArray[np.int8]
"""One value a leaf or tree: -1 false, 0 unknown, 1 true."""


class Program:
    """Trees, compiled. ``leaves`` are its inputs in order, one output a tree.

    Args:
        trees: the trees.
        closed_world: read every unknown leaf as false.

    Attributes:
        leaves: the distinct leaves of all trees.
    """

    def __init__(self, trees: Sequence[Criterion], *, closed_world: bool = False) -> None:
        self._closed_world = closed_world
        self._ids: dict[Criterion, int] = {}
        self._depths: list[int] = []
        self._inner: dict[int, Criterion] = {}
        self.leaves: list[Leaf] = []
        for tree in trees:
            self._collect(tree)
        self._ids = {leaf: place for place, leaf in enumerate(self.leaves)}
        self._depths = [0] * len(self.leaves)
        self._outputs = np.array([self._add(tree) for tree in trees], dtype=np.intp)
        self._steps = self._compiled()

    def run(self, values: Values) -> Values:
        """The value of each tree, from those of the leaves."""
        found = np.zeros(len(self._depths), dtype=np.int8)
        found[: len(self.leaves)] = np.where(values == 0, -1, values) if self._closed_world else values
        for step in self._steps:
            step.into(found)
        return found[self._outputs]

    def _collect(self, tree: Criterion) -> None:
        if isinstance(tree, Leaf):
            if tree not in self._ids:
                self._ids[tree] = len(self.leaves)
                self.leaves.append(tree)
            return
        for part in tree.parts:
            self._collect(part)

    def _add(self, tree: Criterion) -> int:
        if tree in self._ids:
            return self._ids[tree]
        children = [] if isinstance(tree, Leaf) else [self._add(part) for part in tree.parts]
        place = self._ids[tree] = len(self._depths)
        self._depths.append(1 + max((self._depths[child] for child in children), default=0))
        self._inner[place] = tree
        return place

    def _compiled(self) -> list[_Step]:
        groups: dict[tuple[int, type], list[tuple[int, Criterion]]] = defaultdict(list)
        for place, tree in self._inner.items():
            groups[self._depths[place], type(tree)].append((place, tree))
        ordered = sorted(groups.items(), key=lambda item: item[0][0])
        return [_Step(kind, nodes, self._ids) for (_, kind), nodes in ordered]


class _Step:
    """Nodes of one kind and depth."""

    def __init__(self, kind: type, nodes: Sequence[tuple[int, Criterion]], ids: dict[Criterion, int]) -> None:
        self._kind = kind
        parts = [[ids[part] for part in node.parts] for _, node in nodes if not isinstance(node, Leaf)]
        full = [i for i, children in enumerate(parts) if children]
        self._empty = np.array([nodes[i][0] for i, children in enumerate(parts) if not children], dtype=np.intp)
        self._out = np.array([nodes[i][0] for i in full], dtype=np.intp)
        self._children = np.array([child for i in full for child in parts[i]], dtype=np.intp)
        sizes = np.array([len(parts[i]) for i in full], dtype=np.intp)
        self._starts = np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(sizes)[:-1]]) if full else sizes
        self._sizes = sizes
        self._least = np.array([getattr(nodes[i][1], "n", 0) for i in full], dtype=np.intp)

    def into(self, found: Values) -> None:
        """Write the values of these nodes."""
        found[self._empty] = 1 if self._kind is And else -1
        if not len(self._out):
            return
        given = found[self._children]
        if self._kind is And:
            found[self._out] = np.minimum.reduceat(given, self._starts)
        elif self._kind is Or:
            found[self._out] = np.maximum.reduceat(given, self._starts)
        elif self._kind is Not:
            found[self._out] = -given
        elif self._kind is AtLeast:
            true = np.add.reduceat((given == 1).astype(np.intp), self._starts)
            false = np.add.reduceat((given == -1).astype(np.intp), self._starts)
            reached, lost = true >= self._least, self._sizes - false < self._least
            found[self._out] = reached.astype(np.int8) - lost.astype(np.int8)
