"""Docstrings as Markdown: the few marks of reStructuredText that ours use, and what Markdown would misread."""

from __future__ import annotations

import re
from typing import Any

import griffe

__all__ = ["DocstringMarks", "as_markdown"]

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")
_CODE = re.compile(r"(`+[^`]*`+|::[ \t]*\n(?:[ \t]*\n)*(?:(?: {4,}|\t).*(?:\n|$)|[ \t]*\n)+)")


def as_markdown(words: str) -> str:
    """Roles become code, ``::`` before a drawing goes away, and ``<`` is a sign, not the start of a tag."""
    parts = _CODE.split(_ROLE.sub(r"`\1`", words))
    for at, part in enumerate(parts):
        if at % 2 == 0:
            before_drawing = at + 1 < len(parts) and parts[at + 1].startswith("::")
            parts[at] = part.replace("<", "&lt;") + (":" if before_drawing and part[-1:].strip() else "")
    return "".join(part.removeprefix("::") for part in parts)


class DocstringMarks(griffe.Extension):
    """Turns every docstring of the Python reference into Markdown before it is parsed into sections."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called once for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)
