"""YAML and JSON with places: each value knows its line, so that a mistake is named where it stands.

A file may hold several documents: YAML divided by ``---``, JSON one value after the other. One that cannot be
read never hides the others.

Plain words of YAML are read by the core schema of YAML 1.2: only ``true`` and ``false`` are truths, so that the
country ``NO`` stays Norway; everything else that is no number is text. An exclamation mark begins a text, not a
tag: ``!Mutation`` without quotation marks is what it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from kohort.errors import InputError
from kohort.match.trials.json_documents import json_documents
from kohort.match.trials.located import Located, Scalar

__all__ = ["Located", "documents", "read_documents"]

_NUMBER = re.compile(r"[-+]?(\d+|(\d+\.\d*|\.\d+)([eE][-+]?\d+)?)")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
_DIVISION = re.compile(r"^---(?=\s|$)", re.MULTILINE)


def documents(path: Path) -> Iterator[Located | InputError]:
    """All documents of a YAML or JSON file one by one; for one that cannot be read, what is wrong with it.

    Empty documents are left out.

    Raises:
        InputError: the file cannot be read, or is not UTF-8.
    """
    content = _content(path)
    read = json_documents if path.suffix.lower() == ".json" else _yaml_documents
    try:
        for found in read(content, path):
            if isinstance(found, InputError) or found.value is not None:
                yield found
    except RecursionError:
        yield InputError("is nested too deep to be a trial.", path=path)


def read_documents(path: Path) -> Iterator[Located]:
    """All documents of a YAML or JSON file one by one.

    Raises:
        InputError: the file cannot be read or is not UTF-8; or a document is not YAML or JSON, names a key
            twice, or is nested too deep.
    """
    for found in documents(path):
        if isinstance(found, InputError):
            raise found
        yield found


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", path=path) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text.", path=path, remedy="Save it as UTF-8.") from error


def _yaml_documents(content: str, path: Path) -> Iterator[Located | InputError]:
    starts = [0, *(found.start() for found in _DIVISION.finditer(content))]
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        first = content.count("\n", 0, start)
        try:
            yield from _yaml_values(content[start:end], path, first)
        except InputError as error:
            yield error


def _yaml_values(content: str, path: Path, first: int) -> Iterator[Located]:
    """The documents of a text whose first line has ``first`` lines before it in the file."""
    try:
        _refuse_aliases(content, path, first)
        for node in yaml.compose_all(content, Loader=yaml.CSafeLoader):
            yield _located(node, path, "", first + 1)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"is not YAML: {error.problem or error.context}.",
            path=path,
            line=None if mark is None else first + mark.line + 1,
            remedy="Check indentation, colons and quotation marks near this line.",
        ) from error
    except yaml.YAMLError as error:
        raise InputError("holds characters that YAML does not allow.", path=path) from error


def _refuse_aliases(content: str, path: Path, first: int) -> None:
    """Aliases let a small file unfold into an endless document, and a trial has no need of them."""
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise InputError(
                "an alias (*) stands here.",
                path=path,
                line=first + event.start_mark.line + 1,
                remedy="Write the text out; what all cohorts ask belongs to the trial's own criteria.",
            )


def _located(node: yaml.Node, path: Path, key: str, first: int) -> Located:
    line = node.start_mark.line + first
    if isinstance(node, yaml.MappingNode):
        return Located(_mapping(node, path, key, first), path, line, key)
    if isinstance(node, yaml.SequenceNode):
        items = [_located(item, path, f"{key}[{place}]", first) for place, item in enumerate(node.value)]
        return Located(items, path, line, key)
    text = _spelled(node)
    return Located(_scalar(node, text), path, line, key, text)


def _mapping(node: yaml.MappingNode, path: Path, key: str, first: int) -> dict[str, Located]:
    values: dict[str, Located] = {}
    for name_node, value_node in node.value:
        name = str(name_node.value)
        place = f"{key}.{name}" if key else name
        if name in values:
            raise InputError(
                "this key stands twice.",
                path=path,
                line=name_node.start_mark.line + first,
                column=place,
                remedy="Keep one; several criteria are items of a list.",
            )
        values[name] = _located(value_node, path, place, first)
    return values


def _spelled(node: yaml.Node) -> str:
    """The text of a scalar; what YAML takes as a tag of its own (``!Renal Cell Carcinoma``) belongs to it."""
    text = str(node.value)
    is_own = node.tag.startswith("!") and not node.tag.startswith("!!")
    return f"{node.tag} {text}".strip() if is_own and node.tag != "!" else text


def _scalar(node: yaml.Node, text: str) -> Scalar:
    if getattr(node, "style", None):  # quoted or folded: text, whatever it looks like
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
    return text
