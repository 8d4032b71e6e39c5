"""Comparisons of CTML (``>=18``, ``<.083``, ``>=10``): what they mean, and what matchengine-V2 makes of them."""

from __future__ import annotations

import re

from kohort.errors import UserError
from kohort.match.criteria.ranges import Range

__all__ = ["age_range", "burden_range", "engine_range"]

_MONTHS = re.compile(r"\s*(?:months?|mos?\b\.?)", re.IGNORECASE)
_YEARS = re.compile(r"\s*(?:years?(?: old| of age)?|yrs?\b\.?|y\b)", re.IGNORECASE)
_PER_MB = re.compile(r"\s*(?:(?:mutations?|muts?)\.?)?\s*(?:/|per\s)\s*(?:mb|megabases?)\b", re.IGNORECASE)
_ENGINE_OPERATORS = {"==", "<=", ">=", ">", "<"}


def age_range(text: str) -> Range:
    """Years from an age: with units or without, one or two comparisons, signs of Unicode too.

    Raises:
        UserError: it is none; the message says why.
    """
    in_months = _MONTHS.search(text) is not None
    if in_months and _YEARS.search(text):
        raise UserError(f"{text!r} mixes months and years.", remedy="Write years; a month is 0.083.")
    found = _compared(_YEARS.sub("", _MONTHS.sub("", text)))
    return Range(found.low / 12, found.high / 12, found.with_low, found.with_high) if in_months else found


def burden_range(text: str) -> Range:
    """Mutations per megabase from a comparison.

    Raises:
        UserError: it is none; the message says why.
    """
    return _compared(_PER_MB.sub("", text))


def _compared(text: str) -> Range:
    if not re.search("[<>=≥≤]", text):
        raise UserError(f"{text.strip()!r} does not say which side is meant.", remedy=f"Write '>={text.strip()}'.")
    return Range.parse(text)


def engine_range(text: object) -> Range | None:
    """How matchengine-V2 reads a comparison; None if it ends the whole run.

    Every character that is no digit and no point is the operator, blanks and units among them.
    """
    if not isinstance(text, str):
        return None
    operator = "".join(sign for sign in text if not sign.isdigit() and sign != ".")
    number = "".join(sign for sign in text if sign.isdigit() or sign == ".")
    if operator not in _ENGINE_OPERATORS or not re.fullmatch(r"\d*\.?\d+|\d+\.", number, re.ASCII):
        return None
    return Range.parse(operator + number)
