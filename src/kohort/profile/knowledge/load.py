"""Reading knowledge packs: a folder with a manifest, or a bare file of a form that is known.

A pack is a folder with ``manifest.toml`` and its data, in the form in which the source gives them. The manifest names
source, version, licence and the SHA-256 of the data; data that do not match their manifest are refused. The starter
pack travels with Kohort; all other packs stay outside, with their owners' licences.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
import zlib
from importlib import resources
from pathlib import Path

import polars as pl

from kohort.errors import InputError
from kohort.profile.knowledge.approvals import APPROVALS
from kohort.profile.knowledge.cgi import CGI
from kohort.profile.knowledge.civic import CIVIC, CIVIC_PROFILES
from kohort.profile.knowledge.clinvar import CLINVAR
from kohort.profile.knowledge.cohorts import COHORTS
from kohort.profile.knowledge.evidence_table import EVIDENCE_TABLE
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.hotspots import HOTSPOTS
from kohort.profile.knowledge.moalmanac import MOALMANAC
from kohort.profile.knowledge.oncokb import ONCOKB
from kohort.profile.knowledge.pack import APPROVAL_SCHEMA, EVIDENCE_SCHEMA, Manifest, Pack
from kohort.profile.knowledge.reading import file_day

__all__ = [
    "FORMATS",
    "data_bytes",
    "form_of",
    "load_pack",
    "make_pack",
    "own_keys",
    "read_manifest",
    "starter_pack",
]

FORMATS: tuple[Format, ...] = (
    EVIDENCE_TABLE, COHORTS, APPROVALS, CIVIC_PROFILES, CIVIC, CGI, MOALMANAC, ONCOKB, HOTSPOTS, CLINVAR,
)  # fmt: skip
"""All forms; the first that recognises a bare file reads it."""

_REQUIRED = ("name", "version", "date", "source", "licence", "sha256")
_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"


def load_pack(path: str | Path) -> Pack:
    """Read and check the pack at ``path``: a folder, or a bare file whose form is known (e.g. CIViC's).

    Returns:
        the pack. A gene, alteration or tumour that is not known is a finding; its row matches nothing exactly.

    Raises:
        InputError: no such pack, a damaged manifest, data whose SHA-256 differs, a form that is not known, or data
            that break the rules, with line and column.
    """
    place = Path(path)
    if not place.exists():
        raise InputError(
            "There is no such file or folder, so the pack cannot be read.", path=place,
            remedy="Check the path: a folder with manifest.toml, or a file such as CIViC's.",
        )  # fmt: skip
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
    texts = {key: str(given[key]) for key in (*_REQUIRED, "format", "data", "cite", "added") if key in given}
    if texts.get("data", "evidence.tsv") in {".", ".."} or set(texts.get("data", "")) & set("/\\:"):
        raise InputError(
            "The data lie outside the pack's folder.", path=path, column="data",
            remedy="Name a file that lies beside the manifest.",
        )  # fmt: skip
    where = given.get("jurisdiction", ())
    return Manifest(
        **texts,
        jurisdiction=tuple(str(each) for each in where) if isinstance(where, list) else (str(where),),
        may_ship=given.get("may_ship") is True,
    )


def form_of(name: str, content: bytes, path: Path) -> Format:
    """The form that recognises data by their file's name and first kilobytes; InputError where none does."""
    head = _head(content)
    form = next((form for form in FORMATS if form.recognises(name, head)), None)
    if form is None:
        known = ", ".join(form.title for form in FORMATS)
        raise InputError("No form of knowledge recognises the file.", path=path, remedy=f"Known are {known}.")
    return form


def _head(content: bytes) -> str:
    """The first kilobytes as text, unpacked where gzip has packed them."""
    start = content[:_HEAD]
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, _HEAD)
        except zlib.error:
            return ""
    return start.decode("utf-8", "replace").lstrip("\ufeff")


def own_keys(form: Format, read: Content, content: bytes, path: Path) -> dict[str, object]:
    """Keys of the manifest that data make for themselves: source and licence of their form, version the day or the sum.

    Source and licence are empty where the form has none of its own.
    """
    digest = hashlib.sha256(content).hexdigest()
    date = read.date or file_day(path) or ""
    return {
        "name": form.name,
        "version": read.version or date or digest[:12],
        "date": date,
        "source": form.source,
        "licence": form.licence,
        "sha256": digest,
        "format": form.name,
        "data": path.name,
        "jurisdiction": form.jurisdiction,
        "cite": form.cite,
        "may_ship": form.may_ship and bool(form.licence),
    }


def make_pack(manifest: Manifest, read: Content, path: Path) -> Pack:
    """The pack of a manifest and what its data hold; InputError where the rows break the rules of a pack."""
    rows = read.rows
    found = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), schema=EVIDENCE_SCHEMA, orient="row")
    decisions = pl.DataFrame(list(read.approvals), schema=APPROVAL_SCHEMA, orient="row")
    named = (
        pl.lit(manifest.name).alias("pack"),
        pl.lit(manifest.version).alias("pack_version"),
        # one combination has one name, whichever drug a source writes first
        pl.col("drugs").str.split("+").list.sort().list.join("+"),
    )
    evidence = found.with_columns(*named).select(*EVIDENCE_SCHEMA)
    try:
        return Pack(manifest, evidence, tuple(read.findings), read.lines, decisions.with_columns(*named))
    except ValueError as error:
        raise InputError(f"The data make no pack: {error}.", path=path, remedy="Fetch them again.") from error


def _folder(folder: Path) -> Pack:
    manifest = read_manifest(folder / "manifest.toml")
    table = folder / manifest.data
    content = data_bytes(table, "A pack holds the data that its manifest names.")
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
    if manifest.may_ship and not form.may_ship:
        raise InputError(
            f"{form.title} may not be passed on to others.", path=folder / "manifest.toml", column="may_ship",
            remedy="Write may_ship = false; the licence of the data asks for it.",
        )  # fmt: skip
    return make_pack(manifest, form.read(content, table), table)


def _bare(file: Path) -> Pack:
    """The pack that a bare file makes, if its form says under which licence."""
    content = data_bytes(file, "Give the path of the data file or of a pack's folder.")
    form = form_of(file.name, content, file)
    if not form.licence:
        raise InputError(
            "The file does not say under which licence it may be used.", path=file,
            remedy="Add it as a pack: kohort profile knowledge add FILE --licence ...",
        )  # fmt: skip
    read = form.read(content, file)
    return make_pack(Manifest(**own_keys(form, read, content, file)), read, file)  # type: ignore[arg-type]


def data_bytes(path: Path, remedy: str) -> bytes:
    """The bytes of a file; InputError with ``remedy`` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("The file cannot be read.", path=path, remedy=remedy) from error
