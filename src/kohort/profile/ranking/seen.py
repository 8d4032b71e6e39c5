"""What the rules of a scale look at in one row of evidence, and what they answer.

All scales share three bars that no strength lifts: evidence on the whole gene, a condition that is still open, and a
statement whose direction is unclear. They also share one reading of the tumour type, that of PCGR (Nakken et al.,
Bioinformatics 2018, doi 10.1093/bioinformatics/btx817; documentation of version 2): strong evidence that names no
tumour type counts in every tumour type, weak evidence does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from kohort.profile.knowledge.levels import STRENGTHS

__all__ = [
    "CLINICAL_OR_STRONGER",
    "COVERED",
    "NOT_PLACED",
    "STRONG",
    "SUBJECT",
    "Rank",
    "Rule",
    "Seen",
    "given",
    "subject_of",
    "told",
]

SUBJECT: tuple[str, ...] = ("alteration_row", "person", "specimen", "patient_tumour", "gene", "alteration")
"""Whose alteration a row is about: those of these columns that a frame has."""

STRONG = frozenset({"approved", "guideline", "trial"})
"""Strengths that hold whatever the tumour type where the evidence names none."""

CLINICAL_OR_STRONGER = frozenset(STRENGTHS[: STRENGTHS.index("clinical") + 1])
"""Strengths that stand on a study of patients, however small; single cases do not."""

COVERED = ("exact", "descendant", "any")
"""Relations in which what is said of the evidence's tumour type is said of the patient's too."""

NOT_PLACED: dict[str, str] = {
    "unknown": "the tumour type of the patient is not known, so it counts as another",
    "ancestor": "one of the two tumour types is recorded less finely than the other, so they count as two",
    "related": "the tumour types are related, not the same",
}
"""Why a row does not count in the patient's tumour type, where that is less than plain."""


class Rank(NamedTuple):
    """A place on a scale, and the rule that gave it.

    Attributes:
        value: the place; None where the scale has none for such evidence.
        rule: the rule's short name and words.
    """

    value: str | None
    rule: str


class Rule(NamedTuple):
    """One rule of a scale.

    Attributes:
        value: the place that it gives; None for no place.
        words: when it fires, in few words.
        basis: the sentence of the guideline that it stands on, in our own words.
        elsewhere: True if it fires because the evidence is not of the patient's tumour type.
    """

    value: str | None
    words: str
    basis: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of evidence beside one patient, as the rules see it.

    Attributes:
        evidence_type: one of ``EVIDENCE_TYPES``.
        direction: one of ``DIRECTIONS``, or ``unclear``.
        strength: one of ``STRENGTHS``; anything else counts as the weakest.
        level_system: whose level the source gave.
        level: the level as given.
        match_level: how closely the alteration fits.
        relation: how the patient's tumour type relates to that of the evidence.
        is_open: True if a condition of the evidence is not known to hold.
        concordant: True if two or more independent studies of patients agree with the row.
        fda: True if the row stands in a label of the United States.
        solid: True if the evidence is about solid tumours of every kind.
    """

    evidence_type: str | None
    direction: str | None
    strength: str | None
    level_system: str | None
    level: str | None
    match_level: str | None
    relation: str | None
    is_open: bool = False
    concordant: bool = False
    fda: bool = False
    solid: bool = False

    @property
    def here(self) -> bool:
        """True if the row counts in the patient's own tumour type."""
        return self.relation in COVERED[:2] or (self.relation == "any" and self.strength in STRONG)

    @property
    def barred(self) -> str | None:
        """Which bar the row meets: ``gene``, ``open`` or ``unclear``; None if it may carry a level."""
        if self.match_level == "gene":
            return "gene"
        if self.is_open:
            return "open"
        return "unclear" if self.direction == "unclear" else None


def given(rules: dict[str, Rule], name: str, seen: Seen, value: str | None = None) -> Rank:
    """The answer of a rule, in words that say why two tumour types are two where that is less than plain.

    Args:
        rules: the rules of the scale.
        name: the rule that fired.
        seen: the row it fired on.
        value: the place, for a rule that takes it from the row.
    """
    rule = rules[name]
    why = NOT_PLACED.get(seen.relation or "") if rule.elsewhere else None
    return Rank(rule.value if value is None else value, told(rules, name) + (f"; {why}" if why else ""))


def told(rules: dict[str, Rule], name: str) -> str:
    """A rule as it stands beside a place: ``AMP-IA-1: label or guideline in this tumour type``."""
    return f"{name}: {rules[name].words}"


def subject_of(frame: pl.DataFrame) -> list[str]:
    """Those columns of ``SUBJECT`` that the frame has."""
    return [name for name in SUBJECT if name in frame.columns]
