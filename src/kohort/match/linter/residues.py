"""Checks of protein changes: does the protein have that residue at that place?

Known are the residues that `kohort.profile` holds and, with a site, those that its own variants agree on. Where a
place is not known nothing is said, unless the change is known at a place whose number holds one digit more.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from kohort.match.criteria.logic import leaves
from kohort.match.criteria.molecular import Mutation
from kohort.match.criteria.vocabulary import protein_change
from kohort.match.linter.findings import finding, listed
from kohort.match.people.population import Population
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Trial
from kohort.profile import Alteration
from kohort.profile.alterations.residues import Place, Residues, known_residues, stated_residues
from kohort.profile.matching.patterns import exon_ranges

__all__ = ["Place", "Residues", "change_doubts", "known_residues", "residue_doubts", "residues_of"]

_LEAST_READINGS = 5


def residues_of(population: Population, genes: frozenset[str]) -> Residues:
    """What a site's variants say: places where five or more, and most of them, name one residue."""
    found: dict[str, dict[int, Place]] = {}
    mutations = population.mutations
    for gene in sorted(genes):
        texts = mutations.texts["hgvs_p"][mutations.place(gene)]
        counted = pl.Series(texts.codes[texts.codes >= 0]).value_counts()
        readings: dict[int, dict[str, int]] = {}
        for code, times in counted.iter_rows():
            change = protein_change(texts.values[code], gene)
            for number, residue in () if change is None else stated_residues(change):
                at = readings.setdefault(number, {})
                at[residue] = at.get(residue, 0) + times
        for number, at in readings.items():
            residue, times = max(at.items(), key=lambda pair: pair[1])
            if times >= _LEAST_READINGS and times > sum(at.values()) - times:
                found.setdefault(gene, {})[number] = Place(residue, readings=times)
    return found


def residue_doubts(trial: Trial, arm: Arm, observed: Residues) -> Iterator[Problem]:
    """``impossible-residue``, ``doubtful-residue`` and ``incomplete-change`` of one arm.

    Args:
        trial: the trial.
        arm: one of its arms.
        observed: what a site's variants say.
    """
    for leaf in dict.fromkeys(leaves(trial.criteria_of(arm))):
        if not isinstance(leaf, Mutation) or leaf.protein_change is None:
            continue
        change = protein_change(leaf.protein_change, leaf.gene)
        if change is not None:
            for rule, what, remedy in change_doubts(leaf.gene, change, observed):
                yield finding(rule, "warning", (trial, arm), what, remedy)


def change_doubts(gene: str, change: Alteration, observed: Residues) -> Iterator[tuple[str, str, str]]:
    """What is doubtful about one change of a gene: rule, sentence, suggestion."""
    stated = list(stated_residues(change))
    wrong = [(number, residue) for number, residue in stated if _is_wrong(gene, number, residue, observed)]
    for number, residue in wrong:
        place = _places(gene, observed)[number]
        basis = f" by {place.readings} variants of this site" if place.readings else ""
        what = (
            f"{gene} {change.text} cannot be: residue {number} is {' or '.join(place.residues)}{basis}, not {residue}."
        )
        yield "impossible-residue", what, _suggestion(gene, change, number, residue, observed)
    if not wrong:
        yield from _doubtful(gene, change, observed)
    if not stated and change.position is not None:
        what = f"{gene} {change.text} names no residues, so that only the same wording meets it."
        exons = [str(exon) for exon in _exons(gene, change.position, change.end or change.position)]
        other = f"; or, if any such change within exon {exons[0]} is meant, ask for exon {exons[0]}" if exons else ""
        yield "incomplete-change", what, f"Name them{other}."
    if change.kind == "inframe insertion" and not change.alt:
        what = f"{gene} {change.text} does not say what is inserted, so that only the same wording meets it."
        yield "incomplete-change", what, "Write both neighbours and the new residues, like p.P780_Y781insGSP."


def _exons(gene: str, first: int, last: int) -> list[int]:
    """Exons that hold all of some residues."""
    return [
        exon
        for (owner, exon), spans in exon_ranges().items()
        if owner == gene and any(low <= first and last <= high for low, high in spans)
    ]


def _places(gene: str, observed: Residues) -> dict[int, Place]:
    return {**observed.get(gene, {}), **known_residues().get(gene, {})}


def _is_wrong(gene: str, number: int, residue: str, observed: Residues) -> bool:
    """True if a place is known, and neither the table nor the site has that residue there."""
    known = [places[number] for places in (known_residues().get(gene, {}), observed.get(gene, {})) if number in places]
    return bool(known) and not any(residue in place.residues for place in known)


def _doubtful(gene: str, change: Alteration, observed: Residues) -> Iterator[tuple[str, str, str]]:
    """A change at a place that is not known, and that is well known elsewhere."""
    number = change.position
    if change.kind != "missense" or number is None or number in _places(gene, observed):
        return
    longer = [n for n in _with_one_digit_more(gene, number, change.ref, observed) if _has(gene, n, change.alt)]
    if longer:
        what = f"{gene} {change.text} is not a change that evidence names."
        yield "doubtful-residue", what, f"Was a digit lost? Did you mean {_texts(longer, change)}?"
        return
    others = [other for other in known_residues() if other != gene and _is_known(other, change)]
    if others:
        what = f"{gene} {change.text} is not a change that evidence names; {listed(others)} {change.text} is."
        yield "doubtful-residue", what, "Check the gene and the number."


def _is_known(gene: str, change: Alteration) -> bool:
    place = known_residues()[gene].get(change.position or 0)
    return place is not None and change.ref in place.residues and change.alt in place.substitutions


def _has(gene: str, number: int, alt: str) -> bool:
    place = known_residues().get(gene, {}).get(number)
    return place is not None and alt in place.substitutions


def _with_one_digit_more(gene: str, number: int, residue: str, observed: Residues) -> list[int]:
    """Places of that residue whose number becomes ``number`` when one digit is struck out."""
    places = _places(gene, observed)
    return sorted(
        longer
        for longer, place in places.items()
        if residue in place.residues
        and any(f"{longer}"[:i] + f"{longer}"[i + 1 :] == str(number) for i in range(len(str(longer))))
    )


def _suggestion(gene: str, change: Alteration, number: int, residue: str, observed: Residues) -> str:
    longer = _with_one_digit_more(gene, number, residue, observed)
    if longer and change.kind == "missense":
        return f"Was a digit lost? Did you mean {_texts(longer, change)}?"
    if longer:
        return f"Was a digit lost? Residue {listed([str(n) for n in longer], 'or')} is {residue}."
    known = [
        n for n, place in _places(gene, observed).items() if residue in place.residues and _has(gene, n, change.alt)
    ]
    if known and change.kind == "missense":
        near = sorted(known, key=lambda n: abs(n - number))[:2]
        return f"Did you mean {_texts(near, change)}? Other transcripts may number differently."
    return "Check the gene, the residue and the number; other transcripts may number differently."


def _texts(numbers: list[int], change: Alteration) -> str:
    return listed([f"p.{change.ref}{number}{change.alt}" for number in numbers], "or")
