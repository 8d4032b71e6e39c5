"""Which genes were looked at, in which tumour: the fact that turns an absent alteration into a no.

A gene is covered in a tumour if a test of the right assay, not failed, has a panel that lists the gene or covers the
whole exome or genome, and did not report this gene as not assessed. A tumour (``subject``) is a person's tumour; what
cannot be placed in one of several tumours stands for itself.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import polars as pl

from kohort.codes import genes
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["Coverage", "subjects_of"]

_TUMOUR = ("person", "tumour_id")
_LOOKED_AT = ("subject", "gene", "assay")
_PANEL = "panel/"


def subjects_of(tables: TableSet) -> pl.DataFrame:
    """The tumours in which alterations are found, numbered.

    Returns:
        ``person``, ``tumour_id`` (null: it is not said which tumour), ``subject`` (its number; without a tumour, that
        of the person's only one) and ``patient_tumour`` (its OncoTree code; without a tumour, the person's code if all
        tumours share one).
    """
    tumours = tables.frame("tumour", ["person", "id", "oncotree_code"]).rename({"id": "tumour_id"})
    unplaced = [tables.frame(name, ["person"]).unique() for name in ("test", "variant", "finding", "specimen")]
    placed = tables.frame("specimen", ["person", "tumour"]).rename({"tumour": "tumour_id"})
    found = pl.concat([tumours.select(_TUMOUR), placed, *unplaced], how="diagonal").unique(_TUMOUR)
    single = tumours.group_by("person").agg(
        pl.col("tumour_id").unique().alias("ids"), pl.col("oncotree_code").drop_nulls().unique().alias("codes")
    )
    only = [
        pl.when(pl.col(name).list.len() == 1).then(pl.col(name).list.first()).alias(alias)
        for name, alias in (("ids", "only_id"), ("codes", "only_code"))
    ]
    known = found.join(tumours, on=_TUMOUR, how="left").join(single.select("person", *only), on="person", how="left")
    code = pl.when(pl.col("tumour_id").is_null()).then("only_code").otherwise("oncotree_code")
    return known.select(
        *_TUMOUR,
        pl.struct("person", pl.coalesce("tumour_id", "only_id")).rank("dense").cast(pl.UInt32).alias("subject"),
        code.alias("patient_tumour"),
    )


@dataclass(frozen=True, eq=False)
class Coverage:
    """What was looked at in each tumour; read from the tables when the first question is asked.

    Attributes:
        tables: the tables of a site.
    """

    tables: TableSet

    @classmethod
    def of(cls, data: TableSet | HasTables) -> Coverage:
        """The coverage of a site or table set."""
        return cls(tables_of(data))

    @functools.cached_property
    def subjects(self) -> pl.DataFrame:
        """The tumours, numbered; see `subjects_of`."""
        return subjects_of(self.tables)

    @functools.cached_property
    def tests(self) -> pl.DataFrame:
        """Tests that did not fail: ``subject``, ``test``, ``assay``, ``panel`` and whether they cover the ``whole``."""
        columns = ["person", "id", "specimen", "assay", "panel", "coverage", "quality", "msi", "tmb"]
        tests = self.tables.frame("test", columns).rename({"id": "test"})
        return self._placed(tests.filter(pl.col("quality").ne_missing("failed"))).with_columns(
            pl.col("coverage").is_in(["exome", "genome"]).fill_null(value=False).alias("whole")
        )

    def _placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with a person and a specimen, with the tumour they are of."""
        specimens = self.tables.frame("specimen", ["id", "tumour"]).rename({"id": "specimen", "tumour": "tumour_id"})
        placed = rows.join(specimens, on="specimen", how="left")
        return placed.join(self.subjects.select(*_TUMOUR, "subject"), on=_TUMOUR, nulls_equal=True)

    @functools.cached_property
    def listed(self) -> pl.DataFrame:
        """Genes of panels: ``panel``, ``gene``."""
        codes = self.tables.frame("code", ["system", "code"]).filter(pl.col("system").str.starts_with(_PANEL))
        return codes.select(pl.col("system").str.strip_prefix(_PANEL).alias("panel"), _symbol(codes["code"])).unique()

    @functools.cached_property
    def gaps(self) -> pl.DataFrame:
        """Genes that a test says it could not assess: ``test``, ``gene``."""
        rows = self.tables.frame("variant", ["test", "class", "gene"]).filter(pl.col("class") == "not_assessed")
        return rows.select("test", _symbol(rows["gene"])).unique()

    @functools.cached_property
    def markers(self) -> pl.DataFrame:
        """Tumours whose microsatellite status or mutational burden is known: ``subject``, ``assay``."""
        columns = ["person", "specimen", "kind", "value_code", "value_number"]
        findings = self._placed(self.tables.frame("finding", columns).filter(pl.col("kind").is_in(["msi", "tmb"])))
        status = pl.col("value_code").is_in(["MSI-H", "MSI-L", "MSS"])
        known = pl.when(pl.col("kind") == "msi").then(status).otherwise(pl.col("value_number").is_not_null())
        named = pl.col("msi").is_in(["MSI-H", "MSI-L", "MSS"])
        return pl.concat(
            [
                findings.filter(known).select("subject", pl.col("kind").alias("assay")),
                self.tests.filter(named).select("subject", pl.lit("msi").alias("assay")),
                self.tests.filter(pl.col("tmb").is_not_null()).select("subject", pl.lit("tmb").alias("assay")),
            ]
        ).unique()

    def covered(self, asked: pl.DataFrame) -> pl.DataFrame:
        """The rows of ``asked`` (``subject``, ``gene``, ``assay``) of which it is known that somebody looked."""
        tests = self.tests.select("subject", "assay", "test", "panel", "whole")
        looked = asked.select(_LOOKED_AT).unique().join(tests, on=["subject", "assay"])
        listing = looked.join(self.listed, on=["panel", "gene"], how="semi")
        seen = pl.concat([looked.filter("whole"), listing]).join(self.gaps, on=["test", "gene"], how="anti")
        marked = asked.select(_LOOKED_AT).join(self.markers, on=["subject", "assay"], how="semi")
        return pl.concat([seen.select(_LOOKED_AT), marked]).unique()


def _symbol(names: pl.Series) -> pl.Series:
    """HGNC symbols, or the names as written where HGNC does not know them."""
    symbols = genes.resolve_series(names)["symbol"]
    return symbols.fill_null(names.cast(pl.String)).alias("gene")
