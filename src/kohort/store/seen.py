"""Which row ids were seen before, exact and streaming."""

from __future__ import annotations

import numpy as np

__all__ = ["SeenIds"]

_BITS = 28


class SeenIds:
    """A growing set of int64 ids that are uniformly distributed, as keyed hashes are.

    A table of 2^28 bits answers almost all questions; only ids that hit it are looked up in the sorted pieces. Ten
    million ids take 32 MB and 80 MB, and no pass over earlier ids.
    """

    def __init__(self) -> None:
        self._bits = np.zeros(1 << (_BITS - 3), dtype=np.uint8)
        self._pieces: list[np.ndarray] = []

    def add(self, ids: np.ndarray) -> np.ndarray:
        """True for each id seen before, in an earlier call or further up in ``ids``; all are seen from now on."""
        again = np.zeros(len(ids), dtype=bool)
        order = np.argsort(ids, kind="stable")
        ordered = ids[order]
        again[order[1:]] = ordered[1:] == ordered[:-1]
        again |= self.contains(ids)
        byte, bit = _place(ids)
        np.bitwise_or.at(self._bits, byte, bit)
        self._pieces.append(ordered)
        return again

    def contains(self, ids: np.ndarray) -> np.ndarray:
        """True for each id seen in an earlier call of `add`."""
        found = np.zeros(len(ids), dtype=bool)
        byte, bit = _place(ids)
        maybe = np.flatnonzero((self._bits[byte] & bit) != 0)
        if len(maybe):
            found[maybe] = self._known(ids[maybe])
        return found

    def _known(self, ids: np.ndarray) -> np.ndarray:
        found = np.zeros(len(ids), dtype=bool)
        for piece in self._pieces:
            if len(piece):
                place = np.minimum(np.searchsorted(piece, ids), len(piece) - 1)
                found |= piece[place] == ids
        return found


def _place(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Byte and bit of each id in the table of bits."""
    slot = ids & ((1 << _BITS) - 1)
    return slot >> 3, np.left_shift(np.uint8(1), (slot & 7).astype(np.uint8))
