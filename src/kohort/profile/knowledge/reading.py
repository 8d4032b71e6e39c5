"""What the readers of knowledge have in common: bytes to lines, names to codes, statements to patterns."""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kohort.codes import dates, drugs, genes
from kohort.errors import InputError
from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.function import known_functions
from kohort.profile.alterations.logic import leaves
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.knowledge.diseases import Tumour, tumour_of
from kohort.profile.knowledge.pack import Finding

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

__all__ = [
    "NOT_GIVEN",
    "Line",
    "Pattern",
    "coded_tumour",
    "count_of",
    "counted",
    "day_of",
    "digest",
    "drug_name",
    "file_day",
    "header_of",
    "is_read",
    "joined",
    "oncogenic_class",
    "pattern",
    "pattern_findings",
    "text_of",
    "tsv_lines",
]

NOT_GIVEN = "not given"
"""The date or the drug of a statement that names none."""

LONGEST_PATTERN = 400
"""Characters of one pattern that are read; longer lists become several rows."""

MOST_JOINS = 40
"""Words *or*, *and* and *not* of one pattern that are read."""

_JOIN = re.compile(r"\b(?:or|and|not)\b")
_GZIP = b"\x1f\x8b"
_UNREAD = "The alteration is not understood; it matches nothing."
_UNKNOWN_GENE = "The gene is not known to HGNC; it is matched as written."
_DAY = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])(?![0-9])")
_MONTH = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_](0[1-9]|1[0-2])(?![0-9])")
_US_DAY = re.compile(r"(0?[1-9]|1[0-2])/(0?[1-9]|[12][0-9]|3[01])/((?:19|20)?[0-9]{2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMED_DAY = re.compile(rf"({'|'.join(_MONTHS)})[a-z]* ([0-9]{{1,2}}),? ((?:19|20)[0-9]{{2}})", re.IGNORECASE)
_NIGHTLY_DAY = re.compile(r"(?<![0-9])([0-3]?[0-9])-([A-Za-z]{3})-((?:19|20)[0-9]{2})(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    Attributes:
        number: physical line, 1-based.
        cells: cell by column, trimmed; columns in lower case.
    """

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell of a column; empty where the table has no such column."""
        return self.cells.get(column, "")

    def first(self, *columns: str) -> str:
        """The first cell that is not empty."""
        return next((self.cells[name] for name in columns if self.cells.get(name)), "")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a statement needs of a tumour, in canonical text.

    Attributes:
        gene: HGNC symbol, or as written; None for a marker of the whole genome.
        text: canonical text.
        read: the alteration that the text means.
    """

    gene: str | None
    text: str
    read: Alteration


def text_of(content: bytes, path: Path) -> str:
    """The text of a file, compressed by gzip or not.

    Raises:
        InputError: damaged compression, or bytes that are not UTF-8, with the line.
    """
    try:
        plain = gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise InputError("The file cannot be unpacked; it may be cut.", path=path, remedy="Fetch it again.") from error
    try:
        return plain.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = plain.count(b"\n", 0, error.start) + 1
        raise InputError("The file is not UTF-8.", path=path, line=number, remedy="Save it as UTF-8.") from error


def header_of(text: str) -> frozenset[str]:
    """Column names of a tab-separated table, as written; ``#`` lines before them are skipped."""
    lines = (line for line in text.splitlines() if line.strip() and not (line[0] == "#" and "\t" not in line))
    return frozenset(name.strip().strip('"') for name in next(lines, "").split("\t"))


def tsv_lines(
    text: str, path: Path, required: Iterable[str], findings: list[Finding], *, quoted: bool = False
) -> Iterator[Line]:
    """Lines of a tab-separated table; ``#`` lines before the header are skipped, a cut line is a finding.

    Args:
        text: the table.
        path: for errors.
        required: columns that the header must have, in any case of letters.
        findings: receives a finding for each line that is left out.
        quoted: True where a spreadsheet may have put cells in quotes; elsewhere a quote is a character as others.

    Raises:
        InputError: a column is missing, or a quote that is not closed swallows the table.
    """
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=quoting)
    try:
        yield from _lines(reader, path, required, findings)
    except csv.Error as error:
        raise InputError(
            "A cell does not end; a quote may not be closed.", path=path, line=reader.line_num,
            remedy="Mend the quotes, or save the table without them.",
        ) from error  # fmt: skip


def _lines(reader: CsvReader, path: Path, required: Iterable[str], findings: list[Finding]) -> Iterator[Line]:
    header = next((cells for cells in reader if any(cells) and not (cells[0][:1] == "#" and len(cells) == 1)), [])
    names = [name.strip().lower() for name in header]
    for name in required:
        if name.lower() not in names:
            raise InputError("The column is missing.", path=path, line=reader.line_num, column=name,
                             remedy="Give the file as its source publishes it.")  # fmt: skip
    for cells in reader:
        if len(cells) == len(names):
            yield Line(reader.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=True)})
        elif any(cells):
            what = f"The line has {len(cells)} cells, the header {len(names)}; it is left out."
            findings.append(Finding(f"line {reader.line_num}", names[0], what, kept=False))


@functools.cache
def drug_name(name: str) -> str:
    """INN of a drug, or the name in small letters where it names no single drug with certainty."""
    plain = " ".join(name.split())
    mention = drugs.parse(plain)
    known = not mention.unknown and len(mention.drugs) == 1
    return mention.drugs[0].name if known else plain.lower()


def coded_tumour(code: str | None, name: str | None) -> Tumour:
    """The tumour of an OncoTree code, or where that is not known of a disease's name; with the name as its text."""
    by_code = tumour_of(code) if code else None
    found = by_code if by_code is not None and by_code.has_code else tumour_of(name or code)
    return found if found.any or not name else replace(found, text=name)


def day_of(text: str) -> str | None:
    """A date as these sources write it, ISO: ``2023-11-27``, ``20231127``, ``Nov 27, 2023``, ``11/3/17``, a year.

    Slashed dates are read month first, as all sources that write them are American. None if there is no date.
    """
    plain = text.strip()
    named = _NAMED_DAY.fullmatch(plain)
    slashed = _US_DAY.fullmatch(plain)
    found = _DAY.search(plain)
    if named is not None:
        plain = f"{named[3]}-{_MONTHS.index(named[1].title()) + 1:02}-{int(named[2]):02}"
    elif slashed is not None:
        plain = f"{slashed[3] if len(slashed[3]) == 4 else f'20{slashed[3]}'}-{int(slashed[1]):02}-{int(slashed[2]):02}"
    elif found is not None:
        plain = "-".join(found.groups())
    try:
        return str(dates.parse(plain))
    except ValueError:
        return max(_YEAR.findall(plain), default=None)


def file_day(path: Path) -> str | None:
    """The day in the name of a file, ISO, or its month: ``civic-2022-05-30.tsv``, ``01-Oct-2026-Summaries.tsv``."""
    nightly = _NIGHTLY_DAY.search(path.name)
    if nightly is not None and nightly[2].title() in _MONTHS:
        return f"{nightly[3]}-{_MONTHS.index(nightly[2].title()) + 1:02}-{int(nightly[1]):02}"
    found = _DAY.search(path.name) or _MONTH.search(path.name)
    return None if found is None else "-".join(found.groups())


def digest(*parts: str) -> str:
    """Ten hexadecimal characters that stay the same as long as a statement does, for sources without ids."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:10]


def count_of(cell: str) -> int | None:
    """A whole number of a cell; None if it holds none."""
    return int(cell) if re.fullmatch("[0-9]{1,9}", cell) else None


def oncogenic_class(gene: str) -> str:
    """The pattern of *any oncogenic mutation* of a gene: by its role, as an oncogene is not hit by a truncation."""
    known = genes.resolve(gene)
    function = known_functions().get(gene if known is None else known.symbol)
    role = "" if function is None else function.role
    return {"oncogene": "activating mutation", "suppressor": "truncating or mutation"}.get(role, "mutation")


@functools.lru_cache(1 << 14)
def pattern(text: str, gene: str | None = None, classification: str | None = None) -> Pattern:
    """The canonical pattern of a text beside a gene."""
    read = normalise(text, gene or None, classification=classification)
    return Pattern(read.gene, read.text, read)


def is_read(found: Pattern) -> bool:
    """False if a part of the pattern is not understood."""
    return all(leaf.kind != "text" for leaf in leaves(found.read))


def pattern_findings(row_id: str, found: Pattern, column: str) -> Iterator[Finding]:
    """What could not be read of a pattern, and genes that HGNC does not know."""
    if not is_read(found):
        yield Finding(row_id, column, _UNREAD)
    named = {found.gene, *(leaf.gene for leaf in leaves(found.read))}
    if any(gene and genes.resolve(gene) is None for gene in named):
        yield Finding(row_id, "gene", _UNKNOWN_GENE)


def joined(options: Sequence[str], gene: str | None) -> list[str]:
    """Alternatives joined by ``or``, in as few texts as `LONGEST_PATTERN` allows; one that is not read stands alone."""
    read = {option: is_read(pattern(option, gene)) for option in options}
    texts: list[str] = []
    for option in (option for option, known in read.items() if known):
        longer = f"{texts[-1]} or {option}" if texts else option
        if texts and len(longer) <= LONGEST_PATTERN and len(_JOIN.findall(longer)) <= MOST_JOINS:
            texts[-1] = longer
        else:
            texts.append(option)
    return texts + [option for option, known in read.items() if not known]


def counted(lines: Sequence[int], column: str, what: str) -> Finding:
    """One finding for many lines that were left out for one reason; the first few are named."""
    named = ", ".join(str(number) for number in sorted(lines)[:5])
    more = f" and {len(lines) - 5:,} more" if len(lines) > 5 else ""
    return Finding(f"line {named}{more}", column, f"{what} ({len(lines):,} left out.)", kept=False)
