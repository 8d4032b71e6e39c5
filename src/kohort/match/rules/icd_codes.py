"""ICD codes as criteria ask for them: prefixes and ranges, against records that may be coarser."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from kohort.codes import icd
from kohort.errors import UserError

__all__ = ["codes_of", "is_within", "prefixes"]

_RANGE = re.compile(r"([A-Z])(\d\d)-([A-Z])(\d\d)")


def codes_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Codes and ranges in normal form and order: ``c509`` is ``C50.9``, ``I20 - i25`` is ``I20-I25``.

    Raises:
        UserError: one has not that form.
    """
    return tuple(sorted({_normalised(text) for text in texts}))


def _normalised(text: str) -> str:
    bare = re.sub(r"\s+", "", text).upper()
    found = _RANGE.fullmatch(bare)
    if found and found[1] == found[3] and found[2] < found[4]:
        return bare
    code = icd.normalise(bare)
    if not icd.is_icd10(code):
        raise UserError(
            f"{text!r} is no ICD code.", remedy="Write a category (C34), a code (C34.1) or a range (C81-C96)."
        )
    return code


@functools.cache
def prefixes(code: str) -> tuple[str, ...]:
    """The categories of a range, else the code itself."""
    found = _RANGE.fullmatch(code)
    if found is None:
        return (code,)
    return tuple(f"{found[1]}{number:02}" for number in range(int(found[2]), int(found[4]) + 1))


def is_within(recorded: str, asked: Iterable[str]) -> bool | None:
    """True if a recorded code is one of those asked or below it, None if it is coarser than one of them.

    ``.9`` (not otherwise specified) is as coarse as its category: ``C34.9`` may be ``C34.1``.
    """
    code = icd.normalise(recorded)
    wanted = [prefix for one in asked for prefix in prefixes(one)]
    if any(code.startswith(prefix) for prefix in wanted):
        return True
    coarse = code.removesuffix(".9") if len(code) == len("C34.9") else code
    return None if any(prefix.startswith(coarse) for prefix in wanted) else False
