"""What the ledger holds: acts, and the chain of hashes that makes any later change visible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import blake3

from kohort.errors import AccessError

__all__ = ["GENESIS", "Act", "Entry", "Head", "Problem", "canonical", "chain_hash", "persons_digest"]

GENESIS: Final = "0" * 64
"""Stands for the entry before the first."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something done with patients' data, as it is to be written down.

    Attributes:
        at: when, with time zone.
        who: the person or account.
        organisation: where that person works.
        permit: id of the permit; empty in a patient's own care.
        purpose: what for.
        action: what was done: ``read``, ``release``, ``refuse`` ...
        what: in a sentence, for people; it names no patient.
        details: figures that belong to it: sites, k, what was withheld; JSON values only.
        persons: pseudonyms of everybody whose rows were used, kept at this site only.
    """

    at: datetime
    who: str
    organisation: str
    permit: str
    purpose: str
    action: str
    what: str
    details: Mapping[str, Any] = field(default_factory=dict)
    persons: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse an act that nobody did, or at no known moment."""
        if self.at.utcoffset() is None:
            raise AccessError("An act needs a moment with a time zone.")
        if not (self.who and self.organisation and self.purpose and self.action and self.what):
            raise AccessError("An act names who did what, for which organisation and purpose.")
        try:
            json.dumps(self.details, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise AccessError("Details of an act must be JSON values.") from error

    @property
    def stamp(self) -> str:
        """The moment in UTC, as ISO 8601."""
        return self.at.astimezone(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, as stored; without the list of persons, of which it holds count and digest.

    Attributes:
        sequence: 1, 2, 3 ... without gaps.
        at: when, UTC, ISO 8601.
        who: the person or account.
        organisation: where that person works.
        permit: id of the permit, or empty.
        purpose: what for.
        action: what was done.
        what: in a sentence.
        details: canonical JSON.
        n_persons: number of people whose rows were used.
        persons: digest of their pseudonyms.
        previous: hash of the entry before.
        hash: hash of this entry, ``previous`` included.
    """

    sequence: int
    at: str
    who: str
    organisation: str
    permit: str
    purpose: str
    action: str
    what: str
    details: str
    n_persons: int
    persons: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger at some moment. Kept elsewhere, it shows if the end is cut off later."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was done to the ledger behind its back.

    Attributes:
        sequence: where.
        kind: ``altered``, ``missing``, ``out of chain``, ``persons altered``, ``cut off`` or ``replaced``.
        words: what is wrong, for people.
    """

    sequence: int
    kind: str
    words: str


def canonical(details: Mapping[str, Any]) -> str:
    """Details as the one JSON text that is hashed and stored."""
    return json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def persons_digest(persons: Iterable[int], key: bytes | None = None) -> str:
    """Digest of a set of pseudonyms, whatever their order."""
    listed = ",".join(str(person) for person in sorted(set(persons)))
    return _hash(listed.encode(), key)


def chain_hash(values: Iterable[str | int], key: bytes | None = None) -> str:
    """Hash of an entry's values in order, ``previous`` among them."""
    return _hash(json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode(), key)


def _hash(content: bytes, key: bytes | None) -> str:
    return (blake3.blake3(content) if key is None else blake3.blake3(content, key=key)).hexdigest()
