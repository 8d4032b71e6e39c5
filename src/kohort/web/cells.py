"""What may stand in a cell: a number, a number that is hidden, or nothing known.

The rule of small cells itself is the gate's; a page shows what it is given. It refuses only to show side by
side numbers from which a reader could compute a hidden one.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from kohort.errors import IntegrityError

__all__ = ["NOT_SHOWN", "Count", "check_count", "check_parts", "is_hidden", "would_reveal"]

Count = int | str
"""A number of patients or rows, or the text that stands in its place: ``"<5"`` or ``NOT_SHOWN``."""

NOT_SHOWN = "not shown"
"""A number that is not small itself, but would let a reader compute one that is."""

_BELOW = re.compile(r"<(\d{1,4})")


def is_hidden(count: Count | None) -> bool:
    """True for a text that stands in a number's place."""
    return isinstance(count, str)


def check_count(count: Count | None, name: str) -> None:
    """Refuse what is neither a number from 0, nor a hidden number, nor None (not known).

    Raises:
        ValueError: naming the field; never the value.
    """
    if count is None:
        return
    if isinstance(count, str):
        if count != NOT_SHOWN and not _BELOW.fullmatch(count):
            raise ValueError(f"{name}: a hidden number is written '<5' or {NOT_SHOWN!r}")
    elif isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ValueError(f"{name}: a count is a whole number from 0")


def would_reveal(parts: Collection[Count | None], total: Count | None) -> bool:
    """True if hidden parts can be computed from the total and the parts that are shown.

    One hidden part is the difference. Several are known when the difference is the greatest that they can sum
    to (two ``"<5"`` and 8 left are 4 and 4) or so small that each is 0 or 1.

    Args:
        parts: parts that add up to the total, each patient in one part; None where a part is not known.
        total: their total.
    """
    hidden = [part for part in parts if isinstance(part, str)]
    if not hidden or not isinstance(total, int) or None in parts:
        return False
    left = total - sum(part for part in parts if isinstance(part, int))
    below = [int(found[1]) for part in hidden if (found := _BELOW.fullmatch(part))]
    if len(hidden) == 1 or left <= len(hidden):
        return True
    return len(below) == len(hidden) and left >= sum(limit - 1 for limit in below)


def check_parts(parts: Collection[Count | None], total: Count | None, where: str) -> None:
    """Refuse parts beside a total that gives a hidden part away.

    Raises:
        IntegrityError: naming the place; never the numbers.
    """
    if would_reveal(parts, total):
        raise IntegrityError(
            f"{where}: a hidden part could be computed from the total beside it.",
            remedy=f"Write the total as {NOT_SHOWN!r}, or hide a second part.",
        )
