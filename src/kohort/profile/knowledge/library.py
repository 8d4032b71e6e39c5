"""A library of knowledge packs: the folder ``knowledge`` of a site, or any other folder that holds packs.

A pack is checked when it is added: its form must be known and its licence named, its bytes are copied as they are, and
their SHA-256 stands in the manifest, so that a changed byte is noticed ever after. Packs stay apart, each in a folder
of its own; one name and version always means the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from kohort.errors import InputError, UserError
from kohort.profile.knowledge.download import download, is_url
from kohort.profile.knowledge.load import data_bytes, form_of, load_pack, make_pack, own_keys, read_manifest
from kohort.profile.knowledge.pack import Finding, Manifest, Pack

__all__ = ["Added", "Checked", "Stated", "add", "packs_in", "verify"]

_MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Stated:
    """What the person who adds a pack says of it; None where the data or their form say it.

    Attributes:
        name: short name.
        version: version.
        date: day of the knowledge, ISO.
        source: where the knowledge comes from.
        licence: licence of the data; must be given where their form has none.
        jurisdiction: where its statements hold, e.g. ``("NO",)``.
        cite: how to cite it.
        sha256: the sum that the data must have, hexadecimal.
    """

    name: str | None = None
    version: str | None = None
    date: str | None = None
    source: str | None = None
    licence: str | None = None
    jurisdiction: tuple[str, ...] | None = None
    cite: str | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        """Refuse a sum that is none; make texts of one line."""
        for name in ("name", "version", "date", "source", "licence", "cite", "sha256"):
            text = getattr(self, name)
            if text is not None:
                object.__setattr__(self, name, " ".join(text.split()))
        if self.sha256 is not None and not re.fullmatch("[0-9a-fA-F]{64}", self.sha256):
            raise UserError("The SHA-256 is not 64 hexadecimal digits.", remedy="Copy it from the pack's source.")

    @property
    def keys(self) -> dict[str, object]:
        """Keys of a manifest that are given; the sum is not one, it is only checked."""
        return {key: value for key, value in asdict(self).items() if value is not None and key != "sha256"}


@dataclass(frozen=True, slots=True)
class Added:
    """A pack that stands in a library.

    Attributes:
        pack: the pack, read and checked.
        folder: where it stands.
        new: False if the same pack stood there before and nothing was changed.
    """

    pack: Pack
    folder: Path
    new: bool

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What could not be read in full."""
        return self.pack.findings

    @property
    def left_out(self) -> tuple[Finding, ...]:
        """The findings of rows that were left out."""
        return tuple(finding for finding in self.pack.findings if not finding.kept)


@dataclass(frozen=True, slots=True)
class Checked:
    """One folder of a library after a check.

    Attributes:
        folder: the folder.
        what: what is wrong with it and what to do; empty if it is sound.
        pack: the pack; None if it could not be read.
    """

    folder: Path
    what: str
    pack: Pack | None = None

    @property
    def ok(self) -> bool:
        """True if the pack is sound; it may still have findings."""
        return not self.what


def add(place: str | Path, library: str | Path, stated: Stated | None = None, *, added: str = "") -> Added:
    """Check the pack at ``place`` and copy it into a library, byte for byte, with its manifest.

    Args:
        place: a pack's folder, a data file of a known form, or an ``http(s)`` address of such a file.
        library: the folder that holds the packs; it is made if it does not exist.
        stated: what the data do not say of themselves.
        added: today, ISO; it is written into the manifest and nowhere read.

    Raises:
        InputError: no such file, a form that is not known, a licence that nobody has named, a sum that differs, or
            data that cannot be read; nothing is written then.
        UserError: another pack of that name and version stands in the library.
    """
    said = stated or Stated()
    manifest, content, pack = _from_folder(Path(place), said) if _is_folder(place) else _from_file(place, said)
    manifest = replace(manifest, added=added)
    there = _same_name(Path(library), manifest)
    if there is not None:
        _refuse_other(there, manifest)
        return Added(load_pack(there), there, new=False)
    folder = Path(library) / _slug(manifest)
    if folder.exists():
        raise UserError(f"The folder {folder} is taken by another pack.", remedy="Give the pack another name.")
    _write(folder, manifest, content)
    return Added(replace(pack, manifest=manifest), folder, new=True)


def packs_in(library: str | Path) -> tuple[Pack, ...]:
    """All packs of a library, in order of their folders; InputError for the first that is not sound."""
    return tuple(load_pack(folder) for folder in _folders(Path(library)))


def verify(library: str | Path) -> tuple[Checked, ...]:
    """Check each pack of a library; one that is not sound is named, and the rest is checked all the same.

    Raises:
        InputError: there is no such folder.
    """
    seen: dict[tuple[str, str], Path] = {}
    return tuple(_check(folder, seen) for folder in _folders(Path(library)))


def _check(folder: Path, seen: dict[tuple[str, str], Path]) -> Checked:
    try:
        pack = load_pack(folder)
    except UserError as error:
        return Checked(folder, str(error))
    first = seen.setdefault((pack.name, pack.version), folder)
    if first != folder:
        return Checked(folder, f"{first.name} has the same name and version. Remove one of the two.", pack)
    return Checked(folder, "", pack)


def _folders(library: Path) -> Iterator[Path]:
    """Folders of packs; hidden ones are left over from an interrupted copy, and loose files are no packs."""
    try:
        names = sorted(library.iterdir())
    except OSError as error:
        raise InputError(
            "The folder of knowledge packs cannot be read.", path=library, remedy="Add a pack to it first."
        ) from error
    yield from (name for name in names if name.is_dir() and not name.name.startswith("."))


def _is_folder(place: str | Path) -> bool:
    return not is_url(place) and Path(place).is_dir()


def _from_folder(folder: Path, said: Stated) -> tuple[Manifest, bytes, Pack]:
    """A pack that has its manifest: what is stated beside it must agree."""
    pack = load_pack(folder)
    manifest = read_manifest(folder / _MANIFEST)
    for key, value in said.keys.items():
        if getattr(manifest, key) != value:
            raise InputError(
                f"The manifest names another {key}.", path=folder / _MANIFEST, column=key,
                remedy="Leave the option out, or change the manifest.",
            )  # fmt: skip
    content = data_bytes(folder / manifest.data, "A pack holds the data that its manifest names.")
    _check_sum(content, said, folder / manifest.data)
    return manifest, content, pack


def _from_file(place: str | Path, said: Stated) -> tuple[Manifest, bytes, Pack]:
    """Data without a manifest: it is made of their form, of themselves and of what is stated."""
    if is_url(place):
        content, path = download(str(place))
    else:
        path = Path(place)
        content = data_bytes(path, "Give a pack's folder, a data file or an http(s) address.")
    _check_sum(content, said, path)
    form = form_of(path.name, content, path)
    read = form.read(content, path)
    keys = own_keys(form, read, content, path) | {"data": _data_name(path)} | said.keys
    for key, option in (("licence", "--licence"), ("source", "--source")):
        if not keys[key]:
            raise InputError(
                f"The {key} of the data is not named.", path=path, column=key,
                remedy=f'Say it: {option} "...". Knowledge without a {key} is not used.',
            )  # fmt: skip
    manifest = Manifest(**keys)  # type: ignore[arg-type]
    return manifest, content, make_pack(manifest, read, path)


def _data_name(path: Path) -> str:
    """Name of the data's copy: that of the file, without characters that a manifest may not name."""
    plain = re.sub(r"[^\w.() +-]+", "-", path.name)
    return f"data-{plain}" if plain == _MANIFEST else plain


def _check_sum(content: bytes, said: Stated, path: Path) -> None:
    if said.sha256 is not None and hashlib.sha256(content).hexdigest() != said.sha256.lower():
        raise InputError(
            "The data are not those that were expected (SHA-256 differs).", path=path,
            remedy="Fetch them again, and compare the sum with the one that their source gives.",
        )  # fmt: skip


def _same_name(library: Path, manifest: Manifest) -> Path | None:
    """The folder of the pack that has this name and version, whatever the folder is called."""
    for path in sorted(library.glob(f"*/{_MANIFEST}")):
        try:
            other = read_manifest(path)
        except InputError:
            continue
        if (other.name, other.version) == (manifest.name, manifest.version):
            return path.parent
    return None


def _refuse_other(there: Path, manifest: Manifest) -> None:
    """Refuse a pack that differs from the one of its name and version in anything but the day it was added."""
    other = replace(read_manifest(there / _MANIFEST), added=manifest.added)
    different = [key for key, value in asdict(manifest).items() if getattr(other, key) != value and key != "data"]
    if different:
        what = "other data" if "sha256" in different else f"another {different[0]}"
        raise UserError(
            f"The library has {manifest.name} {manifest.version} with {what} ({there}).",
            remedy="Give the new one another version, or remove the old folder first.",
        )


def _slug(manifest: Manifest) -> str:
    """Name of a pack's folder."""
    plain = re.sub(r"[^a-z0-9._]+", "-", f"{manifest.name}-{manifest.version}".lower())
    return plain.strip("-.") or manifest.sha256[:12]


def _write(folder: Path, manifest: Manifest, content: bytes) -> None:
    """Write a pack beside its place and move it there whole, so that a library never holds half a pack."""
    library = folder.parent
    try:
        library.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".adding-", dir=library))
        try:
            aside.chmod(library.stat().st_mode & 0o777)
            (aside / manifest.data).write_bytes(content)
            (aside / _MANIFEST).write_text(_toml(manifest), encoding="utf-8")
            aside.rename(folder)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(
            f"The pack cannot be written ({error.strerror}).", path=folder,
            remedy="Check the rights and the space of the folder.",
        ) from error  # fmt: skip


def _toml(manifest: Manifest) -> str:
    """A manifest as TOML; its texts are of one line, so JSON's way to write them is TOML's too."""
    keys = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(manifest).items()}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value != ""]
    return "\n".join(["# A knowledge pack of Kohort; sha256 is that of the data beside this file.", *lines, ""])
