"""Lines of a VCF -> its records, checked, and the alleles at each site, each with its own annotation."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kohort.sources.laboratory.annotations import Annotator, split_annotations
from kohort.sources.laboratory.vcf_header import FIXED, Header
from kohort.sources.model import LINE, LineFinding

__all__ = ["alleles", "annotations_of", "info", "records", "separated"]

_BASES = "^[ACGTUNRYSWKMBDHVacgtunryswkmbdhv]+$"
_PLACEHOLDERS = ("", ".", "<NON_REF>", "<*>", "<X>")
"""Alternative alleles that say that nothing else was seen here, as in files of all sites."""
_BREAKEND = r"[\[\]]|^\.[A-Za-z]+$|^[A-Za-z]+\.$"


def records(lines: Sequence[str], header: Header) -> tuple[pl.DataFrame, list[LineFinding]]:
    """The records of a VCF.

    Args:
        lines: all physical lines of the file.
        header: its header.

    Returns:
        ``_line``, ``CHROM`` without chr, ``POS`` (int64), the other fixed columns, ``FORMAT`` and the samples as
        ``sample/0``, ``sample/1`` ..., all text; and a finding for each line that is no record.
    """
    columns = [*FIXED, *(["FORMAT"] if header.samples else []), *(f"sample/{n}" for n in range(len(header.samples)))]
    body = pl.DataFrame(
        {LINE: range(header.lines + 1, len(lines) + 1), "text": lines[header.lines :]},
        schema={LINE: pl.Int64(), "text": pl.String()},
    )
    told = body.filter((pl.col("text").str.strip_chars() != "") & ~pl.col("text").str.starts_with("#"))
    findings = _second_headers(body)
    cells = told["text"].str.count_matches("\t", literal=True) + 1
    garbled = told["text"].str.contains("\ufffd|\0")
    findings += _unread(told.filter((cells != len(columns)) | garbled), len(columns))
    told = told.filter((cells == len(columns)) & ~garbled)
    frame = _columns(told, columns)
    bad, broken = _faults(frame)
    return frame.filter(~bad).with_columns(_chromosome(), pl.col("POS").cast(pl.Int64)), findings + broken


def _columns(told: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The lines taken apart at their tabs; a VCF knows no quotes."""
    if not told.height:
        return pl.DataFrame(schema={LINE: pl.Int64(), **dict.fromkeys(columns, pl.String())})
    text = told["text"].str.join("\n")[0]
    read = pl.read_csv(
        text.encode(), separator="\t", has_header=False, quote_char=None, infer_schema=False,
        schema=dict.fromkeys(columns, pl.String()),
    )  # fmt: skip
    return pl.concat([told.select(LINE), read.fill_null("")], how="horizontal")


def _second_headers(body: pl.DataFrame) -> list[LineFinding]:
    again = body.filter(pl.col("text").str.starts_with("#CHROM"))[LINE]
    message = "A second header stands among the records: two files were joined. Its columns were taken as the first's."
    return [LineFinding(line, "warning", "second_header", message, "#CHROM") for line in again]


def _unread(told: pl.DataFrame, columns: int) -> list[LineFinding]:
    """Lines that are no records: cut, with a stray tab, or with bytes that are no text."""
    findings = []
    for line, text in told.iter_rows():
        cells = text.count("\t") + 1
        if cells < columns:
            rule, why = "too_few_columns", f"The line has {cells} columns, the header {columns}: it may be cut."
        elif cells > columns:
            rule, why = "too_many_columns", f"The line has {cells} columns, the header {columns}: remove the stray tab."
        else:
            rule, why = "not_text", "The line holds bytes that are no text."
        findings.append(LineFinding(line, "quarantined", rule, f"{why} Write the file again."))
    return findings


def _faults(frame: pl.DataFrame) -> tuple[pl.Series, list[LineFinding]]:
    """True for each record that cannot be used, and the finding why (the first reason counts)."""
    each = pl.col("ALT").str.split(",")
    allele = pl.element()
    named = (
        allele.is_in([*_PLACEHOLDERS, "*"]) | allele.str.contains(_BASES) | allele.str.contains("^<.+>$")
        | allele.str.contains(_BREAKEND)
    )  # fmt: skip
    rules = (
        ("CHROM", "missing_chromosome", pl.col("CHROM").is_in(["", "."]), "The line names no chromosome. Fill CHROM."),
        ("POS", "not_a_whole_number", ~pl.col("POS").str.contains(r"^\d{1,10}$"),
         "POS is not a whole number. Correct it."),
        ("REF", "no_bases", ~pl.col("REF").str.contains(_BASES), "REF holds no bases. Correct it."),
        ("ALT", "no_bases", ~each.list.eval(named).list.all(),
         "ALT is neither bases nor a symbolic allele nor a breakend. Correct it."),
    )  # fmt: skip
    flags = frame.select(bad.alias(str(n)) for n, (_, _, bad, _) in enumerate(rules))
    bad = flags.select(pl.any_horizontal(pl.all())).to_series()
    findings = []
    for place in bad.arg_true():
        column, rule, _, message = rules[flags.row(place).index(True)]
        findings.append(LineFinding(frame[LINE][place], "quarantined", rule, message, column, frame[column][place]))
    return bad, findings


def _chromosome() -> pl.Expr:
    bare = pl.col("CHROM").str.replace("(?i)^chr", "")
    return bare.replace({"23": "X", "24": "Y", "25": "MT", "M": "MT", "x": "X", "y": "Y"}).alias("CHROM")


def info(key: str) -> pl.Expr:
    """Value of an INFO field as text; null where the record lacks it or says ``.``."""
    value = pl.col("INFO").str.extract(rf"(?:^|;){key}=([^;]*)", 1)
    return pl.when(value != ".").then(value)


def separated(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """The records with the INFO field ``key`` in a column ``annotation`` of its own, null where a record lacks it.

    An annotation may be a thousand times as long as the rest of INFO, which is then searched for many keys: it is cut
    out once, at its literal key.
    """
    parts = frame["INFO"].str.splitn(f"{key}=", 2).struct.unnest()
    behind = parts["field_1"].str.splitn(";", 2).struct.unnest()
    before, value, rest = parts["field_0"], behind["field_0"], behind["field_1"].fill_null("")
    here = value.is_not_null() & ((before == "") | before.str.ends_with(";"))
    if (value.is_not_null() & ~here).any():  # another key ends in the same letters: the slow way
        value, here = frame.select(info(key)).to_series(), pl.Series([False]).new_from_index(0, frame.height)
    cut = frame.with_columns(value.alias("annotation"), (before + rest).alias("rest"), here.alias("here"))
    return cut.with_columns(
        pl.when(~pl.col("annotation").is_in(["", "."])).then(pl.col("annotation")).alias("annotation"),
        pl.when("here").then(pl.col("rest")).otherwise(pl.col("INFO")).alias("INFO"),
    ).drop("rest", "here")


def alleles(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[LineFinding]]:
    """One row for each alternative allele that was called.

    Args:
        frame: records.

    Returns:
        the records with ``record`` (their place), ``site_allele`` (from 0), ``site_alleles`` (how many), ``alt`` and
        ``structural`` (a symbolic allele or a breakend); and findings for alleles that are no change.
    """
    numbered = frame.with_row_index("record").with_columns(pl.col("ALT").str.split(",").alias("alt"))
    numbered = numbered.with_columns(
        pl.col("alt").list.len().alias("site_alleles"), pl.int_ranges(pl.col("alt").list.len()).alias("site_allele")
    )
    spread = numbered.explode("alt", "site_allele")
    absent = spread.filter(pl.col("alt") == "*")
    message = "The allele * says that a deletion that starts before spans this base; that deletion has its own line."
    findings = [LineFinding(n, "warning", "spanning_deletion", message, "ALT", "*") for n in absent[LINE]]
    same = spread.filter(pl.col("alt").str.to_uppercase() == pl.col("REF").str.to_uppercase())
    message = "The alternative bases are the reference bases: no change. The allele was left out; correct the line."
    findings += [
        LineFinding(n, "warning", "no_change", message, "ALT", alt) for n, alt in same.select(LINE, "alt").rows()
    ]
    dropped = pl.col("alt").is_in([*_PLACEHOLDERS, "*"]) | (
        pl.col("alt").str.to_uppercase() == pl.col("REF").str.to_uppercase()
    )
    kept = spread.filter(~dropped)
    return kept.with_columns((~pl.col("alt").str.contains(_BASES)).alias("structural")), findings


def annotations_of(
    frame: pl.DataFrame, called: pl.DataFrame, annotator: Annotator
) -> tuple[pl.DataFrame, list[LineFinding]]:
    """Each annotation with the allele that it is about.

    Args:
        frame: records, with their ``annotation``.
        called: what `alleles` gave for them.
        annotator: how they are annotated.

    Returns:
        what `split_annotations` gives, with ``site_allele`` and ``structural``; and a finding for each record with an
        annotation of an allele that it does not have.
    """
    parts = split_annotations(frame["annotation"], annotator)
    sites = called.select("record", "site_alleles").unique("record")
    parts = parts.join(sites, on="record", how="inner", maintain_order="left")
    single = parts.filter(pl.col("site_alleles") == 1)
    single = single.join(called.select("record", "site_allele"), on="record", how="left", maintain_order="left")
    several = parts.filter(pl.col("site_alleles") > 1)
    matched, lost = _matched(several, called, annotator)
    whole = pl.concat([single, matched], how="diagonal").join(
        called.select("record", "site_allele", "structural"), on=["record", "site_allele"], how="inner",
        maintain_order="left",
    )  # fmt: skip
    message = "An annotation is about an allele that the line does not have; it was left out. Annotate the file again."
    uneven = "An annotation has not as many fields as the header names; it may be cut. Annotate the file again."
    findings = _of_lines(frame, lost, "annotation_of_no_allele", message)
    return whole, findings + _of_lines(frame, parts.filter("uneven"), "uneven_annotation", uneven)


def _of_lines(frame: pl.DataFrame, parts: pl.DataFrame, rule: str, message: str) -> list[LineFinding]:
    """A finding for each line that has one of these annotations."""
    lines = frame[LINE].gather(parts["record"].unique(maintain_order=True)) if parts.height else ()
    return [LineFinding(line, "warning", rule, message, "INFO") for line in lines]


def _matched(parts: pl.DataFrame, called: pl.DataFrame, annotator: Annotator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Annotations of sites with several alleles, and those that are of none of them."""
    if not parts.height:
        return parts.with_columns(pl.lit(0, dtype=pl.Int64).alias("site_allele")), parts
    if "number" in parts.columns:
        place = pl.col("number").cast(pl.Int64, strict=False) - 1
        return parts.with_columns(place.alias("site_allele")).drop_nulls("site_allele"), parts.clear()
    sites = called.join(parts.select("record").unique(), on="record", how="semi")
    spellings = [
        (record, spelling, place)
        for record, ref, alts in sites.select("record", "REF", "ALT").unique("record").iter_rows()
        for spelling, place in _spellings(ref, alts.split(","), trims=annotator.tool == "VEP").items()
    ]
    names = pl.DataFrame(
        spellings,
        schema={"record": parts.schema["record"], "allele": pl.String(), "site_allele": pl.Int64()},
        orient="row",
    )
    found = parts.join(names, on=["record", "allele"], how="left", maintain_order="left")
    known = pl.col("site_allele").is_not_null()
    return found.filter(known), found.filter(~known)


def _spellings(ref: str, alts: Sequence[str], *, trims: bool) -> dict[str, int]:
    """How an annotation may name each allele, and the allele's place; of two that read the same, the likelier counts.

    VEP leaves out the first base of an insertion or deletion where all alleles of the site share it (``-`` for none
    left), and with ``--minimal`` all bases that an allele shares with the reference; SnpEff writes the allele as it is.
    """
    plain = list(alts)
    changed = [alt for alt in alts if alt != "*" and not alt.startswith("<")]
    shared = len({word[:1] for word in (ref, *changed)}) == 1 and any(len(alt) != len(ref) for alt in changed)
    trimmed = [(alt[1:] or "-") if alt in changed else alt for alt in alts] if shared else plain
    minimal = [_minimal(ref, alt) for alt in alts]
    found: dict[str, int] = {}
    for spelling in (trimmed, plain, minimal) if trims else (plain, trimmed, minimal):
        for place, name in enumerate(spelling):
            found.setdefault(name, place)
    return found


def _minimal(ref: str, alt: str) -> str:
    """The alternative bases without those that it shares with the reference at either end."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt = ref[1:], alt[1:]
    return alt or "-"
