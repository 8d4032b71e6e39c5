"""What a pattern refuses: known to be there, known not to be there, or which fact would tell.

Kleene's three values: a change that fits refutes; that none fits is known only if the tests of the right assay cover
the gene and every change found in it could be read; else it is unknown, and an unknown is never a no.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.alterations.kinds import PROTEIN_KINDS
from kohort.profile.matching.coverage import Coverage
from kohort.profile.matching.options import Literal
from kohort.profile.matching.patterns import Patterns

__all__ = ["UNREAD", "looks", "settle"]

UNREAD = (
    "text", "coding", "mutation", "activating mutation", "truncating", "loss of function", "codon",
)  # fmt: skip
"""Kinds of alterations that may be anything, or any one of a class: what they are not is not known."""

_MUTATION, _COPIES = ("mutation", "mutations"), ("copy_number", "copy number")
_REARRANGEMENT = ("structural_variant", "fusions")
_LOOKS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(PROTEIN_KINDS | {"mutation", "activating mutation", "truncating", "codon"}, (_MUTATION,)),
    **dict.fromkeys(("variant III", "kinase domain duplication", "exon loss"), (_REARRANGEMENT,)),
    **dict.fromkeys(("fusion", "intragenic rearrangement"), (_REARRANGEMENT,)),
    **dict.fromkeys(("amplification", "gain", "loss", "deletion", "copy neutral", "copy number variation"), (_COPIES,)),
    **dict.fromkeys(("loss of function", "biallelic inactivation"), (_MUTATION, _COPIES)),
    **dict.fromkeys(("expression", "overexpression", "underexpression"), (("expression", "expression"),)),
    "MSI": (("msi", "microsatellite instability"),),
    "TMB": (("tmb", "mutational burden"),),
}
_COPY_CALLS = ("copy neutral", "gain", "loss", "deletion", "amplification")
_UNREAD_ONE = "a variant of {} is not known in full"
_UNPLACED = "the place of a variant of {} is not known"
_NO_PARTNER = "the partner of the {} fusion is not known"


def looks(literal: Literal) -> tuple[tuple[str, str], ...]:
    """The assays that must have looked for a literal to be known absent, each with its word; none of an odd kind."""
    return _LOOKS.get(literal.leaf.kind, (("none", literal.leaf.kind),))


def settle(
    pairs: pl.DataFrame,
    hits: pl.DataFrame,
    changes: pl.DataFrame,
    given: pl.DataFrame,
    patterns: Patterns,
    coverage: Coverage | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Whether what is refused is there.

    Args:
        pairs: distinct ``subject`` and refused ``literal``.
        hits: changes and literals that fit or may fit.
        changes: distinct changes with their rows.
        given: the alterations.
        patterns: the patterns.
        coverage: what was looked at.

    Returns:
        the pairs that fail, since it is there, and the pairs of which it is not known, each with the sentences
        (``open``) on what would tell.
    """
    seen = _seen(pairs, hits, changes, given)
    gene = pl.col("gene_symbol")
    unknown = pl.when("asks").then(pl.format(_NO_PARTNER, gene)).otherwise(pl.format(_UNPLACED, gene))
    opened = [
        seen.filter(pl.col("sure").is_null()).select("subject", "literal", unknown.alias("open")),
        _unread(pairs.join(_genes(pairs, patterns), on="literal"), given),
        _not_looked_at(pairs, given, patterns, coverage),
    ]
    return seen.filter("sure").select("subject", "literal").unique(), pl.concat(opened).unique()


def _seen(pairs: pl.DataFrame, hits: pl.DataFrame, changes: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Alterations of the tumours that fit, or may fit, what is refused: ``sure`` and ``asks``, with their gene."""
    return (
        hits.join(pairs.select("literal").unique(), on="literal", how="semi")
        .join(changes.select("change", "gene_symbol", "alteration_row"), on="change")
        .explode("alteration_row")
        .join(given.select("alteration_row", "subject"), on="alteration_row")
        .join(pairs, on=["subject", "literal"], how="semi")
        .select("subject", "literal", "gene_symbol", "sure", "asks")
    )


def _genes(pairs: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """The gene of each literal asked for; of a fusion of two genes both."""
    asked = pairs["literal"].unique().sort().to_list()
    return pl.DataFrame(
        [(number, gene) for number in asked for gene in _genes_of(patterns.literals[number])],
        schema={"literal": pl.UInt32, "gene": pl.String},
        orient="row",
    )


def _unread(pairs: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Tumours with a variant of the gene that may be anything."""
    unread = given.filter(pl.col("kind").is_in(UNREAD)).select("subject", pl.col("gene_symbol").alias("gene")).unique()
    return pairs.join(unread, on=["subject", "gene"], how="semi").select(
        "subject", "literal", pl.format(_UNREAD_ONE, "gene").alias("open")
    )


def _not_looked_at(
    pairs: pl.DataFrame, given: pl.DataFrame, patterns: Patterns, coverage: Coverage | None
) -> pl.DataFrame:
    """Tumours in which nobody looked, with the sentence that says so."""
    rows = [
        (number, gene, assay, _sentence(literal, word), literal.text)
        for number in pairs["literal"].unique().sort()
        for literal in (patterns.literals[number],)
        for assay, word in looks(literal)
        for gene in _genes_of(literal)
    ]
    schema = {"literal": pl.UInt32} | dict.fromkeys(("gene", "assay", "open", "alteration"), pl.String)
    needed = pairs.join(pl.DataFrame(rows, schema=schema, orient="row"), on="literal")
    looked_at = [
        needed.join(_stated(given), on=["subject", "gene", "alteration"], how="semi"),
        needed.join(_called(given), on=["subject", "gene", "assay"], how="semi"),
    ]
    if coverage is not None and needed.height:
        looked_at.append(needed.join(coverage.covered(needed), on=["subject", "gene", "assay"], how="semi"))
    # Of a fusion of two genes it is enough that somebody looked at one of them.
    unknown = needed.join(pl.concat(looked_at), on=["subject", "literal", "assay"], how="anti")
    return unknown.select("subject", "literal", "open").unique()


def _genes_of(literal: Literal) -> tuple[str, ...]:
    leaf = literal.leaf
    return (leaf.gene or "",) if leaf.partner is None else (leaf.gene or "", leaf.partner)


def _sentence(literal: Literal, word: str) -> str:
    leaf = literal.leaf
    if leaf.partner is not None:
        return f"neither {leaf.gene} nor {leaf.partner} was tested for {word}"
    return f"{leaf.gene or 'the tumour'} was not tested for {word}"


def _stated(given: pl.DataFrame) -> pl.DataFrame:
    """What a source itself says is absent: ``subject``, ``gene``, ``alteration``."""
    said = given.filter(pl.col("kind").is_in(["wild type", "absent"]) & ~pl.col("inferred"))
    return said.select("subject", pl.col("gene_symbol").fill_null("").alias("gene"), "alteration").unique()


def _called(given: pl.DataFrame) -> pl.DataFrame:
    """Genes with a copy-number call, which is itself the test: ``subject``, ``gene``, ``assay``."""
    calls = given.filter(pl.col("kind").is_in(_COPY_CALLS))
    return calls.select(
        "subject", pl.col("gene_symbol").fill_null("").alias("gene"), pl.lit("copy_number").alias("assay")
    ).unique()
