"""Making the sites of a demonstration: raw files, folders, ingest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kohort.errors import InputError, SiteError
from kohort.sources.cbioportal import split_study
from kohort.store import IngestReport, Site
from kohort.synthetic import DEFAULT_HOSPITALS, write_hospitals

__all__ = ["DemoSite", "Plan", "ingest", "lay_out", "prepare"]

MARK = ".kohort-demo"
"""File that says that a folder was made by a demonstration and may be made anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A site that is to be made.

    Attributes:
        name: its name.
        country: ISO 3166 code; ZZ where it is not known.
        raw: folder with its raw files.
    """

    name: str
    country: str
    raw: Path


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A site with what its ingest said."""

    site: Site
    report: IngestReport


def prepare(out: Path) -> None:
    """Make ``out`` an empty folder; one that an earlier demonstration made is emptied.

    Raises:
        InputError: the folder holds something else.
    """
    if out.exists() and not (out / MARK).exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("the folder is not empty.", path=out, remedy="Name another one with --out.")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).write_text("Made by kohort demo; the next demonstration replaces this folder.\n", encoding="utf-8")


def lay_out(out: Path, *, study: Path | None, column: str | None, count: int, patients: int, seed: int) -> list[Plan]:
    """Write the raw files of each site: invented hospitals, or a study divided by a clinical column."""
    if study is None:
        if column is not None:
            raise InputError("--split-by goes with --study.", remedy="Name a study folder, or leave --split-by out.")
        if not 1 <= count <= len(DEFAULT_HOSPITALS):
            raise InputError(
                f"there are {len(DEFAULT_HOSPITALS)} invented hospitals.", remedy="Ask for that many sites or fewer."
            )
        written = write_hospitals(out / "raw", patients, seed, DEFAULT_HOSPITALS[:count])
        return [Plan(w.hospital.name, w.hospital.country, w.path) for w in written]
    if column is None:
        raise InputError("a study needs a column to be divided by.", remedy="Name it with --split-by COLUMN.")
    if count < 1:
        raise InputError("there must be at least one site.", remedy="Ask for --sites 3.")
    parts = split_study(study, column, count, out / "raw")
    return [Plan(f"Site {number}", "ZZ", part) for number, part in enumerate(parts, start=1)]


def ingest(out: Path, plan: Plan, progress: Callable[[str, int], None]) -> DemoSite:
    """Make one site and read its raw files."""
    folder = out / "sites" / plan.raw.name
    if folder.exists():
        raise SiteError(f"{folder} exists already.", remedy="Name another folder with --out.")
    site = Site.create(folder, plan.name, plan.country)
    return DemoSite(site, site.ingest([plan.raw], progress=progress))
