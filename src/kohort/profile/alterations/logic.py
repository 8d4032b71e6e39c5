"""Alterations joined by *and*, *or* and *not*, kept in disjunctive normal form.

``(A or B) and not (C and D)`` is read by De Morgan's laws as alternatives of compounds of single alterations, some
of them absent: ``A and not C or A and not D or B and not C or B and not D``. So every joined alteration has one
shape, and two writings of one condition give one text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

from kohort.profile.alterations.alteration import Alteration

__all__ = ["all_of", "leaves", "parse_logic", "part_order"]

_OR = r"\s+or\s+"
_AND = r"\s+and\s+|\s+[+&]\s+|(?<=[A-Za-z*])\+(?=[A-Z])"
_NOT = re.compile(r"(?:not|no|without|absence of)\s+(?=\S)", re.IGNORECASE)
_NEGATIVE = re.compile(r"[\s-]+negative$", re.IGNORECASE)
_POSITIVE = re.compile(r"[\s-]+positive$", re.IGNORECASE)
_NON = re.compile(r"(\S+\s+)?non[\s-]+(\S.*)", re.IGNORECASE)
_SIGN = re.compile(rf"{_OR}|{_AND}|[()]|\b(?:not|no|non|without|absence)\b|negative$|positive$", re.IGNORECASE)
_MOST_SIGNS = 40
_MOST_OPTIONS = 64
_WITHIN_GENE = frozenset({"codon", "mutation", "missense", "inframe deletion", "inframe insertion", "frameshift"})
"""Kinds of which the others can be meant: ``non-V600`` is a mutation, but not of codon 600."""

Read = Callable[[str], "Alteration | None"]
_Options = list[list[Alteration]]


def parse_logic(text: str, read: Read) -> Alteration | None:
    """The joined or negated alteration that ``text`` means; None if it joins nothing, or a part cannot be read.

    Args:
        text: e.g. ``(G12C or G12D) and not TP53 mutation``, ``V600E negative``, ``non-V600``.
        read: reads one part that joins nothing; None where it cannot.
    """
    if not 0 < len(_SIGN.findall(text)) <= _MOST_SIGNS:
        return None
    options = _parse(text, read)
    return None if options is None else _built(options)


def all_of(parts: list[Alteration]) -> Alteration | None:
    """The alteration of which all parts hold; None if that has more options than anybody would write."""
    return _built(_every([_options(part) for part in parts]))


def leaves(alteration: Alteration) -> Iterator[Alteration]:
    """The single alterations, present or absent, that an alteration is made of."""
    if not alteration.parts:
        yield alteration
    for part in alteration.parts:
        yield from leaves(part)


def part_order(part: Alteration) -> tuple[str, str]:
    """Order of the parts of an alteration, so that equal ones read equal."""
    return (part.gene or "", part.text)


def _parse(text: str, read: Read) -> _Options | None:
    """Options of a text: *or* binds weakest, then *and*, then *not*."""
    for mark, join in ((_OR, _some), (_AND, _every)):
        pieces = _split(text, mark)
        if len(pieces) > 1:
            found = [_parse(piece, read) for piece in pieces]
            known = [options for options in found if options is not None]
            return join(known) if len(known) == len(pieces) else None
    return _one(text.strip(), read)


def _one(plain: str, read: Read) -> _Options | None:
    """Options of one part: a single alteration, negated, in brackets, or with its gene before the brackets."""
    found = read(plain)
    if found is not None:
        return _options(found)
    negation = _NOT.match(plain)
    if negation is not None:
        return _opposite_of(_parse(plain[negation.end() :], read))
    head, _, rest = plain.partition("(")
    if rest and _closes_last(f"({rest}"):
        gene = head.strip()
        return _parse(rest[:-1], (lambda text: read(f"{gene} {text}")) if gene else read)
    short = _NEGATIVE.sub("", plain)
    if short != plain:
        return _opposite_of(_parse(short, read))
    short = _POSITIVE.sub("", plain)
    return _parse(short, read) if short != plain else _others(plain, read)


def _others(plain: str, read: Read) -> _Options | None:
    """``non-V600``: a mutation of the gene, but not that one."""
    match = _NON.fullmatch(plain)
    named = read(f"{match[1] or ''}{match[2]}") if match else None
    if named is None or named.kind not in _WITHIN_GENE or not (named.position or named.exon or named.domain):
        return None
    return _every([[[Alteration(named.gene, "mutation")]], _negated([[named]])])


def _split(text: str, mark: str) -> list[str]:
    """The text cut at a mark outside of brackets; the whole where it holds none."""
    pieces, depth, start = [], 0, 0
    for found in re.finditer(rf"[()]|{mark}", text, re.IGNORECASE):
        sign = found.group()
        if sign in "()":
            depth += 1 if sign == "(" else -1
        elif depth == 0:
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]


def _closes_last(text: str) -> bool:
    """True if the bracket that opens the text is closed by its last character."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _options(alteration: Alteration) -> _Options:
    """An alteration as options, each a list of single alterations that may be absent."""
    choices = alteration.parts if alteration.kind == "alternatives" else (alteration,)
    return [list(choice.parts) if choice.kind == "compound" else [choice] for choice in choices]


def _some(options: list[_Options]) -> _Options:
    return [option for choices in options for option in choices]


def _every(options: list[_Options]) -> _Options:
    size = 1
    for choices in options:
        size *= len(choices)
    if size > _MOST_OPTIONS:
        return []
    return [[leaf for option in choice for leaf in option] for choice in product(*options)]


def _negated(options: _Options) -> _Options:
    """De Morgan: none of the options holds, so that of each one part is not the case."""
    return _every([[[_opposite(leaf)] for leaf in option] for option in options])


def _opposite_of(options: _Options | None) -> _Options | None:
    return None if options is None else _negated(options)


def _opposite(leaf: Alteration) -> Alteration:
    return leaf.parts[0] if leaf.kind == "absent" else Alteration(leaf.gene, "absent", parts=(leaf,))


def _built(options: _Options) -> Alteration | None:
    """The alteration of these options, without repeats; None of none."""
    distinct: dict[frozenset[tuple[str, str]], list[Alteration]] = {}
    for option in options:
        parts = {part_order(leaf): leaf for leaf in option}
        distinct.setdefault(frozenset(parts), list(parts.values()))
    choices = [
        option[0] if len(option) == 1 else Alteration(None, "compound", parts=tuple(option))
        for option in distinct.values()
    ]
    if len(choices) < 2:
        return choices[0] if choices else None
    return Alteration(None, "alternatives", parts=tuple(choices))
