"""What a declaration of Kohort's YAML is made of: fields, and kinds of leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kohort.match.criteria.logic import Criterion

__all__ = ["Field", "FieldType", "Kind"]

FieldType = Literal["text", "texts", "integer", "number", "truth", "range", "criteria", "design", "cohorts"]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping.

    Attributes:
        name: the key.
        type: what its value is.
        words: a sentence for people.
        required: True if it cannot be left out.
        choices: the only texts allowed; empty for any.
    """

    name: str
    type: FieldType
    words: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of leaf.

    Attributes:
        key: how it is written.
        make: the criterion it makes, from its fields by name.
        words: a sentence for people.
        fields: its fields; none means that it is written ``key: true``.
        short: the field that a bare value fills: ``diagnosis: MEL``.
    """

    key: str
    make: Callable[..., Criterion]
    words: str
    fields: tuple[Field, ...] = ()
    short: str = ""
