"""The log of a programme as bytes: JSON Lines, each chained to the one before by a hash.

A line is one event and how it is chained::

    {"n":2,"event":{"cohort":"a","kind":"enrolled","person":17},"previous":"<hash of line 1>","hash":"<of this>"}

Entries of an event that are not known are left out. The hash (BLAKE3, as in the ledger; with a key nobody who has
only the file can forge it) covers number, event and the hash before, so a line that is changed, taken out, put in
or moved is found, with its number. A cut-off end is found against a head that was kept elsewhere.

Nothing here touches a disk: ``kohort.cohort.conduct.log_file`` does.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from kohort.access.entries import GENESIS, Head, chain_hash
from kohort.cohort.conduct.answers import Answer
from kohort.cohort.conduct.events import CohortEvent, EventKind
from kohort.errors import InputError

__all__ = ["CohortLog", "decode", "encode"]

_NAMES = tuple(each.name for each in dataclasses.fields(CohortEvent))
_DEFAULTS = {each.name: each.default for each in dataclasses.fields(CohortEvent)}
_ENTRIES = {"n", "event", "previous", "hash"}


@dataclass(frozen=True, slots=True)
class CohortLog:
    """A log: what happened, in order, and the chain of hashes over it. It is only ever added to.

    Attributes:
        events: what happened, oldest first; the first is line 1.
        hashes: the hash of each line.
        key: 32 bytes that key the hashes; None: plain hashes.
    """

    events: tuple[CohortEvent, ...] = ()
    hashes: tuple[str, ...] = ()
    key: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, events: Iterable[CohortEvent], key: bytes | None = None) -> Self:
        """The log of these events, oldest first."""
        return cls(key=key).added(events)

    def added(self, events: Iterable[CohortEvent]) -> Self:
        """This log with more events at its end."""
        new = tuple(events)
        hashes = list(self.hashes)
        previous = self.head.hash
        for number, event in enumerate(new, start=len(self.events) + 1):
            previous = _seal(number, _written(event), previous, self.key)
            hashes.append(previous)
        return dataclasses.replace(self, events=self.events + new, hashes=tuple(hashes))

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.events)

    def __iter__(self) -> Iterator[CohortEvent]:
        """The events, oldest first."""
        return iter(self.events)

    @property
    def head(self) -> Head:
        """Number and hash of the last line (0 and zeros in an empty log). Kept elsewhere, it shows a cut-off end."""
        return Head(len(self.events), self.hashes[-1] if self.hashes else GENESIS)

    def as_of(self, moment: int | dt.datetime | None) -> Self:
        """What the log held at some time.

        Args:
            moment: a number of lines, or a moment (with time zone): all lines before the first that was
                written down later. None: all of it.

        Raises:
            InputError: more lines than there are, or a line that does not say when it was written.
        """
        if moment is None:
            return self
        lines = moment if isinstance(moment, int) else self._written_by(moment)
        if not 0 <= lines <= len(self.events):
            raise InputError(
                f"The log has {len(self.events)} lines, and {lines} were asked for.",
                remedy="Give 0 to the number of lines.",
            )
        return dataclasses.replace(self, events=self.events[:lines], hashes=self.hashes[:lines])

    def _written_by(self, moment: dt.datetime) -> int:
        for line, event in enumerate(self.events, start=1):
            if event.at is None:
                raise InputError(
                    "The line does not say when it was written down.", line=line, remedy="Ask by a number of lines."
                )
            if event.at > moment:
                return line - 1
        return len(self.events)

    def to_bytes(self, after: int = 0) -> bytes:
        """The lines after number ``after``, as they are stored."""
        previous = GENESIS if after == 0 else self.hashes[after - 1]
        lines: list[bytes] = []
        for number, event, sealed in zip(
            range(after + 1, len(self.events) + 1), self.events[after:], self.hashes[after:], strict=True
        ):
            content = {"n": number, "event": _written(event), "previous": previous, "hash": sealed}
            lines.append(_text(content).encode() + b"\n")
            previous = sealed
        return b"".join(lines)

    @classmethod
    def from_bytes(
        cls, data: bytes, *, path: Path | None = None, known: Head | None = None, key: bytes | None = None
    ) -> Self:
        """The log in these bytes.

        Args:
            data: lines, as ``to_bytes`` gives them.
            path: the file, for errors.
            known: a head noted earlier, which the log must still have.
            key: the key that the log was made with.

        Raises:
            InputError: a line that is no event, or was changed, removed, added or moved; with file and line.
        """
        events: list[CohortEvent] = []
        hashes: list[str] = []
        previous = GENESIS
        for number, line in enumerate(_lines(data, path), start=1):
            content = _parsed(line, number, path)
            if (fault := _chain_fault(content, number, previous, key)) is not None:
                what, remedy = fault
                raise InputError(what, path=path, line=number, remedy=remedy)
            events.append(decode(content["event"], path=path, line=number))
            previous = content["hash"]
            hashes.append(previous)
        log = cls(tuple(events), tuple(hashes), key)
        log.check(known, path=path)
        return log

    def check(self, known: Head | None, path: Path | None = None) -> None:
        """Return if the log still has the head that was noted earlier.

        Raises:
            InputError: its end was cut off, or the log was replaced.
        """
        if known is None or known.sequence == 0:
            return
        if known.sequence > len(self.events):
            missing = f"{len(self.events) + 1} to {known.sequence}"
            raise InputError(
                f"The end of the log is lost: lines {missing} were there before.",
                path=path,
                line=len(self.events) + 1,
                remedy="Restore the file from a backup, and do not add to this one.",
            )
        if self.hashes[known.sequence - 1] != known.hash:
            raise InputError(
                "The log is not the one known from before.",
                path=path,
                line=known.sequence,
                remedy="Restore the file from a backup, or give the right log.",
            )


def encode(event: CohortEvent) -> str:
    """One event as canonical JSON; entries at their default are left out."""
    return _text(_written(event))


def decode(content: object, *, path: Path | None = None, line: int | None = None) -> CohortEvent:
    """The event of parsed JSON.

    Raises:
        InputError: entries that are unknown, missing or of another type; with file and line.
    """
    values = content if isinstance(content, dict) else {}
    try:
        if unknown := sorted(set(values) - set(_NAMES)):
            raise InputError(f"An event has no entry {unknown[0]!r}.", remedy="Use a version of Kohort that knows it.")
        if missing := [name for name in ("cohort", "kind") if name not in values]:
            raise InputError(f"An event says its {missing[0]}.", remedy="Restore the line from a backup.")
        return CohortEvent(**{"person": None, **{name: _read(name, value) for name, value in values.items()}})
    except InputError as error:
        raise InputError(error.reason, path=path, line=line, column=error.column, remedy=error.remedy) from None


def _text(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _written(event: CohortEvent) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(event, name)
        if value is not default and value != "" and value is not None:
            written[name] = value.isoformat() if isinstance(value, dt.date) else value
    return written


@functools.cache
def _type_of(name: str) -> tuple[type, ...]:
    hint = typing.get_type_hints(CohortEvent)[name]
    return tuple(each for each in typing.get_args(hint) or (hint,) if each is not type(None))


def _read(name: str, value: object) -> object:
    (wanted,) = _type_of(name)
    try:
        if wanted in (EventKind, Answer) and isinstance(value, str):
            return wanted(value)
        if wanted in (dt.date, dt.datetime) and isinstance(value, str):
            return wanted.fromisoformat(value)
    except ValueError:
        pass
    else:
        if type(value) is wanted:
            return value
    raise InputError(
        f"The entry is no {_WORDS.get(wanted, wanted.__name__)}.", column=name, remedy="Restore the line from a backup."
    )


_WORDS = {
    int: "whole number",
    str: "text",
    bool: "truth (true or false)",
    dt.date: "day such as 2026-11-24",
    dt.datetime: "moment such as 2026-11-24T10:00:00+00:00",
    EventKind: "kind of event",
    Answer: "decision",
}


def _seal(number: int, event: dict[str, Any], previous: str, key: bytes | None) -> str:
    return chain_hash([number, _text(event), previous], key)


def _lines(data: bytes, path: Path | None) -> list[bytes]:
    lines = data.split(b"\n")
    if lines.pop():
        raise InputError(
            "The last line is cut off: writing it was interrupted, so it was never confirmed.",
            path=path,
            line=len(lines) + 1,
            remedy="Remove the incomplete line, and enter its event again.",
        )
    return lines


def _parsed(line: bytes, number: int, path: Path | None) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    if not isinstance(content, dict) or set(content) != _ENTRIES:
        raise InputError(
            "The line is not one of a cohort log.", path=path, line=number, remedy="Restore the file from a backup."
        )
    return content


def _chain_fault(content: dict[str, Any], number: int, previous: str, key: bytes | None) -> tuple[str, str] | None:
    """What is wrong with a line's place or content, and what to do."""
    backup = "Restore the file from a backup, and find out who changed it."
    stands, event = content["n"], content["event"]
    if stands != number:
        return f"Line {stands} stands where line {number} belongs: lines were moved, removed or put in.", backup
    if content["previous"] != previous:
        return "The line does not follow the one before it: one of them was replaced.", backup
    if content["hash"] != _seal(number, event, previous, key):
        return "The line is not what was written (or another key was used).", backup
    return None
