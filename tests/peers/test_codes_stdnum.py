"""python-stdnum is an independent reader of national ids: where both know a number, they must agree."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from stdnum.dk import cpr
from stdnum.fi import hetu
from stdnum.is_ import kennitala
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.se import personnummer

from kohort.codes import national_ids


def _norwegian(day: int, month: int, year: int, generator: np.random.Generator) -> str:
    return f"{day:02d}{month:02d}{year:02d}{generator.integers(10**5):05d}"


@pytest.mark.parametrize(("added_days", "added_months"), [(0, 0), (40, 0), (0, 40)])
def test_ordinary_d_and_h_numbers_agree(added_days: int, added_months: int):
    """4,000 drawn numbers of each kind: the same verdict and, where both give one, the same sex and birth date."""
    generator = np.random.default_rng(added_days + added_months)
    accepted = 0
    for _ in range(4_000):
        born = date(1900, 1, 1) + timedelta(days=int(generator.integers(36_000)))
        text = _norwegian(born.day + added_days, born.month + added_months, born.year % 100, generator)
        verdict = national_ids.is_norwegian(text)
        # stdnum refuses a birth date in the future; Kohort has no clock and leaves that to the quality checks.
        if verdict is not fodselsnummer.is_valid(text):
            assert fodselsnummer.get_birth_date(text) > date.today()  # noqa: DTZ011
            continue
        if verdict:
            identity = national_ids.read_norwegian(text)
            accepted += 1
            assert identity.sex == {"M": "male", "F": "female"}[fodselsnummer.get_gender(text)]
            assert identity.birth_date in (None, fodselsnummer.get_birth_date(text))
    assert accepted > 10


def test_stdnum_refuses_the_reserved_series_that_kohort_knows():
    """Month + 80 is why Kohort has a reader of its own."""
    number = national_ids.make_synthetic_norwegian(date(1970, 5, 17), "female", serial=3)
    assert national_ids.is_norwegian(number, allow_synthetic=True)
    assert not fodselsnummer.is_valid(number)


def _drawn(pattern: str, generator: np.random.Generator) -> str:
    born = date(1925, 1, 1) + timedelta(days=int(generator.integers(27_000)))
    return born.strftime(pattern) + f"{generator.integers(10**4):04d}"


def test_swedish_numbers_of_twelve_figures_agree():
    """Verdict, birth date and sex."""
    generator = np.random.default_rng(1)
    for _ in range(2_000):
        text = _drawn("%Y%m%d", generator)
        assert _verdict("SE", text) is personnummer.is_valid(text)
        if personnummer.is_valid(text):
            assert national_ids.read("SE", text).birth_date == personnummer.get_birth_date(text)


def test_danish_numbers_agree():
    """Verdict and birth date, whatever the sum."""
    generator = np.random.default_rng(2)
    for _ in range(2_000):
        text = _drawn("%d%m%y", generator)
        assert _verdict("DK", text) or not cpr.is_valid(text)
        if cpr.is_valid(text):
            assert national_ids.read("DK", text).birth_date == cpr.get_birth_date(text)


def test_finnish_numbers_agree():
    """Verdict over all signs of a century."""
    generator = np.random.default_rng(3)
    letters = "0123456789ABCDEFHJKLMNPRSTUVWXY"
    for _ in range(2_000):
        drawn = _drawn("%d%m%y", generator)
        last = letters[(int(drawn[:9]) + int(generator.integers(2))) % 31]
        text = f"{drawn[:6]}{generator.choice(list('+-YXWVUABCDEF'))}{drawn[6:9]}{last}"
        assert _verdict("FI", text) is hetu.is_valid(text)


def test_icelandic_numbers_agree():
    """Verdict for people of the twentieth century and of this one."""
    generator = np.random.default_rng(4)
    for _ in range(4_000):
        text = _drawn("%d%m%y", generator)[:9] + str(generator.choice([0, 9]))
        assert _verdict("IS", text) is kennitala.is_valid(text)


def test_dutch_numbers_agree():
    """Verdict."""
    generator = np.random.default_rng(5)
    for _ in range(4_000):
        text = f"{generator.integers(10**9):09d}"
        assert _verdict("NL", text) is bsn.is_valid(text)


def _verdict(country: str, text: str) -> bool:
    try:
        national_ids.read(country, text)
    except ValueError:
        return False
    return True
