"""Where the code tables come from: small ones travel with Kohort, whole ones lie beside it.

Kohort ships tables of its own: the tumour types of OncoTree, cancer genes, anticancer drugs. All genes of HGNC, or
another release of OncoTree, are *packs*: files that stay outside the package. The environment variable
``KOHORT_KNOWLEDGE`` names the folder that holds them; it is read once, at the first question.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from kohort.errors import InputError

__all__ = ["KNOWLEDGE_VARIABLE", "Source", "pack_path", "package_table", "read_pack"]

KNOWLEDGE_VARIABLE = "KOHORT_KNOWLEDGE"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table's facts come from.

    Attributes:
        name: what it is, e.g. ``"OncoTree"``.
        version: version or date of the facts.
        licence: licence under which the facts may be used.
        sha256: sum of the bytes that were read, in hex.
    """

    name: str
    version: str
    licence: str
    sha256: str


def package_table(file_name: str, name: str) -> tuple[Source, list[dict[str, str]]]:
    """A tab-separated table of this package and its source.

    Lines that begin with ``#`` come first and hold ``# key: value`` pairs, among them ``version`` and
    ``licence``.

    Args:
        file_name: file in ``kohort/codes/data``.
        name: the name to give the source.
    """
    content = resources.files("kohort.codes").joinpath("data", file_name).read_bytes()
    lines = content.decode("utf-8").splitlines()
    head = [line[1:].partition(":") for line in lines if line.startswith("#")]
    notes = {key.strip(): value.strip() for key, _, value in head}
    columns, *rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    source = Source(name, notes["version"], notes["licence"], hashlib.sha256(content).hexdigest())
    return source, [dict(zip(columns, row, strict=True)) for row in rows]


def pack_path(pattern: str) -> Path | None:
    """The newest file (last in name order) that matches ``pattern`` in the knowledge folder, or None.

    Raises:
        InputError: the knowledge folder is named but not there.
    """
    named = os.environ.get(KNOWLEDGE_VARIABLE)
    if not named:
        return None
    folder = Path(named)
    if not folder.is_dir():
        raise InputError(
            "the knowledge folder does not exist.",
            path=folder,
            remedy=f"Correct or unset {KNOWLEDGE_VARIABLE}.",
        )
    return max(folder.glob(pattern), default=None)


def read_pack(path: Path, name: str, version: str, licence: str) -> tuple[Source, bytes]:
    """The bytes of a pack's file and its source.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", path=path) from error
    return Source(name, version, licence, hashlib.sha256(content).hexdigest()), content
