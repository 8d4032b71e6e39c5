"""Keyed hashes and the search for ids seen before agree with their slow, plain counterparts."""

from __future__ import annotations

import numpy as np
import polars as pl
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from kohort.store.keys import Keys
from kohort.store.seen import SeenIds

SECRET = bytes(range(32))
TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=70)), max_size=60)


def plain(table: str, text: str) -> int:
    """First 63 bits of BLAKE3 keyed with the table's own key."""
    key = blake3(table.encode(), key=SECRET).digest()
    return int.from_bytes(blake3(text.encode(), key=key).digest(8), "little") & (2**63 - 1)


@given(TEXTS)
def test_a_hash_is_keyed_blake3_and_null_stays_null(texts: list[str | None]) -> None:
    """The quick way gives what BLAKE3 gives for each text alone."""
    expected = [None if text is None else plain("variant", text) for text in texts]
    assert Keys(SECRET).hashes("variant", pl.Series(texts, dtype=pl.String)).to_list() == expected


@given(TEXTS, st.integers(1, 9))
def test_shared_hashes_are_the_same_hashes(texts: list[str | None], times: int) -> None:
    """Sorted in runs or mixed, repeated or not, the same text has the same hash."""
    keys = Keys(SECRET)
    for series in (
        pl.Series(texts * times, dtype=pl.String),
        pl.Series([t for t in texts for _ in range(times)], dtype=pl.String),
    ):
        assert keys.shared_hashes("person", series).to_list() == keys.hashes("person", series).to_list()


def test_two_tables_have_keys_of_their_own() -> None:
    """The same natural key in two tables gives two ids."""
    text = pl.Series(["the same"])
    assert Keys(SECRET).hashes("test", text).item() != Keys(SECRET).hashes("variant", text).item()


@given(st.lists(st.lists(st.integers(0, 2**63 - 1), max_size=40), max_size=6), st.integers(1, 2000))
def test_ids_seen_before_are_those_a_plain_set_finds(pieces: list[list[int]], few: int) -> None:
    """Ids from a wide and from a narrow range, so that repeats and full slots occur."""
    for narrow in (False, True):
        seen, known = SeenIds(), set[int]()
        for piece in pieces:
            ids = [value % few if narrow else value for value in piece]
            given_ids = np.array(ids, dtype=np.int64)
            assert seen.contains(given_ids).tolist() == [value in known for value in ids]
            expected = [value in known or value in ids[:place] for place, value in enumerate(ids)]
            assert seen.add(given_ids).tolist() == expected
            known |= set(ids)
