"""Knowledge packs: evidence on alterations and drugs, as data with a manifest.

A pack is a folder with ``manifest.toml`` and ``evidence.tsv``. The manifest names the source, version, licence and
SHA-256 of the table; a table that does not match its manifest is refused. The starter pack travels with Kohort; all
other packs stay outside, with their owners' licences.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import polars as pl

from kohort.codes import genes
from kohort.errors import InputError
from kohort.profile.normaliser import normalise
from kohort.profile.tumours import unknown_codes

__all__ = ["EFFECTS", "EVIDENCE_SCHEMA", "LEVELS", "Finding", "Pack", "load_pack", "starter_pack"]

EFFECTS = ("sensitive", "resistant", "unclear")
"""What a row says of the drug; ``unclear`` where the source's statements are negative or contradict each other."""

LEVELS: dict[str, tuple[str, ...]] = {
    "ESCAT": ("I-A", "I-B", "I-C", "II-A", "II-B", "III-A", "III-B", "IV-A", "IV-B", "V", "X"),
    "ESCAT draft": ("I-A", "I-B", "I-C", "II-A", "II-B", "III-A", "III-B", "IV-A", "IV-B", "V", "X"),
    "Kohort resistance": ("R1", "R2"),
    "CIViC": ("A", "B", "C", "D", "E"),
}
"""Level systems, strongest level first.

ESCAT: Mateo et al., Ann Oncol 2018, doi 10.1093/annonc/mdy263; ``draft`` until a person has confirmed the tier.
CIViC: Griffith et al., Nat Genet 2017, doi 10.1038/ng.3774. Kohort resistance: R1 a label or guideline advises
against, R2 clinical or laboratory evidence (ESCAT has no tier for resistance).
"""

EVIDENCE_SCHEMA: dict[str, pl.DataType] = {
    "pack": pl.String(),
    "pack_version": pl.String(),
    "evidence_id": pl.String(),
    "gene": pl.String(),
    "alteration": pl.String(),
    "tumour": pl.String(),
    "tumour_text": pl.String(),
    "drugs": pl.String(),
    "effect": pl.String(),
    "level": pl.String(),
    "level_system": pl.String(),
    "jurisdiction": pl.String(),
    "source_id": pl.String(),
    "source_date": pl.String(),
    "note": pl.String(),
}
"""Columns of a pack's frame.

``gene`` is the HGNC symbol, null for MSI and TMB. ``alteration`` is a pattern in canonical text, parts joined by
``or`` and ``and``. ``tumour`` holds OncoTree codes joined by ``;`` (``solid``: every solid tumour; ``!CODE``: but
not this one); where it is null, ``tumour_text`` tells any tumour (null) from one without an OncoTree code. ``drugs``
are INN joined by ``+``.
"""

_COLUMNS = tuple(name for name in EVIDENCE_SCHEMA if name not in {"pack", "pack_version", "tumour_text"})
_REQUIRED = ("evidence_id", "alteration", "drugs", "effect", "level", "level_system", "source_id", "source_date")
_MANIFEST = ("name", "version", "date", "source", "licence", "sha256")
_DATE = re.compile(r"[12][0-9]{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a pack that could not be read in full; the row stays in the pack.

    Attributes:
        evidence_id: the row.
        column: where in the row.
        what: what is odd about it.
    """

    evidence_id: str
    column: str
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """One knowledge pack, checked.

    Attributes:
        name: short name; every row of a report cites it.
        version: version of the pack.
        date: day of the knowledge, ISO.
        source: where the knowledge comes from.
        licence: licence of the table.
        sha256: SHA-256 of the table's bytes, hexadecimal.
        frame: the evidence, columns of ``EVIDENCE_SCHEMA``.
        findings: what could not be read.
    """

    name: str
    version: str
    date: str
    source: str
    licence: str
    sha256: str
    frame: pl.DataFrame
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frame with other columns, and evidence without source or date."""
        if dict(self.frame.schema) != EVIDENCE_SCHEMA:
            raise ValueError("the columns of a pack's frame are those of EVIDENCE_SCHEMA")
        if self.frame.select(pl.any_horizontal(pl.col("source_id", "source_date").is_null()).any()).item():
            raise ValueError("every row of a pack needs a source and its date")
        if self.frame["evidence_id"].is_duplicated().any():
            raise ValueError("an evidence_id is used once in a pack")


def load_pack(path: str | Path) -> Pack:
    """Read and check the pack in folder ``path``.

    Returns:
        the pack. A gene, alteration or tumour that is not known is a finding; its row matches nothing exactly.

    Raises:
        InputError: no such folder, a damaged manifest, a table whose SHA-256 or columns differ, or a cell that
            breaks the rules, with line and column.
    """
    folder = Path(path)
    manifest = _manifest(folder / "manifest.toml")
    table = folder / "evidence.tsv"
    try:
        content = table.read_bytes()
    except OSError as error:
        raise InputError(
            "The evidence table cannot be read.", path=table, remedy="A pack holds evidence.tsv."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != str(manifest["sha256"]).lower():
        raise InputError(
            "The evidence table is not the one that its manifest describes (SHA-256 differs).",
            path=table,
            remedy="Fetch the pack again, or write the new sum into manifest.toml if you changed it on purpose.",
        )
    rows = list(_rows(content, table))
    return Pack(
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        date=str(manifest["date"]),
        source=str(manifest["source"]),
        licence=str(manifest["licence"]),
        sha256=digest,
        frame=_frame(rows, str(manifest["name"]), str(manifest["version"])),
        findings=tuple(finding for row in rows for finding in _row_findings(row)),
    )


@functools.cache
def starter_pack() -> Pack:
    """The pack that travels with Kohort: approved labels and pivotal publications, restated in our own words."""
    with resources.as_file(resources.files("kohort.profile") / "data" / "starter") as folder:
        return load_pack(folder)


def _manifest(path: Path) -> dict[str, object]:
    """The manifest, with all its required keys."""
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "The manifest cannot be read.", path=path, remedy="A pack is a folder with manifest.toml and evidence.tsv."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The manifest is not TOML: {error}.", path=path, remedy="Mend the named line.") from error
    for key in _MANIFEST:
        if not str(manifest.get(key, "")).strip():
            raise InputError(f"The manifest has no {key}.", path=path, column=key, remedy=f'Add {key} = "...".')
    return manifest


def _rows(content: bytes, path: Path) -> Iterator[dict[str, str]]:
    """The table's rows, each cell checked."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError("The table is not UTF-8.", path=path, line=line, remedy="Save it as UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(reader, [])
    for name in _COLUMNS:
        if name not in header:
            raise InputError("The column is missing.", path=path, line=1, column=name, remedy="Add the column.")
    seen: set[str] = set()
    for cells in reader:
        line = reader.line_num
        if len(cells) != len(header):
            raise InputError(
                f"The row has {len(cells)} cells, the header {len(header)}.",
                path=path,
                line=line,
                remedy="Cells are divided by one tab.",
            )
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        _check_row(row, seen, path, line)
        seen.add(row["evidence_id"])
        yield row


def _check_row(row: dict[str, str], seen: set[str], path: Path, line: int) -> None:
    """Refuse a row without source, with a double id, or with a word outside its list."""

    def refuse(column: str, what: str, remedy: str) -> None:
        raise InputError(what, path=path, line=line, column=column, remedy=remedy)

    for name in _REQUIRED:
        if not row[name]:
            refuse(name, "The cell is empty.", "No evidence without it: fill it, or leave the row out.")
    if row["evidence_id"] in seen:
        refuse("evidence_id", "The id is used twice.", "Give each row an id of its own.")
    if row["effect"] not in EFFECTS:
        refuse("effect", "The effect is not known.", f"Use one of {', '.join(EFFECTS)}.")
    if row["level_system"] not in LEVELS:
        refuse("level_system", "The level system is not known.", f"Use one of {', '.join(LEVELS)}.")
    if row["level"] not in LEVELS[row["level_system"]]:
        refuse("level", "The level is not of its system.", f"Use {', '.join(LEVELS[row['level_system']])}.")
    if not _DATE.fullmatch(row["source_date"]):
        refuse("source_date", "The date cannot be read.", "Write YYYY, YYYY-MM or YYYY-MM-DD.")


def _row_findings(row: dict[str, str]) -> Iterator[Finding]:
    """What Kohort does not know of a row that is otherwise sound."""
    read = normalise(row["alteration"], row["gene"] or None)
    if read.kind == "text":
        yield Finding(row["evidence_id"], "alteration", "The alteration is not understood; it matches nothing.")
    if row["gene"] and genes.resolve(row["gene"]) is None:
        yield Finding(row["evidence_id"], "gene", "The gene is not known to HGNC; it is matched as written.")
    for _ in unknown_codes(row["tumour"]):
        yield Finding(row["evidence_id"], "tumour", "The OncoTree code is not known; it is another tumour.")


def _frame(rows: list[dict[str, str]], name: str, version: str) -> pl.DataFrame:
    """Rows as the frame of a pack: genes and patterns in canonical words, unknown tumours set apart."""
    read = [normalise(row["alteration"], row["gene"] or None) for row in rows]
    unknown = [set(unknown_codes(row["tumour"])) for row in rows]
    known = [
        ";".join(code for code in row["tumour"].split(";") if code.removeprefix("!") not in odd)
        for row, odd in zip(rows, unknown, strict=True)
    ]
    columns = {column: [row[column] or None for row in rows] for column in _COLUMNS} | {
        "pack": [name] * len(rows),
        "pack_version": [version] * len(rows),
        "gene": [each.gene for each in read],
        "alteration": [str(each) for each in read],
        "tumour": [codes or None for codes in known],
        "tumour_text": [row["tumour"] or None for row in rows],
    }
    return pl.DataFrame({column: columns[column] for column in EVIDENCE_SCHEMA}, schema=EVIDENCE_SCHEMA)
