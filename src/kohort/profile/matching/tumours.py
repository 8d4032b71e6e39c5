"""How the tumour of an evidence row relates to the tumour of a patient, by OncoTree and the Disease Ontology.

Evidence whose disease has no OncoTree code is placed by what the disease is a kind of, if the site keeps a table of
the Disease Ontology (see ``kohort.codes.doid``): the nearest ancestors with a code of their own say where in the tree
it lies. Such evidence speaks of a part of that code which no code can tell, so a patient's tumour may or may not be
the evidence's: never nearer than ``ancestor``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from kohort.codes import doid as disease_ontology
from kohort.codes import oncotree
from kohort.profile.knowledge.diseases import named_diseases

__all__ = ["SOLID", "TUMOUR_RELATIONS", "Placement", "place", "relate", "tumour_relations", "unknown_codes"]

TUMOUR_RELATIONS = ("exact", "descendant", "any", "ancestor", "related", "unknown", "other")
"""Relations, nearest first.

``exact`` the same code; ``descendant`` the patient's tumour is a kind of the evidence's; ``any`` the evidence names
no tumour; ``ancestor`` one of the two is recorded less finely, so the patient's may or may not be the evidence's;
``related`` neither is a kind of the other, but both have the same main type, or lie below one type of level 2 or
finer (lung adenocarcinoma and squamous cell carcinoma); ``unknown`` the patient's tumour has no OncoTree code;
``other`` none of these.
"""

SOLID = "solid"
"""The word for every tumour that is not of blood or lymph."""

_RANK = {relation: rank for rank, relation in enumerate(TUMOUR_RELATIONS)}
_SHARED_LEVEL = 2
_NOT, _PART = "!", "<"

_NO_CODE = "The evidence's tumour has no OncoTree code; it counts as another tumour."
_NO_TABLE = (
    "The evidence's tumour has no OncoTree code and the site keeps no table of the Disease Ontology that could place "
    "it; it counts as another tumour."
)
_CLIMBED = "The evidence's tumour has no OncoTree code; it is a kind of {codes} by the Disease Ontology."


@dataclass(frozen=True, slots=True)
class Placement:
    """Where in OncoTree an evidence row speaks.

    Attributes:
        codes: codes joined by ``;``: the type and all below it; ``!CODE`` but not these; ``<CODE`` only a part of
            it; ``solid``. Empty where it has no place.
        names_tumour: False if the evidence names no tumour, so that it holds for any.
        remark: what to say of the placement; None if it is the source's own.
    """

    codes: tuple[str, ...] = ()
    names_tumour: bool = True
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class _Relation:
    """A relation, and the steps between the two codes where both have one."""

    name: str
    steps: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Nearest first."""
        return _RANK[self.name], 99 if self.steps is None else self.steps


def unknown_codes(tumour: str) -> Iterator[str]:
    """Codes in a pack's tumour cell that OncoTree does not have."""
    for code in tumour.split(";"):
        bare = code.lstrip(_NOT + _PART)
        if bare and bare != SOLID and oncotree.node(bare) is None:
            yield bare


def place(tumour: str | None, tumour_text: str | None, doid: str | None = None) -> Placement:
    """Where an evidence row speaks.

    Args:
        tumour: its codes joined by ``;``.
        tumour_text: its tumour as the source wrote it; where it has neither codes nor text, it holds for any tumour.
        doid: its disease's id in the Disease Ontology.
    """
    if tumour:
        return Placement(tuple(tumour.split(";")))
    if not tumour_text:
        return Placement(names_tumour=False)
    table = disease_ontology.table()
    if not doid or table is None:
        return Placement(remark=_NO_TABLE if doid else _NO_CODE)
    for level in table.ancestors(doid):
        found = [code for disease in level for code in _codes_of(disease.doid)]
        if found:
            bare = sorted({code.lstrip(_PART) for code in found})
            return Placement(tuple(_PART + code for code in bare), remark=_CLIMBED.format(codes=", ".join(bare)))
    return Placement(remark=_NO_CODE)


def _codes_of(doid: str) -> tuple[str, ...]:
    """Codes that mean a disease; none for one that spans the tree, as cancer does: that would say nothing."""
    codes = _codes_by_doid().get(doid, "").split(";")
    return tuple(code for code in codes if code and code != SOLID and not code.startswith(_NOT))


@functools.cache
def _codes_by_doid() -> dict[str, str]:
    """Disease Ontology id to OncoTree codes; of several names of one disease the first speaks."""
    named = reversed(named_diseases())
    return {disease.doid: disease.oncotree for disease in named if disease.doid and disease.oncotree}


def relate(patient: str | None, tumour: str | None, tumour_text: str | None, doid: str | None = None) -> str:
    """The relation of a patient's tumour to that of an evidence row, one of ``TUMOUR_RELATIONS``.

    Args:
        patient: OncoTree code of the patient's tumour, or None.
        tumour: codes of the evidence joined by ``;``: codes, ``solid``, codes after ``!`` that are left out, and
            codes after ``<`` of which it is only a part.
        tumour_text: tumour as the source wrote it, where it has no code.
        doid: id of the evidence's disease in the Disease Ontology.
    """
    return _relate(patient, place(tumour, tumour_text, doid), oncotree.tree().source.sha256).name


def tumour_relations(pairs: pl.DataFrame) -> pl.DataFrame:
    """How the tumours of patients relate to those of evidence; each pair is worked out once.

    Args:
        pairs: columns ``patient_tumour``, ``tumour``, ``tumour_text`` and ``doid``.

    Returns:
        the distinct pairs, with ``tumour_relation`` (one of ``TUMOUR_RELATIONS``), ``tumour_distance`` (steps
        between the two codes in OncoTree; null where one has none) and ``tumour_remark`` (how evidence without a code
        was placed).
    """
    distinct = pairs.select("patient_tumour", "tumour", "tumour_text", "doid").unique(maintain_order=True)
    placed = functools.cache(place)
    release = oncotree.tree().source.sha256
    places = [placed(*row) for row in distinct.select("tumour", "tumour_text", "doid").iter_rows()]
    found = [_relate(code, at, release) for code, at in zip(distinct["patient_tumour"], places, strict=True)]
    return distinct.with_columns(
        pl.Series("tumour_relation", [each.name for each in found], dtype=pl.Enum(TUMOUR_RELATIONS)),
        pl.Series("tumour_distance", [each.steps for each in found], dtype=pl.Int32),
        pl.Series("tumour_remark", [at.remark for at in places], dtype=pl.String),
    )


# What was worked out is kept: a site has few tumour types, and evidence few places. The release of the tree goes along,
# since a site may use another.


@functools.cache
def _relate(patient: str | None, at: Placement, release: str) -> _Relation:
    """The nearest relation of the patient's code to the codes of a placement."""
    if not at.codes:
        return _Relation("other" if at.names_tumour else "any")
    if patient is None or oncotree.node(patient) is None:
        return _Relation("unknown")
    left_out = [code[1:] for code in at.codes if code.startswith(_NOT)]
    if any(code in _way(patient) for code in left_out):
        return _Relation("other")
    named = [_to_code(patient, code, release) for code in at.codes if not code.startswith(_NOT)]
    best = min(named, key=lambda each: each.order, default=_Relation("any"))
    may_be_left_out = any(patient in _way(code) for code in left_out)
    return _Relation("ancestor", best.steps) if may_be_left_out and best.order < (_RANK["ancestor"],) else best


def _to_code(patient: str, code: str, release: str) -> _Relation:
    """The relation to one code, ``<CODE`` or ``solid``."""
    if code == SOLID:
        return _Relation("other" if oncotree.is_liquid(patient) else "descendant")
    if not code.startswith(_PART):
        return _compare(patient, code, release)
    found = _compare(patient, code[1:], release).name
    return _Relation("ancestor" if found in {"exact", "descendant"} else found)


@functools.cache
def _compare(patient: str, code: str, release: str) -> _Relation:
    """The relation of two codes by their nearest common ancestor."""
    up, other = _way(patient), _way(code)
    if not up or not other:
        return _Relation("other")
    common = next(each for each in up if each in other)
    steps = up.index(common) + other.index(common)
    if common == code:
        return _Relation("exact" if steps == 0 else "descendant", steps)
    if common == patient:
        return _Relation("ancestor", steps)
    nodes = oncotree.tree().nodes
    same_type = nodes[patient].main_type == nodes[code].main_type != ""
    near = same_type or nodes[common].level >= _SHARED_LEVEL
    return _Relation("related" if near else "other", steps)


def _way(code: str) -> tuple[str, ...]:
    """The code and those above it, nearest first; empty for one that is not in the tree."""
    way: list[str] = []
    node = oncotree.node(code)
    while node is not None:
        way.append(node.code)
        node = oncotree.node(node.parent)
    return tuple(way)
