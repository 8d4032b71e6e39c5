"""The options of one patient, the best first.

Eligible before unknown (fewest missing facts first) before near misses (recoverable first); among these the more
specific arm before the more general; then open before suspended before closed; then by the places that are left.
Specific is what the patient's own findings made true: an arm that asks for BRAF p.V600E stands before one that asks
for any mutation of BRAF, and a tumour type before *any solid tumour*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from kohort.match.answers.capacity import Availability, Capacity
from kohort.match.answers.minimal import Finding, openings
from kohort.match.answers.near import near_misses
from kohort.match.criteria import (
    CopyNumber,
    Diagnosis,
    Fusion,
    Histology,
    Leaf,
    Marker,
    Mmr,
    Msi,
    Mutation,
    Rearrangement,
    Receptor,
    Signature,
    Tmb,
    WildType,
)
from kohort.match.criteria.logic import Criterion, Not
from kohort.match.engine.evaluation import evaluate
from kohort.match.trials.protocol import ArmStatus

if TYPE_CHECKING:
    from kohort.match.matches import ArmMatch, Matches

__all__ = ["Option", "OptionVerdict", "Specificity", "options", "options_frame"]

OptionVerdict = Literal["eligible", "unknown", "near miss"]

_VERDICTS = ("eligible", "unknown", "near miss")
_STATUSES = ("open", "suspended", "closed")
_NO_ALTERATION, _NO_DIAGNOSIS, _ANY_TUMOUR = 5, 4, 10_000


@dataclass(frozen=True, slots=True, order=True)
class Specificity:
    """How closely an arm fits what was found in one patient; less is more specific.

    Attributes:
        alteration: 0 an exact change, or a fusion with a named partner; 1 a codon; 2 an exon, class or effect, a
            fusion or a copy-number call; 3 any mutation of a gene; 4 a marker, or wild type; 5 none of these.
        diagnosis: 0 a tumour type or histology, 1 a main type, 2 a tissue, 3 solid or liquid, 4 no diagnosis.
        breadth: number of tumour types (OncoTree codes) that the narrowest diagnosis asked for covers.
    """

    alteration: int = _NO_ALTERATION
    diagnosis: int = _NO_DIAGNOSIS
    breadth: int = _ANY_TUMOUR

    @classmethod
    def of(cls, met: Iterable[Leaf]) -> Specificity:
        """Of the leaves that the patient meets."""
        found = list(met)
        diagnoses = [(_diagnosis(leaf), _breadth(leaf)) for leaf in found if isinstance(leaf, Diagnosis | Histology)]
        alteration = min(map(_alteration, found), default=_NO_ALTERATION)
        return cls(alteration, *min(diagnoses, default=(_NO_DIAGNOSIS, _ANY_TUMOUR)))


def _alteration(leaf: Leaf) -> int:
    if isinstance(leaf, Mutation):
        asked = (leaf.protein_change, leaf.codon, leaf.exon or leaf.classes or leaf.function)
        return next((level for level, detail in enumerate(asked) if detail), 3)
    if isinstance(leaf, Fusion | Rearrangement):
        return 2 if leaf.partner in {None, "any", "intergenic"} else 0
    if isinstance(leaf, CopyNumber):
        return 2
    is_marker = isinstance(leaf, WildType | Msi | Mmr | Tmb | Signature | Receptor | Marker)
    return 4 if is_marker else _NO_ALTERATION


def _diagnosis(leaf: Diagnosis | Histology) -> int:
    if isinstance(leaf, Histology):
        return 0
    return [leaf.code, leaf.main_type, leaf.tissue, leaf.lineage].index(
        next(way for way in (leaf.code, leaf.main_type, leaf.tissue, leaf.lineage) if way is not None)
    )


def _breadth(leaf: Diagnosis | Histology) -> int:
    return 1 if isinstance(leaf, Histology) else len(leaf.codes)


@dataclass(frozen=True, slots=True)
class Option:
    """One arm as an option of one patient.

    Attributes:
        trial: id of the trial.
        arm: id of the arm.
        title: for people.
        drugs: its drugs.
        verdict: ``eligible``, ``unknown`` or ``near miss``.
        missing: for an unknown, the fewest findings that would make the patient eligible.
        can_open: False for an unknown that no finding can make eligible.
        failing: for a near miss, the sentence on the requirement that fails.
        recoverable: for a near miss, whether that can change.
        specificity: how closely the arm fits.
        status: ``open``, ``suspended`` or ``closed``, that of the trial included.
        availability: what the cohort says of its places; None if nothing is known.
    """

    trial: str
    arm: str
    title: str
    drugs: tuple[str, ...]
    verdict: OptionVerdict
    missing: tuple[Finding, ...]
    can_open: bool
    failing: str
    recoverable: bool
    specificity: Specificity
    status: ArmStatus
    availability: Availability | None

    @property
    def sentence(self) -> str:
        """Verdict, what is missing or fails, and whether there is a place."""
        parts = [self.verdict.capitalize()]
        if self.status != "open":
            parts.append(f"the arm is {self.status}")
        elif self.availability is not None:
            parts.append(self.availability.sentence)
        told = ", ".join(parts)
        if self.verdict == "unknown":
            needed = "; ".join(finding.words for finding in self.missing) or "nothing that could be found"
            return f"{told}. Needed: {needed}."
        return f"{told}. {self.failing}" if self.failing else f"{told}."

    @property
    def rank(self) -> tuple[object, ...]:
        """What options are ordered by, the least first."""
        if self.verdict == "near miss":
            lacking = float(not self.recoverable)
        else:
            lacking = float(len(self.missing)) if self.can_open else math.inf
        return (
            _VERDICTS.index(self.verdict),
            lacking,
            self.specificity,
            _STATUSES.index(self.status),
            *_places(self.availability),
            self.trial,
            self.arm,
        )


def _places(availability: Availability | None) -> tuple[int, float]:
    """Places now, places perhaps later, no places; and within these the more the better."""
    if availability is None or availability.places is None:
        return 0, -math.inf
    if availability.places:
        return 0, -availability.places
    return (1 if availability.state == "waiting for the interim" else 2), 0


def options(
    matches: Matches, person: int, capacity: Capacity | None = None, *, sample: int | None = None
) -> tuple[Option, ...]:
    """The arms that a patient fits, may fit, or misses by one requirement; the best first.

    Args:
        matches: the matches.
        person: pseudonym of the patient.
        capacity: what is known of places; None: nothing.
        sample: the specimen, where samples are matched.

    Raises:
        InputError: the person is not in the population.
    """
    population = matches.population
    at = population.index_of(person) if sample is None else population.index_of(person, sample)
    near = near_misses(matches, person=person)
    if population.unit == "sample":
        near = near.filter(pl.col("sample") == int(population.samples[at]))
    missed = {(row["trial"], row["arm"]): (row["sentence"], row["recoverable"]) for row in near.to_dicts()}
    found = []
    for arm in matches.arms:
        value = arm.truth.value(at)
        key = (arm.trial.id, arm.arm.id)
        if value is not False or key in missed:
            places = None if capacity is None else capacity.availability(*key)
            found.append(_option(matches, arm, at, missed.get(key, ("", False)), places))
    return tuple(sorted(found, key=lambda option: option.rank))


def _option(
    matches: Matches, found: ArmMatch, at: int, missed: tuple[str, bool], availability: Availability | None
) -> Option:
    value = found.truth.value(at)
    opening = () if value is not None else openings(found.criteria, matches.population, at, matches.as_of)
    return Option(
        trial=found.trial.id,
        arm=found.arm.id,
        title=found.arm.title,
        drugs=found.arm.drugs,
        verdict="eligible" if value else "unknown" if value is None else "near miss",
        missing=opening[0] if opening else (),
        can_open=value is not None or bool(opening),
        failing=missed[0],
        recoverable=missed[1],
        specificity=Specificity.of(_met(found.criteria, matches, at)),
        status="closed" if found.trial.status == "closed" else found.arm.status,
        availability=availability,
    )


def _met(node: Criterion, matches: Matches, at: int) -> Iterator[Leaf]:
    """The leaves that make parts of a tree true, outside of exclusions."""
    if isinstance(node, Leaf):
        truth = evaluate(node, matches.population, matches.as_of, closed_world=matches.closed_world)
        if truth.value(at):
            yield node
    elif not isinstance(node, Not):
        for part in node.parts:
            yield from _met(part, matches, at)


def options_frame(found: Iterable[Option]) -> pl.DataFrame:
    """Options as one row each, in their order."""
    rows = [
        {
            "trial": option.trial,
            "arm": option.arm,
            "title": option.title,
            "verdict": option.verdict,
            "missing": len(option.missing),
            "status": option.status,
            "state": option.availability.state if option.availability else None,
            "places": option.availability.places if option.availability else None,
            "sentence": option.sentence,
        }
        for option in found
    ]
    texts = dict.fromkeys(("trial", "arm", "title", "verdict"), pl.String())
    return pl.DataFrame(
        rows,
        schema={
            **texts,
            "missing": pl.Int64(),
            "status": pl.String(),
            "state": pl.String(),
            "places": pl.Int64(),
            "sentence": pl.String(),
        },
    )
