"""ClinVar's table of variants, ``variant_summary.txt`` or ``.txt.gz`` (https://www.ncbi.nlm.nih.gov/clinvar).

Two kinds of evidence come of a line: *predisposing*, from the germline classification of a variant that was seen in the
germline, and *oncogenic*, from the classification of oncogenicity. What is decided here:

- pathogenic and likely pathogenic is ``predisposing``, and so are risk alleles; benign is kept as ``unclear`` with its
  words, since it speaks for no risk and a board should see that it was judged; conflicts are ``unclear``;
- uncertain significance, drug response, association and the like say nothing on risk: left out and counted;
- a classification of clinical impact names a drug or an outcome nowhere in this table: counted;
- only genes of the table of cancer genes that travels with Kohort, and only changes that can be compared: a protein
  change, or the first or last two bases of an intron, which is the splice change of its codon (``c.68-1G>A`` is
  ``p.X23_splice``, as in a MAF); a protein change is the same in both assemblies, so each allele is taken once.

The level is the stars of review (https://www.ncbi.nlm.nih.gov/clinvar/docs/review_status). Landrum et al., Nucleic
Acids Res 2020, doi 10.1093/nar/gkz972. The data are in the public domain (NCBI asks to be cited).

The file has millions of lines: it is unpacked and read block by block, and worked on as columns.
"""

from __future__ import annotations

import io
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from kohort.codes import genes
from kohort.errors import InputError
from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.alterations.protein import ONE_LETTER
from kohort.profile.knowledge import reading
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Finding

__all__ = ["CLINVAR"]

_REQUIRED = ("#AlleleID", "Name", "GeneSymbol", "ClinicalSignificance", "LastEvaluated", "Origin", "Assembly",
             "ReviewStatus")  # fmt: skip
_OPTIONAL = ("VariationID", "PhenotypeList", "Oncogenicity", "OncogenicityLastEvaluated", "ReviewStatusOncogenicity",
             "SomaticClinicalImpact")  # fmt: skip
_BLOCK = 1 << 25
_STARS = {
    "practice guideline": "4", "reviewed by expert panel": "3",
    "criteria provided, multiple submitters, no conflicts": "2", "criteria provided, multiple submitters": "2",
    "criteria provided, conflicting classifications": "1", "criteria provided, conflicting interpretations": "1",
    "criteria provided, single submitter": "1",
}  # fmt: skip
_EVIDENCE = [name for name in EVIDENCE_SCHEMA if name not in {"pack", "pack_version"}]
_LONGEST_NOTE = 300


def _read(content: bytes, path: Path) -> Content:
    tally: Counter[str] = Counter()
    blocks = [_chosen(block, tally) for block in _blocks(content, path)]
    kept = pl.concat(blocks) if blocks else pl.DataFrame()
    day = reading.file_day(path)
    if kept.is_empty():
        return Content([], _drops(tally), tally["lines"], date=day)
    alleles = kept.sort("GRCh38", descending=True, maintain_order=True).unique("id", keep="first", maintain_order=True)
    read = _with_patterns(alleles)
    return Content(_rows(read, day), [*_drops(tally), *_odd(read)], tally["lines"], date=day)


CLINVAR = Format(
    name="clinvar",
    title="ClinVar's variant_summary",
    recognises=lambda _, text: {"#AlleleID", "ClinicalSignificance", "ReviewStatus"} <= reading.header_of(text),
    read=_read,
    source="ClinVar, National Center for Biotechnology Information, https://www.ncbi.nlm.nih.gov/clinvar",
    licence="Public domain (US government work; citation is asked for)",
    cite="Landrum et al., ClinVar: improvements to accessing data, Nucleic Acids Res 2020, doi 10.1093/nar/gkz972",
)
"""The table with one line for each allele, gene and assembly."""


def _blocks(content: bytes, path: Path) -> Iterator[pl.DataFrame]:
    """The table's columns that are used, block by block, all as text; a missing optional column is null."""
    header, rest = b"", b""
    names: list[str] = []
    for block in (*_unpacked(content, path), b"\n"):
        rest += block
        if not names:
            header, found, rest = rest.partition(b"\n")
            if not found:
                header, rest = b"", header
                continue
            names = header.decode("utf-8", "replace").strip("\r\ufeff").split("\t")
            _check(names, path)
        whole, found, rest = rest.rpartition(b"\n")
        if whole.strip():
            yield _frame(whole, names)
    if not names:
        _check([], path)


def _unpacked(content: bytes, path: Path) -> Iterator[bytes]:
    if not content.startswith(b"\x1f\x8b"):
        yield from (content[start : start + _BLOCK] for start in range(0, len(content), _BLOCK))
        return
    unpacker = zlib.decompressobj(wbits=31)
    waiting = content
    try:
        while waiting and not unpacker.eof:
            yield unpacker.decompress(waiting, _BLOCK)
            waiting = unpacker.unconsumed_tail
            if unpacker.eof and unpacker.unused_data.startswith(b"\x1f\x8b"):
                waiting, unpacker = unpacker.unused_data, zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise InputError("The file cannot be unpacked.", path=path, remedy="Fetch it again.") from error
    if not unpacker.eof:
        raise InputError("The file ends before its end; it is cut.", path=path, remedy="Fetch it again.")


def _check(names: list[str], path: Path) -> None:
    for name in _REQUIRED:
        if name not in names:
            raise InputError("The column is missing.", path=path, line=1, column=name,
                             remedy="Give ClinVar's variant_summary.txt or variant_summary.txt.gz.")  # fmt: skip


def _frame(block: bytes, names: list[str]) -> pl.DataFrame:
    """One block as columns of text; a line with another number of cells has nulls, and its allele is left out."""
    given = pl.read_csv(
        io.BytesIO(block), has_header=False, separator="\t", quote_char=None, infer_schema=False,
        new_columns=names, truncate_ragged_lines=True, encoding="utf8-lossy", schema=dict.fromkeys(names, pl.String()),
    )  # fmt: skip
    return given.select(
        *(pl.col(name).str.strip_chars() for name in _REQUIRED),
        *(
            pl.col(name).str.strip_chars() if name in names else pl.lit(None, dtype=pl.String).alias(name)
            for name in _OPTIONAL
        ),
    )


def _chosen(block: pl.DataFrame, tally: Counter[str]) -> pl.DataFrame:
    """Lines that say something and can be compared, one for each kind of evidence; all others are counted."""
    tally["lines"] += block.height
    table = block.with_columns(
        pl.col("Name").str.extract(r"\(([A-Za-z0-9-]+)\):").fill_null(pl.col("GeneSymbol")).alias("gene"),
        pl.col("Name").str.extract(r"\((p\.[^()]+)\)\s*$").alias("protein"),
        pl.col("Name").str.extract(r":c\.([0-9]+)[+-][12](?:[^0-9].*)?$").cast(pl.Int64, strict=False).alias("edge"),
        (pl.col("Assembly") == "GRCh38").alias("GRCh38"),
        pl.coalesce("VariationID", pl.concat_str(pl.lit("A"), "#AlleleID")).alias("number"),
    )
    known = pl.col("gene").is_in(list(_cancer_genes()))
    named = pl.col("protein").is_not_null() | pl.col("edge").is_not_null()
    tally["cut"] += table.filter(pl.col("Assembly").is_null()).height
    table = table.filter(pl.col("Assembly").is_not_null())
    tally["impact"] += table.filter(_given("SomaticClinicalImpact")).height
    tally["gene"] += table.filter(~known).height
    tally["change"] += table.filter(known & ~named).height
    table = table.filter(known & named)
    return pl.concat([_germline(table, tally), _oncogenic(table)])


def _germline(table: pl.DataFrame, tally: Counter[str]) -> pl.DataFrame:
    """Germline classifications of variants seen in the germline."""
    said = pl.col("ClinicalSignificance").str.to_lowercase()
    direction = (
        pl.when(said.str.contains("conflicting"))
        .then(pl.lit("unclear"))
        .when(said.str.contains("pathogenic") & said.str.contains("benign"))
        .then(pl.lit("unclear"))
        .when(said.str.contains("pathogenic|risk factor|established risk|likely risk"))
        .then(pl.lit("predisposing"))
        .when(said.str.contains("benign"))
        .then(pl.lit("unclear"))
    )
    inherited = pl.col("Origin").str.contains("germline|inherited|maternal|paternal|de novo")
    table = table.with_columns(direction.alias("direction"))
    tally["silent"] += table.filter(pl.col("direction").is_null() & ~_given("Oncogenicity")).height
    table = table.filter(pl.col("direction").is_not_null())
    tally["origin"] += table.filter(~inherited.fill_null(value=False)).height
    return table.filter(inherited).select(
        pl.concat_str(pl.lit("ClinVar:"), "number").alias("id"),
        pl.lit("predisposing").alias("evidence_type"), "direction", pl.lit("germline").alias("origin"), "gene",
        "protein", "edge", "number", "GRCh38", pl.col("ClinicalSignificance").alias("said"),
        pl.col("ReviewStatus").alias("review"), pl.col("LastEvaluated").alias("evaluated"), "PhenotypeList",
    )  # fmt: skip


def _oncogenic(table: pl.DataFrame) -> pl.DataFrame:
    """Classifications of oncogenicity."""
    said = pl.col("Oncogenicity").str.to_lowercase()
    direction = (
        pl.when(said.str.contains("conflicting|uncertain"))
        .then(pl.lit("unclear"))
        .when(said.str.contains("oncogenic"))
        .then(pl.lit("oncogenic"))
        .when(said.str.contains("benign"))
        .then(pl.lit("benign"))
        .otherwise(pl.lit("unclear"))
    )
    return table.filter(_given("Oncogenicity")).select(
        pl.concat_str(pl.lit("ClinVar:"), "number", pl.lit("/oncogenicity")).alias("id"),
        pl.lit("oncogenic").alias("evidence_type"), direction.alias("direction"), pl.lit("somatic").alias("origin"),
        "gene", "protein", "edge", "number", "GRCh38", pl.col("Oncogenicity").alias("said"),
        pl.col("ReviewStatusOncogenicity").alias("review"), pl.col("OncogenicityLastEvaluated").alias("evaluated"),
        pl.lit(None, dtype=pl.String).alias("PhenotypeList"),
    )  # fmt: skip


def _given(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & ~pl.col(column).is_in(["", "-"])


def _cancer_genes() -> frozenset[str]:
    return frozenset(gene.symbol for gene in genes.starter().approved.values())


def _with_patterns(alleles: pl.DataFrame) -> pl.DataFrame:
    """The alleles with gene and alteration in canonical text; each distinct text is read once."""
    short = pl.col("protein").str.replace_many(list(ONE_LETTER), list(ONE_LETTER.values()))
    at_edge = pl.concat_str(pl.lit("p.X"), (pl.col("edge") + 2) // 3, pl.lit("_splice"))
    return normalise_frame(alleles.with_columns(pl.coalesce(short, at_edge).alias("hgvs_p")))


def _rows(alleles: pl.DataFrame, day: str | None) -> pl.DataFrame:
    """The rows of evidence."""
    level = pl.col("review").str.to_lowercase().replace_strict(_STARS, default="0", return_dtype=pl.String())
    conditions = pl.col("PhenotypeList").str.replace_all(r"\|", "; ").str.slice(0, _LONGEST_NOTE)
    words = {
        "jurisdiction": pl.lit("international"),
        "level": level,
        "level_system": pl.lit("ClinVar"),
        "strength": level.replace_strict(LEVELS["ClinVar"], return_dtype=pl.String()),
        "gene": pl.col("gene_symbol"),
        "evidence_id": pl.col("id"),
        "source_id": _accession(),
        "source_date": _iso(pl.col("evaluated")).fill_null(day or reading.NOT_GIVEN),
        "note": pl.concat_str(pl.concat_str("said", pl.lit(".")), conditions, separator=" ", ignore_nulls=True),
    }
    made = alleles.with_columns(**words)
    missing = [name for name in _EVIDENCE if name not in made.columns]
    return made.with_columns(pl.lit(None, dtype=EVIDENCE_SCHEMA[name]).alias(name) for name in missing).select(
        pl.col(name).cast(EVIDENCE_SCHEMA[name]) for name in _EVIDENCE
    )


def _accession() -> pl.Expr:
    """ClinVar's accession of a variation; the number of the allele in tables that do not have it."""
    number = pl.col("number")
    return (
        pl.when(number.str.contains("^[0-9]+$"))
        .then(pl.concat_str(pl.lit("ClinVar VCV"), number.str.zfill(9)))
        .otherwise(pl.concat_str(pl.lit("ClinVar allele "), number.str.strip_prefix("A")))
    )


def _iso(day: pl.Expr) -> pl.Expr:
    """``Nov 27, 2023`` or ISO as ISO; null for anything else."""
    american = day.str.to_date("%b %d, %Y", strict=False).dt.to_string("%Y-%m-%d")
    return pl.coalesce(american, day.str.extract(r"^([12][0-9]{3}-[0-9]{2}-[0-9]{2})"))


def _drops(tally: Counter[str]) -> list[Finding]:
    """One finding for each reason for which lines were left out."""
    reasons = (
        ("cut", "Assembly", "The line is cut"),
        ("gene", "GeneSymbol", "The gene is not in the table of cancer genes"),
        ("change", "Name", "The line has neither a protein change nor a change at the edge of an intron"),
        ("silent", "ClinicalSignificance", "The classification says nothing on risk"),
        ("origin", "Origin", "The variant was not seen in the germline"),
    )
    found = [
        Finding(_many(tally[key], "line"), column, f"{what}; left out.", kept=False)
        for key, column, what in reasons
        if tally[key]
    ]
    if tally["impact"]:
        what = "The classification of clinical impact is not read."
        found.append(Finding(_many(tally["impact"], "line"), "SomaticClinicalImpact", what))
    return found


def _odd(alleles: pl.DataFrame) -> list[Finding]:
    """What is unclear or not understood among the alleles that were kept."""
    conflicts = alleles.filter(pl.col("said").str.to_lowercase().str.contains("conflicting")).height
    unread = alleles.filter(pl.col("kind") == "text")["id"].to_list()
    found = [Finding(own_id, "Name", "The alteration is not understood; it matches nothing.") for own_id in unread]
    if conflicts:
        what = "Classifications contradict each other; the effect is unclear."
        found.append(Finding(_many(conflicts, "row"), "ClinicalSignificance", what))
    return found


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
