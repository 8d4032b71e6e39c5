"""Which variants of a tumour call for a test of the germline: the recommendation of ESMO, variant by variant.

ESMO Precision Medicine Working Group (Kuzbari et al., Ann Oncol 2023, doi 10.1016/j.annonc.2022.12.003; the thresholds
of the share of reads from Mandelker et al., Ann Oncol 2019, doi 10.1093/annonc/mdz136). Follow-up is recommended for a
pathogenic variant of a listed gene with a share of reads of 0.30 or more (substitutions) or 0.20 or more (insertions
and deletions); of seven most actionable genes whatever the tumour, of the others in associated tumours, and of some
only in tumours diagnosed before the age of 30. Hypermutated tumours were left out of the data that it stands on.
Which tumours are associated with a gene is Kohort's own reading of the syndromes (``data/germline_genes.tsv``).

These findings are a table of their own: they are about the patient and the family, and never stand among the somatic
biomarkers.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.alterations.kinds import PROTEIN_KINDS, TRUNCATING
from kohort.profile.matching.tumours import relate
from kohort.profile.own_data import own_table
from kohort.profile.ranking.unmatched import FREQUENT, is_benign, is_pathogenic
from kohort.tables import HasTables, TableSet, tables_of

__all__ = ["GERMLINE_SCHEMA", "MINIMUM_VAF", "RECOMMENDATIONS", "germline_findings", "germline_genes"]

RECOMMENDATIONS = ("applies", "does not apply", "unknown")

MINIMUM_VAF = {"snv": 0.30, "indel": 0.20}
"""Least share of reads by class of variant."""

YOUNG = 30
"""Age at diagnosis below which some genes count."""

GERMLINE_SCHEMA: dict[str, pl.DataType] = {
    "person": pl.Int64(),
    "specimen": pl.Int64(),
    "test": pl.Int64(),
    "variant": pl.Int64(),
    "gene": pl.String(),
    "alteration": pl.String(),
    "vaf": pl.Float64(),
    "origin": pl.String(),
    "significance": pl.String(),
    "patient_tumour": pl.String(),
    "age": pl.Float64(),
    "actionability": pl.String(),
    "recommendation": pl.String(),
    "reason": pl.String(),
}
"""Columns of ``germline_findings``: ``age`` in years when the tumour was diagnosed, ``actionability`` of the gene by
the list (null where it is not on it), ``recommendation`` one of ``RECOMMENDATIONS``."""

SOURCE = "ESMO Precision Medicine Working Group 2023, doi 10.1016/j.annonc.2022.12.003"
"""What every row of ``germline_findings`` stands on."""

_VARIANT = (
    "person", "id", "test", "class", "gene", "partner", "hgvs_p", "classification", "copies", "exon", "vaf", "origin",
    "significance", "population_frequency",
)  # fmt: skip


def germline_genes() -> pl.DataFrame:
    """The list, one row a gene.

    Returns:
        ``gene``, ``actionability`` (most, high, standard), ``age`` (any, <30), ``alleles`` (variants needed),
        ``mechanism`` (loss, other) and ``tumours`` (OncoTree codes; ``*`` any, ``-`` none known).
    """
    names = ("gene", "actionability", "age", "alleles", "mechanism", "tumours")
    rows = pl.DataFrame(list(own_table("germline_genes.tsv")), schema=dict.fromkeys(names, pl.String()), orient="row")
    return rows.with_columns(pl.col("alleles").cast(pl.Int32))


def germline_findings(data: TableSet | HasTables) -> pl.DataFrame:
    """Variants that may be in the germline, with whether follow-up is recommended, and why or why not.

    A row stands for each small variant of a listed gene that alters the protein and is not called benign, unless a
    normal sample showed it to be somatic; and for each pathogenic variant that the test found in the germline, of any
    gene.

    Args:
        data: a site or a table set; reads variant, test, specimen, tumour and person.

    Returns:
        columns of ``GERMLINE_SCHEMA``, sorted by person, gene and variant. A condition that cannot be checked makes the
        recommendation unknown, unless another one fails.
    """
    tables = tables_of(data)
    variants = tables.frame("variant", _VARIANT).filter(pl.col("class").is_in(["snv", "indel"]))
    normal = normalise_frame(variants).rename({"id": "variant"}).drop("gene")
    listed = normal.join(
        germline_genes().rename({"gene": "gene_symbol", "age": "age_rule"}), on="gene_symbol", how="left"
    )
    germline = (pl.col("origin") == "germline").fill_null(value=False)
    judged = listed.with_columns(_pathogenic().alias("pathogenic"))
    judged = judged.with_columns((germline & pl.col("pathogenic")).fill_null(value=False).alias("confirmed"))
    on_list = pl.col("actionability").is_not_null() & pl.col("kind").is_in(sorted(PROTEIN_KINDS)) & ~is_benign()
    placed = _placed(tables, judged.filter(pl.col("confirmed") | on_list))
    excluded = ((pl.col("origin") == "somatic") & pl.col("matched_normal")).fill_null(value=False)
    return (
        _recommended(placed.filter(pl.col("confirmed") | ~excluded))
        .with_columns(pl.col("gene_symbol").alias("gene"))
        .select(pl.col(name).cast(kind) for name, kind in GERMLINE_SCHEMA.items())
        .sort("person", "gene", "variant", nulls_last=True)
    )


def _pathogenic() -> pl.Expr:
    """Whether a variant is pathogenic: called so, or a truncation of a gene whose loss does harm; null: nobody says."""
    truncation = pl.col("kind").is_in(sorted(TRUNCATING)) & (pl.col("mechanism") == "loss")
    frequent = (pl.col("population_frequency") >= FREQUENT).fill_null(value=False)
    return (
        pl.when(is_pathogenic()).then(True)
        .when(frequent | is_benign()).then(False)
        .when(truncation).then(True)
        .when(pl.col("significance").is_not_null()).then(False)
    )  # fmt: skip


def _placed(tables: TableSet, variants: pl.DataFrame) -> pl.DataFrame:
    """Variants with specimen, whether a normal sample was read, the tumour's code, and the age at its diagnosis."""
    tests = tables.frame("test", ["id", "specimen"]).rename({"id": "test"})
    specimens = tables.frame("specimen", ["id", "tumour", "matched_normal"]).rename({"id": "specimen"})
    tumours = _tumours(tables)
    alone = tumours.filter(pl.len().over("person") == 1).select(
        "person", pl.col("patient_tumour", "age").name.prefix("only_")
    )
    return (
        variants.join(tests, on="test", how="left")
        .join(specimens, on="specimen", how="left")
        .join(tumours, on=["person", "tumour"], how="left")
        .join(alone, on="person", how="left")
        .with_columns(
            pl.when(pl.col("tumour").is_null()).then(f"only_{name}").otherwise(name).alias(name)
            for name in ("patient_tumour", "age")
        )
    )


def _tumours(tables: TableSet) -> pl.DataFrame:
    """Tumours with OncoTree code and age at diagnosis in years: as stated, else from the days or dates of both."""
    people = tables.frame("person", ["id", "birth", "birth_precision", "birth_day"]).rename({"id": "person"})
    columns = ["person", "id", "oncotree_code", "age_at_diagnosis", "diagnosed", "diagnosed_precision", "diagnosed_day"]
    tumours = tables.frame("tumour", columns).join(people, on="person", how="left")
    dated = (pl.col("diagnosed") - pl.col("birth")).dt.total_days() / 365.25
    to_the_day = (pl.col("diagnosed_precision") == 3) & (pl.col("birth_precision") == 3)
    # A year or month alone leaves the age open by up to a year; only at the threshold does that matter.
    sure = pl.when(to_the_day | ((dated - YOUNG).abs() > 1)).then(dated)
    return tumours.select(
        "person",
        pl.col("id").alias("tumour"),
        pl.col("oncotree_code").alias("patient_tumour"),
        pl.coalesce(
            pl.col("age_at_diagnosis").cast(pl.Float64), (pl.col("diagnosed_day") - pl.col("birth_day")) / 365.25, sure
        ).alias("age"),
    )


def _recommended(found: pl.DataFrame) -> pl.DataFrame:
    """Candidates with recommendation and reason: the first condition that fails, else all that cannot be checked."""
    judged = found.with_columns(_associated(found))
    conditions = [(truth.alias(f"_{number}"), no, unknown) for number, (truth, no, unknown) in enumerate(_conditions())]
    judged = judged.with_columns(truth for truth, _, _ in conditions)
    fails = [
        pl.when(pl.col(f"_{number}").not_()).then(no if isinstance(no, pl.Expr) else pl.lit(no))
        for number, (_, no, _) in enumerate(conditions)
    ]
    gaps = [
        pl.when(pl.col(f"_{number}").is_null()).then(pl.lit(unknown))
        for number, (_, _, unknown) in enumerate(conditions)
    ]
    failed, open_ = pl.coalesce(fails), pl.concat_str(gaps, separator=" ", ignore_nulls=True).replace("", None)
    listed = pl.col("actionability").is_not_null()
    return judged.with_columns(
        pl.when(pl.col("confirmed")).then(pl.when(listed).then(pl.lit("applies")).otherwise(pl.lit("does not apply")))
        .when(failed.is_not_null()).then(pl.lit("does not apply"))
        .when(open_.is_not_null()).then(pl.lit("unknown"))
        .otherwise(pl.lit("applies")).alias("recommendation"),
        pl.when(pl.col("confirmed") & listed).then(pl.lit("Pathogenic, and found in the germline by the test itself."))
        .when(pl.col("confirmed")).then(
            pl.lit("Pathogenic, and found in the germline by the test itself; the gene is not on the list.")
        )
        .otherwise(pl.coalesce(failed, open_, pl.lit("All conditions of the recommendation are met."))).alias("reason"),
    )  # fmt: skip


def _conditions() -> list[tuple[pl.Expr, str | pl.Expr, str]]:
    """Each condition: its truth, what to say where it fails, and where it cannot be checked."""
    least = pl.col("class").replace_strict(MINIMUM_VAF, return_dtype=pl.Float64())
    together = ["person", "specimen", "gene_symbol"]
    certain, possible = (pl.col("pathogenic").fill_null(value=value).sum().over(together) for value in (False, True))
    enough = (
        pl.when(certain >= pl.col("alleles")).then(True)
        .when((possible < pl.col("alleles")) & (pl.col("alleles") > 1)).then(False)
        .when(pl.col("alleles") == 1).then(True)
    )  # fmt: skip
    return [
        (pl.col("pathogenic"), "Not called pathogenic.", "No source says whether the variant is pathogenic."),
        (
            pl.col("vaf") >= least,
            pl.concat_str(pl.lit("Share of reads below "), pl.format("{}0", least), pl.lit(".")),
            "The share of reads is not given.",
        ),
        (
            enough,
            "Two pathogenic variants are needed, one was found.",
            "Whether two pathogenic variants are there is not known.",
        ),
        (
            pl.col("associated"),
            "The tumour is not associated with the gene.",
            "Whether the tumour is associated with the gene is not known.",
        ),
        (
            pl.when(pl.col("age_rule") == "any").then(True).otherwise(pl.col("age") < YOUNG),
            "Only for tumours diagnosed before the age of 30.",
            "The age at diagnosis is not known.",
        ),
    ]


def _associated(found: pl.DataFrame) -> pl.Series:
    """``associated``: whether the patient's tumour is one of those of the gene; null where that cannot be said."""
    asked = found.select("patient_tumour", "tumours")
    distinct = asked.unique()
    answers = [_is_associated(code, tumours) for code, tumours in distinct.iter_rows()]
    known = distinct.with_columns(pl.Series("associated", answers, dtype=pl.Boolean()))
    return asked.join(known, on=["patient_tumour", "tumours"], how="left", nulls_equal=True, maintain_order="left")[
        "associated"
    ]


def _is_associated(code: str | None, tumours: str | None) -> bool | None:
    if tumours == "*":
        return True
    if tumours in {None, "-"}:
        return None
    relation = relate(code, tumours, None)
    return None if relation in {"unknown", "ancestor"} else relation in {"exact", "descendant"}
