"""Reading knowledge packs: a folder with a manifest, or a bare file of a form that is known.

A pack is a folder with ``manifest.toml`` and its data, in the form in which the source gives them. The manifest names
source, version, licence and the SHA-256 of the data; data that do not match their manifest are refused. The starter
pack travels with Kohort; all other packs stay outside, with their owners' licences.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from importlib import resources
from pathlib import Path

import polars as pl

from kohort.errors import InputError
from kohort.profile.knowledge.civic import CIVIC
from kohort.profile.knowledge.evidence_table import EVIDENCE_TABLE
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest, Pack

__all__ = ["FORMATS", "load_pack", "read_manifest", "starter_pack"]

FORMATS: tuple[Format, ...] = (EVIDENCE_TABLE, CIVIC)
"""All forms; the first that recognises a bare file reads it."""

_REQUIRED = ("name", "version", "date", "source", "licence", "sha256")
_HEAD = 1 << 16
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")


def load_pack(path: str | Path) -> Pack:
    """Read and check the pack at ``path``: a folder, or a bare file whose form is known (e.g. CIViC's).

    Returns:
        the pack. A gene, alteration or tumour that is not known is a finding; its row matches nothing exactly.

    Raises:
        InputError: no such pack, a damaged manifest, data whose SHA-256 differs, a form that is not known, or data
            that break the rules, with line and column.
    """
    place = Path(path)
    return _bare(place) if place.is_file() else _folder(place)


@functools.cache
def starter_pack() -> Pack:
    """The pack that travels with Kohort: approved labels and pivotal publications, restated in our own words."""
    with resources.as_file(resources.files("kohort.profile") / "data" / "starter") as folder:
        return load_pack(folder)


def read_manifest(path: Path) -> Manifest:
    """The manifest at ``path``; InputError where it is missing, no TOML, or lacks a key."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "The manifest cannot be read.", path=path, remedy="A pack is a folder with manifest.toml and its data."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The manifest is not TOML: {error}.", path=path, remedy="Mend the named line.") from error
    for key in _REQUIRED:
        if not str(given.get(key, "")).strip():
            raise InputError(f"The manifest has no {key}.", path=path, column=key, remedy=f'Add {key} = "...".')
    texts = {key: str(given[key]) for key in (*_REQUIRED, "format", "data", "cite") if key in given}
    where = given.get("jurisdiction", ())
    return Manifest(**texts, jurisdiction=tuple(where) if isinstance(where, list) else (str(where),))


def _folder(folder: Path) -> Pack:
    manifest = read_manifest(folder / "manifest.toml")
    table = folder / manifest.data
    content = _bytes(table, "A pack holds the data that its manifest names.")
    if hashlib.sha256(content).hexdigest() != manifest.sha256.lower():
        raise InputError(
            "The evidence table is not the one that its manifest describes (SHA-256 differs).",
            path=table,
            remedy="Fetch the pack again, or write the new sum into manifest.toml if you changed it on purpose.",
        )
    form = next((form for form in FORMATS if form.name == manifest.format), None)
    if form is None:
        known = ", ".join(form.name for form in FORMATS)
        raise InputError(
            f"The form {manifest.format!r} is not known.", path=folder / "manifest.toml", column="format",
            remedy=f"Use one of {known}.",
        )  # fmt: skip
    return _pack(manifest, form.read(content, table))


def _bare(file: Path) -> Pack:
    """The pack that a bare file makes: its manifest is that of its form, its version its day or its sum."""
    content = _bytes(file, "Give the path of the data file or of a pack's folder.")
    head = content[:_HEAD].decode("utf-8", "replace").lstrip("\ufeff")
    form = next((form for form in FORMATS if form.recognises(file.name, head)), None)
    if form is None:
        known = ", ".join(form.title for form in FORMATS)
        raise InputError("No form of knowledge recognises the file.", path=file, remedy=f"Known are {known}.")
    if not form.licence:
        raise InputError(
            "The file does not say under which licence it may be used.", path=file,
            remedy="Add it as a pack: kohort profile knowledge add FILE --licence ...",
        )  # fmt: skip
    read = form.read(content, file)
    digest = hashlib.sha256(content).hexdigest()
    day = _DAY.search(file.name)
    date = read.date or (day.group() if day else "")
    manifest = Manifest(
        name=form.name,
        version=read.version or date or digest[:12],
        date=date,
        source=form.source,
        licence=form.licence,
        sha256=digest,
        format=form.name,
        data=file.name,
        jurisdiction=form.jurisdiction,
        cite=form.cite,
    )
    return _pack(manifest, read)


def _bytes(path: Path, remedy: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("The file cannot be read.", path=path, remedy=remedy) from error


def _pack(manifest: Manifest, read: Content) -> Pack:
    named = pl.DataFrame(list(read.rows), schema=EVIDENCE_SCHEMA, orient="row").with_columns(
        pl.lit(manifest.name).alias("pack"), pl.lit(manifest.version).alias("pack_version")
    )
    return Pack(manifest, named, tuple(read.findings), read.lines)
