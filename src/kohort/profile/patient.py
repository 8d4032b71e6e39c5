"""One patient's whole profile: biomarkers, markers of the whole genome, germline follow-up, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kohort.codes import oncotree
from kohort.errors import InputError
from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.annotation import annotate
from kohort.profile.biomarkers.germline import germline_findings
from kohort.profile.biomarkers.hrd import hrd_table
from kohort.profile.biomarkers.msi import msi_table
from kohort.profile.biomarkers.signatures import signature_table
from kohort.profile.biomarkers.tmb import tmb_table
from kohort.profile.board_table import board_table
from kohort.profile.knowledge.load import load_pack, starter_pack
from kohort.profile.knowledge.pack import Pack
from kohort.profile.ranking.unmatched import tier_of_unmatched
from kohort.tables import TABLES, HasTables, TableSet, frame_of, tables_of

__all__ = ["PatientProfile", "patient_profile"]

_VARIANT = [
    "person", "id", "test", "class", "gene", "partner", "hgvs_c", "hgvs_p", "classification", "copies", "exon", "vaf",
    "depth", "amount", "origin", "significance", "population_frequency", "call_filter",
]  # fmt: skip
_UNMATCHED = (
    "id", "gene_symbol", "alteration", "kind", "vaf", "depth", "amount", "significance", "population_frequency",
    "call_filter", "tier", "tier_rule", "remark",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PatientProfile:
    """What one patient's tests say, as far as the packs know.

    Attributes:
        board: the biomarker table of the board's slide (see ``BOARD_SCHEMA``).
        biomarkers: every row of evidence behind it (see ``BIOMARKER_SCHEMA``).
        tmb: tumour mutational burden by specimen (see ``TMB_SCHEMA``).
        msi: microsatellites by specimen (see ``MSI_SCHEMA``).
        hrd: homologous recombination by specimen (see ``HRD_SCHEMA``).
        signatures: mutational signatures, where they were given.
        inherited: the same for germline variants, apart.
        germline: variants that may be inherited, and whether follow-up is recommended; a table of its own.
        unmatched: somatic alterations that no evidence speaks of, with the tier they have all the same.
        packs: name and version of each pack in use.
    """

    board: pl.DataFrame
    biomarkers: pl.DataFrame = field(repr=False)
    tmb: pl.DataFrame = field(repr=False)
    msi: pl.DataFrame = field(repr=False)
    hrd: pl.DataFrame = field(repr=False)
    signatures: pl.DataFrame = field(repr=False)
    inherited: pl.DataFrame = field(repr=False)
    germline: pl.DataFrame = field(repr=False)
    unmatched: pl.DataFrame = field(repr=False)
    packs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _OnePatient:
    """The rows of one patient; tables without patients are whole."""

    whole: TableSet  # not called tables: what has tables is a site
    person: int
    tumour: str | None = None

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        if name == "code":
            return self.whole.frame(name, columns)
        wanted = list(TABLES[name].names) if columns is None else list(columns)
        rows = self.whole.frame(name, list(dict.fromkeys([*wanted, "person"]))).filter(pl.col("person") == self.person)
        if name == "tumour" and self.tumour is not None:
            rows = frame_of(TABLES[name], rows if rows.height else [{"person": self.person, "id": 0}])
            rows = rows.with_columns(pl.lit(self.tumour).alias("oncotree_code"))
        return rows.select(wanted)


def patient_profile(
    data: TableSet | HasTables,
    person: int,
    packs: Iterable[Pack | str | Path] | None = None,
    *,
    tumour: str | None = None,
) -> PatientProfile:
    """Everything that the tests of one patient say.

    Args:
        data: a site or a table set.
        person: pseudonym of the patient; the caller enters the reading in the ledger.
        packs: packs, folders of packs, or bare files; the starter pack where none are given.
        tumour: OncoTree code of the patient's tumour, for data that do not name it.

    Raises:
        InputError: there is no such patient or tumour type, or a pack that cannot be read.
    """
    if tumour is not None and oncotree.node(tumour) is None:
        raise InputError(f"{tumour!r} is no OncoTree code.", remedy="Use a code such as LUAD or COADREAD.")
    tables = _OnePatient(tables_of(data), person, tumour)
    if not tables.frame("person", ["person"]).height:
        raise InputError("The site has no such patient.", remedy="Give a pseudonym of this site.")
    given = [starter_pack()] if packs is None else [p if isinstance(p, Pack) else load_pack(p) for p in packs]
    found = annotate(tables, given)
    return PatientProfile(
        board=board_table(tables, found, person),
        biomarkers=found,
        tmb=tmb_table(tables),
        msi=msi_table(tables),
        hrd=hrd_table(tables),
        signatures=signature_table(tables),
        inherited=board_table(tables, found, person, inherited=True),
        germline=germline_findings(tables),
        unmatched=_unmatched(tables, found),
        packs=tuple(f"{pack.name} {pack.version}" for pack in given),
    )


def _unmatched(tables: TableSet, found: pl.DataFrame) -> pl.DataFrame:
    """Alterations without evidence beyond the whole gene, those that may matter first."""
    told = found.filter(pl.col("match_level") != "gene")["variant"].drop_nulls().unique()
    rows = tables.frame("variant", _VARIANT).filter(
        (pl.col("class") != "not_assessed")
        & ~pl.col("id").is_in(told.implode())
        & pl.col("origin").ne_missing("germline")
    )
    ranked = tier_of_unmatched(normalise_frame(rows))
    return ranked.select(_UNMATCHED).rename({"id": "variant", "gene_symbol": "gene"}).sort(
        "tier", "gene", "alteration", nulls_last=True, maintain_order=True
    )  # fmt: skip
