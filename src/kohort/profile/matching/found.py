"""The evidence found for a site's alterations: matched, with each tumour beside the evidence's."""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.kinds import PROTEIN_KINDS
from kohort.profile.matching.absences import ELSEWHERE, absences
from kohort.profile.matching.coverage import Coverage
from kohort.profile.matching.pairs import match_alterations
from kohort.profile.matching.tumours import tumour_relations
from kohort.tables import TableSet

__all__ = ["ORIGIN_NOT_KNOWN", "evidence_pairs", "origin_remark"]

ORIGIN_NOT_KNOWN = "The origin of the variant is not known, and the evidence is on {} variants."

_TUMOUR = ["person", "tumour_id"]
_PLACE = ["tumour", "tumour_text", "doid"]


def evidence_pairs(
    alterations: pl.DataFrame, evidence: pl.DataFrame, tables: TableSet, *, gene_level: bool = True
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Which alteration fits which evidence, how closely, on what condition and how near the tumours are.

    Args:
        alterations: ``person``, ``tumour_id`` and the columns of a normal form, with ``origin`` and whatever else goes
            along.
        evidence: columns of ``EVIDENCE_SCHEMA`` with ``evidence_row``, the row's number from 0.
        tables: the tables that the alterations come from, for what was tested and for the tumours.
        gene_level: False leaves out matches of the whole gene.

    Returns:
        all alterations with ``alteration_row`` (the row's number from 0), the wild types and other absences that
        evidence asks for behind them; and the pairs: ``alteration_row``, ``evidence_row``, ``match_level``,
        ``open_condition``, ``tumour_relation``, ``tumour_distance``, ``tumour_remark``, sorted by the two numbers.
    """
    coverage = Coverage.of(tables)
    placed = alterations.join(coverage.subjects, on=_TUMOUR, how="left", nulls_equal=True, maintain_order="left")
    silent = absences(_tested(coverage), evidence)
    every = pl.concat([placed, silent], how="diagonal_relaxed").with_row_index("alteration_row")
    every = every.with_columns(pl.col("inferred").fill_null(value=False))
    pairs = match_alterations(
        every, evidence.select("evidence_row", "gene", "alteration", "origin"), coverage, gene_level=gene_level
    )
    return every, _with_relations(pairs, every, evidence)


def _tested(coverage: Coverage) -> pl.DataFrame:
    """Tumours with a molecular test, each once: what is not placed in a tumour stands with the person's only one."""
    tested = coverage.subjects.join(coverage.tests, on="subject", how="semi")
    return tested.group_by("subject", maintain_order=True).agg(
        pl.col("person").first(), pl.col("tumour_id").max(), pl.col("patient_tumour").first()
    )


def _with_relations(pairs: pl.DataFrame, every: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """The pairs that count, with the relation of the tumours; worked out once per tumour code and evidence's place."""
    codes = every.select("patient_tumour").unique(maintain_order=True).with_row_index("code")
    places = evidence.select(_PLACE).unique(maintain_order=True).with_row_index("place")
    ours = every.select("patient_tumour").join(codes, on="patient_tumour", nulls_equal=True, maintain_order="left")
    theirs = evidence.select(_PLACE).join(places, on=_PLACE, nulls_equal=True, maintain_order="left")
    # Rows are numbered from 0, so that their places are looked up, not joined: there may be millions of pairs.
    code, place = ours["code"].gather(pairs["alteration_row"]), theirs["place"].gather(pairs["evidence_row"])
    key = (code.cast(pl.UInt32) * places.height + place).alias("key")
    asked = pl.DataFrame([key, code, place]).unique("key").join(codes, on="code").join(places, on="place")
    relations = asked.join(tumour_relations(asked), on=["patient_tumour", *_PLACE], nulls_equal=True)
    grid = pl.DataFrame({"key": pl.int_range(codes.height * places.height, dtype=pl.UInt32, eager=True)})
    number = grid.join(relations.select("key").with_row_index("number"), on="key", how="left", maintain_order="left")
    told = relations.select("tumour_relation", "tumour_distance", "tumour_remark")[number["number"].gather(key)]
    # What is absent says something only where it is looked for; in other tumours it is the normal state.
    inferred = every["inferred"].gather(pairs["alteration_row"])
    counts = ~(inferred & told["tumour_relation"].is_in(list(ELSEWHERE)))
    return pl.concat([pairs, told], how="horizontal").filter(counts)


def origin_remark() -> pl.Expr:
    """What is said of a variant whose origin is not known, where evidence is on variants of one origin."""
    unknown = ~pl.col("origin").is_in(["germline", "somatic"]).fill_null(value=False)
    small = pl.col("kind").is_in(PROTEIN_KINDS)
    return pl.when(unknown & small).then(pl.format(ORIGIN_NOT_KNOWN, "evidence_origin"))
