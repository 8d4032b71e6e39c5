"""A site: one hospital's or registry's tables, keys and records on disk."""

from __future__ import annotations

import fcntl
import json
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from kohort import __version__
from kohort.access import Act, Ledger
from kohort.errors import InputError, SiteError, UserError
from kohort.sources import open_source
from kohort.store import manifest
from kohort.store.engines import Engine, open_engine
from kohort.store.ingest import Ingest, Progress, utc_now
from kohort.store.keys import Keys
from kohort.store.reading import SiteTables
from kohort.store.report import IngestReport
from kohort.store.source_ids import SourceTable, known_ids

__all__ = ["Site"]

_LAYOUT = 1


@dataclass(frozen=True)
class Site:
    """A hospital's or registry's node.

    Attributes:
        path: its folder.
        name: its name.
        country: ISO 3166 code.
    """

    path: Path
    name: str
    country: str

    @classmethod
    def create(cls, path: str | Path, name: str, country: str) -> Site:
        """Make a new site in ``path``, an empty or new folder, with a new pseudonym key.

        Raises:
            SiteError: the folder holds something already.
            UserError: the country is no two-letter code, or the name is empty.
        """
        root = Path(path)
        if not name.strip():
            raise UserError("A site needs a name.", remedy="Give --name.")
        if not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise UserError(f"{country!r} is no country code.", remedy="Use two letters as in ISO 3166: NO, SE, DK.")
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise SiteError(f"{root} is not empty.", remedy="Choose a new folder, or open the site that is there.")
        root.mkdir(parents=True, exist_ok=True)
        (root / "tables").mkdir()
        (root / "knowledge").mkdir()
        Keys.create(root / "keys")
        settings = {"layout": _LAYOUT, "name": name.strip(), "country": country.upper()}
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
        policy = [
            "",
            "[policy]",
            '# A count below this number leaves the site only as "fewer than".',
            "minimum_count = 5",
        ]
        (root / "site.toml").write_text("\n".join([*lines, *policy]) + "\n", encoding="utf-8")
        return cls.open(root)

    @classmethod
    def open(cls, path: str | Path) -> Site:
        """Open the site in ``path``.

        Raises:
            SiteError: there is none, or it was made by a newer version.
        """
        root = Path(path)
        file = root / "site.toml"
        if not file.is_file():
            raise SiteError(
                f"There is no site in {root}.",
                remedy="Make one: kohort site create DIR --name N --country NO.",
            )
        try:
            settings = tomllib.loads(file.read_text(encoding="utf-8"))
            layout, name, country = settings["layout"], settings["name"], settings["country"]
        except (tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as problem:
            raise SiteError(f"{file} cannot be read ({problem}).", remedy="Correct it or restore it.") from None
        if layout > _LAYOUT:
            raise SiteError("The site was made by a newer version of Kohort.", remedy="Install that version.")
        return cls(root, name, country)

    @property
    def tables(self) -> SiteTables:
        """The site's tables: ``tables.variant`` (Ibis), ``tables.frame("variant")`` (Polars)."""
        return self._tables

    @cached_property
    def _tables(self) -> SiteTables:
        return SiteTables(self.path)

    def engine(self, url: str = "duckdb") -> Engine:
        """The site's tables as they stand now, in an engine that Ibis speaks to; close it after use.

        Args:
            url: ``duckdb``; ``spark`` (local, or the session that is running) or ``spark://`` and a master,
                e.g. ``spark://local[2]``; or a PostgreSQL URL, into which the tables are copied as they are asked.

        Raises:
            UserError: there is no such engine, or what it needs is not installed.
            SiteError: the database does not answer, or refuses.
        """
        return open_engine(self.tables.as_of(self.tables.snapshot[1]), url)

    @cached_property
    def settings(self) -> dict[str, object]:
        """What ``site.toml`` says."""
        return tomllib.loads((self.path / "site.toml").read_text(encoding="utf-8"))

    @property
    def policy(self) -> dict[str, Any]:
        """The site's own limits on what may leave it, as written under ``[policy]`` in ``site.toml``."""
        written = self.settings.get("policy", {})
        return written if isinstance(written, dict) else {}

    def record_read(self, *, who: str, purpose: str, what: str, persons: Iterable[int], permit: str = "") -> None:
        """Write into the site's ledger that patients' rows were read; each of them may see it.

        Args:
            who: the person or account.
            purpose: what for, e.g. ``care`` or ``education``.
            what: in a sentence; it names no patient.
            persons: pseudonyms of everybody whose rows were read.
            permit: id of the permit; empty in a patient's own care.
        """
        act = Act(
            at=datetime.now(UTC), who=who, organisation=self.name, permit=permit, purpose=purpose, action="read",
            what=what, persons=frozenset(persons),
        )  # fmt: skip
        with Ledger(self.path / "records.db") as ledger:
            ledger.append(act)

    def pseudonym(self, source_id: str) -> int:
        """The pseudonym of a patient whose id at the source is known: it needs the site's key, and shows nothing.

        Raises:
            InputError: the site has no such patient.
            SiteError: the key cannot be read.
        """
        found = Keys.open(self.path / "keys").hashes("person", pl.Series([source_id.strip()])).item()
        if not self.tables.frame("person", ["person"])["person"].is_in([found]).any():
            raise InputError("the site has no patient of that id.", remedy="Check the id, and that it was ingested.")
        return found

    def source_ids(
        self, table: SourceTable, *, who: str, purpose: str, persons: Iterable[int], permit: str = ""
    ) -> pl.DataFrame:
        """The ids by which the hospital knows patients or specimens; only for the owner of the site.

        The look is written into the ledger before anything is shown, and each of the patients may see it.

        Args:
            table: ``person`` or ``specimen``.
            who: the person or account that asks.
            purpose: what for, e.g. ``care``.
            persons: pseudonyms of the patients in question; others are left out.
            permit: id of the permit; empty in a patient's own care.

        Returns:
            One row a current row of the table: ``id`` (of a person, the pseudonym) and ``source_id``.

        Raises:
            AccessError: the account does not own the site, or nobody and nothing is named as asker and purpose.
            SiteError: the site was filled before ids were kept, or others can read them.
            UnknownNameError: the table has no ids at the source.
        """
        rows = self.tables.frame(table, ["person", "id"])
        wanted = rows.filter(pl.col("person").is_in(pl.Series(sorted(set(persons)), dtype=pl.Int64).implode()))
        found = known_ids(self.path, self.batches, table, wanted["id"])
        what = f"ids at the source, table {table}"
        self.record_read(who=who, purpose=purpose, what=what, persons=wanted["person"].to_list(), permit=permit)
        return found

    @property
    def batches(self) -> list[manifest.BatchEntry]:
        """The committed batches."""
        return manifest.read(self.path / "manifest.jsonl")

    def ingest(
        self,
        paths: str | Path | Iterable[str | Path],
        format: str = "auto",  # noqa: A002
        *,
        encoding: str = "utf-8",
        progress: Progress | None = None,
    ) -> IngestReport:
        """Read files or folders into one new batch; all of it is there when this returns, or nothing.

        Files whose bytes were read before are skipped, so the same call again changes no byte of the tables.

        Args:
            paths: files or folders.
            format: name of the format, or ``auto``.
            encoding: encoding of files that have no byte-order mark.
            progress: called with a file's name and the lines read since the last call.

        Raises:
            InputError: a path is not there or of no known format.
            SiteError: somebody else is writing to the site.
        """
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        sources = sorted((open_source(Path(path), format, encoding) for path in listed), key=lambda s: s.beside)
        with self._locked():
            entries = self.batches
            number = entries[-1].batch + 1 if entries else 1
            known = manifest.known_files(entries)
            keys = Keys.open(self.path / "keys")
            work = Ingest(self.path, keys, number, known, country=self.country, encoding=encoding, progress=progress)
            try:
                for source in sources:
                    work.read_all(source)
                return self._finish(work)
            except BaseException:
                work.writer.discard()
                raise

    def _finish(self, work: Ingest) -> IngestReport:
        if not work.files:
            work.writer.discard()
            return IngestReport(tuple(work.reports), tuple(work.findings))
        entry = work.writer.commit(utc_now(), __version__, work.files)
        return IngestReport(tuple(work.reports), tuple(work.findings), entry.batch)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.path / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SiteError("Another process is writing to this site.", remedy="Wait until it is done.") from None
            yield
