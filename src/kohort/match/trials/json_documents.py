"""JSON with places: several values one after the other in one file, each with its line.

The grammar is that of RFC 8259, read here and not by ``json``, which forgets where a value stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json.decoder import scanstring  # pyright: ignore[reportAttributeAccessIssue]
from pathlib import Path

from kohort.errors import InputError
from kohort.match.trials.located import Located, Scalar

__all__ = ["json_documents"]

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_WORDS: dict[str, Scalar] = {"null": None, "true": True, "false": False}
_WORD = re.compile("null|true|false")
_NEXT = re.compile(r"^[{\[]", re.MULTILINE)


def json_documents(content: str, path: Path) -> Iterator[Located | InputError]:
    """The values of a file one by one; for one that is no JSON, what is wrong with it.

    Reading goes on at the next line that begins with a bracket.
    """
    reader = _Reader(content, path)
    while reader.more():
        try:
            yield reader.value("")
        except InputError as error:
            yield error
            following = _NEXT.search(content, reader.at + 1)
            if following is None:
                return
            reader.at = following.start()


class _Reader:
    """A place in a text, from which values are taken."""

    def __init__(self, content: str, path: Path) -> None:
        self.content, self.path, self.at = content, path, 0
        self._counted = (0, 1)

    def more(self) -> bool:
        """True if anything but blanks follows."""
        self._skip()
        return self.at < len(self.content)

    def value(self, key: str) -> Located:
        """The value that begins here, with the way to it."""
        self._skip()
        line, sign = self._line(), self.content[self.at : self.at + 1]
        if sign == "{":
            return Located(self._mapping(key), self.path, line, key)
        if sign == "[":
            return Located(self._list(key), self.path, line, key)
        if sign == '"':
            text = self._text()
            return Located(text, self.path, line, key, text)
        if found := _WORD.match(self.content, self.at):
            self.at = found.end()
            return Located(_WORDS[found[0]], self.path, line, key, found[0])
        if found := _NUMBER.match(self.content, self.at):
            self.at = found.end()
            number = float(found[0]) if found[1] or found[2] else int(found[0])
            return Located(number, self.path, line, key, found[0])
        raise self._error("a value is expected here.")

    def _mapping(self, key: str) -> dict[str, Located]:
        values: dict[str, Located] = {}
        for _ in self._entries("}"):
            if self.content[self.at : self.at + 1] != '"':
                raise self._error("a key in quotation marks is expected here.")
            name = self._text()
            place = f"{key}.{name}" if key else name
            if name in values:
                raise self._error(f"the key {name!r} stands twice.", "Keep one; several criteria are items of a list.")
            self._expect(":")
            values[name] = self.value(place)
        return values

    def _list(self, key: str) -> list[Located]:
        items: list[Located] = []
        for _ in self._entries("]"):
            items.append(self.value(f"{key}[{len(items)}]"))
        return items

    def _entries(self, end: str) -> Iterator[None]:
        """Before each entry of a list or mapping, up to its end."""
        self.at += 1
        self._skip()
        if self.content[self.at : self.at + 1] == end:
            self.at += 1
            return
        while True:
            yield
            self._skip()
            if self.content[self.at : self.at + 1] == end:
                self.at += 1
                return
            self._expect(",")

    def _text(self) -> str:
        try:
            text, self.at = scanstring(self.content, self.at + 1, True)
        except ValueError as error:
            raise self._error("this text is not closed or holds a character that JSON does not allow.") from error
        return text

    def _expect(self, sign: str) -> None:
        self._skip()
        if self.content[self.at : self.at + 1] != sign:
            raise self._error(f"{sign!r} is expected here.")
        self.at += 1
        self._skip()

    def _skip(self) -> None:
        found = _BLANK.match(self.content, self.at)
        self.at = self.at if found is None else found.end()

    def _line(self) -> int:
        before, line = self._counted
        if self.at < before:  # reading goes only forward, but after an error
            before, line = 0, 1
        line += self.content.count("\n", before, self.at)
        self._counted = (self.at, line)
        return line

    def _error(self, what: str, remedy: str = "Check brackets, commas and quotation marks nearby.") -> InputError:
        return InputError(f"is not JSON: {what}", path=self.path, line=self._line(), remedy=remedy)
