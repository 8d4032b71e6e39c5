"""Engines that hold a site's tables, all spoken to through Ibis: DuckDB, Spark, PostgreSQL.

=====================  =========================================================================================
``duckdb``             embedded, over the site's Parquet files
``spark``              Spark on all cores of this machine, over the same files
``spark://local[2]``   the same on two threads; ``spark://host:7077``: a cluster that sees the site's folder
``postgresql://...``   a server, as libpq writes its address; a table is copied there when it is first asked for
=====================  =========================================================================================

A process has one Spark session: one that is running already is used and left running, whatever master is named.

An engine shows the rows that were current when it was opened. PostgreSQL keeps them in a schema named after site
and batch, ``kohort_<site>_<batch>``, so that another process finds them there; the schemas of earlier batches are
dropped. Rows carry pseudonyms, as in the site's folder: who may read the database may read the site.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from kohort.errors import SiteError, UserError
from kohort.store.reading import SiteTables
from kohort.tables import TableSet, empty, table
from kohort.tables.generate import postgres_ddl

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

__all__ = ["DuckDBEngine", "Engine", "PostgresEngine", "SparkEngine", "open_engine"]

_COPY_ROWS = 100_000
_PREFIX = "kohort"


def open_engine(tables: TableSet, url: str = "duckdb") -> Engine:
    """Open an engine over tables, of a site or in memory.

    Args:
        tables: the tables; those in memory are sent to the engine.
        url: see the table above.

    Raises:
        UserError: there is no such engine, or what it needs is not installed.
        SiteError: the database does not answer.
    """
    if url == "duckdb":
        return DuckDBEngine(tables)
    if url == "spark" or url.startswith("spark://"):
        return SparkEngine(tables, url.removeprefix("spark").removeprefix("://"))
    scheme, _, rest = url.partition("://")
    if scheme in {"postgresql", "postgres", "postgresql+psycopg"} and rest:
        return PostgresEngine(tables, f"postgresql://{rest}")
    raise UserError(
        "That is no engine that Kohort knows.",
        remedy="Give duckdb, spark, spark://local[2], spark://host:port or postgresql://user@host/database.",
    )


class Engine(ABC):
    """Standard tables in an engine: Ibis expressions over them, and their answers as Polars frames.

    An engine is itself a table set, so whatever reads tables reads them through it.

    Attributes:
        backend: the Ibis connection.
    """

    def __init__(self, tables: TableSet, backend: Any) -> None:
        self.backend = backend
        self._tables = tables
        self._shown: dict[str, ibis.Table] = {}
        self._names = (f"{_PREFIX}_held_{number}" for number in itertools.count(1))

    def __enter__(self) -> Self:
        """The engine."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def table(self, name: str) -> ibis.Table:
        """The current rows of table ``name``; UnknownNameError if it is not declared."""
        if name not in self._shown:
            self._shown[name] = self._show(name)
        return self._shown[name]

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Current rows of table ``name``, only ``columns`` if given, in no order."""
        schema = table(name).polars_schema
        wanted = list(columns) if columns is not None else list(schema)
        found = self.read(self.table(name).select(wanted))
        return found.select(pl.col(column).cast(schema[column]) for column in wanted)

    @contextmanager
    def holding(self, frame: pl.DataFrame) -> Iterator[ibis.Table]:
        """A small frame as a table of the engine, until the block ends."""
        name = next(self._names)
        try:
            yield self._hold(frame, name)
        finally:
            self._release(name)

    @abstractmethod
    def read(self, expression: ibis.Table) -> pl.DataFrame:
        """What an expression over `table` and `holding` comes to; integers of 64 bits stay exact."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection; whatever the engine was given for the while is dropped."""

    def _show(self, name: str) -> ibis.Table:
        if not isinstance(self._tables, SiteTables):
            return self._hold(self._tables.frame(name), next(self._names))
        files, replaced = self._tables.files(name)
        if not files:
            return self._hold(empty(table(name)), next(self._names))
        rows = self._parquet(files)
        return rows.anti_join(self._parquet(replaced).select("id", "batch"), ["id", "batch"]) if replaced else rows

    def _parquet(self, files: Sequence[Path]) -> ibis.Table:
        return self.backend.read_parquet([str(file) for file in files])

    def _hold(self, frame: pl.DataFrame, name: str) -> ibis.Table:
        import ibis  # noqa: PLC0415 - takes a second

        return ibis.memtable(_arrow(frame))

    def _release(self, name: str) -> None:  # noqa: B027 - nothing to do where Ibis lets go of it by itself
        """Let go of a held frame; Ibis drops a table in memory with the last expression over it."""


class DuckDBEngine(Engine):
    """DuckDB in this process, over the site's Parquet files."""

    def __init__(self, tables: TableSet) -> None:
        import ibis  # noqa: PLC0415 - takes a second

        super().__init__(tables, ibis.duckdb.connect())

    def read(self, expression: ibis.Table) -> pl.DataFrame:
        """What an expression comes to."""
        return expression.to_polars()

    def close(self) -> None:
        """Close the connection."""
        self.backend.disconnect()


class SparkEngine(Engine):
    """A Spark session over the site's Parquet files.

    Args:
        tables: the tables.
        master: ``local[2]``, or ``host:port`` of a cluster's master; empty for all cores of this machine.
    """

    def __init__(self, tables: TableSet, master: str) -> None:
        import ibis  # noqa: PLC0415 - takes a second

        _need_spark()
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

        running = SparkSession.getActiveSession()
        self._session: Any = _spark_session(master) if running is None else running
        self._owns_session = running is None
        self._views: set[str] = set()
        super().__init__(tables, ibis.pyspark.connect(self._session))

    def read(self, expression: ibis.Table) -> pl.DataFrame:
        """What an expression comes to; by Arrow, since pandas would round 64-bit numbers beside nulls."""
        found = pl.from_arrow(self._session.sql(self.backend.compile(expression)).toArrow())
        assert isinstance(found, pl.DataFrame)  # noqa: S101 - a table gives a frame
        return found

    def close(self) -> None:
        """Drop what was held, and stop the session if it was started here."""
        for name in list(self._views):
            self._release(name)
        if self._owns_session:
            self._session.stop()

    def _parquet(self, files: Sequence[Path]) -> ibis.Table:
        name = next(self._names)
        return self._view(self._session.read.parquet(*(str(file) for file in files)), name)

    def _hold(self, frame: pl.DataFrame, name: str) -> ibis.Table:
        return self._view(self._session.createDataFrame(_arrow(frame)), name)

    def _view(self, rows: Any, name: str) -> ibis.Table:
        rows.createOrReplaceTempView(name)
        self._views.add(name)
        return self.backend.table(name)

    def _release(self, name: str) -> None:
        self._session.catalog.dropTempView(name)
        self._views.discard(name)


class PostgresEngine(Engine):
    """A PostgreSQL server. Each table of a site is copied into it when it is first asked for.

    Args:
        tables: the tables.
        url: address of the database as libpq reads it.
    """

    def __init__(self, tables: TableSet, url: str) -> None:
        import ibis  # noqa: PLC0415 - takes a second

        _need("psycopg", "postgres")
        import psycopg  # noqa: PLC0415 - an extra

        try:
            self._connection: Any = psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            raise SiteError(
                "PostgreSQL does not answer, or refuses this account.",
                remedy="Check host, port, account and database of the URL.",
            ) from None
        super().__init__(tables, ibis.postgres.from_connection(self._connection))
        self._schema = ""
        if isinstance(tables, SiteTables):
            site, batch = tables.snapshot
            self._schema = f"{_PREFIX}_{site}_{batch:06d}"
            self._drop_earlier(f"{_PREFIX}_{site}_")

    def read(self, expression: ibis.Table) -> pl.DataFrame:
        """What an expression comes to."""
        return expression.to_polars()

    def close(self) -> None:
        """Close the connection; the copies stay for the next."""
        self._connection.close()

    def _show(self, name: str) -> ibis.Table:
        if not isinstance(self._tables, SiteTables):
            return super()._show(name)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            # Two processes that open the same snapshot take turns.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (self._schema,))
            cursor.execute("SELECT to_regclass(%s)", (f'{self._schema}."{name}"',))
            if cursor.fetchone()[0] is None:
                self._copy(cursor, name)
        return self.backend.table(name, database=self._schema)

    def _copy(self, cursor: Any, name: str) -> None:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
        cursor.execute(f'SET LOCAL search_path TO "{self._schema}"')
        cursor.execute(postgres_ddl([table(name)]))
        rows = self._tables.frame(name)
        with cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT csv)') as copy:
            for part in rows.iter_slices(_COPY_ROWS):
                copy.write(part.write_csv(include_header=False))
        cursor.execute(f'ANALYZE "{name}"')

    def _drop_earlier(self, site: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", (site,))
            for (schema,) in cursor.fetchall():
                if schema < self._schema:
                    cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """The frame with Arrow's plain strings, the only ones that every engine reads."""
    import pyarrow as pa  # noqa: PLC0415 - takes a while

    given = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    plain = [pa.field(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type) for f in given.schema]
    return given.cast(pa.schema(plain))


def _need(package: str, extra: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise UserError(f"{package} is not installed.", remedy=f"Install it: pip install 'kohort[{extra}]'.")


def _need_spark() -> None:
    _need("pyspark", "spark")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise UserError("Spark needs Java 17 or newer.", remedy="Install it, or set JAVA_HOME.")


def _spark_session(master: str) -> Any:
    """A new session: quiet, without its pages, and where it is local, on the loopback address only."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    settings: dict[str, Any] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    builder = SparkSession.builder.appName(_PREFIX)
    if master and not master.startswith("local"):
        return builder.master(f"spark://{master}").config(map=settings).getOrCreate()
    settings |= {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "4",
    }
    # Java reads this when it starts; without it, Spark looks the machine's name up and warns of what it finds.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return builder.master(master or "local[*]").config(map=settings).getOrCreate()
