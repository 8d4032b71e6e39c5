"""`kohort profile patient`: one patient's biomarkers, from a site or straight from laboratory files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from kohort.cli.output import console, errors, show_json, table
from kohort.cli.profiles.common import Json, Knowledge, Out, chosen_packs, record, write_table
from kohort.cli.who import PatientId, Person, the_patient
from kohort.errors import UserError
from kohort.profile import PatientProfile, patient_profile
from kohort.sources import open_source
from kohort.sources.in_memory import SourceTables, joined, tables_in_memory
from kohort.store import Site

__all__ = ["patient_table"]

_UNMATCHED = 12


def patient_table(
    site: Annotated[Path | None, typer.Option(help="Folder of the site.")] = None,
    person: Person = None,
    patient: PatientId = None,
    file: Annotated[
        list[Path] | None, typer.Option("--file", help="Laboratory file or folder, in place of a site; several.")
    ] = None,
    tumour: Annotated[str | None, typer.Option(help="With files: the tumour's OncoTree code, e.g. LUAD.")] = None,
    knowledge: Knowledge = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """One patient's biomarker table, each cell with source and date; TMB, MSI, HRD; germline follow-up; the rest.

    Example: kohort profile patient --file S1_CombinedVariantOutput.tsv --tumour LUAD

    Example: kohort profile patient --site oslo --patient P-17
    """
    if (site is None) == (not file):
        raise UserError("Whose alterations?", remedy="Give --site DIR with --patient, or --file FILE.")
    if site is not None:
        opened = Site.open(site)
        who = the_patient(opened, person, patient)
        found = patient_profile(opened, who, chosen_packs(knowledge, opened))
        record(opened, [who], "Biomarkers of one patient.")
    else:
        tables, who = _from_files(file or [], person)
        found = patient_profile(tables, who, chosen_packs(knowledge), tumour=tumour)
    if out is not None:
        write_table(found.board, out)
    if json:
        show_json(_as_json(found))
    else:
        _show(found)


def _from_files(files: list[Path], person: int | None) -> tuple[SourceTables, int]:
    """The rows of laboratory files, and the one patient they are about (or the one named by number)."""
    read = tables_in_memory(joined(open_source(path, "laboratory") for path in files))
    for path, findings in read.findings.items():
        for finding in findings:
            place = path.name + (f", line {finding.line}" if finding.line else "")
            errors.print(f"{finding.rule}: {place}. {finding.message}", soft_wrap=True, markup=False)
    people = read.frame("person", ["person"])["person"].unique().sort().to_list()
    if person is not None:
        return read, person
    if len(people) != 1:
        raise UserError(f"The files are about {len(people)} patients.", remedy="Name one: --person 1, 2, ...")
    return read, people[0]


def _as_json(found: PatientProfile) -> Mapping[str, object]:
    names = ("board", "tmb", "msi", "hrd", "signatures", "inherited", "germline", "unmatched")
    return {"packs": list(found.packs)} | {name: getattr(found, name).to_dicts() for name in names}


def _show_board(title: str, board: pl.DataFrame) -> None:
    shown = table(title, "Gene")
    for column in ("Alteration", "Tier", "Function", "Sensitive", "Resistant", "Other evidence"):
        shown.add_column(column, overflow="fold")
    for row in board.iter_rows(named=True):
        words = (row[name] or "" for name in ("alteration", "tier", "function", "sensitive", "resistant"))
        shown.add_row(row["gene"] or "", *words, row["other_evidence"] or "")
    console.print(shown) if board.height else console.print("No biomarker: the packs know nothing of these.")


def _show(found: PatientProfile) -> None:
    _show_board("Biomarkers", found.board)
    if found.inherited.height:
        _show_board("Inherited", found.inherited)
    _show_genome(found)
    _show_germline(found.germline)
    if found.unmatched.height:
        first = ", ".join(_name(row) for row in found.unmatched.head(_UNMATCHED).iter_rows(named=True))
        more = f" and {found.unmatched.height - _UNMATCHED} more" if found.unmatched.height > _UNMATCHED else ""
        console.print(f"Without evidence beyond the gene: {first}{more}.", soft_wrap=True, markup=False)
    console.print("Packs: " + "; ".join(found.packs) + ". Tiers: AMP/ASCO/CAP by rule, a draft.", soft_wrap=True)


def _name(row: dict[str, object]) -> str:
    tier = f" ({row['tier']})" if row["tier"] else ""
    return f"{row['gene'] or ''} {row['alteration']}{tier}".strip()


def _show_genome(found: PatientProfile) -> None:
    for row in found.tmb.iter_rows(named=True):
        own = "not given" if row["tmb"] is None else f"{row['tmb']:g}/Mb"
        drup = row["drup_text"] or "not computed"
        console.print(f"TMB {own}, {row['band']}; DRUP rule {drup}. {row['remark'] or ''}".rstrip(), soft_wrap=True)
    for row in found.msi.iter_rows(named=True):
        console.print(f"Microsatellites: {row['state']}. {row['text'] or ''} {row['remark'] or ''}".rstrip())
    for row in found.hrd.iter_rows(named=True):
        console.print(f"HRD score {row['score']}: {row['state'] or 'no threshold'}. {row['remark'] or ''}".rstrip())


def _show_germline(rows: pl.DataFrame) -> None:
    for row in rows.filter(pl.col("recommendation") != "does not apply").iter_rows(named=True):
        console.print(
            f"Germline follow-up {row['recommendation']}: {row['gene']} {row['alteration']}. {row['reason']}",
            soft_wrap=True, markup=False,
        )  # fmt: skip
