"""National ids of Sweden, Denmark, Finland, Iceland and the Netherlands.

Each reader raises ValueError for a text that is no well-formed id; the message never repeats the number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from kohort.codes._national_id import Kind, NationalId, Sex, date_or_error

__all__ = ["read_danish", "read_dutch", "read_finnish", "read_icelandic", "read_swedish"]

_FINNISH_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_FINNISH_CENTURIES = {"+": 1800} | dict.fromkeys("-YXWVU", 1900) | dict.fromkeys("ABCDEF", 2000)


def _sum(weights: Sequence[int], figures: str) -> int:
    return sum(weight * int(figure) for weight, figure in zip(weights, figures, strict=True))


def _sex(figure: str) -> Sex:
    return "male" if int(figure) % 2 else "female"


def _match(pattern: str, text: str, words: str) -> tuple[str, ...]:
    found = re.fullmatch(pattern, text.strip().upper(), re.ASCII)
    if found is None:
        raise ValueError(words)
    return found.groups()


def read_swedish(text: str, *, as_of: date | None = None) -> NationalId:
    """Read a Swedish personal or coordination number (Skatteverket, SKV 704 and 707).

    Luhn's sum over the last ten figures; ``+`` instead of ``-`` from the year in which the person becomes
    100; a coordination number has day + 60.

    Args:
        text: ``yymmdd-nnnn``, ``yymmdd+nnnn`` or ``yyyymmddnnnn``, with or without the sign.
        as_of: the day on which the id was written; needed to know the century of the form with ten figures.
            Without it such an id has no birth date.
    """
    words = "a Swedish id has ten or twelve figures"
    century, year, month, day, sign, serial = _match(r"(\d\d)?(\d\d)(\d\d)(\d\d)([+-]?)(\d{4})", text, words)
    ten = f"{year}{month}{day}{serial}"
    doubled = (int(figure) * (2 - place % 2) for place, figure in enumerate(ten))
    if sum(n // 10 + n % 10 for n in doubled) % 10:
        raise ValueError("the check figure is not right")
    kind: Kind = "coordination" if int(day) > 60 else "ordinary"
    true_day = int(day) - 60 if kind == "coordination" else int(day)
    born = _swedish_birth(century, int(year), int(month), true_day, sign, as_of)
    number = f"{born.year // 100}{ten}" if born else f"{ten[:6]}{sign or '-'}{serial}"
    return NationalId(number, "SE", kind, "", born, _sex(serial[2]))


def _swedish_birth(century: str | None, year: int, month: int, day: int, sign: str, as_of: date | None) -> date | None:
    """Birth date; None if the century cannot be known. A day that exists in no century is refused."""
    if century is not None:
        return date_or_error(int(century) * 100 + year, month, day)
    if as_of is None:
        # 2000 stands for any century: it has all days that a year ending so can have.
        date_or_error(2000 + year, month, day)
        return None
    latest = as_of.year - (as_of.year - year) % 100
    return date_or_error(latest - 100 if sign == "+" else latest, month, day)


def read_danish(text: str) -> NationalId:
    """Read a Danish CPR number (CPR-kontoret, "Personnummeret i CPR").

    Since 2007 numbers are given out whose sum (4,3,2,7,6,5,4,3,2,1 mod 11) is not zero: the sum refuses
    nothing, and ``check_digits_right`` says whether it is zero. Replacement numbers with impossible days are
    refused.
    """
    day, month, year, serial = _match(r"(\d\d)(\d\d)(\d\d)-?(\d{4})", text, "a Danish id has ten figures")
    century = _danish_century(int(serial[0]), int(year))
    born = date_or_error(century + int(year), int(month), int(day))
    number = f"{day}{month}{year}{serial}"
    right = _sum((4, 3, 2, 7, 6, 5, 4, 3, 2, 1), number) % 11 == 0
    return NationalId(number, "DK", "ordinary", "", born, _sex(serial[3]), right)


def _danish_century(seventh: int, year: int) -> int:
    if seventh <= 3:
        return 1900
    if seventh in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def read_finnish(text: str, *, allow_temporary: bool = False) -> NationalId:
    """Read a Finnish personal identity code (Digital and Population Data Services Agency).

    ``ddmmyyCnnnX``: C the century (``+`` 1800s; ``-YXWVU`` 1900s; ``ABCDEF`` 2000s), X the figure or letter
    at place ddmmyynnn mod 31.

    Args:
        text: eleven characters.
        allow_temporary: also read nnn 900-999, given by hospitals and test systems to people without a code.
    """
    words = "a Finnish id has the form ddmmyyCnnnX"
    day, month, year, sign, serial, last = _match(r"(\d\d)(\d\d)(\d\d)([+\-YXWVUABCDEF])(\d{3})([0-9A-Y])", text, words)
    if _FINNISH_LETTERS[int(f"{day}{month}{year}{serial}") % 31] != last:
        raise ValueError("the check character is not right")
    if int(serial) < 2:
        raise ValueError("individual numbers begin with 002")
    kind: Kind = "temporary" if int(serial) >= 900 else "ordinary"
    if kind == "temporary" and not allow_temporary:
        raise ValueError("the number is a temporary one (900-999)")
    born = date_or_error(_FINNISH_CENTURIES[sign] + int(year), int(month), int(day))
    return NationalId(f"{day}{month}{year}{sign}{serial}{last}", "FI", kind, "", born, _sex(serial[2]))


def read_icelandic(text: str) -> NationalId:
    """Read an Icelandic kennitala (Registers Iceland).

    3,2,7,6,5,4,3,2,1 x figures 1-9 is zero mod 11; the last figure is the century (8, 9, 0); an organisation
    has day + 40. It says nothing about sex.
    """
    words = "an Icelandic id has ten figures, the last 8, 9 or 0"
    day, month, year, serial, century = _match(r"(\d\d)(\d\d)(\d\d)-?(\d{3})([890])", text, words)
    number = f"{day}{month}{year}{serial}{century}"
    if _sum((3, 2, 7, 6, 5, 4, 3, 2, 1), number[:9]) % 11:
        raise ValueError("the check figure is not right")
    kind: Kind = "organisation" if int(day) > 40 else "ordinary"
    first_year = {"8": 1800, "9": 1900, "0": 2000}[century]
    true_day = int(day) - 40 if kind == "organisation" else int(day)
    born = date_or_error(first_year + int(year), int(month), true_day)
    return NationalId(number, "IS", kind, "", None if kind == "organisation" else born)


def read_dutch(text: str) -> NationalId:
    """Read a Dutch burgerservicenummer: 9..2 x figures 1-8, minus the ninth, is zero mod 11.

    It says nothing about birth or sex. Eight figures are read with a zero before them.
    """
    (figures,) = _match(r"(\d{8,9})", text.replace(".", "").replace(" ", ""), "a Dutch id has nine figures")
    number = figures.zfill(9)
    if int(number) == 0 or _sum((9, 8, 7, 6, 5, 4, 3, 2, -1), number) % 11:
        raise ValueError("the check figure is not right")
    return NationalId(number, "NL", "ordinary")
