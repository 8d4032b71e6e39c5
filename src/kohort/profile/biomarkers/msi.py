"""Microsatellite status: share of unstable sites, what was recorded clinically, and mismatch repair beside it.

A panel's result is written ``X (Y/Z)``: X per cent, Y unstable sites of Z usable ones. As in InPreD's reports, fewer
than 40 usable sites are not reliable; up to 10 % is stable, from 20 % unstable, between the two likely unstable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from kohort.tables import TableSet

__all__ = [
    "LIKELY_UNSTABLE",
    "MINIMUM_SITES",
    "MSI_SCHEMA",
    "NOT_AVAILABLE",
    "NOT_RELIABLE",
    "STABLE",
    "STABLE_TO",
    "UNSTABLE",
    "UNSTABLE_FROM",
    "State",
    "msi_state",
    "msi_table",
    "read_msi",
]

MINIMUM_SITES = 40
STABLE_TO = 10.0
UNSTABLE_FROM = 20.0
"""Per cent of usable sites that are unstable."""


@dataclass(frozen=True, slots=True)
class State:
    """A microsatellite state in both languages of a report.

    Attributes:
        english: in English.
        norwegian: in Norwegian.
    """

    english: str
    norwegian: str


STABLE = State("Stable", "Stabil")
UNSTABLE = State("Unstable", "Ustabil")
LIKELY_UNSTABLE = State("Likely unstable", "Trolig ustabil")
NOT_RELIABLE = State("Not reliable", "Inkonklusiv")
NOT_AVAILABLE = State("Not available", "Ikke tilgjengelig")

MSI_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "percent": pl.Float64(),
    "sites": pl.Int64(),
    "text": pl.String(),
    "state": pl.String(),
    "state_no": pl.String(),
    "reported": pl.String(),
    "clinical": pl.String(),
    "repair": pl.String(),
    "remark": pl.String(),
}
"""Columns of ``msi_table``: ``state`` by the rule from the sites, ``reported`` as the panel's software has it,
``clinical`` as recorded clinically, ``repair`` mismatch repair by immunohistochemistry (deficient, proficient)."""

_TEXT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%?\s*\(\s*([0-9]+)\s*/\s*([0-9]+)\s*\)\s*")
_REPAIR_PROTEINS = ("MLH1", "MSH2", "MSH6", "PMS2")
_LOST = ("negative", "lost", "loss", "absent", "deficient")
_RETAINED = ("positive", "retained", "present", "proficient", "intact")


def read_msi(text: str) -> tuple[float, int, int] | None:
    """Per cent, unstable and usable sites of ``X (Y/Z)``; None for anything else, as ``NA``."""
    found = _TEXT.fullmatch(text)
    return None if found is None else (float(found[1]), int(found[2]), int(found[3]))


def msi_state(percent: float | None, sites: float | None) -> State:
    """The state by the share of unstable sites (in per cent) and the number of usable ones."""
    if percent is None or sites is None:
        return NOT_AVAILABLE
    if sites < MINIMUM_SITES:
        return NOT_RELIABLE
    if percent <= STABLE_TO:
        return STABLE
    return UNSTABLE if percent >= UNSTABLE_FROM else LIKELY_UNSTABLE


def msi_table(tables: TableSet) -> pl.DataFrame:
    """Microsatellites of every specimen of which anything is known, one row a specimen.

    Of several tests of a specimen the first that counted sites and the first that reported a status stand.

    Returns:
        columns of ``MSI_SCHEMA``, sorted by person and specimen.
    """
    key = ["person", "specimen"]
    both = (
        _tests(tables)
        .join(_clinical(tables), on=key, how="full", nulls_equal=True, coalesce=True)
        .join(_repair(tables), on=key, how="full", nulls_equal=True, coalesce=True)
        .sort(*key, nulls_last=True)
    )
    unstable = (pl.col("msi_unstable") * pl.col("msi_sites") / 100).round(mode="half_to_even").cast(pl.Int64)
    shown = pl.concat_str(
        pl.col("msi_unstable").round(2),
        pl.lit(" ("),
        unstable,
        pl.lit("/"),
        pl.col("msi_sites").cast(pl.Int64),
        pl.lit(")"),
    )
    return (
        both.with_columns(
            pl.col("msi_unstable").alias("percent"),
            pl.col("msi_sites").alias("sites"),
            shown.alias("text"),
            _state("english").alias("state"),
            _state("norwegian").alias("state_no"),
            pl.col("msi").alias("reported"),
        )
        .with_columns(_remark().alias("remark"))
        .select(pl.col(name).cast(kind) for name, kind in MSI_SCHEMA.items())
    )


def _state(language: str) -> pl.Expr:
    """``msi_state`` as an expression over ``msi_unstable`` and ``msi_sites``."""
    percent, sites = pl.col("msi_unstable"), pl.col("msi_sites")

    def word(state: State) -> pl.Expr:
        return pl.lit(getattr(state, language))

    return (
        pl.when(percent.is_null() | sites.is_null()).then(word(NOT_AVAILABLE))
        .when(sites < MINIMUM_SITES).then(word(NOT_RELIABLE))
        .when(percent <= STABLE_TO).then(word(STABLE))
        .when(percent >= UNSTABLE_FROM).then(word(UNSTABLE))
        .otherwise(word(LIKELY_UNSTABLE))
    )  # fmt: skip


def _tests(tables: TableSet) -> pl.DataFrame:
    """What tests say per person and specimen: the first status reported, and the first count of sites."""
    tests = tables.frame("test", ["person", "specimen", "id", "msi", "msi_unstable", "msi_sites"])
    known = tests.filter(pl.any_horizontal(pl.col("msi", "msi_unstable", "msi_sites").is_not_null()))
    counted = pl.col("msi_unstable").is_not_null() & pl.col("msi_sites").is_not_null()
    return known.group_by("person", "specimen", maintain_order=True).agg(
        pl.coalesce(
            pl.col("id").filter(pl.col("msi").is_not_null()).first(),
            pl.col("id").filter(counted).first(),
            pl.col("id").first(),
        ).alias("test"),
        pl.col("msi").drop_nulls().first(),
        pl.col("msi_unstable", "msi_sites").filter(counted).first(),
    )


def _clinical(tables: TableSet) -> pl.DataFrame:
    """The status as recorded clinically, the first per person and specimen."""
    findings = tables.frame("finding", ["person", "specimen", "kind", "value_code"]).filter(
        (pl.col("kind") == "msi") & pl.col("value_code").is_not_null()
    )
    return findings.unique(["person", "specimen"], keep="first", maintain_order=True).select(
        "person", "specimen", pl.col("value_code").alias("clinical")
    )


def _repair(tables: TableSet) -> pl.DataFrame:
    """Mismatch repair by immunohistochemistry: stated, or one of the four proteins lost, or all four retained."""
    findings = tables.frame("finding", ["person", "specimen", "kind", "code_code", "value_code"]).filter(
        (pl.col("kind") == "ihc") & pl.col("code_code").is_in(["MMR", *_REPAIR_PROTEINS])
    )
    value, protein = pl.col("value_code").str.to_lowercase(), pl.col("code_code")
    stated = value.filter((protein == "MMR") & value.is_in(["deficient", "proficient"])).first()
    lost = ((protein != "MMR") & value.is_in(_LOST)).any()
    retained = protein.filter((protein != "MMR") & value.is_in(_RETAINED)).n_unique() == len(_REPAIR_PROTEINS)
    found = findings.group_by("person", "specimen", maintain_order=True).agg(
        pl.coalesce(
            stated,
            pl.when(lost).then(pl.lit("deficient")).when(retained).then(pl.lit("proficient")),
        ).alias("repair")
    )
    return found.filter(pl.col("repair").is_not_null())


def _remark() -> pl.Expr:
    """Where the methods contradict each other."""
    unstable = (pl.col("state") == UNSTABLE.english) | (pl.col("msi") == "MSI-H")
    stable = (pl.col("state") == STABLE.english) | pl.col("msi").is_in(["MSS", "MSI-L"])
    sequenced = (
        pl.when(unstable & ~stable.fill_null(value=False))
        .then(True)
        .when(stable & ~unstable.fill_null(value=False))
        .then(False)
    )
    clinical = (
        pl.when(pl.col("clinical") == "MSI-H").then(True).when(pl.col("clinical").is_in(["MSS", "MSI-L"])).then(False)
    )
    deficient = pl.col("repair") == "deficient"
    parts = [
        pl.when(unstable & stable).then(pl.lit("The panel's software and the share of unstable sites disagree.")),
        pl.when(sequenced != clinical).then(pl.lit("Sequencing and the clinical record disagree on microsatellites.")),
        pl.when(sequenced != deficient).then(
            pl.lit("Sequencing and immunohistochemistry of mismatch repair disagree.")
        ),
        pl.when(clinical != deficient).then(
            pl.lit("The clinical record of microsatellites and immunohistochemistry of mismatch repair disagree.")
        ),
    ]
    return pl.concat_str(parts, separator=" ", ignore_nulls=True).replace("", None)
