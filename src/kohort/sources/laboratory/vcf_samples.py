"""Which column of a VCF is the tumour, and which sample a file without sample names is of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kohort.sources.laboratory.model import Facts, Sheet
from kohort.sources.laboratory.vcf_header import Header
from kohort.sources.model import LineFinding

__all__ = ["Tumour", "facts_of", "sample_of_file", "tumours_of"]

_NOBODY = re.compile(r"(?:t|tumou?r|sample\d*|unknown|default|\d{1,2}|none|na)(?:_(?:dna|rna))?", re.IGNORECASE)
"""Names of columns that callers write where nobody told them the sample's id."""
_ENDINGS = re.compile(
    r"[-_](?:cna|cnv|segments?|fusions?|expression|tpm|variants?|snv|indels?|all_thresholded)$", re.IGNORECASE
)
_PCGR = re.compile(r"^(.+?)\.(?:(?:pcgr|pcgr_acmg|cpsr)\.)?grch3[78]\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tumour:
    """A tumour in a VCF.

    Attributes:
        sample: id of the sample.
        column: its place among the sample columns; None if it has none of its own.
        paired: True if the caller names the normal sample that it was compared with.
    """

    sample: str
    column: int | None
    paired: bool


def _known(sheet: Sheet) -> frozenset[str]:
    return frozenset({*sheet.patients, *sheet.tumours, *sheet.panels, *sheet.builds}) - {"*"}


def facts_of(header: Header) -> dict[str, Facts]:
    """What the header says of its samples: their genome build; columns without a name of their own are left out."""
    if header.build is None:
        return {}
    named = (name for name in header.samples if not _NOBODY.fullmatch(name) and name.lower() != "normal")
    told = Facts({"genome_build": header.build})
    return {name: told for name in named if name not in header.normals}


def sample_of_file(path: Path, sheet: Sheet) -> str:
    """The sample of a file that names none: one of the sheet with which the file's name begins, else its first part.

    PCGR names its files ``<sample>.<genome build>.<content>``; others put what it is behind the sample with a dash.
    """
    begins = [name for name in _known(sheet) if re.match(rf"{re.escape(name)}(?![A-Za-z0-9])", path.name)]
    if begins:
        return max(begins, key=len)
    pcgr = _PCGR.match(path.name)
    return pcgr.group(1) if pcgr else _ENDINGS.sub("", path.name.split(".")[0])


def tumours_of(header: Header, path: Path, sheet: Sheet) -> tuple[list[Tumour], list[LineFinding]]:
    """The tumours of a VCF, and a finding if its columns do not tell which they are.

    In this order: columns that the sheet names, the one that the caller's header names, the only one, the one called
    tumour, the one beside the normal. A column without a name of its own takes the sample from the file's name.
    """
    names, known = header.samples, _known(sheet)
    other = [n for n, name in enumerate(names) if name not in header.normals and name.lower() != "normal"]
    paired = len(other) == 1 < len(names)
    listed = [n for n in other if names[n] in known]
    declared = [n for n in other if names[n] in header.tumours]
    both = [n for n in listed if n in declared]
    named = [n for n in other if names[n].lower() in ("tumor", "tumour")]
    found = both or listed or declared or (other if len(other) == 1 else named)
    whole = sample_of_file(path, sheet)
    if found:
        return [Tumour(_name(names[n], whole, path, known), n, paired) for n in found], []
    if not names:
        return [Tumour(whole, None, paired=False)], []
    message = (
        "The file has several samples and nothing says which is the tumour, so depth and share of reads were not "
        "taken. Name it in samples.tsv (SAMPLE_ID), or in the header: ##tumor_sample=NAME."
    )
    finding = LineFinding(header.lines, "warning", "unknown_tumour_column", message, "#CHROM")
    return [Tumour(whole, None, paired=False)], [finding]


def _name(column: str, whole: str, path: Path, known: frozenset[str]) -> str:
    """The sample's id: the column's name, unless the sheet knows only the file's, or the column has none."""
    if column in known:
        return column
    by_file = whole in known or _NOBODY.fullmatch(column) or _PCGR.match(path.name)
    return whole if by_file else column
