"""Ranges of numbers as protocols write them (``>=18, <65``), decided against values partly known.

A measured value may itself be an interval: an age from a birth year, a tumour mutational burden reported as
``<5``. A range is then true if every possible value lies inside, false if none does, and unknown otherwise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kohort.errors import UserError
from kohort.match.engine.truth import Mask

__all__ = ["Floats", "Range", "bounds"]

Floats = NDArray[np.float64]

_PART = re.compile(r"\s*(>=|<=|==|=|>|<)\s*(-?(?:\d+(?:\.\d*)?|\.\d+))\s*(?:,|and\b|$|(?=[<>=]))", re.IGNORECASE)
_UNICODE = str.maketrans({"≥": ">=", "≤": "<="})


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers.

    Attributes:
        low: least number, minus infinity if open below.
        high: greatest number, infinity if open above.
        with_low: True if ``low`` itself lies inside.
        with_high: True if ``high`` itself lies inside.
    """

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    def __post_init__(self) -> None:
        """Refuse a range without a limit and a range that holds no number."""
        if math.isnan(self.low) or math.isnan(self.high):
            raise UserError("A limit is not a number.", remedy="Write it like '>=18'.")
        if math.isinf(self.low) and math.isinf(self.high):
            raise UserError("A range needs a limit.", remedy="Write it like '>=18' or '>=18, <65'.")
        if self.low > self.high or (self.low == self.high and not (self.with_low and self.with_high)):
            raise UserError(f"No number lies in the range {self}.", remedy="Exchange or correct its limits.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From one or two comparisons: ``>=18``, ``>18 <65``, ``>=18, <65``, ``==0``.

        Raises:
            UserError: the text is something else; the message shows the notation.
        """
        remaining, limits = text.translate(_UNICODE).strip(), []
        while remaining:
            found = _PART.match(remaining)
            if found is None:
                raise UserError(f"{text!r} is not a range.", remedy="Write it like '>=18' or '>=18, <65'.")
            limits.append((found[1], float(found[2])))
            remaining = remaining[found.end() :].strip()
        return cls._of_limits(text, limits)

    @classmethod
    def _of_limits(cls, text: str, limits: list[tuple[str, float]]) -> Self:
        fields: dict[str, float | bool] = {}
        for operator, value in limits:
            sides = {">": ("low",), "<": ("high",)}.get(operator[0], ("low", "high"))
            if any(side in fields for side in sides):
                raise UserError(f"{text!r} limits the same side twice.", remedy="Keep one limit a side.")
            for side in sides:
                fields[side] = value
                fields[f"with_{side}"] = operator.endswith("=")
        return cls(**fields)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """In the notation that `parse` reads."""
        if self.low == self.high:
            return f"=={self.low:g}"
        low = "" if math.isinf(self.low) else f"{'>=' if self.with_low else '>'}{self.low:g}"
        high = "" if math.isinf(self.high) else f"{'<=' if self.with_high else '<'}{self.high:g}"
        return ", ".join(part for part in (low, high) if part)

    def decide(self, least: Floats, most: Floats) -> tuple[Mask, Mask]:
        """Where every value of ``[least, most]`` lies inside, and where none does; NaN is neither.

        Args:
            least: smallest possible value of each row.
            most: greatest possible value of each row, same shape.
        """
        above_low = least >= self.low if self.with_low else least > self.low
        below_high = most <= self.high if self.with_high else most < self.high
        below = most < self.low if self.with_low else most <= self.low
        above = least > self.high if self.with_high else least >= self.high
        return above_low & below_high, below | above


def bounds(value: Floats, comparator: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Least and greatest possible value of reported numbers such as ``5``, ``<5`` or ``>=100``.

    Args:
        value: the numbers.
        comparator: ``<``, ``<=``, ``=``, ``>=``, ``>`` or None (meaning ``=``), same shape.
    """
    least, most = value.astype(np.float64, copy=True), value.astype(np.float64, copy=True)
    for sign in ("<", "<=", ">", ">="):
        rows = comparator == sign
        edge = value[rows]
        if sign[0] == "<":
            least[rows] = -np.inf
            most[rows] = np.nextafter(edge, -np.inf) if sign == "<" else edge
        else:
            most[rows] = np.inf
            least[rows] = np.nextafter(edge, np.inf) if sign == ">" else edge
    least[np.isnan(value)] = np.nan
    most[np.isnan(value)] = np.nan
    return least, most
