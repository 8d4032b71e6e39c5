"""Rules for lines that contradict each other, their own columns, or another file of the study.

None of them sets a line aside: which side is wrong is for people to find out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from kohort.codes import genes
from kohort.sources.cbioportal.context import BUILDS, Study
from kohort.sources.cbioportal.mapping import LineCheck, clean
from kohort.sources.protein_columns import disagree

__all__ = ["beside_panel", "columns_disagree", "matrix_beside_panel", "mixed_builds"]

_PANEL = (
    "The gene is not in the gene list of the panel that the sample was tested with. The line was kept; correct the "
    "panel's list, or the panel of the sample."
)


def mixed_builds(frame: pl.DataFrame, study: Study) -> list[LineCheck]:
    """The rule that all lines of the mutation file are of one genome build, that of its first line."""
    if study.genome_build is None or "NCBI_BUILD" not in frame.columns:
        return []
    build = clean("NCBI_BUILD").str.strip_chars().str.to_uppercase().replace(BUILDS)
    message = (
        f"The line is of another genome build than the first line of the file ({study.genome_build}); positions of the "
        "two do not mean the same place. Lift one part over, or deliver two files."
    )
    return [LineCheck("mixed_builds", "NCBI_BUILD", build != study.genome_build, message, "warning")]


def columns_disagree(frame: pl.DataFrame) -> list[LineCheck]:
    """The rule that HGVSp_Short and HGVSp name the same change of the protein."""
    if not {"HGVSP_SHORT", "HGVSP"} <= set(frame.columns):
        return []
    both = frame.select(pl.struct(clean("HGVSP_SHORT").alias("short"), clean("HGVSP").alias("long")).alias("both"))
    distinct = both.unique().unnest("both").drop_nulls()
    odd = distinct.filter(pl.Series([disagree(short, long) for short, long in distinct.iter_rows()], dtype=pl.Boolean))
    named = both.unnest("both").join(odd.with_columns(pl.lit(value=True).alias("odd")), on=["short", "long"],
                                     how="left", maintain_order="left")["odd"]  # fmt: skip
    message = (
        "HGVSp_Short and HGVSp name different changes of the protein (perhaps of two transcripts); HGVSp_Short was "
        "taken. Find out which is right and correct the other."
    )
    shown = pl.concat_str([pl.col("HGVSP_SHORT"), pl.col("HGVSP")], separator=" / ")
    return [LineCheck("columns_disagree", "HGVSP", pl.lit(named), message, "warning", shown)]


def beside_panel(frame: pl.DataFrame, study: Study, assay: str, sample: str, *names: str) -> list[LineCheck]:
    """The rule that a gene in which something was found is on the panel of its sample; one of several is enough.

    Args:
        frame: lines.
        study: the study.
        assay: what was read.
        sample: column with the sample.
        names: columns with genes.
    """
    tested = study.tested.get(assay)
    columns = [name for name in names if name in frame.columns]
    if tested is None or not tested.height or not columns or not frame.height:
        return []
    owned = frame.select(pl.col(sample).alias("SAMPLE_ID"), *columns)
    owned = owned.join(tested, on="SAMPLE_ID", how="left", maintain_order="left").drop("SAMPLE_ID")
    distinct = owned.unique().drop_nulls("PANEL")
    lists = _symbols(study.panels)
    odd = [row for row in distinct.iter_rows() if _is_beside(row[:-1], lists[row[-1]])]
    if not odd:
        return []
    wrong = pl.DataFrame(odd, schema=distinct.schema, orient="row").with_columns(pl.lit(value=True).alias("odd"))
    hit = owned.join(wrong, on=owned.columns, how="left", nulls_equal=True, maintain_order="left")["odd"]
    return [LineCheck("panel_contradicts", columns[0], pl.lit(hit), _PANEL, "warning")]


def matrix_beside_panel(frame: pl.DataFrame, study: Study, samples: Mapping[str, str]) -> list[LineCheck]:
    """The same rule for a matrix of copy numbers: genes with a call other than neutral in a sample.

    Args:
        frame: lines, one a gene, with a column for each sample.
        study: the study.
        samples: column to sample id.
    """
    tested = study.tested.get("copy_number")
    if tested is None or not tested.height or not frame.height:
        return []
    panels = dict(tested.select("SAMPLE_ID", "PANEL").iter_rows())
    lists = _symbols(study.panels)
    flags = []
    for panel in dict.fromkeys(panels.values()):
        columns = [column for column, sample in samples.items() if panels.get(sample) == panel]
        lacking = [gene is not None and _is_beside([gene], lists[panel]) for gene in frame["HUGO_SYMBOL"]]
        if columns and any(lacking):
            called = pl.any_horizontal(clean(column).fill_null("0") != "0" for column in columns)
            flags.append(pl.lit(pl.Series(lacking)) & called)
    return [LineCheck("panel_contradicts", "HUGO_SYMBOL", pl.any_horizontal(flags), _PANEL, "warning")] if flags else []


def _symbols(panels: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    return {panel: frozenset(map(_symbol, listed)) for panel, listed in panels.items()}


def _symbol(name: str) -> str:
    """The approved symbol, so that an earlier name on either side is no contradiction."""
    gene = genes.resolve(name)
    return name.strip().upper() if gene is None else gene.symbol.upper()


def _is_beside(named: Sequence[str | None], listed: frozenset[str]) -> bool:
    found = [_symbol(name) for name in named if name is not None and name.strip()]
    return bool(found) and listed.isdisjoint(found)
