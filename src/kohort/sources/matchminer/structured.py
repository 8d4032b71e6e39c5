"""Documents written in JSON: an array, objects one after the other, one a line, or one object with named lists.

A document that is no valid JSON is set aside alone: reading goes on at the next beginning of a document. In valid JSON
no text can hold such a beginning, as the quotes within it would be escaped; so the search needs no state, and a lost
quote or bracket costs the document that lost it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kohort.sources.lines import BLOCK_BYTES, LineBlocks
from kohort.sources.matchminer.columns import IDS
from kohort.sources.matchminer.documents import TWICE, Document, Piece, SetAside, document_of
from kohort.sources.model import LineFinding

__all__ = ["JsonFile"]

_LISTS = r'"(?:clinical|genomic|prior_treatments?)"\s*:\s*\['
_LIST = re.compile(_LISTS)
_GAP = re.compile(r"[\s,\[\]]*")
_NAMED = re.compile(r'"(?P<name>[^"\\\n]+)"\s*:\s*(?=[\[{])')
_TOLD = re.compile(r'"(?P<name>[^"\\\n]+)"\s*:\s*(?:"(?:[^"\\\n]|\\.)*"|[-+.\w]+)')
_WRAPPER = re.compile(rf"\{{\s*(?=(?:{_TOLD.pattern.replace('?P<name>', '?:')}\s*,\s*)*{_LISTS})")
# The beginning of a document or of a named list. `{"$oid": ..` is a value, and so is what stands behind a colon.
_NEXT = re.compile(rf'{_LISTS}|\{{\s*"(?!\$)[^"\\\n]+"\s*:')
_STRAY = "A closing bracket has no partner; the documents around it were read. Compare the file with its source."
_UNCLOSED = "The file ends before its list is closed: it may be cut there. Compare the number of documents."
_NO_PLACE = "A value beside the lists of documents was not kept."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        made[TWICE] = "true"
    return made


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=lambda _name: None
)
"""Numbers stay as they are written; NaN and Infinity say nothing."""


@dataclass
class JsonFile:
    """A file of JSON documents.

    Attributes:
        path: the file, plain or gzip.
        encoding: encoding where the file has no byte-order mark.
        block_bytes: bytes read at a time.
    """

    path: Path
    encoding: str = "utf-8"
    block_bytes: int = BLOCK_BYTES
    _text: str = ""
    _at: int = 0
    _line: int = 1
    _start: int = 1
    _depth: int = 0
    _wrapped: bool = False
    _collection: str = ""
    _items: list[Document | SetAside] = field(default_factory=list)
    _findings: list[LineFinding] = field(default_factory=list)

    def pieces(self) -> Iterator[Piece]:
        """The file in pieces, in order; iterate once."""
        blocks = LineBlocks(self.path, self.encoding, self.block_bytes)
        for block in blocks:
            self._text = self._text[self._at :] + block.decode("utf-8", "surrogateescape")
            self._at = 0
            self._read(complete=False)
            if (piece := self._cut()).lines:
                yield piece
        self._read(complete=True)
        lines = self._line - 1
        self._findings += blocks.closing_findings(lines)
        if lines and (self._depth > 0 or self._wrapped):
            self._findings.append(LineFinding(lines, "warning", "list_not_closed", _UNCLOSED))
        yield self._cut()

    def _cut(self) -> Piece:
        """The lines that were read, up to one that no document crosses."""
        count, border = len(self._items), self._line
        while count and self._items[count - 1].last >= border:
            count -= 1
            border = self._items[count].first
        piece = Piece(self._items[:count], border - self._start, tuple(self._findings))
        self._start = border
        self._items = self._items[count:]
        self._findings = []
        return piece

    def _read(self, *, complete: bool) -> None:
        """Read as far as the text goes; the rest waits for more unless it is ``complete``."""
        while True:
            gap = _GAP.match(self._text, self._at)
            skipped = gap[0] if gap else ""
            self._depth += skipped.count("[") - skipped.count("]")
            if self._depth < 0:
                self._depth = 0
                self._note(self._line, "stray_bracket", _STRAY)
            self._move(self._at + len(skipped))
            if self._at == len(self._text) or not self._step(complete=complete):
                return

    def _step(self, *, complete: bool) -> bool:
        """Read one document or one mark between documents; False if that needs more text."""
        text, at = self._text, self._at
        sign = text[at]
        if sign == "{" and not self._items and self._start == 1 and (wrapper := _WRAPPER.match(text, at)):
            self._wrapped = True
            self._move(wrapper.end())
            return True
        if sign == "{":
            return self._document(complete=complete)
        if sign == "}":
            if self._wrapped and self._depth == 0:
                self._wrapped, self._collection = False, ""
            else:
                self._note(self._line, "stray_bracket", _STRAY)
            self._move(at + 1)
            return True
        if (named := _NAMED.match(text, at)) and (self._wrapped or _LIST.match(text, at)):
            self._collection = named["name"]
            self._move(named.end())
            return True
        if told := self._wrapped and _TOLD.match(text, at):
            name = told["name"].upper().encode("utf-8", "replace").decode()
            self._note(self._line, "unknown_column", _NO_PLACE, name)
            self._move(told.end())
            return True
        message = "The text is no document: no bracket opens it. Send the file whole."
        return self._leave("no_document", message, at, complete=complete)

    def _document(self, *, complete: bool) -> bool:
        text, at = self._text, self._at
        try:
            value, end = _DECODER.raw_decode(text, at)
        except RecursionError:
            return self._leave("no_json", "The document is nested too deeply.", at + 1, complete=complete)
        except json.JSONDecodeError as error:
            if text[error.pos :].strip() in ("", ","):
                if not complete:
                    return False
                message = "The file ends within the document. Ask for the file again and ingest it."
                return self._leave("cut_document", message, at + 1, complete=complete)
            line = self._line + text.count("\n", at, error.pos)
            what = error.msg.removesuffix(" at").removesuffix(" starting")
            message = f"The document is not valid JSON ({what}, line {line}); it was set aside alone. Correct it."
            return self._leave("no_json", message, at + 1, complete=complete)
        if _holds_documents(value):
            self._wrapped = True
            self._move(at + 1)
            return True
        first = self._line
        self._move(end)
        self._items.append(document_of(value.items(), first, self._line, self._collection))
        return True

    def _leave(self, rule: str, message: str, search: int, *, complete: bool) -> bool:
        """Set aside the text up to the next beginning of a document; False if more text must tell where that is."""
        end = next((m.start() for m in _NEXT.finditer(self._text, search) if self._opens(m.start())), None)
        if end is None:
            if not complete:
                return False
            end = len(self._text)
        left = self._text[self._at : end].rstrip(" \t\n,[]")
        first = self._line
        self._move(self._at + max(1, len(left)))
        self._items.append(SetAside(first, self._line, rule, message))
        return True

    def _opens(self, at: int) -> bool:
        """True unless what begins here is the value of a key."""
        return not self._text[max(0, at - 80) : at].rstrip().endswith(":")

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _note(self, line: int, rule: str, message: str, column: str | None = None) -> None:
        self._findings.append(LineFinding(line, "warning", rule, message, column))


def _holds_documents(value: dict[str, Any]) -> bool:
    """True for an object with lists of objects and no id of its own: what it holds are the documents."""
    lists = [v for v in value.values() if isinstance(v, list)]
    if not any(isinstance(inside, dict) for listed in lists for inside in listed):
        return False
    return not any(name.strip().upper() in IDS for name in value)


def begins_as_json(text: str) -> bool:
    """True if a file that begins so holds JSON."""
    return text.lstrip()[:1] in ("{", "[")


def names_in(text: str) -> Sequence[str]:
    """Keys of JSON documents, as written, each once, also where the documents are broken."""
    return tuple(dict.fromkeys(re.findall(r'"([^"\\\n]+)"\s*:', text)))
