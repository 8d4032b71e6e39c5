"""YAML and JSON with places: each value knows its line, so that a mistake is named where it stands.

Plain words are read by the core schema of YAML 1.2: only ``true`` and ``false`` are truths, so that the
country ``NO`` stays Norway; everything else that is no number is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from kohort.errors import InputError

__all__ = ["Located", "read_documents"]

Scalar = str | int | float | bool | None

_NUMBER = re.compile(r"[-+]?(\d+|(\d+\.\d*|\.\d+)([eE][-+]?\d+)?)")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a document and its place.

    Attributes:
        value: a scalar, a list, or a mapping from text.
        path: the file.
        line: 1-based line in it.
        key: the way to the value, e.g. ``cohorts[3].criteria[0].mutation``; empty for the whole document.
        written: a scalar as the file spells it, else empty.
    """

    value: Scalar | list[Located] | dict[str, Located]
    path: Path
    line: int
    key: str
    written: str = ""

    def error(self, what: str, remedy: str = "") -> InputError:
        """An error at this place."""
        return InputError(what, path=self.path, line=self.line, column=self.key or None, remedy=remedy)

    def mapping(self) -> dict[str, Located]:
        """The value as a mapping; InputError if it is something else."""
        if not isinstance(self.value, dict):
            raise self.error(f"this is {self._sort}, not keys with values.", "Write 'key: value' lines.")
        return self.value

    def items(self) -> list[Located]:
        """The value as a list; InputError if it is something else."""
        if not isinstance(self.value, list):
            raise self.error(f"this is {self._sort}, not a list.", "Begin each item with a dash.")
        return self.value

    @property
    def _sort(self) -> str:
        if self.value is None:
            return "empty"
        names = {dict: "keys with values", list: "a list", str: "a text", bool: "a truth"}
        return names.get(type(self.value), "a number")


def read_documents(path: Path) -> Iterator[Located]:
    """All documents of a YAML or JSON file, those divided by ``---`` one by one.

    Raises:
        InputError: the file cannot be read, is not UTF-8, is not YAML, or names a key twice.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", path=path) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text.", path=path, remedy="Save it as UTF-8.") from error
    try:
        # A tab may stand between the tokens of JSON, but not in YAML's indentation.
        spaced = content.replace("\t", "  ") if path.suffix.lower() == ".json" else content
        _refuse_aliases(spaced, path)
        for node in yaml.compose_all(spaced, Loader=yaml.CSafeLoader):
            found = _located(node, path, "")
            if found.value is not None:
                yield found
    except RecursionError as error:
        raise InputError("is nested too deep to be a trial.", path=path) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"is not YAML: {error.problem or error.context}.",
            path=path,
            line=None if mark is None else mark.line + 1,
            remedy="Check indentation, colons and quotation marks near this line.",
        ) from error
    except yaml.YAMLError as error:
        raise InputError("holds characters that YAML does not allow.", path=path) from error


def _refuse_aliases(content: str, path: Path) -> None:
    """Aliases let a small file unfold into an endless document, and a trial has no need of them."""
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise InputError(
                "an alias (*) stands here.",
                path=path,
                line=event.start_mark.line + 1,
                remedy="Write the text out; what all cohorts ask belongs to the trial's own criteria.",
            )


def _located(node: yaml.Node, path: Path, key: str) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Located(_mapping(node, path, key), path, line, key)
    if isinstance(node, yaml.SequenceNode):
        items = [_located(item, path, f"{key}[{place}]") for place, item in enumerate(node.value)]
        return Located(items, path, line, key)
    return Located(_scalar(node), path, line, key, str(node.value))


def _mapping(node: yaml.MappingNode, path: Path, key: str) -> dict[str, Located]:
    values: dict[str, Located] = {}
    for name_node, value_node in node.value:
        name = str(name_node.value)
        place = f"{key}.{name}" if key else name
        if name in values:
            raise InputError(
                "this key stands twice.",
                path=path,
                line=name_node.start_mark.line + 1,
                column=place,
                remedy="Keep one; several criteria are items of a list.",
            )
        values[name] = _located(value_node, path, place)
    return values


def _scalar(node: yaml.Node) -> Scalar:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted or folded: text, whatever it looks like
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
    return text
