"""Settings to JSON and back: any frozen dataclass, guided by its declared types.

Every field is written, defaults too, so a changed default changes no rule that was written down. A number is
written by its declared type (``0`` for a float as ``0.0``), so equal settings have equal texts. A dataclass
carries its class as ``is``; which classes may stand where is read from the declared types, and for an abstract
class (a borrowing model) from the classes given for it. Fields that are no part of equality are not written.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kohort.errors import InputError, StatisticsError

__all__ = ["canonical", "decoded", "encoded"]

Families = Mapping[type, Sequence[type]]
"""The classes that may stand for an abstract one."""

_CLASS = "is"


def canonical(content: object) -> str:
    """The one text of JSON content: keys in order, no spaces, ASCII only."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def encoded(value: object, declared: object = None) -> Any:
    """JSON content of a dataclass instance or of anything in its fields.

    Args:
        value: what to write.
        declared: its declared type.

    Raises:
        StatisticsError: something that no rule can hold: NaN, infinity, functions, arrays of no numbers.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hints = _hints(type(value))
        fields = {field: encoded(getattr(value, field), hints[field]) for field in _fields(type(value))}
        return {_CLASS: type(value).__name__, **fields}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, tuple | list):
        of = _options(declared)
        return [encoded(each, _item_type(of, place)) for place, each in enumerate(value)]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        is_float = isinstance(value, float) or (float in _options(declared) and int not in _options(declared))
        return float(value) + 0.0 if is_float else value
    raise StatisticsError(
        f"A rule cannot hold a {type(value).__name__}{'' if not isinstance(value, float) else f' of {value}'}.",
        remedy="Use numbers, words, truths, tuples and dataclasses of these.",
    )


def decoded(content: object, declared: object, families: Families, place: str = "rule") -> Any:
    """What ``content`` says, as the declared type.

    Args:
        content: JSON content.
        declared: the type that stands there.
        families: classes that may stand for an abstract one.
        place: where in the rule, for errors.

    Raises:
        InputError: another content than declared, with its place.
        StatisticsError: settings that the class itself refuses.
    """
    options = _options(declared)
    if isinstance(content, dict):
        return _object(content, options, families, place)
    if isinstance(content, list):
        sequences = [each for each in options if typing.get_origin(each) is tuple]
        if sequences:
            return _sequence(content, sequences, families, place)
    if content is None and type(None) in options:
        return None
    for each in options:
        if (found := _plain(content, each)) is not None:
            return found
    raise InputError(f"{place} is {json.dumps(content)[:60]}, which cannot be meant there.", remedy=_expected(options))


def _object(content: dict[str, Any], options: Sequence[Any], families: Families, place: str) -> object:
    classes = [cls for each in options if isinstance(each, type) for cls in families.get(each, [each])]
    known = {cls.__name__: cls for cls in classes if dataclasses.is_dataclass(cls)}
    name = content.get(_CLASS)
    if not isinstance(name, str) or (cls := known.get(name)) is None:
        raise InputError(
            f"{place} is a {name!r}, which cannot stand there.", remedy=f"Known there: {', '.join(sorted(known))}."
        )
    wanted, written = set(_fields(cls)), set(content) - {_CLASS}
    if wanted != written:
        what = ", ".join(sorted(wanted - written)) or ", ".join(sorted(written - wanted))
        verb = "says nothing of" if wanted - written else "has a setting that nobody knows:"
        raise InputError(f"{place} ({name}) {verb} {what}.", remedy="A rule writes down every setting and no other.")
    hints = _hints(cls)
    return cls(**{field: decoded(content[field], hints[field], families, f"{place}.{field}") for field in wanted})


def _sequence(content: list[Any], options: Sequence[Any], families: Families, place: str) -> tuple[Any, ...]:
    """The first of several tuple types that the content fits."""
    wrong: InputError | None = None
    for option in options:
        args = typing.get_args(option)
        if args[-1:] != (...,) and len(args) != len(content):
            continue
        try:
            return tuple(
                decoded(each, args[0] if args[-1] is ... else args[at], families, f"{place}[{at}]")
                for at, each in enumerate(content)
            )
        except InputError as error:
            wrong = wrong or error
    raise wrong or InputError(f"{place} has {len(content)} entries.", remedy=_expected(options))


def _plain(content: object, option: object) -> object:
    """The content as one plain type; None if it is not of that type."""
    if typing.get_origin(option) is typing.Literal:
        return content if content in typing.get_args(option) else None
    if option is float and isinstance(content, int | float) and not isinstance(content, bool):
        return float(content)
    if option in (int, str, bool) and type(content) is option:
        return content
    return None


def _expected(options: Sequence[Any]) -> str:
    return f"Expected: {' or '.join(getattr(each, '__name__', str(each)) for each in options)}."


def _options(declared: object) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    if typing.get_origin(declared) in (typing.Union, types.UnionType):
        return tuple(option for each in typing.get_args(declared) for option in _options(each))
    return (declared,)


def _item_type(options: Sequence[Any], place: int) -> object:
    """Declared type of an entry of a tuple; several tuple types give the union of theirs."""
    found: list[Any] = []
    for each in options:
        args = typing.get_args(each)
        if typing.get_origin(each) is tuple and args:
            at = args[0] if args[-1] is ... else args[place] if place < len(args) else None
            found += [] if at is None else [at]
    return functools.reduce(lambda left, right: left | right, found) if found else None


def _fields(cls: type) -> list[str]:
    return [field.name for field in dataclasses.fields(cls) if field.init and field.compare]


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)
