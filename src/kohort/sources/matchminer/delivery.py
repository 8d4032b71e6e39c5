"""Finding the files of a delivery, in a folder and those below it, and what they tell of each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from kohort.errors import InputError
from kohort.sources.cbioportal.panels import PropertyFile, read_panels
from kohort.sources.lines import LineBlocks
from kohort.sources.matchminer.columns import Kind, kind_of, kind_of_name, kinds_of_keys
from kohort.sources.matchminer.context import Delivery, gather
from kohort.sources.matchminer.documents import Document
from kohort.sources.matchminer.reading import DocumentFile
from kohort.sources.matchminer.separated import header_of
from kohort.sources.matchminer.structured import begins_as_json, names_in
from kohort.sources.model import LineFinding, Source, SourceFile

__all__ = ["open_delivery", "recognises"]

_ENDINGS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
_PANEL = "data_gene_panel_"
"""Files in cBioPortal's layout that say which genes a PANEL_VERSION covers."""
_SNIFFED = 1 << 18
_BUILDS = {"37": "GRCh37", "GRCH37": "GRCh37", "HG19": "GRCh37", "38": "GRCh38", "GRCH38": "GRCh38", "HG38": "GRCh38"}
_CLINICAL = re.compile(
    rb'"(?:MRN|GENDER|BIRTH_DATE|BIRTH_DATE_INT|VITAL_STATUS|ONCOTREE_PRIMARY_DIAGNOSIS_NAME|clinical)"\s*:',
    re.IGNORECASE,
)
_BUILD = re.compile(r'"REFERENCE_GENOME"\s*:\s*"?([\w]+)')
_STRANGER = LineFinding(
    0, "warning", "unrecognised_file", "The file holds no MatchMiner patient documents; it was left unread."
)
_NO_CLINICAL = "no file here holds clinical documents, so samples cannot be linked to patients."


@dataclass(frozen=True, slots=True)
class _Found:
    """A file and what its beginning tells."""

    path: Path
    json: bool
    kinds: frozenset[Kind]
    hint: Kind | None
    build: str | None


def recognises(path: Path) -> bool:
    """True for a file or folder that holds MatchMiner patient documents."""
    paths = [path] if path.is_file() else _listed(path, below=True)
    return any(_look(entry, "utf-8").kinds for entry in paths if _has_ending(entry))


def open_delivery(path: Path, encoding: str = "utf-8") -> Source:
    """The files of a folder and those below it, in reading order; of a single file, that file beside its neighbours.

    Raises:
        InputError: no file holds clinical documents, so that nothing could be linked to a patient.
    """
    listed = _listed(path, below=True) if path.is_dir() else _listed(path.parent, below=False)
    entries = listed if path.is_dir() or path in listed else [*listed, path]
    looked = [_look(entry, encoding) for entry in entries if _has_ending(entry) or entry == path]
    found = [file for file in looked if file.kinds or file.path == path]
    clinical = [file for file in found if _may_be_clinical(file, encoding)]
    if not clinical:
        remedy = "Name the folder that holds clinical, genomic and prior-treatment documents together."
        raise InputError(_NO_CLINICAL, path=path, remedy=remedy)
    panels = [entry for entry in entries if entry.name.startswith(_PANEL)]
    delivery = _delivery(clinical, panels, next((file.build for file in found if file.build), None), encoding)
    wanted = [file for file in found if path.is_dir() or file.path == path]
    wanted.sort(key=lambda file: (file not in clinical, file.path))
    files: list[SourceFile] = [DocumentFile(f.path, f.json, f.hint, delivery, encoding) for f in wanted]
    if path.is_dir():
        files += [PropertyFile(panel, encoding, panel=True) for panel in panels]
    strangers = [file.path for file in looked if file not in found] if path.is_dir() else []
    return Source(files, dict.fromkeys(strangers, (_STRANGER,)))


def _listed(folder: Path, *, below: bool) -> list[Path]:
    walked = folder.rglob("*") if below else folder.iterdir()
    hidden = (entry for entry in walked if not any(p.startswith(".") for p in entry.relative_to(folder).parts))
    return sorted(entry for entry in hidden if entry.is_file())


def _has_ending(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(_ENDINGS)


def _look(path: Path, encoding: str) -> _Found:
    """What the beginning of a file tells; damaged documents are recognised by their keys."""
    start = next(iter(LineBlocks(path, encoding, _SNIFFED)), b"").decode("utf-8", "replace")
    name = path.name.lower().removesuffix(".gz")
    json = begins_as_json(start) if not name.endswith(_ENDINGS) else not name.endswith((".csv", ".tsv"))
    keys: Sequence[str] = names_in(start) if json else header_of(start.lstrip().partition("\n")[0])[0]
    kinds = kinds_of_keys(keys)
    hint = kind_of_name(path)
    if not kinds and hint is not None and {"SAMPLE_ID", "CLINICAL_ID"} & set(keys):
        kinds = frozenset[Kind]({hint})
    build = _BUILD.search(start) if json else None
    return _Found(path, json, kinds, hint, _BUILDS.get(build[1].upper()) if build else None)


def _may_be_clinical(file: _Found, encoding: str) -> bool:
    """True unless no document of the file can be a clinical one; the whole file is looked through, not parsed."""
    if "clinical" in file.kinds or file.hint == "clinical":
        return True
    return file.json and any(_CLINICAL.search(block) for block in LineBlocks(file.path, encoding))


def _delivery(clinical: Sequence[_Found], panels: Sequence[Path], build: str | None, encoding: str) -> Delivery:
    genes = read_panels(panels, encoding)
    told = chain.from_iterable(_documents(file, encoding) for file in clinical)
    known = [f"{panel}:{' '.join(listed)}" for panel, listed in sorted(genes.items())]
    digest = _digest((file.path for file in clinical), build or "", *known)
    return replace(gather(told), panels=genes, genome_build=build, digest=digest)


def _documents(file: _Found, encoding: str) -> Iterator[Document]:
    """The clinical documents of a file."""
    for piece in DocumentFile(file.path, file.json, file.hint, Delivery(), encoding).pieces():
        for item in piece.items:
            if isinstance(item, Document) and kind_of(item.columns, item.collection, file.hint) == "clinical":
                yield item


def _digest(paths: Iterable[Path], *texts: str) -> str:
    whole = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    whole.update("\n".join(texts).encode())
    return whole.hexdigest()
