"""Many truths in one place: one row a leaf or arm, one bit a person, so that one person is one word of each row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kohort.match.engine.program import Values
from kohort.match.engine.truth import Truth

__all__ = ["Block"]

_CHUNK = 256
"""Rows that are allocated together: rows are added without copying what is there."""
_SPARE = 64
"""Words of each row that are kept free, for persons who come new."""


class Block:
    """Rows of truths over persons, both of which grow.

    Args:
        size: number of persons at the beginning.
    """

    def __init__(self, size: int) -> None:
        self._words = -(-size // 64) + _SPARE
        self._chunks: list[NDArray[np.uint64]] = []
        self._free: list[int] = []

    def add(self, truth: Truth) -> int:
        """Keep a copy of a truth; returns its row."""
        if not self._free:
            rows = len(self._chunks) * _CHUNK
            self._free = list(range(rows + _CHUNK - 1, rows - 1, -1))
            self._chunks.append(np.zeros((2, _CHUNK, self._words), dtype=np.uint64))
        row = self._free.pop()
        self.replace(row, truth)
        return row

    def free(self, row: int) -> None:
        """Let a row go; it may be given to another truth."""
        self._free.append(row)

    def replace(self, row: int, truth: Truth) -> None:
        """Put a truth in the place of another."""
        chunk, place = divmod(row, _CHUNK)
        self._chunks[chunk][0, place, : len(truth.true)] = truth.true
        self._chunks[chunk][1, place, : len(truth.false)] = truth.false

    def truth(self, row: int, size: int) -> Truth:
        """The truth of a row over the first ``size`` persons; a view, which later changes show in."""
        chunk, place = divmod(row, _CHUNK)
        words = -(-size // 64)
        return Truth(self._chunks[chunk][0, place, :words], self._chunks[chunk][1, place, :words], size)

    def put(self, rows: NDArray[np.intp], at: int, values: Values) -> None:
        """Write one person's values of the given rows; of rows that are not given nothing is known afterwards."""
        word, bit = self._bit(at)
        everywhere = np.zeros(len(self._chunks) * _CHUNK, dtype=np.int8)
        everywhere[rows] = values
        for number, chunk in enumerate(self._chunks):
            here = everywhere[number * _CHUNK : (number + 1) * _CHUNK]
            for side, wanted in ((0, 1), (1, -1)):
                column = chunk[side, :, word]
                column &= ~bit
                column |= np.where(here == wanted, bit, np.uint64(0))

    def set(self, row: int, at: int, value: int) -> None:
        """Write one person's value of one row."""
        word, bit = self._bit(at)
        chunk, place = divmod(row, _CHUNK)
        for side, wanted in ((0, 1), (1, -1)):
            cell = self._chunks[chunk][side, place]
            cell[word] = cell[word] | bit if value == wanted else cell[word] & ~bit

    def values(self, rows: NDArray[np.intp], at: int) -> Values:
        """One person's values of some rows."""
        word, bit = self._bit(at)
        sides = [np.concatenate([chunk[side, :, word] for chunk in self._chunks])[rows] & bit for side in (0, 1)]
        return (sides[0] != 0).astype(np.int8) - (sides[1] != 0).astype(np.int8)

    def _bit(self, at: int) -> tuple[int, np.uint64]:
        word, place = divmod(at, 64)
        if word >= self._words:
            self._words = word + 1 + max(_SPARE, word // 8)
            self._chunks = [_wider(chunk, self._words) for chunk in self._chunks]
        return word, np.uint64(1 << place)


def _wider(chunk: NDArray[np.uint64], words: int) -> NDArray[np.uint64]:
    wider = np.zeros((2, _CHUNK, words), dtype=np.uint64)
    wider[:, :, : chunk.shape[2]] = chunk
    return wider
