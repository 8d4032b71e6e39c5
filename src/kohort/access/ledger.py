"""The ledger: who did what with whose data, when, and why. Lines are added and never changed.

Each entry carries the hash of the one before (BLAKE3; with a key, nobody who has only the database can
forge the chain). The database refuses changes by triggers; :meth:`Ledger.verify` finds those made in spite
of them. A patient may ask for every entry that used her rows.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from kohort.access.entries import GENESIS, Act, Entry, Head, Problem, canonical, chain_hash, persons_digest
from kohort.errors import AccessError, SiteError

__all__ = ["Ledger"]

_METADATA = sa.MetaData()
_ENTRY = sa.Table(
    "ledger_entry",
    _METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    *(
        sa.Column(name, sa.BigInteger if name == "n_persons" else sa.Text, nullable=False)
        for name in (field.name for field in dataclasses.fields(Entry) if field.name != "sequence")
    ),
)
_PERSON = sa.Table(
    "ledger_person",
    _METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("ledger_person_by_person", "person"),
)
_LOCK_WAIT_SECONDS: Final = 60
_WRITES: Final = "kohort_ledger_writes"


def _refuse_changes(stored: sa.Table) -> None:
    """Have the database itself refuse changes, by triggers made together with the table."""
    words = "the ledger is append-only"
    for action in ("UPDATE", "DELETE"):
        sqlite = (
            f"CREATE TRIGGER {stored.name}_no_{action.lower()} BEFORE {action} ON {stored.name} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        event.listen(stored, "after_create", sa.DDL(sqlite).execute_if(dialect="sqlite"))
    function = (
        f"CREATE FUNCTION {stored.name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {stored.name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {stored.name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {stored.name}_refuse()"
    )
    for statement in (function, trigger):
        event.listen(stored, "after_create", sa.DDL(statement).execute_if(dialect="postgresql"))


for _stored in (_ENTRY, _PERSON):
    _refuse_changes(_stored)


class Ledger:
    """An append-only, hash-chained ledger in a database; several processes may append to it at once.

    Args:
        url: SQLAlchemy URL, e.g. ``sqlite:///my-site/records.db``. Tables are made where missing.
        key: 32 bytes that key the hashes, kept outside the database; None for plain hashes.

    Raises:
        AccessError: the key has another length.
        SiteError: the database cannot be opened.
    """

    def __init__(self, url: str | Path, key: bytes | None = None) -> None:
        if key is not None and len(key) != 32:
            raise AccessError("The key of a ledger has 32 bytes.", remedy="Make one with secrets.token_bytes(32).")
        self._key = key
        self._engine = sa.create_engine(f"sqlite:///{url}" if isinstance(url, Path) else url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        try:
            with self._writing() as connection:
                _METADATA.create_all(connection)
        except SQLAlchemyError as error:
            self._engine.dispose()
            raise SiteError(
                "The database of the ledger cannot be opened.", remedy="Check its address and permissions."
            ) from error

    def close(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    def __enter__(self) -> Ledger:
        """The ledger, closed at the end of the block."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the connections."""
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction in which nobody else can add an entry."""
        with self._engine.execution_options(**{_WRITES: True}).begin() as connection:
            yield connection

    def append(self, act: Act) -> Entry:
        """Write an act down; when this returns it is stored.

        Raises:
            SiteError: it could not be stored; then whatever it stands for must not happen.
        """
        persons = sorted(act.persons)
        try:
            with self._writing() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.text("LOCK TABLE ledger_entry IN EXCLUSIVE MODE"))
                entry = self._next(_head(connection), act)
                connection.execute(_ENTRY.insert().values(dataclasses.asdict(entry)))
                if persons:
                    rows = [{"sequence": entry.sequence, "person": person} for person in persons]
                    connection.execute(_PERSON.insert(), rows)
        except SQLAlchemyError as error:
            raise SiteError(
                "The ledger could not be written, so nothing was done.",
                remedy="Check the disk and the permissions of its database, then ask again.",
            ) from error
        return entry

    def _next(self, head: Head, act: Act) -> Entry:
        unsealed = Entry(
            sequence=head.sequence + 1,
            at=act.stamp,
            who=act.who,
            organisation=act.organisation,
            permit=act.permit,
            purpose=act.purpose,
            action=act.action,
            what=act.what,
            details=canonical(act.details),
            n_persons=len(act.persons),
            persons=persons_digest(act.persons, self._key),
            previous=head.hash,
            hash="",
        )
        return dataclasses.replace(unsealed, hash=self._seal(unsealed))

    def _seal(self, entry: Entry) -> str:
        return chain_hash(dataclasses.astuple(entry)[:-1], self._key)

    def head(self) -> Head:
        """The last entry's number and hash (0 and zeros in an empty ledger), to be kept elsewhere."""
        with self._engine.connect() as connection:
            return _head(connection)

    def entries(self, after: int = 0) -> list[Entry]:
        """All entries in order, those after number ``after``."""
        return self._read(sa.select(_ENTRY).where(_ENTRY.c.sequence > after))

    def entries_about(self, person: int) -> list[Entry]:
        """Every entry that used this person's rows, in order: what she may see."""
        used = sa.select(_PERSON.c.sequence).where(_PERSON.c.person == person)
        return self._read(sa.select(_ENTRY).where(_ENTRY.c.sequence.in_(used)))

    def _read(self, query: sa.Select[tuple[object, ...]]) -> list[Entry]:
        with self._engine.connect() as connection:
            return [Entry(*row) for row in connection.execute(query.order_by(_ENTRY.c.sequence))]

    def verify(self, known: Head | None = None) -> tuple[Problem, ...]:
        """Everything that was changed, taken out, put in or moved since it was written; empty if nothing.

        Args:
            known: a head noted earlier. Without it, entries cut off at the end cannot be seen.
        """
        problems: list[Problem] = []
        expected, previous = 1, GENESIS
        with self._engine.connect() as connection:
            listed = _persons_by_entry(connection)
            for row in connection.execute(sa.select(_ENTRY).order_by(_ENTRY.c.sequence)):
                entry = Entry(*row)
                problems += self._problems_of(entry, expected, previous, listed.pop(entry.sequence, []))
                expected, previous = entry.sequence + 1, entry.hash
            problems += [
                Problem(sequence, "persons altered", "People are listed for an entry that is not there.")
                for sequence in sorted(listed)
            ]
            problems += _problems_with_head(connection, known)
        return tuple(problems)

    def _problems_of(self, entry: Entry, expected: int, previous: str, persons: list[int]) -> Iterator[Problem]:
        number = entry.sequence
        if number != expected:
            yield Problem(number, "missing", f"Entries {expected} to {number - 1} are missing.")
        elif entry.previous != previous:
            yield Problem(number, "out of chain", "The entry does not follow the one before it.")
        if entry.hash != self._seal(entry):
            yield Problem(number, "altered", "The entry is not what was written.")
        if (entry.n_persons, entry.persons) != (len(persons), persons_digest(persons, self._key)):
            yield Problem(number, "persons altered", "The people listed are not those that were written.")


def _head(connection: sa.Connection) -> Head:
    query = sa.select(_ENTRY.c.sequence, _ENTRY.c.hash).order_by(_ENTRY.c.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(0, GENESIS) if row is None else Head(row.sequence, row.hash)


def _persons_by_entry(connection: sa.Connection) -> dict[int, list[int]]:
    listed: dict[int, list[int]] = {}
    for sequence, person in connection.execute(sa.select(_PERSON.c.sequence, _PERSON.c.person)):
        listed.setdefault(sequence, []).append(person)
    return listed


def _problems_with_head(connection: sa.Connection, known: Head | None) -> Iterator[Problem]:
    if known is None or known.sequence == 0:
        return
    query = sa.select(_ENTRY.c.hash).where(_ENTRY.c.sequence == known.sequence)
    found = connection.execute(query).scalar()
    if found is None:
        yield Problem(known.sequence, "cut off", f"Entry {known.sequence}, known from before, is not there.")
    elif found != known.hash:
        yield Problem(known.sequence, "replaced", f"Entry {known.sequence} is not the one known from before.")


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's late one
    connection.execute(f"PRAGMA busy_timeout = {_LOCK_WAIT_SECONDS * 1000}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # a plain BEGIN locks at the first write only, after the head was read: two writers could read one head
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
