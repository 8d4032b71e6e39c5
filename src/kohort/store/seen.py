"""Which row ids were seen before, exact and streaming."""

from __future__ import annotations

import numpy as np

__all__ = ["SeenIds"]

_SPARSE = 16
"""Slots for each id. Each id takes two, so that about one new id in a hundred finds both taken by chance."""


class SeenIds:
    """A growing set of int64 ids that are uniformly distributed, as keyed hashes are.

    A table of taken slots (a Bloom filter of two functions) answers almost all questions; only ids that find both of
    their slots taken are looked up in the sorted pieces. Ten million ids take 256 MB of slots and 80 MB of ids, and no
    pass over earlier ids.
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
                self._take(piece)
        else:
            self._take(ids)
        return again

    def contains(self, ids: np.ndarray) -> np.ndarray:
        """True for each id seen in an earlier call of `add`."""
        found = np.zeros(len(ids), dtype=bool)
        one, other = self._slots(ids)
        maybe = np.flatnonzero(self._taken[one] & self._taken[other])
        if len(maybe):
            found[maybe] = self._known(ids[maybe])
        return found

    def _take(self, ids: np.ndarray) -> None:
        for slots in self._slots(ids):
            self._taken[slots] = True

    def _slots(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Two slots for each id, from its low and its high bits."""
        mask = len(self._taken) - 1
        return ids & mask, (ids >> 31) & mask

    def _known(self, ids: np.ndarray) -> np.ndarray:
        found = np.zeros(len(ids), dtype=bool)
        for piece in self._pieces:
            if len(piece):
                place = np.minimum(np.searchsorted(piece, ids), len(piece) - 1)
                found |= piece[place] == ids
        return found
