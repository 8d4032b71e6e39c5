"""Do two notations of a change give the same protein? Answered as far as the two notations name residues.

HGVS asks for the place nearest to the C-terminus and for ``dup`` before ``ins``
(https://hgvs-nomenclature.org/stable/recommendations/protein); many sources write otherwise, and without the sequence
a notation cannot be put right. Two notations can be compared, though: each is applied to the stretch of protein that
both lie in, with the residues that they name, and the results are laid side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kohort.profile.alterations.alteration import Alteration

__all__ = ["residues_gained", "same_protein"]


@dataclass(frozen=True, slots=True)
class _Edit:
    """Residues ``first`` to ``last`` replaced by ``new``; nothing is replaced where ``last`` is ``first - 1``.

    Attributes:
        first: first residue replaced, or the one before which residues are inserted.
        last: last residue replaced.
        new: new residues; None for a copy of the residues ``copied``.
        copied: first and last residue of a duplication.
    """

    first: int
    last: int
    new: str | None
    copied: tuple[int, int] | None = None

    @property
    def start(self) -> int:
        """First residue that the notation speaks of."""
        return self.first if self.copied is None else self.copied[0]

    @property
    def gained(self) -> int:
        """Residues more than before."""
        size = len(self.new) if self.new is not None else self.copied[1] - self.copied[0] + 1  # type: ignore[index]
        return size - (self.last - self.first + 1)


def residues_gained(change: Alteration) -> int | None:
    """Residues that a change in the frame adds or, below nought, takes away; None if it is no such change."""
    edit = _edit(change)
    return None if edit is None else edit.gained


def same_protein(one: Alteration, other: Alteration) -> bool:
    """True if two changes in the frame are known to give the same protein.

    Residues that neither notation names are equal to themselves only; those inside a duplication may be whatever an
    insertion beside it names, since it is in them that the two notations differ.
    """
    first, second = _edit(one), _edit(other)
    if one.gene != other.gene or first is None or second is None or first.gained != second.gained:
        return False
    known = _known(one) | _known(other)
    if not _known(one).items() <= known.items():
        return False
    start, stop = min(first.start, second.start), max(first.last, second.last)
    free = {place for copied in (first.copied, second.copied) if copied for place in range(copied[0], copied[1] + 1)}
    return _agree(_applied(first, known, start, stop), _applied(second, known, start, stop), free)


def _edit(change: Alteration) -> _Edit | None:
    if change.position is None:
        return None
    end = change.end or change.position
    if change.kind == "inframe deletion":
        return _Edit(change.position, end, "")
    if change.kind == "inframe delins" and change.alt and "*" not in change.alt:
        return _Edit(change.position, end, change.alt)
    if change.kind == "duplication":
        return _Edit(end + 1, end, None, (change.position, end))
    if change.kind == "inframe insertion" and change.alt and change.end == change.position + 1:
        return _Edit(end, change.position, change.alt)
    return None


def _known(change: Alteration) -> dict[int, str]:
    """Residues that a notation names, by place."""
    named = {change.position: change.ref, change.end: change.end_ref}
    return {place: residue for place, residue in named.items() if place is not None and residue}


def _applied(edit: _Edit, known: Mapping[int, str], start: int, stop: int) -> list[str | int]:
    """The stretch after the change: residues, or the places of residues that are not known."""

    def at(first: int, last: int) -> list[str | int]:
        return [known.get(place, place) for place in range(first, last + 1)]

    new: list[str | int] = at(*edit.copied) if edit.copied else list(edit.new or "")
    return [*at(start, edit.first - 1), *new, *at(edit.last + 1, stop)]


def _agree(one: list[str | int], other: list[str | int], free: set[int]) -> bool:
    """True if both are the same, where each of the ``free`` places may be one residue of our choice."""
    chosen: dict[int, str] = {}
    for pair in zip(one, other, strict=True):
        left, right = (chosen.get(each, each) if isinstance(each, int) else each for each in pair)
        if left == right:
            continue
        place, residue = (left, right) if isinstance(left, int) else (right, left)
        if not isinstance(place, int) or not isinstance(residue, str) or place not in free:
            return False
        chosen[place] = residue
    return True
