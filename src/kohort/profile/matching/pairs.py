"""Which alterations fit which evidence: joins over distinct alterations, never a loop over patients.

A pair of alteration and evidence is found in three steps. Each distinct change is held against the rows of the
patterns' literals; patterns that ask for one thing are then done. Of the others the changes of one tumour are put
together: all that an option wants must be there, and nothing that it refuses. Where it is not known whether something
refused is there, because nobody looked, the pair stays and names what would settle it.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.matching.comparison import hits_of
from kohort.profile.matching.conditions import settle
from kohort.profile.matching.coverage import Coverage
from kohort.profile.matching.patterns import MATCH_LEVELS, Patterns, lay_out

__all__ = ["match_alterations"]

_KEY = ("gene_symbol", "kind", "alteration", "exon_number", "partner_symbol", "origin")
_VALUES = ("ref_residue", "position_residue", "end_residue", "alt_residues")
_ABSENT = ("wild type", "absent")
_ASKS = 100
"""Added to the rank of a fit that hangs on a fact that is not known."""

_OPTION = ("subject", "pattern", "option")
_FOUND = ("alteration_row", "pattern", "rank", "open_condition")


def match_alterations(
    alterations: pl.DataFrame, evidence: pl.DataFrame, coverage: Coverage | None = None, *, gene_level: bool = True
) -> pl.DataFrame:
    """Pairs of alteration and evidence that fit.

    Args:
        alterations: ``alteration_row`` (its number), ``subject`` (the tumour, whose alterations may complete or refuse
            a joined pattern), ``gene_symbol``, ``partner_symbol`` and the other columns of a normal form; ``origin``
            and ``inferred`` (see ``absences``) where there are any.
        evidence: ``evidence_row``, ``gene``, ``alteration`` and, where only such a change counts, ``origin``.
        coverage: what was looked at, in whom; None: nothing is known of that, so that nothing is known to be absent.
        gene_level: False leaves out matches of the whole gene.

    Returns:
        ``alteration_row``, ``evidence_row``, ``match_level`` and ``open_condition``, each pair once: with its closest
        level among the options that hold, or else among those that may. ``open_condition`` is null where the pattern
        holds, and else says which fact would settle it.
    """
    patterns = lay_out(evidence)
    given = _given(alterations)
    changes = _changes(given, patterns)
    hits = hits_of(changes.drop("alteration_row"), patterns)
    found = pl.concat([_simple(hits, changes, patterns), _joined(hits, changes, given, patterns, coverage)])
    if not gene_level:
        found = found.filter(pl.col("rank") % _ASKS != MATCH_LEVELS.index("gene"))
    names = dict(enumerate(MATCH_LEVELS))
    level = (pl.col("rank") % _ASKS).replace_strict(names, return_dtype=pl.Enum(MATCH_LEVELS))
    # One number to sort by is twice as fast as two.
    place = pl.col("alteration_row").cast(pl.UInt64) * 2**32 + pl.col("evidence_row").cast(pl.UInt64)
    return (
        found.join(patterns.evidence, on="pattern")
        .with_columns(place.alias("place"))
        .sort("place")
        .select("alteration_row", "evidence_row", level.alias("match_level"), "open_condition")
    )


def _given(alterations: pl.DataFrame) -> pl.DataFrame:
    """The alterations with the columns that a source may leave out."""
    defaults = {"origin": pl.lit(None, dtype=pl.String), "inferred": pl.lit(value=False)}
    return alterations.with_columns(
        value.alias(name) for name, value in defaults.items() if name not in alterations.columns
    )


def _changes(given: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """The distinct changes of genes that evidence names, each with its rows."""
    genes = patterns.leaves["gene_key"].unique().implode()
    named = pl.col("gene_symbol").fill_null("").is_in(genes) | pl.col("partner_symbol").is_in(genes)
    distinct = given.filter(named & pl.col("kind").is_not_null()).group_by(_KEY)
    return distinct.agg(*(pl.col(name).first() for name in _VALUES), "alteration_row").with_row_index("change")


def _simple(hits: pl.DataFrame, changes: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """Fits of patterns that ask for one thing, or for one of several."""
    simple = patterns.options.filter("is_simple").select("literal", "pattern")
    ranked = _held(hits).join(simple, on="literal").group_by("change", "pattern").agg(pl.col("rank").min())
    ranked = _of_origin(ranked, changes, patterns)
    asking = pl.col("rank") >= _ASKS
    return (
        ranked.join(changes.select("change", "gene_symbol", "alteration_row"), on="change")
        .with_columns(pl.when(asking).then(_partner_not_known()).alias("open_condition"))
        .explode("alteration_row")
        .select(_FOUND)
    )


def _held(hits: pl.DataFrame) -> pl.DataFrame:
    """Hits that hold, or hang on a fusion's partner alone, with their rank: levels that hold before those that hang."""
    rank = pl.col("level").cast(pl.UInt8) + pl.when("asks").then(_ASKS).otherwise(0).cast(pl.UInt8)
    return hits.filter(pl.col("sure") | pl.col("asks")).with_columns(rank.alias("rank"))


def _partner_not_known() -> pl.Expr:
    return pl.format("the partner of the {} fusion is not known", "gene_symbol")


def _of_origin(ranked: pl.DataFrame, changes: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """Without pairs whose evidence is on another origin; an origin that is not known may be the one."""
    if patterns.origins["p_origin"].null_count() == patterns.origins.height:
        return ranked
    other = pl.col("origin").is_in(["germline", "somatic"]) & (pl.col("origin") != pl.col("p_origin"))
    return (
        ranked.join(changes.select("change", "origin"), on="change")
        .join(patterns.origins, on="pattern")
        .filter(~other.fill_null(value=False))
        .drop("origin", "p_origin")
    )


def _joined(
    hits: pl.DataFrame, changes: pl.DataFrame, given: pl.DataFrame, patterns: Patterns, coverage: Coverage | None
) -> pl.DataFrame:
    """Fits of patterns that join or negate: the alterations of one tumour together."""
    options = patterns.options.filter(~pl.col("is_simple")).drop("is_simple")
    wanted = _wanted(hits, changes, given, options, patterns)
    anchors = pl.concat([wanted, _refusing(given, options, patterns)])
    refused = anchors.select(_OPTION).unique().join(options.filter(~pl.col("wanted")), on=["pattern", "option"])
    fails, opened = settle(refused.select("subject", "literal").unique(), hits, changes, given, patterns, coverage)
    failing = refused.join(fails, on=["subject", "literal"], how="semi")
    open_ones = refused.join(opened, on=["subject", "literal"]).select(*_OPTION, "open")
    conditions = (
        pl.concat([open_ones, _hanging(wanted)])
        .unique()
        .sort("open")
        .group_by(_OPTION, maintain_order=True)
        .agg(pl.col("open").str.join("; ").alias("open_condition"))
    )
    kept = _with_own(anchors.join(failing, on=_OPTION, how="anti").join(conditions, on=_OPTION, how="left"))
    is_open = pl.when(pl.col("open_condition").is_null()).then(0).otherwise(_ASKS).cast(pl.UInt8)
    return (
        kept.with_columns((pl.col("rank") % _ASKS + is_open).alias("rank"))
        .sort("rank", "open_condition")
        .unique(["alteration_row", "pattern"], keep="first")
        .select(_FOUND)
    )


def _wanted(
    hits: pl.DataFrame, changes: pl.DataFrame, given: pl.DataFrame, options: pl.DataFrame, patterns: Patterns
) -> pl.DataFrame:
    """Alterations in options of which the tumour has all that is wanted."""
    held = _of_origin(_held(hits).join(options.filter("wanted"), on="literal"), changes, patterns)
    best = held.group_by("change", "pattern", "option", "literal", "wanted_parts").agg(pl.col("rank").min())
    rows = (
        best.join(changes.select("change", "gene_symbol", "alteration_row"), on="change")
        .explode("alteration_row")
        .join(given.select("alteration_row", "subject"), on="alteration_row")
    )
    whole = rows.filter(pl.col("literal").n_unique().over(_OPTION) == pl.col("wanted_parts"))
    return whole.select(*_OPTION, "alteration_row", "literal", "gene_symbol", "rank")


def _hanging(wanted: pl.DataFrame) -> pl.DataFrame:
    """What an option hangs on: a literal of which every fit hangs on a partner that is not known."""
    best = pl.col("rank").min().over(*_OPTION, "literal")
    return wanted.filter(best >= _ASKS).select(*_OPTION, _partner_not_known().alias("open"))


def _with_own(kept: pl.DataFrame) -> pl.DataFrame:
    """The rows, each with what its own fit hangs on; another alteration may fit for certain, it may not."""
    hangs = pl.col("rank") >= _ASKS
    asked = pl.concat_list(pl.col("open_condition").str.split("; ").fill_null([]), _partner_not_known())
    hanging = kept.filter(hangs).with_columns(asked.list.unique().list.sort().list.join("; ").alias("open_condition"))
    return pl.concat([kept.filter(~hangs), hanging])


def _refusing(given: pl.DataFrame, options: pl.DataFrame, patterns: Patterns) -> pl.DataFrame:
    """What is absent, in options that want nothing."""
    pure = options.filter(pl.col("wanted_parts") == 0)
    texts = pl.DataFrame(
        [(n, patterns.literals[n].leaf.gene or "", patterns.literals[n].text) for n in pure["literal"].unique().sort()],
        schema={"literal": pl.UInt32, "gene": pl.String, "alteration": pl.String},
        orient="row",
    )
    absent = given.filter(pl.col("kind").is_in(_ABSENT)).select(
        "alteration_row", "subject", pl.col("gene_symbol").fill_null("").alias("gene"), "alteration"
    )
    return (
        absent.join(texts, on=["gene", "alteration"])
        .join(pure, on="literal")
        .select(
            *_OPTION, "alteration_row", "literal", pl.lit(None, dtype=pl.String).alias("gene_symbol"),
            pl.lit(0, dtype=pl.UInt8).alias("rank"),
        )
    )  # fmt: skip
