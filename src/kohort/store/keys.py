"""Keyed hashes: pseudonyms of patients and ids of rows.

Plain hashing of a national id is undone by trying all ids, within minutes. So every hash is keyed (BLAKE3 in keyed
mode), with a key that never leaves the site's ``keys/`` folder. Each table has a key of its own, derived from it.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

import numpy as np
import polars as pl
from blake3 import blake3

from kohort.errors import IntegrityError, SiteError

__all__ = ["Keys"]

_BYTES = 32
_POSITIVE = np.uint64(0x7FFF_FFFF_FFFF_FFFF)


class Keys:
    """The keyed hashes of one site.

    Args:
        secret: 32 random bytes.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _BYTES:
            raise SiteError("The pseudonym key has not 32 bytes.", remedy="Restore keys/pseudonym.key from a backup.")
        self._secret = secret
        self._derived: dict[str, bytes] = {}

    def __repr__(self) -> str:
        """Never the key."""
        return "Keys(...)"

    @classmethod
    def create(cls, folder: Path) -> Keys:
        """Make a new key in ``folder`` (mode 0700, file 0600)."""
        folder.mkdir(mode=0o700)
        path = folder / "pseudonym.key"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Keys:
        """Read the key of ``folder``; refuse one that others can read."""
        path = folder / "pseudonym.key"
        if not path.is_file():
            raise SiteError("The site has no pseudonym key.", remedy="Restore keys/ from a backup.")
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SiteError("The pseudonym key can be read by others.", remedy="Run chmod 600 on keys/pseudonym.key.")
        return cls(path.read_bytes())

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._derived:
            self._derived[purpose] = blake3(purpose.encode(), key=self._secret).digest()
        return self._derived[purpose]

    def hashes(self, table: str, texts: pl.Series) -> pl.Series:
        """Ids (int64, 0 to 2^63 - 1) of natural keys of rows of ``table``; null stays null."""
        hasher = blake3(key=self._key(table))
        digests: list[bytes] = []
        for value in texts.cast(pl.Binary).fill_null(b"").to_list():  # one hasher anew each time: half the cost of many
            hasher.update(value)
            digests.append(hasher.digest(8))
            hasher.reset()
        numbers = (np.frombuffer(b"".join(digests), dtype="<u8") & _POSITIVE).astype(np.int64)
        made = pl.Series(texts.name, numbers)
        if not texts.null_count():
            return made
        return made.to_frame().select(pl.when(texts.is_not_null()).then(pl.col(texts.name))).to_series()

    def shared_hashes(self, table: str, texts: pl.Series) -> pl.Series:
        """The same as `hashes`, quicker where texts repeat.

        Raises:
            IntegrityError: two texts have the same hash (about 5e-6 for ten million patients).
        """
        runs = texts.rle().struct  # files are mostly sorted by sample: then runs are far fewer than rows
        if 4 * runs.field("len").len() < texts.len():
            short = self.shared_hashes(table, runs.field("value"))
            places = np.repeat(np.arange(short.len()), runs.field("len").to_numpy())
            return short.gather(places).alias(texts.name)
        once = texts.drop_nulls().unique()
        numbers = self.hashes(table, once)
        if numbers.n_unique() != once.len():
            raise IntegrityError(f"Two natural keys of table {table} have the same hash.", remedy="Please report it.")
        return texts.replace_strict(once, numbers, default=None, return_dtype=pl.Int64)
