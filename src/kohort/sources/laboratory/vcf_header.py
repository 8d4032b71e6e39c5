"""What the header of a VCF says: its columns, who the tumour is, the genome build, where annotations stand.

Rules of VCF 4.x (https://samtools.github.io/hts-specs/VCFv4.3.pdf). Which genome build a file is of has no agreed
place; it is read from every line that names one, and from the lengths of the contigs, which differ between builds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["FIXED", "Header", "build_of", "builds_in", "longest_positions", "read_header"]

FIXED = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
"""The eight columns of every VCF."""

_LENGTHS = {
    "GRCh37": (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431, 135534747,
        135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248, 59128983, 63025520,
        48129895, 51304566, 155270560, 59373566,
    ),
    "GRCh38": (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717, 133797422,
        135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285, 58617616, 64444167,
        46709983, 50818468, 156040895, 57227415,
    ),
}  # fmt: skip
"""Lengths of chromosomes 1-22, X and Y (Genome Reference Consortium)."""
_NAMES = (*map(str, range(1, 23)), "X", "Y")
_BUILD = re.compile(
    r"(?<![A-Za-z0-9])(?:GRCh|NCBI|hg|hs|b|human_g1k_v|build|assembly)[_ .]?(37|38|19)(?![0-9])", re.IGNORECASE
)
_RELEASES = {"37": "GRCh37", "19": "GRCh37", "38": "GRCh38"}
_BUILD_LINES = re.compile(
    r"##(?:reference|new_reference_genome|assembly|VEP|SnpEffCmd|SnpEffVersion|ref|genome|DRAGENCommandLine)\b",
    re.IGNORECASE,
)
_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,>]*)')


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a VCF.

    Attributes:
        lines: physical lines up to and with the line of column names.
        samples: names of the sample columns, in order.
        info: id of each declared INFO field to its description.
        formats: ids of the declared FORMAT fields.
        tumours: samples that the caller names as tumour.
        normals: samples that the caller names as normal.
        builds: genome builds that lines of the header name, each with the first line (from 1) that does.
    """

    lines: int
    samples: tuple[str, ...]
    info: dict[str, str]
    formats: frozenset[str]
    tumours: tuple[str, ...]
    normals: tuple[str, ...]
    builds: dict[str, int]

    @property
    def build(self) -> str | None:
        """The genome build, if the header names exactly one."""
        return next(iter(self.builds)) if len(self.builds) == 1 else None


def read_header(lines: Sequence[str]) -> Header | None:
    """The header of a VCF; None where the line of column names (``#CHROM``) is missing or wrong.

    Args:
        lines: the file's physical lines.
    """
    end = next((n for n, line in enumerate(lines) if not line.startswith("##")), len(lines))
    names = lines[end].rstrip().split("\t") if end < len(lines) else []
    if tuple(name.upper() for name in names[:8]) != ("#CHROM", *FIXED[1:]):
        return None
    meta = lines[:end]
    info = {field["ID"]: field.get("Description", "") for field in _declared(meta, "INFO")}
    return Header(
        lines=end + 1,
        samples=tuple(names[9:]),
        info=info,
        formats=frozenset(field["ID"] for field in _declared(meta, "FORMAT")),
        tumours=_named(meta, "tumor_sample", "tumour_sample"),
        normals=_named(meta, "normal_sample"),
        builds=builds_in(meta),
    )


def _declared(meta: Sequence[str], what: str) -> Iterator[dict[str, str]]:
    """The fields of each ``##what=<...>`` line that has an ID."""
    start = f"##{what}=<"
    for line in meta:
        if line.startswith(start):
            fields = {name: value.strip('"') for name, value in _FIELD.findall(line[len(start) :])}
            if "ID" in fields:
                yield fields


def _named(meta: Sequence[str], *keys: str) -> tuple[str, ...]:
    """Values of ``##key=value`` lines."""
    pairs = (line[2:].partition("=") for line in meta)
    return tuple(dict.fromkeys(value.strip() for key, _, value in pairs if key.strip().lower() in keys))


def build_of(text: str) -> str | None:
    """The genome build that a word, a path or a file name names; None for none or another."""
    found = {_RELEASES.get(number) for number in _BUILD.findall(text)} - {None}
    return found.pop() if len(found) == 1 else None


def builds_in(meta: Sequence[str]) -> dict[str, int]:
    """Genome builds that header lines name, each with the first line (from 1) that does.

    A line that tells of a lift from one build to another names both and counts for neither.
    """
    found: dict[str, int] = {}
    for number, line in enumerate(meta, start=1):
        build = None
        if line.startswith("##contig=<"):
            build = _contig_build(line)
        elif _BUILD_LINES.match(line):
            build = build_of(line)
        if build is not None:
            found.setdefault(build, number)
    return found


def _contig_build(line: str) -> str | None:
    """The build of a ``##contig`` line: by its length, which is exact, else by its assembly."""
    fields = dict(_FIELD.findall(line[len("##contig=<") :]))
    name = fields.get("ID", "").removeprefix("chr")
    length = fields.get("length", "")
    if name in _NAMES and length.isdigit():
        place = _NAMES.index(name)
        for build, lengths in _LENGTHS.items():
            if lengths[place] == int(length):
                return build
    return build_of(fields.get("assembly", ""))


def longest_positions(build: str) -> dict[str, int]:
    """Chromosome (1-22, X, Y) to its length in a genome build."""
    return dict(zip(_NAMES, _LENGTHS[build], strict=True))
