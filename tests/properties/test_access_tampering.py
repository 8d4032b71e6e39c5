"""Any single change of any stored value of a ledger is found."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.access import Act, Ledger

TEXT_COLUMNS = ["at", "who", "organisation", "permit", "purpose", "action", "what", "details", "persons"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(min_size=1), st.frozensets(st.integers(-(2**63), 2**63 - 1))).filter(
            lambda act: "\x00" not in act[0] and act[0].isprintable()
        ),
        min_size=1,
        max_size=5,
    ),
    st.data(),
)
def test_a_single_changed_value_is_found(acts, data) -> None:
    """Whichever entry, whichever column, whatever is put there instead."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.db"
        with Ledger(path) as ledger:
            for words, persons in acts:
                moment = datetime(2026, 1, 1, tzinfo=UTC)
                ledger.append(Act(moment, words, words, "", "research", "read", words, {"x": words}, persons))
            assert ledger.verify() == ()
        column = data.draw(st.sampled_from(TEXT_COLUMNS))
        number = data.draw(st.integers(1, len(acts)))
        database = sqlite3.connect(path)
        database.execute("DROP TRIGGER ledger_entry_no_update")
        query = f"SELECT {column} FROM ledger_entry WHERE sequence = ?"  # noqa: S608
        (before,) = database.execute(query, (number,)).fetchone()
        after = data.draw(st.text(st.characters(categories=["L", "N", "P"])).filter(lambda text: text != before))
        change = f"UPDATE ledger_entry SET {column} = ? WHERE sequence = ?"  # noqa: S608
        database.execute(change, (after, number))
        database.commit()
        database.close()
        with Ledger(path) as ledger:
            assert number in {problem.sequence for problem in ledger.verify()}
