"""What changes for whom when knowledge changes: options gained, lost and moved, with the rows responsible.

An *option* of a patient is a drug (or combination) with a direction, in one of her tumours, for one of her
alterations, that evidence gives a tier of I or II. Both runs are whole runs of ``annotate``; the result is their exact
set difference, so nothing is guessed about which row replaced which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kohort.profile.annotation import annotate
from kohort.profile.knowledge.pack import Pack
from kohort.profile.ranking.ranks import TIERS
from kohort.tables import HasTables, TableSet

__all__ = ["CHANGES", "OPTION", "STANDING", "Reinterpretation", "compare", "options", "reinterpret"]

OPTION: tuple[str, ...] = ("person", "patient_tumour", "gene", "alteration", "drugs", "direction")
"""What an option is: columns of ``annotate``."""

STANDING: tuple[str, ...] = ("tier", "escat", "oncokb_like", "approved_us", "approved_eu", "approved_no")
"""How an option stands: the best tier and level of its rows, and where it is approved."""

CHANGES = ("gained", "lost", "moved")
"""``moved``: there before and after, but standing otherwise."""

_ACTIONABLE = ("I-A", "I-B", "II-C", "II-D")
_SUBJECT = OPTION[:-1]
_ROW = ("pack", "evidence_id", "direction", "match_level", "tumour_relation", "level", *STANDING)
_SAID = ("yes", "no", "unknown")


@dataclass(frozen=True, slots=True, eq=False)
class Reinterpretation:
    """The difference of two readings of the same patients.

    Attributes:
        changes: one row an option that changed: ``OPTION``, ``change``, ``old_*`` and ``new_*`` of ``STANDING`` (null
            on the side where the option is not), ``old_rows`` and ``new_rows`` (evidence that stands in one reading
            only: ``pack:evidence_id``, joined by ``; ``), in a fixed order.
        old: packs of the first reading, ``name version``.
        new: packs of the second.
    """

    changes: pl.DataFrame
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def patients(self) -> int:
        """Patients of whom an option changed."""
        return self.changes["person"].n_unique()

    def counts(self) -> dict[str, int]:
        """Options by kind of change."""
        found = dict(self.changes.group_by("change").len().iter_rows())
        return {change: found.get(change, 0) for change in CHANGES}


def reinterpret(
    data: TableSet | HasTables, old: Sequence[Pack | str | Path], new: Sequence[Pack | str | Path]
) -> Reinterpretation:
    """Read the same patients with two sets of packs, and say what changed for whom.

    Args:
        data: a site or a table set.
        old: packs in use so far.
        new: packs to change to.

    Raises:
        InputError: a pack that cannot be read, or two packs of one name and version in a set.
    """
    # A match of the whole gene raises no tier, so it is no option and is responsible for none.
    before, after = (annotate(data, packs, gene_level=False) for packs in (old, new))
    return Reinterpretation(compare(before, after), _names(before), _names(after))


def options(biomarkers: pl.DataFrame) -> pl.DataFrame:
    """The options in a frame of ``annotate``: ``OPTION`` and ``STANDING``, each option once, sorted."""
    actionable = biomarkers.filter(
        (pl.col("evidence_type") == "predictive")
        & pl.col("direction").is_in(["sensitive", "resistant"])
        & pl.col("tier").is_in(_ACTIONABLE)
    )
    return actionable.group_by(OPTION).agg(_best(name) for name in STANDING).sort(OPTION, nulls_last=True)


def compare(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The options that differ between two frames of ``annotate`` (columns: see ``Reinterpretation.changes``)."""
    old = options(before).rename({name: f"old_{name}" for name in STANDING}).with_columns(pl.lit(1).alias("was"))
    new = options(after).rename({name: f"new_{name}" for name in STANDING}).with_columns(pl.lit(1).alias("now"))
    both = old.join(new, on=OPTION, how="full", nulls_equal=True, coalesce=True)
    stands = pl.all_horizontal(pl.col(f"old_{name}").eq_missing(pl.col(f"new_{name}")) for name in STANDING)
    changed = both.with_columns(
        pl.when(pl.col("was").is_null()).then(pl.lit("gained"))
        .when(pl.col("now").is_null()).then(pl.lit("lost"))
        .when(~stands).then(pl.lit("moved"))
        .alias("change")
    ).filter(pl.col("change").is_not_null())  # fmt: skip
    responsible = _responsible(before, after, changed)
    return (
        changed.join(responsible, on=_SUBJECT, how="left", nulls_equal=True)
        .select(
            *OPTION,
            "change",
            *(f"{side}_{name}" for name in STANDING for side in ("old", "new")),
            "old_rows",
            "new_rows",
        )
        .sort(*OPTION, nulls_last=True)
    )


def _best(name: str) -> pl.Expr:
    """The best value of one column of an option's rows, in the order of its scale."""
    scale = TIERS.get(name, _SAID)
    return pl.col(name).cast(pl.Enum(list(scale)), strict=False).min().cast(pl.String).alias(name)


def _responsible(before: pl.DataFrame, after: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """Rows that stand in one reading only, by patient, alteration and drugs: columns ``old_rows`` and ``new_rows``."""
    asked = changed.select(_SUBJECT).unique()
    columns = list(dict.fromkeys((*_SUBJECT, *_ROW)))
    sides = [
        side.filter(pl.col("evidence_type") == "predictive")
        .join(asked, on=_SUBJECT, how="semi", nulls_equal=True)
        .select(columns)
        .unique()
        for side in (before, after)
    ]
    told = [
        one.join(other, on=columns, how="anti", nulls_equal=True)
        .select(*_SUBJECT, pl.concat_str("pack", pl.lit(":"), "evidence_id").alias("row"))
        .unique()
        .group_by(_SUBJECT)
        .agg(pl.col("row").sort().str.join("; ").alias(name))
        for one, other, name in ((sides[0], sides[1], "old_rows"), (sides[1], sides[0], "new_rows"))
    ]
    return told[0].join(told[1], on=_SUBJECT, how="full", nulls_equal=True, coalesce=True)


def _names(biomarkers: pl.DataFrame) -> tuple[str, ...]:
    """Packs that a frame cites."""
    return tuple(_labels(biomarkers.select("pack", "pack_version").unique().sort("pack", "pack_version").iter_rows()))


def _labels(rows: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{name} {version}" for name, version in rows)
