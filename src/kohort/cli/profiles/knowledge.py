"""`kohort profile knowledge add | list | verify | diff`: the packs of a site."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from kohort.cli.matching.common import today
from kohort.cli.output import console, errors, show_json, table
from kohort.cli.profiles.common import Json, Out, library_of, write_table
from kohort.errors import UserError
from kohort.profile import Pack, load_pack, starter_pack
from kohort.profile.knowledge.differences import diff as difference
from kohort.profile.knowledge.library import Checked, Stated, verify
from kohort.profile.knowledge.library import add as add_pack
from kohort.profile.knowledge.pack import Finding
from kohort.store import Site

__all__ = ["app"]

app = typer.Typer(help="Knowledge packs: add, list, verify, and compare two versions.", no_args_is_help=True)

_SITE = Annotated[Path | None, typer.Option("--site", help="Site whose packs are meant.")]
_FOLDER = Annotated[Path | None, typer.Option("--folder", help="Folder of packs, in place of a site's.")]
_SHOWN = 20


def _library(site: Path | None, folder: Path | None) -> Path:
    if (site is None) == (folder is None):
        raise UserError("Which packs?", remedy="Give --site DIR, or --folder DIR for packs outside a site.")
    return folder if folder is not None else library_of(Site.open(site or Path()))


@app.command()
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
    place: Annotated[str, typer.Argument(metavar="PATH|URL", help="Data file, folder of a pack, or its address.")],
    site: _SITE = None,
    folder: _FOLDER = None,
    name: Annotated[str | None, typer.Option(help="Short name; else that of the form.")] = None,
    version: Annotated[str | None, typer.Option(help="Version; else the day in the data or the file's name.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the data come from, if they do not say it.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence, where the data do not name it.")] = None,
    jurisdiction: Annotated[list[str] | None, typer.Option(help="Where it holds: US, EU, NO, international.")] = None,
    sha256: Annotated[str | None, typer.Option(help="Sum that the data must have.")] = None,
) -> None:
    """Add a pack: its licence is shown, its hash kept, and what could not be read is counted and listed.

    Example: kohort profile knowledge add 01-Oct-2026-ClinicalEvidenceSummaries.tsv --site oslo
    """
    where = tuple(jurisdiction) if jurisdiction else None
    said = Stated(name=name, version=version, source=source, licence=licence, jurisdiction=where, sha256=sha256)
    added = add_pack(place, _library(site, folder), said, added=today().isoformat())
    pack, manifest = added.pack, added.pack.manifest
    console.print(
        f"{'Added' if added.new else 'Already there, nothing changed:'} {pack.name} {pack.version}"
        f" in {added.folder}.", soft_wrap=True,
    )  # fmt: skip
    console.print(f"  Licence: {manifest.licence}. Cite: {manifest.cite or manifest.source}.", soft_wrap=True)
    console.print(f"  SHA-256: {manifest.sha256}", soft_wrap=True)
    console.print(f"  {pack.lines:,} records gave {pack.frame.height:,} rows; {len(added.left_out):,} left out.")
    _list(pack.findings)


@app.command("list")
def list_packs(site: _SITE = None, folder: _FOLDER = None, json: Json = False) -> None:
    """List the packs of a site, with the starter pack that travels with Kohort.

    Example: kohort profile knowledge list --site oslo
    """
    checked = verify(_library(site, folder))
    packs = [starter_pack(), *(each.pack for each in checked if each.ok and each.pack is not None)]
    _name_bad(checked)
    if json:
        show_json([_as_json(pack) for pack in packs])
        return
    shown = table("Knowledge packs", "Pack")
    for column in ("Version", "Date", "Rows", "Licence", "Holds in", "SHA-256"):
        shown.add_column(column, overflow="fold", justify="right" if column == "Rows" else "left")
    for pack in packs:
        facts = pack.manifest
        where = ", ".join(facts.jurisdiction)
        rows = f"{pack.frame.height:,}"
        shown.add_row(pack.name, pack.version, facts.date, rows, facts.licence, where, facts.sha256[:12])
    console.print(shown)


@app.command("verify")
def verify_packs(site: _SITE = None, folder: _FOLDER = None, json: Json = False) -> None:
    """Check hash, manifest and rows of every pack; exit with 1 if one is not sound.

    Example: kohort profile knowledge verify --site oslo
    """
    checked = verify(_library(site, folder))
    if json:
        show_json([{"folder": each.folder.name, "sound": each.ok, "what": each.what} for each in checked])
    else:
        for each in checked:
            if each.pack is not None and each.ok:
                console.print(f"{each.folder.name}: sound, {len(each.pack.findings):,} findings.")
        _name_bad(checked)
    if not all(each.ok for each in checked):
        raise typer.Exit(1)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Pack A: a folder or a bare file.")],
    new: Annotated[Path, typer.Argument(help="Pack B.")],
    out: Out = None,
    json: Json = False,
) -> None:
    """Compare two packs item by item: rows added, removed and changed, old and new side by side.

    Example: kohort profile knowledge diff civic-2022-05-30.tsv civic-2026-10-01.tsv --out changes.csv
    """
    first, second = load_pack(old), load_pack(new)
    found = difference(first, second)
    if out is not None:
        write_table(found.changed, out)
    counts = found.counts
    if json:
        show_json({"old": _as_json(first), "new": _as_json(second)} | counts)
        return
    console.print(f"{first.name} {first.version} -> {second.name} {second.version}", soft_wrap=True)
    console.print(", ".join(f"{n:,} {what}" for what, n in counts.items()) + ".")
    shown = table("Changed", "Item")
    for column in ("Column", "Old", "New"):
        shown.add_column(column, overflow="fold")
    for row in found.changed.head(_SHOWN).iter_rows(named=True):
        shown.add_row(row["evidence_id"], row["column"], row["old"] or "", row["new"] or "")
    if found.changed.height:
        console.print(shown)


def _as_json(pack: Pack) -> dict[str, object]:
    facts = pack.manifest
    return {
        "name": facts.name, "version": facts.version, "date": facts.date, "source": facts.source,
        "licence": facts.licence, "cite": facts.cite, "sha256": facts.sha256, "jurisdiction": list(facts.jurisdiction),
        "rows": pack.frame.height, "findings": len(pack.findings),
    }  # fmt: skip


def _name_bad(checked: tuple[Checked, ...]) -> None:
    for each in checked:
        if not each.ok:
            errors.print(f"{each.folder.name}: not sound. {each.what}", soft_wrap=True, markup=False)


def _list(findings: tuple[Finding, ...]) -> None:
    """What could not be read, by reason, with the first rows of each."""
    reasons = Counter((finding.column, finding.what) for finding in findings)
    for (column, what), count in reasons.most_common(_SHOWN):
        first = [f.evidence_id for f in findings if (f.column, f.what) == (column, what)][:3]
        more = ", ..." if count > len(first) else ""
        console.print(f"  {count:,} x {column}: {what} ({', '.join(first)}{more})", soft_wrap=True, markup=False)
    if len(reasons) > _SHOWN:
        console.print(f"  ... and {len(reasons) - _SHOWN} more reasons.")
