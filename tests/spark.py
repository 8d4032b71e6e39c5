"""A Spark session of our own for the length of a test: real engine, one process, loopback only."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator

import pytest

_HAS_JAVA = shutil.which("java") is not None or "JAVA_HOME" in os.environ
_HAS_SPARK = importlib.util.find_spec("pyspark") is not None

needs_spark = pytest.mark.skipif(not (_HAS_JAVA and _HAS_SPARK), reason="Spark (Java and pyspark) is not installed")

quiet = pytest.mark.filterwarnings(
    # pyspark leaves the sockets between Python and Java to the garbage collector.
    r"ignore:unclosed <socket\.socket:ResourceWarning"
)


@contextlib.contextmanager
def temporary_session() -> Iterator[str]:
    """Start a session as Kohort does and give the address of a running one; stop it at the end.

    Compiled for a fast start, since the queries of tests are many and small.
    """
    from kohort.store.engines import SparkEngine
    from kohort.tables import MemoryTables

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        engine = SparkEngine(MemoryTables({}), "local[2]")
    session = engine.backend._session
    session.conf.set("spark.sql.codegen.wholeStage", "false")
    try:
        yield "spark"
    finally:
        engine.close()
