"""What a knowledge pack is: evidence on alterations, as data with a manifest. Reading one stands in ``load``."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

__all__ = ["APPROVAL_SCHEMA", "DIRECTIONS", "EVIDENCE_SCHEMA", "EVIDENCE_TYPES", "Finding", "Manifest", "Pack"]

DIRECTIONS: dict[str, tuple[str, ...]] = {
    "predictive": ("sensitive", "resistant"),
    "prognostic": ("better outcome", "poor outcome"),
    "diagnostic": ("supports diagnosis", "against diagnosis"),
    "predisposing": ("predisposing",),
    "oncogenic": ("oncogenic", "benign"),
}
"""What a row may say, by its type; each may also be ``unclear``: the source's statements are negative or contradict."""

EVIDENCE_TYPES = tuple(DIRECTIONS)
"""``predictive`` response to a drug; ``prognostic`` outcome whatever the treatment; ``diagnostic`` which tumour it is;
``predisposing`` inherited risk; ``oncogenic`` whether the change drives a tumour."""

EVIDENCE_SCHEMA: dict[str, pl.DataType] = {
    "pack": pl.String(),
    "pack_version": pl.String(),
    "evidence_id": pl.String(),
    "evidence_type": pl.String(),
    "gene": pl.String(),
    "alteration": pl.String(),
    "origin": pl.String(),
    "tumour": pl.String(),
    "tumour_text": pl.String(),
    "doid": pl.String(),
    "drugs": pl.String(),
    "direction": pl.String(),
    "level": pl.String(),
    "level_system": pl.String(),
    "strength": pl.String(),
    "jurisdiction": pl.String(),
    "responders": pl.Int32(),
    "patients": pl.Int32(),
    "source_id": pl.String(),
    "source_date": pl.String(),
    "note": pl.String(),
}
"""Columns of a pack's frame.

``gene`` is the HGNC symbol, null for markers of the whole genome (MSI, TMB, HRD). ``alteration`` is a pattern in
canonical text, parts joined by ``or``, ``and`` and ``not``. ``origin`` is ``germline`` or ``somatic`` where the source
says that only such a change counts. ``tumour`` holds OncoTree codes joined by ``;`` (``solid``: every solid tumour;
``!CODE``: but not this one; ``<CODE``: only a part of it, which no code tells); where it is null, ``tumour_text`` tells
any tumour (null) from one without an OncoTree code; ``doid`` is the Disease Ontology id. ``drugs`` are INN joined by
``+``, null where the row is about no drug. ``responders`` of ``patients``: the count behind the row, where it has one.
"""

APPROVAL_SCHEMA: dict[str, pl.DataType] = dict.fromkeys(
    (
        "pack", "pack_version", "approval_id", "drugs", "gene", "alteration", "tumour", "jurisdiction", "approved",
        "reimbursed", "date", "source_id", "note",
    ),
    pl.String(),
)  # fmt: skip
"""Columns of a pack's decisions of authorities, which are no evidence.

``drugs``, ``gene``, ``alteration`` and ``tumour`` as in ``EVIDENCE_SCHEMA``; a null gene and alteration: whatever the
profile; a null tumour: any. ``jurisdiction`` is ``EU`` or a country's code. ``approved`` and ``reimbursed`` are
``yes``, ``no``, or null where nothing was decided.
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where knowledge comes from and how it may be used.

    Attributes:
        name: short name; every row of a report cites it.
        version: version of the pack.
        date: day of the knowledge, ISO; empty if not known.
        source: where the knowledge comes from.
        licence: licence of the data.
        sha256: SHA-256 of the data's bytes, hexadecimal.
        format: name of the format that reads the data (see ``formats``).
        data: name of the data file in the pack's folder.
        jurisdiction: where its statements hold, e.g. ``("US", "EU")``.
        cite: how to cite it.
        may_ship: True if its licence lets a site pass the data on; False also where nobody has said so.
        added: day on which it was added to a library, ISO; empty for a pack that was not.
    """

    name: str
    version: str
    date: str
    source: str
    licence: str
    sha256: str
    format: str = "kohort"
    data: str = "evidence.tsv"
    jurisdiction: tuple[str, ...] = ()
    cite: str = ""
    may_ship: bool = False
    added: str = ""

    def __post_init__(self) -> None:
        """Refuse a pack without name, version, source, licence or sum."""
        for word in ("name", "version", "source", "licence", "sha256"):
            if not getattr(self, word).strip():
                raise ValueError(f"a pack needs a {word}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a pack that could not be read in full.

    Attributes:
        evidence_id: the row, or the line (``line 17``) of one that was left out.
        column: where in the row.
        what: what is odd about it.
        kept: False if the row was left out.
    """

    evidence_id: str
    column: str
    what: str
    kept: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """One knowledge pack, checked.

    Attributes:
        manifest: where it comes from.
        frame: the evidence, columns of ``EVIDENCE_SCHEMA``.
        findings: what could not be read.
        lines: records of the data, read or not; 0 where nobody counted.
        approvals: decisions of authorities, columns of ``APPROVAL_SCHEMA``; empty in most packs.
    """

    manifest: Manifest
    frame: pl.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    lines: int = 0
    approvals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=APPROVAL_SCHEMA), repr=False)

    @property
    def name(self) -> str:
        """Short name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Version."""
        return self.manifest.version

    def __post_init__(self) -> None:
        """Refuse frames with other columns, evidence and decisions without source or date, and an id used twice."""
        if dict(self.frame.schema) != EVIDENCE_SCHEMA:
            raise ValueError("the columns of a pack's frame are those of EVIDENCE_SCHEMA")
        if self.frame.select(pl.any_horizontal(pl.col("source_id", "source_date").is_null()).any()).item():
            raise ValueError("every row of a pack needs a source and its date")
        if self.frame["evidence_id"].is_duplicated().any():
            raise ValueError("an evidence_id is used once in a pack")
        if dict(self.approvals.schema) != APPROVAL_SCHEMA:
            raise ValueError("the columns of a pack's approvals are those of APPROVAL_SCHEMA")
        needed = ("approval_id", "drugs", "jurisdiction", "date", "source_id")
        if self.approvals.select(pl.any_horizontal(pl.col(*needed).is_null()).any()).item():
            raise ValueError("every decision of a pack needs a drug, a place, a source and its date")
        if self.approvals["approval_id"].is_duplicated().any():
            raise ValueError("an approval_id is used once in a pack")
