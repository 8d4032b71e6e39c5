"""A pattern as options: of one of them every literal must hold.

A literal is one alteration that is wanted or must be absent. Patterns come in disjunctive normal form (see
``alterations.logic``); here *wild type* becomes what it means, the absence of any change of the protein, and a change
that can be written in two ways gets both: two residues replaced side by side are one delins, and the other way round.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kohort.profile.alterations.alteration import Alteration

__all__ = ["EQUIVALENT", "EXACT", "MATCH_LEVELS", "Literal", "options_of"]

MATCH_LEVELS = ("exact", "equivalent", "codon", "exon", "domain", "class", "gene")
"""How closely an alteration fits a pattern, closest first.

``exact`` the same change; ``equivalent`` another notation or numbering of the same event; ``codon`` any change of that
residue; ``exon`` and ``domain`` a change of that kind within it; ``class`` one of a class over the whole gene
(truncating, loss of function, any fusion); ``gene`` any change of the gene, which never supports a level alone.
"""

EXACT, EQUIVALENT = 0, 1

Option = tuple["Literal", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """One alteration that is asked for; equal to another of the same meaning.

    Attributes:
        leaf: the alteration, without parts.
        wanted: False if it must be absent.
        floor: place in ``MATCH_LEVELS`` of the closest level that it can give.
    """

    leaf: Alteration
    wanted: bool = True
    floor: int = EXACT
    _key: tuple[object, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is made of parts."""
        if self.leaf.parts:
            raise ValueError("a literal is one alteration")
        # Writing the text takes most of a comparison's time, and literals are compared often.
        key = (self.leaf.gene, self.leaf.kind, self.leaf.text, self.wanted, self.floor)
        object.__setattr__(self, "_key", key)

    def __eq__(self, other: object) -> bool:
        """True if both ask for the same."""
        return isinstance(other, Literal) and self._key == other._key

    def __hash__(self) -> int:
        """Hash of the meaning."""
        return hash(self._key)

    @property
    def text(self) -> str:
        """The literal in canonical text, as a pattern would have it."""
        if self.wanted:
            return self.leaf.text
        if self.leaf == Alteration(self.leaf.gene, "mutation"):
            return "wild type"
        return Alteration(self.leaf.gene, "absent", parts=(self.leaf,)).text


def options_of(pattern: Alteration) -> tuple[Option, ...]:
    """The options of a pattern, none of those that cannot hold: with text that was not understood, or A and not A."""
    choices = pattern.parts if pattern.kind == "alternatives" else (pattern,)
    found = [option for choice in choices for option in _both_ways(_option(choice))]
    return tuple(option for option in dict.fromkeys(found) if _can_hold(option))


def _option(choice: Alteration) -> Option:
    parts = choice.parts if choice.kind == "compound" else (choice,)
    return tuple(dict.fromkeys(_literal(part) for part in parts))


def _literal(part: Alteration) -> Literal:
    wanted = part.kind != "absent"
    leaf = part if wanted else part.parts[0]
    if leaf.kind == "wild type":
        return Literal(Alteration(leaf.gene, "mutation", hgnc_id=leaf.hgnc_id), not wanted)
    return Literal(leaf, wanted)


def _can_hold(option: Option) -> bool:
    if any(literal.wanted and literal.leaf.kind == "text" for literal in option):
        return False
    refused = {literal.leaf for literal in option if not literal.wanted}
    return not refused or refused.isdisjoint(literal.leaf for literal in option if literal.wanted)


def _both_ways(option: Option) -> Iterator[Option]:
    """The option, and the option with each delins taken apart or each pair of neighbours joined."""
    yield option
    for literal in option:
        apart = _substitutions(literal.leaf) if literal.wanted else ()
        if apart:
            yield _exchanged(option, (literal,), tuple(Literal(leaf, floor=EQUIVALENT) for leaf in apart))
    for pair in _neighbours(option):
        yield _exchanged(option, pair, (Literal(_joined(*pair), floor=EQUIVALENT),))


def _exchanged(option: Option, old: Option, new: Option) -> Option:
    return tuple(dict.fromkeys((*(literal for literal in option if literal not in old), *new)))


@functools.cache
def _substitutions(leaf: Alteration) -> tuple[Alteration, ...]:
    """The substitutions that one delins of as many residues as it replaces is made of; of inner ones any residue."""
    if leaf.kind != "inframe delins" or leaf.position is None or leaf.end is None or "*" in leaf.alt:
        return ()
    size = leaf.end - leaf.position + 1
    if size != len(leaf.alt):
        return ()
    refs = [leaf.ref, *[""] * (size - 2), leaf.end_ref]
    return tuple(
        Alteration(leaf.gene, "missense", hgnc_id=leaf.hgnc_id, ref=ref, position=leaf.position + place, alt=alt)
        for place, (ref, alt) in enumerate(zip(refs, leaf.alt, strict=True))
    )


def _neighbours(option: Option) -> Iterator[tuple[Literal, Literal]]:
    """Pairs of wanted substitutions of residues side by side."""
    places = [
        (literal.leaf.gene or "", literal.leaf.position, literal)
        for literal in option
        if literal.wanted and literal.leaf.kind == "missense" and literal.leaf.position is not None
    ]
    for (gene, place, first), (other, after, second) in pairwise(sorted(places, key=lambda each: each[:2])):
        if gene == other and after == place + 1:
            yield first, second


def _joined(first: Literal, second: Literal) -> Alteration:
    """Two substitutions side by side as one delins."""
    left, right = first.leaf, second.leaf
    return replace(
        left, kind="inframe delins", end=right.position, end_ref=right.ref, alt=left.alt + right.alt, as_written=""
    )
