"""What a change does to its gene: activating, inactivating, neutral, or not known.

The facts stand in ``data/function.tsv``, each with its source and date; this module only reads them. Known changes
come first, then residues, then stretches of the protein, and last the rule of the gene's role:

- a truncation (nonsense, frameshift, splice site, lost start) inactivates a suppressor;
- a truncation does not activate an oncogene; whether it does anything is not known;
- all else is not known.

An effect that is not known is a value, never a no: `possible_effects` returns what may be the case.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal, get_args

from kohort.errors import IntegrityError
from kohort.profile.alterations.alteration import TRUNCATING, Alteration
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.matching.patterns import exon_ranges
from kohort.profile.own_data import own_table

__all__ = ["Effect", "GeneFunction", "effect", "known_functions", "possible_effects"]

Effect = Literal["activating", "inactivating", "neutral"]
"""What a change may do to its gene; a new function counts as activating."""

Role = Literal["oncogene", "suppressor", "both"]

ANYTHING: frozenset[Effect] = frozenset(get_args(Effect))
_WORDS: dict[str, frozenset[Effect]] = {
    "activating": frozenset({"activating"}),
    "inactivating": frozenset({"inactivating"}),
    "neutral": frozenset({"neutral"}),
    "altering": frozenset({"activating", "inactivating"}),
    "unknown": ANYTHING,
}
_TRUNCATED: dict[Role, frozenset[Effect]] = {
    "oncogene": ANYTHING - {"activating"},
    "suppressor": frozenset({"inactivating"}),
    "both": ANYTHING,
}
_KINDS: dict[str, frozenset[str]] = {
    "truncating": TRUNCATING,
    "stop": frozenset({"nonsense", "frameshift"}),
    "frameshift": frozenset({"frameshift"}),
    "deletion": frozenset({"inframe deletion", "inframe delins"}),
    "insertion": frozenset({"inframe insertion", "duplication", "inframe delins"}),
    "skipping": frozenset({"exon skipping", "exon loss", "splice"}),
}
_NET: dict[str, int] = {"deletion": -1, "insertion": 1}
_STRETCH = re.compile(rf"({'|'.join(_KINDS)}) (\d+)-(\d+)")
_EXON = re.compile(rf"exon (\d+) ({'|'.join(_KINDS)})")


@dataclass(frozen=True, slots=True)
class _Fact:
    """One known change, or a stretch in which changes of some kinds have one effect."""

    effects: frozenset[Effect]
    change: Alteration | None = None
    kinds: frozenset[str] = frozenset()
    net: int | None = None
    stretches: tuple[tuple[int, int], ...] = ()
    exon: int | None = None

    @property
    def breadth(self) -> int:
        """0 for one change, 1 for a residue, 2 for a stretch: the narrowest fact that fits decides."""
        return 2 if self.change is None else int(self.change.kind == "codon")

    def fits(self, seen: Alteration, exon: int | None) -> bool:
        """True if the fact is about the change that was seen."""
        wanted = self.change
        if wanted is None:
            return seen.kind in self.kinds and self._has_net(seen) and self._covers(seen, exon)
        if wanted.kind == "codon":
            return seen.kind == "missense" and (seen.ref, seen.position) == (wanted.ref, wanted.position)
        if wanted.kind == "frameshift":
            return (seen.kind, seen.position) == (wanted.kind, wanted.position)
        return seen == wanted

    def may_fit(self, seen: Alteration, exon: int | None) -> bool:
        """True if a change without a residue is of the fact's kind and nothing says that it lies elsewhere."""
        kinds = self.kinds if self.change is None else {self.change.kind}
        return seen.kind in kinds and (self.exon is None or (seen.exon or exon) is None)

    def _has_net(self, seen: Alteration) -> bool:
        """A replacement is a deletion if residues were lost, an insertion if some were gained."""
        if self.net is None or seen.kind != "inframe delins" or seen.position is None:
            return True
        gained = len(seen.alt) - ((seen.end or seen.position) - seen.position + 1)
        return gained * self.net > 0

    def _covers(self, seen: Alteration, exon: int | None) -> bool:
        """By residues; the exon number is asked only where a change gives none, as transcripts count differently."""
        if seen.position is None:
            return self.exon is not None and self.exon in {seen.exon, exon}
        ends = (seen.position, seen.end or seen.position)
        return any(first <= end <= last for first, last in self.stretches for end in ends)


@dataclass(frozen=True, slots=True)
class GeneFunction:
    """What is known of the changes of one gene.

    Attributes:
        role: ``oncogene``, ``suppressor`` or ``both``.
        facts: known changes, narrowest first.
        sources: source and date of each row of the table.
    """

    role: Role
    facts: tuple[_Fact, ...]
    sources: tuple[tuple[str, str], ...]


def effect(alteration: Alteration, exon: int | None = None) -> Effect | None:
    """What a change does to its gene; None if that is not known, or only known in part.

    Args:
        alteration: the change, in normal form, with its gene: ``normalise("p.V600E", "BRAF")``.
        exon: exon number, for a change that gives no residue.
    """
    possible = possible_effects(alteration, exon)
    return next(iter(possible)) if len(possible) == 1 else None


def possible_effects(alteration: Alteration, exon: int | None = None) -> frozenset[Effect]:
    """What a change may do by what is known: one effect if it is known, all three if nothing is.

    Args:
        alteration: the change, in normal form, with its gene. Of alternatives, any part may be the case.
        exon: exon number, for a change that gives no residue.
    """
    if alteration.kind == "alternatives":
        return frozenset().union(*(possible_effects(part, exon) for part in alteration.parts))
    if alteration.kind == "synonymous":
        return _WORDS["neutral"]
    known = known_functions().get(alteration.gene or "")
    if known is None:
        return ANYTHING
    for fact in known.facts:
        if fact.fits(alteration, exon):
            return fact.effects
    return _truncated(known, alteration, exon) if alteration.kind in TRUNCATING else ANYTHING


def _truncated(known: GeneFunction, seen: Alteration, exon: int | None) -> frozenset[Effect]:
    """By the gene's role; one that names no residue may also lie where another effect is known."""
    possible = _TRUNCATED[known.role]
    if seen.position is None:
        possible = possible.union(*(fact.effects for fact in known.facts if fact.may_fit(seen, exon)))
    return possible


@functools.cache
def known_functions() -> dict[str, GeneFunction]:
    """The table, by approved gene symbol.

    Raises:
        IntegrityError: a row of the table in the package cannot be read.
    """
    roles: dict[str, Role] = {}
    facts: dict[str, list[_Fact]] = {}
    sources: dict[str, list[tuple[str, str]]] = {}
    for gene, role, word, changes, source, date in own_table("function.tsv"):
        if role not in get_args(Role) or roles.setdefault(gene, role) != role:  # type: ignore[arg-type]
            raise IntegrityError(f"The role of {gene} is unclear.", remedy="Please report it.")
        sources.setdefault(gene, []).append((source, date))
        found = facts.setdefault(gene, [])
        found += [_fact(gene, text, _WORDS[word]) for text in changes.split("; ") if text]
    return {
        gene: GeneFunction(role, tuple(sorted(facts[gene], key=lambda fact: fact.breadth)), tuple(sources[gene]))
        for gene, role in roles.items()
    }


def _fact(gene: str, text: str, effects: frozenset[Effect]) -> _Fact:
    stretch, exon = _STRETCH.fullmatch(text), _EXON.fullmatch(text)
    if stretch is not None:
        word, places = stretch[1], ((int(stretch[2]), int(stretch[3])),)
        return _Fact(effects, None, _KINDS[word], _NET.get(word), places)
    if exon is not None:
        word, places = exon[2], exon_ranges().get((gene, int(exon[1])), ())
        return _Fact(effects, None, _KINDS[word], _NET.get(word), places, int(exon[1]))
    change = normalise(text, gene)
    if change.kind == "text":
        raise IntegrityError(f"{gene} {text} in the table of functions cannot be read.", remedy="Please report it.")
    return _Fact(effects, change)
