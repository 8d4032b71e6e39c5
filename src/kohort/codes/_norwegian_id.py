"""Norwegian ids: eleven figures ddmmyy iii kk.

Rules (Skatteetaten; Norsk helsenett):

* Check figures: k1 = -(3,7,6,1,8,9,4,5,2 x figures 1-9) mod 11, k2 = -(5,4,3,2,7,6,5,4,3,2 x figures 1-10) mod 11;
  a sum that gives 10 belongs to no number.
* Century by the individual number iii: 000-499 1900s; 500-749 with yy >= 54 1800s; 500-999 with yy < 40 2000s;
  900-999 with yy >= 40 1900s. The ninth figure is odd for men.
* D-number: day + 40. H-number: month + 40. FH-number: day >= 80, the other figures mean nothing.
* Invented people: month + 80 (Skatteetaten's Tenor), month + 65 (Norsk helsenett), month + 40 (NAV's Dolly, which
  cannot be told from an H-number); each also with day + 40. D-number and month + 40 together are Dolly's.

The check figures are to change from 2032; ``check_digits=False`` reads numbers whose sum is not right and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from kohort.codes._national_id import Kind, NationalId, Sex, Synthetic, date_or_error

__all__ = [
    "IdSpan",
    "check_norwegian",
    "find_ids",
    "is_norwegian",
    "make_synthetic_norwegian",
    "make_synthetic_norwegians",
    "read_norwegian",
]

FIRST_WEIGHTS = np.array([3, 7, 6, 1, 8, 9, 4, 5, 2], dtype=np.int64)
SECOND_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], dtype=np.int64)
TENOR_MONTHS = 80

_SERIES: tuple[tuple[int, Synthetic], ...] = ((80, "tenor"), (65, "nhn"), (40, "dolly"))
_COMPACT = re.compile(r"\d{6}[ -]?\d{5}", re.ASCII)
_IN_TEXT = re.compile(
    r"(?<!\d)(?:\d{6}[ \u00a0-]?\d{5}|\d{2}([ .])\d{2}\1\d{2}[ -]\d{3} ?\d{2})(?!\d)", re.ASCII
)


def _check_digits(figures: str) -> str | None:
    """The two check figures for nine figures; None if no number has these."""
    values = [int(figure) for figure in figures]
    first = -sum(w * v for w, v in zip(FIRST_WEIGHTS.tolist(), values, strict=True)) % 11
    second = -sum(w * v for w, v in zip(SECOND_WEIGHTS.tolist(), [*values, first], strict=True)) % 11
    return None if 10 in (first, second) else f"{first}{second}"


def _century(individual: int, year: int) -> int:
    """The century of a birth year of two figures; ValueError if the pair was never given out."""
    if individual <= 499:
        return 1900
    if individual <= 749 and year >= 54:
        return 1800
    if year < 40:
        return 2000
    if individual >= 900:
        return 1900
    raise ValueError("the individual number does not fit the year")


def read_norwegian(text: str, *, allow_synthetic: bool = False, check_digits: bool = True) -> NationalId:
    """Read a Norwegian id.

    Args:
        text: eleven figures; a blank or dash may stand after the sixth.
        allow_synthetic: also read numbers of invented people. Keep it off where patients are real.
        check_digits: refuse a number whose sum is not right.

    Raises:
        ValueError: it is no well-formed id; the message says why and does not repeat the number.
    """
    if not _COMPACT.fullmatch(text.strip()):
        raise ValueError("a Norwegian id has eleven figures")
    number = re.sub("[ -]", "", text.strip())
    right = _check_digits(number[:9]) == number[9:]
    if check_digits and not right:
        raise ValueError("the check figures are not right")
    day, month, year, individual = (int(number[a:b]) for a, b in ((0, 2), (2, 4), (4, 6), (6, 9)))
    if day >= 80:
        return NationalId(number, "NO", "fh", check_digits_right=right)
    kind, synthetic, month = _kind(day, month)
    if synthetic and not allow_synthetic:
        raise ValueError("the number belongs to a series of invented people")
    born = date_or_error(_century(individual, year) + year, month, day - 40 if day > 40 else day)
    sex: Sex = "male" if individual % 2 else "female"
    return NationalId(number, "NO", kind, synthetic, None if kind == "d" else born, sex, right)


def _kind(day: int, month: int) -> tuple[Kind, Synthetic, int]:
    """Kind, synthetic series and true month. Month + 40 without a D-number is an H-number."""
    kind: Kind = "d" if day > 40 else "ordinary"
    for added, series in _SERIES:
        if month > added:
            if series == "dolly" and kind == "ordinary":
                return "h", "", month - added
            return kind, series, month - added
    return kind, "", month


def is_norwegian(text: str, *, allow_synthetic: bool = False, check_digits: bool = True) -> bool:
    """True if `read_norwegian` would read the text."""
    try:
        read_norwegian(text, allow_synthetic=allow_synthetic, check_digits=check_digits)
    except ValueError:
        return False
    return True


def check_norwegian(ids: pl.Series, *, allow_synthetic: bool = False) -> npt.NDArray[np.bool_]:
    """Which texts of a column are well-formed Norwegian ids: the same answer as `is_norwegian`, vectorised.

    Args:
        ids: n texts; null is not an id.
        allow_synthetic: also accept numbers of invented people.

    Returns:
        n truths.
    """
    # Bytes, not characters, are counted first: it is cheaper and enough, for only ASCII figures pass the cast.
    compact = ids.cast(pl.String).str.strip_chars()
    compact = compact.set(compact.str.contains(r"^[0-9]{6}[ -][0-9]{5}$"), None).fill_null(
        compact.str.replace(r"[ -]", "")
    )
    shaped = (compact.str.len_bytes() == 11) & compact.str.contains(r"^[0-9]{11}$")
    valid = shaped.fill_null(False).to_numpy().copy()
    numbers = compact.filter(pl.Series(valid)).cast(pl.Int64).to_numpy()
    valid[valid] = _check_numbers(numbers, allow_synthetic=allow_synthetic)
    return valid


def _check_numbers(numbers: npt.NDArray[np.int64], *, allow_synthetic: bool) -> npt.NDArray[np.bool_]:
    """Which numbers of eleven figures are well formed."""
    figures = [numbers // 10**power % 10 for power in range(10, -1, -1)]
    first = -sum(w * f for w, f in zip(FIRST_WEIGHTS.tolist(), figures[:9], strict=True)) % 11
    second = -sum(w * f for w, f in zip(SECOND_WEIGHTS.tolist(), figures[:10], strict=True)) % 11
    right = (first == figures[9]) & (second == figures[10])
    day, month, year = (10 * figures[i] + figures[i + 1] for i in (0, 2, 4))
    individual = 100 * figures[6] + 10 * figures[7] + figures[8]
    is_d = day > 40
    added = np.select([month > 80, month > 65, month > 40], [80, 65, 40], 0)
    real = (added == 0) | ((added == 40) & ~is_d)
    dated = _date_exists(np.where(is_d, day - 40, day), month - added, year, individual)
    return right & ((day >= 80) | (dated & (real | allow_synthetic)))


def _date_exists(
    day: npt.NDArray[np.int64],
    month: npt.NDArray[np.int64],
    year: npt.NDArray[np.int64],
    individual: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Which days exist in a century that fits the individual number."""
    low, early, late = individual <= 499, year < 40, individual >= 900
    old = (individual <= 749) & (year >= 54)
    # Of the years that end in 00 only 2000 is a leap year here; 1800 was never given out.
    leap = (year % 4 == 0) & ~((year == 0) & low)
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
    known_month = (month >= 1) & (month <= 12)
    length = lengths[np.where(known_month, month, 0)] + ((month == 2) & leap)
    return known_month & (day >= 1) & (day <= length) & (low | old | early | late)


@dataclass(frozen=True, slots=True)
class IdSpan:
    """Where a Norwegian id stands in a text.

    Attributes:
        start: first character.
        end: one past the last character.
        kind: kind of number.
        synthetic: series of invented people, empty if it may be somebody's.
    """

    start: int
    end: int
    kind: Kind
    synthetic: Synthetic


def find_ids(text: str) -> list[IdSpan]:
    """All Norwegian ids in a text, numbers of invented people among them.

    Eleven figures together, or divided as ``ddmmyy iiikk``, ``dd.mm.yy-iiikk`` and the like; the check figures
    must be right and no further figure may adjoin.
    """
    return list(_spans(text))


def _spans(text: str) -> Iterator[IdSpan]:
    for found in _IN_TEXT.finditer(text):
        try:
            identity = read_norwegian(re.sub(r"\D", "", found[0]), allow_synthetic=True)
        except ValueError:
            continue
        yield IdSpan(found.start(), found.end(), identity.kind, identity.synthetic)


def make_synthetic_norwegian(
    birth_date: date,
    sex: Sex,
    *,
    serial: int | None = None,
    rng: np.random.Generator | None = None,
    kind: Literal["ordinary", "d"] = "ordinary",
    series: Literal["tenor"] = "tenor",
) -> str:
    """An id that no living person has: month + 80, the series reserved for invented people.

    Args:
        birth_date: 1854-01-01 to 2039-12-31.
        sex: of the invented person.
        serial: takes the serial-th number (from 0) of that day and sex; about 200 to 400 exist.
        rng: takes one of them by chance; give either this or ``serial``.
        kind: ``d`` makes a D-number.
        series: the reserved series; no other is made, for a number outside it may be somebody's.

    Raises:
        ValueError: no such number, or an unknown series.
    """
    if series != "tenor":
        raise ValueError(
            "only the series 'tenor' (month + 80) is made; a number outside it may be somebody's"
        )
    if (serial is None) == (rng is None):
        raise ValueError("give either a serial or a random generator")
    numbers = _numbers_of(birth_date, sex, 40 if kind == "d" else 0)
    place = int(rng.integers(len(numbers))) if rng is not None else int(serial or 0)
    if not 0 <= place < len(numbers):
        raise ValueError(f"the serial must be from 0 to {len(numbers) - 1} for that day and sex")
    return f"{numbers[place]:011d}"


def _numbers_of(birth_date: date, sex: Sex, added_days: int) -> npt.NDArray[np.int64]:
    """All numbers of the Tenor series for a day and sex, ascending by individual number."""
    year = birth_date.year
    if not 1854 <= year <= 2039:
        raise ValueError("ids exist for birth years 1854 to 2039")
    start, stop = (500, 750) if year < 1900 else (0, 500) if year < 2000 else (500, 1000)
    individual = np.arange(start + (sex == "male"), stop, 2, dtype=np.int64)
    head = (birth_date.day + added_days) * 10_000 + (birth_date.month + TENOR_MONTHS) * 100 + year % 100
    return with_check_digits(head * 1000 + individual)


def with_check_digits(heads: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Numbers of nine figures with their two check figures; those that cannot have any are left out."""
    figures = [heads // 10**power % 10 for power in range(8, -1, -1)]
    first = -sum(w * f for w, f in zip(FIRST_WEIGHTS.tolist(), figures, strict=True)) % 11
    second = -sum(w * f for w, f in zip(SECOND_WEIGHTS.tolist(), [*figures, first], strict=True)) % 11
    return (heads * 100 + first * 10 + second)[(first < 10) & (second < 10)]


def make_synthetic_norwegians(birth_dates: pl.Series, sexes: pl.Series) -> pl.Series:
    """Ids of invented people for a whole column, all different.

    People of one day and sex get the serials 0, 1, 2 ... in the order of the column.

    Args:
        birth_dates: n dates.
        sexes: n texts, ``female`` or ``male``.

    Returns:
        n texts.

    Raises:
        ValueError: a day and sex has more people than numbers (about 200 to 400).
    """
    people = pl.DataFrame({"born": birth_dates, "sex": sexes})
    serials = people.select(serial=pl.int_range(pl.len()).over("born", "sex"))["serial"].to_numpy()
    groups = people.with_row_index("row").group_by("born", "sex").agg("row")
    numbers = np.empty(len(people), dtype=np.int64)
    for born, sex, rows in groups.iter_rows():
        known = _numbers_of(born, sex, 0)
        if len(rows) > len(known):
            raise ValueError(
                f"only {len(known)} ids exist for one day and sex, and more people were asked for"
            )
        numbers[rows] = known[serials[rows]]
    return pl.Series("id", numbers).cast(pl.String).str.zfill(11)
