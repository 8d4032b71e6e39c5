"""Norwegian ids: eleven figures ddmmyy iii kk.

Rules (Skatteetaten; Norsk helsenett):

* Check figures: k1 = -(3,7,6,1,8,9,4,5,2 x figures 1-9) mod 11, k2 = -(5,4,3,2,7,6,5,4,3,2 x figures 1-10)
  mod 11; a sum that gives 10 belongs to no number.
* Century by the individual number iii: 000-499 1900s; 500-749 with yy >= 54 1800s; 500-999 with yy < 40
  2000s; 900-999 with yy >= 40 1900s. The ninth figure is odd for men.
* D-number: day + 40. H-number: month + 40. FH-number: day >= 80, the other figures mean nothing.
* Invented people: month + 80 (Skatteetaten's Tenor), month + 65 (Norsk helsenett), month + 40 (NAV's Dolly,
  which cannot be told from an H-number); each also with day + 40. D-number and month + 40 together are
  Dolly's.

The check figures are to change from 2032; ``check_digits=False`` reads numbers whose sum is not right and
says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
MONTH_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int16)
TENOR_MONTHS = 80

Figures = npt.NDArray[np.integer]

_SERIES: tuple[tuple[int, Synthetic], ...] = ((80, "tenor"), (65, "nhn"), (40, "dolly"))
_COMPACT = re.compile(r"\d{6}[ -]?\d{5}", re.ASCII)
_IN_TEXT = re.compile(r"(?<!\d)(?:\d{6}[ \u00a0-]?\d{5}|\d{2}([ .])\d{2}\1\d{2}[ -]\d{3} ?\d{2})(?!\d)", re.ASCII)


def _check_digits(figures: str) -> str | None:
    """The two check figures for nine figures; None if no number has these."""
    values = [int(figure) for figure in figures]
    first = -sum(w * v for w, v in zip(FIRST_WEIGHTS, values, strict=True)) % 11
    second = -sum(w * v for w, v in zip(SECOND_WEIGHTS, [*values, first], strict=True)) % 11
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
    written = ids.cast(pl.String)
    eleven = (written.str.len_bytes() == 11).fill_null(False)
    if not eleven.all():
        compact = written.str.strip_chars().str.replace(r"^([0-9]{6})[ -]([0-9]{5})$", "${1}${2}")
        written = written.zip_with(eleven, compact)
        eleven = (written.str.len_bytes() == 11).fill_null(False)
    valid = eleven.to_numpy().copy()
    joined = written.filter(eleven).str.join("").item().encode()
    figures = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 11).T.astype(np.int16) - ord("0")
    valid[valid] = _check_figures(figures, allow_synthetic=allow_synthetic)
    return valid


def _check_figures(figures: npt.NDArray[np.int16], *, allow_synthetic: bool) -> npt.NDArray[np.bool_]:
    """Which columns of an 11 x n matrix, figures or other signs, are well-formed numbers."""
    only_figures = ((figures >= 0) & (figures <= 9)).all(axis=0)
    first = -_weigh(FIRST_WEIGHTS, figures) % 11
    second = -_weigh(SECOND_WEIGHTS, figures) % 11
    right = (first == figures[9]) & (second == figures[10])
    day, month, year = (10 * figures[i] + figures[i + 1] for i in (0, 2, 4))
    individual = 100 * figures[6] + 10 * figures[7] + figures[8]
    is_d = day > 40
    added = 80 * (month > 80) + 65 * ((month > 65) & (month <= 80)) + 40 * ((month > 40) & (month <= 65))
    real = (added == 0) | ((added == 40) & ~is_d)
    dated = _date_exists(day - 40 * is_d, month - added, year, individual)
    return only_figures & right & ((day >= 80) | (dated & (real | allow_synthetic)))


def _weigh(weights: tuple[int, ...], figures: Sequence[Figures] | Figures) -> Figures:
    """The weighted sum of as many figures as there are weights."""
    return sum((weight * figures[i] for i, weight in enumerate(weights[1:], 1)), weights[0] * figures[0])


def _date_exists(day: Figures, month: Figures, year: Figures, individual: Figures) -> npt.NDArray[np.bool_]:
    """Which days exist in a century that fits the individual number."""
    low, early, late = individual <= 499, year < 40, individual >= 900
    old = (individual <= 749) & (year >= 54)
    # Of the years that end in 00 only 2000 is a leap year here; 1800 was never given out.
    leap = (year % 4 == 0) & ~((year == 0) & low)
    known_month = (month >= 1) & (month <= 12)
    length = MONTH_LENGTHS[np.where(known_month, month, 0)] + ((month == 2) & leap)
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

    Eleven figures together, or divided as ``ddmmyy iiikk``, ``dd.mm.yy-iiikk`` and the like; the check
    figures must be right and no further figure may adjoin.
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
        serial: takes the serial-th number (from 0) of that day and sex; about 200 exist, half as many before 1900.
        rng: takes one of them by chance; give either this or ``serial``.
        kind: ``d`` makes a D-number.
        series: the reserved series; no other is made, for a number outside it may be somebody's.

    Raises:
        ValueError: no such number, or an unknown series.
    """
    if series != "tenor":
        raise ValueError("only the series 'tenor' (month + 80) is made; a number outside it may be somebody's")
    if (serial is None) == (rng is None):
        raise ValueError("give either a serial or a random generator")
    known = _numbers_of(np.array([_head(birth_date, kind)]), np.array([birth_date.year]), np.array([sex == "male"]))[0]
    numbers = known[known > 0]
    place = int(rng.integers(len(numbers))) if rng is not None else int(serial or 0)
    if not 0 <= place < len(numbers):
        raise ValueError(f"the serial must be from 0 to {len(numbers) - 1} for that day and sex")
    return f"{numbers[place]:011d}"


def make_synthetic_norwegians(birth_dates: pl.Series, sexes: pl.Series) -> pl.Series:
    """Ids of invented people for a whole column, all different.

    People of one day and sex get the serials 0, 1, 2 ... in the order of the column.

    Args:
        birth_dates: n dates, 1854-01-01 to 2039-12-31.
        sexes: n texts, ``female`` or ``male``.

    Returns:
        n texts.

    Raises:
        ValueError: another sex, or a day and sex has more people than numbers (about 200 to 250; half of it
            before 1900).
    """
    if not sexes.is_in(["female", "male"]).fill_null(False).all():
        raise ValueError("the sex of an invented person is 'female' or 'male'")
    people = pl.DataFrame({"born": birth_dates, "male": sexes == "male"}).with_columns(
        serial=pl.int_range(pl.len()).over("born", "male"),
        group=pl.struct("born", "male").rank("dense") - 1,
    )
    days = people.unique("group").sort("group")
    born = days["born"]
    heads = (
        born.dt.day().cast(pl.Int64) * 10_000
        + (born.dt.month().cast(pl.Int64) + TENOR_MONTHS) * 100
        + born.dt.year() % 100
    ).to_numpy()
    years, male = born.dt.year().to_numpy(), days["male"].to_numpy()
    group, serial = people["group"].to_numpy(), people["serial"].to_numpy()
    numbers = np.empty(len(people), dtype=np.int64)
    # A chunk of days at a time: each day has a row of 300 numbers in memory.
    for start in range(0, len(days), 4096):
        chunk = slice(start, start + 4096)
        known = _numbers_of(heads[chunk], years[chunk], male[chunk])
        rows = np.flatnonzero((group >= start) & (group < start + 4096))
        numbers[rows] = known[group[rows] - start, np.minimum(serial[rows], known.shape[1] - 1)]
        if (numbers[rows] < 0).any() or (serial[rows] >= known.shape[1]).any():
            raise ValueError("more people were asked for than ids exist for one day and sex")
    return pl.Series("id", numbers).cast(pl.String).str.zfill(11)


def _head(birth_date: date, kind: Literal["ordinary", "d"]) -> int:
    """The first six figures in the Tenor series, as a number."""
    day = birth_date.day + (40 if kind == "d" else 0)
    return day * 10_000 + (birth_date.month + TENOR_MONTHS) * 100 + birth_date.year % 100


def _numbers_of(
    heads: npt.NDArray[np.int64], years: npt.NDArray[np.integer], male: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """All numbers that begin with each head, n x 300: in the order of the individual number, then -1 to the end."""
    if ((years < 1854) | (years > 2039)).any():
        raise ValueError("ids exist for birth years 1854 to 2039")
    # Individual numbers by century, see the module's text; 900-999 come last for 1940 to 1999.
    steps = np.concatenate([np.arange(0, 500, 2), np.arange(900, 1000, 2)])
    century = years[:, None]
    individual = np.where(century // 100 == 19, steps, 500 + steps) + male[:, None]
    given = np.where(century < 1900, steps < 250, steps < 500) | ((century >= 1940) & (century < 2000))
    nine = heads[:, None] * 1000 + individual
    figures = [nine // 10**power % 10 for power in range(8, -1, -1)]
    first = -_weigh(FIRST_WEIGHTS, figures) % 11
    second = -_weigh(SECOND_WEIGHTS, [*figures, first]) % 11
    exists = given & (first < 10) & (second < 10)
    numbers = np.where(exists, nine * 100 + first * 10 + second, -1)
    return np.take_along_axis(numbers, np.argsort(~exists, axis=1, kind="stable"), axis=1)
