"""Numbers as people read them."""

from __future__ import annotations

from datetime import date

from kohort.web.cells import NOT_SHOWN, Count

__all__ = ["count_words", "day_words", "fixed", "hidden_words", "number", "percent", "plural", "time_words"]

THIN_SPACE = "\u202f"
DAYS_A_YEAR = 365.25
# Not strftime: its words follow the machine's language.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS_A_MONTH = DAYS_A_YEAR / 12


def number(value: int) -> str:
    """A whole number with thin spaces between thousands (ISO 80000-1)."""
    return f"{value:,}".replace(",", THIN_SPACE)


def count_words(count: Count | None) -> str:
    """A count as text: a number, the text of a hidden number, or ``not known``."""
    if count is None:
        return "not known"
    return count if isinstance(count, str) else number(count)


def percent(share: float) -> str:
    """A share as a percentage: whole, with one decimal below 10 %, and never 0 % for what is not nothing."""
    hundredths = 100 * share
    if 0 < hundredths < 0.1:
        return "<0.1%"
    if hundredths == 0 or hundredths >= 9.95:
        return f"{hundredths:.0f}%"
    return f"{hundredths:.1f}%"


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals."""
    return f"{value:.{decimals}f}"


def plural(count: Count, one: str, many: str = "") -> str:
    """A count with its noun: ``1 site``, ``3 sites``, ``<5 patients``."""
    return f"{count_words(count)} {one if count == 1 else many or one + 's'}"


def day_words(iso: str) -> str:
    """An ISO date as people write it: ``2 March 2026``."""
    day = date.fromisoformat(iso)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def time_words(days: float, unit: str) -> str:
    """Days in ``years`` or ``months``, with one decimal where needed."""
    value = days / (DAYS_A_YEAR if unit == "years" else DAYS_A_MONTH)
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def hidden_words(count: Count) -> str:
    """What a hidden number means, for a tooltip and for readers of the page by ear."""
    return (
        "hidden, because another number could be computed from it"
        if count == NOT_SHOWN
        else f"fewer than {str(count)[1:]}"
    )
