"""An attacker with an integer solver who knows the rule cannot pin any hidden number down."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kohort.evidence import CountTable, SuppressedTable, suppress
from kohort.evidence.suppression import TOTAL

K = 5
BIG = 10_000
count = st.one_of(st.integers(0, 6), st.integers(0, 40))


def table_of(rows: list[list[int]]) -> CountTable:
    """A cross-table, or a list of cells if there is one row."""
    second = tuple(f"c{j}" for j in range(len(rows[0])))
    if len(rows) == 1:
        return CountTable(("x",), (second,), {(c,): n for c, n in zip(second, rows[0], strict=True)})
    first = tuple(f"r{i}" for i in range(len(rows)))
    cells = {(r, c): rows[i][j] for (i, r), (j, c) in product(enumerate(first), enumerate(second))}
    return CountTable(("x", "y"), (first, second), cells)


def totals_of(exact: CountTable) -> dict[tuple[str, ...], int]:
    """All totals of the exact table."""
    if len(exact.columns) == 1:
        return {(TOTAL,): exact.total}
    rows, columns = (exact.margin(column) for column in exact.columns)
    return (
        {(r, TOTAL): n for r, n in rows.items()}
        | {(TOTAL, c): n for c, n in columns.items()}
        | {(TOTAL, TOTAL): exact.total}
    )


def equations(table: SuppressedTable) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Each total and the numbers that it is the sum of."""
    keys = list(table.cells)
    if len(table.columns) == 1:
        return [((TOTAL,), [key for key in keys if key != (TOTAL,)])]
    found = []
    for total in (key for key in keys if TOTAL in key):
        place = 0 if total[0] == TOTAL else 1
        found.append((total, [key for key in keys if key[1 - place] == total[1 - place] and key != total]))
    # a grand total is the sum of the row totals and of the column totals
    grand = (TOTAL, TOTAL)
    found = [(total, parts) for total, parts in found if total != grand]
    found.append((grand, [key for key in keys if key[1] == TOTAL and key != grand]))
    found.append((grand, [key for key in keys if key[0] == TOTAL and key != grand]))
    return found


def feasible(table: SuppressedTable, wanted: tuple[str, ...], sense: int, *, veiled: bool) -> int:
    """Least (sense 1) or greatest (-1) value of a hidden number, by integer programming.

    Variables: every number, then for each number a switch that is 1 if it is not zero. What the attacker
    knows: shown numbers; `<5` is 1 to 4; `*` is 0 or at least 5, unless a small total is veiled by `*`.
    """
    keys = list(table.cells)
    m = len(keys)
    low, high = np.zeros(2 * m), np.concatenate((np.full(m, BIG), np.ones(m)))
    rows, lower, upper = [], [], []
    for i, value in enumerate(table.cells.values()):
        if isinstance(value, int):
            low[i] = high[i] = value
        elif value == "small":
            low[i], high[i] = 1, K - 1
        elif not veiled:
            for least, bound in ((K, (0.0, np.inf)), (BIG, (-np.inf, 0.0))):
                row = np.zeros(2 * m)
                row[i], row[m + i] = 1, -least
                rows, lower, upper = [*rows, row], [*lower, bound[0]], [*upper, bound[1]]
    for total, parts in equations(table):
        row = np.zeros(2 * m)
        row[keys.index(total)] = -1
        for part in parts:
            row[keys.index(part)] += 1
        rows, lower, upper = [*rows, row], [*lower, 0.0], [*upper, 0.0]
    aim = np.zeros(2 * m)
    aim[keys.index(wanted)] = sense
    solved = milp(
        aim,
        constraints=LinearConstraint(np.array(rows), np.array(lower), np.array(upper)),  # pyright: ignore[reportArgumentType]
        integrality=np.ones(2 * m),
        bounds=Bounds(low, high),  # pyright: ignore[reportArgumentType]
    )
    assert solved.success
    return round(sense * solved.fun)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(count, min_size=width, max_size=width), min_size=1, max_size=4)
    )
)
def test_every_hidden_number_keeps_at_least_two_values(rows: list[list[int]]) -> None:
    """The least and the greatest value that agree with all that is shown differ, for each hidden number."""
    exact = table_of(rows)
    table = suppress(exact, K)
    veiled = any(table.cells[total] == "other" and n < K for total, n in totals_of(exact).items())
    for key, value in table.cells.items():
        if isinstance(value, str):
            assert feasible(table, key, 1, veiled=veiled) < feasible(table, key, -1, veiled=veiled)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(count, min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
def test_what_is_shown_is_exact_and_no_small_number_is_shown(rows: list[list[int]]) -> None:
    """A shown number is the true one, and never 1 to k - 1; a table without small numbers is shown whole."""
    exact = table_of(rows)
    table = suppress(exact, K)
    for key, n in exact.cells.items():
        value = table.cells[key]
        assert value == "small" if 0 < n < K else value in (n, "other")
    shown = [value for value in table.cells.values() if isinstance(value, int)]
    assert all(value == 0 or value >= K for value in shown)
    assert "small" in table.cells.values() or table.n_hidden == 0
