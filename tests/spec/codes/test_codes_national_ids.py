"""National ids are checked by their country's rule, and say no more about a person than the rule allows.

Norwegian numbers are computed here for people born in the 1800s, or in a series of invented people; those of other
countries are the examples that the authorities print.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from kohort.codes import national_ids
from kohort.errors import UnknownNameError


def _complete(six: str, first_individual: int, *, wrong: bool = False) -> str:
    """The next Norwegian number that begins with six figures and an individual number from the given one on."""
    for individual in range(first_individual, 1000, 2):
        values = [int(figure) for figure in f"{six}{individual:03d}"]
        first = (11 - sum(w * v for w, v in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), values, strict=True)) % 11) % 11
        values.append(first)
        second = (11 - sum(w * v for w, v in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), values, strict=True)) % 11) % 11
        if first < 10 and second < 10:
            return f"{six}{individual:03d}{first}{(second + wrong) % 10}"
    raise AssertionError("no number fits")


@pytest.mark.parametrize(
    ("six", "kind", "born"),
    [
        ("150371", "ordinary", date(1871, 3, 15)),
        ("550371", "d", None),
        ("154371", "h", date(1871, 3, 15)),
        ("850371", "fh", None),
    ],
)
def test_a_norwegian_id_says_its_kind_and_only_a_true_birth_date(six: str, kind: str, born: date | None):
    """A D-number may carry the day of registration, an FH-number carries no date: neither gives a birth date."""
    identity = national_ids.read_norwegian(_complete(six, 501))
    assert (identity.kind, identity.birth_date, identity.synthetic) == (kind, born, "")


@pytest.mark.parametrize(("individual", "sex"), [(500, "female"), (501, "male")])
def test_the_ninth_figure_of_a_norwegian_id_is_odd_for_men(individual: int, sex: str):
    """Sex is read from ordinary, D- and H-numbers."""
    for six in ("150371", "550371", "154371"):
        assert national_ids.read_norwegian(_complete(six, individual)).sex == sex


def test_an_fh_number_says_nothing_about_sex():
    """Its figures after the first are without meaning."""
    assert national_ids.read_norwegian(_complete("850371", 501)).sex is None


@pytest.mark.parametrize("added_days", [0, 40])
@pytest.mark.parametrize(("added_months", "series"), [(80, "tenor"), (65, "nhn")])
def test_numbers_of_invented_people_are_refused_unless_asked_for(added_months: int, series: str, added_days: int):
    """Test data must not pass for patients; whoever wants them says so."""
    number = _complete(f"{15 + added_days}{3 + added_months}71", 501)
    with pytest.raises(ValueError, match="invented people"):
        national_ids.read_norwegian(number)
    assert not national_ids.is_norwegian(number)
    identity = national_ids.read_norwegian(number, allow_synthetic=True)
    assert (identity.synthetic, identity.kind) == (series, "d" if added_days else "ordinary")


def test_a_d_number_with_an_h_month_belongs_to_invented_people():
    """Month + 40 alone is an H-number, which Dolly shares; together with day + 40 it is Dolly's."""
    number = _complete("554371", 501)
    assert not national_ids.is_norwegian(number)
    assert national_ids.read_norwegian(number, allow_synthetic=True).synthetic == "dolly"


@pytest.mark.parametrize(
    ("six", "individual", "born"),
    [
        ("150354", 500, date(1854, 3, 15)),
        ("158354", 100, date(1954, 3, 15)),
        ("158340", 900, date(1940, 3, 15)),
        ("158339", 500, date(2039, 3, 15)),
    ],
)
def test_the_individual_number_gives_the_century(six: str, individual: int, born: date):
    """000-499 1900s, 500-749 1800s, 500-999 2000s, 900-999 1940-1999."""
    assert national_ids.read_norwegian(_complete(six, individual), allow_synthetic=True).birth_date == born


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1503715011", "eleven figures"),
        ("15037150a11", "eleven figures"),
        (_complete("150371", 501, wrong=True), "check figures"),
        (_complete("320371", 501), "does not exist"),
        (_complete("151371", 501), "does not exist"),
        (_complete("290271", 501), "does not exist"),
        (_complete("150345", 801), "does not fit the year"),
    ],
)
def test_what_is_no_norwegian_id_is_refused_without_repeating_it(text: str, words: str):
    """The message says why, and never shows the number."""
    with pytest.raises(ValueError, match=words) as caught:
        national_ids.read_norwegian(text)
    assert text not in str(caught.value)


def test_the_check_figures_can_be_set_aside():
    """From 2032 numbers with other sums are announced: they are read and marked."""
    wrong = _complete("150371", 501, wrong=True)
    assert not national_ids.read_norwegian(wrong, check_digits=False).check_digits_right
    assert national_ids.read_norwegian(_complete("150371", 501), check_digits=False).check_digits_right


def test_a_number_is_hidden_in_its_repr():
    """An id that is printed by accident shows everything but itself."""
    number = _complete("150371", 501)
    identity = national_ids.read_norwegian(f" {number[:6]} {number[6:]} ")
    assert identity.number == number
    assert number not in repr(identity)


def test_no_birth_date_can_be_put_on_a_d_number():
    """The dataclass refuses what the rule forbids."""
    with pytest.raises(ValueError, match="no birth date"):
        national_ids.NationalId("1", "NO", "d", birth_date=date(1871, 3, 15))


def test_a_column_is_checked_at_once():
    """The same answers as one by one; null and blank are no ids."""
    good, tenor = _complete("150371", 501), _complete("158371", 501)
    texts = pl.Series([good, f"{good[:6]}-{good[6:]}", tenor, None, "", "-1234567890", "15037150ø1", good + "1"])
    assert national_ids.check_norwegian(texts).tolist() == [True, True, *[False] * 6]
    assert national_ids.check_norwegian(texts, allow_synthetic=True).tolist() == [True, True, True, *[False] * 5]
    assert national_ids.check_norwegian(pl.Series([], dtype=pl.String)).tolist() == []


def test_invented_ids_are_made_in_the_reserved_series_only():
    """Month + 80, so that no living person has the number."""
    number = national_ids.make_synthetic_norwegian(date(1980, 2, 29), "female", serial=0)
    assert number.startswith("298280")
    identity = national_ids.read_norwegian(number, allow_synthetic=True)
    assert (identity.synthetic, identity.birth_date, identity.sex) == ("tenor", date(1980, 2, 29), "female")
    with pytest.raises(ValueError, match="only the series 'tenor'"):
        national_ids.make_synthetic_norwegian(date(1980, 2, 29), "female", serial=0, series="dolly")  # type: ignore[arg-type]


def test_an_invented_d_number_adds_forty_to_the_day():
    """Tests of linkage need people who change from a D-number to an ordinary one."""
    number = national_ids.make_synthetic_norwegian(date(1980, 2, 28), "male", serial=7, kind="d")
    assert number.startswith("688280")
    assert national_ids.read_norwegian(number, allow_synthetic=True).kind == "d"


def test_an_invented_id_needs_a_serial_or_a_generator():
    """One of the two, a serial that exists, and a year in which ids exist."""
    day = date(1980, 2, 29)
    with pytest.raises(ValueError, match="either a serial or"):
        national_ids.make_synthetic_norwegian(day, "male")
    with pytest.raises(ValueError, match="the serial must be from 0"):
        national_ids.make_synthetic_norwegian(day, "male", serial=5000)
    with pytest.raises(ValueError, match="1854 to 2039"):
        national_ids.make_synthetic_norwegian(date(1800, 1, 1), "male", serial=0)
    generator = np.random.default_rng(3)
    assert national_ids.is_norwegian(
        national_ids.make_synthetic_norwegian(day, "male", rng=generator), allow_synthetic=True
    )


def test_invented_ids_of_a_column_are_all_different():
    """People of one day and sex take the serials in turn."""
    born = pl.Series([date(1980, 2, 29)] * 100 + [date(1899, 1, 1)] * 50)
    sexes = pl.Series(["female", "male"] * 75)
    ids = national_ids.make_synthetic_norwegians(born, sexes)
    assert ids.n_unique() == 150
    assert national_ids.check_norwegian(ids, allow_synthetic=True).all()
    assert ids[2] == national_ids.make_synthetic_norwegian(date(1980, 2, 29), "female", serial=1)


def test_more_invented_people_than_numbers_are_refused():
    """A day and sex has a little over 200 numbers, and an invented person is female or male."""
    born = pl.Series([date(1980, 2, 29)] * 400)
    with pytest.raises(ValueError, match="more people were asked for"):
        national_ids.make_synthetic_norwegians(born, pl.Series(["male"] * 400))
    with pytest.raises(ValueError, match="'female' or 'male'"):
        national_ids.make_synthetic_norwegians(born, pl.Series(["x"] * 400))


def test_ids_are_found_in_a_text_with_their_place():
    """Together or divided, of patients and of invented people; other runs of eleven figures are passed over."""
    real, tenor = _complete("150371", 501), _complete("158371", 501)
    dotted = f"{real[:2]}.{real[2:4]}.{real[4:6]}-{real[6:9]}{real[9:]}"
    text = f"Fnr {real}, test {tenor[:6]} {tenor[6:]}; {dotted}. Phone 15037150112, ref 1{real}."
    spans = national_ids.find_ids(text)
    assert [text[span.start : span.end] for span in spans] == [real, f"{tenor[:6]} {tenor[6:]}", dotted]
    assert [span.synthetic for span in spans] == ["", "tenor", ""]


@pytest.mark.parametrize(
    ("country", "text", "born", "sex"),
    [
        ("SE", "19121212-1212", date(1912, 12, 12), "male"),
        ("DK", "070761-4285", date(1961, 7, 7), "male"),
        ("FI", "131052-308T", date(1952, 10, 13), "female"),
        ("IS", "120174-3399", date(1974, 1, 12), None),
        ("NL", "111222333", None, None),
    ],
)
def test_printed_examples_of_other_countries_are_read(country: str, text: str, born: date | None, sex: str | None):
    """Each country's reader gives birth date and sex where its ids carry them."""
    identity = national_ids.read(country.lower(), text)
    assert (identity.country, identity.birth_date, identity.sex) == (country, born, sex)


@pytest.mark.parametrize(
    ("country", "text", "words"),
    [
        ("SE", "19121212-1213", "check figure"),
        ("SE", "1912121", "ten or twelve"),
        ("DK", "320761-4285", "does not exist"),
        ("DK", "0707614285x", "ten figures"),
        ("FI", "131052-308U", "check character"),
        ("FI", "131052308T", "ddmmyyCnnnX"),
        ("IS", "120174-3389", "check figure"),
        ("IS", "120174-3395", "ten figures"),
        ("NL", "111222334", "check figure"),
        ("NL", "000000000", "check figure"),
    ],
)
def test_what_is_no_id_of_a_country_is_refused_without_repeating_it(country: str, text: str, words: str):
    """Length, check figure and date are tested."""
    with pytest.raises(ValueError, match=words) as caught:
        national_ids.read(country, text)
    assert text not in str(caught.value)


def test_a_country_without_a_reader_is_named():
    """The message suggests the countries that are known."""
    with pytest.raises(UnknownNameError, match="XX"):
        national_ids.read("XX", "1")


def test_a_swedish_id_of_ten_figures_needs_the_day_it_was_written():
    """``+`` stands from the year of 100; without a day the century, and so the birth date, is unknown."""
    assert national_ids.read_swedish("121212-1212").birth_date is None
    written = date(2010, 6, 1)
    assert national_ids.read_swedish("121212+1212", as_of=date(2015, 1, 1)).birth_date == date(1912, 12, 12)
    assert national_ids.read_swedish("121212-1212", as_of=written).birth_date == date(1912, 12, 12)
    assert national_ids.read_swedish("121212-1212", as_of=date(2015, 1, 1)).birth_date == date(2012, 12, 12)


def test_a_swedish_coordination_number_has_sixty_added_to_the_day():
    """It is accepted and called by its kind."""
    assert national_ids.read_swedish("19701063-2391").kind == "coordination"


def test_a_danish_id_without_a_right_sum_is_read_and_marked():
    """Since 2007 numbers are given out whose sum is not zero."""
    assert not national_ids.read_danish("070761-4284").check_digits_right
    assert national_ids.read_danish("070761-4285").check_digits_right


@pytest.mark.parametrize(
    ("serial", "year", "born"),
    [("0001", "61", 1961), ("4001", "36", 2036), ("4001", "37", 1937), ("5001", "57", 2057), ("5001", "58", 1858)],
)
def test_the_seventh_figure_of_a_danish_id_gives_the_century(serial: str, year: str, born: int):
    """The register's table of seventh figure and year."""
    birth_date = national_ids.read_danish(f"0707{year}{serial}").birth_date
    assert birth_date == date(born, 7, 7)


def test_a_temporary_finnish_id_is_refused_unless_asked_for():
    """900-999 are given to people without a code, and to invented ones."""
    number = f"131052-900{'0123456789ABCDEFHJKLMNPRSTUVWXY'[131052900 % 31]}"
    with pytest.raises(ValueError, match="temporary"):
        national_ids.read_finnish(number)
    assert national_ids.read_finnish(number, allow_temporary=True).kind == "temporary"
    first = f"131052-001{'0123456789ABCDEFHJKLMNPRSTUVWXY'[131052001 % 31]}"
    with pytest.raises(ValueError, match="begin with 002"):
        national_ids.read_finnish(first)


def test_an_icelandic_organisation_has_forty_added_to_the_day():
    """It is told from a person and has no birth date."""
    identity = national_ids.read_icelandic("450401-3150")
    assert (identity.kind, identity.birth_date) == ("organisation", None)
