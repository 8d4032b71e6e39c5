"""A PostgreSQL cluster of our own for the length of a test: real server, Unix socket, no port."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_SERVER_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


def server_binaries() -> Path | None:
    """The folder of the newest ``initdb`` and ``pg_ctl`` on this machine; None where there is no server."""
    found = [Path(which).resolve().parent] if (which := shutil.which("initdb")) else []
    for pattern in _SERVER_FOLDERS:
        found += [p.parent for p in Path("/").glob(f"{pattern[1:]}/initdb")]
    return max(found, key=lambda folder: folder.as_posix(), default=None)


needs_postgres = pytest.mark.skipif(server_binaries() is None, reason="PostgreSQL server is not installed")


@contextlib.contextmanager
def temporary_cluster() -> Iterator[str]:
    """Start a cluster in a temporary folder and give its connection string; stop and remove it at the end.

    PostgreSQL refuses to run as root, so root hands it to the account that the package made for it.
    """
    binaries = server_binaries()
    assert binaries is not None, "guard the test with needs_postgres"
    # Not pytest's tmp_path: that is closed to other accounts, and a socket's path must stay short.
    folder = Path(tempfile.mkdtemp(prefix="kohort-pg-"))
    prefix = _as_unprivileged(folder)
    data = folder / "data"
    quick = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=16MB"
    control = [*prefix, str(binaries / "pg_ctl"), "-D", str(data), "-w", "-s"]
    try:
        _run([*prefix, str(binaries / "initdb"), "-D", str(data), "-U", "kohort", "-A", "trust", "-N"], folder)
        _run([*control, "-l", str(folder / "log"), "-o", quick, "start"], folder)
        try:
            yield f"host={folder} user=kohort dbname=postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder)


def _as_unprivileged(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
