"""Small numbers are hidden, and nothing that is shown gives them back."""

from __future__ import annotations

from itertools import product

import pytest

from kohort.errors import StatisticsError
from kohort.evidence import CountTable, SuppressedTable, suppress


def one(*counts: int) -> CountTable:
    names = tuple(f"c{i}" for i in range(len(counts)))
    return CountTable(("x",), (names,), {(name,): n for name, n in zip(names, counts, strict=True)})


def two(*rows: tuple[int, ...]) -> CountTable:
    first = tuple(f"r{i}" for i in range(len(rows)))
    second = tuple(f"c{j}" for j in range(len(rows[0])))
    cells = {(r, c): rows[first.index(r)][second.index(c)] for r, c in product(first, second)}
    return CountTable(("x", "y"), (first, second), cells)


def drawn(table: SuppressedTable) -> list[str]:
    return [table.shown(key) for key in table.cells]


def test_a_number_below_k_is_shown_as_less_than_k() -> None:
    """1 to 4 are small; 0 and 5 are not."""
    table = suppress(one(1, 4, 0, 5, 100))
    assert [table.shown(f"c{i}") for i in range(4)] == ["<5", "<5", "0", "5"]


def test_a_table_without_small_numbers_is_shown_as_it_is() -> None:
    """Nothing is hidden that need not be."""
    assert drawn(suppress(one(5, 10, 0))) == ["5", "10", "0", "15"]
    assert suppress(two((5, 6), (7, 8))).n_hidden == 0


def test_a_single_small_cell_takes_a_second_one_with_it() -> None:
    """Total less the shown cells would be the hidden one; the cheapest other cell is hidden too."""
    assert drawn(suppress(one(3, 20, 50))) == ["<5", "*", "50", "73"]


def test_two_small_cells_that_fill_their_sum_need_a_third() -> None:
    """4 and 4 with a hidden sum of 8 can only be 4 and 4: hiding both is not enough."""
    table = suppress(one(4, 4, 30))
    assert drawn(table) == ["<5", "<5", "*", "38"]


def test_two_cells_of_one_with_a_hidden_sum_of_two_need_a_third() -> None:
    """A small cell is at least 1, so 1 and 1 are the only way to make 2."""
    assert drawn(suppress(one(1, 1, 9, 30))) == ["<5", "<5", "*", "30", "41"]


def test_in_a_cross_table_a_rectangle_is_hidden() -> None:
    """Row and column totals stay right, so a small cell needs three others."""
    table = suppress(two((3, 20, 30), (10, 40, 50), (60, 70, 80)))
    hidden = {key for key, value in table.cells.items() if isinstance(value, str)}
    assert hidden == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}


def test_small_totals_are_hidden_too() -> None:
    """A row of 2 + 1 patients has a small total, and a grand total can be small."""
    table = suppress(two((2, 1), (50, 60)))
    assert table.shown(("r0", "total")) == "<5"
    assert suppress(one(1, 1)).total == "<5"


def test_a_small_total_that_would_give_its_cells_away_does_not_even_say_that_it_is_small() -> None:
    """Four cells of at least 1 under a total below 5 can only be four ones, so the total is `*`."""
    assert drawn(suppress(one(1, 1, 1, 1))) == ["<5", "<5", "<5", "<5", "*"]


def test_a_lone_count_is_small_or_shown() -> None:
    """A count without columns has nothing that could give it away."""
    assert suppress(CountTable((), (), {(): 4})).total == "<5"
    assert suppress(CountTable((), (), {(): 5})).total == "5"


def test_zeros_are_shown_and_never_used_to_hide_another() -> None:
    """Who reads the table would try 0 first, so a hidden zero protects nobody."""
    table = suppress(one(3, 0, 0, 12))
    assert drawn(table)[:4] == ["<5", "0", "0", "*"]


def test_with_three_columns_only_the_grand_total_is_shown() -> None:
    """Deeper tables are lists of cells with one total."""
    levels: tuple[str, ...] = ("a", "b")
    cells: dict[tuple[str, ...], int] = dict(
        zip(product(levels, levels, levels), (7, 8, 9, 2, 11, 12, 13, 14), strict=True)
    )
    table = suppress(CountTable(("x", "y", "z"), (levels,) * 3, cells))
    assert table.shown(("a", "b", "b")) == "<5"
    assert table.n_hidden == 2
    assert table.total == "76"


def test_k_is_the_callers_but_never_below_three() -> None:
    """`<2` would name the number."""
    assert suppress(one(9, 30, 31), k=10).shown("c0") == "<10"
    with pytest.raises(StatisticsError, match="3 or more"):
        suppress(one(1, 9), k=2)


def test_a_value_called_total_is_refused() -> None:
    """It could not be told from the total."""
    with pytest.raises(StatisticsError, match="total"):
        suppress(CountTable(("x",), (("total",),), {("total",): 9}))


def test_the_frame_has_no_number_where_it_is_hidden() -> None:
    """`n` is null and `shown` says why."""
    frame = suppress(one(3, 20, 50)).to_frame()
    assert frame.rows() == [("c0", None, "<5"), ("c1", None, "*"), ("c2", 50, "50"), ("total", 73, "73")]
