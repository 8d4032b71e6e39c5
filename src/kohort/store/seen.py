"""Which row ids were seen before, exact and streaming."""

from __future__ import annotations

import numpy as np

__all__ = ["SeenIds"]

_SPARSE = 16
"""Slots for each id: one new id in sixteen hits a taken slot by chance and is looked up."""


class SeenIds:
    """A growing set of int64 ids that are uniformly distributed, as keyed hashes are.

    A table of taken slots answers almost all questions; only ids that hit one are looked up in the sorted pieces. Ten
    million ids take 256 MB of slots and 80 MB of ids, and no pass over earlier ids.
    """

    def __init__(self) -> None:
        self._taken = np.zeros(1 << 16, dtype=bool)
        self._pieces: list[np.ndarray] = []
        self._count = 0

    def add(self, ids: np.ndarray) -> np.ndarray:
        """True for each id seen before, in an earlier call or further up in ``ids``; all are seen from now on."""
        again = self.contains(ids)
        ordered = np.sort(ids)
        if (ordered[1:] == ordered[:-1]).any():  # rare, and finding their places costs more than the plain sort
            order = np.argsort(ids, kind="stable")
            again[order[1:]] |= ids[order[1:]] == ids[order[:-1]]
        self._pieces.append(ordered)
        self._count += len(ids)
        if self._count * _SPARSE > len(self._taken):
            self._taken = np.zeros(1 << (self._count * 2 * _SPARSE - 1).bit_length(), dtype=bool)
            for piece in self._pieces:
                self._taken[self._slots(piece)] = True
        else:
            self._taken[self._slots(ids)] = True
        return again

    def contains(self, ids: np.ndarray) -> np.ndarray:
        """True for each id seen in an earlier call of `add`."""
        found = np.zeros(len(ids), dtype=bool)
        maybe = np.flatnonzero(self._taken[self._slots(ids)])
        if len(maybe):
            found[maybe] = self._known(ids[maybe])
        return found

    def _slots(self, ids: np.ndarray) -> np.ndarray:
        return ids & (len(self._taken) - 1)

    def _known(self, ids: np.ndarray) -> np.ndarray:
        found = np.zeros(len(ids), dtype=bool)
        for piece in self._pieces:
            if len(piece):
                place = np.minimum(np.searchsorted(piece, ids), len(piece) - 1)
                found |= piece[place] == ids
        return found
