"""How the tumour of an evidence row relates to the tumour of a patient, by OncoTree."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from kohort.codes import oncotree

__all__ = ["SOLID", "TUMOUR_RELATIONS", "relate", "tumour_relations", "unknown_codes"]

TUMOUR_RELATIONS = ("exact", "descendant", "any", "ancestor", "unknown", "other")
"""Relations, nearest first.

``exact`` the same code; ``descendant`` the patient's tumour is a kind of the evidence's; ``any`` the evidence names
no tumour; ``ancestor`` the patient's tumour is recorded less finely, so it may or may not be the evidence's;
``unknown`` the patient's tumour has no OncoTree code; ``other tumour`` none of these.
"""

SOLID = "solid"
"""The word for every tumour that is not of blood or lymph."""


def unknown_codes(tumour: str) -> Iterator[str]:
    """Codes in a pack's tumour cell that OncoTree does not have."""
    for code in tumour.split(";"):
        bare = code.removeprefix("!")
        if bare and bare != SOLID and oncotree.node(bare) is None:
            yield bare


def relate(patient: str | None, tumour: str | None, tumour_text: str | None) -> str:
    """The relation of a patient's tumour to that of an evidence row.

    Args:
        patient: OncoTree code of the patient's tumour, or None.
        tumour: codes of the evidence joined by ``;``: codes, ``solid``, and codes after ``!`` that are left out.
        tumour_text: tumour as the source wrote it, where it has no code.
    """
    if not tumour:
        return "other" if tumour_text else "any"
    if patient is None or oncotree.node(patient) is None:
        return "unknown"
    codes = tumour.split(";")
    if any(oncotree.is_a(patient, code[1:]) for code in codes if code.startswith("!")):
        return "other"
    return min((_relate_one(patient, code) for code in codes if code[:1] != "!"), key=TUMOUR_RELATIONS.index)


def _relate_one(patient: str, code: str) -> str:
    if code == SOLID:
        return "other" if oncotree.is_liquid(patient) else "descendant"
    if patient == code:
        return "exact"
    if oncotree.is_a(patient, code):
        return "descendant"
    return "ancestor" if oncotree.is_a(code, patient) else "other"


def tumour_relations(pairs: pl.DataFrame) -> pl.DataFrame:
    """``pairs`` (columns ``patient_tumour``, ``tumour``, ``tumour_text``), each once, with ``tumour_relation``."""
    distinct = pairs.select("patient_tumour", "tumour", "tumour_text").unique()
    found = [relate(*row) for row in distinct.iter_rows()]
    return distinct.with_columns(pl.Series("tumour_relation", found, dtype=pl.String()))
