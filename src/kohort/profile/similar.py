"""Patients like this one: by tumour, by shared alterations (the rare ones weigh more), and by what they were given.

Each part is a number between 0 and 1, and each is shown, so that a reader sees why a patient stands where she does:

- tumour: Wu and Palmer's similarity of two OncoTree codes, twice the depth of their nearest common ancestor over the
  sum of their own depths (the tissue has depth 1; nothing in common is 0);
- alterations: weighted Jaccard index. A gene and an exact change are features of their own; a feature weighs
  log((N + 1) / n) where n of N tested patients have it. A gene counts only where *both* were tested for it: what was
  not looked at is not a difference;
- therapy: Jaccard index of the drugs given before.

A part that is not known (no code, nothing tested in both, no drug recorded) is null. The whole is the weighted mean of
the parts, to which a part that is not known adds nothing: a patient of whom little is known is not put first for it.

References:
    Wu and Palmer, ACL 1994, doi 10.3115/981732.981751 (trees); Sparck Jones, J Doc 1972, doi 10.1108/eb026526
    (rarity as weight).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kohort.codes import genes, oncotree
from kohort.errors import InputError
from kohort.profile.alterations.frames import normalise_frame
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["LIKENESS_SCHEMA", "Weights", "patients_like"]

LIKENESS_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "likeness": pl.Float64(),
    "tumour_likeness": pl.Float64(),
    "alteration_likeness": pl.Float64(),
    "therapy_likeness": pl.Float64(),
    "tumour": pl.String(),
    "shared": pl.String(),
    "drugs": pl.String(),
    "best_response": pl.String(),
    "deceased": pl.Boolean(),
}
"""Columns of ``patients_like``: ``shared`` are the alterations and genes in common, rarest first."""

_SILENT = ("synonymous", "copy neutral", "gain", "loss", "text", "wild type")
_RESPONSES = ("CR", "PR", "SD", "PD", "NE")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts; only their ratio matters."""

    tumour: float = 2.0
    alterations: float = 2.0
    therapy: float = 1.0

    def __post_init__(self) -> None:
        """Refuse weights that weigh nothing."""
        if min(self.tumour, self.alterations, self.therapy) < 0 or self.tumour + self.alterations + self.therapy <= 0:
            raise InputError("Weights are not negative, and not all zero.", remedy="Leave them out for the usual ones.")


def patients_like(
    data: TableSet | HasTables, person: int, *, most: int = 20, weights: Weights | None = None
) -> pl.DataFrame:
    """The patients of a site who are most like one of them, nearest first, with what became of them.

    Args:
        data: a site or a table set. All its patients are read: the caller enters that in the ledger.
        person: pseudonym of the patient.
        most: how many to give.
        weights: how much tumour, alterations and therapy count.

    Returns:
        columns of ``LIKENESS_SCHEMA``; patients who share neither tissue nor alteration are left out.

    Raises:
        InputError: there is no such patient.
    """
    tables = tables_of(data)
    people = tables.frame("person", ["person", "deceased"])
    if person not in people["person"]:
        raise InputError("The site has no such patient.", remedy="Give a pseudonym of this site.")
    tumours = _tumours(tables)
    own = tumours.filter(pl.col("person") == person)["tumour"].to_list()
    parts = (
        people.filter(pl.col("person") != person)
        .join(_tumour_part(tumours, own), on="person", how="left")
        .join(_alteration_part(tables, person), on="person", how="left")
        .join(_therapy_part(tables, person), on="person", how="left")
        .join(_responses(tables), on="person", how="left")
        .with_columns(_whole(weights or Weights()).alias("likeness"))
    )
    alike = (pl.col("tumour_likeness") > 0) | (pl.col("alteration_likeness") > 0)
    found = parts.filter(alike).sort("likeness", "person", descending=[True, False]).head(most)
    return found.select(pl.col(name).cast(kind) for name, kind in LIKENESS_SCHEMA.items())


def _whole(weights: Weights) -> pl.Expr:
    """The weighted mean of the parts; one that is not known adds nothing. Null where none is known."""
    parts = {"tumour": weights.tumour, "alteration": weights.alterations, "therapy": weights.therapy}
    columns = {name: pl.col(f"{name}_likeness") for name in parts}
    known = pl.any_horizontal(column.is_not_null() for column in columns.values())
    total = pl.sum_horizontal(columns[n].fill_null(0.0) * w for n, w in parts.items())
    return pl.when(known).then(total / sum(parts.values()))


def _tumours(tables: TableSet) -> pl.DataFrame:
    """Each patient's OncoTree codes: ``person``, ``tumour``."""
    rows = tables.frame("tumour", ["person", "oncotree_code"]).drop_nulls().unique()
    return rows.rename({"oncotree_code": "tumour"})


def _tumour_part(tumours: pl.DataFrame, own: list[str]) -> pl.DataFrame:
    """The nearest of each patient's tumours to any of ``own``; null where a code is not known."""
    codes = tumours["tumour"].unique().to_list()
    near = {code: _wu_palmer_of_any(code, own) for code in codes}
    scale = pl.DataFrame(
        {"tumour": codes, "tumour_likeness": [near[code] for code in codes]},
        schema={"tumour": pl.String, "tumour_likeness": pl.Float64},
    )
    scored = tumours.join(scale, on="tumour", how="left").sort(
        "tumour_likeness", "tumour", descending=[True, False], nulls_last=True
    )
    return scored.unique("person", keep="first", maintain_order=True)


def _wu_palmer_of_any(code: str, own: list[str]) -> float | None:
    known = [value for value in (_wu_palmer(code, each) for each in own) if value is not None]
    return max(known, default=None)


def _wu_palmer(one: str, other: str) -> float | None:
    """Wu and Palmer's similarity of two OncoTree codes; None if either is not in the tree."""
    first, second = _way_up(one), _way_up(other)
    if not first or not second:
        return None
    common = len([code for code in first if code in second])
    return 2 * common / (len(first) + len(second))


def _way_up(code: str) -> list[str]:
    """The code and all above it but the root; empty if the code is not known."""
    found, node = [], oncotree.node(code)
    while node is not None and node.code != oncotree.ROOT:
        found.append(node.code)
        node = oncotree.node(node.parent)
    return found


def _features(tables: TableSet) -> pl.DataFrame:
    """What patients carry: ``person``, ``gene``, ``feature`` (the gene itself, and each exact change)."""
    columns = ["person", "class", "gene", "partner", "hgvs_p", "classification", "copies", "exon", "origin"]
    rows = tables.frame("variant", columns).filter(
        (pl.col("class") != "not_assessed") & pl.col("origin").ne_missing("germline")
    )
    normal = normalise_frame(rows).filter(~pl.col("kind").is_in(_SILENT) & pl.col("gene_symbol").is_not_null())
    gene = pl.col("gene_symbol")
    exact = normal.select("person", gene.alias("gene"), pl.concat_str(gene, pl.lit(" "), "alteration").alias("feature"))
    whole = normal.select("person", gene.alias("gene"), gene.alias("feature"))
    return pl.concat([whole, exact]).unique()


def _tested(tables: TableSet) -> pl.DataFrame:
    """What was looked at: ``person`` and ``panel`` (``*`` for exome or genome); no row where that is not known."""
    tests = tables.frame("test", ["person", "panel", "coverage"])
    whole = pl.col("coverage").is_in(["exome", "genome"])
    return (
        tests.select("person", pl.when(whole).then(pl.lit("*")).otherwise(pl.col("panel")).alias("panel"))
        .drop_nulls()
        .unique()
    )


def _alteration_part(tables: TableSet, person: int) -> pl.DataFrame:
    """Weighted Jaccard index with each other patient, over genes that both were tested for; and what is shared."""
    tested = _tested(tables)
    reach = _reach(tables, tested)
    features = _weighted(_features(tables), tested["person"].n_unique())
    own = features.filter(pl.col("person") == person).drop("person")
    mine = reach.filter(pl.col("person") == person)["panel"].to_list()
    others = reach.filter(pl.col("person") != person)
    listed = _panel_genes(tables)
    seen_by_me = None if "*" in mine else listed.filter(pl.col("panel").is_in(mine))["gene"].unique()
    theirs = features.filter(pl.col("person") != person)
    if seen_by_me is not None:
        theirs = theirs.filter(pl.col("gene").is_in(seen_by_me.implode()))
    wanted = own.select(pl.col("gene").unique())
    per_panel = pl.concat([listed, wanted.select(pl.lit("*").alias("panel"), "gene")])
    looked = others.join(per_panel, on="panel").select("person", "gene").unique()
    total = looked.join(own, on="gene").group_by("person").agg(pl.col("weight").sum().alias("mine"))
    shared = (
        looked.join(own, on="gene")
        .join(theirs.select("person", "feature"), on=["person", "feature"])
        .sort("weight", "feature", descending=[True, False])
        .group_by("person", maintain_order=True)
        .agg(pl.col("weight").sum().alias("both"), pl.col("feature").str.join("; ").alias("shared"))
    )
    of_them = theirs.group_by("person").agg(pl.col("weight").sum().alias("theirs"))
    joined = others.select("person").unique()
    for part in (total, of_them, shared):
        joined = joined.join(part, on="person", how="left")
    filled = joined.with_columns(pl.col("mine", "theirs", "both").fill_null(0.0))
    union = pl.col("mine") + pl.col("theirs") - pl.col("both")
    index = pl.when(union > 0).then(pl.col("both") / union)
    return filled.select("person", index.alias("alteration_likeness"), "shared")


def _weighted(features: pl.DataFrame, tested: int) -> pl.DataFrame:
    """The features with their weight: the rarer, the more."""
    rarity = features.group_by("feature").agg(pl.len().alias("n"))
    weight = ((tested + 1) / pl.col("n")).log().clip(lower_bound=0.0)
    return features.join(rarity.select("feature", weight.alias("weight")), on="feature")


def _reach(tables: TableSet, tested: pl.DataFrame) -> pl.DataFrame:
    """Who was tested with what; a panel whose genes are not listed reaches nothing."""
    listed = _panel_genes(tables)["panel"].unique()
    return tested.filter((pl.col("panel") == "*") | pl.col("panel").is_in(listed.implode()))


def _panel_genes(tables: TableSet) -> pl.DataFrame:
    """``panel`` and ``gene``, as the panels list them."""
    codes = tables.frame("code", ["system", "code"]).filter(pl.col("system").str.starts_with("panel/")).drop_nulls()
    # panels name genes as their laboratory does; alterations are told under the approved symbol
    symbol = genes.resolve_series(codes["code"])["symbol"]
    return codes.select(
        pl.col("system").str.strip_prefix("panel/").alias("panel"), pl.coalesce(symbol, "code").alias("gene")
    ).unique()


def _therapy_part(tables: TableSet, person: int) -> pl.DataFrame:
    """Jaccard index of the drugs given; null where no drug is recorded of either. And the drugs."""
    items = tables.frame("therapy_item", ["person", "item_code"]).drop_nulls().unique()
    by_person = items.group_by("person").agg(pl.col("item_code").sort())
    own = items.filter(pl.col("person") == person)["item_code"].to_list()
    common = pl.col("item_code").list.set_intersection(own).list.len()
    union = pl.col("item_code").list.set_union(own).list.len()
    index = pl.when(pl.lit(bool(own)) & (union > 0)).then(common / union)
    return by_person.select(
        "person", index.alias("therapy_likeness"), pl.col("item_code").list.join("; ").alias("drugs")
    )


def _responses(tables: TableSet) -> pl.DataFrame:
    """Each patient's best recorded response."""
    rows = tables.frame("response", ["person", "category"]).drop_nulls()
    return rows.group_by("person").agg(
        pl.col("category").cast(pl.Enum(list(_RESPONSES)), strict=False).min().cast(pl.String).alias("best_response")
    )
