"""The states that a subject of a patient can be in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Manifold", "Space"]

Manifold = Literal["one", "any", "tumours"]
"""How many states a patient is in: exactly one, any number, or one for each tumour."""


@dataclass(frozen=True, slots=True)
class Space:
    """The states of one subject.

    Attributes:
        states: those that the leaves in question can tell apart.
        holds: whether a leaf is met by a state.
        manifold: how many states a patient is in.
        ordinary: states of ordinary patients, whose results agree with each other.
    """

    states: Sequence[Any]
    holds: Callable[[Any, Any], bool]
    manifold: Manifold = "one"
    ordinary: Callable[[Any], bool] = lambda _state: True
