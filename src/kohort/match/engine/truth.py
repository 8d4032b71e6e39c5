"""Three truth values over a whole population, one bit a person and value.

A `Truth` is a pair of bitmaps: who is known to meet a criterion, who is known not to. A person in neither is
*unknown*. With false < unknown < true the connectives are Kleene's: AND takes the least value, OR the
greatest, NOT swaps true and false and leaves unknown alone (S. C. Kleene, Introduction to Metamathematics,
1952, section 64).

Bitmaps are little-endian 64-bit words, padded with zeros: the padding is unknown and stays unknown through
every connective, so it never has to be masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bits", "Mask", "Truth", "count", "pack", "unpack"]

Bits = NDArray[np.uint64]
"""A packed bitmap: ``ceil(size / 64)`` words."""

Mask = NDArray[np.bool_]
"""One boolean a person, shape ``(size,)``."""

_WORD = np.dtype("<u8")


def pack(mask: Mask) -> Bits:
    """The bitmap of a boolean array, padded with zeros to whole words."""
    words = np.zeros(-(-len(mask) // 64), dtype=_WORD)
    octets = np.packbits(mask, bitorder="little")
    words.view(np.uint8)[: len(octets)] = octets
    return words


def unpack(bits: Bits, size: int) -> Mask:
    """The first ``size`` bits as a boolean array."""
    return np.unpackbits(bits.view(np.uint8), count=size, bitorder="little").view(np.bool_)


def count(bits: Bits) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(bits).sum(dtype=np.uint32))


def _every(bitmaps: Iterable[Bits]) -> Bits:
    """Where all bitmaps, at least one, are set; never one of them itself."""
    first, *others = bitmaps
    found = first.copy()
    for bits in others:
        np.bitwise_and(found, bits, out=found)
    return found


def _some(bitmaps: Iterable[Bits]) -> Bits:
    """Where one of the bitmaps, at least one, is set; never one of them itself."""
    first, *others = bitmaps
    found = first.copy()
    for bits in others:
        np.bitwise_or(found, bits, out=found)
    return found


def _threshold(bitmaps: Sequence[Bits], least: int, words: int) -> Bits:
    """Where at least ``least`` (from 1) of the bitmaps are set: ``reached[j]`` holds "at least j + 1 so far"."""
    reached = [np.zeros(words, dtype=_WORD) for _ in range(least)]
    for bits in bitmaps:
        for j in range(least - 1, 0, -1):
            reached[j] |= reached[j - 1] & bits
        reached[0] |= bits
    return reached[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is known about one criterion for each person of a population.

    Attributes:
        true: bitmap of those who are known to meet it.
        false: bitmap of those who are known not to; disjoint from ``true``.
        size: number of persons.
    """

    true: Bits
    false: Bits
    size: int

    def __post_init__(self) -> None:
        """Refuse bitmaps of another length than the population's."""
        words = -(-self.size // 64)
        if len(self.true) != words or len(self.false) != words:
            raise ValueError(f"{self.size} persons need {words} words in each bitmap")

    @classmethod
    def of(cls, true: Mask, false: Mask) -> Self:
        """From two boolean arrays of one length; ValueError if a person is in both."""
        if np.any(true & false):
            raise ValueError("a person cannot both meet and not meet a criterion")
        return cls(pack(true), pack(false), len(true))

    @classmethod
    def unknown(cls, size: int) -> Self:
        """Nothing is known about anybody."""
        empty = np.zeros(-(-size // 64), dtype=_WORD)
        return cls(empty, empty, size)

    @classmethod
    def constant(cls, value: bool, size: int) -> Self:
        """The same known value for everybody."""
        nobody = np.zeros(-(-size // 64), dtype=_WORD)
        everybody = ~nobody
        if size % 64:
            everybody[-1] = (1 << size % 64) - 1
        return cls(everybody, nobody, size) if value else cls(nobody, everybody, size)

    @classmethod
    def all_of(cls, parts: Iterable[Truth], size: int) -> Self:
        """Kleene AND; true for everybody if there are no parts."""
        given = list(parts)
        if not given:
            return cls.constant(True, size)
        return cls(_every(part.true for part in given), _some(part.false for part in given), size)

    @classmethod
    def any_of(cls, parts: Iterable[Truth], size: int) -> Self:
        """Kleene OR; false for everybody if there are no parts."""
        given = list(parts)
        if not given:
            return cls.constant(False, size)
        return cls(_some(part.true for part in given), _every(part.false for part in given), size)

    @classmethod
    def at_least(cls, least: int, parts: Iterable[Truth], size: int) -> Self:
        """True where ``least`` parts are true, false where so many are false that it cannot be reached."""
        given = list(parts)
        if least <= 0 or least > len(given):
            return cls.constant(least <= 0, size)
        words = -(-size // 64)
        return cls(
            _threshold([part.true for part in given], least, words),
            _threshold([part.false for part in given], len(given) - least + 1, words),
            size,
        )

    def __and__(self, other: Truth) -> Truth:
        """Kleene AND."""
        return Truth(self.true & other.true, self.false | other.false, self.size)

    def __or__(self, other: Truth) -> Truth:
        """Kleene OR."""
        return Truth(self.true | other.true, self.false & other.false, self.size)

    def __invert__(self) -> Truth:
        """Kleene NOT: unknown stays unknown."""
        return Truth(self.false, self.true, self.size)

    def __eq__(self, other: object) -> bool:
        """True if every person has the same value in both."""
        if not isinstance(other, Truth):
            return NotImplemented
        return (
            self.size == other.size
            and np.array_equal(self.true, other.true)
            and np.array_equal(self.false, other.false)
        )

    __hash__ = None  # type: ignore[assignment]

    def closed(self) -> Truth:
        """The closed world: what is not known to be true is false."""
        return Truth(self.true, pack(~self.is_true), self.size)

    @property
    def is_true(self) -> Mask:
        """Who is known to meet it."""
        return unpack(self.true, self.size)

    @property
    def is_false(self) -> Mask:
        """Who is known not to meet it."""
        return unpack(self.false, self.size)

    @property
    def is_unknown(self) -> Mask:
        """About whom it is not known."""
        return unpack(~(self.true | self.false), self.size)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Persons with true, false and unknown."""
        true, false = count(self.true), count(self.false)
        return true, false, self.size - true - false

    def value(self, index: int) -> bool | None:
        """The value of one person, None for unknown."""
        word, bit = divmod(index, 64)
        mask = np.uint64(1 << bit)
        if self.true[word] & mask:
            return True
        return False if self.false[word] & mask else None
