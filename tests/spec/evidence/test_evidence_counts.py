"""Counting, and adding counts of sites."""

from __future__ import annotations

import polars as pl
import pytest

from kohort.errors import StatisticsError, UnknownNameError
from kohort.evidence import CountSums, count_by, count_table

PEOPLE = pl.DataFrame(
    {
        "person": [1, 2, 3, 4, 5],
        "sex": ["female", "female", "male", "male", None],
        "dead": [True, False, True, None, False],
        "age": [61.5, 44.0, 70.25, 39.0, 58.0],
    }
)


def test_rows_are_counted_by_the_values_of_columns() -> None:
    """Each combination of values has its number; totals follow."""
    table = count_table(count_by(PEOPLE, ["sex", "dead"]))
    assert table["female", "true"] == 1
    assert table.margin("sex") == {"female": 2, "male": 2, "unknown": 1}
    assert table.total == 5


def test_a_missing_value_is_counted_as_unknown() -> None:
    """Nobody is dropped because a value is missing."""
    assert count_table(count_by(PEOPLE, ["dead"])).margin("dead") == {"false": 2, "true": 2, "unknown": 1}


def test_a_combination_that_does_not_occur_is_zero() -> None:
    """The table is complete: absent combinations of values are shown as 0."""
    assert count_table(count_by(PEOPLE, ["sex", "dead"]))["unknown", "true"] == 0


def test_declared_values_are_shown_even_if_nobody_has_them() -> None:
    """Sites that never saw a value give the same table as those that did."""
    table = count_table(count_by(PEOPLE, ["sex"]), levels={"sex": ["female", "male", "other"]})
    assert table["other"] == 0


def test_counts_of_two_sites_add_to_the_count_of_both() -> None:
    """Counting at two sites and adding is counting all rows."""
    assert count_by(PEOPLE[:2], ["sex"]) + count_by(PEOPLE[2:], ["sex"]) == count_by(PEOPLE, ["sex"])


def test_a_site_without_rows_adds_nothing() -> None:
    """An empty frame gives sums that change no total."""
    sums = count_by(PEOPLE, ["sex"])
    assert sums + count_by(PEOPLE.clear(), ["sex"]) == sums


def test_without_columns_the_whole_is_counted() -> None:
    """No column to count by: one number."""
    assert count_table(count_by(PEOPLE, [])).total == 5
    assert count_table([count_by(PEOPLE.clear(), [])]).total == 0


def test_a_person_with_several_rows_in_one_cell_is_counted_once() -> None:
    """With a unit, rows of one person count as one."""
    twice = pl.concat([PEOPLE, PEOPLE])
    assert count_by(twice, ["sex"], unit="person") == count_by(PEOPLE, ["sex"])
    assert count_by(twice, [], unit="person").n == 5


def test_a_person_in_two_cells_is_refused() -> None:
    """Totals would count her twice, so it is said instead."""
    rows = pl.DataFrame({"person": [1, 1], "gene": ["BRAF", "KRAS"]})
    with pytest.raises(StatisticsError, match="more than one cell"):
        count_by(rows, ["gene"], unit="person")


def test_numbers_with_decimals_are_not_counted_one_by_one() -> None:
    """An age in decimals would make a cell a person."""
    with pytest.raises(StatisticsError, match="bands"):
        count_by(PEOPLE, ["age"])


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    """Columns, levels and cells that do not exist are named."""
    with pytest.raises(UnknownNameError, match="sex"):
        count_by(PEOPLE, ["sexx"])
    table = count_table(count_by(PEOPLE, ["sex"]))
    with pytest.raises(UnknownNameError, match="female"):
        table["femal"]
    with pytest.raises(UnknownNameError):
        table.margin("dead")
    with pytest.raises(UnknownNameError):
        count_table(count_by(PEOPLE, ["sex"]), levels={"dead": ["true"]})


def test_answers_to_different_questions_are_not_added() -> None:
    """Counts by sex and counts by death have no sum."""
    with pytest.raises(StatisticsError, match="same question"):
        _ = count_by(PEOPLE, ["sex"]) + count_by(PEOPLE, ["dead"])
    with pytest.raises(StatisticsError, match="no sums"):
        count_table([])
    with pytest.raises(TypeError):
        _ = count_by(PEOPLE, ["sex"]) + 1  # type: ignore[operator]


@pytest.mark.parametrize(
    "cells", [((("b",), 1), (("a",), 1)), ((("a",), 0),), ((("a", "b"), 1),), ((("a",), 1), (("a",), 2))]
)
def test_sums_that_no_rows_can_give_are_not_made(cells) -> None:
    """Unsorted, double, empty or misnamed cells are refused when they arrive."""
    with pytest.raises(StatisticsError):
        CountSums(("x",), cells)


def test_the_table_is_a_frame_with_one_row_a_combination() -> None:
    """The frame has the counted columns and the number."""
    frame = count_table(count_by(PEOPLE, ["sex"])).to_frame()
    assert frame.rows() == [("female", 2), ("male", 2), ("unknown", 1)]
