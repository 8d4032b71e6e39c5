"""The ledger: what is written stays, in order; whoever changes it behind its back is found out."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kohort.access import Act, Head, Ledger
from kohort.errors import AccessError, SiteError
from tests.postgres import needs_postgres, temporary_cluster

KEY = bytes(range(32))
ACT = Act(
    at=datetime(2026, 6, 1, 12, tzinfo=UTC),
    who="researcher@uni",
    organisation="University",
    permit="NO-2026-17",
    purpose="research",
    action="release",
    what="How many have which tumour?",
    details={"k": 5, "sites": ["Oslo"]},
    persons=frozenset({11, 12, -13}),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Ledger(tmp_path / "records.db") as ledger:
        for number in range(1, 6):
            ledger.append(replace(ACT, what=f"question {number}", persons=frozenset({number, 100})))
    return tmp_path / "records.db"


def meddle(path: Path, *statements: str) -> None:
    """What somebody with the file in hand can do: take the triggers away, then change rows."""
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
    database.close()


def problems(path: Path, known: Head | None = None, key: bytes | None = None) -> list[tuple[int, str]]:
    with Ledger(path, key) as ledger:
        return [(problem.sequence, problem.kind) for problem in ledger.verify(known)]


def test_entries_are_numbered_and_kept_in_order(path: Path) -> None:
    """1, 2, 3 ... with all that was said."""
    with Ledger(path) as ledger:
        entries = ledger.entries()
        assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5]
        assert entries[0].what == "question 1"
        assert (entries[0].at, entries[0].details) == ("2026-06-01T12:00:00+00:00", '{"k":5,"sites":["Oslo"]}')
        assert [entry.sequence for entry in ledger.entries(after=3)] == [4, 5]


def test_an_untouched_ledger_has_no_problems(path: Path) -> None:
    """Also an empty one."""
    assert problems(path) == []
    assert problems(path.with_name("empty.db")) == []


def test_a_patient_sees_every_entry_that_used_her_rows_and_no_other(path: Path) -> None:
    """By her pseudonym at this site."""
    with Ledger(path) as ledger:
        assert [entry.sequence for entry in ledger.entries_about(3)] == [3]
        assert len(ledger.entries_about(100)) == 5
        assert ledger.entries_about(999) == []


def test_an_entry_says_how_many_people_it_used_but_not_who(path: Path) -> None:
    """The list is kept beside it, at this site only."""
    with Ledger(path) as ledger:
        assert ledger.entries()[0].n_persons == 2


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_person"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET sequence = sequence + 100"])
def test_the_database_refuses_changes(path: Path, table: str, change: str) -> None:
    """By trigger, for every program that opens the file."""
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(change.format(table))
    database.close()


@pytest.mark.parametrize(
    "column", ["at", "who", "organisation", "permit", "purpose", "action", "what", "details", "previous", "hash"]
)
def test_an_altered_entry_is_found(path: Path, column: str) -> None:
    """Whatever part of it was altered."""
    meddle(path, f"UPDATE ledger_entry SET {column} = 'x' WHERE sequence = 3")  # noqa: S608
    assert (3, "altered") in problems(path)


def test_an_entry_taken_out_of_the_middle_is_found(path: Path) -> None:
    """Its number is missing."""
    meddle(path, "DELETE FROM ledger_entry WHERE sequence = 2", "DELETE FROM ledger_person WHERE sequence = 2")
    assert problems(path) == [(3, "missing")]


def test_entries_moved_together_after_one_was_taken_out_are_found(path: Path) -> None:
    """Renumbering does not help."""
    meddle(
        path,
        "DELETE FROM ledger_entry WHERE sequence = 2",
        "DELETE FROM ledger_person WHERE sequence = 2",
        "UPDATE ledger_entry SET sequence = sequence - 1 WHERE sequence > 2",
        "UPDATE ledger_person SET sequence = sequence - 1 WHERE sequence > 2",
    )
    assert {(2, "out of chain"), (2, "altered")} <= set(problems(path))


def test_entries_that_changed_places_are_found(path: Path) -> None:
    """Number and content no longer belong together."""
    meddle(
        path,
        "UPDATE ledger_entry SET sequence = 99 WHERE sequence = 2",
        "UPDATE ledger_entry SET sequence = 2 WHERE sequence = 3",
        "UPDATE ledger_entry SET sequence = 3 WHERE sequence = 99",
    )
    assert {2, 3} <= {sequence for sequence, kind in problems(path) if kind == "altered"}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_person WHERE sequence = 4 AND person = 4",
        "INSERT INTO ledger_person VALUES (4, 77)",
        "UPDATE ledger_person SET person = 77 WHERE sequence = 4 AND person = 4",
    ],
)
def test_a_changed_list_of_people_is_found(path: Path, statement: str) -> None:
    """A patient taken off the list would not see that her row was used."""
    meddle(path, statement)
    assert problems(path) == [(4, "persons altered")]


def test_people_listed_for_no_entry_are_found(path: Path) -> None:
    """A list without its entry."""
    meddle(path, "INSERT INTO ledger_person VALUES (9, 77)")
    assert problems(path) == [(9, "persons altered")]


def test_an_end_that_was_cut_off_is_found_with_a_head_noted_earlier(path: Path) -> None:
    """Without a noted head nothing can be missed."""
    with Ledger(path) as ledger:
        known = ledger.head()
    assert problems(path, known) == []
    meddle(path, "DELETE FROM ledger_entry WHERE sequence = 5", "DELETE FROM ledger_person WHERE sequence = 5")
    assert problems(path) == []
    assert problems(path, known) == [(5, "cut off")]


def test_an_end_that_was_written_anew_is_found_with_a_head_noted_earlier(path: Path) -> None:
    """The chain holds, but it is another chain."""
    with Ledger(path) as ledger:
        known = ledger.head()
    meddle(path, "DELETE FROM ledger_entry WHERE sequence = 5", "DELETE FROM ledger_person WHERE sequence = 5")
    with Ledger(path) as ledger:
        ledger.append(replace(ACT, what="something harmless"))
    assert problems(path) == []
    assert problems(path, known) == [(5, "replaced")]


def test_a_ledger_goes_on_from_a_head_noted_earlier(path: Path) -> None:
    """A head stays valid while entries are added; the head of an empty ledger too."""
    with Ledger(path) as ledger:
        known = ledger.head()
        ledger.append(ACT)
        assert ledger.verify(known) == ()
        assert ledger.verify(Head(0, "0" * 64)) == ()


def test_without_the_key_a_chain_cannot_be_forged(tmp_path: Path) -> None:
    """Somebody who has the database and writes it anew has not the key that the hashes need."""
    path = tmp_path / "records.db"
    with Ledger(path) as forger:
        forger.append(ACT)
    assert problems(path, key=KEY) == [(1, "altered"), (1, "persons altered")]
    with pytest.raises(AccessError, match="32 bytes"):
        Ledger(path, b"short")


@pytest.mark.parametrize(
    "change",
    [{"at": datetime(2026, 1, 1)}, {"who": ""}, {"what": ""}, {"details": {"x": object()}}],  # noqa: DTZ001
)
def test_an_act_that_cannot_be_written_down_is_not_made(change) -> None:
    """Nobody, nothing, no time zone, or details that are not plain values."""
    with pytest.raises(AccessError):
        replace(ACT, **change)


def test_a_moment_is_stored_in_utc() -> None:
    """So that entries of two countries can be compared."""
    local = datetime.fromisoformat("2026-06-01T14:00:00+02:00")
    assert replace(ACT, at=local).stamp == ACT.stamp


def test_a_database_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """With the remedy, without a traceback of the driver."""
    with pytest.raises(SiteError, match="cannot be opened"):
        Ledger(tmp_path / "no" / "folder" / "records.db")


def test_what_cannot_be_written_is_not_done(path: Path) -> None:
    """The caller gets an error and must not go on."""
    with Ledger(path) as ledger:
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE ledger_person")
        database.close()
        with pytest.raises(SiteError, match="nothing was done"):
            ledger.append(ACT)
        assert ledger.head().sequence == 5


WRITER = """
import sys
from datetime import UTC, datetime
from kohort.access import Act, Ledger
with Ledger(sys.argv[1]) as ledger:
    for i in range(25):
        ledger.append(Act(datetime.now(UTC), sys.argv[2], "o", "p", "research", "read", "w", {}, frozenset({i})))
"""


def two_writers(url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, url, name]) for name in ("one", "two")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    """No entry is lost, none has the number of another, and the chain holds."""
    url = f"sqlite:///{tmp_path / 'records.db'}"
    with Ledger(url) as ledger:
        two_writers(url)
        assert [entry.sequence for entry in ledger.entries()] == list(range(1, 51))
        assert {entry.who for entry in ledger.entries()} == {"one", "two"}
        assert ledger.verify() == ()


@needs_postgres
@pytest.mark.postgres
def test_postgresql_keeps_the_same_ledger() -> None:
    """Numbers, chain, two writers at once, and the database's own refusal of changes."""
    with temporary_cluster() as where:
        folder = where.split()[0].removeprefix("host=")
        url = f"postgresql+psycopg://kohort@/postgres?host={folder}"
        with Ledger(url, KEY) as ledger:
            entry = ledger.append(ACT)
            assert (entry.sequence, ledger.verify(ledger.head())) == (1, ())
            assert [found.sequence for found in ledger.entries_about(-13)] == [1]
        engine = sa.create_engine(url)
        for statement in ("DELETE FROM ledger_entry", "UPDATE ledger_person SET person = 1", "TRUNCATE ledger_entry"):
            with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
                connection.execute(sa.text(statement))
        engine.dispose()
        two_writers(url)
        with Ledger(url) as ledger:
            assert [entry.sequence for entry in ledger.entries()] == list(range(1, 52))
