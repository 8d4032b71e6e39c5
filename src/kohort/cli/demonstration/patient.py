"""One patient's biomarkers, as her tumour board would see them, chosen so that she is one of many alike."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kohort import profile
from kohort.cli.demonstration.pictures import tumour_name
from kohort.cli.demonstration.sums import SiteWork
from kohort.match import Matches, Reason
from kohort.web import BiomarkerRow, CriterionLine, PatientBiomarkers, VerdictExplanation

__all__ = ["chosen"]

_MOST_ROWS = 12


def chosen(work: Mapping[str, SiteWork], k: int) -> PatientBiomarkers | None:
    """A patient whose biomarkers at least ``k`` patients of the same tumour and site share; None if there is none.

    Among these: one who fits a cohort if possible, with the most evidence.
    """
    best: tuple[tuple[bool, int, int], str, int] | None = None
    for name, one in work.items():
        for person, rows in _shared(one.biomarkers, k):
            fits = one.matches.eligible().filter(pl.col("person") == person).height > 0
            rank = (fits, rows, -person)
            if best is None or rank > best[0]:
                best = (rank, name, person)
    if best is None:
        return None
    _, site, person = best
    return _page(work[site], person)


def _shared(biomarkers: pl.DataFrame, k: int) -> list[tuple[int, int]]:
    """Patients (and rows of evidence) with the same set of alterations as k or more of their tumour; a few of each."""
    own = biomarkers.filter(pl.col("match_level") != "gene").with_columns(
        pl.concat_str(["gene", "alteration"], separator=" ", ignore_nulls=True).alias("what")
    )
    sets = own.group_by("person").agg(
        pl.col("what").unique().sort().str.join("; "), pl.col("patient_tumour").first(), pl.len().alias("rows")
    )
    like = sets.with_columns(pl.len().over("what", "patient_tumour").alias("alike")).filter(pl.col("alike") >= k)
    first = like.sort("person").unique(["what", "patient_tumour"], keep="first", maintain_order=True)
    return list(first.sort("rows", "person", descending=[True, False]).head(8).select("person", "rows").iter_rows())


def _page(one: SiteWork, person: int) -> PatientBiomarkers:
    table = profile.biomarker_table(one.biomarkers, person).filter(pl.col("match_level") != "gene").head(_MOST_ROWS)
    tumour = table["patient_tumour"][0]
    return PatientBiomarkers(
        label="Patient A",
        tumour=tumour_name(tumour) if tumour else "not known",
        rows=tuple(_row(row) for row in table.iter_rows(named=True)),
        explanation=_explanation(one.matches, person),
    )


def _row(row: dict[str, str | None]) -> BiomarkerRow:
    return BiomarkerRow(
        gene=row["gene"] or "",
        alteration=row["alteration"] or "",
        as_written=row["as_written"] or "",
        drug=row["drugs"] or "",
        direction=row["direction"] or "",
        level=f"{row['level_system']} {row['level']}",
        tumour_relation=row["tumour_relation"] or "",
        jurisdiction=_approved(row) or row["jurisdiction"] or "",
        source=f"{row['pack']} {row['evidence_id']}: {row['source_id']}",
        date=row["source_date"] or "",
        tier=row["tier"] or "",
        rule=row["tier_rule"] or "",
    )


def _approved(row: dict[str, str | None]) -> str:
    """Where the drug is approved for the alteration in this tumour."""
    places = {"approved_us": "US", "approved_eu": "EU", "approved_no": "Norway"}
    return ", ".join(place for column, place in places.items() if row[column] == "yes")


def _explanation(matches: Matches, person: int) -> VerdictExplanation | None:
    fits = matches.eligible().filter(pl.col("person") == person)["arm"].to_list()
    open_ones = matches.verdicts("unknown").filter(pl.col("person") == person)["arm"].to_list()
    if not fits and not open_ones:
        return None
    name = (fits or open_ones)[0]
    reason = matches.explain(person, name)
    found = next(one for one in matches.arms if one.arm.id == name)
    return VerdictExplanation(
        cohort=f"{name}: {found.arm.title}",
        value=reason.value,
        sentence="Every criterion is met." if reason.value else "No criterion fails, but some facts are missing.",
        lines=tuple(_line(part) for part in reason.parts),
    )


def _line(reason: Reason) -> CriterionLine:
    needed = "" if reason.missing is None else f" To settle it: {reason.missing.words}."
    # a compound criterion says only how its parts are joined; what was found stands in the leaves
    why = " ".join(leaf.sentence for leaf in reason.leaves())
    return CriterionLine(reason.criterion.words, reason.value, why + needed)
