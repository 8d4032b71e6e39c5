"""A date is read with the precision it was written in, or refused with the reason."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from kohort.codes import dates
from kohort.codes.dates import DAY, MONTH, YEAR, PartialDate


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("2021-03-09", date(2021, 3, 9), DAY),
        ("2021-3-9", date(2021, 3, 9), DAY),
        ("2021-03-09T10:15:00Z", date(2021, 3, 9), DAY),
        ("2021-03-09 10:15:00", date(2021, 3, 9), DAY),
        ("20210309", date(2021, 3, 9), DAY),
        ("2021/03/09", date(2021, 3, 9), DAY),
        ("09.03.2021", date(2021, 3, 9), DAY),
        ("9. 3. 2021", date(2021, 3, 9), DAY),
        ("2021-03", date(2021, 3, 1), MONTH),
        (" 2021 ", date(2021, 1, 1), YEAR),
        ("2020-02-29", date(2020, 2, 29), DAY),
    ],
)
def test_a_date_is_read_in_the_forms_of_records(text: str, value: date, precision: int):
    """ISO 8601 whole or cut, with a time, without dashes, and day.month.year."""
    assert dates.parse(text) == PartialDate(value, precision)


@pytest.mark.parametrize(
    ("text", "value"),
    [("13/04/2020", date(2020, 4, 13)), ("04/13/2020", date(2020, 4, 13)), ("04/04/2020", date(2020, 4, 4))],
)
def test_a_date_with_slashes_is_read_where_only_one_reading_is_possible(text: str, value: date):
    """One number above 12 must be the day; equal numbers are the same either way."""
    assert dates.parse(text) == PartialDate(value, DAY)


def test_a_date_with_slashes_and_two_readings_is_refused():
    """3 April and 4 March are not guessed between."""
    with pytest.raises(ValueError, match="cannot be told apart"):
        dates.parse("03/04/2020")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2021-02-30", "no such day; that month has 28 days"),
        ("2021-04-31", "no such day; that month has 30 days"),
        ("2021-02-00", "no such day"),
        ("2021-13-01", "no such month"),
        ("31.13.2021", "no such month"),
        ("1021-01-01", "year is outside"),
        ("13/14/2020", "no such month"),
        ("yesterday", "not a date"),
        ("", "not a date"),
        ("2021-03-09x", "not a date"),
    ],
)
def test_a_date_that_does_not_exist_is_refused_with_the_reason(text: str, words: str):
    """The message says what is wrong and does not repeat the date."""
    with pytest.raises(ValueError, match=words) as caught:
        dates.parse(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("text", ["2021", "2021-03", "2021-03-09"])
def test_a_date_is_written_as_exactly_as_it_is_known(text: str):
    """Writing gives ISO 8601 with the parts that are known."""
    assert str(dates.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "last", "days"),
    [
        ("2021", date(2021, 12, 31), 365),
        ("2020", date(2020, 12, 31), 366),
        ("2021-02", date(2021, 2, 28), 28),
        ("2021-02-03", date(2021, 2, 3), 1),
    ],
)
def test_a_date_knows_the_days_it_can_mean(text: str, last: date, days: int):
    """From the value to the last day of the period."""
    parsed = dates.parse(text)
    assert (parsed.last, parsed.days) == (last, days)


@pytest.mark.parametrize(
    ("value", "precision"), [(date(2021, 3, 9), MONTH), (date(2021, 3, 1), YEAR), (date(2021, 3, 9), 0)]
)
def test_a_date_that_contradicts_its_precision_cannot_be_made(value: date, precision: int):
    """A month stands on its first day, a year on 1 January, and a date without precision is no date."""
    with pytest.raises(ValueError, match="date"):
        PartialDate(value, precision)


def test_a_column_is_read_row_by_row_and_says_what_is_bad():
    """Null and blank are no date and nothing bad."""
    found = dates.parse_series(pl.Series(["2021-02-30", "2021", None, " ", "09.03.2021", "2021"]))
    assert found["date"].to_list() == [None, date(2021, 1, 1), None, None, date(2021, 3, 9), date(2021, 1, 1)]
    assert found["precision"].to_list() == [0, 1, 0, 0, 3, 1]
    assert found["bad"].to_list() == ["there is no such day; that month has 28 days", *[None] * 5]


def test_an_empty_column_gives_an_empty_frame():
    """The columns keep their types."""
    found = dates.parse_series(pl.Series([], dtype=pl.String))
    assert dict(found.schema) == {"date": pl.Date(), "precision": pl.Int8(), "bad": pl.String()}
